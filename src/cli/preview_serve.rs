//! `preview --serve`: the coming issue in the browser, on this machine alone; what is shown is made anew whenever configuration, articles or
//! files change.

use super::context::{Context, wait};
use super::time;
use crate::app::App;
use crate::domain::count::counted;
use crate::domain::issue::Choice;
use crate::domain::tag::Slug;
use crate::domain::text::Line;
use crate::publish::edition::edition_at;
use crate::publish::explain::explain_for;
use crate::rehearsal::rehearse;
use crate::templates::preview::Reasoned;
use crate::web::preview::{
    PreviewRequest, PreviewState, Previewer, Rendered, Sources, count_changes, serve as serve_preview,
};
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// Renders previews with the configuration as it stands in the file at that moment; a wrong one is said and the last good one stays.
struct Desk {
    app: RwLock<Arc<App>>,
    reload: bool,
}

/// Serves until it is interrupted. `query` says what the page shows when it is opened by the printed address.
pub fn serve(app: App, listen: SocketAddr, query: &str, context: &Context) -> anyhow::Result<()> {
    let watched = watched(&app);
    let store = Arc::new(app.store.another()?);
    // The demo's clock stands still and its configuration is its own; only a real one is read anew.
    let reload = matches!(app.clock, crate::clock::Clock::System);
    let desk = Arc::new(Desk { app: RwLock::new(Arc::new(app)), reload });
    desk.refresh();
    wait(async {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .with_context(|| format!("{listen}: another preview may be running; say --listen with another port"))?;
        let (sender, changes) = watch::channel(0);
        let refreshing = Arc::clone(&desk);
        tokio::spawn(count_changes(Sources::new(watched, Some(store)), sender, move || refreshing.refresh()));
        context.say(format!("Preview    http://{}/{query} (Ctrl-C ends it)", listener.local_addr()?));
        let stop = async {
            // Without a signal handler the preview runs until it is killed.
            let _ = tokio::signal::ctrl_c().await;
        };
        Ok(serve_preview(listener, PreviewState { previewer: desk, changes }, stop).await?)
    })?
}

/// The files that a preview is made from.
fn watched(app: &App) -> Vec<PathBuf> {
    let sources = app.config.sources.iter().filter_map(|source| source.kind.path().cloned());
    let texts = app.config.texts.iter().map(|file| PathBuf::from(&file.name));
    let hand = crate::config::hand_folder(&app.config.path);
    [app.config.path.clone(), hand].into_iter().chain(texts).chain(sources).collect()
}

impl Desk {
    fn app(&self) -> Result<Arc<App>, String> {
        let current = Arc::clone(&self.app.read().unwrap_or_else(PoisonError::into_inner));
        if !self.reload {
            return Ok(current);
        }
        let config = crate::config::Config::load(&current.config.path, &crate::config::environment())
            .map_err(|error| error.to_string())?;
        let fresh = Arc::new(current.with_config(config).map_err(|error| error.to_string())?);
        *self.app.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        Ok(fresh)
    }

    /// Folders and files are read again; what lies on the web is left to `collect`. Done once per change and not per view: collecting is itself
    /// noted in the database, which is watched.
    fn refresh(&self) {
        let Ok(app) = self.app() else { return };
        if !self.reload {
            return;
        }
        let local = app.config.sources.iter().filter(|source| !source.kind.is_remote()).map(|source| source.id.clone());
        let local: Vec<Slug> = local.collect();
        if local.is_empty() {
            return;
        }
        if let Ok(Err(error)) | Err(error) =
            wait(app.collect(&local)).map(|collected| collected.map_err(anyhow::Error::from))
        {
            tracing::warn!("collecting: {error:#}");
        }
    }
}

/// Why each story stands where it does in the mail of the reader that a request names.
fn reasons(app: &App, request: &PreviewRequest) -> anyhow::Result<Vec<Reasoned>> {
    let newsletter = app.newsletter(request.newsletter.as_str())?;
    let (id, now) = (app.newsletter_id(newsletter)?, app.now());
    let at = request.at.as_ref().map_or(Ok(now), |text| time::parse(text, newsletter.zone, now))?;
    let edition = edition_at(&app.store, newsletter, id, at, now)?;
    let choice = match &request.reader {
        Some(address) => app.reader(newsletter, address)?.choice,
        None => Choice::Everything,
    };
    let told = explain_for(&app.store, newsletter, app.desk(), edition, &choice)?.into_iter().map(|why| {
        let text = &why.considered.article.text;
        let mut rows = why.rows(newsletter, app.desk(), None);
        // It is the sentence above them.
        rows.retain(|(name, _)| name != "Stands");
        Reasoned {
            title: text.title.to_string(),
            language: text.language.as_ref().unwrap_or(&newsletter.language).to_string(),
            sentence: why.sentence(newsletter),
            why: rows,
        }
    });
    Ok(told.collect())
}

impl Previewer for Desk {
    fn newsletters(&self) -> Vec<(Slug, Line)> {
        let app = self.app.read().unwrap_or_else(PoisonError::into_inner);
        app.config.newsletters.iter().map(|newsletter| (newsletter.slug.clone(), newsletter.title.clone())).collect()
    }

    fn render(&self, request: &PreviewRequest) -> Result<Rendered, String> {
        let app = self.app()?;
        let newsletter = app.newsletter(request.newsletter.as_str()).map_err(|error| error.to_string())?.clone();
        let now = app.now();
        let at = match &request.at {
            Some(text) => time::parse(text, newsletter.zone, now).map_err(|error| error.to_string())?,
            None => now,
        };
        let rehearsal =
            rehearse(&app, &newsletter, at, request.reader.as_deref()).map_err(|error| error.to_string())?;
        Ok(Rendered {
            line: format!(
                "No. {}: {} ({}, {} KB of HTML)",
                rehearsal.issue.number,
                rehearsal.variant.subject,
                counted(rehearsal.variant.stories, "story"),
                rehearsal.variant.html.len().div_ceil(1024)
            ),
            html: rehearsal.html_with_local_pictures(""),
            text: rehearsal.text(),
            eml: rehearsal.message(&app, None).map_err(|error| error.to_string())?,
        })
    }

    fn reasons(&self, request: &PreviewRequest) -> Result<Vec<Reasoned>, String> {
        let app = self.app()?;
        reasons(&app, request).map_err(|error| error.to_string())
    }

    fn picture(&self, file: &str) -> Option<Vec<u8>> {
        let app = self.app.read().unwrap_or_else(PoisonError::into_inner);
        let (sha256, _) = file.rsplit_once('.')?;
        app.store.picture_bytes(sha256).ok()?.map(|(_, bytes)| bytes)
    }
}
