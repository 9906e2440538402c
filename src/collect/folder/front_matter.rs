//! Front matter: the YAML (`---`), TOML (`+++`) or JSON block with which Hugo, Jekyll, Zola, Astro and Eleventy open a file.

use crate::collect::page::Remark;
use serde_json::{Map, Value};

/// What a file says of itself, and the text after it. What is broken in it is read as far as it can be and told in `remarks`.
pub fn split<'t>(text: &'t str, remarks: &mut Vec<Remark>) -> (Map<String, Value>, &'t str) {
    let text = text.trim_start_matches('\u{FEFF}');
    let before = text.len() - text.trim_start_matches(['\n', '\r']).len();
    if let Some(found) = object(text) {
        return found;
    }
    for (fence, read) in
        [("---", yaml as Reading), ("+++", toml), ("---json", yaml), ("---yaml", yaml), ("---toml", toml)]
    {
        if let Some((block, rest)) = fenced(text, fence) {
            let (map, broken) = read(block);
            // The block begins below its fence.
            remarks.extend(broken.map(|(line, words)| Remark { line: line + 1 + before, words }));
            return (map, rest);
        }
    }
    if text[before..].lines().next().is_some_and(|line| matches!(line.trim_end(), "---" | "+++"))
        && looks_like_front_matter(text)
    {
        remarks.push(Remark {
            line: 1,
            words: "the front matter that begins here has no end; it is taken for text".to_owned(),
        });
    }
    (Map::new(), text)
}

/// Hugo's third way: an object in JSON, without a fence, with a line to itself where it ends.
fn object(text: &str) -> Option<(Map<String, Value>, &str)> {
    let text = text.trim_start_matches(['\n', '\r']);
    if !text.starts_with('{') {
        return None;
    }
    let mut read = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    let map = read.next()?.ok().filter(|map| !map.is_empty())?;
    let rest = text.get(read.byte_offset()..)?.trim_start_matches([' ', '\t', '\r']);
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix('\n')? };
    Some((map, rest))
}

/// A way to read a block: what it says, and the first line that is broken, with the reason.
type Reading = fn(&str) -> (Map<String, Value>, Option<(usize, String)>);

/// Whether the second line is a key with a value, and not prose below a rule.
fn looks_like_front_matter(text: &str) -> bool {
    let second = text.trim_start().lines().nth(1).unwrap_or_default();
    second.split_once([':', '=']).is_some_and(|(key, _)| !key.trim().is_empty() && !key.trim().contains(' '))
}

/// The line of the file on which a key stands; 1 where it is not found.
pub fn line_of(text: &str, key: &str) -> usize {
    let is_key =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with([':', '=']));
    text.lines().position(is_key).map_or(1, |at| at + 1)
}

/// The block between two lines that are the fence alone.
fn fenced<'t>(text: &'t str, fence: &str) -> Option<(&'t str, &'t str)> {
    let text = text.trim_start_matches(['\n', '\r']);
    let (first, rest) = text.split_once('\n')?;
    if first.trim_end() != fence {
        return None;
    }
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        // A fence that names its language ends with the plain one.
        let end = if fence.starts_with("---") { "---" } else { fence };
        if line.trim_end() == end || (end == "---" && line.trim_end() == "...") {
            return Some((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

fn yaml(block: &str) -> (Map<String, Value>, Option<(usize, String)>) {
    match serde_saphyr::from_str::<Value>(block) {
        Ok(Value::Object(map)) => (map, None),
        Ok(Value::Null) => (Map::new(), None),
        Ok(_) => (line_by_line(block), Some((1, "the front matter is no list of keys and values".to_owned()))),
        // `title: Votes: a history` is no YAML, and everybody writes it.
        Err(error) => {
            let line = error.location().map_or(1, |at| at.line() as usize);
            (line_by_line(block), Some((line, "broken YAML; read line by line".to_owned())))
        }
    }
}

fn toml(block: &str) -> (Map<String, Value>, Option<(usize, String)>) {
    match block.parse::<::toml::Table>() {
        Ok(table) => (table.into_iter().map(|(key, value)| (key, json(value))).collect(), None),
        Err(error) => {
            let line = error.span().map_or(1, |span| block[..span.start.min(block.len())].lines().count().max(1));
            let words = format!("broken TOML ({}); read line by line", error.message());
            (line_by_line(&block.replace(" = ", ": ")), Some((line, words)))
        }
    }
}

fn json(value: ::toml::Value) -> Value {
    match value {
        ::toml::Value::String(text) => Value::String(text),
        ::toml::Value::Integer(number) => Value::from(number),
        ::toml::Value::Float(number) => Value::from(number),
        ::toml::Value::Boolean(flag) => Value::Bool(flag),
        ::toml::Value::Datetime(at) => Value::String(at.to_string()),
        ::toml::Value::Array(values) => Value::Array(values.into_iter().map(json).collect()),
        ::toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect())
        }
    }
}

/// `key: value` lines, and `- item` lines below an empty key.
fn line_by_line(block: &str) -> Map<String, Value> {
    let mut map = Map::new();
    let mut list: Option<String> = None;
    for line in block.lines() {
        if let (Some(item), Some(key)) = (line.trim_start().strip_prefix("- "), &list) {
            if let Some(Value::Array(items)) = map.get_mut(key) {
                items.push(Value::String(unquoted(item).to_owned()));
            }
            continue;
        }
        let Some((key, value)) =
            line.split_once(':').filter(|(key, _)| !key.starts_with(char::is_whitespace) && !key.contains(' '))
        else {
            continue;
        };
        let value = value.trim();
        list = value.is_empty().then(|| key.to_owned());
        let value = match value.strip_prefix('[').and_then(|v| v.strip_suffix(']')) {
            Some(items) => {
                Value::Array(items.split(',').map(|item| Value::String(unquoted(item).to_owned())).collect())
            }
            None if value.is_empty() => Value::Array(Vec::new()),
            None => Value::String(unquoted(value).to_owned()),
        };
        map.insert(key.to_owned(), value);
    }
    map
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_toml_blocks_are_read() {
        let (map, rest) = split("---\ntitle: \"A\"\ntags: [x, y]\ndate: 2026-11-20\n---\nbody", &mut Vec::new());
        assert_eq!(
            (map["title"].as_str(), map["tags"].as_array().map(Vec::len), map["date"].as_str(), rest),
            (Some("A"), Some(2), Some("2026-11-20"), "body")
        );
        let (map, rest) = split(
            "+++\ntitle = 'B'\ndate = 2026-11-20T08:30:00+01:00\n[taxonomies]\ntags = ['x']\n+++\nbody",
            &mut Vec::new(),
        );
        assert_eq!(
            (map["title"].as_str(), map["date"].as_str(), rest),
            (Some("B"), Some("2026-11-20T08:30:00+01:00"), "body")
        );
        assert_eq!(map["taxonomies"]["tags"][0].as_str(), Some("x"));
    }

    #[test]
    fn json_is_read_bare_and_between_fences() {
        for text in [
            "{\n \"title\": \"A\",\n \"tags\": [\"x\"]\n}\n\nbody",
            "---json\n{\"title\": \"A\", \"tags\": [\"x\"]}\n---\n\nbody",
            "---toml\ntitle = 'A'\ntags = ['x']\n---\n\nbody",
        ] {
            let (map, rest) = split(text, &mut Vec::new());
            assert_eq!(
                (map["title"].as_str(), map["tags"][0].as_str(), rest.trim()),
                (Some("A"), Some("x"), "body"),
                "{text}"
            );
        }
        for text in ["{{< figure >}}\ntext", "{\"a\": 1} and prose", "{} \n"] {
            assert_eq!(split(text, &mut Vec::new()), (Map::new(), text));
        }
    }

    #[test]
    fn broken_yaml_is_read_line_by_line() {
        let (map, _) = split("---\ntitle: Votes: a history\ntags:\n  - one\n  - 'two'\n---\n", &mut Vec::new());
        assert_eq!((map["title"].as_str(), map["tags"][1].as_str()), (Some("Votes: a history"), Some("two")));
    }

    #[test]
    fn a_rule_at_the_top_is_no_front_matter() {
        assert_eq!(
            split("---\n\nA text without an end to the block", &mut Vec::new()).1,
            "---\n\nA text without an end to the block"
        );
        assert_eq!(split("plain", &mut Vec::new()).1, "plain");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(---\\n|\\+\\+\\+\\n|[a-z]{1,5}: |- |\\[|\\]|'|\"|&a |\\*a |\\n|\\PC){0,40}") {
            let _ = split(&text, &mut Vec::new());
        }
    }
}
