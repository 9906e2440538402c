//! Makes a mail fit: measured as it travels, over the budget first the pictures of sections go, then summaries, then the tail of sections becomes
//! "more on the web". Never the lead, never the footer. What was done is told with the result.

use crate::domain::article::ArticleId;
use crate::domain::fit::{BUDGET, Fit, GivenUp};
use crate::domain::issue::{Cut, CutSection, Issue, Story};
use crate::domain::text::Line;
use crate::mail::mime::encoded_size;
use crate::templates::{Home, digest};
use std::collections::BTreeMap;

/// Bytes for what differs per reader: an address, a date and two links, at their longest.
const SLOTS: usize = 1_024;
/// Summaries stay to this story of a section, counted from 0, when summaries have to go; then to the first alone.
const SUMMARIES_KEPT: [usize; 2] = [3, 1];
/// A story on the page takes about so many bytes: how many have to go at once when many must.
const STORY: usize = 900;

/// A rendering that fits, if anything could make it.
#[derive(Debug)]
pub struct Fitted {
    /// The HTML document.
    pub html: String,
    /// The text part, with the same stories.
    pub text: String,
    /// Stories printed.
    pub stories: usize,
    /// What was done.
    pub fit: Fit,
    /// Which stories gave up what.
    pub given_up: BTreeMap<ArticleId, GivenUp>,
}

/// How much is taken away.
#[derive(Debug, Clone, Copy, Default)]
struct Trim {
    pictures: bool,
    summaries: Option<usize>,
    folded: usize,
}

/// Renders a cut so that it fits.
pub fn fitted(cut: &Cut<'_>, home: Home) -> Fitted {
    fitted_to(cut, home, BUDGET)
}

fn fitted_to(cut: &Cut<'_>, home: Home, budget: usize) -> Fitted {
    let html = digest::html(cut, home);
    let asked = encoded_size(&html) + SLOTS;
    if asked <= budget {
        let fit = Fit { asked, size: asked, ..Fit::default() };
        return Fitted { html, text: digest::text(cut), stories: cut.story_count(), fit, given_up: BTreeMap::new() };
    }
    let mut trim = Trim { pictures: true, ..Trim::default() };
    let mut best = trimmed(cut, home, trim, asked);
    for kept in SUMMARIES_KEPT {
        if best.fit.size <= budget {
            return best;
        }
        trim.summaries = Some(kept);
        best = trimmed(cut, home, trim, asked);
    }
    let foldable: usize = cut.sections.iter().map(|section| section.stories.len().saturating_sub(1)).sum();
    while best.fit.size > budget && trim.folded < foldable {
        let more = ((best.fit.size - budget) / STORY).max(1);
        trim.folded = (trim.folded + more).min(foldable);
        best = trimmed(cut, home, trim, asked);
    }
    best
}

fn trimmed(cut: &Cut<'_>, home: Home, trim: Trim, asked: usize) -> Fitted {
    let printed = printed(cut, trim.folded);
    let mut fit = Fit { asked, folded: trim.folded, ..Fit::default() };
    let (issue, mut given_up) = reduced(cut, trim, &printed, &mut fit);
    for (section, printed) in cut.sections.iter().zip(&printed) {
        given_up.extend(section.stories.iter().skip(*printed).map(|story| (story.article, GivenUp::Place)));
    }
    let cut = rebuilt(cut, &issue, &printed);
    let html = digest::html(&cut, home);
    fit.size = encoded_size(&html) + SLOTS;
    Fitted { html, text: digest::text(&cut), stories: cut.story_count(), fit, given_up }
}

/// How many stories each section prints when so many are folded: always the last of the fullest section goes, of equals the later one's.
fn printed(cut: &Cut<'_>, folded: usize) -> Vec<usize> {
    let mut printed: Vec<usize> = cut.sections.iter().map(|section| section.stories.len()).collect();
    for _ in 0..folded {
        if let Some(fullest) = (0..printed.len()).max_by_key(|at| printed[*at]).filter(|at| printed[*at] > 1) {
            printed[fullest] -= 1;
        }
    }
    printed
}

/// The issue with less in its stories, and which those are; counts what is gone from those that are printed.
fn reduced(cut: &Cut<'_>, trim: Trim, printed: &[usize], fit: &mut Fit) -> (Issue, BTreeMap<ArticleId, GivenUp>) {
    let mut issue = cut.issue.clone();
    let mut bare = BTreeMap::new();
    let mut short = BTreeMap::new();
    for (section, printed) in cut.sections.iter().zip(printed) {
        for (at, story) in section.stories.iter().take(*printed).enumerate() {
            if trim.pictures && at == 0 && story.picture.is_some() {
                bare.insert(story.article, GivenUp::Picture);
            }
            if trim.summaries.is_some_and(|kept| at >= kept) && !story.summary.is_empty() {
                short.insert(story.article, GivenUp::Summary);
            }
        }
    }
    for story in &mut issue.stories {
        if bare.contains_key(&story.article) {
            story.picture = None;
        }
        if short.contains_key(&story.article) {
            story.summary = Line::default();
        }
    }
    (fit.pictures, fit.shortened) = (bare.len(), short.len());
    bare.append(&mut short);
    (issue, bare)
}

/// The same cut of the reduced issue.
fn rebuilt<'a>(cut: &Cut<'a>, issue: &'a Issue, printed: &[usize]) -> Cut<'a> {
    let same = |story: &Story| issue.stories.iter().find(|other| other.article == story.article);
    let sections = cut.sections.iter().zip(printed).map(|(section, printed)| {
        let (stays, goes) = section.stories.split_at(*printed);
        CutSection {
            section: section.section,
            stories: stays.iter().filter_map(|story| same(story)).collect(),
            more: goes.iter().chain(&section.more).filter_map(|story| same(story)).collect(),
        }
    });
    Cut { issue, lead: cut.lead.and_then(same), sections: sections.collect(), ..cut.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::issue::Choice;
    use crate::publish::arrange::cut;
    use crate::publish::fixture::{issue, newsletter, section, story};
    use crate::templates::Pictures;

    const MAIL: Home = Home::Mail { pictures: Pictures::Linked };

    fn week(stories: i64) -> Issue {
        let sections = vec![section("a", &["a"], 200), section("b", &["b"], 200)];
        let tag = |n: i64| if n % 2 == 0 { "a" } else { "b" };
        let stories = (1..=stories)
            .map(|n| {
                let mut story = story(n, &[tag(n)], "en");
                story.summary =
                    Line::clean("Twelve bedrooms, two dining rooms, one corridor: how guests are prepared for.");
                story
            })
            .collect();
        issue(newsletter(sections), stories)
    }

    #[test]
    fn what_fits_is_left_alone() {
        let issue = week(10);
        let fitted = fitted(&cut(&issue, &Choice::Everything), MAIL);
        assert!(!fitted.fit.is_trimmed() && fitted.fit.fits() && fitted.stories == 10, "{}", fitted.fit);
        assert_eq!(fitted.fit.size, fitted.fit.asked);
    }

    #[test]
    fn summaries_go_before_stories_and_the_footer_never() {
        let issue = week(24);
        let cut = cut(&issue, &Choice::Everything);
        let whole = fitted_to(&cut, MAIL, usize::MAX).fit.asked;
        let shortened = fitted_to(&cut, MAIL, whole - 1_000);
        assert!(shortened.fit.shortened > 0 && shortened.fit.folded == 0, "{}", shortened.fit);
        let folded = fitted_to(&cut, MAIL, whole * 3 / 4);
        assert!(folded.fit.folded > 0 && folded.fit.size <= whole * 3 / 4, "{}", folded.fit);
        assert_eq!(folded.stories, 24 - folded.fit.folded);
        let gave_up = |what| folded.given_up.values().filter(|given| **given == what).count();
        assert_eq!((gave_up(GivenUp::Place), gave_up(GivenUp::Summary)), (folded.fit.folded, folded.fit.shortened));
        for rendering in [&folded.html, &folded.text] {
            assert!(rendering.contains("more on the web") && rendering.contains("Unsubscribe"));
        }
    }

    #[test]
    fn hundreds_of_stories_fit_and_it_is_said_how() {
        let issue = week(300);
        let fitted = fitted(&cut(&issue, &Choice::Everything), MAIL);
        assert!(fitted.fit.fits() && fitted.fit.folded > 50, "{}", fitted.fit);
        assert!(fitted.fit.to_string().contains("stories on the web only"));
        assert_eq!(fitted.html.matches("<h3").count(), fitted.stories - 1);
    }

    #[test]
    fn what_nothing_can_make_fit_says_so() {
        let issue = week(4);
        let fit = fitted_to(&cut(&issue, &Choice::Everything), MAIL, 1_000).fit;
        assert!(fit.size > 1_000 && fit.folded == 1, "{fit}");
    }
}
