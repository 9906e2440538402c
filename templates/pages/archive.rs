//! The archive: every issue of a newsletter, stories under a tag, a column or an author, the search, upcoming events. Lists that one reads, nothing
//! else: what is in them was chosen by whoever calls.

use super::shell::{About, Here, Site, page};
use crate::domain::archive::{Counted, Found, LabelKind, Listed};
use crate::domain::event::{Event, When};
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Tag;
use crate::domain::text::Language;
use crate::templates::dates;
use crate::templates::typography::{join_last_words, join_title};
use crate::templates::writing::direction_of;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use fluent_bundle::FluentValue;
use maud::{Markup, html};

/// The list of a newsletter's issues.
#[derive(Debug, Clone, Copy)]
pub struct IssueList<'a> {
    /// Which.
    pub newsletter: &'a Newsletter,
    /// Its issues, latest first.
    pub issues: &'a [Listed],
    /// Whether these are the latest.
    pub is_first: bool,
    /// The number before which older ones lie, if there are any.
    pub older: Option<u32>,
    /// Its subjects with the number of their stories.
    pub subjects: &'a [Counted],
}

/// Every issue of a newsletter.
pub fn issues(list: IssueList<'_>) -> String {
    let newsletter = list.newsletter;
    let site = Site::of(newsletter);
    let texts = site.texts();
    let title = texts.say_of("archive-title", "newsletter", &join_title(newsletter.title.as_str()));
    let path = format!("/{}", newsletter.slug);
    let main = html! {
        h1.title { (title) }
        @if !newsletter.brand.tagline.is_empty() { p.deck { (newsletter.brand.tagline) } }
        div.archive {
            div.find { (search_box(site, "")) }
            div.list {
                @if list.issues.is_empty() { p.note { (texts.say("front-none")) } }
                @for month in by_month(list.issues, newsletter.zone) { (month_of_issues(site, newsletter, month)) }
                @if !list.is_first || list.older.is_some() {
                    nav.pager aria-label=(texts.say("archive-pages")) {
                        @if !list.is_first { a href=(site.path(&path)) { (texts.say("archive-latest")) } }
                        @if let Some(number) = list.older { a rel="next" href=(site.path(&format!("{path}?before={number}"))) { (texts.say("archive-older")) } }
                    }
                }
            }
            div.more {
                (subjects(site, list.subjects))
                (follow(site, newsletter))
            }
        }
    };
    let description = texts.say_of("archive-title", "newsletter", newsletter.title.as_str());
    let about = About {
        title: &title,
        description: list.is_first.then_some(description.as_str()),
        canonical: Some(&format!("{}{path}", site.web_base)),
        feeds: feeds(newsletter),
        here: Here::Issues,
        ..About::default()
    };
    page(site, about, &main)
}

/// Stories under one heading: a tag, a column, an author.
#[derive(Debug, Clone, Copy)]
pub struct StoryList<'a> {
    /// Under what.
    pub kind: LabelKind,
    /// Its part of the address.
    pub key: &'a str,
    /// How it is written.
    pub label: &'a str,
    /// The stories, latest first.
    pub stories: &'a [Found],
    /// Which page this is, from 1.
    pub page: usize,
    /// Whether there is another.
    pub has_more: bool,
}

/// All stories of a tag, a column or an author.
pub fn stories(site: Site<'_>, zone: Tz, list: StoryList<'_>) -> String {
    let texts = site.texts();
    let path = format!("/{}/{}", list.kind.route(), encoded(list.key));
    let title = match list.kind {
        LabelKind::Author => texts.say_of("by", "name", list.label),
        LabelKind::Tag | LabelKind::Column => list.label.to_owned(),
    };
    let main = html! {
        h1.title { bdi { (title) } }
        (found_list(site, zone, list.stories))
        (pager(site, list.page, list.has_more, |n| format!("{path}?page={n}")))
        @if list.kind == LabelKind::Tag {
            p.note { a href=(site.path(&format!("{path}.xml"))) { (texts.say_of("follow-feed", "name", "Atom")) } }
        }
    };
    let feed = format!("{}{path}.xml", site.web_base);
    let about = About {
        title: &title,
        description: (list.page == 1).then_some(title.as_str()),
        canonical: Some(&format!("{}{path}", site.web_base)),
        feeds: if list.kind == LabelKind::Tag { vec![("application/atom+xml", feed)] } else { Vec::new() },
        ..About::default()
    };
    page(site, about, &main)
}

/// What a question found.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The question; empty before one was asked.
    pub question: &'a str,
    /// What was found.
    pub stories: &'a [Found],
    /// Which page this is, from 1.
    pub page: usize,
    /// Whether there is another.
    pub has_more: bool,
    /// Subjects to choose from instead.
    pub subjects: &'a [Counted],
}

/// The search over all public issues.
pub fn search(site: Site<'_>, zone: Tz, search: Search<'_>) -> String {
    let texts = site.texts();
    let title = texts.say("search-title");
    let question: String = url::form_urlencoded::byte_serialize(search.question.as_bytes()).collect();
    let main = html! {
        h1.title { (title) }
        (search_box(site, search.question))
        @if !search.question.is_empty() && search.stories.is_empty() {
            p.said role="status" { (texts.say_of("search-none", "words", search.question)) }
        }
        (found_list(site, zone, search.stories))
        (pager(site, search.page, search.has_more, |n| format!("/search?q={question}&page={n}")))
        (subjects(site, search.subjects))
    };
    page(site, About { title: &title, here: Here::Search, ..About::default() }, &main)
}

/// Dates to come.
pub fn events(site: Site<'_>, zone: Tz, events: &[Event]) -> String {
    let texts = site.texts();
    let title = texts.say("events");
    let main = html! {
        h1.title { (title) }
        @if events.is_empty() { p.deck { (texts.say("events-none")) } }
        @else {
            p.note { a href=(site.path("/events.ics")) { (texts.say("events-calendar")) } }
            ol.found { @for event in events { li { (one_event(site, zone, event)) } } }
        }
    };
    let about = About {
        title: &title,
        description: Some(&title),
        canonical: Some(&format!("{}/events", site.web_base)),
        ..About::default()
    };
    page(site, about, &main)
}

/// An issue that is not public any more.
pub fn withdrawn(site: Site<'_>, name: &str, on: &str, note: Option<&str>) -> String {
    let texts = site.texts();
    let main = html! {
        h1.title { (name) }
        p.deck { (texts.say_of("withdrawn-deck", "date", on)) }
        @if let Some(note) = note { p { (note) } }
        (ways_out(site))
    };
    page(site, About { title: name, ..About::default() }, &main)
}

/// An issue that only its readers see.
pub fn readers_only(newsletter: &Newsletter) -> String {
    let site = Site::of(newsletter);
    let texts = site.texts();
    let title = texts.say("readers-only-title");
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.say_of("readers-only-deck", "newsletter", newsletter.title.as_str())) }
        (ways_out(site))
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

fn ways_out(site: Site<'_>) -> Markup {
    let texts = site.texts();
    html! {
        div.block.stack {
            div.oxford {}
            div.acts {
                a.button href=(site.path("/subscribe")) { (texts.say_of("subscribe-to", "newsletter", site.publication.name.as_str())) }
                a href=(site.path("/")) { (texts.say("to-front")) }
            }
        }
    }
}

/// The feeds of a newsletter, for the head of its pages.
pub(super) fn feeds(newsletter: &Newsletter) -> Vec<(&'static str, String)> {
    let base = format!("{}/{}", newsletter.brand.web_base, newsletter.slug);
    vec![("application/rss+xml", format!("{base}/feed.xml")), ("application/feed+json", format!("{base}/feed.json"))]
}

/// A part of an address in which every letter may stand.
pub fn encoded(key: &str) -> String {
    let mut url = url::Url::parse("https://x/").expect("a fixed address is one");
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(key);
    }
    url.path().trim_start_matches('/').to_owned()
}

fn by_month(issues: &[Listed], zone: Tz) -> Vec<&[Listed]> {
    let month = |issue: &Listed| {
        let local = issue.due_at.with_timezone(&zone);
        (local.year(), local.month())
    };
    issues.chunk_by(|a, b| month(a) == month(b)).collect()
}

fn month_of_issues(site: Site<'_>, newsletter: &Newsletter, issues: &[Listed]) -> Markup {
    let texts = site.texts();
    let Some(first) = issues.first() else { return Markup::default() };
    let day = local(first.due_at, newsletter.zone);
    let name = texts.say_with(
        "date-month",
        [
            ("month", FluentValue::from(dates::month(day, texts))),
            ("year", FluentValue::from(texts.local_digits(&day.year().to_string()))),
        ],
    );
    let id = format!("m{}-{}", day.year(), day.month());
    html! {
        section.block aria-labelledby=(id) {
            div.oxford {}
            h2 id=(id) { (name) }
            ol.issues { @for issue in issues { li { (one_issue(site, newsletter, issue)) } } }
        }
    }
}

fn one_issue(site: Site<'_>, newsletter: &Newsletter, issue: &Listed) -> Markup {
    let texts = site.texts();
    let number = texts.say_with("issue-number", [("number", issue.number.into())]);
    let comma = texts.say("list-comma");
    let outline = html! {
        @for (at, (title, count)) in issue.outline.sections.iter().enumerate() {
            @if at > 0 { (comma) }
            bdi { (title) } "\u{A0}" (texts.number(*count as u64))
        }
    };
    html! {
        span.no aria-hidden="true" { (texts.number(issue.number)) }
        div {
            h3 {
                a href=(site.path(&format!("/{}/{}", newsletter.slug, issue.number))) lang=(issue.outline.language) {
                    span.unseen { (number) ": " } bdi { (join_last_words(issue.subject.as_str())) }
                }
            }
            p.note {
                time datetime=(local(issue.due_at, newsletter.zone)) { (span(issue, newsletter.zone, site)) }
                " · " (texts.count("stories", issue.outline.stories))
                @if !issue.outline.sections.is_empty() { " · " (outline) }
            }
        }
    }
}

/// The days that an issue covers.
fn span(issue: &Listed, zone: Tz, site: Site<'_>) -> String {
    let window = issue.outline.window;
    let last = (window.to() - TimeDelta::milliseconds(1)).max(window.from());
    dates::range(local(window.from(), zone), local(last, zone), site.texts())
}

fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

fn found_list(site: Site<'_>, zone: Tz, stories: &[Found]) -> Markup {
    html! { ol.found { @for found in stories { li { (one_found(site, zone, found)) } } } }
}

fn one_found(site: Site<'_>, zone: Tz, found: &Found) -> Markup {
    let (texts, story) = (site.texts(), &found.story);
    let day = local(found.due_at, zone);
    let place = site.path(&format!("/{}/{}", found.newsletter, found.number));
    let way = |text: &str, language: &Language| direction_of(text).unwrap_or(language.direction()).as_str();
    html! {
        h2 lang=(story.language) dir=(way(story.title.as_str(), &story.language)) {
            a href=(story.url.as_ref().map_or(place.as_str(), url::Url::as_str)) { (join_last_words(story.title.as_str())) }
        }
        @if !story.summary.is_empty() {
            p lang=(story.language) dir=(way(story.summary.as_str(), &story.language)) { (story.summary) }
        }
        p.note {
            @for (at, author) in story.authors.iter().enumerate() {
                @if at > 0 { (texts.say("list-comma")) }
                (label(site, LabelKind::Author, author.as_str()))
            }
            @if !story.authors.is_empty() { " · " }
            @if let Some(column) = &story.column { (label(site, LabelKind::Column, column.as_str())) " · " }
            bdi { (story.source) } " · "
            a href=(place) { (texts.say_with("issue-number", [("number", found.number.into())])) (texts.say("list-comma")) time datetime=(day) { (dates::day(day, texts)) } }
        }
    }
}

/// A name that leads to everything under it.
fn label(site: Site<'_>, kind: LabelKind, name: &str) -> Markup {
    html! {
        @match Tag::of_name(name) {
            Some(tag) => a href=(site.path(&format!("/{}/{}", kind.route(), encoded(tag.key())))) { bdi { (name) } },
            None => bdi { (name) },
        }
    }
}

fn one_event(site: Site<'_>, zone: Tz, event: &Event) -> Markup {
    let texts = site.texts();
    let (machine, words) = match &event.when {
        When::Timed { starts_at, .. } => {
            let at = starts_at.with_timezone(&zone);
            let time = texts.local_digits(&at.format("%H:%M").to_string());
            (at.to_rfc3339(), format!("{}{}{time}", dates::day(at.date_naive(), texts), texts.say("list-comma")))
        }
        When::Days { first, last } => (first.to_string(), dates::range(*first, *last, texts)),
    };
    html! {
        h2 {
            @match &event.url {
                Some(url) => a href=(url) { bdi { (event.title) } },
                None => bdi { (event.title) },
            }
        }
        @if !event.summary.is_empty() { p { bdi { (event.summary) } } }
        p.note { time datetime=(machine) { (words) } @if !event.location.is_empty() { " · " bdi { (event.location) } } }
    }
}

fn pager(site: Site<'_>, page: usize, has_more: bool, address: impl Fn(usize) -> String) -> Markup {
    let texts = site.texts();
    html! {
        @if page > 1 || has_more {
            nav.pager aria-label=(texts.say("archive-pages")) {
                @if page > 1 { a rel="prev" href=(site.path(&address(page - 1))) { (texts.say("pages-newer")) } }
                @if has_more { a rel="next" href=(site.path(&address(page + 1))) { (texts.say("pages-older")) } }
            }
        }
    }
}

fn search_box(site: Site<'_>, question: &str) -> Markup {
    let texts = site.texts();
    html! {
        form.block role="search" action=(site.path("/search")) method="get" {
            div.oxford {}
            label for="q" { (texts.say("search-label")) }
            div.search {
                input #q type="search" name="q" value=(question) maxlength="200" autocomplete="off";
                button.button type="submit" { (texts.say("search-button")) }
            }
        }
    }
}

fn subjects(site: Site<'_>, subjects: &[Counted]) -> Markup {
    if subjects.is_empty() {
        return Markup::default();
    }
    let texts = site.texts();
    html! {
        nav.block aria-labelledby="subjects" {
            div.oxford {}
            h2 #subjects { (texts.say("by-subject")) }
            ul.subjects {
                @for subject in subjects {
                    li { a href=(site.path(&format!("/tags/{}", encoded(&subject.key)))) { bdi { (subject.label) } " " span { (texts.number(subject.stories)) } } }
                }
            }
        }
    }
}

fn follow(site: Site<'_>, newsletter: &Newsletter) -> Markup {
    let texts = site.texts();
    html! {
        section.block aria-labelledby="follow" {
            div.oxford {}
            h2 #follow { (texts.say("follow")) }
            ul.ways {
                li { a href=(site.path("/subscribe")) { (texts.say("follow-mail")) } }
                @for (name, (_, url)) in ["RSS", "JSON Feed"].iter().zip(feeds(newsletter)) {
                    li { a href=(url) { (texts.say_of("follow-feed", "name", name)) } }
                }
                li { a href=(site.path("/events")) { (texts.say("events")) } }
            }
        }
    }
}
