//! Puts the program together: configuration, store, keys, clock, mailer; and the verbs as everybody calls them. Knows all rooms, decides nothing.

mod collecting;
mod delivering;
mod last_look;
mod outside;

use crate::clock::Clock;
use crate::config::Config;
use crate::deliver::{DeliverError, Now};
use crate::domain::address::EmailAddress;
use crate::domain::issue::{Choice, IssueId, IssueState};
use crate::domain::newsletter::Newsletter;
use crate::domain::returns::ReturnPath;
use crate::domain::tag::Slug;
use crate::domain::text::Language;
use crate::domain::token::Keyring;
use crate::entropy::Entropy;
use crate::installation::{self, Installation};
use crate::letters::{PostRoom, Posted};
use crate::mail::dkim::Signer;
use crate::mail::mailer::Mailer;
use crate::publish::compose::Desk;
use crate::publish::edition::{Look, look};
use crate::returns::{Taker, damage, spool};
use crate::scheduler::Gate;
use crate::store::issues::IssueRow;
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

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

    /// What the issue of a newsletter was at an instant, or would be.
    pub fn look(&self, newsletter: &Newsletter, at: DateTime<Utc>) -> Result<Look, AppError> {
        let id = self.newsletter_id(newsletter)?;
        Ok(look(&self.store, newsletter, id, self.desk(), at, self.now())?)
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
    Ok(Gate { closed, a_day: None })
}
