//! `init`: a commented configuration, keys and an empty database. Overwrites nothing.

use crate::config::{Config, EXAMPLE, Environment};
use crate::entropy::Entropy;
use crate::keys::{self, VARIABLE};
use crate::store::Store;
use anyhow::Context;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a commented configuration, keys and an empty database; never overwrites.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = "Example: week-in-review init")]
pub struct InitArgs {}

/// Makes what is not there yet. A configuration that is there and wrong is a [`crate::config::ConfigError`].
pub fn run(
    _args: &InitArgs,
    config_path: &Path,
    database: Option<&Path>,
    environment: &Environment,
    entropy: &Entropy,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let made = write_example(config_path)?;
    say(out, made, config_path)?;
    let config = Config::load(config_path, environment)?;
    if environment.contains_key(VARIABLE) {
        writeln!(out, "kept   the keys of the variable {VARIABLE}")?;
    } else {
        make_folder_of(&config.keys)?;
        say(out, keys::create(&config.keys, entropy)?, &config.keys)?;
    }
    let database = database.unwrap_or(&config.database);
    make_folder_of(database)?;
    let made = !database.exists();
    Store::open(database)?;
    say(out, made, database)?;
    writeln!(out, "\nNext:")?;
    let steps = [
        format!("edit {}: your publication, newsletters and sources", config_path.display()),
        "week-in-review check".to_owned(),
        "week-in-review collect, then week-in-review preview --serve".to_owned(),
        "to mail for real: via = \"smtp\" in [mail], and week-in-review dkim generate".to_owned(),
        "week-in-review run".to_owned(),
    ];
    for (number, step) in (1..).zip(steps) {
        writeln!(out, "  {number}. {step}")?;
    }
    writeln!(out, "Keep a copy of {}: without it the links in old mails stop working.", config.keys.display())?;
    Ok(())
}

fn say(out: &mut dyn Write, made: bool, path: &Path) -> io::Result<()> {
    let path = std::path::absolute(path)?;
    if made {
        writeln!(out, "made   {}", path.display())
    } else {
        writeln!(out, "kept   {} (it was there)", path.display())
    }
}

/// Writes the commented configuration if there is none; `false` when there is. It may come to hold a password, so it is not for everybody.
fn write_example(path: &Path) -> anyhow::Result<bool> {
    make_folder_of(path)?;
    match OpenOptions::new().write(true).create_new(true).mode(0o640).open(path) {
        Ok(mut file) => file.write_all(EXAMPLE.as_bytes()).map(|()| true).with_context(|| path.display().to_string()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn make_folder_of(path: &Path) -> anyhow::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn environment(folder: &Path) -> Environment {
        let keys = folder.join("week.keys").display().to_string();
        [("WEEK_IN_REVIEW__KEYS__FILE".to_owned(), keys)].into()
    }

    fn init(folder: &Path, seed: u64) -> (String, [PathBuf; 3]) {
        let files = [folder.join("config/week.toml"), folder.join("week.keys"), folder.join("data/subscribers.db")];
        let mut out = Vec::new();
        let entropy = Entropy::seeded(seed);
        run(&InitArgs {}, &files[0], Some(&files[2]), &environment(folder), &entropy, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), files)
    }

    #[test]
    fn a_second_init_keeps_everything_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let (said, files) = init(folder.path(), 1);
        assert_eq!(said.matches("made   ").count(), 3, "{said}");
        std::fs::write(&files[0], EXAMPLE.replace("The Example Courier", "Ours")).unwrap();
        let before = files.each_ref().map(|file| std::fs::read(file).unwrap());
        let (said, _) = init(folder.path(), 2);
        assert_eq!((said.matches("made   ").count(), said.matches("kept   ").count()), (0, 3), "{said}");
        assert_eq!(files.each_ref().map(|file| std::fs::read(file).unwrap()), before);
    }

    #[test]
    fn what_was_made_can_be_loaded_and_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (_, files) = init(folder.path(), 1);
        assert!(Config::load(&files[0], &environment(folder.path())).is_ok());
        assert!(keys::load(&files[1], None).is_ok());
        assert!(Store::open(&files[2]).unwrap().alarms().unwrap().is_empty());
    }

    #[test]
    fn a_wrong_configuration_that_was_there_is_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.toml");
        std::fs::write(&file, "wrong = 1\n").unwrap();
        let error = run(&InitArgs {}, &file, None, &Environment::new(), &Entropy::seeded(1), &mut Vec::new());
        assert!(error.unwrap_err().downcast_ref::<crate::config::ConfigError>().is_some());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "wrong = 1\n");
    }
}
