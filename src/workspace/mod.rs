//! What the user made, on disk: workspaces, the journal of every window, what was open lately, and
//! how the window shall be.
//!
//! A workspace is written when the user says so, whole or not at all, with older versions beside it.
//! A journal is written by itself within two seconds of any change, so that a crash costs no more.

mod journal;
mod preferences;
mod recent;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

pub use journal::{Journal, Leftover};
pub use preferences::{Mode, Preferences, Scale};
pub use recent::Recent;

use crate::session::{FileError, Opened};
use crate::storage::{self, Lock};

/// The extension of workspace files.
pub const EXTENSION: &str = "semascope";

/// Why a workspace could not be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The file system said no.
    #[error("could not read {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file system said no; what was there before is still there.
    #[error(
        "could not save {path}. What was saved before is unchanged; save under another name or make room"
    )]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no workspace.
    #[error("could not open {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
}

/// A workspace that was opened.
#[derive(Debug)]
pub struct OpenedFile {
    /// What is in it.
    pub content: Opened,
    /// Held as long as it is open; `None` when another window has it open.
    pub lock: Option<Lock>,
}

/// Opens the workspace at `path`; `folder` is the program's own, where the locks lie.
///
/// # Errors
/// [`WorkspaceError::Read`] or [`WorkspaceError::File`].
pub fn open(path: &Path, folder: Option<&Path>) -> Result<OpenedFile, WorkspaceError> {
    let lock = lock(path, folder);
    let bytes = fs::read(path).map_err(|source| WorkspaceError::Read {
        path: path.to_owned(),
        source,
    })?;
    let content = Opened::decode(&bytes).map_err(|source| WorkspaceError::File {
        path: path.to_owned(),
        source,
    })?;
    Ok(OpenedFile { content, lock })
}

/// Writes the bytes of a workspace, with backups of what was there.
///
/// # Errors
/// [`WorkspaceError::Write`]; then the file is as it was.
pub fn save(path: &Path, bytes: &[u8]) -> Result<(), WorkspaceError> {
    storage::save(path, bytes, true).map_err(|source| WorkspaceError::Write {
        path: path.to_owned(),
        source,
    })
}

/// The right to save at `path`; `None` when another window has it. The locks lie among the program's
/// own files, so that nothing but the workspace appears in the user's folder. Where none can be made
/// nobody is kept from saving.
pub fn lock(path: &Path, folder: Option<&Path>) -> Option<Lock> {
    let whole = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let (Ok(whole), Some(folder)) = (whole, folder) else {
        return Some(Lock::unguarded());
    };
    let hash = Sha256::digest(whole.as_os_str().as_encoded_bytes());
    let name: String = hash
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Lock::try_take(&folder.join("locks").join(name)).unwrap_or_else(|_| Some(Lock::unguarded()))
}

/// What lies ready when a window opens.
#[derive(Debug, Default)]
pub struct Desk {
    /// The journal of this window; `None` where nothing can be written.
    pub journal: Option<Arc<Journal>>,
    /// What earlier windows left.
    pub leftovers: Vec<Leftover>,
    /// What was open lately.
    pub recent: Recent,
    /// How the window shall be.
    pub preferences: Preferences,
    /// The program's own folder; `None` where there is none.
    pub folder: Option<PathBuf>,
}

impl Desk {
    /// The user's own.
    pub fn of_user() -> Self {
        storage::data_folder().map_or_else(Self::default, |folder| Self::in_folder(&folder))
    }

    /// One that lies in `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        let sessions = folder.join("sessions");
        Self {
            leftovers: Leftover::find(&sessions),
            journal: Journal::new(&sessions).ok().map(Arc::new),
            recent: Recent::load(folder),
            preferences: Preferences::load(folder),
            folder: Some(folder.to_owned()),
        }
    }
}

/// Whether a path is a workspace by its name.
pub fn is_workspace(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION))
}
