//! Postfix's `smtp-sink` with its errors and delays, in every phase of the dialogue: what becomes of the readers, and that nobody is lost.

use super::*;
use crate::support::process::free_port;
use crate::support::smtp_sink::SmtpSink;

const READERS: i64 = 12;

/// Longer than any test takes: time plays no part.
const PATIENT: Duration = Duration::from_mins(2);

/// Shorter than the shortest delay that the sink knows.
const IMPATIENT: Duration = Duration::from_millis(300);

/// A delay, without pipelining: with it the sink would answer later commands before the one that is delayed.
fn delay(delay: &str) -> [&str; 3] {
    ["-p", "-W", delay]
}

/// What a first delivery to a sink with these options came to, and the end once an honest sink has taken its place.
struct Run {
    send: Send,
    first: Tally,
    last: Tally,
    /// How often each reader's mail is among what the two sinks wrote down.
    dumped: [BTreeMap<String, usize>; 2],
}

async fn run(options: &[&str], patience: Duration) -> Run {
    let port = free_port();
    let sink = SmtpSink::start_at(port, options);
    let mut send = Send::patient(READERS, port, patience);
    let first = send.watched(&|progress, stopper| {
        if progress.relay_trouble.is_some() {
            stopper.stop();
        }
    });
    let first = first.await.tally;
    let dumped_first = recipients(&sink);
    drop(sink);
    let honest = SmtpSink::start_at(port, &[]);
    send.delivery.settings.reconnect = vec![Duration::from_millis(50)];
    let last = send.until_done().await;
    let dumped = [dumped_first, recipients(&honest)];
    Run { send, first, last, dumped }
}

/// How often each recipient is among what a sink wrote down.
fn recipients(sink: &SmtpSink) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for dump in sink.dumps() {
        let named = dump.lines().find_map(|line| line.strip_prefix("X-Rcpt-Args: "));
        let address =
            named.and_then(|named| named.split_once('<')?.1.split_once('>')).map(|(address, _)| address.to_owned());
        *found.entry(address.unwrap_or_default()).or_default() += 1;
    }
    found
}

impl Run {
    /// Nobody is lost: each reader was taken by one of the sinks, or refused, and the ledger says which.
    fn assert_whole(&self, what: &str) {
        let Run { first, last, dumped, .. } = self;
        let all = READERS as u64;
        assert_eq!((last.recipients, last.accepted + last.refused), (all, all), "{what}: {first:?}, then {last:?}");
        assert!(dumped[1].values().all(|times| *times == 1), "{what}: the honest sink got somebody twice: {dumped:?}");
        let at_all = dumped[0].keys().chain(dumped[1].keys()).collect::<std::collections::BTreeSet<_>>().len() as u64;
        assert!(at_all >= last.accepted, "{what}: {} accepted, {at_all} in the sinks", last.accepted);
    }

    fn doubts(&self) -> u64 {
        self.send.listed(DeliveryState::InDoubt) as u64
    }
}

/// What must have become of all readers at the sink that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum All {
    /// As if nothing had been tried.
    Queued,
    Deferred,
    Refused,
    InDoubt,
}

async fn each(option: &str, further: &[&str], expected: [(&str, All); 6]) {
    for (phase, all) in expected {
        let what = format!("{option} {phase} {further:?}");
        let options = [&[option, phase], further].concat();
        let run = run(&options, PATIENT).await;
        run.assert_whole(&what);
        let Tally { queued, deferred, refused, in_doubt, .. } = run.first;
        let readers = READERS as u64;
        match all {
            All::Queued => assert_eq!((queued, run.doubts()), (readers, 0), "{what}: {:?}", run.first),
            All::Deferred => assert_eq!((deferred, run.doubts()), (readers, 0), "{what}: {:?}", run.first),
            All::Refused => assert_eq!((refused, run.doubts()), (readers, 0), "{what}: {:?}", run.first),
            // Who stood behind them in a connection was not begun with.
            All::InDoubt => {
                assert!(in_doubt > 0 && in_doubt + queued == readers, "{what}: {:?}", run.first);
                assert!(run.doubts() >= in_doubt);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_refuses_softly_in_any_phase_defers_and_loses_nobody() {
    use All::{Deferred, Queued};
    let expected = [
        ("CONNECT", Queued),
        ("EHLO", Queued),
        ("MAIL", Deferred),
        ("RCPT", Deferred),
        ("DATA", Deferred),
        (".", Deferred),
    ];
    each("-r", &["-s", "RCPT"], expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_refuses_hard_in_any_phase_is_believed_about_mail_and_not_about_itself() {
    use All::{Queued, Refused};
    let expected = [
        ("CONNECT", Queued),
        ("EHLO", Queued),
        ("MAIL", Refused),
        ("RCPT", Refused),
        ("DATA", Refused),
        (".", Refused),
    ];
    each("-f", &["-B", "554 5.7.1 not from you"], expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_hangs_up_without_a_word_in_any_phase_leaves_doubt_only_after_the_message() {
    use All::{InDoubt, Queued};
    let expected =
        [("CONNECT", Queued), ("EHLO", Queued), ("MAIL", Queued), ("RCPT", Queued), ("DATA", Queued), (".", InDoubt)];
    for further in [&[][..], &["-p"]] {
        each("-q", further, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_says_421_in_any_phase_uses_up_nobodys_attempt() {
    use All::Queued;
    let expected =
        [("CONNECT", Queued), ("EHLO", Queued), ("MAIL", Queued), ("RCPT", Queued), ("DATA", Queued), (".", Queued)];
    for further in [&[][..], &["-p"]] {
        each("-Q", further, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_is_slow_in_any_phase_is_waited_for() {
    for slow in ["CONNECT:1", "EHLO:1", "MAIL:1", "RCPT:1", "DATA:1", ".:1"] {
        let run = run(&delay(slow), PATIENT).await;
        run.assert_whole(slow);
        assert_eq!((run.first.accepted, run.doubts()), (READERS as u64, 0), "{slow}: {:?}", run.first);
        assert!(
            run.dumped[0].values().all(|times| *times == 1) && run.dumped[1].is_empty(),
            "{slow}: {:?}",
            run.dumped
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_is_slower_than_we_wait_leaves_doubt_only_after_the_message() {
    for (slow, in_doubt) in
        [("CONNECT:3", false), ("MAIL:3", false), ("RCPT:3", false), ("DATA:3", false), (".:30", true)]
    {
        let run = run(&delay(slow), IMPATIENT).await;
        run.assert_whole(slow);
        assert_eq!(run.first.in_doubt > 0, in_doubt, "{slow}: {:?}", run.first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_with_few_abilities_few_places_or_a_short_life_gets_all_in_the_end() {
    for options in [
        &["-e"][..],
        &["-P"],
        &["-E", "-8", "-N", "-p"],
        &["-m", "1"],
        &["-n", "3"],
        &["-M", "5"],
        &["-w", "1"],
        &["-A", "0"],
        &["-H", "1", "-T", "1024"],
    ] {
        let run = run(options, Duration::from_secs(10)).await;
        run.assert_whole(&format!("{options:?}"));
    }
}
