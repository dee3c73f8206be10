//! Twenty thousand files, from drop to map.

use std::fs;
use std::time::{Duration, Instant};

use egui::vec2;
use egui_kittest::Harness;
use semascope::session::{Command, Settings};
use semascope::text::Amount;
use semascope::ui::App;
use semascope::workspace::Desk;

use crate::formats::tools;

const N_FILES: usize = 20_000;

/// Words that make each file say something of its own.
const WORDS: [&str; 16] = [
    "tide", "harbor", "bread", "oven", "chess", "queen", "garden", "frost", "ferry", "engine",
    "violin", "concert", "contract", "clause", "bee", "hive",
];

/// A number from the system's account of this process, in MB.
#[cfg(target_os = "linux")]
fn memory(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    line.trim()
        .trim_end_matches(" kB")
        .parse::<usize>()
        .unwrap()
        / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn twenty_thousand_files_show_as_a_map() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..N_FILES {
        let sub = folder.path().join(format!("{:03}", i / 100));
        if i % 100 == 0 {
            fs::create_dir(&sub).unwrap();
        }
        let word = |shift: usize| WORDS[(i >> shift) % WORDS.len()];
        fs::write(
            sub.join(format!("{i:05}.txt")),
            format!("{} {} {} {i}", word(0), word(4), word(8)),
        )
        .unwrap();
    }
    let mut settings = Settings::default();
    settings.read.amount = Amount::All;
    // Finding the number of clusters is another matter.
    settings.cluster.count = semascope::analysis::ClusterCount::Fixed(16);
    let mut window = Harness::builder()
        .with_size(vec2(1200.0, 760.0))
        .build_eframe(|creation| App::new(&creation.egui_ctx, settings, tools(), Desk::default()));
    window.step();
    let before = memory("VmRSS:");
    let started = Instant::now();
    window
        .state_mut()
        .send(Command::AddPaths(vec![folder.path().into()]));
    let (mut longest, mut n_frames) = (Duration::ZERO, 0);
    while window.state().session().map().is_none() {
        assert!(
            started.elapsed() < Duration::from_mins(7),
            "it took too long"
        );
        let frame = Instant::now();
        window.step();
        longest = longest.max(frame.elapsed());
        n_frames += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    let session = window.state().session();
    assert_eq!(session.items().unwrap().n(), N_FILES);
    assert!(session.corpus().unwrap().skipped.is_empty());
    println!(
        "{N_FILES} files on the map after {:.1} s; memory {before} MB before, {} MB at its peak; {n_frames} frames, the longest {} ms (without drawing)",
        started.elapsed().as_secs_f64(),
        memory("VmHWM:"),
        longest.as_millis()
    );
}
