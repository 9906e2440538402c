//! The digest as its readers get it, kept as files that a reviewer can open in a browser: `tests/goldens/`.
//!
//! A golden that differs fails. After looking at the difference, `UPDATE_GOLDENS=1 cargo test --test golden` accepts it.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

#[path = "golden/demo.rs"]
mod demo;
#[path = "golden/desk.rs"]
mod desk;
#[path = "golden/readers.rs"]
mod readers;
mod sample;

use sample::Sample;
use std::collections::BTreeSet;
use std::path::PathBuf;
use unicode_width::UnicodeWidthStr;
use week_in_review::domain::address::EmailAddress;
use week_in_review::domain::archive::{Counted, Found, LabelKind, Listed, Outline};
use week_in_review::domain::issue::Choice;
use week_in_review::domain::prose::Prose;
use week_in_review::domain::question::Way;
use week_in_review::domain::slot::{What, Where, mark};
use week_in_review::domain::text::{Language, Line};
use week_in_review::mail::mime::{List, Mailbox, MessageParts, Skeleton};
use week_in_review::mail::segment::Personal;
use week_in_review::templates::pages::{
    self, Around, IssueList, Leaving, Letter, Pause, Preferences, Said, Search, Site, StoryList, Why,
};
use week_in_review::templates::texts::Texts;
use week_in_review::templates::{Home, Pictures, dates, digest};

const MAIL: Home = Home::Mail { pictures: Pictures::Linked };

fn all() -> Vec<(&'static str, Sample)> {
    vec![
        ("digest", sample::week()),
        ("digest-one", sample::single()),
        ("digest-rtl", sample::persian_week()),
        ("digest-rtl-mixed", sample::stories::persian_mixed()),
        ("digest-asides", sample::asides()),
        ("digest-mixed", sample::mixed()),
        ("digest-long", sample::longest()),
        ("digest-empty", sample::empty()),
        ("digest-fr", sample::tongues::spoken("fr")),
        ("digest-de", sample::tongues::spoken("de")),
        ("digest-es", sample::tongues::spoken("es")),
        ("digest-ar", sample::tongues::spoken("ar")),
        ("digest-he", sample::tongues::spoken("he")),
    ]
}

/// The whole message, as it lies in a mailbox before it is signed.
fn message(sample: &Sample) -> String {
    let (cut, newsletter) = (sample.cut(), &sample.issue.newsletter);
    let from = EmailAddress::parse(&newsletter.sender.from_address).unwrap();
    let (html, text) = (digest::html(&cut, MAIL), digest::text(&cut));
    let parts = MessageParts {
        from: Mailbox { name: newsletter.sender.from_name.as_str(), address: &from },
        reply_to: None,
        subject: sample.issue.subject.as_str(),
        date: sample.issue.occurrence.at.with_timezone(&newsletter.zone).fixed_offset(),
        html: &html,
        text: &text,
        pictures: &[],
        list: Some(List {
            name: newsletter.title.as_str(),
            id: &newsletter.sender.list_id,
            help: Some("mailto:desk@meridian.example"),
            owner: Some("mailto:desk@meridian.example"),
            archive: Some("https://news.meridian.example/week"),
            feedback_id: Some("214:week:newsletter:meridian"),
        }),
    };
    let confirmed = dates::day("2026-02-04".parse().unwrap(), Texts::of(&newsletter.language));
    let personal = Personal {
        to: &EmailAddress::parse("reader@example.org").unwrap(),
        message_id: "214.AAAAAAAAAAAAAAAA@news.meridian.example",
        unsubscribe_url: "https://news.meridian.example/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        unsubscribe_mailbox: None,
        preferences_url: "https://news.meridian.example/p/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        confirmed_on: &confirmed,
    };
    let mut out = Vec::new();
    Skeleton::build(&parts).unwrap().splice(&personal, &mut out);
    String::from_utf8(out).unwrap()
}

/// A rendering with its slots filled, as a reader sees it.
fn filled(rendering: &str, language: &Language) -> String {
    let confirmed = dates::day("2026-02-04".parse().unwrap(), Texts::of(language));
    let values = [
        (What::Address, "reader@example.org"),
        (What::UnsubscribeUrl, "https://news.meridian.example/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (What::PreferencesUrl, "https://news.meridian.example/p/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        (What::ConfirmedOn, confirmed.as_str()),
    ];
    let places = [Where::HtmlText, Where::HtmlAttribute, Where::PlainText];
    values.iter().fold(rendering.to_owned(), |text, (what, value)| {
        places.iter().fold(text, |text, place| text.replace(&mark(*what, *place), value))
    })
}

fn compare(name: &str, rendering: &str) {
    // A change of the style sheet is looked at in the screenshots; it need not touch every page here.
    let rendering =
        rendering.replace(pages::css_version(), "0").replace(week_in_review::templates::desk::css_version(), "0");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&path, &rendering).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = expected.lines().zip(rendering.lines()).position(|(a, b)| a != b);
    assert!(expected == rendering, "{name} differs (first at line {differs:?}); look, then UPDATE_GOLDENS=1");
}

#[test]
fn digests_are_as_they_were_approved() {
    for (name, sample) in all() {
        let cut = sample.cut();
        compare(&format!("{name}.html"), &filled(&digest::html(&cut, MAIL), &sample.issue.newsletter.language));
        compare(&format!("{name}.txt"), &filled(&digest::text(&cut), &sample.issue.newsletter.language));
        compare(&format!("{name}.eml"), &message(&sample));
    }
    compare("issue.html", &digest::html(&sample::week().cut(), Home::Web));
}

#[test]
fn a_sponsored_story_says_so_before_anything_else_in_its_byline() {
    for (mut sample, label) in [(sample::week(), "Sponsored"), (sample::persian_week(), "آگهی")] {
        let story = &mut sample.issue.stories[0];
        story.sponsored = true;
        let author = story.authors[0].to_string();
        let cut = sample.cut();
        for rendering in [digest::html(&cut, MAIL), digest::html(&cut, Home::Web), digest::text(&cut)] {
            // The text part joins with commas.
            let begins: Vec<usize> = [" · ", ", ", "، "]
                .iter()
                .flat_map(|joint| {
                    rendering.match_indices(&format!("{label}{joint}")).map(|(at, _)| at).collect::<Vec<_>>()
                })
                .collect();
            assert_eq!(begins.len(), 1, "{label:?} stands once, and the other stories are not paid for");
            let rest = &rendering[begins[0]..];
            assert!(rest.find(&author).is_some_and(|at| at < 200), "{}", rest.chars().take(200).collect::<String>());
        }
    }
}

#[test]
fn pages_are_as_they_were_approved() {
    let week = sample::week();
    let newsletter = &week.issue.newsletter;
    let persian = sample::persian_week().issue.newsletter;
    let site = Site::of(newsletter);
    let letters = [
        Letter { newsletter, latest: Some((214, week.issue.subject.as_str())) },
        Letter { newsletter: &persian, latest: None },
    ];
    let choice = Choice::Topics([newsletter.sections[0].slug.clone(), newsletter.sections[4].slug.clone()].into());
    let address = "reader@example.org";
    let preferences = |newsletter, confirmed_on| Preferences {
        newsletter,
        address,
        confirmed_on,
        choice: &choice,
        pause: Pause::Until("2026-12-24".parse().unwrap()),
        first_day: "2026-11-21".parse().unwrap(),
        language: None,
        plain: false,
        others: &[],
        said: Said::Saved,
        wrong: None,
        action: "/p/A",
        ask_action: "/p/A/ask",
        unsubscribe_url: "/u/A",
        canary: "/p/A/x",
    };
    let leaving = Leaving {
        newsletter,
        address,
        language: None,
        all: false,
        others: true,
        action: "/u/A",
        asked: &readers::asked(Way::Press, None),
        preferences_url: Some("/p/A"),
    };
    compare("page-front.html", &pages::front(site, &letters));
    compare("page-not-found.html", &pages::not_found(site));
    compare("page-unsubscribe.html", &pages::unsubscribe(leaving));
    compare("page-goodbye.html", &pages::goodbye(newsletter, Some((address, None)), false, Why::Ask("/u/A/why")));
    compare("page-preferences.html", &pages::preferences(preferences(newsletter, "4 February 2026")));
    compare("page-preferences-rtl.html", &pages::preferences(preferences(&persian, "۴ فوریهٔ ۲۰۲۶")));
}

#[test]
fn the_archive_is_as_it_was_approved() {
    let week = sample::week();
    let issue = &week.issue;
    let site = Site::of(&issue.newsletter);
    let outline = Outline {
        window: issue.window,
        language: issue.newsletter.language.clone(),
        stories: issue.stories.len(),
        sections: issue.newsletter.sections.iter().map(|section| (section.title.clone(), 4)).collect(),
    };
    let listed = |number: u32, weeks: i64| Listed {
        newsletter: issue.newsletter.slug.clone(),
        number,
        due_at: issue.occurrence.at - chrono::TimeDelta::weeks(weeks),
        changed_at: issue.occurrence.at,
        subject: issue.subject.clone(),
        outline: outline.clone(),
    };
    let issues = [listed(214, 0), listed(213, 1), listed(212, 2), listed(211, 3)];
    let subjects: Vec<Counted> = issue.stories[0]
        .tags
        .iter()
        .map(|tag| Counted { key: tag.key().into(), label: tag.label().into(), stories: 12 })
        .collect();
    let stories: Vec<Found> = issue
        .stories
        .iter()
        .take(6)
        .map(|story| Found {
            newsletter: issue.newsletter.slug.clone(),
            number: 214,
            due_at: issue.occurrence.at,
            story: story.clone(),
        })
        .collect();
    let list = IssueList {
        newsletter: &issue.newsletter,
        issues: &issues,
        is_first: true,
        older: Some(211),
        subjects: &subjects,
    };
    let tag = StoryList {
        kind: LabelKind::Tag,
        key: "lobbying",
        label: "Lobbying",
        stories: &stories,
        page: 2,
        has_more: true,
    };
    let search = Search { question: "\"talks\" & <b>", stories: &[], page: 1, has_more: false, subjects: &subjects };
    let zone = issue.newsletter.zone;
    compare("page-archive.html", &pages::issues(list));
    compare("page-tag.html", &pages::stories(site, zone, tag));
    compare("page-search.html", &pages::search(site, zone, search));
    compare("page-events.html", &pages::events(site, zone, &issue.events));
    let note = "It named somebody who had nothing to do with it.";
    compare("page-withdrawn.html", &pages::withdrawn(site, "No. 214", "20 November 2026", Some(note)));
    let notes = vec![(issue.occurrence.at, Line::clean("The name of the envoy was spelled wrong."))];
    let around = Around { notes, older: Some(213), newer: Some(215), unlisted: false };
    compare("issue-amended.html", &digest::web_page(&week.cut(), &around));
}

/// The values of an attribute in a document.
fn attributes(html: &str, name: &str) -> BTreeSet<String> {
    let opening = format!(" {name}=\"");
    html.split(&opening).skip(1).map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")).collect()
}

#[test]
fn text_and_html_lead_to_the_same_places() {
    for (name, sample) in all() {
        let cut = sample.cut();
        let (html, text) = (
            filled(&digest::html(&cut, MAIL), &sample.issue.newsletter.language),
            filled(&digest::text(&cut), &sample.issue.newsletter.language),
        );
        let printed: BTreeSet<String> =
            text.lines().map(str::trim).filter(|line| line.starts_with("https://")).map(ToOwned::to_owned).collect();
        let links = attributes(&html, "href");
        let wanted: BTreeSet<String> = links.iter().filter(|link| !link.contains('#')).cloned().collect();
        assert!(
            wanted.is_subset(&printed),
            "{name}: not in the text: {:?}",
            wanted.difference(&printed).collect::<Vec<_>>()
        );
        assert!(
            printed.is_subset(&links),
            "{name}: not in the HTML: {:?}",
            printed.difference(&links).collect::<Vec<_>>()
        );
        assert!(sample::addresses(&cut).is_subset(&printed), "{name}: a story or event is missing");
        for story in cut.lead.into_iter().chain(cut.sections.iter().flat_map(|section| section.stories.iter().copied()))
        {
            let words = |text: &str| {
                text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['\u{2068}', '\u{2069}', '\u{200F}'], "")
            };
            assert!(words(&text).contains(&words(story.title.as_str())), "{name}: {}", story.title);
        }
    }
}

#[test]
fn no_line_of_text_is_wider_than_72_cells_save_an_address() {
    for (name, sample) in all() {
        for line in filled(&digest::text(&sample.cut()), &sample.issue.newsletter.language)
            .lines()
            .filter(|line| !line.contains("https://"))
        {
            assert!(line.width() <= 72, "{name}: {} cells: {line}", line.width());
            assert!(line.trim_end() == line && !line.contains("&amp;") && !line.ends_with('…'), "{name}: {line}");
        }
    }
}

#[test]
fn the_mail_fits_and_holds_nothing_that_mail_apps_refuse() {
    for (name, sample) in all() {
        let html = digest::html(&sample.cut(), MAIL);
        assert!(html.len() < 60_000, "{name}: {} bytes", html.len());
        for refused in [
            "<script",
            "<link",
            "<form",
            "<svg",
            "url(",
            "src=\"data:",
            "title=\"",
            "display:flex",
            "display:grid",
            "float:",
            "rgba(",
        ] {
            assert!(!html.contains(refused), "{name} holds {refused}");
        }
        let visible: String = html
            .split("<!--[if mso]>")
            .map(|part| part.split_once("<![endif]-->").map_or(part, |(_, rest)| rest))
            .collect();
        assert_eq!(
            visible.matches("<table").count(),
            visible.matches("<table role=\"presentation\"").count(),
            "{name}"
        );
        assert_eq!(visible.matches("<table").count(), visible.matches("</table>").count(), "{name}");
        assert_eq!(html.matches("<img").count(), html.matches(" alt=\"").count(), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
    }
    let twenty = digest::html(&sample::repeated(20).cut(), MAIL).len();
    assert!(twenty < 60_000, "20 stories: {twenty} bytes");
    let forty = digest::html(&sample::repeated(40).cut(), MAIL).len();
    assert!(forty < 75_000, "40 stories: {forty} bytes");
}

#[test]
fn the_preheader_is_150_to_250_characters_of_headlines() {
    for (name, sample) in all() {
        let preheader = digest::preheader(&sample.cut());
        let length = preheader.chars().count();
        assert!(length <= 250, "{name}: {length}");
        let enough = sample.cut().story_count() > 3;
        assert!(!enough || length >= 150, "{name}: {length}: {preheader}");
        assert!(!preheader.contains(sample.issue.subject.as_str()), "{name} says the subject again: {preheader}");
    }
}

#[test]
fn the_reader_s_own_addresses_stand_in_the_mail_and_nowhere_on_the_web() {
    let sample = sample::week();
    let slots = |text: &str| {
        week_in_review::domain::slot::pieces(text)
            .iter()
            .filter(|piece| matches!(piece, week_in_review::domain::slot::Piece::Slot(..)))
            .count()
    };
    let cut = sample.cut();
    assert_eq!(slots(&digest::html(&cut, MAIL)), 4);
    assert_eq!(slots(&digest::text(&cut)), 4);
    assert_eq!(slots(&digest::html(&cut, Home::Web)), 0);
}

#[test]
fn what_comes_from_outside_is_escaped_everywhere() {
    let mut sample = sample::week();
    let hostile = Line::clean("<script>alert(\"1\")</script> & 'x' <b>");
    for story in &mut sample.issue.stories {
        story.title = hostile.clone();
        story.summary = hostile.clone();
        story.authors = vec![hostile.clone()];
        story.source = hostile.clone();
        story.column = Some(hostile.clone());
        if let Some(picture) = &mut story.picture {
            picture.alt = hostile.clone();
            picture.credit = Some(hostile.clone());
        }
    }
    sample.issue.note = Prose::from(hostile.clone());
    for section in &mut sample.issue.newsletter.sections {
        section.title = hostile.clone();
    }
    for home in [MAIL, Home::Web] {
        let html = digest::html(&sample.cut(), home);
        assert!(!html.contains("<script>") && !html.contains("\"1\"") && !html.contains("<b>"));
    }
}

#[test]
fn embedded_pictures_are_shown_by_their_content_id() {
    let sample = sample::week();
    let html = digest::html(&sample.cut(), Home::Mail { pictures: Pictures::Embedded });
    if let Some(story) = sample.cut().lead {
        let picture = story.picture.as_ref().unwrap();
        let id = digest::content_id(&sample.issue.newsletter, &picture.wide());
        assert!(html.contains(&format!("src=\"cid:{id}\"")), "{id}");
    }
    assert!(!html.contains("/media/"));
}

/// What a reader sees of a document: no markup, no head, no addresses.
fn visible(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut out = String::new();
    let mut rest = body.split_once('>').map_or(body, |(_, rest)| rest);
    while let Some((text, from_tag)) = rest.split_once('<') {
        out.push_str(text);
        out.push(' ');
        let end = if from_tag.starts_with("!--") { "-->" } else { ">" };
        rest = from_tag.split_once(end).map_or("", |(_, after)| after);
    }
    out.replace("reader@example.org", "")
}

#[test]
fn no_language_shows_a_fixed_text_of_another() {
    let english = Texts::of(&Language::english());
    let words = [
        "read-online",
        "in-this-issue",
        "manage-preferences",
        "unsubscribe",
        "view-in-browser",
        "privacy",
        "forwarded",
        "lead-story",
    ];
    let samples = sample::tongues::tongues().map(sample::tongues::spoken).chain([sample::persian_week()]);
    for sample in samples {
        let (language, cut) = (&sample.issue.newsletter.language, sample.cut());
        let texts = Texts::of(language);
        assert_eq!(texts.code(), language.as_str());
        for rendering in [visible(&digest::html(&cut, MAIL)), digest::text(&cut)] {
            for key in words {
                let (foreign, own) = (english.say(key), texts.say(key));
                assert!(!rendering.contains(&foreign) || own.contains(&foreign), "{language}: {foreign}");
            }
            assert!(rendering.contains(&texts.say("unsubscribe")), "{language}");
        }
    }
}

#[test]
fn persian_and_arabic_print_no_digit_of_another_script_outside_of_an_isolated_run() {
    for sample in [sample::persian_week(), sample::tongues::spoken("ar")] {
        let text = filled(&digest::text(&sample.cut()), &sample.issue.newsletter.language);
        for line in text.lines().filter(|line| !line.contains("://")) {
            let outside: String =
                line.split('\u{2068}').map(|part| part.split_once('\u{2069}').map_or(part, |(_, rest)| rest)).collect();
            assert!(!outside.chars().any(|c| c.is_ascii_alphanumeric()), "{line}");
        }
    }
}

#[test]
fn sixty_stories_are_set_like_twenty() {
    let sample = sample::repeated(60);
    let (html, text) = (digest::html(&sample.cut(), MAIL), digest::text(&sample.cut()));
    assert_eq!(html.matches("<h3").count(), 59 + sample.issue.events.len());
    // The last section is Persian, and so are its numbers.
    assert!(text.contains("۶۰. ") && !text.contains("۶۱. ") && !text.contains("\n61. "));
}

#[test]
fn the_same_cut_gives_the_same_bytes() {
    let sample = sample::week();
    assert_eq!(digest::html(&sample.cut(), MAIL), digest::html(&sample.cut(), MAIL));
    assert_eq!(digest::text(&sample.cut()), digest::text(&sample.cut()));
}
