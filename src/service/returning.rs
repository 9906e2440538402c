//! The loops that take returned mail in: the spool and the Maildir every few seconds, the IMAP mailbox when its server tells of news.

use super::{AFTER_FAILURE, Service, raise};
use crate::app::App;
use crate::returns::maildir::{FolderError, take_maildir, take_spool};
use crate::returns::{Count, imap, spool};
use std::sync::Arc;
use std::time::Duration;

/// How often folders are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Empties the spool and reads the Maildir until the service stops.
pub(super) async fn folders(mut service: Service) {
    loop {
        let app = service.app();
        let shared = Arc::clone(&app);
        let taken = tokio::task::spawn_blocking(move || take_folders(&shared)).await;
        match taken {
            Ok(Ok(count)) => settle(&app, count).await,
            Ok(Err(error)) => raise(&app, "returned mail", "folders", &error.to_string()),
            Err(_) => raise(&app, "returned mail", "folders", "reading them panicked; this is a bug"),
        }
        if !rest(&mut service, LOOK_EVERY).await {
            return;
        }
    }
}

fn take_folders(app: &App) -> Result<Count, FolderError> {
    let returns = &app.config.returns;
    // Without a mailbox of our own nothing is ever put there.
    if returns.mailbox.is_some() {
        spool::prepare(&returns.spool)
            .map_err(|error| FolderError::File { path: returns.spool.display().to_string(), error })?;
    }
    let mut count = take_spool(&returns.spool, &app.taker())?;
    if let Some(folder) = &returns.maildir {
        count = count.and(take_maildir(folder, &app.taker())?);
    }
    Ok(count)
}

/// Reads the IMAP mailbox until the service stops; without one, waits for a configuration that has it.
pub(super) async fn mailbox(mut service: Service) {
    loop {
        let app = service.app();
        let Some(settings) = app.config.returns.imap.clone() else {
            if !rest(&mut service, AFTER_FAILURE).await {
                return;
            }
            continue;
        };
        let mut stop = service.stop.clone();
        let ended = tokio::select! {
            ended = read(&service, &settings) => ended,
            () = stop.stopped() => return,
        };
        if let Err(error) = ended {
            raise(&app, "returned mail", "IMAP mailbox", &error.to_string());
        }
        if !rest(&mut service, AFTER_FAILURE).await {
            return;
        }
    }
}

/// Reads and waits for news, until something fails or the configuration has changed.
async fn read(service: &Service, settings: &imap::ImapSettings) -> Result<(), imap::ImapError> {
    let mut inbox = imap::open(settings).await?;
    loop {
        let app = service.app();
        let count = inbox.take(&app.taker()).await?;
        settle(&app, count).await;
        app.store.clear_alarm("returned mail", "IMAP mailbox")?;
        inbox = inbox.wait().await?;
        if app.config.returns.imap.as_ref().is_none_or(|now| !now.is_same(settings)) {
            inbox.close().await;
            return Ok(());
        }
    }
}

/// Says what was taken in, and looks whether a send does damage.
async fn settle(app: &App, count: Count) {
    if count.is_empty() {
        return;
    }
    let Count { read, suppressed, scored, left, .. } = count;
    tracing::info!(read, suppressed, scored, left, "took returned mail in");
    let rows = match app.recent_issues() {
        Ok(rows) => rows,
        Err(error) => return tracing::error!("returned mail: {error}"),
    };
    for row in rows {
        if let Err(error) = app.look_after(row.id).await {
            tracing::error!(issue = row.id.0, "returned mail: {error}");
        }
    }
}

async fn rest(service: &mut Service, length: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(length) => {}
        () = service.stop.stopped() => {}
    }
    !service.stop.is_stopped()
}
