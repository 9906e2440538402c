//! Lists of the desk that change nothing: sources and their health, past issues with their counts, the audit. On a phone each row is a stack.

use super::home::{Level, mark};
use super::shell::Page;
use super::standing::short;
use crate::domain::count::{counted, grouped};
use crate::domain::delivery::Tally;
use crate::domain::issue::IssueState;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

/// How a source does.
#[derive(Debug, Clone)]
pub enum Well {
    /// It answers.
    Healthy,
    /// It was not asked yet.
    New,
    /// It fails; how often in a row, and what it said last.
    Failing(u32, String),
}

/// A source as the list shows it.
#[derive(Debug, Clone)]
pub struct SourceLine {
    /// Its name for readers.
    pub name: String,
    /// The word for its kind.
    pub kind: &'static str,
    /// Where it lies.
    pub place: String,
    /// How it does.
    pub well: Well,
    /// When it last answered.
    pub read_at: Option<DateTime<Utc>>,
    /// When it last brought something new.
    pub new_at: Option<DateTime<Utc>>,
}

/// An issue of the past, or one that is going out.
#[derive(Debug, Clone)]
pub struct Past {
    /// The newsletter's title.
    pub title: String,
    /// The path of its public page, if it has one.
    pub public: Option<String>,
    /// Its number, if it has one.
    pub number: Option<u32>,
    /// Where it is amended or corrected, if it was sent.
    pub after: Option<String>,
    /// The date it was for.
    pub at: DateTime<Utc>,
    /// In which zone that is told.
    pub zone: Tz,
    /// Where it stands.
    pub state: IssueState,
    /// Why, in words.
    pub reason: String,
    /// What became of its mail.
    pub tally: Tally,
}

/// The sources and how each does.
pub fn sources(page: Page<'_>, sources: &[SourceLine], every: &str, zone: Tz) -> String {
    let failing = sources.iter().filter(|source| matches!(source.well, Well::Failing(..))).count() as u64;
    let deck = match failing {
        0 => "All of them answer.".to_owned(),
        one => format!("{} {} not answer.", counted(one, "source"), if one == 1 { "does" } else { "do" }),
    };
    let caption = format!("{}, asked every {every}", counted(sources.len() as u64, "source"));
    let body = html! {
        @for source in sources {
            tr {
                th scope="row" { bdi { (source.name) } span.note.under { (source.place) } }
                (cell("Kind", "", &html! { (source.kind) }))
                (cell("Health", "", &health(&source.well)))
                (cell("Last read", "", &source.read_at.map_or(html! { "never" }, |at| short(at, zone))))
                (cell("Last brought something", "", &source.new_at.map_or(html! { "never" }, |at| short(at, zone))))
            }
        }
    };
    let main = html! {
        h1.title { "Sources" }
        p.deck { (deck) }
        (table(&caption, &[("Source", ""), ("Kind", ""), ("Health", ""), ("Last read", ""), ("Last brought something", "")], &body))
    };
    page.render("Sources", "/desk/sources", &main, None)
}

fn health(well: &Well) -> Markup {
    match well {
        Well::Healthy => mark(Level::Good, "Healthy"),
        Well::New => mark(Level::Warning, "Not asked yet"),
        Well::Failing(times, error) => html! {
            (mark(Level::Blocking, &format!("Failing, {}", counted(u64::from(*times), "time"))))
            span.note.under { (error) }
        },
    }
}

/// The issues, the latest first, with their counts.
pub fn issues(page: Page<'_>, issues: &[Past]) -> String {
    let columns = [
        ("Issue", ""),
        ("Date", ""),
        ("State", ""),
        ("Readers", "r"),
        ("Accepted", "r"),
        ("Waiting", "r"),
        ("Refused", "r"),
        ("Other", "r"),
    ];
    let body = html! {
        @for issue in issues {
            @let tally = &issue.tally;
            tr {
                th scope="row" {
                    @match (&issue.public, issue.number) {
                        (Some(path), Some(number)) => a href=(page.path(path)) { (issue.title) ", No. " (number) },
                        (None, Some(number)) => { (issue.title) ", No. " (number) },
                        (_, None) => (issue.title),
                    }
                    @if let (Some(place), Some(number)) = (&issue.after, issue.number) {
                        span.note.under { a href=(page.path(place)) { "Amend or correct" span.visually-hidden { " No. " (number) " of " (issue.title) } } }
                    }
                }
                (cell("Date", "", &short(issue.at, issue.zone)))
                (cell("State", "", &html! { (state(issue.state)) @if !issue.reason.is_empty() { span.note.under { (issue.reason) } } }))
                (cell("Readers", "r", &html! { (grouped(tally.recipients)) }))
                (cell("Accepted", "r", &html! { (grouped(tally.accepted)) }))
                (cell("Waiting", "r", &html! { (grouped(tally.queued + tally.deferred)) }))
                (cell("Refused", "r", &html! { (grouped(tally.refused)) }))
                (cell("Other", "r", &html! { (grouped(tally.skipped + tally.expired + tally.in_doubt + tally.parked)) }))
            }
        }
    };
    let main = html! {
        h1.title { "Issues" }
        p.deck { "What went out, and what became of it." }
        @if issues.is_empty() { p.note { "Nothing went out yet." } }
        @else {
            (table("The latest first. Other: skipped because they left meanwhile, given up after a day, or in doubt after a crash.", &columns, &body))
        }
    };
    page.render("Issues", "/desk/issues", &main, None)
}

fn state(state: IssueState) -> Markup {
    let (level, words) = match state {
        IssueState::Done => (Level::Good, "Sent"),
        IssueState::Sending => (Level::Good, "Going out"),
        IssueState::Composed | IssueState::Approved => (Level::Good, "Ready"),
        IssueState::Waiting => (Level::Warning, "Waits for an editor"),
        IssueState::Held => (Level::Blocking, "Held"),
        IssueState::Paused => (Level::Blocking, "Stopped"),
        IssueState::Skipped => (Level::Warning, "Carried over"),
        IssueState::Cancelled => (Level::Warning, "Taken back"),
    };
    mark(level, words)
}

/// One line of the audit: when, who, what, about what, and more.
pub type DeedLine<'a> = (DateTime<Utc>, &'a str, &'a str, &'a str, &'a str);

/// Who did what.
pub fn audit(page: Page<'_>, deeds: &[DeedLine<'_>], zone: Tz) -> String {
    let body = html! {
        @for (at, actor, action, about, detail) in deeds {
            tr {
                th scope="row" { (short(*at, zone)) }
                (cell("Who", "", &html! { (actor) }))
                (cell("Did", "", &html! { (action) }))
                (cell("About", "", &html! { (about) span.note.under { (detail) } }))
            }
        }
    };
    let main = html! {
        h1.title { "Audit" }
        p.deck { "What people did by hand, at the desk and on the command line." }
        @if deeds.is_empty() { p.note { "Nothing yet." } }
        @else { (table("The latest first", &[("When", ""), ("Who", ""), ("Did", ""), ("About", "")], &body)) }
    };
    page.render("Audit", "/desk/audit", &main, None)
}

/// A table whose rows become stacks on a phone.
pub(super) fn table(caption: &str, columns: &[(&str, &str)], body: &Markup) -> Markup {
    html! {
        table.data {
            caption { (caption) }
            thead { tr { @for (name, class) in columns { th scope="col" class=[(!class.is_empty()).then_some(*class)] { (name) } } } }
            tbody { (body) }
        }
    }
}

/// A cell that carries its column's name for the stack of a phone.
pub(super) fn cell(name: &str, class: &str, content: &Markup) -> Markup {
    html! { td class=[(!class.is_empty()).then_some(class)] { span.col aria-hidden="true" { (name) } span { (content) } } }
}
