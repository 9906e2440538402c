//! Octets of returned mail as lines and as text, whatever charset somebody named.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// CRLF, CR CR LF, and the lone CR of old systems, as LF.
pub(super) fn with_line_feeds(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let returns = bytes[at..].iter().take_while(|byte| **byte == b'\r').count();
        match bytes.get(at + returns) {
            Some(b'\n') => out.push(b'\n'),
            Some(byte) if returns == 0 => out.push(if *byte == 0 { b' ' } else { *byte }),
            _ => {
                out.extend(std::iter::repeat_n(b'\n', returns));
                at += returns;
                continue;
            }
        }
        at += returns + 1;
    }
    out
}

/// Each octet as the character of its number, so that text functions cut anywhere.
pub(super) fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The octets of such characters.
pub(super) fn octets(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// A block of octets as text: nobody says in which charset headers are.
pub(super) fn readable(block: &str) -> String {
    if block.is_ascii() { block.to_owned() } else { in_charset(&octets(block), None) }
}

/// Octets as text: in the charset that they are said to have, if they can be, else in the one they look like.
pub(super) fn in_charset(bytes: &[u8], label: Option<&str>) -> String {
    let named = label.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    // A wrong label is more common than text that happens to be valid UTF-8; ISO-2022-JP is ASCII to the eye.
    match named {
        // Labelled as Japanese and without an escape sequence: the label lies, or it is ASCII.
        Some(encoding) if encoding == encoding_rs::ISO_2022_JP && !bytes.contains(&0x1b) => in_charset(bytes, None),
        Some(encoding)
            if encoding != UTF_8 && (!encoding.is_ascii_compatible() || std::str::from_utf8(bytes).is_err()) =>
        {
            encoding.decode(bytes).0.into_owned()
        }
        None if bytes.contains(&0x1b) => encoding_rs::ISO_2022_JP.decode(bytes).0.into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => guessed(bytes).decode(bytes).0.into_owned(),
        },
    }
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(64 << 10)], true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Allow);
    if guess == UTF_8 { WINDOWS_1252 } else { guess }
}
