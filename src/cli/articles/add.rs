//! `articles add URL`: an editor names a page, and its story is eligible from now on.

use crate::app::{App, AppError};
use crate::cli::context::{Usage, print, print_json, wait};
use serde_json::json;

/// Which page.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review articles add https://www.example.org/2026/11/a-story")]
pub struct AddArgs {
    /// Its address
    url: String,
    /// The source that it counts to; the one on the same site when none is given
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Reads and keeps it.
pub(super) fn run(args: &AddArgs, app: &App) -> anyhow::Result<()> {
    let (added, source) = match wait(app.add_story(&args.url, args.source.as_deref()))? {
        Err(AppError::Outside(sentence)) => return Err(Usage(sentence).into()),
        added => added?,
    };
    let what = if added.is_new { "is added" } else { "was known already" };
    let detail = format!("{what}, source {source}: {}", added.reason);
    app.store.audit("operator", "add", &format!("story {}, “{}”", added.article.0, added.title), &detail, app.now())?;
    if args.json {
        return print_json(&json!({
            "article": added.article.0, "title": added.title, "new": added.is_new, "source": source, "reason": added.reason,
        }));
    }
    let what = if added.is_new { "added" } else { "known already" };
    print(&format!("{:>6}  {}\n        {what}, source {source}: {}\n", added.article.0, added.title, added.reason))
}
