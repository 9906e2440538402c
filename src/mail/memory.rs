//! A mailer that keeps what it is given and answers as it is told: for tests and measurements. Nothing leaves the process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::address::EmailAddress;
use crate::mail::mailer::{Envelope, OpenError};
use crate::mail::reply::HandOver;

/// A message that was accepted, or taken by a relay that died before it said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The return path.
    pub from: Option<String>,
    /// The recipient.
    pub to: String,
    /// The message, headers and all.
    pub bytes: Vec<u8>,
}

/// How a relay behaves towards one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It answers with a code and words: 2xx accepts, 421 also ends the session.
    Reply(u16, String),
    /// The connection dies before the message's end is sent.
    DropBeforeEnd,
    /// The connection dies after the message's end.
    DropAfterEnd {
        /// Whether the relay took it all the same.
        taken: bool,
    },
}

/// A relay in memory. Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct MemoryMailer {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<SentMessage>,
    accepted: usize,
    attempts: usize,
    counts_only: bool,
    refused_openings: VecDeque<OpenError>,
    to: HashMap<String, VecDeque<Answer>>,
    nth: HashMap<usize, Answer>,
}

impl MemoryMailer {
    /// A relay that accepts everything.
    pub fn new() -> MemoryMailer {
        MemoryMailer::default()
    }

    /// A relay that accepts everything and only counts: for measuring, where keeping the bytes would be what is measured.
    pub fn counting() -> MemoryMailer {
        let mailer = MemoryMailer::default();
        mailer.state().counts_only = true;
        mailer
    }

    /// Answers the next message to this address so; said several times, the answers come in order.
    pub fn answer_to(&self, address: &str, answer: Answer) {
        self.state().to.entry(address.to_owned()).or_default().push_back(answer);
    }

    /// Answers the `nth` message so, counted from 1 over all sessions.
    pub fn answer_nth(&self, nth: usize, answer: Answer) {
        self.state().nth.insert(nth, answer);
    }

    /// Refuses the next opening of a session.
    pub fn refuse_opening(&self, error: OpenError) {
        self.state().refused_openings.push_back(error);
    }

    /// What was taken so far, in order.
    pub fn sent(&self) -> Vec<SentMessage> {
        self.state().sent.clone()
    }

    /// How many messages were taken so far.
    pub fn accepted(&self) -> usize {
        self.state().accepted
    }

    /// Opens a session, unless told otherwise.
    pub fn open(&self) -> Result<MemorySession, OpenError> {
        match self.state().refused_openings.pop_front() {
            Some(error) => Err(error),
            None => Ok(MemorySession { mailer: self.clone(), is_broken: false }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere has its own message; the state is plain data and still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_answer(&mut self, to: &str) -> Answer {
        self.attempts += 1;
        let scripted = self.nth.remove(&self.attempts).or_else(|| self.to.get_mut(to)?.pop_front());
        scripted.unwrap_or_else(|| Answer::Reply(250, "2.0.0 Ok".to_owned()))
    }

    fn take(&mut self, envelope: &Envelope<'_>, message: &[u8]) {
        self.accepted += 1;
        if !self.counts_only {
            self.sent.push(SentMessage {
                from: envelope.from.map(EmailAddress::ascii),
                to: envelope.to.ascii(),
                bytes: message.to_vec(),
            });
        }
    }
}

/// A session with the relay in memory.
#[derive(Debug)]
pub struct MemorySession {
    mailer: MemoryMailer,
    is_broken: bool,
}

impl MemorySession {
    /// Takes one message and answers as it was told to.
    pub fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> HandOver {
        if self.is_broken {
            return HandOver::NotHandedOver { why: "the session had ended".to_owned() };
        }
        let mut state = self.mailer.state();
        match state.next_answer(&envelope.to.ascii()) {
            Answer::Reply(code, text) if code < 400 => {
                state.take(envelope, message);
                HandOver::accepted(&text)
            }
            Answer::Reply(code, text) => {
                self.is_broken = code == 421;
                HandOver::negative(code, &text)
            }
            Answer::DropBeforeEnd => {
                self.is_broken = true;
                HandOver::NotHandedOver { why: "the connection was lost before the end of the message".to_owned() }
            }
            Answer::DropAfterEnd { taken } => {
                self.is_broken = true;
                if taken {
                    state.take(envelope, message);
                }
                HandOver::InDoubt { why: "the connection was lost after the end of the message".to_owned() }
            }
        }
    }

    /// Whether the session has ended.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(session: &mut MemorySession, to: &str) -> HandOver {
        let to = EmailAddress::parse(to).unwrap();
        session.send(&Envelope { from: None, to: &to, id: None }, b"x")
    }

    #[test]
    fn answers_come_by_address_and_by_count() {
        let mailer = MemoryMailer::new();
        mailer.answer_to("a@example.org", Answer::Reply(450, "4.2.1 later".into()));
        mailer.answer_nth(3, Answer::Reply(550, "5.1.1 nobody".into()));
        let mut session = mailer.open().unwrap();
        assert!(matches!(send(&mut session, "a@example.org"), HandOver::Deferred { code: 450, .. }));
        assert!(matches!(send(&mut session, "a@example.org"), HandOver::Accepted { .. }));
        assert!(matches!(send(&mut session, "b@example.org"), HandOver::Refused { code: 550, .. }));
        assert_eq!(mailer.sent().len(), 1);
    }

    #[test]
    fn a_session_that_died_takes_nothing_more() {
        for answer in [Answer::Reply(421, "bye".into()), Answer::DropBeforeEnd, Answer::DropAfterEnd { taken: true }] {
            let mailer = MemoryMailer::counting();
            mailer.answer_nth(1, answer);
            let mut session = mailer.open().unwrap();
            send(&mut session, "a@example.org");
            assert!(session.is_broken());
            assert!(matches!(send(&mut session, "a@example.org"), HandOver::NotHandedOver { .. }));
        }
    }

    #[test]
    fn an_opening_can_be_refused() {
        let mailer = MemoryMailer::new();
        mailer.refuse_opening(OpenError::Unreachable { relay: "memory".into(), why: "told so".into() });
        assert!(mailer.open().is_err());
        assert!(mailer.open().is_ok());
    }
}
