//! Who is suppressed, who is scored, and who is left alone.

use super::*;
use crate::domain::delivery::{DeliveryState, Outcome};
use crate::domain::returns::ReturnMailbox;
use crate::domain::token::{Key, SuppressionKey};
use crate::feedback::read;
use crate::store::ledger::{ProcessId, Turn, Turned};
use crate::store::seeds::{self, noon};

struct Desk {
    store: Store,
    keyring: Keyring,
    path: ReturnPath,
    issue: IssueId,
}

impl Desk {
    fn new() -> Self {
        let store = Store::in_memory().unwrap();
        let newsletter = seeds::subscribers(&store, 4);
        let issue = seeds::sending_issue(&store, newsletter, "<p>x", "x");
        let keyring =
            Keyring::new(vec![Key { id: 1, secret: [7; 32], retired: false }], SuppressionKey([9; 32])).unwrap();
        let mailbox = ReturnMailbox { address: "bounces@news.example.org".into(), delimiter: '+' };
        Self { store, keyring, path: ReturnPath::parse(&mailbox).unwrap(), issue }
    }

    fn returned(&self, reader: i64) -> Returned {
        Returned { issue: self.issue, public_id: reader.to_be_bytes(), epoch: 0 }
    }

    fn to(&self, reader: i64) -> String {
        self.path.with(&self.keyring.return_token(self.returned(reader))).as_str().to_owned()
    }

    fn take(&self, message: &str, days: i64) -> Effect {
        let reading = read(message.as_bytes());
        let arrival = Arrival::of_message(message.as_bytes(), &reading, noon() + TimeDelta::days(days));
        carry_out(&self.store, Finder { keyring: &self.keyring, path: Some(&self.path) }, &arrival).unwrap()
    }

    fn suppressed(&self, reader: i64) -> Option<SuppressionReason> {
        let found = self.store.read_people::<_, StoreError>(|people| people.suppression(&seeds::hash(reader))).unwrap();
        found.map(|suppression| suppression.reason)
    }

    fn turn(&self, outcomes: &[Outcome], room: usize) -> Turned {
        self.store
            .turn(&Turn {
                issue: self.issue,
                process: ProcessId([1; 16]),
                outcomes,
                room,
                wary_room: 0,
                used: crate::store::ledger::Used::default(),
                closed: &[],
                now: noon(),
            })
            .unwrap()
    }
}

fn dsn(to: &str, recipient: &str, status: &str, words: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: Undelivered Mail\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {words}\n\n--b--\n"
    )
}

fn complaint(to: &str) -> String {
    format!(
        "From: fbl@provider.example\nTo: {to}\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nabuse\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n--b--\n"
    )
}

const GONE: (&str, &str) = ("5.1.1", "550 5.1.1 user unknown");

#[test]
fn a_dead_address_is_suppressed_at_once_and_a_second_reading_counts_once() {
    let desk = Desk::new();
    let message = dsn(&desk.to(1), "reader1@example.org", GONE.0, GONE.1);
    assert_eq!(desk.take(&message, 0), Effect::Suppressed);
    assert_eq!(desk.take(&message, 0), Effect::Known);
    assert_eq!(desk.suppressed(1), Some(SuppressionReason::HardBounce));
    assert_eq!(desk.suppressed(2), None);
}

#[test]
fn a_token_altered_of_another_epoch_or_too_old_changes_nothing() {
    let desk = Desk::new();
    let mut forged = desk.to(1);
    forged.replace_range(20..21, if &forged[20..21] == "a" { "b" } else { "a" });
    let other_epoch = desk.keyring.return_token(Returned { epoch: 1, ..desk.returned(1) });
    let stranger = desk.keyring.return_token(Returned { public_id: [9; 8], ..desk.returned(1) });
    let other_issue = desk.keyring.return_token(Returned { issue: IssueId(99), ..desk.returned(1) });
    for to in [
        forged,
        desk.path.with(&other_epoch).to_string(),
        desk.path.with(&stranger).to_string(),
        desk.path.with(&other_issue).to_string(),
    ] {
        assert_eq!(desk.take(&dsn(&to, "nobody@elsewhere.example", GONE.0, GONE.1), 0), Effect::NobodyFound, "{to}");
        assert_eq!(desk.take(&complaint(&to), 0), Effect::NobodyFound);
    }
    assert_eq!(desk.take(&dsn(&desk.to(1), "reader1@example.org", GONE.0, GONE.1), 91), Effect::NobodyFound);
    assert_eq!(desk.suppressed(1), None);
}

#[test]
fn a_report_that_only_names_an_address_suppresses_nobody() {
    let desk = Desk::new();
    assert_eq!(desk.take(&dsn("bounces@news.example.org", "reader1@example.org", GONE.0, GONE.1), 1), Effect::Scored);
    assert_eq!(
        desk.take(&dsn("bounces@news.example.org", "reader2@example.org", GONE.0, GONE.1), 20),
        Effect::NobodyFound
    );
    assert_eq!(desk.suppressed(1), None);
}

#[test]
fn a_message_id_of_ours_is_as_good_as_a_return_path() {
    let desk = Desk::new();
    let id = desk.keyring.message_id(desk.issue, 2_i64.to_be_bytes());
    let returned = format!("\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{id}@news.example.org>\n--b--\n");
    let message = dsn("x@news.example.org", "reader2@example.org", GONE.0, GONE.1).replace("\n--b--\n", &returned);
    assert_eq!(desk.take(&message, 0), Effect::Suppressed);
    assert_eq!(desk.suppressed(2), Some(SuppressionReason::HardBounce));
}

#[test]
fn refusals_for_our_own_sake_delays_and_answers_cost_nobody_anything() {
    let desk = Desk::new();
    for words in [
        "554 5.7.1 blocked using zen.spamhaus.org",
        "550 5.7.26 unauthenticated email",
        "550 5.7.1 message looks like spam",
    ] {
        assert_eq!(desk.take(&dsn(&desk.to(1), "reader1@example.org", "5.7.1", words), 0), Effect::Noted);
    }
    let delayed = dsn(&desk.to(1), "reader1@example.org", "4.2.2", "452 full").replace("failed", "delayed");
    assert_eq!(desk.take(&delayed, 0), Effect::Noted);
    let away = format!(
        "From: reader1@example.org\nTo: {}\nAuto-Submitted: auto-replied\nSubject: away\n\nNo such user here until Monday",
        desk.to(1)
    );
    assert_eq!(desk.take(&away, 0), Effect::Noted);
    assert_eq!(desk.suppressed(1), None);
}

#[test]
fn a_forwarding_that_leads_nowhere_is_not_the_readers_end() {
    let desk = Desk::new();
    assert_eq!(desk.take(&dsn(&desk.to(1), "old@elsewhere.example", GONE.0, GONE.1), 0), Effect::Scored);
    assert_eq!(desk.suppressed(1), None);
}

#[test]
fn a_complaint_suppresses_for_good() {
    let desk = Desk::new();
    assert_eq!(desk.take(&complaint(&desk.to(1)), 0), Effect::Suppressed);
    assert_eq!(desk.suppressed(1), Some(SuppressionReason::Complaint));
}

#[test]
fn what_a_relay_refuses_at_once_is_a_bounce_too() {
    let desk = Desk::new();
    let claimed = desk.turn(&[], 10).claimed;
    let replies =
        [(550, "5.1.1", "user unknown"), (554, "5.7.1", "blocked by reputation"), (552, "5.2.2", "mailbox full")];
    let outcomes: Vec<Outcome> = claimed
        .iter()
        .zip(replies)
        .map(|(recipient, (code, enhanced, words))| Outcome {
            place: recipient.place,
            state: DeliveryState::Refused,
            at: noon(),
            retry_at: None,
            code: Some(code),
            enhanced: Some(enhanced.into()),
            reply: Some(words.into()),
            relay_id: None,
        })
        .collect();
    desk.turn(&outcomes, 0);
    assert_eq!(carry_out_refusals(&desk.store, desk.issue, noon()).unwrap(), 3);
    assert_eq!(carry_out_refusals(&desk.store, desk.issue, noon()).unwrap(), 0);
    let ended: Vec<_> = claimed.iter().map(|recipient| desk.suppressed(recipient.subscriber)).collect();
    assert_eq!(ended.iter().flatten().count(), 1);
    assert_eq!(ended[0], Some(SuppressionReason::HardBounce));
    assert_eq!(desk.store.damage(desk.issue).unwrap().hard, 1);
}

#[test]
fn whoever_no_relay_took_in_time_has_not_bounced() {
    let desk = Desk::new();
    let claimed = desk.turn(&[], 1).claimed;
    let [recipient] = &claimed[..] else { panic!("one is claimed: {claimed:?}") };
    let full = Outcome {
        place: recipient.place,
        state: DeliveryState::Deferred,
        at: noon(),
        retry_at: Some(noon() + chrono::TimeDelta::hours(1)),
        code: Some(452),
        enhanced: Some("4.2.2".into()),
        reply: Some("mailbox full".into()),
        relay_id: None,
    };
    desk.turn(&[full], 0);
    while desk.store.expire(desk.issue, 100, "its time was over", noon()).unwrap() > 0 {}
    let tally = desk.store.tally(desk.issue).unwrap();
    assert!(tally.expired > 0 && tally.expired == tally.recipients, "{tally:?}");
    assert_eq!(carry_out_refusals(&desk.store, desk.issue, noon()).unwrap(), 0);
    let damage = desk.store.damage(desk.issue).unwrap();
    assert_eq!((damage.hard, desk.suppressed(recipient.subscriber)), (0, None));
    assert_eq!(desk.store.returned_of(desk.issue).unwrap(), []);
}
