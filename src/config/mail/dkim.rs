//! `[mail.dkim]` and `[[mail.dkim.keys]]`: the keys that sign mail, one or several for a domain.

use crate::config::reader::Table;
use crate::config::secrets;
use crate::config::values::{choice, mail_domain, path, switch, text};
use crate::domain::newsletter::Newsletter;
use crate::mail::dkim::{Algorithm, Signer};
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;

/// A DKIM key and its place in DNS.
#[derive(Clone)]
pub struct Dkim {
    /// The domain that signs.
    pub domain: String,
    /// The name of the key below it.
    pub selector: String,
    /// What kind of key it is to be.
    pub algorithm: Algorithm,
    /// Whether it signs; one that does not is only published: the next one, or the last.
    pub signs: bool,
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

/// Reads the keys; `unsigned_is_odd` when nobody else would sign.
pub(super) fn read(table: &Table<'_>, unsigned_is_odd: bool) -> Vec<Dkim> {
    let domain = table.optional("domain", mail_domain);
    let selector = table.or("selector", "\"week\"", selector);
    let key_file = table.or("key_file", "\"week-in-review.dkim.pem\"", path);
    let direct = table.optional("key", text).map(SecretString::from);
    table.clash("key", "key_file");
    table.learn("keys", |table| {
        further_key(table, None);
    });
    let further = table.tables("keys");
    if !table.has("domain") {
        if ["key", "key_file", "selector", "keys"].iter().any(|key| table.has(key)) {
            table.problem("domain", "missing; set the domain that signs, such as domain = \"example.org\"");
        } else if unsigned_is_odd {
            table.warn("domain", "not set, so mail goes out unsigned; many receivers will refuse it or call it spam");
        }
    }
    table.done();
    let mut keys: Vec<Dkim> = Vec::new();
    if let Some(domain) = domain {
        let first = Dkim { domain, selector, algorithm: Algorithm::Rsa, signs: true, key_file, key: direct };
        keys.push(with_key(table, first));
    }
    for table in further {
        let key = further_key(&table, keys.first());
        table.done();
        let Some(key) = key else { continue };
        if keys.iter().any(|other| (&other.domain, &other.selector) == (&key.domain, &key.selector)) {
            table.problem("selector", format!("{:?} names another key of {} already", key.selector, key.domain));
        }
        keys.push(key);
    }
    warn_of_lonely_ed25519(table, &keys);
    keys
}

fn further_key(table: &Table<'_>, first: Option<&Dkim>) -> Option<Dkim> {
    let domain = table.optional("domain", mail_domain).or_else(|| first.map(|first| first.domain.clone()));
    let selector = table.required("selector", "\"week2\"", selector);
    let algorithms = [("rsa", Algorithm::Rsa), ("ed25519", Algorithm::Ed25519)];
    let algorithm = table.or("algorithm", "\"rsa\"", choice(algorithms));
    let signs = table.or("signs", "true", switch);
    let key_file = table.optional("key_file", path);
    let key = table.optional("key", text).map(SecretString::from);
    table.clash("key", "key_file");
    let (domain, selector) = (domain?, selector?);
    let key_file = key_file.unwrap_or_else(|| format!("{selector}.{domain}.dkim.pem").into());
    Some(with_key(table, Dkim { domain, selector, algorithm, signs, key_file, key }))
}

/// Reads the key's file, if the key was not given itself.
fn with_key(table: &Table<'_>, mut dkim: Dkim) -> Dkim {
    let was_given = dkim.key.is_some();
    if !was_given && dkim.key_file.exists() {
        dkim.key = secrets::from_file(table, "key_file", &dkim.key_file);
    } else if !was_given {
        let file = dkim.key_file.display();
        table.warn("key_file", format!("{file} is not there; make it with \"week-in-review dkim generate\""));
    }
    let signer = dkim.key.as_ref().map(|key| Signer::from_pem(&dkim.domain, &dkim.selector, key));
    if let Some(Err(error)) = signer {
        table.problem(if was_given { "key" } else { "key_file" }, error.to_string());
    }
    dkim
}

/// RFC 8463 is young: large receivers verify only RSA, and take mail that is signed with Ed25519 alone for unsigned.
fn warn_of_lonely_ed25519(table: &Table<'_>, keys: &[Dkim]) {
    let is_ed25519 =
        |key: &Dkim| key.signs && key.signer().map_or(key.algorithm, |signer| signer.algorithm()) == Algorithm::Ed25519;
    for key in keys.iter().filter(|key| is_ed25519(key)) {
        let has_rsa = keys.iter().any(|other| other.domain == key.domain && other.signs && !is_ed25519(other));
        if !has_rsa {
            let sentence =
                format!("{} signs only with Ed25519, which many receivers do not verify; add an RSA key", key.domain);
            table.warn("domain", sentence);
        }
    }
}

fn selector(node: &crate::config::document::Node) -> Result<String, String> {
    let text = node.text()?;
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !label.starts_with('-')
    };
    let sound = text.len() <= 63 && text.split('.').all(label);
    if sound { Ok(text.to_ascii_lowercase()) } else { Err(format!("{text:?} is not a name in DNS such as \"week\"")) }
}

/// Receivers that ask for DMARC take a signature only from the domain of From or one above it.
pub(super) fn warn_of_foreign_signatures(table: &Table<'_>, keys: &[Dkim], newsletters: &[Newsletter]) {
    let Some(first) = keys.first() else { return };
    for newsletter in newsletters {
        let Ok(from) = newsletter.from_address() else { continue };
        let is_aligned =
            |key: &Dkim| from.domain() == key.domain || from.domain().ends_with(&format!(".{}", key.domain));
        if !keys.iter().any(|key| key.signs && is_aligned(key)) {
            let sentence = format!(
                "newsletter \"{}\" is from {}, for which {:?} cannot sign; DMARC will count it as unsigned",
                newsletter.slug,
                from.domain(),
                first.domain
            );
            table.table("dkim").warn("domain", sentence);
        }
    }
}
