//! A recurring publication as configured: who sends it, when, with which sections, and how it looks.
//!
//! Everything an issue needs to be rendered is in here and is frozen with the issue, so that a later change of the configuration does not touch
//! an issue that was approved.

use crate::domain::address::EmailAddress;
use crate::domain::archive::Archive;
use crate::domain::livery::Livery;
use crate::domain::plan::Plan;
use crate::domain::prose::Prose;
use crate::domain::returns::ReturnMailbox;
use crate::domain::schedule::Schedule;
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::{Language, Line};
use chrono::{DateTime, TimeDelta, Utc};
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
    /// How it is run, apart from what readers see of it at once.
    #[serde(default)]
    pub policy: Policy,
}

/// How a newsletter is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Whether an editor has to approve each issue.
    pub review: Review,
    /// What became of topics that are no sections any more.
    pub heirs: Vec<(Slug, Heir)>,
    /// Whether the other newsletters of the house are named at the end.
    pub more_from_us: bool,
    /// Whether two more stories are offered at the end.
    pub next_for_you: bool,
    /// How many pages stand under "Most read", where a source gives a site's own numbers; 0 for none.
    pub most_read: usize,
    /// Parameters that are added to links.
    pub link_parameters: LinkParameters,
    /// More distinct renderings than this and preflight warns.
    pub max_variants: usize,
    /// Hours for which an issue is tried at addresses that put it off; never beyond the next cut-off.
    pub deliver_within_hours: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            review: Review::Auto,
            heirs: Vec::new(),
            more_from_us: true,
            next_for_you: true,
            most_read: 5,
            link_parameters: LinkParameters::default(),
            max_variants: 1_000,
            deliver_within_hours: 24,
        }
    }
}

/// Whether an editor has to approve an issue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// It goes out unless somebody holds it.
    #[default]
    Auto,
    /// It goes out only if somebody approves it.
    Approve,
}

/// Who inherits the readers of a section that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heir {
    /// Another section.
    Section(Slug),
    /// They get everything.
    Everything,
}

/// Parameters for the statistics of sites that want to know where readers come from. The same for all readers, by construction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkParameters {
    /// Only links to these hosts get them.
    pub hosts: Vec<String>,
    /// Names and values.
    pub parameters: Vec<(String, String)>,
}

impl LinkParameters {
    /// The address without what would be added to it: a story that comes back by our own link is the same story.
    pub fn off(&self, url: Url) -> Url {
        let ours = |name: &str, value: &str| self.parameters.iter().any(|(n, v)| n == name && v == value);
        let named = url.host_str().is_some_and(|host| self.hosts.iter().any(|known| known == host));
        if !named || !url.query_pairs().any(|(name, value)| ours(&name, &value)) {
            return url;
        }
        let kept: Vec<(String, String)> =
            url.query_pairs().filter(|(n, v)| !ours(n, v)).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        let mut url = url;
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        url
    }

    /// The address as it is linked. A parameter that is there already stays as it is.
    pub fn on(&self, url: &Url) -> Url {
        let mut url = url.clone();
        let named = url.host_str().is_some_and(|host| self.hosts.iter().any(|known| known == host));
        if !named || !matches!(url.scheme(), "http" | "https") {
            return url;
        }
        let has = |name: &str| url.query_pairs().any(|(known, _)| known == name);
        let missing: Vec<_> = self.parameters.iter().filter(|(name, _)| !has(name)).cloned().collect();
        if !missing.is_empty() {
            url.query_pairs_mut().extend_pairs(missing);
        }
        url
    }
}

/// How a section is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Its title in a rail beside its stories.
    #[default]
    Rail,
    /// Its title above its stories, which take the whole width.
    List,
    /// Headlines alone.
    Brief,
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
    /// It gathers the stories of these sources, whatever their tags.
    #[serde(default)]
    pub sources: Vec<Slug>,
    /// It gathers stories in this language, whatever their tags.
    pub language: Option<Language>,
    /// It gathers whatever fits no other section.
    pub rest: bool,
    /// Stories printed, at most; the others are "n more on the web".
    pub cap: usize,
    /// Fewer stories than this, and they stand in the next sections that they fit.
    #[serde(default)]
    pub minimum: usize,
    /// How it is set.
    #[serde(default)]
    pub look: Look,
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
    /// What stands below the dateline of every issue, or nothing.
    #[serde(default)]
    pub header: Prose,
    /// What stands above the legal footer of every issue, or nothing.
    pub footer: Prose,
    /// Whether pictures are shown at all.
    pub pictures: bool,
    /// Whether pictures travel inside the mail instead of lying on the web.
    pub embed_pictures: bool,
    /// The web address under which issues, pictures and reader pages lie; no slash at its end.
    pub web_base: String,
    /// What else the publisher made of the design.
    #[serde(default)]
    pub livery: Livery,
}

impl Newsletter {
    /// Until when an issue for a date is tried that was frozen, or sent again, at an instant: the next cut-off ends it, for from then on the next issue
    /// has what its readers want to know. `plan` has the dates as people changed them.
    pub fn deliver_until(&self, plan: &Plan<'_>, occurrence: DateTime<Utc>, from: DateTime<Utc>) -> DateTime<Utc> {
        let until = from + TimeDelta::hours(i64::from(self.policy.deliver_within_hours));
        let cut_off = TimeDelta::minutes(i64::from(self.cutoff_minutes));
        match plan.next(occurrence.max(from + cut_off)) {
            Some(next) => until.min(next.at - cut_off),
            None => until,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_on_named_hosts_only_and_never_twice() {
        let parameters = LinkParameters {
            hosts: vec!["www.example.org".into()],
            parameters: vec![("utm_source".into(), "week".into()), ("utm_medium".into(), "e mail".into())],
        };
        let on = |text: &str| parameters.on(&Url::parse(text).unwrap()).to_string();
        assert_eq!(
            on("https://www.example.org/a?b=1#c"),
            "https://www.example.org/a?b=1&utm_source=week&utm_medium=e+mail#c"
        );
        assert_eq!(
            on("https://www.example.org/a?utm_source=x"),
            "https://www.example.org/a?utm_source=x&utm_medium=e+mail"
        );
        assert_eq!(on("https://other.example/a"), "https://other.example/a");
        assert_eq!(on("https://example.org/a"), "https://example.org/a");
        let off = |text: &str| parameters.off(Url::parse(text).unwrap()).to_string();
        for url in ["https://www.example.org/a", "https://www.example.org/a?id=7#top"] {
            assert_eq!(off(&on(url)), url);
        }
        assert_eq!(off("https://www.example.org/a?utm_source=other"), "https://www.example.org/a?utm_source=other");
        assert_eq!(off("https://other.example/a?utm_source=week"), "https://other.example/a?utm_source=week");
    }
}
