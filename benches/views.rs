//! Frames of the map, the matrix and the table with very many items, drawn by the processor at
//! 1600 × 1000 while one pans, zooms and scrolls.
//!
//! `xvfb-run -s "-screen 0 1600x1000x24" cargo bench --bench views [map|window|work]`. The window is a
//! real one, drawn by OpenGL as the program does it where there is no graphics processor, only that
//! the events of the mouse are made here and that it does not wait for the screen. A frame is all
//! from its events to those of the next: layout, triangles, textures, drawing, and the pixels handed
//! to the display. Printed are the median and the worst of each gesture, and of both the part until
//! everything is laid out, in which the points are counted or drawn to a picture. As in the
//! program one core stays free for the window. It asserts nothing.
//!
//! - `map`: what the map view draws for 100,000 and 1,000,000 synthetic points in 12 clusters with
//!   noise between, over the whole window, with names, picking and the ring around the dot under
//!   the mouse. It is given points and labels, because finding the neighbors of 1,000,000 items
//!   would take an hour.
//! - `window`: the window of the program with 100,000 imported vectors of 384 numbers, its map, its
//!   matrix and its table, beside the panels. What these do not need is stopped first.
//! - `work`: the same window while 5,000 passages are read, embedded, analyzed and laid out by UMAP,
//!   and while a workspace with all that is opened and saved.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::{BTreeMap, VecDeque};
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
use semascope::analysis::ProjectionMethod;
use semascope::jobs::step_back;
use semascope::session::{Command, Settings, Stage, Status, encode};
use semascope::text::Tools;
use semascope::ui::{App, MapBench, has_display};
use semascope::vectors::write_npy;
use semascope::workspace::{self, Desk};

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
    pool.start_handler(|_| step_back())
        .build_global()
        .expect("threads can be started");
    let parts = [
        Part::Map(100_000),
        Part::Map(1_000_000),
        Part::Window,
        Part::Work,
    ];
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let is_asked = |part: &Part| asked.iter().any(|name| name == part.name());
    let is_all = !parts.iter().any(is_asked);
    let parts = parts.into_iter().filter(|part| is_all || is_asked(part));
    let parts: VecDeque<Part> = parts.collect();
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
    /// The program with very many items.
    Window,
    /// The program at work.
    Work,
}

impl Part {
    fn name(&self) -> &'static str {
        match self {
            Self::Map(_) => "map",
            Self::Window => "window",
            Self::Work => "work",
        }
    }
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
    shown: Shown,
    steps: VecDeque<Step>,
    times: Vec<Times>,
    /// Of what one waits for: by what the program is busy with.
    of_work: BTreeMap<String, Vec<Times>>,
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
            shown: Shown::Nothing,
            steps: VecDeque::new(),
            times: Vec::new(),
            of_work: BTreeMap::new(),
            manners: Vec::new(),
            n_frames: 0,
            began: Instant::now(),
            layout: Duration::ZERO,
        }
    }

    /// The events of the next frame.
    fn next_events(&mut self, ctx: &Context) -> Vec<Event> {
        while let Some(step) = self.steps.front_mut() {
            let events = match (step, &mut self.shown) {
                (Step::Gesture(_, gesture), _) => gesture(self.n_frames),
                (Step::Wait(_, begin, until), Shown::App(app)) => {
                    if self.n_frames == 0 {
                        begin(app, &self.folder);
                    }
                    // The work begins in the first frame.
                    if self.n_frames > 3 && until(app) {
                        Vec::new()
                    } else {
                        vec![Event::PointerMoved(around(WAITING, self.n_frames))]
                    }
                }
                (Step::Wait(..), Shown::Nothing | Shown::Map(_)) => Vec::new(),
            };
            if !events.is_empty() {
                self.n_frames += 1;
                return events;
            }
            self.end_step();
        }
        let Some(part) = self.parts.pop_front() else {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return Vec::new();
        };
        self.begin(part, ctx);
        self.next_events(ctx)
    }

    fn end_step(&mut self) {
        match self.steps.pop_front() {
            Some(Step::Gesture(name, _)) => {
                let manners = self.manners.join(", then ");
                print_times(&format!("{name} {manners}"), &self.times);
            }
            Some(Step::Wait(name, ..)) => {
                for (work, times) in &self.of_work {
                    print_times(&format!("{name}, {work}"), times);
                }
            }
            None => {}
        }
        self.times.clear();
        self.of_work.clear();
        self.manners.clear();
        self.n_frames = 0;
    }

    /// Takes the time of the frame that has passed.
    fn take_time(&mut self) {
        if self.n_frames == 0 {
            return;
        }
        let times = (self.layout, self.began.elapsed());
        self.times.push(times);
        if let (Some(Step::Wait(..)), Shown::App(app)) = (self.steps.front(), &self.shown) {
            let of_work = self.of_work.entry(busy_with(app)).or_default();
            of_work.push(times);
        }
    }

    fn add_gesture(&mut self, name: String, gesture: Gesture) {
        self.steps.push_back(Step::Gesture(name, gesture));
    }

    fn add_wait(&mut self, name: &str, begin: Begin, until: fn(&mut App) -> bool) {
        self.steps.push_back(Step::Wait(name.into(), begin, until));
    }

    fn begin(&mut self, part: Part, ctx: &Context) {
        match part {
            Part::Map(n) => {
                let (points, labels) = heaps(n);
                self.shown = Shown::Map(Box::new(MapBench::new(points, labels)));
                let whole = Rect::from_min_size(Pos2::ZERO, SIZE);
                let first: Gesture = Box::new(|frame| still(frame, 1));
                self.add_gesture(format!("map of {n} points, first frame"), first);
                self.add_gestures(&format!("map of {n} points"), whole);
            }
            Part::Window => {
                self.shown = Shown::App(Box::new(opened(ctx)));
                let name = format!("window, {} vectors are imported", IMPORTED.0);
                let begin = |app: &mut App, folder: &Path| app.send(imported(folder));
                self.add_wait(&name, Box::new(begin), is_analyzed);
                // The picture lies in the middle, between the documents and the inspector.
                let middle = Rect::from_center_size(pos2(760.0, 550.0), vec2(400.0, 400.0));
                for (view, key) in [("map", egui::Key::Num1), ("matrix", egui::Key::Num2)] {
                    let name = format!("window, {view} of {} items", IMPORTED.0);
                    let show = move |frame| shown(key, frame);
                    self.add_gesture(format!("{name}, opened"), Box::new(show));
                    self.add_gestures(&name, middle);
                }
                self.add_table(middle.center());
            }
            Part::Work => {
                self.shown = Shown::App(Box::new(opened(ctx)));
                let add = |app: &mut App, folder: &Path| {
                    app.send(Command::AddPaths(vec![rows_of_table(folder)]));
                };
                self.add_wait("window, work", Box::new(add), is_settled);
                let lay_out = |app: &mut App, _: &Path| {
                    let mut rule = app.session().settings.map.clone();
                    rule.projection.method = ProjectionMethod::Umap;
                    app.send(Command::SetMap(rule));
                };
                self.add_wait("window, work", Box::new(lay_out), is_settled);
                let open = |app: &mut App, folder: &Path| {
                    let path = saved(app, folder);
                    app.start(vec![path]);
                };
                self.add_wait("window, a workspace is opened", Box::new(open), is_settled);
                let save = |frame| shown(egui::Key::S, frame);
                self.add_gesture("window, it is saved".into(), Box::new(save));
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
        for (part, gesture) in parts {
            self.add_gesture(format!("{name}, {part}"), gesture);
        }
    }

    fn add_gestures(&mut self, name: &str, over: Rect) {
        for (part, gesture) in gestures(over) {
            self.add_gesture(format!("{name}, {part}"), gesture);
        }
    }
}

impl eframe::App for Driver {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        self.take_time();
        input.events = self.next_events(ctx);
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

/// Events by frame; none end it.
type Gesture = Box<dyn FnMut(usize) -> Vec<Event>>;
type Begin = Box<dyn FnMut(&mut App, &Path)>;

/// What is done with what is shown.
enum Step {
    Gesture(String, Gesture),
    /// Begins something, and moves the mouse until it is done.
    Wait(String, Begin, fn(&mut App) -> bool),
}

/// Where the mouse is moved meanwhile.
const WAITING: Rect = Rect {
    min: pos2(560.0, 350.0),
    max: pos2(960.0, 750.0),
};

fn opened(ctx: &Context) -> App {
    App::new(ctx, Settings::default(), Tools::default(), Desk::default())
}

/// The stage that is worked on.
fn busy_with(app: &App) -> String {
    let is_working = |stage: &Stage| matches!(app.session().status(*stage), Status::Working(_));
    let stage = Stage::ALL.into_iter().find(is_working);
    stage.map_or("nothing".into(), |stage| {
        format!("{stage:?}").to_lowercase()
    })
}

/// Whether nothing is left to do.
fn is_settled(app: &mut App) -> bool {
    app.session().order().is_some() && app.session().due().is_empty() && !app.is_busy()
}

/// 5,000 rows of a table, 24 words each, all different.
fn rows_of_table(folder: &Path) -> PathBuf {
    let words = include_str!("../assets/sample/libraries/history-of-a-town-library.md");
    let words: Vec<&str> = words.split_whitespace().collect();
    let row = |i: usize| {
        let text: Vec<&str> = (0..24)
            .map(|j| words[(i * 7 + j * (1 + i % 13)) % words.len()])
            .collect();
        format!("{i},\"{}\"\n", text.join(" ").replace('"', ""))
    };
    let path = folder.join("rows.csv");
    let table: String = (0..5_000).map(row).collect();
    fs::write(&path, format!("id,text\n{table}")).expect("a temporary file can be written");
    path
}

/// A workspace of what is shown, with its documents and vectors.
fn saved(app: &App, folder: &Path) -> PathBuf {
    let session = app.session();
    let embedded = session.items().map(|items| items.embedded().clone());
    let bytes = encode(&session.user_state("map"), embedded.as_deref());
    let path = folder.join("work.semascope");
    let bytes = bytes.expect("what is shown can be saved");
    workspace::save(&path, &bytes).expect("a temporary file can be written");
    path
}

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
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let sorted = |of: fn(&Times) -> Duration| {
        let mut times: Vec<Duration> = times.iter().map(of).collect();
        times.sort();
        times
    };
    let Some(worst) = times.iter().max_by_key(|times| times.1) else {
        return;
    };
    let (layout, whole) = (sorted(|times| times.0), sorted(|times| times.1));
    let median = ms(whole[whole.len() / 2]);
    println!(
        "{what}: {:.0} frames/s; median {median:.1} ms, of which layout {:.1}; worst {:.1} ms, of \
         which layout {:.1}",
        1000.0 / median,
        ms(layout[layout.len() / 2]),
        ms(worst.1),
        ms(worst.0)
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
