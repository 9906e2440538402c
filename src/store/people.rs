//! The tables of people as two views: one that reads, and one that exists only inside a write transaction.
//!
//! A verb that changes somebody does so in one transaction: the subscription and the consent row that explains it are never apart.

use super::{Store, StoreError};
use crate::domain::tag::Slug;
use rusqlite::{Connection, OptionalExtension};

/// Reads the tables of people.
pub struct People<'c> {
    pub(in crate::store) connection: &'c Connection,
}

/// Changes the tables of people, inside one transaction.
pub struct PeopleChange<'c> {
    people: People<'c>,
}

impl<'c> std::ops::Deref for PeopleChange<'c> {
    type Target = People<'c>;
    fn deref(&self) -> &People<'c> {
        &self.people
    }
}

impl Store {
    /// Reads people, each statement seeing the latest commit. Nothing else of the store may be called inside.
    pub fn read_people<T, E: From<StoreError>>(&self, work: impl FnOnce(&People<'_>) -> Result<T, E>) -> Result<T, E> {
        work(&People { connection: &self.reading() })
    }

    /// Changes people in one transaction, short enough for a delivery beside it; an error rolls all of it back.
    pub fn change_people<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&PeopleChange<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut refusal = None;
        let done = self.writing(|tx| {
            work(&PeopleChange::inside(tx)).map_err(|error| {
                refusal = Some(error);
                StoreError::Unexpected("rolled back".to_owned())
            })
        });
        done.map_err(|error| refusal.unwrap_or_else(|| error.into()))
    }
}

impl<'c> PeopleChange<'c> {
    /// Inside a transaction that the store has begun for more than people.
    pub(in crate::store) fn inside(connection: &'c Connection) -> Self {
        Self { people: People { connection } }
    }
}

const NEWSLETTER_ID: &str = "SELECT id FROM newsletter WHERE slug = :slug";
const NEWSLETTER_SLUG: &str = "SELECT slug FROM newsletter WHERE id = :id";

impl People<'_> {
    /// The row number of a newsletter that was seen before.
    pub fn newsletter(&self, slug: &Slug) -> Result<Option<u16>, StoreError> {
        let mut statement = self.connection.prepare_cached(NEWSLETTER_ID)?;
        Ok(statement.query_row([slug.as_str()], |row| row.get(0)).optional()?)
    }

    /// The slug of a newsletter's row number.
    pub fn newsletter_slug(&self, id: u16) -> Result<Option<Slug>, StoreError> {
        let mut statement = self.connection.prepare_cached(NEWSLETTER_SLUG)?;
        let slug: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
        slug.map(|slug| Slug::parse(&slug).map_err(|error| StoreError::Unexpected(error.to_string()))).transpose()
    }
}
