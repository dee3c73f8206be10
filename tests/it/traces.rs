//! What the program asks of the system: it writes nothing below the folders that were opened, and
//! opens no way to any network.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::support::{repository, semascope};

/// A folder of files of many formats.
fn corpus() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for family in ["pdf", "office", "mail", "data", "open"] {
        let from = repository("tests/fixtures/corpus").join(family);
        let to = folder.path().join(family);
        fs::create_dir(&to).unwrap();
        for entry in fs::read_dir(from).unwrap().take(8) {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    folder
}

/// Content and time of change of every file.
fn state(folder: &Path) -> BTreeMap<std::path::PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(state(&path));
        } else {
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            found.insert(path.clone(), (fs::read(&path).unwrap(), changed));
        }
    }
    found
}

#[test]
fn a_local_run_writes_nowhere_but_where_it_was_told_and_opens_no_network() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: there is no strace here");
        return;
    }
    let (texts, own, out) = (
        corpus(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let log = own.path().join("trace");
    let before = state(texts.path());
    let mut command = Command::new("strace");
    command.args(["-ff", "-qq", "-y", "-o"]).arg(&log);
    command.args([
        "-e",
        "trace=%file,%network,ftruncate,fallocate,fchmod,fchown",
    ]);
    command
        .arg(semascope().get_program())
        .arg("run")
        .arg(texts.path());
    command.arg("--out").arg(out.path());
    command
        .env("XDG_CACHE_HOME", own.path().join("cache"))
        .env("XDG_DATA_HOME", own.path().join("data"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let traced = command.output().unwrap();
    assert!(
        traced.status.success(),
        "{}",
        String::from_utf8_lossy(&traced.stderr)
    );

    // One file for each thread, or a call that another one interrupts is told in two halves.
    let logs = fs::read_dir(own.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let logs = logs
        .filter(|path| path.is_file())
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned());
    let trace: String = logs.collect();
    let place = texts.path().to_string_lossy();
    let mut wrong = Vec::new();
    let (mut n_below, mut n_network) = (0, 0);
    for line in trace.lines() {
        let call = line.split('(').next().unwrap_or_default();
        if [
            "socket",
            "socketpair",
            "connect",
            "bind",
            "sendto",
            "sendmsg",
            "listen",
        ]
        .contains(&call)
        {
            n_network += 1;
            // Between a program and its own workers, at most.
            if !line.contains("AF_UNIX") {
                wrong.push(line.to_owned());
            }
        }
        if !line.contains(&*place) || line.contains("execve(") {
            continue;
        }
        n_below += 1;
        let opens_to_write = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"]
            .iter()
            .any(|flag| line.contains(flag));
        let only_looks = [
            "open",
            "openat",
            "stat",
            "statx",
            "newfstatat",
            "lstat",
            "access",
            "faccessat2",
            "readlink",
            "getcwd",
            "chdir",
            "statfs",
        ]
        .contains(&call);
        if opens_to_write || !only_looks {
            wrong.push(line.to_owned());
        }
    }
    println!(
        "{n_below} calls below the folder, all of them reading; {n_network} calls about sockets, none to a network"
    );
    assert!(n_below > 40, "the trace shows too little to tell anything");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(state(texts.path()), before);
}

#[test]
fn a_second_run_embeds_nothing_and_writes_the_same() {
    let (own, first, second) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let run = |out: &Path, more: &[&str]| {
        let mut command = semascope();
        command
            .env_remove("SEMASCOPE_NO_CACHE")
            .env("XDG_CACHE_HOME", own.path());
        command
            .arg("run")
            .arg(repository("assets/sample/tides"))
            .arg("--out")
            .arg(out)
            .args(more);
        let (code, _, said) = crate::support::finished(&mut command);
        assert_eq!(code, 0, "{said}");
        let report: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
        let n = |key: &str| report["cache"][key].as_u64().unwrap();
        (n("hits"), n("misses"))
    };
    let (hits, misses) = run(first.path(), &[]);
    assert!(hits == 0 && misses > 0);
    assert_eq!(run(second.path(), &[]), (misses, 0));
    for name in [
        "embeddings.npy",
        "similarity.npy",
        "documents.csv",
        "map.svg",
    ] {
        assert_eq!(
            fs::read(first.path().join(name)).unwrap(),
            fs::read(second.path().join(name)).unwrap(),
            "{name}"
        );
    }
    assert_eq!(run(second.path(), &["--no-cache"]), (0, misses));

    let cache = |more: &[&str]| {
        let mut command = semascope();
        command
            .env_remove("SEMASCOPE_NO_CACHE")
            .env("XDG_CACHE_HOME", own.path())
            .arg("cache")
            .args(more);
        crate::support::finished(&mut command)
    };
    let (code, printed, _) = cache(&[]);
    assert_eq!(code, 0);
    assert!(
        printed.starts_with(&format!("{misses} vectors, ")) && printed.contains("cache-1.sqlite"),
        "{printed}"
    );
    assert!(cache(&["--clear"]).1.starts_with("0 vectors, "));
    assert_eq!(cache(&["--no-cache"]).0, 2);
}
