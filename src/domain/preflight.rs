//! What is looked at before an issue goes out, and what each finding means: mended by the program, worth a look, or a reason not to send. Says what
//! a finding weighs and when one keeps an issue back; looks at nothing itself.
//!
//! A gate that stops too much silences a Friday with nobody at the desk, so the list of what blocks is short and closed: see [`BLOCKING`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// All is well.
    Good,
    /// The program has mended it, and says so.
    Repaired,
    /// It goes out all the same; somebody should look.
    Warned,
    /// It does not go out unless a person says so, with a reason.
    Blocking,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Repaired => "repaired",
            Self::Warned => "warned",
            Self::Blocking => "blocking",
        }
    }
}

/// The findings that keep an issue back, each with what it is in words. Nothing else does.
pub const BLOCKING: [(&str, &str); 9] = [
    ("unsubscribe-in-html", "No way out in the HTML"),
    ("unsubscribe-in-text", "No way out in the plain text"),
    ("list-unsubscribe", "No unsubscribe header"),
    ("postal-address-in-html", "No postal address in the HTML"),
    ("postal-address-in-text", "No postal address in the plain text"),
    ("gmail-limit", "Over Gmail's limit"),
    ("same-as-last", "The same as the last issue"),
    ("nobody", "Nobody to send to"),
    ("own-address", "Our own web address"),
];

/// What other findings are in words; those that are not here are told by their names.
const WORDS: [(&str, &str); 76] = [
    ("absolute-urls", "Links that lead nowhere from a mail"),
    ("active-content", "Scripts and forms"),
    ("alt-from-title", "Pictures without a description"),
    ("alt-texts", "Pictures without alternative text"),
    ("ascii-headers", "Headers outside ASCII"),
    ("attachments", "Attachments"),
    ("auto-submitted", "The header against vacation replies"),
    ("charset", "Character set"),
    ("client-support", "Styles that mail programs ignore"),
    ("contrast", "Text that is hard to read on its ground"),
    ("daily-quota", "More than the relays take in a day"),
    ("date", "The date"),
    ("dead-stories", "Stories that vanished"),
    ("dir", "The direction of the text"),
    ("dkim", "No DKIM signature"),
    ("dkim-aligned", "A DKIM signature of another domain"),
    ("dkim-coverage", "Headers that the DKIM signature leaves out"),
    ("dkim-form", "A broken DKIM signature"),
    ("dkim-oversigned", "Headers that could be added under the DKIM signature"),
    ("dkim-rsa", "A DKIM signature that some cannot verify"),
    ("encoding", "Encoding"),
    ("event-attributes", "Scripts in attributes"),
    ("feedback-id", "The header for Gmail's complaint figures"),
    ("from", "The sender"),
    ("from-name", "The sender's name"),
    ("header-lines", "Long header lines"),
    ("headers-once", "Headers missing or twice"),
    ("headline-repeated", "Headlines of the last issue"),
    ("html-read", "HTML that is too large or too deep to read"),
    ("https-urls", "Links without https"),
    ("lang", "The language of the HTML"),
    ("layout-tables", "Tables that are read out as such"),
    ("leftovers", "Unfilled places of a template"),
    ("line-ends", "Line ends"),
    ("line-length", "Lines that are too long"),
    ("link-hosts", "Links that name another site"),
    ("link-texts", "Links without words"),
    ("links", "Links that do not answer"),
    ("list-contact", "A header with whom to ask"),
    ("list-id", "The list's own name"),
    ("list-unsubscribe-http", "An unsubscribe address without https"),
    ("list-unsubscribe-mailto", "No unsubscribe address for mail"),
    ("merge-slots", "Misspelt places"),
    ("message-id", "The message's own name"),
    ("mime-version", "The MIME version"),
    ("nothing-for-some", "Readers whose topics have no story"),
    ("one-click", "The one-click header"),
    ("parts", "The parts of the message"),
    ("picture-sources", "Pictures from odd places"),
    ("pictures-dropped", "Pictures that could not be had"),
    ("precedence", "The header for old answering machines"),
    ("preheader", "The line beside the subject"),
    ("return-path", "A return path that only the last server may write"),
    ("seven-bit", "Bytes that not every server passes on"),
    ("size", "The size of the message"),
    ("sources", "Sources that do not answer"),
    ("spam-score", "Spam score"),
    ("story-repeated", "Stories of the last issue"),
    ("subject", "The subject"),
    ("subject-honest", "A subject that looks like spam"),
    ("subject-length", "A long subject"),
    ("subject-repeated", "The last issue's subject"),
    ("subject-slots", "Misspelt places in the subject"),
    ("summaries", "Stories without a summary"),
    ("summary-from-lead", "Summaries made of the lead"),
    ("text", "The plain text"),
    ("text-links", "Links that only one part has"),
    ("text-markup", "Markup in the plain text"),
    ("text-width", "Long lines in the plain text"),
    ("title", "The title of the HTML"),
    ("to", "The recipient"),
    ("tracking-pixels", "Pictures that only count"),
    ("unsubscribe-private", "A way out that shows the reader's address"),
    ("unsubscribe-token", "A way out that could be guessed"),
    ("unsubscribe-url", "A way out that is no plain address"),
    ("variants", "Many renderings"),
];

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// A stable name.
    pub name: String,
    /// How much it matters.
    pub level: Level,
    /// What was found, in words; empty when all is well and there is nothing to tell.
    pub detail: String,
    /// In how many renderings it was found; 0 for what concerns the issue as a whole.
    pub renderings: usize,
}

impl Check {
    /// What it is about, in words.
    pub fn words(&self) -> String {
        let known = BLOCKING.iter().chain(&WORDS).find(|(name, _)| *name == self.name);
        known.map_or_else(|| self.name.replace(['-', '_'], " "), |(_, words)| (*words).to_owned())
    }

    /// The finding as a sentence.
    pub fn sentence(&self) -> String {
        match self.detail.as_str() {
            "" => self.words(),
            detail => format!("{}: {detail}", self.words()),
        }
    }
}

/// What a name weighs when the finding is a fault.
pub fn weight_of(name: &str) -> Level {
    if BLOCKING.iter().any(|(blocking, _)| *blocking == name) { Level::Blocking } else { Level::Warned }
}

/// All that was looked at before an issue goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    /// When.
    pub at: DateTime<Utc>,
    /// Distinct renderings that were looked at.
    pub renderings: usize,
    /// Readers who will get it.
    pub readers: u64,
    /// Readers for whom it holds nothing that they chose.
    pub nothing: u64,
    /// All checks, the gravest first.
    pub checks: Vec<Check>,
}

impl Preflight {
    /// What keeps the issue back.
    pub fn blocking(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.level == Level::Blocking)
    }

    /// What is worth telling: everything that is not simply well.
    pub fn notable(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.level != Level::Good)
    }

    /// How many checks have a level.
    pub fn count(&self, level: Level) -> usize {
        self.checks.iter().filter(|check| check.level == level).count()
    }

    /// What stands in the way, in a sentence: all that blocks and that nobody has taken upon themselves.
    pub fn in_the_way(&self, anyway: Option<&Anyway>) -> Option<String> {
        let is_open = |check: &&Check| anyway.is_none_or(|anyway| !anyway.covers.contains(&check.name));
        let open: Vec<String> = self.blocking().filter(is_open).map(Check::sentence).collect();
        (!open.is_empty()).then(|| open.join("; "))
    }
}

/// That a person lets an issue go all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anyway {
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// The findings that were known then; a new one blocks again.
    pub covers: Vec<String>,
}

/// Gathers checks of many renderings: one line for each name, with the gravest that was found.
#[derive(Debug, Default)]
pub struct Gathering {
    checks: BTreeMap<String, Check>,
    renderings: usize,
}

impl Gathering {
    /// The next rendering is looked at.
    pub fn next_rendering(&mut self) {
        self.renderings += 1;
    }

    /// Something about the rendering at hand that is well, or not.
    pub fn note(&mut self, name: &str, ok: bool, detail: &str) {
        let level = if ok { Level::Good } else { weight_of(name) };
        self.add(name, level, if ok { "" } else { detail }, usize::from(!ok));
    }

    /// Something about the issue as a whole.
    pub fn whole(&mut self, name: &str, level: Level, detail: impl Into<String>) {
        self.add(name, level, &detail.into(), 0);
    }

    /// Makes a fault lighter that does no harm here.
    pub fn at_most(&mut self, name: &str, level: Level) {
        if let Some(check) = self.checks.get_mut(name) {
            check.level = check.level.min(level);
        }
    }

    fn add(&mut self, name: &str, level: Level, detail: &str, renderings: usize) {
        let check = self.checks.entry(name.to_owned()).or_insert_with(|| Check {
            name: name.to_owned(),
            level: Level::Good,
            detail: String::new(),
            renderings: 0,
        });
        check.renderings += renderings;
        if level > check.level || (level == check.level && check.detail.is_empty()) {
            check.level = level;
            detail.clone_into(&mut check.detail);
        }
    }

    /// All that was gathered.
    pub fn finish(self, readers: u64, nothing: u64, at: DateTime<Utc>) -> Preflight {
        let renderings = self.renderings;
        let mut checks: Vec<Check> = self.checks.into_values().collect();
        for check in checks.iter_mut().filter(|check| check.renderings > 0 && renderings > 1) {
            check.detail = format!("{} (in {} of {renderings} renderings)", check.detail, check.renderings);
        }
        // Of one level by name: the map has sorted them.
        checks.sort_by_key(|check| std::cmp::Reverse(check.level));
        Preflight { at, renderings, readers, nothing, checks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_100_000, 0).unwrap()
    }

    #[test]
    fn what_blocks_is_exactly_the_short_list() {
        let mut gathering = Gathering::default();
        gathering.next_rendering();
        for name in ["contrast", "links", "leftovers", "encoding", "one-click", "parts"] {
            gathering.note(name, false, "wrong");
        }
        assert_eq!(gathering.finish(1, 0, at()).in_the_way(None), None);
        assert!(BLOCKING.iter().all(|(name, _)| weight_of(name) == Level::Blocking));
    }

    #[test]
    fn a_finding_of_many_renderings_is_one_line_and_the_gravest_stands_first() {
        let mut gathering = Gathering::default();
        for n in 0..5 {
            gathering.next_rendering();
            gathering.note("contrast", n != 1, "too pale");
            gathering.note("unsubscribe-in-text", n < 3, "the way out");
        }
        gathering.whole("alt-from-title", Level::Repaired, "2 pictures");
        let report = gathering.finish(10, 0, at());
        let told: Vec<String> = report.notable().map(Check::sentence).collect();
        assert_eq!(
            told,
            [
                "No way out in the plain text: the way out (in 2 of 5 renderings)",
                "Text that is hard to read on its ground: too pale (in 1 of 5 renderings)",
                "Pictures without a description: 2 pictures",
            ]
        );
    }

    #[test]
    fn who_lets_an_issue_go_takes_upon_themselves_what_was_known_and_no_more() {
        let mut gathering = Gathering::default();
        gathering.whole("own-address", Level::Blocking, "it does not answer");
        let anyway =
            Anyway { reason: "the router".into(), actor: "operator".into(), covers: vec!["own-address".into()] };
        assert_eq!(gathering.finish(1, 0, at()).in_the_way(Some(&anyway)), None);
        let mut gathering = Gathering::default();
        gathering.whole("own-address", Level::Blocking, "it does not answer");
        gathering.whole("nobody", Level::Blocking, "no active subscriber");
        let report = gathering.finish(0, 0, at());
        assert_eq!(report.in_the_way(Some(&anyway)).unwrap(), "Nobody to send to: no active subscriber");
    }
}
