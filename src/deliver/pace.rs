//! How fast messages leave: at most so many a second over all connections, evenly spaced.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

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

    /// Waits for the next free moment.
    pub async fn wait(&self) {
        if let Some(gap) = self.gap {
            sleep_until(self.reserve(gap)).await;
        }
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

    #[tokio::test]
    async fn without_a_limit_nobody_waits() {
        for limit in [None, Some(0)] {
            Pace::new(limit).wait().await;
        }
    }
}
