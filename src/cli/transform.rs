//! `semascope transform`: a corpus beyond one endpoint, by a batch job of SageMaker's.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::bar::watched;
use super::remote::passages_of;
use super::run::ExitStatus;
use crate::embed::remote::control::{Control, Place};
use crate::embed::remote::transform::{Agreed, Sending, TransformRule, import, send, write_plan};
use crate::embed::remote::{Destination, Ledger, Patience, RemoteRule};
use crate::embed::{self, Embedder, EmbedderChoice, NetworkGate, missing};
use crate::message::{count, grouped};
use crate::session::Settings;
use crate::text::Tools;

/// How often to ask Amazon how the job is doing.
const POLL: Duration = Duration::from_secs(20);
/// Rows that go into the cache in one transaction.
const ROWS_PER_STORE: usize = 1_024;

/// What to do with a plan.
#[derive(Debug, PartialEq)]
pub enum TransformWish {
    /// Write texts and job into a folder.
    Plan {
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// The plan.
        dir: PathBuf,
        /// The job.
        job: TransformJob,
    },
    /// Upload, run, fetch.
    Send {
        /// The plan.
        dir: PathBuf,
        /// The job.
        job: TransformJob,
    },
    /// Take the answers in.
    Import {
        /// The plan.
        dir: PathBuf,
    },
}

/// A job as it was named.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct TransformJob {
    /// Where shards and answers lie, as `s3://BUCKET/PREFIX`.
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    pub bucket: String,
    /// Name of the job; each can run once.
    #[arg(long, default_value = "semascope", value_parser = job_name)]
    pub job: String,
    /// What it runs on.
    #[arg(long, value_name = "INSTANCE", default_value = "ml.c5.xlarge")]
    pub instance: String,
    /// How many of them.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub instances: u16,
}

/// As SageMaker wants it.
fn job_name(typed: &str) -> Result<String, String> {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let is_good = typed.len() <= 63
        && typed.starts_with(is_word)
        && typed.ends_with(is_word)
        && typed.chars().all(|c| is_word(c) || c == '-');
    if is_good {
        Ok(typed.to_owned())
    } else {
        Err("letters, digits and hyphens between them, 63 at most".into())
    }
}

/// Does it.
///
/// # Errors
/// One sentence for people, with its causes.
pub fn transform(
    wish: &TransformWish,
    settings: &Settings,
    tools: &Tools,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let bundled = EmbedderChoice::Bundled;
    let local = watched(|progress| embed::open(&bundled, settings.precision, progress))?;
    match wish {
        TransformWish::Plan { paths, dir, job } => {
            let (_, rule) = named(settings, job)?;
            let (n_documents, texts) = passages_of(settings, tools, paths)?;
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let new = missing(local.tag(), tools.cache.as_ref(), &texts);
            let plan = watched(|progress| write_plan(dir, &new, &*local, &rule, progress))
                .with_context(|| format!("could not write the plan into {}", dir.display()))?;
            writeln!(
                out,
                "{} with {} new texts, in {} of {:.1} MB: {}\nNothing was sent.",
                count(n_documents, "document"),
                grouped(plan.n_texts),
                count(plan.shards.len(), "shard"),
                plan.n_bytes as f64 / 1e6,
                dir.display()
            )?;
        }
        TransformWish::Send { dir, job } => send_plan(settings, dir, job, out)?,
        TransformWish::Import { dir } => take_in(&*local, tools, dir, out)?,
    }
    Ok(ExitStatus::Success)
}

/// The remote that was named, and the job there.
fn named<'a>(
    settings: &'a Settings,
    job: &TransformJob,
) -> anyhow::Result<(&'a RemoteRule, TransformRule)> {
    let EmbedderChoice::Remote(remote) = &settings.model else {
        bail!("name the model there, as in --remote sagemaker:MODEL@REGION");
    };
    let Destination::SageMaker { endpoint, .. } = &remote.destination else {
        bail!("batch jobs are SageMaker's; name the model as in --remote sagemaker:MODEL@REGION");
    };
    Place::new(&job.bucket)?;
    let rule = TransformRule {
        job: job.job.clone(),
        model: endpoint.to_string(),
        bucket: job.bucket.trim_end_matches('/').to_owned(),
        instance: job.instance.clone(),
        n_instances: job.instances,
    };
    Ok((remote, rule))
}

fn send_plan(
    settings: &Settings,
    dir: &Path,
    job: &TransformJob,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (remote, rule) = named(settings, job)?;
    let place = Place::new(&rule.bucket)?;
    let destination = &remote.destination;
    let Destination::SageMaker {
        region,
        profile,
        url,
        ..
    } = destination
    else {
        bail!("batch jobs are SageMaker's");
    };
    let patience = remote.run.patience;
    let gate = NetworkGate::open()?;
    let control = Control::new(region, profile.as_ref(), url.as_ref(), patience, gate)?;
    let (account, who) = watched(|progress| control.account(progress))?;
    let to = format!("{} in account {account}, {region}, as {who}", rule.bucket);
    let Ok(agreed) = Agreed::by(remote.consent.as_ref(), destination) else {
        writeln!(
            out,
            "Nothing was sent. It would go to {to}, and be read by the job {} on {} × {}.\nTo send it, run this again with --consent.",
            rule.job, rule.n_instances, rule.instance
        )?;
        return Ok(());
    };
    let ledger = Ledger::open(&remote.ledger)?;
    let note = |texts: &[&str]| ledger.add(&to, texts);
    let sending = Sending {
        folder: dir,
        rule: &rule,
        place: &place,
        note: &note,
        poll: poll(patience),
    };
    let sent = watched(|progress| send(&sending, &control, agreed, progress))?;
    writeln!(
        out,
        "{} uploaded, the job {}, {} fetched.\nNext: semascope transform import {}",
        count(sent.n_uploaded, "shard"),
        if sent.is_started {
            "was run"
        } else {
            "had been started"
        },
        count(sent.n_fetched, "answer"),
        dir.display()
    )?;
    Ok(())
}

/// As often as the run is patient, so that tests need not wait.
fn poll(patience: Patience) -> Duration {
    POLL.min(patience.longest_wait)
}

fn take_in(
    local: &dyn Embedder,
    tools: &Tools,
    dir: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let cache = tools.cache.as_ref();
    let cache = cache.context("there is no cache to take vectors into; leave out --no-cache")?;
    let tag = local.tag().to_string();
    let mut pending: Vec<(crate::cache::Key, Vec<f32>)> = Vec::new();
    let store = |pending: &mut Vec<(crate::cache::Key, Vec<f32>)>| {
        cache.store(pending.iter().map(|(key, row)| (*key, row.as_slice())));
        pending.clear();
    };
    let imported = watched(|progress| {
        import(dir, local, progress, &mut |text, row| {
            pending.push((crate::cache::key(&tag, text), row.to_vec()));
            if pending.len() >= ROWS_PER_STORE {
                store(&mut pending);
            }
        })
    })?;
    store(&mut pending);
    writeln!(
        out,
        "{} came in, as good as those of this computer; documents with them open at once.",
        count(imported.n_texts, "vector")
    )?;
    if !imported.missing.is_empty() {
        let n = imported.missing.len();
        writeln!(
            out,
            "{} not here yet.",
            if n == 1 {
                "1 answer is".into()
            } else {
                format!("{n} answers are")
            }
        )?;
    }
    Ok(())
}
