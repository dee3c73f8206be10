//! Work in the background: one job per slot, each on a named thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::progress::Progress;

/// Called by a worker when it is done, so that the window wakes up.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Running jobs. A slot has at most one; starting another stops the one before.
pub struct Jobs<Slot, T> {
    running: Vec<Job<Slot>>,
    next_id: u64,
    // Unbounded, and still it cannot flood: each job sends exactly one value.
    sender: Sender<(u64, T)>,
    receiver: Receiver<(u64, T)>,
    wake: Wake,
}

struct Job<Slot> {
    id: u64,
    slot: Slot,
    progress: Progress,
}

impl<Slot: Copy + PartialEq, T: Send + 'static> Jobs<Slot, T> {
    /// No jobs yet.
    pub fn new(wake: Wake) -> Self {
        let (sender, receiver) = channel();
        Self {
            running: Vec::new(),
            next_id: 0,
            sender,
            receiver,
            wake,
        }
    }

    /// Runs `work` on a thread called `name`, and stops what ran in that slot before.
    ///
    /// # Errors
    /// The system's, when it has no thread left.
    pub fn start(
        &mut self,
        slot: Slot,
        name: &str,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
    ) -> std::io::Result<()> {
        self.stop(slot);
        self.next_id += 1;
        let (id, sender, wake, progress) = (
            self.next_id,
            self.sender.clone(),
            self.wake.clone(),
            Progress::new(),
        );
        let shared = progress.clone();
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                step_back();
                let value = work(&shared);
                // Nobody listens any more when the window has been closed.
                let _ = sender.send((id, value));
                wake();
            })?;
        self.running.push(Job { id, slot, progress });
        Ok(())
    }

    /// Asks the job in a slot to stop, and forgets it: whatever it still gives is dropped. It ends
    /// at its next check.
    pub fn stop(&mut self, slot: Slot) {
        self.running.retain(|job| {
            if job.slot == slot {
                job.progress.stop();
            }
            job.slot != slot
        });
    }

    /// What finished since the last call.
    pub fn poll(&mut self) -> Vec<T> {
        let mut finished = Vec::new();
        while let Ok((id, value)) = self.receiver.try_recv() {
            let at = self.running.iter().position(|job| job.id == id);
            if let Some(at) = at {
                self.running.remove(at);
                finished.push(value);
            }
        }
        finished
    }

    /// The running jobs and how far they are, oldest first.
    pub fn running(&self) -> impl Iterator<Item = (Slot, &Progress)> {
        self.running.iter().map(|job| (job.slot, &job.progress))
    }

    /// Whether anything is running.
    pub fn is_idle(&self) -> bool {
        self.running.is_empty()
    }
}

impl<Slot, T> Drop for Jobs<Slot, T> {
    fn drop(&mut self) {
        self.running.iter().for_each(|job| job.progress.stop());
    }
}

/// Lets the window go first wherever both want a core: the work of this thread, and of those that it
/// starts, is done in what is left. Without it the frames in which much lands took twice as long with
/// 100,000 documents. Only on Linux; elsewhere a thread alone cannot ask for this by `setpriority`.
pub fn step_back() {
    /// Of 19; gives the thread about a tenth of a core that a window wants, and all of one that it
    /// does not.
    #[cfg(target_os = "linux")]
    const NICENESS: i32 = 10;
    // On Linux the caller is the thread, not its process. A system that refuses is no worse off.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn wait_for<T: Send + 'static>(jobs: &mut Jobs<u8, T>) -> Vec<T> {
        for _ in 0..1000 {
            let finished = jobs.poll();
            if !finished.is_empty() {
                return finished;
            }
            thread::sleep(Duration::from_millis(2));
        }
        Vec::new()
    }

    /// Works until it is told to stop.
    fn endless(progress: &Progress) -> &'static str {
        while progress.check().is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
        "stopped"
    }

    #[test]
    fn a_new_job_in_a_slot_replaces_the_old_one() {
        let mut jobs = Jobs::new(Arc::new(|| {}));
        jobs.start(1, "old", endless).unwrap();
        let old = jobs.running().next().unwrap().1.clone();
        jobs.start(1, "new", |_| "new").unwrap();
        assert!(old.check().is_err());
        assert_eq!(wait_for(&mut jobs), ["new"]);
        assert!(jobs.is_idle());
    }

    #[test]
    fn what_a_stopped_job_still_gives_is_dropped() {
        let mut jobs = Jobs::new(Arc::new(|| {}));
        jobs.start(1, "endless", endless).unwrap();
        jobs.stop(1);
        jobs.start(2, "other", |_| "other").unwrap();
        assert_eq!(wait_for(&mut jobs), ["other"]);
        thread::sleep(Duration::from_millis(20));
        assert!(jobs.poll().is_empty());
    }
}
