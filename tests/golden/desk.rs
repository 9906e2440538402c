//! The pages of the desk as they were approved, in the very week in which London's clocks go forward: Sunday 17:00 is 16:00 UTC.

use super::{MAIL, compare, filled, sample};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use week_in_review::domain::delivery::Tally;
use week_in_review::domain::issue::IssueState;
use week_in_review::domain::newsletter::Newsletter;
use week_in_review::domain::schedule::{Occurrence, instant};
use week_in_review::templates::desk::{
    self as pages, By, ChangeLine, Check, Coming, DateFate, DateLine, Entry, Group, Home, Input, LetterShown, Level,
    Order, Page, Pair, Past, ReaderShown, Said, Sent, SentIssue, SentStory, Showing, SourceLine, Stage, StoryLine,
    Subscribed, ToldLine, Trouble, Well,
};
use week_in_review::templates::digest;
use week_in_review::templates::review::Asking;

const ZONE: Tz = Tz::Europe__London;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn page(newsletter: &Newsletter) -> Page<'_> {
    Page { host: newsletter, editor: Some("Mona Ledger"), token: "TOKEN", newsletters: &[], said: None }
}

fn coming(newsletter: &Newsletter) -> Coming<'_> {
    let local = "2013-03-31T17:00:00".parse().unwrap();
    let due = instant(ZONE, local).unwrap();
    Coming {
        newsletter,
        number: 215,
        occurrence: Some(Occurrence::new(local, ZONE, due)),
        cut_off: Some(due - TimeDelta::hours(3)),
        stage: Stage::Collecting,
        readers: 12_480,
        stories: 17,
        sections: 5,
        asks: true,
        locked: None,
        blocked: None,
        held: None,
        seen: None,
        withdrawn: false,
        now: at("2013-03-28T10:55:00Z"),
    }
}

fn check(level: Level, found: &str, detail: &str, mend: Option<(&str, &str)>) -> Check {
    let mend = mend.map(|(place, words)| (place.to_owned(), words.to_owned()));
    Check { level, found: found.into(), detail: detail.into(), mend }
}

fn checks() -> Vec<Check> {
    vec![
        check(Level::Good, "41 KB of HTML of the 102 KB that Gmail shows", "", None),
        check(Level::Warning, "2 of 17 stories lack a summary", "", Some(("/desk/n/week/stories", "Write them"))),
        check(Level::Blocking, "Postal address", "The text part has none.", None),
    ]
}

fn tally() -> Tally {
    Tally { recipients: 12_480, accepted: 12_391, deferred: 54, refused: 28, skipped: 7, ..Tally::default() }
}

fn story(article: i64, title: &str) -> StoryLine {
    StoryLine {
        article,
        title: title.into(),
        language: "en".into(),
        source: "Gulf Desk".into(),
        is_sponsored: false,
        published_at: Some(at("2013-03-27T07:30:00Z")),
        is_pinned: false,
        is_dropped: false,
        changed: Vec::new(),
        why: vec![("Score".into(), "92: source 50, recency 18, picture 10, summary 10".into())],
    }
}

fn pair() -> Pair {
    Pair {
        name: "title".into(),
        label: "Headline".into(),
        machine: "Three Navies, One Strait <and> a Week of Careful Radio Calls".into(),
        standing: "Three Navies, One Strait".into(),
        by: Some(By { name: "Mona Ledger".into(), is_file: false }),
        cuts: vec![("A phone".into(), "Three Navies, One".into())],
        input: Input::Line,
        hint: String::new(),
    }
}

fn changes() -> Vec<ChangeLine> {
    let line = |what: &str, undone_by: Option<&str>| ChangeLine {
        at: at("2013-03-28T10:40:00Z"),
        actor: "Mona Ledger".into(),
        what: what.into(),
        undone_by: undone_by.map(str::to_owned),
    };
    vec![line("Title: Three Navies, One Strait", None), line("Place: pinned", Some("Otto Bind"))]
}

#[test]
fn the_first_page_and_the_preview_are_as_they_were_approved() {
    let week = sample::week();
    let newsletter = &week.issue.newsletter;
    let sending = Tally { recipients: 6_240, accepted: 4_116, queued: 2_124, ..Tally::default() };
    let going = Coming {
        number: 88,
        stage: Stage::Settled { state: IssueState::Sending, reason: None, tally: sending },
        ..coming(newsletter)
    };
    let sent = Sent {
        title: "The Week in Review".into(),
        number: 214,
        at: at("2013-03-24T17:00:00Z"),
        zone: ZONE,
        tally: tally(),
    };
    let trouble = Trouble {
        about: "source, Persian".into(),
        sentence: "HTTP 503 four times; next try at 11:10.".into(),
        way: Some(("/desk/sources".into(), "Look at the sources")),
    };
    let home = Home {
        coming: vec![(coming(newsletter), checks()), (going, Vec::new())],
        sent: vec![sent],
        troubles: vec![trouble],
    };
    let said = Some(Said { sentence: "Week No. 215: a test is on its way to you.", well: true });
    compare("desk.html", &pages::home(Page { said, ..page(newsletter) }, &home));

    let held = Coming {
        stage: Stage::Settled { state: IssueState::Held, reason: Some("a correction comes"), tally: Tally::default() },
        seen: Some("5e7a".repeat(16)),
        ..coming(newsletter)
    };
    let topics = [("nuclear".to_owned(), "Nuclear".to_owned(), true), ("trade".to_owned(), "Trade".to_owned(), false)];
    let why = [
        Group { name: "Lead".into(), stories: vec![story(6, "Three Navies, One Strait")], is_out: false },
        Group { name: "Not for this reader".into(), stories: vec![story(7, "Border <Towns>")], is_out: true },
    ];
    let showing = Showing {
        coming: &held,
        subject: "Khamenei shifts stance",
        size: 41_900,
        topics: &topics,
        problem: None,
        checks: &checks(),
        why: &why,
        link: Some(("https://news.meridian.example/desk/look/TOKEN", at("2013-03-31T10:55:00Z"))),
    };
    compare("desk-preview.html", &pages::preview(page(newsletter), &showing));
}

#[test]
fn the_mail_that_asks_editors_at_the_cut_off_is_as_it_was_approved() {
    let week = sample::week();
    let (cut, newsletter) = (week.cut(), &week.issue.newsletter);
    let odd = [
        ("Sources that do not answer".to_owned(), "1 of 12: Persian <desk>".to_owned()),
        (
            "Summaries made of the lead".to_owned(),
            "2 of 17: \"Three Navies\", \"Border Towns Count the Cost\"".to_owned(),
        ),
        ("Stories without a summary".to_owned(), String::new()),
    ];
    let waits = Asking {
        newsletter,
        number: week.issue.number,
        occurrence: week.issue.occurrence,
        asks: true,
        held: None,
        odd: &odd,
        link: "https://news.meridian.example/desk/n/week/preview",
    };
    let held = Asking { held: Some("a correction comes"), odd: &[], ..waits };
    for (name, asking) in [("review", waits), ("review-held", held)] {
        let html = filled(&asking.before_html(&digest::html(&cut, MAIL)), &newsletter.language);
        let text = filled(&asking.before_text(&digest::text(&cut)), &newsletter.language);
        compare(&format!("{name}.html"), &html);
        compare(&format!("{name}.txt"), &format!("{}\n\n{text}", asking.subject(week.issue.subject.as_str())));
    }
}

#[test]
fn dates_are_as_they_were_approved() {
    let week = sample::week();
    let newsletter = &week.issue.newsletter;
    let line = |local: &str, fate: DateFate, moved: Option<&str>| {
        let key: chrono::NaiveDateTime = local.parse().unwrap();
        let at = instant(ZONE, moved.map_or(key, |moved| moved.parse().unwrap())).unwrap();
        DateLine { key, at, fate, is_composed: false }
    };
    let lines = [
        line("2013-03-31T17:00:00", DateFate::Stands, None),
        line("2013-04-07T17:00:00", DateFate::Moved("Good Friday".into()), Some("2013-04-06T16:00:00")),
        line("2013-04-14T17:00:00", DateFate::Skipped("a holiday".into()), None),
        line("2013-04-21T17:00:00", DateFate::Paused("summer".into()), None),
    ];
    compare("desk-dates.html", &pages::dates(page(newsletter), &coming(newsletter), &lines, true));
}

#[test]
fn stories_and_face_are_as_they_were_approved() {
    let week = sample::week();
    let newsletter = &week.issue.newsletter;
    let issue = coming(newsletter);
    let pinned =
        StoryLine { is_pinned: true, changed: vec!["headline".into()], ..story(6, "Three Navies, One Strait") };
    let dropped = StoryLine { is_dropped: true, ..story(7, "Border Towns <Count> the Cost") };
    let groups = [
        Group { name: "Security".into(), stories: vec![pinned.clone()], is_out: false },
        Group { name: "Not in this issue".into(), stories: vec![dropped], is_out: true },
    ];
    compare("desk-stories.html", &pages::stories(page(newsletter), &issue, &groups));
    compare("desk-story.html", &pages::story(page(newsletter), &issue, &pinned, &[pair()], &changes()));
    let order = [Order { slug: "nuclear".into(), title: "Nuclear".into() }];
    let by = By { name: "file".into(), is_file: true };
    let face = pages::face(page(newsletter), &issue, &[pair()], &order, Some(&by), &[], &changes());
    compare("desk-face.html", &face);
}

#[test]
fn lists_and_the_door_are_as_they_were_approved() {
    let week = sample::week();
    let newsletter = &week.issue.newsletter;
    let well = |well: Well| SourceLine {
        name: "نبض ایران".into(),
        kind: "feed",
        place: "https://pulse.example/feed".into(),
        well,
        read_at: Some(at("2013-03-27T22:10:00Z")),
        new_at: None,
    };
    let sources = [well(Well::Healthy), well(Well::New), well(Well::Failing(4, "HTTP 503".into()))];
    compare("desk-sources.html", &pages::sources(page(newsletter), &sources, "20 minutes", ZONE));
    let past = Past {
        title: "The Week in Review".into(),
        public: Some("/week/214".into()),
        after: Some("/desk/n/week-in-review/sent/213".into()),
        number: Some(214),
        at: at("2013-03-24T17:00:00Z"),
        zone: ZONE,
        state: IssueState::Done,
        reason: String::new(),
        tally: tally(),
    };
    compare("desk-issues.html", &pages::issues(page(newsletter), &[past]));
    compare(
        "desk-sent.html",
        &pages::sent(page(newsletter), sent(newsletter, &stories_of_sent(), &told()), Some(&letter())),
    );
    compare("desk-readers.html", &pages::readers(page(newsletter), "ida@reader.example", Some(&reader())));
    let deed = (at("2013-03-28T10:40:00Z"), "Mona Ledger", "hold", "week No. 215", "is held");
    compare("desk-audit.html", &pages::audit(page(newsletter), &[deed], ZONE));
    let door = pages::Door { next: "/desk", address: "mona@", wrong: Some("The address or the password is wrong.") };
    compare("desk-sign-in.html", &pages::sign_in(Page { editor: None, ..page(newsletter) }, door));
}

fn stories_of_sent() -> Vec<SentStory> {
    let story = |article: i64, title: &str, has_picture| SentStory {
        article,
        title: title.into(),
        summary: "What is known of it.".into(),
        url: format!("https://pulse.example/{article}"),
        authors: "Ada Quill, Bo Reed".into(),
        has_picture,
    };
    vec![story(31, "Envoys meet in <Vienna>", true), story(32, "A new ferry", false)]
}

fn told() -> Vec<ToldLine> {
    let line = |mailed, in_next| ToldLine {
        at: at("2013-03-25T09:00:00Z"),
        note: "The envoys met in **Geneva**.".into(),
        mailed,
        in_next,
    };
    vec![line(Some((12_479, 12_480)), true), line(None, false)]
}

fn sent<'a>(newsletter: &'a Newsletter, stories: &'a [SentStory], told: &'a [ToldLine]) -> SentIssue<'a> {
    SentIssue {
        newsletter,
        number: 214,
        at: at("2013-03-24T17:00:00Z"),
        stories,
        notes: &[],
        is_withdrawn: false,
        told,
    }
}

fn letter() -> LetterShown<'static> {
    LetterShown {
        note: "The fee is **4** marks.",
        seen: "00ff",
        readers: 12_480,
        subject: "Correction to No. 214",
        text: "CORRECTION TO NO. 214\n\nThe fee is 4 marks.\n",
        in_next: true,
        problem: None,
    }
}

fn reader() -> ReaderShown {
    let entry = |event, by: &str, detail: &[(&str, &str)]| Entry {
        at: at("2013-02-01T09:00:00Z"),
        event,
        newsletter: "week-in-review".into(),
        by: by.into(),
        shown: "You asked us to send The Week in Review to …. [Confirm my subscription]".into(),
        network: "198.51.100.0/24".into(),
        detail: detail.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
    };
    let subscribed = |slug: &str, title: &str, word: &str| Subscribed {
        slug: slug.into(),
        title: title.into(),
        word: word.into(),
        topics: "energy, culture".into(),
        can_leave: word != "left",
    };
    ReaderShown {
        address: "ida@reader.example".into(),
        name: "Ida Marlow".into(),
        zone: ZONE,
        suppressed: Some("a complaint".into()),
        subscriptions: vec![
            subscribed("week-in-review", "The Week in Review", "active"),
            subscribed("lobbying", "Lobbying", "paused"),
            subscribed("events", "Events", "left"),
        ],
        ledger: vec![entry("asked", "sign-up page", &[]), entry("topics", "preferences page", &[("topics", "energy")])],
    }
}
