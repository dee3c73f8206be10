//! What was open lately.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::storage;

const FILE_NAME: &str = "recent.json";

/// How many are remembered.
const N_RECENT: usize = 10;

/// Folders, files and workspaces, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent {
    /// The paths.
    pub paths: Vec<PathBuf>,
}

impl Recent {
    /// What was written to `folder`; nothing if it cannot be read, since nobody made it by hand.
    pub fn load(folder: &Path) -> Self {
        let paths = fs::read(folder.join(FILE_NAME))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            paths: paths.unwrap_or_default(),
        }
    }

    /// Puts a path first.
    pub fn add(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.paths.retain(|known| *known != path);
        self.paths.insert(0, path);
        self.paths.truncate(N_RECENT);
    }

    /// Writes them to `folder`.
    ///
    /// # Errors
    /// The file system's, or a path that is no text.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let told: Vec<&PathBuf> = self
            .paths
            .iter()
            .filter(|path| path.to_str().is_some())
            .collect();
        storage::save(&folder.join(FILE_NAME), &serde_json::to_vec(&told)?, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_come_first_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("sub");
        let mut recent = Recent::load(&folder);
        for name in ["/a", "/b", "/a"].into_iter().chain(["/c"; 3]) {
            recent.add(Path::new(name));
        }
        recent.save(&folder).unwrap();
        assert_eq!(
            Recent::load(&folder).paths,
            ["/c", "/a", "/b"].map(PathBuf::from)
        );
        fs::write(folder.join(FILE_NAME), "damaged").unwrap();
        assert_eq!(Recent::load(&folder), Recent::default());
    }
}
