//! The variants that are being sent, ready to be spliced; only so many bytes of them are held.

use super::message::{Senders, skeleton};
use super::{DeliverError, DeliveryOrder, blocking};
use crate::domain::returns::ReturnPath;
use crate::domain::text::Language;
use crate::mail::copies::Copies;
use crate::mail::dkim::Signer;
use crate::store::Store;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Bytes of skeletons that are held: about two hundred digests. Recipients come ordered by variant, so that a few would do.
const HELD: usize = 16 << 20;

/// A variant ready to be spliced.
#[derive(Debug)]
pub struct Prepared {
    /// The row of the variant.
    pub variant: i64,
    /// Its message.
    pub copies: Copies,
    /// The language of its fixed texts.
    pub language: Language,
}

/// Builds variants when they are first asked for and holds the latest of them.
pub struct Shelf {
    store: Arc<Store>,
    order: Arc<DeliveryOrder>,
    senders: Senders,
    signers: Arc<Vec<Signer>>,
    /// The one used last stands last.
    held: Mutex<Vec<Arc<Prepared>>>,
}

impl Shelf {
    /// An empty shelf for one issue.
    pub fn new(store: Arc<Store>, order: Arc<DeliveryOrder>, senders: Senders, signers: Arc<Vec<Signer>>) -> Self {
        Self { store, order, senders, signers, held: Mutex::new(Vec::new()) }
    }

    /// The domain that Message-IDs are of.
    pub fn sender_domain(&self) -> &str {
        self.senders.from.domain()
    }

    /// Where each message has a return path of its own.
    pub fn returns(&self) -> Option<&ReturnPath> {
        self.senders.returns.as_ref()
    }

    /// A variant; others who ask for it meanwhile wait instead of building it too.
    pub async fn variant(&self, variant: i64) -> Result<Arc<Prepared>, DeliverError> {
        let mut held = self.held.lock().await;
        if let Some(at) = held.iter().position(|prepared| prepared.variant == variant) {
            let prepared = held.remove(at);
            held.push(prepared.clone());
            return Ok(prepared);
        }
        let (store, order) = (self.store.clone(), self.order.clone());
        let (senders, signers) = (self.senders.clone(), self.signers.clone());
        let prepared = Arc::new(blocking(move || build(&store, &order, &senders, signers, variant)).await??);
        held.push(prepared.clone());
        make_room(&mut held);
        Ok(prepared)
    }
}

fn build(
    store: &Store,
    order: &DeliveryOrder,
    senders: &Senders,
    signers: Arc<Vec<Signer>>,
    variant: i64,
) -> Result<Prepared, DeliverError> {
    let frozen = store.variant(variant)?.ok_or(DeliverError::NoVariant(variant))?;
    let copies = Copies::new(skeleton(order, senders, &frozen)?, signers);
    Ok(Prepared { variant, copies, language: frozen.language })
}

fn make_room(held: &mut Vec<Arc<Prepared>>) {
    let size = |held: &[Arc<Prepared>]| held.iter().map(|prepared| prepared.copies.fixed_size()).sum::<usize>();
    while held.len() > 1 && size(held) > HELD {
        held.remove(0);
    }
}
