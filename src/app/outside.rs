//! What an editor brings from outside by its address: a story, a picture. Asked at once, because a person waits for the answer.

use super::{App, AppError};
use crate::collect::pictures::fetch_named;
use crate::collect::{Added, add_page};
use crate::domain::hand::{self, PictureEdit, StoryEdit, StoryRef};
use crate::domain::newsletter::Newsletter;
use crate::domain::source::{Place, Source, SourceKind};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::publish::edition::{revise, with_another_file};
use crate::store::facts;
use crate::store::issues::{IssueRow, Revised};
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

/// How long after a story of a file could not be had it is asked for again.
const TRIED_AGAIN_AFTER: TimeDelta = TimeDelta::hours(6);

/// The fact that such a story was asked for: when.
fn tried(url: &Url) -> String {
    format!("story of a file {url}")
}

impl App {
    /// Reads the page at an address, which from now on is a story. It counts to the named source, to the one on the same site, or to one that bears the
    /// name of the site.
    pub async fn add_story(&self, address: &str, source: Option<&str>) -> Result<(Added, Slug), AppError> {
        let url =
            Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| {
            AppError::Outside(format!("{address:?} is no web address such as \"https://www.example.org/a-story\""))
        })?;
        let url = self.own_links().fold(url, |url, own| own.off(url));
        let source = self.source_of(source, &url)?;
        let added = add_page(&self.store, &self.fetcher(), &source, &url, self.now()).await;
        added.map(|added| (added, source.id)).map_err(|error| AppError::NoIssue(error.to_string()))
    }

    fn source_of(&self, named: Option<&str>, url: &Url) -> Result<Source, AppError> {
        if let Some(name) = named {
            let all = || self.config.sources.iter().map(|source| source.id.as_str()).collect::<Vec<_>>().join(", ");
            let found = self.config.sources.iter().find(|source| source.id.as_str() == name).cloned();
            return found.ok_or_else(|| AppError::Outside(format!("no source {name:?}; there are: {}", all())));
        }
        let site = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
        let is_same = |source: &&Source| {
            source.kind.url().or(source.base_url.as_ref()).is_some_and(|other| site(other) == site(url))
        };
        if let Some(source) = self.config.sources.iter().find(is_same) {
            return Ok(source.clone());
        }
        let host = site(url).unwrap_or_default();
        let id: String =
            host.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
        let id = Slug::parse(id.trim_matches('-'))
            .map_err(|_| AppError::Outside(format!("{host} gives no name for a source; say one with --source")))?;
        Ok(Source::new(id, Line::clean(&host), SourceKind::Page { place: Place::Url(url.clone()), selector: None }))
    }

    /// Takes in the stories that files of the editors pin by an address which no source has shown. One that cannot be had is asked for again when
    /// somebody collects, else after some hours.
    pub(super) async fn bring_named(&self, is_asked: bool) -> Result<(), AppError> {
        for url in self.stories_of_files() {
            if self.store.article_at(&url)?.is_some() || (!is_asked && self.was_tried(&url)?) {
                continue;
            }
            self.store.set_fact(&tried(&url), &self.now().to_rfc3339())?;
            match self.add_story(url.as_str(), None).await {
                Ok((added, source)) => {
                    tracing::info!(%url, %source, article = added.article.0, "took in a story that a file of the editors pins");
                }
                Err(error) => tracing::warn!("{url}, which a file of the editors pins, cannot be had: {error}"),
            }
        }
        Ok(())
    }

    fn was_tried(&self, url: &Url) -> Result<bool, AppError> {
        let tried = self.store.fact(&tried(url))?.and_then(|at| at.parse::<DateTime<Utc>>().ok());
        Ok(tried.is_some_and(|at| self.now() - at < TRIED_AGAIN_AFTER))
    }

    /// The addresses of stories that files of the editors pin.
    fn stories_of_files(&self) -> Vec<Url> {
        let edits = self.config.hands.iter().flat_map(|(_, file)| &file.stories);
        let pinned = edits.filter_map(|(story, edit)| match (story, edit) {
            (StoryRef::Url(url), StoryEdit::Place(Some(hand::Place::Pin))) => Some(url.clone()),
            _ => None,
        });
        pinned.collect()
    }

    /// Fetches a picture that an editor chose, before the choice is kept: what cannot be had is refused, and nothing is changed.
    pub async fn fetch_picture(&self, chosen: &PictureEdit) -> Result<(), AppError> {
        let PictureEdit::Another(url) = chosen else { return Ok(()) };
        let fetched = fetch_named(&self.store, &self.fetcher(), &self.config.sources, url, self.now()).await;
        fetched.map_err(|problem| AppError::NoIssue(format!("picture {url}: {problem}; nothing was changed")))
    }

    /// Composes the issue that waits for its time anew if the editors' file says something else than when it was composed, with the stories and
    /// pictures that it names now.
    pub async fn take_file(&self, newsletter: &Newsletter) -> Result<Option<(IssueRow, Revised)>, AppError> {
        let id = self.newsletter_id(newsletter)?;
        let Some(row) = with_another_file(&self.store, newsletter, id, self.desk())? else { return Ok(None) };
        self.bring_named(true).await?;
        for url in self.pictures_of_files() {
            if let Err(problem) =
                fetch_named(&self.store, &self.fetcher(), &self.config.sources, &url, self.now()).await
            {
                tracing::warn!("picture {url}, which a file of the editors names, cannot be had: {problem}");
            }
        }
        let revised = revise(&self.store, newsletter, self.desk(), &row, self.now())?;
        if matches!(revised, Revised::New { asks_again: true, .. }) {
            // Whoever changed a file saw no page that said so.
            self.store.take_fact(&facts::editors_asked(row.id))?;
        }
        Ok(Some((row, revised)))
    }

    /// The pictures that files of the editors name.
    pub(super) fn pictures_of_files(&self) -> Vec<Url> {
        let edits = self.config.hands.iter().flat_map(|(_, file)| &file.stories);
        let urls = edits.filter_map(|(_, edit)| match edit {
            StoryEdit::Picture(Some(PictureEdit::Another(url))) => Some(url.clone()),
            _ => None,
        });
        urls.collect()
    }
}
