//! Scripts: which way a text runs, its digits, and keeping a run of the other direction from disturbing its surroundings.

use crate::domain::slot::is_noncharacter;
use crate::domain::text::Direction;
use fluent_bundle::FluentValue;
use unicode_bidi::{BidiClass, bidi_class};

/// First strong isolate (UAX 9, section 2.4): what stands inside cannot turn what stands outside.
const FSI: char = '\u{2068}';
/// Pop directional isolate, its end.
const PDI: char = '\u{2069}';
/// A mark that runs from right to left and is not seen.
pub const RLM: char = '\u{200F}';

/// The digits of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// 0 to 9.
    Latin,
    /// U+06F0 to U+06F9, in Persian and Urdu.
    Persian,
    /// U+0660 to U+0669, in Arabic.
    Arabic,
}

impl Digits {
    /// A text with its ASCII digits in this form.
    pub fn of(self, text: &str) -> String {
        let zero = match self {
            Self::Latin => return text.to_owned(),
            Self::Persian => 0x06F0,
            Self::Arabic => 0x0660,
        };
        text.chars().map(|c| c.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(c)).collect()
    }

    /// A number that a fixed text prints; words stay as they are.
    pub fn of_value(self, value: &FluentValue<'_>) -> Option<String> {
        match value {
            FluentValue::Number(number) => Some(self.of(&number.as_string())),
            _ => None,
        }
    }
}

/// Whether a character settles a direction, and which.
fn strong(c: char) -> Option<Direction> {
    match bidi_class(c) {
        BidiClass::L if !is_noncharacter(c) => Some(Direction::Ltr),
        BidiClass::R | BidiClass::AL => Some(Direction::Rtl),
        _ => None,
    }
}

/// The direction of the first letter that has one; none for numbers and signs alone.
pub fn direction_of(text: &str) -> Option<Direction> {
    text.chars().find_map(strong)
}

/// Whether a text holds a letter that runs against `base`.
pub fn runs_against(text: &str, base: Direction) -> bool {
    match base {
        // The common case first: ASCII cannot run from right to left.
        Direction::Ltr => !text.is_ascii() && text.chars().filter_map(strong).any(|d| d == Direction::Rtl),
        Direction::Rtl => text.chars().any(|c| is_noncharacter(c) || strong(c) == Some(Direction::Ltr)),
    }
}

/// A name to be put into a text that runs in `base`, isolated when it could disturb it.
pub fn isolate(text: &str, base: Direction) -> String {
    if runs_against(text, base) { format!("{FSI}{text}{PDI}") } else { text.to_owned() }
}

/// A text from right to left in which every run of Latin words is isolated, so that brackets and full stops stay on their side. What is isolated
/// already stays as it is.
pub fn isolate_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 12);
    let mut rest = text;
    while let Some(start) = rest.find(|c| c == FSI || strong(c) == Some(Direction::Ltr)) {
        let (before, from_run) = rest.split_at(start);
        out.push_str(before);
        if from_run.starts_with(FSI) {
            let end = from_run.find(PDI).map_or(from_run.len(), |at| at + PDI.len_utf8());
            out.push_str(&from_run[..end]);
            rest = &from_run[end..];
        } else {
            let (run, after) = from_run.split_at(run_length(from_run));
            out.extend([FSI]);
            out.push_str(run);
            out.extend([PDI]);
            rest = after;
        }
    }
    out + rest
}

/// The length in bytes of the run that a text begins with: up to its last Latin letter or digit before a letter from right to left.
fn run_length(text: &str) -> usize {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        match strong(c) {
            Some(Direction::Rtl) => break,
            _ if c == FSI => break,
            Some(Direction::Ltr) => end = at + c.len_utf8(),
            None if c.is_ascii_digit() => end = at + c.len_utf8(),
            None => {}
        }
    }
    end
}

/// A line from right to left that also says so to a reader who judges by the first letter.
pub fn begin_rtl(line: &str) -> String {
    let opens = line.chars().find(|c| !c.is_whitespace()).and_then(strong) == Some(Direction::Rtl);
    if opens || line.is_empty() { line.to_owned() } else { format!("{RLM}{line}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_runs_are_isolated_and_nothing_else() {
        assert_eq!(
            isolate_runs("در K Street و Brussels 2026."),
            "در \u{2068}K Street\u{2069} و \u{2068}Brussels 2026\u{2069}."
        );
        assert_eq!(isolate_runs("۱۲ گزارش"), "۱۲ گزارش");
    }

    #[test]
    fn a_name_is_isolated_only_where_it_could_disturb() {
        assert_eq!(isolate("Ada Ray", Direction::Ltr), "Ada Ray");
        assert_eq!(isolate("مینا", Direction::Ltr), "\u{2068}مینا\u{2069}");
        assert_eq!(isolate("مینا", Direction::Rtl), "مینا");
    }

    #[test]
    fn a_line_from_right_to_left_begins_so() {
        assert_eq!(begin_rtl("بازار"), "بازار");
        assert_eq!(begin_rtl("۱۲. بازار"), "\u{200F}۱۲. بازار");
        assert_eq!(begin_rtl(""), "");
    }

    #[test]
    fn digits_become_local() {
        assert_eq!(Digits::Persian.of("13–20"), "۱۳–۲۰");
        assert_eq!(Digits::Arabic.of("2026"), "٢٠٢٦");
        assert_eq!(direction_of("123 – בית"), Some(Direction::Rtl));
        assert_eq!(direction_of("123"), None);
    }
}
