//! The nouns. Pure values and rules: no I/O, no clock, no randomness, and no other module of this crate.

pub mod slot;
