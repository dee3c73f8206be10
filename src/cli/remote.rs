//! Where texts are to be sent, and what is shown before they are.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use super::args::RemoteArgs;
use super::bar::watched;
use super::request::JobKind;
use super::run::{ExitStatus, lines, read_lines};
use super::wheel::explored;
use crate::embed::remote::{
    Consent, Destination, Estimate, Price, RemoteEmbedder, RemoteRule, RunRule,
};
use crate::embed::{self, Embedder, EmbedderChoice};
use crate::message::{count, grouped};
use crate::session::{Command, Settings, Stage};
use crate::text::{Corpus, Passage, Passages, Tools};

/// What is enough of a request to see its form; the rest is counted.
const SHOWN_BYTES: usize = 2_000;

/// The destination that was named, if one was.
///
/// # Errors
/// When it is one that texts must not go to.
pub fn rule(typed: &RemoteArgs) -> anyhow::Result<Option<EmbedderChoice>> {
    let Some(destination) = &typed.remote else {
        return Ok(None);
    };
    let destination = Destination::parse(
        destination,
        typed.aws_profile.as_deref(),
        typed.remote_url.as_deref(),
        typed.remote_host.as_deref(),
    )?;
    let ledger = dirs::data_dir().context("this system has no folder for the ledger")?;
    let must_match = match destination {
        Destination::SageMaker { .. } | Destination::Tei(_) => !typed.other_model,
        Destination::Bedrock { .. } | Destination::OpenAi { .. } => false,
    };
    Ok(Some(EmbedderChoice::Remote(Arc::new(RemoteRule {
        consent: typed.consent.then(|| Consent::to(&destination)),
        destination,
        run: RunRule {
            most_at_once: usize::from(typed.at_once),
            per_minute: typed.per_minute,
            most_calls: typed.most_calls,
            ..RunRule::default()
        },
        must_match,
        ledger: ledger.join("semascope").join("sent.jsonl"),
    }))))
}

/// The rule of a remote that nobody has agreed to.
pub fn unconsented(model: &EmbedderChoice) -> Option<&RemoteRule> {
    match model {
        EmbedderChoice::Remote(rule) if rule.consent.is_none() => Some(rule),
        _ => None,
    }
}

/// Shows what would be sent where, and sends nothing but the test sentences.
///
/// # Errors
/// When nothing could be read, or the test fails.
pub fn propose(
    rule: &RemoteRule,
    settings: &Settings,
    tools: &Tools,
    kind: &JobKind,
    token_price: f64,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let bundled = EmbedderChoice::Bundled;
    let local = watched(|progress| embed::open(&bundled, settings.precision, progress))?;
    let (n_documents, texts) = texts(settings, tools, kind, &*local)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let remote = watched(|progress| RemoteEmbedder::connect(rule.clone(), local, progress))?;
    let new = embed::missing(remote.tag(), tools.cache.as_ref(), &texts);
    let estimate = remote.estimate(&new);
    writeln!(
        out,
        "Only three test sentences were sent, which are nobody's.\n"
    )?;
    writeln!(out, "to          {}", remote.destination())?;
    let found = remote.found();
    let same = match found.to_local {
        Some(cosine) if found.is_same_model() => {
            format!("the same model as here: cosine {cosine:.4} or more")
        }
        _ => "another model than here; its vectors are kept apart".into(),
    };
    writeln!(
        out,
        "model       {same}, {} dimensions",
        found.answer.dimension
    )?;
    let known = texts.len() - new.len();
    writeln!(
        out,
        "documents   {}, in {}; {} known already or equal",
        grouped(n_documents),
        count(texts.len(), "passage"),
        grouped(known)
    )?;
    tell(&estimate, token_price, rule.run.most_calls, out)?;
    writeln!(out, "noted in    {}\n", rule.ledger.display())?;
    if new.is_empty() {
        writeln!(out, "Nothing would be sent, as all vectors are known.")?;
        return Ok(ExitStatus::Success);
    }
    let sample = remote.sample(&new);
    let sample = String::from_utf8_lossy(&sample);
    let shown = &sample[..sample.floor_char_boundary(SHOWN_BYTES)];
    let rest = match sample.len() - shown.len() {
        0 => String::new(),
        n => format!(" … and {} more", count(n, "byte")),
    };
    writeln!(out, "The first request:\n{shown}{rest}\n")?;
    writeln!(out, "To send it, run this again with --consent.")?;
    Ok(ExitStatus::Success)
}

fn tell(
    estimate: &Estimate,
    token_price: f64,
    most_calls: Option<u64>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    writeln!(
        out,
        "to be sent  {}, {}, {}",
        count(estimate.n_texts, "text"),
        count(estimate.n_characters, "character"),
        count(estimate.n_tokens, "token")
    )?;
    let ceiling = most_calls.map_or_else(String::new, |n| format!(", of which {n} are allowed"));
    writeln!(
        out,
        "in          {}{ceiling}; {:.1} MB there, {:.1} MB back",
        count(estimate.n_calls, "request"),
        megabytes(estimate.bytes_sent),
        megabytes(estimate.bytes_got)
    )?;
    if token_price > 0.0 {
        let cost = estimate.cost(Price {
            per_1000_tokens: token_price,
            per_request: 0.0,
        });
        writeln!(
            out,
            "cost        {cost:.2}, at {token_price} for 1,000 tokens"
        )?;
    }
    Ok(())
}

/// How many documents a job reads, and their passages.
fn texts(
    settings: &Settings,
    tools: &Tools,
    kind: &JobKind,
    local: &dyn Embedder,
) -> anyhow::Result<(usize, Vec<String>)> {
    let paths: Vec<PathBuf> = match kind {
        JobKind::Run { paths, .. }
        | JobKind::Search { paths, .. }
        | JobKind::Duplicates { paths, .. }
        | JobKind::Why { paths, .. }
        | JobKind::Models { paths, .. } => paths.clone(),
        JobKind::Compare { pair, among, .. } => {
            [&[pair.0.clone(), pair.1.clone()], &among[..]].concat()
        }
        JobKind::Embed { file, .. } => {
            let (corpus, passages) = lines(&read_lines(file.as_deref())?, local);
            return Ok((corpus.documents.len(), passage_texts(&corpus, &passages)));
        }
        _ => anyhow::bail!("this command sends no texts anywhere; leave out --remote"),
    };
    passages_of(settings, tools, &paths)
}

/// How many documents there are, and their passages, read as by the model of this computer.
pub fn passages_of(
    settings: &Settings,
    tools: &Tools,
    paths: &[PathBuf],
) -> anyhow::Result<(usize, Vec<String>)> {
    let mut settings = settings.clone();
    settings.model = EmbedderChoice::Bundled;
    let stages = [
        Stage::Model,
        Stage::Corpus,
        Stage::Boilerplate,
        Stage::Passages,
    ];
    let session = explored(
        settings,
        tools,
        [Command::AddPaths(paths.to_vec())],
        &stages,
    )?;
    let corpus = session.corpus().context("nothing was read")?;
    let passages = session.passages().context("nothing was read")?;
    Ok((corpus.documents.len(), passage_texts(corpus, passages)))
}

fn passage_texts(corpus: &Corpus, passages: &Passages) -> Vec<String> {
    let text = |passage: &Passage| {
        corpus.documents[passage.document].text[passage.range.clone()].to_owned()
    };
    passages.list.iter().map(text).collect()
}
