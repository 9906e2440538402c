//! The running service: the loop around each step, which only repeats and waits. Schedules, deliveries, web pages, alarms; a clean stop on
//! SIGTERM, a new configuration on SIGHUP. What is due is asked of the store, so a restart at any moment needs no care.

mod delivering;
mod returning;
mod reviewing;

pub use delivering::after_send;
pub use reviewing::ask_editors;

use crate::app::{App, AppError};
use crate::config::Config;
use crate::deliver::receivers;
use crate::deliver::stop::{StopSignal, Stopper, stop_switch};
use crate::desk::{self, Desk};
use crate::domain::newsletter::Newsletter;
use crate::mail::dns::Dns;
use crate::preflight;
use crate::publish::archive::index_frozen;
use crate::publish::edition::due;
use crate::scheduler::{Step, next_due};
use crate::store::alarms::NOT_APPROVED;
use crate::store::retention::LetGo;
use crate::subscribe::end_pauses;
use crate::telling::Teller;
use crate::watch;
use crate::web;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// The longest time between two looks at what is due: another process may have changed it, or the clock may have been set.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// How soon a letter that another process wrote is handed over; our own pages ring a bell.
const WRITE_WITHIN: Duration = Duration::from_secs(1);

/// How long after a failed step the next is tried.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// What the loops share.
#[derive(Clone)]
struct Service {
    app: Arc<RwLock<Arc<App>>>,
    stop: StopSignal,
    /// Rung when there may be something to do at once.
    bell: Arc<Notify>,
}

/// Runs until SIGTERM or SIGINT. `reload` reads the configuration anew.
pub async fn run(
    app: App,
    listener: std::net::TcpListener,
    reload: impl Fn() -> anyhow::Result<Config>,
) -> anyhow::Result<()> {
    let (stopper, stop) = stop_switch();
    let pages = pages(&app)?;
    let service = Service { app: Arc::new(RwLock::new(Arc::new(app))), stop, bell: Arc::new(Notify::new()) };
    announce(&service.app());
    // One task for the loops that mostly wait; pages and the senders of a delivery run on tasks of their own.
    let pages_served = tokio::spawn(serving(service.clone(), listener, pages.clone()));
    let (ended, ..) = tokio::join!(
        until_stopped(&service, &stopper, &pages, reload),
        scheduling(service.clone()),
        collecting(service.clone()),
        delivering::delivering(service.clone()),
        telling(service.clone()),
        tidying(service.clone()),
        writing(service.clone(), pages.bell()),
        returning::folders(service.clone()),
        returning::mailbox(service.clone()),
    );
    ended?;
    pages_served.await?;
    tracing::info!("stopped");
    Ok(())
}

impl Service {
    fn app(&self) -> Arc<App> {
        Arc::clone(&self.app.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits, unless the bell rings or the service stops. Whether it goes on.
    async fn pause(&mut self, length: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(length) => {}
            () = self.bell.notified() => {}
            () = self.stop.stopped() => {}
        }
        !self.stop.is_stopped()
    }
}

fn announce(app: &App) {
    if let Some(reason) = &app.gate().closed {
        tracing::error!("{reason}");
    }
    for newsletter in &app.config.newsletters {
        if let Ok(Some(next)) = app.store.next_date(newsletter, app.now()) {
            tracing::info!(newsletter = %newsletter.slug, "next issue {} ({})", next.local.format("%a %Y-%m-%d %H:%M"), next.zone);
        }
    }
    tracing::info!("serving {} on {}", app.config.web.base_url, app.config.web.listen);
}

/// Listens to signals until one of them ends the service.
async fn until_stopped(
    service: &Service,
    stopper: &Stopper,
    pages: &web::WebState,
    reload: impl Fn() -> anyhow::Result<Config>,
) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt, mut hangup) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => take_new(service, pages, reload()),
        }
    }
    tracing::info!("stopping: messages in hand are finished, the rest waits for the next start");
    stopper.stop();
    Ok(())
}

/// Takes a new configuration as a whole, or keeps the old one and says why.
fn take_new(service: &Service, pages: &web::WebState, config: anyhow::Result<Config>) {
    let taken = config.and_then(|config| Ok(service.app().with_config(config)?));
    match taken.map(|app| (site(&app), app)) {
        Ok((site, app)) => {
            pages.replace(site);
            *service.app.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
            service.bell.notify_waiters();
            tracing::info!("took the new configuration");
        }
        Err(error) => tracing::error!("the configuration stays as it was: {error:#}"),
    }
}

/// Takes what the editors wrote into their files since; a signal is for the rest of the configuration. A file that is wrong is an alarm, and what
/// was read before stands.
fn take_hands(service: &Service) {
    const ALARM: (&str, &str) = ("editors' file", "hand");
    let app = service.app();
    let hands = match app.config.hands_now() {
        Ok(hands) => hands,
        Err(error) => return raise(&app, ALARM.0, ALARM.1, &format!("{error}; what was read before stands")),
    };
    if let Err(error) = app.store.clear_alarm(ALARM.0, ALARM.1) {
        tracing::error!("an alarm could not be taken back: {error}");
    }
    if hands == app.config.hands {
        return;
    }
    match app.with_config(Config { hands, ..app.config.clone() }) {
        Ok(app) => {
            *service.app.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
            tracing::info!("took what the editors wrote into their files");
        }
        Err(error) => tracing::error!("the editors' files: {error}"),
    }
}

/// Composes what has reached its cut-off and lets go what is due.
async fn scheduling(mut service: Service) {
    loop {
        take_hands(&service);
        let app = service.app();
        let mut wait = LOOK_EVERY;
        for newsletter in app.config.newsletters.clone() {
            if let Err(error) = work_off(&app, &newsletter).await {
                tracing::error!(newsletter = %newsletter.slug, "{error}");
                raise(&app, "scheduling", newsletter.slug.as_str(), &error.to_string());
                wait = AFTER_FAILURE;
            }
        }
        let next = next_due(&app.store, &app.config.newsletters, app.now()).ok().flatten();
        let until = next.map(|at| (at - app.now()).to_std().unwrap_or_default()).filter(|left| !left.is_zero());
        if !service.pause(until.unwrap_or(wait).min(wait)).await {
            return;
        }
    }
}

/// Does all steps that are due for a newsletter; sources are asked right before an issue is composed.
async fn work_off(app: &Arc<App>, newsletter: &Newsletter) -> Result<(), AppError> {
    let id = app.newsletter_id(newsletter)?;
    if let Some(occurrence) = due(&app.store, newsletter, id, app.now())? {
        if let Some(finding) = watch::missed(&app.store, newsletter, occurrence.at, app.now())? {
            raise(app, finding.kind, newsletter.slug.as_str(), &finding.sentence);
        }
        log_collected(app, app.collect(&[]).await);
        // What cannot be looked at is no reason to compose nothing.
        if let Err(error) = app.look_again(newsletter).await {
            tracing::warn!(newsletter = %newsletter.slug, "the last look failed: {error}");
        }
    }
    for reason in app.hold_withdrawn(newsletter, false).await? {
        raise(app, "held", newsletter.slug.as_str(), &reason);
    }
    loop {
        let done = preflight::step(app, newsletter, false).await?;
        if !tell_of(app, newsletter, done).await? {
            break;
        }
    }
    reviewing::ask_editors(app, newsletter).await?;
    reviewing::alarm_of_silence(app, newsletter)
}

/// Says what a step did. Whether another may follow at once.
async fn tell_of(app: &App, newsletter: &Newsletter, done: Step) -> Result<bool, AppError> {
    let slug = newsletter.slug.as_str();
    match done {
        Step::Idle => return Ok(false),
        Step::Composed(issue) => tracing::info!(newsletter = slug, issue = issue.0, "composed"),
        Step::Revised { issue, asks_again } => {
            tracing::info!(
                newsletter = slug,
                issue = issue.0,
                asks_again,
                "composed anew: the editors' file was changed"
            );
        }
        Step::Frozen { issue, filled } => {
            tracing::info!(
                newsletter = slug,
                issue = issue.0,
                recipients = filled.recipients,
                nothing = filled.nothing,
                "frozen"
            );
            for kind in ["held", "blocked", "scheduling", "no readers", "preflight", NOT_APPROVED] {
                app.store.clear_alarm(kind, slug)?;
            }
        }
        Step::Skipped { occurrence, stories, minimum } => {
            tracing::warn!(newsletter = slug, stories, minimum, "too few stories: carried over");
            if app.gate().closed.is_some() {
                return Ok(true);
            }
            let next = app.store.next_date(newsletter, occurrence.at)?.map(|next| next.at);
            with_teller(app, newsletter, async |teller| {
                for failure in teller.tell_skipped(occurrence.at, stories, next, app.now()).await {
                    raise(app, "editors not told", slug, &failure);
                }
            })
            .await?;
        }
        Step::LeftOut { occurrence, because } => {
            tracing::info!(newsletter = slug, date = %occurrence.local, "skipped: {because}");
        }
        Step::NoReaders { reason } => raise(app, "no readers", slug, &reason),
        Step::Held { reason, .. } => raise(app, "held", slug, &reason),
        Step::Blocked { reason, .. } => {
            raise(app, "blocked", slug, &reason);
            return Ok(false);
        }
    }
    Ok(true)
}

/// How long between two looks for sources that it is time to ask.
const LOOK_FOR_SOURCES: Duration = Duration::from_secs(20);

/// Asks each source when it is time for it, until the service stops: a source that is slow is not waited for then, and what it has is asked for again.
async fn collecting(service: Service) {
    let mut stop = service.stop.clone();
    tokio::select! {
        () = ask_sources(service) => {}
        () = stop.stopped() => {}
    }
}

/// Asks each source by its habit, its own word, and the configured interval.
async fn ask_sources(service: Service) {
    // After a start nobody knows for how long nobody looked: all are asked once.
    log_collected(&service.app(), service.app().collect(&[]).await);
    loop {
        let app = service.app();
        log_collected(&app, app.collect_due().await);
        watch_disk(&app);
        let every = app.config.collect.every.to_std().unwrap_or(LOOK_FOR_SOURCES);
        tokio::time::sleep(every.min(LOOK_FOR_SOURCES)).await;
    }
}

fn log_collected(app: &App, collected: Result<crate::collect::CollectReport, AppError>) {
    match collected {
        Ok(report) => {
            for source in &report.sources {
                if let Some(error) = &source.error {
                    tracing::warn!(source = %source.source, "{error}");
                } else {
                    tracing::info!(source = %source.source, new = source.new, seen = source.seen, "collected");
                }
            }
        }
        Err(error) => {
            tracing::error!("collecting: {error}");
            raise(app, "collecting", "all sources", &error.to_string());
        }
    }
}

/// Tells the operators of alarms.
async fn telling(mut service: Service) {
    loop {
        let app = service.app();
        if let Some(newsletter) = app.config.newsletters.first() {
            let told = with_teller(&app, newsletter, async |teller| teller.tell_operators(app.now()).await).await;
            match told {
                Ok(Ok(told)) => {
                    told.failures.iter().for_each(|failure| tracing::error!("an alarm could not be told: {failure}"));
                }
                Ok(Err(error)) => tracing::error!("alarms: {error}"),
                Err(error) => tracing::error!("alarms: {error}"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = service.stop.stopped() => return,
        }
    }
}

/// Answers what readers asked for on the pages or an operator on the command line.
async fn writing(mut service: Service, bell: Arc<Notify>) {
    loop {
        let app = service.app();
        let mut pause = WRITE_WITHIN;
        if let Err(error) = write_letters(&app).await {
            tracing::error!("letters: {error}");
            raise(&app, "letters", "readers", &error.to_string());
            pause = AFTER_FAILURE;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = bell.notified() => {}
            () = service.stop.stopped() => return,
        }
    }
}

async fn write_letters(app: &Arc<App>) -> Result<(), AppError> {
    if app.gate().closed.is_some() || !app.store.letters_wait(app.now())? {
        return Ok(());
    }
    let posted = app.write_letters().await?;
    if let Some(why) = &posted.trouble {
        raise(app, "letters", "readers", &format!("{why}; {} letters to readers wait", posted.waiting));
    } else if posted.sent > 0 {
        app.store.clear_alarm("letters", "readers")?;
    }
    tracing::info!(sent = posted.sent, waiting = posted.waiting, "letters to readers");
    Ok(())
}

/// Once a day lets go of what is not needed any more.
async fn tidying(mut service: Service) {
    const EVERY: Duration = Duration::from_hours(24);
    loop {
        let app = service.app();
        let shared = Arc::clone(&app);
        match tokio::task::spawn_blocking(move || tidy(&shared)).await {
            Ok(Ok(LetGo { deliveries, articles, pictures, network_prefixes })) => {
                tracing::info!(deliveries, articles, pictures, network_prefixes, "let go of what is old");
            }
            Ok(Err(error)) => raise(&app, "retention", "database", &error.to_string()),
            Err(_) => raise(&app, "retention", "database", "stopped in the middle of its work; this is a bug"),
        }
        // A name server that is silent is not waited for when the service stops.
        let rest = async {
            group_readers(&app).await;
            tokio::time::sleep(EVERY).await;
        };
        tokio::select! {
            () = rest => {}
            () = service.stop.stopped() => return,
        }
    }
}

/// Lets readers whose mail a large provider takes share its pace. Without a name server they go at the pace of their domain.
async fn group_readers(app: &App) {
    let grouped = match Dns::new(app.config.mail.resolver) {
        Ok(dns) => receivers::group(&app.store, &dns, app.now()).await,
        Err(error) => return tracing::info!("readers are not grouped by who receives for them: {error}"),
    };
    match grouped {
        Ok(grouped) if grouped.asked > 0 => {
            tracing::info!(domains = grouped.asked, moved = grouped.moved, "grouped readers by who receives for them");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!("readers could not be grouped by who receives for them: {error}"),
    }
}

/// Raises an alarm while the database's disk is nearly full, and takes it back when there is room again.
fn watch_disk(app: &App) {
    match watch::disk(&app.config.database) {
        Ok(Some(finding)) => raise(app, finding.kind, "database", &finding.sentence),
        Ok(None) => {
            if let Err(error) = app.store.clear_alarm("disk", "database") {
                tracing::error!("an alarm could not be taken back: {error}");
            }
        }
        Err(error) => tracing::warn!("the room on the disk is not known: {error}"),
    }
}

fn tidy(app: &App) -> Result<LetGo, AppError> {
    // What an earlier stop, or a version without an archive, left out of the index.
    index_frozen(&app.store)?;
    let forgotten = app.store.forget(app.now() - app.config.subscribe.forget_after, app.now())?;
    let back = end_pauses(&app.store, app.now())?;
    tracing::info!(messages = app.let_returned_go()?, "let go of returned messages");
    tracing::info!(people = forgotten.people, rows = forgotten.rows, back, "forgot who never confirmed, ended pauses");
    Ok(app.store.let_go(&app.config.retention.limits(&app.config.newsletters, app.now()))?)
}

/// Calls `work` with all that telling people needs.
pub async fn with_teller<T>(
    app: &App,
    newsletter: &Newsletter,
    work: impl AsyncFnOnce(Teller<'_>) -> T,
) -> Result<T, AppError> {
    let (mailer, signers) = (app.mailer()?, app.signers()?);
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let teller = Teller {
        store: &app.store,
        mailer: &mailer,
        signers: &signers,
        newsletter,
        operators: &app.config.operators,
        editors: &app.editors()?,
        webhook: app.config.alarms.webhook.as_ref(),
        command: &app.config.alarms.command,
        host: host.trim(),
        nonce: app.entropy.bytes(),
    };
    Ok(work(teller).await)
}

fn raise(app: &App, kind: &str, about: &str, sentence: &str) {
    tracing::warn!(kind, about, "{sentence}");
    if let Err(error) = app.store.raise_alarm(kind, about, sentence, app.now()) {
        tracing::error!("an alarm could not be kept: {error}");
    }
}

/// What the pages need, through a connection of their own.
fn pages(app: &App) -> Result<web::WebState, AppError> {
    let store = Arc::new(app.store.another()?);
    let base = url::Url::parse(&app.config.web.base_url)
        .map_err(|error| AppError::NoIssue(format!("web.base_url: {error}")))?;
    let now = app.now_fn();
    Ok(web::WebState::new(store, site(app), &base, move || now(), app.entropy.clone()))
}

fn site(app: &App) -> web::Site {
    web::Site {
        newsletters: app.config.newsletters.clone(),
        keyring: app.keyring.as_ref().clone(),
        trusted_proxies: app.config.web.trusted_proxies.clone(),
        rules: app.config.subscribe.clone(),
        hooks: app.config.returns.hooks.clone(),
        returns: app.taker().path,
    }
}

async fn serving(mut service: Service, listener: std::net::TcpListener, pages: web::WebState) {
    let listener = listener.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(listener));
    let current = service.clone();
    let bell = Arc::clone(&service.bell);
    let desk = desk::router(Desk::new(move || current.app(), move || bell.notify_waiters()));
    let router = web::router_with(pages, desk);
    match listener {
        Ok(listener) => web::serve(listener, router, async move { service.stop.stopped().await }).await,
        Err(error) => tracing::error!("web: {error}"),
    }
}
