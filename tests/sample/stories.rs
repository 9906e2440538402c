//! The stories of the sample weeks.

use super::{Sample, event, hours, issue, language, line, newsletter, picture, section, story};
use week_in_review::domain::event::{Event, When};
use week_in_review::domain::issue::Story;
use week_in_review::domain::tag::Tag;

/// Twenty stories: a lead, four sections in English, one in Persian, three events.
pub fn week() -> Sample {
    let mut sections = vec![
        section("climate", "Climate", None),
        section("trade", "Trade", None),
        section("cities", "Cities", None),
        section("science", "Science", None),
        section("persian", "به فارسی", Some("fa")),
    ];
    sections[2].cap = 3;
    let newsletter = newsletter("en", "The Week in Review", "The Meridian Post", sections);
    let mut stories = english();
    stories.extend(persian(101).into_iter().take(3));
    stories.push(story(
        21,
        "Night Buses Return to the Hill Districts",
        "Four lines, one fare and a timetable that fits on a postcard.",
        "Oona Brandt",
        "City Desk",
        2,
        "Cities",
    ));
    Sample {
        issue: issue(
            newsletter,
            "The Harbour That Learned to Float",
            "The tide was the story this week: what it took, what it spared, and who had drawn the line.",
            stories,
            events(),
        ),
        lead: Some((0, "climate")),
        sections: vec![
            ("climate", vec![1, 2, 3, 4], vec![]),
            ("trade", vec![5, 6, 7, 8], vec![]),
            ("cities", vec![9, 10, 11, 12], vec![20]),
            ("science", vec![13, 14, 15, 16], vec![]),
            ("persian", vec![17, 18, 19], vec![]),
        ],
    }
}

fn english() -> Vec<Story> {
    let mut lead = story(
        1,
        "The Harbour That Learned to Float",
        "When the third storm of the autumn came, one quay in Port Merrin did what its engineers had promised and nobody believed: it rose. Our correspondent spent the night on it. What she found at dawn says as much about who pays for the sea as about steel, and the next town along has already asked for the drawings.",
        "Ines Valdoren",
        "The Meridian Post",
        8,
        "Climate",
    );
    lead.column = Some(line("Tideline"));
    lead.tags =
        ["Harbours", "Storms", "Engineering", "Public money"].iter().filter_map(|tag| Tag::parse(tag)).collect();
    lead.picture = Some(picture(
        "harbour",
        1280,
        720,
        "Drawing: a pier on four floats under a low red sun, three cranes behind it.",
        Some("Piet Amsel"),
    ));
    let mut stories = vec![
        lead,
        story(
            2,
            "Rivers Are Running a Month Early, and the Turbines Know It",
            "Snow that used to wait for May now leaves in April. Operators are redrawing a century of tables.",
            "Marek Sollis",
            "Climate Desk",
            5,
            "Climate",
        ),
        story(
            3,
            "The Insurance Map Nobody Wanted to Print",
            "An actuary’s private sheet of red squares has become the most copied document in local government.",
            "Dara Quill",
            "The Ledger Room",
            4,
            "Climate",
        ),
        story(
            4,
            "Peat, Patiently: a Bog Is Put Back Together",
            "Eleven volunteers, nine hundred dams the size of a door, and a first winter in which the water stayed.",
            "Ruth Ekwall",
            "Climate Desk",
            6,
            "Climate",
        ),
        story(
            5,
            "What a Degree Costs a Vineyard, in Five Charts",
            "Harvest dates since 1884, read against the price of the same bottle.",
            "Jonas Petrel",
            "Data Room",
            3,
            "Climate",
        ),
        story(
            6,
            "Two Clerks, One Stamp and a Border That Opens at Nine",
            "A treaty promised seamless trade. On the bridge at Orlow it still depends on who has the ink.",
            "Katya Brandeis",
            "Trade Desk",
            7,
            "Trade",
        ),
        story(
            7,
            "Container Rates Fall for the Sixth Week",
            "Shippers blame the calendar, brokers blame the shippers, and the boxes pile up in Antwerp again.",
            "Leo Marchetti",
            "Trade Desk",
            3,
            "Trade",
        ),
        story(
            8,
            "Small Exporters Ask for a Shorter Form",
            "Nine pages for a crate of jam is eight too many, says a petition signed by four hundred kitchens.",
            "Amal Reyes",
            "Trade Desk",
            4,
            "Trade",
        ),
        story(
            9,
            "The Quiet Return of the Barter Desk",
            "Three trading houses have revived a job that was last advertised when telephones had dials.",
            "Katya Brandeis",
            "The Ledger Room",
            5,
            "Trade",
        ),
        story(
            10,
            "A Tram Line Pays for Itself in Umbrellas",
            "Lost property, sold each spring, now covers a driver’s wage. The rest of the sums are harder.",
            "Oona Brandt",
            "City Desk",
            4,
            "Cities",
        ),
        story(
            11,
            "The Street That Voted for Shade",
            "Residents of Calle Larga gave up forty parking places for forty limes. A summer later we measured.",
            "Felipe Arroyo",
            "City Desk",
            6,
            "Cities",
        ),
        story(
            12,
            "Why the New Library Has No Front Door",
            "Its architect wanted five entrances and no threshold. The fire brigade wanted a word.",
            "Hanne Lindqvist",
            "Arts",
            5,
            "Cities",
        ),
        story(
            13,
            "Who Owns the Roof?",
            "Solar leases have turned tenants’ meetings into property seminars.",
            "Oona Brandt",
            "City Desk",
            4,
            "Cities",
        ),
        story(
            14,
            "A Comet Nobody Predicted Is Visible at Breakfast",
            "Look east before seven, below the bright one. It will not be back for eleven thousand years.",
            "Sunniva Dahl",
            "Science Desk",
            3,
            "Science",
        ),
        story(
            15,
            "The Mouse That Would Not Age, and the Paper That Did",
            "A celebrated result has been corrected four times. Its authors explain what is left of it.",
            "Imre Castellan",
            "Science Desk",
            7,
            "Science",
        ),
        story(
            16,
            "Counting Fish by Listening",
            "Microphones on a reef hear what divers miss, and what the trawlers would rather they did.",
            "Ruth Ekwall",
            "Science Desk",
            5,
            "Science",
        ),
        story(
            17,
            "An Old Proof Gets a Shorter Second Half",
            "Sixty pages became nine when two students asked what the lemma was for.",
            "Imre Castellan",
            "Science Desk",
            4,
            "Science",
        ),
    ];
    stories[1].picture = Some(picture("river", 608, 404, "Drawing: a river in three bends, one of them red.", None));
    stories[14].picture =
        Some(picture("comet", 608, 404, "Drawing: a comet over a row of roofs.", Some("Drawing: Piet Amsel")));
    stories[13].picture = stories[14].picture.take();
    stories
}

fn events() -> Vec<Event> {
    vec![
        event(
            "After the Storm: a breakfast briefing",
            hours("2026-11-26T08:30:00Z", "2026-11-26T10:00:00Z"),
            "Lantern Quay, Dublin, and online",
            "Three engineers and a harbour master on what to build next.",
            "after-the-storm",
        ),
        event(
            "On the line with the trade desk",
            hours("2026-12-02T17:00:00Z", "2026-12-02T18:00:00Z"),
            "Conference call",
            "Your questions on rates and forms, answered by those who fill them in.",
            "trade-line",
        ),
        event(
            "Open archive weekend",
            When::Days { first: "2026-12-12".parse().unwrap(), last: "2026-12-13".parse().unwrap() },
            "Reading Room, Cork",
            "",
            "open-archive",
        ),
    ]
}

fn persian(first_row: i64) -> Vec<Story> {
    let texts = [
        (
            "بندری که شناور شد",
            "وقتی سومین طوفان پاییز رسید، یکی از اسکله‌ها همان کاری را کرد که مهندسانش وعده داده بودند. گزارشی از یک شب بیداری کنار آب.",
            "مینا تابان",
            "میز اقلیم",
            6,
        ),
        (
            "سه پرسش دربارهٔ بودجهٔ تازهٔ آب",
            "چه کسی می‌پردازد، چه کسی برداشت می‌کند و اگر باران نیاید چه خواهد شد؟",
            "آرش کهن",
            "میز اقتصاد",
            3,
        ),
        (
            "کتاب‌فروشی آخر خیابان",
            "هفتاد سال، سه نسل و یک چراغ که هنوز روشن است. صاحب مغازه می‌گوید کتاب خواندن از مد نمی‌افتد.",
            "سارا ملک‌زاد",
            "یادداشت‌های شهر",
            5,
        ),
        (
            "گفت‌وگو با مهندسی که Port Merrin را ساخت (بخش دوم)",
            "او از K Street تا Brussels همه را قانع کرد؛ جز شهردار خودش را.",
            "مینا تابان",
            "The Meridian Post",
            7,
        ),
        (
            "دنباله‌داری که کسی پیش‌بینی نکرده بود",
            "پیش از ساعت هفت به شرق نگاه کنید. تا یازده هزار سال دیگر باز نخواهد گشت.",
            "نیما فراز",
            "میز دانش",
            2,
        ),
        (
            "خیابانی که به سایه رأی داد",
            "چهل جای پارک رفت و چهل درخت نارون آمد. یک تابستان بعد دما را اندازه گرفتیم.",
            "آرش کهن",
            "میز شهر",
            4,
        ),
    ];
    let rows = first_row..;
    let mut stories: Vec<Story> = texts
        .iter()
        .zip(rows)
        .map(|((title, summary, author, source, minutes), row)| {
            let mut story = story(row, title, summary, author, source, *minutes, "فارسی");
            story.language = language("fa");
            story.url = Some(format!("https://meridian.example/fa/{row}").parse().unwrap());
            story
        })
        .collect();
    stories[0].picture = Some(picture("lantern", 608, 404, "طرح: یک فانوس روشن کنار پنجره", None));
    stories
}

/// A newsletter in Persian with one story in English.
pub fn persian_mixed() -> Sample {
    let mut sample = persian_week();
    let mut english = story(
        107,
        "Counting Fish by Listening",
        "Microphones on a reef hear what divers miss.",
        "Ruth Ekwall",
        "Science Desk",
        5,
        "Science",
    );
    english.url = Some("https://meridian.example/2026/11/counting-fish".parse().unwrap());
    sample.issue.stories.push(english);
    sample.sections[2].1.push(6);
    sample
}

/// A newsletter in Persian, Latin words in some of its stories.
pub fn persian_week() -> Sample {
    let sections =
        vec![section("eqlim", "اقلیم", None), section("shahr", "شهر و فرهنگ", None), section("danesh", "دانش", None)];
    let mut newsletter = newsletter("fa", "هفته در یک نگاه", "روزنامهٔ نصف‌النهار", sections);
    newsletter.publication.postal_address = line("دوبلین، اسکلهٔ فانوس، شمارهٔ ۷");
    newsletter.brand.tagline = line("هر جمعه، آنچه باید خوانده باشید");
    let mut stories = persian(101);
    stories[0].column = Some(line("خط ساحل"));
    stories[0].picture = Some(picture("harbour", 1280, 720, "طرح: اسکله‌ای شناور زیر خورشیدی سرخ", Some("پیت امسل")));
    stories[1].picture = Some(picture("river", 608, 404, "طرح: رودی با سه پیچ", None));
    let events = vec![event(
        "صبحانه با سردبیر",
        hours("2026-11-26T08:30:00Z", "2026-11-26T10:00:00Z"),
        "دوبلین",
        "دربارهٔ آنچه باید ساخت.",
        "sobhane",
    )];
    Sample {
        issue: issue(newsletter, "بندری که شناور شد", "داستان این هفته، داستان جزر و مد بود.", stories, events),
        lead: Some((0, "eqlim")),
        sections: vec![("eqlim", vec![1, 3], vec![]), ("shahr", vec![2, 5], vec![]), ("danesh", vec![4], vec![])],
    }
}
