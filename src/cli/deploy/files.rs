//! The files that a deployment is made of, and putting them into a folder where nothing is lost.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use include_dir::{Dir, DirEntry, include_dir};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/sagemaker");

/// A file to write.
#[derive(Debug)]
pub struct Planned {
    /// Below the folder.
    pub path: PathBuf,
    /// What is in it.
    pub content: Content,
}

/// What is in a file.
#[derive(Debug)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is in this file, which may be run.
    CopyOf(PathBuf),
}

impl Planned {
    /// A text of our own.
    pub fn text(path: &str, text: String) -> Self {
        Self {
            path: path.into(),
            content: Content::Bytes(text.into_bytes()),
        }
    }
}

/// The Dockerfile and the Terraform, by name.
pub fn carried() -> Vec<Planned> {
    let mut found = Vec::new();
    collect(&FILES, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Dir<'_>, found: &mut Vec<Planned>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => collect(folder, found),
            DirEntry::File(file) => found.push(Planned {
                path: file.path().to_owned(),
                content: Content::Bytes(file.contents().to_vec()),
            }),
        }
    }
}

/// Writes all files, or none: a file that is there already and says something else is left alone,
/// and named.
///
/// # Errors
/// When there are such files, or when the folder cannot be written to.
pub fn write(folder: &Path, files: &[Planned]) -> anyhow::Result<()> {
    let mut others = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        let differs = file.differs_from(&path);
        if differs.with_context(|| format!("could not read {}", path.display()))? {
            others.push(file.path.display().to_string());
        }
    }
    if !others.is_empty() {
        bail!(
            "nothing was written; move these away or name another folder, since they are there \
             already and differ from what was to be written: {}",
            others.join(", ")
        );
    }
    for file in files {
        let path = folder.join(&file.path);
        let written = file.write_to(&path);
        written.with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

impl Planned {
    /// Whether something else is at the path.
    fn differs_from(&self, path: &Path) -> io::Result<bool> {
        let there = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            metadata => metadata?,
        };
        Ok(!there.is_file()
            || match &self.content {
                Content::Bytes(bytes) => fs::read(path)? != *bytes,
                Content::CopyOf(original) => {
                    there.len() != fs::metadata(original)?.len()
                        || fs::read(path)? != fs::read(original)?
                }
            })
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match &self.content {
            Content::Bytes(bytes) => fs::write(path, bytes),
            Content::CopyOf(original) => fs::copy(original, path).map(drop),
        }
    }
}

/// Bytes of all files below a folder; a link counts as what it leads to.
///
/// # Errors
/// When something in it cannot be read.
pub fn size_of(folder: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let metadata = fs::metadata(&path)?;
        sum += if metadata.is_dir() {
            size_of(&path)?
        } else {
            metadata.len()
        };
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned() -> [Planned; 2] {
        [
            Planned::text("a.txt", "one".into()),
            Planned::text("in/b.txt", "two".into()),
        ]
    }

    #[test]
    fn what_is_carried_is_a_dockerfile_and_terraform() {
        let paths: Vec<String> = carried()
            .iter()
            .map(|file| file.path.display().to_string().replace('\\', "/"))
            .collect();
        for name in [
            "Dockerfile",
            "sagemaker.tf",
            "iam.tf",
            "names/variables.tf",
            "names/tests/names.tftest.hcl",
        ] {
            assert!(paths.iter().any(|path| path == name), "{paths:?}");
        }
    }

    #[test]
    fn the_same_may_be_written_twice_and_other_content_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &planned()).unwrap();
        write(folder.path(), &planned()).unwrap();
        fs::write(folder.path().join("in/b.txt"), "mine").unwrap();
        fs::remove_file(folder.path().join("a.txt")).unwrap();
        let error = write(folder.path(), &planned()).unwrap_err().to_string();
        assert!(
            error.contains("b.txt") && !error.contains("a.txt"),
            "{error}"
        );
        assert!(!folder.path().join("a.txt").exists());
        let kept = fs::read_to_string(folder.path().join("in/b.txt")).unwrap();
        assert_eq!(kept, "mine");
    }

    #[test]
    fn a_folder_is_as_large_as_its_files() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &planned()).unwrap();
        assert_eq!(size_of(folder.path()).unwrap(), 6);
    }
}
