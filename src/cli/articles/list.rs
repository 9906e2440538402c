//! `articles list`: the stories that the coming issue would take, and those it would leave out.

use super::considered::{considered, left_out};
use crate::app::App;
use crate::cli::context::{print, print_json};
use crate::cli::preview::chosen;
use crate::publish::compose::Considered;
use serde_json::{Value, json};

/// Which stories.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Which newsletter; the first one when none is given
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Lists them.
pub(super) fn run(args: &ListArgs, app: &App) -> anyhow::Result<()> {
    let newsletter = chosen(app, args.newsletter.as_deref())?;
    let considered = considered(app, newsletter)?;
    if args.json {
        return print_json(&considered.iter().map(value).collect::<Vec<_>>());
    }
    print(&considered.iter().map(line).collect::<String>())
}

fn line(considered: &Considered) -> String {
    let article = &considered.article;
    let place =
        considered.section.as_ref().map_or_else(|reason| format!("({})", left_out(*reason)), ToString::to_string);
    format!(
        "{:>6}  {:>3}  {place:<16}  {}  {}\n",
        article.id.0,
        considered.score.total(),
        article.source,
        article.text.title
    )
}

fn value(considered: &Considered) -> Value {
    let article = &considered.article;
    json!({
        "article": article.id.0, "title": article.text.title, "url": article.url, "source": article.source,
        "section": considered.section.as_ref().ok(), "left_out": considered.section.as_ref().err(), "score": considered.score,
        "published_at": article.published_at, "first_seen_at": article.first_seen_at, "eligible_at": article.eligible_at,
        "labels": article.text.labels, "also_at": article.also_at.iter().map(|(source, url)| json!({"source": source, "url": url})).collect::<Vec<_>>(),
    })
}
