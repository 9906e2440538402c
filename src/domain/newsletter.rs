//! A recurring publication as configured: who sends it, when, with which sections, and how it looks.
//!
//! Everything an issue needs to be rendered is in here and is frozen with the issue, so that a later change of the configuration does not touch
//! an issue that was approved.

use crate::domain::address::EmailAddress;
use crate::domain::archive::Archive;
use crate::domain::returns::ReturnMailbox;
use crate::domain::schedule::Schedule;
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::{Language, Line};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;

/// One newsletter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Newsletter {
    /// Its identity, also in addresses on the web.
    pub slug: Slug,
    /// What readers call it.
    pub title: Line,
    /// Who publishes it.
    pub publication: Publication,
    /// When it goes out.
    pub schedule: Schedule,
    /// The zone of its schedule and of the dates it prints.
    pub zone: Tz,
    /// The language of its fixed texts.
    pub language: Language,
    /// How many minutes before it goes out its stories are settled.
    pub cutoff_minutes: u32,
    /// Only stories with one of these tags; all stories when empty.
    pub tags: Vec<Tag>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// Fewer stories than this and the week is carried over.
    pub minimum: usize,
    /// Days after which a story that was in no issue is too old.
    pub max_age_days: u32,
    /// Hours after which an issue that could not go out waits for a person.
    pub max_lateness_hours: u32,
    /// The number of its first issue.
    pub first_number: u32,
    /// Who gets test mails.
    pub test_addresses: Vec<String>,
    /// The names and addresses in its mail.
    pub sender: Sender,
    /// How it looks.
    pub brand: Brand,
    /// Upcoming events shown, at most; 0 for none.
    pub events: usize,
    /// Who may see its issues on the web.
    #[serde(default)]
    pub archive: Archive,
    /// A template for the subject: `{lead}`, `{title}`, `{number}`, `{date}`, `{count}` are replaced.
    pub subject: String,
}

/// Who publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Its name.
    pub name: Line,
    /// Its site.
    pub url: Url,
    /// The postal address that commercial mail must carry.
    pub postal_address: Line,
    /// Where it says how it handles addresses.
    pub privacy_url: Url,
    /// An address that a person answers.
    pub contact: String,
}

/// A topic's place in the issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its identity as a topic that readers choose, apart from its title.
    pub slug: Slug,
    /// What stands in the rail.
    pub title: Line,
    /// The tags it gathers.
    pub tags: Vec<Tag>,
    /// It gathers stories in this language, whatever their tags.
    pub language: Option<Language>,
    /// It gathers whatever fits no other section.
    pub rest: bool,
    /// Stories printed, at most; the others are "n more on the web".
    pub cap: usize,
    /// A sentence under its title.
    pub intro: Line,
}

/// Names and addresses in the mail of a newsletter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The name in From.
    pub from_name: Line,
    /// The address in From.
    pub from_address: String,
    /// Where answers go, if not to From.
    pub reply_to: Option<String>,
    /// The identity of the list (RFC 2919), such as `week.news.example.org`.
    pub list_id: String,
    /// Where returned mail goes that carries no token; From when empty.
    pub bounce_address: Option<String>,
    /// The mailbox whose returned mail is read; each message then has a return path of its own.
    #[serde(default)]
    pub returns: Option<ReturnMailbox>,
}

/// How a newsletter looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    /// Accent colour on paper, `#rrggbb`, at least 4.5:1 there.
    pub accent: String,
    /// The accent's twin in the dark.
    pub accent_dark: String,
    /// A sentence below the title, or nothing.
    pub tagline: Line,
    /// A sentence above the legal footer, or nothing.
    pub footer: Line,
    /// Whether pictures are shown at all.
    pub pictures: bool,
    /// Whether pictures travel inside the mail instead of lying on the web.
    pub embed_pictures: bool,
    /// The web address under which issues, pictures and reader pages lie; no slash at its end.
    pub web_base: String,
}

impl Newsletter {
    /// The sender's address.
    pub fn from_address(&self) -> Result<EmailAddress, crate::domain::address::AddressError> {
        EmailAddress::parse(&self.sender.from_address)
    }

    /// Where an issue of it lies on the web.
    pub fn issue_url(&self, number: u32) -> String {
        format!("{}/{}/{number}", self.brand.web_base, self.slug)
    }

    /// Where a picture is shown from on the web.
    pub fn picture_url(&self, picture: &crate::domain::article::Picture) -> String {
        picture.link.as_ref().map_or_else(|| self.media_url(&picture.wide()), ToString::to_string)
    }

    /// Where a kept picture lies on the web.
    pub fn media_url(&self, picture: &crate::domain::article::Size) -> String {
        format!("{}/media/{}", self.brand.web_base, picture.file_name())
    }

    /// Where readers sign up.
    pub fn subscribe_url(&self) -> String {
        format!("{}/subscribe", self.brand.web_base)
    }

    /// The topic of a slug.
    pub fn section(&self, slug: &Slug) -> Option<&Section> {
        self.sections.iter().find(|section| section.slug == *slug)
    }
}
