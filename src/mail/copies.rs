//! The copies of one message, one for each reader: spliced, and signed with all that they have in common looked at only once: which headers are
//! covered, the canonical form of those that are the same for everybody, the hash of the body up to its first slot, and the length of the signatures.
//! What comes out is what `dkim::prepend_signatures` makes of the same message. Sends nothing.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, Digest, SHA256, digest};
use chrono::{DateTime, Utc};

use crate::domain::address::EmailAddress;
use crate::mail::dkim::relaxed::{fields, is_relaxed, relax_header, relaxed_body, split};
use crate::mail::dkim::{Covered, Signer, fitting};
use crate::mail::mime::{Personal, Skeleton};
use crate::mail::octets::Octets;

/// A message ready to be copied for any reader.
pub struct Copies {
    skeleton: Skeleton,
    signers: Arc<Vec<Signer>>,
    /// The signatures that each copy gets.
    seals: Vec<Seal>,
    /// The header fields of one copy.
    known: Vec<Field>,
    /// The hash of the octets that every body begins with, if bodies are in relaxed form as they stand.
    begun: Option<Context>,
    /// How many those are.
    shared: usize,
    /// The octets of the signatures.
    room: usize,
}

struct Seal {
    /// Which signer.
    signer: usize,
    covered: Covered,
}

/// A header field, as it is and in relaxed form with its line end.
struct Field {
    raw: Vec<u8>,
    relaxed: Vec<u8>,
}

impl fmt::Debug for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Copies({} octets, {} signatures)", self.skeleton.fixed_size(), self.seals.len())
    }
}

impl Copies {
    /// Looks at one copy to learn what it has in common with the others.
    pub fn new(skeleton: Skeleton, signers: Arc<Vec<Signer>>) -> Self {
        let specimen = specimen(&skeleton);
        let (head, body) = split(&specimen);
        let fields = fields(head);
        let fit = fitting(&signers, &specimen);
        let seals: Vec<Seal> = signers
            .iter()
            .enumerate()
            .filter(|(_, signer)| fit.iter().any(|one| std::ptr::eq(*one, *signer)))
            .map(|(at, signer)| Seal { signer: at, covered: signer.covered(&fields) })
            .collect();
        let room = seals.iter().map(|seal| signers[seal.signer].length(&seal.covered)).sum();
        let known = fields.iter().map(|field| Field { raw: field.to_vec(), relaxed: relaxed_line(field) }).collect();
        let shared = skeleton.shared_body();
        let begun = is_relaxed(body).then(|| {
            let mut begun = Context::new(&SHA256);
            begun.update(shared);
            begun
        });
        let shared = shared.len();
        Self { skeleton, signers, seals, known, begun, shared, room }
    }

    /// Writes one reader's copy, signed at an instant, over whatever `out` held.
    pub fn write(&self, personal: &Personal<'_>, at: DateTime<Utc>, out: &mut Vec<u8>) {
        out.clear();
        out.resize(self.room, b' ');
        self.skeleton.splice(personal, out);
        if self.seals.is_empty() {
            return;
        }
        let signatures = self.signatures(&out[self.room..], at);
        if signatures.len() == self.room {
            out[..self.room].copy_from_slice(&signatures);
        } else {
            out.splice(..self.room, signatures);
        }
    }

    /// The same, over whatever `out` held: one that is not signed, which nobody has to read from end to end, shares what it has in common with others.
    pub fn lay(&self, personal: &Personal<'_>, at: DateTime<Utc>, out: &mut Octets) {
        out.clear();
        if self.are_signed() {
            self.write(personal, at, out.own());
        } else {
            self.skeleton.lay(personal, out);
        }
    }

    /// Whether copies are signed, which takes its time.
    pub fn are_signed(&self) -> bool {
        !self.seals.is_empty()
    }

    /// The octets that all readers share.
    pub fn fixed_size(&self) -> usize {
        self.skeleton.fixed_size()
    }

    fn signatures(&self, message: &[u8], at: DateTime<Utc>) -> Vec<u8> {
        let (head, body) = split(message);
        let (fields, hash) = (fields(head), self.hash(body));
        let mut out = Vec::with_capacity(self.room);
        for Seal { signer, covered } in &self.seals {
            let mut canonical = Vec::with_capacity(head.len() + 1024);
            for &place in &covered.order {
                self.relax(place, fields[place], &mut canonical);
            }
            out.extend(self.signers[*signer].seal(covered, canonical, &hash, at));
        }
        out
    }

    fn hash(&self, body: &[u8]) -> Digest {
        let Some(begun) = &self.begun else { return digest(&SHA256, &relaxed_body(body)) };
        // Slots are encoded so that a body stays in relaxed form whatever stands in them; a test holds that against any value.
        debug_assert!(is_relaxed(body), "a slot's value spoiled the relaxed form");
        let mut hash = begun.clone();
        hash.update(&body[self.shared..]);
        hash.finish()
    }

    fn relax(&self, place: usize, field: &[u8], out: &mut Vec<u8>) {
        match self.known.get(place) {
            Some(known) if known.raw == field => out.extend_from_slice(&known.relaxed),
            _ => {
                relax_header(field, out);
                out.extend_from_slice(b"\r\n");
            }
        }
    }
}

/// A copy for nobody. It has the same header fields as every other, since no value of a slot adds or ends one.
fn specimen(skeleton: &Skeleton) -> Vec<u8> {
    let nobody = EmailAddress::parse("nobody@example.org").expect("an address");
    let personal = Personal {
        to: &nobody,
        message_id: "nobody@example.org",
        unsubscribe_url: "https://example.org/u",
        unsubscribe_mailbox: None,
        preferences_url: "https://example.org/p",
        confirmed_on: "never",
    };
    let mut out = Vec::new();
    skeleton.splice(&personal, &mut out);
    out
}

fn relaxed_line(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    relax_header(field, &mut out);
    out.extend_from_slice(b"\r\n");
    out
}
