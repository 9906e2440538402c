//! What visitors asked for, until it is worked off, and how much of it there was. Which request is too many is decided elsewhere.

use super::StoreError;
use super::people::{People, PeopleChange};
use super::sql_types::{instant, millis};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, named_params};

/// What a visitor wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// To be sent newsletters.
    Subscribe,
    /// To be sent the private link.
    Link,
}

impl RequestKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Link => "link",
        }
    }
}

/// A request that arrives.
#[derive(Debug, Clone, Copy)]
pub struct NewRequest<'a> {
    /// What is wanted.
    pub kind: RequestKind,
    /// What makes the form distinct from all others; none where there was no form of ours.
    pub nonce: Option<[u8; 8]>,
    /// When.
    pub at: DateTime<Utc>,
    /// By which form.
    pub form: &'a str,
    /// From which network.
    pub network: Option<&'a str>,
    /// The rest, as JSON.
    pub body: &'a str,
}

/// A request that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Its row.
    pub id: i64,
    /// What is wanted.
    pub kind: RequestKind,
    /// When it came.
    pub at: DateTime<Utc>,
    /// By which form.
    pub form: String,
    /// The rest, as JSON.
    pub body: String,
}

/// How many requests came since an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// From the same network.
    pub network: u32,
    /// By the same form.
    pub form: u32,
    /// In all.
    pub all: u32,
}

const COUNT_NETWORK: &str = "SELECT count(*) FROM request WHERE network = :network AND at > :since";
const COUNT_RECENT: &str = "SELECT count(*), count(*) FILTER (WHERE form = :form) FROM request WHERE at > :since";
const NEXT: &str = "SELECT id, kind, at, form, body FROM request WHERE body IS NOT NULL ORDER BY id LIMIT 1";
const DONE: &str = "UPDATE request SET body = NULL WHERE id = :id";
const PUT: &str = "
    INSERT INTO request (nonce, kind, at, form, network, body) VALUES (:nonce, :kind, :at, :form, :network, :body)
    ON CONFLICT (nonce) DO NOTHING";

const CLOSED: &str = "SELECT CAST(value AS INTEGER) FROM fact WHERE name = 'closed until: ' || :form";
const CLOSE: &str = "
    INSERT INTO fact (name, value) VALUES ('closed until: ' || :form, CAST(:until AS TEXT))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl People<'_> {
    /// Until when nobody can ask by a form, if that was ever so.
    pub fn closed_until(&self, form: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut statement = self.connection.prepare_cached(CLOSED)?;
        Ok(statement.query_row(named_params! {":form": form}, |row| row.get(0)).optional()?.map(instant))
    }

    /// How many requests came since an instant, worked off or not.
    pub fn request_counts(
        &self,
        network: Option<&str>,
        form: &str,
        since: DateTime<Utc>,
    ) -> Result<RequestCounts, StoreError> {
        let since = millis(since);
        let (all, form) = self
            .connection
            .prepare_cached(COUNT_RECENT)?
            .query_row(named_params! {":form": form, ":since": since}, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let network = match network {
            Some(network) => self
                .connection
                .prepare_cached(COUNT_NETWORK)?
                .query_row(named_params! {":network": network, ":since": since}, |row| row.get(0))?,
            None => 0,
        };
        Ok(RequestCounts { network, form, all })
    }

    /// The request that has waited longest.
    pub fn next_request(&self) -> Result<Option<Request>, StoreError> {
        let mut statement = self.connection.prepare_cached(NEXT)?;
        let found = statement.query_row([], |row| {
            Ok(Request {
                id: row.get(0)?,
                kind: if row.get::<_, String>(1)? == "link" { RequestKind::Link } else { RequestKind::Subscribe },
                at: instant(row.get(2)?),
                form: row.get(3)?,
                body: row.get(4)?,
            })
        });
        Ok(found.optional()?)
    }
}

impl PeopleChange<'_> {
    /// Takes a request in. False where its form was sent before.
    pub fn put_request(&self, new: &NewRequest<'_>) -> Result<bool, StoreError> {
        let rows = self.connection.prepare_cached(PUT)?.execute(named_params! {
            ":nonce": new.nonce,
            ":kind": new.kind.as_str(),
            ":at": millis(new.at),
            ":form": new.form,
            ":network": new.network,
            ":body": new.body,
        })?;
        Ok(rows > 0)
    }

    /// Nobody can ask by a form until an instant.
    pub fn close_form(&self, form: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
        self.connection.prepare_cached(CLOSE)?.execute(named_params! {":form": form, ":until": millis(until)})?;
        Ok(())
    }

    /// A request is worked off: what it said goes.
    pub fn request_done(&self, id: i64) -> Result<(), StoreError> {
        self.connection.prepare_cached(DONE)?.execute([id])?;
        Ok(())
    }
}
