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
