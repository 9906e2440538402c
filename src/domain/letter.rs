//! Single mails to one reader: the question whether they meant it, their link, what they asked to be done. Not the issues.

use crate::domain::issue::Choice;
use crate::domain::newsletter::Newsletter;
use crate::domain::subscriber::Format;
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What a letter is about, and what the link in it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LetterKind {
    /// Asks whether a subscription was meant.
    Confirm,
    /// Says that the address is subscribed already, and how to choose.
    Known,
    /// Greets somebody who confirmed.
    Welcome,
    /// Brings the private links that somebody asked for.
    Link,
    /// Leads to everything that is stored of the reader.
    Data,
    /// Leads to the button that erases the reader.
    Erase,
    /// Leads to the form for a new address.
    Address,
    /// Asks at the new address whether the change was meant.
    Move,
    /// Tells the old address that it was changed, and undoes it.
    Moved,
}

impl LetterKind {
    const WORDS: [(Self, &'static str); 9] = [
        (Self::Confirm, "confirm"),
        (Self::Known, "known"),
        (Self::Welcome, "welcome"),
        (Self::Link, "link"),
        (Self::Data, "data"),
        (Self::Erase, "erase"),
        (Self::Address, "address"),
        (Self::Move, "move"),
        (Self::Moved, "moved"),
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("confirm", |(_, word)| word)
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }

    /// How long its link works; `confirm` is what the configuration says of links that confirm.
    pub fn lifetime(self, confirm: TimeDelta) -> TimeDelta {
        match self {
            Self::Data | Self::Erase | Self::Address => TimeDelta::hours(1),
            Self::Moved => TimeDelta::days(7),
            Self::Confirm | Self::Move | Self::Known | Self::Welcome | Self::Link => confirm,
        }
    }
}

/// One newsletter that somebody wants, and which topics of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Which newsletter.
    pub newsletter: Slug,
    /// Which topics: the key of a [`Choice`], so that what was asked is stored as every choice is.
    #[serde(default)]
    pub topics: String,
}

impl Wanted {
    /// A newsletter with a choice of topics.
    pub fn new(newsletter: Slug, choice: &Choice) -> Self {
        Self { newsletter, topics: choice.key() }
    }

    /// The topics as a choice.
    pub fn choice(&self) -> Choice {
        Choice::from_key(&self.topics)
    }
}

/// What somebody wants to get and how: what they are asked to confirm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The newsletters.
    pub wanted: Vec<Wanted>,
    /// The language of the fixed texts and of mails to them, if not the newsletter's.
    #[serde(default)]
    pub language: Option<Language>,
    /// Whether they want plain text alone.
    #[serde(default)]
    pub plain: bool,
}

impl Terms {
    /// The newsletters that these terms are about, as far as they are published.
    pub fn newsletters<'n>(&self, all: &'n [Newsletter]) -> Vec<&'n Newsletter> {
        let found = |wanted: &Wanted| all.iter().find(|newsletter| newsletter.slug == wanted.newsletter);
        self.wanted.iter().filter_map(found).collect()
    }

    /// The titles of the chosen topics; none where everything was chosen of each newsletter.
    pub fn topics<'n>(&self, all: &'n [Newsletter]) -> Vec<&'n str> {
        let mut titles = Vec::new();
        for wanted in &self.wanted {
            let (Choice::Topics(topics), Some(newsletter)) =
                (wanted.choice(), all.iter().find(|newsletter| newsletter.slug == wanted.newsletter))
            else {
                continue;
            };
            let chosen = newsletter.sections.iter().filter(|section| topics.contains(&section.slug));
            titles.extend(chosen.map(|section| section.title.as_str()));
        }
        titles
    }

    /// The format as the subscriber's row has it.
    pub fn format(&self) -> Format {
        if self.plain { Format::Text } else { Format::Html }
    }
}
