//! `[mail]`: by which way messages leave, how fast, and with which signature.

use super::reader::Table;
use super::secrets;
use super::values::{choice, duration, host, is_loopback, mail_domain, path, text, whole};
use crate::domain::newsletter::Newsletter;
use crate::mail::bulk::Login;
use crate::mail::dkim::Signer;
use crate::mail::smtp::{Encryption, RelaySettings};
use chrono::TimeDelta;
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The way.
    pub via: Via,
    /// Messages per second, at most; 0 for no limit.
    pub per_second: u32,
    /// Recipients that may be claimed and without an outcome at one time: what a crash can leave in doubt.
    pub open_claims: u32,
    /// How long after its due time an issue is still tried at addresses that put it off.
    pub deliver_within: TimeDelta,
    /// The signature, if there is one.
    pub dkim: Option<Dkim>,
}

/// The ways out.
#[derive(Debug, Clone)]
pub enum Via {
    /// A Maildir that any mail client opens; nobody gets anything.
    Outbox(PathBuf),
    /// A mail server that takes messages to everyone.
    Smtp(Relay),
}

/// A mail server.
#[derive(Clone)]
pub struct Relay {
    /// How to reach it.
    pub settings: RelaySettings,
    /// Connections at one time.
    pub connections: usize,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RelaySettings { host, port, encryption, username, password, .. } = &self.settings;
        let password = password.as_ref().map(|_| "***");
        let mut relay = f.debug_struct("Relay");
        relay.field("host", host).field("port", port).field("encryption", encryption).field("username", username);
        relay.field("password", &password).field("connections", &self.connections).finish_non_exhaustive()
    }
}

/// A DKIM key and its place in DNS.
#[derive(Clone)]
pub struct Dkim {
    /// The domain that signs.
    pub domain: String,
    /// The name of the key below it.
    pub selector: String,
    /// Where the key lies, or is to lie.
    pub key_file: PathBuf,
    /// The key in PEM form, known to be one; none before `dkim generate` has made it.
    pub key: Option<SecretString>,
}

impl fmt::Debug for Dkim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.key.is_some() { "***" } else { "none" };
        write!(f, "Dkim({}._domainkey.{}, {}, {key})", self.selector, self.domain, self.key_file.display())
    }
}

impl Dkim {
    /// What signs with it; nothing without a key.
    pub fn signer(&self) -> Option<Signer> {
        Signer::from_pem(&self.domain, &self.selector, self.key.as_ref()?).ok()
    }
}

/// Reads `[mail]`.
pub(super) fn read(table: &Table<'_>) -> Option<Mail> {
    let smtp = table.or("via", "\"outbox\"", choice([("outbox", false), ("smtp", true)]));
    let outbox = table.or("outbox", "\"outbox\"", path);
    let relay = relay(table, smtp);
    let per_second = table.or("per_second", "0", whole(0..=100_000));
    let open_claims = table.or("open_claims", "200", whole(1..=10_000));
    let deliver_within = table.or("deliver_within", "\"24h\"", duration("1h", "7d"));
    let dkim_table = table.table("dkim");
    let dkim = dkim(&dkim_table, smtp);
    table.done();
    let via = if smtp { Via::Smtp(relay?) } else { Via::Outbox(outbox) };
    Some(Mail { via, per_second, open_claims, deliver_within, dkim })
}

fn relay(table: &Table<'_>, wanted: bool) -> Option<Relay> {
    let encryptions = [("none", Encryption::None), ("starttls", Encryption::StartTls), ("tls", Encryption::Tls)];
    let host_written = table.has("host");
    let host = table.optional("host", host);
    if wanted && !host_written {
        table.problem("host", "missing; via = \"smtp\" needs a mail server, such as host = \"smtp.example.org\"");
    }
    let encryption = table.or("encryption", "\"starttls\"", choice(encryptions));
    let port = table.optional("port", whole(1..=65_535));
    let login = login(table);
    let ways = [("auto", Login::Auto), ("plain", Login::Plain), ("login", Login::Login), ("xoauth2", Login::Xoauth2)];
    let way = table.or("auth", "\"auto\"", choice(ways));
    if let (Some(host), Some(_), Encryption::None) = (&host, &login, encryption)
        && !is_loopback(host)
    {
        table.problem("encryption", "the password would cross the network in the open; use \"starttls\" or \"tls\"");
    }
    let ca_file = table.optional("ca_file", path);
    if let Some(file) = ca_file.as_deref().filter(|file| !file.is_file()) {
        table.problem("ca_file", format!("there is no file {}", file.display()));
    }
    let helo = table.optional("helo", super::values::host);
    let timeout = table.or("timeout", "\"60s\"", duration("5s", "10m"));
    let connections = table.or("connections", "4", whole(1..=100));
    let usual_port = match encryption {
        Encryption::None => 25,
        Encryption::StartTls => 587,
        Encryption::Tls => 465,
    };
    let (username, password) = login.unzip();
    let token_file = if way == Login::Xoauth2 { table.optional("password_file", path) } else { None };
    let settings = RelaySettings {
        host: host?,
        port: port.unwrap_or(usual_port),
        encryption,
        username,
        password,
        token_file,
        login: way,
        ca_file,
        helo_name: helo,
        timeout: timeout.to_std().unwrap_or_default(),
    };
    Some(Relay { settings, connections })
}

fn login(table: &Table<'_>) -> Option<(String, SecretString)> {
    let username = table.optional("username", text);
    let password = secrets::optional(table, "password");
    let has_password = table.has("password") || table.has("password_file");
    if table.has("username") && !has_password {
        table.problem("username", "a username needs a password or password_file");
    } else if has_password && !table.has("username") {
        table.problem(if table.has("password") { "password" } else { "password_file" }, "a password needs a username");
    }
    Some((username?, password?))
}

fn dkim(table: &Table<'_>, smtp: bool) -> Option<Dkim> {
    let domain = table.optional("domain", mail_domain);
    let selector = table.or("selector", "\"week\"", selector);
    let key_file = table.or("key_file", "\"week-in-review.dkim.pem\"", path);
    let direct = table.optional("key", text).map(SecretString::from);
    table.clash("key", "key_file");
    table.done();
    if !table.has("domain") {
        if table.has("key") || table.has("key_file") || table.has("selector") {
            table.problem("domain", "missing; set the domain that signs, such as domain = \"example.org\"");
        } else if smtp {
            table.warn("domain", "not set, so mail goes out unsigned; many receivers will refuse it or call it spam");
        }
    }
    let domain = domain?;
    let key = direct.or_else(|| {
        if key_file.exists() {
            return secrets::from_file(table, "key_file", &key_file);
        }
        let file = key_file.display();
        table.warn("key_file", format!("{file} is not there; make it with \"week-in-review dkim generate\""));
        None
    });
    if let Some(Err(error)) = key.as_ref().map(|key| Signer::from_pem(&domain, &selector, key)) {
        table.problem(if table.has("key") { "key" } else { "key_file" }, error.to_string());
    }
    Some(Dkim { domain, selector, key_file, key })
}

fn selector(node: &super::document::Node) -> Result<String, String> {
    let text = node.text()?;
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !label.starts_with('-')
    };
    let sound = text.len() <= 63 && text.split('.').all(label);
    if sound { Ok(text.to_ascii_lowercase()) } else { Err(format!("{text:?} is not a name in DNS such as \"week\"")) }
}

/// Receivers that ask for DMARC take a signature only from the domain of From or one above it.
pub(super) fn warn_of_foreign_signatures(table: &Table<'_>, mail: &Mail, newsletters: &[Newsletter]) {
    let Some(dkim) = &mail.dkim else { return };
    for newsletter in newsletters {
        let Ok(from) = newsletter.from_address() else { continue };
        let aligned = from.domain() == dkim.domain || from.domain().ends_with(&format!(".{}", dkim.domain));
        if !aligned {
            let sentence = format!(
                "newsletter \"{}\" is from {}, for which {:?} cannot sign; DMARC will count it as unsigned",
                newsletter.slug,
                from.domain(),
                dkim.domain
            );
            table.table("dkim").warn("domain", sentence);
        }
    }
}
