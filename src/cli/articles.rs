//! `articles`: the stories of the coming issue, and why each stands where it does.

use super::context::{Context, print, print_json};
use super::preview::chosen;
use crate::app::App;
use crate::domain::newsletter::Newsletter;
use crate::domain::window::Window;
use crate::publish::compose::{Considered, Edition, LeftOut, consider};
use crate::publish::edition::coming;
use serde_json::{Value, json};

/// What to do with stories.
#[derive(Debug, clap::Subcommand)]
pub enum ArticlesCommand {
    /// The stories that the coming issue would take, and those it would leave out
    List {
        /// Which newsletter; the first one when none is given
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Why one story is in the coming issue, where, or why not
    Explain {
        /// The number of the article, as `articles list` shows it
        article: i64,
        /// Which newsletter; the first one when none is given
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
}

/// Does what was asked.
pub fn run(command: &ArticlesCommand, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    match command {
        ArticlesCommand::List { newsletter, json } => {
            let newsletter = chosen(&app, newsletter.as_deref())?;
            let considered = considered(&app, newsletter)?;
            if *json {
                return print_json(&considered.iter().map(value).collect::<Vec<_>>());
            }
            print(&considered.iter().map(line).collect::<String>())
        }
        ArticlesCommand::Explain { article, newsletter } => {
            let newsletter = chosen(&app, newsletter.as_deref())?;
            let found =
                considered(&app, newsletter)?.into_iter().find(|considered| considered.article.id.0 == *article);
            let found = found.ok_or_else(|| {
                anyhow::anyhow!(
                    "article {article} is not eligible for the coming issue of {}: mailed already, too old, or unknown",
                    newsletter.slug
                )
            })?;
            print(&explanation(&found, newsletter))
        }
    }
}

fn considered(app: &App, newsletter: &Newsletter) -> anyhow::Result<Vec<Considered>> {
    let id = app.newsletter_id(newsletter)?;
    let now = app.now();
    let occurrence =
        coming(&app.store, newsletter, id, now)?.ok_or_else(|| anyhow::anyhow!("the schedule has no further date"))?;
    let window = Window::new(app.store.window_from(id)?.min(now), now)?;
    let number = app.store.next_number(id, newsletter.first_number)?;
    let edition = Edition { newsletter: id, number, occurrence, window, as_of: now, composing: None };
    Ok(consider(&app.store, newsletter, app.desk(), edition)?)
}

fn left_out(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::NotThisNewsletter => "has none of the newsletter's tags",
        LeftOut::NoSection => "no section gathers its tags or its language",
    }
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
