//! `issues`: the editions and their deliveries; hold, approve, resume, cancel; what is public of them afterwards.

mod after;
mod again;
mod correct;
mod rows;

use super::context::{Context, Usage, print, print_json, wait};
use crate::app::App;
use crate::domain::delivery::DeliveryState;
use crate::domain::hand::Actor;
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::Anyway;
use crate::feedback::report;
use crate::preflight;
use crate::publish::hand::Editor;
use crate::publish::review::{Decided, ReviewError};
use crate::store::issues::IssueRow;
use crate::store::ledger::Notable;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What to do with issues.
#[derive(Debug, clap::Subcommand)]
pub enum IssuesCommand {
    /// The latest issues, of one newsletter or of all
    List {
        /// Which newsletter
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// One issue: its stories, its deliveries, and every row that needs a person's eye
    Show {
        /// Which issue
        #[command(flatten)]
        which: Which,
        /// Print one JSON value
        #[arg(long)]
        json: bool,
    },
    /// Change subject, preheader, note, lead and sections of the issue to work on now
    Edit(super::issues_edit::EditArgs),
    /// Let an issue go that waits or was held, however late it is
    Approve {
        /// Which issue
        #[command(flatten)]
        which: Which,
        /// First drop the stories that were withdrawn since it was composed, for which it is held
        #[arg(long)]
        drop_withdrawn: bool,
        /// Although the preflight says that it should not go; the reason is kept in the audit
        #[arg(long, value_name = "REASON")]
        anyway: Option<String>,
    },
    /// Keep an issue from going out, or stop it in the middle; takes effect within a second. One that is still collected is held at its cut-off
    Hold {
        /// Which issue
        #[command(flatten)]
        which: Which,
        /// Why, for the others
        #[arg(long, default_value = "held by an operator")]
        reason: String,
    },
    /// Go on with an issue that was stopped
    Resume(Which),
    /// Give an issue back to be changed and approved, under its number and date: before its first mail, or after it was stopped
    #[command(after_help = "Example, a mistake that was noticed in the middle of a send:
  week-in-review issues hold 214 --reason \"wrong figure in the lead\"
  week-in-review issues reopen 214
  week-in-review articles edit 17 --summary \"…\"
  week-in-review issues approve 214

Whoever has the issue by then keeps it as it was and gets no other; all others get it as it is approved.")]
    Reopen(Which),
    /// Send an issue again to those who missed it by no fault of theirs
    Resend(again::Resend),
    /// Correct, replace or remove a story on the web after the issue was sent, with a dated note
    Amend(after::Amend),
    /// Mail a short correction, once, to exactly those who have the issue; the next issue prints it first
    Correct(correct::Correct),
    /// Take an issue off the web
    Withdraw(after::Withdraw),
    /// Take an issue back; before anybody has it, its stories and its number are free again
    Cancel {
        /// Which issue
        #[command(flatten)]
        which: Which,
        /// Why, for the others
        #[arg(long, default_value = "cancelled by an operator")]
        reason: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// An issue by its number.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The number of the issue
    number: u32,
    /// Its newsletter; needed when there are several
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
}

/// Rows of one state that are listed.
const LISTED: usize = 50;

/// Does what was asked.
pub fn run(command: &IssuesCommand, context: &Context) -> anyhow::Result<()> {
    let app = Arc::new(context.app()?);
    match command {
        IssuesCommand::List { newsletter, limit, json } => list(&app, newsletter.as_deref(), *limit, *json),
        IssuesCommand::Show { which, json } => show(&app, &which.find(&app)?, *json),
        IssuesCommand::Edit(args) => super::issues_edit::run(args, &app, context),
        IssuesCommand::Approve { which, drop_withdrawn, anyway } => {
            if let Some(reason) = anyway {
                take_upon(&app, &which.find(&app)?, reason)?;
            }
            approve(&app, which, *drop_withdrawn, context)
        }
        IssuesCommand::Hold { which, reason } => hold(&app, which, reason, context),
        IssuesCommand::Resume(which) => decide_going(&app, which, context, Editor::resume).map(|_| ()),
        IssuesCommand::Reopen(which) => reopen(&app, which, context),
        IssuesCommand::Resend(order) => again::resend(&app, order, context),
        IssuesCommand::Amend(order) => after::amend(&app, order, context),
        IssuesCommand::Correct(order) => correct::run(&app, order, context),
        IssuesCommand::Withdraw(order) => after::withdraw(&app, order, context),
        IssuesCommand::Cancel { which, reason, yes } => cancel(&app, which, reason, *yes, context),
    }
}

impl Which {
    fn newsletter<'a>(&self, app: &'a App) -> anyhow::Result<&'a Newsletter> {
        match (&self.newsletter, &app.config.newsletters[..]) {
            (Some(slug), _) => Ok(app.newsletter(slug)?),
            (None, [only]) => Ok(only),
            (None, _) => Err(Usage("several newsletters are configured; say --newsletter".into()).into()),
        }
    }

    fn find(&self, app: &App) -> anyhow::Result<IssueRow> {
        let newsletter = self.newsletter(app)?;
        let row = app.store.issue_by_number(app.newsletter_id(newsletter)?, self.number)?;
        row.ok_or_else(|| anyhow::anyhow!("{} has no issue No. {}", newsletter.slug, self.number))
    }

    /// The issue, or, where that is over, the letter that corrects it and is on its way.
    fn find_going(&self, app: &App) -> anyhow::Result<IssueRow> {
        let row = self.find(app)?;
        if !row.state.is_finished() {
            return Ok(row);
        }
        let open = app.store.open_issues(row.newsletter)?;
        Ok(open.into_iter().find(|letter| letter.corrects == row.number).unwrap_or(row))
    }

    /// Whether it is the issue that is still collected.
    fn is_coming(&self, app: &App, editor: &Editor<'_>) -> anyhow::Result<bool> {
        let is_known = app.store.issue_by_number(app.newsletter_id(editor.newsletter)?, self.number)?.is_some();
        Ok(!is_known && editor.number()? == self.number)
    }
}

fn list(app: &App, newsletter: Option<&str>, limit: usize, as_json: bool) -> anyhow::Result<()> {
    let id = newsletter
        .map(|slug| app.newsletter(slug))
        .transpose()?
        .map(|newsletter| app.newsletter_id(newsletter))
        .transpose()?;
    let rows = app.store.issues(id, limit)?;
    if as_json {
        let values = rows.iter().map(|row| outline(app, row)).collect::<anyhow::Result<Vec<_>>>()?;
        return print_json(&values);
    }
    let mut text = String::new();
    for row in &rows {
        let tally = app.store.tally(row.id)?;
        let number = row.number.map_or("–".to_owned(), |number| number.to_string());
        text.push_str(&format!(
            "{:<20} {number:>5}  {}  {:<9}  {:>6} of {:<6} {}\n",
            row.slug.as_str(),
            row.occurrence.local.format("%Y-%m-%d %H:%M"),
            row.state.as_str(),
            tally.accepted,
            tally.recipients,
            row.reason.as_deref().unwrap_or_default()
        ));
    }
    if rows.is_empty() {
        text.push_str("No issues yet.\n");
    }
    print(&text)
}

fn outline(app: &App, row: &IssueRow) -> anyhow::Result<serde_json::Value> {
    Ok(json!({
        "newsletter": row.slug, "number": row.number, "state": row.state, "reason": row.reason,
        "occurrence": row.occurrence.local.format("%Y-%m-%dT%H:%M:%S").to_string(), "zone": row.occurrence.zone.name(), "due_at": row.occurrence.at,
        "window": { "from": row.window.from(), "to": row.window.to() }, "frozen_at": row.frozen_at, "finished_at": row.finished_at,
        "deliveries": app.store.tally(row.id)?,
    }))
}

fn show(app: &App, row: &IssueRow, as_json: bool) -> anyhow::Result<()> {
    let revision = app.store.revision(row.id)?;
    let states = [
        DeliveryState::InDoubt,
        DeliveryState::Parked,
        DeliveryState::Refused,
        DeliveryState::Deferred,
        DeliveryState::Expired,
    ];
    if as_json {
        let mut value = outline(app, row)?;
        value["subject"] = json!(revision.as_ref().map(|(_, _, issue)| issue.subject.to_string()));
        value["stories"] = json!(
            revision.iter().flat_map(|(_, _, issue)| &issue.stories).map(|s| s.title.to_string()).collect::<Vec<_>>()
        );
        value["nothing"] = json!(app.store.nothing_count(row.id)?);
        value["preflight"] = json!(app.store.preflight(row.id)?);
        value["anyway"] = json!(app.store.anyway(row.id)?);
        value["revision"] = json!(revision.as_ref().map(|(n, _, _)| n));
        value["recipients_by_revision"] = json!(
            app.store
                .recipients_by_revision(row.id)?
                .into_iter()
                .map(|(n, count)| (n.to_string(), count))
                .collect::<BTreeMap<_, _>>()
        );
        value["damage"] = json!(app.store.damage(row.id)?);
        value["returned"] = json!(report::lines(&app.store.returned_of(row.id)?));
        value["corrections"] = json!(correct::lines(app, row)?);
        value["trimmed"] = json!(app.store.trimmed_variants(row.id)?);
        for state in states {
            value[state.as_str()] =
                explained(app.store.notable(row.id, state, LISTED)?, row.number.unwrap_or_default())?;
        }
        return print_json(&value);
    }
    let mut text = format!(
        "{} No. {}, {} ({}): {}{}\n",
        row.slug,
        row.number.unwrap_or_default(),
        row.occurrence.local.format("%A %-d %B %Y %H:%M"),
        row.occurrence.zone,
        row.state.as_str(),
        row.reason.as_ref().map_or(String::new(), |reason| format!(", {reason}"))
    );
    text.push_str(&format!(
        "stories first seen from {} to {}\n",
        row.window.from().format("%Y-%m-%d %H:%M"),
        row.window.to().format("%Y-%m-%d %H:%M UTC")
    ));
    if let Some((n, _, issue)) = &revision {
        text.push_str(&format!("subject: {}\n{} stories, revision {n}\n", issue.subject, issue.stories.len()));
        for story in &issue.stories {
            text.push_str(&format!("  {:>6}  {}\n", story.article.0, story.title));
        }
    }
    if let Some(report) = app.store.preflight(row.id)? {
        let at = report.at.format("%Y-%m-%d %H:%M UTC");
        text.push_str(&format!("checked {at}: {}", super::preview::in_words(&report)));
    }
    if let Some(Anyway { reason, actor, .. }) = app.store.anyway(row.id)? {
        text.push_str(&format!("  goes anyway, by {actor}: {reason}\n"));
    }
    let by_revision = app.store.recipients_by_revision(row.id)?;
    if by_revision.len() > 1 {
        let parts: Vec<String> =
            by_revision.iter().map(|(revision, recipients)| format!("{recipients} revision {revision}")).collect();
        text.push_str(&format!("reopened in the middle: {}\n", parts.join(", ")));
    }
    for fit in app.store.trimmed_variants(row.id)? {
        text.push_str(&format!("  made to fit: {fit}\n"));
    }
    let tally = app.store.tally(row.id)?;
    text.push_str(&format!(
        "{} recipients: {} accepted, {} deferred, {} refused, {} skipped, {} expired, {} in doubt, {} parked, {} waiting\n",
        tally.recipients, tally.accepted, tally.deferred, tally.refused, tally.skipped, tally.expired, tally.in_doubt, tally.parked, tally.queued
    ));
    let nothing = app.store.nothing_count(row.id)?;
    if nothing > 0 {
        text.push_str(&format!("{nothing} readers got nothing: no story has a topic that they chose\n"));
    }
    for state in states {
        for notable in app.store.notable(row.id, state, LISTED)? {
            text.push_str(&rows::row(&notable, row.number.unwrap_or_default()));
        }
    }
    for line in report::lines(&app.store.returned_of(row.id)?) {
        text.push_str(&format!("  {}\n", line.sentence));
    }
    for line in correct::lines(app, row)? {
        text.push_str(&format!("{line}\n"));
    }
    print(&text)
}

/// Rows with what each means.
fn explained(rows: Vec<Notable>, number: u32) -> anyhow::Result<serde_json::Value> {
    let explain = |notable: Notable| {
        let mut value = serde_json::to_value(&notable)?;
        value["meaning"] = json!(rows::meaning(&notable.remark, notable.is_last, number));
        Ok(value)
    };
    rows.into_iter().map(explain).collect()
}

/// Checks the issue, and takes what blocks it upon the operator.
fn take_upon(app: &Arc<App>, row: &IssueRow, reason: &str) -> anyhow::Result<()> {
    let newsletter = app.newsletter(row.slug.as_str())?;
    wait(preflight::run(app, newsletter, row))??;
    preflight::let_go_anyway(app, row, "operator", reason)?;
    Ok(())
}

/// Who decides on the command line.
fn operator<'a>(app: &'a App, newsletter: &'a Newsletter) -> Editor<'a> {
    super::hand::editor(app, newsletter, &Actor::CommandLine)
}

/// Finds the issue, calls the verb, and says what follows.
fn decide<'a>(
    app: &'a App,
    which: &Which,
    context: &Context,
    verb: impl FnOnce(&Editor<'a>, &IssueRow) -> Result<Decided, ReviewError>,
) -> anyhow::Result<IssueRow> {
    let row = which.find(app)?;
    say(&verb(&operator(app, which.newsletter(app)?), &row)?, context);
    Ok(row)
}

/// The same for what is on its way: the issue, or the letter that corrects it.
fn decide_going<'a>(
    app: &'a App,
    which: &Which,
    context: &Context,
    verb: impl FnOnce(&Editor<'a>, &IssueRow) -> Result<Decided, ReviewError>,
) -> anyhow::Result<IssueRow> {
    let row = which.find_going(app)?;
    say(&verb(&operator(app, which.newsletter(app)?), &row)?, context);
    Ok(row)
}

fn say(decided: &Decided, context: &Context) {
    context.say(format!("{} {}.", decided.about, decided.sentence));
}

fn approve(app: &App, which: &Which, drop_withdrawn: bool, context: &Context) -> anyhow::Result<()> {
    let operator = operator(app, which.newsletter(app)?);
    if which.is_coming(app, &operator)? {
        say(&operator.let_coming_go(which.number)?, context);
    } else if drop_withdrawn {
        decide(app, which, context, Editor::approve_without_withdrawn)?;
    } else {
        decide(app, which, context, |operator, row| operator.approve(row, None))?;
        say_what_blocks(app, &which.find(app)?, context)?;
    }
    Ok(())
}

/// An issue that is approved may still be held at its time.
fn say_what_blocks(app: &App, row: &IssueRow, context: &Context) -> anyhow::Result<()> {
    let (report, anyway) = (app.store.preflight(row.id)?, app.store.anyway(row.id)?);
    if let Some(sentence) = report.and_then(|report| report.in_the_way(anyway.as_ref())) {
        context.say(format!(
            "It is checked again before that; if this is not mended it is held: {sentence}. --anyway REASON lets it go."
        ));
    }
    Ok(())
}

fn hold(app: &App, which: &Which, reason: &str, context: &Context) -> anyhow::Result<()> {
    let operator = operator(app, which.newsletter(app)?);
    if which.is_coming(app, &operator)? {
        say(&operator.hold_coming(which.number, reason)?, context);
        return Ok(());
    }
    let row = decide_going(app, which, context, |operator, row| operator.hold(row, reason))?;
    say_call_back(app, &row, context)
}

/// Claims of a process that is gone would count as being in the relay's hands for ever: whoever gets the lock settles them first.
fn reopen(app: &App, which: &Which, context: &Context) -> anyhow::Result<()> {
    app.settle_claims()?;
    let row = decide(app, which, context, Editor::reopen)?;
    say_call_back(app, &row, context)
}

/// What has left for a queue of one's own can still be deleted there.
fn say_call_back(app: &App, row: &IssueRow, context: &Context) -> anyhow::Result<()> {
    let accepted = app.store.tally(row.id)?.accepted;
    if let Some(sentence) = app.call_back(&row.slug).filter(|_| accepted > 0) {
        context.say(sentence);
    }
    Ok(())
}

fn cancel(app: &App, which: &Which, reason: &str, yes: bool, context: &Context) -> anyhow::Result<()> {
    let row = which.find_going(app)?;
    let tally = app.store.tally(row.id)?;
    let question = format!("Cancel {}? {} of {} have it already.", row.name(), tally.accepted, tally.recipients);
    if !context.confirm(&question, yes)? {
        return Ok(());
    }
    let row = decide_going(app, which, context, |operator, row| operator.cancel(row, reason))?;
    say_call_back(app, &row, context)
}

/// Notes what was done to an issue after it went out, and says it.
fn tell(context: &Context, done: &crate::afterwards::Done) {
    for sentence in &done.sentences {
        context.say(sentence);
    }
}

fn done(app: &App, row: &IssueRow, action: &str, context: &Context, sentence: &str) -> anyhow::Result<()> {
    let about = format!("{} {}", row.slug, row.name());
    app.store.audit("operator", action, &about, sentence, app.now())?;
    context.say(format!("{about} {sentence}."));
    Ok(())
}
