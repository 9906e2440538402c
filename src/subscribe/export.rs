//! The list as a CSV file that a spreadsheet may open safely and that [`super::import`] reads back as exactly what is here.

use super::cells::defuse;
use super::import::{Column, word_of};
use crate::domain::consent::ConsentEvent;
use crate::domain::standing::Standing;
use crate::domain::subscriber::SubscriberId;
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::store::consent::ConsentEntry;
use crate::store::people::People;
use crate::store::subscribers::{Filter, Listed};
use crate::store::{Store, StoreError};
use chrono::{DateTime, SecondsFormat, Utc};
use std::io::Write;

/// People read at once.
const PAGE: u32 = 500;

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rows could not be written.
    #[error("the export could not be written: {0}")]
    Write(#[from] csv::Error),
}

/// Writes one row per person and newsletter, of one newsletter or all, and returns how many. A suppressed person's status says why, so that no
/// other installation mails them either.
pub fn export(store: &Store, newsletter: Option<&Slug>, to: impl Write) -> Result<u64, ExportError> {
    let mut writer = csv::Writer::from_writer(to);
    writer.write_record(Column::ALL.map(|(_, name)| name))?;
    let mut after = SubscriberId(0);
    let mut written = 0;
    loop {
        let rows = store.read_people(|people| page(people, newsletter, after))?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        for row in rows.iter().flat_map(|(_, rows)| rows) {
            writer.write_record(row.iter().map(|cell| defuse(cell)))?;
            written += 1;
        }
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(written)
}

/// A row in the order of the columns.
type Row = [String; Column::ALL.len()];

fn page(
    people: &People<'_>,
    newsletter: Option<&Slug>,
    after: SubscriberId,
) -> Result<Vec<(SubscriberId, Vec<Row>)>, StoreError> {
    let mut page = Vec::new();
    for listed in people.page(&Filter::default(), after, PAGE)? {
        let id = listed.subscriber.id;
        let consent = people.consent(id)?;
        let mut rows: Vec<Row> = people
            .standings(id)?
            .iter()
            .filter(|(_, slug, _)| newsletter.is_none_or(|wanted| wanted == slug))
            .map(|(_, slug, standing)| row(&listed, Some((slug, standing)), &consent))
            .collect();
        if rows.is_empty() && newsletter.is_none() && listed.suppressed.is_some() {
            rows.push(row(&listed, None, &consent));
        }
        page.push((id, rows));
    }
    Ok(page)
}

fn row(listed: &Listed, subscription: Option<(&Slug, &Standing)>, consent: &[ConsentEntry]) -> Row {
    let subscriber = &listed.subscriber;
    let slug = subscription.map(|(slug, _)| slug);
    let standing = subscription.map(|(_, standing)| standing);
    let stage = standing.map_or("", |standing| standing.stage.as_str());
    let at = |of: fn(&Standing) -> Option<DateTime<Utc>>| standing.and_then(of).map(instant).unwrap_or_default();
    [
        subscriber.address.to_string(),
        subscriber.name.as_str().to_owned(),
        listed.suppressed.map_or(stage, word_of).to_owned(),
        slug.map(ToString::to_string).unwrap_or_default(),
        standing.map(|standing| standing.choice.key()).unwrap_or_default(),
        subscriber.language.as_ref().map_or("", Language::as_str).to_owned(),
        at(|standing| standing.asked_at),
        said(consent, slug, ConsentEvent::Asked, "opted_in_from"),
        at(|standing| standing.confirmed_at),
        said(consent, slug, ConsentEvent::Confirmed, "confirmed_from"),
        wording(consent, slug),
    ]
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// From where somebody acted: what we saw, else what the file said that brought them.
fn said(consent: &[ConsentEntry], slug: Option<&Slug>, event: ConsentEvent, column: &str) -> String {
    let mut entries = consent.iter().rev().filter(|entry| entry.newsletter.as_ref() == slug);
    let found = entries.find_map(|entry| {
        let seen = entry.evidence.network.as_ref().filter(|_| entry.event == event);
        seen.or_else(|| entry.evidence.detail.get(column))
    });
    found.cloned().unwrap_or_default()
}

fn wording(consent: &[ConsentEntry], slug: Option<&Slug>) -> String {
    let mut entries = consent.iter().rev().filter(|entry| entry.newsletter.as_ref() == slug);
    let found = entries.find(|entry| !entry.evidence.wording.is_empty());
    found.map(|entry| entry.evidence.wording.clone()).unwrap_or_default()
}
