//! What several tests use.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A path inside the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program, as a user starts it.
pub fn semascope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_semascope"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    // No test may touch the cache of whoever runs it.
    command.env("SEMASCOPE_NO_CACHE", "1");
    command
}

/// Exit code, standard output and standard error.
pub fn finished(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}
