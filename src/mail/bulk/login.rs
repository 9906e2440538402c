//! The ways to log in: PLAIN (RFC 4616), LOGIN, XOAUTH2. Says what is to be sent; sends nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// The best that the relay offers of PLAIN and LOGIN.
    Auto,
    /// Name and password in one line.
    Plain,
    /// Name and password, each when asked for.
    Login,
    /// The password is an access token (Google, Microsoft).
    Xoauth2,
}

impl Login {
    /// The way for a relay that offers these mechanisms; `None` if it offers none that is wanted.
    pub fn among(self, offered: &[String]) -> Option<Login> {
        let has = |name: &str| offered.iter().any(|offer| offer.eq_ignore_ascii_case(name));
        match self {
            Login::Auto if has("PLAIN") => Some(Login::Plain),
            Login::Auto if has("LOGIN") => Some(Login::Login),
            Login::Plain if has("PLAIN") => Some(Login::Plain),
            Login::Login if has("LOGIN") => Some(Login::Login),
            Login::Xoauth2 if has("XOAUTH2") => Some(Login::Xoauth2),
            _ => None,
        }
    }

    /// The command, and what is answered to each further question.
    pub fn words(self, name: &str, password: &str) -> (String, Vec<String>) {
        match self {
            Login::Login => ("AUTH LOGIN".to_owned(), vec![STANDARD.encode(name), STANDARD.encode(password)]),
            Login::Xoauth2 => {
                let token = STANDARD.encode(format!("user={name}\u{1}auth=Bearer {password}\u{1}\u{1}"));
                // A refusal comes as a question with its reasons; an empty answer asks for the refusal itself.
                (format!("AUTH XOAUTH2 {token}"), vec![String::new()])
            }
            Login::Auto | Login::Plain => {
                (format!("AUTH PLAIN {}", STANDARD.encode(format!("\0{name}\0{password}"))), Vec::new())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_used_and_nothing_weaker() {
        let offered = ["LOGIN".to_owned(), "plain".to_owned()];
        assert_eq!(Login::Auto.among(&offered), Some(Login::Plain));
        assert_eq!(Login::Auto.among(&offered[..1]), Some(Login::Login));
        assert_eq!(Login::Xoauth2.among(&offered), None);
    }

    #[test]
    fn the_words_are_those_of_the_documents() {
        assert_eq!(Login::Plain.words("jo", "secret").0, "AUTH PLAIN AGpvAHNlY3JldA==");
        assert_eq!(Login::Login.words("jo", "x"), ("AUTH LOGIN".into(), vec!["am8=".into(), "eA==".into()]));
        // The example of Google's description of the protocol.
        let (command, _) =
            Login::Xoauth2.words("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
        assert_eq!(
            command,
            "AUTH XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        );
    }
}
