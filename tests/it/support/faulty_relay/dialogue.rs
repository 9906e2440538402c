//! One connection to the misbehaving relay: SMTP as far as a sender needs it, with the plan's answers in between.
//! Nothing is decided here; `Shared` knows the plan and keeps what came in.

use super::{Phase, Received, Shared};
use crate::support::maildir::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::ControlFlow;

/// One connection.
pub struct Dialogue<'a> {
    shared: &'a Shared,
    stream: BufReader<TcpStream>,
    sender: String,
    recipients: Vec<String>,
    messages: usize,
    logged_in: bool,
}

/// `Break`: the relay hangs up.
type Step = io::Result<ControlFlow<()>>;

const GO_ON: Step = Ok(ControlFlow::Continue(()));
const HANG_UP: Step = Ok(ControlFlow::Break(()));

impl<'a> Dialogue<'a> {
    /// A dialogue that has not begun.
    pub fn new(shared: &'a Shared, stream: TcpStream) -> Self {
        let stream = BufReader::new(stream);
        Self { shared, stream, sender: String::new(), recipients: Vec::new(), messages: 0, logged_in: false }
    }

    /// Serves the connection until one of both hangs up.
    pub fn serve(mut self) -> io::Result<()> {
        if self.answer(Phase::Greeting, None, "220 relay.example ESMTP")?.is_break() {
            return Ok(());
        }
        while let Some(line) = self.line()? {
            if self.command(&line)?.is_break() {
                break;
            }
        }
        self.stream.get_ref().shutdown(Shutdown::Both)
    }

    fn command(&mut self, line: &str) -> Step {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => self.ehlo(),
            "AUTH" => self.auth(argument),
            "MAIL" => self.mail(argument),
            "RCPT" => self.rcpt(argument),
            "DATA" => self.data(),
            "BDAT" if self.shared.plan().chunks => self.chunk(argument),
            "RSET" => {
                self.recipients.clear();
                self.say("250 2.0.0 forgotten")
            }
            "NOOP" => self.say("250 2.0.0 here"),
            "QUIT" => {
                self.shared.seen().goodbyes += 1;
                self.answer(Phase::Quit, None, "221 2.0.0 bye")
            }
            _ => self.say("502 5.5.2 unknown command"),
        }
    }

    fn ehlo(&mut self) -> Step {
        let auth = if self.shared.plan().login.is_some() { "250-AUTH PLAIN LOGIN\r\n" } else { "" };
        let chunking = if self.shared.plan().chunks { "250-CHUNKING\r\n" } else { "" };
        let offers =
            format!("250-relay.example\r\n250-PIPELINING\r\n{auth}{chunking}250-8BITMIME\r\n250 ENHANCEDSTATUSCODES");
        self.answer(Phase::Ehlo, None, &offers)
    }

    fn auth(&mut self, argument: &str) -> Step {
        let given = match argument.split_once(' ') {
            Some(("PLAIN", first)) => plain(first),
            None if argument == "PLAIN" => plain(&self.question("334 ")?),
            None if argument == "LOGIN" => {
                let name = decoded(&self.question("334 VXNlcm5hbWU6")?);
                Some((name, decoded(&self.question("334 UGFzc3dvcmQ6")?)))
            }
            _ => None,
        };
        self.logged_in = given.is_some() && given == self.shared.plan().login;
        self.say(if self.logged_in { "235 2.7.0 welcome" } else { "535 5.7.8 wrong name or password" })
    }

    fn mail(&mut self, argument: &str) -> Step {
        if self.shared.plan().login.is_some() && !self.logged_in {
            return self.say("530 5.7.0 log in first");
        }
        if self.shared.plan().busy_after.is_some_and(|limit| self.messages >= limit) {
            return self.say("421 4.7.0 too many messages on this connection");
        }
        self.sender = address(argument);
        self.recipients.clear();
        self.answer(Phase::Mail, None, "250 2.1.0 go on")
    }

    fn rcpt(&mut self, argument: &str) -> Step {
        let recipient = address(argument);
        self.shared.hang(Phase::Rcpt);
        self.shared.hang_on(&recipient);
        if let Some(line) = self.shared.planned(Phase::Rcpt, Some(&recipient)) {
            return self.say(&line);
        }
        self.recipients.push(recipient);
        self.say("250 2.1.5 go on")
    }

    fn data(&mut self) -> Step {
        if self.recipients.is_empty() {
            return self.say("554 5.5.1 nobody to send it to");
        }
        self.shared.hang(Phase::Data);
        if let Some(line) = self.shared.planned(Phase::Data, None) {
            return self.say(&line);
        }
        self.write("354 end with a dot")?;
        let Some(bytes) = self.message()? else { return HANG_UP };
        if let Some(line) = self.shared.planned(Phase::Message, None) {
            return self.say(&line);
        }
        self.take(bytes)
    }

    /// A whole message by its length: the sender makes one chunk of each. What is refused is read all the same (RFC 3030, section 2).
    fn chunk(&mut self, argument: &str) -> Step {
        self.shared.hang(Phase::Chunk);
        let refusal = self.shared.planned(Phase::Chunk, None);
        if refusal.as_deref() == Some("") {
            return HANG_UP;
        }
        let Some(length) = argument.strip_suffix(" LAST").and_then(|length| length.parse().ok()) else {
            return self.say("501 5.5.4 a length and LAST are wanted");
        };
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        if let Some(line) = refusal {
            return self.say(&line);
        }
        if self.recipients.is_empty() {
            return self.say("503 5.5.1 nobody to send it to");
        }
        if let Some(line) = self.shared.planned(Phase::Message, None) {
            return self.say(&line);
        }
        self.take(bytes)
    }

    fn take(&mut self, bytes: Vec<u8>) -> Step {
        let message_id = header(&bytes, "Message-ID").unwrap_or_default();
        let received = Received {
            sender: self.sender.clone(),
            recipients: self.recipients.clone(),
            message_id,
            bytes,
            answered: false,
        };
        let index = self.shared.remember(received);
        self.messages += 1;
        self.shared.hang(Phase::Message);
        if self.shared.takes_and_drops() {
            return HANG_UP;
        }
        self.write("250 2.0.0 taken")?;
        self.shared.seen().received[index].answered = true;
        GO_ON
    }

    /// The bytes up to the final dot, or `None` if the client went away before it.
    fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        loop {
            let mut line = Vec::new();
            self.stream.read_until(b'\n', &mut line)?;
            match line.as_slice() {
                [] => return Ok(None),
                b".\r\n" => return Ok(Some(message)),
                [b'.', rest @ ..] => message.extend_from_slice(rest),
                line => message.extend_from_slice(line),
            }
        }
    }

    fn answer(&mut self, phase: Phase, recipient: Option<&str>, usual: &str) -> Step {
        self.shared.hang(phase);
        let line = self.shared.planned(phase, recipient).unwrap_or_else(|| usual.to_owned());
        self.say(&line)
    }

    /// Answers, and hangs up after 221 and 421 (RFC 5321, section 3.8), or says nothing and hangs up.
    fn say(&mut self, line: &str) -> Step {
        if line.is_empty() {
            return HANG_UP;
        }
        self.write(line)?;
        if line.starts_with("421") || line.starts_with("221") { HANG_UP } else { GO_ON }
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes())
    }

    fn question(&mut self, line: &str) -> io::Result<String> {
        self.write(line)?;
        self.line().map(Option::unwrap_or_default)
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let size = self.stream.read_line(&mut line)?;
        Ok((size > 0).then(|| line.trim_end().to_owned()))
    }
}

/// The address between the angle brackets of `FROM:<…>` or `TO:<…>`.
fn address(argument: &str) -> String {
    let inside = argument.split_once('<').and_then(|(_, rest)| rest.rsplit_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

/// Name and password of the PLAIN mechanism (RFC 4616).
fn plain(encoded: &str) -> Option<(String, String)> {
    let text = decoded(encoded);
    let mut parts = text.split('\0').skip(1).map(str::to_owned);
    Some((parts.next()?, parts.next()?))
}

fn decoded(encoded: &str) -> String {
    let bytes = STANDARD.decode(encoded.trim()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
