//! Which story leads and which stand first: a sum of parts that anybody can check, never clicks.
//!
//! | part | points |
//! |---|---|
//! | the editor's pin | 1,000 |
//! | weight of the source | 0 to 100, as configured; 50 is neutral |
//! | carried by other sources | 15 for each, at most 45 |
//! | recency | 0 to 20, from the beginning of the window to its end; 10 when undated |
//! | a picture | 10 |
//! | a summary | 10 |

use crate::domain::article::Article;
use crate::domain::window::Window;
use serde::Serialize;

/// A score in its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Points because an editor pinned it.
    pub pin: u32,
    /// The weight of the source.
    pub source: u32,
    /// Points for the other sources that carry it.
    pub carried: u32,
    /// Points for being new.
    pub recency: u32,
    /// Points for a picture.
    pub picture: u32,
    /// Points for a summary.
    pub summary: u32,
}

impl Score {
    /// Scores one article of a window; `weight` is its source's. Its words count as the program has them, so that a change of the editor's moves
    /// nothing by surprise.
    pub fn of(article: &Article, weight: u8, is_pinned: bool, window: Window) -> Self {
        let others = article.also_at.iter().map(|(source, _)| source).filter(|source| **source != article.source);
        let distinct: std::collections::BTreeSet<_> = others.collect();
        Self {
            pin: if is_pinned { 1_000 } else { 0 },
            source: u32::from(weight.min(100)),
            carried: 15 * distinct.len().min(3) as u32,
            recency: recency(article, window),
            picture: if article.picture.is_some() { 10 } else { 0 },
            summary: if article.text.summary.is_empty() { 0 } else { 10 },
        }
    }

    /// The sum.
    pub fn total(self) -> u32 {
        self.pin + self.source + self.carried + self.recency + self.picture + self.summary
    }
}

fn recency(article: &Article, window: Window) -> u32 {
    let length = (window.to() - window.from()).num_seconds();
    // The believed publication, not our first sight: an undated story must not lead because it was found late, nor fall behind for it.
    let Some(at) = article.published_at else { return 10 };
    let age = (at - window.from()).num_seconds().clamp(0, length.max(0));
    if length > 0 { (20 * age / length) as u32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::article::{ArticleId, ArticleText};
    use crate::domain::tag::Slug;
    use crate::domain::text::Line;

    #[test]
    fn a_score_is_the_sum_of_its_parts() {
        let window =
            Window::new("2026-11-13T17:00:00Z".parse().unwrap(), "2026-11-20T17:00:00Z".parse().unwrap()).unwrap();
        let source = |name: &str| Slug::parse(name).unwrap();
        let article = Article {
            id: ArticleId(1),
            url: None,
            eligible_at: window.from(),
            first_seen_at: window.from(),
            published_at: Some("2026-11-17T05:00:00Z".parse().unwrap()),
            source: source("news"),
            also_at: vec![(source("news"), None), (source("notes"), None), (source("notes"), None)],
            text: ArticleText { summary: Line::clean("What happened."), ..ArticleText::default() },
            picture: None,
        };
        let score = Score::of(&article, 60, false, window);
        assert_eq!(score, Score { pin: 0, source: 60, carried: 15, recency: 10, picture: 0, summary: 10 });
        assert_eq!(score.total(), 95);
        assert_eq!(Score::of(&article, 60, true, window).total(), 1_095);
    }
}
