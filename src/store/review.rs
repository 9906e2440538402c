//! What people decide about a whole issue: let it go, take it back, skip it, reopen it. Each in one transaction; knows nothing of who may decide.

use super::sql_types::millis;
use super::{Store, StoreError, archive, facts, recipients};
use crate::domain::issue::{IssueId, IssueState};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

/// What became of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// It goes out when it is due, however late that is.
    Yes,
    /// It has another content than the one that was approved.
    Changed,
    /// It is in none of the states that wait.
    NotNow,
}

/// When an issue was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelledWhen {
    /// Nobody had it: stories and number are free again.
    BeforeFirstClaim,
    /// Some have it: it keeps its number and its stories.
    PartlySent,
}

/// What became of reopening an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reopened {
    /// Nobody has it.
    Whole,
    /// Some have it, or may have it, and keep what they have.
    Stopped {
        /// How many those are.
        have: u64,
        /// How many get the next revision.
        left: u64,
    },
    /// So many messages are in the relay's hands at this moment: a little later everybody knows what became of them.
    InHand(u64),
    /// It is going out, or finished.
    NotNow,
}

impl Store {
    /// Approves the latest revision of an issue, by a person: from then on it goes out however late it is. `seen`: the hash of the revision that the
    /// person looked at, if that is known.
    pub fn release_issue(&self, id: IssueId, seen: Option<&[u8]>, now: DateTime<Utc>) -> Result<Released, StoreError> {
        self.writing(|tx| {
            let hash: Option<Vec<u8>> = tx
                .query_row(
                    "SELECT r.hash FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.revision
                     WHERE i.id = ?1 AND i.state IN ('composed', 'waiting', 'held') AND i.frozen_at IS NULL",
                    [id.0],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(hash) = hash else { return Ok(Released::NotNow) };
            if seen.is_some_and(|seen| seen != hash) {
                return Ok(Released::Changed);
            }
            tx.execute(
                "UPDATE issue SET state = 'approved', reason = NULL, released_at = ?2, approved_hash = ?3 WHERE id = ?1",
                params![id.0, millis(now), hash],
            )?;
            Ok(Released::Yes)
        })
    }

    /// Takes an issue back. Before its first claim its stories and its number return to the pool. `None` when it is finished already.
    pub fn cancel_issue(
        &self,
        id: IssueId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<CancelledWhen>, StoreError> {
        self.writing(|tx| {
            let open: bool = tx.query_row(
                "SELECT EXISTS (SELECT 1 FROM issue WHERE id = ?1 AND state NOT IN ('done', 'skipped', 'cancelled'))",
                [id.0],
                |row| row.get(0),
            )?;
            if !open {
                return Ok(None);
            }
            tx.execute(
                "UPDATE issue SET state = 'cancelled', reason = ?2, finished_at = ?3 WHERE id = ?1",
                params![id.0, reason, millis(now)],
            )?;
            if was_claimed(tx, id)? {
                return Ok(Some(CancelledWhen::PartlySent));
            }
            tx.execute("UPDATE issue SET number = NULL, sent_revision = NULL WHERE id = ?1", [id.0])?;
            tx.execute("DELETE FROM issue_article WHERE issue = ?1", [id.0])?;
            recipients::clear_recipients(tx, id)?;
            archive::unlist(tx, id)?;
            Ok(Some(CancelledWhen::BeforeFirstClaim))
        })
    }

    /// Skips an issue that was composed and that nobody has: its stories and its number are free again, its cut-off stays.
    pub fn skip_issue(&self, id: IssueId, reason: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.writing(|tx| {
            let skipped = tx.execute(
                "UPDATE issue SET state = 'skipped', reason = ?2, finished_at = ?3, number = NULL
                 WHERE id = ?1 AND frozen_at IS NULL AND sent_revision IS NULL AND state IN ('composed', 'waiting', 'approved', 'held')",
                params![id.0, reason, millis(now)],
            )?;
            if skipped == 1 {
                tx.execute("DELETE FROM issue_article WHERE issue = ?1", [id.0])?;
            }
            Ok(skipped == 1)
        })
    }

    /// Gives the date of a skipped issue back while it is to come and no later one is settled: as if the issue had never been composed. Its window and
    /// its stories are those of the next composing.
    pub fn take_skip_back(&self, id: IssueId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.writing(|tx| {
            let is_free: bool = tx.query_row(
                "SELECT EXISTS (SELECT 1 FROM issue AS skipped
                 WHERE id = ?1 AND state = 'skipped' AND frozen_at IS NULL AND sent_revision IS NULL AND due_at > ?2
                     AND NOT EXISTS (SELECT 1 FROM issue WHERE newsletter = skipped.newsletter AND corrects IS NULL AND due_at > skipped.due_at))",
                params![id.0, millis(now)],
                |row| row.get(0),
            )?;
            if is_free {
                // The number of its row may come again, and nothing that was known of it must count for another.
                for name in [facts::withdrawn(id), facts::editors_asked(id)] {
                    tx.execute("DELETE FROM fact WHERE name = ?1", [name])?;
                }
                for sql in [
                    "DELETE FROM anyway WHERE issue = ?1",
                    "DELETE FROM preflight WHERE issue = ?1",
                    "DELETE FROM revision WHERE issue = ?1",
                    "DELETE FROM issue WHERE id = ?1",
                ] {
                    tx.execute(sql, [id.0])?;
                }
            }
            Ok(is_free)
        })
    }

    /// Gives an issue back to the editors under its number and date; it waits for their approval. Whoever was claimed keeps the revision they have or
    /// may have; all others get the next one.
    pub fn reopen_issue(&self, id: IssueId, reason: &str) -> Result<Reopened, StoreError> {
        self.writing(|tx| {
            let found: Option<(String, bool)> = tx
                .query_row("SELECT state, frozen_at IS NOT NULL FROM issue WHERE id = ?1", [id.0], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let Some((state, is_frozen)) = found else { return Ok(Reopened::NotNow) };
            let claimed = was_claimed(tx, id)?;
            let reopened = match IssueState::parse(&state) {
                Some(IssueState::Composed | IssueState::Approved | IssueState::Held) if !is_frozen => Reopened::Whole,
                Some(IssueState::Sending | IssueState::Paused) if !claimed => {
                    unfreeze(tx, id)?;
                    Reopened::Whole
                }
                Some(IssueState::Paused) => match in_hand(tx, id)? {
                    0 => free_the_rest(tx, id)?,
                    open => return Ok(Reopened::InHand(open)),
                },
                _ => return Ok(Reopened::NotNow),
            };
            tx.execute(
                "UPDATE issue SET state = 'waiting', reason = ?2, approved_hash = NULL, released_at = NULL, frozen_at = NULL WHERE id = ?1",
                params![id.0, reason],
            )?;
            Ok(reopened)
        })
    }
}

/// Whether anybody was ever claimed: they have it, or may have it.
fn was_claimed(tx: &Transaction<'_>, id: IssueId) -> Result<bool, StoreError> {
    Ok(tx.query_row("SELECT EXISTS (SELECT 1 FROM claim WHERE issue = ?1)", [id.0], |row| row.get(0))?)
}

fn in_hand(tx: &Transaction<'_>, id: IssueId) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(open), 0) FROM claim WHERE issue = ?1 AND open > 0";
    Ok(tx.query_row(sql, [id.0], |row| row.get(0))?)
}

/// Takes back all that the freeze wrote.
fn unfreeze(tx: &Transaction<'_>, id: IssueId) -> Result<(), StoreError> {
    recipients::clear_recipients(tx, id)?;
    tx.execute("DELETE FROM variant_choice WHERE issue = ?1", [id.0])?;
    tx.execute("DELETE FROM variant WHERE issue = ?1", [id.0])?;
    tx.execute("UPDATE issue SET sent_revision = NULL WHERE id = ?1", [id.0])?;
    archive::unlist(tx, id)
}

/// Some have it. Its renderings stay for them; the others wait for a revision of its own number, even if nobody changes anything, because a delivery
/// names its revision.
fn free_the_rest(tx: &Transaction<'_>, id: IssueId) -> Result<Reopened, StoreError> {
    let cleared = recipients::clear_unclaimed(tx, id)?;
    tx.execute("DELETE FROM variant_choice WHERE issue = ?1", [id.0])?;
    tx.execute(
        "INSERT INTO revision (issue, n, hash, model, composed_at)
         SELECT issue, n + 1, hash, model, composed_at FROM revision WHERE issue = ?1 ORDER BY n DESC LIMIT 1",
        [id.0],
    )?;
    tx.execute("UPDATE issue SET revision = (SELECT max(n) FROM revision WHERE issue = ?1) WHERE id = ?1", [id.0])?;
    let count = |sql: &str| tx.query_row(sql, [id.0], |row| row.get::<_, u64>(0));
    let again = count("SELECT count(*) FROM retry WHERE issue = ?1 AND wary = 0")?;
    let all = count("SELECT count(*) FROM issue_recipient WHERE issue = ?1")?;
    Ok(Reopened::Stopped { have: all.saturating_sub(again), left: cleared + again })
}

#[cfg(test)]
mod tests;
