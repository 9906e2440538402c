//! A mail sink that is not the limit of what is measured against it: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN and CHUNKING; a thread a connection.
//! Takes everything, keeps nothing.
//!
//! `sink LISTEN [--log FILE] [--no-chunking]`: with a log, each recipient of a message stands in it before the message is answered.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use memchr::{memchr, memmem};

/// What arrived and is not looked at yet is never more than this.
const BUFFER: usize = 1 << 18;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let listen = arguments.first().map_or("127.0.0.1:2525", String::as_str);
    let log = arguments.iter().position(|argument| argument == "--log").and_then(|at| arguments.get(at + 1));
    let log = log.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
    let log = log.map(|file| Arc::new(Mutex::new(file)));
    let takes_chunks = !arguments.iter().any(|argument| argument == "--no-chunking");
    for stream in TcpListener::bind(listen)?.incoming().flatten() {
        let log = log.clone();
        // A client that goes away is its own business.
        thread::spawn(move || drop(Connection::new(stream, log, takes_chunks).serve()));
    }
    Ok(())
}

/// Where in the dialogue a connection is.
enum State {
    Command,
    /// Inside a message that ends with a dot.
    Text,
    /// Inside a chunk: octets left, and whether the message ends with it.
    Chunk(usize, bool),
}

struct Connection {
    stream: TcpStream,
    log: Option<Arc<Mutex<File>>>,
    takes_chunks: bool,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    state: State,
    recipients: Vec<u8>,
    answers: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream, log: Option<Arc<Mutex<File>>>, takes_chunks: bool) -> Self {
        let (recipients, answers) = (Vec::new(), b"220 sink ESMTP\r\n".to_vec());
        let buffer = vec![0; BUFFER];
        Self { stream, log, takes_chunks, buffer, from: 0, to: 0, state: State::Command, recipients, answers }
    }

    fn serve(mut self) -> std::io::Result<()> {
        self.stream.set_nodelay(true)?;
        loop {
            while self.step() {}
            self.stream.write_all(&self.answers)?;
            self.answers.clear();
            if self.from == self.to {
                (self.from, self.to) = (0, 0);
            } else if self.to > BUFFER / 2 {
                self.buffer.copy_within(self.from..self.to, 0);
                (self.from, self.to) = (0, self.to - self.from);
            }
            match self.stream.read(&mut self.buffer[self.to..])? {
                0 => return Ok(()),
                read => self.to += read,
            }
        }
    }

    /// Uses up some of what has arrived; whether there may be more to use.
    fn step(&mut self) -> bool {
        match self.state {
            State::Command => self.command(),
            State::Text => self.text(),
            State::Chunk(left, is_last) => {
                let here = left.min(self.to - self.from);
                self.from += here;
                self.state = if here < left { State::Chunk(left - here, is_last) } else { State::Command };
                if here == left && is_last {
                    self.taken();
                } else if here == left {
                    self.answers.extend_from_slice(b"250 2.0.0 Ok\r\n");
                }
                here == left
            }
        }
    }

    fn command(&mut self) -> bool {
        let Some(end) = memchr(b'\n', &self.buffer[self.from..self.to]) else { return false };
        let line = self.buffer[self.from..self.from + end].to_vec();
        self.from += end + 1;
        let is = |verb: &[u8]| line.len() >= verb.len() && line[..verb.len()].eq_ignore_ascii_case(verb);
        if is(b"BDAT ") {
            let text = String::from_utf8_lossy(&line[5..]).into_owned();
            let mut words = text.split_ascii_whitespace();
            let length = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            self.state = State::Chunk(length, words.next().is_some());
        } else if is(b"DATA") {
            self.answers.extend_from_slice(b"354 go on\r\n");
            self.state = State::Text;
        } else if is(b"EHLO") {
            self.answers
                .extend_from_slice(b"250-sink\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-DSN\r\n");
            self.answers.extend_from_slice(if self.takes_chunks { b"250-CHUNKING\r\n" } else { b"" });
            self.answers.extend_from_slice(b"250 SMTPUTF8\r\n");
        } else {
            if is(b"RCPT") && self.log.is_some() {
                let open = memchr(b'<', &line).map_or(0, |at| at + 1);
                let close = memchr(b'>', &line).unwrap_or(line.len()).max(open);
                self.recipients.extend_from_slice(&line[open..close]);
                self.recipients.push(b'\n');
            } else if is(b"RSET") {
                self.recipients.clear();
            }
            self.answers.extend_from_slice(if is(b"QUIT") { b"221 2.0.0 bye\r\n" } else { b"250 2.1.0 Ok\r\n" });
        }
        true
    }

    fn text(&mut self) -> bool {
        let here = &self.buffer[self.from..self.to];
        if let Some(at) = memmem::find(here, b"\r\n.\r\n") {
            self.from += at + 5;
            self.state = State::Command;
            self.taken();
            return true;
        }
        // The end may be cut in two.
        self.from = self.from.max(self.to.saturating_sub(4));
        false
    }

    fn taken(&mut self) {
        if let Some(log) = &self.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.write_all(&self.recipients).is_err() {
                self.answers.extend_from_slice(b"451 4.3.0 the log cannot be written\r\n");
                return;
            }
        }
        self.recipients.clear();
        self.answers.extend_from_slice(b"250 2.0.0 Ok: queued as 4Xyz0123456\r\n");
    }
}
