//! The face of an issue: subject, preheader, note, lead, the order of its sections and their introductions.

use super::pair::{By, Pair};
use super::preview::heading;
use super::shell::{Page, part};
use super::standing::Coming;
use super::stories::{ChangeLine, history, save_first};
use maud::{Markup, html};

/// A section as the form orders it.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its slug.
    pub slug: String,
    /// What readers call it.
    pub title: String,
}

/// The page of subject, note and sections.
pub fn face(
    page: Page<'_>,
    coming: &Coming<'_>,
    pairs: &[Pair],
    order: &[Order],
    ordered_by: Option<&By>,
    introductions: &[Pair],
    changes: &[ChangeLine],
) -> String {
    let place = format!("/desk/n/{}/face", coming.newsletter.slug);
    let main = html! {
        (heading(page, coming, "face"))
        (page.form(&place, "", &html! {
            (save_first())
            (part("words", "Subject and note", &html! { @for pair in pairs { (pair.show()) } }))
            (part("sections", "Sections", &sections(order, ordered_by)))
            (part("introductions", "Introductions", &html! { @for pair in introductions { (pair.show()) } }))
            div.save { button.button name="save" value="1" { "Save" } }
        }))
        (part("changes", "Changes", &history(page, &place, changes, coming)))
    };
    page.render(&format!("Subject and note of No. {}", coming.number), "/desk", &main, None)
}

/// The sections with their place as a number: that works by keyboard, by touch and without a script.
fn sections(order: &[Order], by: Option<&By>) -> Markup {
    let is_file = by.is_some_and(|by| by.is_file);
    html! {
        p.note { "Sections stand in the order of these numbers; one without a story is not printed." }
        ol.orders.after-deck {
            @for (at, section) in order.iter().enumerate() {
                li {
                    input.text #{ "o-" (section.slug) } type="number" inputmode="numeric" min="1" max="99" name={ "place-" (section.slug) } value=(at + 1) disabled[is_file];
                    label for={ "o-" (section.slug) } { (section.title) }
                }
            }
        }
        @if let Some(by) = by {
            @if is_file { p.note { "A file in the configuration says so, and only there can it be changed." } }
            @else {
                div.acts.row.after-deck {
                    span.flag { "Ordered by " (by.name) }
                    button.button.plain.small name="back" value="sections" { "Take back" }
                }
            }
        }
    }
}
