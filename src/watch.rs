//! What a person should look at although nothing failed: far fewer readers than usual, a ledger whose rows do not fit together, dates that passed
//! without an issue, a disk that fills. Finds and words it; raises nothing and tells nobody.

use crate::domain::count::counted;
use crate::domain::issue::{IssueId, IssueState};
use crate::domain::newsletter::Newsletter;
use crate::store::alarms::NOT_APPROVED;
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of alarm.
    pub kind: &'static str,
    /// What is known and what to do, in a sentence.
    pub sentence: String,
}

/// Earlier issues that are compared with.
const EARLIER: usize = 5;
/// Dates that may have passed at once: a machine that was off for a year needs no list.
const DATES: usize = 100;

/// What is odd about an issue that was sent.
pub fn after_send(store: &Store, issue: IssueId) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let tally = store.tally(issue)?;
    if let Some(sentence) = few(tally.recipients, &store.earlier_recipients(issue, EARLIER)?) {
        findings.push(Finding { kind: "few readers", sentence });
    }
    let faults = store.ledger_faults(issue)?;
    if !faults.is_empty() {
        let sentence = format!("the ledger does not fit together: {}; please report it", faults.join("; "));
        findings.push(Finding { kind: "ledger", sentence });
    }
    Ok(findings)
}

/// A sentence when an issue had less than half of the usual recipients (the median of those before it).
fn few(recipients: u64, earlier: &[u64]) -> Option<String> {
    let mut earlier = earlier.to_vec();
    earlier.sort_unstable();
    let usual = *earlier.get(earlier.len() / 2)?;
    (recipients * 2 < usual).then(|| {
        format!(
            "it went to {}, and the issues before it to about {usual}; see `subscribers list` and the last imports",
            counted(recipients, "reader")
        )
    })
}

/// Dates before the latest due one that nobody composed: while the service was not running, or its clock was wrong.
pub fn missed(
    store: &Store,
    newsletter: &Newsletter,
    latest: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Finding>, StoreError> {
    let id = store.newsletter_id(&newsletter.slug, now)?;
    let mut passed = 0;
    let mut at = store.due_after(id)?;
    let plan = store.plan(newsletter, id)?;
    while let Some(next) = plan.next(at).filter(|next| next.at < latest) {
        at = next.at;
        passed += 1;
        if passed == DATES {
            break;
        }
    }
    Ok((passed > 0).then(|| Finding {
        kind: "date passed",
        sentence: format!(
            "{} passed without an issue, the last {}; their stories are in the next one. Was the service stopped?",
            counted(passed, "date"),
            at.with_timezone(&newsletter.zone).format("%a %-d %b %Y %H:%M")
        ),
    }))
}

/// How long before its time nobody's approval is an alarm: long enough for somebody to be called.
const SILENCE_BEFORE: TimeDelta = TimeDelta::hours(1);

/// A sentence when an issue waits for an approval and its time is near or over.
pub fn silence(store: &Store, newsletter: &Newsletter, now: DateTime<Utc>) -> Result<Option<Finding>, StoreError> {
    let id = store.newsletter_id(&newsletter.slug, now)?;
    let open = store.open_issues(id)?;
    let Some(row) = open.iter().find(|row| {
        row.state == IssueState::Waiting && row.frozen_at.is_none() && row.occurrence.at - SILENCE_BEFORE <= now
    }) else {
        return Ok(None);
    };
    let number = row.number.unwrap_or_default();
    let at = row.occurrence.at.with_timezone(&newsletter.zone).format("%a %-d %b, %H:%M");
    let due = if row.occurrence.at > now { "goes out" } else { "was to go out" };
    let sentence = format!(
        "No. {number} {due} on {at}, and nobody has approved it: approve it at the desk or with `issues approve {number}`, or `issues hold {number}`"
    );
    Ok(Some(Finding { kind: NOT_APPROVED, sentence }))
}

/// The share of the disk that must be free.
const FREE_PERCENT: u64 = 10;

/// A sentence when the disk of a file is nearly full: before it is, for a full disk stops a send.
pub fn disk(path: &Path) -> std::io::Result<Option<Finding>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let room = rustix::fs::statvfs(folder)?;
    Ok(nearly_full(room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize)
        .map(|sentence| Finding { kind: "disk", sentence: format!("{}: {sentence}", folder.display()) }))
}

fn nearly_full(free: u64, all: u64) -> Option<String> {
    (all > 0 && free * 100 < all * FREE_PERCENT).then(|| {
        format!("{} MB of {} MB are free; make room, or the next issue may stop in the middle", free >> 20, all >> 20)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_usual_number_is_odd_and_a_little_less_is_not() {
        assert_eq!(few(10, &[]), None);
        assert_eq!(few(500, &[1_000, 990, 20, 1_010]), None);
        assert!(few(499, &[1_000, 990, 20, 1_010]).is_some_and(|sentence| sentence.contains("499")));
    }

    #[test]
    fn a_disk_with_less_than_a_tenth_free_is_nearly_full() {
        assert_eq!(nearly_full(10 << 20, 100 << 20), None);
        assert_eq!(nearly_full(0, 0), None);
        let sentence = nearly_full(9 << 20, 100 << 20).unwrap();
        assert!(sentence.starts_with("9 MB of 100 MB"), "{sentence}");
        assert!(disk(Path::new("subscribers.db")).is_ok());
    }

    #[test]
    fn dates_that_passed_while_nothing_ran_are_counted() {
        let store = Store::in_memory().unwrap();
        let newsletter = crate::publish::fixture::newsletter(Vec::new());
        let first: DateTime<Utc> = "2026-11-02T12:00:00Z".parse().unwrap();
        store.newsletter_id(&newsletter.slug, first).unwrap();
        let latest: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        let found = missed(&store, &newsletter, latest, latest).unwrap().unwrap();
        assert!(
            found.sentence.starts_with("2 dates passed") && found.sentence.contains("Fri 13 Nov 2026 17:00"),
            "{found:?}"
        );
        let only: DateTime<Utc> = "2026-11-06T17:00:00Z".parse().unwrap();
        assert_eq!(missed(&store, &newsletter, only, only).unwrap(), None);
    }
}
