//! Haste that no person has: several links of one mail opened within seconds, or those of several readers from one network within a minute, as what checks mail does
//! before it delivers. Whoever is in such haste types the number for a while where pressing would do. Kept in memory, for minutes; says nothing that lasts of anybody.

use crate::domain::network::Network;
use crate::domain::subscriber::SubscriberId;
use crate::web::guard::Visitor;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// How long haste is remembered. Machines that wait before they press do so for seconds, at most a minute or two.
const MEMORY: TimeDelta = TimeDelta::minutes(10);
/// Two links of one mail: a person looks at the first for longer.
const OF_A_MAIL: TimeDelta = TimeDelta::seconds(10);
/// Two readers' links: a couple may leave together, and types two digits.
const OF_A_NETWORK: TimeDelta = TimeDelta::minutes(1);
/// Readers, and networks, that are remembered at most: more do not come within the memory.
const MOST: usize = 20_000;

/// Which of the pages behind the links of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Leaving,
    Choosing,
}

/// What was opened of late.
#[derive(Debug, Default)]
pub(super) struct Haste(Mutex<Trails>);

#[derive(Debug, Default)]
struct Trails {
    mails: Trail<SubscriberId, Page>,
    networks: Trail<Network, SubscriberId>,
}

impl Haste {
    /// Somebody opens a page behind a reader's link. A step from one of our pages to another tells nothing.
    pub(super) fn opened(&self, page: Page, of: SubscriberId, visitor: Visitor, now: DateTime<Utc>) {
        if visitor.is_inside() {
            return;
        }
        let mut trails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trails.mails.step(of, page, OF_A_MAIL, now);
        if let Some(network) = own(visitor) {
            trails.networks.step(network, of, OF_A_NETWORK, now);
        }
    }

    /// Somebody follows what nobody sees: whatever else comes from there is asked to type.
    pub(super) fn caught(&self, visitor: Visitor, now: DateTime<Utc>) {
        if let Some(network) = own(visitor) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).networks.caught(network, now);
        }
    }

    /// Whether a reader's page, or whoever looks at it, saw such haste.
    pub(super) fn is_near(&self, of: SubscriberId, visitor: Visitor, now: DateTime<Utc>) -> bool {
        let trails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trails.mails.is_hasty(&of, now) || own(visitor).is_some_and(|network| trails.networks.is_hasty(&network, now))
    }
}

/// The network of a visitor alone; none where a proxy hides them behind its own.
fn own(visitor: Visitor) -> Option<Network> {
    visitor.household().filter(|network| !network.is_private())
}

/// What came last from each, and when that was too soon after something else; and when it was last looked through for what is old.
#[derive(Debug)]
struct Trail<K, V> {
    all: HashMap<K, Steps<V>>,
    cleared_at: DateTime<Utc>,
}

/// How often a full trail is looked through, so that a flood costs each visitor next to nothing.
const CLEARED: TimeDelta = TimeDelta::minutes(1);

#[derive(Debug)]
struct Steps<V> {
    last: Option<V>,
    at: DateTime<Utc>,
    hasty_at: Option<DateTime<Utc>>,
}

impl<K, V> Default for Trail<K, V> {
    fn default() -> Self {
        Self { all: HashMap::new(), cleared_at: DateTime::UNIX_EPOCH }
    }
}

impl<K: Eq + Hash, V: PartialEq> Trail<K, V> {
    fn step(&mut self, of: K, what: V, too_soon: TimeDelta, now: DateTime<Utc>) {
        let before = self.all.get(&of);
        let is_hasty =
            before.is_some_and(|one| now - one.at < too_soon && one.last.as_ref().is_some_and(|last| *last != what));
        let hasty_at = if is_hasty { Some(now) } else { before.and_then(|one| one.hasty_at) };
        self.keep(of, Steps { last: Some(what), at: now, hasty_at }, now);
    }

    fn caught(&mut self, of: K, now: DateTime<Utc>) {
        self.keep(of, Steps { last: None, at: now, hasty_at: Some(now) }, now);
    }

    fn keep(&mut self, of: K, steps: Steps<V>, now: DateTime<Utc>) {
        if self.all.len() >= MOST && now - self.cleared_at >= CLEARED {
            self.all.retain(|_, one| now - one.at < MEMORY);
            self.cleared_at = now;
        }
        if self.all.len() < MOST || self.all.contains_key(&of) {
            self.all.insert(of, steps);
        }
    }

    fn is_hasty(&self, of: &K, now: DateTime<Utc>) -> bool {
        self.all.get(of).and_then(|one| one.hasty_at).is_some_and(|at| now - at < MEMORY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn another_thing_too_soon_is_haste_for_a_while_and_the_same_thing_is_not() {
        let mut trail: Trail<u8, Page> = Trail::default();
        trail.step(1, Page::Leaving, OF_A_MAIL, at(0));
        trail.step(1, Page::Leaving, OF_A_MAIL, at(1));
        assert!(!trail.is_hasty(&1, at(1)), "reloaded");
        trail.step(1, Page::Choosing, OF_A_MAIL, at(30));
        assert!(!trail.is_hasty(&1, at(30)), "in a person's time");
        trail.step(1, Page::Leaving, OF_A_MAIL, at(35));
        assert!(trail.is_hasty(&1, at(35)) && !trail.is_hasty(&2, at(35)));
        trail.step(1, Page::Leaving, OF_A_MAIL, at(36));
        assert!(trail.is_hasty(&1, at(634)) && !trail.is_hasty(&1, at(635)));
    }

    #[test]
    fn a_flood_of_links_takes_no_more_memory_than_is_set() {
        let mut trail: Trail<usize, Page> = Trail::default();
        for n in 0..2 * MOST {
            trail.step(n, Page::Leaving, OF_A_MAIL, at(0));
        }
        assert_eq!(trail.all.len(), MOST);
        trail.caught(0, at(1));
        assert!(trail.is_hasty(&0, at(1)), "who is known is still watched");
        trail.caught(3 * MOST, at(600));
        assert!(trail.is_hasty(&(3 * MOST), at(600)), "what is old makes room");
    }
}
