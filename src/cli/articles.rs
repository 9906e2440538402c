//! `articles`: the stories of the coming issue, and the editor's hand on them. What can be said; each subcommand has a file of its own.

mod add;
mod considered;
mod explain;
mod found;
mod hand;
mod list;
mod show;

use super::context::Context;

/// What to do with stories.
#[derive(Debug, clap::Subcommand)]
pub enum ArticlesCommand {
    /// The stories that the coming issue would take, and those it would leave out
    List(list::ListArgs),
    /// All that is known about one story
    Show(show::ShowArgs),
    /// Take the page at an address as a story of the coming issue
    Add(add::AddArgs),
    /// Make one story of two
    Merge(hand::MergeArgs),
    /// Make two stories of one, or take a merge back
    Split(hand::SplitArgs),
    /// Why one story is in the coming issue, where, or why not
    Explain(explain::ExplainArgs),
}

/// Does what was asked.
pub fn run(command: &ArticlesCommand, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    match command {
        ArticlesCommand::List(args) => list::run(args, &app),
        ArticlesCommand::Show(args) => show::run(args, &app),
        ArticlesCommand::Add(args) => add::run(args, &app),
        ArticlesCommand::Merge(args) => hand::merge(args, &app),
        ArticlesCommand::Split(args) => hand::split(args, &app),
        ArticlesCommand::Explain(args) => explain::run(args, &app),
    }
}
