//! `articles explain`: why one story is in the coming issue, where, or why not: also a story that is not eligible any more.

use super::found::{found, title};
use super::show::{history, value};
use crate::app::App;
use crate::cli::context::{print, print_json};
use crate::cli::preview::chosen;
use crate::domain::newsletter::Newsletter;
use crate::publish::edition::{current, settled};
use crate::publish::explain::{Why, explain, not_considered};
use crate::store::articles::StoryShown;
use serde_json::{Value, json};

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
    let explained = explained(app, newsletter, &story)?;
    let standing = if let Some(Explained { why, issue }) = &explained {
        let of = issue.as_ref().map_or(String::new(), |issue| format!("{issue}; "));
        format!("{of}{}", why.sentence(newsletter))
    } else {
        let first = app.store.first_window_from(app.newsletter_id(newsletter)?)?;
        format!("out: {}", not_considered(&story, newsletter, first, app.now()))
    };
    let why = explained.map(|explained| explained.why);
    if args.json {
        let mut told = value(&story);
        told["newsletter"] = json!(newsletter.slug);
        told["standing"] = json!(standing);
        told["section"] = json!(why.as_ref().and_then(|why| why.considered.section.as_ref().ok()));
        told["score"] = json!(why.as_ref().map(|why| why.considered.score));
        told["why"] = why.as_ref().map_or(Value::Null, why_value);
        return print_json(&told);
    }
    let mut text = format!("{}\n{standing}\n", title(&story));
    for (name, words) in why.iter().flat_map(|why| why.rows(newsletter, app.desk(), Some(&story))) {
        // The first row is the sentence above; identity and the address stand in the history below, sighting by sighting.
        if !["Stands", "Identity", "Address"].contains(&name.as_str()) {
            text.push_str(&format!("{}: {words}\n", name.to_lowercase()));
        }
    }
    text.push_str(&history(&story));
    print(&text)
}

/// Why a story stands where it does, and in which issue, if that is settled.
struct Explained {
    why: Why,
    issue: Option<String>,
}

/// Explains by the issue that took the story, else by the one to work on now.
fn explained(app: &App, newsletter: &Newsletter, story: &StoryShown) -> anyhow::Result<Option<Explained>> {
    let id = app.newsletter_id(newsletter)?;
    let taken = story.issues.iter().find(|issue| issue.newsletter == newsletter.slug.as_str());
    let row = taken.and_then(|issue| issue.number).map(|number| app.store.issue_by_number(id, number));
    let (edition, issue) = match row.transpose()?.flatten() {
        Some(row) => {
            let name = format!("No. {} ({})", row.number.unwrap_or_default(), row.state.as_str());
            (settled(&row, row.frozen_at.unwrap_or_else(|| app.now())), Some(name))
        }
        None => match current(&app.store, newsletter, id, app.now())? {
            Some(current) => (current.edition, None),
            None => return Ok(None),
        },
    };
    let all = explain(&app.store, newsletter, app.desk(), edition)?;
    Ok(all.into_iter().find(|why| why.considered.article.id == story.id).map(|why| Explained { why, issue }))
}

/// Why a story stands where it does, as JSON; also for the preview.
pub fn why_value(why: &Why) -> Value {
    let considered = &why.considered;
    let tags: Vec<Value> =
        why.tags.iter().map(|(tag, because)| json!({ "tag": tag.label(), "because": because })).collect();
    json!({
        "article": considered.article.id.0, "title": considered.article.text.title, "source": considered.article.source,
        "published_at": considered.article.published_at, "first_seen_at": considered.article.first_seen_at,
        "eligible_at": considered.article.eligible_at, "tags": tags, "section": considered.section.as_ref().ok(),
        "because": why.because, "thin": why.thin, "standing": why.standing, "given_up": why.given_up, "left_out": considered.section.as_ref().err(),
        "score": considered.score, "hand": considered.hand,
    })
}
