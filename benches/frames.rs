//! Frame times of the real window, software-rasterized, while 5,000 passages embed.
//!
//! `cargo bench --bench frames`. Prints how long frames took (the wheel, layout and tessellation)
//! and how long with drawing on the CPU; asserts nothing.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::time::{Duration, Instant};

use egui::vec2;
use egui_kittest::Harness;
use semascope::session::{Command, Settings, Stage, Status};
use semascope::text::Tools;
use semascope::ui::App;
use semascope::workspace::Desk;

const N_PASSAGES: usize = 5000;
const WATCHED: Duration = Duration::from_secs(30);

/// Rows of a table, 24 words each, all different.
fn corpus(folder: &std::path::Path) -> std::path::PathBuf {
    let words = include_str!("../assets/sample/libraries/history-of-a-town-library.md");
    let words: Vec<&str> = words.split_whitespace().collect();
    let row = |i: usize| {
        let text: Vec<&str> = (0..24)
            .map(|j| words[(i * 7 + j * (1 + i % 13)) % words.len()])
            .collect();
        format!("{i},\"{}\"\n", text.join(" ").replace('"', ""))
    };
    let path = folder.join("rows.csv");
    let table: String = (0..N_PASSAGES).map(row).collect();
    std::fs::write(&path, format!("id,text\n{table}")).expect("a temporary file can be written");
    path
}

fn main() {
    // As the program does: one core stays free for the window.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads((cores - 1).max(1));
    pool.build_global().expect("threads can be started");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut window = Harness::builder()
        .with_size(vec2(1440.0, 900.0))
        .wgpu()
        .build_eframe(|creation| {
            App::new(
                &creation.egui_ctx,
                Settings::default(),
                Tools::default(),
                Desk::default(),
            )
        });
    let mut idle: Vec<Duration> = (0..60).map(|_| drawn_frame(&mut window).1).collect();
    print_times("nothing running, with drawing on the CPU", &mut idle);

    window
        .state_mut()
        .send(Command::AddPaths(vec![corpus(folder.path())]));

    let (mut steps, mut whole) = (Vec::new(), Vec::new());
    let mut embedding_since = None;
    while embedding_since.is_none_or(|since: Instant| since.elapsed() < WATCHED) {
        let (step, drawn) = drawn_frame(&mut window);
        steps.push(step);
        whole.push(drawn);
        match window.state().session().status(Stage::Embedding) {
            Status::Working(_) => drop(embedding_since.get_or_insert_with(Instant::now)),
            Status::Ready(_) => break,
            _ => {}
        }
    }
    println!(
        "{} frames while {N_PASSAGES} passages were read and embedded",
        steps.len()
    );
    print_times("without drawing", &mut steps);
    print_times("with drawing on the CPU", &mut whole);
}

/// How long one frame takes until it is laid out, and until its pixels are there.
fn drawn_frame(window: &mut Harness<'_, App>) -> (Duration, Duration) {
    let started = Instant::now();
    window.step();
    let step = started.elapsed();
    window.render().expect("the software rasterizer draws");
    (step, started.elapsed())
}

fn print_times(what: &str, times: &mut [Duration]) {
    times.sort();
    let ms = |at: usize| times[at.min(times.len() - 1)].as_secs_f64() * 1000.0;
    let (median, p99, worst) = (
        ms(times.len() / 2),
        ms(times.len() * 99 / 100),
        ms(times.len() - 1),
    );
    println!("{what}: median {median:.1} ms, 99 % {p99:.1} ms, worst {worst:.1} ms");
}
