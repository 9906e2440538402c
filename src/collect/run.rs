//! One run over the sources: many at once, each for itself.

use crate::collect::fetch::{Fetch, FetchError};
use crate::collect::habit;
use crate::collect::pictures;
use crate::collect::visit::{Brought, Came, VisitError, Visitor, blocking};
use crate::domain::article::Sighting;
use crate::domain::count::counted;
use crate::domain::newsletter::LinkParameters;
use crate::domain::source::Source;
use crate::domain::tag::Slug;
use crate::store::alarms::Alarm;
use crate::store::sources::{SourceState, StillSame};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use futures_util::StreamExt;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How a run is done.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Sources that are visited at the same time.
    pub at_once: usize,
    /// The usual time between two looks at a source.
    pub every: TimeDelta,
    /// The least time between two pages of one host.
    pub pause: Duration,
    /// Whether only sources are asked for which it is time. Without it a person asks, and all are asked but those that are gone for good.
    pub only_due: bool,
    /// Whether sources that are gone for good are asked, because somebody named them.
    pub is_named: bool,
    /// Whether nothing is kept: the report has the stories instead.
    pub is_trial: bool,
    /// Any number, so that installations do not ask in step.
    pub jitter: u64,
    /// Pictures that files of the editors name.
    pub pictures: Vec<Url>,
    /// What our own newsletters add to links: an address that comes back with it is the one without.
    pub own_links: Vec<LinkParameters>,
    /// The newsroom's clock, for events that name no zone.
    pub zone: Tz,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            at_once: 8,
            every: TimeDelta::minutes(15),
            pause: Duration::from_secs(1),
            only_due: false,
            is_named: false,
            is_trial: false,
            jitter: 0,
            pictures: Vec::new(),
            own_links: Vec::new(),
            zone: Tz::UTC,
        }
    }
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CollectReport {
    /// One for each source, in the order of the configuration.
    pub sources: Vec<SourceReport>,
}

/// What came of visiting one source.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// Files or pages that could not be read, and pictures that were left out, each with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// What an editor should know of the visit: a gap, a site that moved, an API that is closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What it would bring, when nothing was kept.
    #[serde(skip)]
    pub stories: Vec<Sighting>,
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
    /// It said that it is gone for good, and is asked only when it is named.
    Rests,
}

impl CollectReport {
    /// Whether any source could not be read.
    pub fn has_failures(&self) -> bool {
        self.sources.iter().any(|source| source.status == Status::Failed)
    }
}

/// Visits sources and keeps what they show. One bad source never stops or delays the rest; what went wrong is in the report and in the store.
pub async fn collect<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    sources: &[Source],
    now: DateTime<Utc>,
    manner: &Manner,
) -> CollectReport {
    let visits = sources
        .iter()
        .enumerate()
        .map(|(at, source)| async move { (at, visit(store, fetch, source, now, manner).await) });
    let mut visited: Vec<(usize, Visited)> =
        futures_util::stream::iter(visits).buffer_unordered(manner.at_once.max(1)).collect().await;
    visited.sort_by_key(|(at, _)| *at);
    let unchanged = visited.iter().filter_map(|(_, visited)| visited.unchanged).collect();
    let mut reports: Vec<SourceReport> = visited.into_iter().filter_map(|(_, visited)| visited.report).collect();
    if !manner.is_trial {
        finish(store, unchanged, now).await;
        for (slug, problem) in pictures::fetch_new(store, fetch, sources, &manner.pictures, now).await {
            if let Some(report) = reports.iter_mut().find(|report| report.source.as_str() == slug) {
                report.problems.push(problem);
            }
        }
    }
    CollectReport { sources: reports }
}

/// What is noted once for all: sources that had not changed, and words that are remembered no more.
async fn finish(store: &Arc<Store>, unchanged: Vec<StillSame>, now: DateTime<Utc>) {
    let store = store.clone();
    let noted = blocking(move || {
        store.note_unchanged(&unchanged, now)?;
        Ok(store.forget_likeness(now)?)
    });
    if let Err(error) = noted.await {
        tracing::warn!(error = %error, "the visits could not be noted");
    }
}

/// What became of one source in a run.
struct Visited {
    /// None when it was not its time.
    report: Option<SourceReport>,
    /// What is noted of it, if it had not changed.
    unchanged: Option<StillSame>,
}

impl Visited {
    fn reported(report: SourceReport) -> Self {
        Self { report: Some(report), unchanged: None }
    }
}

impl SourceReport {
    fn of(source: &Source, status: Status) -> Self {
        Self {
            source: source.id.clone(),
            status,
            new: 0,
            seen: 0,
            error: None,
            problems: Vec::new(),
            notes: Vec::new(),
            stories: Vec::new(),
        }
    }

    fn brought(source: &Source, brought: Brought) -> Self {
        let Brought { new, seen, problems, notes, stories } = brought;
        Self { new, seen, problems, notes, stories, ..Self::of(source, Status::Ok) }
    }
}

async fn visit<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    now: DateTime<Utc>,
    manner: &Manner,
) -> Visited {
    let failed = |error: &VisitError| SourceReport {
        error: Some(error.to_string()),
        ..SourceReport::of(source, Status::Failed)
    };
    let state = {
        let (store, slug) = (store.clone(), source.id.clone());
        match blocking(move || Ok(store.source_state(&slug)?)).await {
            Ok(state) => state,
            Err(error) => return Visited::reported(failed(&error)),
        }
    };
    if manner.only_due && !state.is_due(now) {
        return Visited { report: None, unchanged: None };
    }
    if let Some(gone_at) = state.gone_at.filter(|_| !manner.is_named) {
        let note = format!(
            "it answered 410 (gone for good) on {} and rests; `week-in-review collect {}` asks it again",
            gone_at.format("%Y-%m-%d"),
            source.id
        );
        return Visited::reported(SourceReport { notes: vec![note], ..SourceReport::of(source, Status::Rests) });
    }
    let visitor = Visitor { store, fetch, source, state: state.clone(), manner, now };
    match visitor.visit().await {
        Ok(Came::Brought(brought)) => {
            clear_alarm(store, FAILING, source);
            if brought.new > 0 {
                clear_alarm(store, SILENT, source);
            } else {
                note_silence(store, source, &state, now);
            }
            Visited::reported(SourceReport::brought(source, brought))
        }
        Ok(Came::Unchanged(same)) => {
            if state.failures > 0 {
                clear_alarm(store, FAILING, source);
            }
            note_silence(store, source, &state, now);
            Visited { report: Some(SourceReport::of(source, Status::Unchanged)), unchanged: Some(same) }
        }
        Err(error) => {
            tracing::warn!(source.id = %source.id, error = %error, "source could not be read");
            if !manner.is_trial {
                note_failure(store, source, &error, now, manner).await;
            }
            Visited::reported(failed(&error))
        }
    }
}

async fn note_failure(store: &Arc<Store>, source: &Source, error: &VisitError, now: DateTime<Utc>, manner: &Manner) {
    let asked = match error {
        VisitError::Fetch(FetchError::Later { seconds, .. }) => Some(*seconds),
        _ => None,
    };
    let is_gone = matches!(error, VisitError::Fetch(FetchError::Status(410)));
    let (store, source, words, every) = (store.clone(), source.clone(), error.to_string(), manner.every);
    let noted = blocking(move || {
        let before = store.source_state(&source.id)?;
        let retry_at = habit::retry_after(now, every, before.failures + 1, asked);
        store.note_failed_visit(before.id, &words, retry_at, now)?;
        if is_gone {
            store.note_gone(before.id, now)?;
        }
        Ok(raise_alarm(&store, &source, is_gone, now)?)
    });
    if let Err(error) = noted.await {
        tracing::warn!(error = %error, "a failure could not be noted");
    }
}

/// The kind of alarm for a source that cannot be read.
const FAILING: &str = "source-failing";
/// The kind of alarm for a source that answers and brings nothing new, against its habit.
const SILENT: &str = "source-silent";

/// Tells the operators of a source that is gone, or has failed for long: once a day, for hours change nothing.
fn raise_alarm(store: &Store, source: &Source, is_gone: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
    let state = store.source_state(&source.id)?;
    let id = source.id.as_str();
    let sentence = if is_gone {
        Some(format!(
            "source \"{id}\" answered 410: it is gone for good and is asked no more; remove it with `sources remove {id}`"
        ))
    } else {
        habit::trouble(id, state.failures, state.last_error.as_deref(), state.last_success_at, now)
    };
    sentence.map_or(Ok(()), |sentence| raise_daily(store, FAILING, id, &sentence, now))
}

/// Tells the operators of a source that answers and has brought nothing new for much longer than it usually does: its feed may have moved, or broken.
fn note_silence(store: &Store, source: &Source, state: &SourceState, now: DateTime<Utc>) {
    let Some(silent) = habit::silence(state.habit, state.last_new_at, now) else { return };
    let id = source.id.as_str();
    let sentence = format!(
        "source \"{id}\" answers but has brought nothing new for {}, against its habit; look with `sources show {id}`",
        counted(silent.num_days(), "day")
    );
    if let Err(error) = raise_daily(store, SILENT, id, &sentence, now) {
        tracing::warn!(error = %error, "an alarm could not be raised");
    }
}

/// Raises an alarm unless that was done within a day: the hours between change nothing.
fn raise_daily(store: &Store, kind: &str, about: &str, sentence: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let is_it = |alarm: &Alarm| alarm.kind == kind && alarm.about == about && now - alarm.last_at < TimeDelta::days(1);
    if store.alarms()?.iter().any(is_it) { Ok(()) } else { store.raise_alarm(kind, about, sentence, now) }
}

fn clear_alarm(store: &Store, kind: &str, source: &Source) {
    if let Err(error) = store.clear_alarm(kind, source.id.as_str()) {
        tracing::warn!(error = %error, "an alarm could not be cleared");
    }
}
