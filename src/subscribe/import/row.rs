//! One row of a file as what it asks for: somebody who is to get mail, or an address that is gone. Looks at nothing but the row.

use super::Options;
use super::columns::{Column, Columns};
use crate::domain::address::EmailAddress;
use crate::domain::issue::Choice;
use crate::domain::standing::Stage;
use crate::domain::subscriber::SuppressionReason;
use crate::domain::tag::Slug;
use crate::domain::text::{Language, Line};
use chrono::serde::ts_milliseconds_option as millis;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A row as it waits on the stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) language: Option<Language>,
    pub(super) stage: Stage,
    pub(super) topics: String,
    #[serde(with = "millis", default)]
    pub(super) opted_in_at: Option<DateTime<Utc>>,
    #[serde(with = "millis", default)]
    pub(super) confirmed_at: Option<DateTime<Utc>>,
    pub(super) opted_in_from: String,
    pub(super) confirmed_from: String,
    pub(super) wording: String,
    /// The cells as they came, by the names of their columns.
    pub(super) row: BTreeMap<String, String>,
}

/// What one row says.
#[derive(Debug)]
pub(super) struct ReadRow {
    pub(super) address: EmailAddress,
    pub(super) gone: Option<SuppressionReason>,
    /// It makes somebody active and proves no confirmation.
    pub(super) needs_basis: bool,
    /// The newsletters, the default where the row names none; empty for a row that left without naming any.
    pub(super) named: Vec<Slug>,
    pub(super) item: Item,
}

/// The words of a status column, as the lists of others write them.
const GONE: [(&str, SuppressionReason); 20] = [
    ("left", SuppressionReason::Left),
    ("unsubscribed", SuppressionReason::Left),
    ("unsubscribe", SuppressionReason::Left),
    ("opted_out", SuppressionReason::Left),
    ("optout", SuppressionReason::Left),
    ("opt_out", SuppressionReason::Left),
    ("removed", SuppressionReason::Left),
    ("deleted", SuppressionReason::Left),
    ("inactive", SuppressionReason::Left),
    ("bounced", SuppressionReason::HardBounce),
    ("bounce", SuppressionReason::HardBounce),
    ("hard_bounce", SuppressionReason::HardBounce),
    ("cleaned", SuppressionReason::HardBounce),
    ("undeliverable", SuppressionReason::HardBounce),
    ("complained", SuppressionReason::Complaint),
    ("complaint", SuppressionReason::Complaint),
    ("spam", SuppressionReason::Complaint),
    ("suppressed", SuppressionReason::Operator),
    ("blocked", SuppressionReason::Operator),
    ("erased", SuppressionReason::Erasure),
];
const LIVE: [(&str, Stage); 9] = [
    ("", Stage::Active),
    ("active", Stage::Active),
    ("subscribed", Stage::Active),
    ("confirmed", Stage::Active),
    ("enabled", Stage::Active),
    ("pending", Stage::Pending),
    ("unconfirmed", Stage::Pending),
    ("paused", Stage::Paused),
    ("disabled", Stage::Paused),
];

/// The word that an export writes for a suppression; [`read`] understands it.
pub(in crate::subscribe) fn word_of(reason: SuppressionReason) -> &'static str {
    match reason {
        SuppressionReason::Left => "left",
        SuppressionReason::HardBounce => "bounced",
        SuppressionReason::Complaint => "complained",
        SuppressionReason::Operator => "suppressed",
        SuppressionReason::Erasure => "erased",
    }
}

/// Reads one row, or says what is wrong with it.
pub(super) fn read(
    cells: &csv::StringRecord,
    header: &[String],
    columns: &Columns,
    options: &Options<'_>,
) -> Result<ReadRow, String> {
    let cell = |column| columns.cell(cells, column);
    let (gone, stage) = status(cell(Column::Status))?;
    let typed = cell(Column::Email);
    // Whoever is gone may have had any address; whoever gets mail needs one that a person reads.
    let parsed = if gone.is_some() { EmailAddress::parse(typed) } else { EmailAddress::parse_reader(typed) };
    let address = parsed.map_err(|error| format!("{typed:?}: {error}"))?;
    let named = newsletters(cell(Column::Newsletters), gone, options)?;
    let opted_in_at = instant(cell(Column::OptedInAt), "opted_in_at", options.now)?;
    let confirmed_at = instant(cell(Column::ConfirmedAt), "confirmed_at", options.now)?;
    let topics = if gone.is_some() { String::new() } else { topics(cell(Column::Topics), &named, options)? };
    let as_came = header.iter().zip(cells.iter()).filter(|(_, cell)| !cell.is_empty());
    let item = Item {
        address: address.as_str().to_owned(),
        name: Line::clean_to(cell(Column::Name), 200).as_str().to_owned(),
        language: Language::parse(cell(Column::Language)).ok(),
        stage,
        topics,
        opted_in_at,
        confirmed_at,
        opted_in_from: cell(Column::OptedInFrom).to_owned(),
        confirmed_from: cell(Column::ConfirmedFrom).to_owned(),
        wording: cell(Column::Wording).to_owned(),
        row: as_came.map(|(name, cell)| (name.clone(), cell.to_owned())).collect(),
    };
    let needs_basis = gone.is_none() && stage != Stage::Pending && confirmed_at.is_none();
    Ok(ReadRow { address, gone, needs_basis, named, item })
}

fn status(word: &str) -> Result<(Option<SuppressionReason>, Stage), String> {
    let plain = word.to_lowercase().replace([' ', '-'], "_");
    if let Some((_, stage)) = LIVE.iter().find(|(known, _)| *known == plain) {
        return Ok((None, *stage));
    }
    match GONE.iter().find(|(known, _)| *known == plain) {
        Some((_, reason)) => Ok((Some(*reason), Stage::Left)),
        None => Err(format!(
            "the status {word:?} is not known: active, pending, paused, left, bounced, complained, suppressed"
        )),
    }
}

fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([',', ';', '|']).map(str::trim).filter(|part| !part.is_empty())
}

fn newsletters(cell: &str, gone: Option<SuppressionReason>, options: &Options<'_>) -> Result<Vec<Slug>, String> {
    let mut named = BTreeSet::new();
    for part in parts(cell) {
        let slug = Slug::parse(part).ok().filter(|slug| options.newsletters.contains_key(slug));
        let known = || options.newsletters.keys().map(Slug::as_str).collect::<Vec<_>>().join(", ");
        named.insert(slug.ok_or_else(|| format!("there is no newsletter {part:?}; there are: {}", known()))?);
    }
    match options.default {
        _ if !named.is_empty() || gone.is_some() => Ok(named.into_iter().collect()),
        Some(default) => Ok(vec![default.clone()]),
        None => Err("the row names no newsletter; --newsletter SLUG says which".to_owned()),
    }
}

/// A topic that is misspelt must not become "everything": the row is refused.
fn topics(cell: &str, newsletters: &[Slug], options: &Options<'_>) -> Result<String, String> {
    let mut chosen = BTreeSet::new();
    for part in parts(cell) {
        let known = |slug: &Slug| newsletters.iter().any(|named| options.newsletters[named].contains(slug));
        let slug = Slug::parse(part).ok().filter(known);
        chosen.insert(slug.ok_or_else(|| format!("there is no topic {part:?} in this newsletter"))?);
    }
    let choice = if chosen.is_empty() { Choice::Everything } else { Choice::Topics(chosen) };
    Ok(choice.key())
}

/// An instant in one of the forms that lists have; without a zone it is UTC.
fn instant(cell: &str, column: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    let at = parse_instant(cell).ok_or_else(|| format!("{column} {cell:?} is no instant such as 2026-11-20 17:00"))?;
    // A local time without its zone may lie up to a day ahead of us.
    if at > now + TimeDelta::days(1) {
        Err(format!("{column} {cell:?} lies in the future"))
    } else {
        Ok(Some(at.min(now)))
    }
}

fn parse_instant(cell: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(cell) {
        return Some(at.with_timezone(&Utc));
    }
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(cell, form).ok());
    let local = local.or_else(|| NaiveDate::parse_from_str(cell, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0));
    local.map(|local| local.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_an_export_is_read_back() {
        for (reason, _) in SuppressionReason::ALL {
            assert_eq!(status(word_of(reason)).unwrap().0, Some(reason));
        }
        for stage in [Stage::Active, Stage::Pending, Stage::Paused] {
            assert_eq!(status(stage.as_str()), Ok((None, stage)));
        }
        assert_eq!(status("Opted-Out").unwrap().0, Some(SuppressionReason::Left));
        assert!(status("VIP").unwrap_err().contains("\"VIP\""));
    }

    #[test]
    fn instants_are_read_in_the_forms_that_lists_have() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        for text in ["2020-05-06T07:08:00Z", "2020-05-06T09:08:00+02:00", "2020-05-06 07:08", "2020-05-06 07:08:00"] {
            let at = instant(text, "x", now).unwrap().unwrap();
            assert_eq!(at.to_rfc3339(), "2020-05-06T07:08:00+00:00", "{text}");
        }
        assert!(instant("2020-05-06", "x", now).unwrap().is_some());
        assert_eq!(instant("", "x", now), Ok(None));
        for text in ["05/06/2020", "yesterday", "2099-01-01", "=NOW()"] {
            assert!(instant(text, "confirmed_at", now).unwrap_err().contains(text), "{text}");
        }
    }
}
