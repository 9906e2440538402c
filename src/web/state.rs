//! What the handlers share: the database, and the part of the configuration that may be replaced while the service runs.

use crate::domain::network::Network;
use crate::domain::newsletter::Newsletter;
use crate::domain::returns::ReturnPath;
use crate::domain::signup::Rules;
use crate::domain::tag::Slug;
use crate::domain::token::{Claim, Keyring, Purpose};
use crate::entropy::Entropy;
use crate::feedback::hooks::Hooks;
use crate::store::{Store, StoreError};
use crate::web::WebError;
use crate::web::haste::Haste;
use crate::web::visits::{Visit, Visits};
use chrono::{DateTime, Utc};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Notify;
use url::Url;

/// What a reload of the configuration replaces as a whole.
#[derive(Debug, Clone)]
pub struct Site {
    /// The newsletters, in the order of the front page.
    pub newsletters: Vec<Newsletter>,
    /// The keys of the links in mails.
    pub keyring: Keyring,
    /// Who is believed about the address of a visitor.
    pub trusted_proxies: Vec<Network>,
    /// The rules by which readers sign up.
    pub rules: Rules,
    /// What the webhooks of providers are verified with.
    pub hooks: Hooks,
    /// The mailbox that returned mail comes back to, if one is set.
    pub returns: Option<ReturnPath>,
}

impl Site {
    /// The newsletter of a slug.
    pub fn newsletter(&self, slug: &Slug) -> Option<&Newsletter> {
        self.newsletters.iter().find(|newsletter| newsletter.slug == *slug)
    }

    /// The newsletter in whose colours and language pages stand that belong to none.
    pub fn host(&self) -> Option<&Newsletter> {
        self.newsletters.first()
    }
}

/// What every handler is given. Clones share everything.
#[derive(Clone)]
pub struct WebState {
    store: Arc<Store>,
    site: Arc<RwLock<Arc<Site>>>,
    base_path: Arc<str>,
    https: bool,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    entropy: Entropy,
    bell: Arc<Notify>,
    visits: Arc<Visits>,
    haste: Arc<Haste>,
}

impl std::fmt::Debug for WebState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebState").field("base_path", &self.base_path).finish_non_exhaustive()
    }
}

impl WebState {
    /// Puts it together. A base address without a path serves at the root. `store` is a connection of the web's own; `base_url` is where readers find the pages, with an optional path.
    pub fn new(
        store: Arc<Store>,
        site: Site,
        base_url: &Url,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
        entropy: Entropy,
    ) -> Self {
        Self {
            store,
            site: Arc::new(RwLock::new(Arc::new(site))),
            base_path: base_url.path().trim_end_matches('/').into(),
            https: base_url.scheme() == "https",
            now: Arc::new(now),
            entropy,
            bell: Arc::new(Notify::new()),
            visits: Arc::default(),
            haste: Arc::default(),
        }
    }

    /// The same with another way to read what lies at Amazon's addresses, where that is not the network.
    #[must_use]
    pub fn visiting(self, visit: Visit) -> Self {
        Self { visits: Arc::new(Visits::by(visit)), ..self }
    }

    /// Takes a new configuration; requests that are being answered keep the one they began with.
    pub fn replace(&self, site: Site) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
    }

    /// The configuration as it is now.
    pub fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The path of the base address without a slash at its end; empty at the root.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Whether readers come over https, so that browsers may be told to stay there.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    /// Random bytes.
    pub fn chance<const N: usize>(&self) -> [u8; N] {
        self.entropy.bytes()
    }

    /// Rings when a letter may have to be written.
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
    }

    /// What was opened of late, and how fast.
    pub(super) fn haste(&self) -> &Haste {
        &self.haste
    }

    /// What lies at Amazon's addresses.
    pub(super) fn visits(&self) -> &Visits {
        &self.visits
    }

    /// What a link allows.
    pub fn verify(&self, token: &str, purpose: Purpose) -> Result<Claim, WebError> {
        Ok(self.site().keyring.verify(token, purpose)?)
    }

    /// Runs work on the database away from the threads that serve connections.
    pub async fn with_store<T, E>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static,
    ) -> Result<T, WebError>
    where
        T: Send + 'static,
        E: Send + 'static,
        WebError: From<E>,
    {
        let store = Arc::clone(&self.store);
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(StoreError::Unexpected("a request stopped in the middle of its work".into()).into()),
        }
    }
}
