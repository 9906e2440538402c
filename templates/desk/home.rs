//! The first page of the desk: each newsletter's coming issue in one sentence, what is wrong with it, what can be done, and how the last one went.

use super::deeds::{buttons, hand_bar};
use super::shell::{Page, part};
use super::standing::{Coming, Stage, countdown, moment, sentence};
use crate::domain::count::{counted, grouped};
use crate::domain::delivery::Tally;
use crate::domain::issue::IssueState;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

/// How much a check matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All is well.
    Good,
    /// The program has mended it.
    Repaired,
    /// It goes out all the same.
    Warning,
    /// It does not go out like this.
    Blocking,
}

/// One thing that was looked at before an issue goes out.
#[derive(Debug, Clone)]
pub struct Check {
    /// How much it matters.
    pub level: Level,
    /// What was found, in a few words.
    pub found: String,
    /// More, or nothing.
    pub detail: String,
    /// Where it can be mended: a place of the desk and the words of its link.
    pub mend: Option<(String, String)>,
}

/// An issue that went out.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The newsletter's title.
    pub title: String,
    /// Its number.
    pub number: u32,
    /// When it began to go out.
    pub at: DateTime<Utc>,
    /// In which zone that is told.
    pub zone: Tz,
    /// What became of it.
    pub tally: Tally,
}

/// An alarm.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// What it is about.
    pub about: String,
    /// What happened and what to do, on the command line too.
    pub sentence: String,
    /// The place of the desk where it is dealt with, and the words of the link there.
    pub way: Option<(String, &'static str)>,
}

/// All of the first page.
#[derive(Debug)]
pub struct Home<'a> {
    /// The coming issues, each with what was checked; the first is shown whole.
    pub coming: Vec<(Coming<'a>, Vec<Check>)>,
    /// What went out last.
    pub sent: Vec<Sent>,
    /// Alarms.
    pub troubles: Vec<Trouble>,
}

/// The first page.
pub fn home(page: Page<'_>, home: &Home<'_>) -> String {
    let main = html! {
        h1.visually-hidden { "The desk" }
        @for (at, (coming, checks)) in home.coming.iter().enumerate() {
            section.block.first-issue[at == 0] aria-labelledby={ "n-" (coming.newsletter.slug) } {
                @if at > 0 { div.oxford {} }
                (issue_panel(page, coming, checks))
            }
        }
        @if !home.troubles.is_empty() {
            (part("alarms", "Alarms", &html! {
                ul.hair { @for trouble in &home.troubles { li {
                    (mark(Level::Blocking, &trouble.about))
                    p.note { (trouble.sentence) }
                    @if let Some((place, words)) = &trouble.way { p.note { a href=(page.path(place)) { (words) } } }
                } } }
            }))
        }
        @if !home.sent.is_empty() {
            (part("sent", "Delivery", &html! {
                ul.hair { @for sent in &home.sent { li { (delivered(sent)) } } }
                p.note { "Accepted means that the reader's mail server took it over. " a href=(page.path("/desk/issues")) { "All issues" } }
            }))
        }
    };
    let bar = home.coming.first().map(|(coming, _)| foot(page, coming));
    page.render("Desk", "/desk", &main, bar.as_ref())
}

fn issue_panel(page: Page<'_>, coming: &Coming<'_>, checks: &[Check]) -> Markup {
    let place = format!("/desk/n/{}", coming.newsletter.slug);
    html! {
        div.two {
            div.stack {
                h2.kicker id={ "n-" (coming.newsletter.slug) } { (coming.newsletter.title) }
                p.state.stuck[coming.is_stuck()] { (sentence(coming)) }
                (reason(coming))
                (clock(coming))
                (steps(coming))
                div.acts.row.big-screen {
                    a.button href=(page.path(&format!("{place}/preview"))) { "Review No. " (coming.number) }
                    (page.button(&format!("{place}/test"), "button plain", "do", "test", "Send a test to me"))
                    (buttons(page, coming))
                }
                div.acts.row {
                    a.button.plain.small href=(page.path(&format!("{place}/stories"))) { "Stories" }
                    a.button.plain.small href=(page.path(&format!("{place}/face"))) { "Subject and note" }
                }
            }
            @if !checks.is_empty() {
                div.stack {
                    h3.beside { "Before it goes" }
                    (check_list(page, checks))
                }
            }
        }
    }
}

/// What stays at hand at the bottom of a phone's screen: hold or let go, test, review.
pub(super) fn foot(page: Page<'_>, coming: &Coming<'_>) -> Markup {
    let review =
        html! { a.button href=(page.path(&format!("/desk/n/{}/preview", coming.newsletter.slug))) { "Review" } };
    hand_bar(page, coming, &review)
}

/// Why it stands there, if somebody or something said so.
pub(super) fn reason(coming: &Coming<'_>) -> Markup {
    let said = match coming.stage {
        Stage::Settled { reason, .. } => reason,
        Stage::Collecting => coming.held,
    };
    html! { @if let Some(said) = said { p.note { (said) } } }
}

/// When it goes out, and how long that is from now.
pub(super) fn clock(coming: &Coming<'_>) -> Markup {
    let Some(occurrence) = coming.occurrence else { return html! {} };
    html! {
        p.note { (moment(occurrence.at, occurrence.zone)) }
        @if let (Stage::Settled { state: IssueState::Sending | IssueState::Paused, tally, .. }, true) = (coming.stage, true) {
            (progress("going", tally))
        } @else if occurrence.at > coming.now { (countdown(occurrence.at - coming.now)) }
    }
}

fn steps(coming: &Coming<'_>) -> Markup {
    let state = coming.state();
    let now = match state {
        None => 0,
        Some(IssueState::Sending | IssueState::Paused) => 2,
        Some(_) => 1,
    };
    let gathered =
        format!("{} in {}", counted(coming.stories as u64, "story"), counted(coming.sections as u64, "section"));
    let zone = coming.newsletter.zone;
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%A %H:%M").to_string();
    let review = if coming.asks { "Freeze and approve" } else { "Freeze and review" };
    let names = [
        ("Collecting", gathered),
        (review, coming.cut_off.map_or(String::new(), local)),
        ("Send", coming.occurrence.map_or(String::new(), |occurrence| local(occurrence.at))),
    ];
    html! {
        ol.stages {
            @for (at, (name, detail)) in names.iter().enumerate() {
                li.done[at < now].now[at == now] aria-current=[(at == now).then_some("step")] { b { (name) } (detail) }
            }
        }
    }
}

/// What was checked, the gravest first.
pub(super) fn check_list(page: Page<'_>, checks: &[Check]) -> Markup {
    html! {
        ul.hair.checks {
            @for level in [Level::Blocking, Level::Warning, Level::Repaired, Level::Good] {
                @for check in checks.iter().filter(|check| check.level == level) {
                    li {
                        (mark(check.level, &check.found))
                        @if !check.detail.is_empty() { p.note { (check.detail) } }
                        @if let Some((place, words)) = &check.mend { p { a href=(page.path(place)) { (words) } } }
                    }
                }
            }
        }
    }
}

/// A state as shape, word and colour.
pub(super) fn mark(level: Level, words: &str) -> Markup {
    let class = match level {
        Level::Good => "st ok",
        Level::Repaired => "st mended",
        Level::Warning => "st warn",
        Level::Blocking => "st bad",
    };
    html! { span class=(class) { (words) } }
}

fn delivered(sent: &Sent) -> Markup {
    html! {
        h3 { (sent.title) ", No. " (sent.number) }
        p.note { "Sent " (moment(sent.at, sent.zone)) ": " (grouped(sent.tally.accepted)) " of " (grouped(sent.tally.recipients)) " accepted" (others(&sent.tally)) "." }
        (progress(&format!("p-{}-{}", sent.number, sent.at.timestamp()), sent.tally))
    }
}

/// `, 9 deferred, 4 refused`: what is not nothing.
pub(super) fn others(tally: &Tally) -> String {
    let counts = [
        (tally.queued, "waiting"),
        (tally.deferred, "deferred"),
        (tally.refused, "refused"),
        (tally.skipped, "skipped"),
        (tally.expired, "expired"),
        (tally.in_doubt, "in doubt"),
        (tally.parked, "parked"),
    ];
    let some = counts.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, word)| format!(", {} {word}", grouped(*count))).collect::<Vec<_>>().concat()
}

fn progress(id: &str, tally: Tally) -> Markup {
    let (most, done) = (tally.recipients.max(1), tally.accepted);
    html! {
        progress id=(id) max=(most) value=(done) aria-label="accepted" { (100 * done / most) "%" }
    }
}
