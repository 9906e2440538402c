//! What stands beside the stories: notices and those that are paid for, corrections, what to read next, the other newsletters of the house.
//! Same hand as the stories: type and hairlines, no boxes, no colour but the accent of links.

use super::masthead::table;
use super::prose;
use super::section::{numbered, rail, rail_block};
use super::sheet::Sheet;
use super::story::attributes;
use crate::domain::issue::Correction;
use crate::domain::notice::{Notice, NoticePlace};
use crate::domain::prose::Prose;
use crate::templates::texts::Texts;
use crate::templates::tokens;
use maud::{Markup, html};

/// What was wrong in earlier issues, before everything else.
pub fn corrections(sheet: &Sheet<'_>) -> Markup {
    html! {
        @for correction in &sheet.cut.issue.corrections {
            (labelled(sheet, &correction_label(correction, sheet.texts), &correction.text, "18px 24px 0"))
        }
    }
}

/// `Correction to No. 213`.
pub(super) fn correction_label(correction: &Correction, texts: &Texts) -> String {
    texts.say_with("correction-to", [("number", correction.number.into())])
}

/// The notices of one place.
pub fn notices(sheet: &Sheet<'_>, place: &NoticePlace) -> Markup {
    // The last thing on the sheet keeps its distance from the end of it.
    let padding = if *place == NoticePlace::Footer { "18px 24px 24px" } else { "18px 24px 0" };
    html! {
        @for notice in sheet.cut.notices(place) {
            (labelled(sheet, &notice_label(notice, sheet.texts), &notice.text, padding))
        }
    }
}

/// What stands over a notice: that it is paid for is always said first.
pub(super) fn notice_label(notice: &Notice, texts: &Texts) -> String {
    match (notice.sponsored, notice.label.is_empty()) {
        (true, true) => texts.say("sponsored"),
        (true, false) => format!("{} · {}", texts.say("sponsored"), notice.label),
        (false, _) => notice.label.to_string(),
    }
}

/// A label and some words between two hairlines.
fn labelled(sheet: &Sheet<'_>, label: &str, words: &Prose, padding: &str) -> Markup {
    let (kind, hair) = (sheet.kind, tokens::HAIR);
    let inner = table(&html! {
        tr {
            td.hair align=(sheet.voice().align()) style={ "padding:12px 0 14px;border-top:1px solid " (hair) ";border-bottom:1px solid " (hair) } {
                @if !label.is_empty() { p.mute style=(kind.meta) { (label) } }
                (prose::html(words, &kind.detail, "ink", &sheet.paint))
            }
        }
    });
    table(&html! { tr { td.px style={ "padding:" (padding) } { (inner) } } })
}

/// Two stories that this reader may also like.
pub fn next(sheet: &Sheet<'_>) -> Markup {
    if sheet.cut.next.is_empty() {
        return Markup::default();
    }
    let voice = sheet.voice();
    let rail = rail(sheet, voice, None, &sheet.texts.say("next-for-you"), None, "");
    let rows = html! {
        @for (at, next) in sheet.cut.next.iter().enumerate() {
            @if let Some(url) = next.url() {
                @let own = sheet.voice_of(next.language());
                @let (lang, dir) = attributes(voice, own);
                tr {
                    td.hair[at > 0] align=(own.align()) style=(if at == 0 { "padding:16px 0 14px".to_owned() } else { format!("padding:14px 0;border-top:1px solid {}", tokens::HAIR) }) {
                        h3 lang=[lang] dir=[dir] style=(own.kind.head) { a.ink href=(url) style=(sheet.paint.ink) { (own.set(next.title().as_str())) } }
                    }
                }
            }
        }
    };
    rail_block(sheet, voice, false, &rail, &rows)
}

/// What the site's own numbers say is read most: headlines in that order, numbered.
pub fn most_read(sheet: &Sheet<'_>) -> Markup {
    let pages = &sheet.cut.issue.most_read;
    if pages.is_empty() {
        return Markup::default();
    }
    let voice = sheet.voice();
    let rail = rail(sheet, voice, None, &sheet.texts.say("most-read"), None, "");
    let items = html! {
        @for page in pages {
            @let own = page.language.as_ref().map_or(voice, |language| sheet.voice_of(language));
            @let (lang, dir) = attributes(voice, own);
            li.acc lang=[lang] dir=[dir] style={ (own.kind.entry) (sheet.paint.accent_colour) } {
                a.ink href=(page.url) style=(sheet.paint.ink) { (own.set(page.title.as_str())) }
            }
        }
    };
    let rows = numbered(sheet, &items, voice);
    rail_block(sheet, voice, false, &rail, &rows)
}

/// The other newsletters of the house.
pub fn others(sheet: &Sheet<'_>) -> Markup {
    let others = &sheet.cut.issue.others;
    if others.is_empty() {
        return Markup::default();
    }
    let voice = sheet.voice();
    let rail = rail(sheet, voice, None, &more_from(sheet), None, "");
    let alone = others.len() == 1;
    // The last keeps its distance from the end of the sheet; one alone is lower than the name beside it.
    let padding = |at: usize| {
        let bottom = if at + 1 == others.len() { 24 } else { 12 };
        match at {
            0 => format!("padding:16px 0 {bottom}px"),
            _ => format!("padding:12px 0 {bottom}px;border-top:1px solid {}", tokens::HAIR),
        }
    };
    let rows = html! {
        @for (at, other) in others.iter().enumerate() {
            tr {
                td.hair[at > 0] valign="top" height=[alone.then_some("72")] align=(voice.align()) style=(padding(at)) {
                    p.acc style=(voice.kind.detail) { a.acc href=(other.url) style=(sheet.paint.accent_link) { (other.title) } }
                    @if !other.tagline.is_empty() { p.ink style=(voice.kind.detail) { (other.tagline) } }
                }
            }
        }
    };
    rail_block(sheet, voice, false, &rail, &rows)
}

/// `More from The Strait Courier`.
pub(super) fn more_from(sheet: &Sheet<'_>) -> String {
    sheet.texts.say_of("more-from", "name", sheet.newsletter.publication.name.as_str())
}
