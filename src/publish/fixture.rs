//! A newsletter and its stories for this room's tests.

use crate::domain::article::ArticleId;
use crate::domain::issue::{Issue, Story};
use crate::domain::newsletter::{Brand, Look, Newsletter, Policy, Publication, Section, Sender};
use crate::domain::schedule::{Occurrence, Schedule};
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::{Language, Line};
use crate::domain::window::Window;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub fn section(name: &str, tags: &[&str], cap: usize) -> Section {
    Section {
        slug: slug(name),
        title: Line::clean(name),
        tags: tags.iter().filter_map(|tag| Tag::parse(tag)).collect(),
        sources: Vec::new(),
        language: None,
        rest: false,
        cap,
        minimum: 0,
        look: Look::Rail,
        intro: Line::default(),
    }
}

pub fn newsletter(sections: Vec<Section>) -> Newsletter {
    let url = |text: &str| Url::parse(text).unwrap();
    Newsletter {
        slug: slug("week"),
        title: Line::clean("The Week"),
        publication: Publication {
            name: Line::clean("The Paper"),
            url: url("https://paper.example/"),
            postal_address: Line::clean("1 Street, Town"),
            privacy_url: url("https://paper.example/privacy"),
            contact: "editors@paper.example".into(),
        },
        schedule: Schedule::parse("0 17 * * FRI").unwrap(),
        zone: Tz::Europe__London,
        language: Language::english(),
        cutoff_minutes: 60,
        tags: Vec::new(),
        sections,
        minimum: 1,
        max_age_days: 14,
        max_lateness_hours: 6,
        first_number: 1,
        test_addresses: Vec::new(),
        sender: Sender {
            from_name: Line::clean("The Paper"),
            from_address: "week@paper.example".into(),
            reply_to: None,
            list_id: "week.paper.example".into(),
            bounce_address: None,
            returns: None,
        },
        brand: Brand {
            accent: "#9b1b22".into(),
            accent_dark: "#ff9d92".into(),
            tagline: Line::default(),
            header: crate::domain::prose::Prose::default(),
            footer: crate::domain::prose::Prose::default(),
            pictures: true,
            embed_pictures: false,
            livery: crate::domain::livery::Livery::default(),
            web_base: "https://news.paper.example".into(),
        },
        events: 0,
        archive: crate::domain::archive::Archive::Public,
        subject: "{lead}".into(),
        policy: Policy::default(),
    }
}

pub fn story(id: i64, tags: &[&str], language: &str) -> Story {
    Story {
        article: ArticleId(id),
        title: Line::clean(&format!("Story {id}")),
        url: Url::parse(&format!("https://paper.example/{id}")).ok(),
        summary: Line::clean("What happened."),
        authors: Vec::new(),
        source: Line::clean("News"),
        column: None,
        tags: tags.iter().filter_map(|tag| Tag::parse(tag)).collect(),
        language: Language::parse(language).unwrap(),
        minutes: None,
        published_at: None,
        picture: None,
        also_at: Vec::new(),
        summary_from_lead: false,
        paywalled: false,
        sponsored: false,
        source_id: None,
        pinned: false,
        carried: false,
        home: None,
    }
}

pub fn issue(newsletter: Newsletter, stories: Vec<Story>) -> Issue {
    let due = at("2026-11-20T17:00:00Z");
    let occurrence = Occurrence::new(due.naive_utc(), newsletter.zone, due);
    let window = Window::new(at("2026-11-13T17:00:00Z"), due).unwrap();
    Issue { subject: Line::clean("The Week"), stories, ..Issue::empty(newsletter, 1, occurrence, window) }
}
