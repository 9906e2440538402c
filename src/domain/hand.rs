//! The editor's hand on an issue: what a person changed, by whom and when, beside what the program had made. Data, so that it survives
//! collecting anew, can be shown side by side and taken back. Decides nothing; `publish::hand` applies it.

use crate::domain::article::ArticleId;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// Row number of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChangeId(pub i64);

/// Who changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Actor {
    /// Somebody who may run commands.
    CommandLine,
    /// An editor, by their address.
    Editor(String),
    /// A file in the configuration; it wins over everybody else.
    File,
}

impl Actor {
    /// The words for the first and the last.
    const COMMAND_LINE: &str = "command line";
    const FILE: &str = "file";
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CommandLine => Self::COMMAND_LINE,
            Self::Editor(address) => address,
            Self::File => Self::FILE,
        })
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}

impl From<String> for Actor {
    fn from(text: String) -> Self {
        match text.as_str() {
            Self::COMMAND_LINE => Self::CommandLine,
            Self::FILE => Self::File,
            _ => Self::Editor(text),
        }
    }
}

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The issue with this number, whenever it goes out.
    Issue(u32),
    /// A story, in whichever issue of the newsletter it stands.
    Story(ArticleId),
}

/// A story as a person names it: by number, or by its address where numbers mean nothing (files).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryRef {
    /// Its number.
    Article(ArticleId),
    /// Its address, or that of one of its sightings.
    Url(Url),
}

impl StoryRef {
    /// Reads a number or a web address.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.trim().parse::<i64>() {
            return Ok(Self::Article(ArticleId(number)));
        }
        match Url::parse(text.trim()) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Self::Url(url)),
            _ => Err(format!("{text:?} is neither the number of a story nor its web address")),
        }
    }

    /// Whether a story with this number and these addresses is meant. A slash at the end, `www.`, the scheme and what follows `#` do not matter.
    pub fn means<'u>(&self, article: ArticleId, mut urls: impl Iterator<Item = &'u Url>) -> bool {
        let bare = |url: &Url| {
            let host = url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
            (host, url.port(), url.path().trim_end_matches('/').to_owned(), url.query().map(str::to_owned))
        };
        match self {
            Self::Article(number) => *number == article,
            Self::Url(url) => urls.any(|known| bare(known) == bare(url)),
        }
    }
}

impl std::fmt::Display for StoryRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Article(article) => write!(f, "{}", article.0),
            Self::Url(url) => url.fmt(f),
        }
    }
}

/// Where a story has to stand, whatever its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Before all others; taken even if its window is over or has not begun.
    Pin,
    /// Nowhere.
    Drop,
}

/// Which picture a story has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureEdit {
    /// None.
    None,
    /// The one at this address, which is fetched when it is chosen; one that a file names, by `collect`.
    Another(Url),
}

/// A change of a story; `None` takes the field back to what the program makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryEdit {
    /// Pinned, dropped, or neither.
    Place(Option<Place>),
    /// The section it stands in.
    Section(Option<Slug>),
    /// Its headline.
    Title(Option<Line>),
    /// Its summary; an empty line is no summary.
    Summary(Option<Line>),
    /// Its picture.
    Picture(Option<PictureEdit>),
    /// What its picture shows, in words.
    Alt(Option<Line>),
    /// Who made its picture.
    Credit(Option<Line>),
}

/// A change of an issue; `None` takes the field back to what the program makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueEdit {
    /// The subject; the places of the newsletter's template are replaced in it.
    Subject(Option<Line>),
    /// The line that inboxes show beside it.
    Preheader(Option<Line>),
    /// The editor's note, in Markdown.
    Note(Option<String>),
    /// The story that leads.
    Lead(Option<StoryRef>),
    /// The order of the sections; those that are not named follow as configured.
    Order(Option<Vec<Slug>>),
    /// The sentence under a section's title.
    Introduction(Slug, Option<Line>),
}

impl StoryEdit {
    /// The names of what can be taken back by itself.
    pub const FIELDS: &str = "place, section, title, summary, picture, alt or credit";

    /// The change that takes one field back to what the program makes of it; nothing for another name.
    pub fn taken_back(field: &str) -> Option<Self> {
        Some(match field {
            "place" => Self::Place(None),
            "section" => Self::Section(None),
            "title" => Self::Title(None),
            "summary" => Self::Summary(None),
            "picture" => Self::Picture(None),
            "alt" => Self::Alt(None),
            "credit" => Self::Credit(None),
            _ => return None,
        })
    }
}

impl IssueEdit {
    /// The names of what can be taken back by itself.
    pub const FIELDS: &str = "subject, preheader, note, lead, sections or introduction=SLUG";

    /// The change that takes one field back to what the program makes of it; nothing for another name.
    pub fn taken_back(field: &str) -> Option<Self> {
        Some(match field {
            "subject" => Self::Subject(None),
            "preheader" => Self::Preheader(None),
            "note" => Self::Note(None),
            "lead" => Self::Lead(None),
            "sections" => Self::Order(None),
            _ => Self::Introduction(Slug::parse(field.strip_prefix("introduction=")?).ok()?, None),
        })
    }
}

/// A value that somebody set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Who set it.
    pub actor: Actor,
    /// When; a file does not say.
    pub at: Option<DateTime<Utc>>,
}

/// What a person made of a story.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StoryHand {
    /// Pinned or dropped.
    pub place: Option<Set<Place>>,
    /// Its section.
    pub section: Option<Set<Slug>>,
    /// Its headline.
    pub title: Option<Set<Line>>,
    /// Its summary.
    pub summary: Option<Set<Line>>,
    /// Its picture.
    pub picture: Option<Set<PictureEdit>>,
    /// What the picture shows.
    pub alt: Option<Set<Line>>,
    /// Who made the picture.
    pub credit: Option<Set<Line>>,
}

/// What a person made of an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IssueHand {
    /// The subject.
    pub subject: Option<Set<Line>>,
    /// The preheader.
    pub preheader: Option<Set<Line>>,
    /// The note, in Markdown.
    pub note: Option<Set<String>>,
    /// The lead.
    pub lead: Option<Set<StoryRef>>,
    /// The order of the sections.
    pub order: Option<Set<Vec<Slug>>>,
    /// The sentences under the titles of sections.
    pub introductions: BTreeMap<Slug, Set<Line>>,
}

/// All that people made of a coming issue and its stories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hand {
    /// The issue.
    pub issue: IssueHand,
    /// Its stories.
    pub stories: BTreeMap<ArticleId, StoryHand>,
}

/// A change as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its row.
    pub id: ChangeId,
    /// What it is about.
    pub target: Target,
    /// What was changed.
    pub edit: Edit,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// Who took it back, and when.
    pub undone: Option<(Actor, DateTime<Utc>)>,
}

/// A change of either kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Of a story.
    Story(StoryEdit),
    /// Of an issue.
    Issue(IssueEdit),
}

/// What a file says about one newsletter. Stories and issues that do not come up are left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileHand {
    /// Changes of issues, by number.
    pub issues: Vec<(u32, IssueEdit)>,
    /// Changes of stories.
    pub stories: Vec<(StoryRef, StoryEdit)>,
}

impl Edit {
    /// The word for the field, as shown to people.
    pub fn field(&self) -> String {
        let word = match self {
            Self::Story(StoryEdit::Place(_)) => "place",
            Self::Story(StoryEdit::Section(_)) => "section",
            Self::Story(StoryEdit::Title(_)) => "title",
            Self::Story(StoryEdit::Summary(_)) => "summary",
            Self::Story(StoryEdit::Picture(_)) => "picture",
            Self::Story(StoryEdit::Alt(_)) => "alt text",
            Self::Story(StoryEdit::Credit(_)) => "credit",
            Self::Issue(IssueEdit::Subject(_)) => "subject",
            Self::Issue(IssueEdit::Preheader(_)) => "preheader",
            Self::Issue(IssueEdit::Note(_)) => "note",
            Self::Issue(IssueEdit::Lead(_)) => "lead",
            Self::Issue(IssueEdit::Order(_)) => "order of sections",
            Self::Issue(IssueEdit::Introduction(section, _)) => return format!("introduction of {section}"),
        };
        word.to_owned()
    }

    /// What it was set to, in words; `None` where it was taken back to the program's own.
    pub fn value(&self) -> Option<String> {
        let line = |line: &Option<Line>| line.as_ref().map(ToString::to_string);
        match self {
            Self::Story(StoryEdit::Place(place)) => place.map(|place| match place {
                Place::Pin => "pinned".to_owned(),
                Place::Drop => "dropped".to_owned(),
            }),
            Self::Story(StoryEdit::Section(section)) => section.as_ref().map(ToString::to_string),
            Self::Story(StoryEdit::Picture(picture)) => picture.as_ref().map(|picture| match picture {
                PictureEdit::None => "none".to_owned(),
                PictureEdit::Another(url) => url.to_string(),
            }),
            Self::Story(
                StoryEdit::Title(text) | StoryEdit::Summary(text) | StoryEdit::Alt(text) | StoryEdit::Credit(text),
            )
            | Self::Issue(IssueEdit::Subject(text) | IssueEdit::Preheader(text) | IssueEdit::Introduction(_, text)) => {
                line(text)
            }
            Self::Issue(IssueEdit::Note(note)) => note.clone(),
            Self::Issue(IssueEdit::Lead(lead)) => lead.as_ref().map(ToString::to_string),
            Self::Issue(IssueEdit::Order(order)) => {
                order.as_ref().map(|order| order.iter().map(Slug::as_str).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Hand {
    /// Lays a change over what was there.
    pub fn set(&mut self, target: Target, edit: Edit, actor: &Actor, at: Option<DateTime<Utc>>) {
        match (target, edit) {
            (Target::Story(article), Edit::Story(edit)) => {
                self.stories.entry(article).or_default().set(edit, actor, at);
            }
            (Target::Issue(_), Edit::Issue(edit)) => self.issue.set(edit, actor, at),
            // Stored changes are written by typed verbs; a row that pairs the two wrongly says nothing.
            _ => {}
        }
    }

    /// What a person made of a story; nothing for most.
    pub fn of(&self, article: ArticleId) -> StoryHand {
        self.stories.get(&article).cloned().unwrap_or_default()
    }

    /// The stories that are pinned.
    pub fn pinned(&self) -> impl Iterator<Item = ArticleId> {
        let pinned = |hand: &StoryHand| hand.place.as_ref().is_some_and(|set| set.value == Place::Pin);
        self.stories.iter().filter(move |(_, hand)| pinned(hand)).map(|(article, _)| *article)
    }
}

impl StoryHand {
    /// Lays a change over what was there.
    pub fn set(&mut self, edit: StoryEdit, actor: &Actor, at: Option<DateTime<Utc>>) {
        match edit {
            StoryEdit::Place(place) => self.place = set(place, actor, at),
            StoryEdit::Section(section) => self.section = set(section, actor, at),
            StoryEdit::Title(title) => self.title = set(title, actor, at),
            StoryEdit::Summary(summary) => self.summary = set(summary, actor, at),
            StoryEdit::Picture(picture) => self.picture = set(picture, actor, at),
            StoryEdit::Alt(alt) => self.alt = set(alt, actor, at),
            StoryEdit::Credit(credit) => self.credit = set(credit, actor, at),
        }
    }

    /// Whether it is pinned.
    pub fn is_pinned(&self) -> bool {
        self.place.as_ref().is_some_and(|set| set.value == Place::Pin)
    }

    /// Whether it is dropped.
    pub fn is_dropped(&self) -> bool {
        self.place.as_ref().is_some_and(|set| set.value == Place::Drop)
    }
}

impl IssueHand {
    fn set(&mut self, edit: IssueEdit, actor: &Actor, at: Option<DateTime<Utc>>) {
        match edit {
            IssueEdit::Subject(subject) => self.subject = set(subject, actor, at),
            IssueEdit::Preheader(preheader) => self.preheader = set(preheader, actor, at),
            IssueEdit::Note(note) => self.note = set(note, actor, at),
            IssueEdit::Lead(lead) => self.lead = set(lead, actor, at),
            IssueEdit::Order(order) => self.order = set(order, actor, at),
            IssueEdit::Introduction(section, None) => {
                self.introductions.remove(&section);
            }
            IssueEdit::Introduction(section, Some(value)) => {
                self.introductions.insert(section, Set { value, actor: actor.clone(), at });
            }
        }
    }
}

fn set<T>(value: Option<T>, actor: &Actor, at: Option<DateTime<Utc>>) -> Option<Set<T>> {
    value.map(|value| Set { value, actor: actor.clone(), at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_counts_and_nothing_takes_a_field_back() {
        let mut hand = Hand::default();
        let story = Target::Story(ArticleId(7));
        let titled = |title: &str| Edit::Story(StoryEdit::Title(Some(Line::clean(title))));
        hand.set(story, titled("One"), &Actor::CommandLine, None);
        hand.set(story, titled("Two"), &Actor::Editor("ada@example.org".into()), None);
        let set = hand.of(ArticleId(7)).title.unwrap();
        assert_eq!((set.value.as_str(), set.actor.to_string().as_str()), ("Two", "ada@example.org"));
        hand.set(story, Edit::Story(StoryEdit::Title(None)), &Actor::File, None);
        assert_eq!(hand.of(ArticleId(7)).title, None);
    }

    #[test]
    fn a_story_is_meant_by_its_address_however_it_is_written() {
        let known = [Url::parse("https://www.example.org/a/").unwrap()];
        let means = |text: &str| StoryRef::parse(text).unwrap().means(ArticleId(3), known.iter());
        assert!(means("http://example.org/a#top") && means("3"));
        assert!(!means("https://example.org/b") && !means("4"));
        assert!(StoryRef::parse("ftp://example.org/a").is_err());
    }
}
