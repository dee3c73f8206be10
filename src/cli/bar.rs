//! Progress on standard error: a line that is rewritten on a terminal, nothing in a log.

#![expect(clippy::print_stderr, reason = "progress belongs on standard error")]

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::message::progress_line;
use crate::progress::Progress;

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
            eprint!("\r\x1b[2K{}", progress_line(&snapshot));
            let _ = stderr().flush();
        }
    }
    eprint!("\r\x1b[2K");
    let _ = stderr().flush();
}
