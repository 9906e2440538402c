//! How fast messages leave: at most so many a second over all connections, evenly spaced.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Hands out the moments at which messages may leave.
#[derive(Debug)]
pub struct Pace {
    gap: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many a second, or as fast as it goes.
    pub fn new(per_second: Option<u32>) -> Self {
        let gap = per_second.filter(|n| *n > 0).map(|n| Duration::from_secs(1) / n);
        Self { gap, next: Mutex::new(None) }
    }

    /// The next free moment, which is taken by asking; `None` is at once.
    pub fn moment(&self) -> Option<Instant> {
        self.gap.map(|gap| self.reserve(gap))
    }

    fn reserve(&self, gap: Duration) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let slot = next.map_or(now, |next| next.max(now));
        *next = Some(slot + gap);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_evenly() {
        let pace = Pace::new(Some(10));
        let gap = pace.gap.unwrap();
        let first = pace.reserve(gap);
        for n in 1..=20 {
            assert_eq!(pace.reserve(gap), first + gap * n);
        }
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        for limit in [None, Some(0)] {
            assert_eq!(Pace::new(limit).moment(), None);
        }
    }
}
