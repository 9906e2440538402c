//! One cut of an issue: which story leads, which sections there are, and where each story stands.
//!
//! A reader's choice first filters stories by any of their tags, then fills sections, so that a reader of Lobbying also gets the story that
//! stands under Nuclear for others. A story stands once, in the first section that it fits: the one that the editor moved it to, else that of its
//! language if it is not the newsletter's, else the first that gathers its source or one of its tags, else the one of the rest, wherever that stands. A
//! section with fewer stories than its minimum gives them to the next sections that they fit, if all of them fit one.

use crate::domain::issue::{Choice, Cut, CutSection, Issue, Next, Story};
use crate::domain::newsletter::{Heir, Newsletter, Section};
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::Language;
use std::collections::BTreeSet;

/// Stories offered under "Next for you".
const NEXT: usize = 2;

/// What decides where a story stands.
#[derive(Debug, Clone, Copy)]
pub struct Traits<'a> {
    /// Its tags, folded.
    pub tags: &'a [Tag],
    /// Its language.
    pub language: &'a Language,
    /// Its source.
    pub source: Option<&'a Slug>,
    /// Where the editor moved it.
    pub home: Option<&'a Slug>,
}

impl<'a> Traits<'a> {
    fn of(story: &'a Story) -> Self {
        Self {
            tags: &story.tags,
            language: &story.language,
            source: story.source_id.as_ref(),
            home: story.home.as_ref(),
        }
    }
}

/// Why a section takes a story.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The editor moved it there.
    Hand,
    /// It is the section of its language, which is not the newsletter's.
    Language,
    /// The section gathers its source.
    Source,
    /// The section gathers this tag of it.
    Tag(String),
    /// The section gathers what fits no other.
    Rest,
}

/// The cut that a choice of topics gives. Everything is one of the choices.
pub fn cut<'a>(issue: &'a Issue, choice: &Choice) -> Cut<'a> {
    let newsletter = &issue.newsletter;
    let sections = chosen_sections(newsletter, choice);
    let mut placed = placed_in(issue, &sections);
    leave_to_others(issue, &sections, &mut placed);
    dissolve(newsletter, &sections, &mut placed);
    let lead = lead_of(issue, &placed);
    let next = next(issue, &placed);
    let sections = sections.iter().filter_map(|section| fill(section, &placed, lead.map(|(story, _)| story))).collect();
    Cut {
        issue,
        lead: lead.map(|(story, _)| story),
        lead_section: lead.map(|(_, section)| &section.slug),
        sections,
        events: &issue.events,
        next,
    }
}

/// The section in which a story stands in the whole issue, were no section below its minimum; `None` when it fits none.
pub fn place_in_whole<'a>(newsletter: &'a Newsletter, traits: Traits<'_>) -> Option<&'a Section> {
    let sections: Vec<&Section> = newsletter.sections.iter().collect();
    place(newsletter, &sections, traits)
}

/// Why a section takes a story; `None` when it does not.
pub fn why(newsletter: &Newsletter, section: &Section, traits: Traits<'_>) -> Option<Because> {
    if traits.home == Some(&section.slug) {
        return Some(Because::Hand);
    }
    let speaks = section.language.as_ref().is_some_and(|wanted| wanted.primary() == traits.language.primary());
    if speaks && traits.language.primary() != newsletter.language.primary() {
        return Some(Because::Language);
    }
    if traits.source.is_some_and(|source| section.sources.contains(source)) {
        return Some(Because::Source);
    }
    if let Some(tag) = section.tags.iter().find(|tag| traits.tags.contains(tag)) {
        return Some(Because::Tag(tag.label().to_owned()));
    }
    if speaks {
        return Some(Because::Language);
    }
    section.rest.then_some(Because::Rest)
}

/// What a topic means now: itself while it is a section, else its heir's, whose heir may be gone too. `None` when nothing in the configuration says.
fn heir<'a>(newsletter: &'a Newsletter, topic: &'a Slug) -> Option<&'a Heir> {
    let heir_of = |slug: &Slug| newsletter.policy.heirs.iter().find(|(gone, _)| gone == slug).map(|(_, heir)| heir);
    let mut heir = heir_of(topic)?;
    // More steps than heirs are a circle.
    for _ in 0..newsletter.policy.heirs.len() {
        match heir {
            Heir::Section(slug) if newsletter.section(slug).is_none() => heir = heir_of(slug)?,
            found => return Some(found),
        }
    }
    None
}

/// The slugs of a choice as they are now: a topic that is no section any more counts as its heir. `None` stands for everything.
fn inherited(newsletter: &Newsletter, topics: &BTreeSet<Slug>) -> Option<BTreeSet<Slug>> {
    let mut now = BTreeSet::new();
    for topic in topics {
        match heir(newsletter, topic) {
            _ if newsletter.section(topic).is_some() => now.insert(topic.clone()),
            Some(Heir::Section(slug)) => now.insert(slug.clone()),
            Some(Heir::Everything) => return None,
            None => false,
        };
    }
    // Topics that are all gone are no choice any more: such a reader gets everything rather than silence.
    (!now.is_empty()).then_some(now)
}

/// The topics of a choice that lead nowhere: sections that are gone without an heir.
pub fn orphans(newsletter: &Newsletter, choice: &Choice) -> Vec<Slug> {
    let Choice::Topics(topics) = choice else { return Vec::new() };
    let leads = |topic: &Slug| newsletter.section(topic).is_some() || heir(newsletter, topic).is_some();
    topics.iter().filter(|topic| !leads(topic)).cloned().collect()
}

/// The topics that a choice means now; `None` for everything.
pub fn topics_now(newsletter: &Newsletter, choice: &Choice) -> Option<BTreeSet<Slug>> {
    match choice {
        Choice::Everything => None,
        Choice::Topics(topics) => inherited(newsletter, topics),
    }
}

fn chosen_sections<'a>(newsletter: &'a Newsletter, choice: &Choice) -> Vec<&'a Section> {
    let topics = topics_now(newsletter, choice);
    let chosen = |section: &&Section| topics.as_ref().is_none_or(|topics| topics.contains(&section.slug));
    newsletter.sections.iter().filter(chosen).collect()
}

fn placed_in<'a>(issue: &'a Issue, sections: &[&'a Section]) -> Vec<(&'a Story, &'a Section)> {
    let place = |story| place(&issue.newsletter, sections, Traits::of(story)).map(|section| (story, section));
    issue.stories.iter().filter_map(place).collect()
}

/// A section that gathers the rest has for a reader of it what it has in the whole issue: not the stories of all the sections that they did not choose.
fn leave_to_others<'a>(issue: &'a Issue, sections: &[&'a Section], placed: &mut Vec<(&'a Story, &'a Section)>) {
    let newsletter = &issue.newsletter;
    if sections.len() == newsletter.sections.len() || !sections.iter().any(|section| section.rest) {
        return;
    }
    let all: Vec<&Section> = newsletter.sections.iter().collect();
    let mut whole = placed_in(issue, &all);
    dissolve(newsletter, &all, &mut whole);
    let rest: BTreeSet<i64> =
        whole.iter().filter(|(_, section)| section.rest).map(|(story, _)| story.article.0).collect();
    placed.retain(|(story, section)| {
        why(newsletter, section, Traits::of(story)) != Some(Because::Rest) || rest.contains(&story.article.0)
    });
}

fn place<'a>(newsletter: &Newsletter, sections: &[&'a Section], traits: Traits<'_>) -> Option<&'a Section> {
    let reasons: Vec<(&'a Section, Because)> =
        sections.iter().filter_map(|section| Some((*section, why(newsletter, section, traits)?))).collect();
    let foreign = traits.language.primary() != newsletter.language.primary();
    let by = |wanted: Because| reasons.iter().find(|(_, because)| *because == wanted);
    let home = by(Because::Hand).or_else(|| by(Because::Language).filter(|_| foreign));
    // The rest is what fits no other section, also where an editor puts it before them.
    let named = || reasons.iter().find(|(_, because)| *because != Because::Rest);
    home.or_else(named).or_else(|| reasons.first()).map(|(section, _)| *section)
}

/// Gives the stories of sections below their minimum to others.
fn dissolve<'a>(newsletter: &Newsletter, sections: &[&'a Section], placed: &mut [(&'a Story, &'a Section)]) {
    let mut left: Vec<&Section> = sections.to_vec();
    for thin in sections.iter().filter(|section| section.minimum > 1) {
        let own: Vec<usize> = (0..placed.len()).filter(|at| placed[*at].1.slug == thin.slug).collect();
        if own.is_empty() || own.len() >= thin.minimum {
            continue;
        }
        let others: Vec<&Section> = left.iter().copied().filter(|section| section.slug != thin.slug).collect();
        let homes: Option<Vec<&Section>> =
            own.iter().map(|at| place(newsletter, &others, Traits::of(placed[*at].0))).collect();
        if let Some(homes) = homes {
            own.iter().zip(homes).for_each(|(at, home)| placed[*at].1 = home);
            left = others;
        }
    }
}

/// The editor's lead, where it stands; else the story with the highest score: stories stand in the order of their score. That one must have something
/// to say below its headline.
fn lead_of<'a>(issue: &Issue, placed: &[(&'a Story, &'a Section)]) -> Option<(&'a Story, &'a Section)> {
    let chosen = placed.iter().find(|(story, _)| issue.lead == Some(story.article));
    chosen.or_else(|| placed.iter().find(|(story, _)| !story.summary.is_empty())).copied()
}

/// Two stories outside the reader's topics; for who has the issue whole, two earlier ones.
fn next<'a>(issue: &'a Issue, placed: &[(&Story, &Section)]) -> Vec<Next<'a>> {
    if !issue.newsletter.policy.next_for_you || placed.is_empty() {
        return Vec::new();
    }
    let inside: BTreeSet<i64> = placed.iter().map(|(story, _)| story.article.0).collect();
    let outside = issue.stories.iter().filter(|story| !inside.contains(&story.article.0) && story.url.is_some());
    let outside: Vec<Next<'a>> = outside.take(NEXT).map(Next::Outside).collect();
    if outside.is_empty() { issue.earlier.iter().take(NEXT).map(Next::Earlier).collect() } else { outside }
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
    use crate::domain::article::ArticleId;
    use crate::domain::issue::Earlier;
    use crate::domain::text::Line;
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
    fn the_rest_is_what_fits_no_other_section_in_whatever_order_and_for_whomever() {
        let rest = Section { rest: true, ..section("more", &[], 4) };
        let thin = Section { minimum: 2, ..section("law", &["law"], 4) };
        let stories = || vec![story(1, &["nuclear"], "en"), story(2, &["fish"], "en"), story(3, &["law"], "en")];
        for order in [[0, 1, 2], [1, 2, 0], [1, 0, 2]] {
            let sections = [section("nuclear", &["nuclear"], 4), rest.clone(), thin.clone()];
            let issue = issue(newsletter(order.map(|at| sections[at].clone()).to_vec()), stories());
            let gathered = |choice| {
                let cut = cut(&issue, &choice);
                let lead = cut.lead.into_iter().zip(cut.lead_section);
                let mut all: Vec<(i64, String)> =
                    lead.map(|(story, slug)| (story.article.0, slug.to_string())).collect();
                for part in &cut.sections {
                    all.extend(part.stories.iter().map(|story| (story.article.0, part.section.slug.to_string())));
                }
                all.sort();
                all
            };
            let placed =
                |pairs: &[(i64, &str)]| pairs.iter().map(|(n, slug)| (*n, (*slug).to_owned())).collect::<Vec<_>>();
            assert_eq!(gathered(Choice::Everything), placed(&[(1, "nuclear"), (2, "more"), (3, "more")]), "{order:?}");
            assert_eq!(gathered(topics(&["more"])), placed(&[(2, "more"), (3, "more")]), "{order:?}");
            assert_eq!(gathered(topics(&["nuclear"])), placed(&[(1, "nuclear")]));
            assert_eq!(gathered(topics(&["law", "more"])), placed(&[(2, "more"), (3, "more")]), "{order:?}");
        }
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

    #[test]
    fn a_story_that_the_editor_moved_stands_there_and_its_topic_still_has_it() {
        let sections = vec![section("nuclear", &["nuclear"], 4), section("lobbying", &["lobbying"], 4)];
        let moved = Story { home: Some(slug("lobbying")), ..story(2, &["nuclear"], "en") };
        let issue = issue(newsletter(sections), vec![story(1, &["nuclear"], "en"), moved]);
        assert_eq!(titles(&cut(&issue, &Choice::Everything)), [("lobbying".to_owned(), vec![2], 0)]);
        assert_eq!(titles(&cut(&issue, &topics(&["nuclear"]))), [("nuclear".to_owned(), vec![2], 0)]);
        assert_eq!(cut(&issue, &topics(&["lobbying"])).lead.map(|story| story.article.0), Some(2));
    }

    #[test]
    fn the_editors_lead_leads_where_it_stands() {
        let sections = vec![section("a", &["a"], 4), section("b", &["b"], 4)];
        let mut issue =
            issue(newsletter(sections), vec![story(1, &["a"], "en"), story(2, &["b"], "en"), story(3, &["b"], "en")]);
        issue.lead = Some(ArticleId(3));
        assert_eq!(cut(&issue, &Choice::Everything).lead.map(|story| story.article.0), Some(3));
        assert_eq!(cut(&issue, &topics(&["a"])).lead.map(|story| story.article.0), Some(1));
    }

    #[test]
    fn a_section_below_its_minimum_gives_its_stories_to_others_that_they_fit() {
        let thin = Section { minimum: 2, ..section("thin", &["thin"], 4) };
        let sections = vec![thin, section("b", &["b"], 4)];
        let both = vec![story(1, &["b"], "en"), story(2, &["thin", "b"], "en")];
        let fits = issue(newsletter(sections.clone()), both);
        assert_eq!(titles(&cut(&fits, &Choice::Everything)), [("b".to_owned(), vec![2], 0)]);
        // It fits nowhere else: then it stays rather than being lost.
        let alone = issue(newsletter(sections), vec![story(1, &["b"], "en"), story(2, &["thin"], "en")]);
        assert_eq!(titles(&cut(&alone, &Choice::Everything)), [("thin".to_owned(), vec![2], 0)]);
    }

    #[test]
    fn a_removed_section_leaves_its_readers_to_its_heir() {
        let mut newsletter = newsletter(vec![section("a", &["a"], 4), section("b", &["b"], 4)]);
        newsletter.policy.heirs = vec![
            (slug("old"), Heir::Section(slug("older"))),
            (slug("older"), Heir::Section(slug("b"))),
            (slug("round"), Heir::Section(slug("round"))),
        ];
        newsletter.policy.heirs.push((slug("all"), Heir::Everything));
        let issue = issue(newsletter, vec![story(1, &["a"], "en"), story(2, &["b"], "en")]);
        assert_eq!(cut(&issue, &topics(&["old"])).lead.map(|story| story.article.0), Some(2));
        assert_eq!(cut(&issue, &topics(&["old"])).story_count(), 1);
        assert_eq!(cut(&issue, &topics(&["a", "all"])).story_count(), 2);
        assert_eq!(cut(&issue, &topics(&["round"])).story_count(), 2);
        let lost = orphans(&issue.newsletter, &topics(&["a", "old", "older", "all", "round", "gone"]));
        assert_eq!(lost, [slug("gone"), slug("round")]);
    }

    #[test]
    fn what_is_next_lies_outside_the_topics_or_before_this_issue() {
        let sections = vec![section("a", &["a"], 4), section("b", &["b"], 4)];
        let mut issue =
            issue(newsletter(sections), (1..=5).map(|n| story(n, &[if n < 3 { "a" } else { "b" }], "en")).collect());
        issue.earlier = vec![Earlier {
            title: Line::clean("Before"),
            url: "https://paper.example/before".parse().unwrap(),
            number: 1,
            language: Language::english(),
        }];
        let next =
            |choice: &Choice| cut(&issue, choice).next.iter().map(|next| next.title().to_string()).collect::<Vec<_>>();
        assert_eq!(next(&topics(&["a"])), ["Story 3", "Story 4"]);
        assert_eq!(next(&Choice::Everything), ["Before"]);
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
