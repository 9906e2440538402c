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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::fixture::{issue, newsletter, section, slug, story};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn topics(slugs: &[&str]) -> Choice {
        Choice::Topics(slugs.iter().map(|text| slug(text)).collect())
    }

    fn titles(cut: &Cut<'_>) -> Vec<(String, Vec<i64>, usize)> {
        let section = |s: &CutSection<'_>| {
            (s.section.slug.to_string(), s.stories.iter().map(|x| x.article.0).collect(), s.more.len())
        };
        cut.sections.iter().map(section).collect()
    }

    #[test]
    fn a_story_stands_once_in_the_first_section_that_it_fits() {
        let sections = vec![section("nuclear", &["nuclear"], 4), section("lobbying", &["lobbying"], 4)];
        let stories = vec![
            story(1, &["other", "nuclear"], "en"),
            story(2, &["lobbying", "nuclear"], "en"),
            story(3, &["lobbying"], "en"),
        ];
        let issue = issue(newsletter(sections), stories);
        let whole = cut(&issue, &Choice::Everything);
        assert_eq!(whole.lead.map(|story| story.article.0), Some(1));
        assert_eq!(titles(&whole), [("nuclear".to_owned(), vec![2], 0), ("lobbying".to_owned(), vec![3], 0)]);
    }

    #[test]
    fn a_reader_of_lobbying_gets_the_story_that_stands_under_nuclear_for_others() {
        let sections = vec![section("nuclear", &["nuclear"], 4), section("lobbying", &["lobbying"], 4)];
        let stories =
            vec![story(1, &["nuclear"], "en"), story(2, &["lobbying", "nuclear"], "en"), story(3, &["lobbying"], "en")];
        let issue = issue(newsletter(sections), stories);
        let theirs = cut(&issue, &topics(&["lobbying"]));
        assert_eq!(theirs.lead.map(|story| story.article.0), Some(2));
        assert_eq!(titles(&theirs), [("lobbying".to_owned(), vec![3], 0)]);
    }

    #[test]
    fn beyond_the_cap_stories_stand_on_the_web() {
        let stories = (1..=6).map(|id| story(id, &["a"], "en")).collect();
        let issue = issue(newsletter(vec![section("a", &["a"], 3)]), stories);
        assert_eq!(titles(&cut(&issue, &Choice::Everything)), [("a".to_owned(), vec![2, 3, 4], 2)]);
    }

    #[test]
    fn a_foreign_story_stands_in_the_section_of_its_language() {
        let mut persian = section("persian", &[], 4);
        persian.language = Some(Language::parse("fa").unwrap());
        let sections = vec![section("energy", &["energy"], 4), persian];
        let issue = issue(newsletter(sections), vec![story(1, &["energy"], "en"), story(2, &["energy"], "fa-IR")]);
        assert_eq!(titles(&cut(&issue, &Choice::Everything)), [("persian".to_owned(), vec![2], 0)]);
        // Who did not choose the Persian section still gets it among their topic.
        assert_eq!(titles(&cut(&issue, &topics(&["energy"]))), [("energy".to_owned(), vec![2], 0)]);
    }

    #[test]
    fn topics_that_are_gone_are_no_choice_and_no_match_is_an_empty_cut() {
        let issue =
            issue(newsletter(vec![section("a", &["a"], 3), section("b", &["b"], 3)]), vec![story(1, &["a"], "en")]);
        assert_eq!(cut(&issue, &topics(&["gone"])).story_count(), 1);
        assert!(cut(&issue, &topics(&["b"])).is_empty());
    }

    proptest! {
        #[test]
        fn every_story_of_a_cut_stands_exactly_once_and_belongs_to_the_choice(
            tags in prop::collection::vec(prop::collection::btree_set(0usize..5, 0..4), 0..40),
            chosen in prop::collection::btree_set(0usize..4, 0..4),
            cap in 1usize..6,
        ) {
            let names = ["a", "b", "c", "d", "e"];
            let sections = names[..4].iter().map(|name| section(name, &[name], cap)).collect();
            let stories: Vec<Story> = tags.iter().enumerate()
                .map(|(n, tags)| story(n as i64, &tags.iter().map(|t| names[*t]).collect::<Vec<_>>(), "en")).collect();
            let issue = issue(newsletter(sections), stories);
            let slugs: BTreeSet<_> = chosen.iter().map(|n| slug(names[*n])).collect();
            let choice = if slugs.is_empty() { Choice::Everything } else { Choice::Topics(slugs) };
            let cut = cut(&issue, &choice);
            let mut seen: Vec<i64> = cut.lead.iter().map(|story| story.article.0).collect();
            for section in &cut.sections {
                prop_assert!(!section.stories.is_empty() && section.stories.len() <= cap);
                seen.extend(section.stories.iter().chain(&section.more).map(|story| story.article.0));
            }
            let distinct: BTreeSet<i64> = seen.iter().copied().collect();
            prop_assert_eq!(distinct.len(), seen.len());
            let wanted = |tags: &BTreeSet<usize>| tags.iter().any(|t| *t < 4 && (chosen.is_empty() || chosen.contains(t)));
            let expected: BTreeSet<i64> = tags.iter().enumerate().filter(|(_, tags)| wanted(tags)).map(|(n, _)| n as i64).collect();
            prop_assert_eq!(distinct, expected);
        }
    }
}
