//! The editor's hand on a week in a database: what it does, what it survives, and what it may not do.

use super::*;
use crate::domain::hand::Place;
use crate::domain::issue::{Issue, IssueState};
use crate::domain::newsletter::Review;
use crate::domain::source::Source;
use crate::domain::tag::TagAliases;
use crate::publish::compose::compose;
use crate::publish::edition::{Composed, When, compose_for};
use crate::publish::fixture::{at, newsletter, section, slug};
use crate::store::review::Released;
use crate::store::seeds::run;
use chrono::TimeDelta;

const NO_SOURCES: &[Source] = &[];

/// A newsletter of two sections and a database in which its week began.
struct Room {
    store: Store,
    newsletter: Newsletter,
    aliases: TagAliases,
    hands: Vec<(Slug, FileHand)>,
    now: DateTime<Utc>,
}

impl Room {
    /// Stories 1 to 3 of economy, 4 of lobbying, published within the week; 1 is the newest and so leads.
    fn new() -> Self {
        let newsletter = newsletter(vec![section("economy", &["economy"], 10), section("lobbying", &["lobbying"], 10)]);
        let store = Store::in_memory().unwrap();
        let now = at("2026-11-20T15:00:00Z");
        store.newsletter_id(&newsletter.slug, now).unwrap();
        let room = Self { store, newsletter, aliases: TagAliases::default(), hands: Vec::new(), now };
        for (id, tag) in [(1, "economy"), (2, "economy"), (3, "economy"), (4, "lobbying")] {
            room.story(id, tag, now - TimeDelta::hours(id));
        }
        room
    }

    fn story(&self, id: i64, tag: &str, seen: DateTime<Utc>) {
        let millis = seen.timestamp_millis();
        let text = format!(
            r#"{{"title":"Story {id}","summary":"What happened.","content":"","authors":[],"labels":["{tag}"],"column":null,"language":"en","words":0,"picture":null}}"#
        );
        run(
            &self.store,
            &format!(
                "INSERT OR IGNORE INTO source (id, slug) VALUES (1, 'news');
                 INSERT INTO article (id, eligible_at, first_seen_at, published_at) VALUES ({id}, {millis}, {millis}, {millis});
                 INSERT INTO sighting (id, article, source, url, first_seen_at, last_seen_at, reason)
                 VALUES ({id}, {id}, 1, 'https://paper.example/{id}', {millis}, {millis}, 'new');
                 INSERT INTO sighting_text (sighting, seen_at, text) VALUES ({id}, {millis}, '{text}');"
            ),
        );
    }

    fn desk(&self) -> Desk<'_> {
        Desk { sources: NO_SOURCES, aliases: &self.aliases, newsletters: &[], hands: &self.hands, notices: &[] }
    }

    fn editor<'a>(&'a self, actor: &'a Actor) -> Editor<'a> {
        Editor { store: &self.store, newsletter: &self.newsletter, desk: self.desk(), actor, now: self.now }
    }

    fn id(&self) -> u16 {
        self.store.newsletter_id(&self.newsletter.slug, self.now).unwrap()
    }

    fn edit(&self, article: i64, edit: StoryEdit) -> Changed {
        self.editor(&Actor::CommandLine).story(ArticleId(article), vec![edit]).unwrap().remove(0)
    }

    /// What the issue to work on would be now.
    fn issue(&self) -> Issue {
        let edition = current(&self.store, &self.newsletter, self.id(), self.now).unwrap().unwrap().edition;
        compose(&self.store, &self.newsletter, self.desk(), edition).unwrap()
    }

    fn numbers(&self) -> Vec<i64> {
        self.issue().stories.iter().map(|story| story.article.0).collect()
    }

    fn compose(&self) -> crate::domain::issue::IssueId {
        let occurrence = self.newsletter.schedule.next(self.newsletter.zone, self.now).unwrap();
        let composed =
            compose_for(&self.store, &self.newsletter, self.id(), self.desk(), occurrence, When::Due, self.now);
        match composed.unwrap() {
            Composed::Issue(issue) => issue,
            Composed::Skipped { .. } => panic!("there are stories"),
        }
    }
}

#[test]
fn pin_drop_move_and_words_change_the_issue_and_can_be_taken_back() {
    let room = Room::new();
    assert_eq!(room.numbers(), [1, 2, 3, 4]);
    room.edit(3, StoryEdit::Place(Some(Place::Pin)));
    room.edit(2, StoryEdit::Place(Some(Place::Drop)));
    room.edit(1, StoryEdit::Section(Some(slug("lobbying"))));
    room.edit(1, StoryEdit::Title(Some(Line::clean("A better headline"))));
    let issue = room.issue();
    assert_eq!(room.numbers(), [3, 1, 4]);
    assert_eq!(issue.stories[1].title.as_str(), "A better headline");
    assert_eq!(issue.stories[1].home, Some(slug("lobbying")));
    let editor = Actor::Editor("ada@example.org".into());
    for (article, changes) in [(3, 1), (2, 1), (1, 2)] {
        for _ in 0..changes {
            assert!(room.editor(&editor).undo_story(ArticleId(article)).unwrap().is_some());
        }
    }
    assert!(room.editor(&editor).undo_story(ArticleId(1)).unwrap().is_none());
    assert_eq!(room.numbers(), [1, 2, 3, 4]);
    let history = history(&room.store, room.id(), 10).unwrap();
    assert!(history.iter().all(|change| change.undone.as_ref().is_some_and(|(actor, _)| *actor == editor)));
}

#[test]
fn the_issue_gets_the_editors_words_lead_and_order() {
    let room = Room::new();
    let (actor, now) = (Actor::CommandLine, room.now);
    let editor = room.editor(&actor);
    let number = editor.number().unwrap();
    let edits = vec![
        IssueEdit::Subject(Some(Line::clean("No. {number}: {lead}"))),
        IssueEdit::Preheader(Some(Line::clean("Read this first"))),
        IssueEdit::Note(Some("A *quiet* week.".to_owned())),
        IssueEdit::Lead(Some(StoryRef::parse("https://paper.example/4").unwrap())),
        IssueEdit::Order(Some(vec![slug("lobbying")])),
        IssueEdit::Introduction(slug("economy"), Some(Line::clean("Money."))),
    ];
    editor.issue(number, edits).unwrap();
    let deeds = room.store.deeds(5).unwrap();
    assert_eq!(
        (deeds.len(), deeds[0].about.as_str(), deeds[0].detail.as_str()),
        (1, "week No. 1", "subject, preheader, note, lead, order of sections, introduction of economy changed")
    );
    let issue = room.issue();
    assert_eq!(issue.subject.as_str(), "No. 1: Story 4");
    assert_eq!(issue.note.line().as_str(), "A quiet week.");
    assert_eq!(issue.newsletter.sections.iter().map(|s| s.slug.as_str()).collect::<Vec<_>>(), ["lobbying", "economy"]);
    let whole = cut(&issue, &Choice::Everything);
    assert_eq!(whole.lead.map(|story| story.article.0), Some(4));
    assert_eq!(preheader(&whole), "Read this first");
    let sides = sides(&room.store, &room.newsletter, room.desk(), now).unwrap();
    assert_eq!(sides.issue.subject.machine, "Story 1");
    assert_eq!(sides.issue.subject.hand.as_ref().map(|set| set.value.as_str()), Some("No. {number}: {lead}"));
    assert_eq!(sides.issue.lead.machine, "1");
}

#[test]
fn machine_and_hand_stand_side_by_side_with_what_a_phone_shows() {
    let room = Room::new();
    let long = "A subject of more than forty characters, which a phone cuts";
    let actor = Actor::Editor("ada@example.org".into());
    room.editor(&actor).issue(1, vec![IssueEdit::Subject(Some(Line::clean(long)))]).unwrap();
    room.edit(2, StoryEdit::Place(Some(Place::Drop)));
    let sides = sides(&room.store, &room.newsletter, room.desk(), room.now).unwrap();
    let subject = &sides.issue.subject;
    assert_eq!(subject.hand.as_ref().map(|set| set.actor.clone()), Some(actor));
    assert_eq!(subject.cut.get("phone").map(|shown| shown.chars().count()), Some(40));
    assert_eq!((subject.cut.get("gmail"), subject.length), (None, 59));
    let dropped = sides.stories.iter().find(|story| story.article == 2).unwrap();
    assert_eq!(dropped.place.hand.as_ref().map(|set| set.value.as_str()), Some("dropped"));
    assert_eq!(dropped.section.machine, "economy");
}

#[test]
fn a_file_wins_and_is_shown_as_such() {
    let mut room = Room::new();
    room.edit(1, StoryEdit::Title(Some(Line::clean("At the desk"))));
    let story = StoryRef::parse("http://www.paper.example/1/").unwrap();
    let file = FileHand {
        issues: vec![
            (1, IssueEdit::Subject(Some(Line::clean("From the file")))),
            (2, IssueEdit::Note(Some("x".into()))),
        ],
        stories: vec![(story, StoryEdit::Title(Some(Line::clean("In the file"))))],
    };
    room.hands = vec![(slug("week"), file)];
    let issue = room.issue();
    assert_eq!((issue.subject.as_str(), issue.stories[0].title.as_str()), ("From the file", "In the file"));
    assert!(issue.note.is_empty());
    let sides = sides(&room.store, &room.newsletter, room.desk(), room.now).unwrap();
    assert_eq!(sides.stories[0].title.hand.as_ref().map(|set| set.actor.clone()), Some(Actor::File));
}

#[test]
fn a_pinned_story_is_taken_though_its_window_is_over_or_has_not_begun() {
    let mut room = Room::new();
    room.story(9, "economy", room.now - TimeDelta::days(40));
    let issue = room.compose();
    room.now += TimeDelta::minutes(10);
    room.story(10, "nothing", room.now);
    room.edit(9, StoryEdit::Place(Some(Place::Pin)));
    let changed = room.edit(10, StoryEdit::Place(Some(Place::Pin)));
    assert_eq!(changed.revised, Some(Revised::New { revision: 3, asks_again: false }));
    let (n, _, revised) = room.store.revision(issue).unwrap().unwrap();
    let numbers: Vec<i64> = revised.stories.iter().map(|story| story.article.0).collect();
    assert_eq!((n, numbers), (3, vec![10, 9, 1, 2, 3, 4]));
    assert!(revised.stories.iter().all(|story| !story.carried));
}

#[test]
fn a_change_after_the_approval_asks_again() {
    let mut room = Room::new();
    room.newsletter.policy.review = Review::Approve;
    let id = room.compose();
    assert_eq!(room.store.issue(id).unwrap().unwrap().state, IssueState::Waiting);
    assert_eq!(room.store.release_issue(id, None, room.now).unwrap(), Released::Yes);
    let changed = room.edit(1, StoryEdit::Title(Some(Line::clean("Another"))));
    assert_eq!(changed.revised, Some(Revised::New { revision: 2, asks_again: true }));
    let row = room.store.issue(id).unwrap().unwrap();
    assert_eq!((row.state, row.approved_hash), (IssueState::Waiting, None));
    // A change that changes nothing leaves the approval alone.
    assert_eq!(room.store.release_issue(id, None, room.now).unwrap(), Released::Yes);
    let changed = room.edit(1, StoryEdit::Title(Some(Line::clean("Another"))));
    assert_eq!(changed.revised, Some(Revised::Same));
    assert_eq!(room.store.issue(id).unwrap().unwrap().state, IssueState::Approved);
}

#[test]
fn what_cannot_be_changed_is_refused_with_a_reason() {
    let room = Room::new();
    let actor = Actor::CommandLine;
    let editor = room.editor(&actor);
    let said = |result: Result<Vec<Changed>, HandError>| result.unwrap_err().to_string();
    assert_eq!(
        said(editor.story(ArticleId(1), vec![StoryEdit::Section(Some(slug("sport")))])),
        "the newsletter has no section \"sport\"; there are: economy, lobbying"
    );
    assert!(said(editor.story(ArticleId(77), vec![StoryEdit::Title(None)])).starts_with("no story 77"));
    assert!(
        said(editor.story(ArticleId(1), vec![StoryEdit::Title(Some(Line::default()))])).contains("needs a headline")
    );
    assert_eq!(
        said(editor.issue(9, vec![IssueEdit::Subject(None)])),
        "No. 9 cannot be changed; the one to work on is No. 1"
    );
    let id = room.compose();
    crate::publish::freeze::freeze(&room.store, id, room.now).unwrap();
    assert_eq!(
        said(editor.story(ArticleId(1), vec![StoryEdit::Title(None)])),
        "story 1 went out with No. 1 and stays as it was sent"
    );
}
