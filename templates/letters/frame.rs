//! What all letters share: one column, the Oxford rule, a heading, a sentence or two, one button, the small print.

use super::Letter;
use crate::domain::newsletter::Newsletter;
use crate::domain::text::{Direction, Language};
use crate::templates::texts::Texts;
use crate::templates::tokens::{INK, MUTE, PAGE, SHEET};
use crate::templates::{digest, raw};
use maud::{DOCTYPE, Markup, html};

/// What a letter says.
#[derive(Debug, Clone)]
pub(super) struct Sheet<'a> {
    /// In whose name.
    pub newsletter: &'a Newsletter,
    /// In which language.
    pub texts: &'static Texts,
    /// The subject line.
    pub subject: String,
    /// The line that lists of mails show after it.
    pub preheader: String,
    /// The heading.
    pub title: String,
    /// What it is about.
    pub lead: Vec<String>,
    /// Titles with their addresses, such as the stories of an issue.
    pub list: Vec<(String, String)>,
    /// What to press, and where it leads.
    pub button: (String, String),
    /// What to know before.
    pub notes: Vec<String>,
    /// Why it came.
    pub why: String,
    /// Further links of the small print: words and address.
    pub links: Vec<(String, String)>,
}

const SERIF: &str = "Georgia,'Times New Roman',serif";
const SANS: &str = "Helvetica,Arial,sans-serif";
const ARABIC: &str = "Tahoma,'Noto Naskh Arabic','Geeza Pro',Arial,sans-serif";

const LAYOUT: &str = "@media (max-width:639px){\
.px{padding-left:20px!important;padding-right:20px!important}\
.h1{font-size:30px!important;line-height:38px!important}\
}";

/// Renders a letter.
pub(super) fn letter(sheet: &Sheet<'_>) -> Letter {
    Letter { subject: sheet.subject.clone(), html: document(sheet), text: text(sheet) }
}

struct Type {
    serif: &'static str,
    sans: &'static str,
    align: &'static str,
}

fn document(sheet: &Sheet<'_>) -> String {
    let language = Language::parse(sheet.texts.code()).unwrap_or_else(|_| Language::english());
    let direction = sheet.texts.direction();
    let kind = match direction {
        Direction::Ltr => Type { serif: SERIF, sans: SANS, align: "" },
        Direction::Rtl => Type { serif: ARABIC, sans: ARABIC, align: ";text-align:right" },
    };
    let (tag, dir) = (language.as_str(), direction.as_str());
    html! {
        (DOCTYPE)
        html lang=(tag) dir=(dir) xmlns="http://www.w3.org/1999/xhtml" {
            (head(sheet))
            body.page lang=(tag) dir=(dir) style={ "margin:0;padding:0;background-color:" (PAGE) } {
                div style={ "display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:" (PAGE) ";mso-hide:all" } { (sheet.preheader) }
                div.page role="article" aria-roledescription="email" aria-label=(sheet.title) lang=(tag) dir=(dir)
                    style={ "background-color:" (PAGE) ";-webkit-text-size-adjust:100%;text-size-adjust:100%" } {
                    (raw::letter_open())
                    div.sheet style={ "max-width:560px;margin:0 auto;background-color:" (SHEET) } { (table(&matter(sheet, &kind))) }
                    (raw::letter_next())
                    div style="max-width:560px;margin:0 auto" { (table(&small_print(sheet, &kind))) }
                    (raw::ghost_close())
                }
            }
        }
    }
    .into_string()
}

fn head(sheet: &Sheet<'_>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no";
            meta name="x-apple-disable-message-reformatting";
            meta name="color-scheme" content="light dark";
            meta name="supported-color-schemes" content="light dark";
            title { (sheet.subject) }
            (raw::mso_head())
            (raw::style(LAYOUT))
            (digest::dark_styles(&sheet.newsletter.brand.accent_dark))
        }
    }
}

fn table(rows: &Markup) -> Markup {
    html! { table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" { (rows) } }
}

fn matter(sheet: &Sheet<'_>, kind: &Type) -> Markup {
    let Type { serif, sans, align } = kind;
    let publication = &sheet.newsletter.publication;
    html! {
        tr {
            td.px style="padding:26px 32px 36px" {
                p style={ "margin:0 0 14px;font:bold 17px/22px " (serif) (align) } {
                    a.ink href=(publication.url) style={ "color:" (INK) ";text-decoration:none" } { (publication.name) }
                }
                (table(&html! {
                    tr { td.rule height="3" style={ "height:3px;border-top:3px solid " (INK) ";border-bottom:1px solid " (INK) ";font-size:0;line-height:3px;mso-line-height-rule:exactly" } { (raw::nbsp()) } }
                }))
                h1.ink.h1 style={ "margin:28px 0 16px;font:normal 36px/44px " (serif) ";color:" (INK) (align) } { (sheet.title) }
                @for lead in &sheet.lead {
                    p.ink style={ "margin:0 0 18px;font:18px/29px " (serif) ";color:" (INK) (align) } { (lead) }
                }
                @for (title, url) in &sheet.list {
                    p style={ "margin:0 0 14px;font:bold 19px/26px " (serif) (align) } {
                        a.ink href=(url) style={ "color:" (INK) ";text-decoration:none" } { bdi { (title) } }
                    }
                }
                (button(sheet, kind))
                @for note in &sheet.notes { p.mute style=(small(sans, align, 14)) { (note) } }
            }
        }
    }
}

fn button(sheet: &Sheet<'_>, kind: &Type) -> Markup {
    let Type { sans, align, .. } = kind;
    let (words, url) = &sheet.button;
    html! {
        table role="presentation" border="0" cellpadding="0" cellspacing="0" style="margin:6px 0 0" {
            tr {
                td.btn bgcolor=(INK) style={ "background-color:" (INK) ";mso-padding-alt:14px 26px" } {
                    a.btn href=(url) style={ "display:inline-block;padding:14px 26px;font:bold 16px/22px " (sans) ";color:" (SHEET) ";background-color:" (INK) ";text-decoration:none" } { (words) }
                }
            }
        }
        p.mute style=(small(sans, align, 24)) {
            (sheet.texts.say("letter-link-note")) br;
            a.lnk href=(url) dir="ltr" style={ "color:" (INK) ";text-decoration:underline;word-break:break-all" } { (url) }
        }
    }
}

fn small(sans: &str, align: &str, above: u8) -> String {
    format!("margin:{above}px 0 0;font:14px/22px {sans};color:{MUTE}{align}")
}

fn small_print(sheet: &Sheet<'_>, kind: &Type) -> Markup {
    let Type { sans, align, .. } = kind;
    let style = format!("margin:0 0 10px;font:14px/21px {sans};color:{MUTE}{align}");
    html! {
        tr {
            td.px style="padding:22px 32px 40px" {
                p.mute style=(style) { (sheet.why) }
                p.mute style=(style) {
                    @for (words, url) in &sheet.links {
                        a.lnk href=(url) style={ "color:" (INK) ";text-decoration:underline;line-height:28px;white-space:nowrap" } { (words) }
                        " \u{A0} "
                    }
                }
                p.mute style=(style) { (imprint(sheet)) }
            }
        }
    }
}

fn imprint(sheet: &Sheet<'_>) -> String {
    let publication = &sheet.newsletter.publication;
    format!("{}{}{}", publication.name, sheet.texts.say("list-comma"), publication.postal_address)
}

/// The text part: the same words and addresses.
fn text(sheet: &Sheet<'_>) -> String {
    let rule = "-".repeat(72);
    let (words, url) = &sheet.button;
    let publication = &sheet.newsletter.publication;
    let mut text = format!("{}\n{}\n{rule}\n\n", publication.name, publication.url);
    push(&mut text, &sheet.title.to_uppercase());
    for lead in &sheet.lead {
        push(&mut text, lead);
    }
    for (title, url) in &sheet.list {
        text.extend([wrapped(title).as_str(), url, "\n\n"]);
    }
    push(&mut text, &sheet.texts.say_of("letter-text-open", "name", words));
    text.extend([url, "\n\n"]);
    for note in &sheet.notes {
        push(&mut text, note);
    }
    text.extend([rule.as_str(), "\n"]);
    text.push_str(&wrapped(&sheet.why));
    for (words, url) in &sheet.links {
        text.extend([words, ":\n", url, "\n"]);
    }
    text.push('\n');
    text.push_str(&wrapped(&imprint(sheet)));
    text
}

fn push(text: &mut String, words: &str) {
    text.push_str(&wrapped(words));
    text.push('\n');
}

fn wrapped(words: &str) -> String {
    let mut lines = digest::wrap(words).join("\n");
    lines.push('\n');
    lines
}
