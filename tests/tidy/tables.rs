//! README's tables, compared with what the program and its configuration really have. Reads text; the rules that use it are in `tidy.rs`.

use std::collections::{BTreeMap, BTreeSet};

/// Names, and what belongs to each: sections with their settings, commands with their subcommands.
pub type Names = BTreeMap<String, BTreeSet<String>>;

/// What the table under `heading` lists: the code in the first cell of a row names it, all other code of the row belongs to it.
///
/// A first cell may hold more than the name, as in `` `sources list|add URL` ``: its further words in lower case belong to it, too.
pub fn listed(readme: &str, heading: &str) -> Names {
    let rows = section(readme, heading).lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut words = code(&row.replace("\\|", " ")).into_iter().flat_map(|code| words(&code));
        (words.next().expect("the row begins with code"), words.collect())
    })
    .collect()
}

/// The settings of the commented configuration: every `key = …` under its `[section]`, commented out or not; those before the first section
/// stand alone.
pub fn settings(config: &str) -> Names {
    let mut found = Names::new();
    let mut section = String::new();
    for line in config.lines().map(|line| line.strip_prefix('#').unwrap_or(line)) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            name.trim_start_matches('[').clone_into(&mut section);
        } else if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| is_word(key)) {
            // What stands before the first section is a row of its own.
            let (name, member) =
                if section.is_empty() { (key, None) } else { (section.as_str(), Some(key.to_owned())) };
            found.entry(name.to_owned()).or_default().extend(member);
        }
    }
    found
}

/// The commands that a help text lists, but for `help` itself.
pub fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

/// What differs, as sentences: what README leaves out, and what it lists in vain.
pub fn differences(real: &Names, listed: &Names) -> Vec<String> {
    let pairs = |names: &Names| -> BTreeSet<String> {
        let members = |(name, members): (&String, &BTreeSet<String>)| {
            members
                .iter()
                .map(|member| format!("`{name}`: `{member}`"))
                .chain([format!("`{name}`")])
                .collect::<Vec<_>>()
        };
        names.iter().flat_map(members).collect()
    };
    let (real, listed) = (pairs(real), pairs(listed));
    let missing = real.difference(&listed).map(|pair| format!("not in the table: {pair}"));
    let invented = listed.difference(&real).map(|pair| format!("only in the table: {pair}"));
    missing.chain(invented).collect()
}

/// The lines from a heading to the next one of any level; nothing if there is no such heading.
fn section<'a>(readme: &'a str, heading: &str) -> &'a str {
    let Some((_, rest)) = readme.split_once(&format!("\n{heading}\n")) else { return "" };
    rest.split("\n#").next().unwrap_or(rest)
}

/// The insides of the code spans of a line.
fn code(line: &str) -> Vec<String> {
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The words of a code span that are names: lower case, no option, no placeholder.
fn words(code: &str) -> Vec<String> {
    code.split_whitespace().filter(|word| is_word(word)).map(str::to_owned).collect()
}

fn is_word(text: &str) -> bool {
    !text.starts_with('-') && !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || "_-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# Title\n\n## Commands\n\n| command | does |\n|---|---|\n| `sources list\\|add URL`, `sources try` | asks |\n| `run` | serves, see `--help` |\n\n## Settings\n\n| `web` | `listen`, `base_url` |\n";

    fn names(pairs: &[(&str, &[&str])]) -> Names {
        pairs
            .iter()
            .map(|(name, members)| ((*name).to_owned(), members.iter().map(|m| (*m).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn a_table_is_read() {
        let commands = listed(README, "## Commands");
        assert_eq!(commands["run"], BTreeSet::new());
        assert!(["list", "add", "try"].iter().all(|name| commands["sources"].contains(*name)), "{commands:?}");
        assert_eq!(listed(README, "## Settings"), names(&[("web", &["base_url", "listen"])]));
        assert_eq!(listed(README, "## Nowhere"), Names::new());
    }

    #[test]
    fn settings_are_read_whether_commented_out_or_not() {
        let config = "# Words = are not settings.\n[web]\n#listen = \"x\"\nbase_url = \"y\"\n#[mail]\n#host = \"\"\n[[sources]]\nid = \"a\"\nLobbying = []\n";
        assert_eq!(
            settings(config),
            names(&[("web", &["base_url", "listen"]), ("mail", &["host"]), ("sources", &["id"])])
        );
    }

    #[test]
    fn commands_are_read_from_the_help() {
        let help = "Usage: x\n\nCommands:\n  demo  Shows it\n          on two lines\n  run   Serves\n  help  Prints this\n\nOptions:\n  -h  no\n";
        assert_eq!(commands(help), ["demo", "run"]);
    }

    #[test]
    fn what_is_missing_and_what_is_invented_are_both_told() {
        let real = names(&[("web", &["listen"]), ("mail", &[])]);
        let listed = names(&[("web", &["listens"])]);
        assert_eq!(
            differences(&real, &listed),
            ["not in the table: `mail`", "not in the table: `web`: `listen`", "only in the table: `web`: `listens`"]
        );
        assert!(differences(&real, &real).is_empty());
    }
}
