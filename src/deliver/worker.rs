//! One connection's worth of work: open a session, take recipients from the queue, splice, sign, hand over, report. Knows no database.

use super::line::{Backoff, Line};
use super::message::Personalizer;
use super::pace::Pace;
use super::prepared::{Prepared, Shelf};
use super::queue::{Job, Queue};
use super::verdict::judge;
use super::{DeliverError, Delivery, DeliveryOrder, blocking};
use crate::domain::address::EmailAddress;
use crate::mail::dkim::prepend_signatures;
use crate::mail::mailer::{Envelope, Session};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};

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
    /// How fast.
    pub pace: Pace,
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
pub async fn work(shared: Arc<Shared>) {
    let waits = shared.delivery.settings.reconnect.clone();
    let mut backoff = Backoff::new(&waits);
    let mut sender = Sender { shared: &shared, message: Vec::new(), at_hand: None };
    while let Some(mut session) = open(&shared, &mut backoff).await {
        shared.line.opened();
        shared.wake.notify_one();
        let left = sender.use_up(&mut session, &mut backoff).await;
        shared.line.closed();
        match left {
            Left::QueueClosed => {
                session.close().await;
                return;
            }
            // A relay that drops every session at once is not asked a thousand times a second.
            Left::SessionBroken { answered: false } => pause(&shared, &mut backoff).await,
            Left::SessionBroken { answered: true } => {}
        }
    }
}

/// Opens a session, however long that takes; `None` when the delivery ends meanwhile.
async fn open(shared: &Shared, backoff: &mut Backoff<'_>) -> Option<Session> {
    loop {
        let opened = tokio::select! {
            () = shared.reached(Phase::Closing) => return None,
            opened = shared.delivery.mailer.open() => opened,
        };
        match opened {
            Ok(session) => return Some(session),
            Err(error) => {
                shared.line.failed(error);
                shared.wake.notify_one();
                pause(shared, backoff).await;
            }
        }
    }
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
    /// Nothing more goes through it.
    SessionBroken {
        /// Whether the relay gave its word on a message before.
        answered: bool,
    },
}

struct Sender<'a> {
    shared: &'a Shared,
    /// The message being made; its memory is used again.
    message: Vec<u8>,
    /// The variant used last.
    at_hand: Option<Arc<Prepared>>,
}

impl Sender<'_> {
    /// Hands over messages until the session breaks or the queue is closed.
    async fn use_up(&mut self, session: &mut Session, backoff: &mut Backoff<'_>) -> Left {
        let mut answered = false;
        while let Some(job) = self.shared.queue.take().await {
            match self.hand_over(session, job).await {
                Ok(()) => {}
                Err(error) => self.shared.fail(error),
            }
            if session.is_broken() {
                return Left::SessionBroken { answered };
            }
            answered = true;
            backoff.reset();
        }
        Left::QueueClosed
    }

    /// One message. A job that is dropped on the way reports itself.
    async fn hand_over(&mut self, session: &mut Session, mut job: Job) -> Result<(), DeliverError> {
        let shared = self.shared;
        tokio::select! {
            biased;
            () = shared.pace.wait() => {}
            () = shared.reached(Phase::Closing) => return Ok(()),
        }
        self.compose(&job).await?;
        job.begin();
        let own = shared.personalizer().return_path(job.recipient());
        let envelope = Envelope { from: own.as_ref().or(Some(&shared.bounce)), to: &job.recipient().address };
        let word = tokio::select! {
            biased;
            word = session.send(&envelope, &self.message) => word,
            () = shared.reached(Phase::Cut) => return Ok(()),
        };
        let outcome = judge(job.recipient(), word, &shared.delivery.settings.waits, (shared.delivery.now)());
        job.report(outcome);
        Ok(())
    }

    /// Splices and signs. Splicing takes microseconds; an RSA signature most of a millisecond, so it is made beside the reactor.
    async fn compose(&mut self, job: &Job) -> Result<(), DeliverError> {
        let prepared = self.prepared(job.recipient().variant).await?;
        let delivery = &self.shared.delivery;
        self.message.clear();
        self.shared.personalizer().splice(&prepared.skeleton, &prepared.language, job.recipient(), &mut self.message);
        if !delivery.signers.is_empty() {
            let (signers, now) = (delivery.signers.clone(), (delivery.now)());
            let mut message = std::mem::take(&mut self.message);
            self.message = blocking(move || {
                prepend_signatures(&signers, &mut message, now);
                message
            })
            .await?;
        }
        Ok(())
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
