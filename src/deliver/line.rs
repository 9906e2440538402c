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
    /// Those of relays that are no fallback.
    usual_sessions: usize,
    /// Whether an opening of such a relay failed since one was last opened.
    usual_failed: bool,
    was_up: bool,
    trouble: Option<OpenError>,
}

impl Line {
    /// A session was opened.
    pub fn opened(&self, is_fallback: bool) {
        let mut state = self.state();
        state.sessions += 1;
        (state.was_up, state.trouble) = (true, None);
        if !is_fallback {
            state.usual_sessions += 1;
            state.usual_failed = false;
        }
    }

    /// A session ended.
    pub fn closed(&self, is_fallback: bool) {
        let mut state = self.state();
        state.sessions -= 1;
        state.usual_sessions -= usize::from(!is_fallback);
    }

    /// An opening failed.
    pub fn failed(&self, is_fallback: bool, error: OpenError) {
        let mut state = self.state();
        state.trouble = Some(error);
        state.usual_failed |= !is_fallback;
    }

    /// Whether none of the usual relays can be used.
    pub fn needs_fallback(&self) -> bool {
        let state = self.state();
        state.usual_sessions == 0 && state.usual_failed
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
        line.opened(false);
        line.failed(false, unreachable());
        assert!(line.is_up() && line.trouble().is_none());
        line.closed(false);
        assert!(!line.is_up());
        assert_eq!(line.trouble(), Some(unreachable()));
        line.opened(false);
        line.closed(false);
        assert!(line.is_up(), "between two sessions, nothing has failed");
    }

    #[test]
    fn a_fallback_is_wanted_while_no_usual_relay_can_be_used() {
        let line = Line::default();
        assert!(!line.needs_fallback(), "nothing has failed yet");
        line.failed(false, unreachable());
        assert!(line.needs_fallback());
        line.opened(true);
        assert!(line.needs_fallback() && line.is_up());
        line.opened(false);
        assert!(!line.needs_fallback());
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
