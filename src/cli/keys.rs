//! `keys rotate`: a new key for readers' links, the old ones kept. Prints no key.

use crate::config::{Config, Environment};
use crate::entropy::Entropy;
use crate::keys::{self, VARIABLE};
use std::io::Write;

/// The keys that sign readers' links.
#[derive(Debug, Clone, clap::Args)]
pub struct KeysArgs {
    /// What to do
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What can be done with keys.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum KeysCommand {
    /// Adds a key, which signs from now on; links signed by the old ones keep working
    #[command(after_help = "Example: week-in-review keys rotate --retire 1\n\n\
        A retired key stays in the file: the links that it signed still unsubscribe, and do nothing else.")]
    Rotate {
        /// A key to retire, because somebody may have seen it; may be given more than once
        #[arg(long, value_name = "ID")]
        retire: Vec<u8>,
    },
}

/// Does what was asked.
pub fn run(
    args: &KeysArgs,
    config: &Config,
    environment: &Environment,
    entropy: &Entropy,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let KeysCommand::Rotate { retire } = &args.command;
    let variable = environment.get(VARIABLE).map(String::as_str);
    let id = keys::rotate(&config.keys, variable, retire, entropy)?;
    writeln!(out, "key {id} was added to {} and signs from now on", config.keys.display())?;
    for id in retire {
        writeln!(out, "key {id} is retired: the links it signed still unsubscribe, and do nothing else")?;
    }
    writeln!(out, "a running service takes it on SIGHUP or at its next start; make a backup that holds it")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EXAMPLE;
    use std::path::Path;

    #[test]
    fn a_rotation_names_the_new_key_and_prints_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        config.keys = folder.path().join("k");
        keys::create(&config.keys, &Entropy::seeded(1)).unwrap();
        let args = KeysArgs { command: KeysCommand::Rotate { retire: vec![1] } };
        let mut out = Vec::new();
        run(&args, &config, &Environment::new(), &Entropy::seeded(2), &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert!(said.starts_with("key 2 was added to ") && said.contains("key 1 is retired"), "{said}");
        for line in std::fs::read_to_string(&config.keys).unwrap().lines().filter_map(|line| line.split_once(" = ")) {
            assert!(!said.contains(line.1.trim_matches('"')));
        }
    }
}
