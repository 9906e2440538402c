//! Sessions of editors, and failures to sign in. Tokens are here as hashes only.

use super::editors::editor;
use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::editor::{Editor, EditorId, SecretHash, SessionLife, TRY_WINDOW};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, named_params, params};
use sha2::{Digest, Sha256};

/// A session as its editor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// When it was last used.
    pub seen_at: DateTime<Utc>,
    /// The part of the network's address that it began from.
    pub network: String,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// Looking at a page is noted at most this often.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Store {
    /// Begins a session; the old one of the same browser, if there is one, ends with it.
    pub fn begin_session(
        &self,
        editor: EditorId,
        session: SecretHash,
        replaced: Option<SecretHash>,
        network: &str,
        life: SessionLife,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.writing(|tx| {
            if let Some(old) = replaced {
                tx.execute("DELETE FROM editor_session WHERE secret = ?1", [old.0.as_slice()])?;
            }
            tx.execute("DELETE FROM editor_session WHERE min(idle_until, ends_at) <= ?1", [millis(now)])?;
            tx.execute(
                "INSERT INTO editor_session (secret, editor, began_at, seen_at, idle_until, ends_at, network)
                 VALUES (:secret, :editor, :now, :now, :idle, :ends, :network)",
                named_params! {
                    ":secret": session.0.as_slice(), ":editor": editor.0, ":now": millis(now), ":idle": millis(now + life.idle),
                    ":ends": millis(now + life.whole), ":network": network,
                },
            )?;
            tx.execute("UPDATE editor SET signed_in_at = ?2 WHERE id = ?1", params![editor.0, millis(now)])?;
            Ok(())
        })
    }

    /// Whose session it is, while it lasts. Being used keeps it from idling out.
    pub fn session_editor(
        &self,
        session: SecretHash,
        life: SessionLife,
        now: DateTime<Utc>,
    ) -> Result<Option<Editor>, StoreError> {
        let found = {
            let connection = self.reading();
            let mut statement = connection.prepare_cached(
                "SELECT e.id, e.address, e.name, e.invited_at, e.invitation_until, e.joined_at, e.signed_in_at, s.seen_at
                 FROM editor_session s JOIN editor e ON e.id = s.editor
                 WHERE s.secret = ?1 AND s.idle_until > ?2 AND s.ends_at > ?2",
            )?;
            let key = params![session.0.as_slice(), millis(now)];
            statement.query_row(key, |row| Ok((editor(row), instant(row.get(7)?)))).optional()?
        };
        let Some((editor, seen_at)) = found else { return Ok(None) };
        if now - seen_at >= NOTED_EVERY {
            self.writing(|tx| {
                tx.execute(
                    "UPDATE editor_session SET seen_at = ?2, idle_until = ?3 WHERE secret = ?1",
                    params![session.0.as_slice(), millis(now), millis(now + life.idle)],
                )?;
                Ok(())
            })?;
        }
        editor.map(Some)
    }

    /// Ends one session.
    pub fn end_session(&self, session: SecretHash) -> Result<(), StoreError> {
        self.writing(|tx| {
            tx.execute("DELETE FROM editor_session WHERE secret = ?1", [session.0.as_slice()])?;
            Ok(())
        })
    }

    /// Ends every session of an editor. Returns how many there were.
    pub fn end_sessions(&self, editor: EditorId) -> Result<usize, StoreError> {
        self.writing(|tx| Ok(tx.execute("DELETE FROM editor_session WHERE editor = ?1", [editor.0])?))
    }

    /// The sessions of an editor that last, the latest first.
    pub fn sessions(
        &self,
        editor: EditorId,
        this: SecretHash,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT began_at, seen_at, network, secret = ?2 FROM editor_session
             WHERE editor = ?1 AND idle_until > ?3 AND ends_at > ?3 ORDER BY seen_at DESC",
        )?;
        let rows = statement.query_map(params![editor.0, this.0.as_slice(), millis(now)], |row| {
            Ok(SessionRow {
                began_at: instant(row.get(0)?),
                seen_at: instant(row.get(1)?),
                network: row.get(2)?,
                is_this: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Counts a try to sign in against every limit in the same transaction that reads them, so that tries at one time cannot pass together.
    /// Returns `false`, and counts nothing, when one of the limits is reached.
    pub fn try_to_sign_in(&self, limits: &[(String, u32)], now: DateTime<Utc>) -> Result<bool, StoreError> {
        let since = millis(now - TRY_WINDOW);
        self.writing(|tx| {
            tx.execute("DELETE FROM sign_in_failure WHERE at <= ?1", [since])?;
            for (about, limit) in limits {
                let sql = "SELECT count(*) FROM sign_in_failure WHERE about = ?1";
                let failures: u32 = tx.prepare_cached(sql)?.query_row([key(about)], |row| row.get(0))?;
                if failures >= *limit {
                    return Ok(false);
                }
            }
            for (about, _) in limits {
                let sql = "INSERT INTO sign_in_failure (about, at) VALUES (?1, ?2)";
                tx.prepare_cached(sql)?.execute(params![key(about), millis(now)])?;
            }
            Ok(true)
        })
    }

    /// Takes back the count of a try that was right, under each name that it was counted.
    pub fn signed_in_well(&self, limits: &[(String, u32)]) -> Result<(), StoreError> {
        self.writing(|tx| {
            for (about, _) in limits {
                tx.execute(
                    "DELETE FROM sign_in_failure WHERE rowid =
                        (SELECT rowid FROM sign_in_failure WHERE about = ?1 ORDER BY at DESC LIMIT 1)",
                    [key(about)],
                )?;
            }
            Ok(())
        })
    }
}

fn key(about: &str) -> Vec<u8> {
    Sha256::digest(about.as_bytes())[..16].to_vec()
}
