//! Messages and the ways they leave: MIME with slots, DKIM, the mailers. Knows no database and no schedule.

pub mod dkim;
pub mod encode;
pub mod inspect;
pub mod mailer;
pub mod memory;
pub mod mime;
pub mod outbox;
pub mod reply;
pub mod segment;
pub mod smtp;
