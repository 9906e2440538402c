//! The verbs by which editors change an issue and its stories, for the command line and the desk alike; and how their changes are laid over what
//! the program makes.
//!
//! Make an [`Editor`] of the store, the newsletter, the desk, who acts and when. Then:
//!
//! | verb | does |
//! |---|---|
//! | [`Editor::story`] | [`StoryEdit`]s: pin, drop, move, headline, summary, picture, its words; `None` in one takes the field back |
//! | [`Editor::issue`] | [`IssueEdit`]s of the issue with a number: subject, preheader, note, lead, order and introductions of sections |
//! | [`Editor::undo_story`], [`Editor::undo_issue`] | takes back the latest change that still holds |
//! | [`Editor::undo`] | takes back one change of [`history`] |
//! | [`sides`] | all stories and the issue's words, machine beside hand, with what Gmail and a phone show of them |
//!
//! Every change is kept with who made it and when, and none is ever lost: an issue that was composed already gets a new revision at once, which has
//! to be approved again where issues are approved ([`Changed::revised`] says so). What was done together is one line of the audit. What a file in `config/hand/` says wins over all and is shown as
//! such. A story that went out with an issue cannot be changed any more, nor can an issue that did.

use super::PublishError;
use super::arrange::cut;
use super::compose::{Considered, Considering, Desk, Edition, addresses, assemble, consider, rank, subject};
use super::edition::{current, revise};
use crate::domain::article::{Article, ArticleId};
use crate::domain::hand::{
    Actor, Change, ChangeId, Edit, FileHand, Hand, IssueEdit, IssueHand, PictureEdit, Set, StoryEdit, StoryRef, Target,
};
use crate::domain::issue::Choice;
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::store::issues::Revised;
use crate::store::{Store, StoreError};
use crate::templates::digest::preheader;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

/// Somebody at work on a newsletter.
#[derive(Debug, Clone, Copy)]
pub struct Editor<'a> {
    /// Where changes are kept.
    pub store: &'a Store,
    /// The newsletter.
    pub newsletter: &'a Newsletter,
    /// What composing needs.
    pub desk: Desk<'a>,
    /// Who acts.
    pub actor: &'a Actor,
    /// When.
    pub now: DateTime<Utc>,
}

/// What a change led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The change, or the one that was taken back.
    pub id: ChangeId,
    /// What was changed, or taken back.
    pub edit: Edit,
    /// The issue was composed already: what became of it. `None` when the change waits for its composing.
    pub revised: Option<Revised>,
}

/// Why a change was refused. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    /// The store, or composing anew.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// No such story.
    #[error("no story {0}; `articles list` shows their numbers")]
    NoStory(String),
    /// No such section.
    #[error("the newsletter has no section {0:?}; there are: {1}")]
    NoSection(String, String),
    /// It went out with an issue.
    #[error("story {0} went out with No. {1} and stays as it was sent")]
    Mailed(i64, u32),
    /// The issue went out.
    #[error("No. {0} cannot be changed; the one to work on is No. {1}")]
    NotThisIssue(u32, u32),
    /// Nothing to change.
    #[error("the schedule of the newsletter has no further date")]
    NoIssue,
    /// An empty headline.
    #[error("a story needs a headline; drop it, or take its headline back")]
    NoTitle,
}

impl From<StoreError> for HandError {
    fn from(error: StoreError) -> Self {
        Self::Publish(error.into())
    }
}

impl Editor<'_> {
    /// Changes a story, in whichever issue of the newsletter it comes to stand.
    pub fn story(&self, article: ArticleId, edits: Vec<StoryEdit>) -> Result<Vec<Changed>, HandError> {
        let article = self.free(article)?;
        for edit in &edits {
            match edit {
                StoryEdit::Section(Some(slug)) => self.section(slug)?,
                StoryEdit::Title(Some(title)) if title.is_empty() => return Err(HandError::NoTitle),
                _ => {}
            }
        }
        let keep = |edit| self.keep(Target::Story(article), Edit::Story(edit));
        let done = edits.into_iter().map(keep).collect::<Result<Vec<_>, _>>()?;
        self.note_changes("edit", &self.about_story(article)?, &done)?;
        Ok(done)
    }

    /// Changes the issue with a number, which is the one that editors work on now.
    pub fn issue(&self, number: u32, edits: Vec<IssueEdit>) -> Result<Vec<Changed>, HandError> {
        self.is_current(number)?;
        for edit in &edits {
            match edit {
                IssueEdit::Order(Some(order)) => order.iter().try_for_each(|slug| self.section(slug))?,
                IssueEdit::Introduction(slug, _) => self.section(slug)?,
                IssueEdit::Lead(Some(story)) => {
                    self.find(story)?;
                }
                _ => {}
            }
        }
        let keep = |edit| self.keep(Target::Issue(number), Edit::Issue(edit));
        let done = edits.into_iter().map(keep).collect::<Result<Vec<_>, _>>()?;
        self.note_changes("edit", &format!("{} No. {number}", self.newsletter.slug), &done)?;
        Ok(done)
    }

    /// Takes back the latest change of a story that still holds. `None` when there is none.
    pub fn undo_story(&self, article: ArticleId) -> Result<Option<Changed>, HandError> {
        let article = self.free(article)?;
        self.undo_latest(Target::Story(article), &self.about_story(article)?)
    }

    /// Takes back the latest change of an issue that still holds. `None` when there is none.
    pub fn undo_issue(&self, number: u32) -> Result<Option<Changed>, HandError> {
        self.is_current(number)?;
        self.undo_latest(Target::Issue(number), &format!("{} No. {number}", self.newsletter.slug))
    }

    fn undo_latest(&self, target: Target, about: &str) -> Result<Option<Changed>, HandError> {
        let undone = self.store.undo_latest_change(self.id()?, target, self.actor, self.now)?;
        let undone = undone.map(|change| self.settled(change.id, change.edit)).transpose()?;
        self.note_changes("undo", about, undone.as_slice())?;
        Ok(undone)
    }

    /// How a story is called in the audit: by its number, and by its headline for those who read it.
    fn about_story(&self, article: ArticleId) -> Result<String, HandError> {
        let shown = self.store.story(article)?;
        let title = shown.as_ref().and_then(|shown| shown.sightings.last()).map(|sighting| &sighting.text.title);
        let title = title.map_or(String::new(), |title| format!(", “{title}”"));
        Ok(format!("{} story {}{title}", self.newsletter.slug, article.0))
    }

    /// Notes in the audit what was done by hand, with what it led to.
    fn note_changes(&self, action: &str, about: &str, done: &[Changed]) -> Result<(), HandError> {
        let Some(last) = done.last() else { return Ok(()) };
        let fields: Vec<String> = done.iter().map(|changed| changed.edit.field()).collect();
        let led_to = match last.revised {
            Some(Revised::New { asks_again: true, .. }) => "; it has to be approved again",
            Some(Revised::TooLate) => "; too late for the issue, which is going out",
            _ => "",
        };
        let verb = if action == "undo" { "taken back" } else { "changed" };
        let detail = format!("{} {verb}{led_to}", fields.join(", "));
        Ok(self.store.audit(&self.audit_name(), action, about, &detail, self.now)?)
    }

    /// Takes back one change. `None` when it is unknown or was taken back before.
    pub fn undo(&self, id: ChangeId) -> Result<Option<Changed>, HandError> {
        let undone = self.store.undo_change(self.id()?, id, self.actor, self.now)?;
        undone.map(|change| self.settled(change.id, change.edit)).transpose()
    }

    /// The number of the issue to work on now.
    pub fn number(&self) -> Result<u32, HandError> {
        let current = current(self.store, self.newsletter, self.id()?, self.now)?;
        current.map(|current| current.edition.number).ok_or(HandError::NoIssue)
    }

    /// The story that a number or an address stands for.
    pub fn find(&self, story: &StoryRef) -> Result<ArticleId, HandError> {
        let found = match story {
            StoryRef::Article(article) => self.store.standing_article(*article)?,
            StoryRef::Url(url) => self.store.article_at(url)?,
        };
        found.ok_or_else(|| HandError::NoStory(story.to_string()))
    }

    pub(super) fn id(&self) -> Result<u16, StoreError> {
        self.store.newsletter_id(&self.newsletter.slug, self.now)
    }

    /// The story, if it may still be changed.
    fn free(&self, article: ArticleId) -> Result<ArticleId, HandError> {
        let article = self.find(&StoryRef::Article(article))?;
        match self.store.mailed_in(self.id()?, article)? {
            Some(number) => Err(HandError::Mailed(article.0, number)),
            None => Ok(article),
        }
    }

    fn section(&self, slug: &Slug) -> Result<(), HandError> {
        let all = || self.newsletter.sections.iter().map(|s| s.slug.as_str()).collect::<Vec<_>>().join(", ");
        let known = self.newsletter.section(slug).is_some();
        if known { Ok(()) } else { Err(HandError::NoSection(slug.to_string(), all())) }
    }

    fn is_current(&self, number: u32) -> Result<(), HandError> {
        let current = self.number()?;
        if current == number { Ok(()) } else { Err(HandError::NotThisIssue(number, current)) }
    }

    fn keep(&self, target: Target, edit: Edit) -> Result<Changed, HandError> {
        let id = self.store.keep_change(self.id()?, target, &edit, self.actor, self.now)?;
        self.settled(id, edit)
    }

    /// Composes the issue anew, if there is one to which a change may belong.
    fn settled(&self, id: ChangeId, edit: Edit) -> Result<Changed, HandError> {
        let current = current(self.store, self.newsletter, self.id()?, self.now)?;
        let revised = match current.and_then(|current| current.row) {
            Some(row) => Some(revise(self.store, self.newsletter, self.desk, &row, self.now)?),
            None => None,
        };
        Ok(Changed { id, edit, revised })
    }
}

/// The latest changes of a newsletter, taken back or not, the latest first.
pub fn history(store: &Store, newsletter: u16, limit: usize) -> Result<Vec<Change>, StoreError> {
    store.change_history(newsletter, limit)
}

/// What Gmail and a phone show of a text before they cut it, in characters. What people measure in 2025 and 2026: Gmail in a browser of 1,440 px shows
/// about 70 characters of a subject and 100 of the line after it; a phone held upright about 40 and 80.
pub const SHOWN: [(&str, usize, usize); 2] = [("gmail", 70, 100), ("phone", 40, 80)];

/// A text as the program made it and as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextSides {
    /// What the program makes.
    pub machine: String,
    /// What somebody wrote in its place.
    pub hand: Option<Set<String>>,
    /// Characters of the one that stands.
    pub length: usize,
    /// What is shown of it where, if it is cut there: the name of the place and the beginning that is seen.
    pub cut: BTreeMap<&'static str, String>,
}

/// The words of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssueSides {
    /// Its number.
    pub number: u32,
    /// The subject.
    pub subject: TextSides,
    /// The line beside it.
    pub preheader: TextSides,
    /// The note, in Markdown.
    pub note: TextSides,
    /// The number of the story that leads.
    pub lead: TextSides,
    /// The sections in their order, joined by commas.
    pub order: TextSides,
    /// The introductions of the sections.
    pub introductions: BTreeMap<Slug, TextSides>,
}

/// The words and the place of a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StorySides {
    /// Its number.
    pub article: i64,
    /// `pinned` or `dropped`, if somebody wants it so.
    pub place: TextSides,
    /// Its section; empty where it stands in none.
    pub section: TextSides,
    /// Its headline.
    pub title: TextSides,
    /// Its summary.
    pub summary: TextSides,
    /// The address or name of its picture; empty for none.
    pub picture: TextSides,
    /// What the picture shows.
    pub alt: TextSides,
    /// Who made it.
    pub credit: TextSides,
}

/// All that can be changed, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sides {
    /// The issue.
    pub issue: IssueSides,
    /// Its stories and those left out, in the order of their score.
    pub stories: Vec<StorySides>,
}

/// What can be changed in the issue to work on now, as the program makes it and as people changed it.
pub fn sides(store: &Store, newsletter: &Newsletter, desk: Desk<'_>, now: DateTime<Utc>) -> Result<Sides, HandError> {
    let id = store.newsletter_id(&newsletter.slug, now)?;
    let edition = current(store, newsletter, id, now)?.ok_or(HandError::NoIssue)?.edition;
    let considering = consider(store, newsletter, desk, edition)?;
    let stories = considering.stories.iter().map(story_sides).collect();
    let hand = considering.hand.issue;
    let lead = hand.lead.as_ref().map(|set| mapped(set, ToString::to_string));
    // What would stand if nobody had written the issue's own words: the changes of stories stay.
    let stories_only = Hand { issue: IssueHand::default(), stories: considering.hand.stories };
    let articles = considering.stories.into_iter().map(|considered| considered.article).collect();
    let machine = Considering {
        stories: rank(articles, newsletter, desk, &stories_only, edition.window),
        newsletter: newsletter.clone(),
        hand: stories_only,
    };
    let issue = assemble(machine, desk, edition, &BTreeMap::new());
    let whole = cut(&issue, &Choice::Everything);
    let machine_lead = whole.lead.map_or(String::new(), |story| story.article.0.to_string());
    let (machine_subject, machine_preheader) = (subject(&whole), preheader(&whole));
    let introductions = newsletter.sections.iter().map(|section| {
        let sides = of_line(section.intro.as_str(), hand.introductions.get(&section.slug), None);
        (section.slug.clone(), sides)
    });
    let slugs = |slugs: &mut dyn Iterator<Item = &Slug>| slugs.map(Slug::as_str).collect::<Vec<_>>().join(", ");
    let order = hand.order.as_ref().map(|set| mapped(set, |order| slugs(&mut order.iter())));
    let configured = slugs(&mut newsletter.sections.iter().map(|section| &section.slug));
    Ok(Sides {
        issue: IssueSides {
            number: edition.number,
            subject: of_line(machine_subject.as_str(), hand.subject.as_ref(), Some(0)),
            preheader: of_line(&machine_preheader, hand.preheader.as_ref(), Some(1)),
            note: text("", hand.note.clone(), None),
            lead: text(&machine_lead, lead, None),
            order: text(&configured, order, None),
            introductions: introductions.collect(),
        },
        stories,
    })
}

fn story_sides(considered: &Considered) -> StorySides {
    let Considered { article, hand, own_section, .. } = considered;
    let words = &article.text;
    let place =
        |set: &Set<_>| mapped(set, |place| Edit::Story(StoryEdit::Place(Some(*place))).value().unwrap_or_default());
    let picture = words.picture.as_ref();
    StorySides {
        article: article.id.0,
        place: text("", hand.place.as_ref().map(place), None),
        section: text(
            own_section.as_ref().map_or("", Slug::as_str),
            hand.section.as_ref().map(|set| mapped(set, ToString::to_string)),
            None,
        ),
        title: of_line(words.title.as_str(), hand.title.as_ref(), None),
        summary: of_line(words.summary.as_str(), hand.summary.as_ref(), None),
        picture: text(
            picture.map_or("", |picture| picture.url.as_str()),
            hand.picture.as_ref().map(|set| {
                mapped(set, |picture| match picture {
                    PictureEdit::None => "none".to_owned(),
                    PictureEdit::Another(url) => url.to_string(),
                })
            }),
            None,
        ),
        alt: of_line(picture.map_or("", |picture| picture.alt.as_str()), hand.alt.as_ref(), None),
        credit: of_line(
            picture.and_then(|picture| picture.credit.as_ref()).map_or("", Line::as_str),
            hand.credit.as_ref(),
            None,
        ),
    }
}

fn mapped<T>(set: &Set<T>, value: impl Fn(&T) -> String) -> Set<String> {
    Set { value: value(&set.value), actor: set.actor.clone(), at: set.at }
}

fn of_line(machine: &str, hand: Option<&Set<Line>>, inbox: Option<usize>) -> TextSides {
    text(machine, hand.map(|set| mapped(set, ToString::to_string)), inbox)
}

/// `inbox`: 0 for a subject, 1 for the line beside it, which inboxes cut.
fn text(machine: &str, hand: Option<Set<String>>, inbox: Option<usize>) -> TextSides {
    let standing = hand.as_ref().map_or(machine, |set| set.value.as_str());
    let limits = SHOWN.iter().filter_map(|(name, subject, preheader)| {
        let limit = if inbox? == 0 { *subject } else { *preheader };
        let (at, _) = standing.char_indices().nth(limit)?;
        Some((*name, standing[..at].to_owned()))
    });
    TextSides { machine: machine.to_owned(), length: standing.chars().count(), cut: limits.collect(), hand }
}

/// What the file of a newsletter says; an empty one says nothing.
fn file_of<'a>(newsletter: &Newsletter, desk: Desk<'a>) -> Option<&'a FileHand> {
    desk.hands.iter().find(|(slug, _)| *slug == newsletter.slug).map(|(_, file)| file)
}

/// The hand that was kept for an edition, and the stories that a file pins, so that those can be asked for.
pub(super) fn hand_of(
    store: &Store,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    edition: Edition,
) -> Result<Hand, StoreError> {
    let mut hand = Hand::default();
    for change in store.changes_holding(edition.newsletter, edition.number, edition.hand_as_of)? {
        hand.set(change.target, change.edit, &change.actor, Some(change.at));
    }
    let file = file_of(newsletter, desk);
    for (story, edit) in file.iter().flat_map(|file| &file.stories) {
        if !matches!(edit, StoryEdit::Place(_)) {
            continue;
        }
        let article = match story {
            StoryRef::Article(article) => store.standing_article(*article)?,
            StoryRef::Url(url) => store.article_at(url)?,
        };
        if let Some(article) = article {
            hand.set(Target::Story(article), Edit::Story(edit.clone()), &Actor::File, None);
        }
    }
    Ok(hand)
}

/// Lays what a file says over everything else.
pub(super) fn lay_file_over(
    hand: &mut Hand,
    newsletter: &Newsletter,
    desk: Desk<'_>,
    number: u32,
    articles: &[Article],
) {
    let Some(file) = file_of(newsletter, desk) else { return };
    for (_, edit) in file.issues.iter().filter(|(of, _)| *of == number) {
        hand.set(Target::Issue(number), Edit::Issue(edit.clone()), &Actor::File, None);
    }
    for (story, edit) in &file.stories {
        for article in articles.iter().filter(|article| story.means(article.id, addresses(article))) {
            hand.set(Target::Story(article.id), Edit::Story(edit.clone()), &Actor::File, None);
        }
    }
}

/// The newsletter with its sections in the editor's order and with the editor's introductions.
pub(super) fn arranged(newsletter: &Newsletter, hand: &IssueHand) -> Newsletter {
    let mut newsletter = newsletter.clone();
    if let Some(order) = &hand.order {
        let place = |slug: &Slug| order.value.iter().position(|named| named == slug).unwrap_or(usize::MAX);
        newsletter.sections.sort_by_key(|section| place(&section.slug));
    }
    for section in &mut newsletter.sections {
        if let Some(introduction) = hand.introductions.get(&section.slug) {
            section.intro = introduction.value.clone();
        }
    }
    newsletter
}

#[cfg(test)]
mod tests;
