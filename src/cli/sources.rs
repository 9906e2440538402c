//! `sources`: where articles come from, how they do, and what they would bring.

mod add;
mod toml_lines;
mod trial;

use super::context::{Context, Usage, print, print_json};
use crate::app::App;
use crate::collect::silence;
use crate::domain::count::counted;
use crate::domain::source::Source;
use crate::store::sources::SourceState;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// What to do with sources.
#[derive(Debug, clap::Subcommand)]
pub enum SourcesCommand {
    /// All sources and how they do
    List {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Find the feed, site map or API of a site, and the lines that configure it
    Add(add::AddArgs),
    /// One source and how it does
    Show {
        /// Its name
        source: String,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// What a source or an address would bring; nothing is written
    Try(trial::TryArgs),
    /// Take a source out of the configuration file; what it has brought stays
    Remove(add::RemoveArgs),
}

/// Does what was asked.
pub fn run(command: &SourcesCommand, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    match command {
        SourcesCommand::List { json } => list(&app, *json),
        SourcesCommand::Add(args) => add::add(args, &app, context),
        SourcesCommand::Show { source, json } => show(&app, named(&app, source)?, *json),
        SourcesCommand::Try(args) => trial::run(args, &app),
        SourcesCommand::Remove(args) => add::remove(args, &app, context),
    }
}

/// The configured source of a name.
fn named<'a>(app: &'a App, name: &str) -> anyhow::Result<&'a Source> {
    let all = || app.config.sources.iter().map(|source| source.id.as_str()).collect::<Vec<_>>().join(", ");
    let found = app.config.sources.iter().find(|known| known.id.as_str() == name);
    found.ok_or_else(|| Usage(format!("no source {name:?}; there are: {}", all())).into())
}

fn list(app: &App, as_json: bool) -> anyhow::Result<()> {
    let (mut values, mut text) = (Vec::new(), String::new());
    for source in &app.config.sources {
        let state = app.store.known_source_state(&source.id)?.unwrap_or_default();
        let last = state.last_success_at.map_or("never".to_owned(), minute);
        text.push_str(&format!(
            "{:<20} {:<9} last success {last}{}\n",
            source.id,
            source.kind.as_str(),
            trouble(&state, app.now())
        ));
        values.push(value(source, &state, app.now()));
    }
    if as_json { print_json(&values) } else { print(&text) }
}

fn show(app: &App, source: &Source, as_json: bool) -> anyhow::Result<()> {
    let state = app.store.known_source_state(&source.id)?.unwrap_or_default();
    if as_json {
        return print_json(&[value(source, &state, app.now())]);
    }
    let mut text = format!("{} ({}), {}: {}\n", source.id, source.name, source.kind.as_str(), source.kind.place());
    let at = |at: Option<DateTime<Utc>>| at.map(minute);
    for (name, said) in [
        ("first answered", at(state.first_success_at)),
        ("last asked", at(state.last_try_at)),
        ("last success", at(state.last_success_at).or(Some("never".to_owned()))),
        ("last new story", at(state.last_new_at)),
        ("newest story", at(state.reached_at)),
        ("habit", state.habit.map(|habit| format!("a story every {}", length(habit)))),
        ("next look", at(state.retry_at.max(state.fresh_until).max(state.due_at)).filter(|_| state.gone_at.is_none())),
        ("moved to", state.moved_to.clone()),
        (
            "gone since",
            at(state.gone_at).map(|at| format!("{at}; it rests until `collect {}` asks it again", source.id)),
        ),
        (
            "failures",
            (state.failures > 0).then(|| {
                format!("{}: {}", state.failures, state.last_error.as_deref().unwrap_or("no reason is known"))
            }),
        ),
        (
            "silent",
            silence(state.habit, state.last_new_at, app.now())
                .map(|silent| format!("for {}, against its habit", length(silent))),
        ),
    ] {
        if let Some(said) = said {
            text.push_str(&format!("{name:<15} {said}\n"));
        }
    }
    print(&text)
}

fn value(source: &Source, state: &SourceState, now: DateTime<Utc>) -> Value {
    json!({
        "source": source.id, "name": source.name, "kind": source.kind.as_str(), "place": source.kind.place(),
        "first_success_at": state.first_success_at, "last_try_at": state.last_try_at, "last_success_at": state.last_success_at,
        "last_new_at": state.last_new_at, "failures": state.failures, "last_error": state.last_error, "moved_to": state.moved_to,
        "gone_at": state.gone_at, "next_look_at": state.retry_at.max(state.fresh_until).max(state.due_at),
        "habit_seconds": state.habit.map(|habit| habit.num_seconds()),
        "silent_seconds": silence(state.habit, state.last_new_at, now).map(|silent| silent.num_seconds()),
    })
}

fn trouble(state: &SourceState, now: DateTime<Utc>) -> String {
    if let Some(at) = state.gone_at {
        return format!("; gone for good since {}, rests", at.format("%Y-%m-%d"));
    }
    match (&state.last_error, silence(state.habit, state.last_new_at, now)) {
        (Some(error), _) => format!("; failed {}: {error}", counted(state.failures, "time")),
        (None, Some(silent)) => format!("; silent for {}, against its habit", length(silent)),
        (None, None) => String::new(),
    }
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A length of time as people say it.
fn length(length: TimeDelta) -> String {
    match length.num_minutes() {
        minutes if minutes < 120 => counted(minutes.max(1), "minute"),
        minutes if minutes < 48 * 60 => counted(minutes / 60, "hour"),
        minutes => counted(minutes / 1_440, "day"),
    }
}
