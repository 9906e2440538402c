//! One run over the sources: many at once, each for itself.

use crate::collect::fetch::{Answer, Document, Fetch, FetchError, Request};
use crate::collect::{calendar, feed, folder, identity, pictures};
use crate::domain::article::{Sighting, eligible_at};
use crate::domain::event::Event;
use crate::domain::source::{Place, Source, SourceKind};
use crate::domain::tag::Slug;
use crate::store::sources::{SourceState, Visit};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// Sources that are visited at the same time.
const AT_ONCE: usize = 16;

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectReport {
    /// One for each source, in the order of the configuration.
    pub sources: Vec<SourceReport>,
}

/// What came of visiting one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// Which one.
    pub source: Slug,
    /// Whether it could be read.
    pub status: Status,
    /// Articles or events that nobody had seen.
    pub new: u32,
    /// Articles or events that it shows.
    pub seen: u32,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// Files of a folder that could not be read and pictures that were left out, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// Whether a source could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was read.
    Ok,
    /// It has not changed since the last visit.
    Unchanged,
    /// It could not be read.
    Failed,
}

impl CollectReport {
    /// Whether any source could not be read.
    pub fn has_failures(&self) -> bool {
        self.sources.iter().any(|source| source.status == Status::Failed)
    }
}

/// Why a source could not be read. The source's name is the caller's to say.
#[derive(Debug, thiserror::Error)]
enum VisitError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Feed(#[from] feed::FeedError),
    #[error(transparent)]
    Calendar(#[from] calendar::CalendarError),
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

/// Visits sources and keeps what they show. One bad source never stops or delays the rest; what went wrong is in the report and in the store.
pub async fn collect<F: Fetch>(store: &Arc<Store>, fetch: &F, sources: &[Source], now: DateTime<Utc>) -> CollectReport {
    let visits =
        sources.iter().enumerate().map(|(at, source)| async move { (at, visit(store, fetch, source, now).await) });
    let mut reports: Vec<(usize, SourceReport)> =
        futures_util::stream::iter(visits).buffer_unordered(AT_ONCE).collect().await;
    reports.sort_by_key(|(at, _)| *at);
    let mut sources_reported: Vec<SourceReport> = reports.into_iter().map(|(_, report)| report).collect();
    for (slug, problem) in pictures::fetch_new(store, fetch, sources, now).await {
        if let Some(report) = sources_reported.iter_mut().find(|report| report.source.as_str() == slug) {
            report.problems.push(problem);
        }
    }
    CollectReport { sources: sources_reported }
}

async fn visit<F: Fetch>(store: &Arc<Store>, fetch: &F, source: &Source, now: DateTime<Utc>) -> SourceReport {
    let report = |status, error| SourceReport {
        source: source.id.clone(),
        status,
        new: 0,
        seen: 0,
        error,
        problems: Vec::new(),
    };
    match try_visit(store, fetch, source, now).await {
        Ok(Some(brought)) => SourceReport {
            new: brought.new,
            seen: brought.seen,
            problems: brought.problems,
            ..report(Status::Ok, None)
        },
        Ok(None) => report(Status::Unchanged, None),
        Err(error) => {
            let words = error.to_string();
            tracing::warn!(source.id = %source.id, error = %words, "source could not be read");
            let (store, slug, note) = (store.clone(), source.id.clone(), words.clone());
            let noted = blocking(move || {
                let state = store.source_state(&slug)?;
                Ok(store.note_failed_visit(state.id, &note, now)?)
            });
            if let Err(error) = noted.await {
                tracing::warn!(source.id = %source.id, error = %error, "the failure could not be noted");
            }
            report(Status::Failed, Some(words))
        }
    }
}

#[derive(Debug, Default)]
struct Brought {
    new: u32,
    seen: u32,
    problems: Vec<String>,
}

/// What a source shows, before it is stored.
#[derive(Default)]
struct Shown {
    sightings: Vec<Sighting>,
    events: Option<Vec<Event>>,
    problems: Vec<String>,
    visit: Visit,
}

async fn try_visit<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    now: DateTime<Utc>,
) -> Result<Option<Brought>, VisitError> {
    let state = {
        let (store, slug) = (store.clone(), source.id.clone());
        blocking(move || Ok(store.source_state(&slug)?)).await?
    };
    let document = match &source.kind {
        SourceKind::Feed(Place::Url(url)) | SourceKind::Calendar(Place::Url(url)) => {
            match fetch.fetch(request(source, url, &state)).await? {
                Answer::NotModified => None,
                Answer::Document(document) => Some(*document),
            }
        }
        SourceKind::Feed(Place::File(path)) | SourceKind::Calendar(Place::File(path)) => {
            let (path, base) = (path.clone(), source.base_url.clone());
            Some(blocking(move || read_file(&path, base)).await?)
        }
        SourceKind::Folder(_) => Some(nothing()),
    };
    let (store, source) = (store.clone(), source.clone());
    blocking(move || {
        let Some(document) = document else {
            store.note_unchanged(state.id, now)?;
            return Ok(None);
        };
        let shown = read(&source, &document, &state, now)?;
        if let Some(shown) = shown {
            keep(&store, &state, shown, now).map(Some)
        } else {
            store.note_unchanged(state.id, now)?;
            Ok(None)
        }
    })
    .await
}

/// Runs what computes or writes away from the reactor; a panic in it is this source's trouble alone.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VisitError> + Send + 'static,
) -> Result<T, VisitError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(VisitError::Panicked))
}

fn request(source: &Source, url: &Url, state: &SourceState) -> Request {
    // Validators are of use only while what was made of the answer would be the same today.
    let same = state.body_hash.as_deref().is_some_and(|hash| hash.starts_with(&settings_hash(source)));
    Request {
        url: url.clone(),
        allow_private: source.allow_private,
        etag: state.etag.clone().filter(|_| same),
        last_modified: state.last_modified.clone().filter(|_| same),
        accept: match source.kind {
            SourceKind::Calendar(_) => "text/calendar, */*;q=0.5",
            _ => {
                "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
            }
        },
        bytes: feed::BYTES,
    }
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

fn nothing() -> Document {
    Document {
        url: placeless(),
        moved_to: None,
        bytes: Vec::new(),
        media_type: None,
        charset: None,
        etag: None,
        last_modified: None,
    }
}

/// The address of what has none; relative links cannot be resolved against it, and nothing is fetched from it.
fn placeless() -> Url {
    Url::parse("file:///").expect("a constant address parses")
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
    Ok(Document { bytes: std::fs::read(path).map_err(failed)?, url: base.unwrap_or_else(placeless), ..nothing() })
}

/// Reads what a source shows; `None` when the document is the one that was read last time.
fn read(
    source: &Source,
    document: &Document,
    state: &SourceState,
    now: DateTime<Utc>,
) -> Result<Option<Shown>, VisitError> {
    if let SourceKind::Folder(path) = &source.kind {
        let reading = folder::read(path, source, now)?;
        return Ok(Some(Shown { sightings: reading.sightings, problems: reading.problems, ..Shown::default() }));
    }
    let hash = document_hash(source, &document.bytes);
    if state.first_success_at.is_some() && state.body_hash.as_ref() == Some(&hash) {
        return Ok(None);
    }
    let visit = Visit {
        etag: document.etag.clone(),
        last_modified: document.last_modified.clone(),
        body_hash: Some(hash),
        moved_to: document.moved_to.as_ref().map(Url::to_string),
        brought_new: false,
    };
    if matches!(source.kind, SourceKind::Calendar(_)) {
        let events = calendar::read(&document.bytes, now)?;
        return Ok(Some(Shown { events: Some(events), visit, ..Shown::default() }));
    }
    let address = (document.url.scheme() != "file").then_some(&document.url);
    let parsed = feed::read(&document.bytes, document.charset.as_deref(), address)?;
    Ok(Some(Shown { sightings: feed::sightings(&parsed, source, now), visit, ..Shown::default() }))
}

fn keep(store: &Store, state: &SourceState, shown: Shown, now: DateTime<Utc>) -> Result<Brought, VisitError> {
    let (new, seen) = if let Some(events) = &shown.events {
        (store.keep_events(state.id, events, now)?, events.len())
    } else {
        // What a source shows when it is first connected is its back catalogue: it belongs to the days of its publication.
        let back_catalogue = state.first_success_at.is_none();
        let keyed = identity::key(shown.sightings);
        let plan = store.plan_sightings(state.id, &keyed, now, identity::RULES)?;
        let eligible = |sighting: &Sighting| eligible_at(sighting.published_at, now, back_catalogue);
        (store.keep_sightings(state.id, &keyed, &plan, now, &eligible, identity::RULES)?.new, keyed.len())
    };
    store.note_visit(state.id, &Visit { brought_new: new > 0, ..shown.visit }, now)?;
    Ok(Brought { new, seen: seen as u32, problems: shown.problems })
}
