//! What stands between the clerk and the workers: recipients who are claimed and wait for their turn.

use super::Now;
use super::reports::Reports;
use super::route::Seat;
use super::verdict::{cut_off, given_back};
use crate::domain::delivery::{Outcome, Recipient};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// A claimed recipient on the way through. However it ends, also by a panic, exactly one outcome is reported.
pub struct Job {
    recipient: Recipient,
    reports: Arc<Reports>,
    now: Now,
    stage: Stage,
    /// Its place in the day of the relay that it is for.
    seat: Option<Seat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Begun,
    Reported,
}

impl Job {
    /// A recipient whose outcome goes to `reports`.
    pub fn new(recipient: Recipient, reports: Arc<Reports>, now: Now) -> Self {
        Self { recipient, reports, now, stage: Stage::Waiting, seat: None }
    }

    /// Who it is for.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// Takes a place in the day of a relay, until its end or until it goes back to the queue.
    pub fn sit(&mut self, seat: Seat) {
        self.seat = Some(seat);
    }

    /// From here on the relay may have the message.
    pub fn begin(&mut self) {
        self.stage = Stage::Begun;
    }

    /// The relay cannot have it: it was taken back before it left.
    pub fn take_back(&mut self) {
        self.stage = Stage::Waiting;
    }

    /// Reports what became of it.
    pub fn report(mut self, outcome: Outcome) {
        self.stage = Stage::Reported;
        self.send(outcome);
    }

    fn send(&self, outcome: Outcome) {
        // Nobody listens once the clerk is gone; the claim then stays open and the next delivery finds it in doubt.
        self.reports.put(outcome);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        match self.stage {
            Stage::Waiting => self.send(given_back(&self.recipient, (self.now)())),
            Stage::Begun => self.send(cut_off(&self.recipient, (self.now)())),
            Stage::Reported => {}
        }
    }
}

/// First in, first out, for many takers.
pub struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    ready: Semaphore,
}

impl Queue {
    /// An empty queue.
    pub fn new() -> Self {
        Self { jobs: Mutex::new(VecDeque::new()), ready: Semaphore::new(0) }
    }

    /// Puts jobs at the end.
    pub fn put(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut waiting = self.jobs();
        let before = waiting.len();
        waiting.extend(jobs);
        self.ready.add_permits(waiting.len() - before);
    }

    /// How many jobs wait.
    pub fn len(&self) -> usize {
        self.jobs().len()
    }

    /// Waits for the next job; `None` once the queue is closed.
    pub async fn take(&self) -> Option<Job> {
        loop {
            self.ready.acquire().await.ok()?.forget();
            // The clerk may have emptied the queue since.
            if let Some(job) = self.jobs().pop_front() {
                return Some(job);
            }
        }
    }

    /// The next job, if one waits.
    pub fn try_take(&self) -> Option<Job> {
        self.ready.try_acquire().ok()?.forget();
        self.jobs().pop_front()
    }

    /// Puts a job back to the front, for another worker; gives it back once the queue is closed.
    pub fn put_back(&self, mut job: Job) {
        job.seat = None;
        if self.ready.is_closed() {
            return;
        }
        self.jobs().push_front(job);
        self.ready.add_permits(1);
    }

    /// Drops all that wait, which gives them back.
    pub fn give_back(&self) {
        let waiting = std::mem::take(&mut *self.jobs());
        self.ready.forget_permits(waiting.len());
    }

    /// Gives back all that wait and sends the takers home.
    pub fn close(&self) {
        self.ready.close();
        self.give_back();
    }

    fn jobs(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
