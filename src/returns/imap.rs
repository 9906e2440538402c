//! Returned messages in an IMAP mailbox (RFC 3501): those not seen yet are taken in and marked as seen; between two looks the server tells of news
//! (RFC 2177), or is asked again. Deletes nothing.

use super::{Count, LOOKED_AT, Taker};
use crate::store::StoreError;
use async_imap::Session;
use async_imap::extensions::idle::IdleResponse;
use futures_util::TryStreamExt;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A mailbox on a mail server.
#[derive(Clone)]
pub struct ImapSettings {
    /// The server's name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether TLS protects the connection from its first byte; without only on this machine.
    pub tls: bool,
    /// The name to log in with.
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// The folder.
    pub folder: String,
    /// A PEM file of certificate authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// How long between two looks where the server cannot tell of news; where it can, how long the wait for news lasts.
    pub every: Duration,
}

impl ImapSettings {
    /// Whether a new configuration means the same mailbox.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.host, self.port, self.tls, &self.username, &self.folder, self.every)
            == (&other.host, other.port, other.tls, &other.username, &other.folder, other.every)
            && self.password.expose_secret() == other.password.expose_secret()
    }
}

impl std::fmt::Debug for ImapSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImapSettings({} at {}:{}, {})", self.username, self.host, self.port, self.folder)
    }
}

/// Why a mailbox was not read. Each sentence names the server.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// The connection or the dialogue.
    #[error("IMAP server {0}: {1}")]
    Server(String, String),
    /// It took too long.
    #[error("IMAP server {0}: no answer for {1} seconds")]
    TimedOut(String, u64),
    /// The database; the messages stay unseen.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long one step of the dialogue may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Messages of one look; the next takes the rest.
const AT_ONCE: usize = 500;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Stream for T {}

/// An open mailbox.
pub struct Inbox {
    session: Session<Box<dyn Stream>>,
    server: String,
    every: Duration,
    can_idle: bool,
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inbox({})", self.server)
    }
}

/// Opens a mailbox.
pub async fn open(settings: &ImapSettings) -> Result<Inbox, ImapError> {
    let server = format!("{}:{}", settings.host, settings.port);
    in_time(&server, async {
        let failed = |error: &dyn std::fmt::Display| ImapError::Server(server.clone(), error.to_string());
        let socket =
            TcpStream::connect((settings.host.as_str(), settings.port)).await.map_err(|error| failed(&error))?;
        let stream: Box<dyn Stream> = if settings.tls {
            let config = tls(settings).map_err(|error| failed(&error))?;
            let name = ServerName::try_from(settings.host.clone()).map_err(|error| failed(&error))?;
            Box::new(TlsConnector::from(config).connect(name, socket).await.map_err(|error| failed(&error))?)
        } else {
            Box::new(socket)
        };
        let mut client = async_imap::Client::new(stream);
        client.read_response().await.map_err(|error| failed(&error))?;
        let login = client.login(&settings.username, settings.password.expose_secret()).await;
        let mut session = login.map_err(|(error, _)| failed(&error))?;
        let can_idle = session.capabilities().await.map_err(|error| failed(&error))?.has_str("IDLE");
        session.select(&settings.folder).await.map_err(|error| failed(&error))?;
        Ok(Inbox { session, server: server.clone(), every: settings.every, can_idle })
    })
    .await
}

fn tls(settings: &ImapSettings) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = &settings.ca_file {
        use rustls::pki_types::CertificateDer;
        use rustls::pki_types::pem::PemObject;
        let certificates =
            CertificateDer::pem_file_iter(file).map_err(|error| format!("{}: {error}", file.display()))?;
        roots.add_parsable_certificates(certificates.flatten());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

async fn in_time<T>(server: &str, work: impl Future<Output = Result<T, ImapError>>) -> Result<T, ImapError> {
    let timed_out = || ImapError::TimedOut(server.to_owned(), PATIENCE.as_secs());
    tokio::time::timeout(PATIENCE, work).await.map_err(|_| timed_out())?
}

impl Inbox {
    /// Takes in what was not seen yet.
    pub async fn take(&mut self, taker: &Taker<'_>) -> Result<Count, ImapError> {
        let server = self.server.clone();
        let failed = |error: async_imap::error::Error| ImapError::Server(server.clone(), error.to_string());
        let session = &mut self.session;
        let unseen = in_time(&server, async { session.uid_search("UNSEEN").await.map_err(failed) }).await?;
        let mut unseen: Vec<u32> = unseen.into_iter().collect();
        unseen.sort_unstable();
        let mut count = Count::default();
        for uid in unseen.into_iter().take(AT_ONCE) {
            let message = in_time(&server, async {
                // Only the beginning: a message of any size costs the same.
                let query = format!("BODY.PEEK[]<0.{LOOKED_AT}>");
                let fetched: Vec<_> = session
                    .uid_fetch(uid.to_string(), query)
                    .await
                    .map_err(failed)?
                    .try_collect()
                    .await
                    .map_err(failed)?;
                Ok(fetched.iter().find_map(|fetch| fetch.body().map(<[u8]>::to_vec)))
            })
            .await?;
            count = count.and(taker.take(&[message.unwrap_or_default()])?);
            in_time(&server, async {
                let stored = session.uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)").await.map_err(failed)?;
                stored.try_collect::<Vec<_>>().await.map_err(failed).map(|_| ())
            })
            .await?;
        }
        Ok(count)
    }

    /// Waits for news: until the server tells of some, or it is time to look again.
    pub async fn wait(self) -> Result<Self, ImapError> {
        let Self { session, server, every, can_idle } = self;
        if !can_idle {
            let mut session = session;
            tokio::time::sleep(every).await;
            let noop = session.noop().await;
            noop.map_err(|error| ImapError::Server(server.clone(), error.to_string()))?;
            return Ok(Self { session, server, every, can_idle });
        }
        let failed = |error: async_imap::error::Error| ImapError::Server(server.clone(), error.to_string());
        let mut handle = session.idle();
        in_time(&server, async { handle.init().await.map_err(failed) }).await?;
        let (news, _interrupt) = handle.wait_with_timeout(every);
        let _: IdleResponse = news.await.map_err(failed)?;
        let session = in_time(&server, async { handle.done().await.map_err(failed) }).await?;
        Ok(Self { session, server, every, can_idle })
    }

    /// Says good-bye.
    pub async fn close(mut self) {
        // The server closes the connection either way.
        let _ = tokio::time::timeout(Duration::from_secs(5), self.session.logout()).await;
    }
}
