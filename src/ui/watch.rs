//! Looks every few seconds whether the files changed.
//!
//! By their size and time of change, not by the system's notices: those miss network drives, run out
//! on large trees, and differ on every system.

use std::time::{Duration, Instant};

use crate::jobs::{Jobs, Wake};
use crate::session::Session;
use crate::text::{Input, ReadRule, fingerprint};

/// The least time between two looks.
const PAUSE: Duration = Duration::from_secs(5);
/// Looking may take this share of the time, so a large tree is looked at less often.
const SHARE: u32 = 20;

type Seen = (Vec<Input>, ReadRule);

/// Watches the files of a session.
pub struct Watch {
    /// Whether it does.
    pub is_on: bool,
    jobs: Jobs<(), (Seen, Option<u64>, Duration)>,
    last: Option<(Seen, u64)>,
    next: Instant,
}

impl Watch {
    /// Not watching.
    pub fn new(wake: Wake) -> Self {
        Self {
            is_on: false,
            jobs: Jobs::new(wake),
            last: None,
            next: Instant::now(),
        }
    }

    /// Whether the files differ from what the last look saw.
    pub fn has_changed(&mut self, ctx: &egui::Context, session: &Session) -> bool {
        if !self.is_on {
            self.last = None;
            return false;
        }
        let mut changed = false;
        for (seen, found, took) in self.jobs.poll() {
            self.next = Instant::now() + PAUSE.max(took * SHARE);
            if let Some(found) = found {
                changed |= self
                    .last
                    .as_ref()
                    .is_some_and(|(of, before)| *of == seen && *before != found);
                self.last = Some((seen, found));
            }
        }
        if self.jobs.is_idle() && Instant::now() >= self.next && !session.inputs().is_empty() {
            let seen = (session.inputs().to_vec(), session.settings.read.clone());
            let started = self.jobs.start((), "watch", move |progress| {
                let started = Instant::now();
                let found = fingerprint(&seen.0, &seen.1, progress).ok();
                (seen, found, started.elapsed())
            });
            if started.is_err() {
                self.next = Instant::now() + PAUSE;
            }
        }
        ctx.request_repaint_after(PAUSE);
        changed
    }
}
