//! How many requests are under way at once, and when the next may start.
//!
//! Starts with one, since the first wakes a serverless endpoint up; after its answer two, and one
//! more whenever as many as are allowed have been answered; half as many when the server says that it
//! is too much. Waits are drawn at random up to a bound that doubles, so that clients do not come back
//! together ("full jitter").
//!
//! Pure: time comes in as what has passed since the start.

use std::time::Duration;

/// How patient a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The bound of the first wait; it doubles each time.
    pub first_wait: Duration,
    /// The bound of all waits.
    pub longest_wait: Duration,
    /// How long an endpoint may take to wake up. Amazon gives it three minutes.
    pub warm_up: Duration,
    /// How often a request is repeated that went wrong without being too much.
    pub most_repeats: u32,
    /// How often in a row the server may say that it is too much, before the run ends.
    pub most_busy: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
            warm_up: Duration::from_mins(3),
            most_repeats: 6,
            most_busy: 60,
        }
    }
}

/// Between two waits for an endpoint that wakes up, at most.
const LONGEST_WARM_UP_WAIT: Duration = Duration::from_secs(15);

/// The pace of one run.
#[derive(Debug)]
pub struct Pace {
    patience: Patience,
    most: usize,
    allowed: usize,
    /// Answers since the last change.
    n_answers: usize,
    /// Nothing starts before.
    not_before: Duration,
    /// The least time between two starts.
    interval: Duration,
    /// When the number was last halved: requests that started before tell nothing new.
    cut_at: Option<Duration>,
    /// How often in a row it was too much.
    n_busy: u32,
    /// Since when the endpoint wakes up, and how often that was heard.
    warming_up: Option<(Duration, u32)>,
    random: u64,
}

/// When the next request may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At once.
    Now,
    /// When so much time has passed.
    In(Duration),
    /// When another one is answered.
    AfterAnother,
}

impl Pace {
    /// At most so many requests at once, and so many a minute if the server counts them.
    pub fn new(most: usize, per_minute: Option<u32>, patience: Patience, seed: u64) -> Self {
        let interval = per_minute.map(|n| Duration::from_mins(1) / n.max(1));
        Self {
            patience,
            most: most.max(1),
            allowed: 1,
            n_answers: 0,
            not_before: Duration::ZERO,
            interval: interval.unwrap_or_default(),
            cut_at: None,
            n_busy: 0,
            warming_up: None,
            random: seed,
        }
    }

    /// Requests allowed at once.
    #[cfg(test)]
    fn allowed(&self) -> usize {
        self.allowed
    }

    /// Whether the endpoint wakes up.
    pub fn is_warming_up(&self) -> bool {
        self.warming_up.is_some()
    }

    /// Asks to start one more.
    pub fn start(&self, n_under_way: usize, now: Duration) -> Start {
        if n_under_way >= self.allowed {
            Start::AfterAnother
        } else if now < self.not_before {
            Start::In(self.not_before.saturating_sub(now))
        } else {
            Start::Now
        }
    }

    /// One has started.
    pub fn started(&mut self, now: Duration) {
        self.not_before = self.not_before.max(now + self.interval);
    }

    /// One was answered.
    pub fn answered(&mut self) {
        self.n_busy = 0;
        self.warming_up = None;
        self.n_answers += 1;
        if self.n_answers >= self.allowed && self.allowed < self.most {
            self.allowed += 1;
            self.n_answers = 0;
        }
    }

    /// One that started then was too much; `false` when that was said too often in a row.
    pub fn busy(
        &mut self,
        started: Duration,
        now: Duration,
        retry_after: Option<Duration>,
    ) -> bool {
        let is_news = self.cut_at.is_none_or(|cut_at| started >= cut_at);
        if is_news {
            self.allowed = (self.allowed / 2).max(1);
            self.n_answers = 0;
            self.cut_at = Some(now);
            self.n_busy += 1;
        }
        let wait = self.jittered(self.n_busy.saturating_sub(1));
        // What the server asks for is a least.
        let wait = wait.max(retry_after.unwrap_or_default());
        self.not_before = self.not_before.max(now + wait.min(self.patience.warm_up));
        self.n_busy <= self.patience.most_busy
    }

    /// One found the endpoint waking up; `false` when that takes too long.
    pub fn warming_up(&mut self, now: Duration) -> bool {
        let (since, n) = self.warming_up.unwrap_or((now, 0));
        self.warming_up = Some((since, n + 1));
        self.allowed = 1;
        self.n_answers = 0;
        let wait = self.patience.first_wait * 2 * 2_u32.saturating_pow(n.min(10));
        self.not_before = self.not_before.max(now + wait.min(LONGEST_WARM_UP_WAIT));
        now.saturating_sub(since) <= self.patience.warm_up
    }

    /// How long to wait before a request is repeated that went wrong so often; `None` to give up.
    pub fn repeat(&mut self, n_failed: u32) -> Option<Duration> {
        (n_failed <= self.patience.most_repeats).then(|| self.jittered(n_failed.saturating_sub(1)))
    }

    fn jittered(&mut self, n: u32) -> Duration {
        let bound = self.patience.first_wait * 2_u32.saturating_pow(n.min(16));
        let bound = bound.min(self.patience.longest_wait);
        bound.mul_f64(self.random())
    }

    /// From 0 to 1, by `SplitMix64` (Steele et al. 2014).
    fn random(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace(most: usize) -> Pace {
        Pace::new(most, None, Patience::default(), 42)
    }

    #[test]
    fn it_starts_with_one_and_grows_to_the_most() {
        let mut pace = pace(4);
        assert_eq!(pace.start(0, Duration::ZERO), Start::Now);
        assert_eq!(pace.start(1, Duration::ZERO), Start::AfterAnother);
        let mut allowed = Vec::new();
        for _ in 0..12 {
            pace.answered();
            allowed.push(pace.allowed());
        }
        assert_eq!(allowed, [2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4]);
    }

    #[test]
    fn too_much_halves_it_once_for_all_that_were_under_way() {
        let mut pace = pace(8);
        (0..40).for_each(|_| pace.answered());
        assert_eq!(pace.allowed(), 8);
        for _ in 0..8 {
            assert!(pace.busy(SECOND, 2 * SECOND, None));
        }
        assert_eq!(pace.allowed(), 4);
        assert!(pace.busy(3 * SECOND, 4 * SECOND, Some(9 * SECOND)));
        assert_eq!(pace.allowed(), 2);
        assert_eq!(pace.start(0, 4 * SECOND), Start::In(9 * SECOND));
        assert_eq!(pace.start(0, 13 * SECOND), Start::Now);
    }

    #[test]
    fn too_much_for_ever_ends() {
        let mut pace = pace(8);
        let mut now = Duration::ZERO;
        let mut n = 0;
        while pace.busy(now, now, None) {
            n += 1;
            now += 30 * SECOND;
        }
        assert_eq!(n, Patience::default().most_busy);
        assert_eq!(pace.allowed(), 1);
    }

    #[test]
    fn an_endpoint_that_wakes_up_is_asked_by_one_and_for_three_minutes_at_most() {
        let mut pace = pace(8);
        (0..40).for_each(|_| pace.answered());
        let mut now = Duration::ZERO;
        let mut waits = Vec::new();
        while pace.warming_up(now) {
            assert_eq!(pace.allowed(), 1);
            let Start::In(wait) = pace.start(0, now) else {
                panic!("it does not wait");
            };
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits[..6], [1, 2, 4, 8, 15, 15]);
        assert!((181..200).contains(&now.as_secs()), "{now:?}");
        pace.answered();
        assert_eq!((pace.allowed(), pace.is_warming_up()), (2, false));
    }

    #[test]
    fn waits_are_random_below_a_bound_that_doubles() {
        let mut pace = pace(1);
        let mut waits = |n: u32| -> Vec<f64> {
            (0..2_000)
                .map(|_| pace.repeat(n).unwrap().as_secs_f64())
                .collect()
        };
        for (n, bound) in [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0)] {
            let waits = waits(n);
            let mean = waits.iter().sum::<f64>() / waits.len() as f64;
            assert!(waits.iter().all(|wait| *wait <= bound));
            assert!((mean / bound - 0.5).abs() < 0.03, "{mean} of {bound}");
        }
        assert_eq!(pace.repeat(7), None);
    }

    #[test]
    fn requests_a_minute_are_kept_apart() {
        let mut pace = Pace::new(8, Some(120), Patience::default(), 1);
        (0..40).for_each(|_| pace.answered());
        let (mut now, mut n) = (Duration::ZERO, 0);
        while now < 60 * SECOND {
            match pace.start(0, now) {
                Start::Now => {
                    pace.started(now);
                    n += 1;
                }
                Start::In(wait) => now += wait,
                Start::AfterAnother => panic!("none is under way"),
            }
        }
        assert_eq!(n, 120);
    }
}
