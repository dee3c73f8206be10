//! The journal of one window: its state, written after every change, and found again at the next
//! start if the program did not end as it should.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::session::UserState;
use crate::storage::{self, Lock};

/// Sessions that ended well and are kept to be continued.
const N_KEPT: usize = 5;

/// The journal of this window; others leave it alone as long as it is open.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Whether the last word has been written; two writers at once would spoil each other's file.
    is_closed: Mutex<bool>,
    _lock: Lock,
}

/// A session that somebody left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Leftover {
    /// Where its journal lies.
    pub path: PathBuf,
    /// What was open.
    pub state: UserState,
    /// The workspace that it was, if it had a name.
    pub workspace: Option<PathBuf>,
    /// Whether the program ended as it should.
    pub is_clean: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    clean: bool,
    workspace: Option<PathBuf>,
    state: UserState,
}

impl Journal {
    /// A journal in `folder`, with a name of its own.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        for attempt in 0..100 {
            let name = format!("{}-{}-{attempt}", now.as_millis(), std::process::id());
            let path = folder.join(format!("{name}.json"));
            if let Some(lock) = Lock::try_take(&lock_path(&path))? {
                return Ok(Self {
                    path,
                    is_closed: Mutex::default(),
                    _lock: lock,
                });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the state of the window. When this returns it outlives the program. `is_clean` is for
    /// the last time, when the program ends as it should.
    ///
    /// # Errors
    /// The file system's; then the state before is still there.
    pub fn write(
        &self,
        state: &UserState,
        workspace: Option<&Path>,
        is_clean: bool,
    ) -> io::Result<()> {
        let mut is_closed = self
            .is_closed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A background thread that comes after the end has an older state.
        if *is_closed {
            return Ok(());
        }
        let entry = Entry {
            clean: is_clean,
            workspace: workspace.map(Path::to_owned),
            state: state.clone(),
        };
        storage::save(&self.path, &serde_json::to_vec(&entry)?, false)?;
        *is_closed = is_clean;
        Ok(())
    }
}

impl Leftover {
    /// The sessions that were left behind in `folder`, the newest first, empty ones removed. Those
    /// of windows that are open do not count. Of those that ended well only a few are kept.
    pub fn find(folder: &Path) -> Vec<Self> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .collect();
        // Their names begin with the time.
        paths.sort_unstable_by(|a, b| b.cmp(a));
        remove_idle_locks(folder);
        let mut found = Vec::new();
        let mut n_clean = 0;
        for path in paths {
            let Ok(Some(_owner)) = Lock::try_take(&lock_path(&path)) else {
                continue;
            };
            let read = fs::read(&path)
                .ok()
                .and_then(|bytes| serde_json::from_slice::<Entry>(&bytes).ok());
            let Some(entry) = read else {
                // Not deleted: whoever can read it may still want it.
                continue;
            };
            n_clean += usize::from(entry.clean);
            let leftover = Self {
                path,
                state: entry.state,
                workspace: entry.workspace,
                is_clean: entry.clean,
            };
            if leftover.state.is_empty() || (leftover.is_clean && n_clean > N_KEPT) {
                leftover.remove();
            } else {
                found.push(leftover);
            }
        }
        found
    }

    /// Forgets it.
    pub fn remove(&self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(lock_path(&self.path));
    }
}

/// A window that had nothing open leaves its lock behind.
fn remove_idle_locks(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_lock = path
            .extension()
            .is_some_and(|extension| extension == "lock");
        if is_lock
            && !path.with_extension("json").exists()
            && matches!(Lock::try_take(&path), Ok(Some(_)))
        {
            let _ = fs::remove_file(&path);
        }
    }
}

fn lock_path(journal: &Path) -> PathBuf {
    journal.with_extension("lock")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Command, Session, Settings};
    use crate::text::Tools;

    fn state(text: &str) -> UserState {
        let mut session = Session::new(Settings::default(), Tools::default());
        if !text.is_empty() {
            session.apply(Command::AddPasted(text.into()));
        }
        session.user_state("map")
    }

    #[test]
    fn a_session_is_found_when_its_window_is_gone_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path()).unwrap();
        journal.write(&state("one"), None, false).unwrap();
        assert!(Leftover::find(folder.path()).is_empty());
        drop(journal);
        let found = Leftover::find(folder.path());
        assert_eq!((found.len(), found[0].is_clean), (1, false));
        assert_eq!(found[0].state, state("one"));
        found[0].remove();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn few_clean_sessions_are_kept_and_empty_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..8 {
            let journal = Journal::new(folder.path()).unwrap();
            journal
                .write(&state(&format!("text {n}")), None, true)
                .unwrap();
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        Journal::new(folder.path())
            .unwrap()
            .write(&state(""), None, false)
            .unwrap();
        let found = Leftover::find(folder.path());
        assert_eq!(found.len(), N_KEPT);
        assert_eq!(found[0].state, state("text 7"));
    }
}
