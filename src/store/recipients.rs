//! Who gets an issue: written once, when it is frozen, by one `INSERT … SELECT`.

use super::issues::{Format, Wish};
use super::sql_types::millis;
use super::{Store, StoreError};
use crate::domain::issue::IssueId;
use chrono::{DateTime, Utc};
use rusqlite::{Transaction, named_params, params};

/// Subscribers who may be mailed a newsletter now: confirmed, not paused, not suppressed, not erased.
const MAY_BE_MAILED: &str = "
    FROM subscription p JOIN subscriber s ON s.id = p.subscriber
    WHERE p.newsletter = :newsletter AND s.erased_at IS NULL
      AND (p.status = 'active' OR (p.status = 'paused' AND p.paused_until IS NOT NULL AND p.paused_until <= :now))
      AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.hash = s.hash)";

impl Store {
    /// The distinct wishes of those who may be mailed a newsletter now.
    pub fn wishes(&self, newsletter: u16, now: DateTime<Utc>) -> Result<Vec<Wish>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT DISTINCT p.choice, coalesce(s.language, ''), s.format {MAY_BE_MAILED} ORDER BY 1, 2, 3"
        ))?;
        let rows = statement.query_map(named_params! { ":newsletter": newsletter, ":now": millis(now) }, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })?;
        rows.map(|row| {
            let (choice, language, format) = row?;
            let format = Format::parse(&format).ok_or_else(|| StoreError::Unexpected(format!("format {format:?}")))?;
            Ok(Wish { choice, language, format })
        })
        .collect()
    }

    /// How many may be mailed a newsletter now.
    pub fn recipient_count(&self, newsletter: u16, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!("SELECT count(*) {MAY_BE_MAILED}"))?;
        Ok(statement.query_row(named_params! { ":newsletter": newsletter, ":now": millis(now) }, |row| row.get(0))?)
    }
}

/// Whether somebody who may be mailed wants what no variant was rendered for.
pub(super) fn has_unmet_wishes(
    tx: &Transaction<'_>,
    issue: IssueId,
    newsletter: u16,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 {MAY_BE_MAILED} AND NOT EXISTS (
            SELECT 1 FROM variant_choice v
            WHERE v.issue = :issue AND v.choice = p.choice AND v.language = coalesce(s.language, '') AND v.format = s.format))"
    );
    let parameters = named_params! { ":issue": issue.0, ":newsletter": newsletter, ":now": millis(now) };
    Ok(tx.query_row(&sql, parameters, |row| row.get(0))?)
}

/// Writes the recipients of an issue, and those for whom it holds nothing. Returns how many recipients there are.
pub(super) fn fill_recipients(
    tx: &Transaction<'_>,
    issue: IssueId,
    newsletter: u16,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let joined = MAY_BE_MAILED.replace(
        "WHERE",
        "JOIN variant_choice v ON v.issue = :issue AND v.choice = p.choice AND v.language = coalesce(s.language, '') AND v.format = s.format WHERE",
    );
    let parameters = named_params! { ":issue": issue.0, ":newsletter": newsletter, ":now": millis(now) };
    let recipients = tx.execute(
        &format!(
            "INSERT INTO issue_recipient (issue, lane, seq, subscriber, variant)
             SELECT :issue, s.lane, row_number() OVER (PARTITION BY s.lane ORDER BY s.id), s.id, v.variant {joined} AND v.variant IS NOT NULL"
        ),
        parameters,
    )?;
    tx.execute(
        &format!("INSERT INTO issue_nothing (issue, subscriber) SELECT :issue, s.id {joined} AND v.variant IS NULL"),
        parameters,
    )?;
    tx.execute(
        "INSERT INTO lane_cursor (issue, lane, cursor, last) SELECT issue, lane, 0, max(seq) FROM issue_recipient WHERE issue = ?1 GROUP BY lane",
        params![issue.0],
    )?;
    Ok(recipients as u64)
}
