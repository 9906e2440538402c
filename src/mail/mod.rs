//! Messages and the ways they leave: MIME with slots, DKIM, the mailers. Knows no database and no schedule.

pub mod dkim;
pub mod encode;
pub mod mime;
pub mod segment;
