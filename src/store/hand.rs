//! The editor's hand: changes of issues and stories, appended and never changed. Taking one back is a row of its own, so that any past instant can
//! be shown as it was.

use super::sql_types::{from_json, instant, json, millis};
use super::{Store, StoreError};
use crate::domain::article::ArticleId;
use crate::domain::hand::{Actor, Change, ChangeId, Edit, Target};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};
use url::Url;

/// The changes that hold at an instant, oldest first: of one issue, and of all stories. Those of a story that went into another follow it.
const HOLDING: &str = "
    SELECT h.id, h.issue, coalesce(a.merged_into, h.article), h.edit, h.actor, h.seen_at, NULL, NULL
    FROM hand h LEFT JOIN article a ON a.id = h.article
    WHERE h.newsletter = :newsletter AND h.seen_at <= :as_of AND h.undoes IS NULL AND (h.issue = :number OR h.article IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM hand u WHERE u.undoes = h.id AND u.seen_at <= :as_of)
    ORDER BY h.id";

/// Changes as people look at them, the latest first.
const HISTORY: &str = "
    SELECT h.id, h.issue, coalesce(a.merged_into, h.article), h.edit, h.actor, h.seen_at, u.actor, u.seen_at
    FROM hand h LEFT JOIN article a ON a.id = h.article LEFT JOIN hand u ON u.undoes = h.id
    WHERE h.newsletter = :newsletter AND h.undoes IS NULL
    ORDER BY h.id DESC LIMIT :limit";

/// The latest change of a target that still holds.
const LATEST: &str = "
    SELECT h.id FROM hand h LEFT JOIN article a ON a.id = h.article
    WHERE h.newsletter = :newsletter AND h.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM hand u WHERE u.undoes = h.id)
      AND (h.issue = :issue OR coalesce(a.merged_into, h.article) = :article)
    ORDER BY h.id DESC LIMIT 1";

const ONE: &str = "
    SELECT h.id, h.issue, coalesce(a.merged_into, h.article), h.edit, h.actor, h.seen_at, u.actor, u.seen_at
    FROM hand h LEFT JOIN article a ON a.id = h.article LEFT JOIN hand u ON u.undoes = h.id
    WHERE h.newsletter = :newsletter AND h.id = :id AND h.undoes IS NULL";

impl Store {
    /// Keeps a change.
    pub fn keep_change(
        &self,
        newsletter: u16,
        target: Target,
        edit: &Edit,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<ChangeId, StoreError> {
        let edit = json(edit)?;
        self.writing(|tx| {
            let (issue, article) = columns(target);
            tx.execute(
                "INSERT INTO hand (newsletter, issue, article, edit, actor, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![newsletter, issue, article, edit, actor.to_string(), millis(now)],
            )?;
            Ok(ChangeId(tx.last_insert_rowid()))
        })
    }

    /// The changes that held at an instant, oldest first: those of the issue with a number, and those of all stories.
    pub fn changes_holding(
        &self,
        newsletter: u16,
        number: u32,
        as_of: DateTime<Utc>,
    ) -> Result<Vec<Change>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(HOLDING)?;
        let parameters = named_params! { ":newsletter": newsletter, ":number": number, ":as_of": millis(as_of) };
        let rows = statement.query_map(parameters, |row| Ok(change(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// The latest changes, taken back or not, the latest first.
    pub fn change_history(&self, newsletter: u16, limit: usize) -> Result<Vec<Change>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(HISTORY)?;
        let parameters = named_params! { ":newsletter": newsletter, ":limit": limit as i64 };
        let rows = statement.query_map(parameters, |row| Ok(change(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// Takes back the latest change of a target that still holds. `None` when there is none.
    pub fn undo_latest_change(
        &self,
        newsletter: u16,
        target: Target,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Option<Change>, StoreError> {
        self.writing(|tx| {
            let (issue, article) = columns(target);
            let parameters = named_params! { ":newsletter": newsletter, ":issue": issue, ":article": article };
            let latest = tx.query_row(LATEST, parameters, |row| Ok(ChangeId(row.get(0)?))).optional()?;
            latest.map_or(Ok(None), |id| undo(tx, newsletter, id, actor, now))
        })
    }

    /// The number of the issue of a newsletter that a story went out with; `None` while none has.
    pub fn mailed_in(&self, newsletter: u16, article: ArticleId) -> Result<Option<u32>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT i.number FROM issue_article ia JOIN issue i ON i.id = ia.issue
             WHERE ia.newsletter = ?1 AND ia.article = ?2 AND i.frozen_at IS NOT NULL",
        )?;
        Ok(statement.query_row(params![newsletter, article.0], |row| row.get(0)).optional()?.flatten())
    }

    /// The story that a number stands for now: itself, or the one that it went into. `None` when there is none.
    pub fn standing_article(&self, article: ArticleId) -> Result<Option<ArticleId>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT coalesce(merged_into, id) FROM article WHERE id = ?1")?;
        Ok(statement.query_row([article.0], |row| Ok(ArticleId(row.get(0)?))).optional()?)
    }

    /// The story that some source shows at an address.
    pub fn article_at(&self, url: &Url) -> Result<Option<ArticleId>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT coalesce(a.merged_into, a.id) FROM sighting s JOIN article a ON a.id = s.article WHERE s.url = ?1 ORDER BY s.id LIMIT 1",
        )?;
        Ok(statement.query_row([url.as_str()], |row| Ok(ArticleId(row.get(0)?))).optional()?)
    }

    /// Takes back one change. `None` when it is unknown or was taken back before.
    pub fn undo_change(
        &self,
        newsletter: u16,
        id: ChangeId,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Option<Change>, StoreError> {
        self.writing(|tx| undo(tx, newsletter, id, actor, now))
    }
}

fn undo(
    tx: &Transaction<'_>,
    newsletter: u16,
    id: ChangeId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<Change>, StoreError> {
    let parameters = named_params! { ":newsletter": newsletter, ":id": id.0 };
    let found = tx.query_row(ONE, parameters, |row| Ok(change(row))).optional()?.transpose()?;
    let Some(found) = found.filter(|change| change.undone.is_none()) else { return Ok(None) };
    tx.execute(
        "INSERT INTO hand (newsletter, issue, article, edit, actor, seen_at, undoes)
         SELECT newsletter, issue, article, edit, ?2, ?3, id FROM hand WHERE id = ?1",
        params![id.0, actor.to_string(), millis(now)],
    )?;
    Ok(Some(found))
}

fn columns(target: Target) -> (Option<u32>, Option<i64>) {
    match target {
        Target::Issue(number) => (Some(number), None),
        Target::Story(article) => (None, Some(article.0)),
    }
}

fn change(row: &Row<'_>) -> Result<Change, StoreError> {
    let (issue, article): (Option<u32>, Option<i64>) = (row.get(1)?, row.get(2)?);
    let target = match (issue, article) {
        (Some(number), _) => Target::Issue(number),
        (None, Some(article)) => Target::Story(ArticleId(article)),
        (None, None) => return Err(StoreError::Unexpected("a change is about nothing".into())),
    };
    let (undone_by, undone_at): (Option<String>, Option<i64>) = (row.get(6)?, row.get(7)?);
    Ok(Change {
        id: ChangeId(row.get(0)?),
        target,
        edit: from_json(&row.get::<_, String>(3)?)?,
        actor: Actor::from(row.get::<_, String>(4)?),
        at: instant(row.get(5)?),
        undone: undone_by.zip(undone_at).map(|(actor, at)| (Actor::from(actor), instant(at))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hand::{IssueEdit, StoryEdit};
    use crate::domain::tag::Slug;
    use crate::domain::text::Line;
    use crate::store::seeds::run;
    use chrono::TimeDelta;

    #[test]
    fn a_past_instant_shows_what_held_then_and_each_change_can_be_taken_back() {
        let store = Store::in_memory().unwrap();
        let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let week = store.newsletter_id(&Slug::parse("week").unwrap(), noon).unwrap();
        run(&store, "INSERT INTO article (id, eligible_at, first_seen_at) VALUES (1, 0, 0), (2, 0, 0)");
        let (story, later) = (Target::Story(ArticleId(1)), |minutes| noon + TimeDelta::minutes(minutes));
        let titled = |title: &str| Edit::Story(StoryEdit::Title(Some(Line::clean(title))));
        let ada = Actor::Editor("ada@example.org".into());
        let first = store.keep_change(week, story, &titled("One"), &Actor::CommandLine, later(1)).unwrap();
        store.keep_change(week, story, &titled("Two"), &ada, later(2)).unwrap();
        let subject = Edit::Issue(IssueEdit::Subject(Some(Line::clean("Hello"))));
        store.keep_change(week, Target::Issue(7), &subject, &ada, later(3)).unwrap();
        let undone = store.undo_latest_change(week, story, &ada, later(4)).unwrap().unwrap();
        assert_eq!(undone.edit, titled("Two"));
        let held = |number, minutes| {
            let changes = store.changes_holding(week, number, later(minutes)).unwrap();
            changes.into_iter().filter_map(|change| change.edit.value()).collect::<Vec<_>>()
        };
        assert_eq!(held(7, 0), Vec::<String>::new());
        assert_eq!(held(7, 3), ["One", "Two", "Hello"]);
        assert_eq!(held(7, 4), ["One", "Hello"]);
        assert_eq!(held(8, 4), ["One"]);
        assert!(store.undo_change(week, first, &ada, later(5)).unwrap().is_some());
        assert!(store.undo_change(week, first, &ada, later(6)).unwrap().is_none());
        assert!(store.undo_latest_change(week, story, &ada, later(6)).unwrap().is_none());
        let history = store.change_history(week, 10).unwrap();
        assert_eq!(history.iter().filter(|change| change.undone.is_some()).count(), 2);
    }

    #[test]
    fn the_changes_of_a_story_follow_it_into_another() {
        let store = Store::in_memory().unwrap();
        let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let week = store.newsletter_id(&Slug::parse("week").unwrap(), noon).unwrap();
        run(&store, "INSERT INTO article (id, eligible_at, first_seen_at) VALUES (1, 0, 0), (2, 0, 0)");
        let titled = Edit::Story(StoryEdit::Title(Some(Line::clean("One"))));
        store.keep_change(week, Target::Story(ArticleId(1)), &titled, &Actor::CommandLine, noon).unwrap();
        run(&store, "UPDATE article SET merged_into = 2 WHERE id = 1");
        let changes = store.changes_holding(week, 1, noon).unwrap();
        assert_eq!(changes.iter().map(|change| change.target).collect::<Vec<_>>(), [Target::Story(ArticleId(2))]);
    }
}
