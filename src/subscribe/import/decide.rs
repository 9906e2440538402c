//! What a staged line leads to, given the database and all that the file says of the same address. Writes nothing.

use super::Outcome;
use super::row::Item;
use crate::domain::issue::Choice;
use crate::domain::standing::{Stage, Standing};
use crate::domain::subscriber::{SubscriberId, SuppressionReason};
use crate::domain::tag::Slug;
use crate::store::StoreError;
use crate::store::imports::{Said, Staged};
use crate::store::people::People;
use chrono::{DateTime, Utc};

/// What is to be done for a line.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    /// Nothing.
    Nothing(Outcome),
    /// The address is suppressed.
    Suppress(SuppressionReason),
    /// A subscription is written.
    Put {
        /// Whose; nobody's yet if they are new.
        subscriber: Option<SubscriberId>,
        before: Option<Standing>,
        after: Standing,
        outcome: Outcome,
    },
}

impl Decision {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Nothing(outcome) | Self::Put { outcome, .. } => *outcome,
            Self::Suppress(reason) => Outcome::Suppressed(*reason),
        }
    }
}

/// Decides one line.
pub(super) fn decide(
    people: &People<'_>,
    staged: &Staged,
    item: &Item,
    now: DateTime<Utc>,
) -> Result<Decision, StoreError> {
    let subscriber = people.id_by_address(&super::address_of(item)?)?;
    let known = Known {
        suppressed: people.suppression(&staged.hash)?.map(|suppression| suppression.reason),
        subscriber,
        standings: subscriber.map_or(Ok(Vec::new()), |subscriber| people.standings(subscriber))?,
        said: people.said(&staged.hash)?,
    };
    Ok(match staged.gone {
        Some(reason) => known.gone(staged, item, reason, now),
        None => known.live(staged, item, now),
    })
}

/// What is known of one address: here, and in the whole file.
struct Known {
    suppressed: Option<SuppressionReason>,
    subscriber: Option<SubscriberId>,
    standings: Vec<(u16, Slug, Standing)>,
    said: Vec<Said>,
}

impl Known {
    fn standing(&self, newsletter: u16) -> Option<&Standing> {
        self.standings.iter().find(|(known, ..)| *known == newsletter).map(|(.., standing)| standing)
    }

    fn left_here(&self, newsletter: u16) -> bool {
        self.standing(newsletter).is_some_and(|standing| standing.stage == Stage::Left)
    }

    /// Whether the address gets a newsletter that the file does not say it left: by the file, or here.
    fn gets_another(&self) -> bool {
        let is_gone = |newsletter| {
            self.said.iter().any(|said| said.gone.is_some() && (said.newsletter == 0 || said.newsletter == newsletter))
        };
        let by_file = self.said.iter().filter(|said| said.gone.is_none()).map(|said| said.newsletter);
        let here = self.standings.iter().filter(|(.., standing)| standing.stage != Stage::Left).map(|(id, ..)| *id);
        by_file.chain(here).any(|newsletter| !is_gone(newsletter))
    }

    /// Whether a line that says somebody is gone suppresses the address, rather than ending one newsletter of several.
    fn suppresses(&self, reason: SuppressionReason, newsletter: u16) -> bool {
        reason != SuppressionReason::Left || !(self.left_here(newsletter) || self.gets_another())
    }

    fn gone(&self, staged: &Staged, item: &Item, reason: SuppressionReason, now: DateTime<Utc>) -> Decision {
        // Asked of the stage and not of the database, so that a dry run and a real one, where it has been applied by now, say the same.
        let said_before = self.said.iter().filter(|said| said.place < staged.place).any(|said| {
            said.gone.is_some_and(|gone| gone.weight() >= reason.weight() && self.suppresses(gone, said.newsletter))
        });
        if said_before {
            return Decision::Nothing(Outcome::Repeated);
        }
        let already = self.suppressed.is_some_and(|present| present.weight() >= reason.weight());
        if already || (reason == SuppressionReason::Left && self.left_here(staged.newsletter)) {
            return Decision::Nothing(Outcome::Unchanged);
        }
        if self.suppresses(reason, staged.newsletter) {
            return Decision::Suppress(reason);
        }
        let before = self.standing(staged.newsletter).cloned();
        let after = before.as_ref().map_or_else(
            || Standing {
                stage: Stage::Left,
                asked_at: item.opted_in_at,
                confirmed_at: item.confirmed_at,
                paused_until: None,
                left_at: Some(now),
                choice: Choice::Everything,
            },
            |standing| standing.leave(now),
        );
        Decision::Put { subscriber: self.subscriber, before, after, outcome: Outcome::Left }
    }

    fn live(&self, staged: &Staged, item: &Item, now: DateTime<Utc>) -> Decision {
        let of_this = self.said.iter().filter(|said| said.newsletter == 0 || said.newsletter == staged.newsletter);
        let reasons = of_this.filter_map(|said| said.gone).chain(self.suppressed);
        if let Some(reason) = reasons.max_by_key(|reason| reason.weight()) {
            return Decision::Nothing(Outcome::KeptOut(reason));
        }
        let before = self.standing(staged.newsletter).cloned();
        let outcome = match &before {
            None => Outcome::New,
            // Asked again after leaving: only their own confirmation counts.
            Some(standing) if standing.left_at.is_some() => return Decision::Nothing(Outcome::KeptLeft),
            Some(standing) if standing.stage == Stage::Pending && item.stage != Stage::Pending => Outcome::Confirmed,
            Some(_) => return Decision::Nothing(Outcome::Unchanged),
        };
        let confirmed_at = item.confirmed_at.or(item.opted_in_at).unwrap_or(now);
        let after = Standing {
            stage: item.stage,
            // Nobody knows when they asked whom a file brings without saying so; who is to confirm is counted from now.
            asked_at: item
                .opted_in_at
                .or(before.as_ref().and_then(|standing| standing.asked_at))
                .or((item.stage == Stage::Pending).then_some(now)),
            confirmed_at: (item.stage != Stage::Pending).then_some(confirmed_at),
            paused_until: None,
            left_at: None,
            // Whoever asked here has chosen here.
            choice: before.as_ref().map_or_else(|| Choice::from_key(&item.topics), |before| before.choice.clone()),
        };
        Decision::Put { subscriber: self.subscriber, before, after, outcome }
    }
}
