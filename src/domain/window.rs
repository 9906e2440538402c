//! The span of time whose stories an issue takes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The half-open span `[from, to)`: from the stored cut-off of the previous occurrence, mailed or skipped, to this cut-off. It is stored, never
/// recomputed from the schedule, so a changed schedule leaves no gap and no overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// A window that would end before it begins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the window would end ({to}) before it begins ({from}): the clock or the schedule went back")]
pub struct WindowError {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Window {
    /// The window between two cut-offs.
    pub fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Self, WindowError> {
        if from <= to { Ok(Self { from, to }) } else { Err(WindowError { from, to }) }
    }

    /// Its first instant.
    pub fn from(&self) -> DateTime<Utc> {
        self.from
    }

    /// The instant it ends before.
    pub fn to(&self) -> DateTime<Utc> {
        self.to
    }

    /// Whether an instant lies in it.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }
}
