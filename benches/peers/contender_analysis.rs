//! Our part in `benches/peers/analysis.py`: one stage of the analysis over the vectors of a file.
//!
//! `contender_analysis neighbors|pca|kmeans|umap|tsne|tiles|search vectors.npy out.npy` times the
//! stage alone, without reading and writing, writes its result and prints
//! `{"seconds": …, "peak_bytes": …}`: the median of several repeats where one is short, and the most
//! memory that the process held, the vectors included.

#![expect(clippy::print_stdout, reason = "the answer goes to standard output")]

use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufReader, BufWriter};
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use ndarray::Array2;
use semascope::analysis::{
    ClusterCount, ClusterRule, NeighborGraph, ProjectionMethod, ProjectionRule, Pyramid, kmeans,
    pca, tsne, umap,
};
use semascope::progress::Progress;
use semascope::session::{Command, Example, Session, Settings, Stage};
use semascope::text::Tools;
use semascope::vectors::{Embeddings, read_npy, write_npy};

const N_NEIGHBORS: usize = 16;
const N_CLUSTERS: usize = 20;
/// Cells along a side of a tile.
const N_CELLS: usize = 512;
/// A stage that takes less than this is repeated.
const SHORT_SECS: f64 = 2.0;
const N_REPEATS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [stage, vectors, out] = &args[..] else {
        return Err("contender_analysis STAGE vectors.npy out.npy".into());
    };
    let rows = read_npy(BufReader::new(File::open(vectors)?))?;
    let embeddings = Embeddings::normalized(rows);
    forget_peak();
    let (seconds, result) = match stage.as_str() {
        "neighbors" => timed(|| neighbors(&embeddings))?,
        "pca" => timed(|| Ok(pca(&embeddings, 3, &Progress::new())?.points))?,
        "kmeans" => timed(|| labels(&embeddings))?,
        "umap" => timed(|| map(&embeddings, ProjectionMethod::Umap))?,
        "tsne" => timed(|| map(&embeddings, ProjectionMethod::Tsne))?,
        "tiles" => tiles(&embeddings),
        "search" => {
            drop(embeddings);
            search(Path::new(vectors))?
        }
        _ => return Err(format!("no such stage: {stage}").into()),
    };
    let peak_bytes = peak_bytes().unwrap_or(0);
    println!("{{\"seconds\": {seconds:.6}, \"peak_bytes\": {peak_bytes}}}");
    write_npy(BufWriter::new(File::create(out)?), result.view())?;
    Ok(())
}

/// Indices of the neighbors of every item, best first, shape `(n, 16)`.
fn neighbors(embeddings: &Embeddings) -> Result<Array2<f32>, Box<dyn Error>> {
    let graph = NeighborGraph::exact(embeddings, N_NEIGHBORS, &Progress::new())?;
    Ok(Array2::from_shape_fn(
        (graph.n(), graph.k()),
        |(item, i)| graph.of(item)[i].item as f32,
    ))
}

/// Cluster of every item, shape `(n, 1)`; from the vectors alone, without the neighbors that the
/// program has by then, which help to find a good start.
fn labels(embeddings: &Embeddings) -> Result<Array2<f32>, Box<dyn Error>> {
    let rule = ClusterRule {
        count: ClusterCount::Fixed(N_CLUSTERS),
        ..ClusterRule::default()
    };
    let clustering = kmeans(
        embeddings,
        &NeighborGraph::default(),
        &rule,
        &Progress::new(),
    )?;
    let labels = clustering.labels.iter();
    let labels: Vec<f32> = labels
        .map(|label| label.map_or(-1.0, |label| label as f32))
        .collect();
    Ok(Array2::from_shape_vec((labels.len(), 1), labels)?)
}

/// The map from the vectors on: its start and the neighbor graph count as well. Shape `(n, 2)`.
fn map(embeddings: &Embeddings, method: ProjectionMethod) -> Result<Array2<f32>, Box<dyn Error>> {
    let rule = ProjectionRule {
        method,
        ..ProjectionRule::default()
    };
    let progress = Progress::new();
    let start = pca(embeddings, rule.n_axes, &progress)?.points;
    let graph = NeighborGraph::exact(embeddings, rule.n_neighbors_needed(), &progress)?;
    Ok(match method {
        ProjectionMethod::Tsne => tsne(&graph, &start, &rule, &progress, &mut |_| {})?,
        _ => umap(&graph, &start, &rule, &progress, &mut |_| {})?,
    })
}

/// The slowest of tiles at all zoom levels in several places. A row for each tile: first and last
/// row, first and last column, rows to a cell, seconds, mean of the cells; shape `(n_tiles, 7)`.
fn tiles(embeddings: &Embeddings) -> (f64, Array2<f32>) {
    let n = embeddings.n();
    let order: Vec<usize> = (0..n).collect();
    let pyramid = Pyramid::new(embeddings, &order);
    let mut table = Vec::new();
    let mut worst = 0.0_f64;
    for (rows, columns) in views(n) {
        let mut times: Vec<f64> = (0..N_REPEATS)
            .map(|_| {
                let started = Instant::now();
                black_box(pyramid.tile(rows.clone(), columns.clone(), N_CELLS));
                started.elapsed().as_secs_f64()
            })
            .collect();
        let seconds = median(&mut times);
        worst = worst.max(seconds);
        let tile = pyramid.tile(rows, columns, N_CELLS);
        let ends = [
            tile.rows.start,
            tile.rows.end,
            tile.columns.start,
            tile.columns.end,
        ];
        table.extend(ends.map(|end| end as f32));
        table.extend([tile.block as f32, seconds as f32]);
        table.push(tile.cells.mean().unwrap_or(0.0));
    }
    let table = Array2::from_shape_vec((table.len() / 7, 7), table);
    (worst, table.expect("every tile has seven numbers"))
}

/// What the program itself does when it looks for items like the first, from the query vector to the
/// sorted list, with a filter that reads every text. Item and cosine, best first, shape `(n, 2)`.
fn search(vectors: &Path) -> Result<(f64, Array2<f32>), Box<dyn Error>> {
    let n = read_npy(BufReader::new(File::open(vectors)?))?.nrows();
    let texts = vectors.with_extension("txt");
    let line =
        |i: usize| format!("Text number {i} of the synthetic ones, in words as if it meant it\n");
    fs::write(&texts, (0..n).map(line).collect::<String>())?;
    let mut session = Session::new(Settings::default(), Tools::default());
    let import = Command::Import {
        vectors: vectors.to_owned(),
        texts,
    };
    session.apply(import);
    let before = [Stage::Corpus, Stage::Passages, Stage::Embedding];
    while turn(&mut session, &before)?.is_some() {}
    session.apply(Command::SearchLike(0, Example::Like));
    let mut times = Vec::new();
    // Each with other words, or nothing would be due.
    for filter in ["number", "synthetic", "the ones", "words", "/if .* it/"] {
        session.apply(Command::Filter(filter.into()));
        times.push(turn(&mut session, &[Stage::Search])?.ok_or("nothing was searched")?);
    }
    let found = session.search_hits().ok_or("nothing was found")?;
    let numbers = found
        .hits
        .iter()
        .flat_map(|hit| [hit.item as f32, hit.cosine]);
    let result = Array2::from_shape_vec((found.hits.len(), 2), numbers.collect())?;
    Ok((median(&mut times), result))
}

/// Does the next that is due of some stages, and tells the seconds that it took.
fn turn(session: &mut Session, stages: &[Stage]) -> Result<Option<f64>, Box<dyn Error>> {
    let mut due = session.due().into_iter();
    let Some(work) = due.find(|work| stages.contains(&work.stage)) else {
        return Ok(None);
    };
    let stage = work.stage;
    session.begin(&work);
    let started = Instant::now();
    let outcome = work.run(&Progress::new());
    let seconds = started.elapsed().as_secs_f64();
    session.absorb(outcome);
    if session.revision(stage).is_none() {
        return Err(format!("{:?}", session.status(stage)).into());
    }
    Ok(Some(seconds))
}

/// Squares of 512 × 512 cells at every zoom: at both ends of the diagonal, in a corner far from it
/// and somewhere in between, and last the whole.
fn views(n: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut views = Vec::new();
    let mut block = 1;
    while N_CELLS * block <= n {
        let span = N_CELLS * block;
        let last = (n - span) / block * block;
        let middle = n / 3 / block * block;
        for (row, column) in [
            (0, 0),
            (0, last),
            (last, last),
            (middle.min(last), last / 2),
        ] {
            let column = column / block * block;
            views.push((row..row + span, column..column + span));
        }
        block *= 2;
    }
    views.push((0..n, 0..n));
    views
}

/// Median seconds of a stage and its last result.
fn timed(
    stage: impl Fn() -> Result<Array2<f32>, Box<dyn Error>>,
) -> Result<(f64, Array2<f32>), Box<dyn Error>> {
    let mut times = Vec::new();
    loop {
        let started = Instant::now();
        let result = stage()?;
        times.push(started.elapsed().as_secs_f64());
        if times[0] > SHORT_SECS || times.len() == N_REPEATS {
            return Ok((median(&mut times), result));
        }
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Lets the peak begin anew, so that what reading the file took does not count. Linux only.
fn forget_peak() {
    drop(fs::write("/proc/self/clear_refs", "5"));
}

/// The most memory that was resident at once, in bytes. Linux only.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
