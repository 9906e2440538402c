//! Lines of plain text, measured in display cells: wide characters take two, marks none.

use crate::domain::slot::{Piece, What, pieces};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The width of the text part in display cells.
pub const WIDTH: usize = 72;

/// The cells that a text takes. A slot counts as a usual value of its kind.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    pieces(text)
        .iter()
        .map(|piece| match piece {
            Piece::Fixed(fixed) => fixed.width(),
            Piece::Slot(What::Address, _) => 24,
            Piece::Slot(What::ConfirmedOn, _) => 17,
            Piece::Slot(What::UnsubscribeUrl | What::PreferencesUrl, _) => WIDTH,
        })
        .sum()
}

/// Breaks a text between words so that no line takes more than `room` cells. An address of the web stays whole; any other word that is too long, as
/// in scripts without spaces, is broken between characters.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let cells = width(word);
        if used > 0 && used + 1 + cells > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        if cells > room && !word.contains("://") {
            used += break_word(word, room, &mut line, &mut lines);
        } else {
            line.push_str(word);
            used += cells;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Fills lines with a word that is too long for one; what is left over stays in `line`. Gives back the cells used there.
fn break_word(word: &str, room: usize, line: &mut String, lines: &mut Vec<String>) -> usize {
    let mut used = 0;
    for cluster in word.graphemes(true) {
        let cells = width(cluster);
        if used + cells > room {
            lines.push(std::mem::take(line));
            used = 0;
        }
        line.push_str(cluster);
        used += cells;
    }
    used
}

/// Two texts at the two ends of a line, `fill` between them; none when they do not fit.
pub fn spread(left: &str, right: &str, fill: char) -> Option<String> {
    let room = WIDTH.checked_sub(width(left) + width(right))?;
    (room >= 2).then(|| {
        let middle = if fill == ' ' { " ".repeat(room) } else { format!(" {} ", fill.to_string().repeat(room - 2)) };
        format!("{left}{middle}{right}")
    })
}

/// A text in the middle of the line.
pub fn centred(text: &str) -> String {
    format!("{}{text}", " ".repeat(WIDTH.saturating_sub(width(text)) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::slot::{Where, mark};

    #[test]
    fn lines_are_measured_in_cells() {
        assert_eq!(width("日本語"), 6);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("\u{2068}Ada\u{2069}"), 3);
        assert_eq!(width(&mark(What::Address, Where::PlainText)), 24);
    }

    #[test]
    fn an_address_is_never_broken_and_a_word_without_spaces_is() {
        let url = format!("https://example.org/{}", "x".repeat(90));
        assert_eq!(wrap(&format!("see {url} now"), 20), ["see", &url, "now"]);
        assert_eq!(wrap("日本語日本語", 6), ["日本語", "日本語"]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert!(wrap("", 10).is_empty());
    }

    #[test]
    fn two_ends_meet_at_the_margins() {
        let line = spread("NUCLEAR", "4 stories", ' ').unwrap();
        assert_eq!(width(&line), WIDTH);
        assert!(spread(&"x".repeat(70), "4 stories", ' ').is_none());
    }
}
