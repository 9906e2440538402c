//! The HTML part: small enough, harmless, readable without pictures and by a screen reader.

use super::clients::gaps;
use super::contrast::Paint;
use super::markup::{Tag, Token, Tokens, unescape};
use super::{Checks, Expected, Level, letters};
use crate::domain::slot::is_noncharacter;

/// Gmail cuts an HTML part here, and the footer with the way out goes first.
const CLIPPED_AT: usize = 102_400;
/// The aim: room for what a relay adds.
const AIM: usize = 90 * 1024;
/// No mail has more; reading stops here.
const READ_AT_MOST: usize = 2 * 1024 * 1024;
/// Deeper nesting stalls the programs that readers use.
const DEEPEST: usize = 512;

/// Elements that mail programs remove or that make a filter suspicious.
const FORBIDDEN: [&str; 20] = [
    "script", "form", "iframe", "object", "embed", "applet", "base", "input", "button", "textarea", "select", "video",
    "audio", "canvas", "svg", "math", "frameset", "marquee", "template", "noscript",
];

/// A link with its text.
#[derive(Debug, Default, Clone)]
pub struct Link {
    /// Where it leads.
    pub url: String,
    /// What a reader sees of it: its text, or what stands for its picture.
    pub text: String,
}

/// All links of a document.
pub fn links(html: &str) -> Vec<Link> {
    Reading::of(html).links
}

/// Notes what the HTML must be.
pub fn check(html: &str, is_newsletter: bool, expected: Expected<'_>, checks: &mut Checks) {
    checks.error("html-size", html.len() < CLIPPED_AT, format!("{} octets, Gmail clips at {CLIPPED_AT}", html.len()));
    checks.warning("html-size-aim", html.len() <= AIM, format!("{} octets, the aim is {AIM}", html.len()));
    let reading = Reading::of(html);
    checks.error("html-read", !reading.is_unread, "at most 2 MiB and nested at most 512 deep");
    checks.error("lang", reading.lang.as_ref().is_some_and(|lang| !lang.is_empty()), "<html lang>");
    checks.warning("dir", matches!(reading.dir.as_deref(), Some("ltr" | "rtl" | "auto")), "<html dir>");
    checks.error("title", !reading.title.trim().is_empty(), "<title>, which screen readers say first");
    checks.none_of(Level::Error, "active-content", &reading.forbidden);
    checks.none_of(Level::Error, "event-attributes", &reading.events);
    checks.none_of(Level::Error, "absolute-urls", &reading.relative_urls);
    checks.none_of(Level::Warning, "https-urls", &reading.plain_http);
    checks.none_of(Level::Error, "picture-sources", &reading.bad_sources);
    checks.none_of(Level::Error, "alt-texts", &reading.without_alt);
    checks.none_of(Level::Warning, "layout-tables", &reading.tables_without_role);
    let silent: Vec<String> =
        reading.links.iter().filter(|l| l.text.trim().is_empty()).map(|l| l.url.clone()).collect();
    checks.none_of(Level::Error, "link-texts", &silent);
    let lies: Vec<String> =
        reading.links.iter().filter(|link| names_another_host(link)).map(|l| l.text.clone()).collect();
    checks.none_of(Level::Error, "link-hosts", &lies);
    checks.none_of(Level::Warning, "tracking-pixels", &reading.pixels);
    let leftovers = ["{{", "}}", "{%", "[object Object]"].iter().find(|mark| reading.visible.contains(**mark));
    checks.error(
        "leftovers",
        leftovers.is_none() && !html.contains(is_noncharacter),
        "no unfilled places of a template",
    );
    checks.none_of(Level::Warning, "contrast", &reading.pale);
    checks.none_of(Level::Warning, "client-support", &reading.gaps);
    let slots: Vec<String> = unfilled(&reading.hidden).chain(foreign_slots(&reading.visible)).collect();
    checks.none_of(Level::Warning, "merge-slots", &slots);
    if let Some(address) = expected.postal_address {
        let stands = !letters(address).is_empty() && letters(&reading.visible).contains(&letters(address));
        checks.error("postal-address-in-html", stands, "the publisher's postal address, in the HTML");
    }
    if is_newsletter {
        check_newsletter(&reading, checks);
    }
}

/// Places that look like ours, such as `{titel}`, and were not filled: in what the program fills, they are misspelt.
pub fn unfilled(text: &str) -> impl Iterator<Item = String> {
    text.split('{').skip(1).filter_map(|after| {
        let (name, _) = after.split_once('}')?;
        let is_name =
            (1..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        is_name.then(|| format!("{{{name}}}"))
    })
}

/// Places as other programs write them, which ours does not fill.
fn foreign_slots(text: &str) -> impl Iterator<Item = String> {
    [("*|", "|*"), ("[[", "]]"), ("%%", "%%"), ("<%", "%>")].into_iter().filter_map(move |(open, close)| {
        let (_, after) = text.split_once(open)?;
        let (name, _) = after.split_once(close)?;
        let is_name = (1..=40).contains(&name.len()) && !name.contains(char::is_whitespace);
        is_name.then(|| format!("{open}{name}{close}"))
    })
}

fn check_newsletter(reading: &Reading, checks: &mut Checks) {
    let preheader = readable(&reading.hidden);
    let length = preheader.chars().count();
    let opens = reading.visible_before_hidden == Some(0);
    checks.error(
        "preheader",
        (20..=250).contains(&length) && opens,
        format!("hidden text of {length} characters at the start, 20 to 250 are wanted"),
    );
    let leaves = reading.links.iter().any(|link| is_way_out(&link.text) || is_way_out(&link.url));
    checks.error("unsubscribe-in-html", leaves, "a link that ends the subscription");
}

/// Whether words or an address speak of leaving, in the languages the program writes.
pub fn is_way_out(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "unsubscribe",
        "/u/",
        "opt-out",
        "abmelden",
        "abbestell",
        "austragen",
        "désabonn",
        "désinscri",
        "لغو اشتراک",
        "إلغاء الاشتراك",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// Whether the text of a link looks like a host and the link leads to another: what phishing does, and what filters look for.
fn names_another_host(link: &Link) -> bool {
    let text = link.text.trim().to_ascii_lowercase();
    let shown =
        text.trim_start_matches("https://").trim_start_matches("http://").split(['/', ':']).next().unwrap_or_default();
    let top = shown.rsplit_once('.').map_or("", |(_, top)| top);
    let is_host = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_lowercase()) && !shown.contains(char::is_whitespace);
    let url = url::Url::parse(&link.url).ok();
    let Some(host) = url.as_ref().and_then(url::Url::host_str).filter(|_| is_host) else {
        return false;
    };
    let bare = |host: &str| format!(".{}", host.trim_start_matches("www."));
    !bare(host).ends_with(&bare(shown)) && !bare(shown).ends_with(&bare(host))
}

/// White space folded, and the invisible padding of preheaders left out.
fn readable(text: &str) -> String {
    let is_padding =
        |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{34F}' | '\u{AD}' | '\u{FEFF}' | '\u{2007}' | '\u{A0}');
    text.replace(is_padding, " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was seen on one walk through the document.
#[derive(Default)]
struct Reading {
    is_unread: bool,
    lang: Option<String>,
    dir: Option<String>,
    title: String,
    visible: String,
    hidden: String,
    visible_before_hidden: Option<usize>,
    links: Vec<Link>,
    forbidden: Vec<String>,
    events: Vec<String>,
    relative_urls: Vec<String>,
    plain_http: Vec<String>,
    bad_sources: Vec<String>,
    without_alt: Vec<String>,
    pixels: Vec<String>,
    tables_without_role: Vec<String>,
    pale: Vec<String>,
    gaps: Vec<String>,
    /// Names of open elements, and how text in them looks.
    open: Vec<(String, Option<Paint>)>,
    /// How many elements were open where hiding began.
    hidden_at: Option<usize>,
    in_link: bool,
}

impl Reading {
    fn of(html: &str) -> Reading {
        let mut reading = Reading::default();
        if html.len() > READ_AT_MOST {
            reading.is_unread = true;
            return reading;
        }
        for token in Tokens::of(html) {
            match token {
                Token::Open(tag) => reading.open(&tag),
                Token::Close(name) => reading.close(&name),
                Token::Text(text) => reading.text(&unescape(text)),
                Token::Raw("title", text) => reading.title.push_str(text),
                Token::Raw(..) => {}
            }
            if reading.open.len() > DEEPEST {
                reading.is_unread = true;
                break;
            }
        }
        reading
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if FORBIDDEN.contains(&name) || is_style_sheet(tag) || is_refresh(tag) {
            self.forbidden.push(format!("<{name}>"));
        }
        self.events.extend(tag.attribute_names().filter(|name| name.starts_with("on")).map(str::to_owned));
        match name {
            "html" => (self.lang, self.dir) = (attribute(tag, "lang"), attribute(tag, "dir")),
            "img" => self.picture(tag),
            "a" => self.link(tag),
            "table" if !matches!(attribute(tag, "role").as_deref(), Some("presentation" | "none")) => {
                self.tables_without_role.push("<table> without role=presentation".to_owned());
            }
            _ => {}
        }
        for gap in attribute(tag, "style").map(|style| gaps(&style)).unwrap_or_default() {
            once(&mut self.gaps, gap);
        }
        if !tag.is_void() {
            if self.hidden_at.is_none() && is_hidden(tag) {
                self.hidden_at = Some(self.open.len());
            }
            let paint = self.open.last().map_or_else(Paint::plain, |(_, paint)| *paint);
            self.open.push((tag.name.clone(), paint.map(|paint| paint.inside(tag))));
        }
    }

    fn close(&mut self, name: &str) {
        self.in_link &= name != "a";
        // The walk stops at DEEPEST, so the search is short.
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            self.open.truncate(at);
        }
        if self.hidden_at.is_some_and(|at| self.open.len() <= at) {
            self.hidden_at = None;
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_link {
            self.text_of_link(text);
        }
        if self.hidden_at.is_none() {
            self.visible.push_str(text);
            if let Some(fault) = self.open.last().and_then(|(_, paint)| *paint).and_then(Paint::fault)
                && !text.trim().is_empty()
            {
                once(&mut self.pale, fault);
            }
            return;
        }
        if self.visible_before_hidden.is_none() && !text.trim().is_empty() {
            self.visible_before_hidden = Some(readable(&self.visible).len());
        }
        self.hidden.push_str(text);
    }

    fn picture(&mut self, tag: &Tag<'_>) {
        let source = attribute(tag, "src").unwrap_or_default();
        let lower = source.to_ascii_lowercase();
        if !lower.starts_with("https://") && !lower.starts_with("cid:") {
            self.bad_sources.push(source.clone());
        }
        let is_tiny = |side| matches!(attribute(tag, side).as_deref(), Some("0" | "1"));
        if is_tiny("width") || is_tiny("height") {
            self.pixels.push(source.clone());
        }
        match attribute(tag, "alt") {
            None => self.without_alt.push(source),
            Some(alt) if self.in_link => self.text_of_link(&alt),
            Some(_) => {}
        }
    }

    fn text_of_link(&mut self, text: &str) {
        if let Some(link) = self.links.last_mut() {
            link.text.push_str(text);
        }
    }

    fn link(&mut self, tag: &Tag<'_>) {
        let Some(url) = attribute(tag, "href").map(|url| url.trim().to_owned()) else {
            return;
        };
        let lower = url.to_ascii_lowercase();
        let absolute = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme));
        let inside = lower.starts_with('#') && lower.len() > 1;
        if !absolute && !inside {
            self.relative_urls.push(url.clone());
        }
        if lower.starts_with("http://") {
            self.plain_http.push(url.clone());
        }
        self.links.push(Link { url, text: String::new() });
        self.in_link = true;
    }
}

/// Lists are short: what is wrong is wrong in a few ways, however often.
fn once(list: &mut Vec<String>, sentence: String) {
    if !list.contains(&sentence) {
        list.push(sentence);
    }
}

fn attribute(tag: &Tag<'_>, name: &str) -> Option<String> {
    tag.attribute(name).map(std::borrow::Cow::into_owned)
}

fn is_style_sheet(tag: &Tag<'_>) -> bool {
    tag.name == "link" && attribute(tag, "rel").is_some_and(|rel| rel.to_ascii_lowercase().contains("stylesheet"))
}

fn is_refresh(tag: &Tag<'_>) -> bool {
    tag.name == "meta" && attribute(tag, "http-equiv").is_some_and(|what| what.eq_ignore_ascii_case("refresh"))
}

fn is_hidden(tag: &Tag<'_>) -> bool {
    let style: String = attribute(tag, "style").unwrap_or_default().to_ascii_lowercase().split_whitespace().collect();
    ["display:none", "max-height:0", "mso-hide:all", "visibility:hidden"].iter().any(|rule| style.contains(rule))
}
