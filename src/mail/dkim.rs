//! DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, dated, over the whole body, with the headers a reader sees signed once more than they
//! occur, so that nobody can add a second one. Verifies nothing and asks no DNS.
//!
//! The signer works on the finished bytes. Our own messages are already in relaxed canonical form, which one quick look establishes; then the body
//! is hashed as it stands. Where many copies of one message are signed, `mail::copies` does once what they have in common.

pub(super) mod relaxed;

use std::fmt;

use aws_lc_rs::digest::{Digest, SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};

use relaxed::{field_name, fields, relax_header, relaxed_body, split};

/// Every header that is signed where it occurs: what RFC 6376 section 5.4.1 names of ours, and all others that `mail::mime` writes.
/// Nothing that transit adds or changes (`Received`, `Return-Path`).
const SIGNED: [&str; 24] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "sender",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-post",
    "list-help",
    "list-owner",
    "list-archive",
    "auto-submitted",
    "precedence",
    "feedback-id",
    "cfbl-address",
];

/// Named once more than they occur (RFC 6376, section 8.15): adding one breaks the signature.
const OVERSIGNED: [&str; 6] = ["from", "to", "subject", "date", "reply-to", "cc"];

/// Characters of a signature on one line of its header.
const SIGNATURE_LINE: usize = 72;
/// Octets of an Ed25519 signature (RFC 8032).
const ED25519_SIGNATURE: usize = 64;
/// Characters of a SHA-256 in base64.
const HASH_LENGTH: usize = 44;
/// Digits of an instant from 2001 to 2286.
const TIME_LENGTH: usize = 10;

/// The header fields that a signature covers.
#[derive(Debug)]
pub(super) struct Covered {
    /// Where they stand among the message's, in the order of signing.
    pub(super) order: Vec<usize>,
    /// The list of their names (`h=`), folded.
    names: String,
}

/// Why a key cannot sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither PKCS#8 nor PKCS#1 PEM, or of another kind than RSA and Ed25519.
    #[error("DKIM key {0:?}: not a private RSA or Ed25519 key in PEM form")]
    NotAKey(String),
    /// Receivers refuse shorter ones (RFC 8301) or soon will; longer ones pass no 255-octet string but are slow and rarely verified.
    #[error("DKIM key {selector:?}: has {bits} bits, must have at least 2048")]
    TooShort {
        /// The selector it was meant for.
        selector: String,
        /// The length of its modulus.
        bits: usize,
    },
    /// A domain or selector that cannot stand in DNS.
    #[error("DKIM: {0:?} is not a host name")]
    BadName(String),
    /// The crypto library could not make a key.
    #[error("DKIM: no key could be made")]
    NotMade,
}

enum SigningKey {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// What kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA of 2048 bits: what every verifier knows.
    Rsa,
    /// Ed25519 (RFC 8463): for a second signature, never the only one.
    Ed25519,
}

/// Signs for one domain with one key.
pub struct Signer {
    domain: String,
    selector: String,
    key: SigningKey,
    /// Headers that the relay writes anew, in lower case.
    left_out: &'static [&'static str],
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}._domainkey.{}, {})", self.selector, self.domain, self.algorithm_tag())
    }
}

/// Makes a private RSA key of 2048 bits, as PKCS#8 PEM: what every verifier knows.
pub fn generate_rsa() -> Result<SecretString, KeyError> {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::NotMade)?;
    let der: Pkcs8V1Der<'_> = key.as_der().map_err(|_| KeyError::NotMade)?;
    Ok(pem(der.as_ref()))
}

/// Makes a private Ed25519 key, as PKCS#8 PEM: for a second signature, never the only one.
pub fn generate_ed25519() -> Result<SecretString, KeyError> {
    let key = Ed25519KeyPair::generate().map_err(|_| KeyError::NotMade)?;
    let der: Pkcs8V1Der<'_> = key.as_der().map_err(|_| KeyError::NotMade)?;
    Ok(pem(der.as_ref()))
}

fn pem(der: &[u8]) -> SecretString {
    let mut text = String::from("-----BEGIN PRIVATE KEY-----\n");
    let base64 = STANDARD.encode(der);
    for line in base64.as_bytes().chunks(64) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    text.into()
}

/// Signs a message with every signer of its sender's domain and puts the signatures before it.
pub fn prepend_signatures(signers: &[Signer], message: &mut Vec<u8>, at: DateTime<Utc>) {
    let signatures: Vec<u8> = fitting(signers, message).iter().flat_map(|signer| signer.sign(message, at)).collect();
    message.splice(0..0, signatures);
}

/// The signers of the domain in `From`, or of the nearest above it; where there is none all others: a signature of another domain still says who is
/// responsible.
pub(super) fn fitting<'s>(signers: &'s [Signer], message: &[u8]) -> Vec<&'s Signer> {
    let from = from_domain(message);
    let is_aligned = |domain: &str| {
        let above = from.len().checked_sub(domain.len() + 1).is_some_and(|at| from[at] == b'.');
        from.ends_with(domain.as_bytes()) && (above || from.len() == domain.len())
    };
    let nearest =
        signers.iter().map(Signer::domain).filter(|domain| is_aligned(domain)).max_by_key(|domain| domain.len());
    signers.iter().filter(|signer| nearest.is_none_or(|domain| domain == signer.domain)).collect()
}

/// The domain of the address in `From`.
fn from_domain(message: &[u8]) -> &[u8] {
    let (head, _) = split(message);
    let from =
        fields(head).into_iter().find(|field| field_name(field).eq_ignore_ascii_case(b"from")).unwrap_or_default();
    let after = memchr::memrchr(b'@', from).map_or(&from[..0], |at| &from[at + 1..]);
    let end = after.iter().position(|byte| matches!(byte, b'>' | b' ' | b'\r' | b'\n')).unwrap_or(after.len());
    &after[..end]
}

impl Signer {
    /// Takes a private key in PEM form (PKCS#8, or PKCS#1 as older tools write RSA) for `selector._domainkey.domain`.
    pub fn from_pem(domain: &str, selector: &str, pem: &SecretString) -> Result<Signer, KeyError> {
        let not_a_key = || KeyError::NotAKey(selector.to_owned());
        let key = match PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| not_a_key())? {
            PrivateKeyDer::Pkcs8(der) => from_pkcs8(der.secret_pkcs8_der()).ok_or_else(not_a_key)?,
            PrivateKeyDer::Pkcs1(der) => {
                SigningKey::Rsa(RsaKeyPair::from_der(der.secret_pkcs1_der()).map_err(|_| not_a_key())?)
            }
            _ => return Err(not_a_key()),
        };
        if let SigningKey::Rsa(rsa) = &key
            && rsa.public_modulus_len() < 256
        {
            return Err(KeyError::TooShort { selector: selector.to_owned(), bits: rsa.public_modulus_len() * 8 });
        }
        Ok(Signer { domain: host_name(domain)?, selector: host_name(selector)?, key, left_out: &[] })
    }

    /// The same, which does not sign headers (in lower case) that the relay will write anew.
    pub fn leaving_out(self, headers: &'static [&'static str]) -> Signer {
        Signer { left_out: headers, ..self }
    }

    /// The domain the signature speaks for (`d=`), in ASCII.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The name of the key (`s=`).
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The kind of its key.
    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            SigningKey::Rsa(_) => Algorithm::Rsa,
            SigningKey::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The `DKIM-Signature` header, CRLF and all, that goes before `message` (RFC 6376, section 3.7).
    pub fn sign(&self, message: &[u8], at: DateTime<Utc>) -> Vec<u8> {
        let (head, body) = split(message);
        let fields = fields(head);
        let covered = self.covered(&fields);
        let mut canonical = Vec::with_capacity(head.len() + 1024);
        for at in &covered.order {
            relax_header(fields[*at], &mut canonical);
            canonical.extend_from_slice(b"\r\n");
        }
        self.seal(&covered, canonical, &digest(&SHA256, &relaxed_body(body)), at)
    }

    /// Which of a message's header fields the signature covers.
    pub(super) fn covered(&self, fields: &[&[u8]]) -> Covered {
        let (mut order, mut names) = (Vec::new(), Vec::new());
        for name in SIGNED.into_iter().filter(|name| !self.left_out.contains(name)) {
            // Several of one name are signed from the last to the first (RFC 6376, section 5.4.2).
            for (at, field) in fields.iter().enumerate().rev() {
                if field_name(field).eq_ignore_ascii_case(name.as_bytes()) {
                    order.push(at);
                    names.push(name);
                }
            }
            if OVERSIGNED.contains(&name) {
                names.push(name);
            }
        }
        Covered { order, names: fold_names(&names) }
    }

    /// The octets of a signature's header over such a message, at any time before the year 2286.
    pub(super) fn length(&self, covered: &Covered) -> usize {
        let octets = match &self.key {
            SigningKey::Rsa(key) => key.public_modulus_len(),
            SigningKey::Ed25519(_) => ED25519_SIGNATURE,
        };
        let signature = octets.div_ceil(3) * 4;
        let hash = [b'A'; HASH_LENGTH];
        let head =
            self.unsigned_header(covered, &String::from_utf8_lossy(&hash), DateTime::UNIX_EPOCH).len() - "0".len();
        head + TIME_LENGTH + signature + (signature.div_ceil(SIGNATURE_LINE) - 1) * "\r\n ".len() + "\r\n".len()
    }

    /// The header of a signature over the relaxed forms of the covered fields, each with its line end, and the hash of the relaxed body.
    pub(super) fn seal(
        &self,
        covered: &Covered,
        mut canonical: Vec<u8>,
        body_hash: &Digest,
        at: DateTime<Utc>,
    ) -> Vec<u8> {
        let mut header = self.unsigned_header(covered, &STANDARD.encode(body_hash), at);
        relax_header(&header, &mut canonical);
        let signature = STANDARD.encode(self.sign_octets(&canonical));
        for (at, line) in signature.as_bytes().chunks(SIGNATURE_LINE).enumerate() {
            if at > 0 {
                header.extend_from_slice(b"\r\n ");
            }
            header.extend_from_slice(line);
        }
        header.extend_from_slice(b"\r\n");
        header
    }

    /// The kind of its key as signatures tell it (`a=`).
    fn algorithm_tag(&self) -> &'static str {
        match self.key {
            SigningKey::Rsa(_) => "rsa-sha256",
            SigningKey::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn unsigned_header(&self, covered: &Covered, body_hash: &str, at: DateTime<Utc>) -> Vec<u8> {
        let Signer { domain, selector, .. } = self;
        let (time, names) = (at.timestamp(), &covered.names);
        let algorithm = self.algorithm_tag();
        let text = format!(
            "DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed;\r\n d={domain};\r\n s={selector}; t={time};\r\n \
             h={names};\r\n bh={body_hash};\r\n b="
        );
        text.into_bytes()
    }

    fn sign_octets(&self, octets: &[u8]) -> Vec<u8> {
        match &self.key {
            SigningKey::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), octets, &mut signature)
                    .expect("the buffer has the modulus's length, the only thing that can be wrong");
                signature
            }
            // RFC 8463, section 3: what is signed is the hash.
            SigningKey::Ed25519(key) => key.sign(digest(&SHA256, octets).as_ref()).as_ref().to_vec(),
        }
    }

    /// What to publish in DNS so that receivers can verify (RFC 6376, section 3.6; RFC 8463, section 4).
    pub fn dns_record(&self) -> DnsRecord {
        let (kind, key) = match &self.key {
            SigningKey::Rsa(key) => ("rsa", STANDARD.encode(public_der(key))),
            SigningKey::Ed25519(key) => ("ed25519", STANDARD.encode(key.public_key().as_ref())),
        };
        let name = format!("{}._domainkey.{}", self.selector, self.domain);
        DnsRecord { name, value: format!("v=DKIM1; k={kind}; p={key}") }
    }
}

fn from_pkcs8(der: &[u8]) -> Option<SigningKey> {
    let rsa = RsaKeyPair::from_pkcs8(der).ok().map(SigningKey::Rsa);
    rsa.or_else(|| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(SigningKey::Ed25519))
}

fn public_der(key: &RsaKeyPair) -> Vec<u8> {
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().expect("a loaded key can be written down");
    der.as_ref().to_vec()
}

fn host_name(name: &str) -> Result<String, KeyError> {
    let ascii = idna::domain_to_ascii_strict(name).unwrap_or_default();
    if ascii.is_empty() || ascii.len() > 200 { Err(KeyError::BadName(name.to_owned())) } else { Ok(ascii) }
}

/// A TXT record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The full name, without the last dot.
    pub name: String,
    /// The whole value.
    pub value: String,
}

impl DnsRecord {
    /// The value in strings of at most 255 octets, as DNS stores it (RFC 6376, section 3.6.2.2).
    pub fn strings(&self) -> Vec<&str> {
        // The value is ASCII, so every octet is a boundary.
        (0..self.value.len()).step_by(255).map(|at| &self.value[at..self.value.len().min(at + 255)]).collect()
    }
}

/// A line for a zone file.
impl fmt::Display for DnsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strings: Vec<String> = self.strings().iter().map(|string| format!("\"{string}\"")).collect();
        write!(f, "{}. IN TXT ( {} )", self.name, strings.join(" "))
    }
}

/// The list of names, folded after colons, where white space is allowed (RFC 6376, section 3.5).
fn fold_names(names: &[&str]) -> String {
    let mut out = String::new();
    let mut column = 3;
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            out.push(':');
            column += 1;
        }
        if column + name.len() > 74 {
            out.push_str("\r\n  ");
            column = 2;
        }
        out.push_str(name);
        column += name.len();
    }
    out
}

#[cfg(test)]
mod tests;
