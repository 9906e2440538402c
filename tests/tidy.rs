//! Keeps the house in order: the rules of `ARCHITECTURE.md` and `CONTRIBUTING.md` that a machine can check and the compiler cannot.
//! Each test is one rule and says what to do. It reads files, and asks the program for its help.

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/tables.rs"]
mod tables;

use source::{Source, files, root, sources};
use std::fs;
use std::sync::LazyLock;

/// Files longer than this have more than one subject.
const MOST_LINES: usize = 600;

/// Rooms that never wait: they are called from both worlds, and a test of them needs no runtime.
const SYNCHRONOUS: &[&str] = &["domain", "templates", "publish", "store"];

/// Rooms that touch no file and no socket.
const WITHOUT_IO: &[&str] = &["domain", "templates", "publish"];

/// What only touching a file, a socket, a process or the environment needs; an `IpAddr` alone is a value.
const IO: &[&str] =
    &["std::fs", "std::process", "std::env::", "TcpStream", "TcpListener", "UdpSocket", "UnixStream", "ToSocketAddrs"];

/// Fails with all findings and the advice, unless there are none.
#[track_caller]
fn none(advice: &str, findings: impl IntoIterator<Item = String>) {
    let findings: Vec<String> = findings.into_iter().collect();
    assert!(findings.is_empty(), "{advice}\n  {}\n", findings.join("\n  "));
}

/// All Rust files, read once.
fn all() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| sources(&["src", "templates", "tests", "benches"]));
    assert!(ALL.len() > 10, "the sources were not found below {}", root().display());
    &ALL
}

/// The product's own code.
fn product() -> impl Iterator<Item = &'static Source> {
    all().iter().filter(|source| source.path.starts_with("src/") || source.path.starts_with("templates/"))
}

fn in_rooms(rooms: &'static [&'static str]) -> impl Iterator<Item = &'static Source> {
    product().filter(|source| layers::room(&source.path).is_some_and(|room| rooms.contains(&room)))
}

/// `path:line: text` for each of `lines` that holds one of `words`.
fn lines_with<'a>(
    source: &'a Source,
    lines: impl Iterator<Item = (usize, &'a str)> + 'a,
    words: &'a [&'a str],
) -> impl Iterator<Item = String> + 'a {
    lines
        .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
        .map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim()))
}

#[test]
fn rooms_use_only_what_stands_to_their_right() {
    none(
        "Turn the arrow round: pass a domain value in, or move what both need to `domain` or `store` (see ARCHITECTURE.md).",
        product().flat_map(layers::wrong_arrows),
    );
}

#[test]
fn every_module_at_the_top_is_a_room_with_a_place() {
    let homeless = |source: &Source| {
        let room = layers::room(&source.path)?;
        (!layers::is_known(room)).then(|| format!("{}: `{room}`", source.path))
    };
    none(
        "Give the new room a height in tests/tidy/layers.rs and a place in ARCHITECTURE.md.",
        product().filter_map(homeless),
    );
}

#[test]
fn domain_uses_only_crates_that_compute() {
    let manifest: toml::Table =
        fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml is there").parse().expect("it is TOML");
    let dependencies: Vec<String> =
        manifest["dependencies"].as_table().expect("a table").keys().map(|name| name.replace('-', "_")).collect();
    assert!(dependencies.len() > 10, "the dependencies were not read");
    none(
        "Do this in the room that owns the outside world and hand the domain a value.",
        in_rooms(&["domain"]).flat_map(|source| layers::impure_crates(source, &dependencies)),
    );
}

#[test]
fn synchronous_rooms_stay_so() {
    none(
        "Async lives in collect, mail, deliver, web and above; call this room from there.",
        in_rooms(SYNCHRONOUS)
            .flat_map(|source| lines_with(source, source.product_lines(), &["async ", ".await", "tokio::"])),
    );
}

#[test]
fn pure_rooms_touch_no_file_and_no_socket() {
    none(
        "Take the content as an argument; `collect` gathers facts, `cli` and `app` read files.",
        in_rooms(WITHOUT_IO).flat_map(|source| lines_with(source, source.product_lines(), IO)),
    );
}

#[test]
fn every_file_opens_by_saying_what_it_is_for() {
    none(
        "Begin the file with `//!`: what it is for, and what it must not do.",
        all().iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path.clone()),
    );
}

#[test]
fn sql_is_written_in_the_store_only() {
    // A room's tests may look with plain SQL at what was written, and put a database into a state that no verb makes.
    let is_test = |path: &str| path.ends_with("/tests.rs");
    let elsewhere =
        || product().filter(move |source| layers::room(&source.path) != Some("store") && !is_test(&source.path));
    none(
        "Write the query in src/store/, beside a function that takes and returns domain values.",
        elsewhere().flat_map(|source| {
            let queries = source.strings.iter().filter(|(_, text)| is_sql(text));
            let mut found: Vec<String> =
                queries.map(|(line, text)| format!("{}:{line}: {text:?}", source.path)).collect();
            found.extend(lines_with(source, source.code_lines(), &["rusqlite::"]));
            found
        }),
    );
}

/// Whether a string is a query, or a piece of one.
fn is_sql(text: &str) -> bool {
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = squeezed.to_lowercase();
    let has_any = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    has_any(&lower, &["insert into ", "delete from ", "create table ", "create index ", "begin immediate", "order by "])
        || has_any(&squeezed, &["PRAGMA ", "SELECT ", "UPDATE ", " WHERE ", "ATTACH DATABASE"])
}

#[test]
fn queries_are_told_from_sentences() {
    for query in [
        "SELECT 1",
        "insert into\n  article (id)",
        "UPDATE issue SET state = ?1",
        "PRAGMA user_version",
        "… ORDER BY id",
    ] {
        assert!(is_sql(query), "{query}");
    }
    for sentence in
        ["select the stories from a folder", "the issue was updated where needed", "remove it from the list", ""]
    {
        assert!(!is_sql(sentence), "{sentence}");
    }
}

#[test]
fn markup_is_trusted_in_one_file_only() {
    let trusting: Vec<String> =
        product().filter(|source| source.code.contains("PreEscaped")).map(|source| source.path.clone()).collect();
    let elsewhere = trusting.iter().filter(|path| !path.starts_with("templates/")).cloned();
    none("Only a template may say that text is markup; take its function for it.", elsewhere);
    assert!(trusting.len() <= 1, "`PreEscaped` belongs in one file, where a reviewer looks for it: {trusting:?}");
}

#[test]
fn no_test_is_switched_off() {
    none(
        "Mend the test, or remove it with the reason in the commit.",
        all().iter().flat_map(|source| lines_with(source, source.code_lines(), &["#[ignore"])),
    );
}

#[test]
fn no_test_waits_for_time_to_pass() {
    none(
        "Set the clock, wait for the event itself, or call the step that the loop would call.",
        all().iter().flat_map(|source| lines_with(source, source.test_lines(), &["sleep(", "sleep_until("])),
    );
}

#[test]
fn no_file_has_more_than_one_subject() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (lines > MOST_LINES).then(|| format!("{}: {lines} lines", source.path))
    };
    none("Split the file along its subjects.", all().iter().filter_map(long));
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not hold what it looks for.
    let marks =
        [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["todo", "!("].concat(), ["unimplemented", "!("].concat()];
    let places = ["src", "templates", "tests", "benches", "migrations", "config", "contrib", "scripts", ".ci"];
    let at_the_top =
        ["Cargo.toml", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned);
    let mut found = Vec::new();
    for path in files(&places).into_iter().chain(at_the_top) {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        let lines = (1..).zip(text.lines()).filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
        found.extend(lines.map(|(number, line)| format!("{path}:{number}: {}", line.trim())));
    }
    none("Do it now, or open an issue and leave the code whole without it.", found);
}

#[test]
fn readme_lists_every_setting() {
    let config =
        fs::read_to_string(root().join("config/week-in-review.toml")).expect("the commented configuration is there");
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    let real = tables::settings(&config);
    assert!(real.len() > 5, "the settings were not read");
    none(
        "Mend README's table under `## Settings`: one row a section, | `section` | `setting`, `setting`, … |.",
        tables::differences(&real, &tables::listed(&readme, "## Settings")),
    );
}

#[test]
fn readme_lists_every_command() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    let real: tables::Names = tables::commands(&help(&[]))
        .into_iter()
        .map(|command| {
            let subcommands = tables::commands(&help(&[&command])).into_iter().collect();
            (command, subcommands)
        })
        .collect();
    assert!(real.len() > 5, "the help was not read");
    none(
        "Mend README's table under `## Commands`: one row a command, | `command sub\\|sub` | what it does, without further code |.",
        tables::differences(&real, &tables::listed(&readme, "## Commands")),
    );
}

/// What the program says about itself, or about one command.
fn help(command: &[&str]) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_week-in-review")).args(command).arg("--help").output();
    let output = output.expect("cargo built the program");
    assert!(output.status.success(), "{command:?} --help failed");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

#[test]
fn tests_are_told_from_the_product() {
    let both = |path: &str, text: &str| {
        let source = Source::new(path, text);
        let count =
            |lines: &mut dyn Iterator<Item = (usize, &str)>| lines.filter(|(_, line)| line.contains("sleep(")).count();
        (count(&mut source.product_lines()), count(&mut source.test_lines()))
    };
    let mixed =
        "#[cfg(test)]\nmod fixtures;\nfn wait() { sleep(1) }\n#[cfg(test)]\nmod tests {\n    fn t() { sleep(1) }\n}\n";
    assert_eq!(both("src/x.rs", mixed), (1, 1));
    assert_eq!(both("src/x/tests.rs", mixed), (0, 2));
    assert_eq!(both("tests/it/x.rs", "fn t() { sleep(1) } // not sleep( here\n"), (0, 1));
}
