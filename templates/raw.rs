//! The only file that writes markup without escaping: what maud cannot express. Nothing that came from outside may pass through here.

use crate::templates::tokens;
use maud::{Markup, PreEscaped};

/// A conditional comment that only Word-based Outlook reads. `markup` is ours: fixed text and numbers.
pub fn mso(markup: &str) -> Markup {
    PreEscaped(format!("<!--[if mso]>{markup}<![endif]-->"))
}

/// Tells Word not to scale the mail by the screen's resolution, and resets what it adds.
pub fn mso_head() -> Markup {
    mso(concat!(
        "<xml xmlns:o=\"urn:schemas-microsoft-com:office:office\"><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>",
        "<style>table{border-collapse:collapse}td,p,h1,h2,h3{mso-line-height-rule:exactly}a{text-decoration:none}</style>"
    ))
}

/// A style block. `css` is ours; colours in it have been parsed as colours.
pub fn style(css: &str) -> Markup {
    debug_assert!(!css.contains('<'), "a style block holds no markup");
    PreEscaped(format!("<style>{css}</style>"))
}

/// Our own inline script of the preview shell, which is the only page that has one.
pub fn script(code: &'static str) -> Markup {
    PreEscaped(format!("<script>{code}</script>"))
}

/// What machines read in a page (JSON-LD): a block of data, which no browser runs. A `<` in it is written so that it cannot end the block.
pub fn json_ld(value: &serde_json::Value) -> Markup {
    PreEscaped(format!("<script type=\"application/ld+json\">{}</script>", value.to_string().replace('<', "\\u003c")))
}

/// The first line of an XML document, which maud has no word for.
pub fn xml_declaration() -> Markup {
    PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned())
}

/// A non-breaking space, so that a cell is never empty.
pub fn nbsp() -> Markup {
    PreEscaped("&nbsp;".to_owned())
}

/// A fragment that maud has already rendered and escaped.
pub fn rendered(html: String) -> Markup {
    PreEscaped(html)
}

/// The columns of the rail layout begin: Word ignores `max-width` and `inline-block`, so it gets a table of fixed width.
pub fn ghost_open(rtl: bool) -> Markup {
    let (rail, width) = (tokens::RAIL, tokens::MEASURE);
    let (dir, align) = if rtl { (" dir=\"rtl\"", " align=\"right\"") } else { ("", "") };
    mso(&format!(
        "<table role=\"presentation\"{dir} width=\"{width}\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td width=\"{rail}\" valign=\"top\"{align}>"
    ))
}

/// From the rail to the column.
pub fn ghost_next(rtl: bool) -> Markup {
    let align = if rtl { " align=\"right\"" } else { "" };
    mso(&format!("</td><td width=\"{}\" valign=\"top\"{align}>", tokens::COLUMN))
}

/// A letter's sheet in Word, which ignores `max-width`.
pub fn letter_open() -> Markup {
    let sheet = tokens::SHEET;
    mso(&format!(
        "<table role=\"presentation\" align=\"center\" width=\"560\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td bgcolor=\"{sheet}\">"
    ))
}

/// From a letter's sheet to its small print.
pub fn letter_next() -> Markup {
    mso(&format!("</td></tr><tr><td bgcolor=\"{}\">", tokens::PAGE))
}

/// The end of any ghost table.
pub fn ghost_close() -> Markup {
    mso("</td></tr></table>")
}
