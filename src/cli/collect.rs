//! `collect`: collects articles now.

use super::context::{Context, Usage, print, print_json, wait};
use crate::collect::{SourceReport, Status};
use crate::domain::count::counted;
use crate::domain::tag::Slug;

/// Which sources.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review collect news opinion")]
pub struct CollectArgs {
    /// Names of sources; all of them when none is given
    sources: Vec<String>,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Collects. One bad source never stops the rest; it ends with 1 when one failed.
pub fn run(args: &CollectArgs, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let only = chosen(&args.sources, &app)?;
    let report = wait(app.collect(&only))??;
    if args.json {
        print_json(&report)?;
    } else {
        print(&report.sources.iter().map(line).collect::<String>())?;
    }
    let failed: Vec<&str> = report.sources.iter().filter(|s| s.error.is_some()).map(|s| s.source.as_str()).collect();
    anyhow::ensure!(
        failed.is_empty(),
        "{} of {} failed: {}",
        failed.len(),
        counted(report.sources.len(), "source"),
        failed.join(", ")
    );
    Ok(())
}

fn line(report: &SourceReport) -> String {
    let mut text = match (&report.error, report.status) {
        (Some(error), _) => format!("{:<20} FAILED: {error}\n", report.source),
        (None, Status::Unchanged) => format!("{:<20} unchanged\n", report.source),
        (None, _) => format!("{:<20} {} new of {}\n", report.source, report.new, report.seen),
    };
    for problem in &report.problems {
        text.push_str(&format!("  {problem}\n"));
    }
    text
}

fn chosen(names: &[String], app: &crate::app::App) -> anyhow::Result<Vec<Slug>> {
    let known = |name: &String| {
        app.config.sources.iter().find(|source| source.id.as_str() == name).map(|source| source.id.clone())
    };
    names
        .iter()
        .map(|name| {
            known(name).ok_or_else(|| {
                let all: Vec<&str> = app.config.sources.iter().map(|source| source.id.as_str()).collect();
                Usage(format!("no source {name:?}; there are: {}", all.join(", "))).into()
            })
        })
        .collect()
}
