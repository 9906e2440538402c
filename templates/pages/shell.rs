//! What all pages share: head, bar, landmarks, footer, style sheet.

use crate::domain::newsletter::{Newsletter, Publication};
use crate::domain::text::Language;
use crate::templates::raw;
use crate::templates::texts::Texts;
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The one style sheet, to be served at `/site.css` for ever: its address changes with its content.
pub const CSS: &str = include_str!("site.css");

/// The icon of every page, to be served at `/icon.svg`: the Oxford rule over a lead and its lines.
pub const ICON: &str = include_str!("icon.svg");

/// What changes when the style sheet does: the query of its address.
pub fn css_version() -> &'static str {
    static VERSION: LazyLock<String> =
        LazyLock::new(|| crate::domain::issue::hex(&Sha256::digest(CSS.as_bytes()))[..12].to_owned());
    &VERSION
}

/// Whose pages they are.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Who publishes.
    pub publication: &'a Publication,
    /// The language of the fixed texts.
    pub language: &'a Language,
    /// The web address of everything, no slash at its end.
    pub web_base: &'a str,
    /// The accent on paper, already legible.
    pub accent: &'a str,
    /// The accent in the dark.
    pub accent_dark: &'a str,
}

impl<'a> Site<'a> {
    /// The pages of a newsletter.
    pub fn of(newsletter: &'a Newsletter) -> Self {
        Self {
            publication: &newsletter.publication,
            language: &newsletter.language,
            web_base: &newsletter.brand.web_base,
            accent: &newsletter.brand.accent,
            accent_dark: &newsletter.brand.accent_dark,
        }
    }

    /// The same pages in the language of a reader.
    pub fn in_language(self, language: Option<&'a Language>) -> Self {
        Self { language: language.unwrap_or(self.language), ..self }
    }

    /// The fixed texts.
    pub fn texts(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    /// The one style attribute of a page: the brand's colours. A policy that allows nothing else inline can name it by its hash.
    pub fn style(&self) -> String {
        format!("--brand:{};--brand-dark:{}", self.accent, self.accent_dark)
    }

    /// A place on this site, as a path: it holds behind a proxy and on loopback alike.
    pub fn path(&self, place: &str) -> String {
        let base = url::Url::parse(self.web_base)
            .map_or_else(|_| String::new(), |url| url.path().trim_end_matches('/').to_owned());
        format!("{base}{place}")
    }
}

/// What a page says of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct About<'a> {
    /// For the window's title.
    pub title: &'a str,
    /// For searchers; such pages are found. Without one, searchers are asked to keep out.
    pub description: Option<&'a str>,
    /// Its one address.
    pub canonical: Option<&'a str>,
    /// Feeds of the same matter: media type and address.
    pub feeds: Vec<(&'static str, String)>,
    /// What others show when somebody passes its address on.
    pub card: Option<Card<'a>>,
    /// Its place in the bar.
    pub here: Here,
}

/// A place in the bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Here {
    /// None of them.
    #[default]
    Elsewhere,
    /// The newsletters, their issues, and one of these.
    Issues,
    /// The search.
    Search,
    /// Signing up.
    Subscribe,
}

/// The bar's places: what they are called and where they lead.
const PLACES: [(Here, &str, &str); 3] = [
    (Here::Issues, "nav-issues", "/"),
    (Here::Search, "search-title", "/search"),
    (Here::Subscribe, "nav-subscribe", "/subscribe"),
];

/// What a page looks like where its address is passed on (Open Graph, <https://ogp.me/>), and what machines read in it (JSON-LD).
#[derive(Debug, Clone)]
pub(super) struct Card<'a> {
    /// What it is about.
    pub description: &'a str,
    /// The address of its picture, with what it shows.
    pub picture: Option<(String, &'a str)>,
    /// When it was published.
    pub published: chrono::DateTime<chrono::Utc>,
    /// When it was last changed.
    pub modified: chrono::DateTime<chrono::Utc>,
    /// The same for machines, as schema.org words.
    pub schema: serde_json::Value,
}

/// A page.
pub(super) fn page(site: Site<'_>, about: About<'_>, main: &Markup) -> String {
    let texts = site.texts();
    let language = Language::parse(texts.code()).unwrap_or_else(|_| Language::english());
    let here = about.here;
    html! {
        (DOCTYPE)
        html lang=(language) dir=(language.direction().as_str()) style=(site.style()) {
            (head(site, about))
            body {
                a.skip href="#content" { (texts.say("skip")) }
                div.frame {
                    header {
                        div.bar {
                            a.mark href=(site.path("/")) { (site.publication.name) }
                            nav aria-label=(texts.say("navigation")) {
                                ul {
                                    @for (place, words, path) in PLACES {
                                        li { a href=(site.path(path)) aria-current=[(place == here).then_some("true")] { (texts.say(words)) } }
                                    }
                                }
                            }
                        }
                        div.oxford {}
                    }
                    main #content { (main) }
                    (foot(site))
                }
            }
        }
    }
    .into_string()
}

fn head(site: Site<'_>, about: About<'_>) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            meta name="color-scheme" content="light dark";
            @match about.description {
                Some(description) => meta name="description" content=(description);,
                None => meta name="robots" content="noindex";,
            }
            title { (about.title) ": " (site.publication.name) }
            @if let Some(url) = about.canonical { link rel="canonical" href=(url); }
            @for (kind, url) in about.feeds { link rel="alternate" type=(kind) href=(url); }
            @if let Some(card) = about.card { (open_graph(site, about.title, about.canonical, &card)) }
            link rel="icon" type="image/svg+xml" href=(site.path("/icon.svg"));
            link rel="stylesheet" href={ (site.path("/site.css")) "?v=" (css_version()) };
        }
    }
}

fn open_graph(site: Site<'_>, title: &str, canonical: Option<&str>, card: &Card<'_>) -> Markup {
    html! {
        meta property="og:type" content="article";
        meta property="og:site_name" content=(site.publication.name);
        meta property="og:title" content=(title);
        meta property="og:description" content=(card.description);
        @if let Some(url) = canonical { meta property="og:url" content=(url); }
        @if let Some((url, alt)) = &card.picture {
            meta property="og:image" content=(url);
            meta property="og:image:alt" content=(alt);
        }
        meta property="article:published_time" content=(card.published.to_rfc3339());
        meta property="article:modified_time" content=(card.modified.to_rfc3339());
        (raw::json_ld(&card.schema))
    }
}

fn foot(site: Site<'_>) -> Markup {
    let texts = site.texts();
    html! {
        footer.foot {
            ul {
                li { a href=(site.publication.url) { (site.publication.name) } }
                li { a href=(site.publication.privacy_url) { (texts.say("privacy")) } }
                li { a href={ "mailto:" (site.publication.contact) } { (texts.say("contact")) } }
            }
            p { (site.publication.name) (texts.say("list-comma")) (site.publication.postal_address) }
        }
    }
}

/// A part of a page under the Oxford rule, its name at the side where there is room.
pub(super) fn block(id: &str, name: &str, matter: &Markup) -> Markup {
    html! {
        section.block.side aria-labelledby=(id) {
            div.oxford {}
            h2 id=(id) { (name) }
            (matter)
        }
    }
}
