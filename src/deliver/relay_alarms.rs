//! Which alarms about relays are to be raised, and which are over, as the line stands. Keeps none and tells nobody.

use super::line::Line;
use crate::mail::mailer::OpenError;
use crate::mail::relay_kind::in_words;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// An alarm is raised at most so often while its reason stays.
const EVERY: TimeDelta = TimeDelta::minutes(1);

/// The alarms of one delivery.
#[derive(Debug)]
pub struct RelayAlarms {
    /// The relays, for people.
    names: Vec<String>,
    /// When each was last raised, by what it is about.
    raised: BTreeMap<String, DateTime<Utc>>,
    /// What an alarm may stand about, be it from an earlier process.
    standing: BTreeSet<String>,
}

/// What an alarm is about, and its sentence; none: it is over.
pub type Change = (String, Option<String>);

impl RelayAlarms {
    /// None raised yet.
    pub fn new(names: &[String]) -> Self {
        let standing = names.iter().cloned().chain([names.join(", ")]).collect();
        Self { names: names.to_vec(), raised: BTreeMap::new(), standing }
    }

    /// What is to be raised or taken back now.
    pub fn changes(&mut self, line: &Line, now: DateTime<Utc>) -> Vec<Change> {
        let all = self.names.join(", ");
        let mut changes = Vec::new();
        if let Some(trouble) = line.trouble() {
            self.raise(
                all,
                format!("{}; nobody's attempts are used up, the mail waits", told(&trouble)),
                now,
                &mut changes,
            );
            return changes;
        }
        if !line.is_up() {
            return changes;
        }
        let alone = self.names.len() == 1;
        if !alone {
            self.take_back(&all, &mut changes);
        }
        for (relay, name) in self.names.clone().into_iter().enumerate() {
            match line.trouble_of(relay) {
                // One that answers is not gone, whatever it says.
                Some(OpenError::Busy { .. }) => {}
                Some(trouble) if !alone => {
                    self.raise(
                        name,
                        format!("{}; the mail goes by another relay meanwhile", told(&trouble)),
                        now,
                        &mut changes,
                    );
                }
                _ if alone || line.is_open(relay) => self.take_back(&name, &mut changes),
                _ => {}
            }
        }
        changes
    }

    fn raise(&mut self, about: String, sentence: String, now: DateTime<Utc>, changes: &mut Vec<Change>) {
        if self.raised.get(&about).is_none_or(|at| now - *at >= EVERY) {
            self.raised.insert(about.clone(), now);
            self.standing.insert(about.clone());
            changes.push((about, Some(sentence)));
        }
    }

    fn take_back(&mut self, about: &str, changes: &mut Vec<Change>) {
        self.raised.remove(about);
        if self.standing.remove(about) {
            changes.push((about.to_owned(), None));
        }
    }
}

/// What is the matter, and what it means where the relay's words are known.
fn told(trouble: &OpenError) -> String {
    // Not in the whole sentence: the name of a relay may look like what one says.
    in_words(trouble.words()).map_or_else(|| trouble.to_string(), |meaning| format!("{trouble} ({meaning})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::route::Route;
    use crate::mail::mailer::Mailer;
    use crate::mail::memory::MemoryMailer;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn unreachable() -> OpenError {
        OpenError::Unreachable { relay: "one".into(), why: "told so".into() }
    }

    fn line(relays: usize) -> (Line, RelayAlarms) {
        let usual = Route::only(Mailer::Memory(MemoryMailer::default()), 1);
        let names = ["one", "two"][..relays].iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        (Line::new(&vec![usual; relays]), RelayAlarms::new(&names))
    }

    fn about(changes: &[Change]) -> Vec<(&str, bool)> {
        changes.iter().map(|(about, sentence)| (about.as_str(), sentence.is_some())).collect()
    }

    #[test]
    fn a_line_that_is_down_is_told_every_minute_and_taken_back_once() {
        let (line, mut alarms) = line(1);
        line.failed(0, unreachable());
        assert_eq!(about(&alarms.changes(&line, at(0))), [("one", true)]);
        assert_eq!(alarms.changes(&line, at(59)), []);
        assert_eq!(about(&alarms.changes(&line, at(60))), [("one", true)]);
        line.opened(0);
        assert_eq!(alarms.changes(&line, at(61)), [("one".to_owned(), None)]);
        assert_eq!(alarms.changes(&line, at(62)), []);
    }

    #[test]
    fn what_a_relay_says_at_the_door_is_put_into_words() {
        let (line, mut alarms) = line(1);
        let why = "451 Authentication failed: Maximum credits exceeded".to_owned();
        line.failed(0, OpenError::Login { relay: "one".into(), why });
        let changes = alarms.changes(&line, at(0));
        let sentence = changes[0].1.as_deref().unwrap();
        assert!(
            sentence.contains("credits exceeded") && sentence.contains("quota at SendGrid is used up"),
            "{sentence}"
        );
    }

    #[test]
    fn an_alarm_of_an_earlier_process_is_taken_back_by_the_first_session() {
        let (line, mut alarms) = line(2);
        assert_eq!(alarms.changes(&line, at(0)), []);
        line.opened(0);
        assert_eq!(about(&alarms.changes(&line, at(1))), [("one, two", false), ("one", false)]);
        line.opened(1);
        assert_eq!(about(&alarms.changes(&line, at(2))), [("two", false)]);
    }

    #[test]
    fn a_relay_that_does_not_answer_is_told_although_another_takes_the_mail() {
        let (line, mut alarms) = line(2);
        line.opened(1);
        alarms.changes(&line, at(0));
        line.failed(0, unreachable());
        let changes = alarms.changes(&line, at(1));
        assert_eq!(about(&changes), [("one", true)]);
        assert!(changes[0].1.as_deref().unwrap().contains("by another relay"), "{changes:?}");
        line.opened(0);
        assert_eq!(about(&alarms.changes(&line, at(2))), [("one", false)]);
    }
}
