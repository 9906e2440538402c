//! An SMTP relay (RFC 5321): one connection, one message after the other, one recipient each. Knows at any failure whether the end of the message
//! had been sent. Retries nothing.
//!
//! Built on lettre's connection rather than its transport: the transport's pool asks NOOP before each message and does not tell in which phase a
//! message was lost.

mod encrypted;

use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::domain::address::EmailAddress;
use crate::mail::bulk::{BulkRelay, Login};
use crate::mail::mailer::{Envelope, OpenError};
use crate::mail::reply::{HandOver, kept};
use encrypted::Encrypted;

/// How much longer than for a command the relay may take over a whole message: it may be scanning it, and giving up too early leaves the message
/// in doubt (RFC 5321, section 4.5.3.2.6 asks for ten minutes).
const PATIENCE_AFTER_END: u32 = 5;

/// How the connection is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all: for a relay on this machine.
    None,
    /// It starts in the open and must turn to TLS before anything is said (RFC 3207), usually on port 587.
    StartTls,
    /// TLS from the first byte (RFC 8314), usually on port 465.
    Tls,
}

/// All that is to be known of a relay.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    /// Its host name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// The login, if it wants one.
    pub username: Option<String>,
    /// The password of the login.
    pub password: Option<SecretString>,
    /// A PEM file with further certificates to trust, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The file it came from, where it is an access token: that changes every hour, so it is read for each connection.
    pub token_file: Option<PathBuf>,
    /// By which way to log in.
    pub login: Login,
    /// How we introduce ourselves; none is this machine's name.
    pub helo_name: Option<String>,
    /// How long one command may take; the end of a message may take five times as long.
    pub timeout: Duration,
}

impl RelaySettings {
    /// The password as it is now; why there is none.
    pub fn current_password(&self) -> Result<Option<SecretString>, String> {
        let Some(file) = &self.token_file else { return Ok(self.password.clone()) };
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).into()))
    }
}

/// Why a relay's settings cannot work.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The file with further certificates cannot be read.
    #[error("relay {relay}: ca_file {path:?}: {why}")]
    CaFile {
        /// Host and port.
        relay: String,
        /// The file.
        path: PathBuf,
        /// What happened.
        why: String,
    },
    /// TLS cannot be set up at all.
    #[error("relay {relay}: {why}")]
    Tls {
        /// Host and port.
        relay: String,
        /// What happened.
        why: String,
    },
    /// A login with only one half.
    #[error("relay {relay}: username and password go together, one is missing")]
    HalfALogin {
        /// Host and port.
        relay: String,
    },
    /// A password that anybody on the way could read.
    #[error(
        "relay {relay}: a password would go over the network in the clear; set encryption to \"starttls\" or \"tls\""
    )]
    PasswordInTheClear {
        /// Host and port.
        relay: String,
    },
}

/// A relay, its certificates loaded.
#[derive(Clone)]
pub struct SmtpRelay {
    settings: RelaySettings,
    name: String,
    tls: Option<TlsParameters>,
    hello: ClientId,
    bulk: BulkRelay,
}

impl std::fmt::Debug for SmtpRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpRelay").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SmtpRelay {
    /// Checks the settings and loads the certificates; connects nowhere.
    pub fn new(settings: RelaySettings) -> Result<SmtpRelay, RelayError> {
        let name = format!("{}:{}", settings.host, settings.port);
        if settings.username.is_some() != settings.password.is_some() {
            return Err(RelayError::HalfALogin { relay: name });
        }
        if settings.encryption == Encryption::None && settings.username.is_some() && !is_loopback(&settings.host) {
            return Err(RelayError::PasswordInTheClear { relay: name });
        }
        let tls = match settings.encryption {
            Encryption::None => None,
            Encryption::StartTls | Encryption::Tls => Some(tls_parameters(&settings, &name)?),
        };
        let hello = settings.helo_name.clone().map_or_else(ClientId::default, ClientId::Domain);
        let bulk = BulkRelay::new(settings.clone(), &name, &hello.to_string())?;
        Ok(SmtpRelay { settings, name, tls, hello, bulk })
    }

    /// Host and port.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same relay for many messages at a time.
    pub fn bulk(&self) -> &BulkRelay {
        &self.bulk
    }

    /// Connects, encrypts and logs in, as the settings say.
    pub async fn open(&self) -> Result<SmtpSession, OpenError> {
        let opening = async {
            let mut connection = self.connect().await?;
            self.encrypt(&mut connection).await?;
            self.log_in(&mut connection).await?;
            Ok(connection)
        };
        match timeout(self.settings.timeout, opening).await {
            Ok(connection) => {
                Ok(SmtpSession { connection: connection?, timeout: self.settings.timeout, is_broken: false })
            }
            Err(_) => Err(self.unreachable(&self.no_answer())),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, OpenError> {
        let server = (self.settings.host.as_str(), self.settings.port);
        let socket = TcpStream::connect(server).await.map_err(|error| self.unreachable(&error))?;
        // The message's end is a small packet of its own; it must not wait for the acknowledgement of what goes before.
        socket.set_nodelay(true).map_err(|error| self.unreachable(&error))?;
        let stream: Box<dyn AsyncTokioStream> = match (self.settings.encryption, &self.tls) {
            (Encryption::Tls, Some(tls)) => {
                Box::new(Encrypted::over(socket, tls.clone()).await.map_err(|error| self.open_error(&error))?)
            }
            _ => Box::new(socket),
        };
        let connected = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
        connected.map_err(|error| self.open_error(&error))
    }

    async fn encrypt(&self, connection: &mut AsyncSmtpConnection) -> Result<(), OpenError> {
        let (Encryption::StartTls, Some(tls)) = (self.settings.encryption, &self.tls) else {
            return Ok(());
        };
        if !connection.can_starttls() {
            return Err(OpenError::Tls { relay: self.name.clone(), why: "it does not offer STARTTLS".to_owned() });
        }
        connection.starttls(tls.clone(), &self.hello).await.map_err(|error| self.open_error(&error))
    }

    async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), OpenError> {
        let refused = |why| OpenError::Login { relay: self.name.clone(), why };
        let password = self.settings.current_password().map_err(refused)?;
        let (Some(username), Some(password)) = (&self.settings.username, password) else {
            return Ok(());
        };
        let credentials = Credentials::new(username.clone(), password.expose_secret().to_owned());
        let mechanisms: &[Mechanism] = match self.settings.login {
            Login::Auto => &[Mechanism::Plain, Mechanism::Login],
            Login::Plain => &[Mechanism::Plain],
            Login::Login => &[Mechanism::Login],
            Login::Xoauth2 => &[Mechanism::Xoauth2],
        };
        match connection.auth(mechanisms, &credentials).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_transient() => Err(self.open_error(&error)),
            Err(error) => Err(refused(kept(&error.to_string()))),
        }
    }

    fn open_error(&self, error: &lettre::transport::smtp::Error) -> OpenError {
        let relay = self.name.clone();
        match Failure::of(error) {
            Failure::Reply(code, reply) if code < 500 => OpenError::Busy { relay, code, reply: kept(&reply) },
            Failure::Reply(code, reply) => OpenError::Refused { relay, code, reply: kept(&reply) },
            Failure::Lost(why) if is_about_tls(error) => OpenError::Tls { relay, why },
            Failure::Lost(why) => OpenError::Unreachable { relay, why },
        }
    }

    fn unreachable(&self, why: &dyn Display) -> OpenError {
        OpenError::Unreachable { relay: self.name.clone(), why: why.to_string() }
    }

    fn no_answer(&self) -> String {
        format!("no answer within {:?}", self.settings.timeout)
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn tls_parameters(settings: &RelaySettings, relay: &str) -> Result<TlsParameters, RelayError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let error = |why: &dyn Display| RelayError::CaFile {
            relay: relay.to_owned(),
            path: path.clone(),
            why: why.to_string(),
        };
        let pem = std::fs::read(path).map_err(|e| error(&e))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| error(&e))?);
    }
    builder.build().map_err(|e| RelayError::Tls { relay: relay.to_owned(), why: e.to_string() })
}

/// Whether the TLS library is somewhere among the causes.
fn is_about_tls(error: &lettre::transport::smtp::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What went wrong in one exchange.
enum Failure {
    /// The relay said no: code and words.
    Reply(u16, String),
    /// No sense came back: what happened, in words.
    Lost(String),
}

impl Failure {
    fn of(error: &lettre::transport::smtp::Error) -> Failure {
        match error.status() {
            Some(code) => {
                let words = std::error::Error::source(error).map_or_else(String::new, ToString::to_string);
                Failure::Reply(code.into(), words)
            }
            None => Failure::Lost(kept(&error.to_string())),
        }
    }
}

/// An open connection.
pub struct SmtpSession {
    connection: AsyncSmtpConnection,
    timeout: Duration,
    is_broken: bool,
}

impl std::fmt::Debug for SmtpSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSession").field("is_broken", &self.is_broken).finish_non_exhaustive()
    }
}

impl SmtpSession {
    /// Hands over one message, whose lines end in CRLF, and waits for the last word on it.
    pub async fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> HandOver {
        if self.is_broken {
            return HandOver::NotHandedOver { why: "the session had ended".to_owned() };
        }
        match self.announce(envelope).await {
            Ok(()) => self.transfer(message).await,
            Err(outcome) => outcome,
        }
    }

    /// Whether the connection is of no further use.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Says goodbye, if there is still somebody to say it to.
    pub async fn close(mut self) {
        if !self.is_broken {
            // What the relay answers no longer matters to any message.
            let _ = timeout(self.timeout, self.connection.quit()).await;
        }
    }

    /// Sender, recipient, and the wish to send a message: until its end is sent, a failure hands nothing over.
    async fn announce(&mut self, envelope: &Envelope<'_>) -> Result<(), HandOver> {
        let smtputf8 = envelope.needs_smtputf8();
        if smtputf8 && !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            // RFC 6531, section 3.7.4 has these codes for it; no other relay is asked, so the answer is ours.
            return Err(HandOver::negative(553, "5.6.7 the relay does not take addresses outside ASCII (SMTPUTF8)"));
        }
        let from = envelope.from.map(EmailAddress::ascii).unwrap_or_default();
        let options = if smtputf8 { " SMTPUTF8" } else { "" };
        self.command(&format!("MAIL FROM:<{from}>{options}\r\n"), 200).await?;
        for (command, class) in [(format!("RCPT TO:<{}>\r\n", envelope.to.ascii()), 200), ("DATA\r\n".to_owned(), 300)]
        {
            if let Err(outcome) = self.command(&command, class).await {
                self.reset().await;
                return Err(outcome);
            }
        }
        Ok(())
    }

    /// Forgets the sender of a message whose recipient was refused, so that the next message can begin.
    async fn reset(&mut self) {
        if !self.is_broken {
            // On failure the session is marked as broken, and the message's own outcome is known already.
            let _ = self.command("RSET\r\n", 200).await;
        }
    }

    /// One command, whose good answers are of one class (`200` or `300`).
    async fn command(&mut self, command: &str, class: u16) -> Result<(), HandOver> {
        let answer = timeout(self.timeout, self.connection.command(command)).await;
        let lost = match answer.map(|answer| answer.map_err(|error| Failure::of(&error))) {
            Ok(Ok(reply)) if code(&reply) / 100 * 100 == class => return Ok(()),
            Ok(Ok(reply)) => format!("the relay answered {} out of turn", code(&reply)),
            Ok(Err(Failure::Reply(code, words))) => return Err(self.negative(code, &words)),
            Ok(Err(Failure::Lost(why))) => why,
            Err(_) => format!("no answer within {:?}", self.timeout),
        };
        self.is_broken = true;
        Err(HandOver::NotHandedOver { why: lost })
    }

    /// The message and its end.
    async fn transfer(&mut self, message: &[u8]) -> HandOver {
        // lettre writes the line end before the final dot itself.
        let message = message.strip_suffix(b"\r\n").unwrap_or(message);
        let mut end_reached = false;
        // lettre asks for a further piece when it has written all before, and only then writes the end.
        let pieces = std::iter::once(message).chain(std::iter::from_fn(|| {
            end_reached = true;
            None
        }));
        let patience = self.timeout * PATIENCE_AFTER_END;
        let answer = timeout(patience, self.connection.message_iter(pieces)).await;
        let lost = match answer.map(|answer| answer.map_err(|error| Failure::of(&error))) {
            Ok(Ok(reply)) if code(&reply) < 300 => return HandOver::accepted(&words(&reply)),
            Ok(Ok(reply)) => format!("the relay answered {} out of turn", code(&reply)),
            Ok(Err(Failure::Reply(code, words))) => return self.negative(code, &words),
            Ok(Err(Failure::Lost(why))) => why,
            Err(_) => format!("no answer within {patience:?}"),
        };
        self.is_broken = true;
        if end_reached { HandOver::InDoubt { why: lost } } else { HandOver::NotHandedOver { why: lost } }
    }

    fn negative(&mut self, code: u16, words: &str) -> HandOver {
        // 421 announces that the relay closes the connection (RFC 5321, section 3.8).
        self.is_broken |= code == 421;
        HandOver::negative(code, words)
    }
}

fn code(reply: &Response) -> u16 {
    reply.code().into()
}

fn words(reply: &Response) -> String {
    reply.message().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub(crate) mod stub;
#[cfg(test)]
mod tests;
