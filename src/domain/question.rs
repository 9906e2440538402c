//! The number by which a page tells a person from a machine that opens links, runs scripts and presses buttons. Names nobody and stores nothing: it follows from
//! the page's token and the link that led there, so each showing of a page asks for another.
//!
//! A machine that checks mail does not read. One that presses the first button, the last or all of them presses a wrong one first, which ends pressing and leaves typing.

use super::token::Keyring;

/// Numbers to press.
pub const CHOICES: usize = 5;

/// Two digits: read at a glance and typed without a slip.
const LEAST: u8 = 10;
const SPAN: u8 = 90;

/// How a page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One of several equal buttons carries the number.
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
    choices: [u8; CHOICES],
    right: usize,
}

impl Question {
    /// The question of the page that carries a form's token, behind a link.
    pub fn of(keyring: &Keyring, form: &str, link: &str) -> Self {
        let chance = keyring.question(form, link);
        let mut choices = [0; CHOICES];
        for at in 0..CHOICES {
            let mut number = chance[at] % SPAN;
            while choices[..at].contains(&(number + LEAST)) {
                number = (number + 1) % SPAN;
            }
            choices[at] = number + LEAST;
        }
        // Neither the first nor the last: those are what machines press that press one.
        Self { choices, right: 1 + usize::from(chance[CHOICES]) % (CHOICES - 2) }
    }

    /// The number that is asked for.
    pub fn number(&self) -> u8 {
        self.choices[self.right]
    }

    /// The numbers to press, as they are shown.
    pub fn choices(&self) -> [u8; CHOICES] {
        self.choices
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
    fn each_showing_asks_for_another_number_that_is_neither_first_nor_last() {
        let ring = ring();
        let (mut places, mut numbers) = ([0; CHOICES], std::collections::BTreeSet::new());
        for n in 0..500 {
            let question = Question::of(&ring, &format!("form {n}"), "link");
            assert_eq!(question, Question::of(&ring, &format!("form {n}"), "link"));
            let mut choices = question.choices().to_vec();
            places[choices.iter().position(|one| *one == question.number()).unwrap()] += 1;
            choices.sort_unstable();
            choices.dedup();
            assert!(choices.len() == CHOICES && choices.iter().all(|one| (10..100).contains(one)), "{choices:?}");
            numbers.insert(question.number());
        }
        assert!(places[0] == 0 && places[CHOICES - 1] == 0 && places[1..CHOICES - 1].iter().all(|n| *n > 100));
        assert!(numbers.len() > 80);
        let here = Question::of(&ring, "form", "link");
        assert!(
            (0..50).any(|n| Question::of(&ring, "form", &format!("link {n}")) != here),
            "another link, another number"
        );
    }

    #[test]
    fn the_number_is_heard_in_any_digits_and_nothing_else_is() {
        let question = Question { choices: [10, 47, 12, 13, 14], right: 1 };
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
