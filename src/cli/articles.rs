//! `articles`: the stories of the coming issue, and the editor's hand on them. What can be said; each subcommand has a file of its own.

mod add;
mod considered;
mod edit;
mod explain;
mod found;
mod hand;
mod list;
mod show;

pub(super) use explain::why_value;

use super::context::Context;
use crate::domain::hand::Place;

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
    /// Put a story before all others, whatever its score
    Pin(edit::PlaceArgs),
    /// Leave a story out
    Drop(edit::PlaceArgs),
    /// Let a story stand in another section
    Move(edit::MoveArgs),
    /// Give a story another headline, summary or picture
    Edit(edit::EditArgs),
    /// Take back the latest change of a story
    Undo(edit::UndoArgs),
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
        ArticlesCommand::Pin(args) => edit::place(args, Place::Pin, &app, context),
        ArticlesCommand::Drop(args) => edit::place(args, Place::Drop, &app, context),
        ArticlesCommand::Move(args) => edit::shift(args, &app, context),
        ArticlesCommand::Edit(args) => edit::edit(args, &app, context),
        ArticlesCommand::Undo(args) => edit::undo(args, &app, context),
    }
}
