//! A private Dovecot on loopback that shows Maildirs by IMAP, as a reader's mail program sees them; and just enough of a client.

use super::postfix::MAILBOX_OWNER;
use super::process::{Process, free_port, open_folder, program};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A running Dovecot (2.3, as Debian 12 has it).
pub struct Dovecot {
    _process: Process,
    _folder: TempDir,
    /// The port of IMAP on 127.0.0.1.
    pub port: u16,
}

impl Dovecot {
    /// Shows the Maildirs `mailboxes/DOMAIN/LOCAL-PART/`, owned by the user of Postfix's mailboxes. Any password opens them.
    pub fn start(mailboxes: &Path) -> Self {
        Self::start_with(mailboxes, "")
    }

    /// Like `start`, with further lines for its configuration.
    pub fn start_with(mailboxes: &Path, settings: &str) -> Self {
        let folder = open_folder();
        let port = free_port();
        let config = folder.path().join("dovecot.conf");
        fs::write(&config, configuration(folder.path(), mailboxes, port) + settings)
            .expect("the folder can be written");
        let mut command = Command::new(program("dovecot", "dovecot-imapd"));
        command.arg("-F").arg("-c").arg(&config);
        let process = Process::start(&command, folder.path().join("start.log"));
        process.wait_for_port(port);
        Self { _process: process, _folder: folder, port }
    }

    /// Opens the inbox of `address`.
    pub fn open(&self, address: &str) -> Inbox {
        let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("Dovecot listens");
        let mut inbox = Inbox { connection: BufReader::new(connection), sent: 0, count: 0 };
        inbox.line();
        inbox.ask(&format!("LOGIN {address} any"));
        let answers = inbox.ask("SELECT INBOX");
        let exists = answers.iter().find_map(|line| line.strip_prefix("* ")?.strip_suffix(" EXISTS"));
        inbox.count = exists.and_then(|number| number.parse().ok()).expect("SELECT tells how many messages there are");
        inbox
    }
}

/// An open mailbox.
pub struct Inbox {
    connection: BufReader<TcpStream>,
    sent: usize,
    /// How many messages there were when it was opened.
    pub count: usize,
}

impl Inbox {
    /// The structure of message `number` (from 1) as Dovecot understood it: the answer to `FETCH … BODYSTRUCTURE`.
    pub fn structure(&mut self, number: usize) -> String {
        self.ask(&format!("FETCH {number} BODYSTRUCTURE")).join("\n")
    }

    /// Message `number` (from 1), byte for byte.
    pub fn message(&mut self, number: usize) -> Vec<u8> {
        self.send(&format!("FETCH {number} BODY.PEEK[]"));
        let announced = self.line();
        let size = announced.rsplit_once('{').and_then(|(_, size)| size.trim_end_matches('}').parse().ok());
        let mut message = vec![0; size.unwrap_or_else(|| panic!("no size in {announced:?}"))];
        self.connection.read_exact(&mut message).expect("as many bytes as announced");
        self.answers();
        message
    }

    fn ask(&mut self, command: &str) -> Vec<String> {
        self.send(command);
        self.answers()
    }

    fn send(&mut self, command: &str) {
        self.sent += 1;
        write!(self.connection.get_mut(), "a{} {command}\r\n", self.sent).expect("Dovecot reads");
    }

    /// The lines up to the tagged one, which must say OK.
    fn answers(&mut self) -> Vec<String> {
        let tag = format!("a{} ", self.sent);
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if let Some(result) = line.strip_prefix(&tag) {
                assert!(result.starts_with("OK"), "{line}\n{lines:#?}");
                return lines;
            }
            lines.push(line);
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let size = self.connection.read_line(&mut line).expect("Dovecot answers");
        assert!(size > 0, "Dovecot closed the connection");
        line.trim_end().to_owned()
    }
}

fn configuration(folder: &Path, mailboxes: &Path, port: u16) -> String {
    let folder = folder.display();
    let mailboxes = mailboxes.display();
    format!(
        "base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{mailboxes}/%d/%n:INDEX=MEMORY
mail_uid = {MAILBOX_OWNER}
mail_gid = {MAILBOX_OWNER}
first_valid_uid = {MAILBOX_OWNER}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"
    )
}
