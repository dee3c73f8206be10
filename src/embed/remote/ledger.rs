//! What was sent, when, where and how much: one line of JSON for each batch, no text.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Seconds since 1970, UTC.
    pub time: u64,
    /// The destination, in words.
    pub destination: String,
    /// SHA-256 of each text, in hexadecimal.
    pub texts: Vec<String>,
    /// Bytes of the texts.
    pub bytes: u64,
}

/// A file to which lines are added.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
}

impl Ledger {
    /// Opens a ledger, or begins one.
    ///
    /// # Errors
    /// When the file cannot be written: then nothing may be sent either.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)?;
        // A line that a crash has cut off stays by itself.
        if !ends_with_line_break(&mut file)? {
            file.write_all(b"\n")?;
        }
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line for texts that are about to be sent.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&self, destination: &str, texts: &[&str]) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let entry = Entry {
            time: now.map_or(0, |now| now.as_secs()),
            destination: destination.to_owned(),
            texts: texts.iter().map(|text| hash(text)).collect(),
            bytes: texts.iter().map(|text| text.len() as u64).sum(),
        };
        let mut line = serde_json::to_vec(&entry)?;
        line.push(b'\n');
        // In one call, so that lines of several programs do not mix.
        self.file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(&line)
    }

    /// All lines that are whole.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn entries(path: &Path) -> io::Result<Vec<Entry>> {
        let lines = fs::read_to_string(path)?;
        Ok(lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect())
    }
}

/// Tells whether a text was sent, without telling the text.
pub fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ends_with_line_break(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_hold_no_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/ledger.jsonl");
        let ledger = Ledger::open(&path).unwrap();
        ledger.add("there", &["canary", "Low water."]).unwrap();
        fs::write(
            &path,
            [fs::read(&path).unwrap(), b"{\"time\": 1, cut".to_vec()].concat(),
        )
        .unwrap();
        Ledger::open(&path)
            .unwrap()
            .add("elsewhere", &["canary"])
            .unwrap();
        let entries = Ledger::entries(&path).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(
            (entries[0].bytes, &*entries[1].destination),
            (16, "elsewhere")
        );
        assert_eq!(entries[0].texts[0], entries[1].texts[0]);
        assert_eq!(entries[0].texts[0].len(), 64);
        assert!(!fs::read_to_string(&path).unwrap().contains("canary"));
    }
}
