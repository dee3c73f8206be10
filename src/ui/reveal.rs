//! Hands a file to the system: to its file browser, or to the program that reads such files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::message::sentence;

/// Files that are read and not run, by the ends of their names. What is not listed is not opened:
/// a list of what is dangerous would never be complete. Of Office those without macros.
const READ_ONLY: [&str; 38] = [
    "txt", "text", "log", "md", "markdown", "rst", "tex", "csv", "tsv", "tab", "json", "jsonl",
    "ndjson", "ipynb", "srt", "vtt", "html", "htm", "xhtml", "pdf", "doc", "docx", "xls", "xlsx",
    "ppt", "pptx", "odt", "ods", "odp", "epub", "rtf", "eml", "mbox", "parquet", "xml", "yaml",
    "yml", "toml",
];

/// Opens the folder of `file`, with the file selected where the system can.
///
/// # Errors
/// A sentence, when there is no such program. What that program says later is its own.
pub fn reveal(file: &Path) -> Result<(), String> {
    started(browser(file), "file browser").map_err(|error| {
        format!(
            "The folder could not be shown ({error}). The file lies at {}",
            file.display()
        )
    })
}

/// Opens `file` in the system's program for it, unless that could run it.
///
/// # Errors
/// A sentence: why it is not opened, or that there is no such program.
pub fn open(file: &Path) -> Result<(), String> {
    if let Some(reason) = why_not_opened(file) {
        return Err(sentence(&reason));
    }
    // A name that begins with a dash, or like an address, would be taken for something else.
    let file = std::path::absolute(file)
        .map_err(|error| format!("The file could not be opened ({error}): {}", file.display()))?;
    started(opener(&file), "opener").map_err(|error| {
        format!(
            "No program could be started for this file ({error}). The file lies at {}",
            file.display()
        )
    })
}

/// Why a file is not opened from here; `None` for one that is.
pub fn why_not_opened(file: &Path) -> Option<String> {
    let end = file
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    if READ_ONLY.contains(&end.as_str()) {
        return None;
    }
    let kind = match end.as_str() {
        "" => "a file without an ending".to_owned(),
        end => format!("a .{end} file"),
    };
    Some(format!(
        "{kind} may be a program or a script, which the system could run instead of showing it. Use \
         Show in folder"
    ))
}

fn started(mut command: Command, name: &str) -> Result<(), std::io::Error> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn()?;
    // Somebody has to take note of its end, or it stays in the list of processes.
    let waiter = thread::Builder::new().name(name.into());
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

/// No shell stands between, so nothing in a name can be taken for a command.
fn opener(file: &Path) -> Command {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(program);
    command.arg(file);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_is_opened() {
        for name in [
            "a.pdf",
            "A.PDF",
            "x/y.tar.txt",
            "潮汐.docx",
            "-n.md",
            "a b.csv",
        ] {
            assert_eq!(why_not_opened(Path::new(name)), None, "{name}");
        }
        for name in [
            "a.exe",
            "a.sh",
            "a.py",
            "a.js",
            "a.bat",
            "a.desktop",
            "a.docm",
            "a.pdf.exe",
            "a",
            ".txt",
            "a.lnk",
            "a.txt ",
            "a.PS1",
            "a.app",
            "a.jar",
        ] {
            let reason = why_not_opened(Path::new(name)).unwrap();
            assert!(reason.contains("program or a script"), "{name}");
            assert!(open(Path::new(name)).is_err(), "{name}");
        }
    }
}
