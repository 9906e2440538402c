//! The coming issue in every view, as any choice of topics gets it. The frames have a policy of their own: they run nothing and post nothing.

use super::checks::checks;
use super::coming::Standing;
use super::stories::told;
use super::visit::Visit;
use super::{Desk, DeskError, Signed, newsletter, page};
use crate::app::App;
use crate::domain::issue::Choice;
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use crate::rehearsal::{Rehearsal, rehearse_choice};
use crate::templates::desk::{self as pages, Said, Showing, View};
use crate::templates::preview::{darkened, framed, without_images};
use crate::web::page::html_page;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// What the views may load and do: their own styles and pictures, and nothing else. `sandbox` holds also for whoever opens one by itself.
const VIEW_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
    img-src 'self' https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// Which topics the address of the preview names.
#[derive(Debug, Default)]
pub(super) struct Asked {
    topics: BTreeSet<Slug>,
}

impl Asked {
    fn read(query: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if name == "topic" {
                asked.topics.extend(Slug::parse(&value).ok());
            }
        }
        asked
    }

    fn choice(&self) -> Choice {
        if self.topics.is_empty() { Choice::Everything } else { Choice::Topics(self.topics.clone()) }
    }
}

/// `GET /desk/n/SLUG/preview`.
pub(super) async fn show(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, DeskError> {
    let Visit { desk, signed, slug, said, .. } = visit;
    let asked = Asked::read(query.as_deref());
    desk.work(move |app| shown(app, &signed, newsletter(app, &slug)?, &asked, None, said.as_deref())).await
}

/// The page, perhaps with a link for outsiders that was just made.
pub(super) fn shown(
    app: &App,
    signed: &Signed,
    newsletter: &Newsletter,
    asked: &Asked,
    link: Option<(&str, DateTime<Utc>)>,
    said: Option<&str>,
) -> Result<Response, DeskError> {
    let standing = Standing::of(app, newsletter)?;
    let rehearsal = rehearse_choice(app, newsletter, app.now(), asked.choice());
    let nothing = "Nobody with this choice would get anything: no story has one of the topics.";
    let problem = match &rehearsal {
        Ok(rehearsal) if rehearsal.variant.stories == 0 && !asked.topics.is_empty() => Some(nothing.to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    let topics: Vec<(String, String, bool)> = newsletter
        .sections
        .iter()
        .map(|section| (section.slug.to_string(), section.title.to_string(), asked.topics.contains(&section.slug)))
        .collect();
    let (checks, why) = (checks(app, &standing)?, told(app, newsletter, &asked.choice())?);
    let coming = standing.shown();
    let variant = rehearsal.as_ref().ok().map(|rehearsal| &rehearsal.variant);
    let showing = Showing {
        coming: &coming,
        subject: variant.map_or("", |variant| variant.subject.as_str()),
        size: variant.map_or(0, |variant| variant.html.len()),
        topics: &topics,
        problem: problem.as_deref(),
        checks: &checks,
        why: &why,
        link,
    };
    let token = signed.session.form_token();
    let said = said.map(|sentence| Said { sentence, well: true });
    Ok(html_page(pages::preview(page(app, signed, &token, said)?, &showing)))
}

/// `GET /desk/n/SLUG/view/VIEW`: one frame.
pub(super) async fn view(
    State(desk): State<Desk>,
    Path((slug, view)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, DeskError> {
    let base = desk.base_path.to_string();
    desk.work(move |app| {
        let newsletter = newsletter(app, &slug)?;
        let rehearsal = rehearse_choice(app, newsletter, app.now(), Asked::read(query.as_deref()).choice())?;
        frame(&rehearsal, &view, &base)
    })
    .await
}

/// The issue in one view, for a frame.
pub(super) fn frame(rehearsal: &Rehearsal, view: &str, base: &str) -> Result<Response, DeskError> {
    let view = View::of(view).ok_or(DeskError::NotFound)?;
    let html = || framed(&rehearsal.html_with_local_pictures(base));
    let mut response = match view.id {
        "text" => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], rehearsal.text()).into_response(),
        "dark" => html_page(darkened(&html())),
        "bare" => html_page(without_images(&html())),
        _ => html_page(html()),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(VIEW_POLICY));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}
