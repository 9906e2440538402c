//! The line that inboxes show beside the subject: real text built from the top headlines, without invisible filler.

use super::sheet::Sheet;
use crate::domain::issue::{Cut, Story};
use crate::domain::text::Line;
use crate::templates::texts::Texts;
use crate::templates::tokens;
use crate::templates::typography::whole_sentences;
use maud::{Markup, html};

/// Inboxes show about so many characters at least; fewer, and they go on with whatever comes next in the mail.
const LEAST: usize = 150;
/// More is never shown.
const MOST: usize = 250;

/// The preheader, as a hidden first element of the body.
pub fn hidden(sheet: &Sheet<'_>) -> Markup {
    let style = format!(
        "display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:{};mso-hide:all",
        tokens::PAGE
    );
    html! { div style=(style) { (preheader(sheet.cut)) } }
}

/// The editor's own words; without them 150 to 250 characters: what the subject has not said yet, then the next headlines of the issue, each section's first before its second.
pub fn preheader(cut: &Cut<'_>) -> String {
    if let Some(written) = &cut.issue.written.preheader {
        return written.to_string();
    }
    let subject = cut.issue.subject.as_str();
    let mut out = templated(cut);
    if let Some(lead) =
        cut.lead.filter(|lead| !subject.contains(lead.title.as_str()) && !out.contains(lead.title.as_str()))
    {
        append(&mut out, lead.title.as_str());
    }
    for story in headlines(cut) {
        if out.chars().count() >= LEAST {
            break;
        }
        append(&mut out, story.title.as_str());
    }
    if out.chars().count() < LEAST {
        fill(&mut out, cut);
    }
    out
}

/// The publisher's own words, if there are any: headlines follow where they leave room.
fn templated(cut: &Cut<'_>) -> String {
    let template = &cut.issue.newsletter.brand.livery.preheader;
    Line::clean_to(&cut.filled(template), MOST).as_str().to_owned()
}

/// The headlines after the lead, in the order in which one would read them out.
fn headlines<'a>(cut: &Cut<'a>) -> Vec<&'a Story> {
    let rounds = cut.sections.iter().map(|section| section.stories.len()).max().unwrap_or(0);
    (0..rounds)
        .flat_map(|round| cut.sections.iter().filter_map(move |section| section.stories.get(round).copied()))
        .collect()
}

/// Few headlines leave room: the lead's summary, then whose newsletter it is.
fn fill(out: &mut String, cut: &Cut<'_>) {
    if let Some(lead) = cut.lead {
        let room = MOST.saturating_sub(out.chars().count() + 3);
        let summary = whole_sentences(lead.summary.as_str(), room);
        append(out, summary);
    }
    if out.chars().count() < LEAST {
        let newsletter = &cut.issue.newsletter;
        let comma = Texts::of(&newsletter.language).say("list-comma");
        append(out, &format!("{}{comma}{}", newsletter.title, newsletter.publication.name));
    }
}

/// Appends what fits whole.
fn append(out: &mut String, words: &str) {
    let separator = if out.is_empty() { "" } else { " · " };
    if !words.is_empty() && out.chars().count() + separator.chars().count() + words.chars().count() <= MOST {
        out.push_str(separator);
        out.push_str(words);
    }
}
