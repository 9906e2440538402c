//! The end of the mail: why it came, how to change or end it, who sent it. Never cut, whatever else has to go.

use super::masthead::table;
use super::prose;
use super::sheet::Sheet;
use crate::domain::slot::{What, Where, mark};
use crate::templates::tokens;
use crate::templates::writing::isolate;
use fluent_bundle::FluentValue;
use maud::{Markup, html};

/// The brand's own words, at the end of the sheet.
pub fn sign_off(sheet: &Sheet<'_>) -> Markup {
    let words = &sheet.newsletter.brand.footer;
    if words.is_empty() {
        return Markup::default();
    }
    table(&html! {
        tr {
            td.px style="padding:18px 24px 24px" {
                (prose::html(words, &sheet.kind.detail, "ink", &sheet.paint))
            }
        }
    })
}

/// The footer of a mail.
pub fn footer(sheet: &Sheet<'_>) -> Markup {
    let (kind, texts, newsletter) = (sheet.kind, sheet.texts, sheet.newsletter);
    let attribute = |what| mark(what, Where::HtmlAttribute);
    table(&html! {
        tr {
            td.px style="padding:26px 24px 40px" {
                p.mute style=(kind.foot) { (why(sheet, Where::HtmlText)) }
                p.mute style=(kind.links) {
                    (link(&attribute(What::PreferencesUrl), &texts.say("manage-preferences")))
                    " \u{A0} "
                    (link(&attribute(What::UnsubscribeUrl), &texts.say("unsubscribe")))
                    " \u{A0} "
                    (link(&sheet.issue_url, &texts.say("view-in-browser")))
                    " \u{A0} "
                    (link(newsletter.publication.privacy_url.as_str(), &texts.say("privacy")))
                }
                p.mute style=(kind.links) {
                    (texts.say("forwarded")) " "
                    (link(&newsletter.subscribe_url(), &subscribe(sheet)))
                }
                p.mute style=(kind.foot) { (imprint(sheet)) }
            }
        }
    })
}

fn link(url: &str, words: &str) -> Markup {
    html! { a.lnk href=(url) style={ "color:" (tokens::INK) ";text-decoration:underline;white-space:nowrap" } { (words) } }
}

/// `Subscribe to The Week in Review`.
pub(super) fn subscribe(sheet: &Sheet<'_>) -> String {
    sheet.texts.say_of("subscribe-to", "newsletter", sheet.newsletter.title.as_str())
}

/// Why the reader gets this, with slots for their address and the day they confirmed it.
pub(super) fn why(sheet: &Sheet<'_>, place: Where) -> String {
    let slot = |what| FluentValue::from(isolate(&mark(what, place), sheet.base));
    sheet.texts.say_with(
        "why-you",
        [
            ("newsletter", FluentValue::from(sheet.newsletter.title.as_str())),
            ("address", slot(What::Address)),
            ("date", FluentValue::from(mark(What::ConfirmedOn, place))),
        ],
    )
}

/// Who publishes, and where they can be written to.
pub(super) fn imprint(sheet: &Sheet<'_>) -> String {
    let publication = &sheet.newsletter.publication;
    let separator = sheet.texts.say("list-comma");
    format!("{}{separator}{}", publication.name, publication.postal_address)
}
