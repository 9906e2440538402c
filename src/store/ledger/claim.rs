//! Claims: pages of recipients who were never tried, and retries that are due. Whoever may no longer be mailed is skipped on the spot.

use super::{Moved, ProcessId, record};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{Crashes, DeliveryState, Outcome, Place, Recipient, Tries};
use crate::domain::issue::IssueId;
use crate::domain::subscriber::SuppressionReason;
use crate::store::StoreError;
use crate::store::sql_types::{instant, millis};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

/// Pages looked through in one turn when all in them turn out to be skipped: keeps the transaction short.
const PAGES: usize = 5;
/// So many who were in doubt before are looked at in one turn.
const LOOKED_AT: usize = 100;
/// More than so many under suspicion are the work of many crashes and not of one message, whose company is never so large.
const CROWD: usize = 25;

/// Claims for one process within one transaction.
pub(super) struct Claimer<'a> {
    pub tx: &'a Transaction<'a>,
    pub issue: IssueId,
    pub newsletter: i64,
    pub process: ProcessId,
    /// Closed lanes, as a JSON list.
    pub closed: String,
    pub now: DateTime<Utc>,
}

/// Who was claimed in a turn.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    pub recipients: Vec<Recipient>,
    /// It is one who is to be open with nobody beside them.
    pub alone: bool,
}

/// Somebody who was in doubt before, and how often the program ended while they were open.
#[derive(Debug, Clone, Copy)]
struct Wary {
    run: Run,
    crashes: Crashes,
}

/// A run of recipients of one lane at the same attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    lane: i64,
    first: i64,
    last: i64,
    attempt: i64,
}

/// What the join says of a recipient.
enum Found {
    Mailable(Box<Recipient>),
    Gone(String),
}

impl Claimer<'_> {
    /// Claims up to `room` recipients, up to `wary_room` of them such as were in doubt before.
    ///
    /// A message that crashes the program must park its reader and nobody beside them, so whoever is under suspicion is claimed while nobody is open,
    /// and nobody with them. Until then, which at the start of a process is at once, the others go on. A crowd under suspicion, which only many
    /// kills leave behind, is claimed like others who were in doubt.
    pub(super) fn claim(&self, room: usize, wary_room: usize) -> Result<Claimed, StoreError> {
        let mut claimed = Vec::new();
        if room == 0 {
            return Ok(Claimed::default());
        }
        let (suspects, wary) = self.due_wary()?;
        if !suspects.is_empty() && !self.has_open()? {
            for suspect in suspects {
                self.take(suspect.run)?;
                self.claim_run(suspect.run, &mut claimed)?;
                if !claimed.is_empty() {
                    return Ok(Claimed { recipients: claimed, alone: true });
                }
            }
        }
        let for_retries = if has_unclaimed(self.tx, self.issue)? { room.div_ceil(2) } else { room };
        let wary: Vec<Run> = wary.iter().map(|wary| wary.run).take(wary_room.min(room)).collect();
        wary.iter().try_for_each(|run| self.take(*run))?;
        for run in joined(wary) {
            self.claim_run(run, &mut claimed)?;
        }
        for run in self.due(for_retries.saturating_sub(claimed.len()))? {
            self.claim_run(run, &mut claimed)?;
        }
        for _ in 0..PAGES {
            match self.next_page(room - claimed.len().min(room))? {
                Some(run) => self.claim_run(run, &mut claimed)?,
                None => break,
            }
        }
        Ok(Claimed { recipients: claimed, alone: false })
    }

    /// Takes due retries off their table, the longest due first, of those who were never in doubt; neighbours at the same attempt become one run.
    fn due(&self, limit: usize) -> Result<Vec<Run>, StoreError> {
        let mut statement = self.tx.prepare_cached(
            "DELETE FROM retry WHERE (issue, lane, seq) IN
                 (SELECT issue, lane, seq FROM retry WHERE issue = ?1 AND wary = 0 AND due_at <= ?2 ORDER BY due_at LIMIT ?3)
             RETURNING lane, seq, attempt",
        )?;
        let due = statement.query_map(params![self.issue.0, millis(self.now), limit as i64], run)?;
        Ok(joined(due.collect::<Result<_, _>>()?))
    }

    /// Those who are due and were in doubt before: who is to go alone, the most suspicious first, and the others, the longest due first.
    fn due_wary(&self) -> Result<(Vec<Wary>, Vec<Wary>), StoreError> {
        let mut statement = self.tx.prepare_cached(
            "SELECT r.lane, r.seq, r.attempt, coalesce(c.times, 0), coalesce(c.alone, 0)
             FROM retry r LEFT JOIN open_at_crash c ON c.issue = r.issue AND c.lane = r.lane AND c.seq = r.seq
             WHERE r.issue = ?1 AND r.wary = 1 AND r.due_at <= ?2 ORDER BY r.due_at LIMIT ?3",
        )?;
        let due = statement
            .query_map(params![self.issue.0, millis(self.now), LOOKED_AT as i64], |row| {
                Ok(Wary { run: run(row)?, crashes: Crashes { times: row.get(3)?, alone: row.get(4)? } })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let is_crowd = due.iter().filter(|wary| wary.crashes.are_suspicious()).count() > CROWD;
        let goes_alone = |wary: &Wary| wary.crashes.are_suspicious() && (!is_crowd || wary.crashes.single_out());
        let (mut suspects, others): (Vec<Wary>, Vec<Wary>) = due.into_iter().partition(goes_alone);
        suspects.sort_by_key(|wary| std::cmp::Reverse((wary.crashes.alone, wary.crashes.times)));
        Ok((suspects, others))
    }

    /// Takes a retry off its table.
    fn take(&self, run: Run) -> Result<(), StoreError> {
        self.tx.prepare_cached("DELETE FROM retry WHERE issue = ?1 AND lane = ?2 AND seq = ?3")?.execute([
            self.issue.0,
            run.lane,
            run.first,
        ])?;
        Ok(())
    }

    /// Whether somebody is claimed and not recorded.
    fn has_open(&self) -> Result<bool, StoreError> {
        let mut statement =
            self.tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM claim WHERE issue = ?1 AND open > 0)")?;
        Ok(statement.query_row([self.issue.0], |row| row.get(0))?)
    }

    /// Moves the cursor of the lane that is furthest behind, so that all lanes end together.
    fn next_page(&self, limit: usize) -> Result<Option<Run>, StoreError> {
        if limit == 0 {
            return Ok(None);
        }
        let behind: Option<(i64, i64, i64)> = self
            .tx
            .prepare_cached(
                "SELECT lane, cursor, last FROM lane_cursor WHERE issue = ?1 AND cursor < last AND lane NOT IN (SELECT value FROM json_each(?2))
                 ORDER BY CAST(cursor AS REAL) / last, lane LIMIT 1",
            )?
            .query_row(params![self.issue.0, self.closed], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((lane, cursor, end)) = behind else { return Ok(None) };
        let last = end.min(cursor + limit as i64);
        self.tx.prepare_cached("UPDATE lane_cursor SET cursor = ?3 WHERE issue = ?1 AND lane = ?2")?.execute([
            self.issue.0,
            lane,
            last,
        ])?;
        Ok(Some(Run { lane, first: cursor + 1, last, attempt: 1 }))
    }

    /// Writes the claim of a run and finds its recipients.
    fn claim_run(&self, run: Run, claimed: &mut Vec<Recipient>) -> Result<(), StoreError> {
        let found = self.look_up(run)?;
        let open = found.iter().filter(|(_, found)| matches!(found, Found::Mailable(_))).count();
        self.tx
            .prepare_cached(
                "INSERT INTO claim (issue, lane, first, last, attempt, process, at, open) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                self.issue.0, run.lane, run.first, run.last, run.attempt, self.process.0, millis(self.now), open as i64
            ])?;
        let claim = self.tx.last_insert_rowid();
        let mut moved = Moved::default();
        for (seq, found) in found {
            let place = Place { claim, lane: run.lane, seq, attempt: run.attempt };
            match found {
                Found::Mailable(recipient) => {
                    claimed.push(Recipient { place, tries: self.tries(place)?, ..*recipient });
                }
                Found::Gone(why) => {
                    record::append(self.tx, self.issue, &skipped(place, why, self.now), &mut moved)?;
                }
            }
        }
        moved.write(self.tx, self.issue)
    }

    /// Joins address and consent to the recipients of a run.
    fn look_up(&self, run: Run) -> Result<Vec<(i64, Found)>, StoreError> {
        let mut statement = self.tx.prepare_cached(
            "SELECT r.seq, r.subscriber, r.variant, s.public_id, s.epoch, s.address, b.status, b.confirmed_at, b.paused_until, p.reason
             FROM issue_recipient r
             LEFT JOIN subscriber s ON s.id = r.subscriber
             LEFT JOIN subscription b ON b.subscriber = r.subscriber AND b.newsletter = ?5
             LEFT JOIN suppression p ON p.hash = s.hash
             WHERE r.issue = ?1 AND r.lane = ?2 AND r.seq BETWEEN ?3 AND ?4
             ORDER BY r.seq",
        )?;
        let mut rows = statement.query(params![self.issue.0, run.lane, run.first, run.last, self.newsletter])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((row.get(0)?, self.judge(row)?));
        }
        Ok(found)
    }

    /// Whether a joined row may be mailed now.
    fn judge(&self, row: &Row<'_>) -> Result<Found, StoreError> {
        let Some(address) = row.get::<_, Option<String>>(5)? else {
            return Ok(Found::Gone("erased since the issue was frozen".into()));
        };
        if let Some(reason) = row.get::<_, Option<String>>(9)? {
            return Ok(Found::Gone(format!("suppressed since the issue was frozen: {}", in_words(&reason))));
        }
        if let Some(why) = self.consent_problem(row)? {
            return Ok(Found::Gone(why.into()));
        }
        let Ok(address) = EmailAddress::parse(&address) else {
            return Ok(Found::Gone("the address is none that mail can be sent to".into()));
        };
        Ok(Found::Mailable(Box::new(Recipient {
            place: Place { claim: 0, lane: 0, seq: 0, attempt: 0 },
            tries: Tries::default(),
            subscriber: row.get(1)?,
            public_id: row.get(3)?,
            epoch: row.get(4)?,
            address,
            confirmed_at: instant(row.get::<_, Option<i64>>(7)?.unwrap_or_default()),
            variant: row.get(2)?,
        })))
    }

    fn consent_problem(&self, row: &Row<'_>) -> Result<Option<&'static str>, StoreError> {
        let paused_until: Option<i64> = row.get(8)?;
        Ok(match row.get_ref(6)?.as_str_or_null().map_err(rusqlite::Error::from)? {
            Some("active") => None,
            Some("paused") if paused_until.is_some_and(|until| until <= millis(self.now)) => None,
            Some("paused") => Some("paused since the issue was frozen"),
            Some("left") => Some("left since the issue was frozen"),
            _ => Some("no longer subscribed"),
        })
    }

    /// What became of earlier attempts; none for a first one.
    fn tries(&self, place: Place) -> Result<Tries, StoreError> {
        if place.attempt == 1 {
            return Ok(Tries::default());
        }
        tries(self.tx, self.issue, place)
    }
}

/// How often earlier attempts ended open.
pub(super) fn tries(connection: &Connection, issue: IssueId, place: Place) -> Result<Tries, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT state, count(*) FROM outcome WHERE issue = ?1 AND lane = ?2 AND seq = ?3 AND attempt < ?4 GROUP BY state",
    )?;
    let mut rows = statement.query(params![issue.0, place.lane, place.seq, place.attempt])?;
    let mut tries = Tries::default();
    while let Some(row) = rows.next()? {
        let times = row.get(1)?;
        match DeliveryState::from_code(row.get(0)?) {
            Some(DeliveryState::Deferred) => tries.deferred = times,
            Some(DeliveryState::InDoubt) => tries.in_doubt = times,
            Some(DeliveryState::Returned) => tries.returned = times,
            _ => {}
        }
    }
    Ok(tries)
}

/// Whether some recipients of an issue were never claimed.
pub(super) fn has_unclaimed(connection: &Connection, issue: IssueId) -> Result<bool, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM lane_cursor WHERE issue = ?1 AND cursor < last)")?;
    Ok(statement.query_row([issue.0], |row| row.get(0))?)
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    let (lane, seq) = (row.get(0)?, row.get(1)?);
    Ok(Run { lane, first: seq, last: seq, attempt: row.get(2)? })
}

fn joined(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by_key(|run| (run.lane, run.first));
    let mut out: Vec<Run> = Vec::new();
    for run in runs {
        match out.last_mut() {
            Some(last) if last.lane == run.lane && last.attempt == run.attempt && last.last + 1 == run.first => {
                last.last = run.last;
            }
            _ => out.push(run),
        }
    }
    out
}

fn skipped(place: Place, why: String, now: DateTime<Utc>) -> Outcome {
    Outcome {
        place,
        state: DeliveryState::Skipped,
        at: now,
        retry_at: None,
        code: None,
        enhanced: None,
        reply: Some(why),
        relay_id: None,
    }
}

fn in_words(reason: &str) -> &'static str {
    match SuppressionReason::parse(reason) {
        Some(SuppressionReason::HardBounce) => "mail to the address comes back",
        Some(SuppressionReason::Complaint) => "the person reported the mail as unwanted",
        Some(SuppressionReason::Erasure) => "the person was erased",
        Some(SuppressionReason::Left) => "the person had left",
        Some(SuppressionReason::Operator) | None => "an operator decided so",
    }
}
