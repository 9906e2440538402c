//! The Week in Review: a self-hosted newsletter digest builder.
//!
//! The modules stand in reading order: first the nouns, then the outside worlds, then the verbs of a week, then those who call the verbs.
//! `ARCHITECTURE.md` has the map; `tests/tidy.rs` keeps the arrows between the layers.

pub mod domain;
pub mod mail;
pub mod store;
#[path = "../templates/mod.rs"]
pub mod templates;

pub mod publish;

pub mod scheduler;

pub mod subscribe;

pub mod deliver;

pub mod collect;

pub mod web;

pub mod clock;
pub mod config;
pub mod entropy;
pub mod installation;
pub mod keys;

pub mod cli;
