//! The finished bytes of one rendering: what the checks of a single message find, weighed as the preflight weighs it.

use crate::domain::preflight::{Gathering, Level};
use crate::domain::subscriber::Format;
use crate::mail::inspect::{Expected, inspect_as};
use crate::store::issues::Variant;

/// Where Gmail cuts a mail's HTML as it travels; the footer with the way out goes first.
const GMAIL: usize = 102_400;

/// Checks of the decoded HTML that [`size`] answers better: as it travels.
const ANSWERED: [&str; 2] = ["html-size", "html-size-aim"];

/// Looks at one finished message.
pub(super) fn look(message: &[u8], variant: &Variant, postal_address: &str, found: &mut Gathering) {
    let text_alone = variant.format == Format::Text;
    let report = inspect_as(message, Expected { text_alone, postal_address: Some(postal_address) });
    for check in report.checks.iter().filter(|check| !ANSWERED.contains(&check.name)) {
        found.note(check.name, check.ok, &check.detail);
    }
    if !text_alone {
        size(variant, found);
    }
}

fn size(variant: &Variant, found: &mut Gathering) {
    let fit = variant.fit;
    if fit.size >= GMAIL {
        found.note("gmail-limit", false, &fit.to_string());
    } else if !fit.fits() {
        found.whole("gmail-limit", Level::Warned, fit.to_string());
    } else if fit.is_trimmed() {
        found.whole("gmail-limit", Level::Repaired, format!("made smaller until it fits: {fit}"));
    } else {
        found.whole("gmail-limit", Level::Good, fit.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::preflight::Check;

    #[test]
    fn every_finding_about_a_message_has_words_for_people() {
        let html = "<!doctype html><html><body><p>Nothing is right about this.</p></body></html>";
        let head = "From: a@b.example\r\nTo: c@d.example\r\nDKIM-Signature: v=1\r\nList-Unsubscribe: <https://b.example/u/1>\r\n\
                    MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n";
        let part =
            |kind: &str, body: &str| format!("--x\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{body}\r\n");
        let message = format!("{head}{}{}--x--\r\n", part("plain", "Nothing"), part("html", html));
        let expected = Expected { text_alone: false, postal_address: Some("1 Quay Street") };
        let report = inspect_as(message.as_bytes(), expected);
        assert!(report.checks.len() > 40, "{}", report.checks.len());
        for check in report.checks.iter().filter(|check| !ANSWERED.contains(&check.name)) {
            let finding =
                Check { name: check.name.to_owned(), level: Level::Warned, detail: String::new(), renderings: 1 };
            assert_ne!(finding.words(), check.name.replace('-', " "), "it has no words");
        }
    }
}
