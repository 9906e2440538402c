//! `[publication]`: who publishes.

use super::reader::Table;
use super::values::{address, web_address, words};
use crate::domain::newsletter::Publication;

/// Reads `[publication]`.
pub(super) fn read(table: &Table<'_>) -> Option<Publication> {
    let name = table.required("name", "\"The Example Courier\"", words);
    let url = table.required("url", "\"https://www.example.org/\"", web_address);
    let postal_address = table.required("postal_address", "\"1 Example Street, London EC1A 1AA\"", words);
    let privacy_url = table.required("privacy_url", "\"https://www.example.org/privacy\"", web_address);
    let contact = table.required("contact", "\"editors@example.org\"", address);
    table.done();
    Some(Publication {
        name: name?,
        url: url?,
        postal_address: postal_address?,
        privacy_url: privacy_url?,
        contact: contact?.as_str().to_owned(),
    })
}
