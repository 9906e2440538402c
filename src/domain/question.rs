//! The number by which a page tells a person from a machine that opens links, runs scripts and presses buttons. Names nobody and stores nothing: it follows from
//! the page's token and the link that led there, so each showing of a page asks for another.
//!
//! A machine that checks mail does not read. One that presses the first button, the last or all of them presses one first that no person sees, which ends pressing and
//! leaves typing.

use super::token::Keyring;

/// Buttons on a page that is answered by pressing: the one that people see, one before it and one after it.
const BUTTONS: usize = 3;
/// Two digits: read at a glance and typed without a slip.
const LEAST: u8 = 10;
const SPAN: u8 = 90;

/// How a page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The one button that people see carries the number; those that nobody sees carry others.
    Press,
    /// The number is typed; what no machine does by chance. For what cannot be taken back, and where machines were seen.
    Type,
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The number.
    Right,
    /// Another number, as a person may mistype it.
    Slip,
    /// What a person who sees the page does not send: nothing, no number, a button with another.
    Machine,
}

/// One showing of a page, and what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    number: u8,
    decoys: [u8; BUTTONS - 1],
}

impl Question {
    /// The question of the page that carries a form's token, behind a link.
    pub fn of(keyring: &Keyring, form: &str, link: &str) -> Self {
        let chance = keyring.question(form, link);
        let mut numbers = [0; BUTTONS];
        for at in 0..BUTTONS {
            let mut number = chance[at] % SPAN;
            while numbers[..at].contains(&(number + LEAST)) {
                number = (number + 1) % SPAN;
            }
            numbers[at] = number + LEAST;
        }
        let [number, before, after] = numbers;
        Self { number, decoys: [before, after] }
    }

    /// The number that is asked for.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// What the buttons send that no person sees: the one before the page's own, and the one after it.
    pub fn decoys(&self) -> [u8; BUTTONS - 1] {
        self.decoys
    }

    /// What somebody sent who was asked in one of the ways.
    pub fn hear(&self, way: Way, said: Option<&str>) -> Heard {
        let number = said.and_then(number);
        match (way, number) {
            (_, Some(number)) if number == u32::from(self.number()) => Heard::Right,
            (Way::Type, Some(_)) => Heard::Slip,
            _ => Heard::Machine,
        }
    }
}

/// A short number in the digits of any keyboard that the fixed texts have a language for.
fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 4 {
        return None;
    }
    text.chars().try_fold(0, |number, digit| Some(number * 10 + value(digit)?))
}

fn value(digit: char) -> Option<u32> {
    ['0', '\u{660}', '\u{6F0}'].iter().find_map(|zero| {
        let value = u32::from(digit).checked_sub(u32::from(*zero))?;
        (value < 10).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::{Key, SuppressionKey};

    fn ring() -> Keyring {
        Keyring::new(vec![Key { id: 1, secret: [1; 32], retired: false }], SuppressionKey([2; 32])).unwrap()
    }

    #[test]
    fn each_showing_asks_for_another_number_and_no_decoy_carries_it() {
        let ring = ring();
        let mut numbers = std::collections::BTreeSet::new();
        for n in 0..500 {
            let question = Question::of(&ring, &format!("form {n}"), "link");
            assert_eq!(question, Question::of(&ring, &format!("form {n}"), "link"));
            let [before, after] = question.decoys();
            let all = [question.number(), before, after];
            assert!(all.iter().all(|one| (10..100).contains(one)), "{all:?}");
            assert!(!question.decoys().contains(&question.number()) && before != after, "{all:?}");
            numbers.insert(question.number());
        }
        assert!(numbers.len() > 80);
        let here = Question::of(&ring, "form", "link");
        assert!(
            (0..50).any(|n| Question::of(&ring, "form", &format!("link {n}")) != here),
            "another link, another number"
        );
    }

    #[test]
    fn the_number_is_heard_in_any_digits_and_nothing_else_is() {
        let question = Question { number: 47, decoys: [10, 12] };
        for right in ["47", " 47 ", "٤٧", "۴۷", "047"] {
            assert_eq!(question.hear(Way::Type, Some(right)), Heard::Right, "{right}");
        }
        assert_eq!(question.hear(Way::Type, Some("74")), Heard::Slip);
        assert_eq!(question.hear(Way::Press, Some("12")), Heard::Machine);
        for nothing in [None, Some(""), Some("test"), Some("jo@example.org"), Some("4 7"), Some("4747474747")] {
            assert_eq!(question.hear(Way::Type, nothing), Heard::Machine, "{nothing:?}");
        }
    }
}
