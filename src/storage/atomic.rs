//! Saving so that at any moment, even when the power goes, either the old file or the new one is
//! there, whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Older versions that are kept beside a file.
pub const N_BACKUPS: usize = 3;

/// A file that is saved every few seconds would push out all older versions in a minute.
const BACKUP_EVERY: Duration = Duration::from_mins(5);

/// The n-th older version of a file, counted from 1.
pub fn backup(path: &Path, n: usize) -> PathBuf {
    beside(path, &format!(".bak{n}"))
}

/// Writes `bytes` to `path`. With `with_backups` the version before stays, as one of
/// [`N_BACKUPS`], if the last one kept is old enough.
///
/// # Errors
/// The file system's; then the file is as it was.
pub fn save(path: &Path, bytes: &[u8], with_backups: bool) -> io::Result<()> {
    let half = beside(path, ".saving");
    let written = write(&half, bytes).and_then(|()| {
        if with_backups {
            keep_backup(path)?;
        }
        replace(&half, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&half);
    }
    written?;
    sync_folder(path)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(end);
    path.with_file_name(name)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    // Or a power cut could leave the new name on an empty file.
    file.sync_all()
}

fn keep_backup(path: &Path) -> io::Result<()> {
    let newest = backup(path, 1);
    let age = fs::metadata(&newest)
        .and_then(|metadata| metadata.modified())
        .ok();
    let age = age.and_then(|modified| SystemTime::now().duration_since(modified).ok());
    if !path.exists() || age.is_some_and(|age| age < BACKUP_EVERY) {
        return Ok(());
    }
    for n in (1..N_BACKUPS).rev() {
        match fs::rename(backup(path, n), backup(path, n + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // A copy and not a rename: there must always be a file of that name.
    let half = beside(path, ".bak");
    fs::copy(path, &half)?;
    fs::rename(half, newest)
}

/// Programs that look through every new file hold it for a moment on Windows.
fn replace(from: &Path, to: &Path) -> io::Result<()> {
    let mut pause = Duration::from_millis(50);
    loop {
        match fs::rename(from, to) {
            Err(error)
                if cfg!(windows)
                    && pause < Duration::from_secs(1)
                    && matches!(error.raw_os_error(), Some(5 | 32)) =>
            {
                std::thread::sleep(pause);
                pause *= 2;
            }
            done => return done,
        }
    }
}

/// The new name is itself a change of the folder.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Windows does so by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_kept_and_the_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.semascope");
        for n in 0..6_u8 {
            save(&path, &[n; 100], true).unwrap();
            // As if the last backup had been kept long ago.
            if let Ok(file) = File::options().write(true).open(backup(&path, 1)) {
                file.set_modified(SystemTime::now() - 2 * BACKUP_EVERY)
                    .unwrap();
            }
        }
        assert_eq!(fs::read(&path).unwrap(), [5; 100]);
        for n in 1..=N_BACKUPS {
            assert_eq!(fs::read(backup(&path, n)).unwrap(), [5 - n as u8; 100]);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1 + N_BACKUPS);
    }

    #[test]
    fn frequent_saves_do_not_push_out_old_versions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.semascope");
        for n in 0..6_u8 {
            save(&path, &[n], true).unwrap();
        }
        assert_eq!(fs::read(backup(&path, 1)).unwrap(), [0]);
        assert!(!backup(&path, 2).exists());
    }

    #[test]
    fn a_save_that_fails_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.semascope");
        save(&path, b"old", false).unwrap();
        // Something that is no file stands where the new one would be written first.
        fs::create_dir(beside(&path, ".saving")).unwrap();
        assert!(save(&path, b"new", false).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
}
