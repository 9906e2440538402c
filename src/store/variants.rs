//! The frozen renderings of an issue. They are evidence: written once by the freeze, never changed.

use super::{Store, StoreError};
use crate::domain::text::Language;
use rusqlite::OptionalExtension;

/// One frozen rendering, with the marks of `domain::slot` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendering {
    /// The subject.
    pub subject: String,
    /// The HTML document.
    pub html: String,
    /// The plain text.
    pub text: String,
    /// The language of its fixed texts.
    pub language: Language,
    /// Whether its readers want plain text alone.
    pub text_only: bool,
}

impl Store {
    /// A frozen rendering by its row number.
    pub fn rendering(&self, variant: i64) -> Result<Option<Rendering>, StoreError> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached("SELECT subject, html, text, language, format FROM variant WHERE id = ?1")?;
        let found = statement
            .query_row([variant], |row| {
                let language: String = row.get(3)?;
                Ok(Rendering {
                    subject: row.get(0)?,
                    html: row.get(1)?,
                    text: row.get(2)?,
                    language: Language::parse(&language).unwrap_or_else(|_| Language::english()),
                    text_only: row.get_ref(4)?.as_str() == Ok("text"),
                })
            })
            .optional()?;
        Ok(found)
    }
}
