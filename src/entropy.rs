//! The one place that draws random bytes. Everything else takes them as an argument.

use rand::{Rng, SeedableRng};
use std::sync::{Arc, Mutex, PoisonError};

/// Where random bytes come from.
#[derive(Debug, Clone, Default)]
pub enum Entropy {
    /// The operating system.
    #[default]
    System,
    /// A sequence that is the same every time: the demo's and the tests'. Never for anything that guards a real person.
    Seeded(Arc<Mutex<rand::rngs::StdRng>>),
}

impl Entropy {
    /// A sequence that a number decides.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(rand::rngs::StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that draws random bytes")]
            Self::System => rand::rng().fill_bytes(&mut bytes),
            Self::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes),
        }
        bytes
    }
}
