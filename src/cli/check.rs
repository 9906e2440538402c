//! `check`: whether everything is in place to collect, compose and mail. Offline; changes nothing but the database's schema, as any command does.

mod dates;

use crate::clock::Clock;
use crate::config::{Config, Environment, Relay, Via, Way};
use crate::domain::count::counted;
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::entropy::Entropy;
use crate::installation::{self, Installation};
use crate::keys::{self, VARIABLE};
use crate::mail::sendmail::Sendmail;
use crate::mail::smtp::{Encryption, SmtpRelay};
use crate::publish::arrange::orphans;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use url::Url;

/// Checks config, database, keys and relay settings, offline
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = "Example: week-in-review check --json\n\n\
    Exit status: 0 all is well (perhaps with warnings), 1 something must be mended, 2 the configuration must be.")]
pub struct CheckArgs {
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// What a check looks at.
#[derive(Debug)]
pub struct Place<'a> {
    /// The configuration file.
    pub config: &'a Path,
    /// The database, if the command line names one.
    pub database: Option<&'a Path>,
    /// The environment.
    pub environment: &'a Environment,
    /// Where the system keeps the machine's id.
    pub machine_id: &'a Path,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but should be looked at.
    Warning,
    /// It does not work.
    Error,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What: `config`, `database`, `keys`, `mail`, `dkim`, `web`, `installation`, `topics`, `alarm`, `example`, `readers`.
    pub about: &'static str,
    /// How it is.
    pub level: Level,
    /// In a sentence.
    pub sentence: String,
}

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    findings: &'a [Finding],
}

/// Prints the findings and returns the exit status.
pub fn run(
    args: &CheckArgs,
    place: &Place<'_>,
    clock: &Clock,
    entropy: &Entropy,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let (findings, sound) = match Config::load(place.config, place.environment) {
        Ok(config) => (findings(&config, place, clock.now(), entropy), true),
        Err(error) => (error.problems.iter().map(|problem| note("config", Level::Error, problem)).collect(), false),
    };
    let ok = findings.iter().all(|finding| finding.level != Level::Error);
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &Report { ok, findings: &findings })?;
        writeln!(out)?;
    } else {
        for Finding { about, level, sentence } in &findings {
            let level = match level {
                Level::Ok => "ok",
                Level::Warning => "warning",
                Level::Error => "ERROR",
            };
            writeln!(out, "{level:<7}  {about:<12}  {sentence}")?;
        }
    }
    Ok(match (ok, sound) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    })
}

fn note(about: &'static str, level: Level, sentence: impl std::fmt::Display) -> Finding {
    Finding { about, level, sentence: sentence.to_string() }
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn findings(config: &Config, place: &Place<'_>, now: DateTime<Utc>, entropy: &Entropy) -> Vec<Finding> {
    let counts =
        format!("{}, {}", counted(config.newsletters.len(), "newsletter"), counted(config.sources.len(), "source"));
    let mut findings = vec![note("config", Level::Ok, format!("{}: {counts}", absolute(&config.path)))];
    findings.extend(config.warnings.iter().map(|warning| note("config", Level::Warning, warning)));
    findings.extend(untouched(config));
    findings.extend(dates::newsletters(config, place, now));
    findings.extend(sources(config));
    findings.push(keys(config, place.environment));
    findings.extend(mail(config));
    let web = &config.web;
    findings.push(note("web", Level::Ok, format!("{} from {}", web.base_url, web.listen)));
    findings.extend(database(config, place, now, entropy));
    findings
}

/// What still stands as the example has it: it would go out in the name of somebody who does not exist.
fn untouched(config: &Config) -> Option<Finding> {
    // RFC 2606, section 3.
    let reserved = |host: &str| host == "example.org" || host.ends_with(".example.org");
    let host = |address: &str| address.rsplit('@').next().unwrap_or_default().to_owned();
    let site = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let publication = &config.publication;
    let mut named = vec![
        ("publication.url", site(publication.url.as_str())),
        ("publication.contact", host(&publication.contact)),
        ("web.base_url", site(&config.web.base_url)),
    ];
    named.extend(config.operators.iter().map(|address| ("operators", host(&address.to_string()))));
    named.extend(config.newsletters.iter().map(|newsletter| ("from_address", host(&newsletter.sender.from_address))));
    let mut keys: Vec<&str> = named.iter().filter(|(_, value)| reserved(value)).map(|(key, _)| *key).collect();
    keys.dedup();
    let sentence = format!("{} as in the example; put in your own before you mail", keys.join(", "));
    (!keys.is_empty()).then(|| note("example", Level::Warning, sentence))
}

/// Only what lies on this machine can be looked at offline.
fn sources(config: &Config) -> Vec<Finding> {
    let missing = config.sources.iter().filter_map(|source| {
        let path = source.kind.path()?;
        let there = if matches!(source.kind, crate::domain::source::SourceKind::Folder(_)) {
            path.is_dir()
        } else {
            path.is_file()
        };
        let sentence = format!("source \"{}\": {} is not there", source.id, absolute(path));
        (!there).then(|| note("source", Level::Error, sentence))
    });
    missing.collect()
}

fn keys(config: &Config, environment: &Environment) -> Finding {
    let variable = environment.get(VARIABLE).map(String::as_str);
    match keys::load(&config.keys, variable) {
        Ok(ring) => {
            let place = variable.map_or_else(|| absolute(&config.keys), |_| format!("variable {VARIABLE}"));
            let newest = ring.keys().last().map_or(0, |key| key.id);
            note("keys", Level::Ok, format!("{place}: {}, number {newest} signs", counted(ring.keys().len(), "key")))
        }
        Err(error) => note("keys", Level::Error, error),
    }
}

fn mail(config: &Config) -> Vec<Finding> {
    let way = match &config.mail.via {
        Via::Outbox(folder) => {
            let sentence = format!("into the folder {}; nobody gets anything", absolute(folder));
            note("mail", Level::Ok, sentence)
        }
        Via::Relays(relays) => return relays.iter().map(relay).chain(dkim(config)).collect(),
    };
    std::iter::once(way).chain(dkim(config)).collect()
}

fn relay(relay: &Relay) -> Finding {
    let share = match relay {
        Relay { is_fallback: true, .. } => ", while no other can be used".to_owned(),
        Relay { weight: 1, .. } => String::new(),
        Relay { weight, .. } => format!(", weight {weight}"),
    };
    match &relay.way {
        Way::Smtp(settings) => {
            let settings = settings.clone();
            let login =
                settings.username.as_ref().map_or(String::new(), |name| format!(", as {name} with password ***"));
            let encryption = match settings.encryption {
                Encryption::None => "not encrypted",
                Encryption::StartTls => "STARTTLS",
                Encryption::Tls => "TLS",
            };
            let sentence = format!("by {}:{} ({encryption}){login}{share}", settings.host, settings.port);
            SmtpRelay::new(settings)
                .map_or_else(|e| note("mail", Level::Error, e), |_| note("mail", Level::Ok, sentence))
        }
        Way::Sendmail(command) => match Sendmail::new(command.clone()).open() {
            Ok(_) => note("mail", Level::Ok, format!("by the program {}{share}", command.join(" "))),
            Err(error) => note("mail", Level::Error, error),
        },
        Way::Ses(settings) => note("mail", Level::Ok, format!("by the API at {}{share}", settings.endpoint)),
        Way::Mailgun(settings) => note("mail", Level::Ok, format!("by the API at {}{share}", settings.endpoint)),
    }
}

fn dkim(config: &Config) -> impl Iterator<Item = Finding> {
    config.mail.dkim.iter().filter_map(|dkim| Some((dkim, dkim.signer()?))).map(|(dkim, signer)| {
        let does = if dkim.signs { "signs" } else { "is kept ready" };
        let file = absolute(&dkim.key_file);
        note("dkim", Level::Ok, format!("{} {does} for {}, key {file}", signer.selector(), signer.domain()))
    })
}

fn database(config: &Config, place: &Place<'_>, now: DateTime<Utc>, entropy: &Entropy) -> Vec<Finding> {
    let path = place.database.unwrap_or(&config.database);
    let shown = absolute(path);
    if !path.exists() {
        let sentence = format!("{shown} is not there; make it with \"week-in-review init\"");
        return vec![note("database", Level::Error, sentence)];
    }
    let store = match Store::open(path) {
        Ok(store) => store,
        Err(error) => return vec![note("database", Level::Error, error)],
    };
    let mut findings = match store.faults() {
        Ok(faults) if faults.is_empty() => vec![note("database", Level::Ok, &shown)],
        Ok(faults) => {
            let sentence = format!("{shown} is damaged; restore a backup: {}", faults.join("; "));
            return vec![note("database", Level::Error, sentence)];
        }
        Err(error) => return vec![note("database", Level::Error, error)],
    };
    findings.push(installation(&store, place, entropy));
    match readers(config, &store, now) {
        Ok(numbers) => findings.extend(numbers),
        Err(error) => findings.push(note("readers", Level::Error, error)),
    }
    match topics(config, &store) {
        Ok(lost) => findings.extend(lost),
        Err(error) => findings.push(note("topics", Level::Error, error)),
    }
    match store.alarms() {
        Ok(alarms) => findings.extend(alarms.iter().map(|alarm| {
            let times = if alarm.times == 1 { String::new() } else { format!(", {} times", alarm.times) };
            let last = alarm.last_at.format("%Y-%m-%d %H:%M UTC");
            note("alarm", Level::Warning, format!("{} {}: {} ({last}{times})", alarm.kind, alarm.about, alarm.sentence))
        })),
        Err(error) => findings.push(note("alarm", Level::Error, error)),
    }
    findings
}

/// How many would get each newsletter. None is worth a word: an issue goes nowhere.
fn readers(config: &Config, store: &Store, now: DateTime<Utc>) -> Result<Vec<Finding>, StoreError> {
    let count = |newsletter: &Newsletter| {
        let id = store.known_newsletter_id(&newsletter.slug)?;
        Ok(match id.map_or(Ok(0), |id| store.eligible_count(id, now))? {
            0 => note("readers", Level::Warning, format!("{}: nobody gets it yet", newsletter.slug)),
            readers => note("readers", Level::Ok, format!("{}: {readers} get it", newsletter.slug)),
        })
    };
    config.newsletters.iter().map(count).collect()
}

/// Topics that readers chose and that are no sections any more: a configuration that says nothing of them leaves somebody without a section.
fn topics(config: &Config, store: &Store) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for newsletter in &config.newsletters {
        let Some(id) = store.known_newsletter_id(&newsletter.slug)? else { continue };
        let mut lost: BTreeMap<Slug, u64> = BTreeMap::new();
        for (choice, readers) in store.choices(id)? {
            orphans(newsletter, &choice).into_iter().for_each(|topic| *lost.entry(topic).or_default() += readers);
        }
        findings.extend(lost.into_iter().map(|(topic, readers)| {
            let who = counted(readers, "reader");
            let sentence = format!(
                "{}: {who} chose \"{topic}\", which is no section any more; name its heir under [newsletters.heirs], such as {topic} = \"everything\"",
                newsletter.slug
            );
            note("topics", Level::Error, sentence)
        }));
    }
    Ok(findings)
}

fn installation(store: &Store, place: &Place<'_>, entropy: &Entropy) -> Finding {
    let fallback = installation::fallback_id_file(place.environment);
    let examined = installation::machine_id(place.machine_id, &fallback, entropy)
        .and_then(|machine| installation::examine(store, &machine));
    match examined {
        Ok(Installation::Same) => note("installation", Level::Ok, "the place that mails"),
        Ok(Installation::New) => {
            note("installation", Level::Ok, "new: becomes the place that mails when mail first goes out")
        }
        Ok(Installation::Moved(differs)) => {
            let sentence = format!("{}; nothing is mailed until \"week-in-review unlock\"", differs.join("; "));
            note("installation", Level::Error, sentence)
        }
        Err(error) => note("installation", Level::Error, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EXAMPLE;
    use std::path::PathBuf;

    /// A folder with everything in place.
    struct Home {
        folder: tempfile::TempDir,
        environment: Environment,
    }

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            std::fs::write(at("c.toml"), EXAMPLE).unwrap();
            std::fs::write(at("machine-id"), "one\n").unwrap();
            keys::create(&at("week.keys"), &Entropy::seeded(1)).unwrap();
            drop(Store::open(&at("subscribers.db")).unwrap());
            let environment = [("WEEK_IN_REVIEW__KEYS__FILE".to_owned(), at("week.keys").display().to_string())].into();
            Self { folder, environment }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn check(&self, json: bool) -> (u8, String) {
            let (config, database, machine) = (self.at("c.toml"), self.at("subscribers.db"), self.at("machine-id"));
            let place = Place {
                config: &config,
                database: Some(&database),
                environment: &self.environment,
                machine_id: &machine,
            };
            let clock = Clock::at("2026-11-20T12:00:00Z".parse().unwrap());
            let mut out = Vec::new();
            let status = run(&CheckArgs { json }, &place, &clock, &Entropy::seeded(2), &mut out).unwrap();
            (status, String::from_utf8(out).unwrap())
        }
    }

    #[test]
    fn a_sound_place_passes_and_shows_absolute_paths() {
        let home = Home::new();
        let (status, said) = home.check(false);
        assert_eq!(status, 0, "{said}");
        for name in ["c.toml", "week.keys", "subscribers.db"] {
            assert!(said.contains(&home.at(name).display().to_string()), "{said}");
        }
        assert!(said.contains("week: from week@example.org, next Fri 20 Nov 2026 17:00 GMT"), "{said}");
        assert!(said.contains("readers       week: nobody gets it yet"), "{said}");
    }

    #[test]
    fn what_still_stands_as_in_the_example_is_said() {
        let home = Home::new();
        let said = home.check(false).1;
        let keys = "publication.url, publication.contact, web.base_url, operators, from_address as in the example";
        assert!(said.contains(&format!("warning  example       {keys}")), "{said}");
        std::fs::write(home.at("c.toml"), EXAMPLE.replace("example.org", "courier.test")).unwrap();
        let said = home.check(false).1;
        assert!(!said.contains("as in the example"), "{said}");
    }

    #[test]
    fn a_wrong_configuration_is_exit_2_with_every_problem() {
        let home = Home::new();
        std::fs::write(home.at("c.toml"), EXAMPLE.replace("schedule =", "schedul =")).unwrap();
        let (status, said) = home.check(false);
        assert_eq!(status, 2);
        assert_eq!(said.matches("did you mean \"schedule\"?").count(), 2, "{said}");
    }

    #[test]
    fn what_is_missing_or_open_is_exit_1_and_says_how_to_mend_it() {
        let home = Home::new();
        std::fs::remove_file(home.at("subscribers.db")).unwrap();
        std::fs::set_permissions(home.at("week.keys"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let (status, said) = home.check(true);
        assert_eq!(status, 1);
        let report: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(report["ok"], false);
        assert!(said.contains("week-in-review init") && said.contains("chmod 600"), "{said}");
    }

    #[test]
    fn a_moved_database_and_alarms_are_shown() {
        let home = Home::new();
        let store = Store::open(&home.at("subscribers.db")).unwrap();
        installation::settle(&store, "another").unwrap();
        store
            .raise_alarm(
                "relay-down",
                "smtp.example.org",
                "it does not answer",
                "2026-11-20T11:00:00Z".parse().unwrap(),
            )
            .unwrap();
        drop(store);
        let (status, said) = home.check(false);
        assert_eq!(status, 1);
        assert!(said.contains("the machine is another one; nothing is mailed until"), "{said}");
        assert!(said.contains("relay-down smtp.example.org: it does not answer (2026-11-20 11:00 UTC)"), "{said}");
    }

    #[test]
    fn a_removed_section_without_an_heir_is_refused_while_readers_have_it() {
        let home = Home::new();
        let store = Store::open(&home.at("subscribers.db")).unwrap();
        let now = "2026-11-20T11:00:00Z".parse().unwrap();
        let week = Slug::parse("week").unwrap();
        store.newsletter_id(&week, now).unwrap();
        let asking = crate::subscribe::Asking {
            address: crate::domain::address::EmailAddress::parse("jo@example.net").unwrap(),
            name: crate::domain::text::Line::default(),
            language: None,
            newsletters: vec![week],
            choice: crate::domain::issue::Choice::from_key("railways"),
        };
        let keyring = keys::load(&home.at("week.keys"), None).unwrap();
        let evidence = crate::domain::consent::Evidence::new(now, "test").with("proof", "test");
        crate::subscribe::add_confirmed(&store, &keyring, &asking, false, [7; 8], &evidence).unwrap();
        drop(store);
        let (status, said) = home.check(false);
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("week: 1 get it"), "{said}");
        assert!(said.contains("1 reader chose \"railways\", which is no section any more"), "{said}");
        let heirs = EXAMPLE.replace("#politics = \"economy\"", "railways = \"everything\"");
        std::fs::write(home.at("c.toml"), heirs).unwrap();
        let (status, said) = home.check(false);
        assert_eq!(status, 0, "{said}");
    }

    #[test]
    fn a_damaged_database_is_named() {
        let home = Home::new();
        std::fs::write(home.at("subscribers.db"), "no database at all ".repeat(100)).unwrap();
        let (status, said) = home.check(false);
        assert_eq!(status, 1);
        assert!(said.contains("damaged"), "{said}");
    }

    #[test]
    fn a_source_that_is_not_on_this_machine_is_named() {
        let home = Home::new();
        let text = EXAMPLE
            .replace("url = \"https://www.example.org/feed.xml\"", "kind = \"folder\"\npath = \"/nowhere/articles\"");
        std::fs::write(home.at("c.toml"), text).unwrap();
        let (status, said) = home.check(false);
        assert_eq!(status, 1);
        assert!(said.contains("source \"front-page\": /nowhere/articles is not there"), "{said}");
    }

    #[test]
    fn the_password_of_the_relay_is_not_shown() {
        let mut home = Home::new();
        let set = [("VIA", "smtp"), ("HOST", "localhost"), ("USERNAME", "week"), ("PASSWORD", "hunter2")];
        home.environment.extend(set.map(|(k, v)| (format!("WEEK_IN_REVIEW__MAIL__{k}"), v.to_owned())));
        let (_, said) = home.check(false);
        assert!(said.contains("by localhost:587 (STARTTLS), as week with password ***"), "{said}");
        assert!(!said.contains("hunter2"));
    }
}
