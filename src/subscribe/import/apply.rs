//! Applies what was decided, slice by slice: first those who are gone, so that at no instant somebody could be mailed whom the file calls gone.

use super::decide::{Decision, decide};
use super::row::Item;
use super::{Event, ImportError, Options, Report, SLICE, address_of};
use crate::domain::consent::{ConsentEvent, Evidence};
use crate::domain::standing::{Stage, Standing};
use crate::domain::subscriber::{SubscriberId, SuppressionReason};
use crate::domain::text::Line;
use crate::store::imports::{Deed, Did, ImportId, Staged, origin};
use crate::store::people::PeopleChange;
use crate::store::sql_types::from_json;
use crate::store::subscribers::NewSubscriber;
use crate::store::{Store, StoreError};

/// One import under way.
pub(super) struct Applying<'a> {
    pub(super) store: &'a Store,
    pub(super) options: &'a Options<'a>,
    pub(super) file_name: String,
    pub(super) file_hash: [u8; 32],
}

/// A staged line with what it leads to.
struct Decided {
    staged: Staged,
    item: Item,
    decision: Decision,
}

impl Applying<'_> {
    pub(super) fn run(
        &self,
        report: &mut Report,
        public_id: &mut dyn FnMut() -> [u8; 8],
        tell: &mut dyn FnMut(Event),
    ) -> Result<(), ImportError> {
        let all = report.rows - report.problems;
        let mut done = 0;
        for gone in [true, false] {
            let mut after = 0;
            loop {
                let slice = self.slice(gone, after, report, public_id)?;
                let Some(last) = slice.last() else { break };
                after = *last;
                done += slice.len() as u64;
                tell(Event::Progress { done: done.min(all), all });
            }
        }
        Ok(())
    }

    /// Decides and applies one slice in one transaction, and returns its places on the stage.
    fn slice(
        &self,
        gone: bool,
        after: i64,
        report: &mut Report,
        public_id: &mut dyn FnMut() -> [u8; 8],
    ) -> Result<Vec<i64>, StoreError> {
        if self.options.dry_run {
            return self.store.read_people(|people| {
                let page = people.staged(gone, after, SLICE)?;
                let mut places = Vec::with_capacity(page.len());
                for staged in page {
                    let item: Item = from_json(&staged.text)?;
                    let decision = decide(people, &staged, &item, self.options.now)?;
                    report.count(decision.outcome(), staged.line, &item.address);
                    places.push(staged.place);
                }
                Ok(places)
            });
        }
        // The id is noted in the report after the commit only: a slice that is rolled back has made no import.
        let mut counted = Vec::new();
        let known = report.id;
        let (places, id) = self.store.change_people::<_, StoreError>(|people| {
            let mut id = known;
            let page = people.staged(gone, after, SLICE)?;
            let mut places = Vec::with_capacity(page.len());
            for staged in page {
                let item: Item = from_json(&staged.text)?;
                let decision = decide(people, &staged, &item, self.options.now)?;
                counted.push((decision.outcome(), staged.line, item.address.clone()));
                places.push(staged.place);
                self.apply(people, &mut id, Decided { staged, item, decision }, public_id)?;
            }
            Ok((places, id))
        })?;
        report.id = id;
        for (outcome, line, address) in counted {
            report.count(outcome, line, &address);
        }
        Ok(places)
    }

    fn apply(
        &self,
        people: &PeopleChange<'_>,
        id: &mut Option<ImportId>,
        decided: Decided,
        public_id: &mut dyn FnMut() -> [u8; 8],
    ) -> Result<(), StoreError> {
        let Decided { staged, item, decision } = decided;
        match decision {
            Decision::Nothing(_) => Ok(()),
            Decision::Suppress(reason) => self.suppress(people, id, &staged, reason),
            Decision::Put { subscriber, before, after, .. } => {
                let import = self.opened(people, id)?;
                let subscriber = match subscriber {
                    Some(subscriber) => subscriber,
                    None => self.create(people, import, &staged, &item, public_id())?,
                };
                self.put(people, import, &staged, &item, (subscriber, before, after))
            }
        }
    }

    /// The import's row, made at the first change: a file that changes nothing leaves no trace.
    fn opened(&self, people: &PeopleChange<'_>, id: &mut Option<ImportId>) -> Result<ImportId, StoreError> {
        if let Some(id) = id {
            return Ok(*id);
        }
        let basis = self.options.basis.unwrap_or_default();
        let opened = people.open_import(self.options.now, &self.file_name, &self.file_hash, basis)?;
        *id = Some(opened);
        Ok(opened)
    }

    fn suppress(
        &self,
        people: &PeopleChange<'_>,
        id: &mut Option<ImportId>,
        staged: &Staged,
        reason: SuppressionReason,
    ) -> Result<(), StoreError> {
        let import = self.opened(people, id)?;
        let detail = origin(import);
        if let Some(log) = people.suppress(&staged.hash, reason, &detail, self.options.now)? {
            let did = Did::Suppressed { hash: staged.hash, log };
            people.note_deed(import, &Deed { line: staged.line, newsletter: staged.newsletter, did })?;
        }
        Ok(())
    }

    fn create(
        &self,
        people: &PeopleChange<'_>,
        import: ImportId,
        staged: &Staged,
        item: &Item,
        public_id: [u8; 8],
    ) -> Result<SubscriberId, StoreError> {
        let subscriber = people.insert_subscriber(&NewSubscriber {
            public_id,
            address: &address_of(item)?,
            hash: staged.hash,
            name: &Line::clean(&item.name),
            language: item.language.as_ref(),
            created_at: self.options.now,
        })?;
        let did = Did::Created(subscriber);
        people.note_deed(import, &Deed { line: staged.line, newsletter: staged.newsletter, did })?;
        Ok(subscriber)
    }

    fn put(
        &self,
        people: &PeopleChange<'_>,
        import: ImportId,
        staged: &Staged,
        item: &Item,
        (subscriber, before, after): (SubscriberId, Option<Standing>, Standing),
    ) -> Result<(), StoreError> {
        people.put_standing(subscriber, staged.newsletter, &after)?;
        self.keep_waiting(people, staged.newsletter, subscriber, &after)?;
        let evidence = self.evidence(import, staged.line, item);
        people.append_consent(subscriber, Some(staged.newsletter), ConsentEvent::Imported, &evidence)?;
        let did = Did::Subscribed { subscriber, before, after: Some(after) };
        people.note_deed(import, &Deed { line: staged.line, newsletter: staged.newsletter, did })
    }

    /// Whoever gets a newsletter by this import waits for their turn, if they come by cohorts.
    fn keep_waiting(
        &self,
        people: &PeopleChange<'_>,
        newsletter: u16,
        subscriber: SubscriberId,
        after: &Standing,
    ) -> Result<(), StoreError> {
        match (self.options.per_issue, after.stage, after.confirmed_at) {
            (Some(per_issue), Stage::Active, Some(confirmed_at)) => {
                people.set_growth(newsletter, per_issue)?;
                people.put_arriving(subscriber, newsletter, confirmed_at)
            }
            _ => Ok(()),
        }
    }

    /// The row as it came, and on what basis it was taken.
    fn evidence(&self, import: ImportId, line: u64, item: &Item) -> Evidence {
        let mut evidence = Evidence::new(self.options.now, &origin(import)).with("line", &line.to_string());
        evidence.wording.clone_from(&item.wording);
        let basis = self.options.basis.unwrap_or_default();
        for (name, text) in
            [("basis", basis), ("opted_in_from", &item.opted_in_from), ("confirmed_from", &item.confirmed_from)]
        {
            if !text.is_empty() {
                evidence = evidence.with(name, text);
            }
        }
        for (name, cell) in &item.row {
            evidence = evidence.with(&format!("row.{name}"), cell);
        }
        evidence
    }
}
