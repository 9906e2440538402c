//! Reads Rust source just well enough to judge it: code apart from comments and string literals, line by line.
//! Not a parser: it knows where a string or a comment ends, and nothing about types or modules.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file, split into what the rules look at.
pub struct Source {
    /// Path from the project's root, with `/` between the parts.
    pub path: String,
    /// The file as it is.
    pub text: String,
    /// The file with comments and the insides of literals replaced by blanks; line numbers are kept.
    pub code: String,
    /// String literals without their quotes, each with the line on which it begins.
    pub strings: Vec<(usize, String)>,
}

impl Source {
    /// Splits `text`, which is or could be the file at `path`.
    pub fn new(path: &str, text: &str) -> Self {
        let (code, strings) = split(text);
        Self { path: path.to_owned(), text: text.to_owned(), code, strings }
    }

    /// Lines of code with their number, comments and the insides of literals blanked.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.lines())
    }

    /// Like `code_lines`, but only lines that run in tests: all of a file below `tests/` or named so, and the end of a file from its unit tests on.
    pub fn test_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code_lines().skip(self.first_test_line())
    }

    /// Like `code_lines`, but without those of `test_lines`.
    pub fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code_lines().take(self.first_test_line())
    }

    /// How many lines stand before the tests. `#[cfg(test)]` on a mere declaration does not begin them.
    fn first_test_line(&self) -> usize {
        if self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") {
            return 0;
        }
        let lines: Vec<&str> = self.code.lines().collect();
        let begins = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{');
        lines.windows(2).position(begins).unwrap_or(lines.len())
    }
}

/// Every Rust file below the given folders of the project, sorted by path. A folder that does not exist has none.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    files(folders)
        .into_iter()
        .filter(|path| Path::new(path).extension().is_some_and(|end| end == "rs"))
        .map(|path| Source::new(&path, &fs::read_to_string(root().join(&path)).expect("Rust files are UTF-8")))
        .collect()
}

/// Every file below the given folders, as paths from the project's root, sorted.
pub fn files(folders: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        walk(&root().join(folder), &mut found);
    }
    found.sort();
    found
}

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path: PathBuf = entry.expect("a listed entry can be read").path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            let path = path.strip_prefix(root()).expect("found below the root");
            found.push(path.to_string_lossy().into_owned());
        }
    }
}

/// The code with everything else blanked, and the string literals.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let mut code = String::with_capacity(text.len());
    let mut strings = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (taken, string) = next_piece(rest, code.chars().next_back());
        let piece = &rest[..taken.max(first.len_utf8())];
        strings.extend(string.map(|string| (line, string.to_owned())));
        line += piece.matches('\n').count();
        if taken == 0 {
            code.push(first);
        } else {
            code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = &rest[piece.len()..];
    }
    (code, strings)
}

/// Length of the comment or literal that `rest` begins with (0: it is code), and the content of a string literal.
fn next_piece(rest: &str, before: Option<char>) -> (usize, Option<&str>) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), None);
    }
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if let Some(content) = (!in_word).then(|| raw_string(rest)).flatten() {
        return content;
    }
    if rest.starts_with('"') {
        let end = quoted(rest, '"');
        return (end, Some(&rest[1..end.max(2) - 1]));
    }
    if is_char_literal(rest) {
        return (quoted(rest, '\''), None);
    }
    (0, None)
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#` and their byte and C forms.
fn raw_string(rest: &str) -> Option<(usize, Option<&str>)> {
    let after_r = rest.strip_prefix('r').or_else(|| rest.strip_prefix("br")).or_else(|| rest.strip_prefix("cr"))?;
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let content = after_r[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = content.find(&close).unwrap_or(content.len());
    let start = rest.len() - content.len();
    Some(((start + length + close.len()).min(rest.len()), Some(&content[..length])))
}

/// End of a literal that begins with `quote` and may hold escapes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// Tells `'x'` and `'\n'` from the lifetime `'x`.
fn is_char_literal(rest: &str) -> bool {
    let mut chars = rest.chars();
    chars.next() == Some('\'') && matches!((chars.next(), chars.next()), (Some('\\'), _) | (Some(_), Some('\'')))
}

#[test]
fn code_and_literals_are_told_apart() {
    let text = "let a = \"SELECT \\\" 1\"; // say \"no\"\nlet b = r#\"raw \"x\" \"#; /* /* deep */ still */ let c = '\"';\nfn f<'a>(x: &'a str) {}\n";
    let source = Source::new("src/x.rs", text);

    assert_eq!(source.strings, [(1, "SELECT \\\" 1".to_owned()), (2, "raw \"x\" ".to_owned())]);
    assert_eq!(source.code.lines().count(), 3, "line numbers must be kept");
    assert!(source.code.contains("let c = ") && source.code.contains("fn f<'a>(x: &'a str) {}"));
    assert!(!source.code.contains("no") && !source.code.contains("still") && !source.code.contains("raw"));
}

#[test]
fn a_file_that_ends_in_the_middle_of_a_literal_is_still_read() {
    for text in ["let a = \"", "let a = r#\"x", "/* open", "'", "\\", "r#", "\"\\"] {
        Source::new("src/x.rs", text);
    }
}
