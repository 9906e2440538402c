//! The stories of the coming issue: why each stands where it does, and the editor's hand on them.

use super::error::capitalised;
use super::hand::{actor, back, changed, changes, editor, hinted, pair, undone};
use super::visit::{Deed, Seen, Visit};
use super::{DeskError, Signed, newsletter};
use crate::app::App;
use crate::domain::article::ArticleId;
use crate::domain::hand::{Place, StoryEdit, Target};
use crate::domain::issue::Choice;
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::publish::edition::current;
use crate::publish::explain::{self, Standing, Why, explain_for};
use crate::publish::hand::{StorySides, sides};
use crate::store::articles::StoryShown;
use crate::templates::desk::{self as pages, Group, Input, Page, Pair, StoryLine};
use crate::web::form::Form;
use axum::response::{IntoResponse, Redirect, Response};

/// `GET /desk/n/SLUG/stories`.
pub(super) async fn list(visit: Visit) -> Result<Response, DeskError> {
    let render = visit.show(|seen, page| {
        let groups = groups(seen.app, seen.newsletter)?;
        Ok(pages::stories(page, &seen.standing.shown(), &groups))
    });
    render.await
}

fn explained(app: &App, newsletter: &Newsletter, choice: &Choice) -> Result<Vec<Why>, DeskError> {
    let id = app.newsletter_id(newsletter)?;
    let Some(current) = current(&app.store, newsletter, id, app.now())? else { return Ok(Vec::new()) };
    Ok(explain_for(&app.store, newsletter, app.desk(), current.edition, choice)?)
}

/// The stories as they stand in one reader's mail, each with why: the lead, the sections, what they did not choose, what is left out.
pub(super) fn told(app: &App, newsletter: &Newsletter, choice: &Choice) -> Result<Vec<Group>, DeskError> {
    let (mut lead, mut not_chosen, mut out) = (Vec::new(), Vec::new(), Vec::new());
    let mut sections: Vec<(&Slug, Vec<StoryLine>)> =
        newsletter.sections.iter().map(|section| (&section.slug, Vec::new())).collect();
    for why in explained(app, newsletter, choice)? {
        let line = story_line(app, newsletter, &why, None);
        let place = match &why.standing {
            Standing::Lead { .. } => Some(&mut lead),
            Standing::Printed { section, .. }
            | Standing::OverCap { section, .. }
            | Standing::Folded { section, .. } => {
                sections.iter_mut().find(|(slug, _)| *slug == section).map(|(_, stories)| stories)
            }
            Standing::NotChosen => Some(&mut not_chosen),
            Standing::Out => None,
        };
        place.unwrap_or(&mut out).push(line);
    }
    let title = |slug: &Slug| newsletter.section(slug).map_or_else(String::new, |section| section.title.to_string());
    let named = sections.into_iter().map(|(slug, stories)| (title(slug), stories, false));
    let around = [("Not for this reader".to_owned(), not_chosen, true), ("Not in this issue".to_owned(), out, true)];
    let all = std::iter::once(("Lead".to_owned(), lead, false)).chain(named).chain(around);
    let groups = all.map(|(name, stories, is_out)| Group { name, stories, is_out });
    Ok(groups.filter(|group| !group.stories.is_empty()).collect())
}

/// The stories by section, in their order; then those that are left out.
fn groups(app: &App, newsletter: &Newsletter) -> Result<Vec<Group>, DeskError> {
    let all = explained(app, newsletter, &Choice::Everything)?;
    let mut groups: Vec<Group> = newsletter
        .sections
        .iter()
        .map(|section| Group {
            name: section.title.to_string(),
            stories: all
                .iter()
                .filter(|why| why.considered.section.as_ref().is_ok_and(|slug| *slug == section.slug))
                .map(|why| story_line(app, newsletter, why, None))
                .collect(),
            is_out: false,
        })
        .collect();
    let out = all.iter().filter(|why| why.considered.section.is_err());
    groups.push(Group {
        name: "Not in this issue".to_owned(),
        stories: out.map(|why| story_line(app, newsletter, why, None)).collect(),
        is_out: true,
    });
    groups.retain(|group| !group.stories.is_empty());
    Ok(groups)
}

fn story_line(app: &App, newsletter: &Newsletter, why: &Why, shown: Option<&StoryShown>) -> StoryLine {
    let (article, hand) = (&why.considered.article, &why.considered.hand);
    let name = |slug: &Slug| {
        app.config
            .sources
            .iter()
            .find(|source| source.id == *slug)
            .map_or_else(|| slug.to_string(), |source| source.name.to_string())
    };
    let words = [
        ("headline", hand.title.is_some()),
        ("summary", hand.summary.is_some()),
        ("section", hand.section.is_some()),
        ("picture", hand.picture.is_some()),
        ("words of the picture", hand.alt.is_some() || hand.credit.is_some()),
    ];
    StoryLine {
        article: article.id.0,
        title: hand.title.as_ref().map_or_else(|| article.text.title.to_string(), |set| set.value.to_string()),
        language: article.text.language.as_ref().unwrap_or(&newsletter.language).to_string(),
        source: name(&article.source),
        is_sponsored: article.text.sponsored,
        published_at: article.published_at,
        is_pinned: hand.is_pinned(),
        is_dropped: hand.is_dropped(),
        changed: words.iter().filter(|(_, changed)| *changed).map(|(word, _)| (*word).to_owned()).collect(),
        why: why.rows(newsletter, app.desk(), shown),
    }
}

/// `GET /desk/n/SLUG/stories/ARTICLE`.
pub(super) async fn show(visit: Visit) -> Result<Response, DeskError> {
    let article = visit.article()?;
    let render = visit.show(move |&Seen { app, newsletter, standing }, page| {
        let all = explained(app, newsletter, &Choice::Everything)?;
        let found = all.into_iter().find(|why| why.considered.article.id.0 == article);
        let shown = app.store.story(ArticleId(article))?;
        let Some(found) = found else { return not_considered(app, page, newsletter, shown.as_ref()) };
        let line = story_line(app, newsletter, &found, shown.as_ref());
        let pairs = pairs(newsletter, &sides_of(app, newsletter, article)?);
        let about = Target::Story(ArticleId(article));
        let changes = changes(app, newsletter, |change| change.target == about)?;
        Ok(pages::story(page, &standing.shown(), &line, &pairs, &changes))
    });
    render.await
}

/// A story that the issue does not even consider: why not.
fn not_considered(
    app: &App,
    page: Page<'_>,
    newsletter: &Newsletter,
    shown: Option<&StoryShown>,
) -> Result<String, DeskError> {
    let shown = shown.ok_or(DeskError::NotFound)?;
    let first = app.store.first_window_from(app.newsletter_id(newsletter)?)?;
    let why = explain::not_considered(shown, newsletter, first, app.now());
    Ok(pages::notice(page, "Not in this issue", &capitalised(&why), false))
}

fn sides_of(app: &App, newsletter: &Newsletter, article: i64) -> Result<StorySides, DeskError> {
    let all = sides(&app.store, newsletter, app.desk(), app.now())?;
    all.stories.into_iter().find(|story| story.article == article).ok_or(DeskError::NotFound)
}

fn pairs(newsletter: &Newsletter, sides: &StorySides) -> Vec<Pair> {
    let sections = newsletter.sections.iter().map(|section| (section.slug.to_string(), section.title.to_string()));
    let mut sections: Vec<(String, String)> = sections.collect();
    if sides.section.machine.is_empty() {
        sections.insert(0, (String::new(), "none: it is left out".to_owned()));
    }
    vec![
        pair("title", "Headline", &sides.title, Input::Line),
        hinted(pair("summary", "Summary", &sides.summary, Input::Area), "Empty for none."),
        pair("section", "Section", &sides.section, Input::Pick(sections)),
        hinted(
            pair("picture", "Picture", &sides.picture, Input::Line),
            "The address of another one, which is fetched when you save, or the word none.",
        ),
        hinted(pair("alt", "What the picture shows", &sides.alt, Input::Line), "For those who do not see it."),
        pair("credit", "Who made the picture", &sides.credit, Input::Line),
    ]
}

/// `POST /desk/n/SLUG/stories/ARTICLE`: saves what differs from what stands, or takes one field back.
pub(super) async fn save(deed: Deed) -> Result<Response, DeskError> {
    let article = deed.article()?;
    let wanted = deed.work(move |app, newsletter, form, _| match form.first("back") {
        Some(field) => Ok(vec![taken_back(field)?]),
        None => edits(form, &sides_of(app, newsletter, article)?),
    });
    let edits = wanted.await?;
    for edit in &edits {
        if let StoryEdit::Picture(Some(picture)) = edit {
            deed.desk.fetching(deed.desk.app().fetch_picture(picture)).await?;
        }
    }
    let changed = deed.work(move |app, newsletter, _, signed| apply(app, newsletter, signed, article, edits)).await?;
    Ok(back(&deed.place(&format!("stories/{article}")), changed))
}

fn edits(form: &Form, sides: &StorySides) -> Result<Vec<StoryEdit>, DeskError> {
    let line = |name: &str, sides| changed(form.first(name), sides).map(|text| Line::clean(&text));
    let picture = changed(form.first("picture"), &sides.picture);
    let picture = picture.map(|text| crate::config::picture_of(if text.is_empty() { "none" } else { &text }));
    let section = changed(form.first("section"), &sides.section);
    let section = section.map(|slug| Slug::parse(&slug).map_err(|_| DeskError::Form("there is no such section")));
    Ok([
        line("title", &sides.title).map(|title| StoryEdit::Title(Some(title))),
        line("summary", &sides.summary).map(|summary| StoryEdit::Summary(Some(summary))),
        section.transpose()?.map(|section| StoryEdit::Section(Some(section))),
        picture.transpose().map_err(DeskError::Refused)?.map(|picture| StoryEdit::Picture(Some(picture))),
        line("alt", &sides.alt).map(|alt| StoryEdit::Alt(Some(alt))),
        line("credit", &sides.credit).map(|credit| StoryEdit::Credit(Some(credit))),
    ]
    .into_iter()
    .flatten()
    .collect())
}

fn taken_back(field: &str) -> Result<StoryEdit, DeskError> {
    StoryEdit::taken_back(field).ok_or(DeskError::Form("there is no such field"))
}

fn apply(
    app: &App,
    newsletter: &Newsletter,
    signed: &Signed,
    article: i64,
    edits: Vec<StoryEdit>,
) -> Result<bool, DeskError> {
    let actor = actor(signed);
    Ok(!editor(app, newsletter, &actor).story(ArticleId(article), edits)?.is_empty())
}

/// `POST /desk/n/SLUG/stories`: takes in a story from outside by its address, and leads to its page.
pub(super) async fn add(deed: Deed) -> Result<Response, DeskError> {
    let app = deed.desk.app();
    newsletter(&app, &deed.slug)?;
    let (added, source) = deed.desk.fetching(app.add_story(deed.form.first("url").unwrap_or_default(), None)).await?;
    let article = added.article.0;
    let what = if added.is_new { "is added" } else { "was known already" };
    let (about, detail) = (
        format!("{} story {article}, “{}”", deed.slug, added.title),
        format!("{what}, source {source}: {}", added.reason),
    );
    let note = deed.work(move |app, newsletter, _, signed| {
        let current = current(&app.store, newsletter, app.newsletter_id(newsletter)?, app.now())?;
        if current.is_some_and(|current| current.row.is_some()) {
            // The stories of this issue are settled: only what an editor pins still comes in.
            apply(app, newsletter, signed, article, vec![StoryEdit::Place(Some(Place::Pin))])?;
        }
        Ok(app.store.audit(&signed.actor(), "add", &about, &detail, app.now())?)
    });
    note.await?;
    deed.ring();
    Ok(Redirect::to(&deed.place(&format!("stories/{article}?done=add"))).into_response())
}

/// `POST /desk/n/SLUG/stories/ARTICLE/place`: pins, drops, or neither.
pub(super) async fn place(deed: Deed) -> Result<Response, DeskError> {
    let article = deed.article()?;
    let place = match deed.form.first("do") {
        Some("pin") => Some(Place::Pin),
        Some("drop") => Some(Place::Drop),
        Some("unplace") => None,
        _ => return Err(DeskError::Form("there is no such place")),
    };
    let edits = vec![StoryEdit::Place(place)];
    deed.work(move |app, newsletter, _, signed| apply(app, newsletter, signed, article, edits)).await?;
    Ok(Redirect::to(&deed.place(&format!("stories?done=edit#s-{article}"))).into_response())
}

/// `POST /desk/n/SLUG/stories/ARTICLE/undo`: takes the latest change back.
pub(super) async fn undo(deed: Deed) -> Result<Response, DeskError> {
    let article = deed.article()?;
    let undo = deed.work(move |app, newsletter, _, signed| {
        undone(editor(app, newsletter, &actor(signed)).undo_story(ArticleId(article))?)
    });
    undo.await?;
    Ok(Redirect::to(&deed.place(&format!("stories/{article}?done=undo"))).into_response())
}
