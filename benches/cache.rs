//! How long it takes to keep and to find vectors again: `cargo bench --bench cache -- 1000000`.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::time::Instant;

use semascope::cache::{Cache, Key, key};

const DIM: usize = 384;
const BLOCK: usize = 256;

fn main() {
    let n = std::env::args()
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(100_000);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let keys: Vec<Key> = (0..n).map(|i| key("model", &i.to_string())).collect();
    let vector = |i: usize| -> Vec<f32> { (0..DIM).map(|j| ((i + j) % 1000) as f32).collect() };

    let cache = Cache::open(folder.path());
    let started = Instant::now();
    for (block, keys) in keys.chunks(BLOCK).enumerate() {
        let rows: Vec<Vec<f32>> = (0..keys.len()).map(|i| vector(block * BLOCK + i)).collect();
        cache.store(keys.iter().copied().zip(rows.iter().map(Vec::as_slice)));
    }
    let wrote = started.elapsed().as_secs_f64();
    let usage = cache.usage().expect("the cache is open");
    println!(
        "{n} vectors written in {wrote:.2} s, {:.0} MB",
        usage.n_bytes as f64 / 1e6
    );
    drop(cache);

    for round in ["first", "second"] {
        let cache = Cache::open(folder.path());
        let started = Instant::now();
        let mut n_found = 0;
        cache.load(&keys, DIM, &mut |_, row| {
            n_found += 1;
            std::hint::black_box(row);
        });
        let took = started.elapsed().as_secs_f64();
        assert_eq!(n_found, n);
        assert!(cache.notices().is_empty());
        println!(
            "{round} load of all: {took:.2} s, {:.2} s per million, checksums included",
            took * 1e6 / n as f64
        );
    }
    let cache = Cache::open(folder.path());
    let started = Instant::now();
    let mut n_found = 0;
    let some: Vec<Key> = keys.iter().copied().step_by((n / 1000).max(1)).collect();
    cache.load(&some, DIM, &mut |_, _| n_found += 1);
    println!(
        "{n_found} of them, spread over all: {:.0} ms",
        started.elapsed().as_secs_f64() * 1e3
    );
}
