//! Issues as the public sees them: those that were frozen, by number, with what was amended since; and the index by which they are listed, searched
//! and found under their tags. Not what is being composed, held or was taken back before its first claim.
//!
//! The index (`public_…`) is derived: `put_public` makes the rows of one issue anew. Which newsletters are public is the configuration's to say, so
//! every listing is given their row numbers.

use super::pictures::{hide, withdrawn};
use super::sql_types::{from_json, instant, json, millis};
use super::{Store, StoreError};
use crate::domain::archive::{Amendment, Change, Counted, Found, LabelKind, Listed, Outline, PublicIssue};
use crate::domain::issue::{Issue, IssueId};
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::Line;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

/// Everything that the index knows of one issue.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Which one.
    pub issue: IssueId,
    /// What is public of it.
    pub public: PublicIssue,
    /// What it holds.
    pub outline: Outline,
    /// For each of its stories what it is found under.
    pub labels: Vec<Vec<(LabelKind, Tag)>>,
}

const ISSUE: &str = "
    SELECT i.id, r.model FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.sent_revision
    WHERE i.newsletter = :newsletter AND i.number = :number";

/// The subject from the index: an issue is long, and read for it only until it is in there.
const LATEST: &str = "
    SELECT i.number, coalesce(p.subject, (SELECT json_extract(r.model, '$.subject') FROM revision r WHERE r.issue = i.id AND r.n = i.sent_revision))
    FROM issue i LEFT JOIN public_issue p ON p.issue = i.id
    WHERE i.newsletter = :newsletter AND i.number IS NOT NULL AND i.sent_revision IS NOT NULL AND p.withdrawn_at IS NULL
    ORDER BY i.due_at DESC, i.number DESC LIMIT 1";

const NOT_INDEXED: &str = "
    SELECT i.id FROM issue i WHERE i.sent_revision IS NOT NULL AND i.number IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM public_issue p WHERE p.issue = i.id) ORDER BY i.id";

const LISTED: &str = "
    SELECT n.slug, p.number, p.due_at, p.changed_at, p.subject, p.outline
    FROM public_issue p JOIN newsletter n ON n.id = p.newsletter
    WHERE p.withdrawn_at IS NULL AND p.newsletter IN (SELECT value FROM json_each(:newsletters)) AND (:before IS NULL OR p.number < :before)
    ORDER BY p.due_at DESC, p.number DESC LIMIT :limit";

const NEIGHBOURS: &str = "
    SELECT (SELECT max(number) FROM public_issue WHERE newsletter = :newsletter AND number < :number AND withdrawn_at IS NULL),
           (SELECT min(number) FROM public_issue WHERE newsletter = :newsletter AND number > :number AND withdrawn_at IS NULL)";

const STORIES: &str = "
    SELECT n.slug, p.number, p.due_at, s.story FROM public_label l
    JOIN public_story s ON s.id = l.story JOIN public_issue p ON p.issue = s.issue JOIN newsletter n ON n.id = p.newsletter
    WHERE l.kind = :kind AND l.key = :key AND p.newsletter IN (SELECT value FROM json_each(:newsletters))
    ORDER BY p.due_at DESC, s.place LIMIT :limit OFFSET :skip";

const LABEL: &str = "SELECT label FROM public_label WHERE kind = :kind AND key = :key ORDER BY story DESC LIMIT 1";

const COUNTED: &str = "
    SELECT l.key, max(l.label), count(*) AS stories FROM public_label l
    JOIN public_story s ON s.id = l.story JOIN public_issue p ON p.issue = s.issue
    WHERE l.kind = :kind AND p.newsletter IN (SELECT value FROM json_each(:newsletters))
    GROUP BY l.key ORDER BY stories DESC, l.key LIMIT :limit";

const SEARCH: &str = "
    SELECT n.slug, p.number, p.due_at, s.story FROM public_text t
    JOIN public_story s ON s.id = t.rowid JOIN public_issue p ON p.issue = s.issue JOIN newsletter n ON n.id = p.newsletter
    WHERE public_text MATCH :words AND p.newsletter IN (SELECT value FROM json_each(:newsletters))
    ORDER BY bm25(public_text, 4.0, 1.0, 2.0), p.due_at DESC LIMIT :limit OFFSET :skip";

impl Store {
    /// The content of a published issue with what was amended since. The newsletter is as it was then.
    pub fn published_issue(&self, newsletter: u16, number: u32) -> Result<Option<PublicIssue>, StoreError> {
        let found = {
            let connection = self.reading();
            let mut statement = connection.prepare_cached(ISSUE)?;
            let parameters = named_params! {":newsletter": newsletter, ":number": number};
            let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
            let Some((id, model)) = statement.query_row(parameters, row).optional()? else { return Ok(None) };
            (model, withdrawn(&connection)?, amendments(&connection, IssueId(id))?)
        };
        // The connection is not held meanwhile: this is most of the work.
        let (model, withdrawn, amendments) = found;
        let mut issue: Issue = from_json(&model)?;
        hide(&withdrawn, &mut issue);
        Ok(Some(PublicIssue::new(issue, &amendments)))
    }

    /// The number and the subject of the latest published issue of a newsletter.
    pub fn latest_published(&self, newsletter: u16) -> Result<Option<(u32, Line)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LATEST)?;
        let row = |row: &Row<'_>| Ok((row.get(0)?, Line::clean(&row.get::<_, String>(1)?)));
        Ok(statement.query_row(named_params! {":newsletter": newsletter}, row).optional()?)
    }

    /// The numbers of the issues before and after one.
    pub fn public_neighbours(&self, newsletter: u16, number: u32) -> Result<(Option<u32>, Option<u32>), StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(NEIGHBOURS)?;
        let parameters = named_params! {":newsletter": newsletter, ":number": number};
        Ok(statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// What was amended of an issue, in order.
    pub fn amendments(&self, issue: IssueId) -> Result<Vec<Amendment>, StoreError> {
        amendments(&self.reading(), issue)
    }

    /// Adds an amendment.
    pub fn amend(&self, issue: IssueId, amendment: &Amendment, actor: &str) -> Result<(), StoreError> {
        let change = json(&amendment.change)?;
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO amendment (issue, at, change, note, actor) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![issue.0, millis(amendment.at), change, amendment.note.as_str(), actor],
            )?;
            Ok(())
        })
    }

    /// Frozen issues that the index does not know yet.
    pub fn not_indexed(&self) -> Result<Vec<IssueId>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(NOT_INDEXED)?;
        let ids = statement.query_map([], |row| row.get(0).map(IssueId))?.collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// Makes the rows of one issue in the index anew.
    pub fn put_public(&self, entry: &Entry) -> Result<(), StoreError> {
        let outline = json(&entry.outline)?;
        let stories = entry.public.issue.stories.iter().map(json).collect::<Result<Vec<_>, _>>()?;
        self.writing(|tx| {
            remove(tx, entry.issue)?;
            insert(tx, entry, &outline)?;
            if entry.public.withdrawn_at.is_some() {
                return Ok(());
            }
            for (place, (story, labels)) in std::iter::zip(&stories, &entry.labels).enumerate() {
                tx.prepare_cached("INSERT INTO public_story (issue, place, story) VALUES (?1, ?2, ?3)")?
                    .execute(params![entry.issue.0, place as i64, story])?;
                let row = tx.last_insert_rowid();
                let words = &entry.public.issue.stories[place];
                let names: Vec<&str> = labels.iter().map(|(_, label)| label.label()).collect();
                tx.prepare_cached("INSERT INTO public_text (rowid, title, summary, names) VALUES (?1, ?2, ?3, ?4)")?
                    .execute(params![row, words.title.as_str(), words.summary.as_str(), names.join(" ")])?;
                for (kind, label) in labels {
                    tx.prepare_cached(
                        "INSERT OR IGNORE INTO public_label (kind, key, story, label) VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![kind.as_str(), label.key(), row, label.label()])?;
                }
            }
            Ok(())
        })
    }

    /// Issues of some newsletters, latest first; of one newsletter also those before a number.
    pub fn list_public(
        &self,
        newsletters: &[u16],
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LISTED)?;
        let parameters = named_params! {":newsletters": json(&newsletters)?, ":before": before, ":limit": limit as i64};
        let rows = statement.query_map(parameters, |row| Ok(listed(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// Stories under a tag, column or author, latest first.
    pub fn public_stories(
        &self,
        newsletters: &[u16],
        kind: LabelKind,
        key: &str,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(STORIES)?;
        let parameters = named_params! {
            ":newsletters": json(&newsletters)?, ":kind": kind.as_str(), ":key": key, ":skip": skip as i64, ":limit": limit as i64,
        };
        let rows = statement.query_map(parameters, |row| Ok(found(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// How a tag, column or author is written, as the latest story has it.
    pub fn public_label(&self, kind: LabelKind, key: &str) -> Result<Option<String>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LABEL)?;
        let parameters = named_params! {":kind": kind.as_str(), ":key": key};
        Ok(statement.query_row(parameters, |row| row.get(0)).optional()?)
    }

    /// The labels of a kind with the most stories.
    pub fn public_labels(
        &self,
        newsletters: &[u16],
        kind: LabelKind,
        limit: usize,
    ) -> Result<Vec<Counted>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(COUNTED)?;
        let parameters =
            named_params! {":newsletters": json(&newsletters)?, ":kind": kind.as_str(), ":limit": limit as i64};
        let rows = statement
            .query_map(parameters, |row| Ok(Counted { key: row.get(0)?, label: row.get(1)?, stories: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Stories that hold all words of a question, the best first. A question without a word finds nothing.
    pub fn search_public(
        &self,
        newsletters: &[u16],
        question: &str,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let Some(words) = match_all(question) else { return Ok(Vec::new()) };
        let connection = self.reading();
        let mut statement = connection.prepare_cached(SEARCH)?;
        let parameters = named_params! {
            ":newsletters": json(&newsletters)?, ":words": words, ":skip": skip as i64, ":limit": limit as i64,
        };
        let rows = statement.query_map(parameters, |row| Ok(found(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }
}

/// Words of a question that are looked for at most.
const WORDS: usize = 12;

/// A question in the language of FTS5: every word as a quoted string, so that nothing in it is an operator; the last may be unfinished.
fn match_all(question: &str) -> Option<String> {
    let words: Vec<String> = question
        .split(|c: char| !c.is_alphanumeric() && c != '\u{200C}')
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(WORDS)
        .map(|word| format!("\"{word}\""))
        .collect();
    if words.is_empty() { None } else { Some(format!("{}*", words.join(" "))) }
}

fn amendments(connection: &Connection, issue: IssueId) -> Result<Vec<Amendment>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT at, change, note FROM amendment WHERE issue = ?1 ORDER BY id")?;
    let rows = statement
        .query_map([issue.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
    let mut amendments = Vec::new();
    for row in rows {
        let (at, change, note) = row?;
        let change: Change = from_json(&change)?;
        amendments.push(Amendment { at: instant(at), change, note: Line::clean(&note) });
    }
    Ok(amendments)
}

/// Takes an issue out of the index: it was reopened before anybody had it, or is frozen anew and comes back as it is now.
pub(in crate::store) fn unlist(tx: &Transaction<'_>, issue: IssueId) -> Result<(), StoreError> {
    remove(tx, issue)?;
    tx.execute("DELETE FROM public_issue WHERE issue = ?1", [issue.0])?;
    Ok(())
}

fn remove(tx: &Transaction<'_>, issue: IssueId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM public_text WHERE rowid IN (SELECT id FROM public_story WHERE issue = ?1)", [issue.0])?;
    tx.execute("DELETE FROM public_label WHERE story IN (SELECT id FROM public_story WHERE issue = ?1)", [issue.0])?;
    tx.execute("DELETE FROM public_story WHERE issue = ?1", [issue.0])?;
    Ok(())
}

fn insert(tx: &Transaction<'_>, entry: &Entry, outline: &str) -> Result<(), StoreError> {
    let PublicIssue { issue, withdrawn_at, .. } = &entry.public;
    let changed = entry.public.amended_at().unwrap_or(issue.occurrence.at);
    tx.execute(
        "INSERT INTO public_issue (issue, newsletter, number, due_at, changed_at, withdrawn_at, subject, outline)
         SELECT id, newsletter, :number, due_at, :changed, :withdrawn, :subject, :outline FROM issue WHERE id = :issue
         ON CONFLICT (issue) DO UPDATE SET changed_at = excluded.changed_at, withdrawn_at = excluded.withdrawn_at,
             subject = excluded.subject, outline = excluded.outline",
        named_params! {
            ":issue": entry.issue.0, ":number": issue.number, ":changed": millis(changed), ":withdrawn": withdrawn_at.map(millis),
            ":subject": issue.subject.as_str(), ":outline": outline,
        },
    )?;
    Ok(())
}

fn listed(row: &Row<'_>) -> Result<Listed, StoreError> {
    Ok(Listed {
        newsletter: slug(&row.get::<_, String>(0)?)?,
        number: row.get(1)?,
        due_at: instant(row.get(2)?),
        changed_at: instant(row.get(3)?),
        subject: Line::clean(&row.get::<_, String>(4)?),
        outline: from_json(&row.get::<_, String>(5)?)?,
    })
}

fn found(row: &Row<'_>) -> Result<Found, StoreError> {
    Ok(Found {
        newsletter: slug(&row.get::<_, String>(0)?)?,
        number: row.get(1)?,
        due_at: instant(row.get(2)?),
        story: from_json(&row.get::<_, String>(3)?)?,
    })
}

fn slug(text: &str) -> Result<Slug, StoreError> {
    Slug::parse(text).map_err(|error| StoreError::Unexpected(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_holds_no_operator() {
        assert_eq!(
            match_all("iran OR \"talks\" - title:x*").as_deref(),
            Some("\"iran\" \"OR\" \"talks\" \"title\" \"x\"*")
        );
        assert_eq!(match_all("  -*\" ' "), None);
        assert_eq!(match_all("می‌گویند").as_deref(), Some("\"می‌گویند\"*"));
    }
}
