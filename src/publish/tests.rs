//! What holds for any weeks: each story in one issue, none lost, none from outside the window, whatever clocks, zones, editors and readers do.

use super::arrange::{Because, Traits, cut, why};
use super::compose::{Desk, subject};
use super::edition::{Composed, When, compose_for, due, revise};
use super::explain::{Standing, explain};
use super::fixture::{at, issue, newsletter, section, slug, story};
use super::freeze::{freeze, render};
use super::hand::Editor;
use crate::domain::article::ArticleId;
use crate::domain::hand::{Actor, Place, StoryEdit};
use crate::domain::issue::{Choice, Issue, IssueId, IssueState, Story};
use crate::domain::newsletter::{LinkParameters, Newsletter, Section};
use crate::domain::notice::{Notice, NoticePlace, PlannedNotice};
use crate::domain::prose::Prose;
use crate::domain::schedule::Schedule;
use crate::domain::subscriber::Format;
use crate::domain::tag::{Slug, TagAliases};
use crate::domain::text::{Language, Line};
use crate::store::Store;
use crate::store::recipients::Wish;
use crate::store::seeds::{number, run, subscribers};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Zones whose offsets are odd, whose clocks change by half an hour, in the middle of the day, or never.
const ZONES: [&str; 8] = [
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Europe/London",
    "America/Asuncion",
    "Africa/Casablanca",
    "Pacific/Apia",
];
/// Weeks before clocks change, a year ends, and Samoa left out a day.
const BEGINNINGS: [&str; 5] = [
    "2026-03-05T11:00:00Z",
    "2026-10-01T11:00:00Z",
    "2026-12-15T11:00:00Z",
    "2027-03-20T11:00:00Z",
    "2011-12-15T11:00:00Z",
];
const SCHEDULES: [&str; 4] = ["0 17 * * FRI", "30 2 * * SUN", "0 0 1,15 * *", "45 1 * * *"];

/// A database in which stories are seen.
struct Weeks {
    store: Store,
    newsletter: Newsletter,
    aliases: TagAliases,
    id: u16,
}

impl Weeks {
    fn begin(newsletter: Newsletter, now: DateTime<Utc>) -> Self {
        let store = Store::in_memory().unwrap();
        let id = store.newsletter_id(&newsletter.slug, now).unwrap();
        run(&store, "INSERT INTO source (id, slug) VALUES (1, 'news')");
        Self { store, newsletter, aliases: TagAliases::default(), id }
    }

    fn story(&self, id: i64, tag: &str, seen: DateTime<Utc>) {
        let millis = seen.timestamp_millis();
        let text = format!(
            r#"{{"title":"Story {id}","summary":"What happened.","content":"","authors":[],"labels":["{tag}"],"column":null,"language":"en","words":0,"picture":null}}"#
        );
        let sql = format!(
            "INSERT INTO article (id, eligible_at, first_seen_at, published_at) VALUES ({id}, {millis}, {millis}, {millis});
             INSERT INTO sighting (id, article, source, url, first_seen_at, last_seen_at, reason)
             VALUES ({id}, {id}, 1, 'https://paper.example/{id}', {millis}, {millis}, 'new');
             INSERT INTO sighting_text (sighting, seen_at, text) VALUES ({id}, {millis}, '{text}');"
        );
        run(&self.store, &sql);
    }

    fn desk(&self) -> Desk<'_> {
        Desk { sources: &[], aliases: &self.aliases, newsletters: &[], hands: &[], notices: &[] }
    }

    /// Composes the date that is due, if one is.
    fn compose(&self, now: DateTime<Utc>) -> Option<Composed> {
        let occurrence = due(&self.store, &self.newsletter, self.id, now).unwrap()?;
        let composed = compose_for(&self.store, &self.newsletter, self.id, self.desk(), occurrence, When::Due, now);
        Some(composed.unwrap())
    }

    fn content(&self, issue: IssueId) -> Issue {
        self.store.revision(issue).unwrap().unwrap().2
    }

    /// The issues with stories, oldest first.
    fn issues(&self) -> Vec<(Issue, IssueState)> {
        let mut rows = self.store.issues(Some(self.id), 100).unwrap();
        rows.reverse();
        let whole = rows.iter().filter(|row| row.state != IssueState::Skipped);
        whole.map(|row| (self.content(row.id), row.state)).collect()
    }
}

fn numbers(issue: &Issue) -> BTreeSet<i64> {
    issue.stories.iter().map(|story| story.article.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn each_story_goes_out_once_in_the_first_issue_that_may_take_it(
        zone in 0..ZONES.len(),
        beginning in 0..BEGINNINGS.len(),
        schedule in 0..SCHEDULES.len(),
        minimum in 0usize..4,
        seen in prop::collection::vec(-20_000i64..50_000, 0..50),
        late in prop::collection::vec(0i64..900, 6),
    ) {
        let start = at(BEGINNINGS[beginning]);
        let newsletter = Newsletter {
            zone: ZONES[zone].parse().unwrap(),
            schedule: Schedule::parse(SCHEDULES[schedule]).unwrap(),
            minimum,
            ..newsletter(vec![section("a", &["a"], 3), Section { rest: true, ..section("rest", &[], 2) }])
        };
        let weeks = Weeks::begin(newsletter, start);
        for (n, minutes) in seen.iter().enumerate() {
            weeks.story(n as i64 + 1, if n % 3 == 0 { "a" } else { "b" }, start + TimeDelta::minutes(*minutes));
        }
        let mut windows = Vec::new();
        let mut now = start;
        for late in late {
            let next = weeks.newsletter.schedule.next(weeks.newsletter.zone, now).unwrap();
            now = next.at + TimeDelta::minutes(late);
            prop_assert!(weeks.compose(now).is_some());
            windows.push(weeks.store.issues(Some(weeks.id), 1).unwrap()[0].window);
        }
        for pair in windows.windows(2) {
            prop_assert_eq!(pair[0].to(), pair[1].from(), "windows touch");
        }
        let first = weeks.store.first_window_from(weeks.id).unwrap();
        let issues = weeks.issues();
        let mut stands: BTreeMap<i64, u32> = BTreeMap::new();
        for (issue, _) in &issues {
            for number in numbers(issue) {
                prop_assert!(stands.insert(number, issue.number).is_none(), "story {} stands twice", number);
            }
        }
        for (n, minutes) in seen.iter().enumerate() {
            let (id, eligible) = (n as i64 + 1, start + TimeDelta::minutes(*minutes));
            let taker = issues.iter().map(|(issue, _)| issue).find(|issue| eligible < issue.window.to());
            let oldest = |issue: &Issue| first.max(issue.window.to() - TimeDelta::days(14));
            let expected = taker.filter(|issue| eligible >= oldest(issue)).map(|issue| issue.number);
            prop_assert_eq!(stands.get(&id).copied(), expected, "story {} of {}", id, eligible);
        }
    }

    #[test]
    fn whatever_an_editor_does_no_story_stands_twice_or_is_lost(
        edits in prop::collection::vec((1i64..12, 0u8..5), 0..12),
    ) {
        let now = at("2026-11-20T16:30:00Z");
        let weeks = Weeks::begin(newsletter(vec![section("a", &["a"], 3), section("b", &["b"], 3)]), now);
        for id in 1..12 {
            weeks.story(id, if id % 2 == 0 { "a" } else { "b" }, now - TimeDelta::hours(id));
        }
        let Some(Composed::Issue(issue)) = weeks.compose(now) else { panic!("it is due") };
        let mut dropped = BTreeSet::new();
        for (story, edit) in edits {
            let editor = Editor {
                store: &weeks.store, newsletter: &weeks.newsletter, desk: weeks.desk(), actor: &Actor::CommandLine, now,
            };
            let edit = match edit {
                0 => StoryEdit::Place(Some(Place::Drop)),
                1 => StoryEdit::Place(Some(Place::Pin)),
                2 => StoryEdit::Place(None),
                3 => StoryEdit::Section(Some(slug("b"))),
                _ => StoryEdit::Title(Some(Line::clean("Another headline"))),
            };
            match &edit {
                StoryEdit::Place(Some(Place::Drop)) => { dropped.insert(story); }
                StoryEdit::Place(_) => { dropped.remove(&story); }
                _ => {}
            }
            editor.story(ArticleId(story), vec![edit]).unwrap();
            let row = weeks.store.issue(issue).unwrap().unwrap();
            revise(&weeks.store, &weeks.newsletter, weeks.desk(), &row, now).unwrap();
            let content = weeks.content(issue);
            prop_assert_eq!(content.stories.len(), numbers(&content).len());
            prop_assert_eq!(numbers(&content), (1..12).filter(|id| !dropped.contains(id)).collect::<BTreeSet<i64>>());
            let bound = number(&weeks.store, "SELECT count(*) FROM issue_article");
            prop_assert_eq!(bound as usize, content.stories.len());
        }
    }

    #[test]
    fn a_cut_holds_each_story_that_fits_once_within_its_caps_and_nothing_else(
        stories in prop::collection::vec((prop::collection::btree_set(0usize..5, 0..4), 0usize..3, 0usize..4, 0usize..8), 0..40),
        caps in prop::collection::vec((1usize..5, 0usize..4), 5),
        chosen in prop::collection::btree_set(0usize..5, 0..4),
        has_rest in any::<bool>(),
    ) {
        let names = ["a", "b", "c", "d", "e"];
        let languages = ["en", "fa", "de"];
        let mut sections: Vec<Section> = names.iter().zip(&caps)
            .map(|(name, (cap, minimum))| Section { minimum: *minimum, ..section(name, &[name], *cap) }).collect();
        sections[1].language = Some(Language::parse("fa").unwrap());
        sections[2].sources = vec![slug("source1")];
        sections[4].rest = has_rest;
        let newsletter = newsletter(sections);
        let stories: Vec<Story> = stories.iter().enumerate().map(|(n, (tags, language, source, home))| {
            let tags: Vec<&str> = tags.iter().map(|tag| names[*tag]).collect();
            Story {
                source_id: Some(slug(&format!("source{source}"))),
                home: names.get(*home).map(|name| slug(name)),
                ..story(n as i64, &tags, languages[*language])
            }
        }).collect();
        let issue = issue(newsletter, stories);
        let topics: BTreeSet<Slug> = chosen.iter().map(|n| slug(names[*n])).collect();
        let choice = if topics.is_empty() { Choice::Everything } else { Choice::Topics(topics.clone()) };
        let cut = cut(&issue, &choice);
        let mut seen: Vec<i64> = cut.lead.iter().map(|story| story.article.0).collect();
        for section in &cut.sections {
            prop_assert!(!section.stories.is_empty() && section.stories.len() <= section.section.cap);
            prop_assert!(topics.is_empty() || topics.contains(&section.section.slug));
            seen.extend(section.stories.iter().chain(&section.more).map(|story| story.article.0));
        }
        let distinct: BTreeSet<i64> = seen.iter().copied().collect();
        prop_assert_eq!(distinct.len(), seen.len(), "each once");
        let fits = |story: &&Story| {
            let traits = Traits { tags: &story.tags, language: &story.language, source: story.source_id.as_ref(), home: story.home.as_ref() };
            let taken = |section: &&Section| topics.is_empty() || topics.contains(&section.slug);
            let whole = super::arrange::cut(&issue, &Choice::Everything);
            let rest = |section: &Section| {
                let mut parts = whole.sections.iter().filter(|part| part.section.slug == section.slug);
                (whole.lead_section == Some(&section.slug) && whole.lead.is_some_and(|lead| lead.article == story.article))
                    || parts.any(|part| part.stories.iter().chain(&part.more).any(|other| other.article == story.article))
            };
            issue.newsletter.sections.iter().filter(taken).any(|section| match why(&issue.newsletter, section, traits) {
                Some(Because::Rest) => rest(section),
                other => other.is_some(),
            })
        };
        let expected: BTreeSet<i64> = issue.stories.iter().filter(fits).map(|story| story.article.0).collect();
        prop_assert_eq!(distinct, expected);
    }

    #[test]
    fn a_subject_is_one_line_of_bounded_length_whatever_the_headline(title in "\\PC{0,400}", template in "[a-z{}]{0,20}\\{lead\\}[ -~]{0,40}") {
        let mut issue = issue(newsletter(vec![section("a", &["a"], 4)]), vec![story(1, &["a"], "en")]);
        issue.stories[0].title = Line::clean(&title);
        issue.newsletter.subject = template;
        let subject = subject(&cut(&issue, &Choice::Everything));
        prop_assert!(subject.as_str().chars().count() <= 201, "{}", subject);
        prop_assert!(!subject.as_str().contains(['\r', '\n', '\0']));
    }
}

/// Half a thousand different choices of nine topics.
fn choices() -> Vec<String> {
    let topics = |bits: usize| (0..9).filter(|n| bits >> n & 1 == 1).map(|n| format!("t{n}")).collect::<Vec<_>>();
    (1..=500).map(|bits| topics(bits).join(",")).collect()
}

#[test]
fn a_hundred_thousand_readers_with_five_hundred_choices_share_one_rendering_for_each_result() {
    let now = at("2026-11-20T12:00:00Z");
    let sections = (0..9).map(|n| section(&format!("t{n}"), &[&format!("t{n}")], 4)).collect();
    let mut newsletter = newsletter(sections);
    newsletter.policy.max_variants = 100;
    newsletter.schedule = Schedule::parse("0 12 * * FRI").unwrap();
    let weeks = Weeks::begin(newsletter, now - TimeDelta::days(3));
    // Topics 7 and 8 have no story this week: choices that differ in them alone have the same result.
    for n in 0..7 {
        weeks.story(n + 1, &format!("t{n}"), now - TimeDelta::hours(n + 1));
    }
    assert_eq!(subscribers(&weeks.store, 100_000), weeks.id);
    run(&weeks.store, "CREATE TEMP TABLE chosen (n INTEGER PRIMARY KEY, choice TEXT)");
    for (n, choice) in choices().iter().enumerate() {
        run(&weeks.store, &format!("INSERT INTO chosen VALUES ({n}, '{choice}')"));
    }
    run(&weeks.store, "UPDATE subscription SET choice = (SELECT choice FROM chosen WHERE n = subscriber % 500)");
    let Some(Composed::Issue(issue)) = weeks.compose(now) else { panic!("it is due") };

    let filled = freeze(&weeks.store, issue, now).unwrap();

    // 127 sets of the seven topics that have a story; choices of 7 and 8 alone match nothing.
    let (content, silent) = (weeks.content(issue), [128, 256, 384]);
    let results: BTreeSet<String> = choices().iter().map(|key| cut(&content, &Choice::from_key(key)).key()).collect();
    let nothing = 1;
    assert_eq!(weeks.store.variant_count(issue).unwrap() as usize, results.len() - nothing);
    assert_eq!(weeks.store.variant_count(issue).unwrap(), 127, "more than max_variants, and none is collapsed");
    assert_eq!(filled.nothing, silent.len() as u64 * 200);
    assert_eq!(filled.recipients + filled.nothing, 100_000);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let issue = issue(
        newsletter(vec![section("a", &["a"], 2), section("b", &["b"], 2)]),
        (1..9).map(|n| story(n, &[if n % 2 == 0 { "a" } else { "b" }], "en")).collect(),
    );
    let wish = |choice: Choice| Wish {
        choice_key: choice.key(),
        choice,
        language: Language::english(),
        format: Format::Html,
        readers: 1,
    };
    let wishes = || vec![wish(Choice::Everything), wish(Choice::Topics([slug("b")].into()))];
    assert_eq!(render(&issue, wishes()).variants, render(&issue, wishes()).variants);
}

#[test]
fn every_story_is_explained_where_it_stands() {
    let now = at("2026-11-20T12:00:00Z");
    let thin = Section { minimum: 3, ..section("thin", &["thin"], 4) };
    let rest = Section { rest: true, ..section("rest", &[], 9) };
    let mut newsletter = newsletter(vec![section("a", &["a"], 2), thin, rest]);
    newsletter.tags = Vec::new();
    let weeks = Weeks::begin(newsletter, now - TimeDelta::days(3));
    for (id, tag) in [(1, "a"), (2, "a"), (3, "a"), (4, "a"), (5, "thin"), (6, "other"), (7, "a")] {
        weeks.story(id, tag, now - TimeDelta::hours(id));
    }
    let actor = Actor::CommandLine;
    let editor = Editor { store: &weeks.store, newsletter: &weeks.newsletter, desk: weeks.desk(), actor: &actor, now };
    editor.story(ArticleId(7), vec![StoryEdit::Place(Some(Place::Drop))]).unwrap();
    let current = super::edition::current(&weeks.store, &weeks.newsletter, weeks.id, now).unwrap().unwrap();

    let all = explain(&weeks.store, &weeks.newsletter, weeks.desk(), current.edition).unwrap();

    let of = |id: i64| all.iter().find(|why| why.considered.article.id.0 == id).unwrap();
    assert_eq!(of(1).standing, Standing::Lead { by_hand: false });
    let sentence = |id: i64| of(id).sentence(&weeks.newsletter);
    assert_eq!(sentence(2), "in: number 1 of 2 in a");
    assert_eq!(sentence(4), "on the web only: number 3 in a, which prints 2");
    assert_eq!(sentence(7), "out: an editor dropped it");
    let row = |id: i64, name: &str| {
        let rows = of(id).rows(&weeks.newsletter, weeks.desk(), weeks.store.story(ArticleId(id)).unwrap().as_ref());
        rows.into_iter().find(|(row, _)| row == name).map(|(_, words)| words).unwrap_or_default()
    };
    assert_eq!(row(2, "Section"), "a: the first section that gathers one of its tags, a");
    assert_eq!(
        row(5, "Section"),
        "rest: the section for what fits no other; thin has only 1 of the 3 stories that it needs"
    );
    assert_eq!(row(2, "Tags"), "a (its source says \"a\")");
    assert_eq!(row(7, "By hand"), "dropped by command line");
    assert_eq!(row(2, "Identity"), "#2 at news: new");
    assert!(row(2, "Score").starts_with('7') && row(2, "Score").contains("source 50"), "{}", row(2, "Score"));
    assert!(row(2, "Dates").contains("counts from Fri 20 Nov 2026, 10:00"), "{}", row(2, "Dates"));
}

#[test]
fn a_story_that_the_size_cuts_is_told_so_in_its_own_explanation() {
    let now = at("2026-11-20T12:00:00Z");
    let weeks = Weeks::begin(newsletter(vec![section("a", &["a"], 400)]), now - TimeDelta::days(3));
    for id in 1..=300 {
        weeks.story(id, "a", now - TimeDelta::minutes(id));
    }
    let edition = super::edition::current(&weeks.store, &weeks.newsletter, weeks.id, now).unwrap().unwrap().edition;

    let all = explain(&weeks.store, &weeks.newsletter, weeks.desk(), edition).unwrap();

    let issue = super::compose::compose(&weeks.store, &weeks.newsletter, weeks.desk(), edition).unwrap();
    let mailed = super::freeze::variant_of(&cut(&issue, &Choice::Everything), Format::Html);
    let folded: Vec<_> = all.iter().filter(|why| matches!(why.standing, Standing::Folded { .. })).collect();
    assert!(mailed.fit.folded > 0, "{}", mailed.fit);
    assert_eq!(folded.len(), mailed.fit.folded, "what the mail folded is what is told");
    for why in folded {
        let sentence = why.sentence(&weeks.newsletter);
        assert!(sentence.starts_with("on the web only: number") && sentence.contains("larger than Gmail shows"));
        let url = why.considered.article.url.as_ref().unwrap().as_str();
        assert!(!mailed.text.lines().any(|line| line.ends_with(url)), "{url} is printed all the same");
    }
}

#[test]
fn a_reader_of_topics_is_told_what_they_did_not_choose() {
    let now = at("2026-11-20T12:00:00Z");
    let sections = vec![section("a", &["a"], 4), section("b", &["b"], 4)];
    let weeks = Weeks::begin(newsletter(sections), now - TimeDelta::days(3));
    weeks.story(1, "a", now - TimeDelta::hours(1));
    weeks.story(2, "b", now - TimeDelta::hours(2));
    let edition = super::edition::current(&weeks.store, &weeks.newsletter, weeks.id, now).unwrap().unwrap().edition;
    let choice = Choice::Topics([slug("b")].into());
    let all = super::explain::explain_for(&weeks.store, &weeks.newsletter, weeks.desk(), edition, &choice).unwrap();
    let sentence = |id: i64| {
        let why = all.iter().find(|why| why.considered.article.id.0 == id).unwrap();
        why.sentence(&weeks.newsletter)
    };
    assert_eq!(sentence(1), "out for this reader: no section that they chose gathers it");
    assert!(sentence(2).starts_with("in: it leads"), "{}", sentence(2));
}

#[test]
fn at_most_two_notices_stand_in_an_issue() {
    let now = at("2026-11-20T12:00:00Z");
    let weeks = Weeks::begin(newsletter(vec![section("a", &["a"], 4)]), now - TimeDelta::days(3));
    weeks.story(1, "a", now - TimeDelta::hours(1));
    let planned = |label: &str| PlannedNotice {
        notice: Notice {
            text: Prose::default(),
            place: NoticePlace::Top,
            label: Line::clean(label),
            sponsored: label == "two",
        },
        from: None,
        until: None,
        newsletters: Vec::new(),
    };
    let notices = ["one", "two", "three"].map(planned);
    let edition = super::edition::current(&weeks.store, &weeks.newsletter, weeks.id, now).unwrap().unwrap().edition;
    let desk = Desk { notices: &notices, ..weeks.desk() };
    let issue = super::compose::compose(&weeks.store, &weeks.newsletter, desk, edition).unwrap();
    let labels: Vec<&str> = issue.notices.iter().map(|notice| notice.label.as_str()).collect();
    assert_eq!(labels, ["one", "two"]);
    assert!(issue.notices[1].sponsored, "what is paid for stays marked");
}

#[test]
fn parameters_are_added_to_links_of_named_hosts_alone() {
    let now = at("2026-11-20T12:00:00Z");
    let with = |host: &str| {
        let mut newsletter = newsletter(vec![section("a", &["a"], 4)]);
        newsletter.policy.link_parameters = LinkParameters {
            hosts: vec![host.to_owned()],
            parameters: vec![("utm_source".to_owned(), "week".to_owned())],
        };
        let weeks = Weeks::begin(newsletter, now - TimeDelta::days(3));
        weeks.story(1, "a", now - TimeDelta::hours(1));
        let edition = super::edition::current(&weeks.store, &weeks.newsletter, weeks.id, now).unwrap().unwrap().edition;
        let issue = super::compose::compose(&weeks.store, &weeks.newsletter, weeks.desk(), edition).unwrap();
        issue.stories[0].url.as_ref().unwrap().to_string()
    };
    assert_eq!(with("paper.example"), "https://paper.example/1?utm_source=week");
    assert_eq!(with("example"), "https://paper.example/1");
}

#[test]
fn a_renamed_section_keeps_its_readers() {
    let renamed = Section { title: Line::clean("Another name"), ..section("b", &["b"], 4) };
    let issue = issue(
        newsletter(vec![section("a", &["a"], 4), renamed]),
        vec![story(1, &["a"], "en"), story(2, &["b"], "en"), story(3, &["b"], "en")],
    );
    let choice = Choice::Topics([slug("b")].into());
    let theirs = cut(&issue, &choice);
    let titles: Vec<&str> = theirs.sections.iter().map(|part| part.section.title.as_str()).collect();
    assert_eq!(titles, ["Another name"]);
}
