//! How fast each group of receivers is sent to: as fast as it goes, half as fast once they say "slower", and step by step back again.
//!
//! A message whose group has no free moment is not held in memory, where it would take the place of others: it goes back to the ledger until
//! its moment. What is known here is forgotten when the delivery ends; the receivers say "slower" again soon enough.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// After a halving the replies to what was already on the way say nothing new, and a group that was left in peace for so long gets a step faster.
const SETTLE: TimeDelta = TimeDelta::seconds(30);
/// A step.
const FASTER: f64 = 1.25;
/// The slowest pace, in messages a second.
const SLOWEST: f64 = 0.05;
/// How far back the pace is measured.
const MEASURED: TimeDelta = TimeDelta::seconds(10);
/// The longest that a message goes back to the ledger for: the pace may be another by then.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(1);
/// How many of a group may wait before no more of its lane are claimed.
const CROWD: usize = 40;
/// So many of the last replies must ask for less before the pace is halved: one in a hundred is a relay that wants a new connection.
const ASKED: usize = 3;
/// How many replies are looked back on.
const REPLIES: usize = 10;
/// The lane of all who belong to no large provider; it is never closed for one domain in it.
const THE_REST: i64 = 0;

/// The groups of one delivery.
#[derive(Debug, Default)]
pub struct Lanes {
    groups: Mutex<HashMap<Group, Pace>>,
}

/// Receivers that share a pace: a large provider by its lane, others by domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Group {
    Lane(i64),
    Domain(String),
}

#[derive(Debug, Default)]
struct Pace {
    /// Messages a second, while there is a limit.
    limit: Option<f64>,
    /// The pace before it was first halved: reaching it again ends the limit.
    usual: f64,
    halved_at: Option<DateTime<Utc>>,
    /// Since when nobody asked for less and the pace did not change.
    peace_since: Option<DateTime<Utc>>,
    /// From when on the next may leave.
    next: Option<DateTime<Utc>>,
    /// Those (by lane and number) that were put off and have not come back yet.
    waiting: HashSet<(i64, i64)>,
    /// Whether the last replies asked for less.
    replies: VecDeque<bool>,
    /// When the latest left.
    left: VecDeque<DateTime<Utc>>,
}

/// Whom a message is for, as far as the pace goes.
#[derive(Debug, Clone, Copy)]
pub struct Receiver<'a> {
    /// The lane in the ledger.
    pub lane: i64,
    /// The recipient within the lane.
    pub seq: i64,
    /// The domain of the address.
    pub domain: &'a str,
}

impl Receiver<'_> {
    fn group(&self) -> Group {
        if self.lane == THE_REST { Group::Domain(self.domain.to_owned()) } else { Group::Lane(self.lane) }
    }
}

impl Lanes {
    /// Whether a message may leave now; else when to ask again.
    pub fn admit(&self, receiver: Receiver<'_>, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let mut groups = self.groups();
        let pace = groups.entry(receiver.group()).or_default();
        let id = (receiver.lane, receiver.seq);
        pace.recover(now);
        if let (Some(limit), Some(next)) = (pace.limit, pace.next)
            && next > now
        {
            pace.waiting.insert(id);
            let ahead = TimeDelta::milliseconds((1_000.0 / limit * (pace.waiting.len() - 1) as f64) as i64);
            return Err((next + ahead).min(now + LONGEST_WAIT));
        }
        pace.waiting.remove(&id);
        pace.leave(now);
        Ok(())
    }

    /// What the receivers said to a message: whether it asks for a slower pace.
    pub fn heard(&self, receiver: Receiver<'_>, asks_for_less: bool, now: DateTime<Utc>) {
        let mut groups = self.groups();
        let Some(pace) = groups.get_mut(&receiver.group()) else { return };
        pace.replies.push_back(asks_for_less);
        if pace.replies.len() > REPLIES {
            pace.replies.pop_front();
        }
        if asks_for_less && pace.replies.iter().filter(|asks| **asks).count() >= ASKED {
            pace.peace_since = Some(now);
            pace.halve(now);
        }
    }

    /// The lanes of which no more should be claimed, because enough of them wait.
    pub fn closed(&self) -> Vec<i64> {
        let crowded = |(group, pace): (&Group, &Pace)| match group {
            Group::Lane(lane) if pace.limit.is_some() && pace.waiting.len() >= CROWD => Some(*lane),
            _ => None,
        };
        self.groups().iter().filter_map(crowded).collect()
    }

    fn groups(&self) -> MutexGuard<'_, HashMap<Group, Pace>> {
        // Plain numbers, whole whatever panicked.
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    fn leave(&mut self, now: DateTime<Utc>) {
        self.left.push_back(now);
        while self.left.front().is_some_and(|at| now - *at > MEASURED) || self.left.len() > 10_000 {
            self.left.pop_front();
        }
        self.next = self.limit.map(|limit| {
            // A moment that was missed is not made up for, but a little lateness is.
            let from = self.next.unwrap_or(now).max(now - TimeDelta::seconds(1));
            from + TimeDelta::microseconds((1_000_000.0 / limit) as i64)
        });
    }

    /// The pace of the last seconds.
    fn measured(&self, now: DateTime<Utc>) -> f64 {
        let recent = self.left.iter().filter(|at| now - **at <= MEASURED);
        let count = recent.clone().count();
        let span = recent.min().map_or(MEASURED, |first| now - *first).max(TimeDelta::seconds(1));
        count as f64 / (span.num_milliseconds() as f64 / 1_000.0)
    }

    fn halve(&mut self, now: DateTime<Utc>) {
        if self.halved_at.is_some_and(|at| now - at < SETTLE) {
            return;
        }
        self.replies.clear();
        let measured = self.measured(now).max(2.0 * SLOWEST);
        if self.limit.is_none() {
            self.usual = measured;
        }
        self.limit = Some((self.limit.unwrap_or(measured).min(measured) / 2.0).max(SLOWEST));
        (self.halved_at, self.next) = (Some(now), Some(now));
    }

    /// A step faster for each span of peace.
    fn recover(&mut self, now: DateTime<Utc>) {
        while let (Some(limit), Some(at)) = (self.limit, self.peace_since)
            && now - at >= SETTLE
        {
            self.peace_since = Some(at + SETTLE);
            self.limit = Some(limit * FASTER).filter(|faster| *faster < self.usual);
        }
    }
}

/// Whether a reply asks for a slower pace, and is not about the one mailbox (RFC 3463: X.1 and X.2 are addresses and mailboxes).
pub fn asks_for_less(code: u16, enhanced: Option<&str>) -> bool {
    let is_about_one = enhanced.is_some_and(|code| code.starts_with("4.1.") || code.starts_with("4.2."));
    (400..500).contains(&code) && !is_about_one
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAINS: [&str; 3] = ["one.example", "two.example", "three.example"];

    /// A fake clock runs for so many seconds; each domain has endless mail and would take `usual` a second; how many each got in each second.
    fn run(lanes: &Lanes, seconds: i64, usual: i64, slow: impl Fn(usize, usize) -> bool) -> Vec<[usize; 3]> {
        let mut sent = [0; 3];
        let mut by_second = Vec::new();
        let mut put_off: [Vec<(DateTime<Utc>, i64)>; 3] = Default::default();
        for tick in 0..seconds * usual {
            let now = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(tick * 1_000 / usual);
            if tick % usual == 0 {
                by_second.push([0; 3]);
            }
            for (at, domain) in DOMAINS.iter().enumerate() {
                let due = put_off[at].iter().position(|(due, _)| *due <= now);
                let seq = due.map_or(tick, |index| put_off[at].swap_remove(index).1);
                let receiver = Receiver { lane: 0, seq, domain };
                match lanes.admit(receiver, now) {
                    Ok(()) => {
                        let asks_for_less = slow(at, sent[at]);
                        sent[at] += 1;
                        by_second.last_mut().unwrap()[at] += usize::from(!asks_for_less);
                        lanes.heard(receiver, asks_for_less, now);
                    }
                    Err(until) => put_off[at].push((until, seq)),
                }
            }
        }
        by_second
    }

    fn in_span(by_second: &[[usize; 3]], domain: usize, span: std::ops::Range<usize>) -> f64 {
        let seconds = span.len() as f64;
        by_second[span].iter().map(|sent| sent[domain]).sum::<usize>() as f64 / seconds
    }

    #[test]
    fn one_slow_domain_halves_and_comes_back_and_the_others_do_not_notice() {
        let lanes = Lanes::default();
        // The second domain says 421 to its messages 200 to 209.
        let by_second = run(&lanes, 660, 20, |domain, sent| domain == 1 && (200..210).contains(&sent));
        for other in [0, 2] {
            assert!(in_span(&by_second, other, 0..660) >= 0.95 * 20.0);
        }
        let halved = in_span(&by_second, 1, 12..35);
        assert!((5.0..=11.0).contains(&halved), "{halved} a second after the first 421");
        let back = in_span(&by_second, 1, 600..660);
        assert!(back >= 0.95 * 20.0, "{back} a second ten minutes later");
    }

    #[test]
    fn a_domain_that_goes_on_complaining_gets_slower_and_slower_but_never_nothing() {
        let lanes = Lanes::default();
        let by_second = run(&lanes, 600, 20, |domain, sent| domain == 1 && sent >= 100);
        assert!(in_span(&by_second, 0, 0..600) >= 0.95 * 20.0);
        let limit = lanes.groups()[&Group::Domain("two.example".into())].limit.unwrap();
        assert!((SLOWEST..1.0).contains(&limit), "{limit}");
    }

    #[test]
    fn a_crowded_lane_is_closed_and_a_crowded_domain_closes_nothing() {
        let lanes = Lanes::default();
        let now = DateTime::UNIX_EPOCH;
        for (lane, domain) in [(1, "gmail.com"), (0, "one.example")] {
            let receiver = |seq| Receiver { lane, seq, domain };
            lanes.admit(receiver(0), now).unwrap();
            (0..3).for_each(|_| lanes.heard(receiver(0), true, now));
            let put_off = (1..=200).filter(|seq| lanes.admit(receiver(*seq), now).is_err()).count();
            assert!(put_off > 190, "{put_off}");
        }
        assert_eq!(lanes.closed(), [1]);
    }

    #[test]
    fn one_reply_in_a_hundred_that_asks_for_less_changes_nothing() {
        let lanes = Lanes::default();
        let by_second = run(&lanes, 60, 20, |_, sent| sent % 100 == 99);
        assert!(in_span(&by_second, 0, 0..60) >= 0.98 * 20.0);
    }

    #[test]
    fn a_full_mailbox_says_nothing_about_the_pace() {
        assert!(asks_for_less(421, None) && asks_for_less(451, Some("4.7.1")) && asks_for_less(450, Some("4.3.2")));
        assert!(!asks_for_less(452, Some("4.2.2")) && !asks_for_less(550, None) && !asks_for_less(250, None));
    }
}
