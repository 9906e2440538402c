//! Delivers what is going out, and does what follows on an issue that is done, whoever delivered it: tells the editors, looks for what is odd, lets a
//! watching service know.

use super::{AFTER_FAILURE, Service, raise, with_teller};
use crate::app::{App, AppError};
use crate::deliver::stop::StopSignal;
use crate::deliver::{Delivered, Ended};
use crate::domain::delivery::Tally;
use crate::domain::issue::IssueId;
use crate::store::DeliverLock;
use crate::store::issues::IssueRow;
use crate::telling::ping;
use crate::templates::single::Sent;
use crate::watch;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How soon a delivery that somebody resumed or queued is taken up.
const TAKE_UP_WITHIN: Duration = Duration::from_millis(500);

/// How often issues are looked for whose editors were not told, and how long after their end.
const TELL_AGAIN: Duration = Duration::from_mins(5);
const TELL_WITHIN: TimeDelta = TimeDelta::hours(24);

/// Reasons of refusals that the editors are told.
const REASONS: usize = 3;

/// Delivers whatever is going out, one issue at a time, while this process has the lock.
pub async fn delivering(mut service: Service) {
    let mut lock: Option<DeliverLock> = None;
    let mut not_before: HashMap<IssueId, DateTime<Utc>> = HashMap::new();
    let mut tell_at = Instant::now();
    loop {
        let app = service.app();
        if lock.is_none() {
            lock = app.settle_claims().unwrap_or_else(|error| {
                tracing::error!("delivering: {error}");
                None
            });
        }
        let mut pause = TAKE_UP_WITHIN;
        if let Some(lock) = &mut lock
            && let Err(error) = deliver_due(&app, lock, &service.stop, &mut not_before).await
        {
            tracing::error!("delivering: {error}");
            raise(&app, "delivering", "the current issue", &error.to_string());
            pause = AFTER_FAILURE;
        }
        if lock.is_some() && tell_at <= Instant::now() {
            tell_at = Instant::now() + TELL_AGAIN;
            if let Err(error) = tell_of_those_untold(&app).await {
                tracing::error!("telling the editors: {error}");
            }
        }
        if !service.pause(pause).await {
            return;
        }
    }
}

async fn deliver_due(
    app: &App,
    lock: &mut DeliverLock,
    stop: &StopSignal,
    not_before: &mut HashMap<IssueId, DateTime<Utc>>,
) -> Result<(), AppError> {
    if app.gate().closed.is_some() {
        return Ok(());
    }
    for row in app.sending()? {
        let has_new = app.store.tally(row.id)?.queued > 0;
        let resting = not_before.get(&row.id).is_some_and(|at| *at > app.now());
        if stop.is_stopped() || (resting && !has_new) {
            continue;
        }
        let delivered = app.deliver(lock, row.id, stop.clone(), &|_| {}).await?;
        log_delivered(app, row.slug.as_str(), row.id, &delivered);
        if delivered.ended == Ended::Done {
            after_send(app, &row).await?;
        }
        if let Ended::Waiting { until } = delivered.ended {
            not_before.insert(row.id, until);
        }
    }
    Ok(())
}

/// Issues that are done and whose editors do not know: the program ended between the last message and its telling, or no mail could leave. With the
/// deliver lock nobody else is about to tell them.
async fn tell_of_those_untold(app: &App) -> Result<(), AppError> {
    if app.gate().closed.is_some() {
        return Ok(());
    }
    for row in app.store.done_since(app.now() - TELL_WITHIN)? {
        if app.store.fact(&told_of(row.id))?.is_none()
            && let Err(error) = after_send(app, &row).await
        {
            tracing::error!(newsletter = %row.slug, "telling the editors: {error}");
        }
    }
    Ok(())
}

/// The fact that the editors were told of an issue.
fn told_of(issue: IssueId) -> String {
    format!("editors told of issue {}", issue.0)
}

/// Looks whether anything about an issue that was sent is odd, tells the editors what became of it, and lets a watching service know that it went out. A
/// correction's letter is no issue: nobody waits for it, and its figures are beside the issue's.
pub async fn after_send(app: &App, row: &IssueRow) -> Result<(), AppError> {
    if row.corrects.is_some() {
        return Ok(());
    }
    for finding in watch::after_send(&app.store, row.id)? {
        raise(app, finding.kind, row.slug.as_str(), &finding.sentence);
    }
    // Where it was sent again to a few, they know: the five lines were about all.
    let is_told = app.store.fact(&told_of(row.id))?.is_some() || tell_editors(app, row).await?;
    if is_told { let_watcher_know(app, row).await } else { Ok(()) }
}

/// Tells the editors what became of an issue. False where nobody could be told: then it is tried again.
async fn tell_editors(app: &App, row: &IssueRow) -> Result<bool, AppError> {
    let (slug, told) = (row.slug.as_str(), told_of(row.id));
    let refusals: Vec<(String, u64)> =
        app.store.refusals(row.id, REASONS)?.into_iter().map(|refusal| (refusal.reply, refusal.messages)).collect();
    let newsletter = app.newsletter(slug)?;
    let changed = app.store.dates_to_come(newsletter, app.now())?;
    let sent = Sent {
        number: row.number.unwrap_or_default(),
        tally: app.store.tally(row.id)?,
        refusals: &refusals,
        left: app.store.left_since_last(row.id, app.now())?,
        next: app.store.next_date(newsletter, row.occurrence.at.max(app.now()))?,
        changed: &changed,
    };
    let failures = with_teller(app, newsletter, async |teller| teller.tell_sent(&sent, app.now()).await).await?;
    for failure in &failures {
        raise(app, "editors not told", slug, failure);
    }
    let editors = app.editors()?.len();
    if editors > 0 && failures.len() >= editors {
        return Ok(false);
    }
    // Only now: a crash in between has them told twice, the other way round they would never be.
    app.store.set_fact(&told, &app.now().to_rfc3339())?;
    if failures.is_empty() {
        app.store.clear_alarm("editors not told", slug)?;
    }
    Ok(true)
}

/// Lets a watching service know, once for each issue, and only when most of its readers have it: an issue that was refused or came too late is what
/// somebody watches for.
async fn let_watcher_know(app: &App, row: &IssueRow) -> Result<(), AppError> {
    let Some(url) = &app.config.alarms.ping else { return Ok(()) };
    let known = format!("watching service told of issue {}", row.id.0);
    if app.store.fact(&known)?.is_some() || !reached_most(app.store.tally(row.id)?) {
        return Ok(());
    }
    match ping(url).await {
        Ok(()) => app.store.set_fact(&known, &app.now().to_rfc3339())?,
        Err(error) => {
            tracing::warn!(newsletter = %row.slug, "the watching service was not reached: {error}");
        }
    }
    Ok(())
}

/// Whether most of those have an issue who were still to get it when it was their turn.
fn reached_most(tally: Tally) -> bool {
    tally.accepted * 2 > tally.recipients.saturating_sub(tally.skipped)
}

fn log_delivered(app: &App, newsletter: &str, issue: IssueId, delivered: &Delivered) {
    let tally = delivered.tally;
    tracing::info!(
        newsletter,
        issue = issue.0,
        recipients = tally.recipients,
        accepted = tally.accepted,
        deferred = tally.deferred,
        refused = tally.refused,
        in_doubt = tally.in_doubt,
        parked = tally.parked,
        "{:?}",
        delivered.ended
    );
    if tally.parked > 0 {
        let sentence = format!(
            "{} deliveries are parked, because nobody can know what became of them or their message crashes the program, and wait for you; \
                     `issues show` tells of each",
            tally.parked
        );
        raise(app, "parked", newsletter, &sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_went_well_when_more_than_half_of_those_who_still_wanted_it_have_it() {
        let tally = |accepted, skipped| Tally { recipients: 100, accepted, skipped, ..Tally::default() };
        assert!(reached_most(tally(51, 0)) && !reached_most(tally(50, 0)));
        assert!(reached_most(tally(6, 90)) && !reached_most(tally(5, 90)));
        assert!(!reached_most(tally(0, 100)) && !reached_most(Tally::default()));
    }
}
