//! A story inside a section: headline, summary, who wrote it where.

use super::pictures::{self, Seat};
use super::sheet::{Sheet, Voice};
use crate::domain::article::Picture;
use crate::domain::issue::Story;
use crate::domain::text::{Direction, Line};
use crate::templates::typography::{SUMMARY, whole_sentences};
use crate::templates::writing::{direction_of, runs_against};
use crate::templates::{raw, tokens};
use maud::{Markup, html};

/// From this story of a section on (counted from 0), phones show headline and byline only.
const BRIEF_ON_PHONES: usize = 2;

/// `lang` and `dir` of a part, where they differ from what surrounds it.
pub fn attributes<'v>(around: Voice<'_>, voice: Voice<'v>) -> (Option<&'v str>, Option<&'static str>) {
    if around.language == voice.language {
        (None, None)
    } else {
        (Some(voice.language.as_str()), Some(voice.direction.as_str()))
    }
}

/// A headline's words, as a link where the story has an address.
pub fn joined(sheet: &Sheet<'_>, story: &Story, words: &str) -> Markup {
    html! {
        @match &story.url {
            Some(url) => a.ink href=(url) style=(sheet.paint.ink) { (words) },
            None => span.ink style=(sheet.paint.ink) { (words) },
        }
    }
}

/// The row of the `at`-th story of a section; only the first may have a picture.
pub fn row(sheet: &Sheet<'_>, story: &Story, at: usize, around: Voice<'_>) -> Markup {
    let voice = sheet.story_voice(story, around);
    let attributes = attributes(around, voice);
    if let Some(picture) = pictures::of(sheet, story).filter(|_| at == 0) {
        return pictured(sheet, story, picture, voice);
    }
    html! {
            tr {
                @let style = if at == 0 { "padding:16px 0 22px" } else { HAIRED.as_str() };
                td.hair[at > 0] align=[voice.is_rtl().then_some("right")] style=(style) {
                    @if attributes.0.is_some() {
                        div lang=[attributes.0] dir=[attributes.1] { (words(sheet, story, at, voice)) }
                    } @else {
                        (words(sheet, story, at, voice))
                    }
                }
            }
    }
}

static HAIRED: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| format!("padding:18px 0 22px;border-top:1px solid {}", tokens::HAIR));

fn words(sheet: &Sheet<'_>, story: &Story, at: usize, voice: Voice<'_>) -> Markup {
    let summary = whole_sentences(story.summary.as_str(), SUMMARY);
    let kind = voice.kind;
    html! {
        h3 style=(if at == 0 { &kind.first } else { &kind.head }) {
            (joined(sheet, story, &voice.set(story.title.as_str())))
        }
        @if !summary.is_empty() {
            p.ink.ex[at >= BRIEF_ON_PHONES] style=(kind.summary) { (voice.set(summary)) }
        }
        p.mute style=(kind.meta) { (byline(story, voice, false)) }
    }
}

/// A picture and the words beside it, on a phone one above the other. In the source the picture comes first; the direction of the cell, opposite to
/// that of the text, puts it on the far side.
fn pictured(sheet: &Sheet<'_>, story: &Story, picture: &Picture, voice: Voice<'_>) -> Markup {
    let (wide, far) = (tokens::SIDE_PICTURE + 16, tokens::COLUMN - tokens::SIDE_PICTURE - 16);
    let (against, side, pad) =
        if voice.is_rtl() { ("ltr", "left", "5px 16px 10px 0") } else { ("rtl", "right", "5px 0 10px 16px") };
    let (lang, dir) = (voice.language.as_str(), voice.direction.as_str());
    let size = pictures::fit(picture, tokens::SIDE_PICTURE, 240);
    let open = format!(
        "<table role=\"presentation\" dir=\"{against}\" width=\"{}\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td width=\"{wide}\" align=\"{side}\" valign=\"top\">",
        tokens::COLUMN
    );
    html! {
        tr {
            td style="padding:16px 0 22px;font-size:0" dir=(against) {
                (raw::mso(&open))
                div.pic lang=(lang) dir=(dir) style={ "display:inline-block;width:100%;max-width:" (wide) "px;vertical-align:top" } {
                    div.pad style={ "padding:" (pad) } {
                        (pictures::linked(sheet, story, picture, size, Seat::Beside, &voice.kind.alt))
                        @if let Some(credit) = pictures::credit(picture, voice.texts) {
                            p.mute style={ (voice.kind.credit) ";padding:6px 0 0" } { (credit) }
                        }
                    }
                }
                (raw::mso(&format!("</td><td width=\"{far}\" valign=\"top\">")))
                div.txt lang=(lang) dir=(dir) style={ "display:inline-block;width:100%;max-width:" (far) "px;vertical-align:top" } {
                    (words(sheet, story, 0, voice))
                }
                (raw::ghost_close())
            }
        }
    }
}

/// `By Ada Ray · Vienna Desk · 5 min · also at The Courier`. The lead does not repeat the column that stands over it.
pub fn byline(story: &Story, voice: Voice<'_>, lead: bool) -> Markup {
    let parts = byline_parts(story, voice, lead);
    html! {
        @for (at, part) in parts.iter().enumerate() {
            @if at > 0 { " · " }
            (name(part, voice.direction))
        }
    }
}

/// The parts of a byline; `plain` sets them in its own way.
pub(super) fn byline_parts(story: &Story, voice: Voice<'_>, lead: bool) -> Vec<String> {
    let texts = voice.texts;
    let authors = texts.list(story.authors.iter().map(Line::as_str));
    let place = story.column.as_ref().filter(|_| !lead).unwrap_or(&story.source);
    [
        story.sponsored.then(|| texts.say("sponsored")),
        (!authors.is_empty()).then(|| texts.say_of("by", "name", &authors)),
        (!place.is_empty()).then(|| place.to_string()),
        story.minutes.map(|minutes| texts.count(if lead { "minutes-read" } else { "minutes" }, minutes as usize)),
        story.paywalled.then(|| texts.say("subscribers-only")),
        (!story.also_at.is_empty())
            .then(|| texts.say_of("also-at", "name", &texts.list(story.also_at.iter().map(Line::as_str)))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A name inside a line; one that runs the other way is set apart, so that what follows stays on its side. A span with `dir`: mail apps know no `bdi`.
fn name(text: &str, base: Direction) -> Markup {
    match direction_of(text) {
        Some(own) if own != base && runs_against(text, base) => html! { span dir=(own.as_str()) { (text) } },
        _ => html! { (text) },
    }
}
