//! The dialogue about messages as a machine without sockets: what is to be written next, whom a reply is about, and what became of whom.
//!
//! Replies come in the order of the commands (RFC 2920, section 3.1), so a list of what is awaited attributes each exactly. A message counts as
//! handed over once its last octet was written; until then nobody can have taken it.

use std::collections::VecDeque;
use std::io::IoSlice;

use super::commands;
use super::hello::Offers;
use super::replies::Reply;
use crate::mail::mailer::Envelope;
use crate::mail::octets::Octets;
use crate::mail::reply::{HandOver, enhanced_code, kept};

/// How messages follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Whole messages, one behind the other (CHUNKING and PIPELINING).
    Chunks,
    /// The next envelope behind the end of a message; its text when it was asked for (PIPELINING).
    Envelopes,
    /// One command at a time.
    Steps,
}

/// One message on the way.
struct Flight {
    mail: String,
    rcpt: String,
    message: Octets,
    stage: Stage,
    /// The recipient was taken.
    has_recipient: bool,
    word: Option<HandOver>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Nothing of it was written.
    Waiting,
    /// The envelope was given to be written.
    Announced,
    /// The relay asks for the text.
    Invited,
    /// The text was given to be written.
    Leaving,
    /// Its last octet was written.
    Left,
}

/// What a reply will be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Reset,
    Mail,
    Rcpt,
    Data,
    End,
    /// The end of an empty text, sent only because the relay asked for one it has no recipient for.
    Nothing,
    Quit,
}

/// Bytes to be written.
struct Piece {
    octets: Octets,
    at: usize,
    /// The message that has left when all of this is written.
    ends: Option<u64>,
}

/// Messages on the way, oldest first.
pub struct Dialogue {
    offers: Offers,
    way: Way,
    window: usize,
    flights: VecDeque<Flight>,
    /// The number of the oldest flight.
    oldest: u64,
    awaited: VecDeque<(u64, Step)>,
    out: VecDeque<Piece>,
    spare: Vec<Octets>,
    /// A transaction may stand open at the relay: the next begins with RSET.
    needs_reset: bool,
    /// The relay kept a transaction open after a refusal: each begins with RSET.
    always_resets: bool,
    has_refused: bool,
    is_broken: bool,
}

impl std::fmt::Debug for Dialogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { way, window, flights, is_broken, .. } = self;
        write!(f, "Dialogue({way:?}, {} of {window} on the way, broken: {is_broken})", flights.len())
    }
}

impl Dialogue {
    /// A dialogue that has not begun.
    pub fn new(offers: Offers, window: usize) -> Self {
        let way = match offers {
            Offers { pipelining: true, chunking: true, .. } => Way::Chunks,
            Offers { pipelining: true, .. } => Way::Envelopes,
            _ => Way::Steps,
        };
        // One that leaves, one that is announced, one that is being made: more would only wait here.
        let most = match way {
            Way::Chunks => window,
            Way::Envelopes => window.min(3),
            Way::Steps => window.min(2),
        };
        Self {
            offers,
            way,
            window: most.max(1),
            flights: VecDeque::new(),
            oldest: 0,
            awaited: VecDeque::new(),
            out: VecDeque::new(),
            spare: Vec::new(),
            needs_reset: false,
            always_resets: false,
            has_refused: false,
            is_broken: false,
        }
    }

    /// Whether another message may be given.
    pub fn has_room(&self) -> bool {
        !self.is_broken && self.flights.len() < self.window
    }

    /// Whether no further message gets through.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Whether no message is on the way.
    pub fn is_idle(&self) -> bool {
        self.flights.is_empty()
    }

    /// Whether everything was said and answered.
    pub fn is_quiet(&self) -> bool {
        self.out.is_empty() && self.awaited.is_empty()
    }

    /// Whether the reply that is awaited first is the last word on a message.
    pub fn awaits_an_end(&self) -> bool {
        matches!(self.awaited.front(), Some((_, Step::End)))
    }

    /// Takes a message onto the way.
    pub fn push(&mut self, envelope: &Envelope<'_>, message: Octets) {
        let mut flight = Flight {
            mail: commands::mail(&self.offers, envelope, message.len()),
            rcpt: commands::rcpt(&self.offers, envelope),
            message,
            stage: Stage::Waiting,
            has_recipient: false,
            word: None,
        };
        if envelope.needs_smtputf8() && !self.offers.smtputf8 {
            // RFC 6531, section 3.7.4 has these codes for it; no other relay is asked, so the answer is ours.
            let sentence = "5.6.7 the relay does not take addresses outside ASCII (SMTPUTF8)";
            flight.word = Some(HandOver::negative(553, sentence));
        } else if self.is_broken {
            flight.word = Some(HandOver::NotHandedOver { why: "the session had ended".to_owned() });
        }
        self.flights.push_back(flight);
        self.advance();
    }

    /// The pieces to be written next, as many as fit; says how many.
    pub fn pending<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for piece in &self.out {
            filled += piece.octets.slices(piece.at, &mut slices[filled..]);
        }
        filled
    }

    /// Notes that so many octets were written.
    pub fn written(&mut self, mut octets: usize) {
        while let Some(piece) = self.out.front_mut() {
            let left = piece.octets.len() - piece.at;
            if octets < left {
                piece.at += octets;
                return;
            }
            octets -= left;
            if let Some(mut done) = self.out.pop_front() {
                done.octets.clear();
                if let Some(number) = done.ends {
                    self.spare.push(done.octets);
                    if let Some(flight) = self.flight(number) {
                        flight.stage = Stage::Left;
                    }
                }
            }
        }
    }

    /// Takes a reply; an error ends the connection.
    pub fn hear(&mut self, reply: &Reply) -> Result<(), String> {
        let Some((number, step)) = self.awaited.pop_front() else {
            self.is_broken = true;
            return Err(format!("the relay said {} unasked: {}", reply.code, reply.text()));
        };
        if reply.code == 421 {
            // RFC 5321, section 3.8: the relay closes the channel; what came after in the stream it does not look at.
            self.refuse(number, reply);
            self.end("the relay closed the session before this message's turn", false);
            return Ok(());
        }
        match (step, reply.code) {
            (Step::Reset, _) if self.way == Way::Steps => self.announce(number),
            (Step::Reset | Step::Nothing | Step::Quit, _) => {}
            // "Bad sequence" is about a message before, which was refused.
            (Step::Mail, 503) if self.way == Way::Chunks && self.has_refused => self.stumble(number),
            (Step::Mail, 200..=299) => self.after_mail(number),
            (Step::Rcpt, 200..=299) => self.after_rcpt(number),
            (Step::Data, 300..=399) => self.after_data(number),
            (Step::End, 200..=299) => self.after_end(number, reply),
            (_, 400..=599) => self.refuse(number, reply),
            (_, code) => {
                self.awaited.push_front((number, step));
                return Err(format!("the relay answered {code} out of turn"));
            }
        }
        self.advance();
        Ok(())
    }

    /// The connection is gone: whose last octet was written may have been taken, the others not.
    pub fn lose(&mut self, why: &str) {
        self.end(why, true);
    }

    fn end(&mut self, why: &str, may_be_taken: bool) {
        self.is_broken = true;
        self.out.clear();
        self.awaited.clear();
        for flight in self.flights.iter_mut().filter(|flight| flight.word.is_none()) {
            let why = why.to_owned();
            let is_in_doubt = may_be_taken && flight.stage == Stage::Left;
            flight.word = Some(if is_in_doubt { HandOver::InDoubt { why } } else { HandOver::NotHandedOver { why } });
        }
    }

    /// The last word on the oldest message, once nothing more about it is awaited, and its memory.
    pub fn word(&mut self) -> Option<(HandOver, Octets)> {
        let is_settled = self.awaited.front().is_none_or(|(number, _)| *number > self.oldest);
        if !is_settled || self.flights.front()?.word.is_none() {
            return None;
        }
        let flight = self.flights.pop_front()?;
        self.oldest += 1;
        let mut memory =
            if flight.message.has_memory() { flight.message } else { self.spare.pop().unwrap_or_default() };
        memory.clear();
        Some((flight.word?, memory))
    }

    /// Takes back those whose text was not given to be written, last first; says how many.
    pub fn withdraw(&mut self) -> usize {
        let mut taken_back = 0;
        while self.flights.back().is_some_and(|flight| flight.stage < Stage::Leaving && flight.word.is_none()) {
            self.flights.pop_back();
            taken_back += 1;
        }
        // What was announced may leave the relay waiting for a text; no goodbye is possible then.
        self.is_broken |= taken_back > 0;
        taken_back
    }

    /// Begins to take leave; whether there is anybody to take leave of.
    pub fn quit(&mut self) -> bool {
        if self.is_broken || !self.flights.is_empty() || !self.awaited.is_empty() {
            return false;
        }
        self.give(b"QUIT\r\n".to_vec(), None);
        self.awaited.push_back((self.oldest, Step::Quit));
        true
    }

    /// Gives to be written what can be.
    fn advance(&mut self) {
        let mut at = 0;
        while at < self.flights.len() && !self.is_broken {
            let number = self.oldest + at as u64;
            let flight = &self.flights[at];
            let stage = flight.stage;
            if flight.word.is_none() && stage == Stage::Waiting && self.may_begin(at) {
                self.announce(number);
            }
            if self.flights[at].stage == Stage::Invited {
                self.transfer(number);
            }
            at += 1;
        }
    }

    /// Whether a message may be announced: whole messages follow each other at once, envelopes once the text before has been given, steps once the
    /// relay has said its last word on the message before.
    fn may_begin(&self, at: usize) -> bool {
        match self.way {
            Way::Chunks => true,
            Way::Envelopes => {
                self.flights.iter().take(at).all(|flight| flight.stage >= Stage::Leaving || self.is_settled(flight))
            }
            Way::Steps => self.awaited.is_empty() && self.flights.iter().take(at).all(|flight| flight.word.is_some()),
        }
    }

    /// Refused before its text was asked for, and nothing more awaited.
    fn is_settled(&self, flight: &Flight) -> bool {
        flight.word.is_some()
            && !self.awaited.iter().any(|(_, step)| matches!(step, Step::Mail | Step::Rcpt | Step::Data))
    }

    fn announce(&mut self, number: u64) {
        let resets = std::mem::take(&mut self.needs_reset) || self.always_resets;
        let waits_for_reset = resets && self.way == Way::Steps;
        let Some(flight) = self.flight(number) else { return };
        flight.stage = Stage::Announced;
        if waits_for_reset {
            self.give(b"RSET\r\n".to_vec(), None);
            self.awaited.push_back((number, Step::Reset));
            return;
        }
        let (mail, rcpt) = (std::mem::take(&mut flight.mail), flight.rcpt.clone());
        let length = flight.message.len();
        let mut commands = Vec::with_capacity(mail.len() + rcpt.len() + 32);
        if resets {
            commands.extend_from_slice(b"RSET\r\n");
            self.awaited.push_back((number, Step::Reset));
        }
        commands.extend_from_slice(mail.as_bytes());
        self.awaited.push_back((number, Step::Mail));
        match self.way {
            Way::Steps => {}
            Way::Envelopes => {
                commands.extend_from_slice(rcpt.as_bytes());
                commands.extend_from_slice(b"DATA\r\n");
                self.awaited.extend([(number, Step::Rcpt), (number, Step::Data)]);
            }
            Way::Chunks => {
                commands.extend_from_slice(rcpt.as_bytes());
                commands.extend_from_slice(format!("BDAT {length} LAST\r\n").as_bytes());
                self.awaited.extend([(number, Step::Rcpt), (number, Step::End)]);
            }
        }
        self.give(commands, None);
        if self.way == Way::Chunks {
            self.give_message(number, b"");
        }
    }

    /// The text, now that the relay asks for it.
    fn transfer(&mut self, number: u64) {
        self.give_message(number, b".\r\n");
        self.awaited.push_back((number, Step::End));
    }

    fn give_message(&mut self, number: u64, end: &[u8]) {
        let Some(flight) = self.flight(number) else { return };
        flight.stage = Stage::Leaving;
        let mut message = std::mem::take(&mut flight.message);
        message.own().extend_from_slice(end);
        self.give(message, Some(number));
    }

    fn give(&mut self, octets: impl Into<Octets>, ends: Option<u64>) {
        self.out.push_back(Piece { octets: octets.into(), at: 0, ends });
    }

    fn after_mail(&mut self, number: u64) {
        if self.way == Way::Steps
            && let Some(flight) = self.flight(number)
        {
            let rcpt = flight.rcpt.clone().into_bytes();
            self.give(rcpt, None);
            self.awaited.push_back((number, Step::Rcpt));
        }
    }

    fn after_rcpt(&mut self, number: u64) {
        if let Some(flight) = self.flight(number) {
            flight.has_recipient = true;
        }
        if self.way == Way::Steps {
            self.give(b"DATA\r\n".to_vec(), None);
            self.awaited.push_back((number, Step::Data));
        }
    }

    fn after_data(&mut self, number: u64) {
        match self.flight(number) {
            Some(flight) if flight.word.is_none() => flight.stage = Stage::Invited,
            // The sender was refused, and yet the recipient is welcome and the text asked for: an empty one would reach somebody.
            Some(flight) if flight.has_recipient => self.end("the relay asked for a message that it had refused", true),
            // It was refused and the relay asks for its text all the same (RFC 2920, section 3.1).
            Some(_) => {
                self.give(b".\r\n".to_vec(), None);
                self.awaited.push_back((number, Step::Nothing));
            }
            // Withdrawn: the connection ends here.
            None => self.end("the message was taken back", true),
        }
    }

    fn after_end(&mut self, number: u64, reply: &Reply) {
        if let Some(flight) = self.flight(number)
            // After a stumble the relay may have taken the message into the transaction before: then it was taken.
            && (flight.word.is_none() || (flight.has_recipient && matches!(flight.word, Some(HandOver::NotHandedOver { .. }))))
        {
            flight.word = Some(HandOver::accepted(&reply.text()));
        }
    }

    /// The first refusal counts; what follows it in the same dialogue only follows from it.
    fn refuse(&mut self, number: u64, reply: &Reply) {
        (self.needs_reset, self.has_refused) = (true, true);
        if let Some(flight) = self.flight(number)
            && flight.word.is_none()
        {
            flight.word = Some(said_no(reply));
        }
    }

    /// The relay was still at the refused message before: this one was not looked at.
    fn stumble(&mut self, number: u64) {
        self.always_resets = true;
        if let Some(flight) = self.flight(number) {
            let why = "the relay was still at the message before, which it refused".to_owned();
            flight.word = Some(HandOver::NotHandedOver { why });
        }
    }

    fn flight(&mut self, number: u64) -> Option<&mut Flight> {
        self.flights.get_mut(number.checked_sub(self.oldest)? as usize)
    }
}

/// What a refusal means. One about the commands (RFC 5321, section 4.2.2: unknown, not implemented, out of sequence; RFC 3463: 5.5) says that one of us
/// has lost count, and nothing about anybody.
fn said_no(reply: &Reply) -> HandOver {
    let text = reply.text();
    let is_about_commands = matches!(reply.code, 500 | 502 | 503)
        && enhanced_code(&text).is_none_or(|enhanced| enhanced.starts_with("5.5."));
    if is_about_commands {
        HandOver::NotHandedOver { why: kept(&format!("the relay lost count: {} {text}", reply.code)) }
    } else {
        HandOver::negative(reply.code, &text)
    }
}

#[cfg(test)]
mod tests;
