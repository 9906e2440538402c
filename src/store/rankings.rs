//! What sites say is read most: each list as it was read, so that an earlier instant shows the list of then.

use super::sql_types::{from_json, json, millis};
use super::{Store, StoreError};
use crate::domain::ranking::{MostRead, RankedPage};
use crate::domain::tag::Slug;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, named_params, params};
use url::Url;

/// How long lists are kept that others have replaced.
const KEPT: TimeDelta = TimeDelta::days(90);
/// A list that was not read for so long says nothing of this week.
const COUNTS: TimeDelta = TimeDelta::days(8);

/// The list of then: the last one that a source had shown.
const LATEST: &str = "
    SELECT r.pages FROM ranking r JOIN source s ON s.id = r.source
    WHERE s.slug = :slug AND r.seen_at <= :as_of AND r.read_at >= :since ORDER BY r.seen_at DESC LIMIT 1";

const TITLE: &str = "
    SELECT t.text, s.url FROM sighting s JOIN sighting_text t ON t.sighting = s.id
    WHERE s.id IN (SELECT id FROM sighting WHERE url_key = :key UNION SELECT sighting FROM other_address WHERE url_key = :key)
      AND t.seen_at <= :as_of ORDER BY t.seen_at DESC, t.id DESC LIMIT 1";

impl Store {
    /// Keeps a list as it was read. Returns how many of its pages the one before it had not.
    pub fn keep_ranking(&self, source: i64, pages: &[RankedPage], now: DateTime<Utc>) -> Result<u32, StoreError> {
        let text = json(pages)?;
        self.writing(|tx| {
            let last: Option<(i64, String)> = tx
                .query_row(
                    "SELECT seen_at, pages FROM ranking WHERE source = ?1 ORDER BY seen_at DESC LIMIT 1",
                    [source],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            if let Some((seen_at, _)) = last.as_ref().filter(|(_, pages)| *pages == text) {
                tx.execute(
                    "UPDATE ranking SET read_at = ?3 WHERE source = ?1 AND seen_at = ?2",
                    params![source, seen_at, millis(now)],
                )?;
                return Ok(0);
            }
            tx.execute(
                "INSERT OR REPLACE INTO ranking (source, seen_at, read_at, pages) VALUES (?1, ?2, ?2, ?3)",
                params![source, millis(now), text],
            )?;
            tx.execute("DELETE FROM ranking WHERE source = ?1 AND seen_at < ?2", params![source, millis(now - KEPT)])?;
            let before: Vec<RankedPage> = last.map(|(_, pages)| from_json(&pages)).transpose()?.unwrap_or_default();
            Ok(pages.iter().filter(|page| before.iter().all(|known| known.key != page.key)).count() as u32)
        })
    }

    /// What was read most as these sources told it by an instant, in the order of the sources and of their lists. A page without a headline that is
    /// no story of ours is left out.
    pub fn most_read(&self, sources: &[Slug], as_of: DateTime<Utc>, limit: usize) -> Result<Vec<MostRead>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(LATEST)?;
        let mut found: Vec<MostRead> = Vec::new();
        for slug in sources {
            let asked =
                named_params! {":slug": slug.as_str(), ":as_of": millis(as_of), ":since": millis(as_of - COUNTS)};
            let pages: Option<String> = statement.query_row(asked, |row| row.get(0)).optional()?;
            let pages: Vec<RankedPage> = pages.map(|pages| from_json(&pages)).transpose()?.unwrap_or_default();
            for page in pages {
                if found.len() < limit
                    && let Some(read) = told(&connection, page, as_of)?
                    && found.iter().all(|known| known.url != read.url)
                {
                    found.push(read);
                }
            }
        }
        Ok(found)
    }
}

/// A page with the headline and the address of its story, else with its own.
fn told(connection: &Connection, page: RankedPage, as_of: DateTime<Utc>) -> Result<Option<MostRead>, StoreError> {
    let mut statement = connection.prepare_cached(TITLE)?;
    let known: Option<(String, Option<String>)> = statement
        .query_row(named_params! {":key": page.key, ":as_of": millis(as_of)}, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((text, url)) = known else {
        return Ok(page.title.map(|title| MostRead { title, url: page.url, language: None }));
    };
    let text: crate::domain::article::ArticleText = from_json(&text)?;
    let url = url.and_then(|url| Url::parse(&url).ok()).unwrap_or(page.url);
    Ok(Some(MostRead { title: text.title, url, language: text.language }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Line;
    use crate::store::seeds::run;

    fn page(n: u32, title: Option<&str>) -> RankedPage {
        let url = format!("https://paper.example/{n}?from=list");
        RankedPage {
            key: format!("paper.example/{n}"),
            url: url.parse().unwrap(),
            title: title.map(Line::clean),
            views: None,
        }
    }

    #[test]
    fn a_list_shows_known_stories_by_their_headline_and_an_earlier_instant_the_list_of_then() {
        let store = Store::in_memory().unwrap();
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        run(
            &store,
            r#"INSERT INTO source (id, slug) VALUES (1, 'read');
               INSERT INTO article (id, eligible_at, first_seen_at) VALUES (1, 0, 0);
               INSERT INTO sighting (id, article, source, url, url_key, first_seen_at, last_seen_at, reason)
               VALUES (1, 1, 1, 'https://paper.example/1', 'paper.example/1', 0, 0, 'new');
               INSERT INTO sighting_text (sighting, seen_at, text)
               VALUES (1, 0, '{"title":"Our headline","summary":"","content":"","authors":[],"labels":[],"column":null,"language":"en","words":0,"picture":null}');"#,
        );
        let read = [Slug::parse("read").unwrap()];
        let titles = |at, limit| {
            let found = store.most_read(&read, at, limit).unwrap();
            found.into_iter().map(|page| page.title.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            store.keep_ranking(1, &[page(1, Some("Theirs")), page(2, None), page(3, Some("Third"))], now).unwrap(),
            3
        );
        assert_eq!(titles(now, 5), ["Our headline", "Third"]);
        let addresses: Vec<String> =
            store.most_read(&read, now, 5).unwrap().into_iter().map(|page| page.url.to_string()).collect();
        assert_eq!(addresses, ["https://paper.example/1", "https://paper.example/3?from=list"], "a story's is its own");
        let later = now + TimeDelta::hours(1);
        assert_eq!(store.keep_ranking(1, &[page(4, Some("Fourth")), page(1, None)], later).unwrap(), 1);
        assert_eq!(titles(now, 5), ["Our headline", "Third"]);
        assert_eq!(titles(later, 1), ["Fourth"]);
        assert_eq!(
            store.keep_ranking(1, &[page(4, Some("Fourth")), page(1, None)], later + TimeDelta::days(7)).unwrap(),
            0
        );
        assert_eq!(titles(later + TimeDelta::days(10), 1), ["Fourth"], "the same list was read again");
        assert_eq!(titles(later + TimeDelta::days(20), 1), Vec::<String>::new(), "nobody has read it for two weeks");
    }
}
