//! How a delivery goes, drawn on a terminal; silent elsewhere.

use crate::deliver::Progress;
use crate::domain::delivery::Tally;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error.
#[derive(Debug)]
pub struct Bar(ProgressBar);

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
        Self(bar)
    }

    /// Shows where a delivery of this process stands.
    pub fn show(&self, progress: &Progress) {
        self.show_tally(&progress.tally);
        if let Some(trouble) = &progress.relay_trouble {
            self.0.set_message(trouble.clone());
        }
    }

    /// Shows where a delivery stands.
    pub fn show_tally(&self, tally: &Tally) {
        self.0.set_length(tally.recipients);
        self.0.set_position(tally.recipients.saturating_sub(tally.queued));
        self.0.set_message(if tally.deferred > 0 {
            format!("{} to be tried again", tally.deferred)
        } else {
            String::new()
        });
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
