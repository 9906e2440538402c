//! The one who keeps the ledger during a delivery: gathers outcomes, takes turns, hands out what they claim, and sees when it is over.
//!
//! It is the only one who claims, so it knows how much is open; it stops claiming the moment the issue is paused, the relay is gone, the database
//! refuses or somebody says stop, gives back what nobody began with, and waits for the rest.

use super::ahead::Ahead;
use super::lanes::Lanes;
use super::line::Line;
use super::message::Senders;
use super::pace::Pace;
use super::prepared::Shelf;
use super::queue::{Job, Queue};
use super::relay_alarms::RelayAlarms;
use super::reports::Reports;
use super::route::Traffic;
use super::stop::StopSignal;
use super::worker::{Phase, Shared, work};
use super::{DeliverError, Delivery, DeliveryOrder, Ended, OnProgress, Progress, blocking};
use crate::domain::allowance::day_of;
use crate::domain::delivery::{DeliveryState, Outcome, Place, Tally};
use crate::domain::issue::IssueState;
use crate::store::StoreError;
use crate::store::facts::CLOCK_SLACK;
use crate::store::ledger::{ProcessId, Turn, Turned, Used};
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How often the state of the issue is asked for when nothing else happens: a pause from another process takes effect within a second.
const TICK: Duration = Duration::from_millis(250);
/// Recipients that expire in one transaction, so that it stays short.
const EXPIRED_AT_ONCE: usize = 5_000;
/// How long workers may take leave of the relay.
const LEAVE: Duration = Duration::from_secs(2);
/// How long nobody is claimed beside a message that may be what crashes the program: one that does would have by then, and a relay that takes its time
/// over it must not hold up everybody.
const ALONE: Duration = Duration::from_secs(10);

pub struct Clerk {
    shared: Arc<Shared>,
    process: ProcessId,
    stop: StopSignal,
    reports: Arc<Reports>,
    /// Outcomes that are not recorded yet.
    gathered: Vec<Outcome>,
    /// Claimed and not recorded.
    open: usize,
    taken: u64,
    /// The relays, for people.
    names: Vec<String>,
    ending: Option<Ending>,
    /// When the messages in the relay's hands are cut off.
    cut_at: Option<Instant>,
    latest: DateTime<Utc>,
    alarms: RelayAlarms,
    /// Whether the last turn left somebody who can be claimed now.
    has_more: bool,
    /// Whether the last turn left somebody who was in doubt before and is due now.
    has_wary: bool,
    /// Those among the open who were in doubt before.
    wary: HashSet<Place>,
    /// Until when nobody is claimed beside the one who is open.
    alone_until: Option<Instant>,
    /// How much the send's speed asks to be claimed.
    ahead: Ahead,
}

/// Connections over all relays.
fn connections(delivery: &Delivery) -> usize {
    delivery.routes.iter().map(|route| route.connections).sum::<usize>().max(1)
}

/// Messages a second over all relays, at most; none where one of them has no limit.
fn pace(delivery: &Delivery) -> Option<u32> {
    let relays = delivery.routes.iter().map(|route| route.per_second.filter(|n| *n > 0)).sum::<Option<u32>>();
    delivery.settings.per_second.filter(|n| *n > 0).into_iter().chain(relays).min()
}

/// Why a delivery is coming to its end although there is more to do.
enum Ending {
    Stopped,
    Halted(IssueState),
    Failed(DeliverError),
}

/// What a step found.
enum Step {
    Again,
    Over(Ended, Tally),
}

impl Clerk {
    pub fn new(
        delivery: Delivery,
        order: DeliveryOrder,
        process: ProcessId,
        stop: StopSignal,
    ) -> Result<Self, DeliverError> {
        let senders = Senders::of(&order.newsletter)?;
        let order = Arc::new(order);
        let latest = (delivery.now)();
        let names: Vec<String> = delivery.routes.iter().map(|route| route.mailer.describe()).collect();
        let used_today = delivery.store.relays_used(&names, day_of(latest))?;
        let ahead = Ahead::new(connections(&delivery), delivery.settings.open_bound, pace(&delivery));
        let shared = Shared {
            queue: Queue::new(),
            line: Line::new(&delivery.routes),
            pace: Pace::new(delivery.settings.per_second),
            lanes: Lanes::default(),
            traffic: Traffic::new(&delivery.routes, &used_today),
            bounce: senders.bounce.clone(),
            shelf: Shelf::new(delivery.store.clone(), order.clone(), senders, delivery.signers.clone()),
            wake: Notify::new(),
            failure: Mutex::new(None),
            phase: watch::channel(Phase::Working).0,
            order,
            delivery,
        };
        Ok(Self {
            shared: Arc::new(shared),
            process,
            stop,
            reports: Arc::new(Reports::new()),
            gathered: Vec::new(),
            open: 0,
            taken: 0,
            alarms: RelayAlarms::new(&names),
            names,
            ending: None,
            cut_at: None,
            latest,
            has_more: false,
            has_wary: false,
            wary: HashSet::new(),
            alone_until: None,
            ahead,
        })
    }

    /// Takes turns until the delivery is over. Returns how it ended, where the issue stands, and how many messages the relay took.
    pub async fn run(mut self, on_progress: &OnProgress<'_>) -> Result<(Ended, Tally, u64), DeliverError> {
        // A first turn without claims: where there is nothing to do, the relay is left alone.
        let first = self.turn(0).await?;
        if let Step::Over(ended, tally) = self.weigh(&first, on_progress)? {
            return Ok((ended, tally, 0));
        }
        let mut workers = JoinSet::new();
        let left = first.tally.queued + first.tally.deferred + first.tally.in_doubt;
        for (at, route) in self.shared.delivery.routes.iter().enumerate() {
            for _ in 0..route.connections.clamp(1, left.max(1) as usize) {
                workers.spawn(work(self.shared.clone(), at));
            }
        }
        let over = loop {
            while let Some(ended) = workers.try_join_next() {
                if ended.is_err() {
                    self.shared.fail(DeliverError::Panicked);
                }
            }
            match self.step(on_progress).await {
                Ok(Step::Again) => {}
                Ok(Step::Over(ended, tally)) => break Ok((ended, tally, self.taken)),
                Err(error) => break Err(error),
            }
        };
        self.shared.phase.send_replace(Phase::Cut);
        self.shared.queue.close();
        let _ = timeout(LEAVE, async { while workers.join_next().await.is_some() {} }).await;
        over
    }

    /// Gathers, takes one turn, hands out what it claimed.
    async fn step(&mut self, on_progress: &OnProgress<'_>) -> Result<Step, DeliverError> {
        self.gather().await;
        self.look_for_an_ending();
        self.mind_the_line().await?;
        self.expire().await?;
        self.ahead.saw(self.gathered.len(), self.has_more && self.shared.queue.len() == 0);
        let turned = match self.turn(self.room()).await {
            Ok(turned) => turned,
            Err(DeliverError::Store(error)) => return self.save_what_is_known(error).await,
            Err(error) => return Err(error),
        };
        self.weigh(&turned, on_progress)
    }

    /// Waits for outcomes until they make a batch, nothing more can come, or a little time is over.
    async fn gather(&mut self) {
        let batch = self.shared.delivery.settings.batch;
        let idle = self.open == 0 && self.has_wary;
        let page = batch.min(self.ahead.wanted().div_ceil(2));
        if (self.has_more && self.room() >= page) || (idle && self.room() > 0) {
            // The workers should have the next page before they are through with this one.
            self.reports.take(&mut self.gathered, batch);
            return;
        }
        tokio::select! {
            () = self.reports.at_least(1) => {}
            () = self.shared.wake.notified() => {}
            () = self.stop.stopped(), if self.ending.is_none() => {}
            () = sleep(TICK) => {}
        }
        self.reports.take(&mut self.gathered, batch);
        if self.gathered.is_empty() {
            return;
        }
        let missing = batch.min(self.open).saturating_sub(self.gathered.len());
        if missing > 0 {
            let patience = self.ahead.gather(self.shared.delivery.settings.gather);
            let _ = timeout(patience, self.reports.at_least(missing)).await;
            self.reports.take(&mut self.gathered, batch);
        }
    }

    /// Notices a stop, a failure of a worker and a clock that went back.
    fn look_for_an_ending(&mut self) {
        let failure = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        let now = (self.shared.delivery.now)();
        if let Some(error) = failure {
            self.end(Ending::Failed(error));
        } else if self.latest - now > CLOCK_SLACK {
            self.end(Ending::Failed(DeliverError::ClockWentBack((self.latest - now).num_seconds())));
        } else if self.stop.is_stopped() {
            self.end(Ending::Stopped);
        }
        self.latest = self.latest.max(now);
        if self.cut_at.is_some_and(|at| at <= Instant::now()) {
            self.shared.phase.send_replace(Phase::Cut);
        }
    }

    /// Begins the end: nothing more is claimed, what nobody began with is given back, and what the relay has gets its time.
    fn end(&mut self, ending: Ending) {
        if self.ending.is_none() {
            self.ending = Some(ending);
            self.cut_at = Some(Instant::now() + self.shared.delivery.settings.stop_within);
            self.shared.phase.send_replace(Phase::Closing);
            self.shared.queue.close();
        }
    }

    /// Gives back what cannot leave while the line is down, and tells the operators of relays that do not answer.
    async fn mind_the_line(&mut self) -> Result<(), DeliverError> {
        if self.shared.line.trouble().is_some() {
            self.shared.queue.give_back();
        }
        let now = (self.shared.delivery.now)();
        for (about, sentence) in self.alarms.changes(&self.shared.line, now) {
            let store = self.shared.delivery.store.clone();
            let told = blocking(move || match sentence {
                Some(sentence) => store.raise_alarm("relay-down", &about, &sentence, now),
                None => store.clear_alarm("relay-down", &about).map(drop),
            });
            if let Err(error) = told.await? {
                // An alarm is not worth a delivery; the next turn meets the same database and says what to do.
                tracing::warn!(%error, "the alarm about the relay could not be recorded");
            }
        }
        Ok(())
    }

    /// Once the issue's time is over, all who wait expire, in short transactions.
    async fn expire(&self) -> Result<(), DeliverError> {
        let now = (self.shared.delivery.now)();
        if now < self.shared.order.expires_at || self.ending.is_some() {
            return Ok(());
        }
        self.shared.queue.give_back();
        let (store, issue) = (self.shared.delivery.store.clone(), self.shared.order.issue);
        let why = "no relay took it before the issue's time was over";
        while blocking({
            let store = store.clone();
            move || store.expire(issue, EXPIRED_AT_ONCE, why, now)
        })
        .await??
            > 0
        {}
        Ok(())
    }

    /// How many may be claimed now.
    fn room(&self) -> usize {
        let settings = &self.shared.delivery.settings;
        let now = (self.shared.delivery.now)();
        if self.ending.is_some() || !self.shared.line.is_up() || now >= self.shared.order.expires_at {
            return 0;
        }
        if self.open > self.gathered.len() && self.alone_until.is_some_and(|until| Instant::now() < until) {
            return 0;
        }
        let bound = (settings.open_bound + self.gathered.len()).saturating_sub(self.open);
        bound.min(settings.batch).min(self.ahead.room(self.shared.queue.len()))
    }

    /// One turn of the ledger, and what it claimed to the queue.
    async fn turn(&mut self, room: usize) -> Result<Turned, DeliverError> {
        let (store, issue, process) = (self.shared.delivery.store.clone(), self.shared.order.issue, self.process);
        let now = (self.shared.delivery.now)().max(self.latest - CLOCK_SLACK);
        let outcomes = std::mem::take(&mut self.gathered);
        for outcome in &outcomes {
            self.wary.remove(&outcome.place);
        }
        let wary_room = connections(&self.shared.delivery).saturating_sub(self.wary.len());
        if day_of(now) != day_of(self.latest) {
            self.shared.traffic.new_day();
        }
        let closed = self.shared.lanes.closed();
        let used: Vec<(String, u64)> = self.names.iter().cloned().zip(self.shared.traffic.unrecorded()).collect();
        let began = Instant::now();
        let (outcomes, turned) = blocking(move || {
            let used = Used { day: day_of(now), relays: &used };
            let turned =
                store.turn(&Turn { issue, process, outcomes: &outcomes, used, room, wary_room, closed: &closed, now });
            (outcomes, turned)
        })
        .await?;
        self.ahead.took(began.elapsed());
        let mut turned = match turned {
            Ok(turned) => turned,
            Err(error) => {
                self.gathered = outcomes;
                return Err(error.into());
            }
        };
        if turned.repeated > 0 {
            tracing::error!(repeated = turned.repeated, "outcomes were not recorded: their attempts had one already");
        }
        self.open = self.open + turned.claimed.len() - outcomes.len();
        let [more, wary] = turned.next_retries.map(|due| due.is_some_and(|due| due <= now));
        // What is left may be in lanes that are closed: those are looked at again after a while.
        let may_go_on = room == 0 || !turned.claimed.is_empty();
        (self.has_more, self.has_wary) = ((turned.has_unclaimed || more) && may_go_on, wary);
        let doubtful = turned.claimed.iter().filter(|recipient| recipient.tries.in_doubt > 0);
        self.wary.extend(doubtful.map(|recipient| recipient.place));
        if !turned.claimed.is_empty() {
            self.alone_until = turned.alone.then(|| Instant::now() + ALONE);
        }
        self.taken += outcomes.iter().filter(|outcome| outcome.state == DeliveryState::Accepted).count() as u64;
        let jobs = std::mem::take(&mut turned.claimed).into_iter();
        let shared = &self.shared;
        shared.queue.put(jobs.map(|recipient| Job::new(recipient, self.reports.clone(), shared.delivery.now.clone())));
        Ok(turned)
    }

    /// Tells how it stands and whether it is over.
    fn weigh(&mut self, turned: &Turned, on_progress: &OnProgress<'_>) -> Result<Step, DeliverError> {
        let relay_trouble = self.shared.line.trouble().map(|trouble| trouble.to_string());
        on_progress(&Progress { tally: turned.tally, open: self.open, relay_trouble });
        if turned.state != IssueState::Sending {
            self.end(Ending::Halted(turned.state));
        }
        if self.open > 0 {
            return Ok(Step::Again);
        }
        let ended = match self.ending.take() {
            Some(Ending::Failed(error)) => return Err(error),
            Some(Ending::Halted(state)) => Ended::Halted { state },
            // What was handed over before the stop may have been all there was.
            _ if turned.tally.is_finished() => Ended::Done,
            Some(Ending::Stopped) => Ended::Stopped,
            None => match self.what_is_left(turned)? {
                Some(until) => Ended::Waiting { until },
                None => return Ok(Step::Again),
            },
        };
        Ok(Step::Over(ended, turned.tally))
    }

    /// With nothing open: when the next retry is due, if that is all that is left and not to be waited for here.
    fn what_is_left(&self, turned: &Turned) -> Result<Option<DateTime<Utc>>, DeliverError> {
        let now = (self.shared.delivery.now)();
        match turned.next_retry_at() {
            _ if turned.has_unclaimed => Ok(None),
            Some(due) if due <= now || now >= self.shared.order.expires_at => Ok(None),
            Some(due) if self.lingers_until(due, now)? => Ok(None),
            Some(due) => Ok(Some(due.min(self.shared.order.expires_at))),
            None => Err(DeliverError::LostTrack),
        }
    }

    /// Whether the connections are kept until then.
    fn lingers_until(&self, due: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool, DeliverError> {
        let Delivery { store, settings, .. } = &self.shared.delivery;
        Ok(due - now <= settings.linger && !store.sends_beside(self.shared.order.issue)?)
    }

    /// The database refused a turn: everything in flight is brought home, then recording is tried again. Goes on where that helped and the
    /// database had only been busy.
    async fn save_what_is_known(&mut self, error: StoreError) -> Result<Step, DeliverError> {
        let was_busy = matches!(error, StoreError::Busy(_));
        self.shared.queue.give_back();
        let end = Instant::now() + self.shared.delivery.settings.stop_within;
        let mut is_cut = false;
        while self.gathered.len() < self.open {
            tokio::select! {
                () = self.reports.at_least(self.open - self.gathered.len()) => {}
                () = sleep_until(end), if !is_cut => {
                    is_cut = true;
                    self.shared.phase.send_replace(Phase::Cut);
                }
            }
            self.reports.take(&mut self.gathered, self.open);
        }
        let mut waits = self.shared.delivery.settings.record_again.clone().into_iter();
        loop {
            match self.turn(0).await {
                Ok(_) if was_busy && *self.shared.phase.borrow() == Phase::Working => return Ok(Step::Again),
                Ok(_) => return Err(DeliverError::Recording { unrecorded: 0, error }),
                Err(DeliverError::Store(again)) => match waits.next() {
                    Some(wait) => sleep(wait).await,
                    None => return Err(DeliverError::Recording { unrecorded: self.gathered.len(), error: again }),
                },
                Err(other) => return Err(other),
            }
        }
    }
}
