//! The stories of the coming issue: why each stands where it does, and the editor's hand on them.

use super::coming::Standing;
use super::door::checked;
use super::error::capitalised;
use super::hand::{back, changed, changes, hinted, keep, pair, take_back};
use super::{Desk, DeskError, Signed, newsletter, page};
use crate::app::App;
use crate::domain::article::ArticleId;
use crate::domain::hand::{Place, StoryEdit, Target};
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::publish::edition::current;
use crate::publish::explain::{self, Why, explain};
use crate::publish::hand::{Editor, StorySides, sides};
use crate::store::articles::StoryShown;
use crate::templates::desk::{self as pages, Group, Input, Pair, Said, StoryLine};
use crate::web::form::Form;
use crate::web::page::html_page;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};

/// `GET /desk/n/SLUG/stories`.
pub(super) async fn list(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(slug): Path<String>,
    Query(done): Query<super::act::Done>,
) -> Result<Response, DeskError> {
    let sentence = done.sentence(&desk, &signed).await?;
    desk.work(move |app| {
        let newsletter = newsletter(app, &slug)?;
        let standing = Standing::of(app, newsletter)?;
        let groups = groups(app, newsletter)?;
        let token = signed.session.form_token();
        let said = sentence.as_deref().map(|sentence| Said { sentence, well: true });
        Ok::<_, DeskError>(html_page(pages::stories(page(app, &signed, &token, said)?, &standing.shown(), &groups)))
    })
    .await
}

fn explained(app: &App, newsletter: &Newsletter) -> Result<Vec<Why>, DeskError> {
    let id = app.newsletter_id(newsletter)?;
    let Some(current) = current(&app.store, newsletter, id, app.now())? else { return Ok(Vec::new()) };
    Ok(explain(&app.store, newsletter, app.desk(), current.edition)?)
}

/// The stories by section, in their order; then those that are left out.
fn groups(app: &App, newsletter: &Newsletter) -> Result<Vec<Group>, DeskError> {
    let all = explained(app, newsletter)?;
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
        published_at: article.published_at,
        is_pinned: hand.is_pinned(),
        is_dropped: hand.is_dropped(),
        changed: words.iter().filter(|(_, changed)| *changed).map(|(word, _)| (*word).to_owned()).collect(),
        why: why.rows(newsletter, app.desk(), shown),
    }
}

/// `GET /desk/n/SLUG/stories/ARTICLE`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path((slug, article)): Path<(String, i64)>,
    Query(done): Query<super::act::Done>,
) -> Result<Response, DeskError> {
    let sentence = done.sentence(&desk, &signed).await?;
    desk.work(move |app| {
        let newsletter = newsletter(app, &slug)?;
        let standing = Standing::of(app, newsletter)?;
        let found = explained(app, newsletter)?.into_iter().find(|why| why.considered.article.id.0 == article);
        let shown = app.store.story(ArticleId(article))?;
        let Some(found) = found else { return not_considered(app, &signed, newsletter, shown.as_ref()) };
        let line = story_line(app, newsletter, &found, shown.as_ref());
        let pairs = pairs(newsletter, &sides_of(app, newsletter, article)?);
        let about = Target::Story(ArticleId(article));
        let changes = changes(app, newsletter, |change| change.target == about)?;
        let token = signed.session.form_token();
        let said = sentence.as_deref().map(|sentence| Said { sentence, well: true });
        let page = page(app, &signed, &token, said)?;
        Ok::<_, DeskError>(html_page(pages::story(page, &standing.shown(), &line, &pairs, &changes)))
    })
    .await
}

/// A story that the issue does not even consider: why not.
fn not_considered(
    app: &App,
    signed: &Signed,
    newsletter: &Newsletter,
    shown: Option<&StoryShown>,
) -> Result<Response, DeskError> {
    let shown = shown.ok_or(DeskError::NotFound)?;
    let first = app.store.first_window_from(app.newsletter_id(newsletter)?)?;
    let why = explain::not_considered(shown, newsletter, first, app.now());
    let token = signed.session.form_token();
    Ok(html_page(pages::notice(page(app, signed, &token, None)?, "Not in this issue", &capitalised(&why))))
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
pub(super) async fn save(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path((slug, article)): Path<(String, i64)>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let place = desk.path(&format!("/desk/n/{slug}/stories/{article}"));
    let wanted = slug.clone();
    let edits = desk
        .work(move |app| match form.first("back") {
            Some(field) => Ok(vec![taken_back(field)?]),
            None => edits(&form, &sides_of(app, newsletter(app, &wanted)?, article)?),
        })
        .await?;
    for edit in &edits {
        if let StoryEdit::Picture(Some(picture)) = edit {
            desk.fetching(desk.app().fetch_picture(picture)).await?;
        }
    }
    let changed = desk.work(move |app| apply(app, newsletter(app, &slug)?, &signed, article, edits)).await?;
    Ok(back(&place, changed))
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
    Ok(match field {
        "title" => StoryEdit::Title(None),
        "summary" => StoryEdit::Summary(None),
        "section" => StoryEdit::Section(None),
        "picture" => StoryEdit::Picture(None),
        "alt" => StoryEdit::Alt(None),
        "credit" => StoryEdit::Credit(None),
        _ => return Err(DeskError::Form("there is no such field")),
    })
}

fn apply(
    app: &App,
    newsletter: &Newsletter,
    signed: &Signed,
    article: i64,
    edits: Vec<StoryEdit>,
) -> Result<bool, DeskError> {
    let about = format!("{} story {article}", newsletter.slug);
    keep(app, newsletter, signed, &about, edits, |editor, edit| editor.story(ArticleId(article), edit))
}

/// `POST /desk/n/SLUG/stories`: takes in a story from outside by its address, and leads to its page.
pub(super) async fn add(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(slug): Path<String>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let app = desk.app();
    newsletter(&app, &slug)?;
    let (added, source) = desk.fetching(app.add_story(form.first("url").unwrap_or_default(), None)).await?;
    let (article, actor) = (added.article.0, signed.actor());
    let what = if added.is_new { "is added" } else { "was known already" };
    let (about, detail) = (format!("{slug} story {article}"), format!("{what}, source {source}: {}", added.reason));
    let place = desk.path(&format!("/desk/n/{slug}/stories/{article}?done=add"));
    desk.work(move |app| {
        let newsletter = newsletter(app, &slug)?;
        let current = current(&app.store, newsletter, app.newsletter_id(newsletter)?, app.now())?;
        if current.is_some_and(|current| current.row.is_some()) {
            // The stories of this issue are settled: only what an editor pins still comes in.
            apply(app, newsletter, &signed, article, vec![StoryEdit::Place(Some(Place::Pin))])?;
        }
        Ok::<_, DeskError>(app.store.audit(&actor, "add", &about, &detail, app.now())?)
    })
    .await?;
    (desk.ring)();
    Ok(Redirect::to(&place).into_response())
}

/// `POST /desk/n/SLUG/stories/ARTICLE/place`: pins, drops, or neither.
pub(super) async fn place(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path((slug, article)): Path<(String, i64)>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let place = match form.first("do") {
        Some("pin") => Some(Place::Pin),
        Some("drop") => Some(Place::Drop),
        Some("unplace") => None,
        _ => return Err(DeskError::Form("there is no such place")),
    };
    let list = desk.path(&format!("/desk/n/{slug}/stories?done=edit#s-{article}"));
    desk.work(move |app| apply(app, newsletter(app, &slug)?, &signed, article, vec![StoryEdit::Place(place)])).await?;
    Ok(Redirect::to(&list).into_response())
}

/// `POST /desk/n/SLUG/stories/ARTICLE/undo`: takes the latest change back.
pub(super) async fn undo(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path((slug, article)): Path<(String, i64)>,
) -> Result<Response, DeskError> {
    let place = desk.path(&format!("/desk/n/{slug}/stories/{article}?done=undo"));
    desk.work(move |app| {
        let about = |_: &Editor<'_>| Ok(format!("{slug} story {article}"));
        take_back(app, newsletter(app, &slug)?, &signed, about, |editor| editor.undo_story(ArticleId(article)))
    })
    .await?;
    Ok(Redirect::to(&place).into_response())
}
