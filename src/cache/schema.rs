//! The tables, and how their file is opened.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// Pages of 16 KiB hold ten vectors; measured half again as fast to write as the usual 4 KiB. The
/// text table is ordered by key without a row id, so that looking up many keys is one pass.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS vector (id INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS text (key BLOB PRIMARY KEY, vector INTEGER NOT NULL, week INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS verdict (content BLOB, version INTEGER, reason TEXT NOT NULL, PRIMARY KEY (content, version)) WITHOUT ROWID;
";

const BUSY: Duration = Duration::from_secs(10);

/// Opens for reading and writing, making the file if need be.
pub fn open(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // A power cut may lose the last vectors, but never damages the file.
    connection.execute_batch(
        "PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; \
         PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 1000;",
    )?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

/// Opens for reading only, beside a writer.
pub fn open_reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Whether the file is there and is no sound database.
pub fn is_damaged(path: &Path) -> bool {
    let checked = open(path).and_then(|connection| {
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
    });
    match checked {
        Ok(verdict) => verdict != "ok",
        Err(error) => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ),
    }
}

/// A file that `SQLite` keeps beside the database.
pub fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}
