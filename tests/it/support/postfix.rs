//! A private Postfix on loopback: takes mail over STARTTLS, delivers it into Maildirs, and lets nothing leave the machine.

use super::maildir;
use super::process::{Process, free_port, open_folder, program, run, set_mode, wait_until};
use super::tls::Certificates;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The user `nobody`, who owns the mailboxes.
pub const MAILBOX_OWNER: u32 = 65_534;

/// The program that starts all others of Postfix; it is in no one's `PATH`.
const MASTER: &str = "/usr/lib/postfix/sbin/master";

/// A running Postfix.
pub struct Postfix {
    process: Process,
    folder: TempDir,
    /// The port on 127.0.0.1; it insists on STARTTLS.
    pub port: u16,
    /// What a client needs to trust it.
    pub certificates: Certificates,
}

impl Postfix {
    /// Starts one that has a mailbox for each of `addresses`, also for `name+anything@domain`, and refuses everybody else.
    pub fn start<A: AsRef<str>>(addresses: &[A]) -> Self {
        Self::start_with(addresses, "")
    }

    /// Like `start`, with further lines for `main.cf`.
    pub fn start_with<A: AsRef<str>>(addresses: &[A], settings: &str) -> Self {
        let postfix = program("postfix", "postfix");
        let folder = open_folder();
        assert_eq!(
            folder.path().metadata().expect("just made").uid(),
            0,
            "Postfix changes users: run the tests as root (scripts/test does)"
        );
        let port = free_port();
        let certificates = Certificates::make(folder.path());
        for name in ["etc", "spool", "data", "mail"] {
            fs::create_dir(folder.path().join(name)).expect("the folder is empty");
        }
        give_to_postfix(&folder.path().join("data"));
        chown(folder.path().join("mail"), Some(MAILBOX_OWNER), Some(MAILBOX_OWNER)).expect("root may");
        let etc = folder.path().join("etc");
        let write = |name: &str, text: &str| fs::write(etc.join(name), text).expect("the folder can be written");
        write("mailboxes", &mailboxes(addresses));
        write("main.cf", &(main_cf(folder.path(), addresses, &certificates) + settings));
        write("master.cf", &master_cf(port));

        // Makes the queue's folders. It wants an absolute folder, and its own `start` would escape from our `Process`.
        run(Command::new(postfix).arg("-c").arg(&etc).arg("check"));
        let mut command = Command::new(MASTER);
        command.arg("-s").arg("-c").arg(&etc);
        let process = Process::start(&command, folder.path().join("start.log"));
        let started = Self { process, folder, port, certificates };
        started.wait_until("greets", || greeting(port));
        started
    }

    /// The folder with the Maildirs of all domains: `DOMAIN/LOCAL-PART/`.
    pub fn mailboxes(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    /// The messages that lie in the mailbox of `address` now.
    pub fn mailbox(&self, address: &str) -> Vec<Vec<u8>> {
        maildir::messages(&self.mailboxes().join(mailbox_of(address)))
    }

    /// Waits until the mailbox of `address` holds at least `count` messages.
    pub fn wait_for(&self, address: &str, count: usize) -> Vec<Vec<u8>> {
        self.wait_until("delivers", || Some(self.mailbox(address)).filter(|messages| messages.len() >= count))
    }

    /// Waits until everything that was accepted is delivered or bounced, so that what is not there will not come any more.
    pub fn wait_until_idle(&self) {
        let queues =
            ["incoming", "active", "deferred", "maildrop"].map(|queue| self.folder.path().join("spool").join(queue));
        self.wait_until("empties its queues", || queues.iter().all(|queue| is_without_files(queue)).then_some(()));
    }

    /// How many messages wait in its queues.
    pub fn queued(&self) -> usize {
        let listed = self.shell("postqueue -j");
        listed.lines().filter(|line| line.contains("queue_id")).count()
    }

    /// Runs a command line as an administrator would, with this Postfix in place of the machine's own.
    pub fn run(&self, command: &str) {
        self.shell(command);
    }

    fn shell(&self, command: &str) -> String {
        let etc = self.folder.path().join("etc").display().to_string();
        let ours = ["postqueue", "postsuper"]
            .iter()
            .fold(command.to_owned(), |line, name| line.replace(name, &format!("/usr/sbin/{name} -c {etc}")));
        let output = Command::new("sh").arg("-c").arg(&ours).output().expect("a shell is there");
        assert!(output.status.success(), "{ours}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Its log, for messages of failed tests and for what only the log tells.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default() + &self.process.log()
    }

    fn wait_until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        wait_until(look).unwrap_or_else(|| panic!("waited in vain until Postfix {what}; its log:\n{}", self.log()))
    }
}

fn greeting(port: u16) -> Option<()> {
    let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line).ok()?;
    line.starts_with("220 ").then_some(())
}

fn mailbox_of(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').expect("an address has an @");
    format!("{domain}/{local}/")
}

fn mailboxes<A: AsRef<str>>(addresses: &[A]) -> String {
    addresses.iter().map(AsRef::as_ref).fold(String::new(), |mut table, address| {
        writeln!(table, "{address} {}", mailbox_of(address)).expect("a string can be written");
        table
    })
}

fn domains<A: AsRef<str>>(addresses: &[A]) -> String {
    let mut domains: Vec<&str> =
        addresses.iter().filter_map(|address| address.as_ref().rsplit_once('@')).map(|(_, domain)| domain).collect();
    domains.sort_unstable();
    domains.dedup();
    domains.join(" ")
}

/// The queue manager and its helpers work as the user `postfix`.
fn give_to_postfix(folder: &Path) {
    run(Command::new("chown").arg("postfix").arg(folder));
    set_mode(folder, 0o700);
}

fn is_without_files(folder: &Path) -> bool {
    fs::read_dir(folder)
        .map_or(true, |entries| entries.flatten().all(|entry| entry.path().is_dir() && is_without_files(&entry.path())))
}

fn main_cf<A: AsRef<str>>(folder: &Path, addresses: &[A], certificates: &Certificates) -> String {
    let folder = folder.display();
    let domains = domains(addresses);
    let certificate = certificates.certificate.display();
    let key = certificates.key.display();
    format!(
        "compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.reader.example
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
inet_interfaces = loopback-only
recipient_delimiter = +
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/mailboxes
virtual_uid_maps = static:{MAILBOX_OWNER}
virtual_gid_maps = static:{MAILBOX_OWNER}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
# Nothing leaves the machine, and nothing is asked of a name server.
default_transport = error:5.1.2 this server delivers to its own mailboxes only
relay_transport = $default_transport
disable_dns_lookups = yes
smtpd_peername_lookup = no
notify_classes =
"
    )
}

fn master_cf(port: u16) -> String {
    format!(
        "127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
"
    )
}
