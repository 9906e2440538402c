//! `sources`: where articles come from, how they do, and what they would bring.

use super::context::{Context, Usage, print, print_json};
use crate::app::App;
use crate::domain::source::Source;
use serde_json::json;

/// What to do with sources.
#[derive(Debug, clap::Subcommand)]
pub enum SourcesCommand {
    /// All sources and how they do
    List {
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// One source and how it does
    Show {
        /// Its name
        source: String,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
}

/// Does what was asked.
pub fn run(command: &SourcesCommand, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    match command {
        SourcesCommand::List { json } => show(&app, &app.config.sources.iter().collect::<Vec<_>>(), *json),
        SourcesCommand::Show { source, json } => {
            let found = app.config.sources.iter().find(|known| known.id.as_str() == source);
            let all = || app.config.sources.iter().map(|source| source.id.as_str()).collect::<Vec<_>>().join(", ");
            let found = found.ok_or_else(|| Usage(format!("no source {source:?}; there are: {}", all())))?;
            show(&app, &[found], *json)
        }
    }
}

fn show(app: &App, sources: &[&Source], as_json: bool) -> anyhow::Result<()> {
    let mut values = Vec::new();
    let mut text = String::new();
    for source in sources {
        let health = app.store.known_source_state(&source.id)?.unwrap_or_default();
        let last = health.last_success_at.map_or("never".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        text.push_str(&format!(
            "{:<20} {:<9} last success {last}{}\n",
            source.id,
            source.kind.as_str(),
            trouble(&health)
        ));
        values.push(json!({
            "source": source.id, "name": source.name, "kind": source.kind.as_str(), "place": source.kind.place(),
            "last_success_at": health.last_success_at, "last_new_at": health.last_new_at, "failures": health.failures, "last_error": health.last_error,
        }));
    }
    if as_json { print_json(&values) } else { print(&text) }
}

fn trouble(health: &crate::store::sources::SourceState) -> String {
    match &health.last_error {
        Some(error) => format!("; failed {} times: {error}", health.failures),
        None => String::new(),
    }
}
