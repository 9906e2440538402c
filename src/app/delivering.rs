//! The ways out for mail, as they are configured, and an issue on its way through them. Knows no reader; the ledger says who is next.

use super::{App, AppError};
use crate::config::{Dkim, Relay, Via, Way};
use crate::deliver::route::Route;
use crate::deliver::stop::StopSignal;
use crate::deliver::{
    ConfirmedOn, Delivered, Delivery, DeliveryOrder, DeliverySettings, EmbeddedPicture, Ended, OnProgress,
};
use crate::domain::allowance::{Allowance, day_of, days_for, of_all};
use crate::domain::issue::{Issue, IssueId};
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::mail::dkim::Signer;
use crate::mail::http::{Api, HttpRelay};
use crate::mail::mailer::Mailer;
use crate::mail::outbox::Outbox;
use crate::mail::sendmail::Sendmail;
use crate::mail::smtp::SmtpRelay;
use crate::store::DeliverLock;
use crate::store::ledger::ProcessId;
use crate::templates::dates::day;
use crate::templates::digest::content_id;
use crate::templates::texts::Texts;
use chrono::{NaiveDate, NaiveTime};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Messages on the way on one connection: more would only wait at the relay.
const WINDOW: usize = 8;

/// How often an issue is looked after while it goes out.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(1);

impl App {
    /// The way out: what the configuration says, unless a test says otherwise.
    pub fn mailer(&self) -> Result<Mailer, AppError> {
        if let Some(mailer) = &self.mailer {
            return Ok(mailer.clone());
        }
        match &self.config.mail.via {
            Via::Outbox(folder) => Ok(Mailer::Outbox(Outbox::new(folder))),
            Via::Relays(relays) if relays.len() == 1 => self.way(&relays[0]),
            // The usual ones first.
            Via::Relays(relays) => {
                let (usual, fallbacks): (Vec<_>, Vec<_>) = relays.iter().partition(|relay| !relay.is_fallback);
                let mailers = usual.into_iter().chain(fallbacks).map(|relay| self.way(relay));
                Ok(Mailer::FirstOf(mailers.collect::<Result<_, _>>()?))
            }
        }
    }

    /// The DKIM signers; none when no key is configured.
    pub fn signers(&self) -> Result<Vec<Signer>, AppError> {
        let mail = &self.config.mail;
        // Whichever relay takes a message, its signature must hold.
        let replaced = mail.relays().iter().map(|relay| relay.kind.replaces()).max_by_key(|headers| headers.len());
        let signer = |dkim: &Dkim| {
            let signer = dkim.signer().ok_or_else(|| AppError::Dkim(dkim.key_file.display().to_string()))?;
            Ok(signer.leaving_out(replaced.unwrap_or_default()))
        };
        mail.dkim.iter().filter(|dkim| dkim.signs).map(signer).collect()
    }

    /// The way to one relay.
    fn way(&self, relay: &Relay) -> Result<Mailer, AppError> {
        let http =
            |api| HttpRelay::new(api, self.now_fn()).map(Mailer::Http).map_err(|e| AppError::Http(e.to_string()));
        match &relay.way {
            Way::Smtp(settings) => Ok(Mailer::Smtp(Box::new(SmtpRelay::new(settings.clone())?))),
            Way::Sendmail(command) => Ok(Mailer::Sendmail(Sendmail::new(command.clone()))),
            Way::Ses(settings) => http(Api::Ses(settings.clone())),
            Way::Mailgun(settings) => http(Api::Mailgun(settings.clone())),
        }
    }

    /// The ways out for issues.
    fn routes(&self) -> Result<Vec<Route>, AppError> {
        if self.mailer.is_some() || self.config.mail.relays().is_empty() {
            return Ok(vec![Route::only(self.mailer()?, 4)]);
        }
        let limit = |n: u32| (n > 0).then_some(n);
        let route = |relay: &Relay| {
            let mailer = self.way(relay)?;
            Ok(Route {
                allowance: self.allowance(relay, &mailer.describe())?,
                mailer,
                kind: relay.kind,
                connections: relay.connections,
                weight: relay.weight,
                is_fallback: relay.is_fallback,
                per_second: limit(relay.per_second),
            })
        };
        self.config.mail.relays().iter().map(route).collect()
    }

    /// What a relay takes of today.
    fn allowance(&self, relay: &Relay, name: &str) -> Result<Allowance, AppError> {
        let limit = |n: u32| (n > 0).then_some(u64::from(n));
        let (per_day, warm_up) = (limit(relay.per_day), limit(relay.warm_up));
        if warm_up.is_none() {
            return Ok(Allowance { per_day, ..Allowance::default() });
        }
        let since = relay.warm_up_since.map_or(0, |day| day_of(day.and_time(NaiveTime::MIN).and_utc()));
        let best = self.store.relays_best(&[name.to_owned()], &[since], day_of(self.now()))?;
        let best = best.first().copied().unwrap_or_default();
        Ok(Allowance { per_day, warm_up, best })
    }

    /// What the relays take of today, each of those that are no fallback; none where one takes whatever comes.
    pub fn allowances(&self) -> Result<Vec<Allowance>, AppError> {
        let relays: Vec<&Relay> = self.config.mail.relays().iter().filter(|relay| !relay.is_fallback).collect();
        if self.mailer.is_some() || relays.iter().any(|relay| relay.per_day == 0 && relay.warm_up == 0) {
            return Ok(Vec::new());
        }
        relays.into_iter().map(|relay| self.allowance(relay, &self.way(relay)?.describe())).collect()
    }

    /// Messages that the relays take together of today; none for no limit.
    pub fn a_day(&self) -> Result<Option<u64>, AppError> {
        Ok(of_all(&self.allowances()?))
    }

    /// How many readers the next issue of a newsletter goes to as things stand.
    pub fn readers_of_next(&self, newsletter: u16) -> Result<u64, AppError> {
        self.with_arriving(newsletter, self.store.eligible_count(newsletter, self.now())?)
    }

    /// So many who may be mailed now, and those whom the next issue lets in beside them.
    pub fn with_arriving(&self, newsletter: u16, readers: u64) -> Result<u64, AppError> {
        Ok(self.store.with_arriving(newsletter, readers, self.a_day()?)?)
    }

    /// How to take mail of a newsletter out of the relays' queues again, where that can be done.
    pub fn call_back(&self, slug: &Slug) -> Option<String> {
        let newsletter = self.config.newsletter(slug)?;
        let senders = crate::deliver::message::Senders::of(newsletter).ok()?;
        let command = |relay: &Relay| relay.kind.delete_from_queue(senders.bounce.domain());
        let command = self.config.mail.relays().iter().find_map(command)?;
        Some(format!(
            "What Postfix has taken and not passed on yet, this deletes from its queue, with all other mail of that sender:\n  {command}"
        ))
    }

    /// A sentence when so many messages are more than the relays take in a day.
    pub fn quota_problem(&self, recipients: u64) -> Result<Option<String>, AppError> {
        let relays = self.allowances()?;
        let Some(a_day) = of_all(&relays) else { return Ok(None) };
        let days = days_for(recipients, &relays).filter(|days| *days > 1);
        let growing =
            if relays.iter().any(|relay| relay.warm_up.is_some()) { " today, more as they are warmed up" } else { "" };
        Ok(days.map(|days| {
            format!("{recipients} messages are more than the relays take in a day ({a_day}{growing}): this issue takes {days} days, and whoever it has not reached after deliver_within gets it no more")
        }))
    }

    /// All that deliveries share.
    pub fn delivery(&self) -> Result<Delivery, AppError> {
        let mail = &self.config.mail;
        let routes = self.routes()?;
        let connections = routes.iter().map(|route| route.connections).sum::<usize>().max(1);
        let defaults = DeliverySettings::default();
        let open_bound = mail.open_claims as usize;
        let settings = DeliverySettings {
            // All windows and one batch that waits to be recorded fit into the bound.
            window: (open_bound.saturating_sub(defaults.batch) / connections).clamp(1, WINDOW),
            open_bound,
            per_second: (mail.per_second > 0).then_some(mail.per_second),
            ..defaults
        };
        Ok(Delivery {
            store: Arc::clone(&self.store),
            keyring: Arc::clone(&self.keyring),
            routes: Arc::new(routes),
            signers: Arc::new(self.signers()?),
            settings,
            now: self.now_fn(),
            confirmed_on: days_in_words(),
        })
    }

    /// Delivers a frozen issue and marks it done when it is. Refused where mailing is locked, whoever asks: no command may forget to look.
    pub async fn deliver(
        &self,
        lock: &mut DeliverLock,
        id: IssueId,
        stop: StopSignal,
        on_progress: &OnProgress<'_>,
    ) -> Result<Delivered, AppError> {
        if let Some(reason) = &self.gate.closed {
            return Err(AppError::Locked(reason.clone()));
        }
        let order = self.order(id)?;
        let waiting = self.store.tally(id)?.queued;
        if let Some(problem) = self.quota_problem(waiting)? {
            tracing::warn!(issue = order.number, "{problem}");
        }
        let process = ProcessId(self.entropy.bytes());
        let delivery = self.delivery()?;
        let work = delivery.deliver(lock, process, order, stop, on_progress);
        tokio::pin!(work);
        let delivered = loop {
            tokio::select! {
                delivered = &mut work => break delivered?,
                () = tokio::time::sleep(LOOK_AFTER_EVERY) => self.look_after_or_say(id).await,
            }
        };
        if delivered.ended == Ended::Done {
            self.store.finish(id, self.now())?;
        }
        self.look_after_or_say(id).await;
        Ok(delivered)
    }

    /// What cannot be looked at now is no reason to drop what is on its way.
    async fn look_after_or_say(&self, id: IssueId) {
        if let Err(error) = self.look_after(id).await {
            tracing::error!(issue = id.0, "what is odd about the delivery could not be looked for: {error}");
        }
    }

    fn order(&self, id: IssueId) -> Result<DeliveryOrder, AppError> {
        let missing = || AppError::NoIssue(format!("issue {} is not frozen; look at it with `issues show`", id.0));
        let row = self.store.issue(id)?.ok_or_else(missing)?;
        let (_, _, issue) = self.store.revision(id)?.ok_or_else(missing)?;
        let frozen_at = row.frozen_at.ok_or_else(missing)?;
        let plan = self.store.plan(&issue.newsletter, row.newsletter)?;
        let began = row.resent_at.unwrap_or(frozen_at);
        Ok(DeliveryOrder {
            issue: id,
            number: issue.number,
            newsletter_id: row.newsletter,
            frozen_at,
            expires_at: issue.newsletter.deliver_until(&plan, row.occurrence.at, began),
            pictures: self.embedded_of_all(id, &issue)?,
            newsletter: issue.newsletter,
        })
    }

    /// The pictures of all revisions that somebody gets: an issue that was reopened in the middle has several.
    fn embedded_of_all(&self, id: IssueId, issue: &Issue) -> Result<Vec<EmbeddedPicture>, AppError> {
        if !issue.newsletter.brand.embed_pictures {
            return Ok(Vec::new());
        }
        let mut pictures = BTreeMap::new();
        for revision in self.store.rendered_revisions(id)? {
            pictures.extend(self.embedded(&revision)?.into_iter().map(|picture| (picture.cid.clone(), picture)));
        }
        Ok(pictures.into_values().collect())
    }

    /// Records what a dead process had claimed as in doubt, unless another process delivers, which has done so.
    pub fn settle_claims(&self) -> Result<Option<DeliverLock>, AppError> {
        let lock = self.store.try_deliver_lock()?;
        if let Some(lock) = &lock {
            self.store.adopt(lock, ProcessId(self.entropy.bytes()), self.now())?;
        }
        Ok(lock)
    }

    /// The pictures of an issue as they travel inside its mail.
    pub fn embedded(&self, issue: &Issue) -> Result<Vec<EmbeddedPicture>, AppError> {
        let mut pictures = BTreeMap::new();
        let shown = issue.stories.iter().filter_map(|story| story.picture.as_ref());
        for size in shown.flat_map(crate::domain::article::Picture::sizes) {
            if let Some((media_type, bytes)) = self.store.picture_bytes(&size.sha256)? {
                let file_name = format!("{}.{}", &size.sha256[..12], size.extension());
                let cid = content_id(&issue.newsletter, &size);
                pictures.insert(cid.clone(), EmbeddedPicture { cid, media_type, file_name, bytes });
            }
        }
        Ok(pictures.into_values().collect())
    }
}

/// Words days, each once: a list of a hundred thousand has confirmed on a few hundred of them.
fn days_in_words() -> ConfirmedOn {
    let known: Mutex<HashMap<Language, HashMap<NaiveDate, String>>> = Mutex::default();
    Arc::new(move |at, language| {
        let date = at.date_naive();
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(day) = known.get(language).and_then(|days| days.get(&date)) {
            return day.clone();
        }
        let day = day(date, Texts::of(language));
        known.entry(language.clone()).or_default().insert(date, day.clone());
        day
    })
}
