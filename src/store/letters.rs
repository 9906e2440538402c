//! Single mails as rows: what waits to be handed over, what its link allows, and how many went to whom. Who may get one is decided elsewhere.

use super::people::{People, PeopleChange};
use super::sql_types::{from_json, instant, json, millis};
use super::{Store, StoreError};
use crate::domain::address::EmailAddress;
use crate::domain::letter::{LetterKind, Terms};
use crate::domain::subscriber::SubscriberId;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, named_params, params};

/// A letter to be written.
#[derive(Debug, Clone)]
pub struct NewLetter<'a> {
    /// Eight random bytes: what its link carries.
    pub code: [u8; 8],
    /// What it is about.
    pub kind: LetterKind,
    /// To whom.
    pub subscriber: SubscriberId,
    /// The keyed hash of the address it goes to.
    pub hash: [u8; 32],
    /// The keyed hash of that address's domain.
    pub domain_hash: [u8; 32],
    /// The address, where it is not the subscriber's own.
    pub address: Option<&'a EmailAddress>,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// Until when its link works.
    pub expires_at: DateTime<Utc>,
    /// What it is about in detail.
    pub terms: &'a Terms,
    /// The form that it was asked for by.
    pub form: &'a str,
}

/// A letter as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Its row.
    pub id: i64,
    /// What its link carries.
    pub code: [u8; 8],
    /// What it is about.
    pub kind: LetterKind,
    /// To whom; none once they are forgotten or erased.
    pub subscriber: Option<SubscriberId>,
    /// The address, where it is not the subscriber's own.
    pub address: Option<EmailAddress>,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// Until when its link works.
    pub expires_at: DateTime<Utc>,
    /// What it is about in detail.
    pub terms: Terms,
    /// The form that it was asked for by.
    pub form: String,
    /// How often it was tried before.
    pub tries: u32,
    /// When its link did its work, or was overtaken.
    pub used_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, code, kind, subscriber, address, at, expires_at, terms, form, tries, used_at";

const PUT: &str = "
    INSERT INTO letter (code, kind, subscriber, hash, domain_hash, address, at, expires_at, terms, form, try_at)
    VALUES (:code, :kind, :subscriber, :hash, :domain_hash, :address, :at, :expires_at, :terms, :form, :at)";

const COUNT: &str = "
    SELECT count(*) FILTER (WHERE at > :since), count(*) FILTER (WHERE used_at IS NULL) FROM letter
    WHERE hash = :hash AND kind = :kind";

const UNANSWERED: &str =
    "SELECT count(*) FROM letter WHERE hash = :hash AND kind = :kind AND at > :since AND used_at IS NULL";

const COUNT_DOMAIN: &str = "SELECT count(*) FROM letter WHERE domain_hash = :hash AND at > :since";

const USE: &str = "UPDATE letter SET used_at = :now, address = NULL WHERE code = :code";

/// What was answered counts no more.
const OVERTAKE: &str = "
    UPDATE letter SET used_at = :now, try_at = NULL, address = NULL
    WHERE subscriber = :subscriber AND kind = :kind AND used_at IS NULL";

const OUTCOME: &str = "
    UPDATE letter SET try_at = ?2, sent_at = coalesce(?3, sent_at) WHERE id = ?1";

impl People<'_> {
    /// The letter whose link carries a code.
    pub fn letter(&self, code: [u8; 8]) -> Result<Option<Letter>, StoreError> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM letter WHERE code = :code"))?;
        statement.query_row(named_params! {":code": code}, |row| Ok(read(row))).optional()?.transpose()
    }

    /// How many letters of a kind went to an address: since an instant, and without an answer so far.
    pub fn letter_counts(
        &self,
        hash: &[u8; 32],
        kind: LetterKind,
        since: DateTime<Utc>,
    ) -> Result<(u32, u32), StoreError> {
        let mut statement = self.connection.prepare_cached(COUNT)?;
        let parameters = named_params! {":hash": hash, ":kind": kind.as_str(), ":since": millis(since)};
        Ok(statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// How many letters of a kind that went to an address since an instant have no answer so far.
    pub fn letters_unanswered(
        &self,
        hash: &[u8; 32],
        kind: LetterKind,
        since: DateTime<Utc>,
    ) -> Result<u32, StoreError> {
        let mut statement = self.connection.prepare_cached(UNANSWERED)?;
        let parameters = named_params! {":hash": hash, ":kind": kind.as_str(), ":since": millis(since)};
        Ok(statement.query_row(parameters, |row| row.get(0))?)
    }

    /// How many letters went to a domain since an instant.
    pub fn letters_to_domain(&self, domain_hash: &[u8; 32], since: DateTime<Utc>) -> Result<u32, StoreError> {
        let mut statement = self.connection.prepare_cached(COUNT_DOMAIN)?;
        Ok(statement.query_row(named_params! {":hash": domain_hash, ":since": millis(since)}, |row| row.get(0))?)
    }
}

impl PeopleChange<'_> {
    /// Writes a letter; it waits to be handed over.
    pub fn put_letter(&self, new: &NewLetter<'_>) -> Result<(), StoreError> {
        self.connection.prepare_cached(PUT)?.execute(named_params! {
            ":code": new.code,
            ":kind": new.kind.as_str(),
            ":subscriber": new.subscriber.0,
            ":hash": new.hash,
            ":domain_hash": new.domain_hash,
            ":address": new.address.map(EmailAddress::as_str),
            ":at": millis(new.at),
            ":expires_at": millis(new.expires_at),
            ":terms": json(new.terms)?,
            ":form": new.form,
        })?;
        Ok(())
    }

    /// The link of a letter did its work.
    pub fn letter_used(&self, code: [u8; 8], now: DateTime<Utc>) -> Result<(), StoreError> {
        self.connection.prepare_cached(USE)?.execute(named_params! {":code": code, ":now": millis(now)})?;
        Ok(())
    }

    /// Ends the links of all open letters of a kind to somebody.
    pub fn overtake_letters(&self, of: SubscriberId, kind: LetterKind, now: DateTime<Utc>) -> Result<(), StoreError> {
        let parameters = named_params! {":subscriber": of.0, ":kind": kind.as_str(), ":now": millis(now)};
        self.connection.prepare_cached(OVERTAKE)?.execute(parameters)?;
        Ok(())
    }
}

impl Store {
    /// Takes the letter that has waited longest and is due. Until `again_at` nobody else takes it: should this process end in the middle, it is
    /// tried again then, under the same Message-ID.
    pub fn claim_letter(&self, now: DateTime<Utc>, again_at: DateTime<Utc>) -> Result<Option<Letter>, StoreError> {
        self.writing(|tx| {
            let sql = format!("SELECT {COLUMNS} FROM letter WHERE try_at <= ?1 ORDER BY try_at, id LIMIT 1");
            let found =
                tx.prepare_cached(&sql)?.query_row([millis(now)], |row| Ok(read(row))).optional()?.transpose()?;
            if let Some(letter) = &found {
                tx.prepare_cached("UPDATE letter SET try_at = ?2, tries = tries + 1 WHERE id = ?1")?
                    .execute(params![letter.id, millis(again_at)])?;
            }
            Ok(found)
        })
    }

    /// Whether any letter or request waits, without a transaction.
    pub fn letters_wait(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM letter WHERE try_at <= ?1) OR EXISTS (SELECT 1 FROM request WHERE body IS NOT NULL)";
        Ok(self.reading().prepare_cached(sql)?.query_row([millis(now)], |row| row.get(0))?)
    }

    /// What became of handing a letter over: sent, to be tried again, or (neither) given up.
    pub fn letter_outcome(
        &self,
        id: i64,
        sent_at: Option<DateTime<Utc>>,
        try_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.prepare_cached(OUTCOME)?.execute(params![id, try_at.map(millis), sent_at.map(millis)])?;
            Ok(())
        })
    }
}

fn read(row: &Row<'_>) -> Result<Letter, StoreError> {
    let word: String = row.get(2)?;
    let address: Option<String> = row.get(4)?;
    Ok(Letter {
        id: row.get(0)?,
        code: row.get(1)?,
        kind: LetterKind::parse(&word)
            .ok_or_else(|| StoreError::Unexpected(format!("{word:?} is no kind of a letter")))?,
        subscriber: row.get::<_, Option<i64>>(3)?.map(SubscriberId),
        address: address.and_then(|text| EmailAddress::parse(&text).ok()),
        at: instant(row.get(5)?),
        expires_at: instant(row.get(6)?),
        terms: match row.get::<_, String>(7)?.as_str() {
            "{}" => Terms::default(),
            text => from_json(text)?,
        },
        form: row.get(8)?,
        tries: row.get(9)?,
        used_at: row.get::<_, Option<i64>>(10)?.map(instant),
    })
}
