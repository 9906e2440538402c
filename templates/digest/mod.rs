//! One issue as its readers get it. The body is written once and has two homes, mail and web; the text part stands beside it in `plain`.
//!
//! Every layer can be taken away: pictures, style blocks, colours, HTML itself. The stories and their order stay.

mod aside;
mod columns;
mod events;
mod footer;
mod head;
mod lead;
mod masthead;
mod pictures;
mod plain;
mod preheader;
mod prose;
mod section;
mod sheet;
mod story;

pub use pictures::content_id;
pub use plain::text;
pub use preheader::preheader;

pub(super) use head::DARK_OPEN;
#[cfg(test)]
pub(super) use head::dark;

use crate::domain::issue::{Correction, Cut};
use crate::domain::notice::NoticePlace;
use crate::domain::text::Language;
use crate::templates::pages::{self, Around};
use crate::templates::texts::Texts;
use crate::templates::{Home, raw};
use maud::{DOCTYPE, Markup, html};
use sheet::Sheet;

/// The HTML of a cut: the document of a mail, or the page of the web.
pub fn html(cut: &Cut<'_>, home: Home) -> String {
    let sheet = Sheet::new(cut, home);
    match home {
        Home::Mail { .. } => document(&sheet).into_string(),
        Home::Web => web_page(cut, &Around::default()),
    }
}

/// The page of an issue on the web, with what surrounds it there.
pub fn web_page(cut: &Cut<'_>, around: &Around) -> String {
    let sheet = Sheet::new(cut, Home::Web);
    pages::issue(cut, &sheet.name(), &preheader(cut), around, &body(&sheet))
}

/// The document of a mail. `lang` and `dir` stand on html, body and the first div: webmail turns body into a div or drops its attributes.
fn document(sheet: &Sheet<'_>) -> Markup {
    let (lang, dir) = (sheet.newsletter.language.as_str(), sheet.base.as_str());
    html! {
        (DOCTYPE)
        html lang=(lang) dir=(dir) xmlns="http://www.w3.org/1999/xhtml" {
            (head::head(sheet))
            body.page lang=(lang) dir=(dir) style=(sheet.paint.body) {
                (preheader::hidden(sheet))
                div.page role="article" aria-roledescription="email" aria-label=(sheet.name()) lang=(lang) dir=(dir) style=(sheet.paint.page) {
                    (raw::mso(&sheet.paint.ghost_sheet))
                    (body(sheet))
                    (raw::mso(&sheet.paint.ghost_footer))
                    div style="max-width:640px;margin:0 auto" { (footer::footer(sheet)) }
                    (raw::ghost_close())
                }
            }
        }
    }
}

/// What both homes share: everything between the preheader and the footer.
fn body(sheet: &Sheet<'_>) -> Markup {
    html! {
        div.sheet style=(sheet.paint.sheet) {
            (masthead::masthead(sheet))
            (masthead::header(sheet))
            (aside::corrections(sheet))
            (aside::notices(sheet, &NoticePlace::Top))
            @if sheet.note_above() { (masthead::note(sheet)) }
            @if let Some(story) = sheet.cut.lead { (lead::lead(sheet, story)) }
            @if !sheet.note_above() { (masthead::note(sheet)) }
            (section::contents(sheet))
            @for cut in &sheet.cut.sections {
                (section::section(sheet, cut))
                (aside::notices(sheet, &NoticePlace::After(cut.section.slug.clone())))
            }
            (events::events(sheet))
            (aside::most_read(sheet))
            (aside::next(sheet))
            (aside::others(sheet))
            (aside::notices(sheet, &NoticePlace::Footer))
            (footer::sign_off(sheet))
        }
    }
}

/// The style blocks by which a mail turns dark.
pub(super) fn dark_styles(accent: &str) -> Markup {
    html! { (crate::templates::raw::style(&head::dark(accent))) (crate::templates::raw::style(&head::outlook(accent))) }
}

/// What stands over a correction, and in the subject of a letter that is nothing else: `Correction to No. 213`.
pub fn correction_label(correction: &Correction, language: &Language) -> String {
    aside::correction_label(correction, Texts::of(language))
}

/// Breaks a paragraph into lines of the text part's width.
pub(super) fn wrap(words: &str) -> Vec<String> {
    columns::wrap(words, columns::WIDTH)
}
