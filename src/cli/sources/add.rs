//! `sources add` and `sources remove`: finds what a site offers, and changes the configuration file if that is wanted.

use super::toml_lines::{lines_of, with, without};
use crate::app::App;
use crate::cli::context::{Context, Usage, print, print_json, wait};
use crate::collect::discover::{Offer, discover};
use crate::config::{Config, environment};
use crate::domain::source::Source;
use crate::domain::tag::Slug;
use anyhow::Context as _;
use serde_json::json;
use std::path::Path;
use url::Url;

/// Which site.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review sources add https://www.example.org/ --write")]
pub struct AddArgs {
    /// Any address of it, or that of the feed, site map or API itself
    url: String,
    /// Its name in the configuration; made of the host when none is given
    #[arg(long, value_name = "NAME")]
    id: Option<String>,
    /// Write the first of what is found into the configuration file
    #[arg(long)]
    write: bool,
    /// The address may lie on a private network
    #[arg(long)]
    allow_private: bool,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Which source.
#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// Its name
    source: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// An address as a person types it.
pub(super) fn address(text: &str) -> Option<Url> {
    let text = text.trim();
    let written = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    Url::parse(&written).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Finds and prints; writes the first if that is asked.
pub(super) fn add(args: &AddArgs, app: &App, context: &Context) -> anyhow::Result<()> {
    let url = address(&args.url)
        .ok_or_else(|| Usage(format!("{:?} is no web address such as \"https://www.example.org/\"", args.url)))?;
    let fetch = app.fetcher();
    let found = wait(discover(&fetch, &url, args.allow_private, app.now()))?;
    let mut offers = found.with_context(|| url.to_string())?;
    anyhow::ensure!(
        !offers.is_empty(),
        "{url}: neither feed, site map nor API was found; a page that lists links can be a source with kind = \"page\""
    );
    for offer in &mut offers {
        offer.source.id = free_id(app, args.id.as_deref(), &offer.source.id)?;
    }
    if args.json {
        let value = |offer: &Offer| {
            json!({"source": offer.source.id, "name": offer.source.name, "kind": offer.source.kind.as_str(),
            "place": offer.source.kind.place(), "found": offer.found, "items": offer.items, "toml": lines_of(&offer.source)})
        };
        print_json(&offers.iter().map(value).collect::<Vec<_>>())?;
    } else {
        let text: Vec<String> = offers
            .iter()
            .map(|offer| {
                format!(
                    "# {}, {} items ({})\n{}\n",
                    offer.source.kind.as_str(),
                    offer.items,
                    offer.found,
                    lines_of(&offer.source)
                )
            })
            .collect();
        print(&text.concat())?;
    }
    match offers.first() {
        Some(best) if args.write => {
            change(&app.config.path, |text| Some(with(text, &lines_of(&best.source))))?;
            context.say(format!(
                "wrote source \"{}\" into {}; `sources try {}` shows what it brings",
                best.source.id,
                app.config.path.display(),
                best.source.id
            ));
        }
        _ => context
            .say("--write puts the first into the configuration; `sources try ADDRESS` shows what it would bring"),
    }
    Ok(())
}

/// Takes a source out of the file. What it has brought stays.
pub(super) fn remove(args: &RemoveArgs, app: &App, context: &Context) -> anyhow::Result<()> {
    let source = super::named(app, &args.source)?;
    let question =
        format!("Remove source \"{}\" from {}? What it has brought stays.", source.id, app.config.path.display());
    if !context.confirm(&question, args.yes)? {
        anyhow::bail!("nothing was changed");
    }
    change(&app.config.path, |text| without(text, source.id.as_str()))
        .with_context(|| format!("source \"{}\" could not be removed", source.id))?;
    context.say(format!("removed source \"{}\" from {}", source.id, app.config.path.display()));
    Ok(())
}

/// Changes the file as a whole, and only if the program can read what comes of it.
fn change(path: &Path, edit: impl FnOnce(&str) -> Option<String>) -> anyhow::Result<()> {
    let before = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let after = edit(&before)
        .with_context(|| format!("{}: no [[sources]] with that id stands in the file itself", path.display()))?;
    Config::parse(path, &after, &environment()).map_err(|error| {
        anyhow::anyhow!("{}: left as it was, for the change would make it unreadable:\n{error}", path.display())
    })?;
    let fresh = path.with_extension("toml.new");
    std::fs::write(&fresh, after).with_context(|| fresh.display().to_string())?;
    std::fs::set_permissions(&fresh, std::fs::metadata(path)?.permissions())?;
    std::fs::rename(&fresh, path).with_context(|| path.display().to_string())
}

/// A name that no other source has.
fn free_id(app: &App, wanted: Option<&str>, made: &Slug) -> anyhow::Result<Slug> {
    let taken = |id: &str| app.config.sources.iter().any(|source: &Source| source.id.as_str() == id);
    if let Some(wanted) = wanted {
        anyhow::ensure!(!taken(wanted), Usage(format!("there is a source \"{wanted}\" already")));
        return Slug::parse(wanted).map_err(|error| Usage(error.to_string()).into());
    }
    let numbered = (2..100).map(|n| format!("{made}-{n}"));
    let free = std::iter::once(made.as_str().to_owned()).chain(numbered).find(|id| !taken(id));
    Ok(Slug::parse(&free.unwrap_or_else(|| made.as_str().to_owned()))?)
}
