//! The commands that name sender and recipient, with what the relay offers to be told beside them.

use std::fmt::Write as _;

use super::hello::Offers;
use crate::domain::address::EmailAddress;
use crate::mail::mailer::Envelope;

/// Room for what a command says beside addresses.
const OF_A_COMMAND: usize = 128;

/// The sender, how long the message is, and what a report about it is to say (RFC 5321, 1870, 6531, 3461).
pub fn mail(offers: &Offers, envelope: &Envelope<'_>, size: usize) -> String {
    let from = envelope.from.map(EmailAddress::ascii).unwrap_or_default();
    let mut command = String::with_capacity(OF_A_COMMAND + 2 * from.len());
    let _ = write!(command, "MAIL FROM:<{from}>");
    if offers.size {
        let _ = write!(command, " SIZE={size}");
    }
    if envelope.needs_smtputf8() {
        command.push_str(" SMTPUTF8");
    }
    if offers.dsn {
        command.push_str(" RET=HDRS");
        if let Some(id) = envelope.id {
            command.push_str(" ENVID=");
            xtext(id, &mut command);
        }
    }
    command.push_str("\r\n");
    command
}

/// The recipient, and when a report is wanted.
pub fn rcpt(offers: &Offers, envelope: &Envelope<'_>) -> String {
    let to = envelope.to.ascii();
    let mut command = String::with_capacity(OF_A_COMMAND + 2 * to.len());
    let _ = write!(command, "RCPT TO:<{to}>");
    if offers.dsn {
        command.push_str(" NOTIFY=FAILURE,DELAY");
        // An address outside ASCII has another form there (RFC 6533), which few relays know.
        if to.is_ascii() {
            command.push_str(" ORCPT=rfc822;");
            xtext(&to, &mut command);
        }
    }
    command.push_str("\r\n");
    command
}

/// Writes a value as the extension for reports wants it (RFC 3461, section 4).
fn xtext(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_graphic() && byte != b'+' && byte != b'=' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "+{byte:02X}");
        }
    }
}
