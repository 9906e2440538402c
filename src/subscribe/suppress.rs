//! Suppressing an address and lifting it again by an operator's recorded reason.

use super::SubscribeError;
use crate::domain::address::EmailAddress;
use crate::domain::subscriber::SuppressionReason;
use crate::domain::token::Keyring;
use crate::store::Store;
use chrono::{DateTime, Utc};

/// No issue goes to this address any more, whether or not anybody has it here. False where it was suppressed as strongly before.
pub fn suppress(
    store: &Store,
    keyring: &Keyring,
    address: &EmailAddress,
    reason: SuppressionReason,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<bool, SubscribeError> {
    let hash = keyring.suppression_hash(address);
    store.change_people(|people| Ok(people.suppress(&hash, reason, detail, now)?.is_some()))
}

/// Mail may go to this address again; `reason` is an operator's and stands in the log. Changes no subscription.
pub fn lift(
    store: &Store,
    keyring: &Keyring,
    address: &EmailAddress,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), SubscribeError> {
    if reason.trim().is_empty() {
        return Err(SubscribeError::NoReason("the reason"));
    }
    let hash = keyring.suppression_hash(address);
    store.change_people(|people| {
        if people.lift(&hash, "operator", reason.trim(), now)? {
            Ok(())
        } else {
            Err(SubscribeError::NotSuppressed(address.to_string()))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscribe::fixtures::{Desk, address, at};

    #[test]
    fn a_weaker_reason_does_not_replace_a_stronger() {
        let desk = Desk::new();
        let (jo, now) = (address("jo@example.org"), at(0));
        let add = |reason| suppress(&desk.store, &desk.keyring, &jo, reason, "", now).unwrap();
        assert!(add(SuppressionReason::Left));
        assert!(add(SuppressionReason::Complaint));
        assert!(!add(SuppressionReason::HardBounce));
        let hash = desk.keyring.suppression_hash(&jo);
        let stands = desk.store.read_people(|people| people.suppression(&hash)).unwrap().unwrap();
        assert_eq!(stands.reason, SuppressionReason::Complaint);
    }

    #[test]
    fn lifting_needs_a_reason_and_is_logged() {
        let desk = Desk::new();
        let (jo, now) = (address("jo@example.org"), at(0));
        suppress(&desk.store, &desk.keyring, &jo, SuppressionReason::Operator, "", now).unwrap();
        assert!(matches!(lift(&desk.store, &desk.keyring, &jo, "  ", now), Err(SubscribeError::NoReason(_))));
        lift(&desk.store, &desk.keyring, &jo, "wrote that it was a mistake", now).unwrap();
        assert!(!desk.suppressed("jo@example.org"));
        let hash = desk.keyring.suppression_hash(&jo);
        let log = desk.store.read_people(|people| people.suppression_log(&hash)).unwrap();
        assert_eq!(log.iter().map(|entry| entry.lifted).collect::<Vec<_>>(), [false, true]);
        assert!(matches!(lift(&desk.store, &desk.keyring, &jo, "again", now), Err(SubscribeError::NotSuppressed(_))));
    }
}
