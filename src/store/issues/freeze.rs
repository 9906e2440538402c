//! The renderings of an issue, and the moment from which they and their recipients change no more.

use crate::domain::fit::Fit;
use crate::domain::issue::IssueId;
use crate::domain::subscriber::Format;
use crate::domain::text::Language;
use crate::store::recipients::{self, Filled, Wish};
use crate::store::sql_types::{from_json, json, millis};
use crate::store::{Store, StoreError, archive, ledger};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};

/// One rendering, with slots for what differs per reader.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// What made it distinct: the cut's key.
    pub cut_key: String,
    /// Language of the fixed texts.
    pub language: Language,
    /// Whether the reader wants HTML and text, or text alone.
    pub format: Format,
    /// The subject line.
    pub subject: String,
    /// The HTML document; empty for text alone.
    pub html: String,
    /// The text part.
    pub text: String,
    /// How many stories are printed.
    pub stories: usize,
    /// What was done so that it fits.
    pub fit: Fit,
}

/// Why an issue was not frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreezeRefusal {
    /// It is held, cancelled, frozen already, or changed since it was approved.
    NotApproved,
    /// Somebody chose topics for which nothing was rendered yet.
    NewWishes,
}

impl Store {
    /// One variant by its row.
    pub fn variant(&self, id: i64) -> Result<Option<Variant>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT cut_key, language, format, subject, html, text, stories, fit FROM variant WHERE id = ?1",
        )?;
        statement.query_row([id], |row| Ok(variant(row))).optional()?.transpose()
    }

    /// How those renderings of a frozen issue came to fit that had to give something up.
    pub fn trimmed_variants(&self, issue: IssueId) -> Result<Vec<Fit>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT fit FROM variant WHERE issue = ?1 ORDER BY id")?;
        let fits: Vec<String> = statement.query_map([issue.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let fits = fits.iter().map(|fit| from_json::<Fit>(fit)).collect::<Result<Vec<_>, _>>()?;
        Ok(fits.into_iter().filter(|fit| fit.is_trimmed() || !fit.fits()).collect())
    }

    /// How many variants an issue's frozen revision has.
    pub fn variant_count(&self, issue: IssueId) -> Result<u64, StoreError> {
        let connection = self.reading();
        Ok(connection.query_row("SELECT count(*) FROM variant WHERE issue = ?1", [issue.0], |row| row.get(0))?)
    }

    /// Freezes an issue: its variants, who gets which, and its recipients, in one transaction. Refused when readers' choices changed since
    /// `variants` were made (`FreezeRefusal::NewWishes`: render those too and try again) or when the issue is not approved any more. `language` is
    /// the newsletter's own.
    pub fn freeze_issue(
        &self,
        id: IssueId,
        variants: &[Variant],
        wishes: &[(Wish, Option<usize>)],
        language: &Language,
        now: DateTime<Utc>,
    ) -> Result<Result<Filled, FreezeRefusal>, StoreError> {
        let frozen = self.writing(|tx| {
            let found: Option<(u16, i64, bool)> = tx
                .query_row(
                    "SELECT i.newsletter, i.revision, i.approved_hash IS r.hash
                     FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.revision
                     WHERE i.id = ?1 AND i.state = 'approved' AND i.frozen_at IS NULL",
                    [id.0],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let Some((newsletter, revision, true)) = found else { return Ok(Err(FreezeRefusal::NotApproved)) };
            let rows = insert_variants(tx, id, revision, variants)?;
            for (wish, variant) in wishes {
                tx.execute(
                    "INSERT OR REPLACE INTO variant_choice (issue, choice, language, format, variant) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id.0, wish.choice_key, wish.language.as_str(), wish.format.as_str(), variant.map(|at| rows[at])],
                )?;
            }
            let filled = recipients::fill_recipients(tx, id, newsletter, language, now)?;
            ledger::take_current_revision(tx, id, newsletter, language, now)?;
            archive::unlist(tx, id)?;
            tx.execute(
                "UPDATE issue SET state = 'sending', reason = NULL, frozen_at = ?2, sent_revision = revision WHERE id = ?1",
                params![id.0, millis(now)],
            )?;
            Ok(Ok(filled))
        });
        match frozen {
            Err(StoreError::NewWish) => Ok(Err(FreezeRefusal::NewWishes)),
            frozen => frozen,
        }
    }
}

pub(in crate::store) fn insert_variants(
    tx: &Transaction<'_>,
    id: IssueId,
    revision: i64,
    variants: &[Variant],
) -> Result<Vec<i64>, StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO variant (issue, revision, cut_key, language, format, subject, html, text, stories, fit)
         VALUES (:issue, :revision, :cut_key, :language, :format, :subject, :html, :text, :stories, :fit)
         ON CONFLICT (issue, revision, cut_key, language, format) DO UPDATE SET stories = excluded.stories RETURNING id",
    )?;
    let mut rows = Vec::with_capacity(variants.len());
    for variant in variants {
        rows.push(statement.query_row(
            named_params! {
                ":issue": id.0, ":revision": revision, ":cut_key": variant.cut_key, ":language": variant.language.as_str(),
                ":format": variant.format.as_str(), ":subject": variant.subject, ":html": variant.html, ":text": variant.text,
                ":stories": variant.stories as i64, ":fit": json(&variant.fit)?,
            },
            |row| row.get(0),
        )?);
    }
    Ok(rows)
}

fn variant(row: &Row<'_>) -> Result<Variant, StoreError> {
    let language: String = row.get(1)?;
    let format: String = row.get(2)?;
    Ok(Variant {
        cut_key: row.get(0)?,
        language: Language::parse(&language).map_err(|error| StoreError::Unexpected(error.to_string()))?,
        format: Format::parse(&format).ok_or_else(|| StoreError::Unexpected(format!("format {format:?}")))?,
        subject: row.get(3)?,
        html: row.get(4)?,
        text: row.get(5)?,
        stories: row.get::<_, i64>(6)? as usize,
        fit: from_json(&row.get::<_, String>(7)?)?,
    })
}
