//! Messages and the ways they leave: MIME with slots, DKIM, the mailers. Knows no database and no schedule.

// What a message is.
pub mod mime;
pub mod octets;

pub mod encode;
pub mod segment;

pub mod copies;
pub mod dkim;
pub mod dns;

pub mod inspect;

// How it leaves.
pub mod mailer;

pub mod bulk;
pub mod http;
pub mod sendmail;
pub mod memory;
pub mod outbox;
pub mod relay_kind;
pub mod reply;
pub mod smtp;
