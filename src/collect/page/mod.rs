//! One article as a page, a Markdown file or a saved text says it: what is read there, and how it becomes a [`Sighting`].

mod body;
mod events;
mod frame;
mod json_ld;
mod labels;
mod lighten;
mod meta;
mod parsely;
mod people;
mod picture;
mod title;
mod when;

pub use events::{events, is_page};
pub use meta::read;

use crate::collect::feed::Person;
use crate::collect::{language, prose};
use crate::domain::article::{ArticleText, PictureLink, Sighting, believed};
use crate::domain::source::Source;
use crate::domain::text::{CleanHtml, Direction, Language, Line};
use chrono::{DateTime, Utc};
use url::Url;

/// An article, cleaned, before it is decided which one it is.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Headline, without the site's name.
    pub title: Line,
    /// Who wrote it.
    pub authors: Vec<Line>,
    /// Its own summary.
    pub summary: Line,
    /// The site's name.
    pub site_name: Option<Line>,
    /// Its language, if it says so.
    pub language: Option<Language>,
    /// The direction it says it runs in.
    pub direction: Option<Direction>,
    /// When it was published, as written.
    pub published_raw: Option<String>,
    /// When it was published.
    pub published: Option<DateTime<Utc>>,
    /// The day that it may be of, if nothing says so: too vague to count it by.
    pub supposed: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Its body, cleaned.
    pub content: CleanHtml,
    /// Its body as plain text, paragraphs apart by line breaks.
    pub text: String,
    /// Its lead picture.
    pub picture: Option<PictureLink>,
    /// The address it calls its own.
    pub url: Option<Url>,
    /// The column or section it stands in.
    pub column: Option<Line>,
    /// The site's categories.
    pub categories: Vec<Line>,
    /// Its tags.
    pub labels: Vec<Line>,
    /// Whether only subscribers can read it whole.
    pub paywalled: bool,
    /// Whether it is marked as paid for.
    pub sponsored: bool,
    /// A name for it inside its source, if its file gives one.
    pub slug: Option<String>,
    /// Whether its writer has not finished it.
    pub draft: bool,
    /// When it ceases to be shown, if it does.
    pub expires: Option<DateTime<Utc>>,
    /// What is wrong with its file, though it could be read.
    pub remarks: Vec<Remark>,
}

/// Something in a file that its writer should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The line it stands on.
    pub line: usize,
    /// What is wrong.
    pub words: String,
}

impl Page {
    /// The summary: its own, else the best sentences of its lead.
    pub fn excerpt(&self) -> Line {
        if !self.summary.is_empty() {
            return prose::summary(self.summary.as_str(), prose::SUMMARY.max(320));
        }
        prose::lead_or_beginning(&self.text)
    }

    /// Whether [`Page::excerpt`] is made of the lead.
    pub fn excerpt_is_made(&self) -> bool {
        self.summary.is_empty() && !self.excerpt().is_empty()
    }

    /// What it shows, as one source's sighting; `None` without a headline.
    pub fn sighting(self, guid: Option<String>, source: &Source, now: DateTime<Utc>) -> Option<Sighting> {
        if self.title.is_empty() {
            return None;
        }
        let (summary, summary_from_lead) = (self.excerpt(), self.excerpt_is_made());
        let mut labels: Vec<Line> = source.tags.iter().map(|tag| Line::clean_to(tag, 80)).collect();
        for label in self.labels.iter().chain(&self.categories) {
            if !labels.contains(label) && labels.len() < 40 {
                labels.push(label.clone());
            }
        }
        Some(Sighting {
            guid,
            url: self.url,
            published_at: believed(self.published.or(self.updated), now),
            published_raw: self.published_raw.map(|raw| raw.chars().take(200).collect()),
            updated_at: believed(self.updated, now),
            text: ArticleText {
                language: language::of(
                    self.language,
                    source.language.as_ref(),
                    self.title.as_str(),
                    &self.text,
                    summary.as_str(),
                ),
                words: prose::words(&self.text),
                picture: self.picture.filter(|_| source.pictures.shows()),
                title: self.title,
                content: self.content,
                authors: self.authors,
                column: self.column,
                paywalled: self.paywalled,
                sponsored: self.sponsored,
                labels,
                summary,
                summary_from_lead,
            },
        })
    }
}

/// Names of people, one by one, without repetition.
fn names(people: impl IntoIterator<Item = Person>) -> Vec<Line> {
    let mut names: Vec<Line> = Vec::new();
    for name in people.into_iter().filter_map(|person| person.name).flat_map(|name| crate::collect::feed::byline(&name))
    {
        if !names.contains(&name) && names.len() < 12 {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests;
