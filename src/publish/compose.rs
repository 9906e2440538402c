//! Stories → issue: what is eligible becomes the content of one edition, in the order of its score.

use super::PublishError;
use super::arrange::{Traits, cut, place_in_whole};
use super::hand::{arranged, hand_of};
use super::markdown::prose;
use super::score::Score;
use crate::domain::article::{Article, ArticleId, Picture};
use crate::domain::hand::{FileHand, Hand, PictureEdit, StoryHand};
use crate::domain::issue::{Choice, Correction, Cut, Earlier, Issue, Other, Story, Written};
use crate::domain::newsletter::Newsletter;
use crate::domain::notice::{AT_MOST, PlannedNotice};
use crate::domain::ranking::MostRead;
use crate::domain::schedule::Occurrence;
use crate::domain::source::{PictureUse, Source, SourceKind, tellers};
use crate::domain::tag::{Slug, Tag, TagAliases};
use crate::domain::tag_rule::Untagged;
use crate::domain::text::Line;
use crate::domain::window::Window;
use crate::store::Store;
use crate::store::candidates::Wanted;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use url::Url;

/// Words that a reader reads in a minute, a little below what studies of silent reading find for news (238: Brysbaert 2019).
const WORDS_A_MINUTE: u32 = 230;

/// Texts shorter than this say nothing about the length of the story: they are its teaser.
const TEASER_WORDS: u32 = 80;

/// Earlier issues that are searched for stories like the lead, and the stories that are kept of them.
const EARLIER: (usize, usize) = (8, 2);

/// What the configuration says that composing needs beside the newsletter.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// All sources: their names and weights.
    pub sources: &'a [Source],
    /// Which labels fold into which tag.
    pub aliases: &'a TagAliases,
    /// All newsletters of the house.
    pub newsletters: &'a [Newsletter],
    /// What files say about stories and issues, by newsletter.
    pub hands: &'a [(Slug, FileHand)],
    /// Notices with their dates.
    pub notices: &'a [PlannedNotice],
}

/// An edition that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The editor's hand as it was at this one: later where an issue is composed anew.
    pub hand_as_of: DateTime<Utc>,
    /// The issue that is composed anew, whose own stories are free for it.
    pub composing: Option<i64>,
}

impl LeftOut {
    /// In words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotThisNewsletter => "it has none of the newsletter's tags",
            Self::NoSection => "no section gathers its tags, its source or its language",
            Self::Dropped => "an editor dropped it",
        }
    }
}

/// What a story's place in an issue came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Considered {
    /// The story, as the program has it.
    pub article: Article,
    /// What people made of it.
    pub hand: StoryHand,
    /// Its score in parts.
    pub score: Score,
    /// The section it stands in.
    pub section: Result<Slug, LeftOut>,
    /// The section that it would stand in without the editor's hand.
    pub own_section: Result<Slug, LeftOut>,
}

/// Why a story that was eligible is not in the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// None of the newsletter's tags.
    NotThisNewsletter,
    /// No section gathers its tags, its source or its language.
    NoSection,
    /// An editor dropped it.
    Dropped,
}

/// All that is considered for an edition.
#[derive(Debug, Clone, PartialEq)]
pub struct Considering {
    /// The newsletter, its sections as the editor ordered and introduced them.
    pub newsletter: Newsletter,
    /// What people made of the issue and its stories.
    pub hand: Hand,
    /// Every story that is eligible, whether it gets in or not, in the order of its score.
    pub stories: Vec<Considered>,
}

/// Reads what is eligible and composes it.
pub fn compose(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
) -> Result<Issue, PublishError> {
    let considering = consider(store, newsletter, desk, edition)?;
    finish(store, newsletter, desk, edition, considering)
}

/// Composes what was considered, with all that stands around the stories.
pub(super) fn finish(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
    considering: Considering,
) -> Result<Issue, PublishError> {
    let events = match newsletter.events {
        0 => Vec::new(),
        limit => store.upcoming_events(edition.window.to(), edition.as_of, limit)?,
    };
    let chosen = pictures(store, &considering.hand)?;
    let mut issue = assemble(considering, desk, edition, &chosen);
    issue.events = events;
    let corrections = store.corrections_for(edition.newsletter, edition.number, edition.hand_as_of)?;
    let correction = |(number, note): (u32, String)| Correction { number, text: prose(&note) };
    issue.corrections = corrections.into_iter().map(correction).collect();
    issue.covers_days = covers_days(store, newsletter, edition)?;
    issue.earlier = earlier(store, &issue, edition)?;
    issue.most_read = most_read(store, newsletter, desk, edition)?;
    Ok(issue)
}

/// Puts an issue together of what was considered: the pure part of composing. `chosen` holds the pictures that editors chose, as they were fetched.
pub fn assemble(considering: Considering, desk: Desk<'_>, edition: Edition, chosen: &BTreeMap<Url, Picture>) -> Issue {
    let Considering { newsletter, hand, stories: considered } = considering;
    let lead = hand.issue.lead.as_ref().and_then(|set| {
        let means = |c: &&Considered| set.value.means(c.article.id, addresses(&c.article));
        considered.iter().find(means).map(|considered| considered.article.id)
    });
    let stories = considered
        .into_iter()
        .filter(|considered| considered.section.is_ok())
        .map(|considered| story(considered, &newsletter, desk, edition.window, chosen))
        .collect();
    let value = |set: &Option<crate::domain::hand::Set<Line>>| set.as_ref().map(|set| set.value.clone());
    let others = others(&newsletter, desk);
    let mut issue = Issue {
        note: hand.issue.note.as_ref().map(|set| prose(&set.value)).unwrap_or_default(),
        stories,
        written: Written { subject: value(&hand.issue.subject), preheader: value(&hand.issue.preheader) },
        lead,
        others,
        ..Issue::empty(newsletter, edition.number, edition.occurrence, edition.window)
    };
    let date = edition.occurrence.local.date();
    let notices = desk.notices.iter().filter(|planned| planned.stands_in(&issue.newsletter.slug, date));
    issue.notices = notices.take(AT_MOST).map(|planned| planned.notice.clone()).collect();
    issue.subject = subject(&cut(&issue, &Choice::Everything));
    issue
}

/// Every story that is eligible, whether it gets in or not, with what people made of it.
pub fn consider(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
) -> Result<Considering, PublishError> {
    let oldest = edition.window.to() - TimeDelta::days(i64::from(newsletter.max_age_days));
    let from =
        store.first_window_from(edition.newsletter)?.min(edition.window.from()).max(oldest).min(edition.window.to());
    let mut hand = hand_of(store, newsletter, desk, edition)?;
    let also: Vec<ArticleId> = hand.pinned().collect();
    let tellers = tellers(desk.sources);
    let wanted = Wanted {
        newsletter: edition.newsletter,
        tellers: &tellers,
        eligible: Window::new(from, edition.window.to())?,
        as_of: edition.as_of,
        composing: edition.composing,
        also: &also,
        also_as_of: edition.hand_as_of,
    };
    let articles = store.candidates(wanted)?;
    super::hand::lay_file_over(&mut hand, newsletter, desk, edition.number, &articles);
    let newsletter = arranged(newsletter, &hand.issue);
    let stories = rank(articles, &newsletter, desk, &hand, edition.window);
    Ok(Considering { newsletter, hand, stories })
}

/// Scores stories and finds their sections: the pure part of considering.
pub fn rank(
    articles: Vec<Article>,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    hand: &Hand,
    window: Window,
) -> Vec<Considered> {
    let weight = |slug: &Slug| desk.sources.iter().find(|source| source.id == *slug).map_or(50, |source| source.weight);
    let mut considered: Vec<Considered> = articles
        .into_iter()
        .map(|article| {
            let hand = hand.of(article.id);
            let score = Score::of(&article, weight(&article.source), hand.is_pinned(), window);
            let own_section = section_of(&article, &StoryHand::default(), newsletter, desk);
            let section = section_of(&article, &hand, newsletter, desk);
            Considered { article, hand, score, section, own_section }
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

fn section_of(article: &Article, hand: &StoryHand, newsletter: &Newsletter, desk: Desk<'_>) -> Result<Slug, LeftOut> {
    if hand.is_dropped() {
        return Err(LeftOut::Dropped);
    }
    let tags = tags_of(desk.aliases, article);
    let home = hand.section.as_ref().map(|set| &set.value).filter(|slug| newsletter.section(slug).is_some());
    let wanted = home.is_some() || hand.is_pinned();
    if !wanted && !newsletter.tags.is_empty() && !newsletter.tags.iter().any(|tag| tags.contains(tag)) {
        return Err(LeftOut::NotThisNewsletter);
    }
    let language = article.text.language.as_ref().unwrap_or(&newsletter.language);
    let traits = Traits { tags: &tags, language, source: Some(&article.source), home };
    let section = place_in_whole(newsletter, traits);
    // A pinned story stands somewhere: where nothing gathers it, at the end.
    let section = section.or_else(|| newsletter.sections.last().filter(|_| hand.is_pinned()));
    section.map(|section| section.slug.clone()).ok_or(LeftOut::NoSection)
}

/// All addresses that a story is known by.
pub fn addresses(article: &Article) -> impl Iterator<Item = &Url> {
    article.url.iter().chain(article.also_at.iter().filter_map(|(_, url)| url.as_ref()))
}

fn story(
    considered: Considered,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    window: Window,
    chosen: &BTreeMap<Url, Picture>,
) -> Story {
    let Considered { article, hand, section, own_section, .. } = considered;
    let name = |slug: &Slug| {
        let known = desk.sources.iter().find(|source| source.id == *slug);
        known.map_or_else(|| Line::clean(slug.as_str()), |source| source.name.clone())
    };
    let mut also_at: Vec<Line> = article
        .also_at
        .iter()
        .filter(|(source, _)| *source != article.source)
        .map(|(source, _)| name(source))
        .collect();
    also_at.sort();
    also_at.dedup();
    let pinned = hand.is_pinned();
    Story {
        article: article.id,
        url: article.url.as_ref().map(|url| newsletter.policy.link_parameters.on(url)),
        source: name(&article.source),
        tags: tags_of(desk.aliases, &article),
        language: article.text.language.clone().unwrap_or_else(|| newsletter.language.clone()),
        minutes: minutes(article.text.words),
        published_at: article.published_at,
        picture: picture(&article, &hand, newsletter, desk, chosen),
        also_at,
        paywalled: article.text.paywalled,
        sponsored: article.text.sponsored,
        pinned,
        carried: !pinned && article.eligible_at < window.from(),
        // Only what differs: an issue in which nobody moved anything says so.
        home: section.ok().filter(|section| own_section.as_ref() != Ok(section)),
        title: hand.title.map_or(article.text.title, |set| set.value),
        summary_from_lead: article.text.summary_from_lead && hand.summary.is_none(),
        summary: hand.summary.map_or(article.text.summary, |set| set.value),
        authors: article.text.authors,
        column: article.text.column,
        source_id: Some(article.source),
    }
}

/// A story's tags, by its labels or by the rules for those without.
fn tags_of(aliases: &TagAliases, article: &Article) -> Vec<Tag> {
    aliases.tags_of(article.text.labels.iter().map(Line::as_str), untagged(article))
}

/// What the rules for stories without labels look at.
pub(super) fn untagged(article: &Article) -> Untagged<'_> {
    Untagged {
        title: article.text.title.as_str(),
        summary: article.text.summary.as_str(),
        column: article.text.column.as_ref().map(Line::as_str),
        source: &article.source,
        url: article.url.as_ref().map(url::Url::as_str),
    }
}

/// The story's picture: the editor's, else its own unless its source shows none.
fn picture(
    article: &Article,
    hand: &StoryHand,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    chosen: &BTreeMap<Url, Picture>,
) -> Option<Picture> {
    let source = desk.sources.iter().find(|source| source.id == article.source);
    let used = source.map_or(PictureUse::Copy, |source| source.pictures);
    let own = || article.picture.clone().and_then(|found| found.used(used));
    let picture = match hand.picture.as_ref().map(|set| &set.value) {
        Some(PictureEdit::None) => None,
        // Until it is fetched, or when it could not be, the story keeps its own.
        Some(PictureEdit::Another(url)) => chosen.get(url).cloned().or_else(own),
        None => own(),
    };
    let mut picture = picture.filter(|_| newsletter.brand.pictures)?;
    if let Some(alt) = &hand.alt {
        picture.alt = alt.value.clone();
    }
    if let Some(credit) = &hand.credit {
        picture.credit = (!credit.value.is_empty()).then(|| credit.value.clone());
    }
    Some(picture)
}

/// The pictures that editors chose, as far as they were fetched.
fn pictures(store: &Store, hand: &Hand) -> Result<BTreeMap<Url, Picture>, PublishError> {
    let mut found = BTreeMap::new();
    for url in hand.stories.values().filter_map(|hand| match &hand.picture.as_ref()?.value {
        PictureEdit::Another(url) => Some(url),
        PictureEdit::None => None,
    }) {
        if let Some(picture) = store.picture_from(url)? {
            found.insert(url.clone(), picture);
        }
    }
    Ok(found)
}

fn others(newsletter: &Newsletter, desk: Desk<'_>) -> Vec<Other> {
    if !newsletter.policy.more_from_us {
        return Vec::new();
    }
    let others = desk.newsletters.iter().filter(|other| other.slug != newsletter.slug);
    others
        .map(|other| Other {
            title: other.title.clone(),
            tagline: other.brand.tagline.clone(),
            url: format!("{}/{}", other.brand.web_base, other.slug),
        })
        .collect()
}

/// The days since the last issue that went out, where that is half as long again as usual.
fn covers_days(store: &Store, newsletter: &Newsletter, edition: Edition) -> Result<Option<u32>, PublishError> {
    let last = store.last_mailed_cut_off(edition.newsletter, edition.window.to(), edition.composing)?;
    // By the schedule's own dates: one that was moved by a day is no shorter week.
    let scheduled = edition.occurrence.scheduled_at();
    let Some(usual) = newsletter.schedule.next(newsletter.zone, scheduled) else { return Ok(None) };
    let usual = usual.at - scheduled;
    let covered = last.map_or(TimeDelta::zero(), |last| edition.window.to() - last);
    let days = (covered + TimeDelta::hours(12)).num_days();
    Ok((covered * 2 >= usual * 3 && days > 1).then_some(days as u32))
}

/// Stories of earlier issues with a tag of the lead, the latest issue's best first.
fn earlier(store: &Store, issue: &Issue, edition: Edition) -> Result<Vec<Earlier>, PublishError> {
    let whole = cut(issue, &Choice::Everything);
    let Some(lead) = whole.lead.filter(|_| issue.newsletter.policy.next_for_you) else { return Ok(Vec::new()) };
    let mut found: Vec<Earlier> = Vec::new();
    for before in store.published_before(edition.newsletter, edition.window.to(), EARLIER.0)? {
        let alike = before.stories.iter().filter(|story| story.tags.iter().any(|tag| lead.tags.contains(tag)));
        for story in alike {
            let Some(url) = &story.url else { continue };
            let is_new = found.iter().all(|known| known.url != *url)
                && issue.stories.iter().all(|now| now.article != story.article);
            if is_new && found.len() < EARLIER.1 {
                found.push(Earlier {
                    title: story.title.clone(),
                    url: url.clone(),
                    number: before.number,
                    language: story.language.clone(),
                });
            }
        }
        if found.len() == EARLIER.1 {
            break;
        }
    }
    Ok(found)
}

/// What the site's own numbers say is read most; nothing where no source gives them.
fn most_read(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
) -> Result<Vec<MostRead>, PublishError> {
    let rankings: Vec<Slug> = desk
        .sources
        .iter()
        .filter(|source| matches!(source.kind, SourceKind::Ranking(_)))
        .map(|source| source.id.clone())
        .collect();
    let mut pages = store.most_read(&rankings, edition.as_of, newsletter.policy.most_read)?;
    pages.iter_mut().for_each(|page| page.url = newsletter.policy.link_parameters.on(&page.url));
    Ok(pages)
}

fn minutes(words: u32) -> Option<u32> {
    (words >= TEASER_WORDS).then(|| words.div_ceil(WORDS_A_MINUTE))
}

/// The subject line of one cut: the editor's, else from the newsletter's template, which names a story that the reader gets. Without a lead the title stands for it.
pub fn subject(cut: &Cut<'_>) -> Line {
    let (written, template) = (&cut.issue.written.subject, &cut.issue.newsletter.subject);
    Line::clean_to(&cut.filled(written.as_ref().map_or(template.as_str(), Line::as_str)), 200)
}
