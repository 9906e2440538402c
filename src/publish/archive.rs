//! Issues on the web after they were sent: the index by which they are found, and what an editor amends. The frozen content is never touched.

use super::PublishError;
use super::arrange::cut;
use crate::domain::archive::{Amendment, Change, LabelKind, Outline, PublicIssue};
use crate::domain::issue::{Choice, IssueId, Story};
use crate::domain::tag::Tag;
use crate::domain::text::Line;
use crate::store::Store;
use crate::store::archive::Entry;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Brings issues that were frozen into the index: the one that was frozen just now, and whatever an earlier stop left out. Returns how many.
pub fn index_frozen(store: &Store) -> Result<usize, PublishError> {
    let missing = store.not_indexed()?;
    for id in &missing {
        index(store, *id)?;
    }
    Ok(missing.len())
}

/// Changes what the public sees of an issue, with a sentence that readers see beside its date. Pages, feeds and search follow at once.
pub fn amend(
    store: &Store,
    id: IssueId,
    change: Change,
    note: Line,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<PublicIssue, PublishError> {
    let issue = store.sent_revision(id)?.ok_or(PublishError::NotSent)?;
    let before = PublicIssue::new(issue, &store.amendments(id)?);
    if before.withdrawn_at.is_some() {
        return Err(PublishError::Withdrawn);
    }
    if let Change::Story { article, .. } | Change::Removed { article } = &change
        && !before.issue.stories.iter().any(|story| story.article == *article)
    {
        return Err(PublishError::NoStory(article.0, stories(&before)));
    }
    store.amend(id, &Amendment { at: now, change, note }, actor)?;
    let after = index(store, id)?;
    withdraw_pictures(store, &before, &after, now)?;
    Ok(after)
}

/// Pictures that no page shows any more are gone themselves: their addresses stand in mails.
fn withdraw_pictures(
    store: &Store,
    before: &PublicIssue,
    after: &PublicIssue,
    now: DateTime<Utc>,
) -> Result<(), PublishError> {
    let pictures = |public: &PublicIssue| -> BTreeSet<String> {
        let stories = public.issue.stories.iter().filter(|_| public.withdrawn_at.is_none());
        stories.filter_map(|story| Some(story.picture.as_ref()?.sha256.clone())).collect()
    };
    for sha256 in pictures(before).difference(&pictures(after)) {
        if !store.is_picture_in_use(sha256)? {
            store.withdraw_picture(sha256, now)?;
        }
    }
    Ok(())
}

fn stories(public: &PublicIssue) -> String {
    let name = |story: &Story| format!("{} ({})", story.article.0, story.title);
    public.issue.stories.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn index(store: &Store, id: IssueId) -> Result<PublicIssue, PublishError> {
    let issue = store.sent_revision(id)?.ok_or(PublishError::NotSent)?;
    let public = PublicIssue::new(issue, &store.amendments(id)?);
    store.put_public(&entry(id, public.clone()))?;
    Ok(public)
}

/// What the index knows of an issue.
fn entry(id: IssueId, public: PublicIssue) -> Entry {
    let whole = cut(&public.issue, &Choice::Everything);
    let lead = |slug| usize::from(whole.lead_section == Some(slug));
    let mut sections: Vec<(Line, usize)> = whole
        .sections
        .iter()
        .map(|part| (part.section.title.clone(), part.stories.len() + part.more.len() + lead(&part.section.slug)))
        .collect();
    // A section that holds the lead alone is not printed; its subject is in the issue all the same.
    if let Some(slug) = whole.lead_section
        && !whole.sections.iter().any(|part| part.section.slug == *slug)
        && let Some(section) = public.issue.newsletter.section(slug)
    {
        sections.insert(0, (section.title.clone(), 1));
    }
    let outline = Outline {
        window: public.issue.window,
        language: public.issue.newsletter.language.clone(),
        stories: public.issue.stories.len(),
        sections,
    };
    let labels = public.issue.stories.iter().map(labels).collect();
    Entry { issue: id, outline, labels, public }
}

/// What a story is found under.
fn labels(story: &Story) -> Vec<(LabelKind, Tag)> {
    let tags = story.tags.iter().cloned().map(|tag| (LabelKind::Tag, tag));
    let name = |name: &Line| Tag::of_name(name.as_str());
    let column = story.column.iter().filter_map(name).map(|name| (LabelKind::Column, name));
    let authors = story.authors.iter().filter_map(name).map(|name| (LabelKind::Author, name));
    tags.chain(column).chain(authors).collect()
}
