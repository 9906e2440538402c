//! The last look: the page of each story of an issue is fetched again before the issue is composed, and before its first mail. What has vanished
//! drops out, what has changed is taken. Writes facts; what they mean for an issue is decided by those who compose and send it.

mod withdrawn;

use super::fetch::{Answer, Fetch, FetchError, Request};
use super::link_check::fact;
use super::run::Manner;
use super::{identity, page, robots};
use crate::domain::article::ArticleId;
use crate::domain::source::{Source, SourceKind, tellers};
use crate::store::looks::{Finding, Looked, ToLook};
use crate::store::{Store, StoreError};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use withdrawn::withdrawn;

/// Pages that are looked at at the same time; each host has its own pace.
const AT_ONCE: usize = 8;
/// The most bytes of a page.
const BYTES: usize = 4 << 20;

/// What a look found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookReport {
    /// Pages that were looked at.
    pub looked: usize,
    /// Stories that say something else now.
    pub changed: Vec<ArticleId>,
    /// Stories that have vanished, with their headlines and why.
    pub gone: Vec<(ArticleId, String, String)>,
    /// Sources of which so much vanished at once that it is the site and not the stories: nothing was taken out.
    pub sites: Vec<String>,
}

/// Looks at the pages of stories and keeps what was found. What cannot be reached stays as it is.
pub async fn last_look<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    sources: &[Source],
    articles: &[ArticleId],
    now: DateTime<Utc>,
    manner: &Manner,
) -> Result<LookReport, StoreError> {
    let looks = store.to_look(articles, &tellers(sources))?.into_iter().filter_map(|look| {
        // Stories of folders and files are the newsroom's own: their pages may not be up yet.
        let source = sources.iter().find(|source| source.id.as_str() == look.source && source.kind.is_remote())?;
        Some(async move {
            let finding = find(store, fetch, source, &look, now, manner).await;
            (look, finding)
        })
    });
    let found: Vec<(ToLook, Option<Finding>)> = futures_util::stream::iter(looks).buffered(AT_ONCE).collect().await;
    let mut report = LookReport { looked: found.len(), ..LookReport::default() };
    let down = sites_down(&found);
    for (look, finding) in found {
        let Some(finding) = finding else { continue };
        if matches!(finding, Finding::Gone(_)) && down.contains(&look.source) {
            continue;
        }
        store.keep_finding(&look, &finding, now)?;
        match finding {
            Finding::Gone(why) => report.gone.push((look.article, look.text.title.to_string(), why)),
            Finding::Changed(..) => report.changed.push(look.article),
            Finding::Same(_) => {}
        }
    }
    for site in down {
        let sentence = format!(
            "source \"{site}\": so many of its stories have vanished at once that it must be the site; they are kept as they were and looked at again before the issue goes out"
        );
        store.raise_alarm("site-vanished", &site, &sentence, now)?;
        report.sites.push(site);
    }
    Ok(report)
}

/// Sources of which more than two and more than a fifth of what was looked at is gone.
fn sites_down(found: &[(ToLook, Option<Finding>)]) -> Vec<String> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (look, finding) in found {
        let (gone, all) = counts.entry(&look.source).or_default();
        // What was gone before is no news of this look.
        *gone += usize::from(matches!(finding, Some(Finding::Gone(_))) && !look.is_gone);
        *all += 1;
    }
    counts
        .into_iter()
        .filter(|(_, (gone, all))| is_the_site(*gone, *all))
        .map(|(source, _)| source.to_owned())
        .collect()
}

/// Whether so many of all have vanished at one look that it is the site and not the stories.
fn is_the_site(gone: usize, all: usize) -> bool {
    gone > 2 && gone * 5 > all
}

/// What the page of a story says; `None` when it cannot be reached, which proves nothing.
async fn find<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    source: &Source,
    look: &ToLook,
    now: DateTime<Utc>,
    manner: &Manner,
) -> Option<Finding> {
    if !robots::may_read(store, fetch, source, &look.url, now).await.unwrap_or(false) {
        return None;
    }
    let request = Request {
        allow_private: source.allow_private,
        access: source.access_for(&look.url),
        pause: Some(manner.pause),
        ..Request::new(look.url.clone(), "text/html, application/xhtml+xml;q=0.9, */*;q=0.1", BYTES)
    };
    let answer = fetch.fetch(request).await;
    // Whoever asks next whether the link leads anywhere need not ask again.
    if let Err(error) = store.keep_link_checks(&[fact(look.url.as_str(), &answer, now)], now) {
        tracing::warn!("what a link answered could not be kept: {error}");
    }
    let document = match answer {
        Ok(Answer::Document(document)) => document,
        Err(FetchError::Status(status @ (404 | 410))) => {
            return Some(Finding::Gone(format!("the server answers {status}")));
        }
        Ok(Answer::NotModified(_)) | Err(_) => return None,
    };
    if identity::url_key(&document.url).is_none() && identity::url_key(&look.url).is_some() {
        return Some(Finding::Gone("its address leads to the front page now".to_owned()));
    }
    let (look, is_whole) =
        (look.clone(), source.full || matches!(source.kind, SourceKind::SiteMap(_) | SourceKind::Page { .. }));
    // Reading a page computes; a panic in it is this page's trouble alone.
    let read = tokio::task::spawn_blocking(move || {
        let page = page::read(&document.bytes, document.charset.as_deref(), Some(&document.url)).ok()?;
        Some(judge(&page, &look, is_whole))
    });
    read.await.ok().flatten()
}

/// Compares a page with what is known. A feed's headline often differs from the page's from the start: such a page says something new only when it
/// differs from an earlier look, or says itself that it was changed after the feed was read.
fn judge(page: &page::Page, look: &ToLook, is_whole: bool) -> Finding {
    if let Some(word) = withdrawn(page.title.as_str()) {
        return Finding::Gone(format!("its page says {word:?}"));
    }
    let looked = Looked { title: page.title.clone(), summary: page.excerpt() };
    if looked.title.is_empty() {
        return Finding::Same(looked);
    }
    let (is_new_title, is_new_summary) = match &look.before {
        Some(before) => (before.title != looked.title, before.summary != looked.summary),
        None if is_whole => (look.text.title != looked.title, look.text.summary != looked.summary),
        None => {
            let has_changed = page.updated.is_some_and(|at| at > look.read_at);
            (has_changed && look.text.title != looked.title, false)
        }
    };
    let mut text = look.text.clone();
    if is_new_title {
        text.title = looked.title.clone();
    }
    if is_new_summary && !looked.summary.is_empty() {
        text.summary = looked.summary.clone();
        text.summary_from_lead = page.excerpt_is_made();
    }
    if text == look.text { Finding::Same(looked) } else { Finding::Changed(looked, Box::new(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::fetch::FixtureFetch;
    use crate::collect::{Manner, collect};
    use crate::domain::source::Place;
    use crate::domain::tag::Slug;
    use crate::domain::text::Line;
    use crate::domain::window::Window;
    use crate::store::candidates::Wanted;
    use chrono::TimeDelta;
    use url::Url;

    fn now() -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn page(title: &str, updated: &str) -> Vec<u8> {
        let text = "The council met at night and voted nine to two after hours in which nobody said what it had cost. "
            .repeat(5);
        format!("<html><head><title>{title}</title><meta property='og:title' content='{title}'><meta property='article:modified_time' content='{updated}'></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>").into_bytes()
    }

    const OLD: &str = "2026-11-19T00:00:00Z";
    const NEW: &str = "2026-11-20T13:00:00Z";

    /// Six stories of one source, and what their pages say; `None` for those that are gone.
    struct Week {
        store: Arc<Store>,
        source: Source,
        ids: Vec<ArticleId>,
    }

    impl Week {
        async fn open() -> Self {
            let items: Vec<String> = (1..=6).map(|n| format!("<item><guid>{n}</guid><title>Story {n}</title><link>https://ex.org/{n}</link><pubDate>Fri, 20 Nov 2026 0{n}:00:00 GMT</pubDate></item>")).collect();
            let feed = format!("<rss version='2.0'><channel><title>T</title>{}</channel></rss>", items.concat());
            let fetch = FixtureFetch::new().with("https://ex.org/feed", "application/rss+xml", feed.into_bytes());
            let place = Place::Url(Url::parse("https://ex.org/feed").unwrap());
            let source = Source::new(Slug::parse("a").unwrap(), Line::clean("A"), SourceKind::Feed(place));
            let store = Arc::new(Store::in_memory().unwrap());
            collect(&store, &fetch, std::slice::from_ref(&source), now(), &Manner::default()).await;
            let ids = (1..=6).map(ArticleId).collect();
            Self { store, source, ids }
        }

        async fn look(&self, pages: &[(u32, &str, &str)], at: DateTime<Utc>) -> LookReport {
            let mut fetch = FixtureFetch::new();
            for (n, title, updated) in pages {
                fetch = fetch.with(&format!("https://ex.org/{n}"), "text/html", page(title, updated));
            }
            let manner = Manner { pause: std::time::Duration::ZERO, ..Manner::default() };
            last_look(&self.store, &fetch, std::slice::from_ref(&self.source), &self.ids, at, &manner).await.unwrap()
        }

        fn titles(&self, at: DateTime<Utc>) -> Vec<String> {
            let newsletter = self.store.newsletter_id(&Slug::parse("week").unwrap(), now()).unwrap();
            let eligible = Window::new(now() - TimeDelta::days(30), at + TimeDelta::days(1)).unwrap();
            let found = self
                .store
                .candidates(Wanted {
                    newsletter,
                    tellers: &[],
                    eligible,
                    as_of: at,
                    composing: None,
                    also: &[],
                    also_as_of: at,
                })
                .unwrap();
            found.into_iter().map(|article| article.text.title.to_string()).collect()
        }
    }

    #[tokio::test]
    async fn what_vanished_or_was_withdrawn_drops_out_and_comes_back() {
        let week = Week::open().await;
        let at = now() + TimeDelta::hours(2);
        let some = [
            (1, "Story 1", OLD),
            (2, "Withdrawn: Story 2", NEW),
            (3, "Story 3", OLD),
            (4, "Story 4", OLD),
            (5, "Story 5", OLD),
        ];
        let report = week.look(&some, at).await;
        let why: Vec<&str> = report.gone.iter().map(|(_, _, why)| why.as_str()).collect();
        assert_eq!((report.looked, why), (6, vec!["its page says \"withdrawn\"", "the server answers 404"]));
        assert_eq!(week.titles(at), ["Story 1", "Story 3", "Story 4", "Story 5"]);
        assert_eq!(week.titles(at - TimeDelta::hours(1)).len(), 6, "an earlier instant knows nothing of it");
        assert_eq!(week.store.story_changes(ArticleId(6)).unwrap()[0].kind, "gone");
        let later = at + TimeDelta::hours(1);
        let all = [
            (1, "Story 1", OLD),
            (2, "Story 2", OLD),
            (3, "Story 3", OLD),
            (4, "Story 4", OLD),
            (5, "Story 5", OLD),
            (6, "Story 6", OLD),
        ];
        week.look(&all, later).await;
        assert_eq!(week.titles(later).len(), 6);
    }

    #[tokio::test]
    async fn when_half_of_a_source_vanishes_it_is_the_site_and_nothing_is_taken_out() {
        let week = Week::open().await;
        let report = week.look(&[(1, "Story 1", OLD), (2, "Story 2", OLD), (3, "Story 3", OLD)], now()).await;
        assert_eq!((report.gone.len(), report.sites), (0, vec!["a".to_owned()]));
        assert_eq!(week.titles(now()).len(), 6);
        assert_eq!(week.store.alarms().unwrap()[0].kind, "site-vanished");
    }

    #[test]
    fn more_than_two_and_more_than_a_fifth_are_the_site() {
        for (gone, all, expected) in
            [(2, 2, false), (3, 3, true), (3, 14, true), (3, 15, false), (4, 20, false), (5, 20, true)]
        {
            assert_eq!(is_the_site(gone, all), expected, "{gone} of {all}");
        }
    }

    #[tokio::test]
    async fn a_changed_headline_is_taken_and_one_that_differed_from_the_start_is_not() {
        let week = Week::open().await;
        let at = now() + TimeDelta::hours(2);
        let mut pages = vec![
            (1, "Story one, at length", OLD),
            (2, "Story 2 corrected", NEW),
            (3, "Story 3", OLD),
            (4, "Story 4", OLD),
            (5, "Story 5", OLD),
            (6, "Story 6", OLD),
        ];
        assert_eq!(week.look(&pages, at).await.changed, [ArticleId(2)]);
        assert_eq!(week.titles(at)[..2], ["Story 1", "Story 2 corrected"]);
        pages[0].1 = "Story one, told anew";
        let later = at + TimeDelta::hours(1);
        assert_eq!(
            week.look(&pages, later).await.changed,
            [ArticleId(1)],
            "it differs from what the look before found"
        );
        assert_eq!(week.titles(later)[0], "Story one, told anew");
    }

    #[tokio::test]
    async fn a_shared_story_is_looked_at_where_it_is_told_and_again_where_it_was_gone() {
        let week = Week::open().await;
        // The same story at its mobile address, from a second source that weighs more: it tells the story, whoever came first.
        let feed = "<rss version='2.0'><channel><title>B</title><item><guid>b1</guid><title>Story 1, as B has it</title><link>https://m.ex.org/1</link><pubDate>Fri, 20 Nov 2026 01:00:00 GMT</pubDate></item></channel></rss>";
        let fetch = FixtureFetch::new().with("https://b.example/feed", "application/rss+xml", feed.as_bytes());
        let place = Place::Url(Url::parse("https://b.example/feed").unwrap());
        let mut b = Source::new(Slug::parse("b").unwrap(), Line::clean("B"), SourceKind::Feed(place));
        b.weight = 80;
        let manner = Manner { pause: std::time::Duration::ZERO, ..Manner::default() };
        collect(&week.store, &fetch, std::slice::from_ref(&b), now(), &manner).await;
        let sources = [week.source.clone(), b];
        let pages = |withdrawn: &str| {
            FixtureFetch::new().with("https://ex.org/1", "text/html", page("Story 1", OLD)).with(
                "https://m.ex.org/1",
                "text/html",
                page(&format!("{withdrawn}Story 1, as B has it"), OLD),
            )
        };
        let look_at = async |pages: FixtureFetch, at| {
            let report = last_look(&week.store, &pages, &sources, &[ArticleId(1)], at, &manner).await.unwrap();
            (report.looked, report.gone.len())
        };
        let at = now() + TimeDelta::hours(1);
        assert_eq!(look_at(pages(""), at).await, (1, 0));
        assert_eq!(look_at(pages("Withdrawn: "), at).await, (1, 1), "the page of B, which tells it");
        assert_eq!(
            look_at(pages("Withdrawn: "), at).await,
            (2, 1),
            "and who tells it now, beside B, which may be back"
        );
        assert_eq!(look_at(pages(""), at).await, (2, 0));
        assert_eq!(look_at(pages(""), at).await, (1, 0), "B is back and tells it again");
    }
}
