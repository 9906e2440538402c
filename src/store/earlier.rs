//! What went before an issue: the latest issues of its newsletter, and where the last one ended.

use super::sql_types::{from_json, instant, millis};
use super::{Store, StoreError};
use crate::domain::issue::Issue;
use chrono::{DateTime, Utc};
use rusqlite::named_params;

const BEFORE: &str = "
    SELECT r.model FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.sent_revision
    WHERE i.newsletter = :newsletter AND i.corrects IS NULL AND i.window_to < :before
    ORDER BY i.window_to DESC LIMIT :limit";

const LAST_CUT_OFF: &str = "
    SELECT max(window_to) FROM issue
    WHERE newsletter = :newsletter AND window_to < :before AND id IS NOT :except AND state NOT IN ('skipped', 'cancelled')";

impl Store {
    /// The content of the issues that were published with a cut-off before an instant, the latest first.
    pub fn published_before(
        &self,
        newsletter: u16,
        cut_off: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Issue>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(BEFORE)?;
        let parameters = named_params! {":newsletter": newsletter, ":before": millis(cut_off), ":limit": limit as i64};
        let models = statement.query_map(parameters, |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        models.iter().map(|model| from_json(model)).collect()
    }

    /// The cut-off of the last issue before an instant that went out or will, `except` apart.
    pub fn last_mailed_cut_off(
        &self,
        newsletter: u16,
        before: DateTime<Utc>,
        except: Option<i64>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LAST_CUT_OFF)?;
        let parameters = named_params! {":newsletter": newsletter, ":before": millis(before), ":except": except};
        let last: Option<i64> = statement.query_row(parameters, |row| row.get(0))?;
        Ok(last.map(instant))
    }
}
