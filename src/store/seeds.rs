//! Rows for the tests of several rooms: subscribers by the thousand, an issue that is being sent.

use super::sql_types::{instant, millis};
use super::{Store, recipients};
use crate::domain::delivery::{DeliveryState, lane};
use crate::domain::issue::IssueId;
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use chrono::{DateTime, Utc};
use rusqlite::params;

/// The instant at which the seeded issue is frozen.
pub fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// The address of a seeded subscriber.
pub fn address(n: i64) -> String {
    let domain = if n % 3 == 0 { "gmail.com" } else { "example.org" };
    format!("reader{n}@{domain}")
}

/// A newsletter with `n` active subscribers, rows 1 to `n`, every third in another lane. Returns its row.
pub fn subscribers(store: &Store, n: i64) -> u16 {
    let newsletter = store.newsletter_id(&Slug::parse("week").unwrap(), noon()).unwrap();
    store
        .writing(|tx| {
            for id in 1..=n {
                let address = address(id);
                let domain = address.rsplit('@').next().unwrap_or_default();
                tx.execute(
                    "INSERT INTO subscriber (id, public_id, address, address_key, hash, lane, created_at) VALUES (?1, ?2, ?3, ?3, ?4, ?5, 0)",
                    params![id, id.to_be_bytes(), address, hash(id), lane(domain)],
                )?;
                tx.execute(
                    "INSERT INTO subscription (subscriber, newsletter, status, confirmed_at) VALUES (?1, ?2, 'active', 0)",
                    params![id, newsletter],
                )?;
            }
            Ok(())
        })
        .unwrap();
    newsletter
}

/// The keyed hash of a seeded subscriber.
pub fn hash(n: i64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&n.to_be_bytes());
    hash
}

/// An issue that is being sent to everyone who may be mailed, with one variant of these texts.
pub fn sending_issue(store: &Store, newsletter: u16, html: &str, text: &str) -> IssueId {
    let noon = millis(noon());
    store
        .writing(|tx| {
            let number: i64 = tx.query_row("SELECT count(*) + 1 FROM issue", [], |row| row.get(0))?;
            tx.execute(
                "INSERT INTO issue (newsletter, number, occurrence_local, occurrence_zone, due_at, window_from, window_to, state, revision, sent_revision, composed_at, frozen_at)
                 VALUES (?1, ?2, ?3, 'UTC', ?4, 0, ?4, 'sending', 1, 1, ?4, ?4)",
                params![newsletter, number, format!("2026-11-20T12:{number:02}:00"), noon],
            )?;
            let issue = IssueId(tx.last_insert_rowid());
            tx.execute("INSERT INTO revision (issue, n, hash, model, composed_at) VALUES (?1, 1, x'00', '{}', ?2)", [issue.0, noon])?;
            tx.execute(
                "INSERT INTO variant (issue, revision, cut_key, language, format, subject, html, text, stories) VALUES (?1, 1, 'k', 'en', 'html', 'The week', ?2, ?3, 1)",
                params![issue.0, html, text],
            )?;
            tx.execute(
                "INSERT INTO variant_choice (issue, choice, language, format, variant) VALUES (?1, '', 'en', 'html', ?2)",
                [issue.0, tx.last_insert_rowid()],
            )?;
            recipients::fill_recipients(tx, issue, newsletter, &Language::english(), instant(noon))?;
            Ok(issue)
        })
        .unwrap()
}

/// Ends the subscriptions of these subscribers, as if they had just clicked.
pub fn leave(store: &Store, subscribers: &[i64]) {
    for id in subscribers {
        run(store, &format!("UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = {id}"));
    }
}

/// How many subscribers are in a lane.
pub fn in_lane(store: &Store, lane: i64) -> i64 {
    number(store, &format!("SELECT count(*) FROM subscriber WHERE lane = {lane}"))
}

/// Sets the state of all issues, as another process would.
pub fn set_issue_state(store: &Store, state: &str) {
    run(store, &format!("UPDATE issue SET state = '{state}'"));
}

/// Recipients in open claims.
pub fn open_claims(store: &Store) -> i64 {
    number(store, "SELECT coalesce(sum(open), 0) FROM claim WHERE open > 0")
}

/// Outcomes in any of these states.
pub fn outcomes(store: &Store, states: &[DeliveryState]) -> i64 {
    states
        .iter()
        .map(|state| number(store, &format!("SELECT count(*) FROM outcome WHERE state = {}", state.code())))
        .sum()
}

/// The highest attempt that anybody needed.
pub fn most_attempts(store: &Store) -> i64 {
    number(store, "SELECT max(attempt) FROM outcome")
}

/// From now on the file cannot grow.
pub fn fill_the_disk(store: &Store) {
    let pages = number(store, "PRAGMA page_count");
    run(store, &format!("PRAGMA max_page_count = {pages}"));
}

/// The file may grow again.
pub fn free_the_disk(store: &Store) {
    run(store, "PRAGMA max_page_count = 1000000");
}

/// Any statements, for what a test has to do behind the program's back.
pub fn run(store: &Store, sql: &str) {
    store.reading().execute_batch(sql).unwrap();
}

/// One number that a query gives.
pub fn number(store: &Store, sql: &str) -> i64 {
    store.reading().query_row(sql, [], |row| row.get(0)).unwrap()
}
