//! Links by which somebody outside looks at one coming issue: signed like readers' links, for a purpose of their own, and over after three days.
//! They allow looking and nothing else.

use super::token::{Claim, Keyring, Purpose, TokenError};
use chrono::{DateTime, TimeDelta, Utc};

/// How long such a link shows something.
pub const LOOK_LASTS: TimeDelta = TimeDelta::days(3);

/// What a link shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookLink {
    /// The row number of the newsletter.
    pub newsletter: u16,
    /// The number of the issue.
    pub number: u32,
    /// Until when, to the second.
    pub until: DateTime<Utc>,
}

/// Why a link shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// It is damaged, or not ours.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Its three days are over.
    #[error("the link is out of date")]
    Over,
}

impl LookLink {
    /// The token for a web address. Where a reader's link names the reader, this one has its end and the issue's number.
    pub fn token(&self, keyring: &Keyring) -> String {
        let until = u32::try_from(self.until.timestamp()).unwrap_or_default();
        let mut fields = [0; 8];
        fields[..4].copy_from_slice(&until.to_be_bytes());
        fields[4..].copy_from_slice(&self.number.to_be_bytes());
        keyring.url_token(Claim { purpose: Purpose::Look, newsletter: self.newsletter, public_id: fields, epoch: 0 })
    }

    /// Reads a token while it holds.
    pub fn read(token: &str, keyring: &Keyring, now: DateTime<Utc>) -> Result<Self, LookError> {
        let claim = keyring.verify(token, Purpose::Look)?;
        let [a, b, c, d, number @ ..] = claim.public_id;
        let until = DateTime::from_timestamp(i64::from(u32::from_be_bytes([a, b, c, d])), 0).unwrap_or_default();
        if now >= until {
            return Err(LookError::Over);
        }
        Ok(Self { newsletter: claim.newsletter, number: u32::from_be_bytes(number), until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::{Key, SuppressionKey};

    fn ring(byte: u8) -> Keyring {
        Keyring::new(vec![Key { id: 1, secret: [byte; 32], retired: false }], SuppressionKey([9; 32])).unwrap()
    }

    #[test]
    fn a_link_shows_one_issue_for_three_days() {
        let now: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        let link = LookLink { newsletter: 3, number: 215, until: now + LOOK_LASTS };
        let token = link.token(&ring(1));
        assert_eq!(LookLink::read(&token, &ring(1), now), Ok(link));
        assert_eq!(LookLink::read(&token, &ring(1), now + LOOK_LASTS), Err(LookError::Over));
        assert!(matches!(LookLink::read(&token, &ring(2), now), Err(LookError::Token(_))));
    }

    #[test]
    fn no_other_link_shows_an_issue_and_this_one_does_nothing_else() {
        let now: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        let token = LookLink { newsletter: 3, number: 215, until: now + LOOK_LASTS }.token(&ring(1));
        for purpose in [Purpose::Unsubscribe, Purpose::Preferences, Purpose::Confirm] {
            assert!(ring(1).verify(&token, purpose).is_err());
            let other = ring(1).url_token(Claim { purpose, newsletter: 3, public_id: [0x7f; 8], epoch: 0 });
            assert!(LookLink::read(&other, &ring(1), now).is_err());
        }
    }
}
