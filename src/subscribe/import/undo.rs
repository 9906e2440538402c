//! Takes an import back, and nothing that readers or mail servers did since.
//!
//! A subscription is taken back if it stands exactly as the import left it. A suppression goes if the import alone made it and it says no more
//! than that somebody had left or an operator decided so; bounces and complaints stay true whatever file told them, unless asked for. A subscriber
//! goes who was made by the import and whom nothing else holds: no other subscription, no issue, no word of their own.

use super::{Event, ImportError, SLICE};
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::standing::Standing;
use crate::domain::subscriber::{SubscriberId, SuppressionReason};
use crate::store::imports::{Deed, Did, Import, ImportId, origin};
use crate::store::people::PeopleChange;
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};

/// What taking an import back did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undone {
    /// Subscriptions as they were before.
    pub subscriptions: u64,
    /// People who are gone from the database.
    pub people: u64,
    /// Suppressions lifted.
    pub lifted: u64,
    /// Subscriptions kept, because somebody changed them since.
    pub kept_changed: u64,
    /// People kept without a subscription, because an issue went to them or they said something.
    pub kept_people: u64,
    /// Suppressions kept.
    pub kept_suppressions: u64,
}

/// Takes an import back: the one named, or the latest. `with_suppressions` lifts bounces and complaints that only this import told, too.
pub fn undo(
    store: &Store,
    id: Option<i64>,
    with_suppressions: bool,
    now: DateTime<Utc>,
    tell: &mut dyn FnMut(Event),
) -> Result<(Import, Undone), ImportError> {
    let import = find(store, id)?;
    let mut undone = Undone::default();
    let mut done = 0;
    // Subscribers last: by then their subscriptions are gone, if nobody touched them.
    for created in [false, true] {
        let mut after = (0, 0);
        loop {
            let (slice, deeds) = store.change_people::<_, StoreError>(|people| {
                let deeds = people.deeds(import.id, created, after, SLICE)?;
                let mut slice = Undone::default();
                for deed in &deeds {
                    take_back(people, import.id, deed, with_suppressions, now, &mut slice)?;
                    people.forget_deed(import.id, deed)?;
                }
                Ok((slice, deeds))
            })?;
            let Some(last) = deeds.last() else { break };
            after = (last.line, last.newsletter);
            undone.add(slice);
            done += deeds.len() as u64;
            tell(Event::Progress { done, all: done });
        }
    }
    store.change_people::<_, StoreError>(|people| people.close_import(import.id, now))?;
    Ok((import, undone))
}

fn find(store: &Store, id: Option<i64>) -> Result<Import, ImportError> {
    let found = store.read_people(|people| {
        let mut imports = people.imports()?.into_iter();
        Ok::<_, StoreError>(match id {
            Some(id) => imports.find(|import| import.id == ImportId(id)),
            None => imports.find(|import| import.undone_at.is_none()),
        })
    })?;
    match (found, id) {
        (Some(Import { undone_at: Some(at), .. }), Some(id)) => {
            Err(ImportError::NoImport(format!("import {id} was taken back on {}", at.format("%Y-%m-%d"))))
        }
        (Some(import), _) => Ok(import),
        (None, Some(id)) => Err(ImportError::NoImport(format!("there is no import {id}"))),
        (None, None) => Err(ImportError::NoImport("there is no import to take back".to_owned())),
    }
}

fn take_back(
    people: &PeopleChange<'_>,
    import: ImportId,
    deed: &Deed,
    with_suppressions: bool,
    now: DateTime<Utc>,
    undone: &mut Undone,
) -> Result<(), StoreError> {
    match &deed.did {
        Did::Subscribed { subscriber, before, after } => {
            let present = people.standing(*subscriber, deed.newsletter)?;
            if after.is_none() || present != *after {
                undone.kept_changed += 1;
                return Ok(());
            }
            undone.subscriptions += 1;
            put_back(people, import, *subscriber, deed.newsletter, before.as_ref(), now)
        }
        Did::Created(subscriber) => {
            if people.is_bound(*subscriber, import)? {
                undone.kept_people += 1;
            } else {
                people.delete_subscriber(*subscriber)?;
                undone.people += 1;
            }
            Ok(())
        }
        Did::Suppressed { hash, log } => {
            let reason = people.suppression(hash)?.map(|suppression| suppression.reason);
            let stays_true = matches!(
                reason,
                Some(SuppressionReason::HardBounce | SuppressionReason::Complaint | SuppressionReason::Erasure)
            );
            if reason.is_none() || (stays_true && !with_suppressions) || !people.is_only_suppression(hash, *log)? {
                undone.kept_suppressions += u64::from(reason.is_some());
                return Ok(());
            }
            people.lift(hash, "import taken back", &origin(import), now)?;
            undone.lifted += 1;
            Ok(())
        }
    }
}

fn put_back(
    people: &PeopleChange<'_>,
    import: ImportId,
    subscriber: SubscriberId,
    newsletter: u16,
    before: Option<&Standing>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match before {
        Some(before) => people.put_standing(subscriber, newsletter, before)?,
        None => people.delete_standing(subscriber, newsletter)?,
    }
    // Whom nothing else holds is deleted with all that the import said of them; for the others the ledger says what happened.
    if people.is_bound(subscriber, import)? {
        let evidence = Evidence::new(now, &origin(import));
        people.append_consent(subscriber, Some(newsletter), ConsentEvent::ImportUndone, &evidence)?;
    }
    Ok(())
}

impl Undone {
    fn add(&mut self, other: Self) {
        self.subscriptions += other.subscriptions;
        self.people += other.people;
        self.lifted += other.lifted;
        self.kept_changed += other.kept_changed;
        self.kept_people += other.kept_people;
        self.kept_suppressions += other.kept_suppressions;
    }
}
