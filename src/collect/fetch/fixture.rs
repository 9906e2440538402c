//! Documents that are there already: embedded in the program for the demo, or set by a test.

use super::{Answer, Document, Fetch, FetchError, Request};
use std::borrow::Cow;
use std::collections::HashMap;
use url::Url;

/// Answers from a list, as a server of files does: an address with a query is the one without, unless the list has it. Everything else is 404.
#[derive(Debug, Default)]
pub struct FixtureFetch {
    documents: HashMap<String, (Cow<'static, [u8]>, String)>,
}

impl FixtureFetch {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a document.
    pub fn with(mut self, url: &str, media_type: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        self.documents.insert(url.to_owned(), (bytes.into(), media_type.to_owned()));
        self
    }

    fn find(&self, url: &Url) -> Option<&(Cow<'static, [u8]>, String)> {
        let mut url = url.clone();
        url.set_fragment(None);
        self.documents.get(url.as_str()).or_else(|| {
            url.set_query(None);
            self.documents.get(url.as_str())
        })
    }
}

impl Fetch for FixtureFetch {
    async fn fetch(&self, request: Request) -> Result<Answer, FetchError> {
        let (bytes, media_type) = self.find(&request.url).ok_or(FetchError::Status(404))?;
        if bytes.len() > request.bytes {
            return Err(FetchError::TooLarge(request.bytes));
        }
        Ok(Answer::Document(Box::new(Document {
            hops: Vec::new(),
            fresh_seconds: None,
            url: request.url,
            moved_to: None,
            bytes: bytes.to_vec(),
            media_type: Some(media_type.clone()),
            charset: None,
            etag: None,
            last_modified: None,
        })))
    }
}
