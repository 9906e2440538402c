//! Which article a sighting is of.
//!
//! By the source's own name for it where that behaves, else by its canonical address, else by the words of its title and lead, else it is new.
//! Pure rules; the store asks them inside its transaction. Every decision has a reason in words, which is stored.

pub mod address;
pub mod likeness;

use crate::domain::article::Sighting;
use crate::store::articles::{Decision, Keyed, Known, KnownSighting, Rules};
use address::{CanonicalUrl, without_tracking};
use chrono::{DateTime, TimeDelta, Utc};
use likeness::Words;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use url::Url;

/// The rules, as the store takes them.
pub const RULES: Rules = Rules { decide, bands };

/// Stories of one source that are so alike, and published at the same time, are one that has moved.
const MOVED: f64 = 0.6;
/// Without a date to compare, they must say the same.
const MOVED_UNDATED: f64 = 0.9;
/// Dates of one story may be corrected by this.
const CORRECTED: TimeDelta = TimeDelta::hours(2);
/// No time zone that was mistaken for another is further from it.
const ZONES: TimeDelta = TimeDelta::hours(14);
/// Stories of different sources that are so alike are one.
const ALIKE: f64 = 0.6;
/// A story is carried by others within days, or it is another one.
const CARRIED_WITHIN: TimeDelta = TimeDelta::days(4);
/// A headline that says the same a day later may stand over the next morning's briefing.
const SAME_HEADLINE_WITHIN: TimeDelta = TimeDelta::hours(12);
/// A name or an address that comes back after this for another text stands for another story.
const NAMED_ANEW: TimeDelta = TimeDelta::days(2);
/// What two versions of one story have in common at least.
const ANOTHER: f64 = 0.1;

/// Gives each sighting of one document the keys that tell it from the others; what stands twice in the document is left out.
///
/// A GUID that several different stories carry is no name, and neither is an address that they share (the front page, say).
pub fn key(seen: Vec<Sighting>) -> Vec<Keyed> {
    let mut guids: HashMap<String, usize> = HashMap::new();
    let mut urls: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<(Sighting, Option<String>)> = Vec::with_capacity(seen.len());
    let mut stories: HashSet<(Option<String>, Option<String>, String)> = HashSet::new();
    let mut told: HashSet<String> = HashSet::new();
    for mut sighting in seen {
        sighting.url = sighting.url.map(without_tracking);
        let url_key = sighting.url.as_ref().and_then(url_key);
        let story = (sighting.guid.clone(), url_key.clone(), sighting.text.title.as_str().to_owned());
        if !stories.insert(story) || !told.insert(telling(&sighting)) {
            continue;
        }
        if let Some(guid) = &sighting.guid {
            *guids.entry(guid.clone()).or_default() += 1;
        }
        if let Some(url) = &url_key {
            *urls.entry(url.clone()).or_default() += 1;
        }
        kept.push((sighting, url_key));
    }
    let alone = |counts: &HashMap<String, usize>, key: &Option<String>| {
        key.as_ref().filter(|key| counts.get(*key) == Some(&1)).cloned()
    };
    let mut keyed: Vec<Keyed> = Vec::with_capacity(kept.len());
    for (sighting, url) in kept {
        let guid_key = alone(&guids, &sighting.guid);
        let url_key = alone(&urls, &url);
        let guid_key = guid_key.or_else(|| url_key.is_none().then(|| name_by_title(&sighting)));
        keyed.push(Keyed { sighting, guid_key, url_key, other_keys: Vec::new() });
    }
    // Two stories without name and address but with one headline are one story.
    let mut named = HashSet::new();
    keyed.retain(|k| k.url_key.is_some() || k.guid_key.as_ref().is_none_or(|guid| named.insert(guid.clone())));
    keyed
}

/// The key by which an address is compared; none for a front page, which every story could have.
pub fn url_key(url: &Url) -> Option<String> {
    CanonicalUrl::of(url).filter(|url| !url.is_front_page()).map(CanonicalUrl::into_string)
}

/// What makes two items of one document the same story listed twice, under two addresses: the same headline and summary at the same instant.
/// Stories that say or date too little for that are told apart by all that they have.
fn telling(sighting: &Sighting) -> String {
    let text = &sighting.text;
    match sighting.published_at {
        Some(at) if text.summary.as_str().len() >= 40 => {
            format!("{}\n{}\n{}", text.title, text.summary, at.timestamp_millis())
        }
        _ => format!("{:?}\n{:?}\n{}", sighting.guid, sighting.url, text.title),
    }
}

/// A name for a story that has neither name nor address of its own.
fn name_by_title(sighting: &Sighting) -> String {
    let digest = Sha256::digest(sighting.text.title.as_str().to_lowercase().as_bytes());
    digest.iter().take(12).fold("title:".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// The bands by which a sighting is found again.
fn bands(sighting: &Sighting) -> Vec<i64> {
    Words::of(&sighting.text.title, &sighting.text.summary).bands()
}

/// Decides which article a sighting of `source` is of, by what is known that shares something with it.
pub fn decide(known: &Known, keyed: &Keyed, source: i64, now: DateTime<Utc>) -> Decision {
    let seen = Seen { keyed, words: Words::of(&keyed.sighting.text.title, &keyed.sighting.text.summary), source, now };
    let same_address = |sighting: &&KnownSighting| keyed.url_key.is_some() && sighting.url_key == keyed.url_key;
    if let Some(same) = known.by_guid.iter().find(same_address) {
        return Decision::Same(same.id);
    }
    if let Some(same) = known.by_guid.iter().find(|sighting| !seen.is_named_anew(sighting)) {
        return Decision::Same(same.id);
    }
    if let Some(same) = known.by_url.iter().find(|sighting| sighting.source == source && !seen.is_named_anew(sighting))
    {
        return Decision::Same(same.id);
    }
    if let Some(other) = known.by_url.iter().find(|sighting| sighting.source != source && !seen.is_named_anew(sighting))
    {
        return Decision::Of(other.article, format!("same address as at source \"{}\"", other.source_slug));
    }
    if let Some(decision) = known.near.iter().find_map(|sighting| seen.moved(sighting)) {
        return decision;
    }
    if let Some(decision) = known.near.iter().find_map(|sighting| seen.carried(sighting)) {
        return decision;
    }
    let reused = known.by_guid.first().or(known.by_url.first());
    Decision::New(match reused {
        Some(before) => format!(
            "its name or address was that of another story before, of {}",
            before.published_at.unwrap_or(before.first_seen_at).format("%Y-%m-%d")
        ),
        None => "neither its name, its address nor its words were known".to_owned(),
    })
}

/// A sighting that is compared with known ones.
struct Seen<'a> {
    keyed: &'a Keyed,
    words: Words,
    source: i64,
    now: DateTime<Utc>,
}

impl Seen<'_> {
    fn words_of(known: &KnownSighting) -> Option<Words> {
        known.words.as_ref().map(|(title, lead)| Words::of(title, lead))
    }

    fn likeness(&self, known: &KnownSighting) -> f64 {
        Self::words_of(known).map_or(0.0, |words| self.words.likeness(&words))
    }

    /// How far the publications of both lie apart, if both are dated.
    fn dates_apart(&self, known: &KnownSighting) -> Option<TimeDelta> {
        Some((self.keyed.sighting.published_at? - known.published_at?).abs())
    }

    /// Whether both were published at the same instant, if both are dated: but for a correction, a time zone mistaken, a time of day left out.
    fn same_instant(&self, known: &KnownSighting) -> Option<bool> {
        let (ours, theirs) = (self.keyed.sighting.published_at?, known.published_at?);
        let apart = (ours - theirs).abs();
        let is_midnight = |at: DateTime<Utc>| at.timestamp() % 86_400 == 0;
        Some(
            apart <= CORRECTED
                || (apart <= ZONES && apart.num_seconds() % 900 == 0)
                || (apart < TimeDelta::days(1) && (is_midnight(ours) || is_midnight(theirs))),
        )
    }

    fn is_of_the_same_site(&self, known: &KnownSighting) -> bool {
        let site =
            |key: &Option<String>| key.as_ref().and_then(|key| key.split(['/', '?', '#']).next()).map(str::to_owned);
        let ours = site(&self.keyed.url_key);
        ours.is_some() && ours == site(&known.url_key)
    }

    /// Whether a name or an address has come back for another story: a program that counts from one again, a page that is rewritten every day.
    /// Only when the other key disagrees too, the dates lie days apart and nothing in the words is common.
    fn is_named_anew(&self, known: &KnownSighting) -> bool {
        let Some(words) = Self::words_of(known) else { return false };
        let apart = self.dates_apart(known).is_some_and(|apart| apart > NAMED_ANEW);
        apart
            && !self.words.same_title(&words)
            && self.words.likeness(&words) < ANOTHER
            && self.words.shares_few(&words)
    }

    /// A story of the same source that is not shown any more under its old name.
    fn moved(&self, known: &KnownSighting) -> Option<Decision> {
        let words = Self::words_of(known).filter(|_| known.source == self.source)?;
        let likeness = self.likeness(known);
        let is_same = match self.same_instant(known) {
            Some(same) => same && (likeness >= MOVED || self.words.same_title(&words)),
            None => likeness >= MOVED_UNDATED,
        };
        (is_same && !self.words.other_numbers(&words)).then(|| {
            let reason = format!(
                "{} of its words are those of a story that this source showed under another name and address",
                percent(likeness)
            );
            Decision::Moved(known.id, reason)
        })
    }

    /// A story that another source carries.
    fn carried(&self, known: &KnownSighting) -> Option<Decision> {
        let words = Self::words_of(known).filter(|_| known.source != self.source)?;
        let likeness = self.likeness(known);
        let ours = self.keyed.sighting.published_at.unwrap_or(self.now);
        let apart = (ours - known.published_at.unwrap_or(known.first_seen_at)).abs();
        let is_same = if self.is_of_the_same_site(known) {
            // A site's own feeds: its daily briefing reads alike every day, so that the instant must be the same.
            self.same_instant(known) == Some(true) && (likeness >= ALIKE || self.words.same_title(&words))
        } else {
            (apart <= CARRIED_WITHIN && likeness >= ALIKE)
                || (apart <= SAME_HEADLINE_WITHIN && self.words.same_title(&words))
        };
        (is_same && !self.words.other_numbers(&words)).then(|| {
            let how = if self.words.same_title(&words) {
                "same headline".to_owned()
            } else {
                format!("{} of its words", percent(likeness))
            };
            Decision::Of(known.article, format!("{how} as at source \"{}\"", known.source_slug))
        })
    }
}

fn percent(likeness: f64) -> String {
    format!("{:.0} %", likeness * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::article::ArticleText;
    use crate::domain::text::Line;

    fn seen(guid: Option<&str>, url: Option<&str>, title: &str) -> Sighting {
        Sighting {
            guid: guid.map(str::to_owned),
            url: url.map(|url| Url::parse(url).unwrap()),
            published_raw: None,
            published_at: None,
            updated_at: None,
            text: ArticleText { title: Line::clean(title), ..ArticleText::default() },
        }
    }

    #[test]
    fn a_guid_that_stands_twice_is_no_name_and_a_shared_address_is_none() {
        let keyed = key(vec![
            seen(Some("1"), Some("https://e.org/a"), "A"),
            seen(Some("1"), Some("https://e.org/b"), "B"),
            seen(Some("2"), Some("https://e.org/"), "C"),
            seen(Some("3"), Some("https://e.org/same"), "D"),
            seen(Some("4"), Some("https://e.org/same"), "E"),
            seen(Some("4"), Some("https://e.org/same"), "E"),
            seen(None, None, "F"),
            seen(None, None, "F"),
        ]);
        let keys: Vec<(Option<&str>, Option<&str>)> =
            keyed.iter().map(|k| (k.guid_key.as_deref(), k.url_key.as_deref())).collect();
        assert_eq!(
            keys[..5],
            [(None, Some("e.org/a")), (None, Some("e.org/b")), (Some("2"), None), (Some("3"), None), (Some("4"), None)]
        );
        assert_eq!(keys.len(), 6);
        assert!(keys[5].0.unwrap().starts_with("title:"));
    }

    // ── with a store ──

    use crate::domain::tag::Slug;
    use crate::store::Store;
    use crate::store::articles::{Kept, Plan};
    use proptest::prelude::*;

    fn at(hours: i64) -> DateTime<Utc> {
        "2026-11-16T06:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
    }

    fn told(guid: &str, url: &str, title: &str, lead: &str, published: DateTime<Utc>) -> Sighting {
        let mut sighting = seen(Some(guid), Some(url), title);
        sighting.text.summary = Line::clean(lead);
        sighting.published_at = Some(published);
        sighting
    }

    fn keep(store: &Store, source: &str, seen: Vec<Sighting>, now: DateTime<Utc>) -> (Kept, Plan) {
        let source = store.source_state(&Slug::parse(source).unwrap()).unwrap().id;
        let keyed = key(seen);
        let plan = store.plan_sightings(source, &keyed, &[], now, RULES).unwrap();
        let kept = store.keep_sightings(source, &keyed, &plan, now, &|_| now, RULES).unwrap();
        (kept, plan)
    }

    const LEAD: &str =
        "The two delegations met for the third time this month in Muscat, and left without a statement, an aide said.";

    #[test]
    fn a_changed_slug_name_and_headline_is_the_same_story() {
        let store = Store::in_memory().unwrap();
        keep(&store, "a", vec![told("1", "https://e.org/talks", "Talks resume in Muscat", LEAD, at(0))], at(1));
        let renamed = told("e.org/envoys", "https://e.org/2026/envoys", "Envoys meet again in Oman", LEAD, at(0));
        let (kept, plan) = keep(&store, "a", vec![renamed.clone()], at(5));
        assert_eq!((kept.new, plan.moved()), (0, 1));
        let (kept, plan) = keep(&store, "a", vec![renamed], at(9));
        assert_eq!((kept.new, plan.same()), (0, 1), "it is known under its new name");
        let (_, plan) = keep(&store, "a", vec![told("x", "https://e.org/talks", "Talks", "", at(0))], at(10));
        assert_eq!(plan.same(), 1, "links to its old address go on coming");
    }

    #[test]
    fn two_stories_shown_at_the_same_time_are_two() {
        let store = Store::in_memory().unwrap();
        let one = told("1", "https://e.org/1", "Talks resume in Muscat this week", LEAD, at(0));
        let two = told("2", "https://e.org/2", "Talks resume in Muscat this week", &format!("{LEAD} Again"), at(0));
        let (kept, _) = keep(&store, "a", vec![one.clone()], at(1));
        assert_eq!(kept.new, 1);
        let (kept, _) = keep(&store, "a", vec![one, two], at(2));
        assert_eq!(kept.new, 1);
    }

    #[test]
    fn the_briefing_of_the_next_day_is_another_story() {
        let store = Store::in_memory().unwrap();
        let day = |n: i64| {
            told(
                &n.to_string(),
                &format!("https://e.org/{n}"),
                "The morning briefing from the harbour",
                LEAD,
                at(24 * n),
            )
        };
        for n in 0..4 {
            let (kept, _) = keep(&store, "a", vec![day(n)], at(24 * n + 1));
            assert_eq!(kept.new, 1, "day {n}");
        }
        let other = told("x", "https://e.org/desk/9", "The morning briefing from the harbour", LEAD, at(24 * 4));
        assert_eq!(keep(&store, "b", vec![other], at(24 * 4 + 1)).0.new, 1);
    }

    #[test]
    fn a_wire_story_in_two_papers_is_one_with_both_named() {
        let store = Store::in_memory().unwrap();
        keep(&store, "a", vec![told("1", "https://one.example/talks", "Talks resume in Muscat", LEAD, at(0))], at(1));
        let (kept, plan) = keep(
            &store,
            "b",
            vec![told("9", "https://two.example/7", "Third round begins in Oman", LEAD, at(20))],
            at(21),
        );
        assert_eq!(kept.new, 0);
        let Decision::Of(article, reason) = &plan.decisions[0] else { panic!("{plan:?}") };
        assert!(reason.ends_with("of its words as at source \"a\""), "{reason}");
        assert_eq!(store.story(*article).unwrap().unwrap().sightings.len(), 2);
        let late = told("10", "https://three.example/7", "Third round begins in Oman", LEAD, at(24 * 6));
        assert_eq!(keep(&store, "c", vec![late], at(24 * 6)).0.new, 1, "after days it is another story");
    }

    #[test]
    fn a_name_that_begins_again_from_one_hides_no_story() {
        let store = Store::in_memory().unwrap();
        keep(&store, "a", vec![told("1", "https://e.org/old", "Talks resume in Muscat", LEAD, at(0))], at(1));
        let fresh = told(
            "1",
            "https://e.org/new",
            "Harbour wall to be rebuilt",
            "The council voted for stone, nine to two.",
            at(24 * 30),
        );
        let (kept, plan) = keep(&store, "a", vec![fresh.clone()], at(24 * 30));
        assert_eq!(kept.new, 1, "{plan:?}");
        assert_eq!(keep(&store, "a", vec![fresh], at(24 * 31)).0.new, 0);
        let page =
            |n: i64, title: &str, lead: &str| told(&n.to_string(), "https://e.org/today", title, lead, at(24 * n));
        keep(
            &store,
            "a",
            vec![page(40, "Rain over the harbour", "It rains, and it will rain until evening at least.")],
            at(24 * 40),
        );
        assert_eq!(
            keep(
                &store,
                "a",
                vec![page(45, "Sun for fishermen", "Clear skies everywhere along this coast today.")],
                at(24 * 45)
            )
            .0
            .new,
            1
        );
    }

    #[test]
    fn one_item_listed_under_two_addresses_is_one() {
        let keyed = key(vec![
            told("1", "https://e.org/a?from=news", "Talks resume in Muscat", LEAD, at(0)),
            told("2", "https://e.org/a?from=world", "Talks resume in Muscat", LEAD, at(0)),
        ]);
        assert_eq!(keyed.len(), 1);
    }

    fn story() -> impl Strategy<Value = (String, String, i64)> {
        let words = |n| prop::collection::vec("[a-z]{4,9}", n).prop_map(|words: Vec<String>| words.join(" "));
        (words(6), words(24), 0_i64..72)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_reading_in_any_order_makes_a_known_story_new(stories in prop::collection::vec(story(), 1..12), turned in any::<bool>(), cut in 0_usize..12) {
            let store = Store::in_memory().unwrap();
            let all: Vec<Sighting> = stories.iter().enumerate().map(|(n, (title, lead, hours))| {
                told(&n.to_string(), &format!("https://e.org/{n}"), title, lead, at(*hours))
            }).collect();
            let (kept, _) = keep(&store, "a", all.clone(), at(80));
            prop_assert_eq!(kept.new as usize, all.len(), "stories that share nothing are as many articles");
            let mut again = all.clone();
            if turned { again.reverse(); }
            again.truncate(cut.max(1));
            prop_assert_eq!(keep(&store, "a", again, at(90)).0.new, 0);
            // The whole site moves: other names, other addresses, the same stories.
            let moved: Vec<Sighting> = all.iter().enumerate().map(|(n, old)| {
                told(&format!("new-{n}"), &format!("https://new.example/{n}"), old.text.title.as_str(), old.text.summary.as_str(), old.published_at.unwrap())
            }).collect();
            let (kept, plan) = keep(&store, "a", moved.clone(), at(100));
            prop_assert_eq!((kept.new, plan.moved()), (0, all.len()));
            prop_assert_eq!(keep(&store, "a", moved, at(110)).1.same(), all.len());
            // Another paper carries them under its own addresses.
            let carried: Vec<Sighting> = all.iter().enumerate().map(|(n, old)| {
                told(&n.to_string(), &format!("https://other.example/{n}"), old.text.title.as_str(), old.text.summary.as_str(), old.published_at.unwrap())
            }).collect();
            prop_assert_eq!(keep(&store, "b", carried, at(111)).0.new, 0);
            prop_assert_eq!(store.article_count().unwrap() as usize, all.len());
        }
    }
}
