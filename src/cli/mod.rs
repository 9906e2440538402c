//! The command line: one file per command, each with its arguments and a function that calls the verbs.

pub mod backup;
pub mod check;
pub mod dkim;
pub mod init;
pub mod keys;
pub mod schedule;
pub mod subscribers;
