//! The nouns. Pure values and rules: no I/O, no clock, no randomness, and no other module of this crate.

pub mod address;
pub mod archive;
pub mod article;
pub mod colour;
pub mod consent;
pub mod delivery;
pub mod editor;
pub mod event;
pub mod fit;
pub mod issue;
pub mod letter;
pub mod look;
pub mod network;
pub mod newsletter;
pub mod refusal;
pub mod returns;
pub mod schedule;
pub mod signup;
pub mod slot;
pub mod source;
pub mod standing;
pub mod subscriber;
pub mod tag;
pub mod text;
pub mod token;
pub mod window;
