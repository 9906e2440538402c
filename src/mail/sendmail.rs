//! The `sendmail` pipe: one message on the standard input of a program, as every mail server brings one. Interprets its exit status, nothing else.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::domain::address::EmailAddress;
use crate::mail::mailer::{Envelope, OpenError};
use crate::mail::reply::{HandOver, kept};

/// How long the program may take over a message: it puts it into a queue.
const PATIENCE: Duration = Duration::from_mins(5);

/// Exit statuses of `sysexits.h` with a meaning for mail.
const NO_SUCH_USER: i32 = 67;
const NO_SUCH_HOST: i32 = 68;
const TEMPORARY: i32 = 75;

/// A program to pipe messages into.
#[derive(Debug, Clone)]
pub struct Sendmail {
    command: Vec<String>,
}

impl Sendmail {
    /// The program and its first arguments.
    pub fn new(command: Vec<String>) -> Self {
        Self { command }
    }

    /// The program.
    pub fn program(&self) -> &str {
        self.command.first().map_or("", String::as_str)
    }

    /// Whether the program is there.
    pub fn open(&self) -> Result<SendmailSession, OpenError> {
        let program = self.program();
        if program.contains('/') && !std::path::Path::new(program).is_file() {
            return Err(OpenError::Program { program: program.to_owned(), why: "there is no such file".to_owned() });
        }
        Ok(SendmailSession { command: self.command.clone(), is_broken: false })
    }
}

/// A way through the program.
#[derive(Debug)]
pub struct SendmailSession {
    command: Vec<String>,
    is_broken: bool,
}

impl SendmailSession {
    /// Gives one message to the program, and waits for its end.
    pub async fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> HandOver {
        let mut command = Command::new(self.command.first().map_or("", String::as_str));
        command.args(self.command.iter().skip(1)).args(arguments(envelope));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return self.lost(HandOver::NotHandedOver { why: error.to_string() }),
        };
        let talk = async {
            if let Some(mut input) = child.stdin.take() {
                // A program that ends before it has read all says why by its status.
                let _ = input.write_all(&with_bare_line_ends(message)).await;
            }
            child.wait_with_output().await
        };
        match timeout(PATIENCE, talk).await {
            Ok(Ok(output)) => verdict(output.status.code(), &String::from_utf8_lossy(&output.stderr)),
            Ok(Err(error)) => self.lost(HandOver::InDoubt { why: error.to_string() }),
            Err(_) => self.lost(HandOver::InDoubt { why: format!("no end within {PATIENCE:?}") }),
        }
    }

    fn lost(&mut self, word: HandOver) -> HandOver {
        self.is_broken = true;
        word
    }

    /// Whether the program could not be run.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }
}

/// A lone dot ends nothing (`-i`); addresses come after `--`, so that none is taken for an option.
fn arguments(envelope: &Envelope<'_>) -> Vec<String> {
    // An empty sender is written as two brackets.
    let from = envelope.from.map_or_else(|| "<>".to_owned(), EmailAddress::ascii);
    let mut arguments = vec!["-i".to_owned(), "-f".to_owned(), from, "-N".to_owned(), "failure,delay".to_owned()];
    if let Some(id) = envelope.id {
        arguments.extend(["-V".to_owned(), id.to_owned()]);
    }
    arguments.extend(["--".to_owned(), envelope.to.ascii()]);
    arguments
}

/// The program reads a text of this machine, whose lines end in LF; it makes CRLF of them again.
fn with_bare_line_ends(message: &[u8]) -> Vec<u8> {
    let mut text = message.to_vec();
    text.retain(|byte| *byte != b'\r');
    text
}

fn verdict(status: Option<i32>, said: &str) -> HandOver {
    let said = kept(said);
    match status {
        Some(0) => HandOver::accepted("taken by the program"),
        Some(NO_SUCH_USER | NO_SUCH_HOST) => HandOver::negative(550, &said),
        // Whatever else is wrong is wrong here, not with the recipient: later is another time.
        Some(TEMPORARY) => HandOver::negative(451, &said),
        Some(status) => HandOver::negative(451, &format!("4.3.5 the program ended with status {status}: {said}")),
        None => HandOver::InDoubt { why: "the program was killed".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn piped(script: &str, message: &[u8]) -> HandOver {
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let (from, to) =
            (EmailAddress::parse("b@example.org").unwrap(), EmailAddress::parse("jo@example.net").unwrap());
        let mut session = Sendmail::new(command).open().unwrap();
        session.send(&Envelope { from: Some(&from), to: &to, id: Some("x1") }, message).await
    }

    #[tokio::test]
    async fn the_program_gets_envelope_and_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("got");
        // With `sh -c` the first argument is $0.
        let script = format!("(echo \"$0 $@\"; cat) > {}", file.display());
        assert!(matches!(piped(&script, b"Subject: x\r\n\r\nbody\r\n").await, HandOver::Accepted { .. }));
        let got = std::fs::read_to_string(file).unwrap();
        assert_eq!(got, "-i -f b@example.org -N failure,delay -V x1 -- jo@example.net\nSubject: x\n\nbody\n");
    }

    #[tokio::test]
    async fn its_status_says_what_became_of_it() {
        assert!(matches!(piped("exit 67", b"x").await, HandOver::Refused { code: 550, .. }));
        assert!(matches!(piped("echo queue full >&2; exit 75", b"x").await, HandOver::Deferred { code: 451, .. }));
        assert!(matches!(piped("exit 1", b"x").await, HandOver::Deferred { .. }));
        assert!(matches!(piped("kill -9 $$", b"x").await, HandOver::InDoubt { .. }));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Sendmail::new(vec!["/nowhere/sendmail".into()]).open().unwrap_err();
        assert!(error.to_string().contains("/nowhere/sendmail"), "{error}");
    }
}
