//! The page behind the link of a confirmation mail: what was asked for and one button; kind words where the link does nothing any more. Showing it
//! changes nothing: scanners of mail follow links.

use super::question::{Asked, asked};
use super::shell::{About, Site, page};
use crate::templates::writing::isolate;
use fluent_bundle::FluentValue;
use maud::{Markup, html};

/// What the page needs that confirms.
#[derive(Debug, Clone, Copy)]
pub struct Confirming<'a> {
    /// On whose pages, in the language that was asked for.
    pub site: Site<'a>,
    /// The names of all that was asked for.
    pub names: &'a str,
    /// The titles of the topics; none for everything.
    pub topics: Option<&'a str>,
    /// The address.
    pub address: &'a str,
    /// When it was asked for, in words.
    pub asked_on: &'a str,
    /// Until when the link works, in words.
    pub until: &'a str,
    /// When the first issue would come, in words.
    pub next: Option<&'a str>,
    /// Where the button posts to.
    pub action: &'a str,
    /// What tells a person from a machine.
    pub asked: &'a Asked,
}

/// The page with one button.
pub fn confirm(with: Confirming<'_>) -> String {
    let texts = with.site.texts();
    let title = texts.say("confirm-title");
    let address = isolate(with.address, texts.direction());
    let main = html! {
        h1.title { (title) }
        p.deck { (deck(with.site, with.names, &address)) }
        form.block.stack method="post" action=(with.action) {
            div.oxford {}
            h2 { (texts.say("confirm-get")) }
            p {
                (with.names) ". "
                @match with.topics {
                    Some(topics) => (texts.say_of("confirm-topics", "name", topics)),
                    None => (texts.say("confirm-everything")),
                }
            }
            (asked(with.asked, &texts.say("confirm-button"), with.site, &html! {}))
            p.note { (texts.say_of("confirm-note", "date", with.until)) }
        }
        (steps(with))
    };
    page(with.site, About { title: &title, ..About::default() }, &main)
}

/// The words a reader confirms by, as the page shows them; without the address, for these words outlive an erasure.
pub fn confirm_wording(site: Site<'_>, names: &str) -> String {
    format!("{} [{}]", deck(site, names, "…"), site.texts().say("confirm-button"))
}

fn deck(site: Site<'_>, names: &str, address: &str) -> String {
    let values = [("newsletter", FluentValue::from(names)), ("address", FluentValue::from(address.to_owned()))];
    site.texts().say_with("confirm-deck", values)
}

fn steps(with: Confirming<'_>) -> Markup {
    let texts = with.site.texts();
    html! {
        section.block aria-labelledby="where" {
            div.oxford {}
            h2 #where { (texts.say("steps")) }
            ol.steps {
                li.done { b { (texts.say("step-asked")) } (with.asked_on) }
                li.now aria-current="step" { b { (texts.say("step-confirm")) } (texts.say("step-here")) }
                li { b { (texts.say("step-first")) } (with.next.unwrap_or_default()) }
            }
        }
    }
}

/// What a reader sees who is on the list; also when they press a second time.
#[derive(Debug, Clone, Copy)]
pub struct OnTheList<'a> {
    /// On whose pages.
    pub site: Site<'a>,
    /// The names of what they get.
    pub names: &'a str,
    /// Their address.
    pub address: &'a str,
    /// When the next issue comes, in words.
    pub next: Option<&'a str>,
    /// Their private page.
    pub preferences_url: &'a str,
    /// The page of the newsletter.
    pub issues_url: &'a str,
}

/// They are on the list.
pub fn confirmed(with: OnTheList<'_>) -> String {
    let texts = with.site.texts();
    let title = texts.say("confirmed-title");
    let values = [
        ("newsletter", FluentValue::from(with.names)),
        ("address", FluentValue::from(isolate(with.address, texts.direction()))),
    ];
    let main = html! {
        h1.title { (title) }
        p.deck role="status" { (texts.say_with("confirmed-deck", values)) }
        div.block.stack {
            div.oxford {}
            @if let Some(next) = with.next { p { (texts.say_of("confirmed-next", "date", next)) } }
            div.acts {
                a.button href=(with.preferences_url) { (texts.say("confirmed-choose")) }
                a href=(with.issues_url) { (texts.say("confirmed-read")) }
            }
        }
    };
    page(with.site, About { title: &title, ..About::default() }, &main)
}

/// The time of the link is over: one button brings a new one.
pub fn link_expired(site: Site<'_>, days: u32, action: &str) -> String {
    let texts = site.texts();
    let title = texts.say("expired-title");
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.count("expired-deck", days as usize)) }
        form.block.stack method="post" action=(action) {
            div.oxford {}
            div.acts { button.button type="submit" name="again" value="1" { (texts.say("expired-button")) } a href=(site.path("/")) { (texts.say("to-front")) } }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

/// Nobody is known any more to whom the link was sent, or it was overtaken by their leaving.
pub fn link_gone(site: Site<'_>) -> String {
    let texts = site.texts();
    let title = texts.say("gone-title");
    let main = html! {
        h1.title { (title) }
        p.deck { (texts.say("gone-deck")) }
        div.block.stack {
            div.oxford {}
            div.acts {
                a.button href=(site.path("/subscribe")) { (texts.say("gone-button")) }
                a href=(site.path("/")) { (texts.say("to-front")) }
            }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::question::Way;
    use crate::templates::pages::question::tests::first;
    use crate::templates::pages::visitor::tests::newsletter;

    #[test]
    fn the_page_asks_with_one_form_and_one_button() {
        let newsletter = newsletter();
        let with = Confirming {
            site: Site::of(&newsletter),
            names: "The Week in Review",
            topics: None,
            address: "a\"b@example.org",
            asked_on: "20 November",
            until: "27 November",
            next: None,
            action: "/c/T",
            asked: &first(Way::Type),
        };
        let html = confirm(with);
        assert_eq!((html.matches("<form").count(), html.matches("<button").count()), (1, 1));
        assert!(html.contains("method=\"post\" action=\"/c/T\"") && !html.contains("<script"));
        assert!(html.contains("a&quot;b@example.org"));
        assert!(confirm_wording(with.site, with.names).ends_with("[Confirm my subscription]"));
    }
}
