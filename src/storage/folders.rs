//! Where the program keeps what is its own, out of the user's folders.

use std::path::PathBuf;

/// The folder for what must not be lost; `None` if the system has none.
pub fn data_folder() -> Option<PathBuf> {
    Some(dirs::data_local_dir()?.join("semascope"))
}
