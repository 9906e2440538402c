//! The Week in Review: a self-hosted newsletter digest builder.
//!
//! The modules stand in reading order: first the nouns, then the outside worlds, then the verbs of a week, then those who call the verbs.
//! `ARCHITECTURE.md` has the map; `tests/tidy.rs` keeps the arrows between the layers.

pub mod domain;

pub mod mail;
pub mod store;
#[path = "../templates/mod.rs"]
pub mod templates;

pub mod collect;
pub mod publish;
pub mod deliver;
pub mod feedback;
pub mod subscribe;
pub mod editors;

pub mod clock;
pub mod entropy;

pub mod letters;
pub mod returns;
pub mod scheduler;
pub mod telling;
pub mod watch;
pub mod web;

pub mod config;
pub mod installation;
pub mod keys;

pub mod app;
pub mod rehearsal;
pub mod afterwards;
pub mod preflight;
pub mod desk;
pub mod service;
pub mod cli;
