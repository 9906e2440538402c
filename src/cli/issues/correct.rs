//! `issues correct`: a short letter about an issue in which something was wrong, to exactly those who have it, once; and the first item of the next.

use super::{Which, tell};
use crate::afterwards::{AfterError, Afterwards};
use crate::app::App;
use crate::cli::context::{Context, Usage, print, print_json};
use crate::cli::send::bring_out;
use crate::domain::count::counted;
use crate::publish::correct::Draft;
use crate::store::issues::IssueRow;
use anyhow::Context as _;
use serde_json::json;
use std::path::PathBuf;

/// What to tell whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  week-in-review issues correct 214 --note correction.md --preview
  week-in-review issues correct 214 --note correction.md --yes
  week-in-review issues correct 214 --not-in-next

The letter goes through the same ledger as an issue: a crash loses nobody and repeats nobody, and the same note is never mailed twice. `issues hold`,
`resume` and `cancel` mean the letter while it is on its way.")]
pub struct Correct {
    /// Which issue
    #[command(flatten)]
    which: Which,
    /// The correction in Markdown: what was wrong, and what is right
    #[arg(long, value_name = "FILE", required_unless_present = "not_in_next")]
    note: Option<PathBuf>,
    /// Show the letter and how many would get it; write nothing
    #[arg(long, visible_alias = "dry-run", requires = "note")]
    preview: bool,
    /// Do not print it in the next issue; without --note, none of this issue's corrections any more
    #[arg(long)]
    not_in_next: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Mails it, after asking.
pub fn run(app: &App, order: &Correct, context: &Context) -> anyhow::Result<()> {
    let row = order.which.find(app)?;
    let after = Afterwards { app, row: &row, actor: "operator" };
    let Some(path) = &order.note else { return take_off_the_next(&after, context) };
    let note = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let draft = after.draft(&note)?;
    if order.preview {
        return preview(&draft, &row, order.json);
    }
    after.may_mail()?;
    if let Some(problem) = app.quota_problem(draft.readers)? {
        context.say(problem);
    }
    if !order.yes && !order.json {
        context.say(outline(&draft));
    }
    let question = format!("Mail this to {}, who have {}?", counted(draft.readers, "reader"), row.name());
    if !context.confirm(&question, order.yes)? {
        context.say("Nothing was sent.");
        return Ok(());
    }
    let (id, done) = after.correct(draft, !order.not_in_next)?;
    tell(context, &done);
    let letter = bring_out(app, id, context)?;
    conclude(app, &letter, order.json)
}

fn preview(draft: &Draft, row: &IssueRow, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let letter = draft.letter.variants.first();
        return print_json(&json!({
            "newsletter": row.slug, "issue": row.number, "recipients": draft.readers,
            "subject": letter.map(|letter| &letter.subject), "text": letter.map(|letter| &letter.text), "html": letter.map(|letter| &letter.html),
        }));
    }
    print(&format!("{}\n", outline(draft)))
}

/// The letter as most get it.
fn outline(draft: &Draft) -> String {
    let (subject, text) = draft.shown();
    format!("To {}, who have the issue\nSubject: {subject}\n\n{text}", counted(draft.readers, "reader"))
}

fn take_off_the_next(after: &Afterwards<'_>, context: &Context) -> anyhow::Result<()> {
    match after.take_off_the_next() {
        Ok(done) => tell(context, &done),
        Err(nothing @ AfterError::NotInNext(_)) => return Err(Usage(nothing.to_string()).into()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn conclude(app: &App, letter: &IssueRow, as_json: bool) -> anyhow::Result<()> {
    let tally = app.store.tally(letter.id)?;
    if as_json {
        print_json(&json!({
            "newsletter": letter.slug, "issue": letter.corrects, "state": letter.state, "recipients": tally.recipients, "deliveries": tally,
        }))?;
    } else {
        print(&format!("{}: {} of {} accepted\n", letter.name(), tally.accepted, tally.recipients))?;
    }
    anyhow::ensure!(tally.parked == 0, "{} letters are parked; `issues show` tells of them", tally.parked);
    Ok(())
}

/// What was said about an issue afterwards, for `issues show`.
pub fn lines(app: &App, row: &IssueRow) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for correction in app.store.corrections_of(row.id)? {
        let mailed = match correction.letter {
            Some(letter) => {
                let tally = app.store.tally(letter)?;
                format!("mailed to {} of {}", tally.accepted, tally.recipients)
            }
            None => "not mailed".to_owned(),
        };
        let next = if correction.in_next { ", stands in the next issue" } else { "" };
        let note = correction.note.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.push(format!("corrected {}, {mailed}{next}: {note}", correction.at.format("%Y-%m-%d %H:%M")));
    }
    Ok(lines)
}
