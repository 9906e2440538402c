//! Tells people of the house what they must know: operators of alarms, editors of a week that was carried over. By mail, and over ways that do
//! not need the relay. Decides nothing and retries nothing; what was not told stays an alarm.

use crate::domain::address::EmailAddress;
use crate::domain::newsletter::Newsletter;
use crate::mail::dkim::{Signer, prepend_signatures};
use crate::mail::mailer::{Envelope, HandOver, Mailer};
use crate::mail::mime::{Mailbox, MessageParts, Personal, Skeleton};
use crate::store::alarms::Alarm;
use crate::store::{Store, StoreError};
use crate::templates::single::{self, Note};
use chrono::{DateTime, Utc};
use std::time::Duration;
use url::Url;

/// How long a webhook or command may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who is told, and how.
#[derive(Debug)]
pub struct Teller<'a> {
    /// Where alarms lie.
    pub store: &'a Store,
    /// The way out of mail.
    pub mailer: &'a Mailer,
    /// Sign it.
    pub signers: &'a [Signer],
    /// The newsletter whose sender the mail bears.
    pub newsletter: &'a Newsletter,
    /// Who is told of trouble.
    pub operators: &'a [EmailAddress],
    /// Who is told of the newsletter.
    pub editors: &'a [EmailAddress],
    /// An address that gets alarms as JSON.
    pub webhook: Option<&'a Url>,
    /// A program that gets alarms as JSON on its standard input.
    pub command: &'a [String],
    /// The name of this machine.
    pub host: &'a str,
    /// Makes the Message-IDs of these mails distinct.
    pub nonce: [u8; 8],
}

/// What became of telling.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Alarms that somebody was told of.
    pub alarms: usize,
    /// Ways that failed, in words.
    pub failures: Vec<String>,
}

impl Teller<'_> {
    /// Tells the operators of all alarms that they have not heard of within the hour. What no way took is tried again at the next call.
    pub async fn tell_operators(&self, now: DateTime<Utc>) -> Result<Told, StoreError> {
        let alarms = self.store.alarms_to_tell(now)?;
        if alarms.is_empty() {
            return Ok(Told::default());
        }
        let note = single::alarms(self.host, &shown(&alarms), self.newsletter.zone);
        let mut failures = self.mail(&note, self.operators, now).await;
        let mut heard = !self.operators.is_empty() && failures.is_empty();
        for outcome in [self.post(&alarms).await, self.run(&alarms).await].into_iter().flatten() {
            match outcome {
                Ok(()) => heard = true,
                Err(failure) => failures.push(failure),
            }
        }
        let nobody = self.operators.is_empty() && self.webhook.is_none() && self.command.is_empty();
        if heard || nobody {
            self.store.alarms_told(&alarms, now)?;
        }
        Ok(Told { alarms: if heard { alarms.len() } else { 0 }, failures })
    }

    /// Tells the editors that a date passed with too few stories. Returns what failed.
    pub async fn tell_skipped(
        &self,
        due_at: DateTime<Utc>,
        stories: usize,
        next: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Vec<String> {
        self.mail(&single::skipped(self.newsletter, due_at, stories, next), self.editors, now).await
    }

    /// Tells the editors what became of an issue. Returns what failed.
    pub async fn tell_sent(&self, sent: &single::Sent<'_>, now: DateTime<Utc>) -> Vec<String> {
        self.mail(&single::sent(self.newsletter, sent), self.editors, now).await
    }

    /// Invites somebody to the desk. Returns what failed.
    pub async fn invite(&self, note: &Note, to: &EmailAddress, now: DateTime<Utc>) -> Vec<String> {
        self.mail(note, std::slice::from_ref(to), now).await
    }

    async fn mail(&self, note: &Note, to: &[EmailAddress], now: DateTime<Utc>) -> Vec<String> {
        let mut failures = Vec::new();
        for address in to {
            if let Err(failure) = self.mail_one(note, address, now).await {
                failures.push(format!("mail to {}: {failure}", address.masked()));
            }
        }
        failures
    }

    async fn mail_one(&self, note: &Note, to: &EmailAddress, now: DateTime<Utc>) -> Result<(), String> {
        let sentence = |error: &dyn std::fmt::Display| error.to_string();
        let from = self.newsletter.from_address().map_err(|error| sentence(&error))?;
        let parts = MessageParts {
            from: Mailbox { name: self.newsletter.publication.name.as_str(), address: &from },
            reply_to: None,
            subject: &note.subject,
            date: now.with_timezone(&self.newsletter.zone).fixed_offset(),
            html: "",
            text: &note.text,
            pictures: &[],
            list: None,
        };
        let id = crate::domain::token::base32(
            &[&self.nonce[..], &now.timestamp_millis().to_be_bytes(), to.key().as_bytes()].concat(),
        );
        let message_id = format!("{}@{}", &id[..id.len().min(60)], from.domain());
        let personal = Personal {
            to,
            message_id: &message_id,
            unsubscribe_url: "",
            unsubscribe_mailbox: None,
            preferences_url: "",
            confirmed_on: "",
        };
        let mut message = Vec::new();
        Skeleton::build(&parts).map_err(|error| sentence(&error))?.splice(&personal, &mut message);
        prepend_signatures(self.signers, &mut message, now);
        let mut session = self.mailer.open().await.map_err(|error| sentence(&error))?;
        let outcome = session.send(&Envelope { from: None, to, id: None }, &message).await;
        session.close().await;
        match outcome {
            HandOver::Accepted { .. } => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }

    async fn post(&self, alarms: &[Alarm]) -> Option<Result<(), String>> {
        let url = self.webhook?;
        let body = serde_json::json!({ "host": self.host, "alarms": alarms }).to_string();
        let post = async {
            let client =
                reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().map_err(|error| error.to_string())?;
            let request = client.post(url.clone()).header("content-type", "application/json").body(body);
            let response = request.send().await.map_err(|error| error.without_url().to_string())?;
            if response.status().is_success() { Ok(()) } else { Err(response.status().to_string()) }
        };
        Some(post.await.map_err(|error| format!("webhook: {error}")))
    }

    async fn run(&self, alarms: &[Alarm]) -> Option<Result<(), String>> {
        use tokio::io::AsyncWriteExt;
        let (program, arguments) = self.command.split_first()?;
        let body = serde_json::json!({ "host": self.host, "alarms": alarms }).to_string();
        let run = async {
            let mut child = tokio::process::Command::new(program)
                .args(arguments)
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .map_err(|error| error.to_string())?;
            if let Some(mut stdin) = child.stdin.take() {
                // A program that does not read its input is no failure.
                let _ = stdin.write_all(body.as_bytes()).await;
            }
            match tokio::time::timeout(PATIENCE, child.wait()).await {
                Ok(Ok(status)) if status.success() => Ok(()),
                Ok(Ok(status)) => Err(status.to_string()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err(format!("took longer than {} seconds", PATIENCE.as_secs())),
            }
        };
        Some(run.await.map_err(|error: String| format!("command {program:?}: {error}")))
    }
}

/// Asks an address that somebody watches, after all went well; when one day it is not asked, they notice.
pub async fn ping(url: &Url) -> Result<(), String> {
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().map_err(|error| error.to_string())?;
    let answer = client.get(url.clone()).send().await.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(answer.status().to_string()) }
}

fn shown(alarms: &[Alarm]) -> Vec<single::Alarm<'_>> {
    fn one(alarm: &Alarm) -> single::Alarm<'_> {
        let Alarm { kind, about, sentence, first_at, last_at, times } = alarm;
        let times = u32::try_from(*times).unwrap_or(u32::MAX);
        single::Alarm { kind, about, detail: sentence, first_at: *first_at, last_at: *last_at, times }
    }
    alarms.iter().map(one).collect()
}
