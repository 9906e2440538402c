//! Signing up: the form, and what becomes of it. GET shows, POST asks; the answer is the same whoever the address belongs to, for nobody looks.
//!
//! A form that carries no token of ours, or one that is too fresh, too old or from another site's page, is shown once more with its fields filled in: so
//! a plain form in anybody's page leads here, one press from done, and a machine that only sends forms gets no further.

use crate::domain::address::{AddressError, EmailAddress};
use crate::domain::archive::Archive;
use crate::domain::issue::Choice;
use crate::domain::letter::{Terms, Wanted};
use crate::domain::newsletter::Newsletter;
use crate::domain::signup::{FORM_LIFETIME, Rules};
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::domain::token::Purpose;
use crate::subscribe::{Taken, Visit, Wish, is_disposable, meant, request};
use crate::templates::pages::{self, Filled, HONEYPOT, Latest, Notice, SignUp, sign_up_wording};
use crate::templates::texts::Texts;
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::page::html_page;
use crate::web::public::latest_issue;
use crate::web::query::Words;
use crate::web::{Site, WebError, WebState};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Our own page, in the consent ledger.
const OUR_PAGE: &str = "sign-up page";

/// Headlines of the latest issue that are shown.
const HEADLINES: usize = 4;

/// What may be chosen by the address of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Preset {
    newsletter: Option<String>,
}

/// `GET /subscribe`.
pub(super) async fn show(State(state): State<WebState>, Words(preset): Words<Preset>) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let wanted = preset.newsletter.filter(|slug| site.newsletters.iter().any(|one| one.slug.as_str() == slug));
    let newsletters = vec![wanted.unwrap_or_else(|| host.slug.to_string())];
    page(&state, &Filled { newsletters, ..Filled::default() }, None).await
}

/// `GET /subscribe/sent`: what everybody reads after asking.
pub(super) async fn sent(State(state): State<WebState>) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let days = site.rules.confirm_within.num_days().max(1);
    Ok(html_page(pages::check_your_mail(pages::Site::of(host), u32::try_from(days).unwrap_or(1))))
}

/// `POST /subscribe`.
pub(super) async fn ask(
    State(state): State<WebState>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, WebError> {
    let site = state.site();
    let from = Whence::of(&headers, &site.rules);
    if from == Whence::Stranger {
        // Another site's page that is not named in the configuration: nothing of what it says is taken over.
        return page(&state, &Filled::default(), None).await;
    }
    if form.first(HONEYPOT).is_some_and(|text| !text.trim().is_empty()) {
        return Ok(sent_page(&state));
    }
    let mut filled = read(&form, &site);
    if let Whence::Friend(origin) = &from {
        filled.via.clone_from(origin);
    }
    let address = match checked(&filled, &form, &site) {
        Ok(address) => address,
        Err(notice) => {
            let shown = page(&state, &filled, Some(notice)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
        }
    };
    let sure = form.first("sure").is_some() || form.first("meant").is_some();
    if let Some(better) = meant(&address).filter(|_| !sure) {
        return page(&state, &filled, Some(Notice::Meant(better.as_str()))).await;
    }
    let (Whence::Here, Some(nonce)) = (from, token(&state, &form)) else {
        return page(&state, &filled, Some(Notice::OneMorePress)).await;
    };
    let visit = Visit {
        form: if filled.via.is_empty() { OUR_PAGE.to_owned() } else { format!("form of {}", filled.via) },
        nonce: Some(nonce),
        household: visitor.household(),
        network: visitor.network(),
        at: state.now(),
    };
    let wording =
        sign_up_wording(site.host().map_or_else(|| Texts::of(&Language::english()), |host| Texts::of(&host.language)));
    let wish = Wish::Subscribe { terms: terms(&filled, &site), wording };
    take(&state, address, wish, visit).await?;
    Ok(sent_page(&state))
}

/// Hands a request to the clerk.
pub(super) async fn take(state: &WebState, address: EmailAddress, wish: Wish, visit: Visit) -> Result<(), WebError> {
    let site = state.site();
    let taken = state.with_store(move |store| request(store, &site.rules, &address, &wish, &visit)).await?;
    match taken {
        Taken::Yes => {
            state.bell().notify_one();
            Ok(())
        }
        refused => Err(WebError::TooMany(refused)),
    }
}

/// Where everybody is led who asked. The page names no address: so it is the same for all, byte by byte.
pub(super) fn sent_page(state: &WebState) -> Response {
    Redirect::to(&format!("{}/subscribe/sent", state.base_path())).into_response()
}

/// From whose page a form comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whence {
    /// Ours, as far as the browser says.
    Here,
    /// A site that may carry our form.
    Friend(String),
    /// Another site, which may not.
    Stranger,
    /// Another site that the browser does not name.
    Unnamed,
}

impl Whence {
    /// Reads what the browser says (Fetch Metadata; RFC 6454 section 7). Our own pages send no referrer, so their origin is `null`.
    pub(super) fn of(headers: &HeaderMap, rules: &Rules) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_ours = matches!(text("sec-fetch-site"), Some("same-origin"));
        match text(header::ORIGIN.as_str()).filter(|origin| *origin != "null") {
            _ if is_ours => Self::Here,
            Some(origin) if rules.welcomes(origin) => Self::Friend(origin.to_owned()),
            Some(origin) if is_host(origin, text(header::HOST.as_str())) => Self::Here,
            Some(_) => Self::Stranger,
            None if matches!(text("sec-fetch-site"), Some("cross-site" | "same-site")) => Self::Unnamed,
            None => Self::Here,
        }
    }
}

fn is_host(origin: &str, host: Option<&str>) -> bool {
    let named = origin.split_once("://").map(|(_, rest)| rest);
    named.is_some() && named == host
}

/// What makes a form distinct, if it is ours and was shown neither a moment nor a day ago.
pub(super) fn token(state: &WebState, form: &Form) -> Option<[u8; 8]> {
    let claim = state.verify(form.first("token")?, Purpose::Form).ok()?;
    let (shown, nonce) = claim.form();
    let age = TimeDelta::milliseconds(state.now().timestamp_millis() - shown);
    (age >= state.site().rules.fill_time && age <= FORM_LIFETIME).then_some(nonce)
}

/// A token for a form that is shown now.
pub(super) fn new_token(state: &WebState) -> String {
    state.site().keyring.form_token(state.now().timestamp_millis(), state.chance())
}

async fn page(state: &WebState, filled: &Filled, notice: Option<Notice<'_>>) -> Result<Response, WebError> {
    let site = state.site();
    let host = site.host().ok_or(WebError::NotFound)?;
    let slug = host.slug.clone();
    let is_public = host.archive == Archive::Public;
    let latest = state.with_store(move |store| if is_public { latest_issue(store, &slug) } else { Ok(None) }).await?;
    let shown = latest.map(|issue| {
        let issue = issue.issue;
        let headlines: Vec<(String, Language)> = issue
            .stories
            .iter()
            .take(HEADLINES)
            .map(|story| (story.title.as_str().to_owned(), story.language.clone()))
            .collect();
        (issue.number, format!("{}/{}/{}", state.base_path(), host.slug, issue.number), headlines)
    });
    let html = pages::sign_up(SignUp {
        site: pages::Site::of(host),
        newsletters: &site.newsletters,
        filled,
        token: &new_token(state),
        action: &format!("{}/subscribe", state.base_path()),
        latest: shown.as_ref().map(|(number, path, headlines)| Latest { number: *number, path, headlines }),
        notice,
    });
    let mut response = html_page(html);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The fields, as far as they can be read. A form without a newsletter, as in another site's page, means the first.
pub(super) fn read(form: &Form, site: &Site) -> Filled {
    let short = |text: &str| text.trim().chars().take(320).collect::<String>();
    let known = |slug: &&str| site.newsletters.iter().any(|one| one.slug.as_str() == *slug);
    let mut newsletters: Vec<String> = form.all("newsletter").filter(known).map(str::to_owned).collect();
    let asks_which = form.first("token").is_some() && site.newsletters.len() > 1;
    if newsletters.is_empty() && !asks_which {
        newsletters.extend(site.host().map(|host| host.slug.to_string()));
    }
    Filled {
        address: short(form.first("meant").or(form.first("address")).unwrap_or_default()),
        newsletters,
        topics: form.all("topic").filter(|topic| is_topic(topic, site)).map(str::to_owned).collect(),
        language: form
            .first("language")
            .filter(|code| Texts::languages().any(|known| known == *code))
            .unwrap_or_default()
            .to_owned(),
        plain: form.first("format") == Some("text"),
        via: form.first("via").filter(|origin| site.rules.welcomes(origin)).unwrap_or_default().to_owned(),
    }
}

fn is_topic(value: &str, site: &Site) -> bool {
    topic(value).is_some_and(|(newsletter, topic)| {
        site.newsletter(&newsletter).is_some_and(|one| one.section(&topic).is_some())
    })
}

fn topic(value: &str) -> Option<(Slug, Slug)> {
    let (newsletter, topic) = value.split_once('/')?;
    Some((Slug::parse(newsletter).ok()?, Slug::parse(topic).ok()?))
}

fn checked(filled: &Filled, form: &Form, site: &Site) -> Result<EmailAddress, Notice<'static>> {
    let address = EmailAddress::parse_reader(&filled.address).map_err(|error| match error {
        AddressError::RoleAccount(_) => Notice::Role,
        _ => Notice::NoAddress,
    })?;
    if is_disposable(&address, &site.rules) {
        return Err(Notice::Disposable);
    }
    if filled.newsletters.is_empty() && form.first("token").is_some() {
        return Err(Notice::NoNewsletter);
    }
    Ok(address)
}

/// What the fields ask for.
pub(super) fn terms(filled: &Filled, site: &Site) -> Terms {
    let chosen: Vec<(Slug, Slug)> = filled.topics.iter().filter_map(|value| topic(value)).collect();
    let choice = |newsletter: &Newsletter| {
        let of_it = chosen.iter().filter(|(slug, _)| *slug == newsletter.slug);
        let topics: BTreeSet<Slug> = of_it.map(|(_, topic)| topic.clone()).collect();
        // All of them ticked means everything, and so what comes later, too.
        let all = topics.is_empty() || newsletter.sections.iter().all(|section| topics.contains(&section.slug));
        if all { Choice::Everything } else { Choice::Topics(topics) }
    };
    let asked = site.newsletters.iter().filter(|one| filled.newsletters.iter().any(|slug| *slug == one.slug.as_str()));
    let own = site.host().map(|host| host.language.primary().to_owned()).unwrap_or_default();
    Terms {
        wanted: asked.map(|newsletter| Wanted::new(newsletter.slug.clone(), &choice(newsletter))).collect(),
        language: Language::parse(&filled.language).ok().filter(|language| language.primary() != own),
        plain: filled.plain,
    }
}
