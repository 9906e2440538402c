//! Who becomes a recipient, and who does not.

use super::*;
use crate::store::seeds::{noon, number, run, sending_issue, subscribers};

#[test]
fn only_those_who_may_be_mailed_become_recipients() {
    let store = Store::in_memory().unwrap();
    let newsletter = subscribers(&store, 9);
    run(
        &store,
        "UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = 1;
         UPDATE subscription SET status = 'paused' WHERE subscriber = 2;
         UPDATE subscription SET status = 'pending' WHERE subscriber = 3;
         INSERT INTO suppression (hash, reason, at) SELECT hash, 'operator', 1 FROM subscriber WHERE id = 4;
         UPDATE subscriber SET address = NULL, erased_at = 1 WHERE id = 5;
         UPDATE subscription SET status = 'paused', paused_until = 5 WHERE subscriber = 6;",
    );
    sending_issue(&store, newsletter, "h", "t");
    assert_eq!(number(&store, "SELECT count(*) FROM issue_recipient"), 4);
    assert_eq!(number(&store, "SELECT min(subscriber) FROM issue_recipient"), 6);
    assert_eq!(number(&store, "SELECT n FROM issue_tally WHERE state = 0"), 4);
    assert_eq!(store.eligible_count(newsletter, noon()).unwrap(), 4);
}

#[test]
fn each_lane_is_numbered_without_gaps() {
    let store = Store::in_memory().unwrap();
    let newsletter = subscribers(&store, 10);
    sending_issue(&store, newsletter, "h", "t");
    for lane in [0, 1] {
        let (count, last) = (
            number(&store, &format!("SELECT count(*) FROM issue_recipient WHERE lane = {lane}")),
            number(&store, &format!("SELECT last FROM lane_cursor WHERE lane = {lane}")),
        );
        assert!(count > 0);
        assert_eq!(count, last);
        assert_eq!(number(&store, &format!("SELECT max(seq) FROM issue_recipient WHERE lane = {lane}")), last);
    }
}

#[test]
fn wishes_are_told_apart_and_counted() {
    let store = Store::in_memory().unwrap();
    let newsletter = subscribers(&store, 6);
    run(
        &store,
        "UPDATE subscription SET choice = 'lobbying' WHERE subscriber IN (1, 2);
         UPDATE subscriber SET language = 'fa' WHERE id = 1;
         UPDATE subscriber SET format = 'text' WHERE id = 3;",
    );
    let wishes = store.wishes(newsletter, &Language::english(), noon()).unwrap();
    let counts: Vec<_> =
        wishes.iter().map(|wish| (wish.choice_key.as_str(), wish.language.as_str(), wish.readers)).collect();
    assert_eq!(counts[0], ("", "en", 3));
    assert_eq!(counts.len(), 4);
    assert!(counts.contains(&("lobbying", "fa", 1)));
}

#[test]
fn wishes_that_were_counted_a_moment_ago_are_taken_once_and_then_counted_anew() {
    let store = Store::in_memory().unwrap();
    let newsletter = subscribers(&store, 3);
    let lately = |seconds: i64| {
        let now = noon() + TimeDelta::seconds(seconds);
        store.wishes_lately(newsletter, &Language::english(), now).unwrap().len()
    };
    let count = || store.wishes(newsletter, &Language::english(), noon()).unwrap().len();
    assert_eq!(count(), 1);
    run(&store, "UPDATE subscription SET choice = 'lobbying' WHERE subscriber = 1");
    assert_eq!(lately(59), 1, "as they were");
    assert_eq!(lately(59), 2, "a freeze that was refused for a new wish sees it");
    assert_eq!(count(), 2);
    run(&store, "UPDATE subscription SET choice = 'oil' WHERE subscriber = 2");
    assert_eq!(lately(60), 3, "too old");
    assert_eq!(count(), 3);
    run(&store, "UPDATE subscription SET choice = '' WHERE subscriber IN (1, 2)");
    assert_eq!(lately(-1), 1, "the clock went back");
}

#[test]
fn nobody_becomes_a_recipient_while_a_wish_has_no_variant() {
    let store = Store::in_memory().unwrap();
    let newsletter = subscribers(&store, 3);
    let issue = sending_issue(&store, newsletter, "h", "t");
    let fill = |choices: &str| {
        store.writing(|tx| {
            clear_recipients(tx, issue)?;
            tx.execute_batch(choices)?;
            tx.execute(
                "INSERT INTO variant_choice (issue, choice, language, format, variant) VALUES (?1, 'oil', 'en', 'html', NULL)",
                [issue.0],
            )?;
            fill_recipients(tx, issue, newsletter, &Language::english(), noon())
        })
    };
    let nothing_for_one = "UPDATE subscription SET choice = 'oil' WHERE subscriber = 2";
    let new_for_another = "UPDATE subscription SET choice = 'lobbying' WHERE subscriber = 1";
    let refused = fill(&format!("{nothing_for_one}; {new_for_another}"));
    assert!(matches!(refused, Err(StoreError::NewWish)), "{refused:?}");
    assert_eq!(number(&store, "SELECT count(*) FROM issue_recipient"), 3, "all is as it was");
    assert_eq!(fill(nothing_for_one).unwrap(), Filled { recipients: 2, nothing: 1 });
}

#[test]
fn those_for_whom_several_issues_in_a_row_held_nothing_are_listed() {
    use crate::store::subscribers::Filter;
    let store = Store::in_memory().unwrap();
    let newsletter = subscribers(&store, 4);
    let issues: Vec<i64> = (0..3).map(|_| sending_issue(&store, newsletter, "h", "t").0).collect();
    for (at, issue) in issues.iter().enumerate() {
        run(&store, &format!("UPDATE issue SET frozen_at = {at} WHERE id = {issue}"));
    }
    // 1 got nothing of any, 2 nothing of the last two, 3 nothing of the first two; 4 has left.
    let nothing = [(0, 1), (1, 1), (2, 1), (1, 2), (2, 2), (0, 3), (1, 3), (1, 4), (2, 4)];
    for (at, subscriber) in nothing {
        run(&store, &format!("INSERT INTO issue_nothing VALUES ({}, {subscriber})", issues[at]));
    }
    run(&store, "UPDATE subscription SET status = 'left', left_at = 1 WHERE subscriber = 4");
    let listed = |issues: u32| {
        let filter = Filter {
            newsletter: Some(newsletter),
            stage: None,
            suppressed: false,
            query: None,
            nothing_for: Some(issues),
        };
        let page = store.read_people(|people| people.page(&filter, SubscriberId(0), 10)).unwrap();
        page.iter().map(|listed| listed.subscriber.id.0).collect::<Vec<_>>()
    };
    assert_eq!(listed(2), [1, 2]);
    assert_eq!(listed(3), [1]);
    assert_eq!(listed(4), Vec::<i64>::new(), "there were no four issues");
    assert_eq!(store.nothing_count(IssueId(issues[1])).unwrap(), 4);
}
