//! How slow work tells how far it is, and how it is told to stop.
//!
//! The counters are atomics: workers bump them, the window reads them while drawing, and nothing
//! is ever sent, so no channel can flood.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The work was asked to stop, and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped")]
pub struct Cancelled;

/// A handle shared by the worker and whoever watches it. Cloning shares the counters.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    stop: AtomicBool,
    done: AtomicUsize,
    total: AtomicUsize,
    step: Mutex<Option<(&'static str, Instant)>>,
}

/// What a status bar shows of one job.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What is going on, such as "Embedding".
    pub step: &'static str,
    /// Units finished in this step.
    pub done: usize,
    /// Units in this step; 0 when it cannot be known beforehand.
    pub total: usize,
    /// Time since the step began.
    pub elapsed: Duration,
}

impl Snapshot {
    /// Units per second, once there is something to measure.
    pub fn rate(&self) -> Option<f64> {
        let secs = self.elapsed.as_secs_f64();
        (self.done > 0 && secs > 0.2).then(|| self.done as f64 / secs)
    }

    /// Time left at the present rate.
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.total.checked_sub(self.done)?;
        let secs = left as f64 / self.rate()?;
        (self.total > 0).then(|| Duration::from_secs_f64(secs))
    }

    /// Share done, 0 to 1, when the total is known.
    pub fn fraction(&self) -> Option<f32> {
        (self.total > 0).then(|| (self.done as f32 / self.total as f32).min(1.0))
    }
}

impl Progress {
    /// A fresh handle for one job.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a named step of `total` units (0: unknown) and sets the counter back.
    pub fn step(&self, name: &'static str, total: usize) {
        *self.0.step.lock().unwrap_or_else(PoisonError::into_inner) = Some((name, Instant::now()));
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// Counts `n` units and asks whether to go on.
    ///
    /// # Errors
    /// [`Cancelled`] once somebody called [`Progress::stop`].
    pub fn advance(&self, n: usize) -> Result<(), Cancelled> {
        self.0.done.fetch_add(n, Ordering::Relaxed);
        self.check()
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    /// [`Cancelled`] once somebody called [`Progress::stop`].
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.0.stop.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
        Ok(())
    }

    /// Asks the worker to stop at its next check.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }

    /// The present state, or `None` before the first step.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let (step, since) = (*self.0.step.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(Snapshot {
            step,
            done: self.0.done.load(Ordering::Relaxed),
            total: self.0.total.load(Ordering::Relaxed),
            elapsed: since.elapsed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_within_a_step_and_stops() {
        let progress = Progress::new();
        assert_eq!(progress.snapshot(), None);
        progress.step("Embedding", 10);
        assert_eq!(progress.advance(4), Ok(()));
        let snapshot = progress.snapshot().unwrap();
        assert_eq!((snapshot.step, snapshot.done), ("Embedding", 4));
        assert_eq!(snapshot.fraction(), Some(0.4));
        progress.clone().stop();
        assert_eq!(progress.advance(1), Err(Cancelled));
    }

    #[test]
    fn it_tells_the_time_left() {
        let snapshot = Snapshot {
            step: "Embedding",
            done: 20,
            total: 60,
            elapsed: Duration::from_secs(2),
        };
        assert_eq!(snapshot.rate(), Some(10.0));
        assert_eq!(snapshot.remaining(), Some(Duration::from_secs(4)));
    }
}
