//! Issues as the public sees them: those that were frozen, by number. Not what is being composed, held or was taken back before its first claim.

use super::sql_types::from_json;
use super::{Store, StoreError};
use crate::domain::issue::Issue;
use rusqlite::{OptionalExtension, named_params};

const ISSUE: &str = "
    SELECT r.model FROM issue i JOIN revision r ON r.issue = i.id AND r.n = i.revision
    WHERE i.newsletter = :newsletter AND i.number = :number AND i.frozen_at IS NOT NULL";

const LATEST: &str = "
    SELECT number FROM issue WHERE newsletter = :newsletter AND number IS NOT NULL AND frozen_at IS NOT NULL
    ORDER BY due_at DESC, number DESC LIMIT 1";

impl Store {
    /// The content of a published issue. The newsletter is as it was then.
    pub fn published_issue(&self, newsletter: u16, number: u32) -> Result<Option<Issue>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(ISSUE)?;
        let parameters = named_params! {":newsletter": newsletter, ":number": number};
        let model: Option<String> = statement.query_row(parameters, |row| row.get(0)).optional()?;
        model.map(|model| from_json(&model)).transpose()
    }

    /// The number of the latest published issue of a newsletter.
    pub fn latest_published(&self, newsletter: u16) -> Result<Option<u32>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LATEST)?;
        Ok(statement.query_row(named_params! {":newsletter": newsletter}, |row| row.get(0)).optional()?)
    }
}
