//! Zip files, opened with limits that are counted on the bytes that really come out.
//!
//! The sizes that a zip file declares are its own claim. Overlapping entries are counted each.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::super::Reason;

const MAX_ENTRIES: usize = 10_000;
const MAX_ENTRY_BYTES: u64 = 100 << 20;
const MAX_TOTAL_BYTES: u64 = 500 << 20;
/// Text shrinks to a tenth, seldom to a fiftieth. Small entries may shrink as they like.
const MAX_RATIO: u64 = 100;
const FREE_BYTES: u64 = 100 << 10;

/// An open zip file.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    total: u64,
}

impl<'a> Archive<'a> {
    /// Reads the list of entries.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Reason> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
        if zip.len() > MAX_ENTRIES {
            return Err(Reason(format!(
                "a zip file of more than {MAX_ENTRIES} parts"
            )));
        }
        Ok(Self { zip, total: 0 })
    }

    /// The content of an entry, or `None` if there is none of that name.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, Reason> {
        let Some(index) = self.zip.index_for_name(name) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        self.read_at(index, &mut |chunk| bytes.extend_from_slice(chunk))?;
        Ok(Some(bytes))
    }

    /// Whether there is an entry of that name.
    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// Unpacks everything into nothing, for parsers that open the file by themselves.
    pub fn check(bytes: &'a [u8]) -> Result<(), Reason> {
        let mut archive = Self::open(bytes)?;
        for index in 0..archive.zip.len() {
            archive.read_at(index, &mut |_| {})?;
        }
        Ok(())
    }

    fn read_at(&mut self, index: usize, put: &mut dyn FnMut(&[u8])) -> Result<(), Reason> {
        let mut entry = self.zip.by_index(index).map_err(|error| broken(&error))?;
        let allowed = (entry.compressed_size().saturating_mul(MAX_RATIO))
            .clamp(FREE_BYTES, MAX_ENTRY_BYTES)
            .min(MAX_TOTAL_BYTES - self.total);
        let mut buffer = vec![0; 64 << 10];
        let mut n_read = 0;
        loop {
            let n = entry
                .read(&mut buffer)
                .map_err(|error| Reason(format!("a damaged zip file ({error})")))?;
            if n == 0 {
                break;
            }
            n_read += n as u64;
            if n_read > allowed {
                return Err("it unpacks to far more than a document holds (a zip bomb?)".into());
            }
            put(&buffer[..n]);
        }
        self.total += n_read;
        Ok(())
    }
}

fn broken(error: &ZipError) -> Reason {
    match error {
        ZipError::UnsupportedArchive(what) if what.contains("assword") => {
            "it needs a password".into()
        }
        error => Reason(format!("a damaged zip file ({error})")),
    }
}
