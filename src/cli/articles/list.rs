//! `articles list`: the stories that the coming issue would take, and those it would leave out.

use super::considered::considered;
use crate::app::App;
use crate::cli::context::{print, print_json};
use crate::cli::preview::chosen;
use crate::domain::article::Article;
use crate::domain::newsletter::Newsletter;
use crate::domain::text::Line;
use crate::publish::compose::Considered;
use serde_json::{Value, json};

/// Which stories.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only those with all of these words in headline, summary, source, authors or tags
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
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
    let mut considered = considered(app, newsletter)?;
    let words: Vec<String> =
        args.words.iter().flat_map(|word| word.split_whitespace()).map(str::to_lowercase).collect();
    considered.retain(|considered| has_words(&considered.article, &words));
    if args.json {
        return print_json(&considered.iter().map(value).collect::<Vec<_>>());
    }
    print(&considered.iter().map(|considered| line(considered, newsletter)).collect::<String>())
}

/// Whether every word is in what an editor remembers of a story.
fn has_words(article: &Article, words: &[String]) -> bool {
    let text = &article.text;
    let told = [&text.title, &text.summary].into_iter().chain(&text.authors).chain(&text.labels).map(Line::as_str);
    let told = told.chain([article.source.as_str()]).collect::<Vec<_>>().join("\n").to_lowercase();
    words.iter().all(|word| told.contains(word.as_str()))
}

/// State, place, weight, date, source, headline, and below it the tags: what an editor asks of a list.
fn line(considered: &Considered, newsletter: &Newsletter) -> String {
    let article = &considered.article;
    let (state, place) = match &considered.section {
        Ok(section) => ("in", section.to_string()),
        Err(reason) => ("out", reason.sentence().to_owned()),
    };
    let date =
        article.published_at.unwrap_or(article.first_seen_at).with_timezone(&newsletter.zone).format("%a %d %b %H:%M");
    let also =
        if article.also_at.is_empty() { String::new() } else { format!(", also at {} more", article.also_at.len()) };
    let tags: Vec<&str> = article.text.labels.iter().map(crate::domain::text::Line::as_str).collect();
    let tags = if tags.is_empty() { "no tags".to_owned() } else { tags.join(", ") };
    let paid = if article.text.sponsored { "sponsored; " } else { "" };
    format!(
        "{:>6}  {state:<3}  {place:<16}  {:>3}  {date}  {}\n        {paid}{}{also}; {tags}\n",
        article.id.0,
        considered.score.total(),
        article.text.title,
        article.source,
    )
}

fn value(considered: &Considered) -> Value {
    let article = &considered.article;
    json!({
        "article": article.id.0, "title": article.text.title, "url": article.url, "source": article.source,
        "section": considered.section.as_ref().ok(), "left_out": considered.section.as_ref().err(), "score": considered.score,
        "published_at": article.published_at, "first_seen_at": article.first_seen_at, "eligible_at": article.eligible_at,
        "sponsored": article.text.sponsored, "labels": article.text.labels, "also_at": article.also_at.iter().map(|(source, url)| json!({"source": source, "url": url})).collect::<Vec<_>>(),
    })
}
