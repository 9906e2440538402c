//! EBCDIC, the code of mainframes: XML that is in it shows that by its first four bytes (XML 1.0, appendix F.1). Knows code pages 037 and 1140, 500,
//! 273, 424, 875 and 1026; any other is read as the first.

/// The text of a document in EBCDIC; `None` if it is in another code.
pub fn decode(bytes: &[u8]) -> Option<String> {
    // "<?xm"
    if !bytes.starts_with(&[0x4C, 0x6F, 0xA7, 0x94]) {
        return None;
    }
    let text: String = bytes.iter().map(|byte| CODE_PAGE_037[usize::from(*byte)]).collect();
    let head = text.split('>').next().unwrap_or_default().to_ascii_lowercase();
    let named = PAGES.iter().find(|(labels, _)| labels.iter().any(|label| head.contains(label)));
    let upper: Option<Vec<char>> = named.map(|(_, page)| page.chars().collect());
    let read = |byte: &u8| match &upper {
        Some(upper) if *byte >= 0x40 => upper[usize::from(*byte) - 0x40],
        // The one place in which 1140 differs.
        None if *byte == 0x9F && head.contains("1140") => '€',
        _ => CODE_PAGE_037[usize::from(*byte)],
    };
    // Its line ends are "next line".
    Some(bytes.iter().map(read).map(|c| if c == '\u{85}' { '\n' } else { c }).collect())
}

#[rustfmt::skip]
const CODE_PAGE_037: [char; 256] = [
    '\u{0}', '\u{1}', '\u{2}', '\u{3}', '\u{9C}', '\t', '\u{86}', '\u{7F}', '\u{97}', '\u{8D}', '\u{8E}', '\u{B}', '\u{C}', '\r', '\u{E}', '\u{F}',
    '\u{10}', '\u{11}', '\u{12}', '\u{13}', '\u{9D}', '\u{85}', '\u{8}', '\u{87}', '\u{18}', '\u{19}', '\u{92}', '\u{8F}', '\u{1C}', '\u{1D}', '\u{1E}', '\u{1F}',
    '\u{80}', '\u{81}', '\u{82}', '\u{83}', '\u{84}', '\n', '\u{17}', '\u{1B}', '\u{88}', '\u{89}', '\u{8A}', '\u{8B}', '\u{8C}', '\u{5}', '\u{6}', '\u{7}',
    '\u{90}', '\u{91}', '\u{16}', '\u{93}', '\u{94}', '\u{95}', '\u{96}', '\u{4}', '\u{98}', '\u{99}', '\u{9A}', '\u{9B}', '\u{14}', '\u{15}', '\u{9E}', '\u{1A}',
    ' ', '\u{A0}', 'â', 'ä', 'à', 'á', 'ã', 'å', 'ç', 'ñ', '¢', '.', '<', '(', '+', '|',
    '&', 'é', 'ê', 'ë', 'è', 'í', 'î', 'ï', 'ì', 'ß', '!', '$', '*', ')', ';', '¬',
    '-', '/', 'Â', 'Ä', 'À', 'Á', 'Ã', 'Å', 'Ç', 'Ñ', '¦', ',', '%', '_', '>', '?',
    'ø', 'É', 'Ê', 'Ë', 'È', 'Í', 'Î', 'Ï', 'Ì', '`', ':', '#', '@', '\'', '=', '"',
    'Ø', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', '«', '»', 'ð', 'ý', 'þ', '±',
    '°', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 'ª', 'º', 'æ', '¸', 'Æ', '¤',
    'µ', '~', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '¡', '¿', 'Ð', 'Ý', 'Þ', '®',
    '^', '£', '¥', '·', '©', '§', '¶', '¼', '½', '¾', '[', ']', '¯', '¨', '´', '×',
    '{', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', '\u{AD}', 'ô', 'ö', 'ò', 'ó', 'õ',
    '}', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', '¹', 'û', 'ü', 'ù', 'ú', 'ÿ',
    '\\', '÷', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '²', 'Ô', 'Ö', 'Ò', 'Ó', 'Õ',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '³', 'Û', 'Ü', 'Ù', 'Ú', '\u{9F}',
];

/// The other pages, from the blank on, by what their labels hold: international, German, Hebrew, Greek, Turkish.
#[rustfmt::skip]
const PAGES: [(&[&str], &str); 5] = [
    (&["500", "cp-be", "cp-ch", "cp_be", "cp_ch"],
        " \u{A0}âäàáãåçñ[.<(+!&éêëèíîïìß]$*);^-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤\
         µ~stuvwxyz¡¿ÐÝÞ®¢£¥·©§¶¼½¾¬|¯¨´×{ABCDEFGHI\u{AD}ôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ\u{9F}"),
    (&["273"],
        " \u{A0}â{àáãåçñÄ.<(+!&éêëèíîïì~Ü$*);^-/Â[ÀÁÃÅÇÑö,%_>?øÉÊËÈÍÎÏÌ`:#§'=\"Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤\
         µßstuvwxyz¡¿ÐÝÞ®¢£¥·©@¶¼½¾¬|‾¨´×äABCDEFGHI\u{AD}ô¦òóõüJKLMNOPQR¹û}ùúÿÖ÷STUVWXYZ²Ô\\ÒÓÕ0123456789³Û]ÙÚ\u{9F}"),
    (&["424", "cp-he", "cp_he"],
        " \u{5D0}\u{5D1}\u{5D2}\u{5D3}\u{5D4}\u{5D5}\u{5D6}\u{5D7}\u{5D8}¢.<(+|&\u{5D9}\u{5DA}\u{5DB}\u{5DC}\u{5DD}\u{5DE}\u{5DF}\u{5E0}\u{5E1}!$*);¬-/\u{5E2}\u{5E3}\u{5E4}\u{5E5}\u{5E6}\u{5E7}\u{5E8}\u{5E9}¦,%_>?\u{FFFD}\u{5EA}\u{FFFD}\u{FFFD}\u{A0}\u{FFFD}\u{FFFD}\u{FFFD}‗`:#@'=\"\u{FFFD}abcdefghi«»\u{FFFD}\u{FFFD}\u{FFFD}±°jklmnopqr\u{FFFD}\u{FFFD}\u{FFFD}¸\u{FFFD}¤\
         µ~stuvwxyz\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI\u{AD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}}JKLMNOPQR¹\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\\÷STUVWXYZ²\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}0123456789³\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{9F}"),
    (&["875"],
        " ΑΒΓΔΕΖΗΘΙ[.<(+!&ΚΛΜΝΞΟΠΡΣ]$*);^-/ΤΥΦΧΨΩΪΫ|,%_>?¨ΆΈΉ\u{A0}ΊΌΎΏ`:#@'=\"΅abcdefghiαβγδεζ°jklmnopqrηθικλμ\
         ´~stuvwxyzνξοπρσ£άέήϊίόύϋώςτυφχψ{ABCDEFGHI\u{AD}ωΐΰ‘―}JKLMNOPQR±½\u{FFFD}\u{387}’¦\\\u{FFFD}STUVWXYZ²§\u{FFFD}\u{FFFD}«¬0123456789³©\u{FFFD}\u{FFFD}»\u{9F}"),
    (&["1026"],
        " \u{A0}âäàáãå{ñÇ.<(+!&éêëèíîïìßĞİ*);^-/ÂÄÀÁÃÅ[Ñş,%_>?øÉÊËÈÍÎÏÌı:ÖŞ'=ÜØabcdefghi«»}`¦±°jklmnopqrªºæ¸Æ¤\
         µöstuvwxyz¡¿]$@®¢£¥·©§¶¼½¾¬|¯¨´×çABCDEFGHI\u{AD}ô~òóõğJKLMNOPQR¹û\\ùúÿü÷STUVWXYZ²Ô#ÒÓÕ0123456789³Û\"ÙÚ\u{9F}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_of_a_mainframe_is_read() {
        let encoded = |text: &str| -> Vec<u8> { text.chars().map(byte_of).collect() };
        let text = "<?xml version='1.0' encoding='cp037'?><rss><channel><title>Très bien [1]</title></channel></rss>";
        assert_eq!(decode(&encoded(text)).unwrap(), text);
        assert_eq!(decode(b"<?xml"), None);
    }

    #[test]
    fn mainframes_of_other_countries_are_read_by_their_own_pages() {
        for (label, bytes, expected) in [
            ("ibm500", [0x4A, 0x5A], "[]"),
            ("cp1140", [0x9F, 0x81], "€a"),
            ("cp273", [0xC0, 0xA1], "äß"),
            ("csIBM424", [0x41, 0x42], "אב"),
            ("cp875", [0x41, 0x8A], "Αα"),
            ("cp1026", [0x4A, 0x79], "Çı"),
        ] {
            let mut all: Vec<u8> = format!("<?xml version='1.0' encoding='{label}'?>").chars().map(byte_of).collect();
            all.extend(bytes);
            assert!(decode(&all).unwrap().ends_with(expected), "{label}: {}", decode(&all).unwrap());
        }
        assert!(PAGES.iter().all(|(_, page)| page.chars().count() == 192));
    }

    fn byte_of(c: char) -> u8 {
        CODE_PAGE_037.iter().position(|known| *known == c).unwrap() as u8
    }
}
