//! The face of the coming issue: subject, preheader, note, lead, and its sections.

use super::DeskError;
use super::coming::Standing;
use super::hand::{actor, back, by, changed, changes, editor, hinted, pair, undone};
use super::visit::{Deed, Seen, Visit};
use crate::domain::hand::{IssueEdit, StoryRef, Target};
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::publish::hand::{IssueSides, TextSides, sides};
use crate::templates::desk::{self as pages, Input, Order, Pair};
use crate::web::form::Form;
use axum::response::{IntoResponse, Redirect, Response};

/// `GET /desk/n/SLUG/face`.
pub(super) async fn show(visit: Visit) -> Result<Response, DeskError> {
    let render = visit.show(|&Seen { app, newsletter, standing }, page| {
        let sides = sides(&app.store, newsletter, app.desk(), app.now())?.issue;
        let about = Target::Issue(sides.number);
        let changes = changes(app, newsletter, |change| change.target == about)?;
        let order = order(newsletter, &sides.order);
        let ordered_by = sides.order.hand.as_ref().map(by);
        let introductions = introductions(newsletter, &sides);
        let (coming, pairs) = (standing.shown(), pairs(standing, &sides));
        Ok(pages::face(page, &coming, &pairs, &order, ordered_by.as_ref(), &introductions, &changes))
    });
    render.await
}

fn pairs(standing: &Standing, sides: &IssueSides) -> Vec<Pair> {
    let stories = standing.issue.stories.iter().map(|story| (story.article.0.to_string(), story.title.to_string()));
    let mut leads: Vec<(String, String)> = stories.collect();
    let standing_lead = sides.lead.hand.as_ref().map_or(&sides.lead.machine, |set| &set.value);
    if !leads.iter().any(|(article, _)| article == standing_lead) {
        leads.insert(0, (standing_lead.clone(), standing_lead.clone()));
    }
    vec![
        hinted(
            pair("subject", "Subject", &sides.subject, Input::Line),
            "{lead}, {title}, {number}, {date} and {count} are replaced.",
        ),
        hinted(
            pair("preheader", "Preheader", &sides.preheader, Input::Area),
            "The line that inboxes show beside the subject.",
        ),
        hinted(pair("note", "Note", &sides.note, Input::Text), "In Markdown, above the stories. Empty for none."),
        pair("lead", "Lead", &sides.lead, Input::Pick(leads)),
    ]
}

fn introductions(newsletter: &Newsletter, sides: &IssueSides) -> Vec<Pair> {
    let of = |slug: &Slug| sides.introductions.get(slug);
    let sections = newsletter.sections.iter().filter_map(|section| Some((section, of(&section.slug)?)));
    sections
        .map(|(section, sides)| pair(&intro_name(&section.slug), section.title.as_str(), sides, Input::Area))
        .collect()
}

fn intro_name(slug: &Slug) -> String {
    format!("intro-{slug}")
}

/// The sections as they stand: those that are named first, the others as configured.
fn order(newsletter: &Newsletter, sides: &TextSides) -> Vec<Order> {
    let named = sides.hand.as_ref().map_or(&sides.machine, |set| &set.value);
    let named: Vec<&str> = named.split(", ").collect();
    let mut sections: Vec<_> = newsletter.sections.iter().collect();
    sections.sort_by_key(|section| named.iter().position(|slug| *slug == section.slug.as_str()).unwrap_or(usize::MAX));
    sections.iter().map(|section| Order { slug: section.slug.to_string(), title: section.title.to_string() }).collect()
}

/// `POST /desk/n/SLUG/face`: saves what differs from what stands, or takes one field back.
pub(super) async fn save(deed: Deed) -> Result<Response, DeskError> {
    let save = deed.work(|app, newsletter, form, signed| {
        let sides = sides(&app.store, newsletter, app.desk(), app.now())?.issue;
        let edits = match form.first("back") {
            Some(field) => vec![taken_back(field)?],
            None => edits(form, newsletter, &sides)?,
        };
        Ok(!editor(app, newsletter, &actor(signed)).issue(sides.number, edits)?.is_empty())
    });
    Ok(back(&deed.place("face"), save.await?))
}

fn edits(form: &Form, newsletter: &Newsletter, sides: &IssueSides) -> Result<Vec<IssueEdit>, DeskError> {
    let line = |name: &str, sides| changed(form.first(name), sides).map(|text| Line::clean(&text));
    // An empty subject or preheader is no wish: the program's own stands.
    let words = |name: &str, sides| line(name, sides).map(|text| Some(text).filter(|text| !text.is_empty()));
    let lead = changed(form.first("lead"), &sides.lead).map(|lead| StoryRef::parse(&lead).map_err(DeskError::Refused));
    let mut edits: Vec<IssueEdit> = [
        words("subject", &sides.subject).map(IssueEdit::Subject),
        words("preheader", &sides.preheader).map(IssueEdit::Preheader),
        changed(form.first("note"), &sides.note)
            .map(|note| IssueEdit::Note(Some(note).filter(|note| !note.is_empty()))),
        lead.transpose()?.map(|lead| IssueEdit::Lead(Some(lead))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let wanted = wanted_order(form, newsletter, &sides.order);
    if changed(Some(&wanted.iter().map(Slug::as_str).collect::<Vec<_>>().join(", ")), &sides.order).is_some() {
        edits.push(IssueEdit::Order(Some(wanted)));
    }
    for (slug, sides) in &sides.introductions {
        if let Some(introduction) = line(&intro_name(slug), sides) {
            edits.push(IssueEdit::Introduction(slug.clone(), Some(introduction)));
        }
    }
    Ok(edits)
}

/// The sections by the numbers that were typed; equal numbers, and none, keep the order that stands.
fn wanted_order(form: &Form, newsletter: &Newsletter, sides: &TextSides) -> Vec<Slug> {
    let standing = order(newsletter, sides);
    let number = |at: usize, slug: &str| {
        form.first(&format!("place-{slug}")).and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(at + 1)
    };
    let mut sections: Vec<(usize, &Order)> =
        standing.iter().enumerate().map(|(at, section)| (number(at, &section.slug), section)).collect();
    sections.sort_by_key(|(number, _)| *number);
    sections.into_iter().filter_map(|(_, section)| Slug::parse(&section.slug).ok()).collect()
}

fn taken_back(field: &str) -> Result<IssueEdit, DeskError> {
    // In the form each introduction has a name without a sign.
    let named = field.strip_prefix("intro-").map(|slug| format!("introduction={slug}"));
    IssueEdit::taken_back(named.as_deref().unwrap_or(field)).ok_or(DeskError::Form("there is no such field"))
}

/// `POST /desk/n/SLUG/face/undo`: takes the latest change back.
pub(super) async fn undo(deed: Deed) -> Result<Response, DeskError> {
    let undo = deed.work(|app, newsletter, _, signed| {
        let actor = actor(signed);
        let editor = editor(app, newsletter, &actor);
        undone(editor.undo_issue(editor.number()?)?)
    });
    undo.await?;
    Ok(Redirect::to(&deed.place("face?done=undo")).into_response())
}
