//! The beginning of a connection: greeting, EHLO, STARTTLS (RFC 3207) and login (RFC 4954). Sends no mail.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::replies::{Replies, Reply};
use super::stream::Stream;
use crate::mail::mailer::OpenError;
use crate::mail::reply::kept;
use crate::mail::smtp::{Encryption, RelayError, RelaySettings};

/// What the relay says it can do (RFC 5321, section 4.1.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// Commands need not wait for answers (RFC 2920).
    pub pipelining: bool,
    /// Messages may be sent by length (RFC 3030).
    pub chunking: bool,
    /// Addresses outside ASCII (RFC 6531).
    pub smtputf8: bool,
    /// Wishes about reports (RFC 3461).
    pub dsn: bool,
    /// The size may be told beforehand (RFC 1870).
    pub size: bool,
    /// TLS on the same connection.
    pub starttls: bool,
    /// Ways to log in.
    pub auth: Vec<String>,
}

impl Offers {
    /// Reads the answer to EHLO; its first line is a greeting.
    pub fn read(reply: &Reply) -> Offers {
        let mut offers = Offers::default();
        for line in reply.lines.iter().skip(1) {
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "PIPELINING" => offers.pipelining = true,
                "CHUNKING" => offers.chunking = true,
                "SMTPUTF8" => offers.smtputf8 = true,
                "DSN" => offers.dsn = true,
                "SIZE" => offers.size = true,
                "STARTTLS" => offers.starttls = true,
                "AUTH" => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }
}

/// TLS for a relay, if it is to be used: the system's certificates, and those of `ca_file`.
pub fn connector(settings: &RelaySettings, relay: &str) -> Result<Option<TlsConnector>, RelayError> {
    if settings.encryption == Encryption::None {
        return Ok(None);
    }
    let tls = |why: String| RelayError::Tls { relay: relay.to_owned(), why };
    let mut roots = RootCertStore::empty();
    // A certificate of the system that cannot be read is not trusted; the others are.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &settings.ca_file {
        let bad = |why: String| RelayError::CaFile { relay: relay.to_owned(), path: path.clone(), why };
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))? {
            let certificate = certificate.map_err(|error| bad(error.to_string()))?;
            roots.add(certificate).map_err(|error| bad(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(|error| tls(error.to_string()))?.with_root_certificates(roots).with_no_client_auth();
    Ok(Some(TlsConnector::from(Arc::new(config))))
}

/// A connection that is being opened.
pub struct Opening<'a> {
    /// How to reach the relay.
    pub settings: &'a RelaySettings,
    /// Its name for people.
    pub relay: &'a str,
    /// Our name.
    pub hello: &'a str,
    /// TLS, if it is to be used.
    pub tls: Option<&'a TlsConnector>,
}

impl Opening<'_> {
    /// Opens it, ready for the first message.
    pub async fn open(&self) -> Result<(Stream, Replies, Offers), OpenError> {
        let mut line = self.connect().await?;
        line.expect_yes(self).await?;
        let mut offers = self.introduce(&mut line).await?;
        if self.settings.encryption == Encryption::StartTls {
            line = self.turn_to_tls(line, &offers).await?;
            // RFC 3207, section 4.2: what was said in the open no longer counts.
            offers = self.introduce(&mut line).await?;
        }
        self.log_in(&mut line, &offers).await?;
        Ok((line.stream, line.replies, offers))
    }

    async fn connect(&self) -> Result<Line, OpenError> {
        let server = (self.settings.host.as_str(), self.settings.port);
        let socket = TcpStream::connect(server).await.map_err(|error| self.unreachable(&error.to_string()))?;
        // The last part of a message must not wait for the acknowledgement of what goes before.
        socket.set_nodelay(true).map_err(|error| self.unreachable(&error.to_string()))?;
        let stream = match self.settings.encryption {
            Encryption::Tls => self.encrypted(socket).await?,
            Encryption::None | Encryption::StartTls => Stream::Plain(socket),
        };
        Ok(Line { stream, replies: Replies::default() })
    }

    async fn encrypted(&self, socket: TcpStream) -> Result<Stream, OpenError> {
        let connector = self.tls.ok_or_else(|| self.tls_error("TLS was not set up"))?;
        let name = ServerName::try_from(self.settings.host.clone())
            .map_err(|_| self.tls_error("its name is no host name that a certificate could bear"))?;
        let shaken = connector.connect(name, socket).await;
        match shaken {
            Ok(stream) => Ok(Stream::Encrypted(Box::new(stream))),
            Err(error) if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) => {
                Err(self.tls_error(&error.to_string()))
            }
            Err(error) => Err(self.unreachable(&error.to_string())),
        }
    }

    async fn introduce(&self, line: &mut Line) -> Result<Offers, OpenError> {
        line.say(self, &format!("EHLO {}", self.hello)).await?;
        Ok(Offers::read(&line.expect_yes(self).await?))
    }

    async fn turn_to_tls(&self, mut line: Line, offers: &Offers) -> Result<Line, OpenError> {
        if !offers.starttls {
            return Err(self.tls_error("it does not offer STARTTLS"));
        }
        line.say(self, "STARTTLS").await?;
        line.expect_yes(self).await?;
        if !line.replies.is_empty() {
            return Err(self.tls_error("somebody spoke between STARTTLS and TLS"));
        }
        match line.stream {
            Stream::Plain(socket) => Ok(Line { stream: self.encrypted(socket).await?, replies: Replies::default() }),
            Stream::Encrypted(_) => Ok(line),
        }
    }

    async fn log_in(&self, line: &mut Line, offers: &Offers) -> Result<(), OpenError> {
        let refused = |why: String| OpenError::Login { relay: self.relay.to_owned(), why };
        let password = self.settings.current_password().map_err(refused)?;
        let (Some(name), Some(password)) = (&self.settings.username, password) else {
            return Ok(());
        };
        let Some(login) = self.settings.login.among(&offers.auth) else {
            let offered = offers.auth.join(", ");
            return Err(refused(format!("it offers none of the wanted ways to log in, only: {offered}")));
        };
        let (command, answers) = login.words(name, password.expose_secret());
        line.say(self, &command).await?;
        let mut reply = line.hear(self).await?;
        let mut answers = answers.into_iter();
        while reply.code == 334 {
            line.say(self, &answers.next().unwrap_or_else(|| "*".to_owned())).await?;
            reply = line.hear(self).await?;
        }
        match reply.code {
            200..=299 => Ok(()),
            400..=499 => Err(self.refusal(&reply)),
            code => Err(refused(format!("{code} {}", kept(&reply.text())))),
        }
    }

    fn refusal(&self, reply: &Reply) -> OpenError {
        let (relay, code, reply) = (self.relay.to_owned(), reply.code, kept(&reply.text()));
        if code < 500 { OpenError::Busy { relay, code, reply } } else { OpenError::Refused { relay, code, reply } }
    }

    fn unreachable(&self, why: &str) -> OpenError {
        OpenError::Unreachable { relay: self.relay.to_owned(), why: why.to_owned() }
    }

    fn tls_error(&self, why: &str) -> OpenError {
        OpenError::Tls { relay: self.relay.to_owned(), why: why.to_owned() }
    }
}

/// The connection while one command waits for its answer.
struct Line {
    stream: Stream,
    replies: Replies,
}

impl Line {
    async fn say(&mut self, opening: &Opening<'_>, command: &str) -> Result<(), OpenError> {
        let said = async {
            self.stream.write_all(format!("{command}\r\n").as_bytes()).await?;
            self.stream.flush().await
        };
        said.await.map_err(|error| opening.unreachable(&error.to_string()))
    }

    async fn hear(&mut self, opening: &Opening<'_>) -> Result<Reply, OpenError> {
        let mut buffer = [0; 4096];
        loop {
            match self.replies.next() {
                Ok(Some(reply)) => return Ok(reply),
                Ok(None) => {}
                Err(nonsense) => return Err(opening.unreachable(&nonsense.to_string())),
            }
            match self.stream.read(&mut buffer).await {
                Ok(0) => return Err(opening.unreachable("it closed the connection")),
                Ok(read) => self.replies.feed(&buffer[..read]),
                Err(error) => return Err(opening.unreachable(&error.to_string())),
            }
        }
    }

    async fn expect_yes(&mut self, opening: &Opening<'_>) -> Result<Reply, OpenError> {
        let reply = self.hear(opening).await?;
        match reply.code {
            200..=299 => Ok(reply),
            300..=399 => Err(opening.unreachable(&format!("it answered {} out of turn", reply.code))),
            _ => Err(opening.refusal(&reply)),
        }
    }
}
