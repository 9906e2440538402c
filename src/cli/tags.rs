//! `tags list`: how often each tag is used, what may be the same under another spelling, and how many stories have none; as lines for the
//! configuration.

use super::context::{Context, print, print_json};
use crate::domain::count::counted;
use crate::domain::tag::Tag;
use crate::domain::text::Line;
use chrono::TimeDelta;
use serde_json::json;
use std::collections::BTreeMap;

/// What to do with tags.
#[derive(Debug, clap::Subcommand)]
pub enum TagsCommand {
    /// Counts, likely aliases, and the share of stories without a tag
    List(ListArgs),
}

/// Which stories.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: week-in-review tags list --days 30")]
pub struct ListArgs {
    /// Stories of so many days
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Print one JSON value
    #[arg(long)]
    json: bool,
}

/// Words that are so alike are likely the same.
const ALIKE: f64 = 0.9;
/// Tags that are compared with each other; beyond that the list is nobody's to read.
const COMPARED: usize = 600;

/// A tag and how many stories have it.
type Count = (Tag, usize);

/// Does what was asked.
pub fn run(command: &TagsCommand, context: &Context) -> anyhow::Result<()> {
    let TagsCommand::List(args) = command;
    let app = context.app()?;
    let labels = app.store.labels_since(app.now() - TimeDelta::days(i64::from(args.days)))?;
    let stories = labels.len();
    let mut counts: BTreeMap<Tag, usize> = BTreeMap::new();
    let mut untagged = 0;
    for labels in &labels {
        let tags = app.config.tags.fold(labels.iter().map(Line::as_str));
        untagged += usize::from(tags.is_empty());
        for tag in tags {
            *counts.entry(tag).or_default() += 1;
        }
    }
    let mut counts: Vec<Count> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let aliases = likely_aliases(&counts);
    if args.json {
        let tags: Vec<_> = counts.iter().map(|(tag, n)| json!({"tag": tag.label(), "stories": n})).collect();
        let aliases: Vec<_> =
            aliases.iter().map(|(tag, same)| json!({"tag": tag.label(), "aliases": same.iter().map(|t| t.label()).collect::<Vec<_>>()})).collect();
        return print_json(&json!({"stories": stories, "untagged": untagged, "tags": tags, "likely_aliases": aliases}));
    }
    print(&text(&counts, &aliases, stories, untagged))
}

fn text(counts: &[Count], aliases: &[(&Tag, Vec<&Tag>)], stories: usize, untagged: usize) -> String {
    let share = (untagged * 100).checked_div(stories).unwrap_or_default();
    let of = counted(stories, "story");
    let mut text = format!("# {untagged} of {of} have no tag ({share} %)\n");
    for (tag, n) in counts {
        text.push_str(&format!("# {n:>5}  {}\n", tag.label()));
    }
    if !aliases.is_empty() {
        text.push_str("\n# likely the same; keep what is right\n[tags.aliases]\n");
    }
    for (tag, same) in aliases {
        let list: Vec<String> = same.iter().map(|tag| format!("{:?}", tag.label())).collect();
        text.push_str(&format!("{:?} = [{}]\n", tag.label(), list.join(", ")));
    }
    text
}

/// Tags that are likely another one under another spelling; the one that more stories have stands before the equals sign.
fn likely_aliases(counts: &[Count]) -> Vec<(&Tag, Vec<&Tag>)> {
    let mut taken = vec![false; counts.len().min(COMPARED)];
    let mut found = Vec::new();
    for at in 0..taken.len() {
        if taken[at] {
            continue;
        }
        let mut same = Vec::new();
        for other in at + 1..taken.len() {
            if !taken[other] && may_be_the_same(counts[at].0.key(), counts[other].0.key()) {
                taken[other] = true;
                same.push(&counts[other].0);
            }
        }
        if !same.is_empty() {
            found.push((&counts[at].0, same));
        }
    }
    found
}

/// One the plural of the other, the same words in another order or written together, or a letter apart in a long word.
fn may_be_the_same(one: &str, other: &str) -> bool {
    let plain = |key: &str| key.replace('-', "");
    let singular = |key: &str| {
        let key = plain(key);
        let stem = key.strip_suffix("ies").map(|stem| format!("{stem}y"));
        stem.or_else(|| key.strip_suffix("es").map(str::to_owned))
            .or_else(|| key.strip_suffix('s').map(str::to_owned))
            .unwrap_or(key)
    };
    let sorted = |key: &str| {
        let mut words: Vec<&str> = key.split('-').collect();
        words.sort_unstable();
        words.join("-")
    };
    let has_numbers = one.chars().chain(other.chars()).any(char::is_numeric);
    plain(one) == plain(other)
        || (one.len() > 3 && singular(one) == singular(other))
        || sorted(one) == sorted(other)
        || (!has_numbers
            && one.chars().count().min(other.chars().count()) >= 7
            && strsim::normalized_damerau_levenshtein(one, other) > ALIKE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likely_aliases_are_found_and_others_left_alone() {
        for (one, other) in [
            ("sanction", "sanctions"),
            ("policies", "policy"),
            ("oil-gas", "gas-oil"),
            ("cyber-security", "cybersecurity"),
            ("azerbaijan", "azerbaidjan"),
        ] {
            assert!(may_be_the_same(one, other), "{one} {other}");
        }
        for (one, other) in
            [("iran", "iraq"), ("election-2024", "election-2025"), ("austria", "australia"), ("us", "u")]
        {
            assert!(!may_be_the_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn the_more_used_tag_stands_before_the_equals_sign() {
        let tag = |label| Tag::parse(label).unwrap();
        let counts = [(tag("Sanctions"), 9), (tag("Energy"), 5), (tag("Sanction"), 2)];
        let text = text(&counts, &likely_aliases(&counts), 20, 5);
        assert!(text.starts_with("# 5 of 20 stories have no tag (25 %)\n"), "{text}");
        assert!(text.ends_with("[tags.aliases]\n\"Sanctions\" = [\"Sanction\"]\n"), "{text}");
    }
}
