//! `articles add URL`: an editor names a page, and its story is eligible from now on.

use crate::app::App;
use crate::cli::context::{Usage, print, print_json, wait};
use crate::collect::add_page;
use crate::domain::source::{Place, Source, SourceKind};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use anyhow::Context as _;
use serde_json::json;
use url::Url;

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
    let url = Url::parse(args.url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| {
        Usage(format!("{:?} is no web address such as \"https://www.example.org/a-story\"", args.url))
    })?;
    let source = source_of(app, args.source.as_deref(), &url)?;
    let fetch = app.fetcher()?;
    let added = wait(add_page(&app.store, &fetch, &source, &url, app.now()))??;
    if args.json {
        return print_json(&json!({
            "article": added.article.0, "title": added.title, "new": added.is_new, "source": source.id, "reason": added.reason,
        }));
    }
    let what = if added.is_new { "added" } else { "known already" };
    print(&format!("{:>6}  {}\n        {what}, source {}: {}\n", added.article.0, added.title, source.id, added.reason))
}

/// The source that a page counts to: the named one, the one on the same site, or one that bears the name of the site.
fn source_of(app: &App, named: Option<&str>, url: &Url) -> anyhow::Result<Source> {
    if let Some(name) = named {
        let all = || app.config.sources.iter().map(|source| source.id.as_str()).collect::<Vec<_>>().join(", ");
        let found = app.config.sources.iter().find(|source| source.id.as_str() == name).cloned();
        return found.ok_or_else(|| Usage(format!("no source {name:?}; there are: {}", all())).into());
    }
    let site = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    let is_same =
        |source: &&Source| source.kind.url().or(source.base_url.as_ref()).is_some_and(|other| site(other) == site(url));
    if let Some(source) = app.config.sources.iter().find(is_same) {
        return Ok(source.clone());
    }
    let host = site(url).unwrap_or_default();
    let id: String =
        host.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let id = Slug::parse(id.trim_matches('-'))
        .with_context(|| format!("{host} gives no name for a source; say one with --source"))?;
    Ok(Source::new(id, Line::clean(&host), SourceKind::Page { place: Place::Url(url.clone()), selector: None }))
}
