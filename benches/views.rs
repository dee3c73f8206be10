//! Frames of the map, the matrix and the table with very many items, drawn by the processor at
//! 1600 × 1000 while one pans, zooms and scrolls.
//!
//! `xvfb-run -s "-screen 0 1600x1000x24" cargo bench --bench views [map|window]`. The window is a
//! real one, drawn by OpenGL as the program does it where there is no graphics processor, only that
//! the events of the mouse are made here and that it does not wait for the screen. A frame is all
//! from its events to those of the next: layout, triangles, textures, drawing, and the pixels handed
//! to the display. Printed are the median and the worst of each gesture, and the median of the part
//! until everything is laid out, in which the points are counted or drawn to a picture. As in the
//! program one core stays free for the window. It asserts nothing.
//!
//! - `map`: what the map view draws for 100,000 and 1,000,000 synthetic points in 12 clusters with
//!   noise between, over the whole window, with names, picking and the ring around the dot under
//!   the mouse. It is given points and labels, because finding the neighbors of 1,000,000 items
//!   would take an hour.
//! - `window`: the window of the program with 100,000 imported vectors of 384 numbers, its map, its
//!   matrix and its table, beside the panels. What these do not need is stopped first.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::NativeOptions;
use egui::{
    CentralPanel, Context, Event, Frame, Modifiers, PointerButton, Pos2, RawInput, Rect, Ui, Vec2,
    ViewportBuilder, ViewportCommand, pos2, vec2,
};
use ndarray::Array2;
use semascope::session::{Command, Settings, Stage, Status};
use semascope::text::Tools;
use semascope::ui::{App, MapBench, has_display};
use semascope::vectors::write_npy;
use semascope::workspace::Desk;

const SIZE: Vec2 = vec2(1600.0, 1000.0);
/// Of a gesture.
const N_FRAMES: usize = 90;
const N_CLUSTERS: usize = 12;
/// Items in the window, and numbers of each.
const IMPORTED: (usize, usize) = (100_000, 384);

fn main() -> eframe::Result {
    if !has_display() {
        println!("there is no display; start it with xvfb-run");
        return Ok(());
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads((cores - 1).max(1));
    pool.build_global().expect("threads can be started");
    let mut parts = VecDeque::from([Part::Map(100_000), Part::Map(1_000_000), Part::Window]);
    let args: Vec<String> = std::env::args().collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    if has("map") != has("window") {
        parts.retain(|part| has("window") == matches!(part, Part::Window));
    }
    let glow_options = eframe::egui_glow::GlowConfiguration {
        vsync: false,
        ..Default::default()
    };
    let options = NativeOptions {
        viewport: ViewportBuilder::default().with_inner_size(SIZE),
        renderer: eframe::Renderer::Glow,
        glow_options,
        dithering: false,
        ..NativeOptions::default()
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let driver = |creation: &eframe::CreationContext<'_>| {
        MapBench::install(&creation.egui_ctx);
        Ok(Box::new(Driver::new(parts, folder.path())) as Box<dyn eframe::App>)
    };
    eframe::run_native("semascope views", options, Box::new(driver))
}

/// What is measured after each other.
#[derive(Clone, Copy)]
enum Part {
    /// A map of so many points.
    Map(usize),
    /// The program.
    Window,
}

/// What is in the window.
enum Shown {
    Nothing,
    Map(Box<MapBench>),
    App(Box<App>),
}

/// Moves the mouse in the place of a hand, and takes the time.
struct Driver {
    parts: VecDeque<Part>,
    folder: PathBuf,
    /// For the program to have analyzed its items.
    is_waiting: bool,
    shown: Shown,
    gestures: VecDeque<(String, Gesture)>,
    times: Vec<Times>,
    /// In what manners the map was drawn.
    manners: Vec<String>,
    n_frames: usize,
    began: Instant,
    layout: Duration,
}

impl Driver {
    fn new(parts: VecDeque<Part>, folder: &Path) -> Self {
        Self {
            parts,
            folder: folder.to_owned(),
            is_waiting: false,
            shown: Shown::Nothing,
            gestures: VecDeque::new(),
            times: Vec::new(),
            manners: Vec::new(),
            n_frames: 0,
            began: Instant::now(),
            layout: Duration::ZERO,
        }
    }

    /// The events of the next frame.
    fn next_events(&mut self, ctx: &Context) -> Vec<Event> {
        while let Some((name, gesture)) = self.gestures.front_mut() {
            let events = gesture(self.n_frames);
            if !events.is_empty() {
                self.n_frames += 1;
                return events;
            }
            let manners = self.manners.join(", then ");
            print_times(&format!("{name} {manners}"), &self.times);
            self.gestures.pop_front();
            self.times.clear();
            self.manners.clear();
            self.n_frames = 0;
        }
        let Some(part) = self.parts.pop_front() else {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return Vec::new();
        };
        self.begin(part, ctx);
        if self.is_waiting {
            return Vec::new();
        }
        self.next_events(ctx)
    }

    fn begin(&mut self, part: Part, ctx: &Context) {
        match part {
            Part::Map(n) => {
                let (points, labels) = heaps(n);
                self.shown = Shown::Map(Box::new(MapBench::new(points, labels)));
                let whole = Rect::from_min_size(Pos2::ZERO, SIZE);
                let first: Gesture = Box::new(|frame| still(frame, 1));
                self.gestures
                    .push_back((format!("map of {n} points, first frame"), first));
                self.add_gestures(&format!("map of {n} points"), whole);
            }
            Part::Window => {
                let desk = Desk::default();
                let mut app = App::new(ctx, Settings::default(), Tools::default(), desk);
                app.send(imported(&self.folder));
                self.shown = Shown::App(Box::new(app));
                self.is_waiting = true;
                // The picture lies in the middle, between the documents and the inspector.
                let middle = Rect::from_center_size(pos2(760.0, 550.0), vec2(400.0, 400.0));
                for (view, key) in [("map", egui::Key::Num1), ("matrix", egui::Key::Num2)] {
                    let name = format!("window, {view} of {} items", IMPORTED.0);
                    let show = move |frame| shown(key, frame);
                    let named = (format!("{name}, opened"), Box::new(show) as Gesture);
                    self.gestures.push_back(named);
                    self.add_gestures(&name, middle);
                }
                self.add_table(middle.center());
            }
        }
    }

    fn add_table(&mut self, middle: Pos2) {
        let name = format!("window, table of {} rows", IMPORTED.0);
        let parts: [(&str, Gesture); 4] = [
            ("opened", Box::new(|frame| shown(egui::Key::Num4, frame))),
            ("nothing moves", Box::new(|frame| still(frame, 30))),
            (
                "scrolling",
                Box::new(move |frame| scroll(middle, 40.0, frame)),
            ),
            (
                "scrolling a page a frame",
                Box::new(move |frame| scroll(middle, 700.0, frame)),
            ),
        ];
        let named = parts.map(|(part, gesture)| (format!("{name}, {part}"), gesture));
        self.gestures.extend(named);
    }

    fn add_gestures(&mut self, name: &str, over: Rect) {
        let gestures = gestures(over).into_iter();
        let named = gestures.map(|(gesture, events)| (format!("{name}, {gesture}"), events));
        self.gestures.extend(named);
    }
}

impl eframe::App for Driver {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let now = Instant::now();
        if self.n_frames > 0 {
            self.times.push((self.layout, now - self.began));
        }
        if let Shown::App(app) = &mut self.shown
            && self.is_waiting
        {
            std::thread::sleep(Duration::from_millis(50));
            self.is_waiting = !is_analyzed(app);
        }
        input.events = if self.is_waiting {
            Vec::new()
        } else {
            self.next_events(ctx)
        };
        self.began = Instant::now();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        match &self.shown {
            Shown::App(app) => app.clear_color(visuals),
            Shown::Nothing | Shown::Map(_) => [1.0; 4],
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Map(map) => {
                CentralPanel::default().frame(Frame::NONE).show(ui, |ui| {
                    let manner = format!("as {:?}", map.ui(ui)).to_lowercase();
                    if self.manners.last() != Some(&manner) {
                        self.manners.push(manner);
                    }
                });
            }
            Shown::App(app) => {
                app.logic(ui.ctx(), frame);
                app.ui(ui, frame);
            }
        }
        self.layout = self.began.elapsed();
        ui.ctx().request_repaint();
    }
}

/// Whether there are a map and a matrix, and nothing else is being worked out; stops what neither
/// needs.
fn is_analyzed(app: &mut App) -> bool {
    let needed = [
        Stage::Corpus,
        Stage::Passages,
        Stage::Embedding,
        Stage::Projection,
        Stage::Neighbors,
        Stage::Clusters,
        Stage::Order,
    ];
    for stage in Stage::ALL {
        let is_working = matches!(app.session().status(stage), Status::Working(_));
        if is_working && !needed.contains(&stage) {
            app.send(Command::Stop(stage));
        }
    }
    app.session().order().is_some() && !app.is_busy()
}

/// The keys that show a view, and some frames for it to be there.
fn shown(key: egui::Key, frame: usize) -> Vec<Event> {
    match frame {
        0 => vec![Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::COMMAND,
        }],
        1..40 => vec![Event::PointerGone],
        _ => Vec::new(),
    }
}

type Gesture = Box<dyn FnMut(usize) -> Vec<Event>>;

/// What a hand does, by frame.
fn gestures(over: Rect) -> [(&'static str, Gesture); 6] {
    let middle = over.center();
    [
        ("nothing moves", Box::new(|frame| still(frame, 30))),
        (
            "pointing at dots",
            Box::new(move |frame| match frame {
                N_FRAMES => Vec::new(),
                _ => vec![Event::PointerMoved(around(over, frame))],
            }),
        ),
        ("panning", Box::new(move |frame| pan(over, frame))),
        (
            "zooming in",
            Box::new(move |frame| zoom(middle, 1.06, frame)),
        ),
        ("panning close up", Box::new(move |frame| pan(over, frame))),
        (
            "zooming out",
            Box::new(move |frame| zoom(middle, 1.0 / 1.06, frame)),
        ),
    ]
}

/// Nothing, for `n` frames: the mouse is elsewhere. No events end a gesture.
fn still(frame: usize, n: usize) -> Vec<Event> {
    if frame < n {
        vec![Event::PointerGone]
    } else {
        Vec::new()
    }
}

/// On a way around the middle, some pixels a frame.
fn around(over: Rect, frame: usize) -> Pos2 {
    let angle = frame as f32 / N_FRAMES as f32 * std::f32::consts::TAU;
    (over.center() + Vec2::angled(angle) * over.size().min_elem() * 0.4).round()
}

fn pan(over: Rect, frame: usize) -> Vec<Event> {
    let at = around(over, frame);
    let button = |pressed: bool| Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    match frame {
        0 => vec![Event::PointerMoved(at), button(true)],
        N_FRAMES => Vec::new(),
        _ if frame + 1 == N_FRAMES => vec![Event::PointerMoved(at), button(false)],
        _ => vec![Event::PointerMoved(at)],
    }
}

fn zoom(at: Pos2, factor: f32, frame: usize) -> Vec<Event> {
    match frame {
        0 => vec![Event::PointerMoved(at)],
        N_FRAMES => Vec::new(),
        _ => vec![Event::Zoom(factor)],
    }
}

/// The wheel, that many points a frame.
fn scroll(at: Pos2, points: f32, frame: usize) -> Vec<Event> {
    match frame {
        0 => vec![Event::PointerMoved(at)],
        N_FRAMES => Vec::new(),
        _ => vec![Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -points),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        }],
    }
}

/// How long a frame took to be laid out, and in all.
type Times = (Duration, Duration);

fn print_times(what: &str, times: &[Times]) {
    if times.is_empty() {
        return;
    }
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let sorted = |of: fn(&Times) -> Duration| {
        let mut times: Vec<Duration> = times.iter().map(of).collect();
        times.sort();
        times
    };
    let (layout, whole) = (sorted(|times| times.0), sorted(|times| times.1));
    let median = ms(whole[whole.len() / 2]);
    println!(
        "{what}: {:.0} frames/s; median {median:.1} ms, of which layout {:.1}; worst {:.1} ms",
        1000.0 / median,
        ms(layout[layout.len() / 2]),
        ms(whole[whole.len() - 1])
    );
}

/// A number that looks random, 0 to 1.
fn noise(seed: u64) -> f32 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 40) as f32 / (1 << 24) as f32
}

/// A number near 0, rarely beyond 3 on either side.
fn bell(seed: u64) -> f32 {
    (0..12).map(|i| noise(12 * seed + i)).sum::<f32>() - 6.0
}

/// Clusters of different sizes, and a twentieth of the points between them.
fn heaps(n: usize) -> (Array2<f32>, Vec<Option<usize>>) {
    let cluster = |item: usize| {
        let place = noise(item as u64);
        (place < 0.95).then(|| ((place / 0.95).powi(2) * N_CLUSTERS as f32) as usize)
    };
    let labels: Vec<Option<usize>> = (0..n).map(cluster).collect();
    let points = Array2::from_shape_fn((n, 2), |(item, axis)| {
        let seed = (2 * item + axis) as u64 + 7_000_000;
        match labels[item] {
            None => 16.0 * noise(seed) - 8.0,
            Some(cluster) => {
                let middle = 12.0 * noise((2 * cluster + axis) as u64 + 99) - 6.0;
                middle + bell(seed) * (0.4 + 0.1 * (cluster % 5) as f32)
            }
        }
    });
    (points, labels)
}

/// Vectors around as many directions as there are clusters, each with a text.
fn imported(folder: &Path) -> Command {
    let (n, d) = IMPORTED;
    let rows = Array2::from_shape_fn((n, d), |(item, at)| {
        let middle = noise(((item % N_CLUSTERS) * d + at) as u64) - 0.5;
        middle + noise((item * d + at) as u64 + 1_000_000) - 0.5
    });
    let (vectors, texts) = (folder.join("vectors.npy"), folder.join("texts.txt"));
    let file = File::create(&vectors).expect("a temporary file can be made");
    write_npy(BufWriter::new(file), rows.view()).expect("a temporary file can be written");
    let line = |i: usize| format!("Text number {i} of the synthetic ones, in words of its own\n");
    let lines: String = (0..n).map(line).collect();
    fs::write(&texts, lines).expect("a temporary file can be written");
    Command::Import { vectors, texts }
}
