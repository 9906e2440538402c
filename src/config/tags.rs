//! `[tags]`: which labels mean the same, which are wider than others, and what stories without any are given.

use super::document::Node;
use super::reader::{Parsed, Table};
use super::values::{label, slug, tag, text};
use crate::domain::tag::{Tag, TagAliases};
use crate::domain::tag_rule::TagRule;

/// Reads the table.
pub(super) fn read(table: &Table<'_>) -> TagAliases {
    let ignored = table.list("ignored", label);
    let hierarchy = table.list("hierarchy", path_of_tags);
    let folds = table.table("aliases").named_lists(label);
    let rules: Vec<TagRule> = table.tables("rules").iter().filter_map(rule).collect();
    table.done();
    let folds = folds.iter().map(|(tag, aliases)| (tag.as_str(), aliases.iter().map(String::as_str).collect()));
    TagAliases::new(folds, ignored.iter().map(String::as_str))
        .with_hierarchy(hierarchy.iter().map(String::as_str))
        .with_rules(rules)
}

/// `Economy > Energy`, at least two tags.
fn path_of_tags(node: &Node) -> Parsed<String> {
    let path = node.text()?;
    let parts = path.split('>').filter(|part| Tag::parse(part).is_some()).count();
    if parts < 2 {
        return Err(format!("{path:?} is no path of tags such as \"Economy > Energy\""));
    }
    Ok(path.to_owned())
}

/// Reads one of `[[tags.rules]]`.
fn rule(table: &Table<'_>) -> Option<TagRule> {
    let tag = table.required("tag", "\"Energy\"", tag);
    let (column, source) = (table.optional("column", text), table.optional("source", slug));
    let (url, words) = (table.optional("url", text), table.list("words", text));
    if tag.is_some() && column.is_none() && source.is_none() && url.is_none() && words.is_empty() {
        table.problem("tag", "every story without a tag would get it; add column, source, url or words");
    }
    table.done();
    Some(TagRule { tag: tag?, column, source, url, words })
}
