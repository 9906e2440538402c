//! What readers chose, and what becomes of it: one cut for each choice, sections that are renamed or removed, and readers for whom there is nothing.

use crate::support::newsroom::{Newsroom, now};
use chrono::TimeDelta;
use std::fs;

const ECONOMY: [&str; 3] = ["Harbour fees rise", "Salt prices", "A new ferry"];
const FISH: &str = "Eels return";

/// Three stories of the economy, one of fish, which stands under the rest; a reader of each topic and one of everything.
fn newsroom() -> (Newsroom, [String; 3]) {
    let newsroom = Newsroom::new();
    newsroom.write_stories(&ECONOMY);
    let date = (now() - TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%SZ");
    let head = format!(
        "title: {FISH}\ndate: {date}\nurl: https://www.harbour.example/eels\ntags: [Fish]\nsummary: After nine years."
    );
    fs::write(newsroom.path("articles/eels.md"), format!("---\n{head}\n---\n\nThey came at night.\n")).unwrap();
    newsroom.done(&["collect"]);
    let readers: [String; 3] = newsroom.subscribe(3).try_into().expect("three readers");
    for (reader, topic) in readers.iter().zip(["economy", "more"]) {
        newsroom.done(&["subscribers", "topics", reader, topic]);
    }
    (newsroom, readers)
}

/// Changes the configuration as an operator does, in its file.
fn rewrite(newsroom: &Newsroom, changes: &[(&str, &str)]) {
    let path = newsroom.path("config/week-in-review.toml");
    let text = changes.iter().fold(fs::read_to_string(&path).unwrap(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    fs::write(path, text).unwrap();
}

/// How many stories of the economy, and whether that of fish, stand in a reader's mail above what is offered to them next.
fn gets(newsroom: &Newsroom, reader: &str) -> (usize, bool) {
    let text = newsroom.done(&["preview", "--format", "text", "--as", reader]);
    let own = text.split("NEXT FOR YOU").next().unwrap_or_default();
    (ECONOMY.iter().filter(|title| own.contains(**title)).count(), own.contains(FISH))
}

#[test]
fn each_reader_gets_the_cut_of_their_choice() {
    let (newsroom, [economy, more, everything]) = newsroom();
    assert_eq!(gets(&newsroom, &economy), (3, false));
    assert_eq!(gets(&newsroom, &more), (0, true));
    assert_eq!(gets(&newsroom, &everything), (3, true));
    newsroom.done(&["subscribers", "topics", &economy, "--everything"]);
    // Who gets everything gets what comes later, too; who chose does not.
    let fish = "[[newsletters.sections]]\nslug = \"fish\"\ntitle = \"Fish\"\ntags = [\"Fish\"]\n\n";
    rewrite(
        &newsroom,
        &[("[[newsletters.sections]]\nslug = \"more\"", &format!("{fish}[[newsletters.sections]]\nslug = \"more\""))],
    );
    assert_eq!(gets(&newsroom, &economy), (3, true));
    let said = newsroom.done(&["articles", "explain", "4"]);
    assert!(said.contains("Fish"), "{said}");
    let nothing = newsroom.call(&["preview", "--format", "text", "--as", &more]);
    assert!(!nothing.out.contains(FISH), "what is a topic of its own now is no rest any more: {nothing:?}");
}

#[test]
fn a_section_with_another_title_keeps_its_readers_and_one_that_is_gone_names_an_heir() {
    let (newsroom, [economy, ..]) = newsroom();
    rewrite(&newsroom, &[("title = \"Economy\"", "title = \"Money and ports\"")]);
    assert_eq!(gets(&newsroom, &economy), (3, false));
    assert_eq!(newsroom.call(&["check"]).status, Some(0));

    rewrite(&newsroom, &[("slug = \"economy\"", "slug = \"ports\"")]);
    let said = newsroom.call(&["check"]);
    assert_ne!(said.status, Some(0), "{said:?}");
    let words = format!("{}{}", said.out, said.err);
    assert!(words.contains("1 reader chose \"economy\", which is no section any more; name its heir"), "{words}");

    for (heir, expected) in [("ports", (3, false)), ("everything", (3, true))] {
        let heirs = format!("\n[newsletters.heirs]\neconomy = \"{heir}\"\n\n[[sources]]");
        let text = fs::read_to_string(newsroom.path("config/week-in-review.toml")).unwrap();
        let before = text.split("\n[newsletters.heirs]").next().unwrap().split("[[sources]]").next().unwrap();
        let (_, sources) = text.split_once("[[sources]]").unwrap();
        fs::write(newsroom.path("config/week-in-review.toml"), format!("{before}{heirs}{sources}")).unwrap();
        assert_eq!(newsroom.call(&["check"]).status, Some(0), "{heir}");
        assert_eq!(gets(&newsroom, &economy), expected, "{heir}");
    }
}

#[test]
fn whoever_would_get_an_empty_mail_gets_none_and_is_listed() {
    let (newsroom, [_, more, _]) = newsroom();
    newsroom.done(&["articles", "drop", "https://www.harbour.example/eels"]);
    let sent = newsroom.send_early();
    assert_eq!(sent["accepted"], 2, "{sent}");
    assert_eq!(newsroom.issue(1)["nothing"], 1);
    assert!(!newsroom.outbox().iter().any(|mail| String::from_utf8_lossy(mail).contains(&more)));
    let listed = newsroom.done(&["subscribers", "list", "--nothing-for", "1"]);
    assert!(listed.contains(&more) && listed.lines().filter(|line| line.contains('@')).count() == 1, "{listed}");
    assert!(!newsroom.done(&["subscribers", "list", "--nothing-for", "2"]).contains(&more));
}
