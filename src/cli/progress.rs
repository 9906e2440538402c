//! How a delivery goes, drawn on a terminal; elsewhere only trouble is said.

use crate::deliver::Progress;
use crate::domain::delivery::Tally;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::{Mutex, PoisonError};

/// A bar on standard error.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    /// The trouble that was said last, so that each is said once.
    said: Mutex<Option<String>>,
}

impl Bar {
    /// A bar that draws, or one that does not.
    pub fn new(draws: bool) -> Self {
        let bar = ProgressBar::new(0);
        if !draws {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {per_sec} {msg}") {
            bar.set_style(style);
        }
        Self { bar, said: Mutex::new(None) }
    }

    /// Shows where a delivery of this process stands, and says when the relay stops or begins to answer.
    pub fn show(&self, progress: &Progress) {
        self.show_tally(&progress.tally);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said == progress.relay_trouble {
            return;
        }
        said.clone_from(&progress.relay_trouble);
        let trouble = said.clone();
        drop(said);
        let sentence = trouble.map_or("the relay answers again".to_owned(), |trouble| {
            format!("{trouble}; nobody is lost, it is tried again until you press Ctrl-C")
        });
        self.bar.suspend(|| tracing::warn!("{sentence}"));
    }

    /// Shows where a delivery stands.
    pub fn show_tally(&self, tally: &Tally) {
        self.bar.set_length(tally.recipients);
        self.bar.set_position(tally.recipients.saturating_sub(tally.queued));
        let waiting = if tally.deferred > 0 { format!("{} to be tried again", tally.deferred) } else { String::new() };
        self.bar.set_message(waiting);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
