//! Character references of HTML and XML, decoded tolerantly: what feeds and pages write, not what their formats allow.
//!
//! Must not expand entities that a document declares itself into anything but the literal text it gave; there is no recursion here.

use std::borrow::Cow;
use web_atoms::NAMED_ENTITIES;

/// Decodes named and numeric references. Unknown ones and bare ampersands stay as they are.
pub fn decode(text: &str) -> Cow<'_, str> {
    decode_with(text, &[])
}

/// Like [`decode`], with names that the document declared itself.
pub fn decode_with<'a>(text: &'a str, declared: &[(String, String)]) -> Cow<'a, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while !rest.is_empty() {
        if let Some((value, length)) = reference(rest, declared) {
            value.push_to(&mut out);
            rest = &rest[length..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
        let next = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(out)
}

enum Value<'d> {
    Char(char),
    Pair(char, char),
    Text(&'d str),
}

impl Value<'_> {
    fn push_to(&self, out: &mut String) {
        match self {
            Self::Char(c) => out.push(*c),
            Self::Pair(first, second) => out.extend([*first, *second]),
            Self::Text(text) => out.push_str(text),
        }
    }
}

/// The reference that `text` (which begins with an ampersand) opens with, and its length in bytes.
fn reference<'d>(text: &str, declared: &'d [(String, String)]) -> Option<(Value<'d>, usize)> {
    let tail = text.as_bytes().get(1..)?;
    if tail.first() == Some(&b'#') {
        return numeric(&tail[1..]).map(|(c, length)| (Value::Char(c), length + 2));
    }
    let length = tail.iter().take(32).take_while(|b| b.is_ascii_alphanumeric()).count();
    let name = &text[1..=length];
    if tail.get(length) != Some(&b';') {
        return unclosed(name, tail.get(length));
    }
    if let Some((_, value)) = declared.iter().find(|(declared, _)| declared == name) {
        return Some((Value::Text(value), length + 2));
    }
    named(&text[1..length + 2]).map(|value| (value, length + 2))
}

/// The reference that a text begins with, if it ends with its semicolon and is of those that are known here; and its length in bytes.
pub fn closed(text: &str) -> Option<(char, usize)> {
    match reference(text, &[])? {
        (Value::Char(c), length) if text.as_bytes().get(length - 1) == Some(&b';') => Some((c, length)),
        _ => None,
    }
}

fn numeric(tail: &[u8]) -> Option<(char, usize)> {
    let hexadecimal = matches!(tail.first(), Some(b'x' | b'X'));
    let digits = if hexadecimal { &tail[1..] } else { tail };
    let radix = if hexadecimal { 16 } else { 10 };
    let count = digits.iter().take(9).take_while(|b| char::from(**b).is_digit(radix)).count();
    let number = std::str::from_utf8(&digits[..count]).ok().and_then(|d| u32::from_str_radix(d, radix).ok())?;
    let semicolon = usize::from(digits.get(count) == Some(&b';'));
    Some((character(number)?, count + semicolon + usize::from(hexadecimal)))
}

/// The character of a number; 128 to 159 mean Windows-1252, as browsers read them (HTML, 13.2.5.5).
fn character(number: u32) -> Option<char> {
    if (0x80..=0x9F).contains(&number) { Some(windows_1252(number as u8)) } else { char::from_u32(number) }
}

/// What Windows-1252 means by a byte from 0x80 to 0x9F; other bytes are themselves.
pub fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// The characters of a name with its semicolon; names are told apart by case, except that wholly upper-case writers are understood.
fn named(name: &str) -> Option<Value<'static>> {
    let (first, second) = match NAMED_ENTITIES.get(name) {
        Some(found) => *found,
        None if name == "NBSP;" => (0xA0, 0),
        None => return None,
    };
    let first = char::from_u32(first).filter(|c| *c != '\0')?;
    Some(match char::from_u32(second).filter(|c| *c != '\0') {
        Some(second) => Value::Pair(first, second),
        None => Value::Char(first),
    })
}

/// A quotation mark or blank whose semicolon was forgotten; `&quotient=3` in an address is none.
fn unclosed(name: &str, next: Option<&u8>) -> Option<(Value<'static>, usize)> {
    let (known, c) = [("quot", '"'), ("nbsp", '\u{A0}')].into_iter().find(|(known, _)| name.starts_with(known))?;
    let next = name.as_bytes().get(known.len()).or(next);
    let apart = !next.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'=' | b'_' | b'-'));
    apart.then_some((Value::Char(c), known.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_decoded_and_bare_ampersands_stay() {
        assert_eq!(decode("AT&T &amp; caf&eacute;&nbsp;&#8212; &#x2026; &bogus; &"), "AT&T & café\u{A0}— … &bogus; &");
    }

    #[test]
    fn numbers_of_windows_1252_mean_what_their_writers_meant() {
        assert_eq!(decode("it&#146;s &#147;so&#148;"), "it’s “so”");
        assert_eq!(decode("&#55296;&#99999999;"), "&#55296;&#99999999;");
    }

    #[test]
    fn names_that_html_has_for_plain_marks_are_known() {
        assert_eq!(
            decode("Vote &lpar;live&rpar;&colon; 3&percnt;&comma; &NotEqualTilde; &Amp;"),
            "Vote (live): 3%, ≂̸ &Amp;"
        );
        assert_eq!(decode("&AMP; &NBSP;&zwnj;"), "& \u{A0}\u{200C}");
    }

    #[test]
    fn a_quotation_mark_without_its_semicolon_is_one_but_no_part_of_an_address() {
        assert_eq!(decode("&quotWhy not?&quot she said,&nbspand left"), "\"Why not?\" she said,&nbspand left");
        assert_eq!(decode("a&nbsp b"), "a\u{A0} b");
        assert_eq!(decode("?a=1&quotient=3&quot=4&nbsp_=5"), "?a=1&quotient=3&quot=4&nbsp_=5");
    }
}
