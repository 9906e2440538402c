//! The names of months, in the languages that newsrooms write.

/// Whether a text names a month.
pub fn month_in(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| month_of(word).is_some())
}

/// Beginnings of the months' names, a row a month: European languages from Portuguese to Finnish and Azerbaijani, Greek, Hebrew, Arabic, the Gregorian
/// months in Persian, Hindi, Bengali, Thai. Shorter ones are told apart by standing in the right row.
const MONTHS: [&str; 12] = [
    "jan jän ene gen sty led янв січ яну јан ιαν oca يناير ژانویه tammi ianuar jaan siječ saus yanv urtarr xan ינואר בינואר जन জানু มกราคม ม.ค",
    "feb fév fev lut úno фев лют φεβ şub فبراير شباط فوریه helmi veeb velja vasar otsail פברואר בפברואר फर फ़र ফেব্রু กุมภาพันธ์ ก.พ",
    "mar mär maa mrz mrt břez мар бер μαρ μάρ már مارس آذار ožuj kovo מרץ במרץ מרס मार्च মার্চ มีนาคม มี.ค",
    "apr avr abr kwi dub апр кві απρ nis ápr أبريل ابريل نيسان آوریل huhti travnj travanj baland apiril אפריל באפריל अप्रैल এপ্রিল เมษายน เม.ย",
    "may mai maj mag mei máj maí kvě май мая мај тра μαϊ μαι μάι مايو أيار مه touko svib geguž maiatz מאי במאי मई মে พฤษภาคม พ.ค",
    "jun juin giu cze červn cerv июн юни јун чер ιουν ιούν haz jún يونيو حزيران ژوئن kesä iuni juun jūn lipnj lipanj birž iyun ekain xuñ יוני ביוני जून জুন มิถุนายน มิ.ย",
    "jul juil lug lip července июл юли јул лип ιουλ ιούλ tem júl يوليو تموز ژوئیه heinä iuli juul jūl srpnj srpanj liep iyul uztail xull יולי ביולי जुल জুলাই กรกฎาคม ก.ค",
    "aug aoû aou ago agu ágú sie srp авг сер αυγ αύγ ağu أغسطس اغسطس آب اوت elo kolov rugpj avqust avgust abuzt אוגוסט באוגוסט अगस्त আগস্ট สิงหาคม ส.ค",
    "sep set wrz zář сен вер σεπ eyl sze سبتمبر أيلول سپتامبر syys rujn rujan rugs senty irail ספטמבר בספטמבר सित সেপ্টে กันยายน ก.ย",
    "oct okt out ott paź paz říj окт жов οκτ eki أكتوبر اكتوبر اکتبر loka spali urri אוקטובר באוקטובר अक्ट अक्तू অক্টো ตุลาคม ต.ค",
    "nov nóv lis ноя нов лис νοε νοέ kas نوفمبر نوامبر marras noiem ноем studeni studeno lapkr noyab azaro נובמבר בנובמבר नव নভে พฤศจิกายน พ.ย",
    "dec dez déc dic des gru pro дек дец гру δεκ ara ديسمبر دسامبر joulu dets gruod dek abendu דצמבר בדצמבר दिस ডিসে ธันวาคม ธ.ค",
];

/// The months of the Persian solar calendar, whole, since some are short words.
const SOLAR: [&str; 12] =
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

/// The number of a month of the Persian solar calendar.
pub fn solar_month_of(word: &str) -> Option<u32> {
    // The Arabic letter stands for the Persian one on many keyboards.
    let word = word.trim_matches(|c: char| !c.is_alphabetic()).replace('ي', "ی");
    SOLAR.iter().position(|name| *name == word).map(|at| at as u32 + 1)
}

/// Whether a letter belongs to a word, signs for vowels and their absence among them, which Unicode counts as marks.
pub fn is_letter(c: char) -> bool {
    !c.is_numeric() && (c.is_alphabetic() || matches!(c, '\u{900}'..='\u{DFF}' | '\u{E31}'..='\u{E4E}'))
}

/// The number of a month by its name or the beginning of it.
pub fn month_of(word: &str) -> Option<u32> {
    let word = word.trim_matches(|c: char| !is_letter(c));
    if word.chars().count() < 2 || is_weekday(word) {
        return None;
    }
    // The longest match wins: "mars" is March, "marras" November; "juin" June, "juil" July.
    let best = MONTHS.iter().enumerate().flat_map(|(at, names)| {
        names.split(' ').filter(|name| word.starts_with(name)).map(move |name| (name.len(), at as u32 + 1))
    });
    best.max().map(|(_, month)| month)
}

/// Weekdays that begin like a month: Tuesday in French, Spanish, Italian and Romanian.
pub fn is_weekday(word: &str) -> bool {
    matches!(word, "mardi" | "martes" | "martedì" | "martedi" | "marți")
}
