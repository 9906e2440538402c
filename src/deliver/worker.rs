//! One connection's worth of work: open a session, take recipients from the queue, splice, sign, hand over, report. Knows no database.
//!
//! Several messages may be on the way at a time; the next is made while the relay's words on the others come in.

use super::lanes::{Lanes, Receiver, asks_for_less};
use super::line::{Backoff, Line};
use super::message::Personalizer;
use super::pace::Pace;
use super::prepared::{Prepared, Shelf};
use super::queue::{Job, Queue};
use super::route::{Route, Traffic};
use super::verdict::{crashed, cut_off, judge, put_off};
use super::{DeliverError, Delivery, DeliveryOrder};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::{Outcome, Recipient};
use crate::mail::mailer::{BulkSession, Envelope, HandOver, OpenError};
use crate::mail::octets::Octets;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a worker that is not wanted waits before it looks again.
const LOOK: Duration = Duration::from_millis(100);

/// After so many messages through one session, a relay that ends it wants a new one, and not a slower pace. Several connections may reach
/// that point in the same moment.
const ENOUGH: usize = 20;

/// What the workers of one delivery share with each other and the clerk.
pub struct Shared {
    /// Store, mailer, keys, settings.
    pub delivery: Delivery,
    /// The issue.
    pub order: Arc<DeliveryOrder>,
    /// Who waits for their turn.
    pub queue: Queue,
    /// The relay.
    pub line: Line,
    /// How fast, over all relays.
    pub pace: Pace,
    /// How fast, for each group of receivers.
    pub lanes: Lanes,
    /// How each relay is used.
    pub traffic: Traffic,
    /// The variants.
    pub shelf: Shelf,
    /// The return path.
    pub bounce: EmailAddress,
    /// Tells the clerk that the line or the failure changed.
    pub wake: Notify,
    /// What must end the delivery.
    pub failure: Mutex<Option<DeliverError>>,
    /// How far the end of the delivery has come.
    pub phase: watch::Sender<Phase>,
}

/// How far the end of a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Messages are handed over.
    Working,
    /// Only those in the relay's hands are finished.
    Closing,
    /// Those, too, are cut off.
    Cut,
}

impl Shared {
    /// A relay of the delivery.
    pub fn route(&self, at: usize) -> &Route {
        &self.delivery.routes[at]
    }

    /// Ends the delivery for a reason; the first reason counts.
    pub fn fail(&self, error: DeliverError) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.wake.notify_one();
    }

    /// What makes each recipient's values.
    fn personalizer(&self) -> Personalizer<'_> {
        let Shared { delivery, order, shelf, .. } = self;
        Personalizer {
            keyring: &delivery.keyring,
            issue: order.issue,
            newsletter_id: order.newsletter_id,
            web_base: &order.newsletter.brand.web_base,
            domain: shelf.sender_domain(),
            returns: shelf.returns(),
            confirmed_on: &delivery.confirmed_on,
        }
    }

    /// Returns when the end has come at least so far.
    async fn reached(&self, phase: Phase) {
        // The sender is part of `self`, so the channel cannot close.
        let _ = self.phase.subscribe().wait_for(|now| *now >= phase).await;
    }
}

/// Works until the queue is closed.
pub async fn work(shared: Arc<Shared>, route: usize) {
    let waits = shared.delivery.settings.reconnect.clone();
    let mut backoff = Backoff::new(&waits);
    let mut sender =
        Sender { shared: &shared, route, on_the_way: VecDeque::new(), next: None, memory: Vec::new(), at_hand: None };
    while let Some(mut session) = open(&shared, route, &mut backoff).await {
        shared.line.opened(route);
        shared.wake.notify_one();
        let left = sender.use_up(&mut session, &mut backoff).await;
        shared.line.closed(route);
        match left {
            Left::QueueClosed => {
                session.close().await;
                return;
            }
            // A relay that drops every session at once is not asked a thousand times a second.
            Left::SessionBroken { answered: false } => pause(&shared, &mut backoff).await,
            Left::SessionBroken { answered: true } => {}
            Left::NotWanted => session.close().await,
        }
    }
}

/// Opens a session, however long that takes; `None` when the delivery ends meanwhile.
async fn open(shared: &Shared, at: usize, backoff: &mut Backoff<'_>) -> Option<BulkSession> {
    let route = shared.route(at);
    loop {
        let waits_for_words = shared.traffic.is_full(at) && shared.traffic.used_up(at).is_none();
        if waits_for_words || (route.is_fallback && !shared.line.needs_fallback()) {
            tokio::select! {
                () = shared.reached(Phase::Closing) => return None,
                () = tokio::time::sleep(LOOK) => continue,
            }
        }
        let opened = tokio::select! {
            () = shared.reached(Phase::Closing) => return None,
            opened = open_within_limits(shared, at) => opened,
        };
        match opened {
            Ok(session) => return Some(session),
            Err(error) => {
                shared.line.failed(at, error);
                shared.wake.notify_one();
                pause(shared, backoff).await;
            }
        }
    }
}

/// A relay whose day is used up is as good as one that does not take mail now.
async fn open_within_limits(shared: &Shared, at: usize) -> Result<BulkSession, OpenError> {
    let route = shared.route(at);
    if let Some(limit) = shared.traffic.used_up(at) {
        let reply = format!("its {limit} messages of today (per_day, or warm_up) are used up");
        return Err(OpenError::Busy { relay: route.mailer.describe(), code: 452, reply });
    }
    route.mailer.open_bulk(shared.delivery.settings.window).await
}

async fn pause(shared: &Shared, backoff: &mut Backoff<'_>) {
    tokio::select! {
        () = shared.reached(Phase::Closing) => {}
        () = tokio::time::sleep(backoff.grow()) => {}
    }
}

/// Why a worker left a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// There is nothing more to do.
    QueueClosed,
    /// The usual relays are back, or the day's limit is reached.
    NotWanted,
    /// Nothing more goes through it.
    SessionBroken {
        /// Whether the relay gave its word on a message before.
        answered: bool,
    },
}

/// What a worker waited for.
enum Event {
    Word(HandOver),
    Job(Option<Job>),
    Moment,
    Phase(Phase),
}

struct Sender<'a> {
    shared: &'a Shared,
    /// The relay.
    route: usize,
    /// Those whose messages were given to the session, in that order.
    on_the_way: VecDeque<Job>,
    /// Whose turn is next, and the moment from which on.
    next: Option<(Job, Option<Instant>)>,
    /// Memory of messages that are through, to be used again.
    memory: Vec<Octets>,
    /// The variant used last.
    at_hand: Option<Arc<Prepared>>,
}

impl Sender<'_> {
    /// Hands over messages until the session breaks or the queue is closed.
    async fn use_up(&mut self, session: &mut BulkSession, backoff: &mut Backoff<'_>) -> Left {
        let (mut answered, mut is_open, mut through) = (false, true, 0);
        loop {
            if self.on_the_way.is_empty() && self.next.is_none() && self.is_not_wanted() {
                return Left::NotWanted;
            }
            let may_take = is_open && self.next.is_none() && session.has_room() && !self.on_the_way.is_empty();
            if may_take && !self.is_not_wanted() && !self.shared.traffic.is_ahead(self.route) {
                // Only a job that was taken and put off is a reason to look again at once. A job that another worker was promised is none:
                // to look for it without end would keep that worker from ever running.
                if let Some(job) = self.shared.queue.try_take() {
                    self.next = self.admitted(job);
                    if self.next.is_none() {
                        continue;
                    }
                }
            }
            if let Some((job, _)) = self.next.take_if(|(_, moment)| session.has_room() && is_due(*moment)) {
                if let Err(error) = self.hand_over(session, job).await {
                    self.shared.fail(error);
                }
                continue;
            }
            if self.on_the_way.is_empty() && (session.is_broken() || !is_open) {
                if let Some((job, _)) = self.next.take() {
                    self.shared.queue.put_back(job);
                }
                return if is_open { Left::SessionBroken { answered } } else { Left::QueueClosed };
            }
            match self.wait(session, is_open).await {
                Event::Word(word) => {
                    let is_enough = session.is_broken() && through >= ENOUGH;
                    through += usize::from(matches!(word, HandOver::Accepted { .. }));
                    self.report(word, is_enough);
                    // A message that the session itself did not get through says nothing about the relay's patience.
                    if !session.is_broken() {
                        answered = true;
                        backoff.reset();
                    }
                }
                Event::Job(Some(job)) => self.next = self.admitted(job),
                Event::Moment => {}
                Event::Phase(Phase::Cut) => {
                    self.cut(session);
                    return Left::QueueClosed;
                }
                Event::Job(None) | Event::Phase(_) => {
                    is_open = false;
                    self.next = None;
                    self.withdraw(session);
                }
            }
        }
    }

    /// A job whose receivers can be sent to now, and the moment from which on; the others go back to the ledger.
    fn admitted(&self, mut job: Job) -> Option<(Job, Option<Instant>)> {
        let now = (self.shared.delivery.now)();
        match self.shared.lanes.admit(receiver(job.recipient()), now) {
            Ok(()) => {
                let Some(seat) = self.shared.traffic.seat(self.route) else {
                    self.shared.queue.put_back(job);
                    return None;
                };
                job.sit(seat);
                Some(self.timed(job))
            }
            Err(until) => {
                let outcome = put_off(job.recipient(), until, now);
                job.report(outcome);
                None
            }
        }
    }

    fn timed(&self, job: Job) -> (Job, Option<Instant>) {
        (job, self.shared.pace.moment().max(self.shared.traffic.moment(self.route)))
    }

    fn is_not_wanted(&self) -> bool {
        let is_fallback = self.shared.route(self.route).is_fallback;
        (is_fallback && !self.shared.line.needs_fallback()) || self.shared.traffic.is_full(self.route)
    }

    /// Waits for whatever comes first.
    async fn wait(&mut self, session: &mut BulkSession, is_open: bool) -> Event {
        let moment = self.next.as_ref().filter(|_| session.has_room()).and_then(|(_, moment)| *moment);
        let wants_job = is_open && self.next.is_none() && self.on_the_way.is_empty();
        // Whoever is ahead of its share, or may soon not be wanted, looks again after a little while.
        let looks = wants_job
            && (self.shared.delivery.routes.len() > 1 || self.shared.route(self.route).allowance.of_a_day().is_some());
        let is_ahead = self.shared.traffic.is_ahead(self.route);
        let has_words = !self.on_the_way.is_empty();
        let phase = if is_open { Phase::Closing } else { Phase::Cut };
        tokio::select! {
            biased;
            word = session.word(), if has_words => match word {
                Some((word, memory)) => {
                    self.memory.push(memory);
                    Event::Word(word)
                }
                None => Event::Moment,
            },
            job = self.shared.queue.take(), if wants_job && !is_ahead => Event::Job(job),
            () = sleep(LOOK), if looks => Event::Moment,
            () = sleep_until(moment.unwrap_or_else(Instant::now)), if moment.is_some() => Event::Moment,
            () = self.shared.reached(phase) => Event::Phase(phase),
        }
    }

    /// One message onto the way. A job that is dropped before reports itself.
    async fn hand_over(&mut self, session: &mut BulkSession, mut job: Job) -> Result<(), DeliverError> {
        let Some((message, name)) = self.compose(&job).await? else {
            let outcome = crashed(job.recipient(), (self.shared.delivery.now)());
            job.report(outcome);
            return Ok(());
        };
        job.begin();
        let own = self.shared.personalizer().return_path(job.recipient());
        let from = own.as_ref().or(Some(&self.shared.bounce));
        let envelope = Envelope { from, to: &job.recipient().address, id: Some(&name) };
        session.push(&envelope, message).await;
        self.on_the_way.push_back(job);
        Ok(())
    }

    /// The relay's last word on the message that was given first. `is_enough`: it ended a session that many messages had gone through.
    fn report(&mut self, word: HandOver, is_enough: bool) {
        let Some(job) = self.on_the_way.pop_front() else { return };
        let Delivery { settings, now, .. } = &self.shared.delivery;
        let asks =
            matches!(&word, HandOver::Deferred { code, enhanced, .. } if asks_for_less(*code, enhanced.as_deref()));
        self.shared.lanes.heard(receiver(job.recipient()), asks && !is_enough, now());
        let mut relay_id = None;
        if let HandOver::Accepted { reply } = &word {
            self.shared.traffic.accepted(self.route);
            relay_id = self.shared.route(self.route).kind.id_in(reply).map(str::to_owned);
        }
        let outcome = judge(job.recipient(), word, &settings.waits, now());
        job.report(Outcome { relay_id, ..outcome });
    }

    /// Gives back those whose messages have not begun to leave.
    fn withdraw(&mut self, session: &mut BulkSession) {
        for _ in 0..session.withdraw() {
            if let Some(mut job) = self.on_the_way.pop_back() {
                job.take_back();
            }
        }
    }

    /// Ends the session under those on the way: who may have it is in doubt, the others are given back.
    fn cut(&mut self, session: &mut BulkSession) {
        for word in session.abandon("the hand-over was cut off before the relay's last word") {
            let Some(mut job) = self.on_the_way.pop_front() else { return };
            let now = (self.shared.delivery.now)();
            match word {
                HandOver::InDoubt { .. } => {
                    let outcome = cut_off(job.recipient(), now);
                    job.report(outcome);
                }
                HandOver::NotHandedOver { .. } => job.take_back(),
                word => {
                    let outcome = judge(job.recipient(), word, &self.shared.delivery.settings.waits, now);
                    job.report(outcome);
                }
            }
        }
    }

    /// Splices and signs; the message and the name by which it is known, or none where making it panics: that is a bug, and one reader's message must
    /// not keep the others from theirs. Signed here and not on a thread beside the reactor: handing a message over and back only adds wake-ups while all
    /// cores sign anyway. Whoever else waits for this thread gets their turn after each signature.
    async fn compose(&mut self, job: &Job) -> Result<Option<(Octets, String)>, DeliverError> {
        let prepared = self.prepared(job.recipient().variant).await?;
        let delivery = &self.shared.delivery;
        let mut message = self.memory.pop().unwrap_or_default();
        let personalizer = self.shared.personalizer();
        let name = personalizer.name(job.recipient());
        let variant = (&prepared.copies, &prepared.language);
        let make = || personalizer.write(variant, (job.recipient(), &name), (delivery.now)(), &mut message);
        if catch_unwind(AssertUnwindSafe(make)).is_err() {
            return Ok(None);
        }
        if prepared.copies.are_signed() {
            yield_now().await;
        }
        Ok(Some((message, name)))
    }

    async fn prepared(&mut self, variant: i64) -> Result<Arc<Prepared>, DeliverError> {
        if let Some(prepared) = self.at_hand.as_ref().filter(|prepared| prepared.variant == variant) {
            return Ok(prepared.clone());
        }
        let prepared = self.shared.shelf.variant(variant).await?;
        self.at_hand = Some(prepared.clone());
        Ok(prepared)
    }
}

fn receiver(recipient: &Recipient) -> Receiver<'_> {
    Receiver { lane: recipient.place.lane, seq: recipient.place.seq, domain: recipient.address.domain() }
}

fn is_due(moment: Option<Instant>) -> bool {
    moment.is_none_or(|moment| moment <= Instant::now())
}
