//! Imports as a whole: what files say, second runs, taking back.

use super::*;
use crate::domain::issue::Choice;
use crate::domain::subscriber::Status;
use crate::subscribe::export::export;
use crate::subscribe::fixtures::{Desk, address, at, evidence_of, week};
use crate::subscribe::{Which, choose, erase, leave};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Newsletters, a file and a desk, so that a test is a file and what it leads to.
struct Bench {
    desk: Desk,
    folder: tempfile::TempDir,
    newsletters: BTreeMap<Slug, BTreeSet<Slug>>,
    columns: Vec<(String, Column)>,
    basis: Option<&'static str>,
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

impl Bench {
    fn new() -> Self {
        let topics = || ["energy", "courts"].map(slug).into_iter().collect();
        let newsletters = BTreeMap::from([(week(), topics()), (slug("lobbying"), topics())]);
        let folder = tempfile::tempdir().unwrap();
        Self { desk: Desk::new(), folder, newsletters, columns: Vec::new(), basis: Some("members since 2019") }
    }

    fn run(&self, file: impl AsRef<[u8]>, dry_run: bool) -> (Result<Report, ImportError>, Vec<Event>) {
        let path = self.folder.path().join("list.csv");
        std::fs::write(&path, file).unwrap();
        let default = week();
        let options = Options {
            path: &path,
            columns: &self.columns,
            basis: self.basis,
            newsletters: &self.newsletters,
            default: Some(&default),
            per_issue: None,
            dry_run,
            now: at(10),
        };
        let mut problems = Vec::new();
        let mut tell = |event| {
            if let Event::Problem { .. } = event {
                problems.push(event);
            }
        };
        let report = import(&self.desk.store, &self.desk.keyring, &options, &mut || self.desk.public_id(), &mut tell);
        (report, problems)
    }

    fn import(&self, file: impl AsRef<[u8]>) -> Report {
        self.run(file, false).0.unwrap()
    }

    fn undo(&self, with_suppressions: bool) -> Undone {
        undo(&self.desk.store, None, with_suppressions, at(20), &mut |_| {}).unwrap().1
    }

    fn export(&self) -> String {
        let mut bytes = Vec::new();
        export(&self.desk.store, None, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

fn counts(report: &Report) -> Vec<(Outcome, u64)> {
    report.outcomes.iter().map(|(outcome, counted)| (*outcome, counted.count)).collect()
}

#[test]
fn a_list_from_elsewhere_comes_in_with_its_proof() {
    let bench = Bench::new();
    let report = bench.import(
        "email,name,status,newsletters,topics,language,opted_in_at,confirmed_at,confirmed_from,wording,shoe size\n\
         Jo@Example.org,Jo,subscribed,week-in-review;lobbying,energy,fr,2020-01-02,2020-01-03 10:00,192.0.2.0/24,Yes please,42\n",
    );
    assert_eq!(counts(&report), [(Outcome::New, 2)]);
    assert_eq!(report.unused, ["shoe size"]);
    let jo = bench.desk.found("jo@example.org").unwrap();
    assert_eq!(jo.address.as_str(), "Jo@Example.org");
    assert_eq!(jo.subscriptions.len(), 2);
    let confirmed_at = "2020-01-03T10:00:00Z".parse().unwrap();
    assert_eq!(jo.subscriptions[0].status, Status::Active { confirmed_at });
    assert_eq!(jo.subscriptions[0].choice, Choice::from_key("energy"));
    let consent = bench.desk.store.read_people(|people| people.consent(jo.id)).unwrap();
    assert_eq!(consent[0].evidence.wording, "Yes please");
    assert_eq!(consent[0].evidence.detail["row.shoe size"], "42");
    assert_eq!(consent[0].evidence.detail["row.email"], "Jo@Example.org");
}

#[test]
fn nobody_becomes_active_without_a_confirmation_or_a_recorded_basis() {
    let mut bench = Bench::new();
    bench.basis = None;
    let file = "email,confirmed_at\na@example.org,2020-01-01\nb@example.org,\nc@example.org,\n";
    let error = bench.run(file, false).0.unwrap_err();
    assert!(matches!(error, ImportError::NoBasis { line: 3, count: 2, .. }), "{error}");
    assert!(bench.desk.found("a@example.org").is_none(), "nothing was imported");
    bench.import("email,status\nb@example.org,pending\n");
    assert!(matches!(bench.desk.status("b@example.org"), Some(Status::Pending { .. })));
}

#[test]
fn who_is_gone_elsewhere_is_suppressed_and_made_active_by_no_file() {
    let bench = Bench::new();
    let report = bench.import(
        "email,status\nleft@example.org,Unsubscribed\nbounced@example.org,cleaned\nspam@example.org,complained\n",
    );
    assert_eq!(report.changes(), 3);
    for (of, reason) in [
        ("left", SuppressionReason::Left),
        ("bounced", SuppressionReason::HardBounce),
        ("spam", SuppressionReason::Complaint),
    ] {
        let of = format!("{of}@example.org");
        assert!(bench.desk.suppressed(&of) && bench.desk.found(&of).is_none());
        let again = bench.import(format!("email,status\n{of},active\n"));
        assert_eq!(counts(&again), [(Outcome::KeptOut(reason), 1)]);
        assert!(bench.desk.found(&of).is_none());
    }
}

#[test]
fn a_file_that_contradicts_itself_makes_nobody_active() {
    for file in [
        "email,status\njo@example.org,active\nJO@example.org,unsubscribed\n",
        "email,status\njo@example.org,unsubscribed\njo@example.org,active\n",
        "email,status,newsletters\njo@example.org,active,week-in-review\njo@example.org,bounced,lobbying\n",
    ] {
        let bench = Bench::new();
        bench.import(file);
        assert!(bench.desk.suppressed("jo@example.org"), "{file}");
        assert!(bench.desk.found("jo@example.org").is_none(), "{file}");
    }
}

#[test]
fn who_left_one_newsletter_keeps_the_other() {
    let bench = Bench::new();
    let file = "email,status,newsletters\njo@example.org,left,lobbying\njo@example.org,active,week-in-review\n";
    assert_eq!(counts(&bench.import(file)), [(Outcome::New, 1), (Outcome::Left, 1)]);
    assert!(!bench.desk.suppressed("jo@example.org"));
    let active = bench.import("email,status,newsletters\njo@example.org,active,lobbying\n");
    assert_eq!(counts(&active), [(Outcome::KeptLeft, 1)]);
    assert_eq!(bench.import(file).changes(), 0);
}

#[test]
fn who_left_here_is_brought_back_by_no_file_even_if_they_asked_again() {
    let bench = Bench::new();
    bench.desk.add("jo@example.org");
    leave(&bench.desk.store, &address("jo@example.org"), &Which::All, &evidence_of(2)).unwrap();
    let file = "email,confirmed_at\njo@example.org,2026-09-20\n";
    assert_eq!(counts(&bench.import(file)), [(Outcome::KeptLeft, 1)]);
    bench.desk.ask("jo@example.org");
    assert_eq!(counts(&bench.import(file)), [(Outcome::KeptLeft, 1)]);
    assert!(matches!(bench.desk.status("jo@example.org"), Some(Status::Pending { .. })));
}

#[test]
fn bad_rows_are_named_with_their_lines_and_the_rest_comes_in() {
    let bench = Bench::new();
    let (report, problems) = bench.run(
        "email,name,status,newsletters,topics,confirmed_at\n\
         no at sign,,,,,\n\
         postmaster@example.org,,,,,\n\
         a@example.org,,VIP,,,\n\
         b@example.org,,,unknown,,\n\
         c@example.org,,,,enrgy,\n\
         d@example.org,,,,,03/04/2020\n\
         ,,,,energy,\n\
         \"good@example.org\n\",\"Smith, J\"\"r\",,,,\n\
         e@example.org,a,b,c,d,e,f\n\
         fine@example.org,,,,,\n",
        false,
    );
    let report = report.unwrap();
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| match problem {
            Event::Problem { line, .. } => *line,
            Event::Progress { .. } => 0,
        })
        .collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 11]);
    assert_eq!((report.rows, report.problems, report.changes()), (10, 8, 2));
    assert_eq!(bench.desk.found("good@example.org").unwrap().name.as_str(), "Smith, J\"r");
    assert!(matches!(&problems[0], Event::Problem { sentence, .. } if sentence.starts_with("\"no at sign\": ")));
}

#[test]
fn columns_of_others_are_mapped_and_missing_ones_named() {
    let mut bench = Bench::new();
    let error = bench.run("Adresse;Nom\nzoe@example.org;Zoë\n", false).0.unwrap_err();
    assert!(error.to_string().contains("Adresse, Nom"), "{error}");
    bench.columns = vec![("adresse".to_owned(), Column::Email), ("Nom".to_owned(), Column::Name)];
    bench.import("Adresse;Nom\nzoe@example.org;Zoë\n");
    assert_eq!(bench.desk.found("zoe@example.org").unwrap().name.as_str(), "Zoë");
    let missing = bench.run("email\nzoe@example.org\n", false).0.unwrap_err();
    assert!(missing.to_string().contains("no column is named \"adresse\""), "{missing}");
    bench.columns = Vec::new();
    let two = bench.run("email,E-Mail\na@example.org,b@example.org\n", false).0.unwrap_err();
    assert!(two.to_string().contains("two columns mean \"email\""), "{two}");
}

#[test]
fn formulas_and_sql_are_only_text_and_an_export_defuses_them() {
    let bench = Bench::new();
    bench.import(
        "email,name,wording\n\
         =cmd@example.org,=HYPERLINK(\"http://example.org\"),@SUM(A1)\n\
         b@example.org,\"'); DROP TABLE subscriber; --\",-1\n",
    );
    let export = bench.export();
    assert!(export.contains("'=cmd@example.org,\"'=HYPERLINK"), "{export}");
    assert!(export.contains(",'@SUM(A1)\n") && export.contains(",'-1\n"));
    assert!(bench.desk.found("=cmd@example.org").is_some());
    let before = bench.export();
    assert_eq!(bench.import(&export).changes(), 0);
    assert_eq!(bench.export(), before);
}

#[test]
fn a_dry_run_tells_what_a_real_one_then_does_and_writes_nothing() {
    let bench = Bench::new();
    bench.desk.add("here@example.org");
    let file = "email,status,newsletters\nnew@example.org,active,lobbying;week-in-review\nnew@example.org,active,\n\
                here@example.org,active,\ngone@example.org,left,\nnew@example.org,left,lobbying\n";
    let before = bench.export();
    let dry = bench.run(file, true).0.unwrap();
    assert_eq!(dry.id, None);
    assert_eq!(bench.export(), before);
    assert!(!bench.desk.suppressed("gone@example.org"));
    let real = bench.import(file);
    assert_eq!(dry.outcomes, real.outcomes);
    assert!(real.id.is_some());
}

#[test]
fn taking_an_import_back_leaves_no_trace_of_those_it_brought() {
    let bench = Bench::new();
    bench.desk.add("here@example.org");
    bench.desk.ask("waits@example.org");
    let before = bench.export();
    bench.import(
        "email,status,newsletters\na@example.org,active,lobbying;week-in-review\nhere@example.org,active,lobbying\n\
         waits@example.org,active,\ngone@example.org,left,\nbounced@example.org,bounced,\n",
    );
    let undone = bench.undo(false);
    assert_eq!(undone.people, 1);
    assert_eq!(undone.subscriptions, 4);
    assert_eq!((undone.lifted, undone.kept_suppressions), (1, 1));
    assert_eq!(bench.export(), before);
    assert!(bench.desk.found("a@example.org").is_none());
    assert!(bench.desk.suppressed("bounced@example.org") && !bench.desk.suppressed("gone@example.org"));
    let again = undo(&bench.desk.store, None, false, at(21), &mut |_| {}).unwrap_err();
    assert_eq!(again.to_string(), "there is no import to take back");
    let named = undo(&bench.desk.store, Some(1), false, at(21), &mut |_| {}).unwrap_err();
    assert!(named.to_string().starts_with("import 1 was taken back on "), "{named}");
}

#[test]
fn taking_an_import_back_leaves_what_readers_did_since() {
    let bench = Bench::new();
    bench.import("email\nleft@example.org\nchose@example.org\nquiet@example.org\nerased@example.org\n");
    leave(&bench.desk.store, &address("left@example.org"), &Which::All, &evidence_of(12)).unwrap();
    let choice = Choice::from_key("energy");
    choose(&bench.desk.store, &address("chose@example.org"), &week(), &choice, &evidence_of(12)).unwrap();
    erase(&bench.desk.store, &bench.desk.keyring, &address("erased@example.org"), "test", at(12)).unwrap();
    let undone = bench.undo(true);
    assert_eq!((undone.subscriptions, undone.people, undone.kept_changed), (1, 1, 3));
    assert!(matches!(bench.desk.status("left@example.org"), Some(Status::Left { .. })));
    assert!(matches!(bench.desk.status("chose@example.org"), Some(Status::Active { .. })));
    assert!(bench.desk.found("quiet@example.org").is_none());
    assert!(bench.desk.suppressed("erased@example.org"));
}

#[test]
fn bounces_of_a_wrong_file_are_lifted_when_asked_for() {
    let bench = Bench::new();
    bench.import("email,status\nbounced@example.org,bounced\n");
    assert_eq!(bench.undo(true).lifted, 1);
    assert!(!bench.desk.suppressed("bounced@example.org"));
}

#[test]
fn a_long_list_comes_in_once_and_goes_again() {
    let bench = Bench::new();
    let rows = (0..2_000).map(|n| {
        let status = if n % 10 == 0 { "unsubscribed" } else { "active" };
        format!("reader{n}@example.org,Reader {n},{status},2020-01-02")
    });
    let file = format!("email,name,status,confirmed_at\n{}", rows.collect::<Vec<_>>().join("\n"));
    let report = bench.import(&file);
    let left = Outcome::Suppressed(SuppressionReason::Left);
    assert_eq!(counts(&report), [(Outcome::New, 1_800), (left, 200)]);
    assert_eq!(report.outcomes[&left].examples.len(), EXAMPLES, "examples do not grow with the list");
    let again = bench.import(&file);
    assert_eq!((again.id, again.changes()), (None, 0));
    assert_eq!(bench.undo(false).people, 1_800);
    assert_eq!(bench.export().lines().count(), 1);
}

prop_compose! {
    /// Rows about few people, so that they meet.
    fn row()(
        who in 0..4u8,
        status in prop::sample::select(vec!["", "active", "pending", "paused", "left", "bounced", "complained", "suppressed"]),
        newsletters in prop::sample::select(vec!["", "week-in-review", "lobbying", "lobbying;week-in-review"]),
        topics in prop::sample::select(vec!["", "energy", "courts;energy"]),
        confirmed in prop::sample::select(vec!["", "2020-01-02"]),
    ) -> String {
        format!("p{who}@example.org,{status},{newsletters},{topics},{confirmed}\n")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_same_file_twice_and_the_export_of_it_change_nothing(rows in prop::collection::vec(row(), 0..12)) {
        let bench = Bench::new();
        let file = format!("email,status,newsletters,topics,confirmed_at\n{}", rows.concat());
        let dry = bench.run(&file, true).0.unwrap();
        let first = bench.import(&file);
        prop_assert_eq!(dry.outcomes, first.outcomes);
        let stands = bench.export();
        let again = bench.import(&file);
        prop_assert_eq!(again.changes(), 0, "{:?}", again.outcomes);
        prop_assert_eq!(again.id, None);
        let round = bench.import(&stands);
        prop_assert_eq!(round.changes(), 0, "{:?} of\n{}", round.outcomes, stands);
        prop_assert_eq!(&bench.export(), &stands);
        // Whoever the file calls gone for good gets nothing.
        for row in rows.iter().filter(|row| row.contains(",bounced") || row.contains(",complained")) {
            prop_assert!(bench.desk.suppressed(row.split(',').next().unwrap()));
        }
        if first.id.is_some() {
            bench.undo(true);
            prop_assert_eq!(bench.export().lines().count(), 1);
        }
    }
}
