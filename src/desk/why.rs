//! Why a story stands where it does, or does not, in rows of words. Tells; decides nothing.

use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::publish::compose::{Considered, LeftOut};
use chrono::{DateTime, Utc};

/// The rows: where it comes from, its dates, its labels, its section, its score in parts.
pub(super) fn why(
    newsletter: &Newsletter,
    story: &Considered,
    name: &dyn Fn(&Slug) -> String,
) -> Vec<(String, String)> {
    let article = &story.article;
    let local = |at: DateTime<Utc>| at.with_timezone(&newsletter.zone).format("%a %-d %b %Y, %H:%M").to_string();
    let published = article
        .published_at
        .map_or("undated, so our first sight counts".to_owned(), |at| format!("published {}", local(at)));
    let labels: Vec<&str> = article.text.labels.iter().map(Line::as_str).collect();
    let mut also: Vec<String> = article.also_at.iter().map(|(source, _)| name(source)).collect();
    also.retain(|source| *source != name(&article.source));
    also.dedup();
    let score = story.score;
    let parts = [
        ("pinned", score.pin),
        ("source", score.source),
        ("carried by others", score.carried),
        ("recency", score.recency),
        ("picture", score.picture),
        ("summary", score.summary),
    ];
    let parts = parts.iter().filter(|(_, points)| *points > 0).map(|(part, points)| format!("{part} {points}"));
    let mut rows = vec![
        ("Source", name(&article.source)),
        ("Also at", also.join(", ")),
        ("Address", article.url.as_ref().map_or(String::new(), ToString::to_string)),
        (
            "Dates",
            format!(
                "{published}; first seen {}; counts from {}",
                local(article.first_seen_at),
                local(article.eligible_at)
            ),
        ),
        ("Labels", labels.join(", ")),
        ("Section", section(newsletter, story)),
        ("Score", format!("{}: {}", score.total(), parts.collect::<Vec<_>>().join(", "))),
    ];
    rows.retain(|(_, words)| !words.is_empty());
    rows.into_iter().map(|(name, words)| (name.to_owned(), words)).collect()
}

fn section(newsletter: &Newsletter, story: &Considered) -> String {
    let title =
        |slug: &Slug| newsletter.section(slug).map_or_else(|| slug.to_string(), |section| section.title.to_string());
    let own = |own: &Result<Slug, LeftOut>| match own {
        Ok(slug) => title(slug),
        Err(reason) => left_out(*reason).to_owned(),
    };
    match &story.section {
        Ok(slug) if story.hand.section.is_some() => {
            format!("{}, moved there; by itself: {}", title(slug), own(&story.own_section))
        }
        Ok(slug) => format!("{}: the first whose tags, source or language fit", title(slug)),
        Err(reason) => left_out(*reason).to_owned(),
    }
}

fn left_out(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::NotThisNewsletter => "left out: it has none of the newsletter's tags",
        LeftOut::NoSection => "left out: no section gathers its tags, its source or its language",
        LeftOut::Dropped => "left out: an editor dropped it",
    }
}
