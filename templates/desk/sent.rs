//! An issue after it was sent: its stories with a form each that changes what the public sees, the letter to those who have it, and taking it off the web.

use super::shell::{Page, part};
use super::standing::short;
use crate::domain::count::counted;
use crate::domain::newsletter::Newsletter;
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

/// An issue that was sent.
#[derive(Debug, Clone, Copy)]
pub struct SentIssue<'a> {
    /// Of which newsletter.
    pub newsletter: &'a Newsletter,
    /// Its number.
    pub number: u32,
    /// Its date.
    pub at: DateTime<Utc>,
    /// What stands in it now.
    pub stories: &'a [SentStory],
    /// What readers are told beside its date.
    pub notes: &'a [(DateTime<Utc>, Line)],
    /// Whether its page says that it was withdrawn.
    pub is_withdrawn: bool,
    /// What those who have it were told.
    pub told: &'a [ToldLine],
}

/// A story as the public sees it.
#[derive(Debug, Clone)]
pub struct SentStory {
    /// Its number.
    pub article: i64,
    /// Its headline.
    pub title: String,
    /// Its summary.
    pub summary: String,
    /// Its address; empty for none.
    pub url: String,
    /// Who wrote it, with commas between.
    pub authors: String,
    /// Whether it shows a picture.
    pub has_picture: bool,
}

/// A correction that was written.
#[derive(Debug, Clone)]
pub struct ToldLine {
    /// When.
    pub at: DateTime<Utc>,
    /// In Markdown.
    pub note: String,
    /// How many of how many have the letter, if there was one.
    pub mailed: Option<(u64, u64)>,
    /// Whether the next issue prints it.
    pub in_next: bool,
}

/// A letter that was drafted and not mailed.
#[derive(Debug, Clone)]
pub struct LetterShown<'a> {
    /// The words, in Markdown.
    pub note: &'a str,
    /// The hash of what is shown.
    pub seen: &'a str,
    /// To how many.
    pub readers: u64,
    /// Its subject.
    pub subject: &'a str,
    /// Its text, as most get it.
    pub text: &'a str,
    /// Whether the next issue prints it, too.
    pub in_next: bool,
    /// What to know before it is mailed.
    pub problem: Option<String>,
}

/// The page.
pub fn sent(page: Page<'_>, issue: SentIssue<'_>, letter: Option<&LetterShown<'_>>) -> String {
    let place = format!("/desk/n/{}/sent/{}", issue.newsletter.slug, issue.number);
    let public = page.path(&format!("/{}/{}", issue.newsletter.slug, issue.number));
    let main = html! {
        p.kicker.top { (issue.newsletter.title) }
        h1.state { "No. " (issue.number) ", after it was sent" }
        p.note { (short(issue.at, issue.newsletter.zone)) ". " a href=(public) { "Its page" } }
        @if issue.is_withdrawn { p.flag { "Withdrawn: its page says so, and no list, feed or search shows it." } }
        (part("letter", "Write to those who have it", &correction(page, &place, issue, letter)))
        @if !issue.is_withdrawn {
            (part("public", "What the public sees", &stories(page, &place, issue)))
            (part("withdraw", "Withdraw it", &withdraw(page, &place)))
        }
    };
    page.render(&format!("No. {} of {}", issue.number, issue.newsletter.title), "/desk/issues", &main, None)
}

fn correction(page: Page<'_>, place: &str, issue: SentIssue<'_>, letter: Option<&LetterShown<'_>>) -> Markup {
    let zone = issue.newsletter.zone;
    html! {
        @if !issue.told.is_empty() {
            ul.hair {
                @for told in issue.told {
                    li {
                        p { (told.note) }
                        p.note {
                            (short(told.at, zone)) ", "
                            @match told.mailed {
                                Some((accepted, all)) => { "mailed to " (accepted) " of " (all) },
                                None => "not mailed",
                            }
                            @if told.in_next { ", stands in the next issue" }
                        }
                    }
                }
            }
            @if issue.told.iter().any(|told| told.in_next) {
                (page.form(place, "after-deck", &html! { button.button.plain.small name="do" value="not-in-next" { "Not in the next issue" } }))
            }
        }
        @if let Some(letter) = letter { (shown(page, place, letter)) }
        (page.form(place, "stack narrow after-deck", &html! {
            div.entry {
                label for="words" { "What was wrong, and what is right" }
                p.note #words-note { "In Markdown. Everybody who has the issue gets it, once; you see the letter before." }
                textarea.area #words name="note" required aria-describedby="words-note" { (letter.map_or("", |letter| letter.note)) }
            }
            (next(letter.is_none_or(|letter| letter.in_next)))
            div.acts.row { button.button.plain name="do" value="look" { "Show me the letter" } }
        }))
    }
}

fn shown(page: Page<'_>, place: &str, letter: &LetterShown<'_>) -> Markup {
    html! {
        div.panel role="status" {
            h3 { "The letter, to " (counted(letter.readers, "reader")) }
            p { b { "Subject: " } bdi { (letter.subject) } }
            pre.plain-letter tabindex="0" aria-label="The letter" { (letter.text) }
            @if let Some(problem) = &letter.problem { p.flag { (problem) } }
            (page.form(place, "", &html! {
                input type="hidden" name="note" value=(letter.note);
                input type="hidden" name="seen" value=(letter.seen);
                @if letter.in_next { input type="hidden" name="in_next" value="1"; }
                div.acts.row { button.button name="do" value="mail" { "Mail it to " (counted(letter.readers, "reader")) } }
            }))
        }
    }
}

fn stories(page: Page<'_>, place: &str, issue: SentIssue<'_>) -> Markup {
    html! {
        @if !issue.notes.is_empty() {
            ul.hair { @for (at, note) in issue.notes { li { p { (note) } p.note { (short(*at, issue.newsletter.zone)) } } } }
        }
        ol.stories {
            @for story in issue.stories {
                li #{ "s-" (story.article) } {
                    h3 { bdi { (story.title) } }
                    details {
                        summary { "Change or take out" span.visually-hidden { ": " (story.title) } }
                        (page.form(place, "stack narrow", &story_fields(story)))
                    }
                }
            }
        }
        (page.form(place, "stack narrow after-form", &html! {
            (note("alone", "A note alone"))
            (next(false))
            div.acts.row { button.button.plain name="do" value="note" { "Add the note" } }
        }))
    }
}

fn story_fields(story: &SentStory) -> Markup {
    let id = |name: &str| format!("{name}-{}", story.article);
    html! {
        input type="hidden" name="story" value=(story.article);
        div.entry { label for=(id("t")) { "Headline" } input.text id=(id("t")) name="title" dir="auto" value=(story.title); }
        div.entry { label for=(id("u")) { "Summary" } textarea.area id=(id("u")) name="summary" dir="auto" { (story.summary) } }
        div.entry { label for=(id("a")) { "Address" } input.text id=(id("a")) name="url" type="url" value=(story.url); }
        div.entry { label for=(id("w")) { "Who wrote it" } input.text id=(id("w")) name="authors" dir="auto" value=(story.authors); }
        @if story.has_picture {
            label.choice { input type="checkbox" name="no_picture" value="1"; span { "Show it without its picture" } }
        }
        (note(&story.article.to_string(), "What readers are told"))
        (next(false))
        div.acts.row {
            button.button.plain name="do" value="amend" { "Change it" }
            button.button.plain name="do" value="remove" { "Take it out" }
        }
    }
}

/// The sentence that readers see.
fn note(id: &str, label: &str) -> Markup {
    html! {
        div.entry {
            label for={ "n-" (id) } { (label) }
            p.note { "A sentence, shown beside today’s date." }
            input.text id={ "n-" (id) } name="note" required dir="auto";
        }
    }
}

fn next(checked: bool) -> Markup {
    html! { label.choice { input type="checkbox" name="in_next" value="1" checked[checked]; span { "Print it in the next issue, too, before everything else" } } }
}

fn withdraw(page: Page<'_>, place: &str) -> Markup {
    html! {
        p.note { "Its page will say that it was withdrawn (410), and no list, feed or search shows it. What was mailed stays in mailboxes." }
        (page.form(place, "stack narrow after-deck", &html! {
            (note("gone", "What stands in its place"))
            label.choice { input type="checkbox" name="sure" value="1" required; span { "I am sure" } }
            div.acts.row { button.button.plain name="do" value="withdraw" { "Withdraw it" } }
        }))
    }
}
