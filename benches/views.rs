//! Frames of the map and the matrix with very many items, drawn by a software rasterizer at
//! 1600 × 1000 while one pans and zooms.
//!
//! `cargo bench --bench views [map|window]`. A frame here is all that the program does for one: its
//! events are taken, everything is laid out and cut into triangles, textures and triangles go to the
//! renderer, which is wgpu with its options as in the program, and the frame is over when the
//! renderer has filled its last pixel. Only to show the pixels on a screen is left out. Printed are
//! the median and the worst of each gesture, and the median of the two halves: layout, in which the
//! points are counted or drawn to a picture, and drawing. As in the program one core stays free for
//! the window. It asserts nothing.
//!
//! - `map`: what the map view draws for 100,000 and 1,000,000 synthetic points in 12 clusters with
//!   noise between, over the whole window, with names, picking and the ring around the dot under
//!   the mouse. It is given points and labels, because finding the neighbors of 1,000,000 items
//!   would take an hour.
//! - `window`: the window of the program with 100,000 imported vectors of 384 numbers, its map and
//!   its matrix, beside the panels. What the map and the matrix do not need is stopped first.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fs::{self, File};
use std::io::BufWriter;
use std::time::{Duration, Instant};

use eframe::{App as _, egui_wgpu, wgpu};
use egui::{Event, Modifiers, PointerButton, Pos2, Rect, Ui, Vec2, pos2, vec2};
use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};
use ndarray::Array2;
use semascope::session::{Command, Settings, Stage, Status};
use semascope::text::Tools;
use semascope::ui::{App, MapBench};
use semascope::vectors::write_npy;
use semascope::workspace::Desk;

const SIZE: Vec2 = vec2(1600.0, 1000.0);
/// Of a gesture.
const N_FRAMES: usize = 90;
const N_CLUSTERS: usize = 12;
/// Items in the window, and numbers of each.
const IMPORTED: (usize, usize) = (100_000, 384);

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads((cores - 1).max(1));
    pool.build_global().expect("threads can be started");
    let args: Vec<String> = std::env::args().collect();
    let is_asked = |part: &str, other: &str| {
        let has = |name: &str| args.iter().any(|arg| arg == name);
        has(part) || !has(other)
    };
    if is_asked("map", "window") {
        map(100_000);
        map(1_000_000);
    }
    if is_asked("window", "map") {
        window();
    }
}

/// The map alone.
fn map(n: usize) {
    let (points, labels) = heaps(n);
    let mut map = MapBench::new(points, labels);
    let mut screen = Screen::new();
    MapBench::install(&screen.ctx);
    let mut manners = Vec::new();
    let mut measured = |name: &str, gesture: &mut dyn FnMut(usize) -> Vec<Event>| {
        manners.clear();
        let times = screen.gesture(gesture, &mut |ui| {
            let manner = format!("{:?}", map.ui(ui)).to_lowercase();
            if manners.last() != Some(&manner) {
                manners.push(manner);
            }
        });
        let as_what = manners.join(", then ");
        print_times(&format!("map of {n} points, {name}, as {as_what}"), &times);
    };
    let whole = Rect::from_min_size(Pos2::ZERO, SIZE);
    measured("first frame", &mut |frame| still(frame, 1));
    for (name, mut gesture) in gestures(whole) {
        measured(name, &mut *gesture);
    }
}

/// The program with vectors that were made elsewhere.
fn window() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut screen = Screen::new();
    let desk = Desk::default();
    let mut app = App::new(&screen.ctx, Settings::default(), Tools::default(), desk);
    app.send(imported(folder.path()));
    let mut frame = eframe::Frame::_new_kittest();
    let mut draw = |app: &mut App, ui: &mut Ui| {
        app.logic(ui.ctx(), &mut frame);
        app.ui(ui, &mut frame);
    };
    let until = Instant::now() + Duration::from_mins(20);
    let stop = |app: &mut App, keep: &[Stage]| {
        for stage in Stage::ALL {
            let is_working = matches!(app.session().status(stage), Status::Working(_));
            if is_working && !keep.contains(&stage) {
                app.send(Command::Stop(stage));
            }
        }
    };
    let needed = [
        Stage::Corpus,
        Stage::Passages,
        Stage::Embedding,
        Stage::Projection,
        Stage::Neighbors,
        Stage::Clusters,
        Stage::Order,
    ];
    while app.session().order().is_none() || app.is_busy() {
        assert!(Instant::now() < until, "the analysis took too long");
        std::thread::sleep(Duration::from_millis(50));
        stop(&mut app, &needed);
        screen.layout(Vec::new(), &mut |ui| draw(&mut app, ui));
    }
    // The picture lies in the middle, with the inspector right of it and the documents left.
    let middle = Rect::from_center_size(pos2(760.0, 550.0), vec2(400.0, 400.0));
    for (view, key) in [("map", egui::Key::Num1), ("matrix", egui::Key::Num2)] {
        let show = Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::COMMAND,
        };
        screen.layout(vec![show], &mut |ui| draw(&mut app, ui));
        for (name, mut gesture) in gestures(middle) {
            let times = screen.gesture(&mut *gesture, &mut |ui| draw(&mut app, ui));
            let n = IMPORTED.0;
            print_times(&format!("window, {view} of {n} items, {name}"), &times);
        }
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

/// How long a frame took to be laid out, and then to be drawn.
type Times = (Duration, Duration);

/// Stands in for a window: what is drawn goes to a texture.
struct Screen {
    ctx: egui::Context,
    renderer: egui_wgpu::RenderState,
    target: wgpu::TextureView,
    n_frames: usize,
}

impl Screen {
    fn new() -> Self {
        let options = egui_wgpu::RendererOptions::default();
        let renderer = create_render_state(default_wgpu_setup(), options);
        println!("drawn by {}", renderer.adapter.get_info().name);
        let target = renderer.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("window"),
            size: wgpu::Extent3d {
                width: SIZE.x as u32,
                height: SIZE.y as u32,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: renderer.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        Self {
            ctx: egui::Context::default(),
            target: target.create_view(&wgpu::TextureViewDescriptor::default()),
            renderer,
            n_frames: 0,
        }
    }

    /// Draws frames until there are no more events.
    fn gesture(
        &mut self,
        events: &mut dyn FnMut(usize) -> Vec<Event>,
        ui: &mut dyn FnMut(&mut Ui),
    ) -> Vec<Times> {
        let mut times = Vec::new();
        loop {
            let events = events(times.len());
            if events.is_empty() {
                return times;
            }
            let started = Instant::now();
            let output = self.layout(events, ui);
            let laid_out = Instant::now();
            self.draw(&output);
            times.push((laid_out - started, laid_out.elapsed()));
        }
    }

    /// One frame, up to the triangles, and its textures.
    fn layout(
        &mut self,
        events: Vec<Event>,
        ui: &mut dyn FnMut(&mut Ui),
    ) -> Vec<egui::ClippedPrimitive> {
        self.n_frames += 1;
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.n_frames as f64 / 60.0),
            events,
            ..egui::RawInput::default()
        };
        let mut output = self.ctx.run_ui(input, |root| ui(root));
        let state = &self.renderer;
        let mut renderer = state.renderer.write();
        #[expect(clippy::iter_over_hash_type, reason = "each texture is by itself")]
        for (id, images) in output.textures_delta.set.drain() {
            for image in images {
                renderer.update_texture(&state.device, &state.queue, id, &image);
            }
        }
        #[expect(clippy::iter_over_hash_type, reason = "each texture is by itself")]
        for id in output.textures_delta.free.drain() {
            renderer.free_texture(&id);
        }
        drop(renderer);
        self.ctx.tessellate(output.shapes, 1.0)
    }

    fn draw(&mut self, triangles: &[egui::ClippedPrimitive]) {
        let state = &self.renderer;
        let mut renderer = state.renderer.write();
        let screen = egui_wgpu::ScreenDescriptor {
            size_in_pixels: [SIZE.x as u32, SIZE.y as u32],
            pixels_per_point: 1.0,
        };
        let device = &state.device;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let before =
            renderer.update_buffers(device, &state.queue, &mut encoder, triangles, &screen);
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.target,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                    store: wgpu::StoreOp::Store,
                },
                depth_slice: None,
            })],
            ..wgpu::RenderPassDescriptor::default()
        });
        renderer.render(&mut pass.forget_lifetime(), triangles, &screen);
        let commands = before.into_iter().chain([encoder.finish()]);
        state.queue.submit(commands);
        let done = device.poll(wgpu::PollType::Wait {
            submission_index: None,
            timeout: None,
        });
        done.expect("the software rasterizer draws");
    }
}

fn print_times(what: &str, times: &[Times]) {
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let median = |of: fn(&Times) -> Duration| {
        let mut times: Vec<Duration> = times.iter().map(of).collect();
        times.sort();
        (ms(times[times.len() / 2]), ms(times[times.len() - 1]))
    };
    let ((layout, _), (drawing, _)) = (median(|times| times.0), median(|times| times.1));
    let (whole, worst) = median(|times| times.0 + times.1);
    println!(
        "{what}: {:.0} frames/s; median {whole:.1} ms (layout {layout:.1}, drawing {drawing:.1}), \
         worst {worst:.1} ms",
        1000.0 / whole
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
fn imported(folder: &std::path::Path) -> Command {
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
