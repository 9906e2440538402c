//! The top of the sheet: who publishes, the title, the Oxford rule, the dateline, the editor's note.

use super::prose;
use super::sheet::Sheet;
use crate::domain::livery::Logo;
use crate::domain::text::Direction;
use crate::templates::{raw, tokens};
use maud::{Markup, html};

/// A layout table over the whole width. Words for assistive technology: none.
pub fn table(content: &Markup) -> Markup {
    html! { table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" { (content) } }
}

/// Three pixels over one: it opens the masthead and every section, nothing else. A cell's borders, since Word does not reliably draw those of a div.
pub fn oxford_rule() -> Markup {
    table(&html! {
        tr { td.rule height="3" style=(RULE.as_str()) { (raw::nbsp()) } }
    })
}

static RULE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let ink = tokens::INK;
    format!(
        "height:3px;border-top:3px solid {ink};border-bottom:1px solid {ink};font-size:0;line-height:3px;mso-line-height-rule:exactly"
    )
});

/// Publication, title, rule and dateline.
pub fn masthead(sheet: &Sheet<'_>) -> Markup {
    let (kind, newsletter) = (sheet.kind, sheet.newsletter);
    let gap = if newsletter.brand.tagline.is_empty() { "margin:0 0 20px" } else { "margin:0 0 6px" };
    table(&html! {
        tr {
            td.px style="padding:26px 24px 0" {
                @if !sheet.is_web() {
                    p style=(kind.mark) {
                        a.ink href=(newsletter.publication.url) style=(sheet.paint.ink) {
                            @match &newsletter.brand.livery.logo {
                                Some(logo) => (self::logo(sheet, logo)),
                                None => (newsletter.publication.name),
                            }
                        }
                    }
                }
                h1.ink.h1 style={ (gap) (kind.title) } { (sheet.title()) }
                @if !newsletter.brand.tagline.is_empty() {
                    p.mute style=(kind.tagline) { (newsletter.brand.tagline) }
                }
                (oxford_rule())
                (dateline(sheet))
            }
        }
    })
}

/// The logo in place of the name, which stands for it where pictures are off.
fn logo(sheet: &Sheet<'_>, logo: &Logo) -> Markup {
    let (width, height) = (logo.width, logo.height);
    let style =
        format!("display:inline-block;width:{width}px;max-width:100%;height:auto;border:0;color:{}", tokens::INK);
    html! { img src=(logo.url) width=(width) height=(height) alt=(sheet.newsletter.publication.name) style=(style); }
}

/// Number, dates, and the way to the web.
fn dateline(sheet: &Sheet<'_>) -> Markup {
    let (font, hair) = (&sheet.kind.dateline, tokens::HAIR);
    let (near, far) = if sheet.base == Direction::Rtl { ("right", "left") } else { ("left", "right") };
    let cell = |weight: &str, colour: &str, align: &str| {
        format!(
            "padding:9px 0 8px;border-bottom:1px solid {hair};font:{weight}{font};color:{colour};text-align:{align};white-space:nowrap"
        )
    };
    table(&html! {
        tr {
            td.mute.hair width="22%" align=(near) style={ (cell("", tokens::MUTE, near)) ";white-space:nowrap" } { (sheet.number()) }
            td.ink.hair align="center" style=(cell("bold ", tokens::INK, "center")) { (sheet.dates()) }
            td.mute.hair width="22%" align=(far) style={ (cell("", tokens::MUTE, far)) ";white-space:normal" } {
                @if !sheet.is_web() {
                    a.mute href=(sheet.issue_url) style=(sheet.paint.quiet) { (sheet.texts.say("read-online")) }
                }
            }
        }
    })
}

/// What the publisher wants read with every issue, if anything.
pub fn header(sheet: &Sheet<'_>) -> Markup {
    let header = &sheet.newsletter.brand.header;
    if header.is_empty() {
        return Markup::default();
    }
    table(&html! {
        tr {
            td.px align=(sheet.voice().align()) style="padding:16px 24px 0" {
                (prose::html(header, &sheet.kind.detail, "ink", &sheet.paint))
            }
        }
    })
}

/// The editor's note, if there is one.
pub fn note(sheet: &Sheet<'_>) -> Markup {
    let note = &sheet.cut.issue.note;
    if note.is_empty() {
        return Markup::default();
    }
    table(&html! {
        tr {
            td.px align="center" style=(if sheet.note_above() { "padding:20px 24px 2px" } else { "padding:2px 24px 18px" }) {
                (prose::html(note, &sheet.kind.note, "ink nt", &sheet.paint))
            }
        }
    })
}
