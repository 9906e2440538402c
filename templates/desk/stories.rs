//! The stories of the coming issue, those it leaves out, and one of them with all that can be changed.

use super::home::foot;
use super::pair::Pair;
use super::preview::heading;
use super::shell::{Page, part};
use super::standing::{Coming, short};
use crate::domain::count::counted;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

/// A story as the list shows it.
#[derive(Debug, Clone)]
pub struct StoryLine {
    /// Its number.
    pub article: i64,
    /// Its headline, as it stands.
    pub title: String,
    /// The language of that, for the browser.
    pub language: String,
    /// Its source's name for readers.
    pub source: String,
    /// Whether its source says that it is paid for.
    pub is_sponsored: bool,
    /// When it was published, if that is known.
    pub published_at: Option<DateTime<Utc>>,
    /// Whether an editor pinned it.
    pub is_pinned: bool,
    /// Whether an editor dropped it.
    pub is_dropped: bool,
    /// What else an editor changed: `headline`, `summary`; in words.
    pub changed: Vec<String>,
    /// Why it stands where it does, or does not: names and sentences.
    pub why: Vec<(String, String)>,
}

/// Some stories under a name.
#[derive(Debug, Clone)]
pub struct Group {
    /// The section's title, or why they are left out.
    pub name: String,
    /// In their order.
    pub stories: Vec<StoryLine>,
    /// Whether they are left out: shown only to who asks.
    pub is_out: bool,
}

/// A change in the list of changes.
#[derive(Debug, Clone)]
pub struct ChangeLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What was changed to what.
    pub what: String,
    /// Who took it back, if somebody did.
    pub undone_by: Option<String>,
}

/// The list of stories.
pub fn stories(page: Page<'_>, coming: &Coming<'_>, groups: &[Group]) -> String {
    let main = html! {
        (heading(page, coming, "stories"))
        @for (at, group) in groups.iter().enumerate() {
            (part(&format!("g-{at}"), &group.name, &html! {
                @if group.is_out {
                    details open[group.stories.iter().any(|story| story.is_dropped)] {
                        summary { (counted(group.stories.len() as u64, "story")) ", each with its reason" }
                        (rows(page, coming, &group.stories))
                    }
                } @else { (rows(page, coming, &group.stories)) }
            }))
        }
        (part("outside", "A story from outside", &from_outside(page, coming)))
        @if groups.is_empty() { p.note.after-form { "There is no story yet. Sources are asked by themselves." } }
    };
    page.render(&format!("Stories of No. {}", coming.number), "/desk", &main, Some(&foot(page, coming)))
}

/// The way to bring in a story that no source has shown.
fn from_outside(page: Page<'_>, coming: &Coming<'_>) -> Markup {
    let fields = html! {
        div.entry {
            label for="url" { "Its web address" }
            p.note #outside-note { "The page is read like every other. In an issue that is composed already it is pinned, so that it still comes in." }
            input.text #url type="url" name="url" inputmode="url" required aria-describedby="outside-note";
        }
        div.acts { button.button.plain { "Add it" } }
    };
    page.form(&format!("/desk/n/{}/stories", coming.newsletter.slug), "stack narrow", &fields)
}

fn rows(page: Page<'_>, coming: &Coming<'_>, stories: &[StoryLine]) -> Markup {
    html! { ol.stories { @for story in stories { (story_row(page, coming, story)) } } }
}

fn story_row(page: Page<'_>, coming: &Coming<'_>, story: &StoryLine) -> Markup {
    let place = format!("/desk/n/{}/stories/{}", coming.newsletter.slug, story.article);
    html! {
        li.dropped[story.is_dropped] #{ "s-" (story.article) } {
            div {
                h3 { a href=(page.path(&place)) lang=(story.language) dir="auto" { (story.title) } }
                p.note {
                    bdi { (story.source) }
                    @if let Some(at) = story.published_at { ", " (short(at, coming.newsletter.zone)) } @else { ", undated" }
                    @if story.is_sponsored { ", sponsored" }
                }
                @if let Some(flags) = flags(story) { p.flag { (flags) } }
            }
            div.acts.row {
                @if story.is_pinned { (hand(page, &place, "unplace", "Unpin", story)) } @else { (hand(page, &place, "pin", "Pin", story)) }
                @if story.is_dropped { (hand(page, &place, "unplace", "Take back in", story)) } @else { (hand(page, &place, "drop", "Drop", story)) }
                a.button.plain.small href=(page.path(&place)) aria-label={ "Edit: " (story.title) } { "Edit" }
            }
            details { summary { "Why" } (why(&story.why)) }
        }
    }
}

/// What an editor did to a story, in a line.
fn flags(story: &StoryLine) -> Option<String> {
    let mut flags: Vec<&str> = Vec::new();
    if story.is_pinned {
        flags.push("pinned");
    }
    if story.is_dropped {
        flags.push("dropped");
    }
    flags.extend(story.changed.iter().map(String::as_str));
    (!flags.is_empty()).then(|| format!("By hand: {}", flags.join(", ")))
}

/// A button that pins, drops or takes back; named by its story for those who hear it.
fn hand(page: Page<'_>, place: &str, value: &str, label: &str, story: &StoryLine) -> Markup {
    page.form(
        &format!("{place}/place"),
        "one",
        &html! {
            button.button.plain.small name="do" value=(value) aria-label={ (label) ": " (story.title) } { (label) }
        },
    )
}

pub(super) fn why(why: &[(String, String)]) -> Markup {
    html! { dl.why { @for (name, sentence) in why { div { dt { (name) } dd { (sentence) } } } } }
}

/// One story: why it stands where it does, and all that can be changed.
pub fn story(page: Page<'_>, coming: &Coming<'_>, story: &StoryLine, pairs: &[Pair], changes: &[ChangeLine]) -> String {
    let place = format!("/desk/n/{}/stories/{}", coming.newsletter.slug, story.article);
    let back = format!("/desk/n/{}/stories", coming.newsletter.slug);
    let main = html! {
        p.kicker.top { a href=(page.path(&back)) { "Stories of No. " (coming.number) } }
        h1.state lang=(story.language) dir="auto" { (story.title) }
        p.note { bdi { (story.source) } @if let Some(at) = story.published_at { ", " (short(at, coming.newsletter.zone)) } }
        @if let Some(flags) = flags(story) { p.flag { (flags) } }
        div.acts.row.after-deck {
            @if story.is_pinned { (hand(page, &place, "unplace", "Unpin", story)) } @else { (hand(page, &place, "pin", "Pin", story)) }
            @if story.is_dropped { (hand(page, &place, "unplace", "Take back in", story)) } @else { (hand(page, &place, "drop", "Drop", story)) }
        }
        (part("why", "Why it stands where it does", &why(&story.why)))
        (part("edit", "What readers see", &edit_form(page, &place, pairs)))
        (part("changes", "Changes", &history(page, &place, changes, coming)))
    };
    page.render(&story.title, "/desk", &main, None)
}

/// The pairs in one form, saved together.
pub(super) fn edit_form(page: Page<'_>, place: &str, pairs: &[Pair]) -> Markup {
    page.form(
        place,
        "",
        &html! {
            (save_first())
            @for pair in pairs { (pair.show()) }
            div.save { button.button name="save" value="1" { "Save" } }
        },
    )
}

/// Enter in a field presses the first button of its form, wherever that is seen: it must be the one that saves.
pub(super) fn save_first() -> Markup {
    html! { button.visually-hidden name="save" value="1" tabindex="-1" aria-hidden="true" { "Save" } }
}

/// What was changed so far, and the way to take the latest back.
pub(super) fn history(page: Page<'_>, place: &str, changes: &[ChangeLine], coming: &Coming<'_>) -> Markup {
    let holds = changes.iter().filter(|change| change.undone_by.is_none()).count();
    html! {
        @if changes.is_empty() { p.note { "Nobody changed anything." } }
        @else {
            @if holds > 0 {
                div.acts.row { (page.button(&format!("{place}/undo"), "button plain", "do", "undo", "Undo the latest change")) }
            }
            ul.hair.after-deck {
                @for change in changes {
                    li {
                        p { (change.what) }
                        p.note {
                            (change.actor) ", " (short(change.at, coming.newsletter.zone))
                            @if let Some(by) = &change.undone_by { "; taken back by " (by) }
                        }
                    }
                }
            }
            p.note { (counted(changes.len() as u64, "change")) ", " (holds) " of them in force." }
        }
    }
}
