//! The page of an issue: the body of its mail among its neighbours, with what was changed since it was mailed.

use super::archive::feeds;
use super::shell::{About, Card, Here, Site, page};
use crate::domain::issue::{Cut, Story};
use crate::domain::text::Line;
use crate::templates::{dates, pages};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde_json::{Value, json};

/// What surrounds an issue on the web.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// What was changed since it was mailed, in order.
    pub notes: Vec<(DateTime<Utc>, Line)>,
    /// The number of the issue before it.
    pub older: Option<u32>,
    /// The number of the issue after it.
    pub newer: Option<u32>,
    /// It is listed nowhere: searchers are asked to keep out.
    pub unlisted: bool,
}

/// The page of an issue around its body.
pub(in crate::templates) fn issue(
    cut: &Cut<'_>,
    name: &str,
    description: &str,
    around: &Around,
    body: &Markup,
) -> String {
    let newsletter = &cut.issue.newsletter;
    let site = Site::of(newsletter);
    let texts = site.texts();
    let url = newsletter.issue_url(cut.issue.number);
    let main = html! {
        (neighbours(cut, site, around))
        (changes(cut, site, around))
        article.digest lang=(newsletter.language) dir=(newsletter.language.direction().as_str()) { (body) }
        div.block.after.stack {
            div.oxford {}
            p { (texts.say("forwarded-web")) }
            div.acts { a.button href=(site.path("/subscribe")) { (texts.say_of("subscribe-to", "newsletter", newsletter.title.as_str())) } }
        }
    };
    let about = About {
        title: name,
        description: (!around.unlisted).then_some(description),
        canonical: Some(&url),
        feeds: if around.unlisted { Vec::new() } else { feeds(newsletter) },
        card: Some(card(cut, name, description, around, &url)),
        here: Here::Issues,
    };
    page(site, about, &main)
}

/// The way to the issues before and after, and to all of them.
fn neighbours(cut: &Cut<'_>, site: Site<'_>, around: &Around) -> Markup {
    let (texts, slug) = (site.texts(), &cut.issue.newsletter.slug);
    let to = |number: u32| site.path(&format!("/{slug}/{number}"));
    let name = |number: u32| texts.say_with("issue-number", [("number", number.into())]);
    html! {
        nav.pager aria-label=(texts.say("archive-pages")) {
            @if let Some(number) = around.older { a rel="prev" href=(to(number)) { (texts.say_of("issue-older", "name", &name(number))) } }
            @if !around.unlisted { a href=(site.path(&format!("/{slug}"))) { (texts.say("archive-all")) } }
            @if let Some(number) = around.newer { a rel="next" href=(to(number)) { (texts.say_of("issue-newer", "name", &name(number))) } }
        }
    }
}

/// What reads differently than in the mail, each with its day.
fn changes(cut: &Cut<'_>, site: Site<'_>, around: &Around) -> Markup {
    if around.notes.is_empty() {
        return Markup::default();
    }
    let texts = site.texts();
    let day = |at: &DateTime<Utc>| at.with_timezone(&cut.issue.newsletter.zone).date_naive();
    html! {
        aside.changed aria-labelledby="changed" {
            h2 #changed { (texts.say("amended-title")) }
            ul {
                @for (at, note) in &around.notes {
                    li { time datetime=(day(at)) { (dates::day(day(at), texts)) } ": " bdi { (note) } }
                }
            }
        }
    }
}

fn card<'a>(cut: &'a Cut<'_>, name: &str, description: &'a str, around: &Around, url: &str) -> Card<'a> {
    let (issue, newsletter) = (cut.issue, &cut.issue.newsletter);
    let picture = cut.lead.and_then(|story| story.picture.as_ref());
    let picture = picture.map(|picture| (newsletter.picture_url(picture), picture.alt.as_str()));
    let published = issue.occurrence.at;
    let modified = around.notes.last().map_or(published, |(at, _)| *at);
    let stories: Vec<Value> = issue.stories.iter().map(story).collect();
    let mut schema = json!({
        "@context": "https://schema.org", "@type": "PublicationIssue", "@id": url, "url": url, "name": name,
        "headline": issue.subject, "description": description, "issueNumber": issue.number, "inLanguage": newsletter.language,
        "datePublished": published, "dateModified": modified,
        "isPartOf": { "@type": "Periodical", "name": newsletter.title, "url": format!("{}/{}", newsletter.brand.web_base, newsletter.slug) },
        "publisher": { "@type": "Organization", "name": newsletter.publication.name, "url": newsletter.publication.url },
        "hasPart": stories,
    });
    if let Some((url, _)) = &picture {
        schema["image"] = json!(url);
    }
    Card { description, picture, published, modified, schema }
}

/// A story in the words of schema.org.
fn story(story: &Story) -> Value {
    let authors: Vec<Value> = story.authors.iter().map(|name| json!({ "@type": "Person", "name": name })).collect();
    let mut value = json!({ "@type": "Article", "headline": story.title, "inLanguage": story.language });
    if let Some(url) = &story.url {
        value["url"] = json!(url);
    }
    if !authors.is_empty() {
        value["author"] = json!(authors);
    }
    value
}

/// The name of an issue where there is no more of it to show than that.
pub fn issue_name(newsletter: &crate::domain::newsletter::Newsletter, number: u32) -> String {
    let texts = pages::Site::of(newsletter).texts();
    let number = texts.say_with("issue-number", [("number", number.into())]);
    format!("{}{}{number}", newsletter.title, texts.say("list-comma"))
}
