//! A newsroom in a folder of its own: configuration, articles, keys and database, and the real program that works on them.
//!
//! Everything is done as an operator does it, by the program's own commands; only the past is arranged through the library, because a test cannot
//! wait for Friday.

use super::faulty_relay::Received;
use super::process::{Process, free_port, set_mode};
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use week_in_review::clock::Clock;
use week_in_review::config::Config;
use week_in_review::domain::issue::IssueId;
use week_in_review::domain::tag::Slug;
use week_in_review::entropy::Entropy;
use week_in_review::publish::compose::Desk;
use week_in_review::scheduler::{Gate, Step, step};
use week_in_review::store::Store;
use week_in_review::subscribe::import::{Options, import};

/// The program under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_week-in-review");

/// How many stories an issue needs.
pub const MINIMUM: usize = 3;

/// The parts of the configuration that tests change; each is TOML.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The schedule of the newsletter, in UTC.
    pub schedule: String,
    /// Further lines of the newsletter.
    pub newsletter: String,
    /// The lines of `[mail]`, and `[mail.dkim]` after them.
    pub mail: String,
    /// All sources, each with its `[[sources]]`.
    pub sources: String,
    /// Where the service listens, on 127.0.0.1.
    pub port: u16,
}

/// A newsroom with one newsletter, `week`.
pub struct Newsroom {
    folder: Option<TempDir>,
    root: PathBuf,
    /// What the configuration says.
    pub settings: Settings,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Output {
    /// The exit status.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A command that runs beside the test and whose words count.
pub struct Background {
    process: Process,
    _logs: TempDir,
}

impl std::ops::Deref for Background {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

/// A command that runs beside the test; killed with this value.
pub struct Running(Child);

impl Newsroom {
    /// One with keys, an empty database, an empty folder of articles, and no date due.
    pub fn new() -> Self {
        let folder = super::process::open_folder();
        let root = folder.path().to_owned();
        let mut newsroom = Self::within(&root);
        newsroom.folder = Some(folder);
        newsroom
    }

    /// The same in a folder that somebody else keeps, such as a small disk.
    pub fn within(root: &Path) -> Self {
        let settings = Settings {
            schedule: far_off(),
            newsletter: String::new(),
            mail: "via = \"outbox\"".to_owned(),
            sources: "[[sources]]\nid = \"desk\"\nname = \"The Desk\"\nkind = \"folder\"\npath = \"articles\"\n"
                .to_owned(),
            port: free_port(),
        };
        let newsroom = Self { folder: None, root: root.to_owned(), settings };
        fs::create_dir_all(newsroom.path("articles")).expect("our own folder");
        newsroom.configure();
        newsroom.done(&["init"]);
        newsroom
    }

    /// The commands of another place that holds the files of a newsroom, such as a copy.
    pub fn at(root: &Path, settings: &Settings) -> Self {
        Self { folder: None, root: root.to_owned(), settings: settings.clone() }
    }

    /// A file in the newsroom's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Changes settings and writes the configuration.
    pub fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.configure();
    }

    /// Writes the configuration.
    pub fn configure(&self) {
        let Settings { schedule, newsletter, mail, sources, port } = &self.settings;
        let text = format!(
            "[publication]
name = \"The Harbour Courier\"
url = \"https://www.harbour.example/\"
postal_address = \"1 Quay Street, Port Example\"
privacy_url = \"https://www.harbour.example/privacy\"
contact = \"editors@harbour.example\"

[web]
base_url = \"http://127.0.0.1:{port}\"
listen = \"127.0.0.1:{port}\"

[defaults]
from_address = \"week@harbour.example\"
bounce_address = \"bounces@harbour.example\"
minimum = {MINIMUM}

[[newsletters]]
slug = \"week\"
title = \"The Harbour Week\"
schedule = \"{schedule}\"
{newsletter}

[[newsletters.sections]]
slug = \"economy\"
title = \"Economy\"
tags = [\"Economy\"]

[[newsletters.sections]]
slug = \"more\"
title = \"More stories\"
rest = true
cap = 40

{sources}
[mail]
{mail}
"
        );
        fs::create_dir_all(self.path("config")).expect("our own folder");
        fs::write(self.path("config/week-in-review.toml"), text).expect("our own folder");
        set_mode(&self.path("config/week-in-review.toml"), 0o640);
    }

    /// The configuration as the program reads it, with paths that do not depend on a working directory.
    pub fn config(&self) -> Config {
        let mut config =
            Config::load(&self.path("config/week-in-review.toml"), &BTreeMap::new()).expect("a good configuration");
        config.database = self.path("subscribers.db");
        config.keys = self.path("week-in-review.keys");
        config
    }

    /// The database through the library.
    pub fn store(&self) -> Store {
        Store::open(&self.path("subscribers.db")).expect("the database opens")
    }

    /// The row number of the newsletter.
    pub fn newsletter_id(&self) -> u16 {
        self.store().newsletter_id(&week(), now()).expect("the database answers")
    }

    /// The row of the issue with a number.
    pub fn issue_id(&self, number: u32) -> IssueId {
        let row = self.store().issue_by_number(self.newsletter_id(), number).expect("the database answers");
        row.expect("there is such an issue").id
    }

    /// Makes a date of the newsletter due that lies some minutes back, and lets the newsletter have been there for a day longer than that.
    pub fn make_due(&mut self, minutes: i64) {
        let at = now() - TimeDelta::minutes(minutes);
        self.store().newsletter_id(&week(), at - TimeDelta::days(1)).expect("the database answers");
        self.set(|settings| settings.schedule = daily(at));
    }

    /// Files a story of yesterday with the tag `Economy`.
    fn write_story(&self, title: &str) {
        let file: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let date = (now() - TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%SZ");
        let text = format!(
            "---\ntitle: \"{title}\"\ndate: {date}\nurl: https://www.harbour.example/{file}\ntags: [Economy]\n\
             summary: What there is to know about {title} in one sentence.\n---\n\n{title} began early in the morning, when the harbour was still dark.\n"
        );
        fs::write(self.path("articles").join(format!("{file}.md")), text).expect("our own folder");
    }

    /// Files some stories.
    pub fn write_stories(&self, titles: &[&str]) {
        for title in titles {
            self.write_story(title);
        }
    }

    /// Files some stories and collects them.
    pub fn bring(&self, titles: &[&str]) {
        self.write_stories(titles);
        self.done(&["collect"]);
    }

    /// Adds confirmed readers by importing a file; their addresses.
    pub fn subscribe(&self, count: usize) -> Vec<String> {
        let addresses: Vec<String> = (1..=count).map(|n| format!("reader{n:04}@reader.example")).collect();
        self.import(&addresses);
        addresses
    }

    /// Adds confirmed readers with given addresses, as `subscribers import` does.
    pub fn import(&self, addresses: &[String]) {
        let csv = addresses.iter().fold("email,status,confirmed_at\n".to_owned(), |mut csv, address| {
            writeln!(csv, "{address},active,2026-01-05T09:00:00Z").expect("a string can be written");
            csv
        });
        let path = self.path("list.csv");
        fs::write(&path, csv).expect("our own folder");
        let (config, entropy) = (self.config(), Entropy::System);
        let keyring = week_in_review::keys::load(&config.keys, None).expect("init made them");
        let newsletters = BTreeMap::from([(week(), BTreeSet::new())]);
        let slug = week();
        let options = Options {
            path: &path,
            columns: &[],
            basis: None,
            newsletters: &newsletters,
            default: Some(&slug),
            per_issue: None,
            dry_run: false,
            now: now(),
        };
        let report = import(&self.store(), &keyring, &options, &mut || entropy.bytes(), &mut |_| {});
        let report = report.expect("the file is well formed");
        assert_eq!((report.problems, report.changes()), (0, addresses.len() as u64));
    }

    /// A command of the program, in the newsroom's folder and with nothing of the test's own environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(&self.root).env_clear().env("HOME", &self.root);
        command
    }

    /// Runs a command to its end.
    pub fn call(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).stdin(Stdio::null()).output().expect("cargo has built it");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Output { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Runs a command that must succeed; its standard output.
    #[track_caller]
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert_eq!(output.status, Some(0), "{arguments:?}: {output:#?}");
        output.out
    }

    /// Runs a command that must fail with a status; what it said on standard error.
    #[track_caller]
    pub fn fails(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert_eq!(output.status, Some(status), "{arguments:?}: {output:#?}");
        output.err
    }

    /// Runs a command that must succeed and print one JSON value.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let out = self.done(arguments);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {out}"))
    }

    /// Sends what is due; the JSON that it prints.
    #[track_caller]
    pub fn send(&self) -> Value {
        self.json(&["send", "--yes", "--json"])
    }

    /// Takes the coming issue at once.
    #[track_caller]
    pub fn send_early(&self) -> Value {
        self.json(&["send", "--early", "--yes", "--json"])
    }

    /// Lets the service's scheduler do one step, as it would at an instant.
    pub fn step_at(&self, at: DateTime<Utc>) -> Step {
        let (store, config) = (self.store(), self.config());
        let newsletter = config.newsletter(&week()).expect("there is one").clone();
        let desk = Desk {
            sources: &config.sources,
            aliases: &config.tags,
            newsletters: &config.newsletters,
            hands: &config.hands,
            notices: &config.notices,
        };
        step(&store, &newsletter, desk, &Gate::default(), at).expect("a step is done")
    }

    /// Starts a command beside the test; what it says is thrown away.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        Running(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("cargo has built it"),
        )
    }

    /// Starts a command beside the test; what it says can be read in its log, which is outside the newsroom's folder.
    pub fn begin(&self, arguments: &[&str]) -> Background {
        let logs = super::process::open_folder();
        let process = Process::start(&self.command(arguments), logs.path().join("log"));
        Background { process, _logs: logs }
    }

    /// Starts the service and waits until it serves pages and all its loops have begun.
    pub fn serve(&self) -> Background {
        let service = self.begin(&["run"]);
        service.wait_for_port(self.settings.port);
        service.wait_until("asks its sources", || service.log().contains("collected").then_some(()));
        service
    }

    /// How an issue stands, as `issues show` says.
    #[track_caller]
    pub fn issue(&self, number: u32) -> Value {
        self.json(&["issues", "show", &number.to_string(), "--json"])
    }

    /// The messages in the outbox.
    pub fn outbox(&self) -> Vec<Vec<u8>> {
        super::maildir::messages(&self.path("outbox"))
    }
}

impl Running {
    /// Ends it as a power cut does, in the middle of whatever it does.
    pub fn kill(mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }

    /// Whether it goes on.
    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().expect("it is our child").is_none()
    }

    /// Its exit status, once it has ended by itself.
    pub fn status(&mut self) -> Option<i32> {
        self.0.try_wait().expect("it is our child").and_then(|status| status.code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// How often each recipient is among the messages that a relay took.
pub fn times(messages: &[Received]) -> BTreeMap<String, usize> {
    messages.iter().flat_map(|message| &message.recipients).fold(BTreeMap::new(), |mut times, recipient| {
        *times.entry(recipient.clone()).or_default() += 1;
        times
    })
}

/// Fails unless each of `readers`, and nobody else, was sent one message.
#[track_caller]
pub fn assert_once(messages: &[Received], readers: &[String]) {
    let expected: BTreeMap<String, usize> = readers.iter().map(|reader| (reader.clone(), 1)).collect();
    assert_eq!(times(messages), expected);
}

/// Looks again and again until `look` finds something; fails when that takes longer than `limit`.
#[track_caller]
pub fn eventually<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < limit, "waited {limit:?} in vain until {what}");
        thread::park_timeout(Duration::from_millis(10));
    }
}

/// The newsletter of every newsroom.
pub fn week() -> Slug {
    Slug::parse("week").expect("a slug")
}

/// The present.
pub fn now() -> DateTime<Utc> {
    Clock::System.now()
}

/// A schedule of every day at an instant's minute.
pub fn daily(at: DateTime<Utc>) -> String {
    format!("{} {} * * *", at.minute(), at.hour())
}

/// A schedule with one date a year, half a year from now.
pub fn far_off() -> String {
    format!("0 17 1 {} *", (now().month() + 5) % 12 + 1)
}

/// The lines of `[mail]` for a relay on this machine without TLS.
pub fn relay(port: u16) -> String {
    format!(
        "via = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nencryption = \"none\"\nhelo = \"news.harbour.example\""
    )
}
