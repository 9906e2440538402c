//! A hand-made issue for the goldens and the benchmark: an invented newspaper, invented people, invented news.

#![allow(dead_code, reason = "the goldens and the benchmark use different parts")]
#![allow(clippy::unwrap_used, reason = "a sample that does not parse is to be mended, not handled")]

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::collections::BTreeSet;
use week_in_review::domain::article::{ArticleId, Picture};
use week_in_review::domain::event::{Event, When};
use week_in_review::domain::issue::{Correction, Cut, CutSection, Earlier, Issue, Next, Other, Story, hex};
use week_in_review::domain::livery::Headlines;
use week_in_review::domain::newsletter::{Brand, Look, Newsletter, Policy, Publication, Section, Sender};
use week_in_review::domain::notice::{Notice, NoticePlace};
use week_in_review::domain::prose::{Block, Prose, Span};
use week_in_review::domain::ranking::MostRead;
use week_in_review::domain::schedule::{Occurrence, Schedule};
use week_in_review::domain::tag::{Slug, Tag};
use week_in_review::domain::text::{Language, Line};
use week_in_review::domain::window::Window;

pub mod sending;
pub mod stories;
pub mod tongues;
pub use stories::{persian_week, week};

/// An issue and the arrangement of its stories: indices of `issue.stories` per section, after the lead.
pub struct Sample {
    pub issue: Issue,
    pub lead: Option<(usize, &'static str)>,
    pub sections: Vec<(&'static str, Vec<usize>, Vec<usize>)>,
}

impl Sample {
    /// The cut that a reader of everything gets.
    pub fn cut(&self) -> Cut<'_> {
        let (stories, newsletter) = (&self.issue.stories, &self.issue.newsletter);
        let section = |slug: &str| newsletter.sections.iter().find(|section| section.slug.as_str() == slug).unwrap();
        Cut {
            issue: &self.issue,
            lead: self.lead.map(|(at, _)| &stories[at]),
            lead_section: self.lead.map(|(_, slug)| &section(slug).slug),
            sections: self
                .sections
                .iter()
                .map(|(slug, printed, more)| CutSection {
                    section: section(slug),
                    stories: printed.iter().map(|at| &stories[*at]).collect(),
                    more: more.iter().map(|at| &stories[*at]).collect(),
                })
                .collect(),
            events: &self.issue.events,
            next: self.issue.earlier.iter().map(Next::Earlier).collect(),
        }
    }
}

pub fn line(text: &str) -> Line {
    Line::clean(text)
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

/// A picture that lies under `tests/goldens/pictures/NAME.png`; its hash is made up of the name.
pub fn picture(name: &str, width: u32, height: u32, alt: &str, credit: Option<&str>) -> Picture {
    let bytes: Vec<u8> = name.bytes().cycle().take(32).collect();
    Picture {
        sha256: hex(&bytes),
        media_type: "image/png".to_owned(),
        width,
        height,
        alt: line(alt),
        credit: credit.map(line),
        licence: None,
        small: None,
        link: None,
    }
}

/// A story in English without a picture; fields are changed where a sample needs it.
pub fn story(at_row: i64, title: &str, summary: &str, author: &str, source: &str, minutes: u32, tag: &str) -> Story {
    let slug: String = title
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() > 2)
        .take(4)
        .collect::<Vec<_>>()
        .join("-");
    let slug = if slug.is_empty() { format!("fa/{at_row}") } else { slug };
    Story {
        article: ArticleId(at_row),
        title: line(title),
        url: Some(format!("https://meridian.example/2026/11/{slug}").parse().unwrap()),
        summary: line(summary),
        authors: vec![line(author)],
        source: line(source),
        column: None,
        tags: Tag::parse(tag).into_iter().collect(),
        language: language("en"),
        minutes: Some(minutes),
        published_at: Some(at("2026-11-18T09:00:00Z")),
        picture: None,
        also_at: Vec::new(),
        summary_from_lead: false,
        paywalled: false,
        sponsored: false,
        source_id: None,
        pinned: false,
        carried: false,
        home: None,
    }
}

pub fn section(slug: &str, title: &str, tongue: Option<&str>) -> Section {
    Section {
        slug: Slug::parse(slug).unwrap(),
        title: line(title),
        tags: Tag::parse(slug).into_iter().collect(),
        sources: Vec::new(),
        language: tongue.map(language),
        rest: false,
        cap: 4,
        minimum: 0,
        look: Look::Rail,
        intro: Line::default(),
    }
}

pub fn newsletter(tongue: &str, title: &str, publication: &str, sections: Vec<Section>) -> Newsletter {
    Newsletter {
        slug: Slug::parse("week").unwrap(),
        title: line(title),
        publication: Publication {
            name: line(publication),
            url: "https://meridian.example/".parse().unwrap(),
            postal_address: line("7 Lantern Quay, Dublin D01 X0X0, Ireland"),
            privacy_url: "https://meridian.example/privacy".parse().unwrap(),
            contact: "desk@meridian.example".to_owned(),
        },
        schedule: Schedule::parse("0 17 * * FRI").unwrap(),
        zone: Tz::Europe__Dublin,
        language: language(tongue),
        cutoff_minutes: 60,
        tags: Vec::new(),
        sections,
        minimum: 3,
        max_age_days: 14,
        max_lateness_hours: 6,
        first_number: 1,
        test_addresses: Vec::new(),
        sender: Sender {
            from_name: line(publication),
            from_address: "week@news.meridian.example".to_owned(),
            reply_to: None,
            list_id: "week.news.meridian.example".to_owned(),
            bounce_address: None,
            returns: None,
        },
        brand: Brand {
            accent: "#9b1b22".to_owned(),
            accent_dark: "#ff9d92".to_owned(),
            tagline: Line::default(),
            header: Prose::default(),
            footer: Prose::default(),
            pictures: true,
            embed_pictures: false,
            livery: week_in_review::domain::livery::Livery::default(),
            web_base: "https://news.meridian.example".to_owned(),
        },
        events: 3,
        archive: week_in_review::domain::archive::Archive::Public,
        subject: "{lead}".to_owned(),
        policy: Policy::default(),
    }
}

pub fn issue(newsletter: Newsletter, subject: &str, note: &str, stories: Vec<Story>, events: Vec<Event>) -> Issue {
    let due = at("2026-11-20T17:00:00Z");
    let occurrence = Occurrence::new(due.naive_utc(), newsletter.zone, due);
    let window = Window::new(at("2026-11-13T16:00:00Z"), at("2026-11-20T16:00:00Z")).unwrap();
    Issue {
        subject: line(subject),
        note: Prose::from(line(note)),
        stories,
        events,
        ..Issue::empty(newsletter, 214, occurrence, window)
    }
}

pub fn event(title: &str, when: When, location: &str, summary: &str, page: &str) -> Event {
    Event {
        uid: page.to_owned(),
        title: line(title),
        when,
        location: line(location),
        summary: line(summary),
        url: Some(format!("https://meridian.example/events/{page}").parse().unwrap()),
    }
}

pub fn hours(from: &str, to: &str) -> When {
    When::Timed { starts_at: at(from), ends_at: Some(at(to)) }
}

/// One story and nothing else.
pub fn single() -> Sample {
    let mut sample = week();
    sample.issue.stories.truncate(1);
    sample.issue.events.clear();
    sample.issue.note = Prose::default();
    sample.sections.clear();
    sample
}

/// Nothing at all: what a preview of an empty week shows.
pub fn empty() -> Sample {
    let mut sample = single();
    sample.issue.stories.clear();
    sample.lead = None;
    sample
}

/// Stories of several directions in one section, names in several scripts, no pictures.
pub fn mixed() -> Sample {
    let mut sample = week();
    let persian = persian_week().issue.stories;
    sample.issue.newsletter.brand.pictures = false;
    sample.issue.newsletter.brand.tagline = line("Seven days, read twice");
    sample.issue.newsletter.brand.footer = Prose::from(line("The Meridian Post is owned by its readers."));
    let stories = &mut sample.issue.stories;
    stories[2] = persian[1].clone();
    stories[3].authors = vec![line("שירה לביא"), line("Tomás Ó Sé")];
    stories[5].title = line("東京の港が二十四時間体制に、北の航路はさらに短くなる見通し");
    stories[5].summary =
        line("夜間の荷役が始まり、船会社は一航海あたり二日を節約できるという。港湾労働者は反対している。");
    stories[5].language = language("ja");
    stories[6].also_at = vec![line("The Harbour Gazette"), line("صبح ساحل")];
    stories[7].url = None;
    sample
}

/// All that may stand beside the stories, and sections in each look.
pub fn asides() -> Sample {
    let mut sample = week();
    let words = |text: &str| {
        let link = Span::Link { url: "https://meridian.example/more".parse().unwrap(), words: "Read how".to_owned() };
        Prose::new([Block::Paragraph(vec![Span::Text(format!("{text} ")), link, Span::Text(".".to_owned())])])
    };
    let issue = &mut sample.issue;
    issue.newsletter.brand.header =
        words("The Post has no owner but its readers, and no advertisements but those that say so.");
    issue.newsletter.brand.footer = words("The Meridian Post is owned by its readers.");
    issue.newsletter.sections[1].look = Look::Brief;
    issue.newsletter.sections[2].look = Look::List;
    issue.newsletter.brand.livery.headlines = Headlines::Sans;
    issue.newsletter.brand.livery.tint = Some("#eef3f8".to_owned());
    issue.stories[2].paywalled = true;
    issue.corrections = vec![Correction { number: 213, text: words("The harbour wall is 340 metres long, not 430.") }];
    let notice = |place, label: &str, sponsored| Notice {
        text: words("Lantern Quay Books keeps a shelf for what our readers write about."),
        place,
        label: line(label),
        sponsored,
    };
    issue.notices = vec![
        notice(NoticePlace::After(issue.newsletter.sections[0].slug.clone()), "Lantern Quay Books", true),
        notice(NoticePlace::Footer, "From the house", false),
    ];
    issue.earlier = vec![
        Earlier {
            title: line("The Wall That Was Measured Twice"),
            url: "https://meridian.example/2026/10/wall".parse().unwrap(),
            number: 211,
            language: language("en"),
        },
        Earlier {
            title: line("بندری که شناور شد"),
            url: "https://meridian.example/fa/90".parse().unwrap(),
            number: 209,
            language: language("fa"),
        },
    ];
    issue.most_read = vec![
        MostRead {
            title: line("Two Clerks, One Stamp and a Border That Opens at Nine"),
            url: "https://meridian.example/2026/11/two-clerks".parse().unwrap(),
            language: Some(language("en")),
        },
        MostRead {
            title: line("What a Loaf Costs Where the River Ends"),
            url: "https://meridian.example/2026/11/loaf".parse().unwrap(),
            language: None,
        },
    ];
    issue.others = vec![Other {
        title: line("Harbour Notes"),
        tagline: line("What the tide brought, on Mondays"),
        url: "https://news.meridian.example/harbour".to_owned(),
    }];
    sample
}

/// Everything as long as it may be.
pub fn longest() -> Sample {
    let mut sample = week();
    let headline = "A Very Long Headline About the Slow and Patient Work of Rebuilding a Harbour Town After the Third Great Storm of an Uncommonly Wet Autumn";
    let summary = "The first sentence of this summary runs on and on without a stop because its writer was paid by the word and nobody at the desk had the heart to tell her so, which is how it came to be printed, and then reprinted. A second sentence follows.";
    sample.issue.note = Prose::from(line(
        "This week’s note is a long one. It thanks the night shift at the harbour, the reader who found the missing decimal point, and everybody who wrote in about the comet; and it explains, at the length that the subject deserves, why the crossword moved to page nine.",
    ));
    for story in &mut sample.issue.stories {
        if story.language == language("en") {
            story.title = line(&headline[..140.min(headline.len())]);
            story.summary = line(summary);
            story.authors =
                vec![line("Wilhelmina Featherstonehaugh-Cholmondeley"), line("Bartholomew Oyelaran"), line("Ada Ray")];
        }
        story.picture = None;
    }
    for section in &mut sample.issue.newsletter.sections {
        section.intro = line("What our reporters heard in the corridors, and what the minutes left out.");
    }
    sample.issue.newsletter.sections[0].title = line("Climate, Weather and Everything That Falls From the Sky");
    sample
}

/// A week of so many stories, by repeating those of [`week`].
pub fn repeated(count: usize) -> Sample {
    let mut sample = week();
    let originals = sample.issue.stories.clone();
    sample.issue.stories = (0..count)
        .map(|at| Story { article: ArticleId(at as i64), ..originals[at % originals.len()].clone() })
        .collect();
    let slugs: Vec<&'static str> = sample.sections.iter().map(|(slug, ..)| *slug).collect();
    sample.lead = Some((0, "climate"));
    sample.sections = slugs
        .iter()
        .enumerate()
        .map(|(nth, slug)| (*slug, (1..count).filter(|at| at % slugs.len() == nth).collect(), Vec::new()))
        .collect();
    sample
}

/// The addresses of the stories and events that a cut prints.
pub fn addresses(cut: &Cut<'_>) -> BTreeSet<String> {
    let stories = cut.lead.into_iter().chain(cut.sections.iter().flat_map(|section| section.stories.iter().copied()));
    let stories = stories.filter_map(|story| story.url.as_ref());
    stories.chain(cut.events.iter().filter_map(|event| event.url.as_ref())).map(ToString::to_string).collect()
}
