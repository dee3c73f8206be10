//! The system's file dialogs, asked in the background.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rfd::AsyncFileDialog;

use crate::jobs::Jobs;

/// What to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// One or more folders.
    Folders,
    /// One or more files.
    Files,
}

/// What the person answered.
#[derive(Debug)]
pub enum Answer {
    /// These.
    Paths(Vec<PathBuf>),
    /// Nothing.
    Cancelled,
    /// No dialog came up.
    NoDialog,
}

/// rfd says "cancelled" too when a Linux system has neither a portal nor zenity. Nobody cancels
/// this quickly.
const TOO_QUICK: Duration = Duration::from_millis(400);

/// Opens the dialog; the answer comes with [`Jobs::poll`].
pub fn ask(jobs: &mut Jobs<Ask, Answer>, ask: Ask) -> std::io::Result<()> {
    // Made here because macOS wants dialogs made on the main thread; waited for elsewhere.
    let dialog = AsyncFileDialog::new().set_title("Open in Semascope");
    jobs.start(ask, "file dialog", move |_| {
        let asked = Instant::now();
        let chosen = match ask {
            Ask::Folders => pollster::block_on(dialog.pick_folders()),
            Ask::Files => pollster::block_on(dialog.pick_files()),
        };
        match chosen {
            Some(files) => Answer::Paths(files.iter().map(|file| file.path().to_owned()).collect()),
            None if asked.elapsed() < TOO_QUICK => Answer::NoDialog,
            None => Answer::Cancelled,
        }
    })
}
