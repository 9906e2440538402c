//! Why a story is in an issue and where, or why not, in words that stand the same on the command line, in the preview and on the desk. Decides
//! nothing: it repeats what composing and arranging did, and names each step.

use super::PublishError;
use super::arrange::{Because, Traits, cut, why};
use super::compose::{Considered, Desk, Edition, consider, finish, untagged};
use super::fit::fitted;
use super::freeze::home_of;
use crate::domain::article::{ArticleId, ArticleText};
use crate::domain::fit::GivenUp;
use crate::domain::issue::{Choice, Cut};
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::{Slug, Tag, TagBecause};
use crate::domain::text::Line;
use crate::store::Store;
use crate::store::articles::StoryShown;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where a story stands in one reader's mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It opens the issue.
    Lead {
        /// Whether an editor chose it.
        by_hand: bool,
    },
    /// It is printed.
    Printed {
        /// In which section.
        section: Slug,
        /// At which place, counted from 1.
        place: usize,
        /// Of how many that are printed there.
        of: usize,
    },
    /// Its section has more than it may print: it stands on the web alone.
    OverCap {
        /// In which section.
        section: Slug,
        /// At which place, counted from 1.
        place: usize,
        /// How many that section prints.
        cap: usize,
    },
    /// It has its place, but the mail would be too large for it: it stands on the web alone.
    Folded {
        /// In which section.
        section: Slug,
        /// At which place, counted from 1.
        place: usize,
    },
    /// It is in the issue, but in none of the sections that the reader chose.
    NotChosen,
    /// It is not in the issue.
    Out,
}

/// A section with too few stories, which gave this one away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thin {
    /// Which section.
    pub section: Slug,
    /// How many stories it had.
    pub stories: usize,
    /// How many it needs.
    pub minimum: usize,
}

/// Why one story stands where it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// The story, its score, and what people made of it.
    pub considered: Considered,
    /// Its tags, each with what gave it.
    pub tags: Vec<(Tag, TagBecause)>,
    /// Why its section takes it.
    pub because: Option<Because>,
    /// The section that would have taken it, had that enough stories.
    pub thin: Option<Thin>,
    /// Where it stands.
    pub standing: Standing,
    /// What else it gave up so that the mail fits.
    pub given_up: Option<GivenUp>,
}

/// All stories that an edition considers, each with why, in the order of their score: for a reader of everything.
pub fn explain(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
) -> Result<Vec<Why>, PublishError> {
    explain_for(store, newsletter, desk, edition, &Choice::Everything)
}

/// The same for a reader who made a choice.
pub fn explain_for(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
    choice: &Choice,
) -> Result<Vec<Why>, PublishError> {
    let considering = consider(store, newsletter, desk, edition)?;
    let issue = finish(store, newsletter, desk, edition, considering.clone())?;
    let theirs = cut(&issue, choice);
    // What the size makes of it is known once it is rendered.
    let given_up = fitted(&theirs, home_of(newsletter)).given_up;
    let stories = considering.stories.into_iter();
    let of_everything = *choice == Choice::Everything;
    let why = |considered| {
        why_of(considered, &issue.newsletter, desk, Mail { cut: &theirs, given_up: &given_up, of_everything })
    };
    Ok(stories.map(why).collect())
}

/// The mail that is explained.
#[derive(Clone, Copy)]
struct Mail<'a> {
    cut: &'a Cut<'a>,
    given_up: &'a BTreeMap<ArticleId, GivenUp>,
    /// Whether its reader chose no topics.
    of_everything: bool,
}

fn why_of(considered: Considered, newsletter: &Newsletter, desk: Desk<'_>, mail: Mail<'_>) -> Why {
    let whole = mail.cut;
    let article = &considered.article;
    let labels = article.text.labels.iter().map(Line::as_str);
    let tags = desk.aliases.explained(labels, untagged(article));
    let given_up = mail.given_up.get(&article.id).copied();
    let standing = standing(&considered, mail);
    let section = match &standing {
        Standing::Printed { section, .. } | Standing::OverCap { section, .. } | Standing::Folded { section, .. } => {
            Some(section)
        }
        Standing::Lead { .. } => whole.lead_section,
        Standing::NotChosen | Standing::Out => None,
    };
    let language = article.text.language.as_ref().unwrap_or(&newsletter.language);
    let plain: Vec<Tag> = tags.iter().map(|(tag, _)| tag.clone()).collect();
    let home = considered.hand.section.as_ref().map(|set| &set.value);
    let traits = Traits { tags: &plain, language, source: Some(&article.source), home };
    let because =
        section.and_then(|slug| newsletter.section(slug)).and_then(|section| why(newsletter, section, traits));
    // Readers of topics get a story wherever one of their sections gathers it: nothing was given away.
    let thin = if mail.of_everything { thin(&considered, section, newsletter, whole) } else { None };
    Why { considered, tags, because, thin, standing, given_up }
}

fn standing(considered: &Considered, Mail { cut: whole, given_up, of_everything }: Mail<'_>) -> Standing {
    let article = considered.article.id;
    if whole.lead.is_some_and(|lead| lead.article == article) {
        return Standing::Lead { by_hand: whole.issue.lead == Some(article) };
    }
    for part in &whole.sections {
        let section = part.section.slug.clone();
        let at = |stories: &[&crate::domain::issue::Story]| stories.iter().position(|story| story.article == article);
        let is_folded = |article: ArticleId| given_up.get(&article) == Some(&GivenUp::Place);
        if let Some(at) = at(&part.stories) {
            let (place, of) = (at + 1, part.stories.iter().filter(|story| !is_folded(story.article)).count());
            return if is_folded(article) {
                Standing::Folded { section, place }
            } else {
                Standing::Printed { section, place, of }
            };
        }
        if let Some(at) = at(&part.more) {
            return Standing::OverCap { section, place: part.stories.len() + at + 1, cap: part.section.cap };
        }
    }
    if considered.section.is_ok() && !of_everything { Standing::NotChosen } else { Standing::Out }
}

/// The section that a story would stand in, had it enough of them.
fn thin(considered: &Considered, stands: Option<&Slug>, newsletter: &Newsletter, whole: &Cut<'_>) -> Option<Thin> {
    let first = considered.section.as_ref().ok()?;
    let section = newsletter.section(first)?;
    let gave_away = stands.is_some_and(|stands| stands != first) && section.minimum > 1;
    let alike = |story: &&crate::domain::issue::Story| {
        let traits = Traits {
            tags: &story.tags,
            language: &story.language,
            source: story.source_id.as_ref(),
            home: story.home.as_ref(),
        };
        super::arrange::place_in_whole(newsletter, traits).is_some_and(|section| section.slug == *first)
    };
    gave_away.then(|| Thin {
        section: first.clone(),
        stories: whole.issue.stories.iter().filter(alike).count(),
        minimum: section.minimum,
    })
}

impl Why {
    /// In or out, where, and why: in a sentence.
    pub fn sentence(&self, newsletter: &Newsletter) -> String {
        let title = |slug: &Slug| {
            newsletter.section(slug).map_or_else(|| slug.to_string(), |section| section.title.to_string())
        };
        match &self.standing {
            Standing::Lead { by_hand: true } => "in: it leads, because an editor chose it".to_owned(),
            Standing::Lead { by_hand: false } => {
                "in: it leads, with the highest score of those that have a summary".to_owned()
            }
            Standing::Printed { section, place, of } => format!("in: number {place} of {of} in {}", title(section)),
            Standing::OverCap { section, place, cap } => {
                format!("on the web only: number {place} in {}, which prints {cap}", title(section))
            }
            Standing::Folded { section, place } => format!(
                "on the web only: number {place} in {}, and with it the mail would be larger than Gmail shows",
                title(section)
            ),
            Standing::NotChosen => "out for this reader: no section that they chose gathers it".to_owned(),
            Standing::Out => match self.considered.section {
                Err(reason) => format!("out: {}", reason.sentence()),
                Ok(_) => "out: no section took it".to_owned(),
            },
        }
    }

    /// All of it in rows of a name and words; `story` adds what its sources showed and what was decided about its identity.
    pub fn rows(&self, newsletter: &Newsletter, desk: Desk<'_>, story: Option<&StoryShown>) -> Vec<(String, String)> {
        let article = &self.considered.article;
        let name = |slug: &Slug| {
            let known = desk.sources.iter().find(|source| source.id == *slug);
            known.map_or_else(|| slug.to_string(), |source| source.name.to_string())
        };
        let mut also: Vec<String> = article.also_at.iter().map(|(source, _)| name(source)).collect();
        also.retain(|source| *source != name(&article.source));
        also.sort();
        also.dedup();
        let labels: Vec<&str> = article.text.labels.iter().map(Line::as_str).collect();
        let tags: Vec<String> = self.tags.iter().map(|(tag, because)| format!("{} ({because})", tag.label())).collect();
        let mut rows = vec![
            ("Stands", capitalised(&self.sentence(newsletter))),
            ("Source", name(&article.source)),
            ("Also at", also.join(", ")),
            ("Address", article.url.as_ref().map_or(String::new(), ToString::to_string)),
            ("Dates", self.dates(newsletter, story)),
            ("Identity", story.map(identity).unwrap_or_default()),
            ("Marked", marked(&article.text).to_owned()),
            ("Labels", labels.join(", ")),
            ("Tags", tags.join(", ")),
            ("Section", self.section(newsletter)),
            ("Size", self.size().to_owned()),
            ("Score", self.score()),
            ("By hand", self.hand()),
        ];
        rows.retain(|(_, words)| !words.is_empty());
        rows.into_iter().map(|(name, words)| (name.to_owned(), words)).collect()
    }

    fn dates(&self, newsletter: &Newsletter, story: Option<&StoryShown>) -> String {
        let article = &self.considered.article;
        let at = |at| local(at, newsletter);
        let published = article.published_at.map_or("undated, so our first sight counts".to_owned(), |published| {
            format!("published {}", at(published))
        });
        let raw: Vec<&str> =
            story.iter().flat_map(|story| &story.sightings).filter_map(|seen| seen.published_raw.as_deref()).collect();
        let raw =
            if raw.is_empty() { String::new() } else { format!(" (as its sources write it: {})", raw.join("; ")) };
        format!("{published}{raw}; first seen {}; counts from {}", at(article.first_seen_at), at(article.eligible_at))
    }

    fn section(&self, newsletter: &Newsletter) -> String {
        let title = |slug: &Slug| {
            newsletter.section(slug).map_or_else(|| slug.to_string(), |section| section.title.to_string())
        };
        let because = match &self.because {
            Some(Because::Hand) => {
                let own = match &self.considered.own_section {
                    Ok(slug) => format!("it would stand in {}", title(slug)),
                    Err(reason) => format!("it would be left out: {}", reason.sentence()),
                };
                format!("an editor moved it there; by itself {own}")
            }
            Some(Because::Language) => "the section of its language".to_owned(),
            Some(Because::Source) => "the section gathers its source".to_owned(),
            Some(Because::Tag(tag)) => format!("the first section that gathers one of its tags, {tag}"),
            Some(Because::Rest) => "the section for what fits no other".to_owned(),
            None if self.considered.hand.is_pinned() && self.standing != Standing::Out => {
                "no section gathers it; it is pinned, so it stands in the last one".to_owned()
            }
            None => return String::new(),
        };
        let thin = self.thin.as_ref().map_or(String::new(), |Thin { section, stories, minimum }| {
            format!("; {} has only {stories} of the {minimum} stories that it needs", title(section))
        });
        let slug = match &self.standing {
            Standing::Printed { section, .. }
            | Standing::OverCap { section, .. }
            | Standing::Folded { section, .. } => Some(section),
            Standing::Lead { .. } => self.considered.section.as_ref().ok().filter(|_| self.thin.is_none()),
            Standing::NotChosen | Standing::Out => None,
        };
        format!("{}{because}{thin}", slug.map_or(String::new(), |slug| format!("{}: ", title(slug))))
    }

    /// What it gave up so that the mail fits.
    fn size(&self) -> &'static str {
        match self.given_up {
            Some(GivenUp::Picture) => "its picture is left out, so that Gmail shows the mail whole",
            Some(GivenUp::Summary) => "its summary stands on the web alone, so that Gmail shows the mail whole",
            Some(GivenUp::Place) => "it stands on the web alone, so that Gmail shows the mail whole",
            None => "",
        }
    }

    fn score(&self) -> String {
        let score = self.considered.score;
        let parts = [
            ("pinned", score.pin),
            ("source", score.source),
            ("carried by others", score.carried),
            ("recency", score.recency),
            ("picture", score.picture),
            ("summary", score.summary),
        ];
        let parts = parts.iter().filter(|(_, points)| *points > 0).map(|(part, points)| format!("{part} {points}"));
        format!("{}: {}", score.total(), parts.collect::<Vec<_>>().join(", "))
    }

    fn hand(&self) -> String {
        let hand = &self.considered.hand;
        let place = hand.place.as_ref().map(|set| (if hand.is_pinned() { "pinned" } else { "dropped" }, &set.actor));
        let words = [
            place,
            hand.section.as_ref().map(|set| ("moved", &set.actor)),
            hand.title.as_ref().map(|set| ("headline", &set.actor)),
            hand.summary.as_ref().map(|set| ("summary", &set.actor)),
            hand.picture.as_ref().map(|set| ("picture", &set.actor)),
            hand.alt.as_ref().map(|set| ("words of the picture", &set.actor)),
            hand.credit.as_ref().map(|set| ("credit", &set.actor)),
        ];
        words.into_iter().flatten().map(|(what, actor)| format!("{what} by {actor}")).collect::<Vec<_>>().join(", ")
    }
}

/// By what a story was known again, and what was decided about it since.
fn identity(story: &StoryShown) -> String {
    let seen = story.sightings.iter().map(|seen| format!("#{} at {}: {}", seen.id, seen.source, seen.reason));
    let decided = story.decisions.iter().map(|decision| {
        let other = decision.other.map_or(String::new(), |other| format!(" with {other}"));
        format!("{}{other} by {}: {}", decision.kind, decision.actor, decision.reason)
    });
    seen.chain(decided).collect::<Vec<_>>().join("; ")
}

/// Why a story is not even considered for the edition that is worked on at an instant. `first` is where the newsletter's first window began.
pub fn not_considered(story: &StoryShown, newsletter: &Newsletter, first: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if let Some(into) = story.merged_into {
        let id = into.0;
        return format!(
            "it is part of article {id} since a merge; explain that one, or take it back with `articles split {id}`"
        );
    }
    if let Some(issue) = story.issues.iter().find(|issue| issue.newsletter == newsletter.slug.as_str()) {
        let number = issue.number.map_or(String::new(), |number| format!(" No. {number}"));
        return format!("it is in {}{number} ({}) and goes out once", issue.newsletter, issue.state);
    }
    if let Some((at, why)) = story.sightings.iter().rev().find_map(|sighting| sighting.gone.as_ref())
        && story.sightings.iter().all(|sighting| sighting.gone.is_some())
    {
        return format!("its page has vanished ({why}, {})", local(*at, newsletter));
    }
    let since = local(story.eligible_at, newsletter);
    if story.eligible_at > now {
        return format!("it counts only from {since} on: its source lets stories settle, or its date lies ahead");
    }
    let days = newsletter.max_age_days;
    if story.eligible_at < now - TimeDelta::days(i64::from(days)) {
        return format!("it is too old: eligible since {since}, and max_age is {days} days");
    }
    if story.eligible_at < first {
        return format!("it is from before the newsletter's first window, which began {}", local(first, newsletter));
    }
    "it is not among the stories of the coming issue".to_owned()
}

fn local(at: DateTime<Utc>, newsletter: &Newsletter) -> String {
    at.with_timezone(&newsletter.zone).format("%a %-d %b %Y, %H:%M").to_string()
}

/// What its source says of it that readers see beside it.
fn marked(text: &ArticleText) -> &'static str {
    match (text.sponsored, text.paywalled) {
        (true, _) => "sponsored: its source says that it is paid for",
        (false, true) => "for subscribers of its source only",
        (false, false) => "",
    }
}

fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}
