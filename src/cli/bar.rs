//! Progress on standard error: a line that is rewritten on a terminal, nothing in a log.

#![expect(clippy::print_stderr, reason = "progress belongs on standard error")]

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::message::grouped;
use crate::progress::{Progress, Snapshot};

/// Runs `work` and shows how far it is meanwhile.
pub fn watched<T>(work: impl FnOnce(&Progress) -> T) -> T {
    let progress = Progress::new();
    if !stderr().is_terminal() {
        return work(&progress);
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = thread::Builder::new()
            .name("progress".into())
            .spawn_scoped(scope, || watch(&progress, &done));
        let value = work(&progress);
        done.store(true, Ordering::Relaxed);
        if let Ok(watcher) = watcher {
            watcher.thread().unpark();
        }
        value
    })
}

fn watch(progress: &Progress, done: &AtomicBool) {
    while !done.load(Ordering::Relaxed) {
        thread::park_timeout(Duration::from_millis(100));
        if let Some(snapshot) = progress.snapshot() {
            eprint!("\r\x1b[2K{}", line(&snapshot));
            let _ = stderr().flush();
        }
    }
    eprint!("\r\x1b[2K");
    let _ = stderr().flush();
}

fn line(snapshot: &Snapshot) -> String {
    let mut line = format!("{} {}", snapshot.step, grouped(snapshot.done));
    if snapshot.total > 0 {
        line += &format!(" of {}", grouped(snapshot.total));
    }
    if let Some(rate) = snapshot.rate() {
        line += &format!(" · {}/s", grouped(rate as usize));
    }
    if let Some(remaining) = snapshot.remaining() {
        line += &format!(" · {} s left", remaining.as_secs() + 1);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_how_far_how_fast_and_how_long() {
        let mut snapshot = Snapshot {
            step: "Embedding",
            done: 1000,
            total: 3000,
            elapsed: Duration::from_secs(5),
        };
        assert_eq!(
            line(&snapshot),
            "Embedding 1,000 of 3,000 · 200/s · 11 s left"
        );
        snapshot.total = 0;
        snapshot.elapsed = Duration::ZERO;
        assert_eq!(line(&snapshot), "Embedding 1,000");
    }
}
