//! Subscriptions as rows. Which step may follow which is decided by `domain::standing`; the table's checks say the same once more.

use super::StoreError;
use super::people::{People, PeopleChange};
use super::sql_types::{instant, millis};
use crate::domain::issue::Choice;
use crate::domain::standing::{Stage, Standing};
use crate::domain::subscriber::{SubscriberId, Subscription};
use crate::domain::tag::Slug;
use rusqlite::{OptionalExtension, Row, named_params};

const OF_ONE: &str = "
    SELECT status, asked_at, confirmed_at, paused_until, left_at, choice FROM subscription
    WHERE subscriber = :subscriber AND newsletter = :newsletter";

const OF_ALL: &str = "
    SELECT n.status, n.asked_at, n.confirmed_at, n.paused_until, n.left_at, n.choice, n.newsletter, l.slug
    FROM subscription n JOIN newsletter l ON l.id = n.newsletter WHERE n.subscriber = :subscriber ORDER BY n.newsletter";

const PUT: &str = "
    INSERT INTO subscription (subscriber, newsletter, status, asked_at, confirmed_at, paused_until, left_at, choice)
    VALUES (:subscriber, :newsletter, :status, :asked_at, :confirmed_at, :paused_until, :left_at, :choice)
    ON CONFLICT (subscriber, newsletter) DO UPDATE SET status = excluded.status, asked_at = excluded.asked_at,
        confirmed_at = excluded.confirmed_at, paused_until = excluded.paused_until, left_at = excluded.left_at,
        choice = excluded.choice";

const DELETE: &str = "DELETE FROM subscription WHERE subscriber = :subscriber AND newsletter = :newsletter";

impl People<'_> {
    /// Where one subscription stands.
    pub fn standing(&self, subscriber: SubscriberId, newsletter: u16) -> Result<Option<Standing>, StoreError> {
        let mut statement = self.connection.prepare_cached(OF_ONE)?;
        let found = statement
            .query_row(named_params! {":subscriber": subscriber.0, ":newsletter": newsletter}, |row| Ok(read(row)))
            .optional()?;
        found.transpose()
    }

    /// All subscriptions of one person: row number and slug of the newsletter, and where it stands.
    pub fn standings(&self, subscriber: SubscriberId) -> Result<Vec<(u16, Slug, Standing)>, StoreError> {
        let mut statement = self.connection.prepare_cached(OF_ALL)?;
        let mut rows = statement.query(named_params! {":subscriber": subscriber.0})?;
        let mut standings = Vec::new();
        while let Some(row) = rows.next()? {
            let slug = Slug::parse(&row.get::<_, String>(7)?);
            let slug = slug.map_err(|error| StoreError::Unexpected(error.to_string()))?;
            standings.push((row.get(6)?, slug, read(row)?));
        }
        Ok(standings)
    }

    /// What one person gets.
    pub fn subscriptions(&self, subscriber: SubscriberId) -> Result<Vec<Subscription>, StoreError> {
        let subscription = |(id, newsletter, standing): (u16, Slug, Standing)| {
            let is_arriving = self.is_arriving(subscriber, id)?;
            Ok(Subscription { newsletter, status: standing.status(), choice: standing.choice, is_arriving })
        };
        self.standings(subscriber)?.into_iter().map(subscription).collect()
    }
}

impl PeopleChange<'_> {
    /// Writes where a subscription stands now. Whoever waited for their turn and does something about their subscription waits no longer.
    pub fn put_standing(&self, of: SubscriberId, newsletter: u16, standing: &Standing) -> Result<(), StoreError> {
        self.connection.prepare_cached(PUT)?.execute(named_params! {
            ":subscriber": of.0,
            ":newsletter": newsletter,
            ":status": standing.stage.as_str(),
            ":asked_at": standing.asked_at.map(millis),
            ":confirmed_at": standing.confirmed_at.map(millis),
            ":paused_until": standing.paused_until.map(millis),
            ":left_at": standing.left_at.map(millis),
            ":choice": standing.choice.key(),
        })?;
        self.end_arriving(of, newsletter)
    }

    /// Takes a subscription away that an import had made and nobody touched.
    pub fn delete_standing(&self, of: SubscriberId, newsletter: u16) -> Result<(), StoreError> {
        let parameters = named_params! {":subscriber": of.0, ":newsletter": newsletter};
        self.connection.prepare_cached(DELETE)?.execute(parameters)?;
        self.end_arriving(of, newsletter)
    }
}

fn read(row: &Row<'_>) -> Result<Standing, StoreError> {
    let word: String = row.get(0)?;
    let at = |column| -> Result<_, StoreError> { Ok(row.get::<_, Option<i64>>(column)?.map(instant)) };
    Ok(Standing {
        stage: Stage::parse(&word).ok_or_else(|| StoreError::Unexpected(format!("{word:?} is no status")))?,
        asked_at: at(1)?,
        confirmed_at: at(2)?,
        paused_until: at(3)?,
        left_at: at(4)?,
        choice: Choice::from_key(&row.get::<_, String>(5)?),
    })
}
