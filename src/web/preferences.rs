//! What a reader chooses by the link in a mail: topics, language, format, other newsletters, and a pause until a day. Leaving is another page.
//!
//! The link is the only credential. It ends with the reader's epoch, and it never confirms, exports or erases anything: mails are forwarded.

use crate::domain::consent::Evidence;
use crate::domain::issue::Choice;
use crate::domain::letter::{LetterKind, Terms, Wanted};
use crate::domain::newsletter::{Newsletter, Section};
use crate::domain::subscriber::{Format, Status, Subscriber};
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::domain::token::{Claim, Purpose};
use crate::subscribe::{Clerk, SubscribeError, Which, ask_fresh, choose, leave, pause, resume, settle};
use crate::templates::dates;
use crate::templates::pages::{self, Button, Other, Pause, Preferences, Said, Why, Wrong};
use crate::templates::texts::Texts;
use crate::web::form::Form;
use crate::web::guard::Visitor;
use crate::web::haste::Page;
use crate::web::me::with_clerk;
use crate::web::page::html_page;
use crate::web::query::Words;
use crate::web::question;
use crate::web::reader::Reader;
use crate::web::{Site, WebError, WebState};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The longest pause, in days. Who wants a longer one leaves, and can come back.
const LONGEST_PAUSE: u64 = 366;

/// What the form says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wishes {
    choice: Choice,
    pause: Pause,
    language: Option<Language>,
    format: Option<Format>,
    /// The other newsletters that are ticked; none where the form did not ask.
    also: Option<BTreeSet<Slug>>,
}

/// Whether the page says that something was saved.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Notice {
    saved: Option<String>,
    mailed: Option<String>,
}

impl Notice {
    fn said(&self) -> Said {
        match (self.saved.as_deref(), &self.mailed) {
            (_, Some(_)) => Said::Mailed,
            (Some("asked"), None) => Said::Asked,
            (Some("waits"), None) => Said::Waits,
            (Some(_), None) => Said::Saved,
            (None, None) => Said::Nothing,
        }
    }
}

/// `GET /p/TOKEN`.
pub(super) async fn show(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    Words(notice): Words<Notice>,
) -> Result<Response, WebError> {
    let reader = find(&state, &token).await?;
    if let Some(person) = &reader.person {
        state.haste().opened(Page::Choosing, person.id, visitor, state.now());
    }
    page(&state, &token, &reader, notice.said(), None).await
}

/// `POST /p/TOKEN`: saves what the form says, if all of it can be read, then shows the page anew.
pub(super) async fn save(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    form: Form,
) -> Result<Response, WebError> {
    let reader = find(&state, &token).await?;
    let site = state.site();
    let Some((person, _, newsletter)) = reader.choosing(&site) else {
        return page(&state, &token, &reader, Said::Nothing, None).await;
    };
    let wishes = match read(&form, &newsletter.sections, today(newsletter, state.now())) {
        Ok(wishes) => wishes,
        Err(wrong) => {
            let shown = page(&state, &token, &reader, Said::Nothing, Some(wrong)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
        }
    };
    let evidence = Evidence { network: visitor.network(), ..Evidence::new(state.now(), "preferences page") };
    let (person, slug, zone) = (person.clone(), newsletter.slug.clone(), newsletter.zone);
    let (newsletters, own) = (site.newsletters.clone(), newsletter.language.clone());
    let asked = with_clerk(&state, move |clerk| {
        let (store, address) = (clerk.store, &person.address);
        choose(store, address, &slug, &wishes.choice, &evidence)?;
        match wishes.pause {
            Pause::Until(day) => pause(store, address, &slug, Some(start_of(day, zone)), &evidence)?,
            Pause::Open => pause(store, address, &slug, None, &evidence)?,
            Pause::No => resume(store, address, &slug, &evidence)?,
        }
        let format = wishes.format.unwrap_or(person.format);
        // The newsletter's own language, chosen by who never chose another, is no choice.
        let chosen = wishes.language.filter(|one| person.language.is_some() || one.primary() != own.primary());
        settle(store, address, chosen.as_ref().or(person.language.as_ref()), format, &evidence)?;
        also(clerk, &person, wishes.also.as_ref(), (&newsletters, &slug), &evidence)
    });
    let said = match asked.await? {
        Said::Asked => "asked",
        Said::Waits => "waits",
        _ => "1",
    };
    state.bell().notify_one();
    Ok(Redirect::to(&format!("{}/p/{token}?saved={said}", state.base_path())).into_response())
}

/// Ends the other newsletters that are not ticked any more, and asks by mail about those that are new. What to tell
/// of that.
fn also(
    clerk: &Clerk<'_>,
    person: &Subscriber,
    ticked: Option<&BTreeSet<Slug>>,
    (newsletters, own): (&[Newsletter], &Slug),
    evidence: &Evidence,
) -> Result<Said, SubscribeError> {
    let Some(ticked) = ticked else { return Ok(Said::Saved) };
    let mut wanted = Vec::new();
    for slug in newsletters.iter().map(|newsletter| &newsletter.slug).filter(|slug| *slug != own) {
        match (ticked.contains(slug), gets(person, slug)) {
            (false, true) => {
                leave(clerk.store, &person.address, &Which::One(slug.clone()), evidence)?;
            }
            (true, false) => wanted.push(Wanted::new(slug.clone(), &Choice::Everything)),
            _ => {}
        }
    }
    if wanted.is_empty() {
        return Ok(Said::Saved);
    }
    let terms = Terms { wanted, language: person.language.clone(), plain: person.format == Format::Text };
    Ok(if clerk.ask_more(&person.address, &terms, evidence)? { Said::Asked } else { Said::Waits })
}

fn gets(person: &Subscriber, slug: &Slug) -> bool {
    let is_on = |status| matches!(status, Status::Active { .. } | Status::Paused { .. });
    person.subscriptions.iter().any(|one| one.newsletter == *slug && is_on(one.status))
}

/// What a fresh mail is asked for: its name in the form, what it leads to, and the key of what it is called.
const FRESH: [(&str, LetterKind, &str); 3] = [
    ("data", LetterKind::Data, "data-button"),
    ("address", LetterKind::Address, "address-button"),
    ("erase", LetterKind::Erase, "erase-button"),
];

/// `POST /p/TOKEN/ask`: asks for a number, so that no machine fills a mailbox, then sends a fresh mail that leads to one's data, to another address, or to being erased.
pub(super) async fn ask(
    State(state): State<WebState>,
    Path(token): Path<String>,
    Extension(visitor): Extension<Visitor>,
    form: Form,
) -> Result<Response, WebError> {
    let reader = find(&state, &token).await?;
    let asked = form.first("what").and_then(|what| FRESH.iter().find(|(name, ..)| *name == what));
    let (what, kind, words) = *asked.ok_or(WebError::Form("nothing was asked for"))?;
    if let Some(person) = &reader.person {
        let (way, of) = (question::way_for(&state, Some(person.id), visitor).await?, Some(person.id));
        // The button of the preferences page leads here, and so sends no number yet.
        let is_first = form.first("token").is_none();
        let again = if is_first { None } else { question::hear(&state, &form, &token, (way, of)).await? };
        if is_first || again.is_some() {
            let site = state.site();
            let host = reader.host(&site).ok_or(WebError::NotFound)?;
            let shown = pages::ask_mail(
                Button {
                    site: pages::Site::of(host).in_language(person.language.as_ref()),
                    address: person.address.as_str(),
                    action: &format!("{}/p/{token}/ask", state.base_path()),
                    asked: &question::ask(&state, ("p", &token), question::way_for(&state, of, visitor).await?, again),
                },
                what,
                words,
            );
            let status = if is_first { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            return Ok((status, html_page(shown)).into_response());
        }
        let evidence = Evidence { network: visitor.network(), ..Evidence::new(state.now(), "preferences page") };
        let person = person.clone();
        with_clerk(&state, move |clerk| ask_fresh(clerk, &person, kind, &evidence)).await?;
    }
    state.bell().notify_one();
    Ok(Redirect::to(&format!("{}/p/{token}?mailed=1", state.base_path())).into_response())
}

/// Whoever holds a link that still opens this page.
async fn find(state: &WebState, token: &str) -> Result<Reader, WebError> {
    let claim = state.verify(token, Purpose::Preferences)?;
    let reader = state.with_store(move |store| Reader::find(store, claim)).await?;
    if reader.person.as_ref().is_some_and(|person| person.epoch != claim.epoch) {
        return Err(WebError::NotFound);
    }
    Ok(reader)
}

async fn page(
    state: &WebState,
    token: &str,
    reader: &Reader,
    said: Said,
    wrong: Option<Wrong>,
) -> Result<Response, WebError> {
    let site = state.site();
    let Some((person, subscription, newsletter)) = reader.choosing(&site) else {
        let host = reader.host(&site).ok_or(WebError::NotFound)?;
        let person = reader.person.as_ref().map(|person| (person.address.as_str(), person.language.as_ref()));
        return Ok(html_page(pages::goodbye(host, person, false, Why::No)));
    };
    let base = state.base_path();
    let leaving = Claim { purpose: Purpose::Unsubscribe, epoch: person.epoch, ..reader.claim };
    let texts = Texts::of(person.language.as_ref().unwrap_or(&newsletter.language));
    let (confirmed_on, pause) = standing(subscription.status, newsletter, texts);
    let others = others(state, &site, person, newsletter).await?;
    Ok(html_page(pages::preferences(Preferences {
        newsletter,
        address: person.address.as_str(),
        confirmed_on: &confirmed_on,
        choice: &subscription.choice,
        pause,
        first_day: today(newsletter, state.now()) + Days::new(1),
        language: person.language.as_ref(),
        plain: person.format == Format::Text,
        others: &others,
        said,
        wrong,
        action: &format!("{base}/p/{token}"),
        ask_action: &format!("{base}/p/{token}/ask"),
        unsubscribe_url: &format!("{base}/u/{}", site.keyring.url_token(leaving)),
        canary: &format!("{base}/p/{token}/x"),
    })))
}

/// The other newsletters, each with the way to its topics where the reader gets it.
async fn others<'s>(
    state: &WebState,
    site: &'s Site,
    person: &Subscriber,
    newsletter: &Newsletter,
) -> Result<Vec<Other<'s>>, WebError> {
    let mut others = Vec::new();
    for other in site.newsletters.iter().filter(|other| other.slug != newsletter.slug) {
        let wanted = other.slug.clone();
        let row = state.with_store(move |store| store.known_newsletter_id(&wanted)).await?;
        let choose_url = row.filter(|_| gets(person, &other.slug)).map(|newsletter| {
            let claim =
                Claim { purpose: Purpose::Preferences, newsletter, public_id: person.public_id, epoch: person.epoch };
            format!("{}/p/{}", state.base_path(), site.keyring.url_token(claim))
        });
        others.push(Other { newsletter: other, choose_url });
    }
    Ok(others)
}

/// When a subscription was confirmed, in words, and whether mail comes.
fn standing(status: Status, newsletter: &Newsletter, texts: &Texts) -> (String, Pause) {
    let day = |at: DateTime<Utc>| at.with_timezone(&newsletter.zone).date_naive();
    let (confirmed_at, pause) = match status {
        Status::Active { confirmed_at } => (Some(confirmed_at), Pause::No),
        Status::Paused { confirmed_at, until } => {
            (Some(confirmed_at), until.map_or(Pause::Open, |until| Pause::Until(day(until))))
        }
        Status::Pending { .. } | Status::Left { .. } => (None, Pause::No),
    };
    let in_words = |at| dates::day(day(at), texts);
    (confirmed_at.map(in_words).unwrap_or_default(), pause)
}

fn today(newsletter: &Newsletter, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&newsletter.zone).date_naive()
}

/// Reads the form. Topics that the newsletter does not have are left out: a page may be older than the configuration.
fn read(form: &Form, sections: &[Section], today: NaiveDate) -> Result<Wishes, Wrong> {
    let topics: BTreeSet<Slug> = form
        .all("topic")
        .filter_map(|text| Slug::parse(text).ok())
        .filter(|slug| sections.iter().any(|section| section.slug == *slug))
        .collect();
    let choice = match form.first("scope") {
        Some("everything") => Choice::Everything,
        _ if topics.is_empty() => return Err(Wrong::NoTopic),
        _ => Choice::Topics(topics),
    };
    let also = form.first("others").map(|_| form.all("also").filter_map(|text| Slug::parse(text).ok()).collect());
    let language = form.first("language").filter(|code| Texts::languages().any(|known| known == *code));
    Ok(Wishes {
        choice,
        pause: read_pause(form, today)?,
        language: language.and_then(|code| Language::parse(code).ok()),
        format: form.first("format").and_then(Format::parse),
        also,
    })
}

fn read_pause(form: &Form, today: NaiveDate) -> Result<Pause, Wrong> {
    let until = form.first("until").unwrap_or_default().trim();
    if until.is_empty() {
        return Ok(if form.first("open").is_some() { Pause::Open } else { Pause::No });
    }
    let day: NaiveDate = until.parse().map_err(|_| Wrong::Day)?;
    let can_be = day > today && day <= today + Days::new(LONGEST_PAUSE);
    if can_be { Ok(Pause::Until(day)) } else { Err(Wrong::Day) }
}

/// The first instant of a day in a zone, also where its midnight falls into the hour that summer time skips.
fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    (0..4)
        .find_map(|hours| (midnight + TimeDelta::hours(hours)).and_local_timezone(zone).earliest())
        .map_or_else(|| midnight.and_utc(), |local| local.to_utc())
}

impl From<SubscribeError> for WebError {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Store(error) => error.into(),
            // They left, or were erased, between the page and the button.
            _ => Self::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Line;

    fn section(name: &str) -> Section {
        Section {
            slug: Slug::parse(name).unwrap(),
            title: Line::clean(name),
            tags: Vec::new(),
            sources: Vec::new(),
            language: None,
            rest: false,
            cap: 4,
            minimum: 0,
            look: crate::domain::newsletter::Look::Rail,
            intro: Line::default(),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn wishes(body: &str) -> Result<Wishes, Wrong> {
        read(&Form::parse("", body.as_bytes()), &[section("nuclear"), section("lobbying")], day("2026-11-20"))
    }

    #[test]
    fn everything_is_a_choice_of_its_own() {
        assert_eq!(wishes("scope=everything&topic=nuclear").unwrap().choice, Choice::Everything);
        assert_eq!(
            wishes("scope=topics&topic=nuclear&topic=lobbying&until=").unwrap().choice,
            Choice::from_key("lobbying,nuclear")
        );
        assert_eq!(
            wishes("scope=topics&topic=nuclear&topic=gone&topic=%00").unwrap().choice,
            Choice::from_key("nuclear")
        );
        assert_eq!(wishes("scope=topics&topic=gone"), Err(Wrong::NoTopic));
        assert_eq!(wishes(""), Err(Wrong::NoTopic));
    }

    #[test]
    fn a_pause_ends_on_a_day_to_come() {
        let until = |text: &str| wishes(&format!("scope=everything&until={text}")).map(|wishes| wishes.pause);
        assert_eq!(until("2026-12-24"), Ok(Pause::Until(day("2026-12-24"))));
        assert_eq!(until(""), Ok(Pause::No));
        for bad in ["2026-11-20", "2026-02-30", "2036-01-01", "tomorrow", "99999-01-01"] {
            assert_eq!(until(bad), Err(Wrong::Day), "{bad}");
        }
        assert_eq!(wishes("scope=everything&open=1&until=").unwrap().pause, Pause::Open);
    }

    #[test]
    fn a_day_begins_also_where_it_has_no_midnight() {
        let (santiago, berlin) = (Tz::America__Santiago, Tz::Europe__Berlin);
        assert_eq!(start_of(day("2026-12-24"), berlin).to_rfc3339(), "2026-12-23T23:00:00+00:00");
        assert_eq!(start_of(day("2026-09-06"), santiago).to_rfc3339(), "2026-09-06T04:00:00+00:00");
    }
}
