//! Passwords and their hashes: Argon2id, as PHC strings that carry their own parameters. Slow by nature: call it where waiting is allowed.

use crate::domain::editor::Password;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

/// 19 MiB, two passes, one lane: the first of OWASP's recommendations (Password Storage Cheat Sheet, 2023), about a tenth of a second here.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Takes as long as a real one and matches nothing: for addresses that nobody has.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("the parameters are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password with a fresh salt.
pub fn hash(password: &Password, salt: [u8; 16]) -> String {
    let hash: PasswordHash = argon2id()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("a salt of 16 bytes and a password of some hundred characters are within Argon2's limits");
    hash.to_string()
}

/// Whether a password is the one of a hash. Without a hash it takes as long and is wrong.
pub fn matches(password: &Password, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODY));
    let matches = parsed.is_ok_and(|parsed| argon2id().verify_password(password.as_bytes(), &parsed).is_ok());
    matches && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let password = Password::typed("four quiet harbours");
        let kept = hash(&password, [7; 16]);
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(matches(&password, Some(&kept)));
        assert!(!matches(&Password::typed("four quiet harbour"), Some(&kept)));
        assert_ne!(hash(&password, [8; 16]), kept);
    }

    #[test]
    fn nobody_and_a_damaged_hash_match_nothing() {
        assert!(PasswordHash::new(NOBODY).is_ok(), "else an unknown address would be answered sooner");
        for hash in [None, Some(""), Some("$argon2id$"), Some(NOBODY)] {
            assert!(!matches(&Password::typed(""), hash));
        }
    }
}
