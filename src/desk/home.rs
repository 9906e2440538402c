//! The first page: every newsletter's coming issue, alarms, and how the last issues went.

use super::checks::checks;
use super::coming::Standing;
use super::{Desk, DeskError, Signed, page};
use crate::app::App;
use crate::domain::issue::IssueState;
use crate::store::alarms::Alarm;
use crate::templates::desk::{self as pages, Check, Home, Said, Sent, Trouble};
use crate::web::page::html_page;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;

/// `GET /desk`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Query(done): Query<super::act::Done>,
) -> Result<Response, DeskError> {
    let sentence = done.sentence(&desk, &signed).await?;
    desk.work(move |app| {
        let standings =
            app.config.newsletters.iter().map(|one| Standing::of(app, one)).collect::<Result<Vec<_>, _>>()?;
        let coming = standings
            .iter()
            .map(|standing| Ok((standing.shown(), checks(app, standing)?)))
            .collect::<Result<Vec<(_, Vec<Check>)>, DeskError>>()?;
        let alarms = app.store.alarms()?;
        let troubles = alarms
            .into_iter()
            .map(|alarm| Trouble {
                about: format!("{}, {}", alarm.kind.replace('-', " "), alarm.about),
                way: way(app, &alarm),
                sentence: alarm.sentence,
            })
            .collect();
        let home = Home { coming, sent: sent(app)?, troubles };
        let said = sentence.as_deref().map(|sentence| Said { sentence, well: true });
        let token = signed.session.form_token();
        Ok::<_, DeskError>(html_page(pages::home(page(app, &signed, &token, said)?, &home)))
    })
    .await
}

/// Where on the desk an alarm is dealt with. Those of the machine (its disk, its relay) are for whoever has a shell.
fn way(app: &App, alarm: &Alarm) -> Option<(String, &'static str)> {
    let newsletter = app.config.newsletters.iter().find(|newsletter| newsletter.slug.as_str() == alarm.about);
    if let Some(newsletter) = newsletter {
        let place = |page: &str| format!("/desk/n/{}/{page}", newsletter.slug);
        return Some(match alarm.kind.as_str() {
            "few readers" | "ledger" | "parked" => ("/desk/issues".to_owned(), "What became of it"),
            "date passed" | "no readers" => (place("dates"), "Its dates"),
            _ => (place("preview"), "Look at the issue"),
        });
    }
    let is_of_source =
        alarm.kind == "collecting" || app.config.sources.iter().any(|source| source.id.as_str() == alarm.about);
    is_of_source.then(|| ("/desk/sources".to_owned(), "Look at the sources"))
}

/// The last issue of each newsletter that went out.
fn sent(app: &App) -> Result<Vec<Sent>, DeskError> {
    const LOOKED_AT: usize = 20;
    let mut sent = Vec::new();
    for newsletter in &app.config.newsletters {
        let rows = app.store.issues(Some(app.newsletter_id(newsletter)?), LOOKED_AT)?;
        let Some(row) = rows.into_iter().find(|row| row.state == IssueState::Done) else { continue };
        let (Some(number), Some(at)) = (row.number, row.frozen_at) else { continue };
        let tally = app.store.tally(row.id)?;
        sent.push(Sent { title: newsletter.title.to_string(), number, at, zone: newsletter.zone, tally });
    }
    Ok(sent)
}
