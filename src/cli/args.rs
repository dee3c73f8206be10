//! The command line as typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

#[cfg(feature = "cloud")]
use super::transform::TransformJob;

use super::deploy::DeployArgs;

/// Shows what a pile of documents is about and which of them say the same thing, on this computer.
///
/// Without a command it opens the window. What is read is never changed, and nothing is sent
/// anywhere, except to a --remote with --consent; --model OWNER/NAME fetches that model once.
#[derive(Debug, Parser)]
#[command(name = "semascope", version, args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What to do; without it the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Files and folders to open in the window.
    pub paths: Vec<PathBuf>,
    /// How to draw the window.
    #[arg(long, value_enum, default_value_t = Renderer::Auto)]
    pub renderer: Renderer,
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// A sentence-transformers folder, or OWNER/NAME to fetch one from the model hub [default: the
    /// built-in all-MiniLM-L6-v2].
    #[arg(long, global = true, value_name = "DIR or OWNER/NAME")]
    pub model: Option<String>,
    /// How exactly the model computes: as fast as this processor can while vectors keep a cosine of
    /// 0.9999 to the exact ones, or in 32-bit floats.
    #[arg(long, global = true, value_enum, default_value_t = PrecisionArg::Auto)]
    pub precision: PrecisionArg,
    /// The column of a table that holds the text [default: the longest on average].
    #[arg(long, global = true, value_name = "NAME")]
    pub text_column: Option<String>,
    /// Read hidden files too, and those that a .gitignore names.
    #[arg(long, global = true)]
    pub hidden: bool,
    /// Neither use nor keep vectors of earlier runs.
    #[arg(long, global = true, env = "SEMASCOPE_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,
    /// Forbid all use of the network, whatever else is asked for.
    #[arg(long, global = true, env = "SEMASCOPE_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    pub offline: bool,
    /// Embedding by another computer.
    #[cfg(feature = "cloud")]
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// Threads to compute on [default: all cores; the window leaves one free].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Embedding by another computer.
#[cfg(feature = "cloud")]
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Embedding by another computer")]
pub struct RemoteArgs {
    /// Embed there: sagemaker:ENDPOINT@REGION, bedrock:MODEL@REGION, tei:URL or openai:URL#MODEL.
    /// Without --consent three test sentences are sent, and it is shown what would be.
    #[arg(
        long,
        global = true,
        value_name = "DESTINATION",
        conflicts_with = "model"
    )]
    pub remote: Option<String>,
    /// Agree that texts are sent there.
    #[arg(long, global = true, requires = "remote")]
    pub consent: bool,
    /// The profile that signs in to Amazon [default: the usual chain].
    #[arg(long, global = true, value_name = "NAME", requires = "remote")]
    pub aws_profile: Option<String>,
    /// An address in place of Amazon's, such as `http://127.0.0.1:8080` for semascope serve; it gets
    /// no sign-in of yours unless it is Amazon's too.
    #[arg(long, global = true, value_name = "URL", requires = "remote")]
    pub remote_url: Option<String>,
    /// Confirm a host that is neither this computer nor Amazon's.
    #[arg(long, global = true, value_name = "HOST", requires = "remote")]
    pub remote_host: Option<String>,
    /// Accept another model than the built-in one at a SageMaker or TEI destination.
    #[arg(long, global = true, requires = "remote")]
    pub other_model: bool,
    /// Requests at once, at most; an endpoint's own limit is in the outputs of its Terraform.
    #[arg(long, global = true, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub at_once: u16,
    /// Requests a minute, at most, where those are counted, as on Bedrock.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub per_minute: Option<u32>,
    /// Requests in all, at most; a run that needs more goes on when it is run again.
    #[arg(long, global = true, value_name = "N")]
    pub most_calls: Option<u64>,
    /// What 1,000 tokens cost there, for the estimate.
    #[arg(long, global = true, value_name = "PRICE", default_value_t = 0.0)]
    pub token_price: f64,
}

/// Steps of a batch job; the model there is named by --remote sagemaker:MODEL@REGION.
#[cfg(feature = "cloud")]
#[derive(Debug, Subcommand)]
pub enum TransformCommand {
    /// Write texts and job into a folder, and send nothing.
    Plan {
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The job.
        #[command(flatten)]
        job: TransformJob,
    },
    /// With --consent upload the texts of a plan, run its job, and fetch the answers. Broken off, it
    /// goes on when it is run again.
    Send {
        /// The folder.
        dir: PathBuf,
        /// The job.
        #[command(flatten)]
        job: TransformJob,
    },
    /// Check the answers in a folder, and keep their vectors for all that comes.
    Import {
        /// The folder.
        dir: PathBuf,
    },
}

/// How exactly the model computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrecisionArg {
    /// The fastest way that is near enough.
    Auto,
    /// 32-bit floats.
    F32,
}

/// How to draw the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Renderer {
    /// wgpu on a graphics processor, else glow, else wgpu on whatever there is.
    Auto,
    /// Vulkan, Metal or DirectX.
    Wgpu,
    /// OpenGL.
    Glow,
}

/// What to do without a window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read, embed, map and cluster documents, and write everything into a folder.
    Run {
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Where to write; made if need be.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Leave out sentences that stand in many documents.
        #[arg(long)]
        without_boilerplate: bool,
        /// What a row, a point and a cell stand for.
        #[arg(long, value_enum, default_value_t = LevelArg::Documents)]
        level: LevelArg,
        /// End with 1 when anything could not be read.
        #[arg(long)]
        strict: bool,
        /// Maps and clusters.
        #[command(flatten)]
        analysis: AnalysisArgs,
        /// What to write.
        #[command(flatten)]
        export: ExportArgs,
    },
    /// Show texts with vectors that another program made, and write everything into a folder. No
    /// model is used, so such texts cannot be searched for words.
    Import {
        /// The vectors: .npy, .safetensors, .parquet, .csv or .tsv, one row for each text.
        vectors: PathBuf,
        /// The texts: a file of lines, or a table. Matched by a column called id if both files have
        /// one, else by order.
        #[arg(long, value_name = "FILE")]
        texts: PathBuf,
        /// Where to write; made if need be.
        #[arg(long, value_name = "DIR", default_value = "semascope-out")]
        out: PathBuf,
        /// End with 1 when a text could not be read.
        #[arg(long)]
        strict: bool,
        /// Maps and clusters.
        #[command(flatten)]
        analysis: AnalysisArgs,
        /// What to write.
        #[command(flatten)]
        export: ExportArgs,
    },
    /// Embed one text per line.
    Embed {
        /// The file of lines, or - for standard input.
        file: PathBuf,
        /// Where to write the vectors, as .npy, one row per line.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Score two documents, and show what their sentences contribute to the score.
    Compare {
        /// One document.
        left: PathBuf,
        /// The other.
        right: PathBuf,
        /// Files and folders that tell what all documents share; then it is also said what these two
        /// share beyond that.
        #[arg(long, value_name = "PATHS", num_args = 1..)]
        among: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell why a document is in its cluster, sentence by sentence.
    Why {
        /// The document.
        file: PathBuf,
        /// Files and folders to cluster; it must be among them.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// How to cluster, as for run.
        #[arg(long, default_value = "auto", value_parser = cluster_rule)]
        clusters: ClusterArg,
        /// Where the random numbers come from.
        #[arg(long, default_value_t = 42)]
        seed: u64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Find the documents that are nearest to some words in meaning.
    Search {
        /// The words.
        query: String,
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// How many to show.
        #[arg(short, default_value_t = 10)]
        k: usize,
        /// Find texts like this one of the files, too or instead; may be given more than once.
        #[arg(long, value_name = "FILE")]
        like: Vec<PathBuf>,
        /// Find texts unlike this one of the files; may be given more than once.
        #[arg(long, value_name = "FILE")]
        unlike: Vec<PathBuf>,
        /// Words that a text must hold, or a regular expression between slashes.
        #[arg(long, value_name = "WORDS", default_value = "")]
        filter: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List groups of documents that say the same.
    Duplicates {
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// From which cosine on two documents say the same: a number or "auto".
        #[arg(long, default_value = "auto", value_parser = threshold)]
        threshold: ThresholdArg,
        /// Leave out sentences that stand in many documents.
        #[arg(long)]
        without_boilerplate: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compare what two models make of the same documents.
    Models {
        /// A model: a folder, OWNER/NAME, or "built-in".
        first: String,
        /// Another model.
        second: String,
        /// Files and folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Answer requests for vectors over HTTP, in the forms of SageMaker, Text Embeddings Inference
    /// and OpenAI, until Ctrl-C or SIGTERM. A model in /opt/ml/model takes the place of the built-in
    /// one.
    #[cfg(feature = "serve")]
    Serve(ServeArgs),
    /// Write what an Amazon SageMaker endpoint is made of (a Dockerfile and Terraform, with your names
    /// filled in) into a folder, warn of what the platform would refuse, and print the commands to
    /// run. Nothing is sent.
    Deploy(DeployArgs),
    /// Measure how fast this computer embeds, in every way that it can; for bug reports.
    Bench,
    /// Embed a corpus beyond one endpoint by a batch job on SageMaker, in steps: plan, send, import.
    #[cfg(feature = "cloud")]
    #[command(subcommand)]
    Transform(TransformCommand),
    /// Tell where vectors of earlier runs are kept and how much room they take.
    Cache {
        /// Forget them.
        #[arg(long)]
        clear: bool,
    },
}

/// Where a server listens and what it refuses.
#[cfg(feature = "serve")]
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArgs {
    /// The address to listen on; 0.0.0.0 listens to other computers too.
    #[arg(long, env = "SEMASCOPE_HOST", default_value = "127.0.0.1")]
    pub host: std::net::IpAddr,
    /// The port; 0 lets the system choose one.
    #[arg(long, env = "SAGEMAKER_BIND_TO_PORT", default_value_t = 8080)]
    pub port: u16,
    /// Refuse bodies with more bytes.
    #[arg(long, value_name = "N", default_value_t = 6 * 1024 * 1024, value_parser = clap::value_parser!(u32).range(1..=1 << 30))]
    pub max_body: u32,
    /// Refuse requests with more texts.
    #[arg(long, value_name = "N", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_texts: u32,
    /// Refuse requests while more texts than this would wait.
    #[arg(long, value_name = "N", default_value_t = 32_768, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_waiting: u32,
    /// Tell of every request: route, status, number of texts and time, but no text.
    #[arg(long)]
    pub log: bool,
}

/// How maps and clusters are made.
#[derive(Debug, Clone, clap::Args)]
pub struct AnalysisArgs {
    /// How to draw the map; with several, documents.csv has the first, and each gets files of its
    /// own.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "pca")]
    pub projection: Vec<ProjectionArg>,
    /// Axes of the map: 2 or 3.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=3))]
    pub dimensions: u8,
    /// An axis between two texts, such as "refund" "praise"; once for across, twice for up too.
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], action = clap::ArgAction::Append)]
    pub axis: Vec<String>,
    /// How to cluster: "auto" or "kmeans" (as many as fit best), a number of clusters or "kmeans:8",
    /// "hdbscan" (dense groups, the rest in no cluster), "ward" (a tree, cut where it fits best), or
    /// "ward:8" (the same, cut into that many).
    #[arg(long, default_value = "auto", value_parser = cluster_rule)]
    pub clusters: ClusterArg,
    /// From which cosine on two documents say the same.
    #[arg(long, default_value = "auto", value_parser = threshold)]
    pub threshold: ThresholdArg,
    /// Where the random numbers of maps and clusters come from.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
}

/// What is written into the folder.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportArgs {
    /// Formats of the table of documents.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "csv")]
    pub format: Vec<FormatArg>,
}

/// A format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FormatArg {
    /// documents.csv
    Csv,
    /// documents.jsonl
    Jsonl,
    /// documents.parquet
    Parquet,
}

/// How to cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterArg {
    /// k-means; as many as fit best, or this many.
    KMeans(Option<usize>),
    /// Dense groups.
    Hdbscan,
    /// Ward's tree, cut where it fits best or into this many.
    Ward(Option<usize>),
}

/// From which cosine on two documents say the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThresholdArg {
    /// Where the scores part.
    Auto,
    /// This one.
    Fixed(f32),
}

/// How to draw the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProjectionArg {
    /// Principal components.
    Pca,
    /// UMAP.
    Umap,
    /// t-SNE.
    Tsne,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    /// Whole documents.
    Documents,
    /// Passages of documents.
    Passages,
}

fn cluster_rule(typed: &str) -> Result<ClusterArg, String> {
    let wrong = "\"auto\", \"kmeans\", \"hdbscan\", \"ward\", a number from 1 on, or a number \
                 behind a method, as in \"ward:8\"";
    let number = |typed: &str| match typed.parse() {
        Ok(n) if n > 0 => Ok(Some(n)),
        _ => Err(wrong.to_owned()),
    };
    match typed.split_once(':') {
        Some(("kmeans", n)) => number(n).map(ClusterArg::KMeans),
        Some(("ward", n)) => number(n).map(ClusterArg::Ward),
        Some(_) => Err(wrong.into()),
        None => match typed {
            "auto" | "kmeans" => Ok(ClusterArg::KMeans(None)),
            "hdbscan" => Ok(ClusterArg::Hdbscan),
            "ward" => Ok(ClusterArg::Ward(None)),
            n => number(n).map(ClusterArg::KMeans),
        },
    }
}

fn threshold(typed: &str) -> Result<ThresholdArg, String> {
    match typed {
        "auto" => Ok(ThresholdArg::Auto),
        number => match number.parse() {
            Ok(cosine) if (-1.0..=1.0).contains(&cosine) => Ok(ThresholdArg::Fixed(cosine)),
            _ => Err("a cosine from -1 to 1, such as 0.9, or \"auto\"".into()),
        },
    }
}
