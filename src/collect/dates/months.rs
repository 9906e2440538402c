//! The names of months, in the languages that newsrooms write.

/// Whether a text names a month.
pub fn month_in(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| month_of(word).is_some())
}

/// Beginnings of the months' names: English, German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian, Polish, Czech, Russian, Ukrainian,
/// Greek, Turkish, Hungarian, Arabic, Persian transcriptions of the Gregorian months. Shorter ones are told apart by standing in the right row.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen", "sty", "led", "янв", "січ", "ιαν", "oca", "يناير", "كانون الثاني", "ژانویه", "tammi"],
    &["feb", "fév", "fev", "fév", "lut", "úno", "фев", "лют", "φεβ", "şub", "فبراير", "شباط", "فوریه", "helmi"],
    &["mar", "mär", "maa", "mrz", "mrt", "mär", "břez", "мар", "бер", "μαρ", "μάρ", "már", "مارس", "آذار"],
    &[
        "apr",
        "avr",
        "abr",
        "kwi",
        "dub",
        "апр",
        "кві",
        "απρ",
        "nis",
        "ápr",
        "أبريل",
        "ابريل",
        "نيسان",
        "آوریل",
        "huhti",
    ],
    &[
        "may", "mai", "maj", "mag", "mei", "máj", "mayo", "kvě", "май", "мая", "тра", "μαϊ", "μαι", "μάι", "مايو",
        "أيار", "مه", "touko",
    ],
    &[
        "jun",
        "juin",
        "giu",
        "cze",
        "červn",
        "cerv",
        "июн",
        "чер",
        "ιουν",
        "ιούν",
        "haz",
        "jún",
        "يونيو",
        "حزيران",
        "ژوئن",
        "kesä",
    ],
    &[
        "jul",
        "juil",
        "lug",
        "lip",
        "července",
        "июл",
        "лип",
        "ιουλ",
        "ιούλ",
        "tem",
        "júl",
        "يوليو",
        "تموز",
        "ژوئیه",
        "heinä",
    ],
    &[
        "aug",
        "aoû",
        "aou",
        "ago",
        "sie",
        "srp",
        "авг",
        "сер",
        "αυγ",
        "αύγ",
        "ağu",
        "أغسطس",
        "اغسطس",
        "آب",
        "اوت",
        "elo",
    ],
    &["sep", "set", "wrz", "zář", "сен", "вер", "σεπ", "eyl", "sze", "سبتمبر", "أيلول", "سپتامبر", "syys"],
    &[
        "oct",
        "okt",
        "out",
        "ott",
        "paź",
        "paz",
        "říj",
        "окт",
        "жов",
        "οκτ",
        "eki",
        "أكتوبر",
        "اكتوبر",
        "تشرين الأول",
        "اکتبر",
        "loka",
    ],
    &["nov", "lis", "ноя", "лис", "νοε", "νοέ", "kas", "نوفمبر", "تشرين الثاني", "نوامبر", "marras"],
    &[
        "dec",
        "dez",
        "déc",
        "dic",
        "des",
        "gru",
        "pro",
        "дек",
        "гру",
        "δεκ",
        "ara",
        "ديسمبر",
        "كانون الأول",
        "دسامبر",
        "joulu",
    ],
];

/// The number of a month by its name or the beginning of it.
pub fn month_of(word: &str) -> Option<u32> {
    let word = word.trim_matches(|c: char| !c.is_alphabetic());
    if word.chars().count() < 2 || is_weekday(word) {
        return None;
    }
    // The longest match wins: "mars" is March, "marras" November; "juin" June, "juil" July.
    let best = MONTHS.iter().enumerate().flat_map(|(at, names)| {
        names.iter().filter(|name| word.starts_with(**name)).map(move |name| (name.len(), at as u32 + 1))
    });
    best.max().map(|(_, month)| month)
}

/// Weekdays that begin like a month: Tuesday in French, Spanish, Italian and Romanian.
pub fn is_weekday(word: &str) -> bool {
    matches!(word, "mardi" | "martes" | "martedì" | "martedi" | "marți")
}
