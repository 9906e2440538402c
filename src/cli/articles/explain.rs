//! `articles explain`: why one story is in the coming issue, where, or why not.

use super::considered::{considered, left_out};
use crate::app::App;
use crate::cli::context::print;
use crate::cli::preview::chosen;
use crate::domain::newsletter::Newsletter;
use crate::publish::compose::Considered;

/// Which story.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The number of the article, as `articles list` shows it
    article: i64,
    /// Which newsletter; the first one when none is given
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
}

/// Explains it.
pub(super) fn run(args: &ExplainArgs, app: &App) -> anyhow::Result<()> {
    let newsletter = chosen(app, args.newsletter.as_deref())?;
    let found = considered(app, newsletter)?.into_iter().find(|considered| considered.article.id.0 == args.article);
    let found = found.ok_or_else(|| {
        anyhow::anyhow!(
            "article {} is not eligible for the coming issue of {}: mailed already, too old, or unknown",
            args.article,
            newsletter.slug
        )
    })?;
    print(&explanation(&found, newsletter))
}

fn explanation(considered: &Considered, newsletter: &Newsletter) -> String {
    let article = &considered.article;
    let zone = newsletter.zone;
    let local = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone).format("%a %Y-%m-%d %H:%M").to_string();
    let score = considered.score;
    let mut text = format!("{}\n", article.text.title);
    text.push_str(&format!(
        "source: {}{}\n",
        article.source,
        article.url.as_ref().map_or(String::new(), |url| format!(", {url}"))
    ));
    for (source, url) in &article.also_at {
        text.push_str(&format!("also at: {source}{}\n", url.as_ref().map_or(String::new(), |url| format!(", {url}"))));
    }
    let published = article
        .published_at
        .map_or("undated, so its first sight counts".to_owned(), |at| format!("published {}", local(at)));
    text.push_str(&format!(
        "dates: {published}; first seen {}; eligible from {}\n",
        local(article.first_seen_at),
        local(article.eligible_at)
    ));
    let labels: Vec<&str> = article.text.labels.iter().map(crate::domain::text::Line::as_str).collect();
    text.push_str(&format!("labels: {}\n", labels.join(", ")));
    match &considered.section {
        Ok(section) => text.push_str(&format!("in: stands in {section}\n")),
        Err(reason) => text.push_str(&format!("out: {}\n", left_out(*reason))),
    }
    text.push_str(&format!(
        "score {}: source {}, carried by others {}, recency {}, picture {}, summary {}\n",
        score.total(),
        score.source,
        score.carried,
        score.recency,
        score.picture,
        score.summary
    ));
    text
}
