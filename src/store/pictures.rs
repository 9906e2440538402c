//! Pictures that were fetched and kept, by their SHA-256; links that led to none; and pictures that were withdrawn.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::article::{FoundPicture, Picture, PictureLink, Size};
use crate::domain::issue::Issue;
use crate::domain::source::PictureUse;
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use std::collections::BTreeSet;
use url::Url;

/// A picture in one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The file; empty for a picture that may not be copied.
    pub bytes: Vec<u8>,
}

/// A picture as it was fetched and set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPicture {
    /// For the widest slot.
    pub shown: Rendition,
    /// For a section's slot, where that is smaller.
    pub small: Option<Rendition>,
    /// The media type of the file where it lies.
    pub media_type: &'static str,
    /// Who made it, as the file says.
    pub credit: Option<Line>,
    /// Under what licence, as the file says.
    pub licence: Option<Line>,
}

/// A picture that somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPicture {
    /// Where it lies.
    pub url: Url,
    /// The slug of a source that shows it.
    pub source: String,
    /// Whether it may be copied.
    pub may_copy: bool,
}

/// A link to a picture and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PictureRow {
    /// Where it lies.
    pub url: String,
    /// The source that showed it first.
    pub source: Option<String>,
    /// Its name at `/media/`, if it was kept or measured.
    pub sha256: Option<String>,
    /// Pixels across.
    pub width: Option<u32>,
    /// Pixels down.
    pub height: Option<u32>,
    /// Bytes kept, in all its sizes.
    pub bytes: u64,
    /// Who made it, as the file says.
    pub credit: Option<String>,
    /// Under what licence, as the file says.
    pub licence: Option<String>,
    /// When it was fetched, or tried.
    pub tried_at: DateTime<Utc>,
    /// Why there is none.
    pub problem: Option<String>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// What is known of the bytes behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// They are here: media type and bytes.
    Here(String, Vec<u8>),
    /// They were withdrawn.
    Withdrawn,
    /// Nothing is kept under this name.
    Nowhere,
}

// Whether a picture was withdrawn stands behind its bytes in the row, so it is asked last, or by the index `picture_withdrawn` alone.

/// What is shown of recent stories and was never tried; or was only measured while its source allows copies now.
const WANTED: &str = "
    SELECT json_extract(t.text, '$.picture.url') AS link, src.slug, max(src.slug IN (SELECT value FROM json_each(:copying))) AS may_copy
    FROM article a JOIN sighting s ON s.article = a.id JOIN source src ON src.id = s.source JOIN sighting_text t ON t.sighting = s.id
    WHERE a.eligible_at >= :since AND link IS NOT NULL AND src.slug IN (SELECT value FROM json_each(:showing))
    GROUP BY link
    HAVING NOT EXISTS (
        SELECT 1 FROM picture_link l LEFT JOIN picture p ON p.sha256 = l.sha256
        WHERE l.url = link AND (p.sha256 IS NULL OR NOT may_copy OR length(p.bytes) > 0 OR p.withdrawn_at IS NOT NULL))
    ORDER BY max(a.eligible_at) DESC LIMIT :limit";

/// What editors chose by its address, at the desk, on the command line, or in files (`:named`), and what was not tried since.
const WANTED_BY_HAND: &str = "
    WITH named (link, at) AS (
        SELECT json_extract(h.edit, '$.story.picture.another'), h.seen_at FROM hand h
        WHERE h.seen_at >= :since AND h.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM hand u WHERE u.undoes = h.id)
        UNION ALL SELECT value, 0 FROM json_each(:named)),
    chosen (link, at) AS (SELECT link, max(at) FROM named WHERE link IS NOT NULL GROUP BY link)
    SELECT link FROM chosen
    WHERE NOT EXISTS (
        SELECT 1 FROM picture_link l LEFT JOIN picture p ON p.sha256 = l.sha256
        WHERE l.url = link AND (length(p.bytes) > 0 OR p.withdrawn_at IS NOT NULL OR (p.sha256 IS NULL AND l.tried_at >= at)))
    ORDER BY at DESC LIMIT :limit";

const KEEP: &str = "
    INSERT INTO picture (sha256, media_type, width, height, bytes, fetched_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (sha256) DO NOTHING";

const LINK: &str = "
    INSERT INTO picture_link (url, sha256, small, media_type, credit, licence, source, tried_at, problem)
    VALUES (:url, :sha256, :small, :media_type, :credit, :licence, :source, :now, :problem)
    ON CONFLICT (url) DO UPDATE SET sha256 = excluded.sha256, small = excluded.small, media_type = excluded.media_type,
        credit = excluded.credit, licence = excluded.licence, source = excluded.source, tried_at = excluded.tried_at, problem = excluded.problem";

const WITHDRAWN: &str = "SELECT sha256 FROM picture WHERE withdrawn_at IS NOT NULL";

const SHOWN: &str = "
    SELECT p.sha256, p.media_type, p.width, p.height, l.credit, l.licence, l.media_type, length(p.bytes), s.sha256, s.media_type, s.width, s.height
    FROM picture_link l JOIN picture p ON p.sha256 = l.sha256 LEFT JOIN picture s ON s.sha256 = l.small
    WHERE l.url = ?1 AND p.sha256 NOT IN (SELECT sha256 FROM picture WHERE withdrawn_at IS NOT NULL)";

const LIST: &str = "
    SELECT l.url, l.source, l.sha256, p.width, p.height, coalesce(length(p.bytes), 0) + coalesce(length(s.bytes), 0),
           l.credit, l.licence, l.tried_at, l.problem, p.withdrawn_at
    FROM picture_link l LEFT JOIN picture p ON p.sha256 = l.sha256 LEFT JOIN picture s ON s.sha256 = l.small
    ORDER BY l.tried_at DESC, l.url";

/// Shown by what the public sees of an issue, or by one that is still to go out.
const IN_USE: &str = "
    SELECT EXISTS (SELECT 1 FROM public_story WHERE json_extract(story, '$.picture.sha256') = ?1)
        OR EXISTS (
            SELECT 1 FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.revision, json_each(r.model, '$.stories') s
            WHERE i.state IN ('composed', 'waiting', 'approved', 'held') AND json_extract(s.value, '$.picture.sha256') = ?1)";

/// All sizes of the pictures that a name or address stands for.
const SIZES: &str = "
    SELECT sha256 FROM picture_link WHERE ?1 IN (url, sha256, small) AND sha256 IS NOT NULL
    UNION SELECT small FROM picture_link WHERE ?1 IN (url, sha256, small) AND small IS NOT NULL
    UNION SELECT sha256 FROM picture WHERE sha256 = ?1";

impl WantedPicture {
    /// The name that stands in the place of a source's where an editor chose a picture.
    const HAND: &str = "hand";

    /// A picture that an editor chose by its address: they answer for its being copied.
    pub fn of_hand(url: Url) -> Self {
        Self { url, source: Self::HAND.to_owned(), may_copy: true }
    }
}

impl Store {
    /// Pictures that editors chose by their address and that are not here yet.
    pub fn pictures_wanted_by_hand(
        &self,
        named: &[Url],
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<WantedPicture>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(WANTED_BY_HAND)?;
        let named: Vec<&str> = named.iter().map(Url::as_str).collect();
        let parameters = named_params! {
            ":named": serde_json::to_string(&named).unwrap_or_default(), ":since": millis(since), ":limit": limit as i64,
        };
        let links = statement.query_map(parameters, |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(links.iter().filter_map(|link| Url::parse(link).ok()).map(WantedPicture::of_hand).collect())
    }

    /// Pictures of recent stories that were never tried, the latest first; only those of sources whose pictures are shown at all.
    pub fn pictures_wanted(
        &self,
        uses: &[(&str, PictureUse)],
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<WantedPicture>, StoreError> {
        let slugs = |wanted: fn(PictureUse) -> bool| {
            let slugs: Vec<&str> = uses.iter().filter(|(_, how)| wanted(*how)).map(|(slug, _)| *slug).collect();
            serde_json::to_string(&slugs).unwrap_or_default()
        };
        let connection = self.reading();
        let mut statement = connection.prepare_cached(WANTED)?;
        let parameters = named_params! {
            ":copying": slugs(|how| how == PictureUse::Copy),
            ":showing": slugs(|how| how != PictureUse::None),
            ":since": millis(since),
            ":limit": limit as i64,
        };
        let rows: Vec<(String, String, bool)> = statement
            .query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        Ok(rows
            .into_iter()
            .filter_map(|(link, source, may_copy)| {
                Some(WantedPicture { url: Url::parse(&link).ok()?, source, may_copy })
            })
            .collect())
    }

    /// Keeps a picture, or the reason why a link led to none.
    pub fn keep_picture(
        &self,
        wanted: &WantedPicture,
        outcome: &Result<NewPicture, String>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let picture = outcome.as_ref().ok();
        self.writing(|tx| {
            for size in picture.into_iter().flat_map(|picture| std::iter::once(&picture.shown).chain(&picture.small)) {
                tx.execute(
                    KEEP,
                    params![size.sha256, size.media_type, size.width, size.height, size.bytes, millis(now)],
                )?;
            }
            tx.execute(
                LINK,
                named_params! {
                    ":url": wanted.url.as_str(),
                    ":sha256": picture.map(|picture| &picture.shown.sha256),
                    ":small": picture.and_then(|picture| picture.small.as_ref()).map(|small| &small.sha256),
                    ":media_type": picture.map(|picture| picture.media_type),
                    ":credit": picture.and_then(|picture| picture.credit.as_ref()).map(Line::as_str),
                    ":licence": picture.and_then(|picture| picture.licence.as_ref()).map(Line::as_str),
                    ":source": wanted.source,
                    ":now": millis(now),
                    ":problem": outcome.as_ref().err(),
                },
            )?;
            Ok(())
        })
    }

    /// What is kept under a name.
    pub fn kept_picture(&self, sha256: &str) -> Result<Kept, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT media_type, bytes, withdrawn_at IS NOT NULL FROM picture WHERE sha256 = ?1")?;
        let found: Option<(String, Vec<u8>, bool)> =
            statement.query_row([sha256], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        Ok(match found {
            Some((_, _, true)) => Kept::Withdrawn,
            Some((media_type, bytes, false)) if !bytes.is_empty() => Kept::Here(media_type, bytes),
            _ => Kept::Nowhere,
        })
    }

    /// The bytes of a kept picture, unless it was withdrawn, with its media type.
    pub fn picture_bytes(&self, sha256: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        Ok(match self.kept_picture(sha256)? {
            Kept::Here(media_type, bytes) => Some((media_type, bytes)),
            Kept::Withdrawn | Kept::Nowhere => None,
        })
    }

    /// Every link to a picture that was followed, the latest first.
    pub fn pictures(&self) -> Result<Vec<PictureRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LIST)?;
        let rows = statement.query_map([], picture_row)?.collect::<Result<Vec<_>, _>>()?;
        Ok(rows)
    }

    /// Whether a page or an issue that is still to go out shows a picture.
    pub fn is_picture_in_use(&self, sha256: &str) -> Result<bool, StoreError> {
        Ok(self.reading().prepare_cached(IN_USE)?.query_row([sha256], |row| row.get(0))?)
    }

    /// Withdraws a picture in all its sizes, by a name or the address where it was found: it stands in no issue, page or later mail any more, and
    /// its bytes are gone. Gives back the names; none if nothing was known. What was withdrawn stays so.
    pub fn withdraw_picture(&self, name: &str, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        self.writing(|tx| {
            let names: Vec<String> =
                tx.prepare_cached(SIZES)?.query_map([name], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for sha256 in &names {
                tx.execute(
                    "UPDATE picture SET withdrawn_at = coalesce(withdrawn_at, ?2), bytes = x'' WHERE sha256 = ?1",
                    params![sha256, millis(now)],
                )?;
            }
            Ok(names)
        })
    }

    /// An issue as it may be shown: without the pictures that were withdrawn since it was composed.
    pub fn without_withdrawn(&self, mut issue: Issue) -> Result<Issue, StoreError> {
        hide(&withdrawn(&self.reading())?, &mut issue);
        Ok(issue)
    }
}

/// The pictures that were withdrawn, by their hash.
pub(super) fn withdrawn(connection: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = connection.prepare_cached(WITHDRAWN)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Takes pictures out of an issue that were withdrawn since it was composed.
pub(super) fn hide(withdrawn: &BTreeSet<String>, issue: &mut Issue) {
    for story in &mut issue.stories {
        story.picture = story.picture.take().filter(|picture| !withdrawn.contains(&picture.sha256));
    }
}

/// The picture behind a story's link, if it was fetched and not withdrawn. Where it lies stays known: whether it is shown from there is settled by
/// its source when an issue is composed.
pub(super) fn of_link(connection: &Connection, link: &PictureLink) -> Result<Option<FoundPicture>, StoreError> {
    let mut statement = connection.prepare_cached(SHOWN)?;
    let found = statement
        .query_row([link.url.as_str()], |row| {
            let line =
                |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(at)?.map(|text| Line::clean(&text)));
            let media_type: Option<String> = row.get(6)?;
            let showable =
                matches!(media_type.as_deref(), Some("image/png" | "image/jpeg")) && link.url.scheme() == "https";
            let picture = Picture {
                sha256: row.get(0)?,
                media_type: row.get(1)?,
                width: row.get(2)?,
                height: row.get(3)?,
                alt: link.alt.clone(),
                credit: link.credit.clone().or(line(4)?),
                licence: line(5)?,
                small: small(row)?,
                link: None,
            };
            let lies_at = showable.then(|| link.url.clone());
            Ok(FoundPicture { picture, is_kept: row.get::<_, u64>(7)? > 0, lies_at })
        })
        .optional()?;
    Ok(found)
}

fn small(row: &Row<'_>) -> rusqlite::Result<Option<Size>> {
    let Some(sha256) = row.get::<_, Option<String>>(8)? else { return Ok(None) };
    Ok(Some(Size { sha256, media_type: row.get(9)?, width: row.get(10)?, height: row.get(11)? }))
}

fn picture_row(row: &Row<'_>) -> rusqlite::Result<PictureRow> {
    Ok(PictureRow {
        url: row.get(0)?,
        source: row.get(1)?,
        sha256: row.get(2)?,
        width: row.get(3)?,
        height: row.get(4)?,
        bytes: row.get(5)?,
        credit: row.get(6)?,
        licence: row.get(7)?,
        tried_at: instant(row.get(8)?),
        problem: row.get(9)?,
        withdrawn_at: row.get::<_, Option<i64>>(10)?.map(instant),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-20T17:00:00Z".parse().unwrap()
    }

    fn wanted() -> WantedPicture {
        WantedPicture { url: "https://wire.example/a.jpg".parse().unwrap(), source: "wire".into(), may_copy: true }
    }

    fn size(letter: &str, bytes: &[u8]) -> Rendition {
        Rendition { sha256: letter.repeat(64), media_type: "image/png", width: 640, height: 360, bytes: bytes.to_vec() }
    }

    fn picture() -> NewPicture {
        NewPicture {
            shown: size("a", b"wide"),
            small: Some(size("b", b"small")),
            media_type: "image/jpeg",
            credit: Some(Line::clean("Ada Ray")),
            licence: None,
        }
    }

    #[test]
    fn a_withdrawn_picture_is_gone_in_all_its_sizes_by_any_of_its_names() {
        for name in ["https://wire.example/a.jpg".to_owned(), "a".repeat(64), "b".repeat(64)] {
            let store = Store::in_memory().unwrap();
            store.keep_picture(&wanted(), &Ok(picture()), now()).unwrap();
            assert_eq!(store.picture_bytes(&"b".repeat(64)).unwrap().unwrap().1, b"small");
            assert_eq!(store.withdraw_picture(&name, now()).unwrap(), ["a".repeat(64), "b".repeat(64)]);
            for sha256 in ["a".repeat(64), "b".repeat(64)] {
                assert_eq!(store.kept_picture(&sha256).unwrap(), Kept::Withdrawn);
            }
            // Fetched again, it stays withdrawn.
            store.keep_picture(&wanted(), &Ok(picture()), now()).unwrap();
            assert_eq!(store.kept_picture(&"a".repeat(64)).unwrap(), Kept::Withdrawn);
            assert_eq!(store.pictures().unwrap()[0].withdrawn_at, Some(now()));
        }
    }

    #[test]
    fn which_pictures_were_withdrawn_is_answered_without_their_bytes() {
        let store = Store::in_memory().unwrap();
        for asked in [WITHDRAWN, SHOWN] {
            let connection = store.reading();
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {asked}")).unwrap();
            let parameters: &[&str] = if asked == SHOWN { &["https://wire.example/a.jpg"] } else { &[] };
            let rows =
                statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = rows.map(Result::unwrap).collect();
            assert!(plan.iter().any(|step| step.contains("USING COVERING INDEX picture_withdrawn")), "{plan:?}");
        }
    }

    #[test]
    fn an_unknown_name_withdraws_nothing() {
        assert!(Store::in_memory().unwrap().withdraw_picture("https://wire.example/b.jpg", now()).unwrap().is_empty());
    }

    #[test]
    fn why_a_link_led_to_none_is_kept() {
        let store = Store::in_memory().unwrap();
        store.keep_picture(&wanted(), &Err("not a picture".to_owned()), now()).unwrap();
        let row = store.pictures().unwrap().remove(0);
        assert_eq!((row.problem.as_deref(), row.sha256, row.bytes), (Some("not a picture"), None, 0));
    }
}
