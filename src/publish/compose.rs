//! Stories → issue: what is eligible becomes the content of one edition, in the order of its score.

use super::PublishError;
use super::arrange::{cut, place_in_whole};
use super::score::Score;
use crate::domain::article::Article;
use crate::domain::issue::{Choice, Cut, Issue, Story};
use crate::domain::newsletter::Newsletter;
use crate::domain::schedule::Occurrence;
use crate::domain::source::{PictureUse, Source};
use crate::domain::tag::{Slug, Tag, TagAliases};
use crate::domain::tag_rule::Untagged;
use crate::domain::text::Line;
use crate::domain::window::Window;
use crate::store::Store;
use crate::store::candidates::Wanted;
use chrono::{DateTime, TimeDelta, Utc};

/// Words that a reader reads in a minute, a little below what studies of silent reading find for news (238: Brysbaert 2019).
const WORDS_A_MINUTE: u32 = 230;

/// Texts shorter than this say nothing about the length of the story: they are its teaser.
const TEASER_WORDS: u32 = 80;

/// What the configuration says that composing needs beside the newsletter.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// All sources: their names and weights.
    pub sources: &'a [Source],
    /// Which labels fold into which tag.
    pub aliases: &'a TagAliases,
}

/// An edition that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Edition {
    /// Its newsletter's row.
    pub newsletter: u16,
    /// Its number.
    pub number: u32,
    /// The date it is for.
    pub occurrence: Occurrence,
    /// Whose stories it takes.
    pub window: Window,
    /// Texts and sightings as they were at this instant.
    pub as_of: DateTime<Utc>,
    /// The issue that is composed anew, whose own stories are free for it.
    pub composing: Option<i64>,
}

/// What a story's place in an issue came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Considered {
    /// The story.
    pub article: Article,
    /// Its score in parts.
    pub score: Score,
    /// The section it stands in.
    pub section: Result<Slug, LeftOut>,
}

/// Why a story that was eligible is not in the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// None of the newsletter's tags.
    NotThisNewsletter,
    /// No section gathers its tags or language.
    NoSection,
}

/// Reads what is eligible and composes it.
pub fn compose(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
) -> Result<Issue, PublishError> {
    let considered = consider(store, newsletter, desk, edition)?;
    let events = match newsletter.events {
        0 => Vec::new(),
        limit => store.upcoming_events(edition.window.to(), edition.as_of, limit)?,
    };
    let stories = considered
        .into_iter()
        .filter(|considered| considered.section.is_ok())
        .map(|considered| story(considered.article, newsletter, desk))
        .collect();
    let mut issue = Issue {
        newsletter: newsletter.clone(),
        number: edition.number,
        occurrence: edition.occurrence,
        window: edition.window,
        subject: Line::default(),
        note: Line::default(),
        stories,
        events,
    };
    issue.subject = subject(&cut(&issue, &Choice::Everything));
    Ok(issue)
}

/// Every story that is eligible, whether it gets in or not, in the order of its score.
pub fn consider(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
) -> Result<Vec<Considered>, PublishError> {
    let oldest = edition.window.to() - TimeDelta::days(i64::from(newsletter.max_age_days));
    let from =
        store.first_window_from(edition.newsletter)?.min(edition.window.from()).max(oldest).min(edition.window.to());
    let wanted = Wanted {
        newsletter: edition.newsletter,
        eligible: Window::new(from, edition.window.to())?,
        as_of: edition.as_of,
        composing: edition.composing,
    };
    Ok(rank(store.candidates(wanted)?, newsletter, desk, edition.window))
}

/// Scores stories and finds their sections: the pure part of composing.
pub fn rank(articles: Vec<Article>, newsletter: &Newsletter, desk: Desk<'_>, window: Window) -> Vec<Considered> {
    let weight = |slug: &Slug| desk.sources.iter().find(|source| source.id == *slug).map_or(50, |source| source.weight);
    let mut considered: Vec<Considered> = articles
        .into_iter()
        .map(|article| {
            let score = Score::of(&article, weight(&article.source), window);
            let section = section_of(&article, newsletter, desk);
            Considered { article, score, section }
        })
        .collect();
    // Where two weigh the same, the one in the earlier section stands first, then the newer, then the one known longer.
    let order = |slug: &Result<Slug, LeftOut>| {
        slug.as_ref()
            .map_or(usize::MAX, |slug| newsletter.sections.iter().position(|s| s.slug == *slug).unwrap_or(usize::MAX))
    };
    considered.sort_by(|a, b| {
        let newer = b.article.published_at.cmp(&a.article.published_at);
        b.score
            .total()
            .cmp(&a.score.total())
            .then(order(&a.section).cmp(&order(&b.section)))
            .then(newer)
            .then(a.article.id.cmp(&b.article.id))
    });
    considered
}

fn section_of(article: &Article, newsletter: &Newsletter, desk: Desk<'_>) -> Result<Slug, LeftOut> {
    let tags = tags_of(desk.aliases, article);
    if !newsletter.tags.is_empty() && !newsletter.tags.iter().any(|tag| tags.contains(tag)) {
        return Err(LeftOut::NotThisNewsletter);
    }
    let language = article.text.language.as_ref().unwrap_or(&newsletter.language);
    place_in_whole(newsletter, &tags, language).map(|section| section.slug.clone()).ok_or(LeftOut::NoSection)
}

fn story(article: Article, newsletter: &Newsletter, desk: Desk<'_>) -> Story {
    let name = |slug: &Slug| {
        let known = desk.sources.iter().find(|source| source.id == *slug);
        known.map_or_else(|| Line::clean(slug.as_str()), |source| source.name.clone())
    };
    let use_of = |slug: &Slug| {
        desk.sources.iter().find(|source| source.id == *slug).map_or(PictureUse::Copy, |source| source.pictures)
    };
    let mut also_at: Vec<Line> = article
        .also_at
        .iter()
        .filter(|(source, _)| *source != article.source)
        .map(|(source, _)| name(source))
        .collect();
    also_at.sort();
    also_at.dedup();
    Story {
        article: article.id,
        tags: tags_of(desk.aliases, &article),
        url: article.url,
        source: name(&article.source),
        language: article.text.language.unwrap_or_else(|| newsletter.language.clone()),
        minutes: minutes(article.text.words),
        published_at: article.published_at,
        picture: article
            .picture
            .filter(|_| newsletter.brand.pictures)
            .and_then(|found| found.used(use_of(&article.source))),
        also_at,
        title: article.text.title,
        summary: article.text.summary,
        authors: article.text.authors,
        column: article.text.column,
    }
}

/// A story's tags, by its labels or by the rules for those without.
fn tags_of(aliases: &TagAliases, article: &Article) -> Vec<Tag> {
    let story = Untagged {
        title: article.text.title.as_str(),
        summary: article.text.summary.as_str(),
        column: article.text.column.as_ref().map(Line::as_str),
        source: &article.source,
        url: article.url.as_ref().map(url::Url::as_str),
    };
    aliases.tags_of(article.text.labels.iter().map(Line::as_str), story)
}

fn minutes(words: u32) -> Option<u32> {
    (words >= TEASER_WORDS).then(|| words.div_ceil(WORDS_A_MINUTE))
}

/// The subject line of one cut from the newsletter's template: it names a story that the reader gets. Without a lead the title stands for it.
pub fn subject(cut: &Cut<'_>) -> Line {
    let (issue, newsletter) = (cut.issue, &cut.issue.newsletter);
    let first = cut.sections.first().and_then(|section| section.stories.first().copied());
    let lead = cut.lead.or(first);
    let values = [
        ("{lead}", lead.map_or(newsletter.title.as_str(), |story| story.title.as_str()).to_owned()),
        ("{title}", newsletter.title.to_string()),
        ("{number}", issue.number.to_string()),
        ("{count}", cut.story_count().to_string()),
        ("{date}", issue.occurrence.local.format("%Y-%m-%d").to_string()),
    ];
    let text = values.iter().fold(newsletter.subject.clone(), |text, (name, value)| text.replace(name, value));
    Line::clean_to(&text, 200)
}
