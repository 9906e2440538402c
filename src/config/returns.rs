//! `[returns]`: where returned mail comes back to.

use super::reader::Table;
use super::values::{address, choice};
use crate::domain::returns::{ReturnMailbox, ReturnPath};

/// What becomes of returned mail.
#[derive(Debug, Clone, Default)]
pub struct Returns {
    /// The mailbox that it comes back to, a token for each message behind its name; without one nothing is matched to messages.
    pub mailbox: Option<ReturnMailbox>,
}

/// Reads `[returns]`.
pub(super) fn read(table: &Table<'_>) -> Returns {
    let address = table.optional("address", address);
    let delimiter = table.or("delimiter", "\"+\"", choice([("+", '+'), ("-", '-'), ("=", '=')]));
    table.done();
    let mailbox = address.and_then(|address| match ReturnPath::new(address.clone(), delimiter) {
        Ok(_) => Some(ReturnMailbox { address: address.as_str().to_owned(), delimiter }),
        Err(error) => {
            table.problem("address", error.to_string());
            None
        }
    });
    Returns { mailbox }
}
