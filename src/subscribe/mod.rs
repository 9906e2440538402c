//! What people may do about their subscriptions, and what operators may do for them.
//!
//! Every verb is one transaction that changes a subscription and appends the evidence for it. No verb sends mail, reads the clock or draws
//! random bytes; none makes anybody active who left or is suppressed, but by the person's own confirmation or an operator's recorded words.

mod ask;
mod cells;
mod clerk;
mod disposable;
mod erase;
pub mod export;
mod fresh;
pub mod import;
mod leave;
mod link;
mod request;
mod suppress;
mod topics;
mod typo;

pub use ask::{Asked, Asking, add_confirmed, ask, ask_for, confirm};
pub use clerk::{Clerk, Worked};
pub use disposable::is_disposable;
pub use erase::{Erased, erase};
pub use fresh::{ask_fresh, ask_move, dossier, erase_by_link, move_by_link, undo_move};
pub use leave::{FromLink, OneClick, Which, leave, leave_by_token, say_why};
pub use link::{Confirmed, Link, Opened, confirm_by_link, open_link};
pub use request::{Taken, Visit, Wish, request};
pub use suppress::{lift, suppress};
pub use topics::{choose, end_pauses, pause, resume, settle};
pub use typo::meant;

use crate::domain::address::EmailAddress;
use crate::domain::standing::StepError;
use crate::domain::subscriber::{Subscriber, SuppressionReason};
use crate::domain::tag::Slug;
use crate::store::StoreError;
use crate::store::people::People;
use chrono::{DateTime, Utc};

/// Why a verb did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody has this address.
    #[error("{0}: no subscriber has this address")]
    Unknown(String),
    /// The subscription cannot take this step.
    #[error("{address}, {newsletter}: {step}")]
    Step {
        /// The address as typed.
        address: String,
        /// The newsletter.
        newsletter: Slug,
        /// Why.
        step: StepError,
    },
    /// The address gets no issue, and nobody but the person or an operator with a reason changes that.
    #[error(
        "{address}: suppressed since {} ({}); the person may subscribe anew themselves, or `subscribers suppressions lift` records why mail may go there again",
        .at.format("%Y-%m-%d"), .reason.in_words()
    )]
    Suppressed {
        /// The address as typed.
        address: String,
        /// Why.
        reason: SuppressionReason,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// There is nothing to lift.
    #[error("{0}: not suppressed")]
    NotSuppressed(String),
    /// An operator's words are missing.
    #[error("{0} must not be empty: it is the record of why")]
    NoReason(&'static str),
}

/// The subscriber with an address, or the error that names it.
fn known(people: &People<'_>, address: &EmailAddress) -> Result<Subscriber, SubscribeError> {
    people.by_address(address)?.ok_or_else(|| SubscribeError::Unknown(address.to_string()))
}

fn refused<'a>(address: &'a EmailAddress, newsletter: &'a Slug) -> impl Fn(StepError) -> SubscribeError + 'a {
    move |step| SubscribeError::Step { address: address.to_string(), newsletter: newsletter.clone(), step }
}

fn no_subscription(address: &EmailAddress, newsletter: &Slug) -> SubscribeError {
    refused(address, newsletter)(StepError::NotSubscribed)
}

#[cfg(test)]
mod fixtures;
