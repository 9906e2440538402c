//! What a relay says and what it means for one hand-over. Speaks no protocol; keeps no address that a reply repeats.

use crate::mail::encode::clean_header;

/// The longest reply that is kept, in characters: enough for every known relay's explanation and its link.
const LONGEST_REPLY: usize = 500;

/// What became of one message that was to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandOver {
    /// The relay took it and answers for it from now on.
    Accepted {
        /// Its words, which often name its queue id.
        reply: String,
    },
    /// The relay says "later" (4xx). With code 421 it closes the session, which says nothing about this recipient.
    Deferred {
        /// The reply code.
        code: u16,
        /// The enhanced status code (RFC 3463), such as `4.7.0`.
        enhanced: Option<String>,
        /// Its words, addresses masked.
        reply: String,
    },
    /// The relay says "never" (5xx).
    Refused {
        /// The reply code.
        code: u16,
        /// The enhanced status code (RFC 3463), such as `5.1.1`.
        enhanced: Option<String>,
        /// Its words, addresses masked.
        reply: String,
    },
    /// The end of the message was never sent, so nobody can have taken it: it may be tried again at once.
    NotHandedOver {
        /// What happened, in words.
        why: String,
    },
    /// The message's end was sent and no answer came: it may have been taken or not.
    InDoubt {
        /// What happened, in words.
        why: String,
    },
}

impl HandOver {
    /// The meaning of a negative reply.
    pub fn negative(code: u16, text: &str) -> HandOver {
        let (enhanced, reply) = (enhanced_code(text), kept(text));
        if code < 500 {
            HandOver::Deferred { code, enhanced, reply }
        } else {
            HandOver::Refused { code, enhanced, reply }
        }
    }

    /// The meaning of a positive reply to the end of a message.
    pub fn accepted(text: &str) -> HandOver {
        HandOver::Accepted { reply: kept(text) }
    }
}

/// A relay's words as they may be stored and shown: one line, not endless, without addresses.
pub fn kept(text: &str) -> String {
    let mut masked = mask_addresses(&clean_header(text));
    if let Some((end, _)) = masked.char_indices().nth(LONGEST_REPLY) {
        masked.truncate(end);
    }
    masked
}

/// The enhanced status code that a reply begins with (RFC 2034, section 4).
pub fn enhanced_code(text: &str) -> Option<String> {
    let word = text.split_ascii_whitespace().next()?;
    let mut numbers = word.split('.');
    let class = numbers.next().filter(|class| matches!(*class, "2" | "4" | "5"));
    let rest: Vec<&str> = numbers.collect();
    let is_number = |text: &&str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    (class.is_some() && rest.len() == 2 && rest.iter().all(is_number)).then(|| word.to_owned())
}

/// Replaces all that looks like a mail address by `<address>`.
pub fn mask_addresses(text: &str) -> String {
    // Nearly every reply is one of hundreds of thousands that say Ok.
    if !text.contains('@') && !text.contains("%40") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for token in text.split_inclusive(is_around_addresses) {
        let (word, end) = match token.char_indices().next_back() {
            Some((at, last)) if is_around_addresses(last) => token.split_at(at),
            _ => (token, ""),
        };
        out.push_str(if looks_like_address(word) { "<address>" } else { word });
        out.push_str(end);
    }
    out.replace("<<address>>", "<address>")
}

fn is_around_addresses(c: char) -> bool {
    c.is_whitespace() || "<>()[]{},;:\"".contains(c)
}

/// An `@`, plain or as written in a web address, with something before it.
fn looks_like_address(word: &str) -> bool {
    word.find('@').or_else(|| word.find("%40")).is_some_and(|at| at > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_replies_are_masked() {
        for (reply, masked) in [
            ("5.1.1 <jo@example.org>: unknown", "5.1.1 <address>: unknown"),
            ("mailbox jo+tag@bücher.example, full", "mailbox <address>, full"),
            ("see https://x.example/?e=jo%40example.org", "see https:<address>"),
            ("user \"jo@example.org\" (jo@example.org)", "user \"<address>\" (<address>)"),
            ("2.0.0 Ok: queued as 4F2A1C", "2.0.0 Ok: queued as 4F2A1C"),
            ("@ 5 o'clock", "@ 5 o'clock"),
        ] {
            assert_eq!(mask_addresses(reply), masked);
        }
    }

    #[test]
    fn an_enhanced_code_is_read_only_where_it_is_one() {
        assert_eq!(enhanced_code("5.7.26 not authenticated").as_deref(), Some("5.7.26"));
        for text in ["", "Ok", "5.7", "5.7.1.2 x", "3.1.1 x", "5.x.1", "5.1234.1"] {
            assert_eq!(enhanced_code(text), None, "{text}");
        }
    }

    #[test]
    fn a_4xx_defers_and_a_5xx_refuses() {
        let reply = "4.2.2 full".to_owned();
        let deferred = HandOver::Deferred { code: 452, enhanced: Some("4.2.2".into()), reply };
        assert_eq!(HandOver::negative(452, "4.2.2 full"), deferred);
        assert!(matches!(HandOver::negative(550, "no"), HandOver::Refused { code: 550, enhanced: None, .. }));
    }

    #[test]
    fn an_endless_reply_is_cut_and_made_one_line() {
        let reply = kept(&"a\r\nb ".repeat(1000));
        assert_eq!(reply.chars().count(), LONGEST_REPLY);
        assert!(!reply.contains(['\r', '\n']));
    }
}
