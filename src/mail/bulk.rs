//! The bulk connection to an SMTP relay: many messages on the way at a time, each with one recipient. Knows at any failure which of them nobody can
//! have taken. Retries nothing and records nothing.
//!
//! It stands beside `mail::smtp`, which is lettre's connection and serves single mails. For an issue lettre costs too much: it asks and waits
//! three times a message, walks through every byte for leading dots and writes the end of a message by itself. Here the next envelope travels in the
//! write that ends a message (RFC 2920), or whole messages follow each other without a wait where the relay takes chunks (RFC 3030); and our bodies
//! begin no line with a dot, so nothing is stuffed.

mod commands;
mod dialogue;
mod hello;
mod login;
mod replies;
mod stream;

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::mail::mailer::{Envelope, OpenError};
use crate::mail::octets::Octets;
use crate::mail::reply::{HandOver, kept};
use crate::mail::smtp::{RelayError, RelaySettings};
pub use login::Login;

use dialogue::Dialogue;
use hello::Opening;
use replies::Replies;
use stream::Stream;

/// How much longer than for a command the relay may take over a whole message: it may be scanning it, and giving up too early leaves the message
/// in doubt (RFC 5321, section 4.5.3.2.6 asks for ten minutes).
const PATIENCE_AFTER_END: u32 = 5;
/// How long leave may take.
const LEAVE: Duration = Duration::from_secs(2);
/// Pieces that go into one write.
const PIECES: usize = 64;

/// A relay to send in bulk through, its certificates loaded.
#[derive(Clone)]
pub struct BulkRelay {
    settings: Arc<RelaySettings>,
    name: Arc<str>,
    hello: Arc<str>,
    tls: Option<TlsConnector>,
}

impl std::fmt::Debug for BulkRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkRelay").field("name", &self.name).finish_non_exhaustive()
    }
}

impl BulkRelay {
    /// Loads the certificates; connects nowhere. `name` is host and port for people, `hello` how we introduce ourselves.
    pub fn new(settings: RelaySettings, name: &str, hello: &str) -> Result<Self, RelayError> {
        let tls = hello::connector(&settings, name)?;
        Ok(Self { settings: Arc::new(settings), name: name.into(), hello: hello.into(), tls })
    }

    /// Connects, encrypts and logs in, as the settings say. At most `window` messages will be on the way at a time.
    pub async fn open(&self, window: usize) -> Result<BulkConnection, OpenError> {
        let opening =
            Opening { settings: &self.settings, relay: &self.name, hello: &self.hello, tls: self.tls.as_ref() };
        let patience = self.settings.timeout;
        let opened = timeout(patience, opening.open()).await;
        let (stream, replies, offers) = opened.unwrap_or_else(|_| {
            Err(OpenError::Unreachable { relay: self.name.to_string(), why: format!("no answer within {patience:?}") })
        })?;
        Ok(BulkConnection { stream, replies, dialogue: Dialogue::new(offers, window), timeout: patience })
    }
}

/// An open connection with messages on the way.
pub struct BulkConnection {
    stream: Stream,
    replies: Replies,
    dialogue: Dialogue,
    timeout: Duration,
}

impl std::fmt::Debug for BulkConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkConnection").field("dialogue", &self.dialogue).finish_non_exhaustive()
    }
}

impl BulkConnection {
    /// Whether another message may be given before the next word is waited for.
    pub fn has_room(&self) -> bool {
        self.dialogue.has_room()
    }

    /// Whether no further message goes through it.
    pub fn is_broken(&self) -> bool {
        self.dialogue.is_broken()
    }

    /// Takes a message, whose lines end in CRLF and begin with no dot, onto the way. What can be written at once is, so that the relay has work
    /// while the next message is made; what fails here is told by the next word.
    pub async fn push(&mut self, envelope: &Envelope<'_>, message: impl Into<Octets>) {
        let is_idle = self.dialogue.is_idle();
        std::future::poll_fn(|cx| {
            // A relay that hung up while nothing was to be done has not taken what would now be written after it.
            if is_idle && let Poll::Ready(Err(why)) = self.poll_read(cx) {
                self.dialogue.lose(&why);
            }
            Poll::Ready(())
        })
        .await;
        self.dialogue.push(envelope, message.into());
        std::future::poll_fn(|cx| {
            let _ = self.poll_write(cx);
            Poll::Ready(())
        })
        .await;
    }

    /// The last word on the message that was given first, and its memory to be used again; `None` when none is on the way. May be dropped while it
    /// waits: nothing is lost by that.
    pub async fn word(&mut self) -> Option<(HandOver, Octets)> {
        while !self.dialogue.is_idle() {
            if let Some(word) = self.dialogue.word() {
                return Some(word);
            }
            let patience = if self.dialogue.awaits_an_end() { self.timeout * PATIENCE_AFTER_END } else { self.timeout };
            match timeout(patience, std::future::poll_fn(|cx| self.poll_step(cx))).await {
                Ok(Ok(())) => {}
                Ok(Err(why)) => self.dialogue.lose(&why),
                Err(_) => self.dialogue.lose(&format!("no answer within {patience:?}")),
            }
        }
        None
    }

    /// Takes back all that has not begun to leave, last first; says how many. Nothing further goes through the connection.
    pub fn withdraw(&mut self) -> usize {
        self.dialogue.withdraw()
    }

    /// Ends the connection from our side: the words on the messages that were on the way, in the order they were given.
    pub fn abandon(&mut self, why: &str) -> Vec<HandOver> {
        self.dialogue.lose(why);
        std::iter::from_fn(|| self.dialogue.word()).map(|(word, _)| word).collect()
    }

    /// Says goodbye, if there is still somebody to say it to.
    pub async fn close(mut self) {
        if self.dialogue.quit() {
            // What the relay answers no longer matters to any message.
            let goodbye = async {
                // Not until it hangs up: some leave that to us.
                while !self.dialogue.is_quiet() && std::future::poll_fn(|cx| self.poll_step(cx)).await.is_ok() {}
            };
            let _ = timeout(LEAVE, goodbye).await;
        }
    }

    /// Some progress in either direction.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        let written = self.poll_write(cx);
        // Also after a failed write: what the relay had said before is still there to be read.
        match self.poll_read(cx) {
            Poll::Ready(read) => Poll::Ready(read),
            Poll::Pending => match written {
                Ok(false) => Poll::Pending,
                Ok(true) => Poll::Ready(Ok(())),
                Err(error) => Poll::Ready(Err(kept(&error.to_string()))),
            },
        }
    }

    /// Whether something was written.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> std::io::Result<bool> {
        let mut has_written = false;
        loop {
            let mut slices = [IoSlice::new(&[]); PIECES];
            let pieces = self.dialogue.pending(&mut slices);
            if pieces == 0 {
                break;
            }
            match Pin::new(&mut self.stream).poll_write_vectored(cx, &slices[..pieces]) {
                Poll::Ready(Ok(0)) => return Err(std::io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => {
                    self.dialogue.written(written);
                    has_written = true;
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Ready(Err(error)) => Err(error),
            _ => Ok(has_written),
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        let mut space = [std::mem::MaybeUninit::uninit(); 4096];
        let mut buffer = ReadBuf::uninit(&mut space);
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(kept(&error.to_string()))),
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                return Poll::Ready(Err("the relay closed the connection".to_owned()));
            }
            Poll::Ready(Ok(())) => self.replies.feed(buffer.filled()),
        }
        loop {
            match self.replies.next() {
                Ok(Some(reply)) => self.dialogue.hear(&reply)?,
                Ok(None) => return Poll::Ready(Ok(())),
                Err(nonsense) => return Poll::Ready(Err(nonsense.to_string())),
            }
        }
    }
}

#[cfg(test)]
mod tests;
