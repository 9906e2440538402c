//! The consent ledger: why we may write to somebody, and what they said since. Append only, but for erasure.

use super::StoreError;
use super::people::{People, PeopleChange};
use super::sql_types::{from_json, instant, json, millis};
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::subscriber::SubscriberId;
use crate::domain::tag::Slug;
use rusqlite::named_params;

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsentEntry {
    /// What happened.
    pub event: ConsentEvent,
    /// To which newsletter; none for all.
    pub newsletter: Option<Slug>,
    /// When, by which way, after which words.
    pub evidence: Evidence,
}

const APPEND: &str = "
    INSERT INTO consent (subscriber, newsletter, at, event, origin, wording, network, detail)
    VALUES (:subscriber, :newsletter, :at, :event, :origin, :wording, :network, :detail)";

const OF_ONE: &str = "
    SELECT c.event, n.slug, c.at, c.origin, c.wording, c.network, c.detail
    FROM consent c LEFT JOIN newsletter n ON n.id = c.newsletter WHERE c.subscriber = :subscriber ORDER BY c.id";

impl People<'_> {
    /// Everything one person said, oldest first.
    pub fn consent(&self, subscriber: SubscriberId) -> Result<Vec<ConsentEntry>, StoreError> {
        let mut statement = self.connection.prepare_cached(OF_ONE)?;
        let mut rows = statement.query(named_params! {":subscriber": subscriber.0})?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let word: String = row.get(0)?;
            let slug: Option<String> = row.get(1)?;
            entries.push(ConsentEntry {
                event: ConsentEvent::parse(&word)
                    .ok_or_else(|| StoreError::Unexpected(format!("{word:?} is no consent event")))?,
                newsletter: slug.and_then(|slug| Slug::parse(&slug).ok()),
                evidence: Evidence {
                    at: instant(row.get(2)?),
                    origin: row.get(3)?,
                    wording: row.get(4)?,
                    network: row.get(5)?,
                    detail: from_json(&row.get::<_, String>(6)?)?,
                },
            });
        }
        Ok(entries)
    }
}

impl PeopleChange<'_> {
    /// Appends what somebody said of a newsletter, or of all.
    pub fn append_consent(
        &self,
        subscriber: SubscriberId,
        newsletter: Option<u16>,
        event: ConsentEvent,
        evidence: &Evidence,
    ) -> Result<(), StoreError> {
        self.connection.prepare_cached(APPEND)?.execute(named_params! {
            ":subscriber": subscriber.0,
            ":newsletter": newsletter,
            ":at": millis(evidence.at),
            ":event": event.as_str(),
            ":origin": evidence.origin,
            ":wording": evidence.wording,
            ":network": evidence.network,
            ":detail": json(&evidence.detail)?,
        })?;
        Ok(())
    }
}
