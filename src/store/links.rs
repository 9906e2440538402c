//! Where links lead: what their servers said, kept so that each is asked once for all mails and pages that link there.

use super::sql_types::{instant, json, millis};
use super::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;
use serde::Serialize;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// What is known of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A document is there.
    Alive,
    /// The server says that there is none.
    Dead,
    /// The server did not say: it refuses programs, has trouble, or took too long.
    Unsure,
}

impl Verdict {
    const ALL: [(Self, &'static str); 3] = [(Self::Alive, "alive"), (Self::Dead, "dead"), (Self::Unsure, "unsure")];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(verdict, _)| *verdict == self).map_or("unsure", |(_, word)| word)
    }

    fn parse(word: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == word).map_or(Self::Unsure, |(verdict, _)| *verdict)
    }
}

/// A link and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkCheck {
    /// The address.
    pub url: String,
    /// When it was asked.
    pub checked_at: DateTime<Utc>,
    /// What is known.
    pub verdict: Verdict,
    /// The server's word.
    pub detail: String,
}

impl Store {
    /// Keeps what servers said of links, and forgets what they said long ago.
    pub fn keep_link_checks(&self, checks: &[LinkCheck], now: DateTime<Utc>) -> Result<(), StoreError> {
        self.writing(|tx| {
            for check in checks {
                tx.execute(
                    "INSERT INTO link_check (url, checked_at, verdict, detail) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (url) DO UPDATE SET checked_at = excluded.checked_at, verdict = excluded.verdict, detail = excluded.detail",
                    params![check.url, millis(check.checked_at), check.verdict.as_str(), check.detail],
                )?;
            }
            tx.execute("DELETE FROM link_check WHERE checked_at < ?1", [millis(now - KEPT)])?;
            Ok(())
        })
    }

    /// What is known of these links.
    pub fn link_checks(&self, urls: &[String]) -> Result<Vec<LinkCheck>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT url, checked_at, verdict, detail FROM link_check WHERE url IN (SELECT value FROM json_each(?1)) ORDER BY url",
        )?;
        let rows = statement.query_map([json(urls)?], |row| {
            Ok(LinkCheck {
                url: row.get(0)?,
                checked_at: instant(row.get(1)?),
                verdict: Verdict::parse(&row.get::<_, String>(2)?),
                detail: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_server_counts_and_old_words_are_forgotten() {
        let store = Store::in_memory().unwrap();
        let now: DateTime<Utc> = "2026-11-20T17:00:00Z".parse().unwrap();
        let check = |url: &str, verdict, checked_at| LinkCheck {
            url: url.into(),
            checked_at,
            verdict,
            detail: "the server answered".into(),
        };
        let old = check("https://a.example/", Verdict::Unsure, now - TimeDelta::days(29));
        store.keep_link_checks(&[old.clone(), check("https://b.example/", Verdict::Dead, now)], now).unwrap();
        assert_eq!(store.link_checks(&["https://a.example/".into()]).unwrap(), [old]);
        store.keep_link_checks(&[check("https://b.example/", Verdict::Alive, now)], now + TimeDelta::days(2)).unwrap();
        let known = store.link_checks(&["https://a.example/".into(), "https://b.example/".into()]).unwrap();
        assert_eq!(known.iter().map(|link| link.verdict).collect::<Vec<_>>(), [Verdict::Alive]);
    }
}
