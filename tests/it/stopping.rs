//! A send in the middle that somebody holds, cancels or ends from another process: what the relay has then, and what comes after.

use crate::support::faulty_relay::{Phase, Plan, Relay};
use crate::support::newsroom::{Background, Newsroom, assert_once, relay};

const READERS: usize = 2_000;

/// Messages a second: so few that the middle lasts for most of a minute.
const PACE: usize = 50;

/// More messages than may leave between a word from another process and its effect: ten seconds' worth, for machines that are busy. It is to
/// take less than one.
const GRACE: usize = 10 * PACE;

fn in_the_middle() -> (Newsroom, Relay, Vec<String>, Background) {
    let sink = Plan::default().start();
    let mut newsroom = Newsroom::new();
    newsroom.set(|settings| settings.mail = format!("{}\nper_second = {PACE}", relay(sink.port)));
    newsroom.make_due(5);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    let readers = newsroom.subscribe(READERS);
    let sending = newsroom.begin(&["send", "--yes"]);
    sink.wait_for(20);
    (newsroom, sink, readers, sending)
}

/// After the sender has ended: what the relay has is recorded, and nobody is in doubt.
fn assert_settled(newsroom: &Newsroom, sink: &Relay, before: usize) {
    let taken = sink.count();
    assert!(taken < READERS && taken - before <= GRACE, "{before} before, {taken} in the end");
    let deliveries = &newsroom.issue(1)["deliveries"];
    assert_eq!((deliveries["accepted"].as_u64(), deliveries["in_doubt"].as_u64()), (Some(taken as u64), Some(0)));
}

/// The rest at full speed.
fn without_limit(newsroom: &mut Newsroom, sink: &Relay) {
    newsroom.set(|settings| settings.mail = relay(sink.port));
}

#[test]
fn an_issue_that_another_process_holds_stops_at_once_and_goes_on_where_it_was() {
    let (mut newsroom, sink, readers, sending) = in_the_middle();
    let said = newsroom.call(&["issues", "hold", "1", "--reason", "a wrong headline"]).err;
    let before = sink.count();
    assert!(said.contains("is stopped") && said.contains("of 2000 had been handed over"), "{said}");
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert_settled(&newsroom, &sink, before);
    assert_eq!(newsroom.issue(1)["state"], "paused");

    without_limit(&mut newsroom, &sink);
    newsroom.done(&["issues", "resume", "1"]);
    newsroom.send();
    assert_once(&sink.received(), &readers);
}

#[test]
fn an_issue_that_another_process_cancels_reaches_nobody_more() {
    let (mut newsroom, sink, _, sending) = in_the_middle();
    let said = newsroom.call(&["issues", "cancel", "1", "--yes"]).err;
    let before = sink.count();
    assert!(said.contains("is cancelled; some have it"), "{said}");
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert_settled(&newsroom, &sink, before);

    without_limit(&mut newsroom, &sink);
    let taken = sink.count();
    newsroom.call(&["send", "--yes"]);
    assert_eq!((sink.count(), &newsroom.issue(1)["state"]), (taken, &"cancelled".into()));
}

#[test]
fn a_send_that_is_asked_to_end_finishes_what_it_has_in_hand_and_the_next_one_the_rest() {
    let (mut newsroom, sink, readers, sending) = in_the_middle();
    sending.signal("TERM");
    let before = sink.count();
    assert_eq!(sending.wait_for_end(), 0, "{}", sending.log());
    assert_settled(&newsroom, &sink, before);
    without_limit(&mut newsroom, &sink);
    newsroom.send();
    assert_once(&sink.received(), &readers);
}

#[test]
fn a_relay_that_hangs_over_messages_keeps_nobody_from_ending_and_leaves_exactly_those_in_doubt() {
    for arguments in [&["send", "--yes"][..], &["run"]] {
        let sink = Plan::default().hang_at(Phase::Message).start();
        let mut newsroom = Newsroom::new();
        // So patient with the relay that only the stop can end it.
        newsroom.set(|settings| settings.mail = format!("{}\ntimeout = \"10m\"", relay(sink.port)));
        newsroom.make_due(5);
        newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
        newsroom.subscribe(60);
        let sending = newsroom.begin(arguments);
        sink.wait_until_hanging();
        // Who asks again does not cut short what the outcomes need to be recorded.
        sending.signal("TERM");
        sending.signal("TERM");
        assert_eq!(sending.wait_for_end(), 0, "{arguments:?}: {}", sending.log());
        let (taken, issue) = (sink.count() as u64, newsroom.issue(1));
        assert!(taken > 0, "nothing hung");
        let deliveries = &issue["deliveries"];
        let count = |state: &str| deliveries[state].as_u64();
        assert_eq!((count("accepted"), count("in_doubt")), (Some(0), Some(taken)), "{arguments:?}: {deliveries}");
        assert_eq!(count("queued"), Some(60 - taken), "{arguments:?}: {deliveries}");
        assert_eq!(issue["in_doubt"].as_array().map(Vec::len), Some(taken as usize), "{arguments:?}");
    }
}
