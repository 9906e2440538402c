//! Editors: invite, join, sign in and out, change a password. Decides who is let in; knows no cookie and no page.
//!
//! | rule | where it comes from |
//! |---|---|
//! | a password is kept as an Argon2id hash with its own salt | OWASP Password Storage, 19 MiB and 2 passes |
//! | an unknown address takes as long as a wrong password, and is answered the same | OWASP Authentication, user enumeration |
//! | failures are counted per address and network, within fifteen minutes | NIST SP 800-63B, 3.2.2 |
//! | a session is new at every sign-in, and all end with a new password | OWASP Session Management |

pub mod password;

use crate::domain::address::EmailAddress;
use crate::domain::editor::{Editor, EditorId, Password, Secret, SessionLife, Tries};
use crate::domain::text::Line;
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// How long an invitation can be taken: over a weekend.
pub const INVITATION: TimeDelta = TimeDelta::days(3);

/// Why an editor was not let in or changed.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The invitation was taken, replaced, or is out of date.
    #[error("the invitation was used, replaced by a newer one, or is out of date; ask for another")]
    Invitation,
    /// Address or password are wrong; which of the two is nobody's business.
    #[error("the address or the password is wrong")]
    Wrong,
    /// Too many failures here.
    #[error("too many tries; wait a quarter of an hour")]
    TooMany,
    /// The password was changed by somebody else in this moment.
    #[error("the password was changed elsewhere just now; sign in again")]
    ChangedElsewhere,
}

/// Where and when somebody signs in.
#[derive(Debug, Clone, Copy)]
pub struct SigningIn<'a> {
    /// What they typed as their address.
    pub address: &'a str,
    /// What they typed as their password.
    pub password: &'a Password,
    /// The part of the address that they come from; empty when it is not known.
    pub network: &'a str,
    /// The session that their browser still has.
    pub replaces: Option<&'a Secret>,
    /// How long the new one lasts.
    pub life: SessionLife,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Invites somebody, or an editor anew; the link holds `secret`. Only an operator does that, so it is also the way back after a forgotten password.
pub fn invite(
    store: &Store,
    address: &EmailAddress,
    name: &Line,
    secret: &Secret,
    now: DateTime<Utc>,
) -> Result<Editor, StoreError> {
    let editor = store.invite_editor(address, name, secret.hash(), now + INVITATION, now)?;
    store.audit("operator", "invite", editor.actor(), "may use the desk", now)?;
    Ok(editor)
}

/// Whom an invitation is for. Looking does not use it up.
pub fn invited(store: &Store, secret: &Secret, now: DateTime<Utc>) -> Result<Editor, EditorError> {
    store.invited_editor(secret.hash(), now)?.ok_or(EditorError::Invitation)
}

/// Takes an invitation with a password, once. Takes a tenth of a second, for the hash.
pub fn join(
    store: &Store,
    secret: &Secret,
    password: &Password,
    salt: [u8; 16],
    now: DateTime<Utc>,
) -> Result<EditorId, EditorError> {
    let editor = invited(store, secret, now)?;
    let hash = password::hash(password, salt);
    let id = store.join_editor(secret.hash(), &hash, now)?.ok_or(EditorError::Invitation)?;
    store.audit(editor.actor(), "join", "desk", "chose a password", now)?;
    Ok(id)
}

/// Begins a session for whoever knows an address and its password. `session` is fresh: what the browser had before is worth nothing.
pub fn sign_in(store: &Store, who: &SigningIn<'_>, session: &Secret) -> Result<EditorId, EditorError> {
    let address = EmailAddress::parse(who.address).ok();
    let key = address.as_ref().map_or_else(|| who.address.trim().to_lowercase(), EmailAddress::key);
    let limits = limits(&key, who.network);
    if !store.try_to_sign_in(&limits, who.now)? {
        return Err(EditorError::TooMany);
    }
    let found = store.editor_password(&key)?;
    let right = password::matches(who.password, found.as_ref().map(|(_, hash)| hash.as_str()));
    let Some((editor, _)) = found.filter(|_| right) else { return Err(EditorError::Wrong) };
    store.signed_in_well(&limits)?;
    store.begin_session(editor, session.hash(), who.replaces.map(Secret::hash), who.network, who.life, who.now)?;
    Ok(editor)
}

/// Changes a password for whoever knows the old one. Every session ends; the caller begins a new one. Failures count as those of signing in.
pub fn change_password(
    store: &Store,
    editor: &Editor,
    old: &Password,
    new: &Password,
    salt: [u8; 16],
    network: &str,
    now: DateTime<Utc>,
) -> Result<(), EditorError> {
    let key = editor.address.key();
    let limits = limits(&key, network);
    if !store.try_to_sign_in(&limits, now)? {
        return Err(EditorError::TooMany);
    }
    let found = store.editor_password(&key)?;
    let right = password::matches(old, found.as_ref().map(|(_, hash)| hash.as_str()));
    let Some((id, checked)) = found.filter(|_| right) else { return Err(EditorError::Wrong) };
    store.signed_in_well(&limits)?;
    if !store.change_editor_password(id, &checked, &password::hash(new, salt))? {
        return Err(EditorError::ChangedElsewhere);
    }
    store.audit(editor.actor(), "password", "desk", "changed their password", now)?;
    Ok(())
}

/// Ends every session of an editor.
pub fn sign_out_everywhere(store: &Store, editor: &Editor, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let ended = store.end_sessions(editor.id)?;
    store.audit(editor.actor(), "sign-out", "desk", "signed out everywhere", now)?;
    Ok(ended)
}

/// What a try is counted under, and how often it may fail there.
fn limits(address_key: &str, network: &str) -> [(String, u32); 3] {
    Tries::ALL.map(|tries| {
        let about = match tries {
            Tries::Here => format!("here {network} {address_key}"),
            Tries::Address => format!("address {address_key}"),
            Tries::Network => format!("network {network}"),
        };
        (about, tries.limit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: SessionLife = SessionLife { idle: TimeDelta::hours(12), whole: TimeDelta::days(14) };

    fn now() -> DateTime<Utc> {
        "2026-11-20T17:00:00Z".parse().unwrap()
    }

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn newsroom() -> Store {
        let store = Store::in_memory().unwrap();
        let secret = Secret::new([1; 32]);
        invite(&store, &address("mona@example.org"), &Line::clean("Mona"), &secret, now()).unwrap();
        join(&store, &secret, &Password::typed("four quiet harbours"), [7; 16], now()).unwrap();
        store
    }

    fn signing<'a>(address: &'a str, password: &'a Password, network: &'a str, now: DateTime<Utc>) -> SigningIn<'a> {
        SigningIn { address, password, network, replaces: None, life: LIFE, now }
    }

    fn try_it(store: &Store, address: &str, password: &str, network: &str, at: DateTime<Utc>) -> &'static str {
        let password = Password::typed(password);
        let session = Secret::new([3; 32]);
        match sign_in(store, &signing(address, &password, network, at), &session) {
            Ok(_) => {
                store.end_session(session.hash()).unwrap();
                "in"
            }
            Err(EditorError::Wrong) => "wrong",
            Err(EditorError::TooMany) => "too many",
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn an_invitation_is_taken_once_and_in_time() {
        let store = Store::in_memory().unwrap();
        let (first, second) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let (mona, password) = (address("mona@example.org"), Password::typed("four quiet harbours"));
        invite(&store, &mona, &Line::clean("Mona"), &first, now()).unwrap();
        assert!(invited(&store, &first, now() + INVITATION - TimeDelta::seconds(1)).is_ok());
        assert!(matches!(invited(&store, &first, now() + INVITATION), Err(EditorError::Invitation)));
        invite(&store, &mona, &Line::clean("Mona"), &second, now()).unwrap();
        assert!(matches!(join(&store, &first, &password, [0; 16], now()), Err(EditorError::Invitation)));
        join(&store, &second, &password, [0; 16], now()).unwrap();
        assert!(matches!(join(&store, &second, &password, [0; 16], now()), Err(EditorError::Invitation)));
    }

    #[test]
    fn who_is_only_invited_cannot_sign_in() {
        let store = Store::in_memory().unwrap();
        invite(&store, &address("mona@example.org"), &Line::clean("Mona"), &Secret::new([1; 32]), now()).unwrap();
        assert_eq!(try_it(&store, "mona@example.org", "", "", now()), "wrong");
    }

    #[test]
    fn an_unknown_address_is_answered_as_a_wrong_password() {
        let store = newsroom();
        assert_eq!(try_it(&store, "mona@example.org", "something else", "n", now()), "wrong");
        assert_eq!(try_it(&store, "nobody@example.org", "something else", "n", now()), "wrong");
        assert_eq!(try_it(&store, "no address", "something else", "n", now()), "wrong");
        assert_eq!(try_it(&store, " MONA@example.org ", "four quiet harbours", "n", now()), "in");
    }

    #[test]
    fn guessing_from_one_place_stops_soon_and_locks_nobody_out_elsewhere() {
        let store = newsroom();
        for _ in 0..5 {
            assert_eq!(try_it(&store, "mona@example.org", "a guess", "203.0.113.0/24", now()), "wrong");
        }
        assert_eq!(try_it(&store, "mona@example.org", "four quiet harbours", "203.0.113.0/24", now()), "too many");
        assert_eq!(try_it(&store, "mona@example.org", "four quiet harbours", "198.51.100.0/24", now()), "in");
        let later = now() + crate::domain::editor::TRY_WINDOW;
        assert_eq!(try_it(&store, "mona@example.org", "four quiet harbours", "203.0.113.0/24", later), "in");
    }

    #[test]
    fn many_addresses_from_one_network_are_stopped_known_or_not() {
        let store = newsroom();
        for n in 0..20 {
            assert_eq!(try_it(&store, &format!("guess{n}@example.org"), "a guess", "n", now()), "wrong");
        }
        assert_eq!(try_it(&store, "guess99@example.org", "a guess", "n", now()), "too many");
        assert_eq!(try_it(&store, "mona@example.org", "four quiet harbours", "n", now()), "too many");
    }

    #[test]
    fn right_tries_never_add_up() {
        let store = newsroom();
        for _ in 0..7 {
            assert_eq!(try_it(&store, "mona@example.org", "four quiet harbours", "n", now()), "in");
        }
    }

    #[test]
    fn a_session_ends_by_itself_idle_or_not() {
        let store = newsroom();
        let (session, password) = (Secret::new([9; 32]), Password::typed("four quiet harbours"));
        sign_in(&store, &signing("mona@example.org", &password, "n", now()), &session).unwrap();
        let lasts = |at: DateTime<Utc>| store.session_editor(session.hash(), LIFE, at).unwrap().is_some();
        let mut at = now();
        while at < now() + LIFE.whole - TimeDelta::hours(12) {
            at += TimeDelta::hours(11);
            assert!(lasts(at), "{at}");
        }
        assert!(!lasts(now() + LIFE.whole));
        assert!(!lasts(at + LIFE.idle));
    }

    #[test]
    fn signing_in_anew_ends_the_session_that_the_browser_had() {
        let store = newsroom();
        let (old, new) = (Secret::new([8; 32]), Secret::new([9; 32]));
        let password = Password::typed("four quiet harbours");
        let who = signing("mona@example.org", &password, "n", now());
        sign_in(&store, &who, &old).unwrap();
        sign_in(&store, &SigningIn { replaces: Some(&old), ..who }, &new).unwrap();
        assert!(store.session_editor(old.hash(), LIFE, now()).unwrap().is_none());
        assert!(store.session_editor(new.hash(), LIFE, now()).unwrap().is_some());
    }

    #[test]
    fn a_new_password_ends_every_session_and_needs_the_old_one() {
        let store = newsroom();
        let (session, old) = (Secret::new([9; 32]), Password::typed("four quiet harbours"));
        sign_in(&store, &signing("mona@example.org", &old, "n", now()), &session).unwrap();
        let mona = store.session_editor(session.hash(), LIFE, now()).unwrap().unwrap();
        let new = Password::typed("five loud lighthouses");
        let wrong = change_password(&store, &mona, &new, &new, [0; 16], "n", now());
        assert!(matches!(wrong, Err(EditorError::Wrong)));
        change_password(&store, &mona, &old, &new, [0; 16], "n", now()).unwrap();
        assert!(store.session_editor(session.hash(), LIFE, now()).unwrap().is_none());
        assert_eq!(try_it(&store, "mona@example.org", "four quiet harbours", "m", now()), "wrong");
        assert_eq!(try_it(&store, "mona@example.org", "five loud lighthouses", "m", now()), "in");
    }

    #[test]
    fn an_editor_who_was_removed_is_out_at_once() {
        let store = newsroom();
        let (session, password) = (Secret::new([9; 32]), Password::typed("four quiet harbours"));
        sign_in(&store, &signing("mona@example.org", &password, "n", now()), &session).unwrap();
        assert!(store.remove_editor(&address("Mona@Example.org")).unwrap());
        assert!(store.session_editor(session.hash(), LIFE, now()).unwrap().is_none());
    }
}
