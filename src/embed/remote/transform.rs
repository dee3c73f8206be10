//! Batch transform: a corpus beyond one endpoint, as files of lines for a job of SageMaker's.
//!
//! A plan is a folder that a person can read, send by any means, and come back to: `input/` with the
//! texts in shards, `job.json` as `CreateTransformJob` takes it, and later `output/` with a file for
//! each shard. The first lines are the test sentences, so that what comes back shows by itself
//! whether it was made by the model of this computer.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use ndarray::{Array2, ArrayView1};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::beginning;
use super::consent::{Consent, Unconsented};
use super::control::{Control, ControlError, JobStatus, Place};
use super::destination::Destination;
use super::probe::test_sentences;
use crate::embed::wire::{MalformedAnswer, got};
use crate::embed::{EmbedError, Embedder};
use crate::progress::{Cancelled, Progress};
use crate::vectors::{Embeddings, normalize};

/// Bytes of a shard: the unit of parallelism there, and of coming back to it. A job writes whole
/// shards only.
const SHARD_BYTES: usize = 16_000_000;
/// Texts of a shard: their vectors in JSON are 45 MB.
const SHARD_TEXTS: usize = 8_192;
/// Bytes of one request that the job makes of a shard's lines, in MB.
const PAYLOAD_MB: usize = 1;
/// From this cosine on, vectors are as good as those of this computer.
const SAME_VECTORS: f32 = 0.9999;

/// Where a job reads, computes and writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformRule {
    /// Name of the job, and of its folder below the bucket.
    pub job: String,
    /// Name of the model on SageMaker, as of the endpoint.
    pub model: String,
    /// `s3://BUCKET/PREFIX`, without a slash at its end.
    pub bucket: String,
    /// Such as `ml.c5.xlarge`.
    pub instance: String,
    /// How many of them.
    pub n_instances: u16,
}

impl TransformRule {
    /// The body of `CreateTransformJob`.
    pub fn request(&self) -> serde_json::Value {
        let Self {
            job, model, bucket, ..
        } = self;
        json!({
            "TransformJobName": job,
            "ModelName": model,
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": PAYLOAD_MB,
            "TransformInput": {
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": format!("{bucket}/{job}/input/"),
                    }
                },
                "ContentType": "application/jsonlines",
                "SplitType": "Line",
                "CompressionType": "None",
            },
            "TransformOutput": {
                "S3OutputPath": format!("{bucket}/{job}/output/"),
                "AssembleWith": "Line",
                "Accept": "application/jsonlines",
            },
            "TransformResources": {
                "InstanceType": self.instance,
                "InstanceCount": self.n_instances,
            },
        })
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Files of texts.
    pub shards: Vec<PathBuf>,
    /// Texts in them, the test sentences left out.
    pub n_texts: usize,
    /// Their size.
    pub n_bytes: u64,
}

/// A line of a shard.
#[derive(Debug, Serialize, Deserialize)]
struct Line<'a> {
    /// Its number in the shard, to see that lines come back in order.
    id: usize,
    #[serde(borrow)]
    inputs: std::borrow::Cow<'a, str>,
}

/// Why there are no vectors from a plan.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Stopped on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file is missing or cannot be read.
    #[error("could not read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// There is no plan here.
    #[error("there is no plan here: {path} holds no shards")]
    NoPlan {
        /// The folder.
        path: PathBuf,
    },
    /// A shard's answer has another number of lines.
    #[error("{path} has {got} lines for {expected} texts; fetch it again")]
    Lines {
        /// The file.
        path: PathBuf,
        /// Texts of the shard.
        expected: usize,
        /// Lines of its answer.
        got: usize,
    },
    /// A line has no vector.
    #[error("line {line} of {path}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1 on.
        line: usize,
        /// Why.
        #[source]
        reason: MalformedAnswer,
    },
    /// A line is another's answer.
    #[error("line {line} of {path} is the answer of another text; fetch it again")]
    Order {
        /// The file.
        path: PathBuf,
        /// From 1 on.
        line: usize,
    },
    /// The model on this computer failed.
    #[error(transparent)]
    Local(#[from] EmbedError),
    /// Another model.
    #[error(
        "the job was run with another model than the one on this computer: the lowest cosine of the \
         test sentences is {cosine:.4}"
    )]
    OtherModel {
        /// The lowest cosine; 0 for vectors of another length.
        cosine: f32,
    },
}

/// Writes texts and job into a folder, and sends nothing.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_plan(
    folder: &Path,
    texts: &[&str],
    local: &dyn Embedder,
    rule: &TransformRule,
    progress: &Progress,
) -> io::Result<Plan> {
    progress.step("Writing shards", texts.len());
    fs::create_dir_all(folder.join("input"))?;
    fs::create_dir_all(folder.join("output"))?;
    fs::write(folder.join("job.json"), format!("{:#}\n", rule.request()))?;
    let tests = test_sentences();
    let all = tests.iter().map(|text| beginning(local, text));
    let mut all = all
        .chain(texts.iter().map(|text| beginning(local, text)))
        .peekable();
    let mut plan = Plan {
        shards: Vec::new(),
        n_texts: texts.len(),
        n_bytes: 0,
    };
    while all.peek().is_some() {
        let path = folder
            .join("input")
            .join(format!("part-{:05}.jsonl", plan.shards.len()));
        let mut file = BufWriter::new(File::create(&path)?);
        let (mut written, mut id) = (0, 0);
        while written < SHARD_BYTES
            && id < SHARD_TEXTS
            && let Some(text) = all.next()
        {
            let inputs = text.into();
            let mut line = serde_json::to_vec(&Line { id, inputs })?;
            line.push(b'\n');
            file.write_all(&line)?;
            (written, id) = (written + line.len(), id + 1);
            if progress.advance(1).is_err() {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        file.flush()?;
        plan.n_bytes += written as u64;
        plan.shards.push(path);
    }
    Ok(plan)
}

/// Why a job did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Nobody has agreed.
    #[error(transparent)]
    Unconsented(#[from] Unconsented),
    /// Stopped on request; sent again it goes on.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The plan cannot be read.
    #[error(transparent)]
    Plan(#[from] ImportError),
    /// Amazon did not do it.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// What is sent cannot be noted, or what comes cannot be written.
    #[error("could not write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The job ended early.
    #[error(
        "the job {0} failed or was stopped; its log on Amazon says why. Send it again with another --job"
    )]
    Failed(String),
}

/// What sending a plan came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Shards that were uploaded now; the others were there.
    pub n_uploaded: usize,
    /// Whether the job was started now.
    pub is_started: bool,
    /// Answers that were fetched now.
    pub n_fetched: usize,
}

/// A plan on its way.
pub struct Sending<'a> {
    /// The plan's folder.
    pub folder: &'a Path,
    /// What runs.
    pub rule: &'a TransformRule,
    /// Where its files lie; the bucket of the rule.
    pub place: &'a Place,
    /// Told of texts before they are sent.
    pub note: &'a dyn Fn(&[&str]) -> io::Result<()>,
    /// How often to ask how the job is doing.
    pub poll: Duration,
}

/// Uploads what is not there yet, starts the job unless it was, waits for its end, and fetches what
/// is not here yet. Stopped or broken off at any moment, it goes on when it is called again.
///
/// # Errors
/// [`SendError`].
pub fn send(
    sending: &Sending<'_>,
    control: &Control,
    agreed: Agreed,
    progress: &Progress,
) -> Result<Sent, SendError> {
    // To be held is all that it is for.
    let Agreed(()) = agreed;
    let Sending {
        folder,
        rule,
        place,
        ..
    } = *sending;
    let mut sent = Sent::default();
    let shards = shards(&folder.join("input"))?;
    let input = format!("{}/input/", rule.job);
    let there = control.list(place, &input, progress)?;
    progress.step("Uploading shards", shards.len());
    for shard in &shards {
        let name = shard.file_name().unwrap_or_default().to_string_lossy();
        let body = fs::read(shard).map_err(|source| ImportError::Read {
            path: shard.clone(),
            source,
        })?;
        let is_there = |(key, size): &(String, u64)| *key == name && *size == body.len() as u64;
        if !there.iter().any(is_there) {
            let texts = read_texts(shard)?;
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            (sending.note)(&texts).map_err(|source| SendError::Write {
                path: "the ledger".into(),
                source,
            })?;
            control.put(place, &format!("{input}{name}"), &body, progress)?;
            sent.n_uploaded += 1;
        }
        progress.advance(1)?;
    }
    progress.step("Waiting for the job", 0);
    loop {
        match control.status(&rule.job, progress)? {
            JobStatus::Missing if !sent.is_started => {
                control.start(&rule.request(), progress)?;
                sent.is_started = true;
            }
            JobStatus::Completed => break,
            JobStatus::Failed => return Err(SendError::Failed(rule.job.clone())),
            JobStatus::Missing | JobStatus::Running => wait(sending.poll, progress)?,
        }
    }
    let output = format!("{}/output/", rule.job);
    let answers = control.list(place, &output, progress)?;
    progress.step("Fetching answers", answers.len());
    for (name, size) in answers {
        let path = folder.join("output").join(&name);
        let is_here = fs::metadata(&path).is_ok_and(|file| file.len() == size);
        // A name that leads elsewhere is none of ours.
        let is_answer = path.extension().is_some_and(|extension| extension == "out");
        if !is_here && is_answer && !name.contains(['/', '\\']) {
            let body = control.get(place, &format!("{output}{name}"), progress)?;
            write_whole(&path, &body).map_err(|source| SendError::Write { path, source })?;
            sent.n_fetched += 1;
        }
        progress.advance(1)?;
    }
    Ok(sent)
}

/// Proof that somebody agreed to send a plan to a destination.
#[derive(Debug, Clone, Copy)]
pub struct Agreed(());

impl Agreed {
    /// From a consent that covers the destination.
    ///
    /// # Errors
    /// [`Unconsented`].
    pub fn by(consent: Option<&Consent>, destination: &Destination) -> Result<Self, Unconsented> {
        match consent {
            Some(consent) if consent.covers(destination) => Ok(Self(())),
            _ => Err(Unconsented),
        }
    }
}

fn wait(poll: Duration, progress: &Progress) -> Result<(), Cancelled> {
    let started = Instant::now();
    while started.elapsed() < poll {
        progress.check()?;
        thread::sleep(poll.min(Duration::from_millis(50)));
    }
    progress.check()
}

/// Under its name only when it is whole.
fn write_whole(path: &Path, body: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("part");
    fs::write(&partial, body)?;
    fs::rename(partial, path)
}

/// What a plan's folder has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Texts whose vectors were handed on.
    pub n_texts: usize,
    /// Shards without an answer so far.
    pub missing: Vec<PathBuf>,
}

/// Reads all answers that are there, checks the test sentences, and hands every text and its row of
/// length 1 to `each`.
///
/// # Errors
/// [`ImportError`]; before the test sentences have passed nothing is handed on.
pub fn import(
    folder: &Path,
    local: &dyn Embedder,
    progress: &Progress,
    each: &mut dyn FnMut(&str, ArrayView1<'_, f32>),
) -> Result<Imported, ImportError> {
    let shards = shards(&folder.join("input"))?;
    progress.step("Reading answers", shards.len());
    let mut imported = Imported::default();
    let n_tests = test_sentences().len();
    for (at, shard) in shards.iter().enumerate() {
        let name = shard.file_name().unwrap_or_default().to_string_lossy();
        let answer = folder.join("output").join(format!("{name}.out"));
        if !answer.exists() {
            imported.missing.push(answer);
            // Without it nothing shows which model it was.
            if at == 0 {
                return Ok(Imported {
                    n_texts: 0,
                    missing: shards.clone(),
                });
            }
            continue;
        }
        let texts = read_texts(shard)?;
        let rows = read_answers(&answer, texts.len())?;
        let n_skipped = if at == 0 { n_tests.min(texts.len()) } else { 0 };
        if at == 0 {
            check(&texts[..n_skipped], &rows[..n_skipped], local)?;
        }
        for (text, row) in texts.iter().zip(&rows).skip(n_skipped) {
            each(text, row.view());
            imported.n_texts += 1;
        }
        progress.advance(1)?;
    }
    Ok(imported)
}

/// The shards of a plan, in order.
pub fn shards(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let entries = fs::read_dir(folder).map_err(|source| ImportError::Read {
        path: folder.to_owned(),
        source,
    })?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    paths.sort();
    if paths.is_empty() {
        return Err(ImportError::NoPlan {
            path: folder.to_owned(),
        });
    }
    Ok(paths)
}

/// The texts of a shard, in order.
///
/// # Errors
/// [`ImportError::Read`].
pub fn read_texts(shard: &Path) -> Result<Vec<String>, ImportError> {
    let mut texts = Vec::new();
    for line in lines(shard)? {
        let line: Line<'_> = serde_json::from_slice(&line).map_err(|error| ImportError::Read {
            path: shard.to_owned(),
            source: error.into(),
        })?;
        texts.push(line.inputs.into_owned());
    }
    Ok(texts)
}

/// Rows of length 1, one a line. A line is `{"id": …, "embedding": …}` as Semascope answers, or a
/// vector or token vectors as others do.
fn read_answers(path: &Path, n_texts: usize) -> Result<Vec<ndarray::Array1<f32>>, ImportError> {
    let lines = lines(path)?;
    if lines.len() != n_texts {
        return Err(ImportError::Lines {
            path: path.to_owned(),
            expected: n_texts,
            got: lines.len(),
        });
    }
    let row = |(at, line): (usize, &Vec<u8>)| {
        let found = got(line, 1).map_err(|reason| ImportError::Line {
            path: path.to_owned(),
            line: at + 1,
            reason,
        })?;
        if id_of(line).is_some_and(|id| id != at) {
            return Err(ImportError::Order {
                path: path.to_owned(),
                line: at + 1,
            });
        }
        let mut row = found.rows.row(0).to_owned();
        normalize(row.view_mut());
        Ok(row)
    };
    lines.iter().enumerate().map(row).collect()
}

/// The number that a line gives itself, if it gives one.
fn id_of(line: &[u8]) -> Option<usize> {
    #[derive(Deserialize)]
    struct Named {
        id: usize,
    }
    let named: Result<Named, _> = serde_json::from_slice(line);
    named.ok().map(|named| named.id)
}

fn lines(path: &Path) -> Result<Vec<Vec<u8>>, ImportError> {
    let failed = |source| ImportError::Read {
        path: path.to_owned(),
        source,
    };
    let file = BufReader::new(File::open(path).map_err(failed)?);
    file.split(b'\n').collect::<io::Result<_>>().map_err(failed)
}

fn check(
    texts: &[String],
    rows: &[ndarray::Array1<f32>],
    local: &dyn Embedder,
) -> Result<(), ImportError> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let ours: Array2<f32> = local.embed(&texts, &Progress::new())?;
    let ours = Embeddings::normalized(ours).into_rows();
    let cosines = ours.rows().into_iter().zip(rows).map(|(ours, row)| {
        let is_alike = ours.len() == row.len();
        if is_alike { ours.dot(row) } else { 0.0 }
    });
    let cosine = cosines.fold(1.0, f32::min);
    if cosine < SAME_VECTORS {
        return Err(ImportError::OtherModel { cosine });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::wire::line_answers;
    use crate::embed::{EmbedderChoice, PrecisionRule, open};
    use serde_json::Value;
    use std::sync::Arc;

    fn model() -> Arc<dyn Embedder> {
        let choice = EmbedderChoice::Bundled;
        open(&choice, PrecisionRule::Auto, &Progress::new()).unwrap()
    }

    fn rule() -> TransformRule {
        TransformRule {
            job: "news-1".into(),
            model: "embeddings".into(),
            bucket: "s3://bucket/prefix".into(),
            instance: "ml.c5.xlarge".into(),
            n_instances: 2,
        }
    }

    /// Answers a shard as `semascope serve` does; `spoil` changes the answer.
    fn answer(folder: &Path, shard: &Path, local: &dyn Embedder, spoil: impl Fn(&mut Vec<u8>)) {
        let texts = read_texts(shard).unwrap();
        let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
        let rows = local.embed(&refs, &Progress::new()).unwrap();
        let ids: Vec<Option<Value>> = (0..texts.len()).map(|id| Some(id.into())).collect();
        let mut body = line_answers(rows.view(), &ids, false);
        spoil(&mut body);
        let name = shard.file_name().unwrap().to_string_lossy();
        fs::write(folder.join("output").join(format!("{name}.out")), body).unwrap();
    }

    #[test]
    fn what_a_plan_sends_comes_back_as_the_vectors_of_this_computer() {
        let (local, folder) = (model(), tempfile::tempdir().unwrap());
        let folder = folder.path();
        // One text fills most of a shard, so that there are two.
        let large = "\u{1}".repeat(2_700_000);
        let texts = ["Low \"water\".\n", "水位", "", &large, "High water."];
        let plan = write_plan(folder, &texts, &*local, &rule(), &Progress::new()).unwrap();
        assert_eq!(plan.n_texts, 5);
        let job: Value =
            serde_json::from_slice(&fs::read(folder.join("job.json")).unwrap()).unwrap();
        assert_eq!(
            job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"],
            "s3://bucket/prefix/news-1/input/"
        );
        let import = |each: &mut dyn FnMut(&str, ArrayView1<'_, f32>)| {
            import(folder, &*local, &Progress::new(), each)
        };
        let nothing = import(&mut |_, _| panic!("there is no answer yet")).unwrap();
        assert_eq!(nothing.missing.len(), plan.shards.len());
        for shard in &plan.shards {
            answer(folder, shard, &*local, |_| {});
        }
        let mut found = Vec::new();
        let imported =
            import(&mut |text, row| found.push((text.to_owned(), row.to_owned()))).unwrap();
        assert_eq!((imported.n_texts, imported.missing.len()), (5, 0));
        for ((text, row), expected) in found.iter().zip(texts) {
            assert_eq!(text, beginning(&*local, expected));
            let ours = local.embed(&[expected], &Progress::new()).unwrap();
            assert!(ours.row(0).dot(row) > 0.9999 || ours.row(0).iter().all(|x| *x == 0.0));
        }
    }

    #[test]
    fn answers_that_do_not_fit_are_refused() {
        let (local, folder) = (model(), tempfile::tempdir().unwrap());
        let folder = folder.path();
        let texts = ["Low water.", "High water."];
        let plan = write_plan(folder, &texts, &*local, &rule(), &Progress::new()).unwrap();
        let refused = |spoil: &dyn Fn(&mut Vec<u8>)| {
            answer(folder, &plan.shards[0], &*local, spoil);
            let refuse = &mut |_: &str, _: ArrayView1<'_, f32>| panic!("it was handed on");
            import(folder, &*local, &Progress::new(), refuse)
                .unwrap_err()
                .to_string()
        };
        let short = refused(&|body| body.truncate(body.len() / 2));
        assert!(short.contains("lines for 5 texts"), "{short}");
        let swapped = refused(&|body| {
            let text = String::from_utf8(body.clone()).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            lines.swap(3, 4);
            *body = lines.join("\n").into_bytes();
        });
        assert!(
            swapped.contains("line 4") && swapped.contains("another text"),
            "{swapped}"
        );
        let other = refused(&|body| {
            let text = String::from_utf8(body.clone()).unwrap();
            *body = text
                .replace("[0.", "[9.")
                .replace("[-0.", "[9.")
                .into_bytes();
        });
        assert!(other.contains("another model"), "{other}");
        let folder = tempfile::tempdir().unwrap();
        assert!(import(folder.path(), &*local, &Progress::new(), &mut |_, _| {}).is_err());
    }
}
