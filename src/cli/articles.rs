//! `articles`: the stories of the coming issue, and the editor's hand on them. What can be said; each subcommand has a file of its own.

mod considered;
mod explain;
mod list;

use super::context::Context;

/// What to do with stories.
#[derive(Debug, clap::Subcommand)]
pub enum ArticlesCommand {
    /// The stories that the coming issue would take, and those it would leave out
    List(list::ListArgs),
    /// Why one story is in the coming issue, where, or why not
    Explain(explain::ExplainArgs),
}

/// Does what was asked.
pub fn run(command: &ArticlesCommand, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    match command {
        ArticlesCommand::List(args) => list::run(args, &app),
        ArticlesCommand::Explain(args) => explain::run(args, &app),
    }
}
