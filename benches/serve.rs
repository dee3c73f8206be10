//! The server against the model without one, in one run: texts a second with 16 clients at once, and
//! how long a single short text takes meanwhile.
//!
//! `cargo bench --bench serve`

#![expect(clippy::print_stdout, reason = "figures are printed")]
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

#[path = "../tests/it/http.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod http;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use semascope::embed::{EmbedderChoice, PrecisionRule, open};
use semascope::progress::Progress;
use serde_json::json;

use http::Client;

const N_CLIENTS: usize = 16;
/// Texts of one request.
const N_PER_REQUEST: usize = 16;
/// Texts of a round.
const N: usize = 1_536;
/// The two take turns, so that both meet whatever else the computer does.
const N_ROUNDS: usize = 3;

fn main() {
    let texts = texts();
    let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
    let progress = Progress::new();
    let model = open(&EmbedderChoice::Bundled, PrecisionRule::Auto, &progress).unwrap();
    let (_child, address) = served();
    let bytes: usize = texts.iter().map(String::len).sum();
    println!(
        "{N} texts, {} bytes each on average; {}",
        bytes / N,
        model.summary()
    );
    let (mut alone, mut behind, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..N_ROUNDS {
        let started = Instant::now();
        model.embed(&refs, &progress).unwrap();
        alone.push(N as f64 / started.elapsed().as_secs_f64());
        let (rate, round) = under_load(address, &texts);
        behind.push(rate);
        waits.extend(round);
    }
    let (alone, behind) = (median(&mut alone), median(&mut behind));
    println!("without a server: {alone:.0} texts/s");
    println!(
        "{N_CLIENTS} clients at once: {behind:.0} texts/s, {:.3} of it",
        behind / alone
    );
    waits.sort_by(f64::total_cmp);
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize];
    println!(
        "a short text meanwhile, {} times: median {:.0} ms, p99 {:.0} ms, worst {:.0} ms",
        waits.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn texts() -> Vec<String> {
    let words = include_str!("../tests/it/serve.rs").split_whitespace();
    let words: Vec<&str> = words
        .filter(|word| word.chars().all(char::is_alphabetic))
        .collect();
    // From a few words to about 200, so that requests differ.
    (0..N)
        .map(|i| {
            let n = 3 + (i * 7919) % 190;
            words
                .iter()
                .cycle()
                .skip(i % words.len())
                .take(n)
                .copied()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn served() -> (Ended, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_semascope"));
    let mut child = command
        .args(["serve", "--port", "0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first
        .strip_prefix("Listening on http://")
        .unwrap()
        .parse()
        .unwrap();
    while Client::new(address).get("/ping").status != 200 {
        thread::sleep(Duration::from_millis(10));
    }
    (Ended(child), address)
}

/// Texts a second over all clients, and the milliseconds that each short text took meanwhile.
fn under_load(address: SocketAddr, texts: &[String]) -> (f64, Vec<f64>) {
    let bodies: Vec<String> = texts
        .chunks(N_PER_REQUEST)
        .map(|texts| json!({"inputs": texts}).to_string())
        .collect();
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let short = scope.spawn(|| {
            let mut client = Client::new(address);
            let mut waits = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let started = Instant::now();
                let answer = client.post("/invocations", r#"{"inputs": "A short question?"}"#);
                assert_eq!(answer.status, 200);
                waits.push(started.elapsed().as_secs_f64() * 1e3);
                thread::sleep(Duration::from_millis(5));
            }
            waits
        });
        let started = Instant::now();
        let clients: Vec<_> = (0..N_CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::new(address);
                    while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                        assert_eq!(client.post("/invocations", body).status, 200);
                    }
                })
            })
            .collect();
        for client in clients {
            client.join().unwrap();
        }
        let rate = texts.len() as f64 / started.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        (rate, short.join().unwrap())
    })
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
