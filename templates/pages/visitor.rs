//! Pages for everybody: the front page, and what is said when something is not there.

use super::shell::{About, Here, Site, page};
use crate::domain::newsletter::Newsletter;
use crate::templates::typography::join_title;
use maud::{Markup, html};

/// A newsletter on the front page.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Which.
    pub newsletter: &'a Newsletter,
    /// Number and subject of its latest public issue.
    pub latest: Option<(u32, &'a str)>,
}

/// The newsletters, each with the way to its latest issue.
pub fn front(site: Site<'_>, letters: &[Letter<'_>]) -> String {
    let texts = site.texts();
    let title = texts.say("front-title");
    let deck = texts.say_of("front-deck", "name", site.publication.name.as_str());
    let main = html! {
        h1.title { (title) }
        p.deck { (deck) }
        div.block {
            div.oxford {}
            ul.letters { @for letter in letters { li { (entry(site, letter)) } } }
        }
    };
    page(
        site,
        About {
            title: &title,
            description: Some(&deck),
            canonical: Some(&format!("{}/", site.web_base)),
            here: Here::Issues,
            ..About::default()
        },
        &main,
    )
}

fn entry(site: Site<'_>, letter: &Letter<'_>) -> Markup {
    let (texts, newsletter) = (site.texts(), letter.newsletter);
    html! {
        h2 { bdi lang=(newsletter.language) dir=(newsletter.language.direction().as_str()) { (join_title(newsletter.title.as_str())) } }
        @match letter.latest {
            Some((number, subject)) => {
                a.latest href=(site.path(&format!("/{}/{number}", newsletter.slug))) {
                    (texts.say_with("issue-number", [("number", number.into())])) ": "
                    bdi lang=(newsletter.language) dir=(newsletter.language.direction().as_str()) { (subject) }
                }
            },
            None => p.note { (texts.say("front-none")) },
        }
    }
}

/// Nothing lies at this address.
pub fn not_found(site: Site<'_>) -> String {
    plain(site, "not-found-title", "not-found-deck")
}

/// Something of ours failed; the log has the cause.
pub fn failure(site: Site<'_>) -> String {
    plain(site, "failure-title", "failure-deck")
}

/// A private link that is cut short, altered or out of date.
pub fn link_not_valid(site: Site<'_>) -> String {
    plain(site, "link-title", "link-deck")
}

/// A form that does not say what it should.
pub fn form_not_valid(site: Site<'_>) -> String {
    plain(site, "form-title", "form-deck")
}

/// More people want to sign up than are let in at once.
pub fn busy(site: Site<'_>) -> String {
    plain(site, "busy-title", "busy-deck")
}

fn plain(site: Site<'_>, title: &str, deck: &str) -> String {
    let texts = site.texts();
    let title = texts.say(title);
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.say(deck)) }
        div.block.stack {
            div.oxford {}
            div.acts {
                a href=(site.path("/")) { (texts.say("to-front")) }
                a href={ "mailto:" (site.publication.contact) } { (texts.say("write-to-us")) }
            }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

#[cfg(test)]
pub(in crate::templates) mod tests {
    use super::*;
    use crate::domain::newsletter::{Brand, Publication, Section, Sender};
    use crate::domain::schedule::Schedule;
    use crate::domain::tag::Slug;
    use crate::domain::text::{Language, Line};

    fn section(slug: &str, language: Option<&str>) -> Section {
        Section {
            slug: Slug::parse(slug).unwrap(),
            title: Line::clean(slug),
            tags: Vec::new(),
            sources: Vec::new(),
            language: language.map(|tag| Language::parse(tag).unwrap()),
            rest: false,
            cap: 5,
            minimum: 0,
            look: crate::domain::newsletter::Look::Rail,
            intro: Line::default(),
        }
    }

    /// A newsletter whose pages lie under a path.
    pub fn newsletter() -> Newsletter {
        Newsletter {
            slug: Slug::parse("week").unwrap(),
            title: Line::clean("The Week in Review"),
            publication: Publication {
                name: Line::clean("The Meridian Post"),
                url: "https://meridian.example/".parse().unwrap(),
                postal_address: Line::clean("7 Lantern Quay, Dublin"),
                privacy_url: "https://meridian.example/privacy".parse().unwrap(),
                contact: "desk@meridian.example".to_owned(),
            },
            schedule: Schedule::parse("0 17 * * FRI").unwrap(),
            zone: chrono_tz::UTC,
            language: Language::english(),
            cutoff_minutes: 60,
            tags: Vec::new(),
            sections: vec![section("climate", None), section("trade", None), section("persian", Some("fa"))],
            minimum: 3,
            max_age_days: 14,
            max_lateness_hours: 6,
            first_number: 1,
            test_addresses: Vec::new(),
            sender: Sender {
                from_name: Line::clean("The Meridian Post"),
                from_address: "week@meridian.example".to_owned(),
                reply_to: None,
                list_id: "week.meridian.example".to_owned(),
                bounce_address: None,
                returns: None,
            },
            brand: Brand {
                accent: "#9b1b22".to_owned(),
                accent_dark: "#ff9d92".to_owned(),
                tagline: Line::default(),
                header: crate::domain::prose::Prose::default(),
                footer: crate::domain::prose::Prose::default(),
                pictures: true,
                embed_pictures: false,
                livery: crate::domain::livery::Livery::default(),
                web_base: "https://meridian.example/newsletter".to_owned(),
            },
            events: 3,
            archive: crate::domain::archive::Archive::Public,
            subject: "{lead}".to_owned(),
            policy: crate::domain::newsletter::Policy::default(),
        }
    }

    #[test]
    fn addresses_on_the_site_keep_the_path_of_its_base() {
        let newsletter = newsletter();
        let html = not_found(Site::of(&newsletter));
        assert!(html.contains("href=\"/newsletter/site.css?v=") && html.contains("href=\"/newsletter/\""));
    }

    #[test]
    fn the_front_page_leads_to_the_latest_issue_of_each_newsletter() {
        let newsletter = newsletter();
        let letters = [
            Letter { newsletter: &newsletter, latest: Some((214, "Fish & <chips>")) },
            Letter { newsletter: &newsletter, latest: None },
        ];
        let html = front(Site::of(&newsletter), &letters);
        assert!(html.contains("href=\"/newsletter/week/214\"") && html.contains("Fish &amp; &lt;chips&gt;"));
        assert!(html.contains("rel=\"canonical\" href=\"https://meridian.example/newsletter/\""));
    }

    #[test]
    fn every_page_has_its_landmarks_and_no_script() {
        let newsletter = newsletter();
        let site = Site::of(&newsletter);
        for html in [front(site, &[]), not_found(site), failure(site), link_not_valid(site)] {
            for mark in ["<header>", "<main id=\"content\">", "<footer", "<h1", "lang=\"en\" dir=\"ltr\"", "<title>"] {
                assert_eq!(html.matches(mark).count(), 1, "{mark}");
            }
            assert!(!html.contains("<script"));
        }
    }

    #[test]
    fn a_page_in_persian_runs_from_right_to_left() {
        let mut newsletter = newsletter();
        newsletter.language = Language::parse("fa").unwrap();
        assert!(not_found(Site::of(&newsletter)).contains("<html lang=\"fa\" dir=\"rtl\""));
    }
}
