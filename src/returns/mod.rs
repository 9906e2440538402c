//! Returned mail on its way in: from a spool folder, a Maildir or an IMAP mailbox to what it means for its reader. Leaving by mail is carried out here,
//! too, since it comes to the same mailbox. Judges nothing itself.

pub mod again;
pub mod damage;
pub mod imap;
pub mod maildir;
pub mod spool;

use crate::domain::consent::Evidence;
use crate::domain::returns::ReturnPath;
use crate::domain::token::{Keyring, Purpose};
use crate::feedback::rules::{Arrival, Effect, Finder, carry_out_all};
use crate::feedback::{Kind, Reading, read};
use crate::store::{Store, StoreError};
use crate::subscribe::{FromLink, OneClick, leave_by_token};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// More of a message than this is not looked at: a report stands at its beginning.
pub const LOOKED_AT: u64 = 1 << 20;

/// Takes returned messages in.
#[derive(Debug, Clone)]
pub struct Taker<'a> {
    /// The database.
    pub store: &'a Store,
    /// Verifies what we signed.
    pub keyring: &'a Keyring,
    /// The mailbox that returned mail comes back to, if one is set.
    pub path: Option<ReturnPath>,
    /// The present.
    pub now: DateTime<Utc>,
}

/// What became of messages, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// All of them.
    pub read: u64,
    /// Readers who get nothing any more.
    pub suppressed: u64,
    /// Points against an address.
    pub scored: u64,
    /// Readers who left by mail.
    pub left: u64,
    /// Kept without effect.
    pub noted: u64,
    /// Nobody here is meant.
    pub nobody: u64,
    /// Read before.
    pub known: u64,
}

impl Count {
    fn add(&mut self, taken: Taken) {
        self.read += 1;
        let counter = match taken {
            Taken::Left => &mut self.left,
            Taken::Came(Effect::Suppressed) => &mut self.suppressed,
            Taken::Came(Effect::Scored) => &mut self.scored,
            Taken::Came(Effect::Noted) => &mut self.noted,
            Taken::Came(Effect::NobodyFound) => &mut self.nobody,
            Taken::Came(Effect::Known) => &mut self.known,
        };
        *counter += 1;
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            read: self.read + other.read,
            suppressed: self.suppressed + other.suppressed,
            scored: self.scored + other.scored,
            left: self.left + other.left,
            noted: self.noted + other.noted,
            nobody: self.nobody + other.nobody,
            known: self.known + other.known,
        }
    }

    /// Whether anything was there.
    pub fn is_empty(&self) -> bool {
        self.read == 0
    }
}

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// Its writer left.
    Left,
    /// It came back, with an effect.
    Came(Effect),
}

impl Taker<'_> {
    /// Takes messages in, the bounces among them in one transaction.
    pub fn take(&self, messages: &[Vec<u8>]) -> Result<Count, StoreError> {
        let readings: Vec<Reading> = messages.iter().map(|message| read(message)).collect();
        let mut count = Count::default();
        let mut arrivals = Vec::with_capacity(messages.len());
        for (message, reading) in messages.iter().zip(&readings) {
            if self.leaves(reading)? {
                count.add(Taken::Left);
            } else {
                arrivals.push(Arrival::of_message(message, reading, self.now));
            }
        }
        let finder = Finder { keyring: self.keyring, path: self.path.as_ref() };
        let effects = carry_out_all(self.store, finder, &arrivals)?;
        effects.into_iter().for_each(|effect| count.add(Taken::Came(effect)));
        Ok(count)
    }

    /// Whether somebody wrote to their unsubscribe address (RFC 2369, section 3.2), and so left. A machine's answer is nobody's wish.
    fn leaves(&self, reading: &Reading) -> Result<bool, StoreError> {
        let Some(path) = self.path.as_ref().filter(|_| reading.kind == Kind::None) else { return Ok(false) };
        let tokens = reading.traces.sent_to.iter().filter_map(|address| path.token_in(address));
        let mut tokens = tokens.filter(|token| self.keyring.verify(token, Purpose::Unsubscribe).is_ok());
        let Some(token) = tokens.next() else { return Ok(false) };
        let evidence = Evidence::new(self.now, "mail to the unsubscribe address");
        let left = leave_by_token(self.store, self.keyring, token, FromLink::Newsletter, &evidence)?;
        Ok(matches!(left, OneClick::Left { .. }))
    }
}
