//! The ways out of the house, behind one enum: an SMTP relay, a folder, memory. Hands over one finished message at a time; retries nothing and
//! records nothing, which is for those who know the ledger.

use crate::domain::address::EmailAddress;
use crate::mail::memory::{MemoryMailer, MemorySession};
use crate::mail::outbox::{Outbox, OutboxSession};
use crate::mail::smtp::{SmtpRelay, SmtpSession};

pub use crate::mail::reply::HandOver;

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum Mailer {
    /// A relay that speaks SMTP.
    Smtp(SmtpRelay),
    /// A Maildir that any mail program opens.
    Outbox(Outbox),
    /// The tests' own memory.
    Memory(MemoryMailer),
}

/// Sender and recipient as the relay is told them; what stands in the message's headers plays no part.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Where returned mail goes; none is the empty return path, which nobody may answer (RFC 5321, section 4.5.5).
    pub from: Option<&'a EmailAddress>,
    /// The one recipient.
    pub to: &'a EmailAddress,
}

impl Envelope<'_> {
    /// Whether only a relay with SMTPUTF8 can take it (RFC 6531).
    pub fn needs_smtputf8(&self) -> bool {
        self.to.needs_smtputf8() || self.from.is_some_and(EmailAddress::needs_smtputf8)
    }
}

/// Why no session could be opened: no message was touched. Variants differ in who has to act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not there, or not now: try again later.
    #[error("relay {relay}: no connection: {why}; check that it runs and that host and port are right")]
    Unreachable {
        /// Host and port.
        relay: String,
        /// What happened.
        why: String,
    },
    /// It answers and does not want us now (4xx): try again later.
    #[error("relay {relay}: does not take mail now: {code} {reply}")]
    Busy {
        /// Host and port.
        relay: String,
        /// The reply code.
        code: u16,
        /// Its words.
        reply: String,
    },
    /// It answers and does not want us at all (5xx): for the operator.
    #[error(
        "relay {relay}: refuses to talk to us: {code} {reply}; check that it relays for this machine and the helo name"
    )]
    Refused {
        /// Host and port.
        relay: String,
        /// The reply code.
        code: u16,
        /// Its words.
        reply: String,
    },
    /// No encrypted connection that can be trusted: for the operator.
    #[error(
        "relay {relay}: no trusted encrypted connection: {why}; check the host name, the relay's certificate, ca_file and encryption"
    )]
    Tls {
        /// Host and port.
        relay: String,
        /// What happened.
        why: String,
    },
    /// It does not take our name and password: for the operator.
    #[error("relay {relay}: does not accept the login: {why}; check username and password")]
    Login {
        /// Host and port.
        relay: String,
        /// What happened.
        why: String,
    },
    /// The folder cannot be made or written to: for the operator.
    #[error("outbox {path:?}: {why}")]
    Outbox {
        /// The folder.
        path: String,
        /// What happened.
        why: String,
    },
}

impl OpenError {
    /// Whether waiting may help without anybody doing something.
    pub fn is_temporary(&self) -> bool {
        matches!(self, OpenError::Unreachable { .. } | OpenError::Busy { .. })
    }
}

impl Mailer {
    /// Opens a session, ready for the first message.
    pub async fn open(&self) -> Result<Session, OpenError> {
        match self {
            Mailer::Smtp(relay) => Ok(Session::Smtp(Box::new(relay.open().await?))),
            Mailer::Outbox(outbox) => Ok(Session::Outbox(outbox.open().await?)),
            Mailer::Memory(memory) => Ok(Session::Memory(memory.open()?)),
        }
    }

    /// Where mail goes, in words for people: `relay mail.example.org:587`, `outbox "demo/outbox"`.
    pub fn describe(&self) -> String {
        match self {
            Mailer::Smtp(relay) => format!("relay {}", relay.name()),
            Mailer::Outbox(outbox) => format!("outbox \"{}\"", outbox.path().display()),
            Mailer::Memory(_) => "memory".to_owned(),
        }
    }
}

/// An open way out: messages go through it one after the other.
#[derive(Debug)]
pub enum Session {
    /// A connection to a relay.
    Smtp(Box<SmtpSession>),
    /// An open folder.
    Outbox(OutboxSession),
    /// The tests' own memory.
    Memory(MemorySession),
}

impl Session {
    /// Hands over one message and waits for the last word on it.
    pub async fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> HandOver {
        match self {
            Session::Smtp(session) => session.send(envelope, message).await,
            Session::Outbox(session) => session.send(message).await,
            Session::Memory(session) => session.send(envelope, message),
        }
    }

    /// Whether nothing more can be sent through it: open another.
    pub fn is_broken(&self) -> bool {
        match self {
            Session::Smtp(session) => session.is_broken(),
            Session::Outbox(session) => session.is_broken(),
            Session::Memory(session) => session.is_broken(),
        }
    }

    /// Takes leave politely; a relay that does not answer is left after the time limit.
    pub async fn close(self) {
        if let Session::Smtp(session) = self {
            session.close().await;
        }
    }
}
