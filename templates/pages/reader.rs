//! Pages behind a reader's private link: preferences, leaving, goodbye.

use super::question::{Asked, around, asked, canary};
use super::shell::{About, Site, block, page};
use super::signup::{format, language};
use crate::domain::issue::Choice;
use crate::domain::newsletter::{Newsletter, Section};
use crate::domain::text::Language;
use crate::templates::texts::Texts;
use crate::templates::writing::isolate;
use chrono::NaiveDate;
use fluent_bundle::FluentValue;
use maud::{Markup, html};

/// What the page needs that ends a subscription.
#[derive(Debug, Clone, Copy)]
pub struct Leaving<'a> {
    /// Which newsletter.
    pub newsletter: &'a Newsletter,
    /// The reader's address.
    pub address: &'a str,
    /// The language they want, if not the newsletter's.
    pub language: Option<&'a Language>,
    /// Whether the link ends every newsletter of the publication.
    pub all: bool,
    /// Whether the reader gets others, so that leaving them too is offered.
    pub others: bool,
    /// Where the form posts to: `all` for every newsletter, else this one.
    pub action: &'a str,
    /// What tells a person from a machine.
    pub asked: &'a Asked,
    /// Where the reader chooses instead, if there is something to choose.
    pub preferences_url: Option<&'a str>,
}

/// The page with one button. Showing it changes nothing: scanners of mail follow links.
pub fn unsubscribe(leaving: Leaving<'_>) -> String {
    let site = Site::of(leaving.newsletter).in_language(leaving.language);
    let texts = site.texts();
    let title = texts.say("leave-title");
    let address = isolate(leaving.address, texts.direction());
    let choose = html! { @if let Some(url) = leaving.preferences_url { a href=(url) { (texts.say("leave-choose")) } } };
    let form = html! {
        form.block.stack method="post" action=(leaving.action) {
            div.oxford {}
            @if leaving.others {
                label.choice {
                    input type="checkbox" name="all" value="1";
                    span { (texts.say_of("leave-all", "name", leaving.newsletter.publication.name.as_str())) }
                }
            }
            (asked(leaving.asked, &texts.say_of("leave-button", "address", &address), site, &choose))
            p.note { (texts.say("leave-note")) }
        }
    };
    let main = html! {
        h1.title { (title) }
        p.deck { (who(texts, "leave-deck", what(leaving.newsletter, leaving.all), leaving.address)) }
        (around(leaving.asked, leaving.action, &html! {}, &form))
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

/// Whether somebody who left is asked why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why<'a> {
    /// They are not.
    No,
    /// They may say it; the form posts there.
    Ask(&'a str),
    /// They did.
    Thanks,
}

/// What a reader sees after leaving; also when they had left before, or were erased and have no address any more.
pub fn goodbye(newsletter: &Newsletter, person: Option<(&str, Option<&Language>)>, all: bool, why: Why<'_>) -> String {
    let (address, language) = (person.map(|(address, _)| address), person.and_then(|(_, language)| language));
    let site = Site::of(newsletter).in_language(language);
    let texts = site.texts();
    let title = texts.say("goodbye-title");
    let main = html! {
        h1.title { (title) }
        p.deck role="status" {
            @match address {
                Some(address) => (who(texts, "goodbye-deck", what(newsletter, all), address)),
                None => (texts.say_of("goodbye-deck-unnamed", "newsletter", what(newsletter, all))),
            }
        }
        @match why {
            Why::No => {},
            Why::Thanks => p.said role="status" { (texts.say("goodbye-thanks")) },
            Why::Ask(action) => form.block.stack method="post" action=(action) {
                div.oxford {}
                div {
                    label.name for="why" { (texts.say("goodbye-why")) }
                    p.note #why-note { (texts.say("goodbye-why-note")) }
                    textarea.field #why name="why" rows="3" maxlength="500" aria-describedby="why-note" {}
                }
                div.acts { button.button.plain type="submit" { (texts.say("goodbye-why-button")) } }
            },
        }
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
    /// Whether mail comes.
    pub pause: Pause,
    /// The first day on which a pause may end.
    pub first_day: NaiveDate,
    /// The language they want, if not the newsletter's.
    pub language: Option<&'a Language>,
    /// Whether they want plain text alone.
    pub plain: bool,
    /// The other newsletters of the publication.
    pub others: &'a [Other<'a>],
    /// What was done a moment ago.
    pub said: Said,
    /// Why it was not saved.
    pub wrong: Option<Wrong>,
    /// Where the form posts to: `scope` is `everything` or `topics`, `topic` is repeated; `until` is a day or empty, `open` a pause without end.
    pub action: &'a str,
    /// Where they ask for their data, another address, or to be erased: `what` is `data`, `address` or `erase`.
    pub ask_action: &'a str,
    /// Where they leave.
    pub unsubscribe_url: &'a str,
    /// Where the link leads that no person sees.
    pub canary: &'a str,
}

/// Another newsletter of the publication.
#[derive(Debug, Clone, PartialEq)]
pub struct Other<'a> {
    /// Which.
    pub newsletter: &'a Newsletter,
    /// Where its topics are chosen, if the reader gets it.
    pub choose_url: Option<String>,
}

/// What was done a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// The choices were saved.
    Saved,
    /// They were, and a mail asks about what is new.
    Asked,
    /// They were, and what is new waits: a mail of today about something new has no answer yet.
    Waits,
    /// A fresh mail is on its way.
    Mailed,
}

/// Whether mail comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// It does.
    No,
    /// Not before a day.
    Until(NaiveDate),
    /// Not until they say so.
    Open,
}

/// What a reader's choices lack to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Some topics, but none was chosen.
    NoTopic,
    /// The end of the pause is no day that could be meant.
    Day,
}

/// The page of a reader's choices.
pub fn preferences(reader: Preferences<'_>) -> String {
    let site = Site::of(reader.newsletter).in_language(reader.language);
    let texts = site.texts();
    let title = texts.say("preferences-title");
    let address = isolate(reader.address, texts.direction());
    let main = html! {
        h1.title { (title) }
        @match reader.said {
            Said::Nothing => {},
            Said::Saved => p.said role="status" { (texts.say("preferences-saved")) },
            Said::Asked => p.said role="status" { (texts.say("preferences-asked")) },
            Said::Waits => p.said role="status" { (texts.say("preferences-waits")) },
            Said::Mailed => p.said role="status" { (texts.say_of("preferences-mailed", "address", &address)) },
        }
        @if let Some(wrong) = reader.wrong { p.wrong role="alert" { a href=(wrong.place()) { (texts.say(wrong.key())) } } }
        p.note.first {
            (texts.say_with("preferences-for", [
                ("address", FluentValue::from(isolate(reader.address, texts.direction()))),
                ("date", FluentValue::from(reader.confirmed_on)),
            ]))
        }
        form method="post" action=(reader.action) {
            (block("topics", &texts.say("preferences-topics"), &topics(reader, texts)))
            (block("pause", &texts.say("preferences-pause"), &pause(reader, texts)))
            (block("reading", &texts.say("preferences-reading"), &reading(reader, texts)))
            @if !reader.others.is_empty() { (block("others", &texts.say("preferences-others"), &others(reader, texts))) }
            div.save { button.button type="submit" { (texts.say("preferences-save")) } }
        }
        (block("leave", &texts.say("preferences-leave"), &leave(reader, texts)))
        (block("data", &texts.say("preferences-data"), &data(reader, texts)))
        (canary(reader.canary))
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

/// Language and format.
fn reading(reader: Preferences<'_>, texts: &Texts) -> Markup {
    let chosen = reader.language.map_or("", Language::primary);
    html! {
        div.stack {
            (language(std::slice::from_ref(reader.newsletter), chosen, texts))
            (format(reader.plain, texts))
        }
    }
}

/// The other newsletters: ticked are those that come.
fn others(reader: Preferences<'_>, texts: &Texts) -> Markup {
    html! {
        fieldset {
            legend { (texts.say("subscribe-newsletters")) }
            p.note { (texts.say("preferences-others-note")) }
            input type="hidden" name="others" value="1";
            @for other in reader.others {
                @let newsletter = other.newsletter;
                label.choice {
                    input type="checkbox" name="also" value=(newsletter.slug) checked[other.choose_url.is_some()];
                    span { bdi lang=(newsletter.language) dir=(newsletter.language.direction().as_str()) { (newsletter.title) } }
                }
                @if let Some(url) = &other.choose_url {
                    p.only.acts { a href=(url) { (texts.say_of("preferences-topics-of", "newsletter", newsletter.title.as_str())) } }
                }
            }
        }
    }
}

/// What is stored of them, and three things that a fresh mail asks about once more.
fn data(reader: Preferences<'_>, texts: &Texts) -> Markup {
    html! {
        form.stack method="post" action=(reader.ask_action) {
            p { (texts.say("preferences-data-note")) }
            p.note { (texts.say_of("preferences-fresh-note", "address", &isolate(reader.address, texts.direction()))) }
            div.acts {
                @for (what, words) in [("data", "data-button"), ("address", "address-button"), ("erase", "erase-button")] {
                    button.button.plain type="submit" name="what" value=(what) { (texts.say(words)) }
                }
            }
        }
    }
}

/// No mail until a day, or until they say so.
fn pause(reader: Preferences<'_>, texts: &Texts) -> Markup {
    let until = match reader.pause {
        Pause::Until(day) => day.to_string(),
        Pause::No | Pause::Open => String::new(),
    };
    let is_wrong = reader.wrong == Some(Wrong::Day);
    html! {
        div.stack {
            div {
                label for="until" { (texts.say("pause-until")) }
                p.note id="until-note" { (texts.say("pause-note")) }
                input.day #until type="date" name="until" value=(until) min=(reader.first_day) placeholder="YYYY-MM-DD"
                    aria-describedby="until-note" aria-invalid=[is_wrong.then_some("true")];
            }
            @if reader.pause == Pause::Open {
                label.choice { input type="checkbox" name="open" value="1" checked; span { (texts.say("pause-open")) } }
            }
        }
    }
}

impl Wrong {
    fn key(self) -> &'static str {
        match self {
            Self::NoTopic => "wrong-topics",
            Self::Day => "wrong-day",
        }
    }

    /// The field that it is about.
    fn place(self) -> &'static str {
        match self {
            Self::NoTopic => "#topics",
            Self::Day => "#until",
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

/// The name of what is left: one newsletter, or all that the publication sends.
fn what(newsletter: &Newsletter, all: bool) -> &str {
    if all { newsletter.publication.name.as_str() } else { newsletter.title.as_str() }
}

/// A sentence of ours about an address and a newsletter.
fn who(texts: &Texts, key: &str, newsletter: &str, address: &str) -> String {
    texts.say_with(
        key,
        [
            ("newsletter", FluentValue::from(newsletter)),
            ("address", FluentValue::from(isolate(address, texts.direction()))),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::question::Way;
    use crate::domain::tag::Slug;
    use crate::templates::pages::question::tests::first;
    use crate::templates::pages::visitor::tests::newsletter;

    fn reader<'a>(newsletter: &'a Newsletter, choice: &'a Choice) -> Preferences<'a> {
        Preferences {
            newsletter,
            address: "a\"b@example.org",
            confirmed_on: "4 February 2026",
            choice,
            pause: Pause::No,
            first_day: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
            language: None,
            plain: false,
            others: &[],
            said: Said::Nothing,
            wrong: None,
            action: "/p/T",
            ask_action: "/p/T/ask",
            unsubscribe_url: "/u/T",
            canary: "/p/T/x",
        }
    }

    #[test]
    fn the_page_that_asks_has_one_form_that_people_see_and_no_script() {
        let newsletter = newsletter();
        let leaving = Leaving {
            newsletter: &newsletter,
            address: "a\"b@example.org",
            language: None,
            all: false,
            others: false,
            action: "/u/T",
            asked: &first(Way::Press),
            preferences_url: Some("/p/T"),
        };
        let html = unsubscribe(leaving);
        let forms: Vec<&str> = html.split("<form").skip(1).collect();
        let is_seen = |form: &&&str| !form.starts_with(" class=\"away\"");
        let seen: Vec<&&str> = forms.iter().filter(is_seen).collect();
        assert_eq!((forms.len(), seen.len()), (3, 1), "{html}");
        assert!(seen[0].contains(">Unsubscribe a&quot;b@<wbr>example.org</button>"), "{html}");
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
        let html = goodbye(&newsletter(), Some(("reader@example.org", None)), false, Why::No);
        assert!(html.contains("reader@example.org") && html.contains("The Week in Review") && !html.contains("<form"));
        assert!(goodbye(&newsletter(), None, true, Why::No).contains("You get nothing more from The Meridian Post"));
    }

    #[test]
    fn a_pause_is_shown_and_what_is_wrong_is_said() {
        let newsletter = newsletter();
        let day = NaiveDate::from_ymd_opt(2026, 12, 24).unwrap();
        let paused = preferences(Preferences { pause: Pause::Until(day), ..reader(&newsletter, &Choice::Everything) });
        assert!(paused.contains("value=\"2026-12-24\" min=\"2026-11-21\"") && !paused.contains("name=\"open\""));
        let open = preferences(Preferences { pause: Pause::Open, ..reader(&newsletter, &Choice::Everything) });
        assert!(open.contains("name=\"open\" value=\"1\" checked"));
        let wrong = preferences(Preferences { wrong: Some(Wrong::Day), ..reader(&newsletter, &Choice::Everything) });
        assert!(wrong.contains("role=\"alert\"><a href=\"#until\"") && wrong.contains("aria-invalid=\"true\""));
    }
}
