//! Pages behind a reader's private link: preferences, leaving, goodbye.

use super::shell::{About, Site, block, page};
use crate::domain::issue::Choice;
use crate::domain::newsletter::{Newsletter, Section};
use crate::domain::text::Language;
use crate::templates::texts::Texts;
use crate::templates::writing::isolate;
use fluent_bundle::FluentValue;
use maud::{Markup, html};

/// What the page needs that ends a subscription.
#[derive(Debug, Clone, Copy)]
pub struct Leaving<'a> {
    /// Which newsletter.
    pub newsletter: &'a Newsletter,
    /// The reader's address.
    pub address: &'a str,
    /// Where the button posts to.
    pub action: &'a str,
    /// Where the reader chooses instead.
    pub preferences_url: &'a str,
}

/// The page with one button. Showing it changes nothing: scanners of mail follow links.
pub fn unsubscribe(leaving: Leaving<'_>) -> String {
    let site = Site::of(leaving.newsletter);
    let texts = site.texts();
    let title = texts.say("leave-title");
    let main = html! {
        h1.title { (title) }
        p.deck { (who(texts, "leave-deck", leaving.newsletter, leaving.address)) }
        form.block.stack method="post" action=(leaving.action) {
            div.oxford {}
            div.acts {
                button.button type="submit" { (texts.say_of("leave-button", "address", &isolate(leaving.address, texts.direction()))) }
                a href=(leaving.preferences_url) { (texts.say("leave-choose")) }
            }
            p.note { (texts.say("leave-note")) }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

/// What a reader sees after leaving; also when they had left before.
pub fn goodbye(newsletter: &Newsletter, address: &str) -> String {
    let site = Site::of(newsletter);
    let texts = site.texts();
    let title = texts.say("goodbye-title");
    let main = html! {
        h1.title { (title) }
        p.deck role="status" { (who(texts, "goodbye-deck", newsletter, address)) }
        div.block.stack {
            div.oxford {}
            p.note { (texts.say("goodbye-note")) }
            div.acts { a href=(site.path(&format!("/{}", newsletter.slug))) { (texts.say_of("read-on-web", "newsletter", newsletter.title.as_str())) } }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

/// What the page of a reader's choices needs.
#[derive(Debug, Clone, Copy)]
pub struct Preferences<'a> {
    /// Which newsletter.
    pub newsletter: &'a Newsletter,
    /// The reader's address.
    pub address: &'a str,
    /// The day they confirmed it, in words of the newsletter's language.
    pub confirmed_on: &'a str,
    /// What they chose.
    pub choice: &'a Choice,
    /// Whether it was saved a moment ago.
    pub saved: bool,
    /// Where the form posts to: `scope` is `everything` or `topics`, `topic` is repeated.
    pub action: &'a str,
    /// Where they leave.
    pub unsubscribe_url: &'a str,
}

/// The page of a reader's choices.
pub fn preferences(reader: Preferences<'_>) -> String {
    let site = Site::of(reader.newsletter);
    let texts = site.texts();
    let title = texts.say("preferences-title");
    let main = html! {
        h1.title { (title) }
        @if reader.saved { p.said role="status" { (texts.say("preferences-saved")) } }
        p.note style="margin-block-start:16px" {
            (texts.say_with("preferences-for", [
                ("address", FluentValue::from(isolate(reader.address, texts.direction()))),
                ("date", FluentValue::from(reader.confirmed_on)),
            ]))
        }
        form method="post" action=(reader.action) {
            (block("topics", &texts.say("preferences-topics"), &topics(reader, texts)))
            div.save { button.button type="submit" { (texts.say("preferences-save")) } }
        }
        (block("leave", &texts.say("preferences-leave"), &leave(reader, texts)))
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

/// All, or some: two radios, and a box for each section.
fn topics(reader: Preferences<'_>, texts: &Texts) -> Markup {
    let all = *reader.choice == Choice::Everything;
    html! {
        div {
            fieldset {
                legend { (reader.newsletter.title) }
                (radio("everything", all, &texts.say("topics-everything"), &texts.say("topics-everything-note")))
                (radio("topics", !all, &texts.say("topics-only"), ""))
            }
            fieldset.only aria-label=(texts.say("topics-only")) {
                div.choices { @for section in &reader.newsletter.sections { (tick(section, reader.choice)) } }
            }
        }
    }
}

fn radio(value: &str, checked: bool, words: &str, small: &str) -> Markup {
    html! {
        label.choice {
            input type="radio" name="scope" value=(value) checked[checked];
            span { (words) @if !small.is_empty() { small { (small) } } }
        }
    }
}

fn tick(section: &Section, choice: &Choice) -> Markup {
    let chosen = matches!(choice, Choice::Topics(topics) if topics.contains(&section.slug));
    let language = section.language.as_ref();
    html! {
        label.choice {
            input type="checkbox" name="topic" value=(section.slug) checked[chosen];
            span {
                bdi lang=[language.map(Language::as_str)] dir=[language.map(|language| language.direction().as_str())] { (section.title) }
            }
        }
    }
}

fn leave(reader: Preferences<'_>, texts: &Texts) -> Markup {
    html! {
        div.stack {
            p { (texts.say_of("preferences-leave-note", "newsletter", reader.newsletter.title.as_str())) }
            div.acts { a.button.plain href=(reader.unsubscribe_url) { (texts.say("unsubscribe")) } }
        }
    }
}

/// A sentence of ours about an address and a newsletter.
fn who(texts: &Texts, key: &str, newsletter: &Newsletter, address: &str) -> String {
    texts.say_with(
        key,
        [
            ("newsletter", FluentValue::from(newsletter.title.as_str())),
            ("address", FluentValue::from(isolate(address, texts.direction()))),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tag::Slug;
    use crate::templates::pages::visitor::tests::newsletter;

    fn reader<'a>(newsletter: &'a Newsletter, choice: &'a Choice) -> Preferences<'a> {
        Preferences {
            newsletter,
            address: "a\"b@example.org",
            confirmed_on: "4 February 2026",
            choice,
            saved: false,
            action: "/p/T",
            unsubscribe_url: "/u/T",
        }
    }

    #[test]
    fn the_page_that_asks_has_one_form_that_posts_and_no_script() {
        let newsletter = newsletter();
        let leaving =
            Leaving { newsletter: &newsletter, address: "a\"b@example.org", action: "/u/T", preferences_url: "/p/T" };
        let html = unsubscribe(leaving);
        assert_eq!(html.matches("<form").count(), 1);
        assert!(html.contains("method=\"post\" action=\"/u/T\"") && !html.contains("<script"));
        assert!(html.contains("a&quot;b@example.org") && !html.contains("a\"b@"));
    }

    #[test]
    fn who_chose_nothing_gets_everything_and_who_chose_sees_it() {
        let newsletter = newsletter();
        let all = preferences(reader(&newsletter, &Choice::Everything));
        assert!(all.contains("value=\"everything\" checked") && !all.contains("value=\"climate\" checked"));
        let one = Choice::Topics([Slug::parse("climate").unwrap()].into());
        let some = preferences(reader(&newsletter, &one));
        assert!(some.contains("value=\"topics\" checked") && some.contains("value=\"climate\" checked"));
        assert!(!some.contains("value=\"trade\" checked") && some.contains("lang=\"fa\" dir=\"rtl\""));
    }

    #[test]
    fn leaving_is_a_block_of_its_own_outside_the_form() {
        let newsletter = newsletter();
        let html = preferences(reader(&newsletter, &Choice::Everything));
        let (before, after) = html.split_once("</form>").unwrap();
        assert!(after.contains("href=\"/u/T\"") && !before.contains("href=\"/u/T\""));
    }

    #[test]
    fn goodbye_names_what_was_left() {
        let html = goodbye(&newsletter(), "reader@example.org");
        assert!(html.contains("reader@example.org") && html.contains("The Week in Review") && !html.contains("<form"));
    }
}
