//! `articles pin|drop|move|edit|undo`: the editor's hand on a story.

use crate::app::App;
use crate::cli::context::{Context, Usage, print_json, wait};
use crate::cli::hand::{editor, led_to, said};
use crate::cli::preview::chosen;
use crate::domain::article::ArticleId;
use crate::domain::hand::{Actor, Place, StoryEdit, StoryRef};
use crate::domain::tag::Slug;
use crate::domain::text::Line;

/// Which story, of which newsletter.
#[derive(Debug, clap::Args)]
pub struct WhichStory {
    /// The number of the story, as `articles list` shows it, or its web address
    #[arg(value_name = "STORY")]
    story: String,
    /// Which newsletter; the first one when none is given
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
}

/// A story that goes before all others, or nowhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review articles pin 17 --newsletter week")]
pub struct PlaceArgs {
    #[command(flatten)]
    which: WhichStory,
}

/// A story that stands in another section.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review articles move 17 lobbying")]
pub struct MoveArgs {
    #[command(flatten)]
    which: WhichStory,
    /// The section, by its slug
    section: Slug,
}

/// Other words or another picture for a story.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  week-in-review articles edit 17 --title \"Talks go on\" --summary \"\"
  week-in-review articles edit 17 --picture https://www.example.org/harbour.jpg --alt \"The harbour at dawn\"
  week-in-review articles edit 17 --back title,summary")]
pub struct EditArgs {
    #[command(flatten)]
    which: WhichStory,
    /// The headline
    #[arg(long)]
    title: Option<String>,
    /// The summary; empty for none
    #[arg(long)]
    summary: Option<String>,
    /// The address of another picture that is kept already, or none
    #[arg(long, value_name = "URL|none")]
    picture: Option<String>,
    /// What the picture shows, in words
    #[arg(long, value_name = "WORDS")]
    alt: Option<String>,
    /// Who made the picture; empty for nobody
    #[arg(long, value_name = "NAME")]
    credit: Option<String>,
    /// What is again as the program makes it: place, section, title, summary, picture, alt, credit
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    back: Vec<String>,
}

/// The latest change of a story, or all of a kind, taken back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review articles undo 17")]
pub struct UndoArgs {
    #[command(flatten)]
    which: WhichStory,
    /// Print the changes of the newsletter instead, taken back or not, as one JSON value
    #[arg(long)]
    history: bool,
}

/// Pins or drops.
pub(super) fn place(args: &PlaceArgs, place: Place, app: &App, context: &Context) -> anyhow::Result<()> {
    change(&args.which, vec![StoryEdit::Place(Some(place))], app, context)
}

/// Moves to another section.
pub(super) fn shift(args: &MoveArgs, app: &App, context: &Context) -> anyhow::Result<()> {
    change(&args.which, vec![StoryEdit::Section(Some(args.section.clone()))], app, context)
}

/// Changes words and picture.
pub(super) fn edit(args: &EditArgs, app: &App, context: &Context) -> anyhow::Result<()> {
    let line = |text: &Option<String>| text.as_deref().map(Line::clean);
    let picture = args.picture.as_deref().map(crate::config::picture_of).transpose().map_err(Usage)?;
    if let Some(picture) = &picture {
        wait(app.fetch_picture(picture))??;
    }
    let back = args.back.iter().map(|field| {
        let unknown = || Usage(format!("--back {field:?}: say {}", StoryEdit::FIELDS));
        StoryEdit::taken_back(field).ok_or_else(unknown)
    });
    let mut edits = back.collect::<Result<Vec<StoryEdit>, Usage>>()?;
    let set = [
        line(&args.title).map(|title| StoryEdit::Title(Some(title))),
        line(&args.summary).map(|summary| StoryEdit::Summary(Some(summary))),
        picture.map(|picture| StoryEdit::Picture(Some(picture))),
        line(&args.alt).map(|alt| StoryEdit::Alt(Some(alt))),
        line(&args.credit).map(|credit| StoryEdit::Credit(Some(credit))),
    ];
    edits.extend(set.into_iter().flatten());
    if edits.is_empty() {
        return Err(
            Usage("nothing to change: say --title, --summary, --picture, --alt, --credit or --back".into()).into()
        );
    }
    change(&args.which, edits, app, context)
}

/// Takes back the latest change.
pub(super) fn undo(args: &UndoArgs, app: &App, context: &Context) -> anyhow::Result<()> {
    let newsletter = chosen(app, args.which.newsletter.as_deref())?;
    if args.history {
        let id = app.newsletter_id(newsletter)?;
        return print_json(&crate::publish::hand::history(&app.store, id, 500)?);
    }
    let editor = editor(app, newsletter, &Actor::CommandLine);
    let article = find(&args.which, &editor)?;
    let undone = editor.undo_story(article)?;
    let undone = undone.ok_or_else(|| anyhow::anyhow!("story {} has no change to take back", article.0))?;
    context.say(format!("Story {}: {} taken back{}.", article.0, undone.edit.field(), led_to(&undone)));
    Ok(())
}

fn find(which: &WhichStory, editor: &crate::publish::hand::Editor<'_>) -> anyhow::Result<ArticleId> {
    Ok(editor.find(&StoryRef::parse(&which.story).map_err(Usage)?)?)
}

fn change(which: &WhichStory, edits: Vec<StoryEdit>, app: &App, context: &Context) -> anyhow::Result<()> {
    let newsletter = chosen(app, which.newsletter.as_deref())?;
    let editor = editor(app, newsletter, &Actor::CommandLine);
    let article = find(which, &editor)?;
    for changed in editor.story(article, edits)? {
        context.say(format!("Story {}: {}.", article.0, said(&changed)));
    }
    Ok(())
}
