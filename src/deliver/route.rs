//! The relays of a delivery: how fast each may go, whose turn it is by weight, and what is left of its day. Opens nothing.

use super::pace::Pace;
use crate::domain::allowance::Allowance;
use crate::mail::mailer::Mailer;
use crate::mail::relay_kind::RelayKind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// One way out, and how it may be used.
#[derive(Debug, Clone)]
pub struct Route {
    /// The way.
    pub mailer: Mailer,
    /// What is known of the relay.
    pub kind: RelayKind,
    /// Connections at a time.
    pub connections: usize,
    /// Its share of the messages beside the others'.
    pub weight: u32,
    /// Whether it is used only while none of the others can be.
    pub is_fallback: bool,
    /// Messages a second, at most.
    pub per_second: Option<u32>,
    /// Messages a day (UTC), at most.
    pub allowance: Allowance,
}

impl Route {
    /// The only way, without limits.
    pub fn only(mailer: Mailer, connections: usize) -> Self {
        let kind = RelayKind::Smtp;
        Self {
            mailer,
            kind,
            connections,
            weight: 1,
            is_fallback: false,
            per_second: None,
            allowance: Allowance::default(),
        }
    }
}

/// How far one relay may be ahead of its share: enough that nobody waits while all go on.
const SLACK: u64 = 50;
/// A relay that took nothing for so long holds nobody up.
const STUCK: Duration = Duration::from_secs(1);

/// How the routes of a delivery are used.
#[derive(Debug)]
pub struct Traffic {
    lanes: Vec<Arc<Usage>>,
}

/// A message's place in what a relay takes of a day; free again when it is dropped, and counted there once the relay accepted it.
#[derive(Debug)]
pub struct Seat(Arc<Usage>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.seats.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Usage {
    pace: Pace,
    weight: u64,
    is_fallback: bool,
    /// What it takes of today, and why.
    allowance: Mutex<Allowance>,
    /// The same as a number; `u64::MAX` for no limit.
    limit: AtomicU64,
    /// Messages taken from the queue for it.
    taken: AtomicU64,
    last: Mutex<Option<Instant>>,
    /// Messages that are taken for it and of which its word is not known.
    seats: AtomicU64,
    /// Messages that it accepted today.
    today: AtomicU64,
    /// Those of them that the clerk has not recorded yet.
    unrecorded: AtomicU64,
}

impl Usage {
    fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }
}

fn limit_of(allowance: Allowance) -> u64 {
    allowance.of_a_day().unwrap_or(u64::MAX)
}

impl Traffic {
    /// Nothing taken yet but what each relay has accepted today.
    pub fn new(routes: &[Route], today: &[u64]) -> Self {
        let usage = |(at, route): (usize, &Route)| Usage {
            pace: Pace::new(route.per_second),
            weight: u64::from(route.weight.max(1)),
            is_fallback: route.is_fallback,
            allowance: Mutex::new(route.allowance),
            limit: AtomicU64::new(limit_of(route.allowance)),
            taken: AtomicU64::new(0),
            last: Mutex::new(None),
            seats: AtomicU64::new(0),
            today: AtomicU64::new(today.get(at).copied().unwrap_or_default()),
            unrecorded: AtomicU64::new(0),
        };
        Self { lanes: routes.iter().enumerate().map(usage).map(Arc::new).collect() }
    }

    /// A place for one more message, unless those that are on the way already may use up the day.
    pub fn seat(&self, route: usize) -> Option<Seat> {
        let usage = &self.lanes[route];
        let before = usage.seats.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(Arc::clone(usage));
        (usage.today.load(Ordering::Relaxed) + before < usage.limit()).then_some(seat)
    }

    /// The next free moment of a route, which is taken by asking.
    pub fn moment(&self, route: usize) -> Option<Instant> {
        let usage = &self.lanes[route];
        usage.taken.fetch_add(1, Ordering::Relaxed);
        if self.lanes.len() > 1 {
            *usage.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        usage.pace.moment()
    }

    /// Whether a route has had more than its share while others of its kind go on.
    pub fn is_ahead(&self, route: usize) -> bool {
        let mine = &self.lanes[route];
        let taken = mine.taken.load(Ordering::Relaxed);
        self.lanes.iter().enumerate().any(|(at, other)| {
            at != route
                && other.is_fallback == mine.is_fallback
                && taken * other.weight > (other.taken.load(Ordering::Relaxed) + SLACK) * mine.weight
                && other.last.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|last| last.elapsed() < STUCK)
        })
    }

    /// A message was accepted.
    pub fn accepted(&self, route: usize) {
        let usage = &self.lanes[route];
        usage.today.fetch_add(1, Ordering::Relaxed);
        usage.unrecorded.fetch_add(1, Ordering::Relaxed);
    }

    /// The day's limit, once it is used up.
    pub fn used_up(&self, route: usize) -> Option<u64> {
        let usage = &self.lanes[route];
        let limit = usage.limit();
        (usage.today.load(Ordering::Relaxed) >= limit).then_some(limit)
    }

    /// Whether what is on the way may use up the day.
    pub fn is_full(&self, route: usize) -> bool {
        let usage = &self.lanes[route];
        let taken = usage.today.load(Ordering::Relaxed) + usage.seats.load(Ordering::Relaxed);
        taken >= usage.limit()
    }

    /// What was accepted since this was last asked, by route.
    pub fn unrecorded(&self) -> Vec<u64> {
        self.lanes.iter().map(|usage| usage.unrecorded.swap(0, Ordering::Relaxed)).collect()
    }

    /// Another day has begun: what a relay took on the last one may let it take more.
    pub fn new_day(&self) {
        for usage in &self.lanes {
            let mut allowance = usage.allowance.lock().unwrap_or_else(PoisonError::into_inner);
            *allowance = allowance.after(usage.today.swap(0, Ordering::Relaxed));
            usage.limit.store(limit_of(*allowance), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::memory::MemoryMailer;

    fn route(weight: u32) -> Route {
        Route { weight, ..Route::only(Mailer::Memory(MemoryMailer::new()), 1) }
    }

    fn ten() -> Allowance {
        Allowance { per_day: Some(10), ..Allowance::default() }
    }

    #[test]
    fn a_relay_that_is_warmed_up_takes_more_after_a_day_that_was_used() {
        let cold = Allowance { warm_up: Some(10), ..Allowance::default() };
        let traffic = Traffic::new(&[Route { allowance: cold, ..route(1) }], &[]);
        for limit in [10, 20, 40] {
            for _ in 0..limit {
                assert_eq!(traffic.used_up(0), None);
                traffic.accepted(0);
            }
            assert_eq!((traffic.used_up(0), traffic.is_full(0)), (Some(limit), true));
            traffic.new_day();
        }
    }

    #[test]
    fn a_relay_gets_its_share_while_the_others_go_on() {
        let traffic = Traffic::new(&[route(3), route(1)], &[]);
        let mut taken = [0; 2];
        // Both would take as much as they get, in turn.
        for _ in 0..4_000 {
            for at in [0, 1] {
                if !traffic.is_ahead(at) {
                    traffic.moment(at);
                    taken[at] += 1;
                }
            }
        }
        let share = f64::from(taken[0]) / f64::from(taken[0] + taken[1]);
        assert!((0.7..0.8).contains(&share), "{taken:?}");
    }

    #[test]
    fn a_relay_that_takes_nothing_holds_nobody_up() {
        let traffic = Traffic::new(&[route(1), route(1)], &[]);
        for _ in 0..1_000 {
            assert_eq!(traffic.moment(0), None);
        }
        assert!(!traffic.is_ahead(0));
    }

    #[test]
    fn what_is_on_the_way_counts_for_the_days_limit_until_its_word_is_known() {
        let traffic = Traffic::new(&[Route { allowance: ten(), ..route(1) }], &[8]);
        let (first, second) = (traffic.seat(0), traffic.seat(0));
        assert!(first.is_some() && second.is_some() && traffic.seat(0).is_none());
        drop(second);
        let again = traffic.seat(0);
        assert!(again.is_some());
        traffic.accepted(0);
        drop(first);
        assert!(traffic.seat(0).is_none(), "nine were accepted, one is on the way");
    }

    #[test]
    fn a_days_limit_counts_what_was_accepted_before() {
        let traffic = Traffic::new(&[Route { allowance: ten(), ..route(1) }], &[9]);
        assert_eq!(traffic.used_up(0), None);
        traffic.accepted(0);
        assert_eq!((traffic.used_up(0), traffic.unrecorded()), (Some(10), vec![1]));
        traffic.new_day();
        assert_eq!(traffic.used_up(0), None);
    }
}
