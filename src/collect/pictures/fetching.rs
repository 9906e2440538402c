//! Which pictures are fetched, from where, and how many at a time. Only one is decoded at a time, so that memory stays bounded.

use super::{BYTES, PER_RUN, copy, measure};
use crate::collect::fetch::{Answer, Fetch, Request};
use crate::domain::source::{PictureUse, Source, SourceKind, may_be_private};
use crate::store::pictures::{NewPicture, WantedPicture};
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

/// Pictures of stories older than this are not fetched any more.
const DAYS: i64 = 14;
/// Pictures that are fetched at the same time.
const AT_ONCE: usize = 8;

/// Fetches pictures of recent stories and those that editors chose (`named` by files), a bounded number a run; why a link led to none is kept too, so
/// that it is not tried again. Gives back what was left out: the slug of a source and a sentence.
pub async fn fetch_new<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    sources: &[Source],
    named: &[Url],
    now: DateTime<Utc>,
) -> Vec<(String, String)> {
    let wanted = wanted(store, sources, named, now).await;
    let one_at_a_time = &Mutex::new(());
    let fetches = wanted.into_iter().map(|wanted| async move {
        let source = sources.iter().find(|source| source.id.as_str() == wanted.source);
        let bytes = if wanted.url.scheme() == "file" {
            local(&wanted.url, source)
        } else {
            let allow_private =
                source.map_or_else(|| may_be_private(sources, &wanted.url), |source| source.allow_private);
            remote(fetch, &wanted.url, allow_private).await
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

/// Fetches one picture that a person names, again if it could not be had before; the reason when it cannot be had now.
pub async fn fetch_named<F: Fetch>(
    store: &Arc<Store>,
    fetch: &F,
    sources: &[Source],
    url: &Url,
    now: DateTime<Utc>,
) -> Result<(), String> {
    if store.picture_from(url).map_err(|error| error.to_string())?.is_some() {
        return Ok(());
    }
    let outcome = set(remote(fetch, url, may_be_private(sources, url)).await?, true).await;
    let problem = outcome.as_ref().err().cloned();
    let (store, wanted) = (store.clone(), WantedPicture::of_hand(url.clone()));
    let kept = tokio::task::spawn_blocking(move || store.keep_picture(&wanted, &outcome, now)).await;
    match (problem, kept) {
        (Some(problem), _) => Err(problem),
        (None, Ok(kept)) => kept.map_err(|error| error.to_string()),
        (None, Err(_)) => Err("keeping it stopped in the middle; this is a bug".to_owned()),
    }
}

async fn wanted(store: &Arc<Store>, sources: &[Source], named: &[Url], now: DateTime<Utc>) -> Vec<WantedPicture> {
    let uses: Vec<(String, PictureUse)> =
        sources.iter().map(|source| (source.id.to_string(), source.pictures)).collect();
    let (store, named) = (store.clone(), named.to_vec());
    let reading = tokio::task::spawn_blocking(move || {
        let uses: Vec<(&str, PictureUse)> = uses.iter().map(|(slug, how)| (slug.as_str(), *how)).collect();
        let since = now - TimeDelta::days(DAYS);
        let mut wanted = store.pictures_wanted_by_hand(&named, since, PER_RUN)?;
        wanted.extend(store.pictures_wanted(&uses, since, PER_RUN - wanted.len().min(PER_RUN))?);
        Ok::<_, StoreError>(wanted)
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
        Ok(Answer::NotModified(_)) => Err("the server answered 304 to a first question".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::fetch::FixtureFetch;
    use image::{DynamicImage, ImageFormat};
    use std::io::Cursor;

    fn png() -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(240, 160).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn url(name: &str) -> Url {
        Url::parse(&format!("https://www.example.org/{name}")).unwrap()
    }

    #[tokio::test]
    async fn a_picture_that_a_file_names_is_fetched_once() {
        let store = Arc::new(Store::in_memory().unwrap());
        let fetch = FixtureFetch::new().with("https://www.example.org/a.png", "image/png", png());
        let named = [url("a.png"), url("gone.png")];
        let left_out = fetch_new(&store, &fetch, &[], &named, now()).await;
        assert_eq!(left_out.len(), 1, "{left_out:?}");
        assert!(store.picture_from(&url("a.png")).unwrap().is_some());
        let again = store.pictures_wanted_by_hand(&named, now(), 9).unwrap();
        assert!(again.is_empty(), "{again:?}");
    }

    #[tokio::test]
    async fn a_picture_that_cannot_be_had_may_be_asked_for_again() {
        let store = Arc::new(Store::in_memory().unwrap());
        let missing = fetch_named(&store, &FixtureFetch::new(), &[], &url("a.png"), now()).await;
        assert!(missing.unwrap_err().contains("404"));
        let text = FixtureFetch::new().with("https://www.example.org/a.png", "text/html", &b"<p>no picture"[..]);
        assert_eq!(fetch_named(&store, &text, &[], &url("a.png"), now()).await.unwrap_err(), "not a picture");
        let fetch = FixtureFetch::new().with("https://www.example.org/a.png", "image/png", png());
        fetch_named(&store, &fetch, &[], &url("a.png"), now()).await.unwrap();
        assert!(store.picture_from(&url("a.png")).unwrap().is_some());
    }
}
