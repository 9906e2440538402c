//! `issues`: the editions and their deliveries; hold, approve, resume, cancel; what is public of them afterwards.

mod after;

use super::context::{Context, Usage, print, print_json, wait};
use crate::app::App;
use crate::domain::delivery::DeliveryState;
use crate::domain::issue::IssueState;
use crate::domain::preflight::Anyway;
use crate::preflight;
use crate::store::issues::{CancelledWhen, IssueRow};
use crate::store::ledger::Notable;
use serde_json::json;
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
    /// Let an issue go that was held, however late it is
    Approve {
        /// Which issue
        #[command(flatten)]
        which: Which,
        /// Although the preflight says that it should not go; the reason is kept in the audit
        #[arg(long, value_name = "REASON")]
        anyway: Option<String>,
    },
    /// Keep an issue from going out, or stop it in the middle; takes effect within a second
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
    /// Correct, replace or remove a story on the web after the issue was sent, with a dated note
    Amend(after::Amend),
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
        IssuesCommand::Approve { which, anyway } => {
            let row = which.find(&app)?;
            if let Some(reason) = anyway {
                take_upon(&app, &row, reason)?;
            }
            approve(&app, &row, context)
        }
        IssuesCommand::Hold { which, reason } => hold(&app, &which.find(&app)?, reason, context),
        IssuesCommand::Resume(which) => resume(&app, &which.find(&app)?, context),
        IssuesCommand::Amend(order) => after::amend(&app, order, context),
        IssuesCommand::Withdraw(order) => after::withdraw(&app, order, context),
        IssuesCommand::Cancel { which, reason, yes } => cancel(&app, &which.find(&app)?, reason, *yes, context),
    }
}

impl Which {
    fn find(&self, app: &App) -> anyhow::Result<IssueRow> {
        let newsletter = match (&self.newsletter, &app.config.newsletters[..]) {
            (Some(slug), _) => app.newsletter(slug)?,
            (None, [only]) => only,
            (None, _) => return Err(Usage("several newsletters are configured; say --newsletter".into()).into()),
        };
        let id = app.newsletter_id(newsletter)?;
        let row = app.store.issue_by_number(id, self.number)?;
        row.ok_or_else(|| anyhow::anyhow!("{} has no issue No. {}", newsletter.slug, self.number))
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
        value["trimmed"] = json!(app.store.trimmed_variants(row.id)?);
        for state in states {
            value[state.as_str()] = json!(app.store.notable(row.id, state, LISTED)?);
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
            text.push_str(&remark(&notable));
        }
    }
    print(&text)
}

/// One row of the ledger in words.
fn remark(notable: &Notable) -> String {
    let Notable { recipient, remark, is_last, .. } = notable;
    let who = recipient.as_deref().unwrap_or("somebody who was erased");
    let code = remark.code.map_or(String::new(), |code| format!(" {code}"));
    let enhanced = remark.enhanced.as_ref().map_or(String::new(), |enhanced| format!(" {enhanced}"));
    let reply = remark.reply.as_deref().unwrap_or_default();
    let next = match (is_last, remark.retry_at) {
        (false, _) => "; settled by a later attempt".to_owned(),
        (true, Some(at)) => format!("; next try {}", at.format("%H:%M UTC")),
        (true, None) => String::new(),
    };
    let (state, at) = (remark.state.as_str().replace('_', " "), remark.at.format("%Y-%m-%d %H:%M"));
    let meaning = crate::mail::relay_kind::in_words(reply).filter(|_| remark.state != DeliveryState::Accepted);
    let meaning = meaning.map_or(String::new(), |meaning| format!("\n    ({meaning})"));
    format!("  {who}: {state} at attempt {} ({at}){code}{enhanced} {reply}{next}{meaning}\n", remark.attempt)
}

fn approve(app: &App, row: &IssueRow, context: &Context) -> anyhow::Result<()> {
    anyhow::ensure!(
        app.store.release_issue(row.id, app.now())?,
        "No. {} is {}: only one that waits can be approved",
        number(row),
        row.state.as_str()
    );
    done(app, row, "approve", context, "goes out as soon as it is due")?;
    let report = app.store.preflight(row.id)?;
    let anyway = app.store.anyway(row.id)?;
    if let Some(sentence) = report.and_then(|report| report.in_the_way(anyway.as_ref())) {
        context.say(format!(
            "It is checked again before that; if this is not mended it is held: {sentence}. --anyway REASON lets it go."
        ));
    }
    Ok(())
}

/// Checks the issue, and takes what blocks it upon the operator.
fn take_upon(app: &Arc<App>, row: &IssueRow, reason: &str) -> anyhow::Result<()> {
    let newsletter = app.newsletter(row.slug.as_str())?;
    wait(preflight::run(app, newsletter, row))??;
    preflight::let_go_anyway(app, row, "operator", reason)?;
    Ok(())
}

fn hold(app: &App, row: &IssueRow, reason: &str, context: &Context) -> anyhow::Result<()> {
    let now = app.now();
    let waiting = [IssueState::Composed, IssueState::Waiting, IssueState::Approved];
    let held = app.store.move_issue(row.id, &waiting, IssueState::Held, Some(reason), now)?;
    let paused =
        !held && app.store.move_issue(row.id, &[IssueState::Sending], IssueState::Paused, Some(reason), now)?;
    anyhow::ensure!(held || paused, "No. {} is {}: there is nothing to hold", number(row), row.state.as_str());
    let tally = app.store.tally(row.id)?;
    let sentence = if paused {
        format!("is stopped; {} of {} had been handed over", tally.accepted, tally.recipients)
    } else {
        "is held".to_owned()
    };
    done(app, row, "hold", context, &sentence)?;
    say_call_back(app, row, tally.accepted, context);
    Ok(())
}

/// What has left for a queue of one's own can still be deleted there.
fn say_call_back(app: &App, row: &IssueRow, accepted: u64, context: &Context) {
    if let Some(sentence) = app.call_back(&row.slug).filter(|_| accepted > 0) {
        context.say(sentence);
    }
}

fn resume(app: &App, row: &IssueRow, context: &Context) -> anyhow::Result<()> {
    if row.state == IssueState::Held {
        return approve(app, row, context);
    }
    let resumed = app.store.move_issue(row.id, &[IssueState::Paused], IssueState::Sending, None, app.now())?;
    anyhow::ensure!(resumed, "No. {} is {}: only one that was stopped can go on", number(row), row.state.as_str());
    done(app, row, "resume", context, "goes on: by itself while `run` runs, else with `send`")
}

fn cancel(app: &App, row: &IssueRow, reason: &str, yes: bool, context: &Context) -> anyhow::Result<()> {
    let tally = app.store.tally(row.id)?;
    let question = format!("Cancel No. {}? {} of {} have it already.", number(row), tally.accepted, tally.recipients);
    if !context.confirm(&question, yes)? {
        return Ok(());
    }
    let sentence = match app.store.cancel_issue(row.id, reason, app.now())? {
        Some(CancelledWhen::BeforeFirstClaim) => "is cancelled; its stories and its number are free again",
        Some(CancelledWhen::PartlySent) => "is cancelled; some have it, so it keeps its number and its stories",
        None => anyhow::bail!("No. {} is {} already", number(row), row.state.as_str()),
    };
    done(app, row, "cancel", context, sentence)?;
    say_call_back(app, row, tally.accepted, context);
    Ok(())
}

fn done(app: &App, row: &IssueRow, action: &str, context: &Context, sentence: &str) -> anyhow::Result<()> {
    let about = format!("{} No. {}", row.slug, number(row));
    app.store.audit("operator", action, &about, sentence, app.now())?;
    context.say(format!("{about} {sentence}."));
    Ok(())
}

fn number(row: &IssueRow) -> u32 {
    row.number.unwrap_or_default()
}
