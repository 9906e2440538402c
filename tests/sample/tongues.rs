//! A short issue in each language that has fixed texts: what a reader of that language gets, with no word in another.

use super::{Sample, event, hours, issue, language, line, newsletter, section, story};
use week_in_review::domain::issue::{Issue, Story};

/// What one language says: title, publication, address, note, two sections, five stories (headline, summary, author, source), an event.
struct Tongue {
    code: &'static str,
    title: &'static str,
    publication: &'static str,
    address: &'static str,
    note: &'static str,
    sections: [&'static str; 2],
    stories: [[&'static str; 4]; 5],
    event: [&'static str; 3],
}

const TONGUES: [Tongue; 5] = [
    Tongue {
        code: "fr",
        title: "La semaine en revue",
        publication: "Le Courrier du port",
        address: "7, quai de la Lanterne, Dublin",
        note: "Cette semaine : la marée, le pain et un pont que personne n’attendait plus.",
        sections: ["Climat", "Ville"],
        stories: [
            [
                "Le quai qui flotte : récit d’une nuit",
                "Quand la troisième tempête est venue, une jetée a fait ce que ses ingénieurs avaient promis.",
                "Mina Taban",
                "Bureau du climat",
            ],
            [
                "« Nous avons compté les digues », dit l’ingénieure",
                "Trente kilomètres à pied, un carnet, et une question : qui paie ?",
                "Jonas Pétrel",
                "Salle des données",
            ],
            [
                "Vendanges avancées de 9 % ; les caves s’adaptent",
                "Depuis 1884, les dates sont écrites à la craie sur la même poutre.",
                "Oona Brandt",
                "Bureau du climat",
            ],
            [
                "Pourquoi la bibliothèque n’a pas de porte ?",
                "L’architecte voulait cinq entrées ; les pompiers ont eu leur mot à dire.",
                "Hanne Lindqvist",
                "Arts",
            ],
            [
                "La rue qui a voté pour l’ombre",
                "Quarante places de parking ont cédé la place à quarante tilleuls.",
                "Félipe Arroyo",
                "Bureau de la ville",
            ],
        ],
        event: [
            "Après la tempête : petit déjeuner avec la rédaction",
            "Quai de la Lanterne, Dublin",
            "Trois ingénieurs et une capitaine de port répondent.",
        ],
    },
    Tongue {
        code: "de",
        title: "Die Woche im Rückblick",
        publication: "Der Hafenbote",
        address: "Laternenkai 7, Dublin",
        note: "Diese Woche geht es um Ebbe und Flut, um Brot und um eine Brücke.",
        sections: ["Klima", "Stadt"],
        stories: [
            [
                "Der Kai, der schwimmt: Protokoll einer Nacht",
                "Als der dritte Sturm kam, hielt eine Mole, was ihre Ingenieure versprochen hatten.",
                "Mina Taban",
                "Klimaredaktion",
            ],
            [
                "„Wir haben die Deiche gezählt“",
                "Dreißig Kilometer zu Fuß, ein Notizbuch und die Frage, wer bezahlt.",
                "Jonas Petrel",
                "Datenraum",
            ],
            [
                "Weinlese beginnt neun Tage früher",
                "Seit 1884 stehen die Daten mit Kreide auf demselben Balken.",
                "Oona Brandt",
                "Klimaredaktion",
            ],
            [
                "Warum die Bibliothek keine Tür hat",
                "Der Architekt wollte fünf Eingänge, die Feuerwehr hatte Einwände.",
                "Hanne Lindqvist",
                "Feuilleton",
            ],
            [
                "Die Straße, die für den Schatten stimmte",
                "Vierzig Parkplätze wichen vierzig Linden.",
                "Felipe Arroyo",
                "Stadtredaktion",
            ],
        ],
        event: [
            "Nach dem Sturm: Frühstück mit der Redaktion",
            "Laternenkai, Dublin",
            "Drei Ingenieure und eine Hafenmeisterin antworten.",
        ],
    },
    Tongue {
        code: "es",
        title: "La semana en resumen",
        publication: "El Correo del Puerto",
        address: "Muelle del Farol, 7, Dublín",
        note: "Esta semana: la marea, el pan y un puente que nadie esperaba ya.",
        sections: ["Clima", "Ciudad"],
        stories: [
            [
                "El muelle que flota: crónica de una noche",
                "Cuando llegó la tercera tormenta, un embarcadero hizo lo que sus ingenieros habían prometido.",
                "Mina Taban",
                "Mesa de clima",
            ],
            [
                "«Contamos los diques uno a uno»",
                "Treinta kilómetros a pie, un cuaderno y una pregunta: ¿quién paga?",
                "Jonás Petrel",
                "Sala de datos",
            ],
            [
                "La vendimia se adelanta nueve días",
                "Desde 1884, las fechas se escriben con tiza en la misma viga.",
                "Oona Brandt",
                "Mesa de clima",
            ],
            [
                "¿Por qué la biblioteca no tiene puerta?",
                "El arquitecto quería cinco entradas; los bomberos opinaron.",
                "Hanne Lindqvist",
                "Artes",
            ],
            [
                "La calle que votó por la sombra",
                "Cuarenta plazas de aparcamiento dejaron sitio a cuarenta tilos.",
                "Felipe Arroyo",
                "Mesa de ciudad",
            ],
        ],
        event: [
            "Después de la tormenta: desayuno con la redacción",
            "Muelle del Farol, Dublín",
            "Responden tres ingenieros y una capitana de puerto.",
        ],
    },
    Tongue {
        code: "ar",
        title: "الأسبوع في سطور",
        publication: "بريد الميناء",
        address: "رصيف الفانوس ٧، دبلن",
        note: "هذا الأسبوع: المد والخبز وجسر لم يعد أحد ينتظره.",
        sections: ["المناخ", "المدينة"],
        stories: [
            [
                "الرصيف الذي يطفو: حكاية ليلة",
                "حين جاءت العاصفة الثالثة فعل أحد الأرصفة ما وعد به مهندسوه.",
                "مينا تابان",
                "قسم المناخ",
            ],
            ["«عددنا السدود واحدًا واحدًا»", "ثلاثون كيلومترًا سيرًا ودفتر وسؤال: من يدفع؟", "يونس بترل", "غرفة البيانات"],
            [
                "موسم القطاف يبكر تسعة أيام",
                "منذ عقود تُكتب التواريخ بالطباشير على العارضة نفسها.",
                "سلمى برندت",
                "قسم المناخ",
            ],
            ["لماذا لا باب للمكتبة؟", "أراد المعماري خمسة مداخل، وكان لرجال الإطفاء رأي آخر.", "هناء لند", "الفنون"],
            ["الشارع الذي صوّت للظل", "حلّت أربعون شجرة محل أربعين موقفًا.", "فارس أرويو", "قسم المدينة"],
        ],
        event: ["بعد العاصفة: فطور مع هيئة التحرير", "رصيف الفانوس، دبلن", "ثلاثة مهندسين وربانة ميناء يجيبون."],
    },
    Tongue {
        code: "he",
        title: "השבוע בסקירה",
        publication: "דואר הנמל",
        address: "רציף הפנס, דבלין",
        note: "השבוע: הגאות, הלחם וגשר שאיש כבר לא חיכה לו.",
        sections: ["אקלים", "עיר"],
        stories: [
            [
                "הרציף שצף: סיפורו של לילה",
                "כשהגיעה הסערה השלישית עשה אחד המזחים בדיוק מה שהבטיחו מהנדסיו.",
                "מינה טבאן",
                "דסק אקלים",
            ],
            [
                "”ספרנו את הסוללות אחת אחת“",
                "שלושים קילומטרים ברגל, פנקס ושאלה אחת: מי משלם?",
                "יונס פטרל",
                "חדר הנתונים",
            ],
            ["הבציר מקדים בתשעה ימים", "מאז ומתמיד נכתבים התאריכים בגיר על אותה קורה.", "אונה ברנדט", "דסק אקלים"],
            ["מדוע אין לספרייה דלת?", "האדריכל רצה חמש כניסות, ולכבאים הייתה דעה משלהם.", "הנה לינד", "אמנות"],
            ["הרחוב שהצביע בעד הצל", "ארבעים מקומות חניה פינו מקום לארבעים עצים.", "פליפה ארויו", "דסק עיר"],
        ],
        event: ["אחרי הסערה: ארוחת בוקר עם המערכת", "רציף הפנס, דבלין", "שלושה מהנדסים ומנהלת נמל משיבים."],
    },
];

/// The languages that are sampled here; English and Persian have longer samples.
pub fn tongues() -> impl Iterator<Item = &'static str> {
    TONGUES.iter().map(|tongue| tongue.code)
}

/// The issue in one language.
pub fn spoken(code: &str) -> Sample {
    let tongue = TONGUES.iter().find(|tongue| tongue.code == code).unwrap();
    let slugs = ["climate", "city"];
    let sections = slugs.iter().zip(tongue.sections).map(|(slug, title)| section(slug, title, None)).collect();
    let mut newsletter = newsletter(code, tongue.title, tongue.publication, sections);
    newsletter.publication.postal_address = line(tongue.address);
    let stories: Vec<Story> = tongue
        .stories
        .iter()
        .zip(1..)
        .map(|([title, summary, author, source], row)| {
            let mut story =
                story(row, title, summary, author, source, row as u32 + 1, tongue.sections[usize::from(row > 3)]);
            story.url = Some(format!("https://meridian.example/{code}/{row}").parse().unwrap());
            story.language = language(code);
            story
        })
        .collect();
    let [title, place, summary] = tongue.event;
    let events = vec![event(title, hours("2026-11-26T08:30:00Z", "2026-11-26T10:00:00Z"), place, summary, code)];
    Sample {
        // After a skipped week: each section says how far back it reaches.
        issue: Issue { covers_days: Some(14), ..issue(newsletter, tongue.stories[0][0], tongue.note, stories, events) },
        lead: Some((0, "climate")),
        sections: vec![("climate", vec![1, 2], vec![]), ("city", vec![3], vec![4])],
    }
}
