//! `sources try`: what a source brings or would bring, and nothing is written.

use super::add::address;
use crate::app::App;
use crate::cli::context::{Usage, print, print_json, wait};
use crate::collect::discover::discover;
use crate::collect::{Manner, SourceReport, collect};
use crate::domain::article::Sighting;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::store::Store;
use anyhow::Context as _;
use serde_json::{Value, json};
use std::sync::Arc;

/// Which source.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review sources try https://www.example.org/feed.xml")]
pub struct TryArgs {
    /// Its name, or any address of a site
    source: String,
    /// The address may lie on a private network
    #[arg(long)]
    allow_private: bool,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Stories that are printed.
const SHOWN: usize = 20;

/// Tries it.
pub(super) fn run(args: &TryArgs, app: &App) -> anyhow::Result<()> {
    let source = source_of(args, app)?;
    let report = wait(tried(app, &source))??;
    if args.json {
        print_json(&value(&source, &report))?;
    } else {
        print(&text(&source, &report))?;
    }
    match &report.error {
        Some(error) => anyhow::bail!("source \"{}\": {error}", source.id),
        None => Ok(()),
    }
}

fn source_of(args: &TryArgs, app: &App) -> anyhow::Result<Source> {
    if let Some(source) = app.config.sources.iter().find(|source| source.id.as_str() == args.source) {
        return Ok(source.clone());
    }
    let url = Some(args.source.as_str()).filter(|text| text.contains(['.', ':'])).and_then(address);
    let Some(url) = url else { return super::named(app, &args.source).cloned() };
    let fetch = app.fetcher();
    let offers = wait(discover(&fetch, &url, args.allow_private, app.now()))?.with_context(|| url.to_string())?;
    let best = offers.into_iter().next().map(|offer| offer.source);
    best.ok_or_else(|| Usage(format!("{url}: neither feed, site map nor API was found")).into())
}

/// A visit as if for the first time, into a database that nobody keeps.
async fn tried(app: &App, source: &Source) -> anyhow::Result<SourceReport> {
    let manner = Manner { is_trial: true, is_named: true, ..app.manner() };
    let scratch = Arc::new(Store::in_memory()?);
    let report = collect(&scratch, &app.fetcher(), std::slice::from_ref(source), app.now(), &manner).await;
    report.sources.into_iter().next().context("the source was not visited")
}

fn tags(story: &Sighting, otherwise: &str) -> String {
    let labels: Vec<&str> = story.text.labels.iter().map(Line::as_str).collect();
    if labels.is_empty() { otherwise.to_owned() } else { labels.join(", ") }
}

fn text(source: &Source, report: &SourceReport) -> String {
    let mut text = format!("{} {}: {} stories\n", source.kind.as_str(), source.kind.place(), report.seen);
    for line in report.notes.iter().chain(&report.problems) {
        text.push_str(&format!("  {line}\n"));
    }
    for story in report.stories.iter().take(SHOWN) {
        let date = story.published_at.map_or("undated".to_owned(), |at| at.format("%Y-%m-%d %H:%M").to_string());
        let url = story.url.as_ref().map_or("no address", |url| url.as_str());
        text.push_str(&format!(
            "  {date:<16}  {}\n                    {url}; {}\n",
            story.text.title,
            tags(story, "no tags")
        ));
    }
    if report.stories.len() > SHOWN {
        text.push_str(&format!("  … and {} more\n", report.stories.len() - SHOWN));
    }
    text
}

fn value(source: &Source, report: &SourceReport) -> Value {
    let story = |story: &Sighting| {
        json!({"title": story.text.title, "url": story.url, "guid": story.guid, "published_at": story.published_at, "labels": story.text.labels,
            "authors": story.text.authors, "summary": story.text.summary, "language": story.text.language, "words": story.text.words})
    };
    json!({
        "source": source.id, "kind": source.kind.as_str(), "place": source.kind.place(), "status": report.status, "seen": report.seen,
        "error": report.error, "problems": report.problems, "notes": report.notes, "stories": report.stories.iter().map(story).collect::<Vec<_>>(),
    })
}
