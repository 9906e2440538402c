//! Corrections of issues: the letter that goes once to whom has the issue, as rows of the same ledger, and what the next issue prints first.

use super::issues::{LOCAL, Variant, append_revision, insert_variants};
use super::recipients::open_lanes;
use super::sql_types::{instant, json, millis};
use super::{Store, StoreError};
use crate::domain::issue::{Issue, IssueId};
use crate::domain::subscriber::Format;
use crate::domain::text::Language;
use chrono::{DateTime, Timelike, Utc};
use rusqlite::{OptionalExtension, Transaction, named_params, params};

/// What somebody wrote about an issue that was wrong.
#[derive(Debug, Clone, Copy)]
pub struct NewCorrection<'a> {
    /// The issue that was wrong.
    pub corrects: IssueId,
    /// In Markdown.
    pub note: &'a str,
    /// Who wrote it.
    pub actor: &'a str,
    /// Whether the next issue prints it.
    pub in_next: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// The letter of a correction, rendered.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its content.
    pub issue: Issue,
    /// Its renderings.
    pub variants: Vec<Variant>,
    /// For each language and format that its readers want, the rendering.
    pub wishes: Vec<(Language, Format, usize)>,
}

/// A correction as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRow {
    /// When it was written.
    pub at: DateTime<Utc>,
    /// In Markdown.
    pub note: String,
    /// The letter, if it was mailed.
    pub letter: Option<IssueId>,
    /// Whether the next issue prints it.
    pub in_next: bool,
}

/// Why a correction was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionRefusal {
    /// The same was said at that instant.
    Said(DateTime<Utc>),
    /// Readers changed what they want while the letter was rendered.
    NewWishes,
    /// Another was written in this very second.
    TooFast,
}

/// Who has an issue: a relay took it for them.
const HAVE_IT: &str = "
    SELECT DISTINCT r.subscriber FROM issue_recipient r
    WHERE r.issue = :corrects AND EXISTS (
        SELECT 1 FROM outcome o WHERE o.issue = r.issue AND o.lane = r.lane AND o.seq = r.seq AND o.state = 1)";

/// Whether the subscriber `s` may be mailed about `:corrects`: two rows found by their keys, so that a long list is walked once.
const MAY_BE_MAILED: &str = "
    s.erased_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM suppression p WHERE p.hash = s.hash)
    AND EXISTS (
        SELECT 1 FROM subscription b
        WHERE b.subscriber = s.id AND b.newsletter = (SELECT newsletter FROM issue WHERE id = :corrects)
          AND (b.status = 'active' OR (b.status = 'paused' AND b.paused_until <= :now)))";

/// What the next issue prints: what was written since the one before it was composed for the last time.
const FOR_NEXT: &str = "
    SELECT i.number, c.note FROM correction c JOIN issue i ON i.id = c.corrects
    WHERE i.newsletter = :newsletter AND i.number < :number AND c.in_next = 1 AND c.at <= :as_of AND c.at > coalesce((
        SELECT max(r.composed_at) FROM issue p JOIN revision r ON r.issue = p.id
        WHERE p.newsletter = :newsletter AND p.number < :number AND p.sent_revision IS NOT NULL), 0)
    ORDER BY c.at, c.id";

impl Store {
    /// How many of those who have an issue may be mailed now, and which languages and formats all who have it want: who left is skipped only when it is
    /// their turn, and may be back by then. `language` is the newsletter's own.
    pub fn readers_of(
        &self,
        issue: IssueId,
        language: &Language,
        now: DateTime<Utc>,
    ) -> Result<(u64, Vec<(Language, Format)>), StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare(&format!(
            "SELECT coalesce(s.language, :language), s.format, sum({MAY_BE_MAILED}) FROM ({HAVE_IT}) h JOIN subscriber s ON s.id = h.subscriber
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        ))?;
        let parameters = named_params! {":corrects": issue.0, ":language": language.as_str(), ":now": millis(now)};
        let rows = statement
            .query_map(parameters, |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, u64>(2)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let unexpected = |what: &str| StoreError::Unexpected(format!("a subscriber has the unreadable wish {what:?}"));
        let wishes = rows.iter().map(|(language, format, _)| {
            let language = Language::parse(language).map_err(|_| unexpected(language))?;
            Ok((language, Format::parse(format).ok_or_else(|| unexpected(format))?))
        });
        let wishes = wishes.collect::<Result<Vec<_>, StoreError>>()?;
        Ok((rows.iter().map(|(.., readers)| readers).sum(), wishes))
    }

    /// Keeps a correction and its letter, whose recipients are those who have the issue, in one transaction; from then on the letter is being sent.
    pub fn insert_correction(
        &self,
        new: &NewCorrection<'_>,
        letter: &Letter,
    ) -> Result<Result<IssueId, CorrectionRefusal>, StoreError> {
        let model = json(&letter.issue)?;
        self.writing(|tx| {
            if let Some(at) = said(tx, new)? {
                return Ok(Err(CorrectionRefusal::Said(at)));
            }
            if !all_are_served(tx, new.corrects, letter)? {
                return Ok(Err(CorrectionRefusal::NewWishes));
            }
            let Some((id, newsletter)) = insert_letter(tx, new)? else { return Ok(Err(CorrectionRefusal::TooFast)) };
            append_revision(tx, id, newsletter, &letter.issue, &model, new.at)?;
            let rows = insert_variants(tx, id, 1, &letter.variants)?;
            for (language, format, at) in &letter.wishes {
                tx.execute(
                    "INSERT INTO variant_choice (issue, choice, language, format, variant) VALUES (?1, '', ?2, ?3, ?4)",
                    params![id.0, language.as_str(), format.as_str(), rows[*at]],
                )?;
            }
            fill(tx, id, new.corrects, &letter.issue.newsletter.language)?;
            put(tx, new, Some(id))?;
            Ok(Ok(id))
        })
    }

    /// Keeps a correction that nobody is written to about: the next issue prints it. False where the same was said before.
    pub fn announce_correction(&self, new: &NewCorrection<'_>) -> Result<bool, StoreError> {
        self.writing(|tx| match said(tx, new)? {
            Some(_) => Ok(false),
            None => put(tx, new, None).map(|()| true),
        })
    }

    /// Takes the corrections of an issue off the next one, or puts them there again. How many.
    pub fn offer_corrections(&self, issue: IssueId, in_next: bool) -> Result<usize, StoreError> {
        self.writing(|tx| {
            Ok(tx.execute(
                "UPDATE correction SET in_next = ?2 WHERE corrects = ?1 AND in_next <> ?2",
                params![issue.0, in_next],
            )?)
        })
    }

    /// The corrections of an issue, oldest first.
    pub fn corrections_of(&self, issue: IssueId) -> Result<Vec<CorrectionRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT at, note, letter, in_next FROM correction WHERE corrects = ?1 ORDER BY at, id")?;
        let rows = statement.query_map([issue.0], |row| {
            Ok(CorrectionRow {
                at: instant(row.get(0)?),
                note: row.get(1)?,
                letter: row.get::<_, Option<i64>>(2)?.map(IssueId),
                in_next: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What an issue with a number prints first: the numbers of the issues that were wrong, with the notes.
    pub fn corrections_for(
        &self,
        newsletter: u16,
        number: u32,
        as_of: DateTime<Utc>,
    ) -> Result<Vec<(u32, String)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(FOR_NEXT)?;
        let parameters = named_params! {":newsletter": newsletter, ":number": number, ":as_of": millis(as_of)};
        let rows = statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn said(tx: &Transaction<'_>, new: &NewCorrection<'_>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let at: Option<i64> = tx
        .query_row(
            "SELECT at FROM correction WHERE corrects = ?1 AND note = ?2",
            params![new.corrects.0, new.note],
            |row| row.get(0),
        )
        .optional()?;
    Ok(at.map(instant))
}

fn put(tx: &Transaction<'_>, new: &NewCorrection<'_>, letter: Option<IssueId>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO correction (corrects, at, note, actor, letter, in_next) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![new.corrects.0, millis(new.at), new.note, new.actor, letter.map(|letter| letter.0), new.in_next],
    )?;
    Ok(())
}

fn all_are_served(tx: &Transaction<'_>, corrects: IssueId, letter: &Letter) -> Result<bool, StoreError> {
    let own = letter.issue.newsletter.language.as_str();
    let mut statement = tx.prepare(&format!(
        "SELECT DISTINCT coalesce(s.language, :language), s.format FROM ({HAVE_IT}) h JOIN subscriber s ON s.id = h.subscriber"
    ))?;
    let mut rows = statement.query(named_params! {":corrects": corrects.0, ":language": own})?;
    while let Some(row) = rows.next()? {
        let (language, format): (String, String) = (row.get(0)?, row.get(1)?);
        let serves =
            |(known, form, _): &(Language, Format, usize)| known.as_str() == language && form.as_str() == format;
        if !letter.wishes.iter().any(serves) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The letter's row. It is due when its issue was, and its window is empty, so that no schedule and no window of the newsletter moves; its name is the
/// second in which it was written, at which no issue is due: those are at whole minutes.
fn insert_letter(tx: &Transaction<'_>, new: &NewCorrection<'_>) -> Result<Option<(IssueId, u16)>, StoreError> {
    let local = new.at.naive_utc();
    let local = local.with_second(local.second().max(1)).unwrap_or(local);
    let inserted = tx.execute(
        "INSERT INTO issue (newsletter, occurrence_local, occurrence_zone, due_at, window_from, window_to, state, composed_at, frozen_at, sent_revision, corrects)
         SELECT newsletter, :local, 'UTC', due_at, window_to, window_to, 'sending', :now, :now, 1, id FROM issue WHERE id = :corrects
         ON CONFLICT (newsletter, occurrence_local, occurrence_zone) DO NOTHING",
        named_params! {":local": local.format(LOCAL).to_string(), ":now": millis(new.at), ":corrects": new.corrects.0},
    )?;
    if inserted == 0 {
        return Ok(None);
    }
    let id = IssueId(tx.last_insert_rowid());
    let newsletter = tx.query_row("SELECT newsletter FROM issue WHERE id = ?1", [id.0], |row| row.get(0))?;
    Ok(Some((id, newsletter)))
}

fn fill(tx: &Transaction<'_>, id: IssueId, corrects: IssueId, language: &Language) -> Result<(), StoreError> {
    tx.execute(
        &format!(
            "INSERT INTO issue_recipient (issue, lane, seq, subscriber, variant)
             SELECT :issue, s.lane, row_number() OVER (PARTITION BY s.lane ORDER BY c.variant, s.id), s.id, c.variant
             FROM ({HAVE_IT}) h JOIN subscriber s ON s.id = h.subscriber
             JOIN variant_choice c ON c.issue = :issue AND c.choice = '' AND c.language = coalesce(s.language, :language) AND c.format = s.format"
        ),
        named_params! {":issue": id.0, ":corrects": corrects.0, ":language": language.as_str()},
    )?;
    open_lanes(tx, id)
}
