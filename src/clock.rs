//! The one place that reads the clock. Everything else takes `now` as an argument.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that moves when it is told to: the demo's and the tests'.
    Set(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands at an instant.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self::Set(Arc::new(Mutex::new(now)))
    }

    /// The present instant, to the millisecond that the database keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let now = match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Utc::now(),
            Self::Set(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        };
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// Moves a set clock; the machine's clock goes by itself.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Set(at) = self {
            let mut at = at.lock().unwrap_or_else(PoisonError::into_inner);
            *at += by;
        }
    }
}
