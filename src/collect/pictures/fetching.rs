//! Which pictures are fetched, from where, and how many at a time. Only one is decoded at a time, so that memory stays bounded.

use super::{BYTES, PER_RUN, copy, measure};
use crate::collect::fetch::{Answer, Fetch, Request};
use crate::domain::source::{PictureUse, Source, SourceKind};
use crate::store::Store;
use crate::store::pictures::{NewPicture, WantedPicture};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

/// Pictures of stories older than this are not fetched any more.
const DAYS: i64 = 14;
/// Pictures that are fetched at the same time.
const AT_ONCE: usize = 8;

/// Fetches pictures of recent stories, a bounded number a run; why a link led to none is kept too, so that it is not tried again. Gives back what
/// was left out: the slug of a source and a sentence.
pub async fn fetch_new<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    sources: &[Source],
    now: DateTime<Utc>,
) -> Vec<(String, String)> {
    let wanted = wanted(store, sources, now).await;
    let one_at_a_time = &Mutex::new(());
    let fetches = wanted.into_iter().map(|wanted| async move {
        let source = sources.iter().find(|source| source.id.as_str() == wanted.source);
        let bytes = if wanted.url.scheme() == "file" {
            local(&wanted.url, source)
        } else {
            remote(fetch, &wanted.url, source.is_some_and(|source| source.allow_private)).await
        };
        let outcome = match bytes {
            Ok(bytes) => {
                let _turn = one_at_a_time.lock().await;
                set(bytes, wanted.may_copy).await
            }
            Err(problem) => Err(problem),
        };
        let left_out =
            outcome.as_ref().err().map(|problem| (wanted.source.clone(), format!("picture {}: {problem}", wanted.url)));
        let store = store.clone();
        let kept = tokio::task::spawn_blocking(move || store.keep_picture(&wanted, &outcome, now)).await;
        if let Ok(Err(error)) = kept {
            tracing::warn!(error = %error, "a picture could not be kept");
        }
        left_out
    });
    let outcomes: Vec<_> = futures_util::stream::iter(fetches).buffered(AT_ONCE).collect().await;
    outcomes.into_iter().flatten().collect()
}

async fn wanted(store: &Arc<Store>, sources: &[Source], now: DateTime<Utc>) -> Vec<WantedPicture> {
    let uses: Vec<(String, PictureUse)> =
        sources.iter().map(|source| (source.id.to_string(), source.pictures)).collect();
    let store = store.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let uses: Vec<(&str, PictureUse)> = uses.iter().map(|(slug, how)| (slug.as_str(), *how)).collect();
        store.pictures_wanted(&uses, now - TimeDelta::days(DAYS), PER_RUN)
    });
    match reading.await {
        Ok(Ok(wanted)) => wanted,
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "no pictures were fetched");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// Decoding takes time: not on the threads that wait for the network. A decoder that fails in an unforeseen way costs one picture.
async fn set(bytes: Vec<u8>, may_copy: bool) -> Result<NewPicture, String> {
    tokio::task::spawn_blocking(move || if may_copy { copy(&bytes) } else { measure(&bytes) })
        .await
        .unwrap_or_else(|_| Err("decoding it failed in an unforeseen way".to_owned()))
}

/// A picture that lies in a folder source, beside the article it belongs to. Nothing outside of that folder is ever read, whoever names it.
fn local(link: &Url, source: Option<&Source>) -> Result<Vec<u8>, String> {
    let outside = || "it does not lie in the folder of its source".to_owned();
    let Some(SourceKind::Folder(folder)) = source.map(|source| &source.kind) else { return Err(outside()) };
    let path = link.to_file_path().map_err(|()| outside())?.canonicalize().map_err(|error| error.to_string())?;
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    if !path.starts_with(&folder) {
        return Err(outside());
    }
    let size = std::fs::metadata(&path).map_err(|error| error.to_string())?.len();
    if size > BYTES as u64 {
        return Err(format!("larger than {} MB", BYTES >> 20));
    }
    std::fs::read(&path).map_err(|error| error.to_string())
}

async fn remote<F: Fetch>(fetch: &F, link: &Url, allow_private: bool) -> Result<Vec<u8>, String> {
    let accept = "image/jpeg, image/png, image/webp;q=0.9, image/gif;q=0.5";
    let request = Request { allow_private, ..Request::new(link.clone(), accept, BYTES) };
    match fetch.fetch(request).await {
        Ok(Answer::Document(document)) => Ok(document.bytes),
        Ok(Answer::NotModified) => Err("the server answered 304 to a first question".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
