//! An issue that was reopened and frozen anew: those who wait for another try and cannot have it yet get it as it is now. Whoever has one revision, or
//! may have it, gets no other.

use super::{Moved, record};
use crate::domain::delivery::{DeliveryState, Outcome, Place};
use crate::domain::issue::IssueId;
use crate::domain::text::Language;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use rusqlite::{Transaction, named_params};

/// The variant of the current revision that somebody who waits for a retry is to get: none if it holds nothing they chose. Somebody who left has no
/// row here; the claim skips them. `wary` marks those who were in doubt: they may have it.
const CURRENT: &str = "
    SELECT t.lane, t.seq, t.attempt, c.variant
    FROM retry t JOIN issue_recipient r ON r.issue = t.issue AND r.lane = t.lane AND r.seq = t.seq
    JOIN subscriber s ON s.id = r.subscriber
    JOIN subscription b ON b.subscriber = s.id AND b.newsletter = :newsletter
    JOIN variant_choice c ON c.issue = t.issue AND c.choice = b.choice AND c.language = coalesce(s.language, :language) AND c.format = s.format
    WHERE t.issue = :issue AND t.wary = 0";

/// Gives everybody who waits for another try, and was never in doubt, the revision whose `variant_choice` rows stand.
pub(in crate::store) fn take_current_revision(
    tx: &Transaction<'_>,
    issue: IssueId,
    newsletter: u16,
    language: &Language,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let parameters = named_params! { ":issue": issue.0, ":newsletter": newsletter, ":language": language.as_str() };
    let mut moved = Moved::default();
    for (place, variant) in waiting(tx, parameters)? {
        match variant {
            Some(variant) => {
                tx.prepare_cached(
                    "UPDATE issue_recipient SET variant = ?4 WHERE issue = ?1 AND lane = ?2 AND seq = ?3",
                )?
                .execute([issue.0, place.lane, place.seq, variant])?;
            }
            None => leave_out(tx, issue, place, now, &mut moved)?,
        }
    }
    moved.write(tx, issue)
}

fn waiting(
    tx: &Transaction<'_>,
    parameters: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<Vec<(Place, Option<i64>)>, StoreError> {
    let mut statement = tx.prepare_cached(CURRENT)?;
    let rows = statement.query_map(parameters, |row| {
        Ok((Place { claim: 0, lane: row.get(0)?, seq: row.get(1)?, attempt: row.get(2)? }, row.get(3)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The issue as it is now holds nothing for them.
fn leave_out(
    tx: &Transaction<'_>,
    issue: IssueId,
    place: Place,
    now: DateTime<Utc>,
    moved: &mut Moved,
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM retry WHERE issue = ?1 AND lane = ?2 AND seq = ?3")?
        .execute([issue.0, place.lane, place.seq])?;
    let outcome = Outcome {
        place,
        state: DeliveryState::Skipped,
        at: now,
        retry_at: None,
        code: None,
        enhanced: None,
        reply: Some("the issue was reopened and holds nothing that they chose any more".to_owned()),
        relay_id: None,
    };
    record::append(tx, issue, &outcome, moved)?;
    Ok(())
}
