//! The arrows between the rooms of `src/`, as `ARCHITECTURE.md` draws them: which module may name which.
//! Looks at paths in code (`crate::room::…`), so it sees a use in a signature as well as in a `use` line.

use crate::source::Source;

/// Rooms with their height. A room may use what is strictly lower, so never a neighbour.
///
/// `clock` and `entropy` stand above the verbs, which are given `now` and random bytes as arguments; `config`, `keys` and `installation`
/// stand above everything that is given domain values instead.
const ROOMS: &[(&str, u8)] = &[
    ("domain", 0),
    ("store", 10),
    ("mail", 10),
    ("templates", 10),
    ("collect", 20),
    ("publish", 20),
    ("deliver", 20),
    ("feedback", 20),
    ("subscribe", 20),
    ("editors", 20),
    ("clock", 25),
    ("entropy", 25),
    ("returns", 30),
    ("scheduler", 30),
    ("telling", 30),
    ("letters", 30),
    ("watch", 30),
    ("web", 30),
    ("config", 35),
    ("keys", 35),
    ("installation", 35),
    ("app", 40),
    ("rehearsal", 42),
    ("afterwards", 42),
    ("preflight", 43),
    ("desk", 44),
    ("service", 45),
    ("cli", 50),
    ("main", 60),
];

/// Rooms that stand aside and use nothing but `domain`.
const ASIDE: &[&str] = &["clock", "entropy"];

/// Crates that `domain` may use: they compute, and touch no file, socket, clock or source of chance.
const PURE_CRATES: &[&str] = &[
    "serde",
    "chrono",
    "chrono_tz",
    "cron",
    "url",
    "idna",
    "unicode_normalization",
    "hmac",
    "sha2",
    "base64",
    "thiserror",
];

/// The room of a file: the first module of its path. `None` for the library's root, which only lists the rooms.
pub fn room(path: &str) -> Option<&str> {
    if path.starts_with("templates/") {
        return Some("templates");
    }
    let name = path.strip_prefix("src/")?.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (name != "lib").then_some(name)
}

/// Every arrow in `source` that points the wrong way, as sentences.
pub fn wrong_arrows(source: &Source) -> Vec<String> {
    let Some(from) = room(&source.path) else { return Vec::new() };
    let mut wrong: Vec<String> = crate_paths(&source.code)
        .into_iter()
        .filter(|(_, to)| !may_use(from, to))
        .map(|(line, to)| format!("{}:{line}: `{from}` may not use `{to}`", source.path))
        .collect();
    wrong.extend(climbs_out(source));
    wrong
}

/// The line and name of every use of a third-party crate in `domain` that is not a pure one.
pub fn impure_crates(source: &Source, dependencies: &[String]) -> Vec<String> {
    let banned = dependencies.iter().filter(|name| !PURE_CRATES.contains(&name.as_str()));
    let mut wrong = Vec::new();
    for name in banned {
        for (number, line) in source.code_lines().filter(|(_, line)| names_crate(line, name)) {
            wrong.push(format!("{}:{number}: `domain` may not use the crate `{name}`: {}", source.path, line.trim()));
        }
    }
    wrong
}

/// Rooms that `ROOMS` does not know.
pub fn is_known(room: &str) -> bool {
    ROOMS.iter().any(|(name, _)| *name == room)
}

fn height(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, height)| *height)
}

fn may_use(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    if ASIDE.contains(&from) {
        return to == "domain";
    }
    match (height(from), height(to)) {
        (Some(from), Some(to)) => to < from,
        // Not a room: an item that the library's root re-exports would hide an arrow.
        _ => false,
    }
}

/// `crate::room` wherever it stands, and the members of `crate::{…}`; with line numbers.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate::", "week_in_review::"] {
        for (at, _) in code.match_indices(root).filter(|(at, _)| !ends_in_word(&code[..*at])) {
            let rest = &code[at + root.len()..];
            let line = code[..at].matches('\n').count() + 1;
            let members = match rest.strip_prefix('{') {
                Some(group) => group_members(group),
                None => vec![first_word(rest)],
            };
            found.extend(members.into_iter().filter(|name| !name.is_empty()).map(|name| (line, name)));
        }
    }
    found
}

/// First path segment of each member of a `{a::b, c::{d, e}}` group, given what follows its opening brace.
fn group_members(group: &str) -> Vec<String> {
    let mut members = vec![String::new()];
    let mut depth = 0_usize;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            c if depth == 0 => members.last_mut().expect("never empty").push(c),
            _ => {}
        }
    }
    members.iter().map(|member| first_word(member.trim())).collect()
}

/// `super` that leaves the room and so escapes `crate_paths`: two in a row, or one in the room's own root file.
fn climbs_out(source: &Source) -> Vec<String> {
    let depth = source.path.matches('/').count() - usize::from(source.path.ends_with("/mod.rs"));
    let is_root_of_room = depth == usize::from(!source.path.starts_with("templates/"));
    let climbs = |line: &str| {
        line.contains("super::super")
            || (is_root_of_room && (line.starts_with("use super::") || line.starts_with("pub use super::")))
    };
    source
        .code_lines()
        .filter(|(_, line)| climbs(line))
        .map(|(number, line)| {
            format!("{}:{number}: write `crate::…`, so that the arrow is seen: {}", source.path, line.trim())
        })
        .collect()
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn ends_in_word(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
}

fn names_crate(line: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let named = |(at, _)| !ends_in_word(&line[..at]) && !line[..at].ends_with("::");
    line.match_indices(path.as_str()).any(named) || line.trim() == format!("use {name};")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rooms that `text` may not use when it stands at `path`.
    #[track_caller]
    fn check(path: &str, text: &str, expected: usize) {
        let wrong = wrong_arrows(&Source::new(path, text));
        assert_eq!(wrong.len(), expected, "{path}: {text}\n{wrong:#?}");
    }

    #[test]
    fn an_arrow_to_the_left_is_found_however_it_is_written() {
        check("src/domain/issue.rs", "use crate::store::Store;", 1);
        check("src/domain/issue.rs", "fn f(s: &crate::store::Store) {}", 1);
        check("src/store/issues.rs", "use crate::{domain::Issue, publish::Plan};", 1);
        check(
            "src/store/issues.rs",
            "use crate::{\n    domain::{Issue, Window},\n    deliver,\n    web::{self, Desk},\n};",
            2,
        );
        check("templates/digest.rs", "pub use crate::app::App;", 1);
        check("src/mail/smtp.rs", "let now = crate::clock::now();", 1);
        check("src/publish/select.rs", "let bytes = crate::entropy::bytes();", 1);
        check("src/deliver/mod.rs", "use crate::config::Config;", 1);
        check("src/web/mod.rs", "use crate::app::App;", 1);
        check("src/clock.rs", "use crate::store::Store;", 1);
        check("src/domain/mod.rs", "use week_in_review::store::Store;", 1);
    }

    #[test]
    fn neighbours_may_not_meet() {
        check("src/publish/mod.rs", "use crate::deliver::Ledger;", 1);
        check("src/mail/mod.rs", "use crate::templates::digest;", 1);
        check("src/scheduler.rs", "use crate::web::Server;", 1);
    }

    #[test]
    fn what_is_no_room_may_not_be_named_through_the_root() {
        check("src/publish/mod.rs", "use crate::Store;", 1);
    }

    #[test]
    fn leaving_the_room_by_super_is_found() {
        check("src/mail/mod.rs", "use super::store::Store;", 1);
        check("src/app.rs", "use super::config;", 1);
        check("src/mail/dkim.rs", "use super::super::store::Store;", 1);
        check("templates/mod.rs", "use super::store::Store;", 1);
        check("src/mail/dkim.rs", "use super::mime::Part;", 0);
        check("templates/digest.rs", "use super::page;", 0);
        check("src/app.rs", "mod tests {\n    use super::*;\n}", 0);
    }

    #[test]
    fn arrows_to_the_right_are_fine() {
        check("src/main.rs", "use week_in_review::cli;", 0);
        check("src/cli/send.rs", "use crate::{app::App, config::Config, clock, deliver, domain::Issue};", 0);
        check("src/app.rs", "use crate::{clock::Clock, config::Config, scheduler, store::Store, web};", 0);
        check("src/scheduler.rs", "use crate::{clock::Clock, deliver, publish};", 0);
        check(
            "src/publish/select.rs",
            "use crate::publish::group;\nuse crate::store::Store;\nuse crate::templates::digest;",
            0,
        );
        check("src/config.rs", "use crate::domain::Newsletter;", 0);
        check("src/domain/issue.rs", "/// See `crate::store::Store`.\nuse crate::domain::window::Window;", 0);
        check("src/lib.rs", "pub use crate::app::App;", 0);
    }

    #[test]
    fn a_crate_that_does_more_than_compute_is_found_in_domain() {
        let dependencies = ["rusqlite", "chrono", "rand", "cron"].map(str::to_owned);
        let found = |text: &str| impure_crates(&Source::new("src/domain/x.rs", text), &dependencies).len();
        assert_eq!(found("use rusqlite::Connection;"), 1);
        assert_eq!(found("fn f() -> u8 { rand::random() }"), 1);
        assert_eq!(found("use rand;"), 1);
        assert_eq!(found("use chrono::NaiveDate;\nuse crate::domain::rand::X;\n// rand::random()\nfn strand::x"), 0);
    }
}
