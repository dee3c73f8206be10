//! The loop of the command line: take what is due, run it, absorb it, until nothing is due.

#![expect(
    clippy::print_stderr,
    reason = "messages for people belong on standard error"
)]

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::bar::watched;
use super::bench;
use super::request::{Job, JobKind};
use crate::cache::Cache;
use crate::embed::{self, Known};
use crate::export;
use crate::message::{count, grouped, sentence};
use crate::session::{Command, Embedded, Session, Settings, Stage, Status, skipped_count};
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
    match job.kind {
        JobKind::Run {
            paths,
            out: folder,
            strict,
        } => run_all(settings, &tools, paths, &folder, strict, out),
        JobKind::Embed { file, out: target } => {
            embed_lines(&settings, &tools, file.as_deref(), &target, out)
        }
        JobKind::Compare { pair, json } => compare(settings, &tools, pair, json, out),
        JobKind::Search {
            query,
            paths,
            k,
            json,
        } => search(settings, &tools, query, paths, (k, json), out),
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

fn say_notices(cache: &Cache) {
    for notice in cache.notices() {
        eprintln!("{notice}");
    }
}

fn run_all(
    settings: Settings,
    tools: &Tools,
    paths: Vec<PathBuf>,
    folder: &Path,
    strict: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let session = explored(settings, tools, [Command::AddPaths(paths)], |_| None)?;
    let written = watched(|progress| export::write_all(&session, folder, progress))?;
    let items = session.items().context("nothing was embedded")?;
    let embedded = items.embedded();
    let clusters = session.clusters().context("nothing was clustered")?;
    writeln!(
        out,
        "{}, {}, {} (all read), {}, {} skipped",
        count(embedded.corpus.documents.len(), "document"),
        count(embedded.passages.list.len(), "passage"),
        count(embedded.passages.total_tokens(), "token"),
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
    for name in written {
        writeln!(out, "{}", folder.join(name).display())?;
    }
    let skipped = !embedded.corpus.skipped.is_empty();
    Ok(if strict && skipped {
        ExitStatus::Skipped
    } else {
        ExitStatus::Success
    })
}

fn embed_lines(
    settings: &Settings,
    tools: &Tools,
    file: Option<&Path>,
    target: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let text = if let Some(path) = &file {
        std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?
    } else {
        let mut bytes = Vec::new();
        io::stdin()
            .read_to_end(&mut bytes)
            .context("could not read standard input")?;
        bytes
    };
    let text = String::from_utf8(text)
        .ok()
        .context("the lines are not UTF-8 text; save them as UTF-8")?;
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
fn lines(text: &str, model: &dyn embed::Embedder) -> (Corpus, Passages) {
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

fn compare(
    settings: Settings,
    tools: &Tools,
    (left, right): (PathBuf, PathBuf),
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let same = left == right;
    let add = [
        Command::AddPaths(vec![left]),
        Command::AddPaths(vec![right]),
    ];
    let session = explored(settings, tools, add, |session| {
        let n = session.items()?.n();
        (n == if same { 1 } else { 2 }).then_some(Command::Compare(0, n - 1))
    })?;
    let items = session.items().context("nothing was embedded")?;
    let Some(comparison) = session.comparison() else {
        bail!(
            "compare takes one document on each side, but {} were found",
            items.n()
        );
    };
    let (a, b) = comparison.pair;
    let text =
        |item: usize, range: &std::ops::Range<usize>| one_line(&items.text(item)[range.clone()]);
    let matches = comparison.matches.iter().map(|found| {
        (
            found.cosine,
            text(a, &comparison.left[found.left]),
            text(b, &comparison.right[found.right]),
        )
    });
    if as_json {
        let matches: Vec<_> = matches
            .map(|(cosine, left, right)| json!({"cosine": cosine, "left": left, "right": right}))
            .collect();
        let side = |item: usize| json!({"title": items.title(item), "source": items.document(item).source.to_string(), "tokens": items.n_tokens(item)});
        let value = json!({"score": comparison.score, "left": side(a), "right": side(b), "matches": matches});
        writeln!(out, "{value:#}")?;
        return Ok(ExitStatus::Success);
    }
    writeln!(
        out,
        "{:.3}  {}  ↔  {}",
        comparison.score,
        items.title(a),
        items.title(b)
    )?;
    for (cosine, left, right) in matches.take(10) {
        writeln!(out, "\n{cosine:.3}  {left}\n       {right}")?;
    }
    Ok(ExitStatus::Success)
}

fn search(
    settings: Settings,
    tools: &Tools,
    query: String,
    paths: Vec<PathBuf>,
    (k, as_json): (usize, bool),
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let commands = [Command::Search(query), Command::AddPaths(paths)];
    let session = explored(settings, tools, commands, |_| None)?;
    let items = session.items().context("nothing was embedded")?;
    let found = session
        .search_hits()
        .context("there are no words to search for")?;
    let embedded = items.embedded();
    let excerpt = |passage: usize| {
        let passage = &embedded.passages.list[passage];
        one_line(&embedded.corpus.documents[passage.document].text[passage.range.clone()])
    };
    let hits = found.hits.iter().take(k);
    if as_json {
        let hits: Vec<_> = hits
            .map(|hit| {
                let document = items.document(hit.item);
                let place = document.place(&embedded.passages.list[hit.passage].range);
                json!({"cosine": hit.cosine, "title": items.title(hit.item), "place": place,
                    "source": document.source.to_string(), "passage": excerpt(hit.passage)})
            })
            .collect();
        writeln!(
            out,
            "{:#}",
            json!({"query": found.query, "documents": items.n(), "hits": hits})
        )?;
        return Ok(ExitStatus::Success);
    }
    for hit in hits {
        let excerpt = shortened(excerpt(hit.passage));
        let document = items.document(hit.item);
        let place = document.place(&embedded.passages.list[hit.passage].range);
        let place = place.map(|place| format!(", {place}")).unwrap_or_default();
        let source = &document.source;
        writeln!(
            out,
            "{:.2}  {}  ({source}{place})\n      {excerpt}",
            hit.cosine,
            items.title(hit.item)
        )?;
    }
    Ok(ExitStatus::Success)
}

/// The first 160 characters, and a sign that there are more.
fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(160) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A session in which all that is due is done. `then` may ask for one thing more.
fn explored(
    settings: Settings,
    tools: &Tools,
    commands: impl IntoIterator<Item = Command>,
    then: impl FnOnce(&Session) -> Option<Command>,
) -> anyhow::Result<Session> {
    let mut session = Session::new(settings, tools.clone());
    commands
        .into_iter()
        .for_each(|command| session.apply(command));
    turn(&mut session)?;
    if let Some(command) = then(&session) {
        session.apply(command);
        turn(&mut session)?;
    }
    tools.cache.iter().for_each(say_notices);
    Ok(session)
}

fn turn(session: &mut Session) -> anyhow::Result<()> {
    while let Some(work) = session.due().into_iter().next() {
        session.begin(&work);
        let stage = work.stage;
        let outcome = watched(|progress| work.run(progress));
        session.absorb(outcome);
        if let Status::Failed(_, message) = session.status(stage) {
            let mut error = anyhow::Error::msg(message.details.join(": "));
            if message.details.is_empty() {
                error = anyhow::Error::msg(message.summary.clone());
            } else {
                error = error.context(message.summary.clone());
            }
            return Err(error);
        }
        if stage == Stage::Corpus {
            report_reading(session)?;
        }
    }
    Ok(())
}

/// Says what was left out; fails when nothing is left.
fn report_reading(session: &Session) -> anyhow::Result<()> {
    let Some(corpus) = session.corpus() else {
        return Ok(());
    };
    for message in session.reading_messages() {
        eprintln!("{}", message.summary);
        for line in &message.details {
            eprintln!("  {}", sentence(line));
        }
    }
    if corpus.documents.is_empty() && corpus.skipped.is_empty() {
        bail!("there are no files here; name a folder or files that hold text");
    }
    if corpus.documents.is_empty() {
        bail!(
            "{} found, but none could be read; the reasons are above",
            skipped_count(corpus.skipped.len())
        );
    }
    Ok(())
}
