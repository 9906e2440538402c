//! Editors, their invitations and passwords. Whoever calls decides; this keeps.

use super::sql_types::{instant, millis};
use super::{Store, StoreError};
use crate::domain::address::EmailAddress;
use crate::domain::editor::{Editor, EditorId, SecretHash};
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, named_params, params};

const COLUMNS: &str = "id, address, name, invited_at, invitation_until, joined_at, signed_in_at";

impl Store {
    /// Writes an invitation: for somebody new, or anew for an editor whose password then still stands until it is taken. An older invitation is gone.
    pub fn invite_editor(
        &self,
        address: &EmailAddress,
        name: &Line,
        invitation: SecretHash,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Editor, StoreError> {
        self.writing(|tx| {
            tx.execute(
                "INSERT INTO editor (address, address_key, name, invited_at, invitation, invitation_until)
                 VALUES (:address, :key, :name, :now, :invitation, :until)
                 ON CONFLICT (address_key) DO UPDATE SET name = excluded.name, invited_at = excluded.invited_at,
                     invitation = excluded.invitation, invitation_until = excluded.invitation_until",
                named_params! {
                    ":address": address.as_str(), ":key": address.key(), ":name": name.as_str(), ":now": millis(now),
                    ":invitation": invitation.0.as_slice(), ":until": millis(until),
                },
            )?;
            tx.query_row(&format!("SELECT {COLUMNS} FROM editor WHERE address_key = ?1"), [address.key()], |row| {
                Ok(editor(row))
            })?
        })
    }

    /// Whom an invitation is for, while it can be taken.
    pub fn invited_editor(&self, invitation: SecretHash, now: DateTime<Utc>) -> Result<Option<Editor>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM editor WHERE invitation = ?1 AND invitation_until > ?2"))?;
        let found = statement.query_row(params![invitation.0.as_slice(), millis(now)], |row| Ok(editor(row)));
        found.optional()?.transpose()
    }

    /// Takes an invitation with a password's hash, once; every session of the editor ends. `None` when it cannot be taken any more.
    pub fn join_editor(
        &self,
        invitation: SecretHash,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<EditorId>, StoreError> {
        self.writing(|tx| {
            let joined: Option<i64> = tx
                .query_row(
                    "UPDATE editor SET password = :password, joined_at = coalesce(joined_at, :now), invitation = NULL, invitation_until = NULL
                     WHERE invitation = :invitation AND invitation_until > :now RETURNING id",
                    named_params! { ":password": password, ":now": millis(now), ":invitation": invitation.0.as_slice() },
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(id) = joined {
                tx.execute("DELETE FROM editor_session WHERE editor = ?1", [id])?;
            }
            Ok(joined.map(EditorId))
        })
    }

    /// An editor's password hash, by the address they sign in with; none for whoever is unknown or only invited.
    pub fn editor_password(&self, address_key: &str) -> Result<Option<(EditorId, String)>, StoreError> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached("SELECT id, password FROM editor WHERE address_key = ?1 AND password IS NOT NULL")?;
        let found = statement.query_row([address_key], |row| Ok((EditorId(row.get(0)?), row.get(1)?)));
        Ok(found.optional()?)
    }

    /// Sets another password hash in the place of the one that was checked; `false` when it changed meanwhile. Every session ends, and an
    /// invitation that lies in a mailbox is void.
    pub fn change_editor_password(&self, id: EditorId, checked: &str, password: &str) -> Result<bool, StoreError> {
        self.writing(|tx| {
            let changed = tx.execute(
                "UPDATE editor SET password = ?3, invitation = NULL, invitation_until = NULL WHERE id = ?1 AND password = ?2",
                params![id.0, checked, password],
            )?;
            if changed == 1 {
                tx.execute("DELETE FROM editor_session WHERE editor = ?1", [id.0])?;
            }
            Ok(changed == 1)
        })
    }

    /// All editors by address.
    pub fn editors(&self) -> Result<Vec<Editor>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM editor ORDER BY address_key"))?;
        let rows = statement.query_map([], |row| Ok(editor(row)))?;
        rows.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
    }

    /// Whether somebody with this address is an editor or invited to be one.
    pub fn is_editor(&self, address: &EmailAddress) -> Result<bool, StoreError> {
        let connection = self.reading();
        let sql = "SELECT EXISTS (SELECT 1 FROM editor WHERE address_key = ?1)";
        Ok(connection.query_row(sql, [address.key()], |row| row.get(0))?)
    }

    /// Removes an editor with their sessions; `false` when there was none.
    pub fn remove_editor(&self, address: &EmailAddress) -> Result<bool, StoreError> {
        self.writing(|tx| Ok(tx.execute("DELETE FROM editor WHERE address_key = ?1", [address.key()])? == 1))
    }
}

pub(super) fn editor(row: &Row<'_>) -> Result<Editor, StoreError> {
    let address: String = row.get(1)?;
    let optional =
        |at: usize| -> Result<Option<DateTime<Utc>>, StoreError> { Ok(row.get::<_, Option<i64>>(at)?.map(instant)) };
    Ok(Editor {
        id: EditorId(row.get(0)?),
        address: EmailAddress::parse(&address)
            .map_err(|error| StoreError::Unexpected(format!("the address of an editor: {error}")))?,
        name: Line::clean(&row.get::<_, String>(2)?),
        invited_at: instant(row.get(3)?),
        invitation_until: optional(4)?,
        joined_at: optional(5)?,
        signed_in_at: optional(6)?,
    })
}
