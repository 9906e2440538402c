//! How alike two stories are, by the words of title and lead; and the bands by which those that may be alike are found without looking at all.
//!
//! `MinHash` (Broder 1997) with banding: a band is made of two minima, so two texts share a band with the square of their likeness; of six bands at
//! least one is shared by 98 of 100 pairs that are seven tenths alike. `SimHash` needs more words than a title and a lead have: one changed word of
//! twenty turns over too many of its bits. The hash is our own and written out, because its values are stored.

use crate::domain::text::Line;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Bands that are made of the words of title and lead.
const BANDS: u64 = 6;
/// Minima in a band.
const ROWS: u64 = 2;
/// With fewer words than these there is nothing to be alike in.
const LEAST_WORDS: usize = 8;
/// Fewer words than these make no headline that two newsrooms would not find independently.
const LEAST_TITLE: usize = 5;
/// Words of a lead that count.
const LEAD: usize = 80;

/// The words that two stories are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    title: Vec<String>,
    all: Vec<String>,
}

impl Words {
    /// The words of a title and a lead, in one spelling.
    pub fn of(title: &Line, lead: &Line) -> Self {
        let title = words(title.as_str());
        let mut all = title.clone();
        all.extend(words(lead.as_str()).into_iter().take(LEAD));
        Self { title, all }
    }

    /// How much of both texts is common to them: pairs of words in both by pairs of words in either (Jaccard), 0 to 1. Texts that are too short
    /// to tell are not alike.
    pub fn likeness(&self, other: &Self) -> f64 {
        if self.all.len() < LEAST_WORDS || other.all.len() < LEAST_WORDS {
            return 0.0;
        }
        let (ours, theirs) = (self.pairs(), other.pairs());
        let common = ours.intersection(&theirs).count();
        common as f64 / (ours.len() + theirs.len() - common).max(1) as f64
    }

    /// Whether both carry the same headline, and it is long enough not to be a coincidence.
    pub fn same_title(&self, other: &Self) -> bool {
        self.title.len() >= LEAST_TITLE && self.title == other.title
    }

    /// Whether hardly a word is common to both, however short they are.
    pub fn shares_few(&self, other: &Self) -> bool {
        let theirs: HashSet<&String> = other.all.iter().collect();
        let common = self.all.iter().filter(|word| theirs.contains(word)).count();
        common * 4 <= self.all.len().min(other.all.len())
    }

    /// Whether the headlines name different numbers: "Briefing, 24 November" and "Briefing, 25 November" are two stories, however alike.
    pub fn other_numbers(&self, other: &Self) -> bool {
        let numbers = |words: &Self| -> Vec<String> {
            words.title.iter().filter(|word| word.chars().any(char::is_numeric)).cloned().collect()
        };
        let (ours, theirs) = (numbers(self), numbers(other));
        !ours.is_empty() && !theirs.is_empty() && ours != theirs
    }

    /// The bands, to be stored and looked up; none for texts that are too short.
    pub fn bands(&self) -> Vec<i64> {
        let mut bands = Vec::with_capacity(BANDS as usize + 1);
        if self.all.len() >= LEAST_WORDS {
            let hashes: Vec<u64> = self.pairs().into_iter().map(|(a, b)| hash_pair(a, b)).collect();
            for band in 0..BANDS {
                let minima = (0..ROWS).map(|row| minimum(&hashes, band * ROWS + row));
                bands.push(minima.fold(mix(band), |joined, minimum| mix(joined ^ minimum)) as i64);
            }
        }
        if self.title.len() >= LEAST_TITLE {
            bands.push(self.title.iter().fold(mix(BANDS), |joined, word| mix(joined ^ hash(word))) as i64);
        }
        bands
    }

    fn pairs(&self) -> HashSet<(&str, &str)> {
        self.all.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect()
    }
}

fn words(text: &str) -> Vec<String> {
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    text.unicode_words().map(str::to_owned).collect()
}

fn minimum(hashes: &[u64], row: u64) -> u64 {
    let seed = mix(row ^ 0x5bd1_e995_9d1b_54a3);
    hashes.iter().map(|hash| mix(hash ^ seed)).min().unwrap_or_default()
}

fn hash_pair(first: &str, second: &str) -> u64 {
    mix(hash(first).rotate_left(17) ^ hash(second))
}

/// FNV-1a, 64 bits.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finisher of splitmix64 (Steele, Lea and Flood 2014).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(title: &str, lead: &str) -> Words {
        Words::of(&Line::clean(title), &Line::clean(lead))
    }

    const LEAD_TEXT: &str = "The two delegations met for the third time this month in Muscat, and left without a statement. \
        A person close to the talks said that the draft on the table names neither inspections nor a date.";

    #[test]
    fn the_bands_never_change_because_they_are_stored() {
        let bands = of("Talks resume in Muscat on Sunday", LEAD_TEXT).bands();
        assert_eq!(bands.len(), 7);
        assert_eq!(bands, of("TALKS resume, in Muscat on Sunday!", LEAD_TEXT).bands());
        expect_test::expect!["-962413196666945025"].assert_eq(&bands[0].to_string());
        expect_test::expect!["7299654159079822967"].assert_eq(&bands[6].to_string());
    }

    #[test]
    fn a_new_headline_over_the_same_lead_is_alike_and_a_new_lead_is_not() {
        let story = of("Talks resume in Muscat on Sunday", LEAD_TEXT);
        let renamed = of("Envoys return to Oman for a third round", LEAD_TEXT);
        assert!(story.likeness(&renamed) > 0.6, "{}", story.likeness(&renamed));
        let other = of(
            "Talks resume in Muscat on Sunday",
            "An entirely different account by somebody who was in the room when it happened.",
        );
        assert!(story.likeness(&other) < 0.3 && story.same_title(&other));
        assert!(of("Brief", "").bands().is_empty());
    }

    #[test]
    fn a_briefing_of_another_day_names_another_number() {
        assert!(of("Morning briefing, 24 November", "x").other_numbers(&of("Morning briefing, 25 November", "x")));
        assert!(!of("Morning briefing", "x").other_numbers(&of("Morning briefing, 25 November", "x")));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_alike_is_found_by_a_band(words in prop::collection::vec("[a-z]{3,9}", 60..80), at in 0_usize..60, word in "[A-Z]{5}") {
            let mut changed = words.clone();
            changed[at] = word;
            let (a, b) = (of("", &words.join(" ")), of("", &changed.join(" ")));
            // One word of sixty or more: six bands miss that once in some hundred thousand.
            prop_assert!(a.likeness(&b) > 0.9);
            let theirs = b.bands();
            prop_assert!(a.bands().iter().any(|band| theirs.contains(band)));
        }

        #[test]
        fn what_shares_no_word_shares_no_band(a in prop::collection::vec("[a-m]{3,9}", 10..40), b in prop::collection::vec("[n-z]{3,9}", 10..40)) {
            let (a, b) = (of("", &a.join(" ")), of("", &b.join(" ")));
            prop_assert!(a.likeness(&b) < f64::EPSILON);
            let theirs = b.bands();
            prop_assert!(!a.bands().iter().any(|band| theirs.contains(band)));
        }
    }
}
