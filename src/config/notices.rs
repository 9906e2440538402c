//! `[[notices]]`: what stands beside the stories from one date to another.

use super::document::Node;
use super::reader::{Parsed, Table};
use super::values::{date, line, markdown, slug, switch};
use crate::domain::newsletter::Newsletter;
use crate::domain::notice::{Notice, NoticePlace, PlannedNotice};
use crate::domain::prose::Prose;
use crate::domain::tag::Slug;

/// Reads all notices.
pub(super) fn read(tables: &[Table<'_>], newsletters: &[Newsletter]) -> Vec<PlannedNotice> {
    tables.iter().filter_map(|table| notice(table, newsletters)).collect()
}

fn notice(table: &Table<'_>, newsletters: &[Newsletter]) -> Option<PlannedNotice> {
    let words = table.required("text", "\"Our *autumn fair* opens on Friday.\"", markdown);
    if words.as_ref().is_some_and(Prose::is_empty) {
        table.problem("text", "says nothing");
    }
    let place = table.or("place", "\"footer\"", place);
    let (from, until) = (table.optional("from", date), table.optional("until", date));
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        table.problem("until", format!("{until} lies before from ({from})"));
    }
    let known = |node: &Node| -> Parsed<Slug> {
        let slug = slug(node)?;
        let there = newsletters.is_empty() || newsletters.iter().any(|newsletter| newsletter.slug == slug);
        if there { Ok(slug) } else { Err(format!("no newsletter is called \"{slug}\"")) }
    };
    let named = table.list("newsletters", known);
    let label = table.or("label", "\"\"", line);
    let sponsored = table.or("sponsored", "false", switch);
    if let NoticePlace::After(section) = &place {
        let printing = newsletters.iter().filter(|newsletter| named.is_empty() || named.contains(&newsletter.slug));
        if !newsletters.is_empty() && printing.clone().all(|newsletter| newsletter.section(section).is_none()) {
            table.problem("place", format!("none of its newsletters has a section \"{section}\""));
        }
    }
    table.done();
    let notice = Notice { text: words?, place, label, sponsored };
    Some(PlannedNotice { notice, from, until, newsletters: named })
}

fn place(node: &Node) -> Parsed<NoticePlace> {
    let text = node.text()?;
    match (text, text.strip_prefix("after ")) {
        ("top", _) => Ok(NoticePlace::Top),
        ("footer", _) => Ok(NoticePlace::Footer),
        (_, Some(section)) => Slug::parse(section.trim()).map(NoticePlace::After).map_err(|error| error.to_string()),
        _ => Err(format!("must be \"top\", \"after SECTION\" or \"footer\", not {text:?}")),
    }
}
