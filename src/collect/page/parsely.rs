//! What the Parse.ly service is told in one `meta` element as JSON; many newsrooms have nothing else.

use super::meta::{Metas, extend};
use crate::collect::feed::byline;
use crate::collect::prose;
use crate::domain::text::Line;

/// The record.
#[derive(Debug, Default)]
pub struct Parsely {
    /// The people.
    pub authors: Vec<Line>,
    /// The tags.
    pub tags: Vec<Line>,
    /// The section.
    pub section: Option<Line>,
    /// The date as written.
    pub published: Option<String>,
    /// The headline.
    pub title: Option<Line>,
}

impl Parsely {
    /// Reads it.
    pub fn of(metas: &Metas) -> Self {
        let value =
            metas.first(&["parsely-page"]).and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        let Some(value) = value else { return Self::default() };
        let texts = |key: &str| -> Vec<String> {
            match value.get(key) {
                Some(serde_json::Value::String(text)) => vec![text.clone()],
                Some(serde_json::Value::Array(many)) => {
                    many.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            }
        };
        let lines = |key: &str| {
            texts(key).iter().map(|text| Line::clean_to(prose::line(text).as_str(), 80)).collect::<Vec<_>>()
        };
        let authors = lines("authors").into_iter().chain(lines("author"));
        let mut people: Vec<Line> = Vec::new();
        extend(&mut people, authors.flat_map(|name| byline(name.as_str())).collect());
        Self {
            authors: people,
            tags: lines("tags").into_iter().filter(|tag| !tag.is_empty() && !tag.as_str().contains(':')).collect(),
            section: lines("section").into_iter().find(|section| !section.is_empty()),
            published: texts("pub_date").into_iter().next(),
            title: lines("title").into_iter().find(|title| !title.is_empty()),
        }
    }
}
