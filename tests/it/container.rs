//! The image of `assets/sagemaker`, built and run by an engine as SageMaker would run it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::http::Client;
use crate::serve::check_rows;
use crate::support::repository;

/// How `tests/container.sh` says that it cannot run here.
const SKIPPED: i32 = 77;

/// SageMaker gives a start three minutes; this one reads its model from the image.
const PATIENCE: Duration = Duration::from_mins(1);

/// What goes into the image: a release build that is named, or the program as it is tested.
fn program() -> PathBuf {
    std::env::var_os("SEMASCOPE_CONTAINER_PROGRAM")
        .map_or_else(|| env!("CARGO_BIN_EXE_semascope").into(), PathBuf::from)
}

/// When it was well.
fn wait(address: SocketAddr) -> Instant {
    let started = Instant::now();
    loop {
        // Until the program listens, the engine ends each connection.
        let answer = Client::new(address).ask("GET", "/ping", &[], b"");
        if answer.is_ok_and(|answer| answer.status == 200) {
            return Instant::now();
        }
        assert!(started.elapsed() < PATIENCE, "it never became well");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_image_is_small_and_answers_where_nothing_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut script = Command::new(repository("tests/container.sh"))
        .arg(program())
        .arg(folder.path().join("engine"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(script.stdout.take().unwrap()).lines();
    let mut told = BTreeMap::new();
    let mut started = Instant::now();
    while !told.contains_key("address") {
        let Some(line) = lines.next() else {
            let code = script.wait().unwrap().code();
            let log = fs::read_to_string(&log).unwrap();
            assert_eq!(code, Some(SKIPPED), "{log}");
            println!("skipped: {}", log.lines().last().unwrap_or_default());
            return;
        };
        let line = line.unwrap();
        let (name, value) = line.split_once('=').unwrap();
        if name == "starting" {
            started = Instant::now();
        }
        told.insert(name.to_owned(), value.to_owned());
    }
    let address = told["address"].parse().unwrap();
    let healthy = wait(address).duration_since(started);

    let texts = ["Low water.", "Das Wasser ist niedrig. 水位低。", ""];
    let mut client = Client::new(address);
    let answer = client.post("/invocations", &json!({"inputs": texts}).to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    check_rows(&answer.json::<Vec<Vec<f32>>>(), &texts);
    // Enough to see what it takes when it is busy.
    let long = json!({"inputs": vec!["A sentence of some length. ".repeat(40); 64]}).to_string();
    let answer = client.post("/invocations", &long);
    assert_eq!(answer.json::<Vec<Vec<f32>>>().len(), 64);
    drop(client);

    drop(script.stdin.take());
    for line in lines {
        let line = line.unwrap();
        let (name, value) = line.split_once('=').unwrap();
        told.insert(name.to_owned(), value.to_owned());
    }
    let status = script.wait().unwrap();
    assert!(status.success(), "{}", fs::read_to_string(&log).unwrap());

    let image_bytes: u64 = told["image_bytes"].parse().unwrap();
    println!(
        "image {:.0} MB, {}; well {} ms after docker run; memory {}",
        image_bytes as f64 / 1e6,
        told["manifest"],
        healthy.as_millis(),
        told["memory"],
    );
    assert!(image_bytes < 200_000_000, "{image_bytes}");
    assert_eq!(
        told["manifest"],
        "application/vnd.docker.distribution.manifest.v2+json"
    );
    assert!(
        told["labels"]
            .contains(r#""com.amazonaws.sagemaker.capabilities.accept-bind-to-port":"true""#)
    );
    // SageMaker wants the root user, which no name means.
    assert_eq!(told["user"], "");
    assert_eq!(told["exit_code"], "0", "it drains and ends when asked to");
}
