//! `backup` and `restore`: database, keys and configuration as one file, and back. Prints no key.

use crate::config::{Config, Environment};
use crate::domain::token::Keyring;
use crate::keys;
use crate::store::Store;
use crate::store::backup::{self, Part, Restored};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The names of the parts beside the database.
const KEYS: &str = "keys";
const CONFIG: &str = "config";

/// Writes database, keys and configuration as one file.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review backup /var/backups/week-2026-11-20.backup\n\n\
    The file is made, never overwritten, and readable by you alone. A running service need not be stopped.\nFiles that the configuration names (DKIM keys, *_file secrets) are not in it.")]
pub struct BackupArgs {
    /// The file to make
    pub file: PathBuf,
}

/// Puts a backup in place.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review restore /var/backups/week-2026-11-20.backup\n\n\
    The service must be stopped. A database that lies there is moved aside; whoever left, was suppressed or erased\nsince the backup stays so. A configuration that is there stays. Nothing is mailed until \"week-in-review unlock\".")]
pub struct RestoreArgs {
    /// The backup
    pub file: PathBuf,
}

/// Where a restore puts things.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The configuration file; made when it is not there.
    pub config: &'a Path,
    /// The database, where it is not the configuration's.
    pub database: Option<&'a Path>,
}

/// Writes a backup.
pub fn run_backup(
    args: &BackupArgs,
    config: &Config,
    store: &Store,
    keyring: &Keyring,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let text = std::fs::read(&config.path).with_context(|| config.path.display().to_string())?;
    let keys = keys::text(keyring).expose_secret().as_bytes().to_vec();
    store.backup(&args.file, &[(KEYS.to_owned(), keys), (CONFIG.to_owned(), text)])?;
    writeln!(out, "{} holds database, keys and configuration; only you may read it: keep it so", args.file.display())?;
    Ok(())
}

/// Restores a backup. Works on an empty machine: a configuration that is not there is taken from the backup before it is read.
pub fn run_restore(
    args: &RestoreArgs,
    places: Places<'_>,
    environment: &Environment,
    now: DateTime<Utc>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let parts = backup::parts(&args.file)?;
    let keys = std::str::from_utf8(part(&parts, KEYS)?).context("the keys in the backup cannot be read")?;
    let theirs = keys::from_text(&format!("{}: keys", args.file.display()), keys)?;
    if !places.config.exists() {
        write_config(places.config, part(&parts, CONFIG)?)?;
        writeln!(out, "{}: the configuration of the backup", places.config.display())?;
    }
    let config = Config::load(places.config, environment)?;
    let database = places.database.unwrap_or(&config.database);
    if let Some(folder) = database.parent() {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    // Keys first: more keys harm nothing, a database without its keys knows nobody's link.
    restore_keys(&theirs, &config, database, environment, out)?;
    let restored = backup::restore(&args.file, database, now)?;
    say(&restored, database, out)
}

fn part<'p>(parts: &'p [Part], name: &str) -> anyhow::Result<&'p [u8]> {
    match parts.iter().find(|(known, _)| known == name) {
        Some((_, bytes)) => Ok(bytes),
        None => bail!("the backup holds no {name}"),
    }
}

fn write_config(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let named = || path.display().to_string();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(named)?;
    }
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all())).with_context(named)
}

/// The keys of the backup and, where they are of the same installation, the present ones, so that links signed by either still work.
fn restore_keys(
    theirs: &Keyring,
    config: &Config,
    database: &Path,
    environment: &Environment,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let path = &config.keys;
    if let Some(text) = environment.get(keys::VARIABLE) {
        let ours = keys::load(path, Some(text))?;
        let merged = ours.merged(theirs).with_context(|| format!("variable {}", keys::VARIABLE))?;
        if merged.keys().len() > ours.keys().len() {
            bail!("variable {}: it lacks keys of the backup; unset it, and the key file is restored", keys::VARIABLE);
        }
        return Ok(());
    }
    if !path.exists() {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| path.display().to_string())?;
        }
        keys::write(path, theirs)?;
        writeln!(out, "{}: the keys of the backup", path.display())?;
        return Ok(());
    }
    match theirs.merged(&keys::load(path, None)?) {
        Ok(merged) => keys::write(path, &merged)?,
        Err(error) if database.exists() => bail!(
            "key file {}: not of the installation that made the backup ({error}); to restore over another installation, move its keys and its database away first",
            path.display()
        ),
        Err(_) => {
            let mut aside = path.clone().into_os_string();
            aside.push(".before-restore");
            let aside = PathBuf::from(aside);
            if aside.exists() {
                bail!("{}: is in the way of the keys that are to be moved aside", aside.display());
            }
            std::fs::rename(path, &aside).with_context(|| path.display().to_string())?;
            keys::write(path, theirs)?;
            writeln!(
                out,
                "{}: the keys of the backup; those that lay there are in {}",
                path.display(),
                aside.display()
            )?;
        }
    }
    Ok(())
}

fn say(restored: &Restored, database: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}: restored", database.display())?;
    if let Some(aside) = &restored.moved_aside {
        writeln!(out, "what lay there is in {}", aside.display())?;
    }
    for (count, words) in [
        (restored.suppressions, "suppressions newer than the backup hold on"),
        (restored.erased, "people erased since the backup are erased again"),
        (restored.left, "subscriptions left since the backup stay left"),
        (restored.missing, "people who came since the backup are in the file moved aside alone"),
    ] {
        if count > 0 {
            writeln!(out, "{count:>8}  {words}")?;
        }
    }
    if let Some(reason) = &restored.not_merged {
        writeln!(
            out,
            "the database that lay there could not be read ({reason}): who left, was suppressed or erased since the backup is not known here"
        )?;
    }
    writeln!(out, "nothing is mailed until you run: week-in-review unlock")?;
    Ok(())
}

#[cfg(test)]
mod tests;
