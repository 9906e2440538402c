//! Returned mail: what a message that came back means, and what that does to the state of its reader.
//!
//! [`read`] is the pure reader: bytes in, a [`Reading`] out, whatever the bytes; it stores nothing and decides nothing about readers.

mod addresses;
mod auto_reply;
mod complaint;
mod diagnosis;
mod dsn;
pub mod hooks;
mod html;
mod letter;
mod octets;
mod phrases;
mod prose;
mod reading;
pub mod report;
pub mod rules;
pub mod watch;

pub use reading::{Action, Finding, Kind, Reading, Traces};

use crate::domain::refusal::{Cause, Class};
use letter::Letter;

/// What a message that came back says.
///
/// In the order of certainty: a machine's report about complaints (RFC 5965), one about deliveries (RFC 3464), an answer by a machine (RFC 3834), and
/// last what systems write in words of their own.
pub fn read(message: &[u8]) -> Reading {
    let letter = Letter::read(message);
    let (kind, results) = judge(&letter);
    Reading { kind, results, traces: Traces::of(&letter) }
}

/// What a relay's refusal in the dialogue is about, and what it says about the address.
pub fn diagnose_reply(code: Option<u16>, enhanced: Option<&str>, reply: &str) -> (Cause, Class) {
    let code = code.map(|code| code.to_string());
    let symptoms = diagnosis::Symptoms { status: enhanced, reply_code: code.as_deref(), text: reply };
    diagnosis::diagnose(&symptoms)
}

fn judge(letter: &Letter) -> (Kind, Vec<Finding>) {
    if let Some(found) = complaint::read(letter) {
        return found;
    }
    if let Some(found) = dsn::read(letter) {
        return found;
    }
    if auto_reply::is_certain(letter) {
        return (Kind::AutoReply, auto_reply::who(letter));
    }
    if let Some(found) = prose::read(letter) {
        return found;
    }
    if auto_reply::is_likely(letter) {
        return (Kind::AutoReply, auto_reply::who(letter));
    }
    (Kind::None, Vec::new())
}

#[cfg(test)]
mod tests;
