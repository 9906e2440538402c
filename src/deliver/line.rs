//! The line to the relays as all workers together see it: up while one of them has a session, down when nobody has and an opening failed.

use super::route::Route;
use crate::mail::mailer::OpenError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the workers know of the relays.
#[derive(Debug)]
pub struct Line {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    relays: Vec<Relay>,
    was_up: bool,
    trouble: Option<OpenError>,
}

#[derive(Debug)]
struct Relay {
    is_fallback: bool,
    sessions: usize,
    /// Why the last opening failed, if none succeeded since.
    failed: Option<OpenError>,
}

impl Line {
    /// A line of which nothing is known yet.
    pub fn new(routes: &[Route]) -> Self {
        let relay = |route: &Route| Relay { is_fallback: route.is_fallback, sessions: 0, failed: None };
        let relays = routes.iter().map(relay).collect();
        Self { state: Mutex::new(State { relays, was_up: false, trouble: None }) }
    }

    /// A session with a relay was opened.
    pub fn opened(&self, relay: usize) {
        let mut state = self.state();
        state.relays[relay].sessions += 1;
        state.relays[relay].failed = None;
        (state.was_up, state.trouble) = (true, None);
    }

    /// A session ended.
    pub fn closed(&self, relay: usize) {
        self.state().relays[relay].sessions -= 1;
    }

    /// An opening failed.
    pub fn failed(&self, relay: usize, error: OpenError) {
        let mut state = self.state();
        state.trouble = Some(error.clone());
        state.relays[relay].failed = Some(error);
    }

    /// Whether none of the usual relays can be used.
    pub fn needs_fallback(&self) -> bool {
        let state = self.state();
        let mut usual = state.relays.iter().filter(|relay| !relay.is_fallback);
        usual.clone().all(|relay| relay.sessions == 0) && usual.any(|relay| relay.failed.is_some())
    }

    /// Why the line is down, if it is.
    pub fn trouble(&self) -> Option<OpenError> {
        let state = self.state();
        state.trouble.clone().filter(|_| state.sessions() == 0)
    }

    /// Why nobody has a session with a relay, if its last opening failed.
    pub fn trouble_of(&self, relay: usize) -> Option<OpenError> {
        let relay = &self.state().relays[relay];
        relay.failed.clone().filter(|_| relay.sessions == 0)
    }

    /// Whether somebody has a session with a relay.
    pub fn is_open(&self, relay: usize) -> bool {
        self.state().relays[relay].sessions > 0
    }

    /// Whether a message that is claimed now can be expected to leave: claiming for a line that is down would put people in doubt for nothing.
    pub fn is_up(&self) -> bool {
        let state = self.state();
        state.sessions() > 0 || (state.was_up && state.trouble.is_none())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Plain counters, whole whatever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn sessions(&self) -> usize {
        self.relays.iter().map(|relay| relay.sessions).sum()
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
    use crate::mail::mailer::Mailer;
    use crate::mail::memory::MemoryMailer;

    fn unreachable() -> OpenError {
        OpenError::Unreachable { relay: "r".into(), why: "told so".into() }
    }

    /// A usual relay, and a fallback.
    fn line() -> Line {
        let usual = Route::only(Mailer::Memory(MemoryMailer::default()), 1);
        Line::new(&[usual.clone(), Route { is_fallback: true, ..usual }])
    }

    #[test]
    fn the_line_is_down_only_when_nobody_has_a_session() {
        let line = line();
        assert!(!line.is_up());
        line.opened(0);
        line.failed(0, unreachable());
        assert!(line.is_up() && line.trouble().is_none());
        line.closed(0);
        assert!(!line.is_up());
        assert_eq!(line.trouble(), Some(unreachable()));
        line.opened(0);
        line.closed(0);
        assert!(line.is_up(), "between two sessions, nothing has failed");
    }

    #[test]
    fn a_fallback_is_wanted_while_no_usual_relay_can_be_used() {
        let line = line();
        assert!(!line.needs_fallback(), "nothing has failed yet");
        line.failed(0, unreachable());
        assert!(line.needs_fallback());
        line.opened(1);
        assert!(line.needs_fallback() && line.is_up());
        assert_eq!((line.trouble_of(0), line.trouble_of(1)), (Some(unreachable()), None));
        line.opened(0);
        assert!(!line.needs_fallback() && line.trouble_of(0).is_none());
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
