//! `issues edit`: the editor's hand on an issue.

use super::context::{Context, Usage, print_json};
use super::hand::{editor, led_to, said};
use super::preview::chosen;
use crate::app::App;
use crate::domain::hand::{Actor, IssueEdit, StoryRef};
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use anyhow::Context as _;
use std::path::PathBuf;

/// What to change.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  week-in-review issues edit --subject \"What the tide took\" --lead 17
  week-in-review issues edit --note-file note.md --sections lobbying,economy
  week-in-review issues edit --back subject,introduction=economy
  week-in-review issues edit --undo")]
pub struct EditArgs {
    /// The number of the issue; the one to work on now when none is given
    number: Option<u32>,
    /// Its newsletter; the first one when none is given
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// The subject; {lead}, {title}, {number}, {date} and {count} are replaced
    #[arg(long)]
    subject: Option<String>,
    /// The line that inboxes show beside the subject
    #[arg(long)]
    preheader: Option<String>,
    /// A note of the editor, in Markdown; empty for none
    #[arg(long, value_name = "MARKDOWN")]
    note: Option<String>,
    /// The note from a file
    #[arg(long, value_name = "FILE", conflicts_with = "note")]
    note_file: Option<PathBuf>,
    /// The story that leads, by its number or web address
    #[arg(long, value_name = "STORY")]
    lead: Option<String>,
    /// Sections in their order; those that are not named follow
    #[arg(long, value_name = "SLUG,…", value_delimiter = ',')]
    sections: Vec<Slug>,
    /// A sentence under the title of a section
    #[arg(long, value_name = "SLUG=TEXT")]
    introduction: Vec<String>,
    /// What is again as the program makes it: subject, preheader, note, lead, sections, introduction=SLUG
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    back: Vec<String>,
    /// Take back the latest change of the issue
    #[arg(long, conflicts_with_all = ["subject", "preheader", "note", "note_file", "lead", "sections", "introduction", "back"])]
    undo: bool,
    /// Print what can be changed, the program's words beside the editor's, as one JSON value
    #[arg(long)]
    json: bool,
}

/// Changes it, or takes a change back.
pub fn run(args: &EditArgs, app: &App, context: &Context) -> anyhow::Result<()> {
    let newsletter = chosen(app, args.newsletter.as_deref())?;
    let actor = Actor::CommandLine;
    let editor = editor(app, newsletter, &actor);
    let number = args.number.map_or_else(|| editor.number(), Ok)?;
    if args.undo {
        let undone = editor.undo_issue(number)?;
        let undone = undone.ok_or_else(|| anyhow::anyhow!("No. {number} has no change to take back"))?;
        context.say(format!("No. {number}: {} taken back{}.", undone.edit.field(), led_to(&undone)));
        return Ok(());
    }
    let edits = edits(args)?;
    if edits.is_empty() && !args.json {
        return Err(Usage("nothing to change: say --subject, --preheader, --note, --lead, --sections, --introduction, --back or --undo; --json shows what there is".into()).into());
    }
    for changed in editor.issue(number, edits)? {
        context.say(format!("No. {number}: {}.", said(&changed)));
    }
    if args.json {
        return print_json(&crate::publish::hand::sides(&app.store, newsletter, app.desk(), app.now())?);
    }
    Ok(())
}

fn edits(args: &EditArgs) -> anyhow::Result<Vec<IssueEdit>> {
    let line = |text: &Option<String>| text.as_deref().map(Line::clean);
    let from_file =
        args.note_file.as_ref().map(|path| std::fs::read_to_string(path).with_context(|| path.display().to_string()));
    let note = from_file.transpose()?.or_else(|| args.note.clone());
    let lead = args.lead.as_deref().map(StoryRef::parse).transpose().map_err(Usage)?;
    let mut edits: Vec<IssueEdit> = [
        line(&args.subject).map(|subject| IssueEdit::Subject(Some(subject).filter(|line| !line.is_empty()))),
        line(&args.preheader).map(|words| IssueEdit::Preheader(Some(words).filter(|line| !line.is_empty()))),
        note.map(|note| IssueEdit::Note(Some(note).filter(|note| !note.trim().is_empty()))),
        lead.map(|lead| IssueEdit::Lead(Some(lead))),
        (!args.sections.is_empty()).then(|| IssueEdit::Order(Some(args.sections.clone()))),
    ]
    .into_iter()
    .flatten()
    .collect();
    for introduction in &args.introduction {
        let refused = || Usage(format!("--introduction {introduction:?}: write SLUG=TEXT"));
        let (slug, text) = introduction.split_once('=').ok_or_else(refused)?;
        let slug = Slug::parse(slug.trim()).map_err(|_| refused())?;
        edits.push(IssueEdit::Introduction(slug, Some(Line::clean(text))));
    }
    for field in &args.back {
        let unknown = || Usage(format!("--back {field:?}: say {}", IssueEdit::FIELDS));
        edits.push(IssueEdit::taken_back(field).ok_or_else(unknown)?);
    }
    Ok(edits)
}
