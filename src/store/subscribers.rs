//! Subscribers as rows: made, found, listed page by page, erased.

use super::people::{People, PeopleChange};
use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::address::EmailAddress;
use crate::domain::standing::Stage;
use crate::domain::subscriber::{Format, Subscriber, SubscriberId, SuppressionReason};
use crate::domain::text::{Language, Line};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, named_params};

/// What a new subscriber's row is made of.
#[derive(Debug, Clone)]
pub struct NewSubscriber<'a> {
    /// Eight random bytes.
    pub public_id: [u8; 8],
    /// Where mail goes.
    pub address: &'a EmailAddress,
    /// The keyed hash of the address.
    pub hash: [u8; 32],
    /// The name they gave, or none.
    pub name: &'a Line,
    /// The language they want.
    pub language: Option<&'a Language>,
    /// When the row is made.
    pub created_at: DateTime<Utc>,
}

/// Which subscribers to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Those with a subscription to it, or all.
    pub newsletter: Option<u16>,
    /// Those with a subscription in it, or all.
    pub stage: Option<Stage>,
    /// Those whose address is suppressed alone.
    pub suppressed: bool,
    /// A part of the address or name, or all.
    pub query: Option<&'a str>,
    /// Those alone for whom so many issues in a row, up to the last, held nothing that they chose.
    pub nothing_for: Option<u32>,
}

/// One line of a list: the person, and why they get nothing whatever their subscriptions say.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The person.
    pub subscriber: Subscriber,
    /// Why the address is suppressed, if it is.
    pub suppressed: Option<SuppressionReason>,
}

const INSERT: &str = "
    INSERT INTO subscriber (public_id, address, address_key, hash, lane, name, language, created_at)
    VALUES (:public_id, :address, :address_key, :hash, :lane, :name, :language, :created_at)";

const BY_KEY: &str = "
    SELECT id, public_id, epoch, address, name, language, created_at, format FROM subscriber WHERE address_key = :key";

const ID_BY_KEY: &str = "SELECT id FROM subscriber WHERE address_key = :key";

const BY_PUBLIC_ID: &str = "
    SELECT id, public_id, epoch, address, name, language, created_at, format FROM subscriber
    WHERE public_id = :public_id AND erased_at IS NULL";

const BY_ID: &str = "
    SELECT id, public_id, epoch, address, name, language, created_at, format FROM subscriber
    WHERE id = :id AND erased_at IS NULL";

const PAGE: &str = "
    SELECT s.id, s.public_id, s.epoch, s.address, s.name, s.language, s.created_at, s.format, x.reason
    FROM subscriber s LEFT JOIN suppression x ON x.hash = s.hash
    WHERE s.id > :after AND s.erased_at IS NULL
      AND (NOT :suppressed OR x.hash IS NOT NULL)
      AND (:query IS NULL OR instr(s.address_key, :query) OR instr(lower(s.name), :query))
      AND ((:newsletter IS NULL AND :stage IS NULL) OR EXISTS (
            SELECT 1 FROM subscription n
            WHERE n.subscriber = s.id AND (:newsletter IS NULL OR n.newsletter = :newsletter)
              AND (:stage IS NULL OR n.status = :stage)))
      AND (:nothing_for IS NULL OR EXISTS (
            SELECT 1 FROM subscription n
            WHERE n.subscriber = s.id AND n.status = 'active' AND (:newsletter IS NULL OR n.newsletter = :newsletter)
              AND :nothing_for = (
                SELECT count(*) FROM issue_nothing g WHERE g.subscriber = s.id AND g.issue IN (
                    SELECT id FROM issue WHERE newsletter = n.newsletter AND frozen_at IS NOT NULL ORDER BY frozen_at DESC LIMIT :nothing_for))))
    ORDER BY s.id LIMIT :limit";

const MOVE: &str = "
    UPDATE subscriber SET address = :address, address_key = :address_key, hash = :hash, lane = :lane, epoch = epoch + 1
    WHERE id = :id";

const SETTINGS: &str = "UPDATE subscriber SET language = :language, format = :format WHERE id = :id";

const HASH: &str = "SELECT hash FROM subscriber WHERE id = :id";

impl People<'_> {
    /// The subscriber with this address, in any spelling of it.
    pub fn by_address(&self, address: &EmailAddress) -> Result<Option<Subscriber>, StoreError> {
        let mut statement = self.connection.prepare_cached(BY_KEY)?;
        let found = statement.query_row(named_params! {":key": address.key()}, |row| Ok(read(row))).optional()?;
        found.transpose()?.map(|subscriber| self.with_subscriptions(subscriber)).transpose()
    }

    /// The row number of the subscriber with this address, for those who need no more.
    pub fn id_by_address(&self, address: &EmailAddress) -> Result<Option<SubscriberId>, StoreError> {
        let mut statement = self.connection.prepare_cached(ID_BY_KEY)?;
        Ok(statement
            .query_row(named_params! {":key": address.key()}, |row| Ok(SubscriberId(row.get(0)?)))
            .optional()?)
    }

    /// The subscriber whom a token names, unless they were erased.
    pub fn by_public_id(&self, public_id: [u8; 8]) -> Result<Option<Subscriber>, StoreError> {
        let mut statement = self.connection.prepare_cached(BY_PUBLIC_ID)?;
        let found = statement.query_row(named_params! {":public_id": public_id}, |row| Ok(read(row))).optional()?;
        found.transpose()?.map(|subscriber| self.with_subscriptions(subscriber)).transpose()
    }

    /// The subscriber of a row, unless they were erased.
    pub fn by_id(&self, id: SubscriberId) -> Result<Option<Subscriber>, StoreError> {
        let mut statement = self.connection.prepare_cached(BY_ID)?;
        let found = statement.query_row(named_params! {":id": id.0}, |row| Ok(read(row))).optional()?;
        found.transpose()?.map(|subscriber| self.with_subscriptions(subscriber)).transpose()
    }

    /// Up to `limit` subscribers in the order they came, after one of them; 0 for the first page.
    pub fn page(&self, filter: &Filter<'_>, after: SubscriberId, limit: u32) -> Result<Vec<Listed>, StoreError> {
        let mut statement = self.connection.prepare_cached(PAGE)?;
        let mut rows = statement.query(named_params! {
            ":after": after.0,
            ":suppressed": filter.suppressed,
            ":query": filter.query.map(str::to_lowercase),
            ":newsletter": filter.newsletter,
            ":stage": filter.stage.map(Stage::as_str),
            ":nothing_for": filter.nothing_for,
            ":limit": limit,
        })?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            let suppressed: Option<String> = row.get(8)?;
            let suppressed = suppressed.as_deref().and_then(SuppressionReason::parse);
            page.push(Listed { subscriber: self.with_subscriptions(read(row)?)?, suppressed });
        }
        Ok(page)
    }

    /// The keyed hash of a subscriber's address; it stays when they are erased.
    pub fn hash_of(&self, id: SubscriberId) -> Result<[u8; 32], StoreError> {
        Ok(self.connection.prepare_cached(HASH)?.query_row([id.0], |row| row.get(0))?)
    }

    fn with_subscriptions(&self, mut subscriber: Subscriber) -> Result<Subscriber, StoreError> {
        subscriber.subscriptions = self.subscriptions(subscriber.id)?;
        Ok(subscriber)
    }
}

fn read(row: &Row<'_>) -> Result<Subscriber, StoreError> {
    let id: i64 = row.get(0)?;
    let address: String = row.get(3)?;
    let language: Option<String> = row.get(5)?;
    Ok(Subscriber {
        id: SubscriberId(id),
        public_id: row.get(1)?,
        epoch: row.get(2)?,
        address: EmailAddress::parse(&address).map_err(|error| {
            StoreError::Unexpected(format!("the address of subscriber {id} cannot be read: {error}"))
        })?,
        name: Line::clean(&row.get::<_, String>(4)?),
        language: language.and_then(|tag| Language::parse(&tag).ok()),
        format: Format::parse(&row.get::<_, String>(7)?).unwrap_or(Format::Html),
        created_at: instant(row.get(6)?),
        subscriptions: Vec::new(),
    })
}

impl PeopleChange<'_> {
    /// Makes a row for somebody whose address has none.
    pub fn insert_subscriber(&self, new: &NewSubscriber<'_>) -> Result<SubscriberId, StoreError> {
        self.connection.prepare_cached(INSERT)?.execute(named_params! {
            ":public_id": new.public_id,
            ":address": new.address.as_str(),
            ":address_key": new.address.key(),
            ":hash": new.hash,
            ":lane": self.lane_of(new.address.domain())?,
            ":name": new.name.as_str(),
            ":language": new.language.map(Language::as_str),
            ":created_at": millis(new.created_at),
        })?;
        Ok(SubscriberId(self.connection.last_insert_rowid()))
    }

    /// Gives somebody another address; the links of old mails end, but for unsubscribing.
    pub fn put_address(&self, id: SubscriberId, to: &EmailAddress, hash: [u8; 32]) -> Result<(), StoreError> {
        self.connection.prepare_cached(MOVE)?.execute(named_params! {
            ":id": id.0,
            ":address": to.as_str(),
            ":address_key": to.key(),
            ":hash": hash,
            ":lane": self.lane_of(to.domain())?,
        })?;
        Ok(())
    }

    /// Sets the language and format that somebody wants.
    pub fn put_settings(
        &self,
        id: SubscriberId,
        language: Option<&Language>,
        format: Format,
    ) -> Result<(), StoreError> {
        self.connection.prepare_cached(SETTINGS)?.execute(named_params! {
            ":id": id.0,
            ":language": language.map(Language::as_str),
            ":format": format.as_str(),
        })?;
        Ok(())
    }

    /// Replaces a person by the keyed hash of their address, in every table. The suppression is the caller's to add.
    pub fn erase(&self, subscriber: &Subscriber, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (id, now) = (subscriber.id.0, millis(now));
        let texts = [subscriber.address.as_str().to_lowercase(), subscriber.address.key(), subscriber.address.ascii()];
        for sql in ERASE_PERSON {
            let mut statement = self.connection.prepare_cached(sql)?;
            match statement.parameter_count() {
                1 => statement.execute(named_params! {":id": id})?,
                _ => statement.execute(named_params! {":id": id, ":now": now})?,
            };
        }
        for sql in ERASE_MENTIONS {
            for text in &texts {
                self.connection.prepare_cached(sql)?.execute(named_params! {":text": text.to_lowercase()})?;
            }
        }
        Ok(())
    }
}

/// What goes when a person is erased. Subscriptions stay as `left`, consent as events with their instants: that something happened, not to whom.
const ERASE_PERSON: [&str; 10] = [
    "DELETE FROM machine WHERE subscriber = :id",
    "UPDATE letter SET subscriber = NULL, address = NULL, terms = '{}', try_at = NULL, used_at = coalesce(used_at, :now)
     WHERE subscriber = :id",
    "UPDATE subscription SET status = 'left', left_at = coalesce(left_at, :now), paused_until = NULL, choice = ''
     WHERE subscriber = :id",
    // The wording is what we showed, unless a file brought it.
    "UPDATE consent SET network = NULL, detail = '{}', wording = CASE WHEN event = 'imported' OR instr(wording, '@') THEN '' ELSE wording END
     WHERE subscriber = :id",
    "UPDATE import_row SET before = NULL, after = NULL WHERE subscriber = :id",
    "UPDATE outcome SET reply = NULL WHERE (issue, lane, seq) IN
     (SELECT issue, lane, seq FROM issue_recipient WHERE subscriber = :id)",
    "UPDATE suppression SET detail = '' WHERE hash = (SELECT hash FROM subscriber WHERE id = :id)",
    "UPDATE suppression_log SET detail = '' WHERE hash = (SELECT hash FROM subscriber WHERE id = :id)",
    "UPDATE consent SET origin = 'erased' WHERE subscriber = :id AND instr(origin, '@')",
    "UPDATE subscriber SET address = NULL, address_key = NULL, name = '', language = NULL, format = 'html', lane = 0,
        erased_at = :now WHERE id = :id",
];

/// Free texts of operators, where an address should not stand but might.
const ERASE_MENTIONS: [&str; 7] = [
    "UPDATE request SET body = NULL WHERE instr(lower(body), :text)",
    "UPDATE audit SET detail = '' WHERE instr(lower(detail), :text)",
    "UPDATE audit SET about = 'erased' WHERE instr(lower(about), :text)",
    "DELETE FROM alarm WHERE instr(lower(about || ' ' || sentence), :text)",
    "UPDATE import SET basis = 'erased' WHERE instr(lower(basis), :text)",
    "UPDATE suppression_log SET detail = '' WHERE instr(lower(detail), :text)",
    // Erased is erased; the command line asks first that an editor be removed as one.
    "DELETE FROM editor WHERE lower(address) = :text OR address_key = :text",
];

/// Whether a text is gone from every byte of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traces {
    /// Neither the file nor its log holds it.
    None,
    /// Another process was reading: the log is emptied at its next checkpoint, within minutes.
    InLog,
}

impl Store {
    /// Empties the log and looks for texts in the bytes of the file. `secure_delete` has overwritten them already; should a page have kept an
    /// old copy all the same, the file is written anew.
    pub fn wipe_traces(&self, texts: &[String]) -> Result<Traces, StoreError> {
        let Some(path) = self.path().map(std::path::Path::to_owned) else { return Ok(Traces::None) };
        let connection = self.reading();
        let emptied = |connection: &rusqlite::Connection| -> Result<bool, StoreError> {
            let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        };
        if !emptied(&connection)? {
            return Ok(Traces::InLog);
        }
        if file_holds(&path, texts)? {
            connection.execute_batch("VACUUM")?;
            if !emptied(&connection)? {
                return Ok(Traces::InLog);
            }
        }
        Ok(Traces::None)
    }
}

/// Looks for texts in a file, a piece at a time, whatever the case of their letters.
fn file_holds(path: &std::path::Path, texts: &[String]) -> Result<bool, StoreError> {
    use std::io::Read;
    const PIECE: usize = 1 << 20;
    let failed = |error| StoreError::File { path: path.display().to_string(), error };
    let texts: Vec<_> = texts.iter().map(|text| text.to_ascii_lowercase().into_bytes()).collect();
    let overlap = texts.iter().map(Vec::len).max().unwrap_or_default();
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut piece = Vec::with_capacity(PIECE + overlap);
    loop {
        let read = file.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(failed)?;
        if read == 0 {
            return Ok(false);
        }
        piece.make_ascii_lowercase();
        if texts.iter().any(|text| !text.is_empty() && memchr::memmem::find(&piece, text).is_some()) {
            return Ok(true);
        }
        piece.drain(..piece.len().saturating_sub(overlap));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_stands_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let holds = |text: &str| file_holds(&path, &[text.to_owned(), "other@example.org".to_owned()]).unwrap();
        // Across the border of two pieces, and at the very end.
        for before in [0, (1 << 20) - 5, (1 << 20) + 1, 3 << 20] {
            let mut bytes = vec![b'x'; before];
            bytes.extend(b"Jo@example.org");
            std::fs::write(&path, bytes).unwrap();
            assert!(holds("jo@EXAMPLE.org"), "after {before} bytes");
            assert!(!holds("jill@example.org"));
        }
    }
}
