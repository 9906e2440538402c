//! `articles explain`: why one story is in the coming issue, where, or why not: also a story that is not eligible any more.

use super::considered::{considered, left_out};
use super::found::{found, title};
use super::show::{history, value};
use crate::app::App;
use crate::cli::context::{print, print_json};
use crate::cli::preview::chosen;
use crate::domain::newsletter::Newsletter;
use crate::publish::compose::Considered;
use crate::store::articles::StoryShown;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// Which story.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The number of the article, or words of its headline
    #[arg(required = true, value_name = "STORY")]
    story: Vec<String>,
    /// Which newsletter; the first one when none is given
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Explains it.
pub(super) fn run(args: &ExplainArgs, app: &App) -> anyhow::Result<()> {
    let newsletter = chosen(app, args.newsletter.as_deref())?;
    let story = found(app, &args.story)?;
    let considered = considered(app, newsletter)?.into_iter().find(|considered| considered.article.id == story.id);
    let standing = match &considered {
        Some(considered) => match &considered.section {
            Ok(section) => format!("in: stands in {section}"),
            Err(reason) => format!("out: {}", left_out(*reason)),
        },
        None => format!("out: {}", not_eligible(&story, newsletter, app)?),
    };
    if args.json {
        let mut explained = value(&story);
        explained["newsletter"] = json!(newsletter.slug);
        explained["standing"] = json!(standing);
        explained["section"] = json!(considered.as_ref().and_then(|c| c.section.as_ref().ok()));
        explained["score"] = json!(considered.as_ref().map(|c| c.score));
        return print_json(&explained);
    }
    let mut text = format!("{}\n{standing}\n{}", title(&story), dates(&story, newsletter));
    if let Some(considered) = &considered {
        text.push_str(&weight(considered));
    }
    text.push_str(&history(&story));
    print(&text)
}

/// Why a story is not even considered.
fn not_eligible(story: &StoryShown, newsletter: &Newsletter, app: &App) -> anyhow::Result<String> {
    if let Some(into) = story.merged_into {
        return Ok(format!(
            "it is part of article {} since a merge; explain that one, or take it back with `articles split {}`",
            into.0, into.0
        ));
    }
    if let Some(issue) = story.issues.iter().find(|issue| issue.newsletter == newsletter.slug.as_str()) {
        let number = issue.number.map_or(String::new(), |number| format!(" No. {number}"));
        return Ok(format!("it is in {}{number} ({}) and goes out once", issue.newsletter, issue.state));
    }
    if let Some((at, why)) = story.sightings.iter().rev().find_map(|sighting| sighting.gone.as_ref())
        && story.sightings.iter().all(|sighting| sighting.gone.is_some())
    {
        return Ok(format!("its page has vanished ({why}, {})", local(*at, newsletter)));
    }
    let now = app.now();
    if story.eligible_at > now {
        return Ok(format!(
            "it counts only from {} on: its source lets stories settle, or its date lies ahead",
            local(story.eligible_at, newsletter)
        ));
    }
    let days = newsletter.max_age_days;
    if story.eligible_at < now - TimeDelta::days(i64::from(days)) {
        return Ok(format!(
            "it is too old: eligible since {}, and max_age is {days} days",
            local(story.eligible_at, newsletter)
        ));
    }
    let first = app.store.first_window_from(app.newsletter_id(newsletter)?)?;
    if story.eligible_at < first {
        return Ok(format!(
            "it is from before the newsletter's first window, which began {}",
            local(first, newsletter)
        ));
    }
    Ok("it is not among the stories of the coming issue".to_owned())
}

fn dates(story: &StoryShown, newsletter: &Newsletter) -> String {
    let published = story
        .published_at
        .map_or("undated, so its first sight counts".to_owned(), |at| format!("published {}", local(at, newsletter)));
    format!(
        "dates: {published}; first seen {}; eligible from {}\n",
        local(story.first_seen_at, newsletter),
        local(story.eligible_at, newsletter)
    )
}

fn weight(considered: &Considered) -> String {
    let score = considered.score;
    let labels: Vec<&str> = considered.article.text.labels.iter().map(crate::domain::text::Line::as_str).collect();
    format!(
        "labels: {}\nscore {}: pin {}, source {}, carried by others {}, recency {}, picture {}, summary {}\n",
        labels.join(", "),
        score.total(),
        score.pin,
        score.source,
        score.carried,
        score.recency,
        score.picture,
        score.summary
    )
}

fn local(at: DateTime<Utc>, newsletter: &Newsletter) -> String {
    at.with_timezone(&newsletter.zone).format("%a %Y-%m-%d %H:%M").to_string()
}
