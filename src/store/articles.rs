//! Sightings, their texts, and the articles they are of. Which article a sighting is of is decided by the caller's rules: once for all before
//! anything is written, and again inside the transaction for those that are new, so that two sources cannot both make an article of one story.

mod hand;
mod known;
mod show;

pub use hand::{HandError, Taken};
pub use known::{Known, KnownSighting};
pub use show::{IdentityDecision, InIssue, SightingShown, StoryShown};

use super::sql_types::{json, millis};
use super::{Store, StoreError};
use crate::domain::article::{ArticleId, Sighting};
use chrono::{DateTime, Utc};
use known::{by_keys, by_likeness};
use rusqlite::{OptionalExtension, Transaction, named_params, params};
use std::collections::HashSet;

/// A sighting with what it is compared by.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// What was seen.
    pub sighting: Sighting,
    /// The source's name for it, if that tells it from the source's other stories.
    pub guid_key: Option<String>,
    /// Its canonical address, if that tells it from the source's other stories.
    pub url_key: Option<String>,
    /// Other canonical addresses that lead to it: where a link was redirected from, what a page calls its own.
    pub other_keys: Vec<String>,
}

/// What a sighting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// One that is stored already.
    Same(i64),
    /// One that is stored already, under another name and address; and why it is taken for it.
    Moved(i64, String),
    /// A new one of an article that is known, and why.
    Of(ArticleId, String),
    /// One of an article that nobody has seen, and why.
    New(String),
}

/// The rules by which stories are known again. They are pure, and asked inside the store's transaction.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// What a sighting of a source (its row) is, by what is known that shares something with it.
    pub decide: fn(&Known, &Keyed, i64, DateTime<Utc>) -> Decision,
    /// The bands by which stories are found that may be alike.
    pub bands: fn(&Sighting) -> Vec<i64>,
}

/// What the sightings of one reading are, before anything is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One for each, in order.
    pub decisions: Vec<Decision>,
    /// The stored sightings that the source shows under their known names: none of them has moved.
    pub shown: HashSet<i64>,
}

impl Plan {
    /// Stories that nobody has seen.
    pub fn unknown(&self) -> usize {
        self.decisions.iter().filter(|decision| matches!(decision, Decision::New(_))).count()
    }

    /// Known stories under another name and address.
    pub fn moved(&self) -> usize {
        self.decisions.iter().filter(|decision| matches!(decision, Decision::Moved(..))).count()
    }

    /// Stories that were known by name or address.
    pub fn same(&self) -> usize {
        self.decisions.iter().filter(|decision| matches!(decision, Decision::Same(_))).count()
    }
}

/// When a new article belongs into a window.
pub type Eligible<'a> = &'a dyn Fn(&Sighting) -> DateTime<Utc>;

/// What came of storing sightings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Articles that nobody had seen.
    pub new: u32,
    /// Sightings whose text had changed.
    pub changed: u32,
}

/// Sightings stored in one transaction; more would hold the write lock for too long.
const SLICE: usize = 100;

impl Store {
    /// Decides what the sightings of one reading are; `still_listed` are stored ones that it shows without their text. Writes nothing.
    pub fn plan_sightings(
        &self,
        source: i64,
        seen: &[Keyed],
        still_listed: &[i64],
        now: DateTime<Utc>,
        rules: Rules,
    ) -> Result<Plan, StoreError> {
        let mut decisions = Vec::with_capacity(seen.len());
        let connection = self.reading();
        for keyed in seen {
            decisions.push((rules.decide)(&by_keys(&connection, source, keyed)?, keyed, source, now));
        }
        // What a source shows under its known name has not moved: only the others may be what a new name stands for.
        let shown = shown(&decisions, still_listed);
        for (keyed, decision) in seen.iter().zip(&mut decisions).filter(|(_, d)| matches!(d, Decision::New(_))) {
            let near = by_likeness(&connection, &(rules.bands)(&keyed.sighting), now, &shown)?;
            if !near.is_empty() {
                *decision = (rules.decide)(&Known { near, ..Known::default() }, keyed, source, now);
            }
        }
        Ok(Plan { decisions, shown })
    }

    /// Stores what a source showed, as planned.
    pub fn keep_sightings(
        &self,
        source: i64,
        seen: &[Keyed],
        plan: &Plan,
        now: DateTime<Utc>,
        eligible: Eligible<'_>,
        rules: Rules,
    ) -> Result<Kept, StoreError> {
        let mut kept = Kept::default();
        let mut shown = plan.shown.clone();
        let planned: Vec<(&Keyed, &Decision)> = seen.iter().zip(&plan.decisions).collect();
        for slice in planned.chunks(SLICE) {
            let part = self.writing(|tx| {
                let mut keeping =
                    Keeping { tx, source, now, eligible, rules, shown: &mut shown, kept: Kept::default() };
                slice.iter().try_for_each(|(keyed, planned)| keeping.keep(keyed, planned))?;
                Ok(keeping.kept)
            })?;
            kept.new += part.new;
            kept.changed += part.changed;
        }
        Ok(kept)
    }

    /// Lets go of words that are looked for no more, slice by slice.
    pub fn forget_likeness(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let before = known::oldest_period(now);
        let is_there = self
            .reading()
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM likeness WHERE period < ?1)")?
            .query_row([before], |row| row.get::<_, bool>(0))?;
        let mut more = is_there;
        while more {
            let gone = self.writing(|tx| {
                Ok(tx
                    .prepare_cached(
                        "DELETE FROM likeness WHERE (period, band, sighting) IN
                         (SELECT period, band, sighting FROM likeness WHERE period < ?1 LIMIT 2000)",
                    )?
                    .execute([before])?)
            })?;
            more = gone > 0;
        }
        Ok(())
    }

    /// How many articles are known.
    pub fn article_count(&self) -> Result<u64, StoreError> {
        let connection = self.reading();
        Ok(connection.query_row("SELECT count(*) FROM article WHERE merged_into IS NULL", [], |row| row.get(0))?)
    }
}

/// The stored sightings that a reading shows.
fn shown(decisions: &[Decision], still_listed: &[i64]) -> HashSet<i64> {
    let ids = decisions.iter().filter_map(|decision| match decision {
        Decision::Same(id) => Some(*id),
        _ => None,
    });
    ids.chain(still_listed.iter().copied()).collect()
}

/// One slice of a reading on its way into the store.
struct Keeping<'a, 't> {
    tx: &'a Transaction<'t>,
    source: i64,
    now: DateTime<Utc>,
    eligible: Eligible<'a>,
    rules: Rules,
    shown: &'a mut HashSet<i64>,
    kept: Kept,
}

impl Keeping<'_, '_> {
    fn keep(&mut self, keyed: &Keyed, planned: &Decision) -> Result<(), StoreError> {
        let decision = match planned {
            Decision::Same(_) => planned.clone(),
            _ => self.decide_again(keyed)?,
        };
        let sighting = match decision {
            Decision::Same(id) => {
                self.touch(id, keyed)?;
                id
            }
            Decision::Moved(id, reason) => {
                self.move_to(id, keyed, &reason)?;
                id
            }
            Decision::Of(article, reason) => self.insert_sighting(article, keyed, &reason)?,
            Decision::New(reason) => {
                self.kept.new += 1;
                let article = self.insert_article(&keyed.sighting)?;
                self.insert_sighting(article, keyed, &reason)?
            }
        };
        self.shown.insert(sighting);
        self.note_other_addresses(sighting, &keyed.other_keys)?;
        self.kept.changed += u32::from(append_text(self.tx, sighting, &keyed.sighting, self.now)?);
        Ok(())
    }

    /// Another source may have brought the story since the plan was made.
    fn decide_again(&self, keyed: &Keyed) -> Result<Decision, StoreError> {
        let mut known = by_keys(self.tx, self.source, keyed)?;
        let decision = (self.rules.decide)(&known, keyed, self.source, self.now);
        if !matches!(decision, Decision::New(_)) {
            return Ok(decision);
        }
        known.near = by_likeness(self.tx, &(self.rules.bands)(&keyed.sighting), self.now, self.shown)?;
        Ok((self.rules.decide)(&known, keyed, self.source, self.now))
    }

    fn insert_article(&self, sighting: &Sighting) -> Result<ArticleId, StoreError> {
        let eligible = (self.eligible)(sighting);
        self.tx
            .prepare_cached("INSERT INTO article (eligible_at, first_seen_at, published_at) VALUES (?1, ?2, ?3)")?
            .execute(params![millis(eligible), millis(self.now), sighting.published_at.map(millis)])?;
        Ok(ArticleId(self.tx.last_insert_rowid()))
    }

    fn insert_sighting(&self, article: ArticleId, keyed: &Keyed, reason: &str) -> Result<i64, StoreError> {
        let sighting = &keyed.sighting;
        self.tx.prepare_cached(
            "INSERT INTO sighting (article, source, guid, url, url_key, published_raw, published_at, updated_at, first_seen_at, last_seen_at, reason)
             VALUES (:article, :source, :guid, :url, :url_key, :published_raw, :published_at, :updated_at, :now, :now, :reason)",
        )?
        .execute(named_params! {
            ":article": article.0, ":source": self.source, ":guid": keyed.guid_key, ":url": sighting.url.as_ref().map(url::Url::as_str),
            ":url_key": keyed.url_key, ":published_raw": sighting.published_raw, ":published_at": sighting.published_at.map(millis),
            ":updated_at": sighting.updated_at.map(millis), ":now": millis(self.now), ":reason": reason,
        })?;
        let id = self.tx.last_insert_rowid();
        let mut statement = self.tx.prepare_cached(
            "INSERT INTO likeness (period, band, sighting) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        for band in (self.rules.bands)(sighting) {
            statement.execute(params![known::period(self.now), band, id])?;
        }
        Ok(id)
    }

    /// A story that was seen again: what it was first seen with stays. Its address is written only when it has changed, or an index would be
    /// rewritten for every story of every reading.
    fn touch(&self, id: i64, keyed: &Keyed) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE sighting SET last_seen_at = max(last_seen_at, ?2) WHERE id = ?1")?
            .execute(params![id, millis(self.now)])?;
        self.tx
            .prepare_cached(
                "UPDATE sighting SET updated_at = ?2 WHERE id = ?1 AND updated_at IS NOT ?2 AND ?2 IS NOT NULL",
            )?
            .execute(params![id, keyed.sighting.updated_at.map(millis)])?;
        self.tx
            .prepare_cached("UPDATE sighting SET url = ?2 WHERE id = ?1 AND url IS NOT ?2 AND ?2 IS NOT NULL")?
            .execute(params![id, keyed.sighting.url.as_ref().map(url::Url::as_str)])?;
        self.change_address(id, keyed.url_key.as_deref())
    }

    /// A story whose address has changed keeps the old one as another, for links to it go on coming.
    fn change_address(&self, id: i64, url_key: Option<&str>) -> Result<(), StoreError> {
        let Some(key) = url_key else { return Ok(()) };
        let before: Option<String> = self
            .tx
            .prepare_cached("SELECT url_key FROM sighting WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?
            .flatten();
        if before.as_deref() == Some(key) {
            return Ok(());
        }
        self.tx.prepare_cached("UPDATE sighting SET url_key = ?2 WHERE id = ?1")?.execute(params![id, key])?;
        self.note_other_addresses(id, before.as_slice())
    }

    fn move_to(&self, id: i64, keyed: &Keyed, reason: &str) -> Result<(), StoreError> {
        self.touch(id, keyed)?;
        if let Some(guid) = &keyed.guid_key {
            self.tx.prepare_cached("UPDATE sighting SET guid = ?2 WHERE id = ?1")?.execute(params![id, guid])?;
        }
        self.tx
            .prepare_cached(
                "INSERT INTO identity_decision (at, actor, kind, article, reason, sightings)
                 SELECT ?2, 'collect', 'moved', article, ?3, json_array(id) FROM sighting WHERE id = ?1",
            )?
            .execute(params![id, millis(self.now), reason])?;
        Ok(())
    }

    fn note_other_addresses(&self, sighting: i64, keys: &[String]) -> Result<(), StoreError> {
        for key in keys {
            self.tx
                .prepare_cached("INSERT INTO other_address (url_key, sighting) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute(params![key, sighting])?;
        }
        Ok(())
    }
}

/// Appends a version of the text if it differs from what the source showed last; says whether one existed and differed. What the last look took
/// from a page in between stays, as long as the source only repeats itself.
fn append_text(tx: &Transaction<'_>, sighting: i64, seen: &Sighting, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let text = json(&seen.text)?;
    let latest: Option<String> = tx
        .prepare_cached(
            "SELECT text FROM sighting_text WHERE sighting = ?1 AND origin = 'source' ORDER BY seen_at DESC, id DESC LIMIT 1",
        )?
        .query_row([sighting], |row| row.get(0))
        .optional()?;
    if latest.as_deref() == Some(text.as_str()) {
        return Ok(false);
    }
    tx.prepare_cached("INSERT INTO sighting_text (sighting, seen_at, text) VALUES (?1, ?2, ?3)")?.execute(params![
        sighting,
        millis(now),
        text
    ])?;
    Ok(latest.is_some())
}
