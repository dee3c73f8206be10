//! What this computer does with the model, in every way that it can: for comparing and for bug
//! reports.

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Deserialize;

use super::run::ExitStatus;
use crate::embed::{
    EmbedError, Embedder, FilesError, InstructionSet, PrecisionRule, open, open_on,
};
use crate::progress::Progress;
use crate::session::Settings;
use crate::text::{Input, ReadRule, Tools, read, sentences};
use crate::vectors::{Embeddings, read_npy};

/// What is embedded in one go, in tokens: enough for the start and end not to matter.
const N_TOKENS: usize = 8_000;
/// How often; the fastest counts, for whatever else the computer does only slows it down.
const N_ROUNDS: usize = 3;

/// Texts of known vectors, by sentence-transformers in 32-bit floats.
#[derive(Deserialize)]
struct Golden {
    text: String,
}

/// Prints a table.
pub fn bench(settings: &Settings, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let started = Instant::now();
    let model = open(&settings.model, settings.precision, &Progress::new())?;
    let opened = started.elapsed();
    model.embed(&["One text."], &Progress::new())?;
    let first = started.elapsed();

    let processor = InstructionSet::processor();
    let n_threads = rayon::current_num_threads();
    writeln!(
        out,
        "Semascope {}, {} {}, {}, {n_threads} threads",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        processor.as_deref().unwrap_or("unknown processor"),
    )?;
    writeln!(
        out,
        "{}: opened in {} ms, first vector after {} ms",
        model.summary(),
        opened.as_millis(),
        first.as_millis()
    )?;

    let sets = Texts::new(&*model)?;
    writeln!(
        out,
        "\n{:<22}{:>12}{:>12}{:>12}{:>16}",
        "tokens/s", "lines", "passages", "256 tokens", "lowest cosine"
    )?;
    let exact = open(&settings.model, PrecisionRule::F32, &Progress::new())?;
    let reference = Reference::new(&*exact)?;
    for set in InstructionSet::available() {
        let on_set = match open_on(&settings.model, set, &Progress::new()) {
            // A model that the fused encoder does not run has only one way.
            Err(EmbedError::Files(FilesError::Architecture(_))) => {
                row(out, &*model, &model.summary(), &sets, &reference)?;
                break;
            }
            opened => opened?,
        };
        row(out, &*on_set, &set.to_string(), &sets, &reference)?;
    }
    Ok(ExitStatus::Success)
}

fn row(
    out: &mut dyn Write,
    model: &dyn Embedder,
    name: &str,
    sets: &Texts,
    reference: &Reference,
) -> anyhow::Result<()> {
    write!(out, "{name:<22}")?;
    for (texts, n_tokens) in [&sets.lines, &sets.passages, &sets.full] {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut fastest = Duration::MAX;
        for _ in 0..N_ROUNDS {
            let started = Instant::now();
            model.embed(&texts, &Progress::new())?;
            fastest = fastest.min(started.elapsed());
        }
        write!(out, "{:>12.0}", *n_tokens as f64 / fastest.as_secs_f64())?;
        out.flush()?;
    }
    writeln!(out, "{:>16.6}", reference.lowest_cosine(model)?)?;
    Ok(())
}

/// Three sets of texts out of the sample, each with its tokens, special ones included.
struct Texts {
    /// Sentences.
    lines: (Vec<String>, usize),
    /// Documents, or what the model reads of one at once.
    passages: (Vec<String>, usize),
    /// As long as the model reads, or 256 tokens.
    full: (Vec<String>, usize),
}

impl Texts {
    fn new(model: &dyn Embedder) -> anyhow::Result<Self> {
        let tools = Tools {
            workers: None,
            cache: None,
        };
        let corpus = read(
            &[Input::Sample],
            &ReadRule::default(),
            &tools,
            &[],
            &Progress::new(),
        )?;
        let documents = || {
            corpus
                .documents
                .iter()
                .map(|document| document.text.as_str())
        };
        let lines = documents().flat_map(|text| {
            let found = sentences(text)
                .into_iter()
                .map(|range| text[range].trim().to_owned());
            found.collect::<Vec<_>>()
        });
        let longest = model.max_text_tokens().min(254);
        let passages = documents().flat_map(|text| {
            let found = crate::text::passages(text, longest, &|text| model.n_tokens(text));
            found
                .into_iter()
                .map(|(range, _)| text[range].to_owned())
                .collect::<Vec<_>>()
        });
        let all: Vec<char> = documents().collect::<Vec<_>>().join(" ").chars().collect();
        let full = all
            .windows(3000)
            .step_by(1000)
            .map(|text| text.iter().collect());
        let n_special = model.tag().max_tokens - model.max_text_tokens();
        let measured = |texts: &mut dyn Iterator<Item = String>, fits: &dyn Fn(usize) -> bool| {
            let (mut taken, mut n) = (Vec::new(), 0);
            while n < N_TOKENS
                && let Some(text) = texts.next()
            {
                let n_tokens = model.n_tokens(&text).min(model.max_text_tokens());
                if fits(n_tokens) {
                    n += n_tokens + n_special;
                    taken.push(text);
                }
            }
            (taken, n)
        };
        Ok(Self {
            lines: measured(&mut { lines }, &|n| (8..=28).contains(&n)),
            passages: measured(&mut { passages }, &|_| true),
            full: measured(&mut { full }, &|n| n >= longest),
        })
    }
}

/// Vectors that others are compared with.
struct Reference {
    texts: Vec<String>,
    vectors: Embeddings,
}

impl Reference {
    /// For the built-in model those of sentence-transformers, for others its own exact ones.
    fn new(exact: &dyn Embedder) -> anyhow::Result<Self> {
        let golden: Vec<Golden> =
            serde_json::from_str(include_str!("../../tests/fixtures/golden/texts.json"))?;
        let texts: Vec<String> = golden.into_iter().map(|golden| golden.text).collect();
        let bytes = include_bytes!("../../tests/fixtures/golden/embeddings.npy");
        let golden = Embeddings::normalized(
            read_npy(Cursor::new(bytes)).context("the golden vectors are whole")?,
        );
        let mut reference = Self {
            texts,
            vectors: golden,
        };
        let own = reference.embedded(exact)?;
        if own.dim() != reference.vectors.dim() || reference.lowest(&own) < 0.999 {
            reference.vectors = own;
        }
        Ok(reference)
    }

    fn embedded(&self, model: &dyn Embedder) -> anyhow::Result<Embeddings> {
        let texts: Vec<&str> = self.texts.iter().map(String::as_str).collect();
        Ok(Embeddings::normalized(
            model.embed(&texts, &Progress::new())?,
        ))
    }

    fn lowest_cosine(&self, model: &dyn Embedder) -> anyhow::Result<f32> {
        Ok(self.lowest(&self.embedded(model)?))
    }

    fn lowest(&self, vectors: &Embeddings) -> f32 {
        let cosines = (0..vectors.n()).map(|text| vectors.row(text).dot(&self.vectors.row(text)));
        cosines.fold(1.0, f32::min)
    }
}
