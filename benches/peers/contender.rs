//! Our part in `benches/peers`: embeds all texts whenever it is told to, and prints the seconds.
//!
//! `contender [--precision auto|f32] texts.json vectors.npy`; the protocol is that of `common.py`.

#![expect(
    clippy::print_stdout,
    reason = "the protocol is spoken on standard output"
)]

use std::fs::File;
use std::io::{BufRead as _, BufWriter, stdin};
use std::time::Instant;

use semascope::embed::{EmbedderChoice, PrecisionRule, open};
use semascope::progress::Progress;
use semascope::vectors::write_npy;

/// Texts that are embedded before anything is measured.
const N_WARM_UP: usize = 50;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut precision = PrecisionRule::Auto;
    if let Some(at) = args.iter().position(|arg| arg == "--precision") {
        if args.get(at + 1).is_some_and(|word| word == "f32") {
            precision = PrecisionRule::F32;
        }
        args.drain(at..at + 2);
    }
    let [texts, vectors] = &args[..] else {
        return Err("contender [--precision auto|f32] texts.json vectors.npy".into());
    };
    let texts: Vec<String> = serde_json::from_reader(File::open(texts)?)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = open(&EmbedderChoice::Bundled, precision, &Progress::new())?;
    let mut rows = model.embed(&texts[..texts.len().min(N_WARM_UP)], &Progress::new())?;
    println!("ready");
    for line in stdin().lock().lines() {
        if line? == "go" {
            let started = Instant::now();
            rows = model.embed(&texts, &Progress::new())?;
            println!("{:.6}", started.elapsed().as_secs_f64());
        }
    }
    write_npy(BufWriter::new(File::create(vectors)?), rows.view())?;
    Ok(())
}
