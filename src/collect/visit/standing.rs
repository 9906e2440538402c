//! Documents that are read anew at each visit although they may not have changed, because the day has: which date of a recurring event is the next,
//! whether a list of the most read is still current. One that has not changed is not fetched again: it is read from what was kept of it.

use super::{Visit, VisitError, Visitor, blocking};
use crate::collect::feed;
use crate::collect::fetch::{Answer, Document, Fetch, Request};
use crate::domain::source::Place;
use crate::store::kept_documents::KeptDocument;
use url::Url;

impl<F: Fetch> Visitor<'_, F> {
    /// A document of the source as it is today, and what it leaves for the next visit.
    pub(super) async fn standing_document(
        &self,
        place: &Place,
        accept: &'static str,
    ) -> Result<(Document, Visit), VisitError> {
        let document = match place {
            Place::File(path) => self.file(path).await?,
            Place::Url(url) => self.standing_at(self.moved(url), accept).await?,
        };
        let visit = self.left(&document);
        Ok((document, visit))
    }

    async fn standing_at(&self, asked: Url, accept: &'static str) -> Result<Document, VisitError> {
        let kept = self.kept(&asked).await?;
        let validators = kept.as_ref().map(|kept| (kept.etag.clone(), kept.last_modified.clone()));
        let (etag, last_modified) = validators.unwrap_or_default();
        let request = Request { etag, last_modified, ..self.request(asked.clone(), accept, feed::BYTES) };
        match (self.fetch.fetch(request).await?, kept) {
            (Answer::Document(document), _) => {
                self.keep(&asked, &document).await?;
                Ok(*document)
            }
            (Answer::NotModified(fresh_seconds), Some(kept)) => Ok(Document { fresh_seconds, ..kept }),
            // It answers to a question that nobody asked.
            (Answer::NotModified(_), None) => self.get(asked, accept, feed::BYTES).await,
        }
    }

    /// What was kept when that address was asked last.
    async fn kept(&self, asked: &Url) -> Result<Option<Document>, VisitError> {
        let (store, source) = (self.store.clone(), self.state.id);
        let kept = blocking(move || Ok(store.kept_document(source, feed::BYTES)?)).await?;
        Ok(kept.filter(|kept| kept.asked == asked.as_str()).and_then(|kept| {
            Some(Document {
                url: Url::parse(&kept.url).ok()?,
                moved_to: None,
                hops: Vec::new(),
                fresh_seconds: None,
                bytes: kept.bytes,
                media_type: kept.media_type,
                charset: kept.charset,
                etag: kept.etag,
                last_modified: kept.last_modified,
            })
        }))
    }

    async fn keep(&self, asked: &Url, document: &Document) -> Result<(), VisitError> {
        if self.manner.is_trial {
            return Ok(());
        }
        let Document { url, bytes, media_type, charset, etag, last_modified, .. } = document.clone();
        // Whoever asks next asks where it has moved for good.
        let asked = document.moved_to.as_ref().unwrap_or(asked).to_string();
        let kept = KeptDocument { asked, url: url.to_string(), etag, last_modified, media_type, charset, bytes };
        let (store, source) = (self.store.clone(), self.state.id);
        blocking(move || Ok(store.keep_document(source, &kept)?)).await
    }
}
