//! Fetching documents: over HTTP, or from fixtures that are embedded or set by a test.
//!
//! Everything fetched is hostile until proven otherwise: bounded in bytes (packed and unpacked), time and redirects, and never from a private address
//! unless the source says so. Must not read files: `file:` places are read by `collect` itself.

pub mod address;
mod fixture;
mod http;
mod unpack;

pub use fixture::FixtureFetch;
pub use http::{HttpFetch, Limits};
pub use unpack::gunzip;

use crate::domain::source::Access;
use std::future::Future;
use std::time::Duration;
use url::Url;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where.
    pub url: Url,
    /// Whether addresses on private networks may be asked.
    pub allow_private: bool,
    /// The validator of the last answer, for a conditional request.
    pub etag: Option<String>,
    /// The date of the last answer, for a conditional request.
    pub last_modified: Option<String>,
    /// What is wanted, as an `Accept` header says it.
    pub accept: &'static str,
    /// The most bytes of the body, as sent and as unpacked.
    pub bytes: usize,
    /// How the server is asked: its headers and password go to the host of `url` and to no other.
    pub access: Access,
    /// The least time between two such requests to one host; none for feeds, which are asked rarely.
    pub pause: Option<Duration>,
}

impl Request {
    /// A plain question.
    pub fn new(url: Url, accept: &'static str, bytes: usize) -> Self {
        Self {
            url,
            allow_private: false,
            etag: None,
            last_modified: None,
            accept,
            bytes,
            access: Access::default(),
            pause: None,
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has not changed since the last answer, and stays so for that many seconds more by the server's word (RFC 9111, section 4.3.4).
    NotModified(Option<u64>),
    /// A document.
    Document(Box<Document>),
}

/// A document as fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Where it was found after redirects.
    pub url: Url,
    /// Where the place has moved for good, if every redirect said so.
    pub moved_to: Option<Url>,
    /// The addresses that led here, the one that was asked first.
    pub hops: Vec<Url>,
    /// How long it stays as it is, by the server's word (RFC 9111, section 5.2.2.1).
    pub fresh_seconds: Option<u64>,
    /// Its bytes, decoded.
    pub bytes: Vec<u8>,
    /// Its media type, without parameters.
    pub media_type: Option<String>,
    /// The charset that HTTP named.
    pub charset: Option<String>,
    /// Its validator.
    pub etag: Option<String>,
    /// When it last changed, as the server says.
    pub last_modified: Option<String>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address, or one it redirects to, lies on a private network.
    #[error("{0} is on a private network; set allow_private = true if that is meant")]
    Private(String),
    /// Not http or https, or no host.
    #[error("{0} is no http or https address")]
    Scheme(String),
    /// Redirected too often.
    #[error("redirected more than {0} times")]
    TooManyRedirects(usize),
    /// Redirected to where it had been.
    #[error("redirected in a circle at {0}")]
    Circle(String),
    /// The server's answer was no document.
    #[error("the server answered {0}")]
    Status(u16),
    /// The server has no time now.
    #[error("the server answered {status} and asks to wait {seconds} seconds")]
    Later {
        /// Its status.
        status: u16,
        /// How long (RFC 9110, section 10.2.3).
        seconds: u64,
    },
    /// Larger than was asked for.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// Larger than was asked for before it was even unpacked.
    #[error("larger than {0} bytes while still packed")]
    TooMuchPacked(usize),
    /// Packed in a way that cannot be undone.
    #[error("its body cannot be unpacked: {0}")]
    Packed(String),
    /// It took too long.
    #[error("timed out after {0} seconds")]
    TimedOut(u64),
    /// The network or the protocol failed.
    #[error("{0}")]
    Network(String),
}

/// Something that fetches documents.
pub trait Fetch: Send + Sync {
    /// Fetches one document.
    fn fetch(&self, request: Request) -> impl Future<Output = Result<Answer, FetchError>> + Send;
}
