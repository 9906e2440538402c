//! Sections in the rail layout, and the contents that lead to them.
//!
//! The two columns are adjacent inline blocks with a maximum width and no white space between them; on a phone the rail falls above the column, with
//! or without style blocks. Word gets ghost tables instead.

use super::masthead::{oxford_rule, table};
use super::sheet::{Sheet, Voice};
use super::story::{self, attributes};
use crate::domain::issue::{CutSection, Story};
use crate::domain::newsletter::Look;
use crate::domain::text::Line;
use crate::templates::{raw, tokens};
use maud::{Markup, html};

/// A block with the Oxford rule over a rail and a column; `voice` settles on which side the rail stands.
pub fn rail_block(sheet: &Sheet<'_>, voice: Voice<'_>, tint: bool, rail: &Markup, rows: &Markup) -> Markup {
    let (lang, dir) = attributes(sheet.voice(), voice);
    let style = if tint {
        format!("padding:0 24px 14px;font-size:0;background-color:{}", sheet.paint.tint)
    } else {
        "padding:18px 24px 0;font-size:0".to_owned()
    };
    let columns = columns(voice, rail, rows);
    table(&html! {
        tr {
            td.px.tint[tint] bgcolor=[tint.then_some(&sheet.paint.tint)] style=(style) {
                (oxford_rule())
                @if lang.is_some() {
                    div lang=[lang] dir=[dir] style={ "text-align:" (voice.align()) } { (columns) }
                } @else {
                    (columns)
                }
            }
        }
    })
}

fn columns(voice: Voice<'_>, rail: &Markup, rows: &Markup) -> Markup {
    let rtl = voice.is_rtl();
    html! {
        (raw::ghost_open(rtl))
        div.rail style="display:inline-block;width:100%;max-width:136px;vertical-align:top" { (rail) }
        (raw::ghost_next(rtl))
        div.main style="display:inline-block;width:100%;max-width:456px;vertical-align:top" { (table(rows)) }
        (raw::ghost_close())
    }
}

/// What stands in a rail: a name, linked where it leads somewhere, and a line under it.
pub fn rail(
    sheet: &Sheet<'_>,
    voice: Voice<'_>,
    id: Option<&str>,
    name: &str,
    link: Option<&str>,
    under: &str,
) -> Markup {
    let paint = &sheet.paint;
    html! {
        h2.acc id=[id] style={ (voice.kind.rail) (paint.accent_colour) } {
            @match link {
                Some(url) => a.acc href=(url) style=(paint.accent) { (name) },
                None => (name),
            }
        }
        @if !under.is_empty() { p.mute style=(voice.kind.meta) { (under) } }
    }
}

/// How much a section holds: its stories, and where that is more than usual the time they are of.
pub fn extent(stories: usize, covers_days: Option<u32>, voice: Voice<'_>) -> String {
    let count = voice.texts.count("stories", stories);
    let Some(days) = covers_days else { return count };
    let weeks = (days + 1) / 7;
    // A cut-off that came a day early or late makes no other number of weeks.
    let covers = if weeks > 1 && days.abs_diff(weeks * 7) <= 1 {
        voice.texts.count("covers-weeks", weeks as usize)
    } else {
        voice.texts.count("covers-days", days as usize)
    };
    format!("{count}{}{covers}", voice.texts.say("list-comma"))
}

/// One section.
pub fn section(sheet: &Sheet<'_>, cut: &CutSection<'_>) -> Markup {
    let voice = sheet.section_voice(cut.section);
    let printed: Vec<_> = sheet.printed(cut).collect();
    let (id, url) = (cut.section.slug.as_str(), sheet.section_url(cut.section));
    let count = extent(printed.len(), sheet.cut.issue.covers_days, voice);
    let rail = rail(sheet, voice, sheet.is_web().then_some(id), cut.section.title.as_str(), Some(&url), &count);
    let rows = html! {
        (intro(&cut.section.intro, voice))
        @if cut.section.look == Look::Brief {
            (brief(sheet, &printed, voice))
        } @else {
            @for (at, story) in printed.iter().enumerate() { (story::row(sheet, story, at, voice)) }
        }
        @if !sheet.is_web() && !cut.more.is_empty() { (more(sheet, cut.more.len(), &url, voice)) }
    };
    match cut.section.look {
        Look::List => list_block(sheet, voice, &rail, &rows),
        Look::Rail | Look::Brief => rail_block(sheet, voice, false, &rail, &rows),
    }
}

/// The title above its stories, which take the whole measure.
fn list_block(sheet: &Sheet<'_>, voice: Voice<'_>, rail: &Markup, rows: &Markup) -> Markup {
    let (lang, dir) = attributes(sheet.voice(), voice);
    table(&html! {
        tr {
            td.px style="padding:18px 24px 0" {
                (oxford_rule())
                div lang=[lang] dir=[dir] style={ "text-align:" (voice.align()) } {
                    div.rail { (rail) }
                    (table(rows))
                }
            }
        }
    })
}

/// Headlines alone, numbered.
fn brief(sheet: &Sheet<'_>, stories: &[&Story], around: Voice<'_>) -> Markup {
    let items = html! {
        @for story in stories {
            @let voice = sheet.story_voice(story, around);
            @let (lang, dir) = attributes(around, voice);
            li.acc lang=[lang] dir=[dir] style={ (voice.kind.entry) (sheet.paint.accent_colour) } {
                (story::joined(sheet, story, &voice.set(story.title.as_str())))
                @if let Some(minutes) = story.minutes {
                    " " span.mute style={ "font:" (voice.kind.dateline) ";color:" (tokens::MUTE) } { (voice.texts.count("minutes", minutes as usize)) }
                }
            }
        }
    };
    numbered(sheet, &items, around)
}

/// A row with a real list, whose numerals take the colour of its items. Margin, not padding, indents it, for Word.
pub(super) fn numbered(sheet: &Sheet<'_>, items: &Markup, around: Voice<'_>) -> Markup {
    let side = if around.is_rtl() { "right" } else { "left" };
    let numerals = around.texts.numerals();
    let list =
        format!("margin:0 0 0 0;margin-{side}:26px;padding:0;list-style-type:{numerals}{}", sheet.paint.accent_colour);
    html! {
        tr {
            td align=(around.align()) style="padding:16px 0 14px" { ol.acc style=(list) { (items) } }
        }
    }
}

fn intro(intro: &Line, voice: Voice<'_>) -> Markup {
    if intro.is_empty() {
        return Markup::default();
    }
    html! { tr { td align=(voice.align()) style="padding:16px 0 0" { p.mute style=(voice.kind.detail) { (intro) } } } }
}

/// `3 more on the web`.
fn more(sheet: &Sheet<'_>, count: usize, url: &str, voice: Voice<'_>) -> Markup {
    html! {
        tr {
            td.hair align=(voice.align()) style={ "padding:11px 0 13px;border-top:1px solid " (tokens::HAIR) } {
                p.mute style=(voice.kind.meta) {
                    a.acc href=(url) style=(sheet.paint.accent_link) { (voice.texts.count("more-on-web", count)) }
                }
            }
        }
    }
}

/// A row of the contents.
struct Entry<'s> {
    title: String,
    url: String,
    count: usize,
    voice: Voice<'s>,
}

/// The sections of this issue, the lead's among them, as links to the web: anchors inside a mail are dead in most apps. Nothing for fewer than two.
pub fn contents(sheet: &Sheet<'_>) -> Markup {
    let entries = entries(sheet);
    if entries.len() < 2 {
        return Markup::default();
    }
    let voice = sheet.voice();
    let rail = rail(sheet, voice, None, &sheet.texts.say("in-this-issue"), None, "");
    let rows = html! {
        tr {
            td style="padding:9px 0 18px" {
                (table(&html! {
                    @for pair in entries.chunks(2) {
                        tr {
                            (entry(sheet, &pair[0]))
                            td width="28" style="width:28px;min-width:20px;font-size:0" { (raw::nbsp()) }
                            @match pair.get(1) {
                                Some(second) => (entry(sheet, second)),
                                None => td colspan="2" style="font-size:0" { (raw::nbsp()) },
                            }
                        }
                    }
                }))
            }
        }
    };
    rail_block(sheet, voice, false, &rail, &rows)
}

fn entries<'s>(sheet: &'s Sheet<'_>) -> Vec<Entry<'s>> {
    let mut entries = Vec::new();
    let lead = sheet.cut.lead.and(sheet.cut.lead_section);
    for section in &sheet.newsletter.sections {
        let cut = sheet.cut.sections.iter().find(|cut| cut.section.slug == section.slug);
        let leads = usize::from(lead == Some(&section.slug));
        // The same number as under the section's title; a section whose only story leads counts it.
        let count = cut.map_or(leads, |cut| sheet.printed(cut).count());
        if count > 0 {
            let url = if cut.is_some() { sheet.section_url(section) } else { format!("{}#lead", sheet.issue_url) };
            entries.push(Entry { title: section.title.to_string(), url, count, voice: sheet.section_voice(section) });
        }
    }
    if !sheet.cut.events.is_empty() {
        let url = format!("{}#events", sheet.issue_url);
        entries.push(Entry {
            title: sheet.texts.say("events"),
            url,
            count: sheet.cut.events.len(),
            voice: sheet.voice(),
        });
    }
    entries
}

/// Two cells: name and count. Rows of 44 px on phones.
fn entry(sheet: &Sheet<'_>, entry: &Entry<'_>) -> Markup {
    let hair = tokens::HAIR;
    let (lang, dir) = attributes(sheet.voice(), entry.voice);
    let (near, far) = if sheet.voice().is_rtl() { ("right", "left") } else { ("left", "right") };
    let cell = format!("padding:7px 0 6px;border-bottom:1px solid {hair}");
    html! {
        // A long name on a phone ends before the number, not at it.
        td.hair.row width="44%" align=(near) style={ (cell) ";padding-" (far) ":6px;" (entry.voice.kind.row) } {
            a.ink lang=[lang] dir=[dir] href=(entry.url) style=(sheet.paint.ink) { (entry.title) }
        }
        td.mute.hair.row align=(far) width="24" style={ (cell) ";font:14px/22px Helvetica,Arial,sans-serif;color:" (tokens::MUTE) ";text-align:" (far) } {
            (sheet.texts.number(entry.count as u64))
        }
    }
}
