//! Signed links: who may do what by following one, proven by a MAC and verified without a row in the database.
//!
//! A token is 30 bytes: key id (1), purpose (1), newsletter (2), public id of the subscriber (8), epoch (2), and the first 16 bytes of an
//! HMAC-SHA-256 over them. In URLs it is base64url (40 characters), in mail addresses lower-case base32 (48, below the limit of 64 octets).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a token allows. One purpose never does for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// End the subscription.
    Unsubscribe,
    /// Choose topics, pause.
    Preferences,
    /// Confirm a subscription.
    Confirm,
    /// Name the reader in the return path of a mail.
    Bounce,
    /// Name the reader in a Message-ID.
    MessageId,
}

const PURPOSES: [(Purpose, u8); 5] = [
    (Purpose::Unsubscribe, b'u'),
    (Purpose::Preferences, b'p'),
    (Purpose::Confirm, b'c'),
    (Purpose::Bounce, b'b'),
    (Purpose::MessageId, b'm'),
];

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What it allows.
    pub purpose: Purpose,
    /// The row number of the newsletter; 0 for all.
    pub newsletter: u16,
    /// The random public id of the subscriber.
    pub public_id: [u8; 8],
    /// The subscriber's epoch when it was signed.
    pub epoch: u16,
}

/// Why a token is not honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not of the form of a token.
    #[error("the link is incomplete")]
    Malformed,
    /// The MAC is wrong or the key unknown.
    #[error("the link was changed or is not ours")]
    Forged,
    /// Right, but for something else, or by a retired key that verifies nothing but unsubscribing.
    #[error("the link is not for this")]
    WrongPurpose,
}

/// Why two rings are not of one installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// The keys of suppression hashes differ: what one knows as suppressed the other would not find.
    #[error("the suppression keys differ")]
    Suppression,
    /// One id, two keys.
    #[error("there are two keys {0}")]
    Key(u8),
    /// No key would be left to sign with.
    #[error("the latest key is retired")]
    Retired,
}

/// One signing key.
#[derive(Clone)]
pub struct Key {
    /// Its number; the highest signs.
    pub id: u8,
    /// 32 random bytes.
    pub secret: [u8; 32],
    /// A retired key verifies unsubscribing and nothing else.
    pub retired: bool,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("retired", &self.retired).finish_non_exhaustive()
    }
}

/// All keys of an installation.
#[derive(Debug, Clone)]
pub struct Keyring {
    keys: Vec<Key>,
    suppression: SuppressionKey,
}

/// The key of suppression hashes: separate and never rotated, or the suppressed would come back.
#[derive(Clone)]
pub struct SuppressionKey(pub [u8; 32]);

impl std::fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SuppressionKey(***)")
    }
}

const BODY: usize = 14;
const MAC: usize = 16;

impl Keyring {
    /// A ring of at least one key; `None` when all are retired or two share an id.
    pub fn new(mut keys: Vec<Key>, suppression: SuppressionKey) -> Option<Self> {
        keys.sort_by_key(|key| key.id);
        let distinct = keys.windows(2).all(|pair| pair[0].id != pair[1].id);
        let signing = keys.last().is_some_and(|key| !key.retired);
        (distinct && signing).then_some(Self { keys, suppression })
    }

    /// The keys, oldest first.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The key of suppression hashes.
    pub fn suppression(&self) -> &SuppressionKey {
        &self.suppression
    }

    /// This ring with the keys of another that this one lacks, so that links signed by either still verify. A key that is retired in one is retired.
    pub fn merged(&self, other: &Self) -> Result<Self, MergeError> {
        if self.suppression.0 != other.suppression.0 {
            return Err(MergeError::Suppression);
        }
        let mut keys = self.keys.clone();
        for theirs in &other.keys {
            match keys.iter_mut().find(|ours| ours.id == theirs.id) {
                None => keys.push(theirs.clone()),
                Some(ours) if ours.secret == theirs.secret => ours.retired |= theirs.retired,
                Some(_) => return Err(MergeError::Key(theirs.id)),
            }
        }
        Self::new(keys, self.suppression.clone()).ok_or(MergeError::Retired)
    }

    /// A token for a URL.
    pub fn url_token(&self, claim: Claim) -> String {
        URL_SAFE_NO_PAD.encode(self.sign(claim))
    }

    /// A token for the local part of a mail address.
    pub fn mail_token(&self, claim: Claim) -> String {
        base32(&self.sign(claim))
    }

    /// Verifies a token from a URL or a mail address for one purpose.
    pub fn verify(&self, token: &str, purpose: Purpose) -> Result<Claim, TokenError> {
        let bytes = match token.len() {
            40 => URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenError::Malformed)?,
            48 => unbase32(token).ok_or(TokenError::Malformed)?,
            _ => return Err(TokenError::Malformed),
        };
        let (body, mac) = bytes.split_at_checked(BODY).ok_or(TokenError::Malformed)?;
        let key = self.keys.iter().find(|key| key.id == body[0]).ok_or(TokenError::Forged)?;
        keyed(&key.secret, body).verify_truncated_left(mac).map_err(|_| TokenError::Forged)?;
        let claim = read(body).ok_or(TokenError::Malformed)?;
        let honoured = claim.purpose == purpose && (!key.retired || purpose == Purpose::Unsubscribe);
        if honoured { Ok(claim) } else { Err(TokenError::WrongPurpose) }
    }

    /// The keyed hash by which a suppressed address is known after the person is erased.
    pub fn suppression_hash(&self, address: &super::address::EmailAddress) -> [u8; 32] {
        keyed(&self.suppression.0, address.key().as_bytes()).finalize().into_bytes().into()
    }

    /// The local part of the Message-ID of one issue for one subscriber: the same at every attempt, telling nobody who it is.
    pub fn message_id(&self, issue: i64, public_id: [u8; 8]) -> String {
        // The oldest key is never removed from the ring, so the id is stable over rotation.
        let secret = self.keys.first().map_or(&self.suppression.0, |key| &key.secret);
        let mut mac = keyed(secret, b"message-id");
        mac.update(&issue.to_le_bytes());
        mac.update(&public_id);
        base32(&mac.finalize().into_bytes()[..20])
    }

    fn sign(&self, claim: Claim) -> Vec<u8> {
        let key = self.keys.last().expect("a ring has at least one key, checked by its constructor");
        let mut bytes = vec![key.id, letter(claim.purpose)];
        bytes.extend(claim.newsletter.to_be_bytes());
        bytes.extend(claim.public_id);
        bytes.extend(claim.epoch.to_be_bytes());
        let mac = keyed(&key.secret, &bytes).finalize().into_bytes();
        bytes.extend(&mac[..MAC]);
        bytes
    }
}

fn keyed(secret: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

fn letter(purpose: Purpose) -> u8 {
    PURPOSES.iter().find(|(known, _)| *known == purpose).map_or(0, |(_, letter)| *letter)
}

fn read(body: &[u8]) -> Option<Claim> {
    let purpose = PURPOSES.iter().find(|(_, letter)| *letter == body[1]).map(|(purpose, _)| *purpose)?;
    Some(Claim {
        purpose,
        newsletter: u16::from_be_bytes(body[2..4].try_into().ok()?),
        public_id: body[4..12].try_into().ok()?,
        epoch: u16::from_be_bytes(body[12..14].try_into().ok()?),
    })
}

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// RFC 4648 base32, lower case, no padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    out
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let (mut buffer, mut bits) = (0u32, 0u32);
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    for byte in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == byte.to_ascii_lowercase())?;
        buffer = (buffer << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(retire_first: bool) -> Keyring {
        let keys =
            vec![Key { id: 1, secret: [1; 32], retired: retire_first }, Key { id: 2, secret: [2; 32], retired: false }];
        Keyring::new(keys, SuppressionKey([9; 32])).unwrap()
    }

    fn claim(purpose: Purpose) -> Claim {
        Claim { purpose, newsletter: 3, public_id: *b"abcdefgh", epoch: 1 }
    }

    #[test]
    fn a_token_verifies_for_its_purpose_and_no_other() {
        let ring = ring(false);
        for token in [ring.url_token(claim(Purpose::Confirm)), ring.mail_token(claim(Purpose::Confirm))] {
            assert_eq!(ring.verify(&token, Purpose::Confirm), Ok(claim(Purpose::Confirm)));
            assert_eq!(ring.verify(&token, Purpose::Unsubscribe), Err(TokenError::WrongPurpose));
        }
    }

    #[test]
    fn a_token_changed_in_any_character_is_refused() {
        let ring = ring(false);
        let token = ring.url_token(claim(Purpose::Unsubscribe));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(ring.verify(std::str::from_utf8(&bytes).unwrap(), Purpose::Unsubscribe).is_err(), "at {at}");
        }
        assert_eq!(ring.verify("", Purpose::Unsubscribe), Err(TokenError::Malformed));
    }

    #[test]
    fn a_retired_key_still_lets_people_leave_and_nothing_else() {
        let old = Keyring::new(vec![Key { id: 1, secret: [1; 32], retired: false }], SuppressionKey([9; 32])).unwrap();
        let (leave, choose) = (old.url_token(claim(Purpose::Unsubscribe)), old.url_token(claim(Purpose::Preferences)));
        assert!(ring(false).verify(&choose, Purpose::Preferences).is_ok());
        assert!(ring(true).verify(&leave, Purpose::Unsubscribe).is_ok());
        assert_eq!(ring(true).verify(&choose, Purpose::Preferences), Err(TokenError::WrongPurpose));
    }

    #[test]
    fn merged_rings_verify_the_links_of_both_and_strangers_are_refused() {
        let key = |id, byte, retired| Key { id, secret: [byte; 32], retired };
        let of = |keys: Vec<Key>, byte| Keyring::new(keys, SuppressionKey([byte; 32])).unwrap();
        let old = of(vec![key(1, 1, false)], 9);
        let new = of(vec![key(1, 1, true), key(2, 2, false)], 9);
        let both = old.merged(&new).unwrap();
        let unsubscribe = claim(Purpose::Unsubscribe);
        assert!(both.verify(&old.url_token(unsubscribe), Purpose::Unsubscribe).is_ok());
        assert!(both.verify(&new.url_token(unsubscribe), Purpose::Unsubscribe).is_ok());
        assert!(both.keys()[0].retired);
        assert_eq!(old.merged(&of(vec![key(1, 3, false)], 9)).unwrap_err(), MergeError::Key(1));
        assert_eq!(old.merged(&of(vec![key(2, 3, false)], 8)).unwrap_err(), MergeError::Suppression);
    }

    #[test]
    fn a_mail_token_fits_a_local_part_and_debug_shows_no_secret() {
        let ring = ring(false);
        assert_eq!(ring.mail_token(claim(Purpose::Bounce)).len(), 48);
        assert!(!format!("{ring:?}").contains("[1, 1"));
    }
}
