//! How the program asks its sources: by hand or when it is time, through the web or any other way of fetching. Decides nothing about stories.

use super::{App, AppError, user_agent};
use crate::collect::fetch::{Fetch, HttpFetch, Limits};
use crate::collect::{CollectReport, Manner};
use crate::domain::newsletter::LinkParameters;
use crate::domain::tag::Slug;
use chrono_tz::Tz;

impl App {
    /// Collects from the web, all sources or some: now, because somebody asks.
    pub async fn collect(&self, only: &[Slug]) -> Result<CollectReport, AppError> {
        let report = self.collect_with(&self.fetcher(), only).await?;
        if only.is_empty() {
            self.bring_named(true).await?;
        }
        Ok(report)
    }

    /// Collects from the sources for which it is time.
    pub async fn collect_due(&self) -> Result<CollectReport, AppError> {
        let manner = Manner { only_due: true, ..self.manner() };
        let (fetch, sources) = (self.fetcher(), &self.config.sources);
        let report = crate::collect::collect(&self.store, &fetch, sources, self.now(), &manner).await;
        self.bring_named(false).await?;
        Ok(report)
    }

    /// Collects through any way of fetching.
    pub async fn collect_with<F: Fetch>(&self, fetch: &F, only: &[Slug]) -> Result<CollectReport, AppError> {
        let sources: Vec<_> =
            self.config.sources.iter().filter(|source| only.is_empty() || only.contains(&source.id)).cloned().collect();
        let manner = Manner { is_named: !only.is_empty(), ..self.manner() };
        Ok(crate::collect::collect(&self.store, fetch, &sources, self.now(), &manner).await)
    }

    /// The way to the web, as a careful visitor goes it.
    pub fn fetcher(&self) -> HttpFetch {
        let limits = Limits { total: self.config.collect.timeout, seed: self.jitter(), ..Limits::default() };
        HttpFetch::new(&user_agent(&self.config), limits)
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
            zone: self.config.newsletters.first().map_or(Tz::UTC, |newsletter| newsletter.zone),
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
}
