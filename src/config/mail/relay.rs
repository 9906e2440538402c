//! The relays: those of `[[mail.relays]]`, or the one that `[mail]` itself describes.

use crate::config::document::Node;
use crate::config::reader::Table;
use crate::config::secrets;
use crate::config::values::{
    choice, date, duration, host, is_loopback, mail_domain, path, switch, text, web_address, whole,
};
use crate::mail::bulk::Login;
use crate::mail::http::mailgun::MailgunSettings;
use crate::mail::http::ses::SesSettings;
use crate::mail::relay_kind::RelayKind;
use crate::mail::smtp::{Encryption, RelaySettings};
use chrono::NaiveDate;
use secrecy::SecretString;
use std::fmt;
use std::time::Duration;

/// Something that takes messages to everyone.
#[derive(Debug, Clone)]
pub struct Relay {
    /// How it is reached.
    pub way: Way,
    /// What is known of it.
    pub kind: RelayKind,
    /// Connections at one time.
    pub connections: usize,
    /// Its share of the messages beside the others'.
    pub weight: u32,
    /// Whether it is used only while none of the others can be.
    pub is_fallback: bool,
    /// Messages a second, at most; 0 for no limit.
    pub per_second: u32,
    /// Messages a day, at most; 0 for no limit.
    pub per_day: u32,
    /// Messages on the first day, while it is warmed up; 0 for one that is known.
    pub warm_up: u32,
    /// The day (UTC) on which that began; all that it ever took counts if not set.
    pub warm_up_since: Option<NaiveDate>,
}

/// How a relay is reached.
#[derive(Clone)]
pub enum Way {
    /// SMTP.
    Smtp(RelaySettings),
    /// A program that takes one message on its standard input, and its arguments.
    Sendmail(Vec<String>),
    /// The HTTP API of Amazon SES.
    Ses(SesSettings),
    /// The HTTP API of Mailgun.
    Mailgun(MailgunSettings),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Smtp(RelaySettings { host, port, encryption, username, password, .. }) => {
                let password = password.as_ref().map(|_| "***");
                let mut way = f.debug_struct("Smtp");
                way.field("host", host).field("port", port).field("encryption", encryption);
                way.field("username", username).field("password", &password).finish_non_exhaustive()
            }
            Way::Sendmail(command) => f.debug_tuple("Sendmail").field(command).finish(),
            Way::Ses(settings) => settings.fmt(f),
            Way::Mailgun(settings) => settings.fmt(f),
        }
    }
}

/// The words for ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayWord {
    Outbox,
    Smtp,
    Sendmail,
    Ses,
    Mailgun,
}

/// Those that a relay may have.
pub(super) const WAYS: [(&str, WayWord); 4] =
    [("smtp", WayWord::Smtp), ("sendmail", WayWord::Sendmail), ("ses", WayWord::Ses), ("mailgun", WayWord::Mailgun)];

/// Reads the relays of `[[mail.relays]]`.
pub(super) fn several(table: &Table<'_>) -> Vec<Relay> {
    let mut relays = Vec::new();
    table.learn("relays", |table| {
        share(table);
    });
    for table in table.tables("relays") {
        let way = table.or("via", "\"smtp\"", choice(WAYS));
        let (weight, is_fallback) = share(&table);
        let relay = one(&table, Some(way));
        table.done();
        relays.extend(relay.map(|relay| Relay { weight, is_fallback, ..relay }));
    }
    if !relays.is_empty() && relays.iter().all(|relay| relay.is_fallback) {
        table.problem("relays", "all are fallbacks; at least one must be there for the usual case");
    }
    relays
}

/// What only one of several relays has: its weight, and whether it is a fallback.
fn share(table: &Table<'_>) -> (u32, bool) {
    (table.or("weight", "1", whole(1..=100)), table.or("fallback", "false", switch))
}

/// Reads the settings of one relay; asked for all, so that every key is known, and complains only about those of the way that is wanted.
pub(super) fn one(table: &Table<'_>, wanted: Option<WayWord>) -> Option<Relay> {
    let kind = table.optional("kind", choice(RelayKind::ALL));
    let smtp = smtp(table, wanted == Some(WayWord::Smtp));
    let command = table.list("command", text);
    let region = table.or("region", "\"us-east-1\"", region);
    let domain = table.optional("domain", mail_domain);
    let set = table.optional("configuration_set", text);
    let endpoint = table.optional("endpoint", endpoint);
    let api = Api { table, timeout: smtp.timeout, endpoint, login: smtp.login };
    let connections = table.or("connections", "4", whole(1..=100));
    let per_second = table.or("per_second", "0", whole(0..=100_000));
    let per_day = table.or("per_day", "0", whole(0..=1_000_000_000));
    let warm_up = table.or("warm_up", "0", whole(0..=1_000_000_000));
    let warm_up_since = table.optional("warm_up_since", date);
    if warm_up_since.is_some() && warm_up == 0 {
        table.warn("warm_up_since", "says nothing without warm_up, such as warm_up = 200");
    }
    let way = match wanted? {
        WayWord::Outbox => None,
        WayWord::Smtp => smtp.settings.map(Way::Smtp),
        WayWord::Sendmail => Some(Way::Sendmail(if command.is_empty() { usual_sendmail() } else { command })),
        WayWord::Ses => api.ses(region, set).map(Way::Ses),
        WayWord::Mailgun => api.mailgun(domain).map(Way::Mailgun),
    };
    let usual_kind = match wanted? {
        WayWord::Ses => RelayKind::Ses,
        WayWord::Mailgun => RelayKind::Mailgun,
        _ => RelayKind::Smtp,
    };
    Some(Relay {
        way: way?,
        kind: kind.unwrap_or(usual_kind),
        connections,
        weight: 1,
        is_fallback: false,
        per_second,
        per_day,
        warm_up,
        warm_up_since,
    })
}

fn usual_sendmail() -> Vec<String> {
    vec!["/usr/sbin/sendmail".to_owned()]
}

/// What is read for SMTP, also where another way is wanted.
struct Smtp {
    settings: Option<RelaySettings>,
    timeout: Duration,
    login: Option<(String, SecretString)>,
}

fn smtp(table: &Table<'_>, wanted: bool) -> Smtp {
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
    let helo = table.optional("helo", crate::config::values::host);
    let timeout = table.or("timeout", "\"60s\"", duration("5s", "10m")).to_std().unwrap_or_default();
    let usual_port = match encryption {
        Encryption::None => 25,
        Encryption::StartTls => 587,
        Encryption::Tls => 465,
    };
    let (username, password) = login.clone().unzip();
    let token_file = if way == Login::Xoauth2 { table.optional("password_file", path) } else { None };
    let settings = host.map(|host| RelaySettings {
        host,
        port: port.unwrap_or(usual_port),
        encryption,
        username,
        password,
        token_file,
        login: way,
        ca_file,
        helo_name: helo,
        timeout,
    });
    Smtp { settings, timeout, login }
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

/// What the HTTP APIs share.
struct Api<'a, 'r> {
    table: &'a Table<'r>,
    timeout: Duration,
    endpoint: Option<String>,
    login: Option<(String, SecretString)>,
}

impl Api<'_, '_> {
    fn secrets(&self, names: &str) -> Option<(String, SecretString)> {
        if !self.table.has("username") {
            self.table.problem("username", format!("missing; {names}"));
        }
        self.login.clone()
    }

    fn ses(self, region: String, configuration_set: Option<String>) -> Option<SesSettings> {
        let (access_key, secret_key) =
            self.secrets("via = \"ses\" takes an access key id as username and its secret key as password")?;
        let endpoint = self.endpoint.unwrap_or_else(|| format!("https://email.{region}.amazonaws.com"));
        Some(SesSettings { region, access_key, secret_key, configuration_set, endpoint, timeout: self.timeout })
    }

    fn mailgun(self, domain: Option<String>) -> Option<MailgunSettings> {
        if domain.is_none() {
            self.table.problem(
                "domain",
                "missing; via = \"mailgun\" needs the domain as Mailgun knows it, such as domain = \"mg.example.org\"",
            );
        }
        let (_, key) = self.secrets("via = \"mailgun\" takes username = \"api\" and an API key as password")?;
        let endpoint = self.endpoint.unwrap_or_else(|| "https://api.mailgun.net".to_owned());
        Some(MailgunSettings { domain: domain?, key, endpoint, timeout: self.timeout })
    }
}

fn region(node: &Node) -> Result<String, String> {
    let text = node.text()?;
    let sound = !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if sound { Ok(text.to_owned()) } else { Err(format!("{text:?} is not a region such as \"eu-west-1\"")) }
}

/// Keys and mail go there, so it is encrypted unless it is this machine.
fn endpoint(node: &Node) -> Result<String, String> {
    let url = web_address(node)?;
    let is_here = url.host_str().is_some_and(is_loopback);
    if url.scheme() != "https" && !is_here {
        return Err("the secret key would cross the network in the open; use https".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
