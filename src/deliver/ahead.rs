//! How many recipients are claimed before a worker is free for them, and how long outcomes wait for each other: as few and as short as the send's own
//! speed allows. What is claimed and not recorded is what a crash leaves in doubt, and what left and is not recorded is what it repeats. Claims nothing.

use std::time::Duration;

/// However quick the disk is, turns that follow each other faster would only cost processor time.
const LEAST_GATHER: Duration = Duration::from_millis(2);
/// With a pace nobody needs more claimed than leave in this part of a second.
const OF_A_SECOND: usize = 20;
/// What a turn without demand leaves of what was wanted before: little is forgotten in a second, all in half a minute.
const FADES: f64 = 255.0 / 256.0;

/// What the send was seen to need.
#[derive(Debug, Clone, Copy)]
pub struct Ahead {
    least: f64,
    most: f64,
    bound: f64,
    wanted: f64,
    turn: Option<Duration>,
}

impl Ahead {
    /// Nothing seen yet: one recipient for each of so many connections, and never more than `bound`, or than so many a second ask for.
    pub fn new(connections: usize, bound: usize, per_second: Option<u32>) -> Self {
        let paced = per_second.map_or(bound, |pace| connections + pace as usize / OF_A_SECOND);
        let most = bound.min(paced).max(1);
        let least = connections.clamp(1, most);
        Self { least: least as f64, most: most as f64, bound: bound as f64, wanted: least as f64, turn: None }
    }

    /// Between two turns so many outcomes came in; `ran_dry`: there was nobody left for a worker who is free.
    pub fn saw(&mut self, outcomes: usize, ran_dry: bool) {
        let hunger = if ran_dry { self.wanted * 2.0 } else { self.wanted * FADES };
        self.wanted = hunger.max(2.0 * outcomes as f64).clamp(self.least, self.most);
    }

    /// A turn took so long.
    pub fn took(&mut self, turn: Duration) {
        self.turn = Some(turn);
    }

    /// How many more may wait for a worker where so many wait.
    pub fn room(&self, waiting: usize) -> usize {
        (self.wanted.ceil() as usize).saturating_sub(waiting)
    }

    /// How many may wait for a worker.
    pub fn wanted(&self) -> usize {
        self.wanted.ceil() as usize
    }

    /// How long fewer outcomes than a batch wait for others, at most `most`: as long as a turn takes, so that the disk rests for half of the time. At
    /// full speed, where the whole bound is wanted, a batch is soon full, and half a one would only cost turns.
    pub fn gather(&self, most: Duration) -> Duration {
        let turn = self.turn.filter(|_| self.wanted < self.bound);
        turn.map_or(most, |turn| turn.max(LEAST_GATHER).min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_send_claims_hardly_more_than_its_connections_take() {
        let mut ahead = Ahead::new(20, 200, None);
        // The connections take the first ones all at once.
        ahead.saw(0, true);
        for _ in 0..1_000 {
            ahead.saw(5, false);
        }
        assert_eq!(ahead.wanted(), 20);
        assert_eq!((ahead.room(15), ahead.room(30)), (5, 0));
    }

    #[test]
    fn a_fast_send_has_the_whole_bound_after_a_few_turns() {
        let mut ahead = Ahead::new(4, 200, None);
        let turns = (1..=20).find(|_| {
            ahead.saw(0, true);
            ahead.wanted() == 200
        });
        assert_eq!(turns, Some(6));
        ahead.saw(100, false);
        assert_eq!(ahead.wanted(), 200, "a batch a turn needs another one beside it");
    }

    #[test]
    fn a_send_with_a_pace_claims_a_moment_ahead_and_no_more() {
        let mut ahead = Ahead::new(20, 200, Some(600));
        (0..10).for_each(|_| ahead.saw(100, true));
        assert_eq!(ahead.wanted(), 50);
        assert_eq!(Ahead::new(20, 10, Some(600)).wanted(), 10);
    }

    #[test]
    fn what_was_needed_once_is_remembered_for_a_while() {
        let mut ahead = Ahead::new(4, 200, None);
        ahead.saw(100, false);
        (0..100).for_each(|_| ahead.saw(1, false));
        assert!((100..200).contains(&ahead.wanted()), "{}", ahead.wanted());
        (0..1_000).for_each(|_| ahead.saw(1, false));
        assert_eq!(ahead.wanted(), 4);
    }

    #[test]
    fn a_bound_that_is_smaller_than_the_connections_holds() {
        let mut ahead = Ahead::new(20, 10, None);
        assert_eq!(ahead.wanted(), 10);
        ahead.saw(10, true);
        assert_eq!(ahead.wanted(), 10);
    }

    #[test]
    fn outcomes_wait_for_others_as_long_as_a_turn_and_never_longer_than_the_limit() {
        let most = Duration::from_millis(20);
        let mut ahead = Ahead::new(1, 200, None);
        assert_eq!(ahead.gather(most), most);
        for (turn, gather) in [(300, 2_000), (3_000, 3_000), (90_000, 20_000)] {
            ahead.took(Duration::from_micros(turn));
            assert_eq!(ahead.gather(most), Duration::from_micros(gather));
        }
        ahead.took(Duration::from_millis(3));
        ahead.saw(100, false);
        assert_eq!(ahead.gather(most), most, "at full speed for a whole batch");
    }
}
