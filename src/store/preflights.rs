//! What was checked of an issue before it goes out, and who lets it go although something blocks it.

use super::sql_types::{from_json, json, millis};
use super::{Store, StoreError};
use crate::domain::issue::IssueId;
use crate::domain::preflight::{Anyway, Preflight};
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

impl Store {
    /// Keeps the preflight of a revision; the one before it is forgotten.
    pub fn keep_preflight(&self, issue: IssueId, revision: i64, report: &Preflight) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO preflight (issue, revision, checked_at, report) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (issue) DO UPDATE SET revision = excluded.revision, checked_at = excluded.checked_at, report = excluded.report",
                params![issue.0, revision, millis(report.at), json(report)?],
            )?;
            Ok(())
        })
    }

    /// The last preflight of an issue, if it looked at the revision that stands now.
    pub fn preflight(&self, issue: IssueId) -> Result<Option<Preflight>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT p.report FROM preflight p JOIN issue i ON i.id = p.issue AND i.revision = p.revision WHERE p.issue = ?1",
        )?;
        let found: Option<String> = statement.query_row([issue.0], |row| row.get(0)).optional()?;
        found.map(|report| from_json(&report)).transpose()
    }

    /// Notes that somebody lets an issue go anyway.
    pub fn let_go_anyway(&self, issue: IssueId, anyway: &Anyway, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO anyway (issue, at, actor, reason, covers) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![issue.0, millis(now), anyway.actor, anyway.reason, json(&anyway.covers)?],
            )?;
            Ok(())
        })
    }

    /// Who lets an issue go anyway: the last word of it.
    pub fn anyway(&self, issue: IssueId) -> Result<Option<Anyway>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT reason, actor, covers FROM anyway WHERE issue = ?1 ORDER BY id DESC LIMIT 1")?;
        let found: Option<(String, String, String)> =
            statement.query_row([issue.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let anyway = |(reason, actor, covers): (String, String, String)| {
            Ok(Anyway { reason, actor, covers: from_json(&covers)? })
        };
        found.map(anyway).transpose()
    }

    /// The headlines of stories that vanished since an instant, and why: they stand in no issue.
    pub fn vanished_since(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<(Line, String)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT c.before, c.after FROM story_change c JOIN sighting s ON s.id = c.sighting
             WHERE c.kind = 'gone' AND c.at >= ?1 AND c.at <= ?2 AND s.gone_at IS NOT NULL GROUP BY c.sighting ORDER BY c.id",
        )?;
        let rows = statement.query_map(params![millis(since), millis(now)], |row| {
            Ok((Line::clean(&row.get::<_, String>(0)?), row.get::<_, String>(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Among some stories those whose picture could not be had, each with why.
    pub fn missing_pictures(&self, articles: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT s.article, l.problem FROM sighting s
             JOIN sighting_text t ON t.id = (SELECT id FROM sighting_text WHERE sighting = s.id ORDER BY seen_at DESC, id DESC LIMIT 1)
             JOIN picture_link l ON l.url = json_extract(t.text, '$.picture.url')
             WHERE s.article IN (SELECT value FROM json_each(?1)) AND l.problem IS NOT NULL GROUP BY s.article ORDER BY s.article",
        )?;
        let rows = statement.query_map([json(articles)?], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
