//! UTF-8 that somebody took for Windows-1252 or Latin-1 and encoded again: `â€™` for an apostrophe, `Ã©` for é.
//!
//! Only sequences that no language writes are mended, each for itself; must not touch anything else.

use std::borrow::Cow;

/// The text with such sequences read as what they were.
pub fn mended(text: &str) -> Cow<'_, str> {
    // These three begin with the same byte, which is rare in most texts.
    let suspicious = |at: usize| matches!(text.as_bytes().get(at + 1), Some(0x82 | 0x83 | 0xA2));
    if !memchr::memchr_iter(0xC3, text.as_bytes()).any(suspicious) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find(['Ã', 'â', 'Â']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((read, length)) = sequence(rest) {
            out.push(read);
            rest = &rest[length..];
            changed = true;
        } else {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..first]);
            rest = &rest[first..];
        }
    }
    out.push_str(rest);
    if changed { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

/// The character that the beginning of the text was, and how many bytes it takes there.
fn sequence(text: &str) -> Option<(char, usize)> {
    let mut bytes: Vec<u8> = Vec::with_capacity(3);
    let mut length = 0;
    let wanted = if text.starts_with('â') { 3 } else { 2 };
    for c in text.chars().take(wanted) {
        bytes.push(byte_of(c)?);
        length += c.len_utf8();
    }
    // Only what was ASCII's neighbour (`Ã` + Latin letter) or general punctuation (`â€` + mark): the rest could be meant.
    let sound = match bytes.as_slice() {
        [0xC3, 0x80..=0xBF] => true,
        [0xC2, 0xA0..=0xBF] => text.chars().nth(1).is_some_and(|c| c == '\u{A0}' || !c.is_alphanumeric()),
        [0xE2, 0x80 | 0x82, 0x80..=0xBF] => true,
        _ => false,
    };
    let read = std::str::from_utf8(&bytes).ok().filter(|_| sound)?.chars().next()?;
    Some((read, length))
}

/// The byte that Windows-1252, or Latin-1 for its gaps, writes a character with.
fn byte_of(c: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    (0x80..=0x9F).find(|byte| crate::collect::entities::windows_1252(*byte) == c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_twice_is_read_once() {
        assert_eq!(mended("Itâ€™s â€œcafÃ©â€\u{9D} ââ\u{80}\u{A6} 3Â\u{A0}km"), "It’s “café” â… 3\u{A0}km");
        assert_eq!(mended("â\u{80}\u{A6}"), "…");
    }

    #[test]
    fn what_languages_write_is_left_alone() {
        for text in ["château", "PÂTÉ", "SÃO PAULO", "NÃO", "România, Târgu", "Âge", "Ã"] {
            assert_eq!(mended(text), text);
        }
    }
}
