//! The ways out of the house, behind one enum: an SMTP relay, a folder, memory. Hands over one finished message at a time; retries nothing and
//! records nothing, which is for those who know the ledger.

use crate::domain::address::EmailAddress;
use crate::mail::bulk::BulkConnection;
use crate::mail::http::{HttpRelay, HttpSession};
use crate::mail::memory::{MemoryMailer, MemorySession};
use crate::mail::octets::Octets;
use crate::mail::outbox::{Outbox, OutboxSession};
use crate::mail::sendmail::{Sendmail, SendmailSession};
use crate::mail::smtp::{SmtpRelay, SmtpSession};

pub use crate::mail::reply::HandOver;

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum Mailer {
    /// A relay that speaks SMTP.
    Smtp(Box<SmtpRelay>),
    /// A Maildir that any mail program opens.
    Outbox(Outbox),
    /// A program that takes messages on its standard input.
    Sendmail(Sendmail),
    /// A relay behind an HTTP API.
    Http(HttpRelay),
    /// The first of several that can be opened.
    FirstOf(Vec<Mailer>),
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
    /// The name by which a report about it is known again (`ENVID` of RFC 3461), where the relay takes one.
    pub id: Option<&'a str>,
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
    /// The program is not there: for the operator.
    #[error("program {program:?}: {why}; check command in [mail]")]
    Program {
        /// The program.
        program: String,
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

    /// The relay's or the system's own words in it.
    pub fn words(&self) -> &str {
        match self {
            OpenError::Busy { reply, .. } | OpenError::Refused { reply, .. } => reply,
            OpenError::Unreachable { why, .. }
            | OpenError::Tls { why, .. }
            | OpenError::Login { why, .. }
            | OpenError::Program { why, .. }
            | OpenError::Outbox { why, .. } => why,
        }
    }
}

impl Mailer {
    /// Opens a session, ready for the first message.
    pub async fn open(&self) -> Result<Session, OpenError> {
        match self {
            Mailer::Smtp(relay) => Ok(Session::Smtp(Box::new(relay.open().await?))),
            Mailer::Outbox(outbox) => Ok(Session::Outbox(outbox.open().await?)),
            Mailer::Sendmail(program) => Ok(Session::Sendmail(program.open()?)),
            Mailer::Http(relay) => Ok(Session::Http(Box::new(relay.open()))),
            Mailer::FirstOf(mailers) => open_first(mailers).await,
            Mailer::Memory(memory) => Ok(Session::Memory(memory.open()?)),
        }
    }

    /// Opens a way for an issue: up to `window` messages may be given before the word on the first of them is waited for.
    pub async fn open_bulk(&self, window: usize) -> Result<BulkSession, OpenError> {
        if let Mailer::Smtp(relay) = self {
            return Ok(BulkSession::Smtp(Box::new(relay.bulk().open(window).await?)));
        }
        let session = self.open().await?;
        Ok(BulkSession::Single(Box::new(SingleFile { session, waiting: None, has_begun: false })))
    }

    /// Where mail goes, in words for people: `relay mail.example.org:587`, `outbox "demo/outbox"`.
    pub fn describe(&self) -> String {
        match self {
            Mailer::Smtp(relay) => format!("relay {}", relay.name()),
            Mailer::Outbox(outbox) => format!("outbox \"{}\"", outbox.path().display()),
            Mailer::Sendmail(program) => format!("program {}", program.program()),
            Mailer::Http(relay) => format!("relay {}", relay.name()),
            Mailer::FirstOf(mailers) => mailers.iter().map(Mailer::describe).collect::<Vec<_>>().join(", else "),
            Mailer::Memory(_) => "memory".to_owned(),
        }
    }
}

/// Tries one after the other; the error of the last when none can be opened.
async fn open_first(mailers: &[Mailer]) -> Result<Session, OpenError> {
    let mut failed = OpenError::Unreachable { relay: "none".to_owned(), why: "none is configured".to_owned() };
    for mailer in mailers {
        match Box::pin(mailer.open()).await {
            Ok(session) => return Ok(session),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// An open way out: messages go through it one after the other.
#[derive(Debug)]
pub enum Session {
    /// A connection to a relay.
    Smtp(Box<SmtpSession>),
    /// An open folder.
    Outbox(OutboxSession),
    /// A program.
    Sendmail(SendmailSession),
    /// An HTTP API.
    Http(Box<HttpSession>),
    /// The tests' own memory.
    Memory(MemorySession),
}

impl Session {
    /// Hands over one message and waits for the last word on it.
    pub async fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> HandOver {
        match self {
            Session::Smtp(session) => session.send(envelope, message).await,
            Session::Outbox(session) => session.send(message).await,
            Session::Sendmail(session) => session.send(envelope, message).await,
            Session::Http(session) => session.send(envelope, message).await,
            Session::Memory(session) => session.send(envelope, message),
        }
    }

    /// Whether nothing more can be sent through it: open another.
    pub fn is_broken(&self) -> bool {
        match self {
            Session::Smtp(session) => session.is_broken(),
            Session::Outbox(session) => session.is_broken(),
            Session::Sendmail(session) => session.is_broken(),
            Session::Http(session) => session.is_broken(),
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

/// An open way out for many messages.
#[derive(Debug)]
pub enum BulkSession {
    /// A connection to a relay, with several messages on the way.
    Smtp(Box<BulkConnection>),
    /// Any other way, one message after the other.
    Single(Box<SingleFile>),
}

/// A session that takes one message at a time.
#[derive(Debug)]
pub struct SingleFile {
    session: Session,
    waiting: Option<Waiting>,
    has_begun: bool,
}

#[derive(Debug)]
struct Waiting {
    from: Option<EmailAddress>,
    to: EmailAddress,
    id: Option<String>,
    message: Octets,
}

impl BulkSession {
    /// Whether another message may be given before the next word is waited for.
    pub fn has_room(&self) -> bool {
        match self {
            BulkSession::Smtp(connection) => connection.has_room(),
            BulkSession::Single(file) => file.waiting.is_none() && !file.session.is_broken(),
        }
    }

    /// Takes a message, and begins to hand it over where that needs no waiting. Only where there is room.
    pub async fn push(&mut self, envelope: &Envelope<'_>, message: Octets) {
        match self {
            BulkSession::Smtp(connection) => connection.push(envelope, message).await,
            BulkSession::Single(file) => {
                let (from, to, id) = (envelope.from.cloned(), envelope.to.clone(), envelope.id.map(str::to_owned));
                file.waiting = Some(Waiting { from, to, id, message });
            }
        }
    }

    /// The last word on the message that was given first, and its memory to be used again; `None` when none is on the way. May be dropped while
    /// it waits; then `abandon` tells what is known.
    pub async fn word(&mut self) -> Option<(HandOver, Octets)> {
        match self {
            BulkSession::Smtp(connection) => connection.word().await,
            BulkSession::Single(file) => file.word().await,
        }
    }

    /// Takes back what has not begun to leave, last first; says how many. Nothing further may be given.
    pub fn withdraw(&mut self) -> usize {
        match self {
            BulkSession::Smtp(connection) => connection.withdraw(),
            BulkSession::Single(file) => usize::from(!file.has_begun && file.waiting.take().is_some()),
        }
    }

    /// Ends it from our side: the words on the messages that were on the way, in the order they were given.
    pub fn abandon(&mut self, why: &str) -> Vec<HandOver> {
        match self {
            BulkSession::Smtp(connection) => connection.abandon(why),
            BulkSession::Single(file) => {
                let why = why.to_owned();
                let has_begun = file.has_begun;
                let word = |_| if has_begun { HandOver::InDoubt { why } } else { HandOver::NotHandedOver { why } };
                file.waiting.take().map(word).into_iter().collect()
            }
        }
    }

    /// Whether nothing more can be sent through it: open another.
    pub fn is_broken(&self) -> bool {
        match self {
            BulkSession::Smtp(connection) => connection.is_broken(),
            BulkSession::Single(file) => file.session.is_broken(),
        }
    }

    /// Takes leave politely; a relay that does not answer is left after a little time.
    pub async fn close(self) {
        match self {
            BulkSession::Smtp(connection) => connection.close().await,
            BulkSession::Single(file) => file.session.close().await,
        }
    }
}

impl SingleFile {
    async fn word(&mut self) -> Option<(HandOver, Octets)> {
        let Waiting { from, to, id, message } = self.waiting.as_ref()?;
        self.has_begun = true;
        let envelope = Envelope { from: from.as_ref(), to, id: id.as_deref() };
        let word = self.session.send(&envelope, &message.whole()).await;
        self.has_begun = false;
        let mut memory = self.waiting.take()?.message;
        memory.clear();
        Some((word, memory))
    }
}
