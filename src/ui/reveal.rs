//! Shows a file in the system's own file browser.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// Opens the folder of `file`, with the file selected where the system can.
///
/// # Errors
/// A sentence, when there is no such program. What that program says later is its own.
pub fn reveal(file: &Path) -> Result<(), String> {
    let mut command = browser(file);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| {
        format!(
            "The folder could not be shown ({error}). The file lies at {}",
            file.display()
        )
    })?;
    // Somebody has to take note of its end, or it stays in the list of processes.
    let waiter = thread::Builder::new().name("file browser".into());
    let _ = waiter.spawn(move || child.wait());
    Ok(())
}

fn folder(file: &Path) -> PathBuf {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned()
}

fn browser(file: &Path) -> Command {
    if cfg!(target_os = "macos") {
        let mut command = Command::new("open");
        command.arg("-R").arg(file);
        command
    } else if cfg!(windows) {
        let mut command = Command::new("explorer");
        command.arg(folder(file));
        command
    } else {
        let mut command = Command::new("xdg-open");
        command.arg(folder(file));
        command
    }
}
