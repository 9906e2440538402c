//! `audit`: who did what, at the desk and on the command line.

use super::context::{Context, print, print_json};
use crate::store::audit::Deed;

/// How much to show.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review audit --limit 10")]
pub struct AuditArgs {
    /// How many of the latest deeds
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Shows the latest deeds, the newest first.
pub fn run(args: &AuditArgs, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let deeds = app.store.deeds(args.limit)?;
    if args.json {
        return print_json(&deeds);
    }
    if deeds.is_empty() {
        return print("Nothing was done by hand yet.\n");
    }
    let line = |deed: &Deed| {
        let at = deed.at.format("%Y-%m-%d %H:%M UTC");
        format!("{at}  {:<20} {:<10} {}: {}\n", deed.actor, deed.action, deed.about, deed.detail)
    };
    print(&deeds.iter().map(line).collect::<String>())
}
