//! Pictures that were fetched and kept, by their SHA-256, and links that led to none.

use super::sql_types::millis;
use super::{Store, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{named_params, params};
use url::Url;

/// A picture as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedPicture {
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

const WANTED: &str = "
    SELECT json_extract(t.text, '$.picture.url') AS link, src.slug
    FROM article a JOIN sighting s ON s.article = a.id JOIN source src ON src.id = s.source JOIN sighting_text t ON t.sighting = s.id
    WHERE a.eligible_at >= :since AND link IS NOT NULL AND NOT EXISTS (SELECT 1 FROM picture_link l WHERE l.url = link)
    GROUP BY link ORDER BY max(a.eligible_at) DESC LIMIT :limit";

impl Store {
    /// Links to pictures of recent stories that were never tried, the latest first, each with the slug of a source that shows it.
    pub fn pictures_wanted(&self, since: DateTime<Utc>, limit: usize) -> Result<Vec<(Url, String)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(WANTED)?;
        let parameters = named_params! { ":since": millis(since), ":limit": limit as i64 };
        let rows: Vec<(String, String)> =
            statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().filter_map(|(link, slug)| Some((Url::parse(&link).ok()?, slug))).collect())
    }

    /// Keeps a picture, or the reason why a link led to none.
    pub fn keep_picture(
        &self,
        link: &Url,
        outcome: &Result<FetchedPicture, String>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.writing(|tx| {
            if let Ok(picture) = outcome {
                tx.execute(
                    "INSERT INTO picture (sha256, media_type, width, height, bytes, fetched_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (sha256) DO NOTHING",
                    params![picture.sha256, picture.media_type, picture.width, picture.height, picture.bytes, millis(now)],
                )?;
            }
            tx.execute(
                "INSERT INTO picture_link (url, sha256, tried_at, problem) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (url) DO UPDATE SET sha256 = excluded.sha256, tried_at = excluded.tried_at, problem = excluded.problem",
                params![link.as_str(), outcome.as_ref().ok().map(|p| &p.sha256), millis(now), outcome.as_ref().err()],
            )?;
            Ok(())
        })
    }
}
