//! Who made a picture and under what licence, as its file says: IPTC, XMP and EXIF, in this order of trust.
//!
//! Everything is hostile: offsets are checked, lengths bounded, XML goes through the tolerant reader. Must not keep anything else of a file's metadata.

use crate::collect::xml::Tree;
use crate::domain::text::Line;

/// The most characters of a credit or licence.
const LONGEST: usize = 160;
/// The most bytes of a packet that is read.
const PACKET: usize = 256 << 10;

/// What a file says of its maker.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Rights {
    /// Who made it.
    pub(super) credit: Option<Line>,
    /// A copyright notice, or the name of a licence.
    pub(super) licence: Option<Line>,
}

/// Reads what the packets of a file say; nonsense says nothing.
pub(super) fn read(exif: Option<&[u8]>, iptc: Option<&[u8]>, xmp: Option<&[u8]>) -> Rights {
    let known = [iptc.map(of_iptc), xmp.map(of_xmp), exif.map(of_exif)];
    known.into_iter().flatten().fold(Rights::default(), |sofar, next| Rights {
        credit: sofar.credit.or(next.credit),
        licence: sofar.licence.or(next.licence),
    })
}

fn line(text: &str) -> Option<Line> {
    Some(Line::clean_to(text, LONGEST)).filter(|line| line.as_str().chars().any(char::is_alphanumeric))
}

/// Text whose encoding nobody declares: UTF-8 where it is, else what Windows wrote.
fn decoded(bytes: &[u8]) -> String {
    let bytes = bytes.split(|byte| *byte == 0).find(|part| !part.is_empty()).unwrap_or_default();
    std::str::from_utf8(bytes)
        .map_or_else(|_| encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), str::to_owned)
}

/// IPTC-IIM 4.2, record 2: by-line (80), credit (110), copyright notice (116). The packet may lie in a Photoshop resource block.
fn of_iptc(bytes: &[u8]) -> Rights {
    let bytes = &bytes[..bytes.len().min(PACKET)];
    let mut found = Rights::default();
    let mut by_line = None;
    let mut at = bytes.windows(2).position(|pair| pair == [0x1c, 2]).unwrap_or(bytes.len());
    while let Some([0x1c, record, dataset, high, low]) = bytes.get(at..at + 5) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(value) = bytes.get(at + 5..at + 5 + length) else { break };
        let value = || line(&decoded(value));
        match (record, dataset) {
            (2, 80) => by_line = by_line.or_else(value),
            (2, 110) => found.credit = found.credit.or_else(value),
            (2, 116) => found.licence = found.licence.or_else(value),
            _ => {}
        }
        at += 5 + length;
    }
    found.credit = joined(by_line, found.credit);
    found
}

/// `Ada Ray / Agency`, as newspapers print it.
fn joined(maker: Option<Line>, agency: Option<Line>) -> Option<Line> {
    match (maker, agency) {
        (Some(maker), Some(agency)) if !agency.as_str().contains(maker.as_str()) => {
            line(&format!("{maker} / {agency}"))
        }
        (maker, agency) => agency.or(maker),
    }
}

/// XMP (ISO 16684-1): properties as elements or as attributes; of alternatives the first.
fn of_xmp(bytes: &[u8]) -> Rights {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(PACKET)]);
    let tree = Tree::read(&text, |_, _| false);
    let Some(root) = tree.find(|element| element.local.eq_ignore_ascii_case("rdf")) else { return Rights::default() };
    let property = |name: &str| {
        let (_, local) = name.split_once(':').unwrap_or(("", name));
        root.descendants().find_map(|node| {
            let element = (node.name() == local.to_ascii_lowercase()).then(|| {
                let first = node.descendants().find(|inner| inner.name() == "li").unwrap_or(node);
                node.attribute("rdf:resource").map_or_else(|| first.text().into_owned(), std::borrow::Cow::into_owned)
            });
            element
                .or_else(|| node.attribute(name).map(std::borrow::Cow::into_owned))
                .filter(|text| !text.trim().is_empty())
        })
    };
    let licence = ["cc:license", "xmpRights:UsageTerms", "dc:rights", "xmpRights:WebStatement"]
        .iter()
        .find_map(|name| property(name).map(|text| named(&text)).filter(|text| !text.starts_with("http")));
    Rights {
        credit: joined(
            property("dc:creator").and_then(|text| line(&text)),
            property("photoshop:Credit").and_then(|text| line(&text)),
        ),
        licence: licence.and_then(|text| line(&text)),
    }
}

/// The short name of a Creative Commons licence that is given by its address; anything else as it is.
fn named(licence: &str) -> String {
    let licence = licence.trim();
    let Some((_, path)) = licence.split_once("creativecommons.org/") else { return licence.to_owned() };
    let mut parts = path.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("licenses"), Some(kind), Some(version)) => format!("CC {} {version}", kind.to_uppercase()),
        (Some("publicdomain"), Some("zero"), _) => "CC0".to_owned(),
        (Some("publicdomain"), ..) => "Public domain".to_owned(),
        _ => licence.to_owned(),
    }
}

/// EXIF (TIFF 6.0, section 2): artist (0x013b) and copyright (0x8298) of the first directory.
fn of_exif(bytes: &[u8]) -> Rights {
    let tiff = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
    let text = |tag| ascii(tiff, tag).and_then(|text| line(&text));
    Rights { credit: text(0x013b), licence: text(0x8298) }
}

fn ascii(tiff: &[u8], wanted: u16) -> Option<String> {
    let little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let long = |at: usize| {
        let four: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) } as usize)
    };
    let directory = long(4)?;
    (0..usize::from(short(directory)?)).map(|n| directory + 2 + 12 * n).find_map(|entry| {
        let (tag, kind, count) = (short(entry)?, short(entry + 2)?, long(entry + 4)?);
        if tag != wanted || kind != 2 || count == 0 {
            return None;
        }
        // Up to four bytes stand in the entry itself.
        let start = if count <= 4 { entry + 8 } else { long(entry + 8)? };
        tiff.get(start..start.checked_add(count)?).map(decoded)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(number: u8, text: &[u8]) -> Vec<u8> {
        [&[0x1c, 2, number, 0, text.len() as u8], text].concat()
    }

    fn says(rights: &Rights) -> (Option<&str>, Option<&str>) {
        (rights.credit.as_ref().map(Line::as_str), rights.licence.as_ref().map(Line::as_str))
    }

    #[test]
    fn iptc_names_maker_agency_and_notice() {
        let packet = [
            b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x40".to_vec(),
            dataset(80, "Zoë Ray".as_bytes()),
            dataset(110, b"Strait Wire"),
            dataset(116, b"\xa9 2026 Strait Wire"),
        ]
        .concat();
        assert_eq!(says(&read(None, Some(&packet), None)), (Some("Zoë Ray / Strait Wire"), Some("© 2026 Strait Wire")));
    }

    #[test]
    fn xmp_is_read_from_elements_and_from_attributes() {
        let xmp = r#"<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description photoshop:Credit="Strait Wire"><dc:creator><rdf:Seq><rdf:li>Ada &amp; Ray</rdf:li></rdf:Seq></dc:creator><cc:license rdf:resource="https://creativecommons.org/licenses/by-sa/4.0/"/></rdf:Description></rdf:RDF></x:xmpmeta>"#;
        assert_eq!(
            says(&read(None, None, Some(xmp.as_bytes()))),
            (Some("Ada & Ray / Strait Wire"), Some("CC BY-SA 4.0"))
        );
        assert_eq!(named("http://creativecommons.org/publicdomain/zero/1.0/"), "CC0");
    }

    #[test]
    fn exif_fills_what_the_others_leave_open() {
        let exif =
            b"II*\0\x08\0\0\0\x02\0\x3b\x01\x02\0\x08\0\0\0\x26\0\0\0\x98\x82\x02\0\x04\0\0\0ARR\0\0\0\0\0Ada Ray\0";
        assert_eq!(
            says(&read(Some(exif), Some(&dataset(116, b"(c) Wire")), None)),
            (Some("Ada Ray"), Some("(c) Wire"))
        );
        assert_eq!(says(&read(Some(exif), None, None)), (Some("Ada Ray"), Some("ARR")));
    }

    #[test]
    fn nonsense_says_nothing() {
        let far = b"MM\0*\xff\xff\xff\xf0";
        let long = b"II*\0\x08\0\0\0\xff\xff\x3b\x01\x02\0\xff\xff\xff\xff\xff\xff\xff\xff";
        for exif in [&far[..], &long[..], b"", b"MM", b"<x>"] {
            assert_eq!(read(Some(exif), Some(exif), Some(exif)), Rights::default());
        }
        assert_eq!(read(None, Some(&[0x1c, 2, 80, 0xff, 0xff, b'x']), None), Rights::default());
        assert_eq!(read(None, Some(&dataset(80, b"- -")), None), Rights::default());
    }
}
