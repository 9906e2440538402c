//! Bringing a list from elsewhere: read, decided and applied so that nobody who left is ever brought back.
//!
//! The lines are staged first, those who are gone before those who get mail, then applied in slices, so that a delivery beside it waits for no
//! slice longer than a moment. What is decided depends on the stage and the database alone: a dry run decides the same and writes nothing, and
//! the same file a second time finds nothing to do.

mod apply;
mod columns;
mod decide;
mod file;
mod row;
mod undo;

pub use columns::{Column, UnknownColumn};
pub(in crate::subscribe) use row::word_of;
pub use undo::{Undone, undo};

use crate::domain::address::EmailAddress;
use crate::domain::subscriber::SuppressionReason;
use crate::domain::tag::Slug;
use crate::domain::token::Keyring;
use crate::store::imports::{ImportId, Staged};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use columns::Columns;
use file::CsvFile;
use row::{Item, ReadRow};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Lines on the stage or applied in one transaction.
const SLICE: u32 = 250;

/// Examples kept of each outcome.
const EXAMPLES: usize = 3;

/// What to import and how.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// The file.
    pub path: &'a Path,
    /// Which of its columns mean what, beside those that have our names.
    pub columns: &'a [(String, Column)],
    /// Why mail may go to people whose row proves no confirmation.
    pub basis: Option<&'a str>,
    /// The newsletters there are, with their topics.
    pub newsletters: &'a BTreeMap<Slug, BTreeSet<Slug>>,
    /// The newsletter of rows that name none.
    pub default: Option<&'a Slug>,
    /// Those who are new get nothing before their turn: so many are let in with each issue. None: all at once.
    pub per_issue: Option<u32>,
    /// Decide and write nothing.
    pub dry_run: bool,
    /// The instant of the import.
    pub now: DateTime<Utc>,
}

/// What the importer says while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A row that cannot be taken; the others are.
    Problem {
        /// Its line.
        line: u64,
        /// What is wrong, naming the cell.
        sentence: String,
    },
    /// Lines applied so far, and all of them.
    Progress {
        /// So far.
        done: u64,
        /// All.
        all: u64,
    },
}

/// What became of a line for one newsletter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A newsletter that somebody, known or not, had nothing to do with.
    New,
    /// Somebody who waited for a confirmation that the file has.
    Confirmed,
    /// An address that gets nothing from now on.
    Suppressed(SuppressionReason),
    /// One newsletter that somebody left, who gets others.
    Left,
    /// Nothing to do.
    Unchanged,
    /// The file said the same before.
    Repeated,
    /// Left here, and brought back by no file.
    KeptLeft,
    /// Suppressed here or by this file, and brought back by no file.
    KeptOut(SuppressionReason),
}

impl Outcome {
    /// Whether the database changes by it.
    pub fn changes(self) -> bool {
        matches!(self, Self::New | Self::Confirmed | Self::Suppressed(_) | Self::Left)
    }

    /// What people read.
    pub fn in_words(self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Confirmed => "waited for a confirmation that the file has".to_owned(),
            Self::Suppressed(reason) => format!("suppressed: {}", reason.in_words()),
            Self::Left => "left one newsletter, gets others".to_owned(),
            Self::Unchanged => "nothing to do".to_owned(),
            Self::Repeated => "said before in this file".to_owned(),
            Self::KeptLeft => "kept out: left here".to_owned(),
            Self::KeptOut(reason) => format!("kept out: {}", reason.in_words()),
        }
    }
}

/// How many lines had an outcome, and the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// The first: line and address as it stands in the file.
    pub examples: Vec<(u64, String)>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The import, for taking it back; none when nothing changed.
    pub id: Option<ImportId>,
    /// How the file's bytes were read.
    pub encoding: &'static str,
    /// What separates its cells.
    pub delimiter: char,
    /// Columns that mean nothing here; they go to the consent ledger with the row.
    pub unused: Vec<String>,
    /// Rows read.
    pub rows: u64,
    /// Rows that could not be taken.
    pub problems: u64,
    /// What became of the lines.
    pub outcomes: BTreeMap<Outcome, Counted>,
}

impl Report {
    fn count(&mut self, outcome: Outcome, line: u64, address: &str) {
        let counted = self.outcomes.entry(outcome).or_default();
        counted.count += 1;
        if counted.examples.len() < EXAMPLES {
            counted.examples.push((line, address.to_owned()));
        }
    }

    /// How many lines change or would change something.
    pub fn changes(&self) -> u64 {
        self.outcomes.iter().filter(|(outcome, _)| outcome.changes()).map(|(_, counted)| counted.count).sum()
    }
}

/// Why an import did not begin, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store failed; what was applied before stays and is taken back by `undo-import`.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be opened.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file cannot be read on.
    #[error("{path}, line {line}: {reason}; nothing was imported")]
    Unreadable {
        /// The file.
        path: String,
        /// Where.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// No header.
    #[error("{0}: the file is empty")]
    Empty(String),
    /// No column with addresses.
    #[error(
        "{path}: no column is named \"email\" (there are: {columns}); the first line names the columns, --map \"THEIRS=email\" says which"
    )]
    NoAddress {
        /// The file.
        path: String,
        /// Its columns.
        columns: String,
    },
    /// Two columns for one meaning, or a mapped one that is not there.
    #[error("{path}: {sentence}")]
    Columns {
        /// The file.
        path: String,
        /// What is wrong.
        sentence: String,
    },
    /// Rows would become active, and nothing says why they may.
    #[error(
        "{path}: {count} rows are active without a confirmed_at, the first in line {line}; --basis \"...\" records why mail may go to them; nothing was imported"
    )]
    NoBasis {
        /// The file.
        path: String,
        /// The first.
        line: u64,
        /// How many.
        count: u64,
    },
    /// There is no such import, or it was taken back.
    #[error("{0}")]
    NoImport(String),
}

/// Imports a file. `public_id` draws eight random bytes for each new subscriber.
pub fn import(
    store: &Store,
    keyring: &Keyring,
    options: &Options<'_>,
    public_id: &mut dyn FnMut() -> [u8; 8],
    tell: &mut dyn FnMut(Event),
) -> Result<Report, ImportError> {
    let mut file = CsvFile::open(options.path)?;
    let columns = Columns::of(&file.header, options)?;
    let mut report = Report {
        encoding: file.encoding,
        delimiter: file.delimiter,
        unused: columns.unused(&file.header),
        ..Report::default()
    };
    let rows = NewsletterRows::of(store, options)?;
    stage(store, keyring, options, &mut file, &columns, &rows, &mut report, tell)?;
    let applied = apply::Applying {
        store,
        options,
        file_name: options.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        file_hash: file.hash,
    }
    .run(&mut report, public_id, tell);
    store.clear_stage()?;
    applied?;
    if let (Some(per_issue), Some(default), false) = (options.per_issue, options.default, options.dry_run) {
        // Also where the file changed nothing: bringing it again with another number is how the pace is changed.
        let newsletter = store.newsletter_id(default, options.now)?;
        store.change_people::<_, StoreError>(|people| people.set_growth(newsletter, per_issue))?;
    }
    Ok(report)
}

/// Reads the file onto the stage.
#[expect(clippy::too_many_arguments, reason = "the pieces of one import, borrowed apart")]
fn stage(
    store: &Store,
    keyring: &Keyring,
    options: &Options<'_>,
    file: &mut CsvFile,
    columns: &Columns,
    newsletters: &NewsletterRows,
    report: &mut Report,
    tell: &mut dyn FnMut(Event),
) -> Result<(), ImportError> {
    store.clear_stage()?;
    let header = file.header.clone();
    let mut slice = Vec::with_capacity(SLICE as usize);
    let mut unproven: Option<(u64, u64)> = None;
    let mut repeated = 0;
    while let Some(row) = file.next()? {
        report.rows += 1;
        let line = row.line;
        let read = row.cells.and_then(|cells| row::read(cells, &header, columns, options));
        match read {
            Err(sentence) => {
                report.problems += 1;
                tell(Event::Problem { line, sentence });
            }
            Ok(ReadRow { address, gone, needs_basis, named, item }) => {
                if needs_basis {
                    unproven = Some(unproven.map_or((line, 1), |(first, count)| (first, count + 1)));
                }
                let hash = keyring.suppression_hash(&address);
                let text = crate::store::sql_types::json(&item)?;
                for newsletter in newsletters.of_row(gone, &named) {
                    slice.push(Staged { place: 0, line, hash, newsletter, gone, text: text.clone() });
                }
            }
        }
        if slice.len() >= SLICE as usize {
            repeated += store.stage(&slice)?;
            slice.clear();
        }
    }
    repeated += store.stage(&slice)?;
    if repeated > 0 {
        report.outcomes.entry(Outcome::Repeated).or_default().count = repeated;
    }
    match unproven {
        Some((line, count)) if options.basis.is_none() => {
            Err(ImportError::NoBasis { path: options.path.display().to_string(), line, count })
        }
        _ => Ok(()),
    }
}

/// The row numbers of the newsletters that rows may name.
struct NewsletterRows {
    by_slug: BTreeMap<Slug, u16>,
}

impl NewsletterRows {
    /// A dry run writes nothing: a newsletter without a row gets a number from the far end, where no row stands.
    fn of(store: &Store, options: &Options<'_>) -> Result<Self, StoreError> {
        let mut by_slug = BTreeMap::new();
        for (slug, free) in options.newsletters.keys().zip((0..=u16::MAX).rev()) {
            let id = if options.dry_run {
                store.known_newsletter_id(slug)?.unwrap_or(free)
            } else {
                store.newsletter_id(slug, options.now)?
            };
            by_slug.insert(slug.clone(), id);
        }
        Ok(Self { by_slug })
    }

    /// A row that left without naming newsletters left them all; whoever bounced or complained did so whatever the newsletter.
    fn of_row(&self, gone: Option<SuppressionReason>, named: &[Slug]) -> Vec<u16> {
        match gone {
            Some(reason) if reason != SuppressionReason::Left || named.is_empty() => vec![0],
            _ => named.iter().filter_map(|slug| self.by_slug.get(slug).copied()).collect(),
        }
    }
}

/// The address of a staged row.
fn address_of(item: &Item) -> Result<EmailAddress, StoreError> {
    EmailAddress::parse(&item.address).map_err(|error| StoreError::Unexpected(format!("a staged address: {error}")))
}

#[cfg(test)]
mod tests;
