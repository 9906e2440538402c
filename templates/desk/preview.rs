//! The coming issue in every view, in sandboxed frames of their own addresses, and what an outsider sees by a link.

use super::deeds::{approve, decision, hand_bar, waits};
use super::home::{Check, Level, check_list, clock, reason};
use super::shell::{Page, part};
use super::standing::{Coming, moment, sentence};
use super::stories::{Group, StoryLine, why};
use crate::domain::count::counted;
use crate::domain::issue::IssueState;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use url::form_urlencoded::Serializer;

/// A way of looking at an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Its name in the address of the frame, and in the page.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The width of its frame in CSS pixels.
    pub width: u32,
}

/// The views, the first of which is shown first.
pub const VIEWS: [View; 5] = [
    View { id: "wide", name: "Desktop", width: 1040 },
    View { id: "phone", name: "Phone", width: 320 },
    View { id: "dark", name: "Dark", width: 1040 },
    View { id: "bare", name: "No pictures", width: 1040 },
    View { id: "text", name: "Plain text", width: 720 },
];

impl View {
    /// A view by its name in an address.
    pub fn of(id: &str) -> Option<Self> {
        VIEWS.into_iter().find(|view| view.id == id)
    }
}

/// What the preview shows.
#[derive(Debug)]
pub struct Showing<'a> {
    /// The issue.
    pub coming: &'a Coming<'a>,
    /// The subject that this reader would get.
    pub subject: &'a str,
    /// Bytes of its HTML part.
    pub size: usize,
    /// The sections that can be chosen, with their titles and whether they are chosen.
    pub topics: &'a [(String, String, bool)],
    /// Why there is nothing to show, if so.
    pub problem: Option<&'a str>,
    /// What was checked.
    pub checks: &'a [Check],
    /// Where each story stands in this reader's mail, and why.
    pub why: &'a [Group],
    /// A link for outsiders that was just made.
    pub link: Option<(&'a str, DateTime<Utc>)>,
}

/// The page of the preview, and of approving.
pub fn preview(page: Page<'_>, showing: &Showing<'_>) -> String {
    let coming = showing.coming;
    let place = format!("/desk/n/{}", coming.newsletter.slug);
    let views = format!("{place}/view");
    let main = html! {
        (heading(page, coming, "preview"))
        (part("pane", &format!("No. {} as it would go now", coming.number), &html! {
            @match showing.problem {
                Some(problem) => p.wrong { (problem) },
                None => {
                    dl.facts.face {
                        div { dt { "Subject" } dd { (showing.subject) } }
                        div { dt { "Size" } dd { (showing.size.div_ceil(1024)) " KB of HTML; Gmail shows 102" } }
                    }
                    (as_reader(page, &place, showing.topics))
                    div.seen { (frames(&page.path(&views), showing.topics)) (beside(page, coming, showing.why)) }
                },
            }
        }))
        (part("before", "Before it goes", &check_list(page, showing.checks)))
        (part("decide", "Decide", &decide(page, coming, showing.checks)))
        (part("show", "Show it to somebody outside", &outside(page, &place, showing.link, coming)))
    };
    let third = if waits(coming) {
        approve(page, coming)
    } else {
        html! { a.button href="#decide" { "Decide" } }
    };
    page.render(&format!("Preview of No. {}", coming.number), "/desk", &main, Some(&hand_bar(page, coming, &third)))
}

/// The head of every page of one newsletter: where its issue stands, and its places.
pub(super) fn heading(page: Page<'_>, coming: &Coming<'_>, here: &str) -> Markup {
    let place = format!("/desk/n/{}", coming.newsletter.slug);
    let places = [("preview", "Preview"), ("stories", "Stories"), ("face", "Subject and note"), ("dates", "Dates")];
    html! {
        p.kicker.top { (coming.newsletter.title) }
        h1.state.stuck[coming.is_stuck()] { (sentence(coming)) }
        (reason(coming))
        (clock(coming))
        nav.places aria-label={ "No. " (coming.number) } {
            ul { @for (id, name) in places { li { a href=(page.path(&format!("{place}/{id}"))) aria-current=[(id == here).then_some("page")] { (name) } } } }
        }
    }
}

/// Which topics the reader chose whose mail is shown: a form that only asks for the same page again.
fn as_reader(page: Page<'_>, place: &str, topics: &[(String, String, bool)]) -> Markup {
    let chosen = topics.iter().filter(|(_, _, chosen)| *chosen).count();
    let summary = match chosen {
        0 => "As a reader of everything".to_owned(),
        n => format!("As a reader of {n} of {} topics", topics.len()),
    };
    html! {
        details.reader open[chosen > 0] {
            summary { (summary) }
            form method="get" action=(page.path(&format!("{place}/preview"))) {
                fieldset.choices {
                    legend { "Topics the reader chose; none for everything" }
                    @for (slug, title, chosen) in topics {
                        label.choice { input type="checkbox" name="topic" value=(slug) checked[*chosen]; span { (title) } }
                    }
                }
                div.acts { button.button.plain { "Show" } }
            }
        }
    }
}

/// Why each story stands where it does in this reader's mail, or does not, beside it.
fn beside(page: Page<'_>, coming: &Coming<'_>, groups: &[Group]) -> Markup {
    let edit = |story: &StoryLine| page.path(&format!("/desk/n/{}/stories/{}", coming.newsletter.slug, story.article));
    html! {
        section.reasons aria-labelledby="reasons" {
            h3.beside #reasons { "Why in, why out" }
            @for group in groups {
                details open[!group.is_out] {
                    summary { (group.name) ", " (counted(group.stories.len() as u64, "story")) }
                    ul.hair {
                        @for story in &group.stories {
                            li {
                                details {
                                    summary { bdi lang=(story.language) { (story.title) } }
                                    (why(&story.why))
                                    p.note { a href=(edit(story)) { "Change this story" span.visually-hidden { ": " (story.title) } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn frames(base: &str, topics: &[(String, String, bool)]) -> Markup {
    let mut query = Serializer::new(String::new());
    topics.iter().filter(|(_, _, chosen)| *chosen).for_each(|(slug, _, _)| {
        query.append_pair("topic", slug);
    });
    let query = query.finish();
    let address = |view: &View| {
        if query.is_empty() { format!("{base}/{}", view.id) } else { format!("{base}/{}?{query}", view.id) }
    };
    html! {
        fieldset.views {
            legend.visually-hidden { "View" }
            @for (at, view) in VIEWS.iter().enumerate() { input type="radio" name="view" id={ "v-" (view.id) } checked[at == 0]; }
            div.tabs { @for view in &VIEWS { label for={ "v-" (view.id) } { (view.name) } } }
            @for view in &VIEWS {
                div class={ "pane p-" (view.id) } {
                    iframe title={ "The issue: " (view.name) } width=(view.width) src=(address(view)) loading="lazy"
                        sandbox="allow-popups allow-popups-to-escape-sandbox" {}
                }
            }
        }
    }
}

fn decide(page: Page<'_>, coming: &Coming<'_>, checks: &[Check]) -> Markup {
    let place = format!("/desk/n/{}", coming.newsletter.slug);
    html! {
        @match coming.state() {
            None => p.note { "Its stories are still collected. What you change now holds; there is something to approve once they are settled"
                @if let Some(at) = coming.cut_off { ", " (moment(at, coming.newsletter.zone)) } "." },
            Some(IssueState::Approved) if coming.asks => p.note { "Approved as it is: a later change asks again." },
            Some(_) => {},
        }
        div.acts.row {
            (decision(page, coming))
            (page.button(&format!("{place}/test"), "button plain", "do", "test", "Send a test to me"))
        }
        @if coming.state().is_some() && checks.iter().any(|check| check.level == Level::Blocking) { (anyway(page, coming)) }
    }
}

/// The way past what blocks: with a reason, which is kept.
fn anyway(page: Page<'_>, coming: &Coming<'_>) -> Markup {
    let fields = html! {
        @if let Some(seen) = &coming.seen { input type="hidden" name="seen" value=(seen); }
        div.entry {
            label for="reason" { "It must go all the same, because" }
            p.note #kept { "Something above blocks it. What you write is kept in the audit, with your name." }
            input.text #reason type="text" name="reason" maxlength="300" required aria-describedby="kept";
        }
        div.acts { button.button.plain name="do" value="anyway" { "Let it go anyway" } }
    };
    page.form(&format!("/desk/n/{}/act", coming.newsletter.slug), "stack narrow", &fields)
}

fn outside(page: Page<'_>, place: &str, link: Option<(&str, DateTime<Utc>)>, coming: &Coming<'_>) -> Markup {
    html! {
        p.note { "A link that shows this issue as it stands, to whoever has it, for three days. It allows nothing else." }
        @match link {
            Some((link, until)) => {
                div.entry {
                    label for="link" { "The link, until " (moment(until, coming.newsletter.zone)) }
                    input.text #link type="text" readonly value=(link);
                }
            },
            None => div.acts.row { (page.button(&format!("{place}/look"), "button plain", "do", "look", "Make a link")) },
        }
    }
}

/// What somebody outside sees: the issue in its views, and that it is not out yet.
pub fn look(page: Page<'_>, title: &str, number: u32, token: &str, until: &Markup) -> String {
    let main = html! {
        p.kicker.top { (title) }
        h1.state { "No. " (number) " as it would go now" }
        p.note { "A preview: it is not out yet and may change. This link ends " (until) "." }
        div.block { (frames(&page.path(&format!("/desk/look/{token}")), &[])) }
    };
    page.render(&format!("Preview of No. {number}"), "", &main, None)
}
