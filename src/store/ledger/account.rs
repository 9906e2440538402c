//! What a finished issue says about itself: who refused and why, whether the rows fit together, how it compares with those before. Reads only.

use crate::domain::issue::IssueId;
use crate::store::sql_types::millis;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::params;

/// A reason for which messages were refused, with how many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    /// The relay's words, addresses masked.
    pub reply: String,
    /// Messages.
    pub messages: u64,
}

const REFUSALS: &str = "
    SELECT trim(coalesce(code, '') || ' ' || coalesce(enhanced, '') || ' ' || coalesce(reply, '')) AS words, count(*) AS n
    FROM outcome o WHERE o.issue = ?1 AND o.state = 3 AND o.state NOT IN (1, 4)
    GROUP BY coalesce(code, 0), coalesce(enhanced, '') ORDER BY n DESC, words LIMIT ?2";

/// Only who was tried again can have been accepted twice: few of a long list.
const TWICE: &str = "
    SELECT count(*) FROM (
        SELECT DISTINCT o.lane, o.seq FROM outcome o WHERE o.issue = ?1 AND o.attempt > 1 AND o.state = 1
        AND EXISTS (SELECT 1 FROM outcome e WHERE e.issue = o.issue AND e.lane = o.lane AND e.seq = o.seq AND e.attempt < o.attempt AND e.state = 1))";

/// The recipients of a lane are numbered from 1 to its last.
const STRAY: &str = "
    SELECT (SELECT count(*) FROM outcome o WHERE o.issue = ?1)
         - (SELECT coalesce(sum((SELECT count(*) FROM outcome o WHERE o.issue = l.issue AND o.lane = l.lane AND o.seq BETWEEN 1 AND l.last)), 0)
            FROM lane_cursor l WHERE l.issue = ?1)";

const EARLIER: &str = "
    SELECT t.n FROM issue i JOIN issue_tally t ON t.issue = i.id AND t.state = 0
    WHERE i.newsletter = (SELECT newsletter FROM issue WHERE id = ?1) AND i.state = 'done' AND i.corrects IS NULL AND i.id <> ?1
    ORDER BY i.due_at DESC LIMIT ?2";

const LEFT: &str = "
    SELECT count(*) FROM subscription b WHERE b.status = 'left' AND b.newsletter = (SELECT newsletter FROM issue WHERE id = ?1)
      AND b.left_at > coalesce((SELECT max(frozen_at) FROM issue WHERE newsletter = b.newsletter AND corrects IS NULL AND id < ?1), 0) AND b.left_at <= ?2";

impl Store {
    /// Why messages of an issue were refused, the most frequent reason first.
    pub fn refusals(&self, issue: IssueId, limit: usize) -> Result<Vec<Refusal>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(REFUSALS)?;
        let rows = statement.query_map(params![issue.0, limit as i64], |row| {
            Ok(Refusal { reply: row.get(0)?, messages: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What in the ledger of an issue cannot be: somebody who was accepted twice, outcomes without a recipient. Empty when all fits.
    pub fn ledger_faults(&self, issue: IssueId) -> Result<Vec<String>, StoreError> {
        let connection = self.reading();
        let count = |sql: &str| connection.query_row(sql, [issue.0], |row| row.get::<_, u64>(0));
        let (twice, stray) = (count(TWICE)?, count(STRAY)?);
        let twice = (twice > 0).then(|| format!("{twice} recipients were accepted more than once"));
        let stray = (stray > 0).then(|| format!("{stray} outcomes belong to no recipient"));
        Ok(twice.into_iter().chain(stray).collect())
    }

    /// How many recipients the issues of the same newsletter before this one had, the latest first.
    pub fn earlier_recipients(&self, issue: IssueId, limit: usize) -> Result<Vec<u64>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(EARLIER)?;
        let rows = statement.query_map(params![issue.0, limit as i64], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many readers left the newsletter between the issue before and an instant.
    pub fn left_since_last(&self, issue: IssueId, until: DateTime<Utc>) -> Result<u64, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LEFT)?;
        Ok(statement.query_row(params![issue.0, millis(until)], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seeds;

    #[test]
    fn somebody_who_was_accepted_twice_is_a_fault_of_the_ledger() {
        let store = Store::in_memory().unwrap();
        let newsletter = seeds::subscribers(&store, 4);
        let issue = seeds::sending_issue(&store, newsletter, "h", "t");
        assert!(store.ledger_faults(issue).unwrap().is_empty());
        let accepted = |seq: i64, attempt: i64| {
            let sql = "INSERT INTO outcome (issue, lane, seq, attempt, state, at) SELECT issue, lane, seq";
            seeds::run(&store, &format!("{sql}, {attempt}, 1, 0 FROM issue_recipient WHERE subscriber = {seq}"));
        };
        accepted(1, 1);
        accepted(2, 1);
        assert!(store.ledger_faults(issue).unwrap().is_empty());
        accepted(2, 2);
        seeds::run(
            &store,
            &format!("INSERT INTO outcome (issue, lane, seq, attempt, state, at) VALUES ({}, 0, 99, 1, 3, 0)", issue.0),
        );
        let faults = store.ledger_faults(issue).unwrap();
        assert_eq!(faults, ["1 recipients were accepted more than once", "1 outcomes belong to no recipient"]);
    }

    #[test]
    fn refusals_are_counted_by_what_the_relay_said() {
        let store = Store::in_memory().unwrap();
        let newsletter = seeds::subscribers(&store, 6);
        let issue = seeds::sending_issue(&store, newsletter, "h", "t");
        for (subscriber, enhanced) in [(1, "5.1.1"), (2, "5.1.1"), (3, "5.7.1")] {
            seeds::run(
                &store,
                &format!(
                    "INSERT INTO outcome (issue, lane, seq, attempt, state, at, code, enhanced, reply)
                     SELECT issue, lane, seq, 1, 3, 0, 550, '{enhanced}', 'no' FROM issue_recipient WHERE subscriber = {subscriber}"
                ),
            );
        }
        let said: Vec<(String, u64)> =
            store.refusals(issue, 9).unwrap().into_iter().map(|refusal| (refusal.reply, refusal.messages)).collect();
        assert_eq!(said, [("550 5.1.1 no".to_owned(), 2), ("550 5.7.1 no".to_owned(), 1)]);
    }
}
