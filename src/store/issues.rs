//! Issues and their revisions.

mod freeze;

pub(super) use freeze::insert_variants;
pub use freeze::{FreezeRefusal, Variant};

use super::sql_types::{from_json, instant, json, millis};
use super::{Store, StoreError};
use crate::domain::issue::{Issue, IssueId, IssueState};
use crate::domain::schedule::{self, Occurrence};
use crate::domain::tag::Slug;
use crate::domain::window::Window;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};
use sha2::{Digest, Sha256};

/// An issue's row.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueRow {
    /// Which one.
    pub id: IssueId,
    /// Its newsletter's row.
    pub newsletter: u16,
    /// Its newsletter.
    pub slug: Slug,
    /// Its number; none while it is skipped or was cancelled before its first claim, and for a correction's letter.
    pub number: Option<u32>,
    /// The number of the issue that it corrects, where it is the letter that does so and no issue of its own.
    pub corrects: Option<u32>,
    /// The date it was composed for.
    pub occurrence: Occurrence,
    /// Whose stories it takes.
    pub window: Window,
    /// Where it stands.
    pub state: IssueState,
    /// Why it stands there, in words.
    pub reason: Option<String>,
    /// Its latest revision.
    pub revision: Option<i64>,
    /// The revision that was frozen last: the one that the public sees, also while the issue is reopened.
    pub sent_revision: Option<i64>,
    /// The hash of the revision that was approved.
    pub approved_hash: Option<Vec<u8>>,
    /// When a person let it go after it was held.
    pub released_at: Option<DateTime<Utc>>,
    /// When its recipients were written: the Date of its mail.
    pub frozen_at: Option<DateTime<Utc>>,
    /// When it was done, skipped or cancelled.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was last sent again to some.
    pub resent_at: Option<DateTime<Utc>>,
}

impl IssueRow {
    /// What people call it: `No. 214`, `the correction of No. 214`.
    pub fn name(&self) -> String {
        match (self.corrects, self.number) {
            (Some(number), _) => format!("the correction of No. {number}"),
            (None, number) => format!("No. {}", number.unwrap_or_default()),
        }
    }
}

/// A new issue to be written.
#[derive(Debug)]
pub struct NewIssue<'a> {
    /// Its newsletter's row.
    pub newsletter: u16,
    /// The date it is for.
    pub occurrence: Occurrence,
    /// Whose stories it takes.
    pub window: Window,
    /// Its state.
    pub state: IssueState,
    /// Why, in words.
    pub reason: Option<&'a str>,
    /// Its content; none when it is skipped.
    pub content: Option<&'a Issue>,
}

const COLUMNS: &str = "
    SELECT i.id, i.newsletter, n.slug, i.number, i.occurrence_local, i.occurrence_zone, i.due_at, i.window_from, i.window_to, i.state, i.reason,
           i.revision, i.approved_hash, i.released_at, i.frozen_at, i.finished_at, i.sent_revision,
           (SELECT w.number FROM issue w WHERE w.id = i.corrects), i.resent_at
    FROM issue i JOIN newsletter n ON n.id = i.newsletter ";

pub(super) const LOCAL: &str = "%Y-%m-%dT%H:%M:%S";

impl Store {
    /// The stored cut-off where the next window of a newsletter begins: the end of its latest issue's, mailed or skipped.
    pub fn window_from(&self, newsletter: u16) -> Result<DateTime<Utc>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT coalesce((SELECT max(window_to) FROM issue WHERE newsletter = ?1 AND state <> 'cancelled'), window_from)
             FROM newsletter WHERE id = ?1",
        )?;
        Ok(instant(statement.query_row([newsletter], |row| row.get(0))?))
    }

    /// Where the very first window of a newsletter began: nothing older is ever taken.
    pub fn first_window_from(&self, newsletter: u16) -> Result<DateTime<Utc>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT window_from FROM newsletter WHERE id = ?1")?;
        Ok(instant(statement.query_row([newsletter], |row| row.get(0))?))
    }

    /// The instant before which no date of a newsletter is due: that of its latest issue, else when it was first seen.
    pub fn due_after(&self, newsletter: u16) -> Result<DateTime<Utc>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT coalesce((SELECT max(due_at) FROM issue WHERE newsletter = ?1), first_seen_at) FROM newsletter WHERE id = ?1",
        )?;
        Ok(instant(statement.query_row([newsletter], |row| row.get(0))?))
    }

    /// The number that the next issue gets.
    pub fn next_number(&self, newsletter: u16, first: u32) -> Result<u32, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT max(number) FROM issue WHERE newsletter = ?1")?;
        let latest: Option<u32> = statement.query_row([newsletter], |row| row.get(0))?;
        Ok(latest.map_or(first, |number| (number + 1).max(first)))
    }

    /// Writes an issue with its first revision; `None` when there is one for the same date already.
    pub fn insert_issue(&self, new: &NewIssue<'_>, now: DateTime<Utc>) -> Result<Option<IssueId>, StoreError> {
        let model = new.content.map(json).transpose()?;
        self.writing(|tx| {
            let inserted = tx.execute(
                "INSERT INTO issue (newsletter, number, occurrence_local, occurrence_zone, due_at, window_from, window_to, state, reason,
                                    composed_at, finished_at)
                 VALUES (:newsletter, :number, :local, :zone, :due, :from, :to, :state, :reason, :now, :finished)
                 ON CONFLICT (newsletter, occurrence_local, occurrence_zone) DO NOTHING",
                named_params! {
                    ":newsletter": new.newsletter,
                    ":number": new.content.map(|issue| issue.number),
                    ":local": new.occurrence.key().format(LOCAL).to_string(),
                    ":zone": new.occurrence.zone.name(),
                    ":due": millis(new.occurrence.at),
                    ":from": millis(new.window.from()),
                    ":to": millis(new.window.to()),
                    ":state": new.state.as_str(),
                    ":reason": new.reason,
                    ":now": millis(now),
                    ":finished": new.state.is_finished().then(|| millis(now)),
                },
            )?;
            if inserted == 0 {
                return Ok(None);
            }
            let id = IssueId(tx.last_insert_rowid());
            if let (Some(issue), Some(model)) = (new.content, model) {
                append_revision(tx, id, new.newsletter, issue, &model, now)?;
                if new.state == IssueState::Approved {
                    tx.execute("UPDATE issue SET approved_hash = ?2 WHERE id = ?1", params![id.0, hash_of(&model)])?;
                }
            }
            Ok(Some(id))
        })
    }

    /// The content of an issue's latest revision, with its number and hash.
    pub fn revision(&self, issue: IssueId) -> Result<Option<(i64, Vec<u8>, Issue)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT n, hash, model FROM revision WHERE issue = ?1 ORDER BY n DESC LIMIT 1")?;
        let found: Option<(i64, Vec<u8>, String)> =
            statement.query_row([issue.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        found.map(|(n, hash, model)| Ok((n, hash, from_json(&model)?))).transpose()
    }

    /// The content of an issue as it stood at an instant: the latest revision of then, or the first.
    pub fn revision_at(&self, issue: IssueId, at: DateTime<Utc>) -> Result<Option<Issue>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT model FROM revision WHERE issue = ?1 ORDER BY composed_at > ?2, CASE WHEN composed_at > ?2 THEN n ELSE -n END LIMIT 1",
        )?;
        let model: Option<String> = statement.query_row(params![issue.0, millis(at)], |row| row.get(0)).optional()?;
        model.map(|model| from_json(&model)).transpose()
    }

    /// The content of the revision that was frozen last.
    pub fn sent_revision(&self, issue: IssueId) -> Result<Option<Issue>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT r.model FROM revision r JOIN issue i ON i.id = r.issue AND i.sent_revision = r.n WHERE r.issue = ?1",
        )?;
        let model: Option<String> = statement.query_row([issue.0], |row| row.get(0)).optional()?;
        model.map(|model| from_json(&model)).transpose()
    }

    /// The contents of all revisions whose renderings somebody has or gets.
    pub fn rendered_revisions(&self, issue: IssueId) -> Result<Vec<Issue>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT model FROM revision WHERE issue = ?1 AND n IN (SELECT revision FROM variant WHERE issue = ?1) ORDER BY n",
        )?;
        let models: Vec<String> = statement.query_map([issue.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        models.iter().map(|model| from_json(model)).collect()
    }

    /// How many recipients have or get which revision of an issue.
    pub fn recipients_by_revision(&self, issue: IssueId) -> Result<Vec<(i64, u64)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT v.revision, count(*) FROM issue_recipient r JOIN variant v ON v.id = r.variant WHERE r.issue = ?1
             GROUP BY v.revision ORDER BY v.revision",
        )?;
        let rows = statement.query_map([issue.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One issue.
    pub fn issue(&self, id: IssueId) -> Result<Option<IssueRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE i.id = ?1"))?;
        statement.query_row([id.0], |row| Ok(issue_row(row))).optional()?.transpose()
    }

    /// The issue of a newsletter with a number.
    pub fn issue_by_number(&self, newsletter: u16, number: u32) -> Result<Option<IssueRow>, StoreError> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached(&format!("{COLUMNS} WHERE i.newsletter = ?1 AND i.number = ?2"))?;
        statement.query_row(params![newsletter, number], |row| Ok(issue_row(row))).optional()?.transpose()
    }

    /// The issue of a date, if it was composed or skipped.
    pub fn issue_for(&self, newsletter: u16, occurrence: Occurrence) -> Result<Option<IssueRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "{COLUMNS} WHERE i.newsletter = ?1 AND i.occurrence_local = ?2 AND i.occurrence_zone = ?3"
        ))?;
        let key = params![newsletter, occurrence.key().format(LOCAL).to_string(), occurrence.zone.name()];
        statement.query_row(key, |row| Ok(issue_row(row))).optional()?.transpose()
    }

    /// The issues of a newsletter, or of all, latest first; without the letters that correct them.
    pub fn issues(&self, newsletter: Option<u16>, limit: usize) -> Result<Vec<IssueRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "{COLUMNS} WHERE (?1 IS NULL OR i.newsletter = ?1) AND i.corrects IS NULL ORDER BY i.due_at DESC, i.id DESC LIMIT ?2"
        ))?;
        let rows = statement.query_map(params![newsletter, limit as i64], |row| Ok(issue_row(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// The issues whose delivery ended since an instant, latest first.
    pub fn done_since(&self, since: DateTime<Utc>) -> Result<Vec<IssueRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "{COLUMNS} WHERE i.finished_at >= ?1 AND i.state = 'done' AND i.corrects IS NULL ORDER BY i.finished_at DESC"
        ))?;
        let rows = statement.query_map([millis(since)], |row| Ok(issue_row(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// What was frozen since an instant, corrections' letters included, latest first.
    pub fn frozen_since(&self, since: DateTime<Utc>) -> Result<Vec<IssueRow>, StoreError> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached(&format!("{COLUMNS} WHERE i.frozen_at >= ?1 ORDER BY i.frozen_at DESC"))?;
        let rows = statement.query_map([millis(since)], |row| Ok(issue_row(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// The issues of a newsletter, corrections' letters included, that are neither done, skipped nor cancelled, oldest first.
    pub fn open_issues(&self, newsletter: u16) -> Result<Vec<IssueRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "{COLUMNS} WHERE i.newsletter = ?1 AND i.state NOT IN ('done', 'skipped', 'cancelled') ORDER BY i.due_at"
        ))?;
        let rows = statement.query_map([newsletter], |row| Ok(issue_row(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// Moves an issue from one of some states to another; `false` when it is in none of them any more.
    pub fn move_issue(
        &self,
        id: IssueId,
        from: &[IssueState],
        to: IssueState,
        reason: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.writing(|tx| {
            let state: Option<String> =
                tx.query_row("SELECT state FROM issue WHERE id = ?1", [id.0], |row| row.get(0)).optional()?;
            if !state.and_then(|word| IssueState::parse(&word)).is_some_and(|state| from.contains(&state)) {
                return Ok(false);
            }
            tx.execute(
                "UPDATE issue SET state = :to, reason = :reason, finished_at = CASE WHEN :finished THEN :now ELSE NULL END WHERE id = :id",
                named_params! {
                    ":id": id.0, ":to": to.as_str(), ":reason": reason, ":finished": to.is_finished(), ":now": millis(now),
                },
            )?;
            Ok(true)
        })
    }

    /// Appends a revision to an issue that is not frozen. `asks_again`: what was approved before is not approved as it is now.
    pub fn revise_issue(
        &self,
        id: IssueId,
        issue: &Issue,
        asks_again: bool,
        now: DateTime<Utc>,
    ) -> Result<Revised, StoreError> {
        let model = json(issue)?;
        let hash = hash_of(&model);
        self.writing(|tx| {
            let found: Option<(u16, i64, Vec<u8>, String)> = tx
                .query_row(
                    "SELECT i.newsletter, r.n, r.hash, i.state FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.revision
                     WHERE i.id = ?1 AND i.frozen_at IS NULL AND i.state IN ('composed', 'waiting', 'approved', 'held')",
                    [id.0],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .optional()?;
            let Some((newsletter, n, before, state)) = found else { return Ok(Revised::TooLate) };
            if before == hash {
                return Ok(Revised::Same);
            }
            append_revision(tx, id, newsletter, issue, &model, now)?;
            if state == "approved" && asks_again {
                tx.execute("UPDATE issue SET state = 'waiting', approved_hash = NULL, released_at = NULL WHERE id = ?1", [id.0])?;
            } else if state == "approved" {
                tx.execute("UPDATE issue SET approved_hash = ?2 WHERE id = ?1", params![id.0, hash])?;
            }
            Ok(Revised::New { revision: n + 1, asks_again: state == "approved" && asks_again })
        })
    }
}

/// What composing an issue anew gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revised {
    /// A new revision.
    New {
        /// Its number.
        revision: i64,
        /// Whether the issue was approved before and has to be approved again.
        asks_again: bool,
    },
    /// The content is the same as before.
    Same,
    /// It is frozen, or finished.
    TooLate,
}

pub(super) fn append_revision(
    tx: &Transaction<'_>,
    id: IssueId,
    newsletter: u16,
    issue: &Issue,
    model: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let n: i64 =
        tx.query_row("SELECT coalesce(max(n), 0) + 1 FROM revision WHERE issue = ?1", [id.0], |row| row.get(0))?;
    tx.execute(
        "INSERT INTO revision (issue, n, hash, model, composed_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id.0, n, hash_of(model), model, millis(now)],
    )?;
    tx.execute("UPDATE issue SET revision = ?2 WHERE id = ?1", params![id.0, n])?;
    // What some readers have already stays the issue's, even if its next revision leaves it out: nobody gets a story twice.
    tx.execute(
        "DELETE FROM issue_article WHERE issue = ?1 AND article NOT IN (
             SELECT json_extract(story.value, '$.article') FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.sent_revision,
                    json_each(r.model, '$.stories') story WHERE i.id = ?1)",
        [id.0],
    )?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO issue_article (newsletter, article, issue)
         SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM issue_article WHERE newsletter = ?1 AND article = ?2 AND issue = ?3)",
    )?;
    for story in &issue.stories {
        statement.execute(params![newsletter, story.article.0, id.0])?;
    }
    Ok(())
}

fn hash_of(model: &str) -> Vec<u8> {
    Sha256::digest(model.as_bytes()).to_vec()
}

fn issue_row(row: &Row<'_>) -> Result<IssueRow, StoreError> {
    let unexpected = |what: &str| StoreError::Unexpected(format!("an issue has an unreadable {what}"));
    let local: String = row.get(4)?;
    let zone: String = row.get(5)?;
    let state: String = row.get(9)?;
    let optional =
        |at: usize| -> Result<Option<DateTime<Utc>>, StoreError> { Ok(row.get::<_, Option<i64>>(at)?.map(instant)) };
    Ok(IssueRow {
        id: IssueId(row.get(0)?),
        newsletter: row.get(1)?,
        slug: Slug::parse(&row.get::<_, String>(2)?).map_err(|_| unexpected("newsletter"))?,
        number: row.get(3)?,
        occurrence: occurrence(
            NaiveDateTime::parse_from_str(&local, LOCAL).map_err(|_| unexpected("date"))?,
            zone.parse::<Tz>().map_err(|_| unexpected("time zone"))?,
            instant(row.get(6)?),
        ),
        window: Window::new(instant(row.get(7)?), instant(row.get(8)?)).map_err(|_| unexpected("window"))?,
        state: IssueState::parse(&state).ok_or_else(|| unexpected("state"))?,
        reason: row.get(10)?,
        revision: row.get(11)?,
        approved_hash: row.get(12)?,
        released_at: optional(13)?,
        frozen_at: optional(14)?,
        finished_at: optional(15)?,
        sent_revision: row.get(16)?,
        corrects: row.get(17)?,
        resent_at: optional(18)?,
    })
}

/// A date by its identity and its instant: where the two differ, somebody moved it.
fn occurrence(key: NaiveDateTime, zone: Tz, at: DateTime<Utc>) -> Occurrence {
    if schedule::instant(zone, key) == Some(at) {
        return Occurrence::new(key, zone, at);
    }
    Occurrence { local: at.with_timezone(&zone).naive_local(), zone, at, moved_from: Some(key) }
}
