//! One cut of an issue: which story leads, which sections there are, and where each story stands.
//!
//! A reader's choice first filters stories by any of their tags, then fills sections, so that a reader of Lobbying also gets the story that
//! stands under Nuclear for others. A story stands once, in the first section that it fits; a story in another language than the newsletter's
//! stands in the section of its language, if there is one.

use crate::domain::issue::{Choice, Cut, CutSection, Issue, Story};
use crate::domain::newsletter::{Newsletter, Section};
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::Language;

/// The cut that a choice of topics gives. Everything is one of the choices.
pub fn cut<'a>(issue: &'a Issue, choice: &Choice) -> Cut<'a> {
    let newsletter = &issue.newsletter;
    let sections = chosen_sections(newsletter, choice);
    let placed: Vec<(&Story, &Section)> = issue
        .stories
        .iter()
        .filter_map(|story| place(newsletter, &sections, &story.tags, &story.language).map(|section| (story, section)))
        .collect();
    let lead = lead_of(&placed);
    let sections = sections.iter().filter_map(|section| fill(section, &placed, lead.map(|(story, _)| story))).collect();
    Cut {
        issue,
        lead: lead.map(|(story, _)| story),
        lead_section: lead.map(|(_, section)| &section.slug),
        sections,
        events: &issue.events,
    }
}

/// The section in which a story with these tags and this language stands in the whole issue; `None` when it fits none.
pub fn place_in_whole<'a>(newsletter: &'a Newsletter, tags: &[Tag], language: &Language) -> Option<&'a Section> {
    let sections: Vec<&Section> = newsletter.sections.iter().collect();
    place(newsletter, &sections, tags, language)
}

fn chosen_sections<'a>(newsletter: &'a Newsletter, choice: &Choice) -> Vec<&'a Section> {
    let chosen = |slug: &Slug| match choice {
        Choice::Everything => true,
        Choice::Topics(topics) => topics.contains(slug),
    };
    let sections: Vec<&Section> = newsletter.sections.iter().filter(|section| chosen(&section.slug)).collect();
    // Topics that are all gone are no choice any more: such a reader gets everything rather than silence.
    let known =
        |topics: &std::collections::BTreeSet<Slug>| topics.iter().any(|slug| newsletter.section(slug).is_some());
    match choice {
        Choice::Topics(topics) if !known(topics) => newsletter.sections.iter().collect(),
        _ => sections,
    }
}

fn place<'a>(
    newsletter: &Newsletter,
    sections: &[&'a Section],
    tags: &[Tag],
    language: &Language,
) -> Option<&'a Section> {
    let foreign = language.primary() != newsletter.language.primary();
    let speaks =
        |section: &Section| section.language.as_ref().is_some_and(|wanted| wanted.primary() == language.primary());
    let home = sections.iter().find(|section| foreign && speaks(section));
    let fits = |section: &Section| section.rest || speaks(section) || section.tags.iter().any(|tag| tags.contains(tag));
    home.or_else(|| sections.iter().find(|section| fits(section))).copied()
}

/// The story with the highest score leads; stories stand in the order of their score. It must have something to say below its headline.
fn lead_of<'a>(placed: &[(&'a Story, &'a Section)]) -> Option<(&'a Story, &'a Section)> {
    placed.iter().find(|(story, _)| !story.summary.is_empty()).copied()
}

fn fill<'a>(section: &'a Section, placed: &[(&'a Story, &'a Section)], lead: Option<&Story>) -> Option<CutSection<'a>> {
    let is_lead = |story: &Story| lead.is_some_and(|lead| lead.article == story.article);
    let mut stories: Vec<&Story> = placed
        .iter()
        .filter(|(story, home)| home.slug == section.slug && !is_lead(story))
        .map(|(story, _)| *story)
        .collect();
    let more = if stories.len() > section.cap { stories.split_off(section.cap.max(1)) } else { Vec::new() };
    if stories.is_empty() { None } else { Some(CutSection { section, stories, more }) }
}
