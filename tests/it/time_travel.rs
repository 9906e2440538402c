//! What an issue was, is or would be at any instant: a headline that changed on Wednesday, looked at from before and after the send.

use crate::support::newsroom::{Newsroom, now, week};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use std::fs;
use week_in_review::app::App;
use week_in_review::clock::Clock;
use week_in_review::domain::issue::IssueState;
use week_in_review::domain::newsletter::Newsletter;
use week_in_review::entropy::Entropy;
use week_in_review::publish::edition::{Look, LookKind};
use week_in_review::rehearsal::rehearse;
use week_in_review::scheduler::{Gate, Step, step};

struct Week {
    newsroom: Newsroom,
    app: App,
    clock: Clock,
    monday: DateTime<Utc>,
}

impl Week {
    /// A Monday to come, nine o'clock, with three stories; an issue goes out each Friday at 17:00 UTC.
    async fn new() -> Self {
        let mut newsroom = Newsroom::new();
        let articles = newsroom.path("articles").display().to_string();
        newsroom.set(|settings| {
            "0 17 * * FRI".clone_into(&mut settings.schedule);
            settings.sources = settings.sources.replace("\"articles\"", &format!("\"{articles}\""));
        });
        newsroom.subscribe(2);
        let day = now() + TimeDelta::days(8);
        let day = day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
        let monday = day.date_naive().and_hms_opt(9, 0, 0).unwrap().and_utc();
        let clock = Clock::at(monday);
        let app = App::open(newsroom.config(), clock.clone(), Entropy::System).unwrap();
        let week = Self { newsroom, app, clock, monday };
        week.write("fees", "Harbour fees rise");
        week.write("salt", "Salt prices");
        week.write("ferry", "A new ferry");
        week.collect_on(0).await;
        week
    }

    fn newsletter(&self) -> &Newsletter {
        self.app.config.newsletter(&week()).unwrap()
    }

    fn write(&self, file: &str, title: &str) {
        let date = (self.monday - TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M:%SZ");
        let text = format!(
            "---\ntitle: \"{title}\"\ndate: {date}\nurl: https://www.harbour.example/{file}\ntags: [Economy]\nsummary: One sentence.\n---\n\nIt began early."
        );
        fs::write(self.newsroom.path("articles").join(format!("{file}.md")), text).unwrap();
    }

    /// Noon of a day of the week, Monday being 0.
    fn on(&self, day: i64) -> DateTime<Utc> {
        self.monday + TimeDelta::days(day) + TimeDelta::hours(3)
    }

    fn now_is(&self, at: DateTime<Utc>) {
        self.clock.advance(at - self.clock.now());
    }

    async fn collect_on(&self, day: i64) {
        self.now_is(self.on(day));
        let report = self.app.collect(&[]).await.unwrap();
        assert!(report.sources.iter().all(|source| source.error.is_none()), "{report:?}");
    }

    fn step_at(&self, at: DateTime<Utc>) -> Step {
        self.now_is(at);
        step(&self.app.store, self.newsletter(), self.app.desk(), &Gate::default(), at).unwrap()
    }

    fn look(&self, at: DateTime<Utc>) -> Look {
        self.app.look(self.newsletter(), at).unwrap()
    }
}

fn titles(look: &Look) -> Vec<&str> {
    let mut titles: Vec<&str> = look.issue.stories.iter().map(|story| story.title.as_str()).collect();
    titles.sort_unstable();
    titles
}

const OLD: [&str; 3] = ["A new ferry", "Harbour fees rise", "Salt prices"];
const NEW: [&str; 3] = ["A new ferry", "Harbour fees fall", "Salt prices"];

#[tokio::test(flavor = "multi_thread")]
async fn a_headline_that_changed_on_wednesday_is_the_old_one_on_tuesday_before_and_after_the_send() {
    let week = Week::new().await;
    let (tuesday, thursday, friday) = (week.on(1), week.on(3), week.monday + TimeDelta::days(4) + TimeDelta::hours(8));
    week.write("fees", "Harbour fees fall");
    week.collect_on(2).await;

    week.now_is(thursday);
    let before = week.look(tuesday);
    assert_eq!((before.kind.clone(), titles(&before)), (LookKind::WouldBe, OLD.to_vec()));
    assert_eq!(titles(&week.look(thursday)), NEW);
    let bytes = rehearse(&week.app, week.newsletter(), tuesday, None).unwrap().html();

    // Composed at its cut-off, half an hour before.
    let cut_off = friday - TimeDelta::minutes(30);
    assert!(matches!(week.step_at(cut_off), Step::Composed(_)));
    let composed = week.look(cut_off + TimeDelta::minutes(5));
    assert_eq!((composed.kind, composed.issue.number), (LookKind::Settled, 1));
    let Step::Frozen { issue, .. } = week.step_at(friday) else { panic!("it is due") };
    let end = friday + TimeDelta::minutes(5);
    assert!(week.app.store.move_issue(issue, &[IssueState::Sending], IssueState::Done, None, end).unwrap());

    week.now_is(week.on(5));
    let after = week.look(tuesday);
    assert_eq!((after.kind.clone(), titles(&after)), (LookKind::WouldBe, OLD.to_vec()));
    assert_eq!(after.issue, before.issue, "the same instant is the same issue");
    assert_eq!(rehearse(&week.app, week.newsletter(), tuesday, None).unwrap().html(), bytes, "byte for byte");
    let sent = week.look(friday);
    assert_eq!((sent.kind.clone(), titles(&sent), sent.issue.number), (LookKind::Settled, NEW.to_vec(), 1));
    assert_eq!(week.look(end).kind, LookKind::Settled);
    let saturday = week.look(week.on(5));
    assert_eq!((saturday.kind, saturday.issue.number, saturday.issue.stories.len()), (LookKind::WouldBe, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_future_instant_has_the_schedules_date_and_todays_stories_and_says_so() {
    let week = Week::new().await;
    week.now_is(week.on(1));
    let next = week.look(week.on(11));
    assert_eq!((next.kind.clone(), titles(&next)), (LookKind::Coming, OLD.to_vec()));
    let due = week.monday + TimeDelta::days(11) + TimeDelta::hours(8);
    assert_eq!(next.issue.occurrence.at, due);

    // The command says it, too; its clock is the real one.
    let said = week.newsroom.call(&["preview", "--at", &due.to_rfc3339(), "--format", "text"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.err.contains("to come"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn between_two_revisions_the_earlier_one_stands() {
    let week = Week::new().await;
    let friday = week.monday + TimeDelta::days(4) + TimeDelta::hours(8);
    let cut_off = friday - TimeDelta::minutes(30);
    assert!(matches!(week.step_at(cut_off), Step::Composed(_)));
    let row = week.app.store.issues(None, 1).unwrap().remove(0);
    week.now_is(friday - TimeDelta::minutes(10));
    let actor = week_in_review::domain::hand::Actor::CommandLine;
    let editor = week_in_review::publish::hand::Editor {
        store: &week.app.store,
        newsletter: week.newsletter(),
        desk: week.app.desk(),
        actor: &actor,
        now: week.app.now(),
    };
    let article = week.app.store.revision(row.id).unwrap().unwrap().2.stories[0].article;
    let title = week_in_review::domain::text::Line::clean("A better headline");
    editor.story(article, vec![week_in_review::domain::hand::StoryEdit::Title(Some(title))]).unwrap();
    let has = |at| titles(&week.look(at)).contains(&"A better headline");
    assert!(!has(cut_off + TimeDelta::minutes(5)));
    assert!(has(friday - TimeDelta::minutes(5)));
    assert!(has(friday));
}
