//! Signing up: the form, the hint at a slip of the finger, and what is said once it was sent. Address and button stand first; everything else is a
//! matter of one more tap.

use super::shell::{About, Here, Site, page};
use crate::domain::newsletter::{Newsletter, Section};
use crate::domain::text::Language;
use crate::templates::texts::Texts;
use crate::templates::typography::join_title;
use crate::templates::writing::isolate;
use maud::{Markup, html};

/// The field that no person sees; who fills it in is none.
pub const HONEYPOT: &str = "fax";

/// The form of signing up.
#[derive(Debug, Clone, Copy)]
pub struct SignUp<'a> {
    /// On whose pages.
    pub site: Site<'a>,
    /// What may be chosen; at least one.
    pub newsletters: &'a [Newsletter],
    /// What stands in the fields.
    pub filled: &'a Filled,
    /// The token that says when this form was shown.
    pub token: &'a str,
    /// Where it posts to.
    pub action: &'a str,
    /// The latest issue, to see what one would get.
    pub latest: Option<Latest<'a>>,
    /// What is to be said before the fields.
    pub notice: Option<Notice<'a>>,
}

/// What stands in the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The address as typed.
    pub address: String,
    /// Slugs of the chosen newsletters.
    pub newsletters: Vec<String>,
    /// Chosen topics, as `newsletter/topic`.
    pub topics: Vec<String>,
    /// The language.
    pub language: String,
    /// Plain text alone.
    pub plain: bool,
    /// The site whose form led here.
    pub via: String,
}

/// The latest issue of the first newsletter.
#[derive(Debug, Clone, Copy)]
pub struct Latest<'a> {
    /// Its number.
    pub number: u32,
    /// Its page, as a path.
    pub path: &'a str,
    /// Its first headlines with their languages.
    pub headlines: &'a [(String, Language)],
}

/// What is to be said before the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice<'a> {
    /// The address is none.
    NoAddress,
    /// The address is read by machines.
    Role,
    /// The address is thrown away after use.
    Disposable,
    /// No newsletter was chosen.
    NoNewsletter,
    /// The form came too fast, too late, or from elsewhere: one more press shows that a person did it.
    OneMorePress,
    /// The address was probably meant otherwise.
    Meant(&'a str),
}

impl Notice<'_> {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::NoAddress => "wrong-address",
            Self::Role => "wrong-role",
            Self::Disposable => "wrong-disposable",
            Self::NoNewsletter => "wrong-newsletter",
            Self::OneMorePress => "one-more-press",
            Self::Meant(_) => "typo-title",
        }
    }

    fn is_about_address(self) -> bool {
        !matches!(self, Self::NoNewsletter | Self::OneMorePress)
    }
}

/// The page of signing up.
pub fn sign_up(with: SignUp<'_>) -> String {
    let texts = with.site.texts();
    let name = with.site.publication.name.as_str();
    let title = match with.newsletters {
        [only] => only.title.as_str(),
        _ => name,
    };
    let about = texts.say_of("subscribe-to", "newsletter", title);
    let deck = tagline(with.newsletters).unwrap_or_else(|| texts.say_of("subscribe-deck", "name", name));
    let main = html! {
        h1.title { (join_title(&about)) }
        p.deck { (deck) }
        div.halves {
            (form(with, texts))
            @if let Some(latest) = with.latest { (headlines(latest, texts)) }
        }
    };
    let canonical = format!("{}/subscribe", with.site.web_base);
    page(
        with.site,
        About {
            title: &about,
            description: Some(&deck),
            canonical: Some(&canonical),
            here: Here::Subscribe,
            ..About::default()
        },
        &main,
    )
}

/// The words a reader consents by, as the page shows them.
pub fn sign_up_wording(texts: &Texts) -> String {
    format!("{}: {}", texts.say("subscribe-button"), texts.say("subscribe-promise"))
}

fn tagline(newsletters: &[Newsletter]) -> Option<String> {
    let [only] = newsletters else { return None };
    let tagline = only.brand.tagline.as_str();
    (!tagline.is_empty()).then(|| tagline.to_owned())
}

fn form(with: SignUp<'_>, texts: &Texts) -> Markup {
    let filled = with.filled;
    let is_wrong = with.notice.is_some_and(Notice::is_about_address);
    html! {
        form.block.stack method="post" action=(with.action) aria-label=(texts.say("subscribe-button")) novalidate {
            div.oxford {}
            input type="hidden" name="token" value=(with.token);
            @if !filled.via.is_empty() { input type="hidden" name="via" value=(filled.via); }
            div {
                label.name for="address" { (texts.say("email-address")) }
                @if let Some(notice) = with.notice { (said(notice, texts)) }
                input.field #address type="email" name="address" value=(filled.address) autocomplete="email" inputmode="email" dir="ltr"
                    maxlength="254" required aria-invalid=[is_wrong.then_some("true")] aria-describedby=[with.notice.map(|_| "notice")];
            }
            div.away aria-hidden="true" {
                label for=(HONEYPOT) { (texts.say("leave-empty")) }
                input #(HONEYPOT) type="text" name=(HONEYPOT) tabindex="-1" autocomplete="off";
            }
            (buttons(with, texts))
            p.note { (texts.say("subscribe-promise")) " " a href=(with.site.publication.privacy_url) { (texts.say("privacy-how")) } "." }
            (details(with, texts))
        }
    }
}

/// The button; two, where the address looks like a slip.
fn buttons(with: SignUp<'_>, texts: &Texts) -> Markup {
    html! {
        @match with.notice {
            Some(Notice::Meant(better)) => div.acts {
                button.button type="submit" name="meant" value=(better) { (texts.say_of("typo-use", "address", &isolate(better, texts.direction()))) }
                button.button.plain type="submit" name="sure" value="1" {
                    (texts.say_of("typo-keep", "address", &isolate(&with.filled.address, texts.direction())))
                }
            },
            _ => div.acts { button.button type="submit" { (texts.say("subscribe-button")) } },
        }
    }
}

fn said(notice: Notice<'_>, texts: &Texts) -> Markup {
    let words = match notice {
        Notice::Meant(address) => texts.say_of(notice.key(), "address", &isolate(address, texts.direction())),
        _ => texts.say(notice.key()),
    };
    html! { p.wrong #notice role="alert" { (words) } }
}

/// Newsletters, topics, language, format: open where something is chosen already.
fn details(with: SignUp<'_>, texts: &Texts) -> Markup {
    let filled = with.filled;
    let is_open = !filled.topics.is_empty() || filled.plain || with.notice == Some(Notice::NoNewsletter);
    html! {
        details.more open[is_open] {
            summary { (texts.say("subscribe-more")) }
            div.stack {
                @if with.newsletters.len() > 1 {
                    fieldset {
                        legend { (texts.say("subscribe-newsletters")) }
                        div.choices {
                            @for newsletter in with.newsletters {
                                (tick("newsletter", newsletter.slug.as_str(), filled.newsletters.iter().any(|one| *one == newsletter.slug.as_str()), &in_its_language(newsletter)))
                            }
                        }
                    }
                }
                @for newsletter in with.newsletters.iter().filter(|one| one.sections.len() > 1) { (subjects(newsletter, with, texts)) }
                (language(with.newsletters, &filled.language, texts))
                (format(filled.plain, texts))
            }
        }
    }
}

fn in_its_language(newsletter: &Newsletter) -> Markup {
    html! { bdi lang=(newsletter.language) dir=(newsletter.language.direction().as_str()) { (newsletter.title) } }
}

fn subjects(newsletter: &Newsletter, with: SignUp<'_>, texts: &Texts) -> Markup {
    let value = |section: &Section| format!("{}/{}", newsletter.slug, section.slug);
    html! {
        fieldset {
            legend {
                @if with.newsletters.len() > 1 { (texts.say_of("subscribe-subjects-of", "newsletter", newsletter.title.as_str())) }
                @else { (texts.say("preferences-topics")) }
            }
            p.note { (texts.say("subscribe-subjects-note")) }
            div.choices {
                @for section in &newsletter.sections {
                    @let language = section.language.as_ref();
                    (tick("topic", &value(section), with.filled.topics.contains(&value(section)), &html! {
                        bdi lang=[language.map(Language::as_str)] dir=[language.map(|language| language.direction().as_str())] { (section.title) }
                    }))
                }
            }
        }
    }
}

fn tick(name: &str, value: &str, checked: bool, words: &Markup) -> Markup {
    html! { label.choice { input type="checkbox" name=(name) value=(value) checked[checked]; span { (words) } } }
}

/// The language of the fixed texts; each in its own.
pub(super) fn language(newsletters: &[Newsletter], chosen: &str, texts: &Texts) -> Markup {
    let own = newsletters.first().map_or("en", |newsletter| newsletter.language.primary());
    let chosen = if chosen.is_empty() { own } else { chosen };
    html! {
        div {
            label.name for="language" { (texts.say("language")) }
            select.field.short #language name="language" {
                @for (code, name) in Texts::names() {
                    option value=(code) lang=(code) selected[code == chosen] { (name) }
                }
            }
        }
    }
}

/// Designed or plain.
pub(super) fn format(plain: bool, texts: &Texts) -> Markup {
    let choice = |value: &str, checked: bool, words: &str, small: &str| {
        html! {
            label.choice {
                input type="radio" name="format" value=(value) checked[checked];
                span { (texts.say(words)) small { (texts.say(small)) } }
            }
        }
    };
    html! {
        fieldset {
            legend { (texts.say("format")) }
            div.choices {
                (choice("html", !plain, "format-html", "format-html-note"))
                (choice("text", plain, "format-text", "format-text-note"))
            }
        }
    }
}

fn headlines(latest: Latest<'_>, texts: &Texts) -> Markup {
    html! {
        section.block aria-labelledby="latest" {
            div.oxford {}
            h2 #latest { (texts.say("latest-issue")) }
            ul.letters {
                @for (headline, language) in latest.headlines {
                    li { bdi.headline lang=(language) dir=(language.direction().as_str()) { (headline) } }
                }
            }
            div.acts { a href=(latest.path) { (texts.say_with("read-latest", [("number", latest.number.into())])) } }
        }
    }
}

/// The form alone, for a frame in another site's page: it carries no token, and leads to our own page.
pub fn embedded(site: Site<'_>, action: &str) -> String {
    let texts = site.texts();
    let title = texts.say_of("subscribe-to", "newsletter", site.publication.name.as_str());
    let language = Language::parse(texts.code()).unwrap_or_else(|_| Language::english());
    html! {
        (maud::DOCTYPE)
        html lang=(language) dir=(language.direction().as_str()) style=(site.style()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" type="image/svg+xml" href=(site.path("/icon.svg"));
                link rel="stylesheet" href={ (site.path("/site.css")) "?v=" (super::shell::css_version()) };
            }
            body.bare {
                main {
                    h1.name { (title) }
                    form.stack method="post" action=(action) target="_top" {
                        div {
                            label.name for="address" { (texts.say("email-address")) }
                            input.field #address type="email" name="address" autocomplete="email" inputmode="email" dir="ltr" maxlength="254" required;
                        }
                        div.acts { button.button type="submit" { (texts.say("subscribe-button")) } }
                    }
                }
            }
        }
    }
    .into_string()
}

/// What everybody reads who sent the form, whoever they are.
pub fn check_your_mail(site: Site<'_>, days: u32) -> String {
    let texts = site.texts();
    let title = texts.say("sent-title");
    let main = html! {
        h1.title { (title) }
        p.deck role="status" { (texts.count("sent-deck", days as usize)) }
        div.block.stack {
            div.oxford {}
            p.note { (texts.say("sent-note")) }
            div.acts { a href=(site.path("/subscribe")) { (texts.say("sent-again")) } a href=(site.path("/")) { (texts.say("to-front")) } }
        }
    };
    page(site, About { title: &title, ..About::default() }, &main)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::pages::visitor::tests::newsletter;

    fn shown(notice: Option<Notice<'_>>, filled: &Filled) -> String {
        let newsletters = [newsletter()];
        sign_up(SignUp {
            site: Site::of(&newsletters[0]),
            newsletters: &newsletters,
            filled,
            token: "T",
            action: "/subscribe",
            latest: None,
            notice,
        })
    }

    #[test]
    fn the_address_and_the_button_stand_before_everything_else() {
        let html = shown(None, &Filled::default());
        let place = |mark: &str| html.find(mark).unwrap_or_else(|| panic!("{mark}"));
        assert!(place("name=\"address\"") < place("<button") && place("<button") < place("<details"));
        assert!(!html.contains("<details class=\"more\" open") && !html.contains("<script"));
    }

    #[test]
    fn what_was_typed_stands_in_the_fields_again_and_is_only_text() {
        let filled = Filled {
            address: "\"><script>@example.org".into(),
            topics: vec!["week/climate".into()],
            plain: true,
            ..Filled::default()
        };
        let html = shown(Some(Notice::NoAddress), &filled);
        assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;@example.org\"") && !html.contains("<script"));
        assert!(html.contains("value=\"week/climate\" checked") && html.contains("value=\"text\" checked"));
        assert!(html.contains("role=\"alert\"") && html.contains("aria-invalid=\"true\""));
    }

    #[test]
    fn a_slip_offers_both_addresses() {
        let filled = Filled { address: "jo@gmial.com".into(), ..Filled::default() };
        let html = shown(Some(Notice::Meant("jo@gmail.com")), &filled);
        assert!(html.contains("name=\"meant\" value=\"jo@gmail.com\"") && html.contains("name=\"sure\""));
    }
}
