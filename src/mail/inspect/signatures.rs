//! DKIM as far as the message itself shows it: what a signature covers, not whether it verifies, which takes DNS.

use super::headers::Head;
use super::{Checks, Level};

/// Headers without which a signature lets others change what a reader sees (RFC 6376, section 5.4; RFC 8058, section 4).
const COVERED: [&str; 10] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "reply-to",
    "list-unsubscribe",
    "list-unsubscribe-post",
];

/// Notes what is wrong with the signatures, of which there should be at least one.
pub fn check(head: &Head, checks: &mut Checks) {
    let signatures: Vec<Signature<'_>> = head.all("dkim-signature").map(Signature::of).collect();
    checks.warning("dkim", !signatures.is_empty(), "a DKIM signature, without which large providers refuse bulk mail");
    if signatures.is_empty() {
        return;
    }
    let wrong = |problem: fn(&Signature<'_>, &Head) -> Option<String>| -> Vec<String> {
        signatures.iter().filter_map(|signature| problem(signature, head)).collect()
    };
    checks.none_of(Level::Error, "dkim-form", &wrong(wrong_form));
    checks.none_of(Level::Error, "dkim-coverage", &wrong(uncovered));
    checks.none_of(Level::Warning, "dkim-oversigned", &wrong(not_oversigned));
    let aligned = signatures.iter().any(|signature| is_aligned(signature.tag("d"), &head.sender_domain()));
    checks.error("dkim-aligned", aligned, "one signature by the sender's domain, as DMARC wants");
    let known = signatures.iter().any(|signature| signature.tag("a") == "rsa-sha256");
    checks.error("dkim-rsa", known, "one signature is rsa-sha256, which every receiver verifies");
}

struct Signature<'a> {
    tags: Vec<(&'a str, String)>,
}

impl<'a> Signature<'a> {
    fn of(value: &'a str) -> Signature<'a> {
        let tags = value.split(';').filter_map(|tag| tag.split_once('='));
        Signature { tags: tags.map(|(name, value)| (name.trim(), value.split_whitespace().collect())).collect() }
    }

    fn tag(&self, name: &str) -> &str {
        self.tags.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }

    fn covers(&self, header: &str) -> usize {
        self.tag("h").split(':').filter(|name| name.eq_ignore_ascii_case(header)).count()
    }
}

fn wrong_form(signature: &Signature<'_>, _: &Head) -> Option<String> {
    if let Some(name) = ["v", "a", "b", "bh", "d", "s", "h"].iter().find(|name| signature.tag(name).is_empty()) {
        return Some(format!("no {name}="));
    }
    if !matches!(signature.tag("a"), "rsa-sha256" | "ed25519-sha256") {
        return Some(format!("a={}", signature.tag("a")));
    }
    if signature.tag("c") != "relaxed/relaxed" {
        return Some(format!("c={}", signature.tag("c")));
    }
    (!signature.tag("l").is_empty()).then(|| "l= leaves the end of the body unsigned".to_owned())
}

fn uncovered(signature: &Signature<'_>, head: &Head) -> Option<String> {
    let missing: Vec<&str> = COVERED.into_iter().filter(|name| head.has(name) && signature.covers(name) == 0).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

fn not_oversigned(signature: &Signature<'_>, head: &Head) -> Option<String> {
    let loose: Vec<&str> = ["from", "to", "subject", "date"]
        .into_iter()
        .filter(|name| signature.covers(name) <= head.count(name))
        .collect();
    (!loose.is_empty()).then(|| loose.join(", "))
}

/// Relaxed alignment as far as it can be known without the list of public suffixes: the same domain, or one below the other.
fn is_aligned(signer: &str, sender: &str) -> bool {
    let signer = signer.to_ascii_lowercase();
    let below =
        |lower: &str, upper: &str| lower.strip_suffix(upper).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !signer.is_empty() && (below(sender, &signer) || below(&signer, sender))
}
