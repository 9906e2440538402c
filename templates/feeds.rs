//! The archive for programs: RSS 2.0, JSON Feed 1.1 and Atom (RFC 4287) of issues and tags, the site map, the calendar of events (RFC 5545).
//!
//! The body of an issue in a feed is plain, unstyled HTML: feed readers set it in their own type.

use super::raw;
use crate::domain::archive::{Found, Listed, PublicIssue};
use crate::domain::event::{Event, When};
use crate::domain::issue::{Cut, Story};
use crate::domain::newsletter::Newsletter;
use crate::templates::pages::{Site, encoded};
use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use serde_json::{Value, json};

/// An issue in a feed, with the cut of a reader of everything.
#[derive(Debug)]
pub struct FeedIssue<'a> {
    /// What is public of it.
    pub public: &'a PublicIssue,
    /// Its stories in their sections.
    pub cut: Cut<'a>,
}

/// The issues of a newsletter as RSS 2.0, whole texts in `content:encoded`.
pub fn rss(newsletter: &Newsletter, issues: &[FeedIssue<'_>]) -> String {
    let base = format!("{}/{}", newsletter.brand.web_base, newsletter.slug);
    let description = as_html(&describe(newsletter));
    let updated = issues.iter().map(FeedIssue::changed_at).max();
    html! {
        (raw::xml_declaration())
        rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" {
            channel {
                title { (newsletter.title) }
                link { (base) }
                atom:link rel="self" type="application/rss+xml" href={ (base) "/feed.xml" } {}
                description { (description) }
                language { (newsletter.language) }
                @if let Some(at) = updated { lastBuildDate { (at.to_rfc2822()) } }
                @for issue in issues {
                    item {
                        title { (issue.public.issue.subject) }
                        link { (issue.url()) }
                        guid isPermaLink="true" { (issue.url()) }
                        pubDate { (issue.public.issue.occurrence.at.to_rfc2822()) }
                        description { (as_html(&issue.summary())) }
                        content:encoded { (issue.body().into_string()) }
                    }
                }
            }
        }
    }
    .into_string()
}

/// Words as the HTML that a `description` of RSS is, unlike a `summary` of Atom or JSON Feed.
fn as_html(words: &str) -> String {
    html! { (words) }.into_string()
}

/// The issues of a newsletter as JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).
pub fn json_feed(newsletter: &Newsletter, issues: &[FeedIssue<'_>]) -> String {
    let base = format!("{}/{}", newsletter.brand.web_base, newsletter.slug);
    let items: Vec<Value> = issues
        .iter()
        .map(|issue| {
            json!({
                "id": issue.url(), "url": issue.url(), "title": issue.public.issue.subject,
                "summary": issue.summary(), "content_html": issue.body().into_string(),
                "date_published": issue.public.issue.occurrence.at, "date_modified": issue.changed_at(),
                "language": newsletter.language,
            })
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": newsletter.title, "home_page_url": base,
        "feed_url": format!("{base}/feed.json"), "description": describe(newsletter), "language": newsletter.language,
        "authors": [{ "name": newsletter.publication.name, "url": newsletter.publication.url }], "items": items,
    });
    feed.to_string()
}

/// The stories under a tag as Atom.
pub fn atom(site: Site<'_>, key: &str, label: &str, stories: &[Found]) -> String {
    let page = format!("{}/tags/{}", site.web_base, encoded(key));
    let updated = stories.first().map_or(DateTime::UNIX_EPOCH, |found| found.due_at);
    html! {
        (raw::xml_declaration())
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang=(site.language) {
            title { (label) ": " (site.publication.name) }
            id { (page) }
            link rel="alternate" type="text/html" href=(page) {}
            link rel="self" type="application/atom+xml" href={ (page) ".xml" } {}
            updated { (updated.to_rfc3339()) }
            author { name { (site.publication.name) } }
            @for found in stories {
                @let issue = format!("{}/{}/{}", site.web_base, found.newsletter, found.number);
                entry xml:lang=(found.story.language) {
                    title { (found.story.title) }
                    id { (issue) "#story-" (found.story.article.0) }
                    link rel="alternate" href=(found.story.url.as_ref().map_or(issue.as_str(), url::Url::as_str)) {}
                    updated { (found.due_at.to_rfc3339()) }
                    @if let Some(at) = found.story.published_at { published { (at.to_rfc3339()) } }
                    @for author in &found.story.authors { author { name { (author) } } }
                    @for tag in &found.story.tags { category term=(tag.key()) label=(tag.label()) {} }
                    summary { (found.story.summary) }
                }
            }
        }
    }
    .into_string()
}

/// The site map (<https://www.sitemaps.org/protocol.html>): the lists, and every public issue with the day it last changed.
pub fn site_map(web_base: &str, newsletters: &[&Newsletter], issues: &[Listed]) -> String {
    html! {
        (raw::xml_declaration())
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            url { loc { (web_base) "/" } }
            @for newsletter in newsletters { url { loc { (web_base) "/" (newsletter.slug) } } }
            @for issue in issues {
                url {
                    loc { (web_base) "/" (issue.newsletter) "/" (issue.number) }
                    lastmod { (issue.changed_at.to_rfc3339()) }
                }
            }
        }
    }
    .into_string()
}

impl FeedIssue<'_> {
    fn url(&self) -> String {
        self.public.issue.newsletter.issue_url(self.public.issue.number)
    }

    fn changed_at(&self) -> DateTime<Utc> {
        self.public.amended_at().unwrap_or(self.public.issue.occurrence.at)
    }

    /// Its first headlines.
    fn summary(&self) -> String {
        crate::templates::digest::preheader(&self.cut)
    }

    /// Its text.
    fn body(&self) -> Markup {
        html! {
            @for (_, note) in &self.public.notes { p { strong { (note) } } }
            @if !self.public.issue.note.is_empty() { p { em { (self.public.issue.note.line()) } } }
            @if let Some(story) = self.cut.lead { (one_story(story)) }
            @for part in &self.cut.sections {
                h2 { (part.section.title) }
                @for story in part.stories.iter().chain(&part.more) { (one_story(story)) }
            }
        }
    }
}

fn one_story(story: &Story) -> Markup {
    let names: Vec<&str> = story.authors.iter().chain([&story.source]).map(crate::domain::text::Line::as_str).collect();
    html! {
        div lang=(story.language) dir=(story.language.direction().as_str()) {
            h3 {
                @match &story.url {
                    Some(url) => a href=(url) { (story.title) },
                    None => (story.title),
                }
            }
            @if !story.summary.is_empty() { p { (story.summary) } }
            p { small { (names.join(" · ")) } }
        }
    }
}

fn describe(newsletter: &Newsletter) -> String {
    if newsletter.brand.tagline.is_empty() {
        newsletter.title.to_string()
    } else {
        newsletter.brand.tagline.to_string()
    }
}

/// Upcoming events as a calendar. `host` makes their names ours (RFC 7986 section 5.3 wants them globally unique); `now` stamps them.
pub fn calendar(name: &str, host: &str, events: &[Event], now: DateTime<Utc>) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(text, &mut out);
    for fixed in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//week-in-review//events//EN", "METHOD:PUBLISH"] {
        line(fixed);
    }
    line(&format!("X-WR-CALNAME:{}", escaped(name)));
    for event in events {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}@{host}", crate::domain::event::key(&event.uid)));
        line(&format!("DTSTAMP:{}", stamp(now)));
        match &event.when {
            When::Timed { starts_at, ends_at } => {
                line(&format!("DTSTART:{}", stamp(*starts_at)));
                if let Some(end) = ends_at {
                    line(&format!("DTEND:{}", stamp(*end)));
                }
            }
            When::Days { first, last } => {
                line(&format!("DTSTART;VALUE=DATE:{}", first.format("%Y%m%d")));
                // The end of whole days is the day after them (RFC 5545 section 3.6.1).
                line(&format!("DTEND;VALUE=DATE:{}", (*last + TimeDelta::days(1)).format("%Y%m%d")));
            }
        }
        line(&format!("SUMMARY:{}", escaped(event.title.as_str())));
        for (property, text) in [("LOCATION", &event.location), ("DESCRIPTION", &event.summary)] {
            if !text.is_empty() {
                line(&format!("{property}:{}", escaped(text.as_str())));
            }
        }
        if let Some(url) = &event.url {
            line(&format!("URL:{url}"));
        }
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Text as RFC 5545 section 3.3.11 wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// One content line, folded before its 75th octet and never inside a character (RFC 5545 section 3.1).
fn fold(text: &str, out: &mut String) {
    let mut width = 0;
    for c in text.chars() {
        if width + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(c);
        width += c.len_utf8();
    }
    out.push_str("\r\n");
}
