//! The preflight of one finished message: what a strict receiver, a reader's program or the law would find wrong with it. Reads any bytes without a
//! crash; sends, fetches and changes nothing.

mod clients;
mod contrast;
mod headers;
mod html;
mod lists;
mod markup;
mod parts;
mod signatures;
mod text;

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use serde::Serialize;

/// How much a failed check matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Such a message must not leave.
    Error,
    /// It may leave; some readers are served worse.
    Warning,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// A stable name.
    pub name: &'static str,
    /// How much it matters.
    pub level: Level,
    /// Whether all is well.
    pub ok: bool,
    /// What was found, in words.
    pub detail: String,
}

/// What was found about one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageReport {
    /// Whether no check of level error failed.
    pub ok: bool,
    /// Octets of the whole message.
    pub size: usize,
    /// Octets of the decoded HTML part.
    pub html_size: usize,
    /// All checks, passed ones too.
    pub checks: Vec<Check>,
}

/// What a message is expected to be, as far as it does not say so itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    /// Its reader wants the plain text alone.
    pub text_alone: bool,
    /// The postal address that each part must show; when it is not given, nobody looks for one.
    pub postal_address: Option<&'a str>,
}

/// Looks at a whole message, headers and all.
pub fn inspect_message(bytes: &[u8]) -> MessageReport {
    inspect_as(bytes, Expected::default())
}

/// The web addresses that an HTML document links to, each once, in order.
pub fn web_links(html: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for link in html::links(html) {
        if link.url.starts_with("http") && !links.contains(&link.url) {
            links.push(link.url);
        }
    }
    links
}

/// Looks at a message of which more is known.
pub fn inspect_as(bytes: &[u8], expected: Expected<'_>) -> MessageReport {
    let mut checks = Checks::default();
    let head = headers::Head::of(bytes);
    let Some(message) = MessageParser::default().parse(bytes).filter(|message| !message.parts.is_empty()) else {
        checks.error("message", false, "not a mail message: no header could be read");
        return checks.report(bytes.len(), 0);
    };
    let bodies = Bodies::of(&message);
    let links = html::links(&bodies.html);
    let is_newsletter = lists::is_newsletter(&head, &links, &bodies.text);

    parts::check_octets(bytes, &head, &mut checks);
    headers::check(&head, &message, &mut checks);
    if is_newsletter {
        lists::check(&head, &mut checks);
    }
    parts::check(&message, expected.text_alone, &mut checks);
    if !expected.text_alone {
        html::check(&bodies.html, is_newsletter, expected, &mut checks);
    }
    text::check(&bodies, &links, is_newsletter, expected, &mut checks);
    signatures::check(&head, &mut checks);
    checks.report(bytes.len(), bodies.html.len())
}

/// Letters and digits alone, in lower case: what is left of an address however it is set.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The decoded bodies; empty where there is none.
struct Bodies {
    text: String,
    html: String,
}

impl Bodies {
    fn of(message: &Message<'_>) -> Bodies {
        let body = |kind: &str, subtype: &str| {
            let part = message.parts.iter().find(|part| part.is_content_type(kind, subtype));
            part.and_then(|part| match &part.body {
                PartType::Text(text) | PartType::Html(text) => Some(text.replace("\r\n", "\n")),
                _ => None,
            })
        };
        Bodies { text: body("text", "plain").unwrap_or_default(), html: body("text", "html").unwrap_or_default() }
    }
}

/// Collects what is found.
#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    /// Notes a check whose failure forbids sending.
    fn error(&mut self, name: &'static str, ok: bool, detail: impl Into<String>) {
        self.0.push(Check { name, level: Level::Error, ok, detail: detail.into() });
    }

    /// Notes a check whose failure is a pity.
    fn warning(&mut self, name: &'static str, ok: bool, detail: impl Into<String>) {
        self.0.push(Check { name, level: Level::Warning, ok, detail: detail.into() });
    }

    /// Notes a check that lists what is wrong; nothing in the list is all well.
    fn none_of(&mut self, level: Level, name: &'static str, wrong: &[String]) {
        let detail = match wrong {
            [] => "none found".to_owned(),
            [first] => first.clone(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        };
        self.0.push(Check { name, level, ok: wrong.is_empty(), detail });
    }

    fn report(self, size: usize, html_size: usize) -> MessageReport {
        let ok = self.0.iter().all(|check| check.ok || check.level == Level::Warning);
        MessageReport { ok, size, html_size, checks: self.0 }
    }
}

#[cfg(test)]
mod tests;
