//! A finished message as it is written to a socket: octets of its own, and between them such as all readers share, which are not copied for each.
//! Knows nothing of what it holds.

use std::borrow::Cow;
use std::io::IoSlice;
use std::sync::Arc;

/// Fewer octets than these are quicker copied than pointed at.
const WORTH_SHARING: usize = 512;

/// The octets of one message, in order.
#[derive(Debug, Clone, Default)]
pub struct Octets {
    /// Those of its own, without what stands between them.
    own: Vec<u8>,
    /// Those that others share, each with the place in `own` before which it stands.
    shared: Vec<(usize, Arc<[u8]>)>,
    shared_len: usize,
}

impl Octets {
    /// How many they are.
    pub fn len(&self) -> usize {
        self.own.len() + self.shared_len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all of them and keeps the memory of its own.
    pub fn clear(&mut self) {
        self.own.clear();
        self.shared.clear();
        self.shared_len = 0;
    }

    /// Its own octets, to append to; whatever stands there already must stay.
    pub fn own(&mut self) -> &mut Vec<u8> {
        &mut self.own
    }

    /// Appends octets that others share.
    pub fn share(&mut self, octets: &Arc<[u8]>) {
        if octets.len() < WORTH_SHARING {
            self.own.extend_from_slice(octets);
        } else {
            self.shared_len += octets.len();
            self.shared.push((self.own.len(), Arc::clone(octets)));
        }
    }

    /// Whether memory for its own was ever asked for.
    pub fn has_memory(&self) -> bool {
        self.own.capacity() > 0
    }

    /// All octets in one piece.
    pub fn whole(&self) -> Cow<'_, [u8]> {
        if self.shared.is_empty() {
            return Cow::Borrowed(&self.own);
        }
        let mut whole = Vec::with_capacity(self.len());
        self.pieces().for_each(|piece| whole.extend_from_slice(piece));
        Cow::Owned(whole)
    }

    /// Points at the octets from `at` on, piece by piece, as far as there is space; says how many pieces.
    pub fn slices<'a>(&'a self, at: usize, space: &mut [IoSlice<'a>]) -> usize {
        let mut skip = at;
        let left = self.pieces().filter_map(|piece| {
            let from = skip.min(piece.len());
            skip -= from;
            Some(&piece[from..]).filter(|rest| !rest.is_empty())
        });
        space.iter_mut().zip(left).map(|(slice, piece)| *slice = IoSlice::new(piece)).count()
    }

    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.shared.iter().map(|(at, _)| *at));
        let between = starts.zip(&self.shared).flat_map(|(from, (to, shared))| [&self.own[from..*to], &shared[..]]);
        let last = self.shared.last().map_or(0, |(at, _)| *at);
        between.chain(std::iter::once(&self.own[last..]))
    }
}

impl From<Vec<u8>> for Octets {
    fn from(own: Vec<u8>) -> Self {
        Self { own, ..Self::default() }
    }
}

impl From<Octets> for Vec<u8> {
    fn from(octets: Octets) -> Self {
        if octets.shared.is_empty() { octets.own } else { octets.whole().into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn laid(pieces: &[(bool, Vec<u8>)]) -> (Octets, Vec<u8>) {
        let (mut octets, mut plain) = (Octets::default(), Vec::new());
        for (is_shared, piece) in pieces {
            plain.extend_from_slice(piece);
            if *is_shared { octets.share(&piece.as_slice().into()) } else { octets.own().extend_from_slice(piece) }
        }
        (octets, plain)
    }

    proptest! {
        #[test]
        fn octets_are_the_same_in_pieces_and_from_any_place(
            pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..1500)), 0..12),
            at in any::<prop::sample::Index>(), space in 1_usize..40,
        ) {
            let (mut octets, plain) = laid(&pieces);
            let at = at.index(plain.len() + 1);
            prop_assert_eq!(octets.len(), plain.len());
            prop_assert_eq!(octets.is_empty(), plain.is_empty());
            prop_assert_eq!(&*octets.whole(), plain.as_slice());
            let mut slices = vec![IoSlice::new(b"untouched"); space];
            let count = octets.slices(at, &mut slices);
            let pointed: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
            prop_assert!(plain[at..].starts_with(&pointed));
            prop_assert!(count == space || pointed.len() == plain.len() - at);
            prop_assert!(slices[..count].iter().all(|slice| !slice.is_empty()), "an empty write is taken for the end");
            prop_assert_eq!(Vec::from(octets.clone()), plain);
            octets.clear();
            prop_assert!(octets.is_empty() && octets.whole().is_empty());
        }
    }

    #[test]
    fn what_many_readers_share_is_not_copied() {
        let page: Arc<[u8]> = vec![b'x'; 74_000].into();
        let mut octets = Octets::default();
        octets.own().extend_from_slice(b"To: a\r\n");
        octets.share(&page);
        octets.own().extend_from_slice(b".\r\n");
        assert_eq!((octets.len(), octets.own().len()), (74_010, 10));
        assert_eq!(Arc::strong_count(&page), 2);
    }
}
