//! The rules by which strangers may ask for newsletters: how often, from where, and what they are kept from doing to others.

use chrono::TimeDelta;

/// Confirmation mails to one address within a day.
pub const PER_ADDRESS_A_DAY: u32 = 1;

/// Confirmation mails to one address until it confirms: who does not answer three times does not want to.
pub const PER_ADDRESS_EVER: u32 = 3;

/// Confirmation mails to a suppressed address: one, for the person may have changed their mind.
pub const PER_SUPPRESSED_ADDRESS: u32 = 1;

/// How long the form of a page can be sent.
pub const FORM_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// What the configuration says of signing up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How long the link in a confirmation mail works.
    pub confirm_within: TimeDelta,
    /// Who did not confirm within this is forgotten.
    pub forget_after: TimeDelta,
    /// Nobody fills in a form faster.
    pub fill_time: TimeDelta,
    /// Requests an hour from one network: a /24 or /64.
    pub per_network: u32,
    /// Requests an hour from one form: our own page, each foreign site, the API.
    pub per_form: u32,
    /// Confirmation mails an hour to addresses of one domain.
    pub per_domain: u32,
    /// Requests an hour in all; beyond it nobody can sign up for an hour, and the operators are told.
    pub per_hour: u32,
    /// Whether addresses that are thrown away after use are taken.
    pub allow_disposable: bool,
    /// Domains, beside those known to be disposable, whose addresses are not taken.
    pub refused_domains: Vec<String>,
    /// Whether who confirmed gets a mail with the way to the latest issue.
    pub welcome: bool,
    /// Origins of sites that may carry the form, show it in a frame, or use the API.
    pub sites: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            confirm_within: TimeDelta::days(7),
            forget_after: TimeDelta::days(30),
            fill_time: TimeDelta::seconds(2),
            per_network: 20,
            per_form: 500,
            per_domain: 300,
            per_hour: 600,
            allow_disposable: false,
            refused_domains: Vec::new(),
            welcome: false,
            sites: Vec::new(),
        }
    }
}

impl Rules {
    /// Whether a page of this origin may send its visitors' addresses here.
    pub fn welcomes(&self, origin: &str) -> bool {
        self.sites.iter().any(|site| site == origin)
    }
}
