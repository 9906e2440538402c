//! Bytes → text, whatever the declared charset says: BOM, then valid UTF-8, then the document's own word, then HTTP's, then a guess.
//!
//! Must not fail: any bytes become some text. Limits on size stand before this.

mod ebcdic;
mod rare;

use crate::collect::entities::windows_1252;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Decodes a document. `http` is the charset of the Content-Type header, if there was one.
pub fn decode(bytes: &[u8], http: Option<&str>) -> String {
    if let Some(text) = by_mark(bytes).or_else(|| by_zeroes(bytes)).or_else(|| ebcdic::decode(bytes)) {
        return text;
    }
    let declared = declared(bytes);
    // A document of escape sequences is valid ASCII too, so this one label is believed before the bytes are tried.
    if let Some(encoding) = declared.filter(|e| *e == encoding_rs::ISO_2022_JP && bytes.contains(&0x1B)) {
        return encoding.decode_without_bom_handling(bytes).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => mended_controls(text),
        Err(_) => label(bytes)
            .and_then(|label| {
                rare::decode(bytes, &label).or_else(|| code_page(&label).map(|page| page.decode_string_lossy(bytes)))
            })
            .unwrap_or_else(|| by_label_or_guess(bytes, declared, http)),
    }
}

/// A code page of DOS by the labels of the IANA register; the web's list of encodings, which `encoding_rs` follows, has none of them but 866 and 874.
fn code_page(label: &str) -> Option<oem_cp::code_table_type::TableType> {
    let number = match label {
        "cp-is" | "cp_is" => "861",
        "cp856" => "862",
        label => label.split(|c: char| !c.is_ascii_digit()).max_by_key(|digits| digits.len())?,
    };
    let named = ["cp", "ibm", "oem", "cs", "pc"].iter().any(|prefix| label.starts_with(prefix)) || label == number;
    let code: u16 = number.parse().ok().filter(|_| named)?;
    oem_cp::code_table::DECODING_TABLE_CP_MAP.get(&code).cloned()
}

/// By byte order mark, the one sign that is never wrong.
fn by_mark(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Some(utf_32(&bytes[4..], bytes[0] == 0xFF));
    }
    let (encoding, length) = Encoding::for_bom(bytes)?;
    let body = &bytes[length..];
    if encoding == UTF_8 && std::str::from_utf8(body).is_err() {
        return Some(mixed(body));
    }
    Some(encoding.decode_without_bom_handling(body).0.into_owned())
}

/// UTF-16 and UTF-32 without a mark show themselves by the zeroes around a first `<` or `{`.
fn by_zeroes(bytes: &[u8]) -> Option<String> {
    match *bytes.first_chunk::<4>()? {
        [b'<' | b'{', 0, 0, 0] => Some(utf_32(bytes, true)),
        [0, 0, 0, b'<' | b'{'] => Some(utf_32(bytes, false)),
        [b'<' | b'{', 0, _, 0] => Some(UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()),
        [0, b'<' | b'{', 0, _] => Some(UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()),
        _ => None,
    }
}

fn utf_32(bytes: &[u8], little: bool) -> String {
    let read = |four: &[u8; 4]| if little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) };
    bytes.as_chunks::<4>().0.iter().map(|four| char::from_u32(read(four)).unwrap_or('\u{FFFD}')).collect()
}

/// The encoding that the document names in its XML declaration or an HTML `meta`, within its first 1,024 bytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let label = label(bytes)?;
    let label = label.replace("windows_", "windows-");
    Encoding::for_label(match label.as_str() {
        // Names of other programs for what the web calls otherwise.
        "mac-cyrillic" | "maccyrillic" => b"x-mac-cyrillic",
        "macroman" | "mac-roman" => b"macintosh",
        "ms-cyrl" => b"windows-1251",
        label => label.as_bytes(),
    })
}

/// The name of that encoding, in lower case.
fn label(bytes: &[u8]) -> Option<String> {
    let head: String = bytes.iter().take(1_024).map(|b| char::from(b.to_ascii_lowercase())).collect();
    let after =
        ["encoding=", "charset=", "encoding ="].iter().find_map(|key| head.split_once(key).map(|(_, rest)| rest))?;
    let label = after.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).unwrap_or(label.len());
    Some(label[..end].to_owned())
}

fn by_label_or_guess(bytes: &[u8], declared: Option<&'static Encoding>, http: Option<&str>) -> String {
    let http = http.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    for encoding in [declared, http].into_iter().flatten() {
        // A UTF-16 label on bytes without zeroes is a lie, and UTF-8 has just been refuted.
        if encoding != UTF_8 && encoding != UTF_16LE && encoding != UTF_16BE {
            let (text, faulty) = encoding.decode_without_bom_handling(bytes);
            if !faulty {
                return text.into_owned();
            }
        }
    }
    if mostly_utf_8(bytes) {
        return mixed(bytes);
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Deny).decode_without_bom_handling(bytes).0.into_owned()
}

/// Whether multi-byte UTF-8 sequences outnumber what is broken: a text with a few foreign bytes in it.
fn mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

/// UTF-8 with stray bytes of Windows-1252 in it, as templates paste them together.
fn mixed(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|b| windows_1252(*b)));
    }
    out
}

/// C1 controls in valid UTF-8 are Windows-1252 that somebody converted as Latin-1.
fn mended_controls(text: &str) -> String {
    // U+0080 to U+009F are exactly the two-byte sequences C2 80 to C2 9F.
    let suspicious =
        memchr::memchr_iter(0xC2, text.as_bytes()).any(|at| matches!(text.as_bytes().get(at + 1), Some(0x80..=0x9F)));
    if !suspicious {
        return text.to_owned();
    }
    text.chars().map(|c| if ('\u{80}'..='\u{9F}').contains(&c) { windows_1252(c as u8) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_utf_8_wins_over_a_wrong_declaration() {
        let text = r#"<?xml version="1.0" encoding="ISO-8859-1"?><t>Café – Zürich</t>"#;
        assert_eq!(decode(text.as_bytes(), Some("latin1")), text);
    }

    #[test]
    fn windows_1252_in_utf_8_clothes_is_read() {
        let mut bytes = br#"<?xml version="1.0" encoding="UTF-8"?><t>"#.to_vec();
        bytes.extend(b"Caf\xe9 \x93quoted\x94 na\xefve, d\xe9j\xe0 vu, \xfcber");
        assert!(decode(&bytes, None).ends_with("Café “quoted” naïve, déjà vu, über"), "{}", decode(&bytes, None));
    }

    #[test]
    fn code_pages_of_dos_are_read() {
        for (label, expected) in
            [("cp437", "Ç"), ("IBM855", "ђ"), ("csPC862LatinHebrew", "א"), ("850", "Ç"), ("cp1252", "€")]
        {
            let mut bytes = format!("<?xml version='1.0' encoding='{label}'?>").into_bytes();
            bytes.push(0x80);
            assert!(decode(&bytes, None).ends_with(expected), "{label}");
        }
    }

    #[test]
    fn declared_and_marked_encodings_are_read() {
        let (russian, _, _) = encoding_rs::WINDOWS_1251.encode("<?xml encoding='windows-1251'?><t>Привет</t>");
        assert!(decode(&russian, None).contains("Привет"));
        let (russian, _, _) = encoding_rs::KOI8_R.encode("<t>Привет, мир</t>");
        assert!(decode(&russian, Some("koi8-r")).contains("Привет, мир"));
        let sixteen: Vec<u8> = "<t>Zwölf</t>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&sixteen, None), "<t>Zwölf</t>");
        assert_eq!(decode(&[&[0xFF, 0xFE], &sixteen[..]].concat(), None), "<t>Zwölf</t>");
        let wide: Vec<u8> = "<t>x</t>".chars().flat_map(|c| (c as u32).to_be_bytes()).collect();
        assert_eq!(decode(&wide, None), "<t>x</t>");
    }

    #[test]
    fn a_few_foreign_bytes_do_not_spoil_utf_8() {
        let mut bytes = "Ünïcödé — über alles".as_bytes().to_vec();
        bytes.extend(b" it\x92s");
        assert_eq!(decode(&bytes, None), "Ünïcödé — über alles it’s");
    }

    #[test]
    fn c1_controls_become_what_was_meant() {
        assert_eq!(decode("it\u{92}s".as_bytes(), None), "it’s");
    }

    #[test]
    fn no_bytes_are_too_strange() {
        assert_eq!(decode(&[], None), "");
        assert!(!decode(&[0x80, 0xFF, 0x00, 0xC3], Some("no-such-charset")).is_empty());
    }
}
