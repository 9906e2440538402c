//! The commands as an operator types them.

use super::*;
use crate::config::{EXAMPLE, Environment};
use crate::domain::token::{Key, SuppressionKey};
use clap::Parser;
use std::path::Path;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: SubscribersArgs,
}

struct Shell {
    config: Config,
    store: Store,
    keyring: Keyring,
    entropy: Entropy,
    folder: tempfile::TempDir,
}

impl Shell {
    fn new() -> Self {
        let keys = vec![Key { id: 1, secret: [1; 32], retired: false }];
        Self {
            config: Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap(),
            store: Store::in_memory().unwrap(),
            keyring: Keyring::new(keys, SuppressionKey([2; 32])).unwrap(),
            entropy: Entropy::seeded(1),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, words: &[&str]) -> Result<(String, String), String> {
        let args = Line::try_parse_from([&["subscribers"], words].concat()).map_err(|error| error.to_string())?.args;
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut with = Surroundings {
            config: &self.config,
            store: &self.store,
            keyring: &self.keyring,
            now: "2026-11-20T12:00:00Z".parse().unwrap(),
            entropy: &self.entropy,
            out: &mut out,
            err: &mut err,
        };
        run(&args, &mut with).map_err(|error| format!("{error:#}"))?;
        Ok((String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap()))
    }

    fn out(&self, words: &[&str]) -> String {
        self.run(words).unwrap().0
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

#[test]
fn one_address_goes_its_way_and_its_history_is_told_in_words() {
    let shell = Shell::new();
    assert!(shell.out(&["add", "Jo@Example.org"]).contains("Jo@Example.org: week: pending"));
    assert!(shell.out(&["confirm", "jo@example.org", "--proof", "letter"]).contains("week: confirmed"));
    assert!(shell.out(&["list", "--status", "active"]).contains("Jo@Example.org  week: active"));
    assert!(shell.out(&["unsubscribe", "jo@example.org"]).contains("week: left"));
    assert!(shell.out(&["unsubscribe", "jo@example.org"]).contains("had left before"));
    let shown = shell.out(&["show", "jo@example.org"]);
    for words in [
        "week: left since 2026-11-20",
        "asked week, by command line",
        "confirmed week, by command line; proof: letter",
        "left week",
    ] {
        assert!(shown.contains(words), "{words:?} in {shown}");
    }
    assert!(shell.run(&["confirm", "jo@example.org"]).unwrap().0.contains("nothing waits"));
    let refused = shell.run(&["add", "jo@example.org", "--confirmed", "--proof", "x"]).unwrap_err();
    assert_eq!(refused, "jo@example.org, week: left on 2026-11-20");
}

#[test]
fn data_is_one_json_value() {
    let shell = Shell::new();
    let list = |words: &[&str]| serde_json::from_str::<serde_json::Value>(&shell.out(words)).unwrap();
    assert_eq!(list(&["list", "--json"]), serde_json::json!([]));
    shell.out(&["add", "a@example.org", "--confirmed", "--proof", "card"]);
    shell.out(&["add", "b@example.org"]);
    let both = list(&["list", "--json"]);
    assert_eq!(both[0]["email"], "a@example.org");
    assert_eq!(both[1]["subscriptions"][0]["status"], "pending");
    assert_eq!(list(&["list", "--json", "--query", "B@"]).as_array().unwrap().len(), 1);
    assert_eq!(list(&["show", "--json", "a@example.org"])["consent"][1]["detail"]["proof"], "card");
}

#[test]
fn what_cannot_be_is_refused_with_the_thing_named() {
    let shell = Shell::new();
    for (words, said) in [
        (&["add", "no at sign"][..], "an address has the form name@domain"),
        (&["add", "noreply@example.org"], "read by machines"),
        (&["add", "a@example.org", "--confirmed"], "--proof"),
        (&["add", "a@example.org", "--newsletter", "other"], "newsletter \"other\": there is none; there is week"),
        (&["add", "a@example.org", "--topics", "nothing"], "topic \"nothing\": week has none"),
        (&["show", "x@example.org"], "x@example.org: nothing is known of this address"),
        (&["unsubscribe", "X@example.org"], "X@example.org: no subscriber has this address"),
        (&["suppressions", "lift", "x@example.org", "--reason", "y"], "x@example.org: not suppressed"),
        (&["erase", "x@example.org"], "--yes"),
        (&["undo-import"], "the latest import would be taken back; repeat with --yes"),
        (&["import", "nowhere.csv"], "nowhere.csv: No such file"),
        (&["import", "nowhere.csv", "--map", "x=y"], "\"y\" is none of our columns"),
    ] {
        let error = shell.run(words).unwrap_err();
        assert!(error.contains(said), "{words:?}: {error}");
    }
}

#[test]
fn a_suppressed_address_is_named_and_freed_by_a_reason() {
    let shell = Shell::new();
    shell.out(&["suppress", "Jo@example.org", "--reason", "asked by letter"]);
    let refused = shell.run(&["add", "jo@example.org", "--confirmed", "--proof", "x"]).unwrap_err();
    assert!(refused.starts_with("jo@example.org: suppressed since 2026-11-20"), "{refused}");
    assert!(shell.out(&["suppressions", "list"]).contains("(asked by letter)"));
    shell.out(&["suppressions", "lift", "jo@example.org", "--reason", "wrote to us"]);
    shell.out(&["add", "jo@example.org", "--confirmed", "--proof", "x"]);
    let shown = shell.out(&["show", "jo@example.org"]);
    assert!(shown.contains("suppression lifted: operator (wrote to us)"), "{shown}");
}

#[test]
fn a_list_goes_in_out_and_back() {
    use std::os::unix::fs::PermissionsExt;
    let shell = Shell::new();
    let list = shell.file("list.csv", "Mail,status\na@example.org,active\nb@example.org,unsubscribed\nbad,active\n");
    let import = |more: &[&str]| shell.run(&[&["import", &list, "--map", "Mail=email"], more].concat());
    assert!(import(&[]).unwrap_err().contains("--basis"));
    let (said, problems) = import(&["--basis", "members", "--dry-run"]).unwrap();
    assert!(
        said.contains("a dry run: nothing was changed") && said.contains("1  new, such as a@example.org in line 2"),
        "{said}"
    );
    assert!(problems.contains("line 4: \"bad\": an address has the form name@domain"), "{problems}");
    assert!(import(&["--basis", "members"]).unwrap().0.contains("import 1; taken back by"));
    let again: serde_json::Value = serde_json::from_str(&import(&["--basis", "members", "--json"]).unwrap().0).unwrap();
    assert_eq!((&again["changes"], &again["import"]), (&0.into(), &serde_json::Value::Null));

    let out = shell.file("out.csv", "");
    let (nothing, said) = shell.run(&["export", "--output", &out]).unwrap();
    assert!(nothing.is_empty() && said.contains("1 rows"), "{said}");
    assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), shell.out(&["export"]));

    let undone = shell.out(&["undo-import", "--yes"]);
    assert!(undone.contains("1  people are gone") && undone.contains("1  suppressions are lifted"), "{undone}");
    assert!(shell.run(&["list"]).unwrap().1.contains("nobody"));
}

#[test]
fn topics_are_chosen_and_given_back() {
    let shell = Shell::new();
    shell.out(&["add", "a@example.org"]);
    let topic = shell.config.newsletters[0].sections[0].slug.clone();
    assert_eq!(shell.out(&["topics", "a@example.org", topic.as_str()]), format!("a@example.org: week: {topic}\n"));
    assert_eq!(shell.out(&["topics", "a@example.org", "--everything"]), "a@example.org: week: everything\n");
}

#[test]
fn erasing_says_that_the_address_is_kept_out() {
    let shell = Shell::new();
    shell.out(&["add", "a@example.org"]);
    assert!(shell.out(&["erase", "a@example.org", "--yes"]).contains("a@example.org: erased; it is kept out for ever"));
    assert!(shell.out(&["show", "a@example.org"]).contains("erased on request"));
    assert!(shell.run(&["add", "a@example.org"]).unwrap_err().contains("erased on request"));
}
