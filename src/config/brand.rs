//! The part of `[[newsletters]]` and `[defaults]` that says how a newsletter looks.

use super::newsletters::{House, template};
use super::reader::{Parsed, Table};
use super::values::{choice, colour, markdown, switch, web_address, whole};
use crate::domain::livery::{Headlines, LOGO_HEIGHT, LOGO_WIDTH, Livery, Logo};
use crate::domain::newsletter::Brand;
use crate::domain::text::Line;
use crate::templates::accent;
use url::Url;

const HEADLINES: [(&str, Headlines); 2] = [("serif", Headlines::Serif), ("sans", Headlines::Sans)];

/// Reads the look. What cannot be read on paper is changed and said, never refused.
pub(super) fn read(table: &Table<'_>, tagline: Line, house: &House<'_>) -> Option<Brand> {
    let livery = livery(table);
    let asked = table.inherited("accent", "\"#9b1b22\"", colour);
    let (accent, accent_dark, changed) = accent::legible(&asked, livery.tint.as_deref());
    if changed {
        table.warn("accent", format!("{asked} is too pale to read on paper; {accent} is used instead"));
    }
    let header = table.inherited("header", "\"\"", markdown);
    let footer = table.inherited("footer", "\"\"", markdown);
    let pictures = table.inherited("pictures", "true", switch);
    let embed_pictures = table.inherited("embed_pictures", "false", switch);
    let web_base = house.web_base?.to_owned();
    Some(Brand { accent, accent_dark, tagline, header, footer, pictures, embed_pictures, web_base, livery })
}

fn livery(table: &Table<'_>) -> Livery {
    let tint = table.inherited_optional("tint", colour).map(|asked| {
        let (tint, changed) = accent::readable_ground(&asked);
        if changed {
            table.warn("tint", format!("{asked} is too dark to read on; {tint} is used instead"));
        }
        tint
    });
    Livery {
        logo: logo(table),
        headlines: table.inherited("headlines", "\"serif\"", choice(HEADLINES)),
        tint,
        preheader: table.inherited("preheader", "\"\"", template),
    }
}

fn logo(table: &Table<'_>) -> Option<Logo> {
    let url = table.inherited_optional("logo", logo_address);
    let width = table.inherited("logo_width", "240", whole(1..=i64::from(LOGO_WIDTH)));
    let height = table.inherited("logo_height", "48", whole(1..=i64::from(LOGO_HEIGHT)));
    Some(Logo { url: url?, width, height })
}

/// Mail programs show PNG and JPEG, and only what comes encrypted.
fn logo_address(node: &super::document::Node) -> Parsed<Url> {
    let url = web_address(node)?;
    let path = url.path().to_ascii_lowercase();
    let shown = [".png", ".jpg", ".jpeg"].iter().any(|ending| path.ends_with(ending));
    if url.scheme() == "https" && shown {
        Ok(url)
    } else {
        Err(format!("{url} is not shown by mail programs; give the https address of a PNG or JPEG file"))
    }
}
