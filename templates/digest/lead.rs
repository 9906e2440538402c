//! The story that opens the issue. Column and headline stand before the picture: the first screen of a phone must hold them, with pictures or without.

use super::masthead::table;
use super::pictures::{self, Seat};
use super::sheet::{Sheet, Voice};
use super::story::{attributes, byline, joined};
use crate::domain::archive::Archive;
use crate::domain::issue::Story;
use crate::templates::pages::encoded;
use crate::templates::tokens;
use crate::templates::typography::{STANDFIRST, whole_sentences};
use maud::{Markup, html};

/// The lead.
pub fn lead(sheet: &Sheet<'_>, story: &Story) -> Markup {
    let voice = sheet.story_voice(story, sheet.voice());
    let (lang, dir) = attributes(sheet.voice(), voice);
    let gap = if pictures::of(sheet, story).is_some() { "16px" } else { "0" };
    html! {
        div lang=[lang] dir=[dir] {
            (table(&html! {
                tr { td.px align=(voice.align()) style={ "padding:22px 24px " (gap) } { (headline(sheet, story, voice)) } }
                (picture(sheet, story, voice))
                tr { td.px align=(voice.align()) style="padding:14px 24px 30px" { (matter(sheet, story, voice)) } }
            }))
        }
    }
}

fn headline(sheet: &Sheet<'_>, story: &Story, voice: Voice<'_>) -> Markup {
    let kicker = story.column.as_ref().map_or_else(|| voice.texts.say("lead-story"), ToString::to_string);
    html! {
        p.acc style={ (voice.kind.kicker) (sheet.paint.accent_colour) } { (kicker) }
        h2.(if voice.is_rtl() { "leadr" } else { "lead" }) id=[sheet.is_web().then_some("lead")] style=(voice.kind.lead) {
            (joined(sheet, story, &voice.set(story.title.as_str())))
        }
    }
}

fn picture(sheet: &Sheet<'_>, story: &Story, voice: Voice<'_>) -> Markup {
    let Some(picture) = pictures::of(sheet, story) else { return Markup::default() };
    let size = pictures::fit(picture, tokens::SHEET_WIDTH, 480);
    html! {
        tr {
            td align="center" {
                (pictures::linked(sheet, story, picture, size, Seat::Wide, &voice.kind.alt))
                @if let Some(credit) = pictures::credit(picture, voice.texts) { p.mute.px style={ (voice.kind.credit) ";text-align:" (voice.align()) } { (credit) } }
            }
        }
    }
}

/// Summary, byline, button, labels.
fn matter(sheet: &Sheet<'_>, story: &Story, voice: Voice<'_>) -> Markup {
    let summary = whole_sentences(story.summary.as_str(), STANDFIRST);
    html! {
        @if !summary.is_empty() { p.ink style=(voice.kind.standfirst) { (voice.set(summary)) } }
        p.mute style=(voice.kind.byline) { (byline(story, voice, true)) }
        (button(story, voice))
        (labels(sheet, story, voice))
    }
}

/// The button says where it leads, never "read more". A cell's ground and an inline-block link: Word needs no drawing for a square button.
fn button(story: &Story, voice: Voice<'_>) -> Markup {
    let Some(url) = &story.url else { return Markup::default() };
    let (ink, sheet) = (tokens::INK, tokens::SHEET);
    let words = match &story.column {
        Some(column) => voice.texts.say_of("read-column", "name", bare(column.as_str(), voice)),
        None => voice.texts.say_of("read-at", "name", story.source.as_str()),
    };
    html! {
        table role="presentation" border="0" cellpadding="0" cellspacing="0" {
            tr {
                td.btn bgcolor=(ink) style={ "background-color:" (ink) ";mso-padding-alt:13px 24px" } {
                    a.btn href=(url) style={ "display:inline-block;padding:13px 24px;font:" (voice.kind.button) ";color:" (sheet) ";background-color:" (ink) ";text-decoration:none" } {
                        (words)
                    }
                }
            }
        }
    }
}

/// A column's name without its article where the sentence has one already: "Read the Antechamber column".
fn bare<'c>(column: &'c str, voice: Voice<'_>) -> &'c str {
    let english = voice.texts.code() == "en";
    column.strip_prefix("The ").filter(|_| english).unwrap_or(column)
}

/// At most three tags. On the web each leads to the stories under it; a mail repeats no such links.
fn labels(sheet: &Sheet<'_>, story: &Story, voice: Voice<'_>) -> Markup {
    if story.tags.is_empty() {
        return Markup::default();
    }
    // Where the labels stand in the sentence is the language's to say.
    let sentence = voice.texts.say_of("filed-under", "name", PLACE);
    let (before, after) = sentence.split_once(PLACE).unwrap_or((&sentence, ""));
    let has_pages = sheet.is_web() && sheet.newsletter.archive == Archive::Public;
    html! {
        p.mute style={ (voice.kind.meta) ";padding-top:16px;line-height:28px" } {
            (before)
            @for (at, tag) in story.tags.iter().take(3).enumerate() {
                @if at > 0 { (voice.texts.say("list-comma")) }
                @if has_pages {
                    a.mute rel="tag" style=(sheet.paint.quiet) href=(format!("{}/tags/{}", sheet.newsletter.brand.web_base, encoded(tag.key()))) { (tag.label()) }
                } @else {
                    (tag.label())
                }
            }
            (after)
        }
    }
}

/// Stands for the labels until they are set: a character that no label has.
const PLACE: &str = "\u{FFFC}";
