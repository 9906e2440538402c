//! Sources and their health, past issues with their counts, the audit: read, and shown.

use super::{Desk, DeskError, Signed, host, page};
use crate::app::App;
use crate::domain::source::Source;
use crate::store::issues::IssueRow;
use crate::templates::desk::{self as pages, Past, SourceLine, Well};
use crate::web::page::html_page;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;

/// Issues and deeds on one page, at most.
const SHOWN: usize = 200;

/// `GET /desk/sources`.
pub(super) async fn sources(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, DeskError> {
    desk.work(move |app| {
        let lines = app.config.sources.iter().map(|source| line(app, source)).collect::<Result<Vec<_>, _>>()?;
        let every = format!("{} minutes", app.config.collect.every.num_minutes());
        let token = signed.session.form_token();
        let zone = host(app)?.zone;
        Ok::<_, DeskError>(html_page(pages::sources(page(app, &signed, &token, None)?, &lines, &every, zone)))
    })
    .await
}

fn line(app: &App, source: &Source) -> Result<SourceLine, DeskError> {
    let state = app.store.known_source_state(&source.id)?.unwrap_or_default();
    let well = match (state.last_try_at, state.last_error) {
        (None, _) => Well::New,
        (_, None) => Well::Healthy,
        (_, Some(error)) => Well::Failing(state.failures.max(1), error),
    };
    Ok(SourceLine {
        name: source.name.to_string(),
        kind: source.kind.as_str(),
        place: source.kind.place(),
        well,
        read_at: state.last_success_at,
        new_at: state.last_new_at,
    })
}

/// `GET /desk/issues`.
pub(super) async fn issues(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, DeskError> {
    desk.work(move |app| {
        let rows = app.store.issues(None, SHOWN)?;
        let past = rows.iter().map(|row| past(app, row)).collect::<Result<Vec<_>, _>>()?;
        let token = signed.session.form_token();
        Ok::<_, DeskError>(html_page(pages::issues(page(app, &signed, &token, None)?, &past)))
    })
    .await
}

fn past(app: &App, row: &IssueRow) -> Result<Past, DeskError> {
    let title = app.config.newsletter(&row.slug).map_or_else(|| row.slug.to_string(), |known| known.title.to_string());
    let is_known = app.config.newsletter(&row.slug).is_some();
    let public = row.number.filter(|_| row.sent_revision.is_some()).map(|number| format!("/{}/{number}", row.slug));
    Ok(Past {
        title,
        public,
        number: row.number,
        after: row
            .number
            .filter(|_| is_known && row.sent_revision.is_some())
            .map(|number| format!("/desk/n/{}/sent/{number}", row.slug)),
        at: row.occurrence.at,
        zone: row.occurrence.zone,
        state: row.state,
        reason: row.reason.clone().unwrap_or_default(),
        tally: app.store.tally(row.id)?,
    })
}

/// `GET /desk/audit`.
pub(super) async fn audit(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, DeskError> {
    desk.work(move |app| {
        let deeds = app.store.deeds(SHOWN)?;
        let lines: Vec<_> = deeds
            .iter()
            .map(|deed| (deed.at, deed.actor.as_str(), deed.action.as_str(), deed.about.as_str(), deed.detail.as_str()))
            .collect();
        let token = signed.session.form_token();
        Ok::<_, DeskError>(html_page(pages::audit(page(app, &signed, &token, None)?, &lines, host(app)?.zone)))
    })
    .await
}
