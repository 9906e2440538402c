//! `[returns]`: where returned mail comes back to, and by which ways it gets here.

use super::reader::Table;
use super::secrets;
use super::values::{address, choice, duration, host, is_loopback, path, text, whole};
use crate::domain::returns::{ReturnMailbox, ReturnPath};
use crate::feedback::hooks::Hooks;
use crate::returns::imap::ImapSettings;
use std::path::PathBuf;

/// What becomes of returned mail.
#[derive(Debug, Clone)]
pub struct Returns {
    /// The mailbox that it comes back to, a token for each message behind its name; without one nothing is matched to messages.
    pub mailbox: Option<ReturnMailbox>,
    /// The folder that `bounces read` puts messages into and the service empties.
    pub spool: PathBuf,
    /// A Maildir that a mail server delivers them to.
    pub maildir: Option<PathBuf>,
    /// A mailbox on a mail server.
    pub imap: Option<ImapSettings>,
    /// What the webhooks of providers are verified with.
    pub hooks: Hooks,
}

/// Reads `[returns]`.
pub(super) fn read(table: &Table<'_>) -> Returns {
    let address = table.optional("address", address);
    let delimiter = table.or("delimiter", "\"+\"", choice([("+", '+'), ("-", '-'), ("=", '=')]));
    let spool = table.or("spool", "\"returned\"", path);
    let maildir = table.optional("maildir", path);
    let imap = imap(&table.table("imap"));
    let hooks = hooks(&table.table("hooks"));
    table.done();
    let mailbox = address.and_then(|address| match ReturnPath::new(address.clone(), delimiter) {
        Ok(_) => Some(ReturnMailbox { address: address.as_str().to_owned(), delimiter }),
        Err(error) => {
            table.problem("address", error.to_string());
            None
        }
    });
    Returns { mailbox, spool, maildir, imap, hooks }
}

fn imap(table: &Table<'_>) -> Option<ImapSettings> {
    let server = table.optional("host", host);
    let tls = table.or("encryption", "\"tls\"", choice([("tls", true), ("none", false)]));
    let port = table.optional("port", whole(1..=65_535));
    let username = table.optional("username", text);
    let password = secrets::optional(table, "password");
    let folder = table.or("folder", "\"INBOX\"", text);
    let ca_file = table.optional("ca_file", path);
    let every = table.or("every", "\"5m\"", duration("1s", "29m"));
    table.done();
    if !table.has("host") {
        return None;
    }
    if !table.has("username") || !(table.has("password") || table.has("password_file")) {
        table.problem("username", "missing; a mailbox needs a username and a password or password_file");
    }
    if !tls && server.as_deref().is_some_and(|host| !is_loopback(host)) {
        table.problem("encryption", "the password would cross the network in the open; use \"tls\"");
    }
    Some(ImapSettings {
        host: server?,
        port: port.unwrap_or(if tls { 993 } else { 143 }),
        tls,
        username: username?,
        password: password?,
        folder,
        ca_file,
        every: every.to_std().unwrap_or_default(),
    })
}

fn hooks(table: &Table<'_>) -> Hooks {
    let amazon_topics = table.list("amazon_topics", text);
    let postmark_password = secrets::optional(table, "postmark_password");
    let mailgun_key = secrets::optional(table, "mailgun_key");
    let sendgrid_key =
        table.optional("sendgrid_key", |node| crate::feedback::hooks::sendgrid::public_key(node.text()?));
    table.done();
    Hooks { amazon_topics, postmark_password, mailgun_key, sendgrid_key }
}
