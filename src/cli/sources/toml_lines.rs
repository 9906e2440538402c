//! The lines of the configuration that a source is: written, put in, and taken out, with every comment around them left as it was. Works on text,
//! because a TOML writer would lay the operator's file out anew.

use crate::domain::source::{Source, SourceKind};

/// The lines that configure a source.
pub(super) fn lines_of(source: &Source) -> String {
    let mut lines =
        format!("[[sources]]\nid = {}\nname = {}\n", quoted(source.id.as_str()), quoted(source.name.as_str()));
    if !matches!(source.kind, SourceKind::Feed(_)) {
        lines.push_str(&format!("kind = {}\n", quoted(source.kind.as_str())));
    }
    let key = if source.kind.is_remote() { "url" } else { "path" };
    lines.push_str(&format!("{key} = {}\n", quoted(&source.kind.place())));
    if source.allow_private {
        lines.push_str("allow_private = true\n");
    }
    lines
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The file with a source put in: behind the last one that is there, or at the end.
pub(super) fn with(text: &str, lines: &str) -> String {
    let blocks = blocks(text);
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    let at = blocks.last().map_or(all.len(), |block| behind(&all, block.end));
    let (before, after) = (all[..at].concat(), all[at..].concat());
    let gap = if before.is_empty() || before.ends_with("\n\n") {
        ""
    } else if before.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    };
    let tail = if after.is_empty() || after.starts_with('\n') { "" } else { "\n" };
    format!("{before}{gap}{lines}{tail}{after}")
}

/// The line behind a block that ends at this one and behind the comments that follow it, which explain its other settings: before the lines that
/// lead to the next header.
fn behind(lines: &[&str], end: usize) -> usize {
    let Some(header) = lines[end..].iter().position(|line| is_header(line.trim())).map(|at| end + at) else {
        return lines.len();
    };
    let led = lines[end..header].iter().rposition(|line| line.trim().is_empty()).map_or(end, |at| end + at);
    lines[end..led].iter().rposition(|line| !line.trim().is_empty()).map_or(end, |at| end + at + 1)
}

fn is_header(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']') && !line.contains('=')
}

/// The file without the source of this name; `None` if no block of it has the name in so many words.
pub(super) fn without(text: &str, id: &str) -> Option<String> {
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    let block =
        blocks(text).into_iter().find(|block| all[block.start..block.end].iter().any(|line| names(line, id)))?;
    let mut end = block.end;
    while end < all.len() && all[end].trim().is_empty() {
        end += 1;
    }
    Some(format!("{}{}", all[..block.start].concat(), all[end..].concat()))
}

fn names(line: &str, id: &str) -> bool {
    line.split_once('=').is_some_and(|(key, value)| {
        let value = value.split('#').next().unwrap_or_default().trim();
        key.trim() == "id" && value.trim_matches(['"', '\'']) == id
    })
}

/// The lines of each `[[sources]]`, from its header to the last line that is its own: comments and empty lines before the next header are not.
fn blocks(text: &str) -> Vec<std::ops::Range<usize>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut blocks = Vec::new();
    for (start, _) in lines.iter().enumerate().filter(|(_, line)| line.replace(' ', "") == "[[sources]]") {
        let next = lines[start + 1..].iter().position(|line| is_header(line)).map_or(lines.len(), |at| start + 1 + at);
        let own = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let end = lines[start..next].iter().rposition(own).map_or(start + 1, |at| start + at + 1);
        blocks.push(start..end);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\n[tags]\n\n# front\n[[sources]]\nid = \"a\" # keep\nurl = \"x\"\n#tags = []\n\n# ── How ──\n[collect]\nevery = \"1h\"\n";

    #[test]
    fn a_source_is_put_behind_the_others_and_taken_out_again() {
        let added = with(FILE, "[[sources]]\nid = \"b\"\n");
        assert_eq!(added, FILE.replace("#tags = []\n\n", "#tags = []\n\n[[sources]]\nid = \"b\"\n\n"));
        let removed = without(&added, "b").unwrap();
        assert!(removed.contains("id = \"a\" # keep") && !removed.contains("\"b\""), "{removed}");
        assert!(removed.contains("# ── How ──\n[collect]"), "{removed}");
        assert_eq!(without(FILE, "c"), None);
        assert_eq!(with("", "[[sources]]\n"), "[[sources]]\n");
        let last = "[[sources]]\nid = \"a\"\n#tags = []\n";
        assert_eq!(with(last, "[[sources]]\n"), format!("{last}\n[[sources]]\n"));
    }

    #[test]
    fn names_are_quoted_as_toml_wants_it() {
        assert_eq!(quoted("A \"B\" \\ C\u{7}"), "\"A \\\"B\\\" \\\\ C\\u0007\"");
    }
}
