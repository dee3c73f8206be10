//! A Python with independent clients, for tests that want a second opinion.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::support::repository;

/// The interpreter, made once; `None` where there is none, which the test prints and ends with.
pub fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PYTHON.get_or_init(|| {
        let made = Command::new(repository("tests/python.sh"))
            .arg(env!("CARGO_TARGET_TMPDIR"))
            .output()
            .ok()?;
        let path = String::from_utf8(made.stdout).unwrap();
        made.status.success().then(|| path.trim().into())
    });
    if found.is_none() {
        println!("skipped: there is no Python here, or its packages cannot be had");
    }
    found.as_ref()
}
