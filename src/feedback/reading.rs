//! The words for what came back. Holds values; reads nothing.

use super::addresses;
use super::letter::Letter;
use crate::domain::refusal::{Cause, Class};
use serde::Serialize;

/// What sort of message came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A delivery failed.
    Bounce,
    /// A delivery is late; the system goes on trying.
    Delay,
    /// Somebody reported our mail as unwanted.
    Complaint,
    /// A machine answered for its owner.
    AutoReply,
    /// Nothing of this: a report of success, a person's letter.
    None,
}

/// What was done for a recipient (RFC 3464, section 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Given up.
    Failed,
    /// Will be tried again.
    Delayed,
    /// In the mailbox.
    Delivered,
    /// Handed to a system that reports no further.
    Relayed,
    /// Handed to several addresses.
    Expanded,
}

/// What the message says of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The address that we had written to, as far as the report knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The enhanced status code (RFC 3463).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The SMTP reply code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_code: Option<String>,
    /// What was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What it says about the address.
    pub class: Class,
    /// Why, in words, and what the other system wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why, for the rules.
    #[serde(skip)]
    pub cause: Cause,
}

/// What a message that came back says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// What sort of message it is.
    pub kind: Kind,
    /// Recipient by recipient.
    pub results: Vec<Finding>,
    /// By what the mail that it is about can be known.
    #[serde(skip)]
    pub traces: Traces,
}

/// What else stands in a returned message by which its reader may be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// Where the message itself was sent to: the return path of the mail that it is about.
    pub sent_to: Vec<String>,
    /// Message-IDs of the mail that it is about, without angle brackets.
    pub message_ids: Vec<String>,
    /// The relay's own names for the mail that it is about.
    pub relay_ids: Vec<String>,
    /// Web addresses and mailboxes of its `List-Unsubscribe`.
    pub list_unsubscribe: Vec<String>,
    /// Its `To`.
    pub addressed_to: Vec<String>,
    /// Who wrote the message.
    pub from: Option<String>,
}

/// Several systems on the way note where a message was delivered to.
const SENT_TO: [&str; 5] = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to"];

impl Traces {
    pub(super) fn of(letter: &Letter) -> Self {
        let original = &letter.original;
        let sent_to = SENT_TO.iter().flat_map(|name| letter.headers.all(name)).flat_map(addresses::all).collect();
        let ids = original.all("message-id").chain(letter.headers.all("in-reply-to"));
        let ids = ids.chain(letter.headers.all("references")).chain(letter.report_fields("original-message-id"));
        Self {
            sent_to,
            message_ids: ids.flat_map(in_brackets).collect(),
            relay_ids: Vec::new(),
            list_unsubscribe: original.all("list-unsubscribe").flat_map(in_brackets).collect(),
            addressed_to: original.all("to").flat_map(addresses::all).collect(),
            from: letter.headers.first("from").and_then(|from| addresses::all(from).into_iter().next()),
        }
    }
}

fn in_brackets(value: &str) -> Vec<String> {
    let inside = value.split('<').skip(1).filter_map(|rest| Some(rest.split_once('>')?.0.trim()));
    inside.take(8).map(str::to_owned).collect()
}
