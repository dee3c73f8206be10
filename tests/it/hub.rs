//! Fetching a model by name, from a small server on this computer.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::{finished, repository, semascope};

/// Serves `assets/model` as the repository `owner/model`, and counts requests.
fn serve() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let n_requests = Arc::new(AtomicUsize::new(0));
    let counter = n_requests.clone();
    let serve = move || {
        for stream in listener.incoming() {
            counter.fetch_add(1, Ordering::Relaxed);
            answer(&stream.unwrap());
        }
    };
    thread::Builder::new()
        .name("hub".into())
        .spawn(serve)
        .unwrap();
    (address, n_requests)
}

fn answer(mut stream: &TcpStream) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let file = request
        .split(' ')
        .nth(1)
        .and_then(|path| path.strip_prefix("/owner/model/resolve/main/"));
    let Some(bytes) = file.and_then(|file| fs::read(repository("assets/model").join(file)).ok())
    else {
        let _ = stream
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let range = headers.iter().find_map(|line| {
        let line = line.to_lowercase();
        let (from, to) = line
            .strip_prefix("range: bytes=")?
            .split_once('-')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        Some((
            from.parse::<usize>().ok()?,
            to.parse::<usize>().unwrap_or(usize::MAX),
        ))
    });
    let (start, end) = range.map_or((0, bytes.len()), |(from, to)| {
        (from, to.saturating_add(1).min(bytes.len()))
    });
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {start}-{}/{}\r\n\
         ETag: \"{}\"\r\nX-Repo-Commit: 0123abc\r\nAccept-Ranges: bytes\r\nConnection: close\r\n\r\n",
        end - start,
        end - 1,
        bytes.len(),
        file.unwrap().replace('/', "-")
    );
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&bytes[start..end]));
}

fn embed(model: &str, endpoint: &str, home: &std::path::Path) -> Command {
    let texts = home.join("texts.txt");
    fs::write(&texts, "A cat sleeps on the warm stove.\n").unwrap();
    let mut command = semascope();
    command
        .arg("embed")
        .arg(&texts)
        .arg("--out")
        .arg(home.join("v.npy"))
        .args(["--model", model]);
    command
        .env("HF_ENDPOINT", endpoint)
        .env("HF_HOME", home)
        .env_remove("HF_TOKEN");
    command
}

#[test]
fn a_model_is_fetched_once_and_then_works_offline() {
    let (endpoint, n_requests) = serve();
    let home = tempfile::tempdir().unwrap();
    let (code, _, said) = finished(&mut embed("owner/model", &endpoint, home.path()));
    assert_eq!(code, 0, "{said}");
    let fetched = n_requests.load(Ordering::Relaxed);
    assert!(fetched >= 6);
    let first = fs::read(home.path().join("v.npy")).unwrap();

    let (code, _, said) = finished(&mut embed("owner/model", "http://127.0.0.1:9", home.path()));
    assert_eq!(code, 0, "{said}");
    assert_eq!(fs::read(home.path().join("v.npy")).unwrap(), first);
    assert_eq!(n_requests.load(Ordering::Relaxed), fetched);
}

#[test]
fn offline_and_unknown_models_are_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let (code, _, said) = finished(&mut embed("owner/other", "http://127.0.0.1:9", home.path()));
    assert_eq!(code, 2);
    assert!(
        said.starts_with("Could not fetch the model owner/other. Connect to the network once"),
        "{said}"
    );

    let (endpoint, _) = serve();
    let (code, _, said) = finished(&mut embed("owner/other", &endpoint, home.path()));
    assert_eq!(code, 2);
    assert!(said.contains("The hub has no such model"), "{said}");
}
