//! What is known of the relays that people use: which headers they replace, where in their answer the id stands by which they name a message in
//! what they send back, and what their usual refusals mean. Sends nothing.

/// Whose relay it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RelayKind {
    /// Any server that speaks SMTP.
    #[default]
    Smtp,
    /// A Postfix of one's own.
    Postfix,
    /// Amazon SES.
    Ses,
    /// Postmark.
    Postmark,
    /// Mailgun.
    Mailgun,
    /// `SendGrid`.
    Sendgrid,
}

/// A refusal that is known by some words in it, and what it means for the operator.
type Known = (Option<RelayKind>, &'static [&'static str], &'static str);

const KNOWN: &[Known] = &[
    (
        Some(RelayKind::Ses),
        &["not verified"],
        "SES knows neither this sender nor this recipient: verify the domain, and ask for production access if the account is still in the sandbox",
    ),
    (
        Some(RelayKind::Ses),
        &["daily message quota"],
        "the account's daily quota is used up: ask SES for a higher one, or set per_day",
    ),
    (
        Some(RelayKind::Ses),
        &["maximum sending rate"],
        "SES takes fewer messages a second: set per_second to the account's rate",
    ),
    (
        Some(RelayKind::Ses),
        &["sending paused", "sending is paused"],
        "SES has paused the account: look at its reputation dashboard",
    ),
    (
        Some(RelayKind::Postmark),
        &["pending approval"],
        "Postmark has not approved the account yet: it only mails to the account's own domains",
    ),
    (
        Some(RelayKind::Postmark),
        &["inactive recipient", "marked as inactive"],
        "Postmark holds this address as bounced or complained; it is reactivated there, not here",
    ),
    (
        Some(RelayKind::Postmark),
        &["sender signature"],
        "Postmark does not know this sender: confirm the domain or the sender signature there",
    ),
    (Some(RelayKind::Mailgun), &["sandbox"], "this is a sandbox domain of Mailgun: add your own domain there"),
    (
        Some(RelayKind::Mailgun),
        &["recipient limit exceeded", "limit exceeded"],
        "the account's limit at Mailgun is reached: raise it, or set per_day",
    ),
    (
        Some(RelayKind::Sendgrid),
        &["maximum credits exceeded"],
        "the account's quota at SendGrid is used up: raise it, or set per_day",
    ),
    (
        Some(RelayKind::Sendgrid),
        &["verified sender identity"],
        "SendGrid does not know this sender: authenticate the domain there",
    ),
    (
        Some(RelayKind::Postfix),
        &["relay access denied"],
        "Postfix does not relay for this machine: add it to mynetworks, or log in",
    ),
    (
        Some(RelayKind::Postfix),
        &["server configuration error"],
        "Postfix has a mistake in its configuration: see its log",
    ),
    (
        None,
        &["5.7.515"],
        "Microsoft wants SPF and DKIM to pass and DMARC to align for the From domain: see `dkim show`",
    ),
    (None, &["5.7.26"], "Gmail takes no mail that neither SPF nor DKIM vouches for: see `dkim show`"),
    (
        None,
        &["5.7.25"],
        "the sending address has no matching reverse name (PTR) in DNS: set it where the address is rented",
    ),
    (
        None,
        &["spamhaus", "blocklist", "block list", "blacklist", "blocked using"],
        "the sending address or domain is on a block list: the reply names it; ask there for removal",
    ),
    (None, &["dmarc"], "the receiver's check of DMARC fails: the DKIM domain must be that of From or one above it"),
    (
        None,
        &["relay access denied", "relaying denied"],
        "the relay does not relay for this machine: allow it there, or log in",
    ),
];

impl RelayKind {
    /// The kinds by the words of the configuration.
    pub const ALL: [(&'static str, RelayKind); 6] = [
        ("smtp", RelayKind::Smtp),
        ("postfix", RelayKind::Postfix),
        ("ses", RelayKind::Ses),
        ("postmark", RelayKind::Postmark),
        ("mailgun", RelayKind::Mailgun),
        ("sendgrid", RelayKind::Sendgrid),
    ];

    /// Headers (in lower case) that it writes anew, so that a signature over them would break.
    pub fn replaces(self) -> &'static [&'static str] {
        match self {
            RelayKind::Ses => &["date", "message-id"],
            RelayKind::Postmark => &["message-id"],
            _ => &[],
        }
    }

    /// Whether it can sign with a key of its own, so that mail without ours need not be unsigned.
    pub fn signs(self) -> bool {
        !matches!(self, RelayKind::Smtp | RelayKind::Postfix)
    }

    /// The id in its last word on a message, for those that name messages by it in what they send back. A bounce of one's own server brings the
    /// return path, which says more.
    pub fn id_in(self, reply: &str) -> Option<&str> {
        let after = match self {
            RelayKind::Smtp | RelayKind::Postfix => return None,
            RelayKind::Ses => "ok ",
            RelayKind::Postmark | RelayKind::Sendgrid => "queued as ",
            RelayKind::Mailgun => "queued ",
        };
        let lower = reply.to_ascii_lowercase();
        let at = lower.rfind(after)? + after.len();
        let id = reply[at..].split([' ', ';', ',']).next()?.trim_matches(['<', '>', '.']);
        (id.len() >= 8 && id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic())).then_some(id)
    }

    /// The command that takes what is still in the relay's queue out of it again, by the domain of its return paths; only a server of one's own
    /// has such a command.
    pub fn delete_from_queue(self, domain: &str) -> Option<String> {
        (self == RelayKind::Postfix).then(|| {
            let sender = domain.replace('.', "\\.");
            format!(
                r#"postqueue -j | sed -n 's/.*"queue_id": "\([^"]*\)".*"sender": "[^"]*@{sender}".*/\1/p' | postsuper -d -"#
            )
        })
    }

    /// What a refusal means, if it is one of the usual.
    pub fn in_words(self, reply: &str) -> Option<&'static str> {
        let lower = reply.to_ascii_lowercase();
        let fits = |(kind, words, _): &&Known| {
            kind.is_none_or(|kind| kind == self) && words.iter().any(|word| lower.contains(word))
        };
        KNOWN.iter().find(fits).map(|(.., sentence)| *sentence)
    }
}

/// What a refusal means, by whatever relay it was said.
pub fn in_words(reply: &str) -> Option<&'static str> {
    RelayKind::ALL.iter().find_map(|(_, kind)| kind.in_words(reply))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_in_each_relays_own_answer() {
        for (kind, reply, id) in [
            (
                RelayKind::Ses,
                "Ok 0100018f2b3c4d5e-6f708192-a3b4-c5d6-e7f8-091a2b3c4d5e-000000",
                Some("0100018f2b3c4d5e-6f708192-a3b4-c5d6-e7f8-091a2b3c4d5e-000000"),
            ),
            (
                RelayKind::Postmark,
                "2.0.0 Ok: queued as b7bc2f4a-e38e-4336-af7d-e6c392c2f817",
                Some("b7bc2f4a-e38e-4336-af7d-e6c392c2f817"),
            ),
            (RelayKind::Sendgrid, "Ok: queued as oZc1fYrNR4SKl_n-Vjd3pA", Some("oZc1fYrNR4SKl_n-Vjd3pA")),
            (RelayKind::Mailgun, "Queued <20260101.1.ABC@mg.example.org>", Some("20260101.1.ABC@mg.example.org")),
            (RelayKind::Mailgun, "Great success", None),
            (RelayKind::Ses, "Ok", None),
            (RelayKind::Postfix, "2.0.0 Ok: queued as 4F2A1C0D9E", None),
        ] {
            assert_eq!(kind.id_in(reply), id, "{reply}");
        }
    }

    #[test]
    fn a_postfix_of_ones_own_can_be_asked_for_what_it_still_holds() {
        let command = RelayKind::Postfix.delete_from_queue("news.example.org").unwrap();
        assert!(command.contains(r"@news\.example\.org") && command.ends_with("postsuper -d -"), "{command}");
        assert_eq!(RelayKind::Ses.delete_from_queue("news.example.org"), None);
    }

    #[test]
    fn usual_refusals_are_put_into_words() {
        use RelayKind::{Mailgun, Postfix, Postmark, Sendgrid, Ses, Smtp};
        let replies = [
            (
                Ses,
                "Message rejected: Email address is not verified. The following identities failed the check",
                "production access",
            ),
            (Ses, "Throttling failure: Daily message quota exceeded.", "per_day"),
            (Ses, "Throttling failure: Maximum sending rate exceeded.", "per_second"),
            (
                Ses,
                "Sending paused for this account. For more information, please check your inbox",
                "reputation dashboard",
            ),
            (
                Postmark,
                "While your account is pending approval, all recipient addresses must share the same domain",
                "not approved",
            ),
            (Postmark, "You tried to send to a recipient that has been marked as inactive.", "reactivated there"),
            (
                Postmark,
                "The 'From' address you supplied is not a Sender Signature on your account.",
                "sender signature",
            ),
            (
                Mailgun,
                "Sandbox subdomains are for test purposes only. Please add your own domain",
                "add your own domain",
            ),
            (Mailgun, "Recipient limit exceeded. Try again later.", "the account's limit"),
            (Sendgrid, "Authentication failed: Maximum credits exceeded", "quota at SendGrid"),
            (Sendgrid, "The from address does not match a verified Sender Identity.", "authenticate the domain"),
            (Postfix, "5.7.1 <j…@example.org>: Relay access denied", "mynetworks"),
            (Postfix, "4.3.5 Server configuration error", "mistake in its configuration"),
            (Smtp, "5.7.515 Access denied, sending domain example.org does not meet the required level", "`dkim show`"),
            (Smtp, "5.7.26 This mail has been blocked because the sender is unauthenticated.", "neither SPF nor DKIM"),
            (Smtp, "5.7.25 The IP address sending this message does not have a PTR record setup", "(PTR)"),
            (Smtp, "5.7.1 Service unavailable; client host blocked using zen.spamhaus.org", "block list"),
            (
                Smtp,
                "5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3150).",
                "block list",
            ),
            (
                Smtp,
                "5.7.9 Message not accepted for policy reasons: DMARC check failed",
                "the DKIM domain must be that of From",
            ),
            (Smtp, "5.7.1 Relaying denied", "allow it there"),
        ];
        for (kind, reply, words) in replies {
            let said = kind.in_words(reply).unwrap_or_else(|| panic!("{kind:?}: {reply}"));
            assert!(said.contains(words), "{kind:?}: {reply}: {said}");
            assert!(in_words(reply).is_some(), "whoever said it: {reply}");
        }
        let told: std::collections::BTreeSet<_> =
            replies.iter().filter_map(|(kind, reply, _)| kind.in_words(reply)).collect();
        assert_eq!(told.len(), KNOWN.len(), "each of the known was said");
        assert_eq!(RelayKind::Smtp.in_words("5.1.1 no such user"), None);
    }
}
