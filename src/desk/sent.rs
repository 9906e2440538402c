//! An issue after it was sent, at the desk: what the public sees is amended or withdrawn, and those who have it get a short letter, which is looked at before it is
//! mailed. The verbs are those of the command line.

use super::door::checked;
use super::{Desk, DeskError, Signed, newsletter, page};
use crate::afterwards::{AfterError, Afterwards};
use crate::app::App;
use crate::domain::archive::{Change, PublicIssue, Reworded};
use crate::domain::article::ArticleId;
use crate::domain::issue::{Story, hex};
use crate::domain::text::Line;
use crate::store::issues::IssueRow;
use crate::templates::desk::{self as pages, LetterShown, Said, SentIssue, SentStory, ToldLine};
use crate::web::form::Form;
use crate::web::page::html_page;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};

impl From<AfterError> for DeskError {
    fn from(error: AfterError) -> Self {
        match error {
            AfterError::App(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// `GET /desk/n/SLUG/sent/NUMBER`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path((slug, number)): Path<(String, u32)>,
    Query(done): Query<super::act::Done>,
) -> Result<Response, DeskError> {
    let sentence = done.sentence(&desk, &signed).await?;
    desk.work(move |app| {
        let row = find(app, &slug, number)?;
        let said = sentence.as_deref().map(|sentence| Said { sentence, well: true });
        shown(app, &signed, &row, said, None)
    })
    .await
}

/// `POST /desk/n/SLUG/sent/NUMBER`: does what the pressed button says; the letter is shown first and mailed from there.
pub(super) async fn change(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path((slug, number)): Path<(String, u32)>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    let place = desk.path(&format!("/desk/n/{slug}/sent/{number}"));
    if form.first("do") == Some("look") {
        return desk.work(move |app| look(app, &find(app, &slug, number)?, &form, &signed)).await;
    }
    let action = desk.work(move |app| perform(app, &find(app, &slug, number)?, &form, &signed)).await?;
    (desk.ring)();
    Ok(Redirect::to(&format!("{place}?done={action}")).into_response())
}

fn find(app: &App, slug: &str, number: u32) -> Result<IssueRow, DeskError> {
    let id = app.newsletter_id(newsletter(app, slug)?)?;
    app.store.issue_by_number(id, number)?.filter(|row| row.sent_revision.is_some()).ok_or(DeskError::NotFound)
}

/// The letter as it would go out, below the form that it was written in.
fn look(app: &App, row: &IssueRow, form: &Form, signed: &Signed) -> Result<Response, DeskError> {
    let actor = signed.actor();
    let note = form.first("note").unwrap_or_default();
    let draft = Afterwards { app, row, actor: &actor }.draft(note)?;
    let (subject, text) = draft.shown();
    let letter = LetterShown {
        note: &draft.note,
        seen: &hex(&draft.hash()),
        readers: draft.readers,
        subject,
        text: &text,
        in_next: form.first("in_next").is_some(),
        problem: app.quota_problem(draft.readers)?,
    };
    shown(app, signed, row, None, Some(&letter))
}

/// Calls the verb; the word of the deed.
fn perform(app: &App, row: &IssueRow, form: &Form, signed: &Signed) -> Result<&'static str, DeskError> {
    let actor = signed.actor();
    let after = Afterwards { app, row, actor: &actor };
    let (note, in_next) = (form.first("note").unwrap_or_default(), form.first("in_next").is_some());
    let done = match form.first("do").unwrap_or_default() {
        "amend" => after.amend(reworded(app, row, form)?, note, in_next)?,
        "remove" => after.amend(Change::Removed { article: article(form)? }, note, in_next)?,
        "note" => after.amend(Change::Note, note, in_next)?,
        "withdraw" if form.first("sure").is_none() => {
            return Err(DeskError::Refused("tick that you are sure: a withdrawn issue does not come back".to_owned()));
        }
        "withdraw" => after.amend(Change::Withdrawn, note, false)?,
        "not-in-next" => after.take_off_the_next()?,
        "mail" => {
            let draft = after.draft(note)?;
            if form.first("seen") != Some(&hex(&draft.hash())) {
                return Err(AfterError::NotAsSeen.into());
            }
            after.correct(draft, in_next)?.1
        }
        _ => return Err(DeskError::Form("there is no such deed")),
    };
    Ok(done.action)
}

fn article(form: &Form) -> Result<ArticleId, DeskError> {
    let number = form.first("story").and_then(|number| number.parse().ok());
    number.map(ArticleId).ok_or(DeskError::Form("it does not say which story"))
}

/// What of a story's fields is otherwise than it stands.
fn reworded(app: &App, row: &IssueRow, form: &Form) -> Result<Change, DeskError> {
    let article = article(form)?;
    let public = public(app, row)?;
    let story = public.issue.stories.iter().find(|story| story.article == article).ok_or(DeskError::NotFound)?;
    let changed = |name: &str, stands: &str| {
        form.first(name).map(|text| text.trim().replace("\r\n", " ")).filter(|text| text != stands.trim())
    };
    let authors = changed("authors", &authors(story)).unwrap_or_default();
    let reworded = Reworded {
        title: changed("title", story.title.as_str()),
        summary: changed("summary", story.summary.as_str()),
        url: changed("url", story.url.as_ref().map_or("", url::Url::as_str)),
        authors: authors.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
        no_picture: form.first("no_picture").is_some(),
    };
    reworded.change(article).map_err(|error| DeskError::Refused(error.to_string()))
}

fn authors(story: &Story) -> String {
    story.authors.iter().map(Line::as_str).collect::<Vec<_>>().join(", ")
}

fn public(app: &App, row: &IssueRow) -> Result<PublicIssue, DeskError> {
    let issue = app.store.sent_revision(row.id)?.ok_or(DeskError::NotFound)?;
    Ok(PublicIssue::new(issue, &app.store.amendments(row.id)?))
}

fn shown(
    app: &App,
    signed: &Signed,
    row: &IssueRow,
    said: Option<Said<'_>>,
    letter: Option<&LetterShown<'_>>,
) -> Result<Response, DeskError> {
    let (newsletter, public) = (newsletter(app, row.slug.as_str())?, public(app, row)?);
    let stories: Vec<SentStory> = public.issue.stories.iter().map(line).collect();
    let told = told(app, row)?;
    let token = signed.session.form_token();
    let issue = SentIssue {
        newsletter,
        number: public.issue.number,
        at: row.occurrence.at,
        stories: &stories,
        notes: &public.notes,
        is_withdrawn: public.withdrawn_at.is_some(),
        told: &told,
    };
    Ok(html_page(pages::sent(page(app, signed, &token, said)?, issue, letter)))
}

fn line(story: &Story) -> SentStory {
    SentStory {
        article: story.article.0,
        title: story.title.to_string(),
        summary: story.summary.to_string(),
        url: story.url.as_ref().map(ToString::to_string).unwrap_or_default(),
        authors: authors(story),
        has_picture: story.picture.is_some(),
    }
}

fn told(app: &App, row: &IssueRow) -> Result<Vec<ToldLine>, DeskError> {
    let corrections = app.store.corrections_of(row.id)?;
    let line = |correction: crate::store::corrections::CorrectionRow| {
        let tally = correction.letter.map(|letter| app.store.tally(letter)).transpose()?;
        Ok(ToldLine {
            at: correction.at,
            note: correction.note,
            mailed: tally.map(|tally| (tally.accepted, tally.recipients)),
            in_next: correction.in_next,
        })
    };
    corrections.into_iter().map(line).collect()
}
