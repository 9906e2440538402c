//! From an approved issue to frozen bytes: each distinct cut is rendered once, however many readers share it, and recipients are written.

use super::PublishError;
use super::archive::index_frozen;
use super::arrange::cut;
use super::compose::subject;
use super::fit::{Fitted, fitted};
use crate::domain::fit::Fit;
use crate::domain::issue::{Cut, Issue, IssueId};
use crate::domain::newsletter::Newsletter;
use crate::domain::subscriber::Format;
use crate::domain::text::Language;
use crate::store::Store;
use crate::store::issues::{FreezeRefusal, Variant};
use crate::store::recipients::{Filled, Wish};
use crate::templates::texts::Texts;
use crate::templates::{Home, Pictures, digest};
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// How often readers may change their minds between rendering and writing before the freeze gives up.
const TRIES: usize = 5;

/// Variants, and which wish each serves (`None`: nothing matches that wish).
#[derive(Debug, Default)]
pub struct Rendered {
    /// The distinct renderings.
    pub variants: Vec<Variant>,
    /// For each wish its place in `variants`.
    pub wishes: Vec<(Wish, Option<usize>)>,
}

/// Freezes an approved issue: renders every wish, then writes variants and recipients in one transaction.
pub fn freeze(store: &Store, id: IssueId, now: DateTime<Utc>) -> Result<Filled, PublishError> {
    let row = store.issue(id)?.ok_or(PublishError::NotApproved)?;
    let (_, hash, issue) = store.revision(id)?.ok_or(PublishError::NotApproved)?;
    if row.approved_hash.as_ref() != Some(&hash) {
        return Err(PublishError::NotApproved);
    }
    // What was withdrawn since it was approved is not mailed, whatever was approved.
    let issue = store.without_withdrawn(issue)?;
    let language = &issue.newsletter.language;
    for _ in 0..TRIES {
        let rendered = render(&issue, store.wishes_lately(row.newsletter, language, now)?);
        let (variants, most) = (rendered.variants.len(), issue.newsletter.policy.max_variants);
        if variants > most {
            tracing::warn!(variants, most, "more distinct renderings than max_variants; all of them go out");
        }
        match store.freeze_issue(id, &rendered.variants, &rendered.wishes, language, now)? {
            Ok(filled) => {
                tell(&issue, &rendered);
                // The index is derived: what is missing in it is made up for at the next freeze, and no mail waits for it.
                if let Err(error) = index_frozen(store) {
                    tracing::error!(error = %error, "the archive could not be brought up to date");
                }
                return Ok(filled);
            }
            Err(FreezeRefusal::NotApproved) => return Err(PublishError::NotApproved),
            Err(FreezeRefusal::NewWishes) => {}
        }
    }
    Err(PublishError::Restless)
}

/// The log says which renderings had to give something up.
fn tell(issue: &Issue, rendered: &Rendered) {
    for variant in rendered.variants.iter().filter(|variant| variant.fit.is_trimmed() || !variant.fit.fits()) {
        let (newsletter, number) = (&issue.newsletter.slug, issue.number);
        tracing::warn!(newsletter = %newsletter, issue.number = number, fit = %variant.fit, "a mail was made smaller so that Gmail shows it whole");
    }
}

/// Renders the distinct results of some wishes.
pub fn render(issue: &Issue, wishes: Vec<Wish>) -> Rendered {
    let mut rendered = Rendered::default();
    let mut places: HashMap<(String, Language, Format), usize> = HashMap::new();
    for wish in wishes {
        let translated = in_language(issue, &wish.language);
        let cut = Cut { issue: &translated, ..cut(issue, &wish.choice) };
        let place = (!cut.is_empty()).then(|| {
            let key = (cut.key(), translated.newsletter.language.clone(), wish.format);
            *places.entry(key).or_insert_with(|| {
                rendered.variants.push(variant_of(&cut, wish.format));
                rendered.variants.len() - 1
            })
        });
        rendered.wishes.push((wish, place));
    }
    rendered
}

/// The issue with its fixed texts in the language that a reader asked for, if there are texts in it. Only for rendering: where stories stand
/// is decided by the newsletter's own language.
pub fn in_language<'a>(issue: &'a Issue, language: &Language) -> Cow<'a, Issue> {
    if *language == issue.newsletter.language || Texts::find(language).is_none() {
        return Cow::Borrowed(issue);
    }
    let mut issue = issue.clone();
    issue.newsletter.language = language.clone();
    Cow::Owned(issue)
}

/// One cut rendered, with slots for what differs per reader.
pub fn variant_of(cut: &Cut<'_>, format: Format) -> Variant {
    let home = home_of(&cut.issue.newsletter);
    let Fitted { html, text, stories, fit, .. } = match format {
        Format::Html => fitted(cut, home),
        Format::Text => {
            let (text, stories) = (digest::text(cut), cut.story_count());
            Fitted { html: String::new(), text, stories, fit: Fit::default(), given_up: BTreeMap::new() }
        }
    };
    Variant {
        cut_key: cut.key(),
        language: cut.issue.newsletter.language.clone(),
        format,
        subject: subject(cut).to_string(),
        html,
        text,
        stories,
        fit,
    }
}

/// Where the HTML of a newsletter's mails stands.
pub fn home_of(newsletter: &Newsletter) -> Home {
    Home::Mail { pictures: if newsletter.brand.embed_pictures { Pictures::Embedded } else { Pictures::Linked } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::issue::Choice;
    use crate::publish::fixture::{issue, newsletter, section, slug, story};

    #[test]
    fn the_subject_names_a_story_that_the_reader_gets() {
        let sections = vec![section("a", &["a"], 4), section("b", &["b"], 4)];
        let issue = issue(newsletter(sections), vec![story(1, &["a"], "en"), story(2, &["b"], "en")]);
        let theirs = |choice: &Choice| variant_of(&cut(&issue, choice), Format::Text).subject;
        assert_eq!(theirs(&Choice::Everything), "Story 1");
        assert_eq!(theirs(&Choice::Topics([slug("b")].into())), "Story 2");
    }
}
