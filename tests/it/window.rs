//! The real window in a virtual display.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::drag_source;
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

fn has_xdotool() -> bool {
    let version = Command::new("xdotool")
        .arg("version")
        .stdout(Stdio::null())
        .status();
    version.is_ok()
}

/// The program with a folder of its own, in a display.
fn program(display: &str, own: &Path, renderer: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_semascope"));
    command
        .args(["--renderer", renderer])
        .env("DISPLAY", display)
        .env("XDG_DATA_HOME", own)
        .env("XDG_CACHE_HOME", own)
        .env_remove("WAYLAND_DISPLAY")
        .stderr(Stdio::null());
    command
}

fn xdotool(display: &str, args: &[&str]) -> String {
    let mut command = Command::new("timeout");
    command
        .args(["60", "xdotool"])
        .args(args)
        .env("DISPLAY", display);
    let out = command.output().unwrap();
    assert!(out.status.success(), "xdotool {args:?}");
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// The window, once it is there.
fn window(display: &str) -> String {
    let search = ["search", "--sync", "--onlyvisible", "--name", "^Semascope$"];
    let found = xdotool(display, &search);
    found.lines().next().unwrap().to_owned()
}

/// Starts the program and waits for its window.
fn opens(renderer: &str) {
    let Some((_server, display)) = display().filter(|_| has_xdotool()) else {
        println!("skipped: there is no Xvfb or no xdotool here");
        return;
    };
    let own = tempfile::tempdir().unwrap();
    let mut command = program(&display, own.path(), renderer);
    let mut app = Running(
        command
            .arg(repository("assets/sample/bees"))
            .spawn()
            .unwrap(),
    );
    window(&display);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(
        app.0.try_wait().unwrap(),
        None,
        "the window closed by itself"
    );
}

/// What the window keeps of what is done in it.
fn kept(own: &Path) -> Vec<Value> {
    let folder = own.join("semascope/sessions");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let json = files.filter(|file| file.path().extension().is_some_and(|end| end == "json"));
    let read = json.filter_map(|file| std::fs::read(file.path()).ok());
    read.filter_map(|bytes| serde_json::from_slice(&bytes).ok())
        .collect()
}

/// Waits until the window keeps what is expected; it writes within two seconds.
#[track_caller]
fn keeps(own: &Path, expected: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let kept = kept(own);
        let of_open = kept.iter().filter(|value| value["clean"] == false);
        if let Some(found) = of_open.into_iter().find(|value| expected(&value["state"])) {
            return found["state"].clone();
        }
        assert!(start.elapsed() < Duration::from_secs(90), "{kept:#?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Waits until a program ended by itself.
#[track_caller]
fn ends(mut app: Running) {
    let start = Instant::now();
    while app.0.try_wait().unwrap().is_none() {
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "it does not close"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Finds a command by typing what it is called.
fn ask_for(display: &str, window: &str, command: &str) {
    // Without a window manager nobody else gives it the keys.
    xdotool(display, &["windowfocus", "--sync", window]);
    xdotool(display, &["key", "ctrl+k"]);
    std::thread::sleep(Duration::from_secs(1));
    xdotool(display, &["type", "--delay", "40", command]);
    std::thread::sleep(Duration::from_secs(1));
    xdotool(display, &["key", "Return"]);
}

#[test]
fn a_person_opens_looks_drops_resizes_closes_and_goes_on() {
    let Some((_server, display)) = display().filter(|_| has_xdotool()) else {
        println!("skipped: there is no Xvfb or no xdotool here");
        return;
    };
    let own = tempfile::tempdir().unwrap();
    let app = Running(program(&display, own.path(), "glow").spawn().unwrap());
    let id = window(&display);
    let key = |keys: &str| xdotool(&display, &["key", keys]);
    ask_for(&display, &id, "open the sample");
    keeps(own.path(), |state| state["inputs"] == json!(["sample"]));

    let folder = repository("assets/sample/bees");
    drag_source::drop_on(&display, id.parse().unwrap(), &folder).unwrap();
    keeps(own.path(), |state| {
        state["inputs"].as_array().is_some_and(|all| all.len() == 2)
    });

    // The keys of views are there once there are documents.
    let start = Instant::now();
    for (number, view) in [
        "map",
        "matrix",
        "compare",
        "table",
        "duplicates",
        "files",
        "models",
    ]
    .into_iter()
    .enumerate()
    .rev()
    {
        while kept(own.path())
            .iter()
            .all(|value| value["state"]["view"] != view)
        {
            assert!(
                start.elapsed() < Duration::from_mins(2),
                "{view} is not shown"
            );
            key(&format!("ctrl+{}", number + 1));
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    key("ctrl+4");
    keeps(own.path(), |state| state["view"] == "table");
    xdotool(&display, &["windowsize", "--sync", &id, "900", "600"]);
    key("ctrl+i");
    let has_put_away = |state: &Value| {
        let away = state["layout"]["narrow"]["tiles"]["invisible"].as_array();
        away.is_some_and(|away| !away.is_empty())
    };
    keeps(own.path(), has_put_away);
    drag_source::close(&display, id.parse().unwrap()).unwrap();
    ends(app);
    let left = kept(own.path()).remove(0)["state"].clone();
    assert!(has_put_away(&left));

    let mut again = program(&display, own.path(), "glow");
    let _again = Running(again.spawn().unwrap());
    let id = window(&display);
    ask_for(&display, &id, "continue the last session");
    let back = keeps(own.path(), |state| state["view"] == "table");
    for what in ["inputs", "settings", "tags"] {
        assert_eq!(back[what], left[what], "{what}");
    }
    assert_eq!(back["layout"]["narrow"], left["layout"]["narrow"]);
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
