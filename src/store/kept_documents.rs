//! Documents of sources that mean something else on another day, as they were fetched last: packed, one a source. Reads nothing out of them.

use super::{Store, StoreError};
use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use rusqlite::{OptionalExtension, params};
use std::io::Read;

/// The most bytes of a packed document: a larger one is fetched whole each time.
const PACKED: usize = 1 << 20;

/// A document as it was fetched, with what a conditional request for it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDocument {
    /// The address that was asked.
    pub asked: String,
    /// The address that answered.
    pub url: String,
    /// The validator that came with it (RFC 9110, 8.8.3).
    pub etag: Option<String>,
    /// The date that came with it (RFC 9110, 8.8.2).
    pub last_modified: Option<String>,
    /// Its media type.
    pub media_type: Option<String>,
    /// The charset that HTTP named.
    pub charset: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Store {
    /// The document of a source that was kept last, of at most `limit` bytes; none where it cannot be unpacked.
    pub fn kept_document(&self, source: i64, limit: usize) -> Result<Option<KeptDocument>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT asked, url, etag, last_modified, media_type, charset, packed FROM kept_document WHERE source = ?1",
        )?;
        let kept = statement.query_row([source], |row| {
            let packed: Vec<u8> = row.get(6)?;
            Ok(unpacked(&packed, limit).map(|bytes| {
                Ok(KeptDocument {
                    asked: row.get(0)?,
                    url: row.get(1)?,
                    etag: row.get(2)?,
                    last_modified: row.get(3)?,
                    media_type: row.get(4)?,
                    charset: row.get(5)?,
                    bytes,
                })
            }))
        });
        kept.optional()?.flatten().transpose().map_err(|error: rusqlite::Error| error.into())
    }

    /// Keeps a document of a source in the place of the one before; forgets that where this one has no validator or is too large.
    pub fn keep_document(&self, source: i64, kept: &KeptDocument) -> Result<(), StoreError> {
        let packed = if kept.etag.is_some() || kept.last_modified.is_some() { packed(&kept.bytes) } else { None };
        self.writing(|tx| {
            let KeptDocument { asked, url, etag, last_modified, media_type, charset, .. } = kept;
            match &packed {
                Some(packed) => tx.execute(
                    "INSERT OR REPLACE INTO kept_document (source, asked, url, etag, last_modified, media_type, charset, packed)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    params![source, asked, url, etag, last_modified, media_type, charset, packed],
                )?,
                None => tx.execute("DELETE FROM kept_document WHERE source = ?1", [source])?,
            };
            Ok(())
        })
    }
}

fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    let read = ZlibEncoder::new(bytes, Compression::fast()).take(PACKED as u64 + 1).read_to_end(&mut packed);
    (read.is_ok() && packed.len() <= PACKED).then_some(packed)
}

fn unpacked(packed: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = ZlibDecoder::new(packed).take(limit as u64 + 1).read_to_end(&mut bytes);
    (read.is_ok() && bytes.len() <= limit).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tag::Slug;

    fn document(bytes: &[u8]) -> KeptDocument {
        KeptDocument {
            asked: "https://ex.org/events".into(),
            url: "https://cal.ex.org/events.ics".into(),
            etag: Some("\"a\"".into()),
            last_modified: None,
            media_type: Some("text/calendar".into()),
            charset: None,
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn a_document_is_kept_until_another_takes_its_place() {
        let store = Store::in_memory().unwrap();
        let source = store.source_state(&Slug::parse("events").unwrap()).unwrap().id;
        assert_eq!(store.kept_document(source, 1_000).unwrap(), None);
        store.keep_document(source, &document(b"first")).unwrap();
        let second = document(&b"second ".repeat(100));
        store.keep_document(source, &second).unwrap();
        assert_eq!(store.kept_document(source, 1_000).unwrap(), Some(second));
        assert_eq!(store.kept_document(source, 699).unwrap(), None, "larger than the reader wants");
    }

    #[test]
    fn nothing_is_kept_that_could_not_be_asked_for_or_is_too_large() {
        let store = Store::in_memory().unwrap();
        let source = store.source_state(&Slug::parse("events").unwrap()).unwrap().id;
        let mut number = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) as u8
        })
        .take(PACKED + 1)
        .collect();
        for unfit in [KeptDocument { etag: None, ..document(b"x") }, document(&noise)] {
            store.keep_document(source, &document(b"before")).unwrap();
            store.keep_document(source, &unfit).unwrap();
            assert_eq!(store.kept_document(source, 10 << 20).unwrap(), None);
        }
    }
}
