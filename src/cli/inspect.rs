//! `inspect`: what the program makes of one file. Reads only that file: no configuration, no database, no network. Always JSON.

use super::context::{Usage, print_json};
use crate::domain::address::EmailAddress;
use serde_json::json;
use std::path::{Path, PathBuf};
use url::Url;

/// What to look at.
#[derive(Debug, clap::Subcommand)]
pub enum InspectCommand {
    /// A feed: RSS, Atom, RDF or JSON Feed
    Feed {
        /// The file
        file: PathBuf,
        /// Where it came from; makes its links absolute
        #[arg(long)]
        url: Option<Url>,
    },
    /// An article: a page, or a saved text, Markdown or mail file
    Page {
        /// The file
        file: PathBuf,
        /// Where it came from; makes its links absolute
        #[arg(long)]
        url: Option<Url>,
    },
    /// A mail address, raw in a file
    Address {
        /// The file
        file: PathBuf,
    },
    /// An untrusted HTML fragment: prints what the cleaner leaves of it
    Html {
        /// The file
        file: PathBuf,
    },
    /// A returned message: a bounce, a delay, a complaint, an automatic answer
    Bounce {
        /// The file
        file: PathBuf,
    },
    /// A finished message: the preflight of one mail
    Message {
        /// The file
        file: PathBuf,
    },
}

/// Files larger than this are not looked at.
const LIMIT: u64 = 64 << 20;

/// Looks.
pub fn run(command: &InspectCommand) -> anyhow::Result<()> {
    match command {
        InspectCommand::Feed { file, url } => print_json(&crate::collect::inspect::feed(&read(file)?, url.as_ref())?),
        InspectCommand::Page { file, url } => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            print_json(&crate::collect::inspect::page(&read(file)?, &name, url.as_ref()))
        }
        InspectCommand::Address { file } => print_json(&address(&String::from_utf8_lossy(&read(file)?))),
        InspectCommand::Html { file } => print_json(&crate::collect::inspect::html(&read(file)?)),
        InspectCommand::Bounce { file } => print_json(&crate::feedback::read(&read(file)?)),
        InspectCommand::Message { file } => print_json(&crate::mail::inspect::inspect_message(&read(file)?)),
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let failed = |error: std::io::Error| Usage(format!("{}: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(failed)?.len();
    anyhow::ensure!(size <= LIMIT, "{}: {size} bytes are more than the limit of {LIMIT}", file.display());
    Ok(std::fs::read(file).map_err(failed)?)
}

fn address(text: &str) -> serde_json::Value {
    // The file holds the address raw: a line end at its end belongs to the file, any other white space is part of what was typed.
    match EmailAddress::parse(text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line))) {
        Ok(address) => json!({ "ok": true, "normalized": address.key(), "problem": null }),
        Err(error) => json!({ "ok": false, "normalized": null, "problem": error.to_string() }),
    }
}
