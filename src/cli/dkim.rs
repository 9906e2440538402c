//! `dkim generate|show`: the key that signs mail, and the record that lets receivers verify it. Prints the public half only.

use crate::config::{Config, Dkim};
use crate::mail::dkim::{DnsRecord, Signer, generate_rsa};
use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;

/// The key that signs mail.
#[derive(Debug, Clone, clap::Args)]
pub struct DkimArgs {
    /// What to do
    #[command(subcommand)]
    pub command: DkimCommand,
}

/// What can be done with the key.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum DkimCommand {
    /// Makes a key of 2048 bits where `mail.dkim.key_file` says, and prints the DNS record to set; overwrites nothing
    #[command(after_help = "Example: week-in-review dkim generate")]
    Generate {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Prints the DNS record of the key
    #[command(after_help = "Example: week-in-review dkim show")]
    Show {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
}

/// Does what was asked.
pub fn run(args: &DkimArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(dkim) = &config.mail.dkim else {
        let file = config.path.display();
        bail!(
            "{file}: mail.dkim.domain: not set; write [mail.dkim] with domain = \"example.org\", the domain that signs"
        );
    };
    match args.command {
        DkimCommand::Generate { json } => {
            let signer = generate(dkim)?;
            print(&signer.dns_record(), json, out)
        }
        DkimCommand::Show { json } => {
            let signer = dkim.signer().with_context(|| {
                format!("{}: there is no key; make it with \"week-in-review dkim generate\"", dkim.key_file.display())
            })?;
            print(&signer.dns_record(), json, out)
        }
    }
}

/// Makes the key that the configuration names if there is none: for the demo, whose key may be thrown away.
pub fn make_missing(config: &Config) -> anyhow::Result<()> {
    match &config.mail.dkim {
        Some(dkim) if dkim.key.is_none() => generate(dkim).map(|_| ()),
        _ => Ok(()),
    }
}

fn generate(dkim: &Dkim) -> anyhow::Result<Signer> {
    let file = dkim.key_file.display();
    let exists = || format!("{file}: holds a key already, which receivers may know; move it away to make another");
    if dkim.key.is_some() && !dkim.key_file.exists() {
        bail!("mail.dkim.key gives a key already; unset it to keep one in {file}");
    }
    let pem = generate_rsa()?;
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

fn print(record: &DnsRecord, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    if json {
        let value = json!({"name": record.name, "type": "TXT", "value": record.value, "strings": record.strings()});
        writeln!(out, "{value:#}")?;
        return Ok(());
    }
    writeln!(out, "; Set this TXT record. A form that asks for name and value gets the name without the last dot,")?;
    writeln!(out, "; and the strings joined without quotes and spaces.")?;
    writeln!(out, "{record}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EXAMPLE, Environment};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn config(folder: &Path) -> Config {
        let key_file = folder.join("key.pem");
        let text = EXAMPLE.replace("#domain = \"example.org\"", "domain = \"example.org\"");
        let text = text.replace("#key_file = \"week-in-review.dkim.pem\"", &format!("key_file = {key_file:?}"));
        Config::parse(Path::new("c.toml"), &text, &Environment::new()).unwrap()
    }

    fn ran(command: DkimCommand, config: &Config) -> anyhow::Result<String> {
        let mut out = Vec::new();
        run(&DkimArgs { command }, config, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_key_is_made_once_and_its_record_shown_again() {
        let folder = tempfile::tempdir().unwrap();
        let said = ran(DkimCommand::Show { json: false }, &config(folder.path())).unwrap_err().to_string();
        assert!(said.contains("there is no key"), "{said}");
        let made = ran(DkimCommand::Generate { json: false }, &config(folder.path())).unwrap();
        assert!(made.contains("\nweek._domainkey.example.org. IN TXT ( \"v=DKIM1; k=rsa; p="), "{made}");
        assert!(made.split('"').all(|string| string.len() <= 255));
        let mode = std::fs::metadata(folder.path().join("key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(ran(DkimCommand::Show { json: false }, &config(folder.path())).unwrap(), made);
        let said = ran(DkimCommand::Generate { json: false }, &config(folder.path())).unwrap_err().to_string();
        assert!(said.contains("holds a key already"), "{said}");
        let value: serde_json::Value =
            serde_json::from_str(&ran(DkimCommand::Show { json: true }, &config(folder.path())).unwrap()).unwrap();
        assert_eq!(value["name"], "week._domainkey.example.org");
    }

    #[test]
    fn without_a_domain_the_setting_is_named() {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        let said = ran(DkimCommand::Generate { json: false }, &config).unwrap_err().to_string();
        assert!(said.starts_with("c.toml: mail.dkim.domain: not set"), "{said}");
    }
}
