//! An article that came as a mail (`.eml`) → [`Page`].

use crate::collect::page::{self, Page};
use crate::collect::{feed, saved_text};
use crate::domain::text::Line;
use chrono::DateTime;
use mail_parser::MessageParser;

/// Reads a message; bytes that are none give a page without a headline.
pub fn read(bytes: &[u8]) -> Page {
    let Some(message) = MessageParser::default().parse(bytes) else { return Page::default() };
    let subject = Line::clean(message.subject().unwrap_or_default());
    let html = message.body_html(0).filter(|_| {
        message.html_body_count() > 0 && message.html_part(0).is_some_and(mail_parser::MessagePart::is_text_html)
    });
    let mut page = if let Some(html) = html {
        page::read(html.as_bytes(), None, None).unwrap_or_default()
    } else {
        // The subject stands where a saved text has its headline.
        let body = message.body_text(0).unwrap_or_default();
        saved_text::read_text(&format!("Title: {subject}\n\n{body}"))
    };
    if !subject.is_empty() {
        page.title = subject;
    }
    if page.authors.is_empty() {
        let name = message.from().and_then(|from| from.first()).and_then(|address| address.name());
        page.authors = name.map(feed::byline).unwrap_or_default();
    }
    if page.published.is_none() {
        page.published = message.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0));
        page.published_raw = message.date().map(mail_parser::DateTime::to_rfc3339);
    }
    page
}
