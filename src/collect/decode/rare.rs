//! Code pages that the web's list of encodings leaves out and old feeds still declare: those of the Macintosh beside Roman and Cyrillic, of Tajikistan,
//! Ukraine and Vietnam. Bytes below 128 are ASCII.

/// The text, if its label names one of these code pages.
pub fn decode(bytes: &[u8], label: &str) -> Option<String> {
    let plain: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    let (_, page) = PAGES.iter().find(|(labels, _)| labels.contains(&plain.as_str()))?;
    let upper: Vec<char> = page.chars().collect();
    let read = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { upper[usize::from(byte - 128)] };
    Some(bytes.iter().map(read).collect())
}

/// What the upper half of each means, in order.
#[rustfmt::skip]
const PAGES: [(&[&str], &str); 8] = [
    (&["maccentraleurope", "maclatin2", "xmacce", "macce"],
        "ÄĀāÉĄÖÜáąČäčĆćéŹźĎíďĒēĖóėôöõúĚěü†°Ę£§•¶ß®©™ę¨≠ģĮįĪ≤≥īĶ∂∑łĻļĽľĹĺŅ\
         ņŃ¬√ńŇ∆«»…\u{A0}ňŐÕőŌ–—“”‘’÷◊ōŔŕŘ‹›řŖŗŠ‚„šŚśÁŤťÍŽžŪÓÔūŮÚůŰűŲųÝýķŻŁżĢˇ"),
    (&["macgreek", "xmacgreek"],
        "Ä¹²É³ÖÜ΅àâä΄¨çéèêë£™îï•½‰ôö¦€ùûü†ΓΔΘΛΞΠß®©ΣΪ§≠°·Α±≤≥¥ΒΕΖΗΙΚΜΦΫΨΩ\
         άΝ¬ΟΡ≈Τ«»…\u{A0}ΥΧΆΈœ–―“”‘’÷ΉΊΌΎέήίόΏύαβψδεφγηιξκλμνοπώρστθωςχυζϊϋΐΰ\u{AD}"),
    (&["maciceland", "macicelandic", "xmacicelandic"],
        "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûüÝ°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
         ¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€ÐðÞþý·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{F8FF}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ"),
    (&["macturkish", "xmacturkish"],
        "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
         ¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ–—“”‘’÷◊ÿŸĞğİıŞş‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{F8FF}ÒÚÛÙ\u{F8A0}ˆ˜¯˘˙˚¸˝˛ˇ"),
    (&["koi8t"],
        "қғ‚Ғ„…†‡\u{FFFD}‰ҳ‹ҲҷҶ\u{FFFD}Қ‘’“”•–—\u{FFFD}™\u{FFFD}›\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}ӯӮё¤ӣ¦§\u{FFFD}\u{FFFD}\u{FFFD}«¬\u{AD}®\u{FFFD}°±²Ё\u{FFFD}Ӣ¶·\u{FFFD}№\u{FFFD}»\u{FFFD}\u{FFFD}\u{FFFD}©\
         юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ"),
    (&["cp1125", "ibm1125", "ruscii"],
        "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
         └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёҐґЄєІіЇї·√№¤■\u{A0}"),
    (&["viscii", "csviscii"],
        "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ\
         ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"),
    (&["tcvn", "tcvn5712", "tcvn57121"],
        "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u{A0}ĂÂÊÔƠƯĐăâêôơưđẰ\u{300}\u{309}\u{303}\u{301}\u{323}àảãáạẲằẳẵắẴ\
         ẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_128_characters() {
        assert!(PAGES.iter().all(|(_, page)| page.chars().count() == 128));
    }

    #[test]
    fn old_labels_are_understood_however_they_are_spelt() {
        let rows: [(&str, &[u8], &str); 6] = [
            ("x-mac-ce", b"\xE1koda", "Škoda"),
            ("macgreek", b"\xB0\xF5\xDC\xEE\xE1", "Αθήνα"),
            ("mac-turkish", b"Eyjafjalla\xDB\xDD", "Eyjafjallağı"),
            ("koi8-t", b"\x8A\xC1\xC6\xD4\xC1", "ҳафта"),
            ("cp1125", b"\x8A\xA8\xF9\xA2", "Київ"),
            ("viscii", b"Vi\xAEt", "Việt"),
        ];
        for (label, bytes, expected) in rows {
            assert_eq!(decode(bytes, label).as_deref(), Some(expected), "{label}");
        }
        assert_eq!(decode(b"x", "utf-8"), None);
    }
}
