//! What the pages of the desk share: the bar with its places, what was just done, the token of forms.

use crate::domain::issue::hex;
use crate::domain::newsletter::Newsletter;
use crate::templates::pages::Site;
use crate::templates::pages::css_version as site_version;
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// What the desk adds to the style sheet of all pages; served at `/desk/desk.css`.
pub const CSS: &str = include_str!("desk.css");

/// What changes when the style sheet does.
pub fn css_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| hex(&Sha256::digest(CSS.as_bytes()))[..12].to_owned());
    &VERSION
}

/// The surroundings of a page of the desk.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The newsletter in whose colours the desk stands.
    pub host: &'a Newsletter,
    /// Who looks; none at the door.
    pub editor: Option<&'a str>,
    /// The token that forms carry.
    pub token: &'a str,
    /// The newsletters, for the bar.
    pub newsletters: &'a [Newsletter],
    /// What was done right before, if anything.
    pub said: Option<Said<'a>>,
}

/// A sentence about what was just done or refused.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The sentence.
    pub sentence: &'a str,
    /// Whether it was done.
    pub well: bool,
}

impl Page<'_> {
    /// A place on this site, as a path.
    pub fn path(&self, place: &str) -> String {
        Site::of(self.host).path(place)
    }

    /// A form that posts, with its token.
    pub(super) fn form(&self, place: &str, class: &str, fields: &Markup) -> Markup {
        html! {
            form method="post" action=(self.path(place)) class=[(!class.is_empty()).then_some(class)] {
                input type="hidden" name="form" value=(self.token);
                (fields)
            }
        }
    }

    /// A button alone in its form.
    pub(super) fn button(&self, place: &str, class: &str, name: &str, value: &str, label: &str) -> Markup {
        self.form(place, "one", &html! { button class=(class) name=(name) value=(value) { (label) } })
    }

    /// The document. `here` is the place of the bar that it belongs to; `foot` stays at the bottom of a phone's screen.
    pub(super) fn render(&self, title: &str, here: &str, main: &Markup, foot: Option<&Markup>) -> String {
        let site = Site::of(self.host);
        html! {
            (DOCTYPE)
            html lang="en" dir="ltr" style=(site.style()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (title) ": the desk of " (self.host.publication.name) }
                    link rel="icon" type="image/svg+xml" href=(self.path("/icon.svg"));
                    link rel="stylesheet" href={ (self.path("/site.css")) "?v=" (site_version()) };
                    link rel="stylesheet" href={ (self.path("/desk/desk.css")) "?v=" (css_version()) };
                }
                body.desk {
                    a.skip href="#content" { "Skip to content" }
                    div.frame {
                        (self.bar(here))
                        main #content {
                            @if let Some(said) = self.said { (said_box(said)) }
                            (main)
                        }
                        @if let Some(foot) = foot { (foot) }
                    }
                }
            }
        }
        .into_string()
    }

    fn bar(&self, here: &str) -> Markup {
        let places = [
            ("/desk", "Desk"),
            ("/desk/issues", "Issues"),
            ("/desk/readers", "Readers"),
            ("/desk/sources", "Sources"),
            ("/desk/audit", "Audit"),
        ];
        html! {
            header {
                div.bar {
                    a.mark href=(self.path("/desk")) { (self.host.publication.name) }
                    @if let Some(editor) = self.editor {
                        nav aria-label="Desk" {
                            ul {
                                @for (place, name) in places {
                                    li { a href=(self.path(place)) aria-current=[(place == here).then_some("page")] { (name) } }
                                }
                                li { a href=(self.path("/desk/account")) aria-current=[("/desk/account" == here).then_some("page")] aria-label={ "You, " (editor) } { "You" } }
                            }
                        }
                    }
                }
                div.oxford {}
            }
        }
    }
}

fn said_box(said: Said<'_>) -> Markup {
    html! {
        @if said.well { p.said role="status" { (said.sentence) } }
        @else { p.wrong role="alert" { (said.sentence) } }
    }
}

/// A page of one sentence: why something was not done, with the way to the desk for those who have one.
pub fn notice(page: Page<'_>, title: &str, sentence: &str, is_outside: bool) -> String {
    let main = html! {
        h1.title { (title) }
        p.deck { (sentence) }
        @if !is_outside { div.acts.after-deck { a.button.plain href=(page.path("/desk")) { "To the desk" } } }
    };
    page.render(title, "", &main, None)
}

/// A part of a page under the Oxford rule, its name above it.
pub(super) fn part(id: &str, name: &str, matter: &Markup) -> Markup {
    html! {
        section.block aria-labelledby=(id) {
            div.oxford {}
            h2 id=(id) { (name) }
            (matter)
        }
    }
}
