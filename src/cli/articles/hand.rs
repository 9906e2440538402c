//! `articles merge` and `articles split`: where the program took two stories for one, or one for two.

use super::found::{found, title};
use crate::app::App;
use crate::cli::context::{Usage, print, print_json};
use crate::store::articles::{HandError, Taken};
use serde_json::json;

/// Which two.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review articles merge 41 57 --reason \"the same report\"")]
pub struct MergeArgs {
    /// The article that stays
    into: i64,
    /// The one that becomes part of it
    other: i64,
    /// Why, for those who ask later
    #[arg(long, default_value = "one story")]
    reason: String,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// What is to be taken apart.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review articles split 41 --sighting 97")]
pub struct SplitArgs {
    /// The number of the article, or words of its headline
    #[arg(required = true, value_name = "STORY")]
    story: Vec<String>,
    /// What goes: sightings by number, as `articles show` lists them; what the latest merge brought when none is given
    #[arg(long, value_name = "NUMBER")]
    sighting: Vec<i64>,
    /// What goes: all that this source showed
    #[arg(long, value_name = "SOURCE", conflicts_with = "sighting")]
    source: Option<String>,
    /// Why, for those who ask later
    #[arg(long, default_value = "two stories")]
    reason: String,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

const ACTOR: &str = "command line";

/// Makes one story of two.
pub(super) fn merge(args: &MergeArgs, app: &App) -> anyhow::Result<()> {
    let (into, other) = (found(app, &[args.into.to_string()])?, found(app, &[args.other.to_string()])?);
    app.store.merge_articles(into.id, other.id, ACTOR, &args.reason, app.now()).map_err(told)?;
    if args.json {
        return print_json(&json!({"article": into.id.0, "merged": other.id.0, "reason": args.reason}));
    }
    print(&format!(
        "article {} ({}) is part of article {} ({}) now; `articles split {}` takes it back\n",
        other.id.0,
        title(&other),
        into.id.0,
        title(&into),
        into.id.0
    ))
}

/// Makes two stories of one.
pub(super) fn split(args: &SplitArgs, app: &App) -> anyhow::Result<()> {
    let story = found(app, &args.story)?;
    let taken = match &args.source {
        Some(source) => {
            let of_source: Vec<i64> = story.sightings.iter().filter(|s| s.source == *source).map(|s| s.id).collect();
            anyhow::ensure!(
                !of_source.is_empty(),
                Usage(format!("source {source:?} showed nothing of article {}", story.id.0))
            );
            Taken::Sightings(of_source)
        }
        None if args.sighting.is_empty() => Taken::LatestMerge,
        None => Taken::Sightings(args.sighting.clone()),
    };
    let split = app.store.split_article(story.id, &taken, ACTOR, &args.reason, app.now()).map_err(told)?;
    if args.json {
        return print_json(&json!({"article": story.id.0, "split": split.0, "reason": args.reason}));
    }
    print(&format!("article {} is a story of its own now; the rest stays article {}\n", split.0, story.id.0))
}

/// What was asked in vain is wrong usage; trouble with the database is a failure.
fn told(error: HandError) -> anyhow::Error {
    match error {
        HandError::Store(error) => error.into(),
        other => Usage(other.to_string()).into(),
    }
}
