//! `issues resend`: an issue once more to those who missed it by no fault of theirs.

use super::{Which, done};
use crate::app::App;
use crate::cli::context::{Context, Usage, print, print_json};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{DeliveryState, lane_called, providers};
use crate::domain::issue::IssueState;
use crate::domain::text::Language;
use crate::returns::again::{Again, Pass, to_all, to_reader, to_refused};
use crate::store::issues::IssueRow;
use serde_json::json;

/// Whom to send an issue to again.
#[derive(Debug, clap::Args)]
#[command(
    group = clap::ArgGroup::new("whom").required(true),
    after_help = "Examples:
  week-in-review issues resend 214 --refused --provider outlook --dry-run
  week-in-review issues resend 214 --to jo@example.org

The mail keeps its Message-ID, so that a mailbox that has it already can tell. Nobody gets it who left, paused or was suppressed since."
)]
pub struct Resend {
    /// Which issue
    #[command(flatten)]
    which: Which,
    /// Those refused for our sake (policy, reputation, authentication, quota, …); never those refused for their address
    #[arg(long, group = "whom")]
    refused: bool,
    /// Of the refused only those at this provider, such as outlook
    #[arg(long, value_name = "NAME", requires = "refused")]
    provider: Option<String>,
    /// Those who were in doubt too often; some of them may have it already
    #[arg(long, group = "whom")]
    parked: bool,
    /// Those whom no relay took it for in time
    #[arg(long, group = "whom")]
    expired: bool,
    /// One reader, whatever became of it before
    #[arg(long, value_name = "ADDRESS", group = "whom")]
    to: Option<String>,
    /// Say who would get it and queue nothing
    #[arg(long, conflicts_with = "to")]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Queues; the delivery is `run`'s or `send`'s.
pub fn resend(app: &App, order: &Resend, context: &Context) -> anyhow::Result<()> {
    let row = order.which.find(app)?;
    let lane = order.provider.as_deref().map(lane).transpose()?;
    let language = language(app, &row)?;
    if let Some(to) = &order.to {
        let address = EmailAddress::parse(to).map_err(|error| Usage(format!("--to {to:?}: {error}")))?;
        to_reader(&app.store, &row, &address, &language, app.now())?;
        return conclude(app, &row, 1, order, context);
    }
    let again = |pass| -> anyhow::Result<Again> {
        if order.refused {
            return Ok(to_refused(&app.store, &row, lane, &language, pass, app.now())?);
        }
        let state = if order.parked { DeliveryState::Parked } else { DeliveryState::Expired };
        Ok(to_all(&app.store, &row, state, pass, app.now())?)
    };
    let found = again(Pass::Look)?;
    if !order.json {
        print(&in_words(&found, order.refused))?;
    }
    if order.dry_run || found.readers() == 0 {
        return if order.json { print_json(&value(&row, &found, false)) } else { Ok(()) };
    }
    let question = format!("Send No. {} again to {} readers?", row.number.unwrap_or_default(), found.readers());
    if !context.confirm(&question, order.yes)? {
        return Ok(());
    }
    let queued = again(Pass::Queue)?;
    if order.json {
        print_json(&value(&row, &queued, true))?;
    }
    conclude(app, &row, queued.readers(), order, context)
}

fn lane(name: &str) -> anyhow::Result<i64> {
    lane_called(name)
        .ok_or_else(|| Usage(format!("--provider {name:?}: there is none of that name; use {}", providers())).into())
}

/// The newsletter's own language, as it was frozen.
fn language(app: &App, row: &IssueRow) -> anyhow::Result<Language> {
    let revision = app.store.revision(row.id)?;
    Ok(revision.map_or_else(Language::english, |(_, _, issue)| issue.newsletter.language))
}

fn in_words(found: &Again, by_cause: bool) -> String {
    let mut text = String::new();
    for (cause, readers) in &found.causes {
        text.push_str(&format!("{readers:>8}  {}\n", cause.in_words()));
    }
    if found.readers() == 0 {
        text.push_str("Nobody is to get it again.\n");
    } else if !by_cause {
        text.push_str(&format!("{:>8}  readers\n", found.readers()));
    }
    if found.left_alone > 0 {
        text.push_str(&format!("{:>8}  not again: refused for their address or mailbox\n", found.left_alone));
    }
    text
}

fn value(row: &IssueRow, again: &Again, queued: bool) -> serde_json::Value {
    let causes: serde_json::Map<_, _> =
        again.causes.iter().map(|(cause, readers)| (cause.as_str().to_owned(), json!(readers))).collect();
    json!({
        "issue": row.number, "newsletter": row.slug, "queued": queued, "readers": again.readers(), "causes": causes,
        "left_alone": again.left_alone,
    })
}

fn conclude(app: &App, row: &IssueRow, readers: u64, order: &Resend, context: &Context) -> anyhow::Result<()> {
    if order.to.is_some() && order.json {
        print_json(&value(row, &Again { others: readers, ..Again::default() }, true))?;
    }
    let who = if readers == 1 { "1 reader".to_owned() } else { format!("{readers} readers") };
    let when = if row.state == IssueState::Paused {
        "as soon as it is resumed; it is paused"
    } else {
        "by itself while `run` runs, else with `send`"
    };
    done(app, row, "resend", context, &format!("goes out again to {who}: {when}"))
}
