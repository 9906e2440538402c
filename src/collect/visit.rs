//! A visit to one source: what is asked for, what it shows, what of that is new. What is kept is decided by `identity`, the way each kind of
//! source is read by the files below.

mod by_hand;
mod feed_visit;
mod listed;
mod standing;
mod wordpress_visit;

#[cfg(test)]
mod tests;

pub use by_hand::{AddError, Added, add_page};

use super::fetch::{Answer, Document, Fetch, FetchError, Request};
use super::habit::{self, Habit, Quiet};
use super::run::Manner;
use super::{calendar, feed, folder, identity, links, page, ranking, sitemap, wordpress};
use crate::domain::article::{Sighting, eligible_at};
use crate::domain::event::Event;
use crate::domain::newsletter::LinkParameters;
use crate::domain::ranking::RankedPage;
use crate::domain::source::{Place, Source, SourceKind};
use crate::store::articles::{Keyed, Plan};
use crate::store::sources::{SourceState, StillSame, Visit};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// So many stories at once that are older than the last visit are no late stories but a back catalogue.
const FLOOD: usize = 10;
/// So many known stories under new names at once are a site that has moved.
const MOVED: usize = 5;

/// Why a source could not be read. The source's name is the caller's to say.
#[derive(Debug, thiserror::Error)]
pub(super) enum VisitError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{0}")]
    Format(String),
    #[error(transparent)]
    Folder(#[from] folder::FolderError),
    #[error("{path}: {error}")]
    File { path: String, error: std::io::Error },
    #[error("{path}: larger than {} MB", feed::BYTES >> 20)]
    LargeFile { path: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("reading it failed in an unforeseen way; please report it with the document")]
    Panicked,
}

macro_rules! formats {
    ($($error:ty),*) => { $(impl From<$error> for VisitError { fn from(error: $error) -> Self { Self::Format(error.to_string()) } })* };
}
formats!(
    feed::FeedError,
    calendar::CalendarError,
    sitemap::SiteMapError,
    links::LinksError,
    wordpress::WordPressError,
    ranking::RankingError
);

/// What a visit brought.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// Stories or events that nobody had seen.
    pub new: u32,
    /// Stories or events that it shows.
    pub seen: u32,
    /// Files or pages that could not be read, each with the reason.
    pub problems: Vec<String>,
    /// What an editor should know of the visit.
    pub notes: Vec<String>,
    /// What it would bring, when nothing is kept.
    pub stories: Vec<Sighting>,
}

/// How a visit ended.
#[derive(Debug)]
pub(super) enum Came {
    /// Nothing has changed.
    Unchanged(StillSame),
    /// It was read.
    Brought(Brought),
}

/// What a source shows, before it is stored.
#[derive(Default)]
struct Shown {
    sightings: Vec<Sighting>,
    /// From archives that fill a gap: they belong to the days of their publication.
    archived: Vec<Sighting>,
    /// Other addresses of stories, by the address that is kept.
    other_keys: HashMap<Url, Vec<String>>,
    /// Stored sightings that a list still shows.
    still_listed: Vec<i64>,
    events: Option<Vec<Event>>,
    ranking: Option<Vec<RankedPage>>,
    problems: Vec<String>,
    notes: Vec<String>,
    ttl_minutes: Option<u32>,
    quiet: Quiet,
    visit: Visit,
}

/// What came of looking at a source: what it shows, or that it shows what it did, and for how many seconds more by its server's word.
enum Looked {
    Shown(Box<Shown>),
    Same(Option<u64>),
}

impl Looked {
    fn shown(shown: Shown) -> Self {
        Self::Shown(Box::new(shown))
    }
}

/// A document that was asked for, or that it is the one of the last visit, with the same word.
enum Got {
    Changed(Box<Document>),
    Same(Option<u64>),
}

/// One visitor at one source.
pub(super) struct Visitor<'a, F> {
    pub store: &'a Arc<Store>,
    pub fetch: &'a F,
    pub source: &'a Source,
    pub state: SourceState,
    pub manner: &'a Manner,
    pub now: DateTime<Utc>,
}

impl<F: Fetch> Visitor<'_, F> {
    /// Visits the source and keeps what it shows.
    pub(super) async fn visit(&self) -> Result<Came, VisitError> {
        let shown = match self.look().await? {
            Looked::Shown(shown) => *shown,
            Looked::Same(fresh_seconds) => return Ok(Came::Unchanged(self.still_same(fresh_seconds))),
        };
        let keep = Keep {
            store: self.store.clone(),
            source: self.source.clone(),
            state: self.state.clone(),
            every: self.manner.every,
            jitter: self.jitter(),
            is_trial: self.manner.is_trial,
            own_links: self.manner.own_links.clone(),
            now: self.now,
        };
        blocking(move || keep.keep(shown)).await.map(Came::Brought)
    }

    /// What is noted of a source that shows what it showed. What it said of how long that holds, it says anew.
    fn still_same(&self, fresh_seconds: Option<u64>) -> StillSame {
        let pause = Habit { between: self.state.habit, ..Habit::default() }.pause(self.manner.every);
        StillSame {
            source: self.state.id,
            due_at: Quiet(self.state.quiet).after(habit::due_after(self.now, pause, self.jitter())),
            fresh_until: habit::fresh_until(self.now, fresh_seconds, self.state.ttl_minutes),
        }
    }

    async fn look(&self) -> Result<Looked, VisitError> {
        match &self.source.kind {
            SourceKind::Feed(place) => self.feed(place).await,
            SourceKind::SiteMap(place) => self.site_map(place).await.map(Looked::shown),
            SourceKind::Page { place, selector } => {
                self.page_of_links(place, selector.as_deref()).await.map(Looked::shown)
            }
            SourceKind::WordPress(place) => self.wordpress(place).await.map(Looked::shown),
            SourceKind::Folder(path) => {
                let (path, source, now) = (path.clone(), self.source.clone(), self.now);
                let reading = blocking(move || Ok(folder::read(&path, &source, now)?)).await?;
                Ok(Looked::shown(Shown {
                    sightings: reading.sightings,
                    problems: reading.problems,
                    ..Shown::default()
                }))
            }
            SourceKind::Calendar(place) => {
                let accept = "text/calendar, text/html;q=0.8, */*;q=0.5";
                let (document, visit) = self.standing_document(place, accept).await?;
                let (zone, now) = (self.manner.zone, self.now);
                // A page that announces dates is a calendar as well.
                let read = move || {
                    if page::is_page(&document.bytes) {
                        let charset = document.charset.as_deref();
                        let events = page::events(&document.bytes, charset, address(&document), zone, now);
                        return events.map_err(|error| VisitError::Format(error.to_string()));
                    }
                    Ok(calendar::read(&document.bytes, zone, now)?)
                };
                let events = blocking(read).await?;
                Ok(Looked::shown(Shown { events: Some(events), visit, ..Shown::default() }))
            }
            SourceKind::Ranking(place) => {
                let accept = "application/json, application/rss+xml, text/plain, */*;q=0.5";
                let (document, visit) = self.standing_document(place, accept).await?;
                let pages = blocking(move || {
                    Ok(ranking::read(&document.bytes, document.charset.as_deref(), address(&document))?)
                });
                Ok(Looked::shown(Shown { ranking: Some(pages.await?), visit, ..Shown::default() }))
            }
        }
    }

    /// Any number that differs from source to source and from visit to visit.
    fn jitter(&self) -> u64 {
        let digest = Sha256::digest(
            format!("{} {} {}", self.manner.jitter, self.source.id, self.now.timestamp_millis()).as_bytes(),
        );
        digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// A document of the source, unless it is the one that was read last time.
    async fn document(&self, place: &Place, accept: &'static str) -> Result<Got, VisitError> {
        let document = match place {
            Place::Url(url) => match self.fetch.fetch(self.conditional(url, accept)).await? {
                Answer::NotModified(fresh_seconds) => return Ok(Got::Same(fresh_seconds)),
                Answer::Document(document) => *document,
            },
            Place::File(path) => self.file(path).await?,
        };
        let is_known = self.state.first_success_at.is_some()
            && self.state.body_hash.as_ref() == Some(&document_hash(self.source, &document.bytes));
        Ok(if is_known { Got::Same(document.fresh_seconds) } else { Got::Changed(Box::new(document)) })
    }

    /// A document of the source, whether it has changed or not: what it lists may wait to be read.
    async fn whole_document(&self, place: &Place, accept: &'static str, bytes: usize) -> Result<Document, VisitError> {
        match place {
            Place::Url(url) => self.get(self.moved(url), accept, bytes).await,
            Place::File(path) => self.file(path).await,
        }
    }

    async fn file(&self, path: &Path) -> Result<Document, VisitError> {
        let (path, base) = (path.to_owned(), self.source.base_url.clone());
        blocking(move || read_file(&path, base)).await
    }

    /// Any document that belongs to the source.
    async fn get(&self, url: Url, accept: &'static str, bytes: usize) -> Result<Document, VisitError> {
        match self.fetch.fetch(self.request(url, accept, bytes)).await? {
            Answer::Document(document) => Ok(*document),
            Answer::NotModified(_) => Err(FetchError::Status(304).into()),
        }
    }

    fn request(&self, url: Url, accept: &'static str, bytes: usize) -> Request {
        Request {
            allow_private: self.source.allow_private,
            access: self.source.access_for(&url),
            ..Request::new(url, accept, bytes)
        }
    }

    fn conditional(&self, url: &Url, accept: &'static str) -> Request {
        let same = self.has_same_settings();
        Request {
            etag: self.state.etag.clone().filter(|_| same),
            last_modified: self.state.last_modified.clone().filter(|_| same),
            ..self.request(self.moved(url), accept, feed::BYTES)
        }
    }

    /// Where the place is now: a redirect that was said to be for good is not asked for again.
    fn moved(&self, url: &Url) -> Url {
        let moved =
            self.state.moved_to.as_deref().filter(|_| self.has_same_settings() && self.source.kind.url() == Some(url));
        moved.and_then(|moved| Url::parse(moved).ok()).unwrap_or_else(|| url.clone())
    }

    /// Validators are of use only while what was made of the answer would be the same today.
    fn has_same_settings(&self) -> bool {
        self.state.body_hash.as_deref().is_some_and(|hash| hash.starts_with(&settings_hash(self.source)))
    }

    /// What a document leaves for the next visit.
    fn left(&self, document: &Document) -> Visit {
        Visit {
            etag: document.etag.clone(),
            last_modified: document.last_modified.clone(),
            body_hash: Some(document_hash(self.source, &document.bytes)),
            moved_to: document.moved_to.as_ref().map(Url::to_string),
            fresh_until: habit::fresh_until(self.now, document.fresh_seconds, None),
            ..Visit::default()
        }
    }

    /// The same where something waits to be read: the next visit must see the document again.
    fn left_unfinished(&self, document: &Document) -> Visit {
        let mut hash = settings_hash(self.source).to_vec();
        hash.push(0);
        Visit { etag: None, last_modified: None, body_hash: Some(hash), ..self.left(document) }
    }
}

/// Whether stories fill a gap, or are what the source shows now: then with the known ones that it lists without their text.
#[derive(Clone, Copy)]
enum Archive<'a> {
    Yes,
    No(&'a [i64]),
}

/// Stores what a source showed, away from the reactor.
struct Keep {
    store: Arc<Store>,
    source: Source,
    state: SourceState,
    every: TimeDelta,
    jitter: u64,
    is_trial: bool,
    own_links: Vec<LinkParameters>,
    now: DateTime<Utc>,
}

impl Keep {
    fn keep(&self, mut shown: Shown) -> Result<Brought, VisitError> {
        shown.sightings.retain(|sighting| self.source.choice.wants(sighting));
        shown.archived.retain(|sighting| self.source.choice.wants(sighting));
        for sighting in shown.sightings.iter_mut().chain(&mut shown.archived) {
            let off = |url| self.own_links.iter().fold(url, |url, own| own.off(url));
            sighting.url = sighting.url.take().map(off);
        }
        let habit = Habit::of(shown.sightings.iter().filter_map(|sighting| sighting.published_at));
        let mut brought = Brought {
            problems: std::mem::take(&mut shown.problems),
            notes: std::mem::take(&mut shown.notes),
            ..Brought::default()
        };
        if self.is_trial {
            let beside = shown.events.as_ref().map(Vec::len).or(shown.ranking.as_ref().map(Vec::len));
            brought.seen = beside.unwrap_or(shown.sightings.len()) as u32;
            brought.stories = shown.sightings;
            return Ok(brought);
        }
        let fresh_until = shown.visit.fresh_until.max(habit::fresh_until(self.now, None, shown.ttl_minutes));
        if let Some(events) = &shown.events {
            (brought.new, brought.seen) =
                (self.store.keep_events(self.state.id, events, self.now)?, events.len() as u32);
        } else if let Some(pages) = &shown.ranking {
            (brought.new, brought.seen) =
                (self.store.keep_ranking(self.state.id, pages, self.now)?, pages.len() as u32);
        } else {
            self.keep_stories(shown.archived, &shown.other_keys, Archive::Yes, &mut brought)?;
            self.keep_stories(shown.sightings, &shown.other_keys, Archive::No(&shown.still_listed), &mut brought)?;
            self.store.touch_sightings(&shown.still_listed, self.now)?;
            brought.seen += shown.still_listed.len() as u32;
        }
        let visit = Visit {
            brought_new: brought.new > 0,
            due_at: Some(shown.quiet.after(habit::due_after(self.now, self.pause(&habit), self.jitter))),
            quiet: shown.quiet.0,
            ttl_minutes: shown.ttl_minutes,
            fresh_until,
            habit: habit.between,
            reached_at: habit.newest,
            ..shown.visit
        };
        self.store.note_visit(self.state.id, &visit, self.now)?;
        Ok(brought)
    }

    /// A source whose stories have to settle is read again when they have.
    fn pause(&self, habit: &Habit) -> TimeDelta {
        let pause = habit.pause(self.every);
        if self.source.settle_seconds == 0 { pause } else { pause.min(self.source.settle().max(TimeDelta::minutes(1))) }
    }

    fn keep_stories(
        &self,
        sightings: Vec<Sighting>,
        other_keys: &HashMap<Url, Vec<String>>,
        archive: Archive<'_>,
        brought: &mut Brought,
    ) -> Result<(), VisitError> {
        if sightings.is_empty() {
            return Ok(());
        }
        let mut keyed = identity::key(sightings);
        for story in &mut keyed {
            if let Some(others) = story.sighting.url.as_ref().and_then(|url| other_keys.get(url)) {
                story.other_keys = others.iter().filter(|key| story.url_key.as_ref() != Some(key)).cloned().collect();
            }
        }
        let still_listed = match archive {
            Archive::Yes => &[],
            Archive::No(still_listed) => still_listed,
        };
        let plan = self.store.plan_sightings(self.state.id, &keyed, still_listed, self.now, identity::RULES)?;
        // What a source shows when it is first connected is its back catalogue: it belongs to the days of its publication. So does what fills a gap,
        // and what comes in such numbers, and so old, that it can only be a site that has moved or shows more than before.
        let is_back_catalogue = self.state.first_success_at.is_none()
            || matches!(archive, Archive::Yes)
            || self.is_flood(&keyed, &plan, brought);
        let settle = self.source.settle();
        let eligible = |sighting: &Sighting| {
            let at = eligible_at(sighting.published_at, self.now, is_back_catalogue);
            if is_back_catalogue { at } else { at + settle }
        };
        let kept = self.store.keep_sightings(self.state.id, &keyed, &plan, self.now, &eligible, identity::RULES)?;
        brought.new += kept.new;
        brought.seen += keyed.len() as u32;
        Ok(())
    }

    /// Whether a reading brings what must not flood an issue; an editor is told.
    fn is_flood(&self, keyed: &[Keyed], plan: &Plan, brought: &mut Brought) -> bool {
        let (moved, unknown) = (plan.moved(), plan.unknown());
        if moved >= MOVED && moved >= unknown {
            brought.notes.push(format!(
                "{moved} of these {} look already known under other names and addresses: the site seems to have moved; the other {unknown} count by their own dates",
                moved + unknown
            ));
            return true;
        }
        let Some(last_visit) = self.state.last_success_at else { return false };
        let is_old = |story: &Keyed| story.sighting.published_at.is_some_and(|at| at < last_visit - TimeDelta::days(1));
        let is_new = |decision| matches!(decision, &crate::store::articles::Decision::New(_));
        let old =
            keyed.iter().zip(&plan.decisions).filter(|(story, decision)| is_new(decision) && is_old(story)).count();
        if old >= FLOOD {
            brought.notes.push(format!(
                "{old} stories are new here but older than the last visit: a back catalogue, which counts by its own dates and floods no issue"
            ));
        }
        old >= FLOOD
    }
}

/// Runs what computes or writes away from the reactor; a panic in it is this source's trouble alone.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VisitError> + Send + 'static,
) -> Result<T, VisitError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(VisitError::Panicked))
}

/// What reading depends on apart from the document: the source's settings and this program's version.
fn settings_hash(source: &Source) -> [u8; 8] {
    let settings = serde_json::to_string(source).unwrap_or_default();
    let digest = Sha256::digest(format!("{} {settings}", env!("CARGO_PKG_VERSION")).as_bytes());
    let mut short = [0; 8];
    short.copy_from_slice(&digest[..8]);
    short
}

fn document_hash(source: &Source, bytes: &[u8]) -> Vec<u8> {
    let mut hash = settings_hash(source).to_vec();
    hash.extend_from_slice(&Sha256::digest(bytes));
    hash
}

/// The address of what has none; relative links cannot be resolved against it, and nothing is fetched from it.
fn placeless() -> Url {
    Url::parse("file:///").expect("a constant address parses")
}

/// The address of a document, if it has one.
fn address(document: &Document) -> Option<&Url> {
    (document.url.scheme() != "file").then_some(&document.url)
}

fn read_file(path: &Path, base: Option<Url>) -> Result<Document, VisitError> {
    let failed = |error| VisitError::File { path: path.display().to_string(), error };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(std::io::Error::other("not a file")));
    }
    if metadata.len() > feed::BYTES as u64 {
        return Err(VisitError::LargeFile { path: path.display().to_string() });
    }
    Ok(Document {
        bytes: std::fs::read(path).map_err(failed)?,
        url: base.unwrap_or_else(placeless),
        moved_to: None,
        hops: Vec::new(),
        fresh_seconds: None,
        media_type: None,
        charset: None,
        etag: None,
        last_modified: None,
    })
}
