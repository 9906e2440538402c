//! The line to the relay as all workers together see it: up while one of them has a session, down when nobody has and an opening failed.

use crate::mail::mailer::OpenError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the workers know of the relay.
#[derive(Debug, Default)]
pub struct Line {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sessions: usize,
    was_up: bool,
    trouble: Option<OpenError>,
}

impl Line {
    /// A session was opened.
    pub fn opened(&self) {
        let mut state = self.state();
        *state = State { sessions: state.sessions + 1, was_up: true, trouble: None };
    }

    /// A session ended.
    pub fn closed(&self) {
        self.state().sessions -= 1;
    }

    /// An opening failed.
    pub fn failed(&self, error: OpenError) {
        self.state().trouble = Some(error);
    }

    /// Why the line is down, if it is.
    pub fn trouble(&self) -> Option<OpenError> {
        let state = self.state();
        state.trouble.clone().filter(|_| state.sessions == 0)
    }

    /// Whether a message that is claimed now can be expected to leave: claiming for a line that is down would put people in doubt for nothing.
    pub fn is_up(&self) -> bool {
        let state = self.state();
        state.sessions > 0 || (state.was_up && state.trouble.is_none())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Plain counters, whole whatever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Growing waits; the last one repeats.
#[derive(Debug)]
pub struct Backoff<'a> {
    waits: &'a [Duration],
    times: usize,
}

impl<'a> Backoff<'a> {
    /// Starts with the first wait.
    pub fn new(waits: &'a [Duration]) -> Self {
        Self { waits, times: 0 }
    }

    /// How long to wait now; the next time longer.
    pub fn grow(&mut self) -> Duration {
        let wait = self.waits.get(self.times).or(self.waits.last()).copied().unwrap_or_default();
        self.times += 1;
        wait
    }

    /// Starts over.
    pub fn reset(&mut self) {
        self.times = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable() -> OpenError {
        OpenError::Unreachable { relay: "r".into(), why: "told so".into() }
    }

    #[test]
    fn the_line_is_down_only_when_nobody_has_a_session() {
        let line = Line::default();
        assert!(!line.is_up());
        line.opened();
        line.failed(unreachable());
        assert!(line.is_up() && line.trouble().is_none());
        line.closed();
        assert!(!line.is_up());
        assert_eq!(line.trouble(), Some(unreachable()));
        line.opened();
        line.closed();
        assert!(line.is_up(), "between two sessions, nothing has failed");
    }

    #[test]
    fn waits_grow_and_start_over() {
        let waits = [1, 5].map(Duration::from_secs);
        let mut backoff = Backoff::new(&waits);
        assert_eq!([backoff.grow(), backoff.grow(), backoff.grow()].map(|wait| wait.as_secs()), [1, 5, 5]);
        backoff.reset();
        assert_eq!(backoff.grow().as_secs(), 1);
    }
}
