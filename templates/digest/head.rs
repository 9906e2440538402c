//! The head of a mail: metas and three style blocks.
//!
//! Gmail drops a whole block for one at-rule nested in another, and everything beyond 16 KB of CSS, hence layout, dark and Outlook.com apart from
//! each other, less than 2 KB in all. No class carries meaning that the inline style lacks.

use super::sheet::Sheet;
use crate::templates::{raw, tokens};
use maud::{Markup, html};

/// The head element.
pub fn head(sheet: &Sheet<'_>) -> Markup {
    let brand = &sheet.newsletter.brand;
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no";
            meta name="x-apple-disable-message-reformatting";
            meta name="color-scheme" content="light dark";
            meta name="supported-color-schemes" content="light dark";
            title { (sheet.name()) ": " (sheet.newsletter.publication.name) }
            (raw::mso_head())
            (raw::style(LAYOUT))
            (raw::style(&dark(&brand.accent_dark)))
            (raw::style(&outlook(&brand.accent_dark)))
        }
    }
}

/// The one breakpoint. The layout folds without it too; this makes type and pictures fit. Tablets and phones show the third and later stories of a
/// section without their summary (`.ex`).
const LAYOUT: &str = "@media (max-width:639px){\
.px{padding-left:20px!important;padding-right:20px!important}\
.rail,.main,.pic,.txt{max-width:100%!important}\
.rail h2,.rail p{display:inline-block!important}\
.pad{padding:0 0 14px!important}\
.img{width:100%!important}\
.h1{font-size:34px!important;line-height:40px!important}\
.lead{font-size:29px!important;line-height:34px!important}\
.leadr{font-size:26px!important;line-height:44px!important}\
.nt{font-size:16px!important;line-height:24px!important}\
.row{padding-top:11px!important;padding-bottom:10px!important}\
.ex{display:none!important}\
}";

/// For apps that follow the system (Apple Mail, Outlook's apps).
pub(in crate::templates) fn dark(accent: &str) -> String {
    format!("{DARK_OPEN}{}}}", rules("", "", accent))
}

/// How the block for the dark begins; `preview` looks for it.
pub(in crate::templates) const DARK_OPEN: &str =
    ":root{color-scheme:light dark;supported-color-schemes:light dark}@media (prefers-color-scheme:dark){";

/// For Outlook.com, which rewrites inline colours and leaves marks where it did.
pub(super) fn outlook(accent: &str) -> String {
    let data = "a[x-apple-data-detectors]{color:inherit!important;text-decoration:none!important}";
    format!("{}{data}", rules("[data-ogsb] ", "[data-ogsc] ", accent))
}

/// The colours of the dark, behind a selector for grounds and one for everything else.
fn rules(ground: &str, text: &str, accent: &str) -> String {
    let (page, sheet, tint) = (tokens::PAGE_DARK, tokens::SHEET_DARK, tokens::TINT_DARK);
    let (ink, mute, hair) = (tokens::INK_DARK, tokens::MUTE_DARK, tokens::HAIR_DARK);
    format!(
        "{ground}.page{{background-color:{page}!important}}\
{ground}.sheet{{background-color:{sheet}!important}}\
{ground}.tint{{background-color:{tint}!important}}\
{text}.ink,{text}.lnk{{color:{ink}!important}}\
{text}.mute{{color:{mute}!important}}\
{text}.acc{{color:{accent}!important}}\
{text}.hair{{border-color:{hair}!important}}\
{text}.rule{{border-color:{ink}!important}}\
{ground}.btn{{background-color:{ink}!important;border-color:{ink}!important}}\
{text}.btn{{color:{sheet}!important}}"
    )
}
