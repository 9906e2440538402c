//! What the tests of readers' pages share: forms that were shown a while ago, and the post room that answers them into memory.

use super::service::{Answer, Service, now};
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::Cell;
use week_in_review::domain::signup::Rules;
use week_in_review::letters::PostRoom;
use week_in_review::mail::mailer::Mailer;
use week_in_review::mail::memory::{MemoryMailer, SentMessage};
use week_in_review::web::Site;

/// The service with its post room.
pub struct House {
    pub service: Service,
    memory: MemoryMailer,
    forms: Cell<u32>,
    codes: Cell<u64>,
}

impl House {
    pub fn new() -> Self {
        Self::with(Rules { per_network: 1_000, ..Rules::default() })
    }

    pub fn with(rules: Rules) -> Self {
        let service = Service::new();
        let site = service.state.site();
        service.state.replace(Site { rules, ..Site::clone(&site) });
        Self { service, memory: MemoryMailer::new(), forms: Cell::new(0), codes: Cell::new(0) }
    }

    /// The token of a form that was shown at an instant; each another.
    pub fn form_at(&self, shown_at: DateTime<Utc>) -> String {
        self.forms.set(self.forms.get() + 1);
        self.service.keyring.form_token(shown_at.timestamp_millis(), self.forms.get().to_be_bytes())
    }

    /// Sends the form of our own page, filled in by a person.
    pub async fn sign_up(&self, fields: &str) -> Answer {
        self.sign_up_from("198.51.100.7", fields).await
    }

    pub async fn sign_up_from(&self, peer: &str, fields: &str) -> Answer {
        let body = format!("token={}&newsletter=week&{fields}", self.form_at(now() - TimeDelta::minutes(1)));
        self.post_from(peer, "/subscribe", &body).await
    }

    pub async fn post_from(&self, peer: &str, path: &str, body: &str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.service.from(peer, "POST", path, &headers, body).await
    }

    /// Works off what was asked and hands over every letter; returns those that left now, oldest first.
    pub async fn post(&self) -> Vec<SentMessage> {
        self.post_at(now()).await
    }

    pub async fn post_at(&self, now: DateTime<Utc>) -> Vec<SentMessage> {
        let (site, mailer) = (self.service.state.site(), Mailer::Memory(self.memory.clone()));
        let room = PostRoom {
            store: &self.service.store,
            keyring: &site.keyring,
            mailer: &mailer,
            signers: &[],
            newsletters: &site.newsletters,
            rules: &site.rules,
        };
        let before = self.memory.sent().len();
        let chance = || {
            self.codes.set(self.codes.get() + 1);
            (self.codes.get() << 8 | 0x5a).to_be_bytes()
        };
        room.work_off(&chance, now).expect("the requests can be worked off");
        room.hand_over(now).await.expect("the letters can be handed over");
        self.memory.sent().split_off(before)
    }

    /// The path of the link in the text part of a letter that begins with `/PAGE/`.
    pub fn link(letter: &SentMessage, page: &str) -> String {
        let text = String::from_utf8_lossy(&letter.bytes).replace("=\r\n", "").replace("=3D", "=");
        let start = format!("https://news.paper.example/{page}/");
        let at = text.find(&start).unwrap_or_else(|| panic!("no /{page}/ in {text}"));
        let path = &text[at + "https://news.paper.example".len()..];
        path.split(|c: char| c.is_whitespace() || "\"<>".contains(c)).next().expect("the first piece").to_owned()
    }

    /// Somebody signs up and confirms.
    pub async fn subscriber(&self, address: &str) -> String {
        self.sign_up(&format!("address={address}")).await;
        let [letter] = <[SentMessage; 1]>::try_from(self.post().await).expect("one letter");
        let link = Self::link(&letter, "c");
        self.service.press(&link, "").await;
        link
    }
}
