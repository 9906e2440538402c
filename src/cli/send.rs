//! `send`: the latest due issue of a newsletter goes out, or goes on; `--to` mails a test and touches no state.

use super::context::{Context, Usage, print, print_json, wait};
use super::progress::Bar;
use crate::app::App;
use crate::deliver::Ended;
use crate::deliver::stop::{StopSignal, stop_switch};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::Tally;
use crate::domain::issue::{IssueId, IssueState};
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::Preflight;
use crate::preflight;
use crate::publish::edition::{coming, due};
use crate::rehearsal::rehearse;
use crate::scheduler::Step;
use crate::service::{self, after_send};
use crate::store::issues::IssueRow;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// What to send.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  week-in-review send --newsletter week --dry-run
  week-in-review send --newsletter week --to me@example.org
  week-in-review send --newsletter week --yes

Sends what is due by the schedule. `collect` first: a story that is first seen later belongs to the next issue.
Ctrl-C or SIGTERM stops it: messages that a relay has in hand get ten seconds, then they are in doubt; the same command goes on with the rest.")]
pub struct SendArgs {
    /// Which newsletter; needed when there are several
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Take the coming issue now; its regular date is used up
    #[arg(long)]
    early: bool,
    /// Mail a test to this address, or without one to the configured test addresses; nobody else gets anything and nothing is recorded
    #[arg(long, value_name = "EMAIL", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["early", "dry_run"])]
    to: Option<String>,
    /// Say what would go out and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Let it go although the preflight says that it should not; the reason is kept in the audit
    #[arg(long, value_name = "REASON", conflicts_with_all = ["to", "dry_run"])]
    anyway: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// What `send` says at its end.
#[derive(Debug, Serialize)]
struct Report {
    issue: Option<u32>,
    newsletter: String,
    state: String,
    recipients: u64,
    accepted: u64,
    deferred: u64,
    refused: u64,
    skipped: u64,
    expired: u64,
    in_doubt: u64,
    parked: u64,
    seconds: f64,
}

/// Sends.
pub fn run(args: &SendArgs, context: &Context) -> anyhow::Result<()> {
    let app = Arc::new(context.app()?);
    let newsletter = chosen(&app, args.newsletter.as_deref())?.clone();
    if let Some(to) = &args.to {
        return test_mails(&app, &newsletter, to, context);
    }
    let id = app.newsletter_id(&newsletter)?;
    if args.dry_run {
        return dry_run(args, &app, &newsletter, id);
    }
    let Some(row) = prepare(args, &app, &newsletter, id, context)? else { return Ok(()) };
    let began = std::time::Instant::now();
    let row = bring_out(&app, row.id, context)?;
    conclude(args, &app, &newsletter, &row, began.elapsed())
}

/// Delivers an issue that is being sent, or shows how the process that delivers already does it.
pub(super) fn bring_out(app: &App, id: IssueId, context: &Context) -> anyhow::Result<IssueRow> {
    if let Some(mut lock) = app.store.try_deliver_lock()? {
        return wait(deliver(app, &mut lock, id, context))?;
    }
    context.say("Another process delivers; it takes this issue too. This shows how it goes.");
    wait(watch(app, id, context))?
}

fn chosen<'a>(app: &'a App, slug: Option<&str>) -> anyhow::Result<&'a Newsletter> {
    match (slug, &app.config.newsletters[..]) {
        (Some(slug), _) => Ok(app.newsletter(slug)?),
        (None, [only]) => Ok(only),
        (None, several) => {
            let all: Vec<&str> = several.iter().map(|newsletter| newsletter.slug.as_str()).collect();
            Err(Usage(format!("several newsletters are configured; say --newsletter with one of: {}", all.join(", ")))
                .into())
        }
    }
}

/// Composes and freezes what is due, after asking. `None` when there is nothing to deliver, which was said.
fn prepare(
    args: &SendArgs,
    app: &Arc<App>,
    newsletter: &Newsletter,
    id: u16,
    context: &Context,
) -> anyhow::Result<Option<IssueRow>> {
    if let Some(row) = app.store.open_issues(id)?.into_iter().find(|row| row.state == IssueState::Sending) {
        context.say(format!("Going on with {}.", row.name()));
        return Ok(Some(row));
    }
    if let Some(reason) = &args.anyway {
        take_upon(app, newsletter, id, reason)?;
    }
    let now = app.now();
    let is_ready = |row: &IssueRow| {
        let goes = matches!(row.state, IssueState::Composed | IssueState::Approved);
        goes && row.frozen_at.is_none() && (args.early || row.occurrence.at <= now)
    };
    let waiting = app.store.open_issues(id)?.iter().any(is_ready);
    if !args.early && !waiting && due(&app.store, newsletter, id, now)?.is_none_or(|occurrence| occurrence.at > now) {
        nothing_due(args, app, newsletter, id)?;
        return Ok(None);
    }
    if !is_wanted(args, app, newsletter, id, context)? {
        context.say("Nothing was sent.");
        return Ok(None);
    }
    last_look(app, newsletter, waiting, args.early, context)?;
    loop {
        match wait(preflight::step(app, newsletter, args.early))?? {
            Step::Composed(issue) => {
                say_preflight(app, issue, context)?;
                if let Some(reason) = &args.anyway {
                    take_upon(app, newsletter, id, reason)?;
                }
            }
            Step::Revised { issue, asks_again } => {
                let again = if asks_again { ", and has to be approved again" } else { "" };
                context.say(format!("The issue was composed anew, because the editors' file was changed{again}."));
                say_preflight(app, issue, context)?;
            }
            Step::Frozen { issue, filled } => {
                if filled.nothing > 0 {
                    context.say(format!("{} readers get nothing: no story matches their topics.", filled.nothing));
                }
                return Ok(app.store.issue(issue)?);
            }
            Step::Skipped { stories, minimum, .. } => {
                context.say(format!(
                    "Only {stories} stories, {minimum} are needed: nothing goes out, they are carried over."
                ));
                if args.json {
                    print_json(&Report { state: "skipped".to_owned(), ..Report::nothing(newsletter) })?;
                }
                return Ok(None);
            }
            Step::LeftOut { occurrence, because } => {
                context.say(format!("{} is skipped: {because}.", occurrence.local.format("%a %Y-%m-%d %H:%M")));
            }
            Step::NoReaders { reason } | Step::Held { reason, .. } | Step::Blocked { reason, .. } => {
                ask_editors(app, newsletter, context)?;
                anyhow::bail!("{}: {reason}", newsletter.slug)
            }
            Step::Idle => {
                ask_editors(app, newsletter, context)?;
                nothing_due(args, app, newsletter, id)?;
                return Ok(None);
            }
        }
    }
}

/// Asks, with the number of readers; a long list is not counted where nobody is asked and no relay has a limit.
fn is_wanted(args: &SendArgs, app: &App, newsletter: &Newsletter, id: u16, context: &Context) -> anyhow::Result<bool> {
    let is_counted = !args.yes || app.a_day()?.is_some() || !app.store.has_eligible(id, app.now())?;
    if !is_counted {
        return Ok(true);
    }
    let readers = app.readers_of_next(id)?;
    anyhow::ensure!(
        readers > 0,
        "{}: nobody to send to: no active subscriber; add one with `subscribers add`",
        newsletter.slug
    );
    if let Some(problem) = app.quota_problem(readers)? {
        context.say(problem);
    }
    context.confirm(&format!("Send {} to {readers} readers?", newsletter.title), args.yes)
}

/// Asks the editors to look at what was composed and now waits for them: a service that would ask them need not run here.
fn ask_editors(app: &Arc<App>, newsletter: &Newsletter, context: &Context) -> anyhow::Result<()> {
    let told = wait(service::ask_editors(app, newsletter))??;
    match told {
        0 => {}
        1 => context.say("One editor was asked by mail to look at it."),
        more => context.say(format!("{more} editors were asked by mail to look at it.")),
    }
    Ok(())
}

/// Takes what the preflight has against an issue that could go now upon the operator.
fn take_upon(app: &Arc<App>, newsletter: &Newsletter, id: u16, reason: &str) -> anyhow::Result<()> {
    for row in app.store.open_issues(id)?.iter().filter(|row| row.frozen_at.is_none()) {
        if wait(preflight::run(app, newsletter, row))??.is_some_and(|report| report.blocking().next().is_some()) {
            preflight::let_go_anyway(app, row, "operator", reason)?;
            if row.state == IssueState::Held {
                app.store.release_issue(row.id, None, app.now())?;
            }
        }
    }
    Ok(())
}

/// What the preflight found that is worth a look.
fn say_preflight(app: &App, issue: IssueId, context: &Context) -> anyhow::Result<()> {
    for check in app.store.preflight(issue)?.iter().flat_map(Preflight::notable) {
        context.say(format!("{}: {}", check.level.as_str(), check.sentence()));
    }
    Ok(())
}

/// Looks once more at the pages of its stories: what has vanished is not taken, and holds an issue that was composed with it.
fn last_look(
    app: &App,
    newsletter: &Newsletter,
    is_composed: bool,
    early: bool,
    context: &Context,
) -> anyhow::Result<()> {
    if is_composed {
        let held = wait(app.hold_withdrawn(newsletter, early))??;
        anyhow::ensure!(held.is_empty(), "{}: held: {}", newsletter.slug, held.join("; "));
        return Ok(());
    }
    match wait(app.look_again(newsletter))? {
        Ok(report) => {
            for (article, title, why) in report.gone {
                context.say(format!("Story {} drops out, {title:?}: {why}.", article.0));
            }
        }
        Err(error) => context.say(format!("The last look failed, the stories are taken as they are: {error}.")),
    }
    Ok(())
}

fn nothing_due(args: &SendArgs, app: &App, newsletter: &Newsletter, id: u16) -> anyhow::Result<()> {
    let open = app.store.open_issues(id)?;
    let stuck =
        open.iter().find(|row| matches!(row.state, IssueState::Held | IssueState::Paused | IssueState::Waiting));
    let sentence = match (stuck, coming(&app.store, newsletter, id, app.now())?) {
        (Some(row), _) => format!("{} is {}: {}", row.name(), row.state.as_str(), row.reason.as_deref().unwrap_or("-")),
        (None, Some(next)) => format!(
            "Nothing is due; the next issue goes out {} ({}).",
            next.local.format("%a %Y-%m-%d %H:%M"),
            next.zone
        ),
        (None, None) => "Nothing is due, and the schedule has no further date.".to_owned(),
    };
    if args.json {
        return print_json(&match stuck {
            Some(row) => Report::of(newsletter, row, &app.store.tally(row.id)?, Duration::ZERO),
            None => Report::nothing(newsletter),
        });
    }
    print(&format!("{}: {sentence}\n", newsletter.slug))
}

fn dry_run(args: &SendArgs, app: &App, newsletter: &Newsletter, id: u16) -> anyhow::Result<()> {
    let now = app.now();
    let look = app.look(newsletter, now)?;
    let readers = app.readers_of_next(id)?;
    let wishes = app.store.wishes(id, &newsletter.language, now)?;
    let rendered = crate::publish::freeze::render(&look.issue, wishes);
    let largest = rendered.variants.iter().map(|variant| variant.html.len()).max().unwrap_or(0);
    if args.json {
        return print_json(&Report {
            state: "dry_run".to_owned(),
            recipients: readers,
            issue: Some(look.issue.number),
            ..Report::nothing(newsletter)
        });
    }
    let when = match due(&app.store, newsletter, id, now)? {
        Some(occurrence) => format!("due since {}", occurrence.local.format("%a %Y-%m-%d %H:%M")),
        None => coming(&app.store, newsletter, id, now)?
            .map_or("no further date".to_owned(), |next| format!("next {}", next.local.format("%a %Y-%m-%d %H:%M"))),
    };
    print(&format!(
        "{} No. {}: {} stories for {readers} readers in {} variants, the largest {} KB of HTML; {when}\nsubject: {}\n",
        newsletter.slug,
        look.issue.number,
        look.issue.stories.len(),
        rendered.variants.len(),
        largest.div_ceil(1024),
        look.issue.subject,
    ))?;
    app.quota_problem(readers)?.map_or(Ok(()), |problem| print(&format!("{problem}\n")))
}

/// A test to one address, or to those that the newsletter names.
fn test_mails(app: &App, newsletter: &Newsletter, to: &str, context: &Context) -> anyhow::Result<()> {
    if !to.is_empty() {
        return test_mail(app, newsletter, to, context);
    }
    if newsletter.test_addresses.is_empty() {
        return Err(Usage(format!("{}: test_addresses are not set; say --to with an address", newsletter.slug)).into());
    }
    newsletter.test_addresses.iter().try_for_each(|to| test_mail(app, newsletter, to, context))
}

fn test_mail(app: &App, newsletter: &Newsletter, to: &str, context: &Context) -> anyhow::Result<()> {
    let to = EmailAddress::parse(to).map_err(|error| Usage(format!("--to {to:?}: {error}")))?;
    let way = wait(rehearse(app, newsletter, app.now(), None)?.send_test(app, &to))??;
    context.say(format!("A test went to {to} by way of {way}; nothing was recorded."));
    Ok(())
}

async fn deliver(
    app: &App,
    lock: &mut crate::store::DeliverLock,
    id: IssueId,
    context: &Context,
) -> anyhow::Result<IssueRow> {
    let (stopper, signal) = stop_switch();
    let interrupted = tokio::spawn(async move {
        if asked_to_end().await.is_ok() {
            stopper.stop();
        }
        stopper
    });
    let bar = Bar::new(context.draws_progress());
    let delivered = deliver_all(app, lock, id, signal, &bar).await;
    bar.finish();
    interrupted.abort();
    delivered?;
    let row = app.store.issue(id)?.ok_or_else(|| anyhow::anyhow!("the issue is gone"))?;
    if row.state == IssueState::Done
        && let Err(error) = after_send(app, &row).await
    {
        // The issue is out: what comes after it is no reason to call that a failure.
        context.say(format!("the editors may not have been told: {error}"));
    }
    Ok(row)
}

/// Waits for Ctrl-C, or for the signal by which a machine that shuts down asks.
async fn asked_to_end() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

/// Delivers until nothing is left but retries that lie further ahead than a person waits for.
async fn deliver_all(
    app: &App,
    lock: &mut crate::store::DeliverLock,
    id: IssueId,
    signal: StopSignal,
    bar: &Bar,
) -> anyhow::Result<()> {
    const PATIENCE: Duration = Duration::from_mins(1);
    loop {
        let delivered = app.deliver(lock, id, signal.clone(), &|progress| bar.show(progress)).await?;
        let Ended::Waiting { until } = delivered.ended else { return Ok(()) };
        let left = (until - app.now()).to_std().unwrap_or_default();
        if left > PATIENCE || signal.is_stopped() {
            return Ok(());
        }
        tokio::time::sleep(left + Duration::from_millis(10)).await;
    }
}

/// Shows how another process delivers an issue, until it has nothing more to do at once. Delivers what that process leaves when it ends in the middle.
async fn watch(app: &App, id: IssueId, context: &Context) -> anyhow::Result<IssueRow> {
    let bar = Bar::new(context.draws_progress());
    let row = loop {
        let row = app.store.issue(id)?.ok_or_else(|| anyhow::anyhow!("the issue is gone"))?;
        let tally = app.store.tally(id)?;
        bar.show_tally(&tally);
        if row.state != IssueState::Sending || (tally.queued == 0 && tally.deferred > 0) {
            break row;
        }
        if let Some(mut lock) = app.store.try_deliver_lock()? {
            bar.finish();
            context.say("The other process has ended; this one goes on.");
            return deliver(app, &mut lock, id, context).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    bar.finish();
    Ok(row)
}

fn conclude(args: &SendArgs, app: &App, newsletter: &Newsletter, row: &IssueRow, took: Duration) -> anyhow::Result<()> {
    let tally = app.store.tally(row.id)?;
    let next_retry = app.store.next_retry_at(row.id)?;
    let report = Report::of(newsletter, row, &tally, took);
    if args.json {
        print_json(&report)?;
    } else {
        print(&sentence(&report, row, &tally, next_retry))?;
    }
    anyhow::ensure!(tally.parked == 0, "{} deliveries are parked; `issues show` lists them", tally.parked);
    Ok(())
}

fn sentence(report: &Report, row: &IssueRow, tally: &Tally, next_retry: Option<DateTime<Utc>>) -> String {
    let mut text = format!(
        "{} {} is {}: {} of {} accepted",
        report.newsletter,
        row.name(),
        report.state,
        tally.accepted,
        tally.recipients
    );
    let others = [
        (tally.refused, "refused"),
        (tally.skipped, "skipped"),
        (tally.expired, "expired"),
        (tally.deferred, "deferred"),
        (tally.in_doubt, "in doubt"),
        (tally.parked, "parked"),
        (tally.queued, "waiting"),
    ];
    for (count, word) in others.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!(", {count} {word}"));
    }
    text.push_str(&format!(" ({:.1} s)\n", report.seconds));
    if let Some(at) = next_retry {
        text.push_str(&format!(
            "The next try is at {}; `send` again or leave it to `run`.\n",
            at.format("%H:%M:%S UTC")
        ));
    }
    text
}

impl Report {
    fn nothing(newsletter: &Newsletter) -> Self {
        Self {
            issue: None,
            newsletter: newsletter.slug.to_string(),
            state: "nothing_due".to_owned(),
            recipients: 0,
            accepted: 0,
            deferred: 0,
            refused: 0,
            skipped: 0,
            expired: 0,
            in_doubt: 0,
            parked: 0,
            seconds: 0.0,
        }
    }

    fn of(newsletter: &Newsletter, row: &IssueRow, tally: &Tally, took: Duration) -> Self {
        Self {
            issue: row.number.or(row.corrects),
            newsletter: newsletter.slug.to_string(),
            state: row.state.as_str().to_owned(),
            recipients: tally.recipients,
            accepted: tally.accepted,
            deferred: tally.deferred,
            refused: tally.refused,
            skipped: tally.skipped,
            expired: tally.expired,
            in_doubt: tally.in_doubt,
            parked: tally.parked,
            seconds: (took.as_secs_f64() * 10.0).round() / 10.0,
        }
    }
}
