//! Dates that people changed: appended, and taken back by a mark, so that it can be told who wanted what.

use super::sql_types::{from_json, json, millis};
use super::{Store, StoreError};
use crate::domain::hand::Actor;
use crate::domain::issue::IssueId;
use crate::domain::newsletter::Newsletter;
use crate::domain::plan::{Changed, Fate, Plan};
use crate::domain::schedule::Occurrence;
use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::params;

/// A change that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptChange {
    /// Its row.
    pub id: i64,
    /// What is otherwise, and why.
    pub changed: Changed,
    /// Who wanted it.
    pub actor: String,
}

impl Store {
    /// The dates of a newsletter, as people changed them.
    pub fn plan<'a>(&self, newsletter: &'a Newsletter, id: u16) -> Result<Plan<'a>, StoreError> {
        let changes = self.date_changes(id)?.into_iter().map(|kept| kept.changed).collect();
        Ok(Plan::new(&newsletter.schedule, newsletter.zone, changes))
    }

    /// The next date of a newsletter that counts.
    pub fn next_date(&self, newsletter: &Newsletter, after: DateTime<Utc>) -> Result<Option<Occurrence>, StoreError> {
        let id = self.newsletter_id(&newsletter.slug, after)?;
        Ok(self.plan(newsletter, id)?.next(after))
    }

    /// The dates to come that are skipped or moved, each with what is otherwise, in words.
    pub fn dates_to_come(
        &self,
        newsletter: &Newsletter,
        after: DateTime<Utc>,
    ) -> Result<Vec<(NaiveDateTime, String)>, StoreError> {
        const LOOKED_AT: usize = 100;
        let id = self.newsletter_id(&newsletter.slug, after)?;
        let plan = self.plan(newsletter, id)?;
        let told = plan.dates(after).take(LOOKED_AT).filter_map(|planned| {
            let what = match planned.fate {
                Fate::Stands => return None,
                Fate::Moved(_, because) => format!("moved: {because}"),
                Fate::Skipped(because) => format!("skipped: {because}"),
            };
            Some((planned.scheduled.local, what))
        });
        Ok(told.collect())
    }

    /// The changes that hold, oldest first.
    pub fn date_changes(&self, newsletter: u16) -> Result<Vec<KeptChange>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT id, change, because, actor FROM date_change WHERE newsletter = ?1 AND ended_at IS NULL ORDER BY id",
        )?;
        let rows = statement
            .query_map([newsletter], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter()
            .map(|(id, change, because, actor)| {
                Ok(KeptChange { id, changed: Changed { change: from_json(&change)?, because }, actor })
            })
            .collect()
    }

    /// Keeps a change.
    pub fn keep_date_change(
        &self,
        newsletter: u16,
        changed: &Changed,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let change = json(&changed.change)?;
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO date_change (newsletter, change, because, actor, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![newsletter, change, changed.because, actor.to_string(), millis(now)],
            )?;
            Ok(())
        })
    }

    /// Takes a change back; `false` when it holds no more.
    pub fn end_date_change(&self, id: i64, actor: &Actor, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.writing(|tx| {
            let ended = tx.execute(
                "UPDATE date_change SET ended_at = ?2, ended_by = ?3 WHERE id = ?1 AND ended_at IS NULL",
                params![id, millis(now), actor.to_string()],
            )?;
            Ok(ended == 1)
        })
    }

    /// Gives an issue that was composed and that nobody has another instant. `false` when it is frozen or finished.
    pub fn move_issue_date(&self, id: IssueId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.writing(|tx| {
            let moved = tx.execute(
                "UPDATE issue SET due_at = ?2
                 WHERE id = ?1 AND frozen_at IS NULL AND state IN ('composed', 'waiting', 'approved', 'held')",
                params![id.0, millis(at)],
            )?;
            Ok(moved == 1)
        })
    }
}
