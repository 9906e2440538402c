//! Dates that readers may attend, from calendars.

use crate::domain::text::Line;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// One event of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The calendar's own name for it (RFC 5545 3.8.4.7).
    pub uid: String,
    /// What it is.
    pub title: Line,
    /// When it is.
    pub when: When,
    /// Where it is.
    pub location: Line,
    /// What it is about.
    pub summary: Line,
    /// Its page.
    pub url: Option<Url>,
}

/// When an event takes place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// From an instant to another.
    Timed {
        /// Its beginning.
        starts_at: DateTime<Utc>,
        /// Its end, if it has one.
        ends_at: Option<DateTime<Utc>>,
    },
    /// Whole days, wherever one is.
    Days {
        /// The first day.
        first: NaiveDate,
        /// The last day, itself included.
        last: NaiveDate,
    },
}

impl When {
    /// The instant it is sorted by; whole days begin at midnight UTC.
    pub fn starts_at(&self) -> DateTime<Utc> {
        match self {
            Self::Timed { starts_at, .. } => *starts_at,
            Self::Days { first, .. } => first.and_time(chrono::NaiveTime::MIN).and_utc(),
        }
    }
}

/// The name of an event in our own addresses and calendars: that of its source may hold anything, and the address of a person.
pub fn key(uid: &str) -> String {
    use sha2::{Digest, Sha256};
    crate::domain::issue::hex(&Sha256::digest(uid.as_bytes())[..12])
}
