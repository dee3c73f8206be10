//! The real window in a virtual display.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::repository;

/// Ended when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display of its own for one test, or `None` where there is no Xvfb.
fn display() -> Option<(Running, String)> {
    use std::io::{BufRead as _, BufReader};

    let mut command = Command::new("Xvfb");
    command.args([
        "-displayfd",
        "1",
        "-screen",
        "0",
        "1280x800x24",
        "-nolisten",
        "tcp",
    ]);
    let mut server = Running(
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?,
    );
    let mut number = String::new();
    BufReader::new(server.0.stdout.take()?)
        .read_line(&mut number)
        .ok()?;
    Some((server, format!(":{}", number.trim())))
}

/// Starts the program and waits for its window.
fn opens(renderer: &str) {
    let has_xdotool = Command::new("xdotool")
        .arg("version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    let Some((_server, display)) = display().filter(|_| has_xdotool) else {
        println!("skipped: there is no Xvfb or no xdotool here");
        return;
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_semascope"));
    command
        .args(["--renderer", renderer])
        .arg(repository("assets/sample/bees"));
    let own = tempfile::tempdir().unwrap();
    command
        .env("DISPLAY", &display)
        .env("XDG_DATA_HOME", own.path())
        .env("XDG_CACHE_HOME", own.path())
        .env_remove("WAYLAND_DISPLAY");
    let mut app = Running(command.stderr(Stdio::null()).spawn().unwrap());
    let found = Command::new("timeout")
        .args([
            "60",
            "xdotool",
            "search",
            "--sync",
            "--onlyvisible",
            "--name",
            "^Semascope$",
        ])
        .env("DISPLAY", &display)
        .output()
        .unwrap();
    assert!(found.status.success(), "no window appeared");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(
        app.0.try_wait().unwrap(),
        None,
        "the window closed by itself"
    );
}

#[test]
fn it_opens_with_vulkan() {
    opens("wgpu");
}

#[test]
fn it_opens_with_opengl() {
    opens("glow");
}

#[test]
fn a_display_that_does_not_answer_is_no_display() {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_semascope"));
    command
        .arg(repository("assets/sample/chess"))
        .current_dir(out.path());
    command
        .env("SEMASCOPE_NO_CACHE", "1")
        .env("DISPLAY", ":6543")
        .env_remove("WAYLAND_DISPLAY");
    let (code, _, said) = crate::support::finished(&mut command);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("The results go to semascope-out/ instead"),
        "{said}"
    );
}
