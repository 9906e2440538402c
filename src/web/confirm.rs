//! The page behind a confirmation mail. Looking changes nothing, so a scanner that follows every link confirms nobody; nor does one that presses what it finds,
//! for the page asks for the number that it shows. It works once, and a link that does nothing any more says kindly what to do.

use crate::domain::consent::Evidence;
use crate::domain::newsletter::Newsletter;
use crate::domain::question::Way;
use crate::domain::signup::Rules;
use crate::domain::subscriber::{Status, Subscriber};
use crate::domain::tag::Slug;
use crate::domain::token::{Claim, Purpose};
use crate::store::letters::Letter;
use crate::subscribe::{Link, Opened, Visit, Wish, confirm_by_link, open_link};
use crate::templates::dates;
use crate::templates::pages::{self, Again, Asked, Confirming, OnTheList, confirm_wording};
use crate::templates::texts::Texts;
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::me::with_clerk;
use crate::web::page::html_page;
use crate::web::question;
use crate::web::subscribe::{sent_page, take};
use crate::web::{Site, WebError, WebState};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};

/// The words in the consent ledger.
const ORIGIN: &str = "confirmation page";

/// `GET /c/TOKEN`.
pub(super) async fn show(State(state): State<WebState>, Path(token): Path<String>) -> Result<Response, WebError> {
    let link = open(&state, &token).await?;
    let (site, now) = (state.site(), state.now());
    Ok(match link {
        Link::Open(opened) => page(&state, &token, &opened, None).await?,
        Link::Used(opened) if opened.letter.expires_at > now && gets_any(&opened) => {
            let shown = shown(&state, &opened, &site).await?;
            html_page(on_the_list(&state, &site, &shown).await?)
        }
        Link::Expired(opened) => {
            let shown = shown(&state, &opened, &site).await?;
            html_page(pages::link_expired(shown.site(), days(&site.rules), &format!("{}/c/{token}", state.base_path())))
        }
        Link::Used(_) | Link::Gone => {
            let host = site.host().ok_or(WebError::NotFound)?;
            (StatusCode::GONE, html_page(pages::link_gone(pages::Site::of(host)))).into_response()
        }
    })
}

/// The page that asks, perhaps once more.
async fn page(state: &WebState, token: &str, opened: &Opened, again: Option<Again>) -> Result<Response, WebError> {
    let site = state.site();
    let shown = shown(state, opened, &site).await?;
    let asked = question::ask(state, ("c", token), Way::Type, again);
    Ok(html_page(pages::confirm(shown.confirming(&format!("{}/c/{token}", state.base_path()), &asked))))
}

/// `POST /c/TOKEN`: the button, or the one that asks for a new link.
pub(super) async fn press(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    form: Form,
) -> Result<Response, WebError> {
    let (link, now) = (open(&state, &token).await?, state.now());
    let back = Redirect::to(&format!("{}/c/{token}", state.base_path())).into_response();
    match link {
        Link::Open(opened) => {
            let again = question::hear(&state, &form, &token, (Way::Type, Some(opened.person.id))).await?;
            if again.is_some() {
                let asked = page(&state, &token, &opened, again).await?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, asked).into_response());
            }
            confirm(&state, &opened, visitor).await?;
            Ok(back)
        }
        Link::Expired(opened) if form.first("again").is_some() => {
            let visit = Visit {
                form: "expired confirmation link".to_owned(),
                nonce: None,
                household: visitor.household(),
                network: visitor.network(),
                at: now,
            };
            let Opened { letter, person } = *opened;
            let wish = Wish::Subscribe { terms: letter.terms, wording: String::new() };
            take(&state, person.address, wish, visit).await?;
            Ok(sent_page(&state))
        }
        _ => Ok(back),
    }
}

async fn open(state: &WebState, token: &str) -> Result<Link, WebError> {
    let (claim, now) = (state.verify(token, Purpose::Confirm)?, state.now());
    state.with_store(move |store| open_link(store, claim.public_id, now)).await
}

async fn confirm(state: &WebState, opened: &Opened, visitor: Visitor) -> Result<(), WebError> {
    let (site, now) = (state.site(), state.now());
    let shown = Shown::of(opened, &site)?;
    let wording = confirm_wording(shown.site(), &shown.names);
    let evidence = Evidence { wording, network: visitor.network(), ..Evidence::new(now, ORIGIN) };
    let code = opened.letter.code;
    with_clerk(state, move |clerk| confirm_by_link(clerk, code, &evidence)).await?;
    state.bell().notify_one();
    Ok(())
}

/// Whether the person gets any of what the letter was about.
fn gets_any(opened: &Opened) -> bool {
    let wanted = |slug: &Slug| opened.letter.terms.wanted.iter().any(|wanted| wanted.newsletter == *slug);
    let is_on = |status| matches!(status, Status::Active { .. } | Status::Paused { .. });
    opened.person.subscriptions.iter().any(|one| wanted(&one.newsletter) && is_on(one.status))
}

async fn on_the_list(state: &WebState, site: &Site, shown: &Shown<'_>) -> Result<String, WebError> {
    let (slug, person, base) = (&shown.newsletter.slug, shown.person, state.base_path());
    let wanted = slug.clone();
    let newsletter = state.with_store(move |store| store.known_newsletter_id(&wanted)).await?.unwrap_or_default();
    let claim = Claim { purpose: Purpose::Preferences, newsletter, public_id: person.public_id, epoch: person.epoch };
    Ok(pages::confirmed(OnTheList {
        site: shown.site(),
        names: &shown.names,
        address: person.address.as_str(),
        next: shown.next.as_deref(),
        preferences_url: &format!("{base}/p/{}", site.keyring.url_token(claim)),
        issues_url: &format!("{base}/{slug}"),
    }))
}

pub(super) fn days(rules: &Rules) -> u32 {
    u32::try_from(rules.confirm_within.num_days().max(1)).unwrap_or(1)
}

/// What the page says of a letter.
struct Shown<'a> {
    newsletter: &'a Newsletter,
    letter: &'a Letter,
    person: &'a Subscriber,
    names: String,
    topics: String,
    asked_on: String,
    until: String,
    next: Option<String>,
}

/// What the page says of a letter, with the next date as people may have changed it.
async fn shown<'a>(state: &WebState, opened: &'a Opened, site: &'a Site) -> Result<Shown<'a>, WebError> {
    let mut shown = Shown::of(opened, site)?;
    let (newsletter, now) = (shown.newsletter.clone(), state.now());
    let next = state.with_store(move |store| store.next_date(&newsletter, now)).await?;
    shown.next = next.map(|next| shown.day(next.at));
    Ok(shown)
}

impl<'a> Shown<'a> {
    fn of(opened: &'a Opened, site: &'a Site) -> Result<Self, WebError> {
        let Opened { letter, person } = opened;
        let newsletters = letter.terms.newsletters(&site.newsletters);
        let newsletter = newsletters.first().copied().or(site.host()).ok_or(WebError::NotFound)?;
        let texts = texts_of(letter, newsletter);
        let mut shown = Self {
            newsletter,
            letter,
            person,
            names: texts.list(newsletters.iter().map(|one| one.title.as_str())),
            topics: texts.list(letter.terms.topics(&site.newsletters)),
            asked_on: String::new(),
            until: String::new(),
            next: None,
        };
        (shown.asked_on, shown.until) = (shown.day(letter.at), shown.day(letter.expires_at));
        Ok(shown)
    }

    fn day(&self, at: DateTime<Utc>) -> String {
        dates::minute(at.with_timezone(&self.newsletter.zone), texts_of(self.letter, self.newsletter))
    }

    fn site(&self) -> pages::Site<'_> {
        pages::Site::of(self.newsletter).in_language(self.letter.terms.language.as_ref())
    }

    fn confirming<'s>(&'s self, action: &'s str, asked: &'s Asked) -> Confirming<'s> {
        Confirming {
            site: self.site(),
            names: &self.names,
            topics: (!self.topics.is_empty()).then_some(self.topics.as_str()),
            address: self.person.address.as_str(),
            asked_on: &self.asked_on,
            until: &self.until,
            next: self.next.as_deref(),
            action,
            asked,
        }
    }
}

fn texts_of(letter: &Letter, newsletter: &Newsletter) -> &'static Texts {
    Texts::of(letter.terms.language.as_ref().unwrap_or(&newsletter.language))
}
