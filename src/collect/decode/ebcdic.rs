//! EBCDIC, the code of mainframes: XML that is in it shows that by its first four bytes (XML 1.0, appendix F.1). Knows code page 037, and 500 and 1140
//! where they differ from it.

/// The text of a document in EBCDIC; `None` if it is in another code.
pub fn decode(bytes: &[u8]) -> Option<String> {
    // "<?xm"
    if !bytes.starts_with(&[0x4C, 0x6F, 0xA7, 0x94]) {
        return None;
    }
    let text: String = bytes.iter().map(|byte| CODE_PAGE_037[usize::from(*byte)]).collect();
    let head = text.split('>').next().unwrap_or_default().to_ascii_lowercase();
    let international = ["500", "cp-be", "cp-ch", "cp_be", "cp_ch"].iter().any(|label| head.contains(label));
    let read = |byte: &u8| {
        let other = IN_500.iter().find(|(at, _)| international && at == byte).map(|(_, c)| *c);
        // The one place in which 1140 has the euro.
        let euro = (*byte == 0x9F && head.contains("1140")).then_some('€');
        other.or(euro).unwrap_or(CODE_PAGE_037[usize::from(*byte)])
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

/// Where code page 500 differs.
#[rustfmt::skip]
const IN_500: [(u8, char); 7] = [
    (0x4A, '['), (0x4F, '!'), (0x5A, ']'), (0x5F, '^'), (0xB0, '¢'), (0xBA, '¬'), (0xBB, '|'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_of_a_mainframe_is_read() {
        let encoded = |text: &str| -> Vec<u8> {
            text.chars().map(|c| CODE_PAGE_037.iter().position(|known| *known == c).unwrap() as u8).collect()
        };
        let text = "<?xml version='1.0' encoding='cp037'?><rss><channel><title>Très bien [1]</title></channel></rss>";
        assert_eq!(decode(&encoded(text)).unwrap(), text);
        assert_eq!(decode(b"<?xml"), None);
        let other = decode(&encoded("<?xml encoding='ibm500'?>[")).unwrap();
        assert!(!other.ends_with('['), "{other}");
    }
}
