//! One reader at the desk: found by their address, shown with everything that was recorded of them, and unsubscribed when they ask for it by telephone. No lists:
//! an editor has no business with them. The address stands in no web address and so in no log.

use super::door::checked;
use super::{Desk, DeskError, Signed, page};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::consent::Evidence;
use crate::domain::subscriber::{Status, Subscriber};
use crate::domain::tag::Slug;
use crate::subscribe::{SubscribeError, Which, leave};
use crate::templates::desk::{self as pages, Entry, ReaderShown, Said, Subscribed};
use crate::web::form::Form;
use crate::web::page::html_page;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// `GET /desk/readers`: the field.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, DeskError> {
    desk.work(move |app| shown(app, &signed, "", None, None)).await
}

/// `POST /desk/readers`: finds one reader, and ends what they get if that button was pressed.
pub(super) async fn find(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    form: Option<Extension<Form>>,
) -> Result<Response, DeskError> {
    let form = checked(form)?;
    desk.work(move |app| {
        let typed = form.first("address").unwrap_or_default().trim();
        let Ok(address) = EmailAddress::parse(typed) else {
            let said = Said { sentence: "That is no mail address.", well: false };
            return Ok(
                (StatusCode::UNPROCESSABLE_ENTITY, shown(app, &signed, typed, None, Some(said))?).into_response()
            );
        };
        let ended = match form.first("leave") {
            Some(which) => Some(end(app, &signed, &address, which)?),
            None => None,
        };
        let person = app.store.read_people(|people| people.by_address(&address))?;
        let nobody = Said { sentence: "Nobody with this address is known here.", well: false };
        let said = match (&ended, &person) {
            (Some(sentence), _) => Some(Said { sentence, well: true }),
            (None, None) => Some(nobody),
            (None, Some(_)) => None,
        };
        shown(app, &signed, typed, person.as_ref(), said)
    })
    .await
}

/// Unsubscribes somebody from one newsletter, or from all; what was done, in a sentence.
fn end(app: &App, signed: &Signed, address: &EmailAddress, which: &str) -> Result<String, DeskError> {
    let which = match which {
        "all" => Which::All,
        slug => Which::One(Slug::parse(slug).map_err(|_| DeskError::Form("there is no such newsletter"))?),
    };
    let evidence = Evidence::new(app.now(), "desk").with("editor", &signed.actor());
    let ended = leave(&app.store, address, &which, &evidence).map_err(|error| match error {
        SubscribeError::Store(error) => DeskError::from(error),
        other => DeskError::Refused(other.to_string()),
    })?;
    let names: Vec<&str> = ended.iter().map(Slug::as_str).collect();
    if names.is_empty() {
        return Ok("They had left before.".to_owned());
    }
    // The audit outlives an erasure, so it names nobody.
    app.store.audit(&signed.actor(), "unsubscribe", &names.join(", "), "a reader, who asked for it", app.now())?;
    Ok(format!("They get no more of {}.", names.join(", ")))
}

fn shown(
    app: &App,
    signed: &Signed,
    typed: &str,
    person: Option<&Subscriber>,
    said: Option<Said<'_>>,
) -> Result<Response, DeskError> {
    let token = signed.session.form_token();
    let reader = person.map(|person| known(app, person)).transpose()?;
    Ok(html_page(pages::readers(page(app, signed, &token, said)?, typed, reader.as_ref())))
}

fn known(app: &App, person: &Subscriber) -> Result<ReaderShown, DeskError> {
    let suppressed = {
        let hash = app.keyring.suppression_hash(&person.address);
        app.store.read_people(|people| people.suppression(&hash))?
    };
    let ledger = app.store.read_people(|people| people.consent(person.id))?;
    Ok(ReaderShown {
        address: person.address.to_string(),
        name: person.name.to_string(),
        zone: super::host(app)?.zone,
        suppressed: suppressed.map(|suppressed| suppressed.reason.in_words().to_owned()),
        subscriptions: person
            .subscriptions
            .iter()
            .map(|one| Subscribed {
                slug: one.newsletter.to_string(),
                title: app
                    .config
                    .newsletter(&one.newsletter)
                    .map_or_else(|| one.newsletter.to_string(), |known| known.title.to_string()),
                word: one.word().to_owned(),
                topics: one.choice.key().replace(',', ", "),
                can_leave: !matches!(one.status, Status::Left { .. }),
            })
            .collect(),
        ledger: ledger
            .into_iter()
            .map(|entry| Entry {
                at: entry.evidence.at,
                event: entry.event.as_str(),
                newsletter: entry.newsletter.map(|slug| slug.to_string()).unwrap_or_default(),
                by: entry.evidence.origin,
                shown: entry.evidence.wording,
                network: entry.evidence.network.unwrap_or_default(),
                detail: entry.evidence.detail.into_iter().collect(),
            })
            .collect(),
    })
}
