//! Behaviour as a whole, against real servers on loopback: one test program, one module per subject.
//! Rules of one file are tested in that file; nothing here leaves the machine, sleeps, or shares a path or port with another test.

#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod again;
mod alarms;
mod asides;
mod choices;
mod clones;
mod cohorts;
mod contrib;
mod dates;
mod corrections;
mod delivery;
mod desk;
mod editors;
mod far_away;
mod feeds;
mod visiting;
mod friday;
mod hand;
mod headers;
mod journey;
mod kill;
mod postfix;
mod preflight;
mod preview;
mod relays;
mod reopen;
#[path = "../sample/mod.rs"]
mod sample;
mod restore;
mod returned;
mod review;
mod schedule;
mod servers;
mod service;
mod signatures;
mod stopping;
mod support;
mod telling;
mod time_travel;
mod trouble;
mod ways_out;
mod web;
