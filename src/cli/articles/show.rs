//! `articles show`: all that is known about one story: its text, who showed it, what became of it.

use super::found::{found, title};
use crate::app::App;
use crate::cli::context::{print, print_json};
use crate::store::articles::{SightingShown, StoryShown};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Which story.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The number of the article, or words of its headline
    #[arg(required = true, value_name = "STORY")]
    story: Vec<String>,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(super) fn run(args: &ShowArgs, app: &App) -> anyhow::Result<()> {
    let story = found(app, &args.story)?;
    if args.json { print_json(&value(&story)) } else { print(&text(&story)) }
}

/// A story as JSON, for this command and for `explain`.
pub(super) fn value(story: &StoryShown) -> Value {
    json!({
        "article": story.id.0, "title": title(story), "eligible_at": story.eligible_at, "first_seen_at": story.first_seen_at,
        "published_at": story.published_at, "merged_into": story.merged_into.map(|id| id.0), "sightings": story.sightings,
        "decisions": story.decisions, "issues": story.issues, "changes": story.changes,
    })
}

fn text(story: &StoryShown) -> String {
    let mut text = format!("{}\n", title(story));
    if let Some(shown) = story.sightings.iter().find(|sighting| sighting.gone.is_none()) {
        let authors: Vec<&str> = shown.text.authors.iter().map(crate::domain::text::Line::as_str).collect();
        let labels: Vec<&str> = shown.text.labels.iter().map(crate::domain::text::Line::as_str).collect();
        for (name, value) in [
            ("by", authors.join(", ")),
            ("column", shown.text.column.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("labels", labels.join(", ")),
            ("language", shown.text.language.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("summary", shown.text.summary.to_string()),
        ] {
            if !value.is_empty() {
                text.push_str(&format!("{name}: {value}\n"));
            }
        }
    }
    text.push_str(&history(story));
    text
}

/// Who showed a story, what was decided about it and where it stands: as lines.
pub(super) fn history(story: &StoryShown) -> String {
    let mut text = String::new();
    for sighting in &story.sightings {
        text.push_str(&sighting_lines(sighting));
    }
    for decision in &story.decisions {
        let what = match (decision.kind.as_str(), decision.other) {
            ("merged", Some(other)) if other == story.id.0 => format!("became part of article {}", decision.article),
            ("merged", Some(other)) => format!("took in article {other}"),
            ("split", Some(other)) if other == story.id.0 => format!("was split off article {}", decision.article),
            ("split", Some(other)) => format!("gave up what is article {other}"),
            (kind, _) => kind.to_owned(),
        };
        text.push_str(&format!("identity: {}, {what}, by {}: {}\n", day(decision.at), decision.actor, decision.reason));
    }
    for change in &story.changes {
        text.push_str(&format!("changed: {}\n", change.sentence()));
    }
    for issue in &story.issues {
        let number = issue.number.map_or(String::new(), |number| format!(" No. {number}"));
        text.push_str(&format!("issue: {}{number} ({}), {}\n", issue.newsletter, issue.state, day(issue.due_at)));
    }
    text
}

fn sighting_lines(sighting: &SightingShown) -> String {
    let url = sighting.url.as_ref().map_or(String::new(), |url| format!(", {url}"));
    let dated = match (&sighting.published_at, &sighting.published_raw) {
        (Some(at), _) => format!("published {}", day(*at)),
        (None, Some(raw)) => format!("dated {raw:?}, which is not believed"),
        (None, None) => "undated".to_owned(),
    };
    let gone = sighting.gone.as_ref().map_or(String::new(), |(at, why)| format!("; gone since {}: {why}", day(*at)));
    format!(
        "seen: #{} at {}{url}; {dated}; first seen {}, last {}; {}{gone}\n",
        sighting.id,
        sighting.source,
        day(sighting.first_seen_at),
        day(sighting.last_seen_at),
        sighting.reason
    )
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
