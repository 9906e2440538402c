//! `dkim generate|show`: the keys that sign mail, and the records that let receivers verify it. Prints the public halves only.

use super::context::wait;
use crate::config::{Config, Dkim};
use crate::mail::dkim::{Algorithm, DnsRecord, Signer, generate_ed25519, generate_rsa};
use crate::mail::dns::{Dns, DnsError};
use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;

/// The keys that sign mail.
#[derive(Debug, Clone, clap::Args)]
pub struct DkimArgs {
    /// What to do
    #[command(subcommand)]
    pub command: DkimCommand,
}

/// What can be done with the keys.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum DkimCommand {
    /// Makes every key that the configuration names and that is not there yet, and prints the DNS records to set; overwrites nothing
    #[command(after_help = "Example: week-in-review dkim generate")]
    Generate {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Prints the DNS records of the keys, and whether DNS has them
    #[command(after_help = "Example: week-in-review dkim show")]
    Show {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
        /// Do not ask DNS
        #[arg(long)]
        offline: bool,
    },
}

/// Does what was asked.
pub fn run(args: &DkimArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let keys = &config.mail.dkim;
    if keys.is_empty() {
        let file = config.path.display();
        bail!(
            "{file}: mail.dkim.domain: not set; write [mail.dkim] with domain = \"example.org\", the domain that signs"
        );
    }
    match args.command {
        DkimCommand::Generate { json } => {
            let made = generate_missing(keys)?;
            print(&made.iter().map(|signer| (signer.dns_record(), None)).collect::<Vec<_>>(), json, out)
        }
        DkimCommand::Show { json, offline } => {
            let signer = |dkim: &Dkim| {
                dkim.signer().with_context(|| {
                    let file = dkim.key_file.display();
                    format!("{file}: there is no key; make it with \"week-in-review dkim generate\"")
                })
            };
            let records: Vec<DnsRecord> =
                keys.iter().map(|dkim| Ok(signer(dkim)?.dns_record())).collect::<anyhow::Result<_>>()?;
            let there = if offline { vec![None; records.len()] } else { look_up(config, &records)? };
            print(&records.into_iter().zip(there).collect::<Vec<_>>(), json, out)
        }
    }
}

/// Makes the keys that the configuration names if there are none: for the demo, whose keys may be thrown away.
pub fn make_missing(config: &Config) -> anyhow::Result<()> {
    config.mail.dkim.iter().filter(|dkim| dkim.key.is_none()).try_for_each(|dkim| generate(dkim).map(drop))
}

fn generate_missing(keys: &[Dkim]) -> anyhow::Result<Vec<Signer>> {
    let missing: Vec<&Dkim> = keys.iter().filter(|dkim| dkim.key.is_none()).collect();
    // Where there is nothing to make, the first says why.
    let wanted = if missing.is_empty() { keys.iter().take(1).collect() } else { missing };
    wanted.into_iter().map(generate).collect()
}

fn generate(dkim: &Dkim) -> anyhow::Result<Signer> {
    let file = dkim.key_file.display();
    let exists = || {
        format!(
            "{file}: holds a key already, which receivers may know; to make another beside it, add one with a selector of its own to [[mail.dkim.keys]]"
        )
    };
    if dkim.key.is_some() && !dkim.key_file.exists() {
        bail!("mail.dkim.key gives a key already; unset it to keep one in {file}");
    }
    let pem = match dkim.algorithm {
        Algorithm::Rsa => generate_rsa()?,
        Algorithm::Ed25519 => generate_ed25519()?,
    };
    let signer = Signer::from_pem(&dkim.domain, &dkim.selector, &pem)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&dkim.key_file);
    let mut key_file: File = match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!(exists()),
        other => other.with_context(|| file.to_string())?,
    };
    key_file.write_all(pem.expose_secret().as_bytes()).with_context(|| file.to_string())?;
    key_file.sync_all().with_context(|| file.to_string())?;
    Ok(signer)
}

/// What DNS says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum There {
    Same,
    Missing,
    Different(String),
    Unknown(String),
}

impl There {
    fn of(record: &DnsRecord, found: Result<Vec<String>, DnsError>) -> There {
        let key = |text: &str| {
            let tags = text.split(';').filter_map(|tag| tag.split_once('='));
            let key = tags.into_iter().find(|(name, _)| name.trim() == "p");
            key.map(|(_, key)| key.split_ascii_whitespace().collect::<String>())
        };
        match found {
            Err(error) => There::Unknown(error.to_string()),
            Ok(texts) if texts.is_empty() => There::Missing,
            // Receivers may take any of several records, so more than one is wrong, whichever they are.
            Ok(texts) if texts.len() > 1 => There::Different(format!("{} records where one may be", texts.len())),
            Ok(texts) if key(&texts[0]).is_some_and(|found| Some(found) == key(&record.value)) => There::Same,
            Ok(texts) => There::Different(match key(&texts[0]) {
                Some(found) if found.is_empty() => "a revoked key".to_owned(),
                Some(_) => "another key".to_owned(),
                None => format!("{:?}, which is no key", texts[0]),
            }),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            There::Same => "same",
            There::Missing => "missing",
            There::Different(_) => "different",
            There::Unknown(_) => "unknown",
        }
    }

    fn sentence(&self) -> String {
        match self {
            There::Same => "DNS has this record.".to_owned(),
            There::Missing => "DNS has no such record yet; receivers cannot verify what this key signs.".to_owned(),
            There::Different(what) => format!("DNS holds {what}; receivers cannot verify what this key signs."),
            There::Unknown(why) => format!("{why}."),
        }
    }
}

fn look_up(config: &Config, records: &[DnsRecord]) -> anyhow::Result<Vec<Option<There>>> {
    wait(async {
        let mut there = Vec::new();
        for record in records {
            let found = match Dns::new(config.mail.resolver) {
                Ok(dns) => dns.texts(&record.name).await,
                Err(error) => Err(error),
            };
            there.push(Some(There::of(record, found)));
        }
        there
    })
}

fn print(records: &[(DnsRecord, Option<There>)], json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    if json {
        let values: Vec<Value> = records.iter().map(|(record, there)| value(record, there.as_ref())).collect();
        // One key, as most have, is one value; several are a list.
        let value = if let [one] = values.as_slice() { one.clone() } else { Value::Array(values) };
        writeln!(out, "{value:#}")?;
        return Ok(());
    }
    writeln!(out, "; Set these TXT records. A form that asks for name and value gets the name without the last dot,")?;
    writeln!(out, "; and the strings joined without quotes and spaces.")?;
    for (record, there) in records {
        writeln!(out, "{record}")?;
        if let Some(there) = there {
            writeln!(out, "; {}", there.sentence())?;
        }
    }
    Ok(())
}

fn value(record: &DnsRecord, there: Option<&There>) -> Value {
    let mut value = json!({"name": record.name, "type": "TXT", "value": record.value, "strings": record.strings()});
    if let Some(there) = there {
        value["dns"] = json!(there.word());
        value["detail"] = json!(there.sentence());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EXAMPLE, Environment};
    use crate::mail::dns::tests::name_server;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    const OFFLINE: DkimCommand = DkimCommand::Show { json: false, offline: true };

    fn written(folder: &Path) -> String {
        let key_file = folder.join("key.pem");
        let least: Vec<&str> = EXAMPLE.lines().filter(|line| !line.starts_with('#')).collect();
        let dkim = format!("[mail.dkim]\ndomain = \"example.org\"\nkey_file = {key_file:?}");
        least.join("\n").replace("[mail.dkim]", &dkim)
    }

    fn config(folder: &Path) -> Config {
        Config::parse(Path::new("c.toml"), &written(folder), &Environment::new()).unwrap()
    }

    fn ran(command: DkimCommand, config: &Config) -> anyhow::Result<String> {
        let mut out = Vec::new();
        run(&DkimArgs { command }, config, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_key_is_made_once_and_its_record_shown_again() {
        let folder = tempfile::tempdir().unwrap();
        let said = ran(OFFLINE, &config(folder.path())).unwrap_err().to_string();
        assert!(said.contains("there is no key"), "{said}");
        let made = ran(DkimCommand::Generate { json: false }, &config(folder.path())).unwrap();
        assert!(made.contains("\nweek._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p="), "{made}");
        assert!(made.split('"').all(|string| string.len() <= 255));
        let mode = std::fs::metadata(folder.path().join("key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(ran(OFFLINE, &config(folder.path())).unwrap(), made);
        let said = ran(DkimCommand::Generate { json: false }, &config(folder.path())).unwrap_err().to_string();
        assert!(said.contains("holds a key already"), "{said}");
        let value: serde_json::Value = serde_json::from_str(
            &ran(DkimCommand::Show { json: true, offline: true }, &config(folder.path())).unwrap(),
        )
        .unwrap();
        assert_eq!(value["name"], "week._domainkey.example.org");
    }

    #[test]
    fn several_keys_are_made_at_once_and_shown_as_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let further = folder.path().join("e.pem");
        let text = format!(
            "{}\n[[mail.dkim.keys]]\nselector = \"week-e\"\nalgorithm = \"ed25519\"\nkey_file = {further:?}\n\
             [[mail.dkim.keys]]\nselector = \"next\"\nsigns = false\nkey_file = {:?}\n",
            written(folder.path()),
            folder.path().join("next.pem")
        );
        let config = || Config::parse(Path::new("c.toml"), &text, &Environment::new()).unwrap();
        ran(DkimCommand::Generate { json: false }, &config()).unwrap();
        let shown = ran(DkimCommand::Show { json: true, offline: true }, &config()).unwrap();
        let shown: Value = serde_json::from_str(&shown).unwrap();
        let names: Vec<&str> = shown.as_array().unwrap().iter().filter_map(|record| record["name"].as_str()).collect();
        let expected = ["week", "week-e", "next"].map(|selector| format!("{selector}._domainkey.example.org"));
        assert_eq!(names, expected);
        assert!(shown[1]["value"].as_str().unwrap().contains("k=ed25519"));
        let signing: Vec<bool> = config().mail.dkim.iter().map(|dkim| dkim.signs).collect();
        assert_eq!(signing, [true, true, false]);
    }

    #[test]
    fn what_dns_says_is_compared_by_key() {
        let record = DnsRecord { name: "x".into(), value: "v=DKIM1; k=rsa; p=AAAA".into() };
        let there = |texts: &[&str]| There::of(&record, Ok(texts.iter().map(|text| (*text).to_owned()).collect()));
        assert_eq!(there(&[]), There::Missing);
        assert_eq!(there(&["v=DKIM1;k=rsa;p=AA AA;"]), There::Same);
        for (texts, what) in [
            (&["v=DKIM1; p=BBBB"][..], "another key"),
            (&["v=DKIM1; p="], "a revoked key"),
            (&["hello"], "\"hello\", which is no key"),
            (&["p=AAAA", "p=AAAA"], "2 records where one may be"),
        ] {
            assert_eq!(there(texts), There::Different(what.into()));
        }
    }

    #[test]
    fn what_a_name_server_answers_is_told_beside_the_record() {
        let folder = tempfile::tempdir().unwrap();
        ran(DkimCommand::Generate { json: false }, &config(folder.path())).unwrap();
        let mut config = config(folder.path());
        let mut show = |resolver| {
            config.mail.resolver = Some(resolver);
            let shown = ran(DkimCommand::Show { json: true, offline: false }, &config).unwrap();
            serde_json::from_str::<Value>(&shown).unwrap()
        };
        let name = "week._domainkey.example.org";
        let shown = show(name_server("example.org", &[]));
        assert_eq!(shown["dns"], There::Missing.word(), "{shown}");
        let record = shown["value"].as_str().unwrap().to_owned();
        assert!(record.len() > 255, "it comes in several strings");
        let shown = show(name_server(name, &[&record]));
        assert_eq!((&shown["dns"], &shown["detail"]), (&json!("same"), &json!("DNS has this record.")), "{shown}");
        let shown = show(name_server(name, &["v=DKIM1; k=rsa; p=AAAA"]));
        assert_eq!(shown["dns"], "different", "{shown}");
        assert!(shown["detail"].as_str().unwrap().contains("another key"), "{shown}");
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let shown = show(nobody);
        assert!(shown["dns"] == "unknown" && shown["detail"].as_str().unwrap().contains("mail.resolver"), "{shown}");
    }

    #[test]
    fn without_a_domain_the_setting_is_named() {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        let said = ran(DkimCommand::Generate { json: false }, &config).unwrap_err().to_string();
        assert!(said.starts_with("c.toml: mail.dkim.domain: not set"), "{said}");
    }
}
