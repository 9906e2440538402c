//! The shell of `preview --serve`: one digest in five views, side by side with what the reader would see. Also the two views that no browser setting
//! gives: the dark, and no pictures.
//!
//! The views are radios and sibling selectors. The one inline script of the project is here; it reloads the views when something changed.

use crate::templates::digest::DARK_OPEN;
use crate::templates::raw;
use maud::{DOCTYPE, Markup, html};
use url::form_urlencoded::Serializer;

/// What the preview shows.
#[derive(Debug, Clone, Copy)]
pub struct Showing<'a> {
    /// Slug and title of every newsletter.
    pub newsletters: &'a [(&'a str, &'a str)],
    /// The slug of the one that is shown.
    pub selected: &'a str,
    /// The instant it is shown at, as asked for; now if none.
    pub at: Option<&'a str>,
    /// The reader it is shown as; a reader of everything if none.
    pub reader: Option<&'a str>,
    /// One line about what is shown: number, stories, size.
    pub line: &'a str,
}

/// The views: identity, name, format, width in CSS pixels, the dark, pictures.
const VIEWS: [(&str, &str, &str, u32, bool, bool); 5] = [
    ("desktop", "Desktop", "html", 680, false, true),
    ("phone", "Phone", "html", 375, false, true),
    ("dark", "Dark", "html", 680, true, true),
    ("text", "Text", "text", 680, false, true),
    ("blind", "Images off", "html", 680, false, false),
];

/// A story that was considered, and why it stands where it does, or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasoned {
    /// Its headline.
    pub title: String,
    /// The language of that, for the browser.
    pub language: String,
    /// In or out, and where, in a sentence.
    pub sentence: String,
    /// The rest: names and words.
    pub why: Vec<(String, String)>,
}

/// The page around the views. Its views are served at `/view/html`, `/view/text` and `/view/why`, its reloads announced at `/events`.
pub fn shell(showing: Showing<'_>) -> String {
    html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            (head(&format!("Preview: {}", showing.selected)))
            body {
                h1 { "Preview" }
                (chooser(showing))
                p.line { (showing.line) }
                div.both {
                    main {
                        @for (at, (id, name, ..)) in VIEWS.iter().enumerate() {
                            input type="radio" name="view" id=(id) aria-label=(name) checked[at == 0];
                        }
                        div.tabs { @for (id, name, ..) in &VIEWS { label for=(id) { (name) } } }
                        @for view in &VIEWS { (pane(showing, view)) }
                    }
                    aside aria-labelledby="why" {
                        h2 #why { "Why in, why out" }
                        iframe title="Why each story stands where it does" src=(address(showing, "why", false, true)) {}
                    }
                }
                (raw::script(RELOAD))
            }
        }
    }
    .into_string()
}

/// Newsletter, instant and reader: a form that only asks for the same page again.
fn chooser(showing: Showing<'_>) -> Markup {
    html! {
        form method="get" action="/" {
            label {
                "Newsletter "
                select name="newsletter" {
                    @for (slug, title) in showing.newsletters {
                        option value=(slug) selected[*slug == showing.selected] { (title) }
                    }
                }
            }
            label { "At " input name="at" value=(showing.at.unwrap_or_default()) placeholder="now"; }
            label { "As " input name="as" value=(showing.reader.unwrap_or_default()) placeholder="a reader of everything"; }
            button type="submit" { "Show" }
        }
    }
}

fn pane(showing: Showing<'_>, view: &(&str, &str, &str, u32, bool, bool)) -> Markup {
    let (id, name, format, width, dark, images) = *view;
    html! {
        div class={ "pane p-" (id) } {
            iframe title=(name) width=(width) src=(address(showing, format, dark, images)) loading="lazy" {}
        }
    }
}

/// The address of a view; every value encoded.
fn address(showing: Showing<'_>, format: &str, dark: bool, images: bool) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("newsletter", showing.selected);
    for (name, value) in [("at", showing.at), ("as", showing.reader)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    if dark {
        query.append_pair("dark", "1");
    }
    if !images {
        query.append_pair("images", "0");
    }
    format!("/view/{format}?{}", query.finish())
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width,initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            (raw::style(STYLE))
        }
    }
}

/// The frame beside the views: all that was considered, in or out, and why.
pub fn reasons(stories: &[Reasoned]) -> String {
    html! {
        (DOCTYPE)
        html lang="en" dir="ltr" {
            (head("Why in, why out"))
            body.reasons {
                @if stories.is_empty() { p { "No story was considered." } }
                @for story in stories {
                    details {
                        summary { b lang=(story.language) dir="auto" { (story.title) } br; (story.sentence) }
                        dl { @for (name, words) in &story.why { dt { (name) } dd { (words) } } }
                    }
                }
            }
        }
    }
    .into_string()
}

/// A digest inside the shell: its links open beside it, not in the frame.
pub fn framed(html: &str) -> String {
    html.replacen("<head>", "<head><base target=\"_blank\">", 1)
}

/// A digest as an app in the dark shows it: the block for the dark applies without being asked for.
pub fn darkened(html: &str) -> String {
    let Some((before, block)) = html.split_once(DARK_OPEN) else { return html.to_owned() };
    let Some((rules, after)) = block.split_once("}</style>") else { return html.to_owned() };
    format!("{before}:root{{color-scheme:dark}}{rules}</style>{after}")
}

/// A digest as an app shows it that loads no pictures: their addresses are gone, their descriptions stand.
pub fn without_images(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<img") {
        let (before, image) = rest.split_at(at);
        let end = image.find('>').map_or(image.len(), |end| end + 1);
        out.push_str(before);
        out.push_str(&sourceless(&image[..end]));
        rest = &image[end..];
    }
    out + rest
}

fn sourceless(tag: &str) -> String {
    match tag.split_once(" src=\"").and_then(|(before, rest)| Some((before, rest.split_once('"')?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => tag.to_owned(),
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark;--page:#e9e4da;--ink:#1b1815;--edge:#857b6e;--sheet:#fffdf8}\
@media (prefers-color-scheme:dark){:root{--page:#26231f;--ink:#f1ece4;--edge:#8d8377;--sheet:#191714}}\
*{box-sizing:border-box}\
body{margin:0;padding:16px 20px;background:var(--page);color:var(--ink);font:16px/24px -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}\
h1{margin:0;font:400 28px/40px Georgia,'Times New Roman',serif}\
form{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center}\
select,form input,button{min-height:44px;padding:8px 12px;font:inherit;color:inherit;background:var(--sheet);border:1px solid var(--edge);border-radius:0}\
button{cursor:pointer;font-weight:600}\
.line{margin:8px 0}\
main{position:relative}\
main>input{position:absolute;opacity:0;width:1px;height:1px}\
.tabs{display:flex;flex-wrap:wrap;margin:8px 0 16px}\
.tabs label{min-height:44px;padding:9px 16px;border:1px solid var(--edge);margin-inline-end:-1px;cursor:pointer}\
.pane{display:none}\
iframe{display:block;max-width:100%;height:calc(100vh - 60px);min-height:480px;margin:0 auto;border:1px solid var(--edge);background:#f3eee4;color-scheme:light}\
.p-dark iframe{background:#0e0d0c}\
.p-text iframe{background:#fff}\
h2{margin:24px 0 12px;font:400 20px/26px Georgia,'Times New Roman',serif}\
aside iframe{width:100%;background:var(--page);color-scheme:inherit}\
@media (min-width:1100px){.both{display:grid;grid-template-columns:minmax(0,1fr) 360px;gap:0 24px}h2{margin-top:17px}}\
.reasons{padding:4px 12px;font-size:15px;line-height:22px}\
.reasons summary{min-height:44px;padding:8px 0;cursor:pointer;overflow-wrap:anywhere}\
.reasons dt{font-weight:600}\
.reasons dd{margin:0 0 8px;overflow-wrap:anywhere}\
#desktop:checked~.p-desktop,#phone:checked~.p-phone,#dark:checked~.p-dark,#text:checked~.p-text,#blind:checked~.p-blind{display:block}\
#desktop:checked~.tabs [for=desktop],#phone:checked~.tabs [for=phone],#dark:checked~.tabs [for=dark],#text:checked~.tabs [for=text],#blind:checked~.tabs [for=blind]{background:var(--ink);color:var(--sheet)}\
#desktop:focus-visible~.tabs [for=desktop],#phone:focus-visible~.tabs [for=phone],#dark:focus-visible~.tabs [for=dark],#text:focus-visible~.tabs [for=text],#blind:focus-visible~.tabs [for=blind]{outline:3px solid #9b1b22;outline-offset:2px}";

/// Reloads the views, not the page, so that the chosen view and the place in it stay. Public for its hash, by which a policy allows it alone.
pub const RELOAD: &str = "new EventSource('/events').onmessage=function(){\
for(const frame of document.querySelectorAll('iframe')){\
const top=frame.contentWindow.scrollY;\
frame.onload=function(){frame.contentWindow.scrollTo(0,top)};\
frame.contentWindow.location.reload()}}";

#[cfg(test)]
mod tests {
    use super::*;

    fn showing<'a>() -> Showing<'a> {
        Showing {
            newsletters: &[("week", "The Week"), ("lobbying", "Lobbying")],
            selected: "week",
            at: Some("2026-11-20T17:00:00+01:00"),
            reader: Some("a&b@example.org"),
            line: "No. 214, 20 stories",
        }
    }

    #[test]
    fn every_view_keeps_the_instant_and_the_reader() {
        let html = shell(showing());
        assert_eq!(html.matches("<iframe").count(), 6);
        let query = "newsletter=week&amp;at=2026-11-20T17%3A00%3A00%2B01%3A00&amp;as=a%26b%40example.org";
        assert_eq!(html.matches(query).count(), 6);
        assert!(
            html.contains(&format!("/view/html?{query}&amp;dark=1\""))
                && html.contains(&format!("{query}&amp;images=0\""))
        );
    }

    #[test]
    fn each_view_has_a_rule_that_shows_it() {
        for (id, ..) in VIEWS {
            for rule in [format!("#{id}:checked~.p-{id}"), format!("#{id}:checked~.tabs [for={id}]")] {
                assert!(STYLE.contains(&rule), "{rule}");
            }
        }
    }

    #[test]
    fn every_story_is_told_in_words_beside_the_views() {
        let story = Reasoned {
            title: "Border <Towns>".into(),
            language: "en".into(),
            sentence: "on the web only: number 3 in Security, which prints 2".into(),
            why: vec![("Score".into(), "92: source 50".into())],
        };
        let html = reasons(&[story]);
        for words in ["Border &lt;Towns&gt;", "which prints 2", "<dt>Score</dt><dd>92: source 50</dd>"] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn links_open_beside_the_preview() {
        assert_eq!(
            framed("<html><head><meta></head><head>"),
            "<html><head><base target=\"_blank\"><meta></head><head>"
        );
    }

    #[test]
    fn in_the_dark_the_dark_applies() {
        let html = format!("<style>{}</style><p>", crate::templates::digest::dark("#ff9d92"));
        let dark = darkened(&html);
        assert!(!dark.contains("@media") && dark.contains(".acc{color:#ff9d92!important}"), "{dark}");
        assert_eq!(dark.matches('{').count(), dark.matches('}').count());
        assert_eq!(darkened("<p>no block"), "<p>no block");
    }

    #[test]
    fn without_images_only_their_descriptions_stand() {
        let html = "<p><a><img class=\"img\" src=\"https://a/b.png\" width=\"2\" alt=\"A pier\"></a><img alt=\"\"></p>";
        assert_eq!(without_images(html), "<p><a><img class=\"img\" width=\"2\" alt=\"A pier\"></a><img alt=\"\"></p>");
    }
}
