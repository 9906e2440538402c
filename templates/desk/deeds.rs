//! What can be done with a whole issue, by where it stands: the buttons for it, on the first page, beside the preview, and in the bar of a phone.

use super::shell::Page;
use super::standing::Coming;
use crate::domain::issue::IssueState;
use maud::{Markup, html};

/// A deed: the word that the form carries, and what the button says.
type Deed = (&'static str, &'static str);

/// What stops an issue or sets it going again, the likelier first.
fn deeds(coming: &Coming<'_>) -> Vec<Deed> {
    match coming.state() {
        None if coming.held.is_some() => vec![("approve", "Let go")],
        Some(IssueState::Sending) => vec![("hold", "Stop")],
        Some(IssueState::Paused) => vec![("resume", "Go on"), ("reopen", "Reopen")],
        Some(IssueState::Held) if coming.withdrawn => {
            vec![("drop-withdrawn", "Drop withdrawn, let go"), ("approve", "Let go as it is")]
        }
        Some(IssueState::Held) => vec![("approve", "Let go")],
        _ => vec![("hold", "Hold")],
    }
}

/// Whether approving it would change anything.
pub(super) fn waits(coming: &Coming<'_>) -> bool {
    matches!(coming.state(), Some(IssueState::Composed | IssueState::Waiting | IssueState::Held))
}

/// Buttons for all that can be done now.
pub(super) fn buttons(page: Page<'_>, coming: &Coming<'_>) -> Markup {
    html! { @for deed in deeds(coming) { (button(page, coming, "button plain", deed)) } }
}

/// The buttons beside the preview, where approving is what one came for.
pub(super) fn decision(page: Page<'_>, coming: &Coming<'_>) -> Markup {
    let rest = deeds(coming).into_iter().filter(|(deed, _)| !(waits(coming) && *deed == "approve"));
    html! {
        @if waits(coming) { (approve(page, coming)) }
        @for deed in rest { (button(page, coming, "button plain", deed)) }
    }
}

/// The button that approves.
pub(super) fn approve(page: Page<'_>, coming: &Coming<'_>) -> Markup {
    button(page, coming, "button", ("approve", "Approve"))
}

/// The bar at the bottom of a phone's screen: what stops or sets going, a test where there is room, and a third button.
pub(super) fn hand_bar(page: Page<'_>, coming: &Coming<'_>, third: &Markup) -> Markup {
    let deeds = deeds(coming);
    let place = format!("/desk/n/{}", coming.newsletter.slug);
    html! {
        div.hand-bar role="group" aria-label={ "No. " (coming.number) ", " (coming.newsletter.title) } {
            @for deed in deeds.iter().take(2) { (button(page, coming, "button plain", *deed)) }
            @if deeds.len() < 2 { (page.button(&format!("{place}/test"), "button plain", "do", "test", "Test")) }
            (third)
        }
    }
}

/// One button in its form, which names the revision that its page shows: another one is not approved.
fn button(page: Page<'_>, coming: &Coming<'_>, class: &str, (value, label): Deed) -> Markup {
    page.form(
        &format!("/desk/n/{}/act", coming.newsletter.slug),
        "one",
        &html! {
            @if let Some(seen) = &coming.seen { input type="hidden" name="seen" value=(seen); }
            button class=(class) name="do" value=(value) { (label) }
        },
    )
}
