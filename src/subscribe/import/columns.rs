//! Which column of a file means what.

use super::{ImportError, Options};
use crate::subscribe::cells;

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The address.
    Email,
    /// The person's name.
    Name,
    /// Whether they get mail.
    Status,
    /// Slugs of newsletters.
    Newsletters,
    /// Slugs of topics.
    Topics,
    /// A language tag.
    Language,
    /// When they asked.
    OptedInAt,
    /// From which network they asked.
    OptedInFrom,
    /// When they confirmed.
    ConfirmedAt,
    /// From which network they confirmed.
    ConfirmedFrom,
    /// What they were shown.
    Wording,
}

/// A text that names no column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of our columns: {columns}", columns = Column::ALL.map(|(_, name)| name).join(", "))]
pub struct UnknownColumn(String);

impl Column {
    /// All columns in the order of an export, with their names.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Email, "email"),
        (Self::Name, "name"),
        (Self::Status, "status"),
        (Self::Newsletters, "newsletters"),
        (Self::Topics, "topics"),
        (Self::Language, "language"),
        (Self::OptedInAt, "opted_in_at"),
        (Self::OptedInFrom, "opted_in_from"),
        (Self::ConfirmedAt, "confirmed_at"),
        (Self::ConfirmedFrom, "confirmed_from"),
        (Self::Wording, "wording"),
    ];

    /// The column of one of our names, or of a common other name of it.
    pub fn parse(name: &str) -> Result<Self, UnknownColumn> {
        let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
        let plain = match plain.as_str() {
            "e_mail" | "email_address" | "e_mail_address" => "email",
            "newsletter" => "newsletters",
            "topic" => "topics",
            other => other,
        };
        let found = Self::ALL.iter().find(|(_, known)| *known == plain);
        found.map(|(column, _)| *column).ok_or_else(|| UnknownColumn(name.to_owned()))
    }
}

/// The columns of one file by their places.
pub(super) struct Columns {
    places: Vec<Option<Column>>,
}

impl Columns {
    pub(super) fn of(header: &[String], options: &Options<'_>) -> Result<Self, ImportError> {
        let path = options.path.display().to_string();
        let wrong = |sentence: String| ImportError::Columns { path: path.clone(), sentence };
        for (theirs, _) in options.columns {
            if !header.iter().any(|name| same(name, theirs)) {
                return Err(wrong(format!("no column is named {theirs:?} (there are: {})", header.join(", "))));
            }
        }
        let mapped = |name: &str| options.columns.iter().find(|(theirs, _)| same(name, theirs)).map(|(_, ours)| *ours);
        // A column that --map claims for a meaning takes it from one that merely has its name.
        let claimed: Vec<Column> = options.columns.iter().map(|(_, ours)| *ours).collect();
        let places: Vec<_> = header
            .iter()
            .map(|name| mapped(name).or_else(|| Column::parse(name).ok().filter(|column| !claimed.contains(column))))
            .collect();
        for (column, name) in Column::ALL {
            if places.iter().filter(|place| **place == Some(column)).count() > 1 {
                return Err(wrong(format!("two columns mean {name:?}; rename one, or say which with --map")));
            }
        }
        if !places.contains(&Some(Column::Email)) {
            return Err(ImportError::NoAddress { path, columns: header.join(", ") });
        }
        Ok(Self { places })
    }

    /// A row's cell, trimmed, or nothing; the defusing of an export is undone.
    pub(super) fn cell<'r>(&self, row: &'r csv::StringRecord, column: Column) -> &'r str {
        let place = self.places.iter().position(|place| *place == Some(column));
        place
            .and_then(|place| row.get(place))
            .map_or("", |cell| cells::restore(cell.trim_matches([' ', '\n', '\r'])).trim())
    }

    /// The names of the columns that mean nothing here.
    pub(super) fn unused(&self, header: &[String]) -> Vec<String> {
        let named = header.iter().zip(&self.places).filter(|(name, place)| place.is_none() && !name.is_empty());
        named.map(|(name, _)| name.clone()).collect()
    }
}

fn same(one: &str, two: &str) -> bool {
    one.trim().to_lowercase() == two.trim().to_lowercase()
}
