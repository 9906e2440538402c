//! Puts the program together: configuration, store, keys, clock, mailer; and the verbs as everybody calls them. Knows all rooms, decides nothing.

mod last_look;
mod outside;

use crate::clock::Clock;
use crate::collect::fetch::{Fetch, HttpFetch, Limits};
use crate::collect::{CollectReport, Manner};
use crate::config::{Config, Dkim, Relay, Via, Way};
use crate::deliver::route::Route;
use crate::deliver::stop::StopSignal;
use crate::deliver::{
    DeliverError, Delivered, Delivery, DeliveryOrder, DeliverySettings, EmbeddedPicture, Ended, Now, OnProgress,
};
use crate::domain::address::EmailAddress;
use crate::domain::issue::{Choice, Issue, IssueId, IssueState};
use crate::domain::newsletter::{LinkParameters, Newsletter};
use crate::domain::returns::ReturnPath;
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::domain::token::Keyring;
use crate::entropy::Entropy;
use crate::installation::{self, Installation};
use crate::letters::{PostRoom, Posted};
use crate::mail::dkim::Signer;
use crate::mail::http::{Api, HttpRelay};
use crate::mail::mailer::Mailer;
use crate::mail::outbox::Outbox;
use crate::mail::sendmail::Sendmail;
use crate::mail::smtp::SmtpRelay;
use crate::publish::compose::Desk;
use crate::publish::edition::{Look, look};
use crate::returns::{Taker, damage, spool};
use crate::scheduler::Gate;
use crate::store::issues::IssueRow;
use crate::store::ledger::ProcessId;
use crate::store::{DeliverLock, Store, StoreError};
use crate::templates::dates::day;
use crate::templates::digest::content_id;
use crate::templates::texts::Texts;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Messages on the way on one connection: more would only wait at the relay.
const WINDOW: usize = 8;

/// How often an issue is looked after while it goes out.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(1);

/// The program, put together.
#[derive(Debug)]
pub struct App {
    /// What was configured.
    pub config: Config,
    /// The database.
    pub store: Arc<Store>,
    /// Signs readers' links.
    pub keyring: Arc<Keyring>,
    /// Tells the time.
    pub clock: Clock,
    /// Draws random bytes.
    pub entropy: Entropy,
    /// Overrides the configured way out: the tests' memory.
    pub mailer: Option<Mailer>,
    gate: Gate,
}

/// Why the program could not be put together or do its work. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key file.
    #[error(transparent)]
    Keys(#[from] crate::keys::KeysError),
    /// The relay's settings.
    #[error(transparent)]
    Relay(#[from] crate::mail::smtp::RelayError),
    /// An HTTP API that requests cannot be made for.
    #[error("{0}")]
    Http(String),
    /// A DKIM domain is configured, but there is no key.
    #[error("DKIM key {0}: there is none yet; make it with `week-in-review dkim generate`")]
    Dkim(String),
    /// Publishing.
    #[error(transparent)]
    Publish(#[from] crate::publish::PublishError),
    /// What readers asked for.
    #[error(transparent)]
    Subscribe(#[from] crate::subscribe::SubscribeError),
    /// Delivering.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
    /// The fetcher could not be set up.
    #[error("fetching: {0}")]
    Fetch(String),
    /// Where this installation stands.
    #[error(transparent)]
    Installation(#[from] crate::installation::InstallationError),
    /// A copy or a restored backup, which does not mail.
    #[error("{0}")]
    Locked(String),
    /// A newsletter that is not configured.
    #[error("no newsletter {0:?}; there are: {1}")]
    NoNewsletter(String, String),
    /// The folder of returned messages.
    #[error("{0}: {1}")]
    Spool(String, std::io::Error),
    /// An issue that is not there, or not frozen.
    #[error("{0}")]
    NoIssue(String),
    /// What an editor named by its address cannot be had.
    #[error("{0}")]
    Outside(String),
}

impl App {
    /// Opens database and keys. The installation is compared with what the database knows; on a difference everything works but mailing.
    pub fn open(config: Config, clock: Clock, entropy: Entropy) -> Result<Self, AppError> {
        let store = Arc::new(Store::open(&config.database)?);
        let environment = crate::config::environment();
        let variable = environment.get(crate::keys::VARIABLE).map(String::as_str);
        let keyring = Arc::new(crate::keys::load(&config.keys, variable)?);
        let gate = gate(&store, &machine_id(&entropy)?)?;
        let app = Self { config, store, keyring, clock, entropy, mailer: None, gate };
        let now = app.now();
        for newsletter in &app.config.newsletters {
            app.store.newsletter_id(&newsletter.slug, now)?;
        }
        Ok(app)
    }

    /// The same program under a new configuration; database and keys stay where they are, or a restart is needed.
    pub fn with_config(&self, config: Config) -> Result<Self, AppError> {
        if self.store.path().is_some_and(|path| path != config.database) {
            return Err(AppError::NoIssue("another database needs a restart".to_owned()));
        }
        let environment = crate::config::environment();
        let variable = environment.get(crate::keys::VARIABLE).map(String::as_str);
        let app = Self {
            keyring: Arc::new(crate::keys::load(&config.keys, variable)?),
            store: Arc::clone(&self.store),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            mailer: self.mailer.clone(),
            gate: gate(&self.store, &machine_id(&self.entropy)?)?,
            config,
        };
        app.delivery()?;
        Ok(app)
    }

    /// The present.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Who is told of newsletters: those that the configuration names, and those who joined the desk.
    pub fn editors(&self) -> Result<Vec<EmailAddress>, AppError> {
        let mut editors = self.config.editors.clone();
        for editor in self.store.editors()?.into_iter().filter(|editor| editor.joined_at.is_some()) {
            if editors.iter().all(|known| known.key() != editor.address.key()) {
                editors.push(editor.address);
            }
        }
        Ok(editors)
    }

    /// The clock as a function, for rooms that may not know it.
    pub fn now_fn(&self) -> Now {
        let clock = self.clock.clone();
        Arc::new(move || clock.now())
    }

    /// What composing needs beside a newsletter.
    pub fn desk(&self) -> Desk<'_> {
        let Config { sources, tags, newsletters, hands, notices, .. } = &self.config;
        Desk { sources, aliases: tags, newsletters, hands, notices }
    }

    /// Whether mailing is locked, and why.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// A newsletter by its slug as typed.
    pub fn newsletter(&self, slug: &str) -> Result<&Newsletter, AppError> {
        let found = Slug::parse(slug).ok().and_then(|slug| self.config.newsletter(&slug));
        found.ok_or_else(|| {
            let all: Vec<&str> = self.config.newsletters.iter().map(|newsletter| newsletter.slug.as_str()).collect();
            AppError::NoNewsletter(slug.to_owned(), all.join(", "))
        })
    }

    /// The row number of a newsletter.
    pub fn newsletter_id(&self, newsletter: &Newsletter) -> Result<u16, AppError> {
        Ok(self.store.newsletter_id(&newsletter.slug, self.now())?)
    }

    /// Collects from the web, all sources or some: now, because somebody asks.
    pub async fn collect(&self, only: &[Slug]) -> Result<CollectReport, AppError> {
        self.collect_with(&self.fetcher()?, only).await
    }

    /// Collects from the sources for which it is time.
    pub async fn collect_due(&self) -> Result<CollectReport, AppError> {
        let manner = Manner { only_due: true, ..self.manner() };
        Ok(crate::collect::collect(&self.store, &self.fetcher()?, &self.config.sources, self.now(), &manner).await)
    }

    /// Collects through any way of fetching.
    pub async fn collect_with<F: Fetch>(&self, fetch: &F, only: &[Slug]) -> Result<CollectReport, AppError> {
        let sources: Vec<_> =
            self.config.sources.iter().filter(|source| only.is_empty() || only.contains(&source.id)).cloned().collect();
        let manner = Manner { is_named: !only.is_empty(), ..self.manner() };
        Ok(crate::collect::collect(&self.store, fetch, &sources, self.now(), &manner).await)
    }

    /// The way to the web, as a careful visitor goes it.
    pub fn fetcher(&self) -> Result<HttpFetch, AppError> {
        let limits = Limits { total: self.config.collect.timeout, seed: self.jitter(), ..Limits::default() };
        HttpFetch::new(&user_agent(&self.config), limits).map_err(|error| AppError::Fetch(error.to_string()))
    }

    /// How sources are asked, by the configuration.
    pub fn manner(&self) -> Manner {
        let collect = &self.config.collect;
        Manner {
            at_once: collect.at_once,
            every: collect.every,
            pause: collect.pause,
            jitter: self.jitter(),
            pictures: self.pictures_of_files(),
            own_links: self.own_links().cloned().collect(),
            ..Manner::default()
        }
    }

    /// What our newsletters add to links.
    pub fn own_links(&self) -> impl Iterator<Item = &LinkParameters> {
        let all = self.config.newsletters.iter().map(|newsletter| &newsletter.policy.link_parameters);
        all.filter(|own| !own.parameters.is_empty())
    }

    fn jitter(&self) -> u64 {
        u64::from_be_bytes(self.entropy.bytes())
    }

    /// What the issue of a newsletter was at an instant, or would be.
    pub fn look(&self, newsletter: &Newsletter, at: DateTime<Utc>) -> Result<Look, AppError> {
        let id = self.newsletter_id(newsletter)?;
        Ok(look(&self.store, newsletter, id, self.desk(), at, self.now())?)
    }

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
            Ok(Route {
                mailer: self.way(relay)?,
                kind: relay.kind,
                connections: relay.connections,
                weight: relay.weight,
                is_fallback: relay.is_fallback,
                per_second: limit(relay.per_second),
                per_day: limit(relay.per_day).map(u64::from),
            })
        };
        self.config.mail.relays().iter().map(route).collect()
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
    pub fn quota_problem(&self, recipients: u64) -> Option<String> {
        let relays: Vec<&Relay> = self.config.mail.relays().iter().filter(|relay| !relay.is_fallback).collect();
        if relays.is_empty() || relays.iter().any(|relay| relay.per_day == 0) {
            return None;
        }
        let a_day: u64 = relays.iter().map(|relay| u64::from(relay.per_day)).sum();
        let days = recipients.div_ceil(a_day);
        (days > 1).then(|| {
            format!("{recipients} messages are more than the relays take in a day ({a_day}): this issue takes {days} days, and whoever it has not reached after deliver_within gets it no more")
        })
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
            confirmed_on: Arc::new(|at, language| day(at.date_naive(), Texts::of(language))),
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
        if let Some(problem) = self.quota_problem(waiting) {
            tracing::warn!(issue = order.number, "{problem}");
        }
        let process = ProcessId(self.entropy.bytes());
        let delivery = self.delivery()?;
        let work = delivery.deliver(lock, process, order, stop, on_progress);
        tokio::pin!(work);
        let delivered = loop {
            tokio::select! {
                delivered = &mut work => break delivered?,
                () = tokio::time::sleep(LOOK_AFTER_EVERY) => self.look_after(id).await?,
            }
        };
        if delivered.ended == Ended::Done {
            self.store.finish(id, self.now())?;
        }
        self.look_after(id).await?;
        Ok(delivered)
    }

    /// Works off what readers asked for, and hands over the letters that answer.
    pub async fn write_letters(self: &Arc<Self>) -> Result<Posted, AppError> {
        let app = Arc::clone(self);
        let worked = tokio::task::spawn_blocking(move || {
            let (mailer, signers) = (app.mailer()?, app.signers()?);
            app.post_room(&mailer, &signers).work_off(&|| app.entropy.bytes(), app.now()).map_err(AppError::from)
        });
        worked.await.map_err(|_| AppError::NoIssue("writing letters panicked; this is a bug".into()))??;
        let (mailer, signers) = (self.mailer()?, self.signers()?);
        Ok(self.post_room(&mailer, &signers).hand_over(self.now()).await?)
    }

    fn post_room<'a>(&'a self, mailer: &'a Mailer, signers: &'a [Signer]) -> PostRoom<'a> {
        PostRoom {
            store: &self.store,
            keyring: &self.keyring,
            mailer,
            signers,
            newsletters: &self.config.newsletters,
            rules: &self.config.subscribe,
        }
    }

    /// Carries out what relays refused of an issue, and stops it, or holds the next one, if it does damage.
    pub async fn look_after(&self, id: IssueId) -> Result<(), AppError> {
        let (store, now) = (Arc::clone(&self.store), self.now());
        let looked = tokio::task::spawn_blocking(move || match store.issue(id)? {
            Some(row) => damage::look_after(&store, &row, now),
            None => Ok(None),
        });
        let done =
            looked.await.map_err(|_| AppError::NoIssue("looking after an issue panicked; this is a bug".into()))?;
        if let Some(sentence) = done? {
            tracing::warn!(issue = id.0, "{sentence}");
        }
        Ok(())
    }

    /// What takes returned messages in.
    pub fn taker(&self) -> Taker<'_> {
        let path = self.config.returns.mailbox.as_ref().and_then(|mailbox| ReturnPath::parse(mailbox).ok());
        Taker { store: &self.store, keyring: &self.keyring, path, now: self.now() }
    }

    /// Lets go of returned messages that are older than configured, or of people who were erased.
    pub fn let_returned_go(&self) -> Result<usize, AppError> {
        let (returns, marks) = (&self.config.returns, self.store.returned_to_erased()?);
        let before = self.now() - self.config.retention.returned_mail;
        spool::let_go(&returns.spool, before, &marks)
            .map_err(|error| AppError::Spool(returns.spool.display().to_string(), error))
    }

    /// The issues for which returned mail still comes in numbers: those of the last week.
    pub fn recent_issues(&self) -> Result<Vec<IssueRow>, AppError> {
        Ok(self.store.frozen_since(self.now() - TimeDelta::days(7))?)
    }

    /// The issues that are going out, of all configured newsletters, oldest first.
    pub fn sending(&self) -> Result<Vec<IssueRow>, AppError> {
        let mut rows = Vec::new();
        for newsletter in &self.config.newsletters {
            rows.extend(self.store.open_issues(self.newsletter_id(newsletter)?)?);
        }
        rows.retain(|row| row.state == IssueState::Sending);
        rows.sort_by_key(|row| row.occurrence.at);
        Ok(rows)
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

    /// What a reader of a newsletter chose, by their address.
    pub fn reader(&self, newsletter: &Newsletter, address: &str) -> Result<Reader, AppError> {
        let unknown = || AppError::NoIssue(format!("{address} does not subscribe to {}", newsletter.slug));
        let address =
            EmailAddress::parse(address).map_err(|error| AppError::NoIssue(format!("{address:?}: {error}")))?;
        let subscriber = self.store.read_people(|people| people.by_address(&address))?.ok_or_else(unknown)?;
        let subscription =
            subscriber.subscriptions.into_iter().find(|subscription| subscription.newsletter == newsletter.slug);
        let choice = subscription.ok_or_else(unknown)?.choice;
        Ok(Reader { address, choice, language: subscriber.language })
    }
}

/// A reader as far as their cut goes.
#[derive(Debug)]
pub struct Reader {
    /// Their address.
    pub address: EmailAddress,
    /// What they chose.
    pub choice: Choice,
    /// The language they want the fixed texts in, if not the newsletter's.
    pub language: Option<Language>,
}

/// How we introduce ourselves to the sites that we read: honestly, with an address to complain to.
pub fn user_agent(config: &Config) -> String {
    format!(
        "week-in-review/{} (+{}; {})",
        env!("CARGO_PKG_VERSION"),
        config.publication.url,
        config.publication.contact
    )
}

/// The id of this machine, or one of our own where it has none.
pub fn machine_id(entropy: &Entropy) -> Result<String, AppError> {
    let fallback = installation::fallback_id_file(&crate::config::environment());
    Ok(installation::machine_id(std::path::Path::new(installation::MACHINE_ID), &fallback, entropy)?)
}

fn gate(store: &Store, machine_id: &str) -> Result<Gate, AppError> {
    let closed = match installation::examine(store, machine_id)? {
        Installation::Same => None,
        Installation::New => {
            installation::settle(store, machine_id)?;
            None
        }
        Installation::Moved(differences) => Some(format!(
            "mailing is locked, because this looks like a copy or a restored backup ({}); `week-in-review unlock` allows it",
            differences.join("; ")
        )),
    };
    Ok(Gate { closed })
}
