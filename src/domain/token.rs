//! Signed links: who may do what by following one, proven by a MAC and verified without a row in the database.
//!
//! A token is 30 bytes: key id (1), purpose (1), newsletter (2), public id of the subscriber (8), epoch (2), and the first 16 bytes of an
//! HMAC-SHA-256 over them. In URLs it is base64url (40 characters), in mail addresses lower-case base32 (48, below the limit of 64 octets).
//! The token of a return path says the issue (3) and the end of the epoch (1) where others say newsletter and epoch.

use super::issue::IssueId;
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
    /// Look at one coming issue without signing in; made and read by [`super::look`].
    Look,
    /// Show that a form is ours and when it was shown.
    Form,
    /// What a fresh mail allows for an hour, and the old address of a change for a week.
    Fresh,
}

const PURPOSES: [(Purpose, u8); 6] = [
    (Purpose::Unsubscribe, b'u'),
    (Purpose::Preferences, b'p'),
    (Purpose::Confirm, b'c'),
    (Purpose::Look, b'l'),
    (Purpose::Form, b'f'),
    (Purpose::Fresh, b'n'),
];

/// The letter of a return path's token, in the place of a purpose.
const RETURN: u8 = b'b';

/// The length of a token in a mail address.
pub const MAIL_TOKEN: usize = 48;

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What it allows.
    pub purpose: Purpose,
    /// The row number of the newsletter; 0 for all.
    pub newsletter: u16,
    /// The random public id of the subscriber; the random code of the letter in `Confirm` and `Fresh`; the instant and chance in `Form`.
    pub public_id: [u8; 8],
    /// The subscriber's epoch when it was signed.
    pub epoch: u16,
}

/// Which message came back: what the token of a return path says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    /// The issue; 0 for a single mail.
    pub issue: IssueId,
    /// The random public id of the subscriber.
    pub public_id: [u8; 8],
    /// The last byte of the subscriber's epoch when it was sent.
    pub epoch: u8,
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
/// What a Message-ID says: the issue and the public id.
const SAID: usize = 12;
/// The characters of a Message-ID's local part.
const MESSAGE_ID: usize = 45;

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
        URL_SAFE_NO_PAD.encode(self.sign(claim_body(claim)))
    }

    /// A token for the local part of a mail address.
    pub fn mail_token(&self, claim: Claim) -> String {
        base32(&self.sign(claim_body(claim)))
    }

    /// The token of a message's return path.
    pub fn return_token(&self, returned: Returned) -> String {
        base32(&self.sign(return_body(returned)))
    }

    /// Verifies the token of a return path.
    pub fn verify_return(&self, token: &str) -> Result<Returned, TokenError> {
        let (body, retired) = self.open(token)?;
        if body[1] != RETURN || retired {
            return Err(TokenError::WrongPurpose);
        }
        Ok(Returned {
            issue: IssueId(i64::from(u32::from_be_bytes([0, body[2], body[3], body[4]]))),
            epoch: body[5],
            public_id: body[6..].try_into().map_err(|_| TokenError::Malformed)?,
        })
    }

    /// Verifies a token from a URL or a mail address for one purpose.
    pub fn verify(&self, token: &str, purpose: Purpose) -> Result<Claim, TokenError> {
        let (body, retired) = self.open(token)?;
        let claim = read(&body).ok_or(TokenError::WrongPurpose)?;
        let honoured = claim.purpose == purpose && (!retired || purpose == Purpose::Unsubscribe);
        if honoured { Ok(claim) } else { Err(TokenError::WrongPurpose) }
    }

    /// What a token says, once its MAC is right (compared in constant time), and whether its key is retired.
    fn open(&self, token: &str) -> Result<([u8; BODY], bool), TokenError> {
        let bytes = match token.len() {
            40 => URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenError::Malformed)?,
            MAIL_TOKEN => unbase32(token).ok_or(TokenError::Malformed)?,
            _ => return Err(TokenError::Malformed),
        };
        let (body, mac) = bytes.split_first_chunk::<BODY>().ok_or(TokenError::Malformed)?;
        let key = self.keys.iter().find(|key| key.id == body[0]).ok_or(TokenError::Forged)?;
        keyed(&key.secret, body).verify_truncated_left(mac).map_err(|_| TokenError::Forged)?;
        Ok((*body, key.retired))
    }

    /// The keyed hash by which a suppressed address is known after the person is erased.
    pub fn suppression_hash(&self, address: &super::address::EmailAddress) -> [u8; 32] {
        keyed(&self.suppression.0, address.key().as_bytes()).finalize().into_bytes().into()
    }

    /// The keyed hash of a mail domain, by which letters to it are counted.
    pub fn domain_hash(&self, address: &super::address::EmailAddress) -> [u8; 32] {
        keyed(&self.suppression.0, format!("@{}", address.domain()).as_bytes()).finalize().into_bytes().into()
    }

    /// The token of a form that is shown now. Names nobody; `chance` makes two forms of one instant distinct.
    pub fn form_token(&self, shown_at_millis: i64, chance: [u8; 4]) -> String {
        let mut public_id = [0; 8];
        // 48 bits of milliseconds reach beyond the year 10,000.
        public_id[..6].copy_from_slice(&shown_at_millis.to_be_bytes()[2..]);
        public_id[6..].copy_from_slice(&chance[..2]);
        let epoch = u16::from_be_bytes([chance[2], chance[3]]);
        self.url_token(Claim { purpose: Purpose::Form, newsletter: 0, public_id, epoch })
    }

    /// What a page asks for that shows a form's token behind a link; see [`super::question`].
    pub(super) fn question(&self, form: &str, link: &str) -> [u8; 32] {
        keyed_mac(&self.suppression.0, b"question", format!("{form} {link}").as_bytes()).finalize().into_bytes().into()
    }

    /// The local part of the Message-ID of one letter: the same at every attempt.
    pub fn letter_id(&self, code: [u8; 8]) -> String {
        let secret = self.keys.first().map_or(&self.suppression.0, |key| &key.secret);
        let mut mac = keyed(secret, b"letter-id");
        mac.update(&code);
        base32(&mac.finalize().into_bytes()[..20])
    }

    /// The local part of the Message-ID of one issue for one subscriber: the same at every attempt and after a rotation, telling nobody who it is.
    ///
    /// Made as RFC 5297 does it: the MAC of what it says is also what hides it, so that the reader is found again without a table.
    pub fn message_id(&self, issue: IssueId, public_id: [u8; 8]) -> String {
        let said = said_in_message_id(issue, public_id);
        let mac: [u8; MAC] = *self.message_mac(&said).first_chunk().expect("a MAC of 32 bytes has its first 16");
        base32(&[&mac[..], &self.veiled(&mac, said)].concat())
    }

    /// The issue and the public id that a Message-ID of ours stands for; only its local part is looked at.
    pub fn verify_message_id(&self, local: &str) -> Option<(IssueId, [u8; 8])> {
        let bytes = unbase32(local).filter(|_| local.len() == MESSAGE_ID)?;
        let (mac, veiled) = bytes.split_first_chunk::<MAC>()?;
        let said = self.veiled(mac, veiled.try_into().ok()?);
        keyed_mac(&self.suppression.0, b"message-id", &said).verify_truncated_left(mac).ok()?;
        let (issue, public_id) = said.split_first_chunk::<4>()?;
        Some((IssueId(i64::from(u32::from_be_bytes(*issue))), public_id.try_into().ok()?))
    }

    fn message_mac(&self, said: &[u8]) -> [u8; 32] {
        keyed_mac(&self.suppression.0, b"message-id", said).finalize().into_bytes().into()
    }

    fn veiled(&self, mac: &[u8; MAC], mut said: [u8; SAID]) -> [u8; SAID] {
        let veil = keyed_mac(&self.suppression.0, b"message-id veil", mac).finalize().into_bytes();
        said.iter_mut().zip(veil).for_each(|(byte, veil)| *byte ^= veil);
        said
    }

    fn sign(&self, rest: [u8; BODY - 1]) -> [u8; BODY + MAC] {
        let key = self.keys.last().expect("a ring has at least one key, checked by its constructor");
        let mut bytes = [0; BODY + MAC];
        bytes[0] = key.id;
        bytes[1..BODY].copy_from_slice(&rest);
        let mac = keyed(&key.secret, &bytes[..BODY]).finalize().into_bytes();
        bytes[BODY..].copy_from_slice(&mac[..MAC]);
        bytes
    }
}

/// What a token of a purpose says, behind the key id.
fn claim_body(claim: Claim) -> [u8; BODY - 1] {
    let mut body = [0; BODY - 1];
    body[0] = letter(claim.purpose);
    body[1..3].copy_from_slice(&claim.newsletter.to_be_bytes());
    body[3..11].copy_from_slice(&claim.public_id);
    body[11..].copy_from_slice(&claim.epoch.to_be_bytes());
    body
}

/// What the token of a return path says, behind the key id.
fn return_body(returned: Returned) -> [u8; BODY - 1] {
    let mut body = [0; BODY - 1];
    body[0] = RETURN;
    // Sixteen million issues: a weekly for three hundred thousand years.
    body[1..4].copy_from_slice(&(returned.issue.0 as u32).to_be_bytes()[1..]);
    body[4] = returned.epoch;
    body[5..].copy_from_slice(&returned.public_id);
    body
}

fn said_in_message_id(issue: IssueId, public_id: [u8; 8]) -> [u8; SAID] {
    let mut said = [0; SAID];
    said[..4].copy_from_slice(&(issue.0 as u32).to_be_bytes());
    said[4..].copy_from_slice(&public_id);
    said
}

fn keyed_mac(secret: &[u8], what: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = keyed(secret, what);
    mac.update(&[0]);
    mac.update(message);
    mac
}

impl Claim {
    /// When the form of a token was shown, in Unix milliseconds, and what makes it distinct from all others.
    pub fn form(&self) -> (i64, [u8; 8]) {
        let mut shown = [0; 8];
        shown[2..].copy_from_slice(&self.public_id[..6]);
        let mut nonce = [0; 8];
        nonce[..6].copy_from_slice(&self.public_id[2..]);
        nonce[6..].copy_from_slice(&self.epoch.to_be_bytes());
        (i64::from_be_bytes(shown), nonce)
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
        assert_eq!(ring.mail_token(claim(Purpose::Unsubscribe)).len(), MAIL_TOKEN);
        assert!(!format!("{ring:?}").contains("[1, 1"));
    }
    fn came_back() -> Returned {
        Returned { issue: IssueId(214), public_id: *b"abcdefgh", epoch: 7 }
    }

    #[test]
    fn a_return_path_names_issue_and_reader_and_does_for_nothing_else() {
        let ring = ring(false);
        let token = ring.return_token(came_back());
        assert_eq!(token.len(), MAIL_TOKEN);
        assert_eq!(ring.verify_return(&token), Ok(came_back()));
        assert_eq!(ring.verify_return(&token.to_uppercase()), Ok(came_back()));
        assert_eq!(ring.verify(&token, Purpose::Unsubscribe), Err(TokenError::WrongPurpose));
        assert_eq!(ring.verify_return(&ring.mail_token(claim(Purpose::Unsubscribe))), Err(TokenError::WrongPurpose));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
            assert!(ring.verify_return(std::str::from_utf8(&bytes).unwrap()).is_err(), "at {at}");
        }
    }

    #[test]
    fn a_message_id_stays_the_same_over_a_rotation_and_leads_back_to_its_reader() {
        let rotated = ring(true);
        let local = ring(false).message_id(IssueId(214), *b"abcdefgh");
        assert_eq!(local, rotated.message_id(IssueId(214), *b"abcdefgh"));
        assert_eq!(local.len(), MESSAGE_ID);
        assert_eq!(rotated.verify_message_id(&local), Some((IssueId(214), *b"abcdefgh")));
        let other = rotated.message_id(IssueId(215), *b"abcdefgh");
        assert!(local[..8] != other[..8] && local[30..] != other[30..], "two issues must not show one reader");
        assert_eq!(rotated.verify_message_id(&format!("a{}", &local[1..])).filter(|_| !local.starts_with('a')), None);
        assert_eq!(rotated.verify_message_id("x"), None);
    }
}
