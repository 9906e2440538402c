//! A relay on loopback that behaves as badly as told, for the tests of both connections: it serves one and notes every line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Encryption, RelaySettings};
use crate::mail::bulk::Login;
use std::path::PathBuf;
use std::time::Duration;

pub const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls");

/// What the relay answers; an empty answer closes the connection, `…` says nothing and keeps it open.
#[derive(Clone)]
pub struct Manners {
    pub greeting: &'static str,
    pub ehlo: &'static str,
    pub mail: &'static str,
    pub rcpt: &'static str,
    pub data: &'static str,
    pub end: &'static str,
    pub starttls: &'static str,
    /// What is asked after AUTH, each before the client's next line, and before the last answer.
    pub questions: &'static [&'static str],
    pub auth: &'static str,
    /// Closes the connection after so many lines of a message.
    pub lines_taken: usize,
    /// Closes the connection after its answer to a message.
    pub leaves: bool,
    pub encryption: Encryption,
    pub certificate: &'static str,
}

pub const SILENCE: &str = "…";

impl Manners {
    pub const GOOD: Manners = Manners {
        greeting: "220 relay",
        ehlo: "250-relay\r\n250 AUTH PLAIN LOGIN",
        mail: "250 2.1.0 Ok",
        rcpt: "250 2.1.5 Ok",
        data: "354 go on",
        end: "250 2.0.0 Ok: queued as 4F2A",
        starttls: "220 go on",
        questions: &[],
        auth: "235 2.7.0 Welcome",
        lines_taken: usize::MAX,
        leaves: false,
        encryption: Encryption::None,
        certificate: "localhost.pem",
    };
}

/// A relay that serves one connection and notes every line.
pub struct Relay {
    pub port: u16,
    pub heard: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    pub fn start(manners: Manners) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&heard);
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            if manners.encryption == Encryption::Tls {
                let mut stream = BufReader::new(encrypted(stream, manners.certificate));
                serve(&mut stream, &manners, &notes, true);
            } else {
                let mut stream = BufReader::new(stream);
                if serve(&mut stream, &manners, &notes, true) {
                    let mut stream = BufReader::new(encrypted(stream.into_inner(), manners.certificate));
                    serve(&mut stream, &manners, &notes, false);
                }
            }
        });
        Relay { port, heard }
    }

    pub fn settings(&self) -> RelaySettings {
        RelaySettings {
            host: "localhost".into(),
            port: self.port,
            encryption: Encryption::None,
            username: None,
            password: None,
            token_file: None,
            login: Login::Auto,
            ca_file: Some(PathBuf::from(FIXTURES).join("ca.pem")),
            helo_name: Some("news.example.org".into()),
            timeout: Duration::from_secs(20),
        }
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn encrypted(stream: TcpStream, certificate: &str) -> rustls::StreamOwned<rustls::ServerConnection, TcpStream> {
    let certificate = CertificateDer::from_pem_file(format!("{FIXTURES}/{certificate}")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{FIXTURES}/localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    rustls::StreamOwned::new(rustls::ServerConnection::new(Arc::new(config)).unwrap(), stream)
}

/// Serves until the connection ends; whether the client now wants TLS.
fn serve<S: Read + Write>(
    stream: &mut BufReader<S>,
    manners: &Manners,
    notes: &Mutex<Vec<String>>,
    greet: bool,
) -> bool {
    if greet && !say(stream, manners.greeting) {
        return false;
    }
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        notes.lock().unwrap().push(line.trim_end().to_owned());
        let verb = line.trim_end().split([' ', ':']).next().unwrap_or_default();
        let go_on = match verb {
            "EHLO" => say(stream, manners.ehlo),
            "STARTTLS" if manners.starttls.starts_with("220") => return say(stream, manners.starttls),
            "STARTTLS" => say(stream, manners.starttls),
            "AUTH" => {
                let asked = manners.questions.iter().all(|question| say(stream, question) && note(stream, notes));
                asked && say(stream, manners.auth)
            }
            "MAIL" => say(stream, manners.mail),
            "RCPT" => say(stream, manners.rcpt),
            "DATA" if !manners.data.starts_with("354") => say(stream, manners.data),
            "DATA" => {
                say(stream, manners.data) && take_message(stream, manners, notes) && answer_and_stay(stream, manners)
            }
            "BDAT" => take_chunk(stream, &line, notes) && answer_and_stay(stream, manners),
            "QUIT" => {
                say(stream, "221 bye");
                false
            }
            _ => say(stream, "250 Ok"),
        };
        if !go_on {
            return false;
        }
    }
}

fn answer_and_stay<S: Read + Write>(stream: &mut BufReader<S>, manners: &Manners) -> bool {
    say(stream, manners.end) && !manners.leaves
}

fn note<S: Read + Write>(stream: &mut BufReader<S>, notes: &Mutex<Vec<String>>) -> bool {
    let mut line = String::new();
    let is_there = stream.read_line(&mut line).is_ok_and(|read| read > 0);
    notes.lock().unwrap().push(line.trim_end().to_owned());
    is_there
}

fn say<S: Read + Write>(stream: &mut BufReader<S>, answer: &str) -> bool {
    match answer {
        "" => false,
        // Until the client goes away.
        SILENCE => stream.read_to_end(&mut Vec::new()).is_err(),
        _ => stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).is_ok(),
    }
}

fn take_message<S: Read + Write>(stream: &mut BufReader<S>, manners: &Manners, notes: &Mutex<Vec<String>>) -> bool {
    for _ in 0..manners.lines_taken {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        notes.lock().unwrap().push(line.trim_end().to_owned());
        if line == ".\r\n" {
            return true;
        }
    }
    false
}

fn take_chunk<S: Read + Write>(stream: &mut BufReader<S>, command: &str, notes: &Mutex<Vec<String>>) -> bool {
    let length = command.split(' ').nth(1).and_then(|length| length.parse().ok()).unwrap_or_default();
    let mut chunk = vec![0; length];
    let taken = stream.read_exact(&mut chunk).is_ok();
    let text = String::from_utf8_lossy(&chunk);
    notes.lock().unwrap().extend(text.lines().map(str::to_owned));
    taken
}
