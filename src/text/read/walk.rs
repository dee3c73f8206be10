//! Finds the files below what the user gave.
//!
//! Links are not followed, so there are no circles. Hidden files and those that a `.gitignore` names
//! are left out and counted, unless the rule says otherwise. Only attributes are asked for: reading
//! a file that lies in the cloud would fetch it.

use std::collections::HashSet;
use std::fs::{self, DirEntry, Metadata};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::vec;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::super::document::{Skipped, Source};
use super::{Input, ReadRule};
use crate::progress::{Cancelled, Progress};

/// What lies below the inputs.
#[derive(Debug, Default)]
pub struct Walk {
    /// Regular files, each once, folders in order of file name.
    pub files: Vec<PathBuf>,
    /// Their size in bytes, all together.
    pub n_bytes: u64,
    /// What could not be looked into.
    pub skipped: Vec<Skipped>,
    /// What was left out on purpose.
    pub left_out: LeftOut,
    /// Differs when a file came, went, or changed its size or time.
    pub fingerprint: u64,
}

/// Files and folders that were left out on purpose, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Hidden files and folders.
    pub hidden: usize,
    /// Files and folders that a `.gitignore` or `.ignore` names, and those of package managers.
    pub ignored: usize,
    /// Links.
    pub links: usize,
}

/// A damaged folder may fail for ever; after so many failures in a row it is left.
const MAX_ERRORS: usize = 100;

/// Folders that programs fill, and nobody means.
const OF_PROGRAMS: [&str; 4] = [
    "node_modules",
    "__pycache__",
    "$RECYCLE.BIN",
    "System Volume Information",
];

/// Walks through the inputs.
pub fn walk(inputs: &[Input], rule: &ReadRule, progress: &Progress) -> Result<Walk, Cancelled> {
    progress.step("Looking for files", 0);
    let mut walker = Walker {
        with_hidden: rule.with_hidden,
        seen: HashSet::new(),
        found: Walk::default(),
    };
    for input in inputs {
        if let Input::Path(root) = input {
            walker.root(root, progress)?;
        }
    }
    Ok(walker.found)
}

struct Walker {
    with_hidden: bool,
    seen: HashSet<PathBuf>,
    found: Walk,
}

/// A folder being walked through.
struct Folder {
    entries: vec::IntoIter<DirEntry>,
    ignored: Option<Gitignore>,
}

impl Walker {
    /// What the user named is meant, whatever it is called, and followed if it is a link.
    fn root(&mut self, root: &Path, progress: &Progress) -> Result<(), Cancelled> {
        progress.check()?;
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => self.folder(root, progress),
            Ok(metadata) => {
                self.file(root.to_owned(), &metadata);
                Ok(())
            }
            Err(error) => {
                self.skip(root, reason(&error, "does not exist"));
                Ok(())
            }
        }
    }

    fn folder(&mut self, root: &Path, progress: &Progress) -> Result<(), Cancelled> {
        let mut open = vec![self.open(root)];
        while let Some(folder) = open.last_mut() {
            let Some(entry) = folder.entries.next() else {
                open.pop();
                continue;
            };
            progress.advance(1)?;
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                self.skip(&path, "it vanished".into());
                continue;
            };
            if kind.is_symlink() {
                self.found.left_out.links += 1;
            } else if self.is_left_out(&entry, kind.is_dir(), &open) {
            } else if kind.is_dir() {
                open.push(self.open(&path));
            } else {
                match entry.metadata() {
                    Ok(metadata) => self.file(path, &metadata),
                    Err(error) => self.skip(&path, reason(&error, "it vanished")),
                }
            }
        }
        Ok(())
    }

    fn is_left_out(&mut self, entry: &DirEntry, is_dir: bool, open: &[Folder]) -> bool {
        if self.with_hidden {
            return false;
        }
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") || is_hidden_by_system(entry) {
            self.found.left_out.hidden += 1;
            return true;
        }
        let by_name = is_dir && OF_PROGRAMS.iter().any(|known| name == *known);
        // The innermost rule that says anything decides.
        let rules = open
            .iter()
            .rev()
            .filter_map(|folder| folder.ignored.as_ref());
        let by_rule = rules
            .map(|rules| rules.matched(entry.path(), is_dir))
            .find(|found| !matches!(found, Match::None))
            .is_some_and(|found| found.is_ignore());
        self.found.left_out.ignored += usize::from(by_name || by_rule);
        by_name || by_rule
    }

    fn open(&mut self, folder: &Path) -> Folder {
        let mut entries = Vec::new();
        match fs::read_dir(folder) {
            Ok(found) => {
                let mut n_errors = 0;
                for entry in found {
                    match entry {
                        Ok(entry) => {
                            n_errors = 0;
                            entries.push(entry);
                        }
                        Err(_) if n_errors < MAX_ERRORS => n_errors += 1,
                        Err(error) => {
                            self.skip(
                                folder,
                                format!("the rest of this folder could not be listed ({error})"),
                            );
                            break;
                        }
                    }
                }
            }
            Err(error) => self.skip(folder, reason(&error, "it vanished")),
        }
        entries.sort_by_key(DirEntry::file_name);
        let ignored = (!self.with_hidden)
            .then(|| ignore_rules(folder, &entries))
            .flatten();
        Folder {
            entries: entries.into_iter(),
            ignored,
        }
    }

    fn file(&mut self, path: PathBuf, metadata: &Metadata) {
        if !metadata.is_file() {
            self.skip(&path, "a pipe, socket or device, not a file".into());
        } else if is_in_cloud(metadata) {
            self.skip(
                &path,
                "in the cloud, not on this computer; open it once to fetch it".into(),
            );
        } else if self
            .seen
            .insert(std::path::absolute(&path).unwrap_or_else(|_| path.clone()))
        {
            self.found.n_bytes += metadata.len();
            let mut hash = DefaultHasher::new();
            (
                self.found.fingerprint,
                &path,
                metadata.len(),
                metadata.modified().ok(),
            )
                .hash(&mut hash);
            self.found.fingerprint = hash.finish();
            self.found.files.push(path);
        }
    }

    fn skip(&mut self, path: &Path, reason: String) {
        self.found.skipped.push(Skipped {
            source: Source::File(path.to_owned()),
            reason,
        });
    }
}

/// The rules that lie in a folder.
fn ignore_rules(folder: &Path, entries: &[DirEntry]) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(folder);
    let mut n_files = 0;
    for entry in entries {
        let is_plain = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_plain
            && [".gitignore", ".ignore"]
                .iter()
                .any(|name| entry.file_name() == *name)
        {
            // A line that is no rule is passed over; the others count.
            let _ = builder.add(entry.path());
            n_files += 1;
        }
    }
    (n_files > 0).then(|| builder.build().ok()).flatten()
}

fn reason(error: &io::Error, not_found: &str) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => not_found.to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read it".into(),
        _ => format!("could not be read ({error})"),
    }
}

#[cfg(windows)]
fn is_hidden_by_system(entry: &DirEntry) -> bool {
    use std::os::windows::fs::MetadataExt as _;
    const HIDDEN: u32 = 0x2;
    entry
        .metadata()
        .is_ok_and(|metadata| metadata.file_attributes() & HIDDEN != 0)
}

#[cfg(not(windows))]
fn is_hidden_by_system(_: &DirEntry) -> bool {
    false
}

/// Whether reading the file would fetch it.
#[cfg(windows)]
fn is_in_cloud(metadata: &Metadata) -> bool {
    use std::os::windows::fs::MetadataExt as _;
    const RECALL_ON_DATA_ACCESS: u32 = 0x0040_0000;
    const OFFLINE: u32 = 0x1000;
    metadata.file_attributes() & (RECALL_ON_DATA_ACCESS | OFFLINE) != 0
}

/// Whether reading the file would fetch it.
#[cfg(target_os = "macos")]
fn is_in_cloud(metadata: &Metadata) -> bool {
    use std::os::macos::fs::MetadataExt as _;
    const DATALESS: u32 = 0x4000_0000;
    metadata.st_flags() & DATALESS != 0
}

/// Whether reading the file would fetch it: no system here has such files.
#[cfg(not(any(windows, target_os = "macos")))]
fn is_in_cloud(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(walk: &Walk, root: &Path) -> Vec<String> {
        let short = |path: &PathBuf| {
            path.strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned()
        };
        walk.files.iter().map(short).collect()
    }

    fn walked(root: &Path, with_hidden: bool) -> Walk {
        let rule = ReadRule {
            with_hidden,
            ..ReadRule::default()
        };
        let inputs = [
            Input::Path(root.to_owned()),
            Input::Path(root.join("a.txt")),
        ];
        walk(&inputs, &rule, &Progress::new()).unwrap()
    }

    #[test]
    fn hidden_and_ignored_files_are_left_out_and_counted_unless_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for sub in ["b", "b/node_modules", "draft"] {
            fs::create_dir_all(root.join(sub)).unwrap();
        }
        for name in [
            "a.txt",
            "b/kept.log",
            "b/x.txt",
            "b/node_modules/y.txt",
            "draft/z.txt",
            "n.log",
            ".secret",
        ] {
            fs::write(root.join(name), "words").unwrap();
        }
        fs::write(root.join(".gitignore"), "*.log\n/draft\n").unwrap();
        fs::write(root.join("b/.gitignore"), "!kept.log\n").unwrap();

        let walk = walked(root, false);
        assert_eq!(names(&walk, root), ["a.txt", "b/kept.log", "b/x.txt"]);
        let expected = LeftOut {
            hidden: 3,
            ignored: 3,
            links: 0,
        };
        assert_eq!(walk.left_out, expected);
        assert_eq!(walked(root, true).files.len(), 9);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_and_odd_names_are_kept() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("loop")).unwrap();
        std::os::unix::fs::symlink(root, root.join("loop/back")).unwrap();
        let odd = root.join(OsStr::from_bytes(b"caf\xe9.txt"));
        fs::write(&odd, "words").unwrap();
        let walk = walked(root, false);
        assert_eq!(walk.files, [odd]);
        assert_eq!((walk.left_out.links, walk.n_bytes), (1, 5));
        assert_eq!(walk.skipped[0].reason, "does not exist");
    }
}
