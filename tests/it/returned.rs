//! What comes back: an issue through a real Postfix whose bounces go through a mail alias into the program, and a mailbox on a real Dovecot.

mod ways;

use crate::support::dovecot::Dovecot;
use crate::support::maildir::header;
use crate::support::newsroom::{BINARY, Newsroom, eventually};
use crate::support::postfix::{MAILBOX_OWNER, Postfix};
use crate::support::process::{open_folder, set_mode};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::token::Returned;
use week_in_review::store::StoreError;

const READERS: usize = 2_000;
const UNKNOWN: std::ops::Range<usize> = 0..80;
const FULL: std::ops::Range<usize> = 80..140;
const POLICY: std::ops::Range<usize> = 140..190;
const COMPLAINING: std::ops::Range<usize> = 190..200;
const PATIENCE: Duration = Duration::from_mins(1);

/// The program and its spool where the mail system's user may reach them.
struct Alias(TempDir);

impl Alias {
    fn new() -> Self {
        let folder = open_folder();
        let program = folder.path().join("week-in-review");
        if fs::hard_link(BINARY, &program).is_err() {
            fs::copy(BINARY, &program).expect("room for the program");
        }
        set_mode(&program, 0o755);
        week_in_review::returns::spool::prepare(&folder.path().join("spool")).expect("our own folder");
        let line = format!(
            "bounces \"|{program} bounces read --spool {spool}\"\n",
            program = program.display(),
            spool = folder.path().join("spool").display()
        );
        fs::write(folder.path().join("aliases"), line).expect("our own folder");
        Self(folder)
    }

    fn spool(&self) -> std::path::PathBuf {
        self.0.path().join("spool")
    }

    /// Lines for `main.cf`: mail to the returns domain is local, and goes to the alias whatever stands behind a plus sign.
    fn settings(&self, transport: &str) -> String {
        let folder = self.0.path().display();
        fs::write(self.0.path().join("transport"), transport).expect("our own folder");
        format!(
            "mydestination = returns.harbour.example\nalias_maps = texthash:{folder}/aliases\nlocal_recipient_maps =\n\
             transport_maps = texthash:{folder}/transport\nsmtpd_reject_unlisted_recipient = no\ndefault_process_limit = 40\n"
        )
    }
}

fn transports(readers: &[String]) -> String {
    let mut table = String::new();
    for reader in &readers[FULL] {
        writeln!(table, "{reader} error:5.2.2 the mailbox is full").expect("a string");
    }
    for reader in &readers[POLICY] {
        writeln!(table, "{reader} error:5.7.1 message blocked because of the reputation of your network")
            .expect("a string");
    }
    table
}

fn mail_by(postfix: &Postfix, alias: &Alias) -> String {
    format!(
        "via = \"smtp\"\nhost = \"localhost\"\nport = {}\nencryption = \"starttls\"\nca_file = \"{}\"\nhelo = \"news.harbour.example\"\n\n\
         [returns]\naddress = \"bounces@returns.harbour.example\"\nspool = \"{}\"",
        postfix.port,
        postfix.certificates.authority.display(),
        alias.spool().display()
    )
}

/// A complaint as providers send it (RFC 5965), the address blanked: only the return path, or else our own Message-ID, tells who it was.
fn complain_to(delivered: &[u8]) -> String {
    let back = header(delivered, "Return-Path").unwrap_or_else(|| "bounces@returns.harbour.example".to_owned());
    let id = header(delivered, "Message-ID").expect("each mail has one");
    format!(
        "From: fbl@provider.example\nTo: {back}\nSubject: FW: The week\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nA reader complained.\n--b\n\
         Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nUser-Agent: Provider/1.0\n\n--b\n\
         Content-Type: text/rfc822-headers\n\nTo: redacted@provider.example\nMessage-ID: {id}\n\n--b--\n"
    )
}

/// Hands a complaint over as the mail system does.
fn complain(alias: &Alias, delivered: &[u8]) {
    let message = complain_to(delivered);
    let mut command = std::process::Command::new(BINARY);
    command.args(["bounces", "read", "--spool"]).arg(alias.spool()).env_clear().current_dir("/");
    let mut child = command.stdin(Stdio::piped()).spawn().expect("cargo has built it");
    child.stdin.take().expect("piped").write_all(message.as_bytes()).expect("it reads");
    assert!(child.wait().expect("it ends").success());
}

fn suppressed(newsroom: &Newsroom) -> BTreeSet<(String, String)> {
    let list = newsroom.json(&["subscribers", "suppressions", "list", "--json"]);
    let word = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    list.as_array().expect("a list").iter().map(|one| (word(one, "email"), word(one, "reason"))).collect()
}

fn is_empty(folder: &Path) -> bool {
    let is_message = |entry: fs::DirEntry| entry.path().extension().is_some_and(|end| end == "eml");
    fs::read_dir(folder).is_ok_and(|entries| !entries.flatten().any(is_message))
}

#[test]
fn exactly_the_right_readers_are_suppressed_after_an_issue_that_comes_back() {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(READERS);
    let alias = Alias::new();
    let postfix = Postfix::start_with(&readers[UNKNOWN.end..], &alias.settings(&transports(&readers)));
    newsroom.set(|settings| settings.mail = mail_by(&postfix, &alias));
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);

    assert_eq!(newsroom.send()["accepted"], READERS, "{}", postfix.log());
    postfix.wait_until_idle();
    for reader in &readers[COMPLAINING] {
        complain(&alias, &postfix.wait_for(reader, 1)[0]);
    }
    let service = newsroom.serve();
    eventually("the spool is empty", PATIENCE, || is_empty(&alias.spool()).then_some(()));
    eventually("the damage is noticed", PATIENCE, || service.log().contains("the next issue will wait").then_some(()));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());

    let gone = readers[UNKNOWN].iter().map(|reader| (reader.clone(), "hard_bounce".to_owned()));
    let angry = readers[COMPLAINING].iter().map(|reader| (reader.clone(), "complaint".to_owned()));
    let expected: BTreeSet<_> = gone.chain(angry).collect();
    assert_eq!(suppressed(&newsroom), expected);

    let counts = |reader: &str| newsroom.json(&["subscribers", "show", reader, "--json"])["returned"].clone();
    assert_eq!(counts(&readers[FULL.start])[0]["counts"], true, "a full mailbox is scored");
    assert_eq!(counts(&readers[POLICY.start])[0]["counts"], false, "a blocked network is not the reader's fault");
    assert_eq!(counts(&readers[READERS - 1]), serde_json::json!([]), "nobody healthy is touched");

    let report = newsroom.json(&["bounces", "report", "--issue", "1", "--json"]);
    let line = |cause: &str| {
        let lines = report["lines"].as_array().expect("lines").clone();
        lines.into_iter().find(|line| line["cause"] == cause).map(|line| line["readers"].as_u64())
    };
    assert_eq!(line("no_mailbox"), Some(Some(UNKNOWN.len() as u64)), "{report:#}");
    assert_eq!(line("full"), Some(Some(FULL.len() as u64)));
    assert_eq!(line("reputation"), Some(Some(POLICY.len() as u64)));
    assert_eq!(report["totals"]["complaints"], COMPLAINING.len());

    newsroom.call(&["subscribers", "import", "list.csv"]);
    assert_eq!(suppressed(&newsroom), expected, "importing the same list again resurrects no one");
    newsroom.make_due(2);
    newsroom.bring(&["Tide tables", "A lighthouse sold", "The pilots' strike"]);
    newsroom.call(&["send", "--yes", "--json"]);
    let held = newsroom.issue(2);
    assert!(held["state"] == "held" && held["reason"].to_string().contains("did damage"), "{held:#}");
}

/// A bounce for a reader, to the return path that only we can sign.
fn bounce(newsroom: &Newsroom, reader: &str) -> String {
    let keyring = week_in_review::keys::load(&newsroom.path("week-in-review.keys"), None).expect("init made them");
    let address = EmailAddress::parse(reader).expect("an address");
    let person = newsroom.store().read_people::<_, StoreError>(|people| people.by_address(&address));
    let public_id = person.expect("the database answers").expect("a reader").public_id;
    let token = keyring.return_token(Returned { issue: newsroom.issue_id(1), public_id, epoch: 0 });
    format!(
        "From: MAILER-DAEMON@mx.example\r\nTo: bounces+{token}@returns.harbour.example\r\nSubject: failure notice\r\n\r\n\
         Hi. This is the qmail-send program at mx.example.\r\n\r\n<{reader}>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n"
    )
}

/// A mailbox in a folder of its own, as a mail server keeps it.
struct Mailbox(TempDir);

impl Mailbox {
    fn new() -> Self {
        let mailbox = Self(open_folder());
        let inbox = mailbox.inbox();
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(inbox.join(part)).expect("our own folder");
        }
        let parts = ["new", "cur", "tmp"].map(|part| inbox.join(part));
        let above = [mailbox.0.path().to_owned(), mailbox.0.path().join("returns.harbour.example"), inbox];
        for folder in above.iter().chain(&parts) {
            chown(folder, Some(MAILBOX_OWNER), Some(MAILBOX_OWNER)).expect("root may");
        }
        mailbox
    }

    fn inbox(&self) -> std::path::PathBuf {
        self.0.path().join("returns.harbour.example/bounces")
    }

    fn deliver(&self, name: &str, message: &str) {
        let (drafted, delivered) = (self.inbox().join("tmp").join(name), self.inbox().join("new").join(name));
        fs::write(&drafted, message).expect("our own folder");
        chown(&drafted, Some(MAILBOX_OWNER), Some(MAILBOX_OWNER)).expect("root may");
        fs::rename(&drafted, &delivered).expect("the same folder");
    }
}

/// The settings under which returned mail is read from a mailbox on a server on this machine.
fn mail_from(port: u16, every: &str) -> String {
    format!(
        "via = \"outbox\"\n\n[returns]\naddress = \"bounces@returns.harbour.example\"\n\n[returns.imap]\nhost = \"127.0.0.1\"\n\
         port = {port}\nencryption = \"none\"\nusername = \"bounces@returns.harbour.example\"\npassword = \"any\"\nevery = \"{every}\""
    )
}

/// A newsroom whose issue two readers have, and a service that reads their bounces from a server with these settings as they come.
fn two_bounces_are_read(server: &str, every: &str) {
    let mut newsroom = Newsroom::new();
    newsroom.make_due(10);
    let readers = newsroom.subscribe(2);
    newsroom.bring(&["Harbour fees rise", "A new ferry", "Salt prices"]);
    newsroom.send();
    let mailbox = Mailbox::new();
    let dovecot = Dovecot::start_with(mailbox.0.path(), server);
    newsroom.set(|settings| settings.mail = mail_from(dovecot.port, every));
    mailbox.deliver("1.first", &bounce(&newsroom, &readers[0]));
    let service = newsroom.serve();
    eventually("the first is read", PATIENCE, || (suppressed(&newsroom).len() == 1).then_some(()));
    mailbox.deliver("2.second", &bounce(&newsroom, &readers[1]));
    eventually("the second is read", PATIENCE, || (suppressed(&newsroom).len() == 2).then_some(()));
    service.signal("TERM");
    assert_eq!(service.wait_for_end(), 0, "{}", service.log());
    let again = newsroom.json(&["bounces", "read", "--imap", "--json"]);
    assert_eq!(again["read"], 0, "what was seen is not read again");
}

#[test]
fn a_mailbox_is_read_at_the_start_and_whenever_its_server_tells_of_news() {
    two_bounces_are_read("", "20m");
}

#[test]
fn a_mailbox_whose_server_tells_of_no_news_is_asked_again_and_again() {
    two_bounces_are_read("protocol imap {\n  imap_capability = IMAP4rev1 UIDPLUS\n}\n", "1s");
}
