//! Single mails to one reader: the question whether they meant it, their link, what they asked to be done. HTML and text of each come from one
//! description, so neither says what the other does not.

mod confirm;
mod frame;
mod fresh;

pub use confirm::{Confirm, Known, Welcome, confirm, known, welcome};
pub use fresh::{Fresh, fresh};

/// A finished letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The subject line.
    pub subject: String,
    /// The HTML document.
    pub html: String,
    /// The plain text.
    pub text: String,
}
