//! Who gets an issue: the rows that the freeze writes, and the single one that is added later. Holds no address and sends nothing.

use super::sql_types::millis;
use super::{Store, StoreError};
use crate::domain::issue::{Choice, IssueId};
use crate::domain::subscriber::{Format, SubscriberId};
use crate::domain::text::Language;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::FromSql;
use rusqlite::{OptionalExtension, Transaction, ffi, named_params, params};
use std::collections::HashMap;
use std::sync::PoisonError;

/// A distinct wish among the recipients-to-be, and how many share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which topics.
    pub choice: Choice,
    /// The same as it is stored: what a `variant_choice` row has to hold to be found.
    pub choice_key: String,
    /// The language of the fixed texts.
    pub language: Language,
    /// HTML with a text part, or text alone.
    pub format: Format,
    /// How many recipients-to-be.
    pub readers: u64,
}

/// Wishes as they were counted.
#[derive(Debug)]
pub(super) struct Counted {
    newsletter: u16,
    language: Language,
    at: DateTime<Utc>,
    wishes: Vec<Wish>,
}

/// So long wishes are as good as counted anew.
const LATELY: TimeDelta = TimeDelta::minutes(1);

/// What the freeze wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filled {
    /// Recipients.
    pub recipients: u64,
    /// Subscribers for whom the issue holds nothing they chose.
    pub nothing: u64,
}

/// Who may be mailed now: confirmed, not paused any more, not suppressed, not erased, not waiting for their turn. `:newsletter`, `:language` (the newsletter's own) and `:now`.
const ELIGIBLE: &str = "
    SELECT s.id, s.lane, b.choice, coalesce(s.language, :language) AS language, s.format
    FROM subscription b
    JOIN subscriber s ON s.id = b.subscriber
    WHERE b.newsletter = :newsletter
      AND (b.status = 'active' OR (b.status = 'paused' AND b.paused_until <= :now))
      AND s.erased_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM suppression p WHERE p.hash = s.hash)
      AND NOT EXISTS (SELECT 1 FROM arriving a WHERE a.newsletter = b.newsletter AND a.subscriber = b.subscriber)";

/// And has no row in `:issue` yet: whoever was claimed before an issue was reopened keeps what they got.
const AND_NEW: &str =
    " AND NOT EXISTS (SELECT 1 FROM issue_recipient r WHERE r.issue = :issue AND r.subscriber = s.id)";

impl Store {
    /// The distinct wishes of all who may be mailed now, the most shared first. `language` is the newsletter's own.
    pub fn wishes(&self, newsletter: u16, language: &Language, now: DateTime<Utc>) -> Result<Vec<Wish>, StoreError> {
        let wishes = self.count_wishes(newsletter, language, now)?;
        let counted = Counted { newsletter, language: language.clone(), at: now, wishes: wishes.clone() };
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
        Ok(wishes)
    }

    /// The same as they were a moment ago, if this process has counted them then: for a freeze, which follows the check of an issue at once and finds
    /// out itself when somebody has a wish that is not among them. Each look at a long list is a good part of what passes before the first mail.
    pub fn wishes_lately(
        &self,
        newsletter: u16,
        language: &Language,
        now: DateTime<Utc>,
    ) -> Result<Vec<Wish>, StoreError> {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner).take();
        let is_good = |counted: &Counted| {
            let age = now - counted.at;
            counted.newsletter == newsletter
                && counted.language == *language
                && age >= TimeDelta::zero()
                && age < LATELY
        };
        match counted.filter(is_good) {
            Some(counted) => Ok(counted.wishes),
            None => self.count_wishes(newsletter, language, now),
        }
    }

    fn count_wishes(&self, newsletter: u16, language: &Language, now: DateTime<Utc>) -> Result<Vec<Wish>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!("SELECT choice, language, format FROM ({ELIGIBLE})"))?;
        let parameters =
            named_params! { ":newsletter": newsletter, ":language": language.as_str(), ":now": millis(now) };
        let mut rows = statement.query(parameters)?;
        // Counted here: SQLite would sort the whole list to find a few dozen distinct wishes.
        let mut counts: HashMap<String, u64> = HashMap::new();
        let mut wish = String::new();
        while let Some(row) = rows.next()? {
            wish.clear();
            for column in 0..3 {
                wish.push_str(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?);
                wish.push(BETWEEN);
            }
            match counts.get_mut(wish.as_str()) {
                Some(readers) => *readers += 1,
                None => drop(counts.insert(wish.clone(), 1)),
            }
        }
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_by(|(one, some), (other, others)| others.cmp(some).then_with(|| one.cmp(other)));
        counts.iter().map(|(wish, readers)| stored_wish(wish, *readers)).collect()
    }

    /// How many may be mailed now.
    pub fn eligible_count(&self, newsletter: u16, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.of_eligible(&format!("SELECT count(*) FROM ({ELIGIBLE})"), newsletter, now)
    }

    /// Whether anybody may be mailed now.
    pub fn has_eligible(&self, newsletter: u16, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.of_eligible(&format!("SELECT EXISTS ({ELIGIBLE})"), newsletter, now)
    }

    /// One value about all who may be mailed now.
    fn of_eligible<T: FromSql>(&self, question: &str, newsletter: u16, now: DateTime<Utc>) -> Result<T, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(question)?;
        let parameters = named_params! { ":newsletter": newsletter, ":language": "", ":now": millis(now) };
        Ok(statement.query_row(parameters, |row| row.get(0))?)
    }

    /// For how many subscribers an issue held nothing that they chose.
    pub fn nothing_count(&self, issue: IssueId) -> Result<u64, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached("SELECT count(*) FROM issue_nothing WHERE issue = ?1")?;
        Ok(statement.query_row([issue.0], |row| row.get(0))?)
    }

    /// The choices of all who have not left a newsletter, each with how many share it. Everything is no choice.
    pub fn choices(&self, newsletter: u16) -> Result<Vec<(Choice, u64)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT choice, count(*) FROM subscription WHERE newsletter = ?1 AND status <> 'left' AND choice <> '' GROUP BY choice ORDER BY choice",
        )?;
        let rows =
            statement.query_map([newsletter], |row| Ok((Choice::from_key(&row.get::<_, String>(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Stands between the parts of a wish while it is counted; none of them can hold it.
const BETWEEN: char = '\n';

fn stored_wish(wish: &str, readers: u64) -> Result<Wish, StoreError> {
    let mut parts = wish.split(BETWEEN);
    let mut part = || parts.next().unwrap_or_default();
    let (choice_key, language) = (part().to_owned(), stored_language(part())?);
    let format = if part() == Format::Text.as_str() { Format::Text } else { Format::Html };
    Ok(Wish { choice: Choice::from_key(&choice_key), choice_key, language, format, readers })
}

/// Writes the recipients of a frozen issue, whose variants and `variant_choice` rows stand already, in the transaction that freezes. Refused with
/// [`StoreError::NewWish`] where somebody's wish has no such row: they would be forgotten. In an issue that
/// was reopened after some had it, those stay as they are and the others are added behind them. Recipients of one variant follow each other, so that
/// few variants are in memory at a time.
pub(in crate::store) fn fill_recipients(
    tx: &Transaction<'_>,
    issue: IssueId,
    newsletter: u16,
    language: &Language,
    now: DateTime<Utc>,
) -> Result<Filled, StoreError> {
    let parameters = named_params! {
        ":issue": issue.0, ":newsletter": newsletter, ":language": language.as_str(), ":now": millis(now),
    };
    let is_again: bool =
        tx.query_row("SELECT EXISTS (SELECT 1 FROM issue_recipient WHERE issue = ?1)", [issue.0], |row| row.get(0))?;
    let who = format!("{ELIGIBLE}{}", if is_again { AND_NEW } else { " AND :issue IS NOT NULL" });
    // Every look at all who may be mailed is a good part of the freeze: none for nothing.
    let is_nothing_for_some: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM variant_choice WHERE issue = ?1 AND variant IS NULL)",
        [issue.0],
        |row| row.get(0),
    )?;
    let nothing = if is_nothing_for_some {
        tx.execute(
            &format!(
                "INSERT INTO issue_nothing (issue, subscriber)
                 SELECT :issue, e.id FROM ({who}) e
                 JOIN variant_choice c ON c.issue = :issue AND c.choice = e.choice AND c.language = e.language AND c.format = e.format
                 WHERE c.variant IS NULL"
            ),
            parameters,
        )?
    } else {
        0
    };
    // Where a wish has no row there is no variant to write, and none is no value that the table takes.
    let recipients = tx
        .execute(
            &format!(
                "INSERT INTO issue_recipient (issue, lane, seq, subscriber, variant)
                 SELECT :issue, e.lane,
                        row_number() OVER (PARTITION BY e.lane ORDER BY c.variant, e.id)
                            + coalesce((SELECT l.last FROM lane_cursor l WHERE l.issue = :issue AND l.lane = e.lane), 0),
                        e.id, c.variant
                 FROM ({who}) e
                 LEFT JOIN variant_choice c ON c.issue = :issue AND c.choice = e.choice AND c.language = e.language AND c.format = e.format
                 WHERE c.variant IS NOT NULL OR c.issue IS NULL"
            ),
            parameters,
        )
        .map_err(|error| if is_no_variant(&error) { StoreError::NewWish } else { error.into() })?;
    open_lanes(tx, issue)?;
    Ok(Filled { recipients: recipients as u64, nothing: nothing as u64 })
}

fn is_no_variant(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_CONSTRAINT_NOTNULL)
}

/// The cursors of the lanes and the count of all recipients.
pub(super) fn open_lanes(tx: &Transaction<'_>, issue: IssueId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO lane_cursor (issue, lane, cursor, last)
         SELECT issue, lane, 0, max(seq) FROM issue_recipient WHERE issue = ?1 GROUP BY lane
         ON CONFLICT (issue, lane) DO UPDATE SET last = excluded.last",
        [issue.0],
    )?;
    tx.execute(
        "INSERT INTO issue_tally (issue, state, n) SELECT ?1, 0, count(*) FROM issue_recipient WHERE issue = ?1
         ON CONFLICT (issue, state) DO UPDATE SET n = excluded.n",
        [issue.0],
    )?;
    Ok(())
}

/// Takes back what [`fill_recipients`] wrote, before the first claim.
pub(in crate::store) fn clear_recipients(tx: &Transaction<'_>, issue: IssueId) -> Result<(), StoreError> {
    for table in ["issue_recipient", "issue_nothing", "lane_cursor", "issue_tally"] {
        tx.execute(&format!("DELETE FROM {table} WHERE issue = ?1"), [issue.0])?;
    }
    Ok(())
}

/// Takes back those who were never claimed, of an issue that others have. Returns how many.
pub(in crate::store) fn clear_unclaimed(tx: &Transaction<'_>, issue: IssueId) -> Result<u64, StoreError> {
    let cleared = tx.execute(
        "DELETE FROM issue_recipient WHERE issue = ?1
         AND seq > (SELECT cursor FROM lane_cursor l WHERE l.issue = ?1 AND l.lane = issue_recipient.lane)",
        [issue.0],
    )?;
    tx.execute("UPDATE lane_cursor SET last = cursor WHERE issue = ?1", [issue.0])?;
    tx.execute("UPDATE issue_tally SET n = n - ?2 WHERE issue = ?1 AND state = 0", params![issue.0, cleared as i64])?;
    tx.execute("DELETE FROM issue_nothing WHERE issue = ?1", [issue.0])?;
    Ok(cleared as u64)
}

/// Adds one recipient to a frozen issue, again if they had it already: a reader who lost it, or to whom it came back for a fault of ours. Who had it
/// gets the same rendering again. `None` when no variant fits their wish.
pub(in crate::store) fn add_recipient(
    tx: &Transaction<'_>,
    issue: IssueId,
    subscriber: SubscriberId,
    language: &Language,
) -> Result<Option<(i64, i64)>, StoreError> {
    let found: Option<(i64, i64)> = tx
        .query_row(
            "SELECT s.lane, coalesce(
                 (SELECT r.variant FROM issue_recipient r WHERE r.subscriber = s.id AND r.issue = i.id LIMIT 1),
                 (SELECT c.variant FROM variant_choice c
                  WHERE c.issue = i.id AND c.choice = b.choice AND c.language = coalesce(s.language, ?3) AND c.format = s.format)) AS fits
             FROM subscriber s
             JOIN issue i ON i.id = ?1
             JOIN subscription b ON b.subscriber = s.id AND b.newsletter = i.newsletter
             WHERE s.id = ?2 AND fits IS NOT NULL",
            params![issue.0, subscriber.0, language.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((lane, variant)) = found else { return Ok(None) };
    let seq: i64 = tx.query_row(
        "INSERT INTO lane_cursor (issue, lane, cursor, last) VALUES (?1, ?2, 0, 1)
         ON CONFLICT (issue, lane) DO UPDATE SET last = last + 1 RETURNING last",
        params![issue.0, lane],
        |row| row.get(0),
    )?;
    tx.execute(
        "INSERT INTO issue_recipient (issue, lane, seq, subscriber, variant) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![issue.0, lane, seq, subscriber.0, variant],
    )?;
    tx.execute(
        "INSERT INTO issue_tally (issue, state, n) VALUES (?1, 0, 1) ON CONFLICT (issue, state) DO UPDATE SET n = n + 1",
        [issue.0],
    )?;
    Ok(Some((lane, seq)))
}

fn stored_language(text: &str) -> Result<Language, StoreError> {
    Language::parse(text).map_err(|error| StoreError::Unexpected(error.to_string()))
}

#[cfg(test)]
mod tests;
