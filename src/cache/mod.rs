//! What was computed once and need not be again: vectors by text and model, and files that are
//! known to be poisonous.
//!
//! One `SQLite` file in the user's local cache folder. It can be deleted at any time. Several
//! programs may use it at once. Whatever goes wrong with it, work goes on without, and a notice
//! says so once. Texts are not in it, only their hashes.

mod schema;
mod vectors;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};

pub use vectors::{Key, key};

/// The file's name; its number is that of the schema, so versions that differ keep apart.
const FILE_NAME: &str = "cache-1.sqlite";

/// Beyond this, what was not used for longest goes.
const MAX_BYTES: u64 = 5 << 30;

/// A handle on the cache; clones share it.
#[derive(Clone)]
pub struct Cache(Arc<Shared>);

struct Shared {
    path: PathBuf,
    max_bytes: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// `None` when there is nothing to write to.
    writer: Option<Connection>,
    notices: Vec<String>,
}

/// How large the cache is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Where it lies.
    pub path: PathBuf,
    /// On disk.
    pub n_bytes: u64,
    /// Vectors in it.
    pub n_vectors: usize,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cache").field(&self.0.path).finish()
    }
}

impl Cache {
    /// The cache in the user's local cache folder; `None` if the system has no such folder.
    pub fn of_user() -> Option<Self> {
        Some(Self::open(&dirs::cache_dir()?.join("semascope")))
    }

    /// The cache in `folder`. If it cannot be opened the handle does nothing, and says why.
    pub fn open(folder: &Path) -> Self {
        Self::with_size(folder, MAX_BYTES)
    }

    /// The same with a size of its own.
    pub fn with_size(folder: &Path, max_bytes: u64) -> Self {
        let cache = Self(Arc::new(Shared {
            path: folder.join(FILE_NAME),
            max_bytes,
            state: Mutex::default(),
        }));
        let opened = fs::create_dir_all(folder)
            .map_err(|error| error.to_string())
            .and_then(|()| schema::open(&cache.0.path).map_err(|error| error.to_string()));
        // A file that is no database, or a damaged one, is set aside and made anew.
        let opened = match opened {
            Err(_) if cache.0.path.exists() && schema::is_damaged(&cache.0.path) => {
                let mut state = cache.state();
                cache.set_aside(&mut state);
                schema::open(&cache.0.path).map_err(|error| error.to_string())
            }
            opened => opened,
        };
        let mut state = cache.state();
        match opened {
            Ok(connection) => state.writer = Some(connection),
            Err(error) => state.notices.push(format!(
                "Working without the cache of vectors, which could not be opened ({error}): {}",
                cache.0.path.display()
            )),
        }
        drop(state);
        cache
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// What a person should know of it: trouble, each said once.
    pub fn notices(&self) -> Vec<String> {
        self.state().notices.clone()
    }

    /// How large it is; `None` when it could not be opened.
    pub fn usage(&self) -> Option<Usage> {
        let state = self.state();
        let writer = state.writer.as_ref()?;
        let n: i64 = writer
            .query_row("SELECT count(*) FROM text", [], |row| row.get(0))
            .ok()?;
        let size = |path: PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
        Some(Usage {
            path: self.0.path.clone(),
            n_bytes: size(self.0.path.clone()) + size(schema::beside(&self.0.path, "-wal")),
            n_vectors: usize::try_from(n).unwrap_or(0),
        })
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// The database's, when the file cannot be written.
    pub fn clear(&self) -> Result<(), rusqlite::Error> {
        let state = self.state();
        let Some(writer) = &state.writer else {
            return Ok(());
        };
        writer.execute_batch(
            "BEGIN IMMEDIATE; DELETE FROM vector; DELETE FROM text; DELETE FROM verdict; COMMIT; \
             VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
        )
    }

    /// Why a file could not be read by this version of the extractor, if it is known to have cost a
    /// worker its life.
    pub fn verdict(&self, content: &[u8; 32], version: u32) -> Option<String> {
        let mut state = self.state();
        let writer = state.writer.as_ref()?;
        let found = writer
            .prepare_cached("SELECT reason FROM verdict WHERE content = ?1 AND version = ?2")
            .and_then(|mut query| {
                query
                    .query_row(params![content, version], |row| row.get(0))
                    .optional()
            });
        found.unwrap_or_else(|error| {
            self.trouble(&mut state, &error);
            None
        })
    }

    /// Remembers that.
    pub fn remember_verdict(&self, content: &[u8; 32], version: u32, reason: &str) {
        let mut state = self.state();
        let Some(writer) = &state.writer else { return };
        let stored = writer.execute(
            "INSERT OR REPLACE INTO verdict (content, version, reason) VALUES (?1, ?2, ?3)",
            params![content, version, reason],
        );
        if let Err(error) = stored {
            self.trouble(&mut state, &error);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Damage is set aside and healed by computing anew; anything else ends the use of the cache.
    fn trouble(&self, state: &mut State, error: &rusqlite::Error) {
        match error.sqlite_error_code() {
            // Another program is writing for long; what is not stored is computed again one day.
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {}
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                self.set_aside(state);
                match schema::open(&self.0.path) {
                    Ok(writer) => state.writer = Some(writer),
                    Err(error) => state.notices.push(format!(
                        "A new cache of vectors could not be made ({error}), so work goes on without"
                    )),
                }
            }
            Some(ErrorCode::DiskFull) => {
                state.writer = None;
                state.notices.push(format!(
                    "The disk is full, so no more vectors are kept for the next time: {}",
                    self.0.path.display()
                ));
            }
            _ => {
                state.writer = None;
                state.notices.push(format!(
                    "Going on without the cache of vectors, which failed ({error}): {}",
                    self.0.path.display()
                ));
            }
        }
    }

    fn set_aside(&self, state: &mut State) {
        state.writer = None;
        let aside = self
            .0
            .path
            .with_file_name(format!("damaged-{}.sqlite", now().as_secs()));
        let moved = fs::rename(&self.0.path, &aside);
        // What belongs to the damaged file must not be taken for the new one's.
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(schema::beside(&self.0.path, end));
        }
        state.notices.push(match moved {
            Ok(()) => format!(
                "The cache of vectors was damaged. It is made anew; the old one lies at {}",
                aside.display()
            ),
            Err(error) => format!(
                "The cache of vectors is damaged and could not be set aside ({error}): {}",
                self.0.path.display()
            ),
        });
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
