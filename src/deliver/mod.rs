//! Brings a frozen issue to its recipients: claims pages of the ledger, splices, signs, hands over, records; stops and resumes at any point.
//!
//! Three parties work here. The *clerk* alone talks to the store: one turn records what became of messages and claims the next. *Workers*, one per
//! connection, take recipients from the *queue* between them, splice and hand over; they know no database and never wait for the disk. What is
//! claimed and not recorded is bounded (`DeliverySettings::open_bound`): that is all that a crash can leave in doubt. Decides nothing about who gets
//! what: the freeze did.

mod ahead;
mod clerk;
mod lanes;
mod line;
pub mod message;
mod pace;
mod prepared;
mod queue;
pub mod receivers;
mod relay_alarms;
mod reports;
pub mod route;
pub mod stop;
pub mod verdict;
mod worker;

use crate::domain::delivery::Tally;
use crate::domain::issue::{IssueId, IssueState};
use crate::domain::newsletter::Newsletter;
use crate::domain::text::Language;
use crate::domain::token::Keyring;
use crate::mail::dkim::Signer;
use crate::mail::mime::BuildError;
use crate::store::ledger::{Adopted, ProcessId};
use crate::store::{DeliverLock, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use route::Route;
use std::sync::Arc;
use std::time::Duration;
use stop::StopSignal;
use verdict::Waits;

/// The present, as the caller's clock tells it.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How the day of a confirmation is worded in a language.
pub type ConfirmedOn = Arc<dyn Fn(DateTime<Utc>, &Language) -> String + Send + Sync>;

/// What is called with the standing of a delivery after each turn; must be quick.
pub type OnProgress<'a> = dyn Fn(&Progress) + Send + Sync + 'a;

/// An issue to be delivered.
#[derive(Debug, Clone)]
pub struct DeliveryOrder {
    /// Which issue; its state has to be `sending`.
    pub issue: IssueId,
    /// Its number.
    pub number: u32,
    /// The newsletter as it was frozen with the issue.
    pub newsletter: Newsletter,
    /// The newsletter's row number, which stands in tokens.
    pub newsletter_id: u16,
    /// The `Date` of its mail.
    pub frozen_at: DateTime<Utc>,
    /// Whoever no relay took by then gets it no more.
    pub expires_at: DateTime<Utc>,
    /// Pictures that travel inside the mail; a variant carries those that its HTML names by `cid:`.
    pub pictures: Vec<EmbeddedPicture>,
}

/// A picture inside the mail.
#[derive(Debug, Clone)]
pub struct EmbeddedPicture {
    /// The content id, `name@domain`.
    pub cid: String,
    /// Such as `image/png`.
    pub media_type: String,
    /// What a reader who saves it sees.
    pub file_name: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// How deliveries are made.
#[derive(Debug, Clone)]
pub struct DeliverySettings {
    /// Messages on the way at a time on each connection, at most.
    pub window: usize,
    /// Recipients that may be claimed and not recorded at any moment: all that a crash can leave in doubt.
    pub open_bound: usize,
    /// Outcomes that make a turn of the ledger worth its flush.
    pub batch: usize,
    /// How long fewer outcomes wait for others, at most: on a quick disk it is less.
    pub gather: Duration,
    /// When a recipient is tried again.
    pub waits: Waits,
    /// A retry that is due so soon is waited for with the connections kept and the receivers' pace remembered, unless another issue is going out.
    pub linger: TimeDelta,
    /// Waits between tries to open a connection; the last one repeats.
    pub reconnect: Vec<Duration>,
    /// How long messages in the relay's hands may take after a stop; then they are in doubt.
    pub stop_within: Duration,
    /// Messages a second, at most.
    pub per_second: Option<u32>,
    /// Waits between tries to record when the disk refuses.
    pub record_again: Vec<Duration>,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            window: 5,
            open_bound: 200,
            batch: 100,
            gather: Duration::from_millis(20),
            waits: Waits::default(),
            linger: TimeDelta::seconds(30),
            reconnect: [1, 2, 5, 10, 30, 60].map(Duration::from_secs).to_vec(),
            stop_within: Duration::from_secs(10),
            per_second: None,
            record_again: [1, 2, 5].map(Duration::from_secs).to_vec(),
        }
    }
}

/// All that deliveries need and issues share.
#[derive(Clone)]
pub struct Delivery {
    /// The ledger.
    pub store: Arc<Store>,
    /// Signs readers' links.
    pub keyring: Arc<Keyring>,
    /// The ways out.
    pub routes: Arc<Vec<Route>>,
    /// Sign the mail; none: unsigned.
    pub signers: Arc<Vec<Signer>>,
    /// How.
    pub settings: DeliverySettings,
    /// The clock.
    pub now: Now,
    /// The wording of the day of confirmation.
    pub confirmed_on: ConfirmedOn,
}

/// How a delivery stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// In numbers of recipients.
    pub tally: Tally,
    /// Claimed and not yet recorded.
    pub open: usize,
    /// Why no mail can leave at the moment, in words.
    pub relay_trouble: Option<String>,
}

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every recipient has a final outcome.
    Done,
    /// Only retries are left; the earliest is due then.
    Waiting {
        /// When to deliver again.
        until: DateTime<Utc>,
    },
    /// The stop signal.
    Stopped,
    /// Somebody paused, held or cancelled the issue.
    Halted {
        /// What they made of it.
        state: IssueState,
    },
}

/// What a delivery did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// How it ended.
    pub ended: Ended,
    /// Where the issue stands.
    pub tally: Tally,
    /// What dead processes had left.
    pub adopted: Adopted,
    /// Messages that the relay took during this delivery.
    pub taken: u64,
}

/// Why a delivery broke off. Whatever it was, nobody is lost: the ledger knows who has it and who is in doubt.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The clock shows an earlier time than it did.
    #[error(
        "the clock is {0} seconds behind what it has already shown: nothing is mailed until it is right (check the time service)"
    )]
    ClockWentBack(i64),
    /// The database did not take what became of messages.
    #[error("{error}; the delivery has stopped{}", unrecorded_in_words(*unrecorded))]
    Recording {
        /// Outcomes that could not be recorded: their recipients will be listed as in doubt.
        unrecorded: usize,
        /// What the database said.
        error: StoreError,
    },
    /// The database failed before anything was claimed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The frozen variant makes no message.
    #[error("issue {issue}: {error}")]
    Build {
        /// The number of the issue.
        issue: u32,
        /// What is wrong.
        error: BuildError,
    },
    /// The sender's or bounce address is none.
    #[error("newsletter {newsletter:?}: the sender's address {address:?} is none: {error}")]
    Sender {
        /// Its slug.
        newsletter: String,
        /// What was configured.
        address: String,
        /// Why it is none.
        error: crate::domain::address::AddressError,
    },
    /// Returned mail cannot come back to the configured mailbox.
    #[error("newsletter {newsletter:?}: the mailbox {address:?} for returned mail will not do: {error}")]
    Returns {
        /// Its slug.
        newsletter: String,
        /// What was configured.
        address: String,
        /// What is wrong.
        error: crate::domain::returns::ReturnPathError,
    },
    /// A recipient's variant is not in the database.
    #[error("the variant in row {0} is missing from the database; restore a backup")]
    NoVariant(i64),
    /// Claims stand open that nobody works on; the next delivery finds them in doubt.
    #[error("the database holds claims that this process does not know of; deliver again to settle them")]
    LostTrack,
    /// A bug: a thread of ours panicked.
    #[error("a sender panicked; the message it had in hand is in doubt")]
    Panicked,
}

fn unrecorded_in_words(unrecorded: usize) -> String {
    match unrecorded {
        0 => ", and all that the relay said is recorded".to_owned(),
        n => format!(", and {n} recipients whose outcome could not be recorded will be listed as in doubt"),
    }
}

impl Delivery {
    /// Delivers an issue until it is done, waits for retries, is stopped or halted. `process` must be random and new for each call. The lock is the
    /// proof that no other process delivers, and borrowed alone so that this one delivers one issue at a time: the bound holds for all of them.
    pub async fn deliver(
        &self,
        lock: &mut DeliverLock,
        process: ProcessId,
        order: DeliveryOrder,
        stop: StopSignal,
        on_progress: &OnProgress<'_>,
    ) -> Result<Delivered, DeliverError> {
        let now = (self.now)();
        if let Some(behind) = self.store.clock_behind(now)? {
            return Err(DeliverError::ClockWentBack(behind.num_seconds()));
        }
        let adopted = self.store.adopt(lock, process, now)?;
        let clerk = clerk::Clerk::new(self.clone(), order, process, stop)?;
        let (ended, tally, taken) = clerk.run(on_progress).await?;
        Ok(Delivered { ended, tally, adopted, taken })
    }
}

/// Runs work that blocks beside the reactor.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DeliverError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| DeliverError::Panicked)
}

#[cfg(test)]
mod tests;
