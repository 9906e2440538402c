//! The configuration: one TOML file, overridden by the environment, read once into values of the domain.
//!
//! A typing mistake is caught here, by file, line and key, and all mistakes at once. Whoever gets a [`Config`] need not check it again. Nothing
//! here opens the database or the network; the only other files read are those that hold secrets or texts.

mod brand;
mod document;
mod hands;
mod mail;
mod newsletters;
mod notices;
mod problem;
mod publication;
mod reader;
mod returns;
mod secrets;
mod service;
mod settings;
mod signup;
mod sources;
mod tags;
#[cfg(test)]
mod tests;
mod texts;
mod values;

pub use document::PREFIX;
pub use hands::{folder as hand_folder, picture_of};
pub use mail::{Dkim, Mail, Relay, Via, Way};
pub use newsletters::RESERVED_SLUGS;
pub use problem::{ConfigError, Place, Problem};
pub use returns::Returns;
pub use service::{Alarms, Collect, Retention, Web};
pub use settings::{EXAMPLE, Setting, settings};

use crate::domain::address::EmailAddress;
use crate::domain::editor::SessionLife;
use crate::domain::hand::FileHand;
use crate::domain::newsletter::{Newsletter, Publication};
use crate::domain::notice::PlannedNotice;
use crate::domain::signup::Rules;
use crate::domain::source::Source;
use crate::domain::tag::{Slug, TagAliases};
use crate::templates::texts::{TextFile, Texts};
use reader::{Reading, Table};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Environment variables by name.
pub type Environment = BTreeMap<String, String>;

/// Where the configuration lies unless the command line says otherwise.
pub const DEFAULT_PATH: &str = "config/week-in-review.toml";

/// A configuration that is valid as a whole.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it came from.
    pub path: PathBuf,
    /// Fluent files whose texts stand before ours.
    pub texts: Vec<TextFile>,
    /// Who publishes.
    pub publication: Publication,
    /// Who is told about the newsletters.
    pub editors: Vec<EmailAddress>,
    /// Who is told of trouble.
    pub operators: Vec<EmailAddress>,
    /// Where articles come from.
    pub sources: Vec<Source>,
    /// What goes out; at least one.
    pub newsletters: Vec<Newsletter>,
    /// Which labels fold into which tag.
    pub tags: TagAliases,
    /// What files say about issues and stories, by newsletter.
    pub hands: Vec<(Slug, FileHand)>,
    /// What stands beside the stories, with its dates.
    pub notices: Vec<PlannedNotice>,
    /// How mail leaves.
    pub mail: Mail,
    /// What becomes of returned mail.
    pub returns: Returns,
    /// The web pages.
    pub web: Web,
    /// How long an editor stays signed in.
    pub desk: SessionLife,
    /// The rules by which readers sign up.
    pub subscribe: Rules,
    /// How sources are asked.
    pub collect: Collect,
    /// The database file.
    pub database: PathBuf,
    /// The key file.
    pub keys: PathBuf,
    /// How the operators learn of trouble besides mail.
    pub alarms: Alarms,
    /// How long things are kept.
    pub retention: Retention,
    /// What will do, but should be looked at.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// Reads a file and lays the environment over it.
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let text = std::fs::read(path).map_err(|error| {
            let sentence = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "there is no such file; make it with \"week-in-review init\", or name another with --config"
                        .to_owned()
                }
                _ => format!("cannot be read: {error}"),
            };
            ConfigError::of_file(path, sentence)
        })?;
        let text = String::from_utf8(text).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
            ConfigError::of_file(path, format!("is not UTF-8 text (line {line})"))
        })?;
        let config = Self::parse(path, &text, environment)?;
        let hands = hands::load(path, &config.newsletters)?;
        Texts::install(&config.texts);
        Ok(Self { hands, ..config })
    }

    /// What the editors' files beside the configuration say now.
    pub fn hands_now(&self) -> Result<Vec<(Slug, FileHand)>, ConfigError> {
        hands::load(&self.path, &self.newsletters)
    }

    /// Like [`Self::load`], with the text of the file given, and without the files beside it.
    pub fn parse(path: &Path, text: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let mut root = document::parse(path, text.trim_start_matches('\u{FEFF}'))?;
        let reading = Reading::of(path);
        reading.add(document::overlay(path, &mut root, environment));
        let config = read(path, &reading.root(&root));
        let warnings = reading.finish()?;
        let config = config.map(|config| Self { warnings, ..config });
        Ok(config.expect("what could not be read was noted as a problem, and there is none"))
    }

    /// A newsletter by its slug.
    pub fn newsletter(&self, slug: &Slug) -> Option<&Newsletter> {
        self.newsletters.iter().find(|newsletter| newsletter.slug == *slug)
    }
}

/// The environment of this process. Variables that are not UTF-8 are none of ours.
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn read(path: &Path, root: &Table<'_>) -> Option<Config> {
    let publication = publication::read(&root.table("publication"));
    let editors = root.list("editors", values::address);
    let operators = root.list("operators", values::address);
    if operators.is_empty() && !root.has("operators") {
        root.warn("operators", "nobody is told by mail when something fails");
    }
    let tags = tags::read(&root.table("tags"));
    let texts = texts::read(root);
    let source_tables = root.tables("sources");
    let sources = sources::read(&source_tables);
    let web = service::web(&root.table("web"));
    let returns = returns::read(&root.table("returns"));
    let source_ids = sources::ids(&source_tables);
    let house = newsletters::House {
        publication: publication.as_ref(),
        tags: &tags,
        sources: &source_ids,
        web_base: web.as_ref().map(|web| web.base_url.as_str()),
        returns: returns.mailbox.as_ref(),
    };
    let newsletters = read_newsletters(root, &house);
    let notices = notices::read(&root.tables("notices"), &newsletters);
    let mail_table = root.table("mail");
    let mail = mail::read(&mail_table);
    if let Some(mail) = &mail {
        mail::warn_of_foreign_signatures(&mail_table, mail, &newsletters);
    }
    let desk = service::desk(&root.table("desk"));
    let subscribe = signup::read(&root.table("subscribe"));
    let collect = service::collect(&root.table("collect"));
    let database = service::database(&root.table("database"));
    let keys = service::keys(&root.table("keys"));
    let alarms = service::alarms(&root.table("alarms"));
    let retention = service::retention(&root.table("retention"));
    root.done();
    Some(Config {
        path: path.to_owned(),
        texts,
        publication: publication?,
        editors,
        operators,
        sources,
        newsletters,
        tags,
        hands: Vec::new(),
        notices,
        mail: mail?,
        returns,
        web: web?,
        desk,
        subscribe,
        collect,
        database,
        keys,
        alarms,
        retention,
        warnings: Vec::new(),
    })
}

fn read_newsletters(root: &Table<'_>, house: &newsletters::House<'_>) -> Vec<Newsletter> {
    let defaults = root.table("defaults");
    let tables = root.tables("newsletters");
    if tables.is_empty() && !root.has("newsletters") {
        root.problem("newsletters", "missing; write at least one table [[newsletters]]");
    }
    let tables: Vec<_> = tables.into_iter().map(|table| table.inheriting(&defaults)).collect();
    let newsletters = newsletters::read(&tables, house);
    // Only newsletters ask for the keys of [defaults]; without one, each of them would be called unknown.
    if !tables.is_empty() {
        defaults.done();
    }
    newsletters
}
