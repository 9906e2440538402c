//! Editors: who may use the desk, what they prove themselves with, and how often somebody may try. Hashes no password and reads no clock.

use super::address::EmailAddress;
use super::text::Line;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt;

/// An editor's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct EditorId(pub i64);

/// Somebody who may use the desk, or is invited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// Which one.
    pub id: EditorId,
    /// Where invitations and tests go, and what they sign in with.
    pub address: EmailAddress,
    /// What stands beside their deeds in the audit.
    pub name: Line,
    /// When they were last invited.
    pub invited_at: DateTime<Utc>,
    /// Until when the invitation can be taken; none when it was.
    pub invitation_until: Option<DateTime<Utc>>,
    /// When they chose a password; none while they are only invited.
    pub joined_at: Option<DateTime<Utc>>,
    /// When they last signed in.
    pub signed_in_at: Option<DateTime<Utc>>,
}

impl Editor {
    /// What stands in the audit for them.
    pub fn actor(&self) -> &str {
        self.name.as_str()
    }
}

/// 32 random bytes that prove something: a session's cookie, an invitation's link. Only its hash is stored; `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// What the database keeps of a [`Secret`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

impl Secret {
    /// A secret from fresh random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// Reads what [`Self::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The secret for a cookie or a link.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored. No salt and no slow hash: 256 random bits cannot be guessed.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0).into())
    }

    /// The token of forms that belong to this secret. Whoever knows it does not know the secret.
    pub fn form_token(&self) -> String {
        let hash = Sha256::new().chain_update(b"form token").chain_update(self.0).finalize();
        URL_SAFE_NO_PAD.encode(&hash[..16])
    }

    /// Whether a form carries the token of this secret; takes as long for a wrong token as for the right one.
    pub fn admits(&self, form_token: &str) -> bool {
        let own = self.form_token();
        let differs = std::iter::zip(own.bytes(), form_token.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        own.len() == form_token.len() && differs == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// A password that may be chosen. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Characters of a password, at least: without rules about their kind, length is what counts (NIST SP 800-63B, 3.1.1.2).
pub const PASSWORD_LENGTH: usize = 12;

/// Characters of a password, at most; longer ones would only cost time.
const LONGEST: usize = 256;

/// Why a password may not be chosen, in words for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too few characters.
    #[error("the password needs at least {PASSWORD_LENGTH} characters")]
    Short,
    /// Too many.
    #[error("the password has more than {LONGEST} characters")]
    Long,
    /// Made of so few different characters that it is quickly guessed.
    #[error("the password repeats itself; use more different characters")]
    Repeats,
    /// The address or the name is most of it.
    #[error("the password must not be the address or the name of whom it protects")]
    Own,
    /// The two fields differ.
    #[error("the two passwords differ")]
    Differ,
}

impl Password {
    /// A password as an editor chooses it, typed twice.
    pub fn choose(typed: &str, again: &str, editor: &Editor) -> Result<Self, PasswordError> {
        let length = typed.chars().count();
        if length < PASSWORD_LENGTH {
            return Err(PasswordError::Short);
        }
        if length > LONGEST {
            return Err(PasswordError::Long);
        }
        let different: std::collections::BTreeSet<char> = typed.chars().collect();
        if different.len() < 5 {
            return Err(PasswordError::Repeats);
        }
        let lower = typed.to_lowercase();
        if [editor.address.as_str(), editor.name.as_str()].iter().any(|own| own.to_lowercase() == lower) {
            return Err(PasswordError::Own);
        }
        if typed != again {
            return Err(PasswordError::Differ);
        }
        Ok(Self(typed.to_owned()))
    }

    /// A password as it is typed to sign in: whatever it is, it is right or wrong.
    pub fn typed(text: &str) -> Self {
        Self(text.chars().take(LONGEST).collect())
    }

    /// Its bytes, for hashing.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLife {
    /// Without a request.
    pub idle: TimeDelta,
    /// In any case.
    pub whole: TimeDelta,
}

/// A place from which somebody tries passwords, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tries {
    /// At one address from one network.
    Here,
    /// At one address from anywhere.
    Address,
    /// At any address from one network.
    Network,
}

impl Tries {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Here, Self::Address, Self::Network];

    /// Failures within [`TRY_WINDOW`] after which nobody is let in there. The one for an address from anywhere is higher, so that a stranger
    /// elsewhere needs many networks to keep an editor out.
    pub fn limit(&self) -> u32 {
        match self {
            Self::Here => 5,
            Self::Network => 20,
            Self::Address => 50,
        }
    }
}

/// How long a failure to sign in counts.
pub const TRY_WINDOW: TimeDelta = TimeDelta::minutes(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn editor() -> Editor {
        Editor {
            id: EditorId(1),
            address: EmailAddress::parse("mona.ledger@example.org").unwrap(),
            name: Line::clean("Mona Ledgerwright"),
            invited_at: DateTime::UNIX_EPOCH,
            invitation_until: None,
            joined_at: None,
            signed_in_at: None,
        }
    }

    #[test]
    fn a_password_is_long_not_complicated() {
        let choose = |text: &str| Password::choose(text, text, &editor()).map(|_| ());
        assert_eq!(choose("four quiet harbours"), Ok(()));
        assert_eq!(choose("دوازده نویسه است"), Ok(()));
        assert_eq!(choose("elevenchars"), Err(PasswordError::Short));
        assert_eq!(choose("aaaaaaaaaaaaaaaa"), Err(PasswordError::Repeats));
        assert_eq!(choose("Mona.Ledger@example.org"), Err(PasswordError::Own));
        assert_eq!(choose("MONA LEDGERWRIGHT"), Err(PasswordError::Own));
        assert_eq!(choose(&"abcdefgh".repeat(40)), Err(PasswordError::Long));
        assert_eq!(
            Password::choose("four quiet harbours", "four quiet harbors", &editor()),
            Err(PasswordError::Differ)
        );
    }

    #[test]
    fn a_secret_is_read_back_and_shown_by_nobody() {
        let secret = Secret::new([7; 32]);
        assert_eq!(Secret::parse(&secret.text()), Some(secret.clone()));
        assert_eq!(Secret::parse("short"), None);
        assert!(!format!("{secret:?}").contains('7'));
        assert_ne!(secret.hash(), Secret::new([8; 32]).hash());
    }

    #[test]
    fn a_form_token_is_of_one_secret_and_does_not_tell_it() {
        let (one, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        assert!(one.admits(&one.form_token()));
        for wrong in [other.form_token(), one.text(), String::new(), one.form_token().to_lowercase() + "x"] {
            assert!(!one.admits(&wrong));
        }
    }
}
