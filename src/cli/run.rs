//! The loop of the command line: take what is due, run it, absorb it, until nothing is due.

#![expect(
    clippy::print_stderr,
    reason = "messages for people belong on standard error"
)]

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::Path;

use anyhow::Context as _;

use super::bar::watched;
use super::bench;
use super::compare::compare;
use super::deploy::deploy;
use super::duplicates::duplicates;
use super::models::models;
use super::request::{Job, JobKind};
use super::search::{Wish, search};
use super::wheel::{explored, say, turn};
use super::why::why;
use crate::analysis::ProjectionMethod;
use crate::cache::Cache;
use crate::embed::{self, Known};
use crate::export::{self, ExportRule};
use crate::message::{count, grouped};
use crate::session::{Command, Embedded, Session, Settings, Stage};
use crate::text::{Corpus, Document, Passages, Source, Tools, Workers, passages};
use crate::vectors::{NpyError, write_npy};

/// How a job that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// All is well; files that were skipped are only warnings.
    Success,
    /// `--strict` was given and something was skipped.
    Skipped,
}

/// Does the job; results go to `out` or to files.
///
/// # Errors
/// One sentence for people, with its causes.
pub fn run(job: Job, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let settings = job.settings;
    let tools = tools(job.with_cache);
    #[cfg(feature = "cloud")]
    if let JobKind::Transform(wish) = &job.kind {
        return super::transform::transform(wish, &settings, &tools, out);
    }
    #[cfg(feature = "cloud")]
    if let Some(rule) = super::remote::unconsented(&settings.model) {
        return super::remote::propose(rule, &settings, &tools, &job.kind, job.token_price, out);
    }
    match job.kind {
        JobKind::Run {
            paths,
            out: folder,
            projections,
            strict,
            export,
        } => {
            let target = Target {
                folder: &folder,
                projections: &projections,
                export: &export,
                strict,
            };
            run_all(settings, &tools, Command::AddPaths(paths), &target, out)
        }
        JobKind::Import {
            vectors,
            texts,
            out: folder,
            projections,
            strict,
            export,
        } => {
            let target = Target {
                folder: &folder,
                projections: &projections,
                export: &export,
                strict,
            };
            let open = Command::Import { vectors, texts };
            run_all(settings, &tools, open, &target, out)
        }
        JobKind::Embed { file, out: target } => {
            embed_lines(&settings, &tools, file.as_deref(), &target, out)
        }
        JobKind::Compare { pair, among, json } => compare(settings, &tools, pair, among, json, out),
        JobKind::Why { file, paths, json } => why(settings, &tools, &file, paths, json, out),
        JobKind::Search {
            query,
            like,
            unlike,
            paths,
            k,
            json,
        } => {
            let wish = Wish {
                query,
                like,
                unlike,
                k,
                json,
            };
            search(settings, &tools, wish, paths, out)
        }
        JobKind::Duplicates { paths, json } => duplicates(settings, &tools, paths, json, out),
        JobKind::Models { paths, json } => models(settings, &tools, paths, json, out),
        #[cfg(feature = "serve")]
        JobKind::Serve(options) => super::serve::serve_on(&options, &settings),
        JobKind::Deploy(wish) => deploy(&wish, &settings.model, out),
        #[cfg(feature = "cloud")]
        JobKind::Transform(wish) => super::transform::transform(&wish, &settings, &tools, out),
        JobKind::Bench => bench::bench(&settings, out),
        JobKind::Cache { clear } => cache(&tools, clear, out),
    }
}

/// The workers are this same program. Without a cache folder there is no cache.
pub fn tools(with_cache: bool) -> Tools {
    Tools {
        workers: std::env::current_exe().ok().map(Workers::new),
        cache: with_cache.then(Cache::of_user).flatten(),
    }
}

fn cache(tools: &Tools, clear: bool, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let cache = tools
        .cache
        .as_ref()
        .context("there is no cache: it was switched off, or this system has no folder for it")?;
    say_notices(cache);
    if clear {
        cache
            .clear()
            .with_context(|| format!("could not empty {}", cache.path().display()))?;
    }
    let usage = cache
        .usage()
        .with_context(|| format!("could not open {}", cache.path().display()))?;
    writeln!(
        out,
        "{}, {:.1} MB: {}",
        count(usage.n_vectors, "vector"),
        usage.n_bytes as f64 / 1e6,
        usage.path.display()
    )?;
    Ok(ExitStatus::Success)
}

pub(super) fn say_notices(cache: &Cache) {
    for notice in cache.notices() {
        eprintln!("{notice}");
    }
}

/// Where a run writes, and what besides the usual.
struct Target<'a> {
    folder: &'a Path,
    projections: &'a [ProjectionMethod],
    export: &'a ExportRule,
    strict: bool,
}

/// All but what only the window shows.
fn stages() -> Vec<Stage> {
    let is_needed = |stage: &Stage| *stage != Stage::Subgroups;
    Stage::ALL.into_iter().filter(is_needed).collect()
}

fn run_all(
    settings: Settings,
    tools: &Tools,
    open: Command,
    target: &Target<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let mut session = explored(settings, tools, [open], &stages())?;
    session.import_message().iter().for_each(say);
    let Target { folder, export, .. } = *target;
    let mut written: Vec<String> =
        watched(|progress| export::write_all(&session, folder, export, progress))?;
    summary(&session, out)?;
    map_line(&session, out)?;
    if let [first, others @ ..] = target.projections
        && !others.is_empty()
    {
        written.extend(export::write_map(&session, folder)?);
        for method in others.iter().filter(|method| *method != first) {
            let mut rule = session.settings.map.clone();
            rule.projection.method = *method;
            session.apply(Command::SetMap(rule));
            turn(&mut session, &stages())?;
            written.extend(export::write_map(&session, folder)?);
            map_line(&session, out)?;
        }
    }
    for name in written {
        writeln!(out, "{}", folder.join(name).display())?;
    }
    let items = session.items().context("nothing was embedded")?;
    let skipped = !items.embedded().corpus.skipped.is_empty();
    Ok(if target.strict && skipped {
        ExitStatus::Skipped
    } else {
        ExitStatus::Success
    })
}

fn summary(session: &Session, out: &mut dyn Write) -> anyhow::Result<()> {
    let items = session.items().context("nothing was embedded")?;
    let embedded = items.embedded();
    let clusters = session.clusters().context("nothing was clustered")?;
    let noise = match clusters.clustering.n_noise() {
        0 => String::new(),
        n => format!(" ({} in none)", grouped(n)),
    };
    let unit = match session.own_vectors() {
        Some(_) => "word",
        None => "token",
    };
    let read = session.how_read();
    writeln!(
        out,
        "{}, {}, {} ({read}), {}{noise}, {} skipped",
        count(embedded.corpus.documents.len(), "document"),
        count(embedded.passages.list.len(), "passage"),
        count(embedded.passages.total_tokens(), unit),
        count(clusters.clustering.n_clusters(), "cluster"),
        grouped(embedded.corpus.skipped.len()),
    )?;
    if items.n() > export::MAX_FULL_MATRIX {
        writeln!(
            out,
            "More than {} rows, so neighbors.csv holds the {} nearest of each row instead of the whole matrix",
            export::MAX_FULL_MATRIX,
            export::NEIGHBORS_PER_ROW
        )?;
    }
    Ok(())
}

/// How true the map is to the vectors.
fn map_line(session: &Session, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(quality) = session.quality() else {
        return Ok(());
    };
    let n = session.items().map_or(0, |items| items.n());
    let measured = if quality.n_measured < n {
        format!(
            " (the first two at {} of {} items)",
            grouped(quality.n_measured),
            grouped(n)
        )
    } else {
        String::new()
    };
    writeln!(
        out,
        "{}: trustworthiness {:.3}, continuity {:.3}, {:.0} % of the {} nearest are near on the map{measured}",
        session.settings.map.name(),
        quality.trustworthiness,
        quality.continuity,
        quality.neighbor_overlap * 100.0,
        quality.k,
    )?;
    Ok(())
}

/// The lines of a file, or of standard input.
pub(super) fn read_lines(file: Option<&Path>) -> anyhow::Result<String> {
    let bytes = if let Some(path) = file {
        std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?
    } else {
        let mut bytes = Vec::new();
        io::stdin()
            .read_to_end(&mut bytes)
            .context("could not read standard input")?;
        bytes
    };
    let text = String::from_utf8(bytes).ok();
    text.context("the lines are not UTF-8 text; save them as UTF-8")
}

fn embed_lines(
    settings: &Settings,
    tools: &Tools,
    file: Option<&Path>,
    target: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let text = read_lines(file)?;
    let model = watched(|progress| embed::open(&settings.model, settings.precision, progress))?;
    let (corpus, passages) = lines(&text, &*model);
    let n_long = passages
        .of_document
        .iter()
        .filter(|passages| passages.len() > 1)
        .count();
    if n_long > 0 {
        eprintln!(
            "{} longer than {} tokens, embedded as the weighted mean of several passages each",
            count(n_long, "line"),
            model.max_text_tokens()
        );
    }
    let cache = tools.cache.as_ref();
    let embedded = watched(|progress| {
        let known = Known {
            cache,
            stored: None,
        };
        Embedded::new(corpus.into(), passages.into(), &*model, known, progress)
    })?;
    cache.into_iter().for_each(say_notices);
    let created = File::create(target).map_err(NpyError::from);
    let saved =
        created.and_then(|file| write_npy(BufWriter::new(file), embedded.document_vectors.view()));
    saved.with_context(|| format!("could not write {}", target.display()))?;
    let vectors = &embedded.document_vectors;
    writeln!(
        out,
        "{} × {} vectors: {}",
        vectors.n(),
        vectors.dim(),
        target.display()
    )?;
    Ok(ExitStatus::Success)
}

/// One document per line, empty lines too, so that rows and lines stay together.
pub(super) fn lines(text: &str, model: &dyn embed::Embedder) -> (Corpus, Passages) {
    let mut corpus = Corpus::default();
    let mut all = Passages::default();
    for (i, line) in text.lines().enumerate() {
        let mut found = passages(line, model.max_text_tokens(), &|text| model.n_tokens(text));
        if found.is_empty() {
            found.push((0..0, 0));
        }
        all.push_document(found);
        corpus.documents.push(Document {
            title: String::new(),
            text: line.to_owned(),
            source: Source::Pasted(i + 1),
            metadata: std::collections::BTreeMap::new(),
            marks: Vec::new(),
            copies: Vec::new(),
            language: None,
        });
    }
    (corpus, all)
}

/// A text without line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
