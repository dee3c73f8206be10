//! The command line as typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Shows what a pile of documents is about and which of them say the same thing, on this computer.
///
/// Without a command it opens the window. What is read is never changed, and nothing is sent
/// anywhere; only --model OWNER/NAME uses the network, to fetch that model once.
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
    /// Threads to compute on [default: all cores; the window leaves one free].
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
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
        /// How many clusters: a number or "auto".
        #[arg(long, default_value = "auto", value_parser = cluster_count)]
        clusters: ClusterArg,
        /// What a row, a point and a cell stand for.
        #[arg(long, value_enum, default_value_t = LevelArg::Documents)]
        level: LevelArg,
        /// End with 1 when anything could not be read.
        #[arg(long)]
        strict: bool,
    },
    /// Embed one text per line.
    Embed {
        /// The file of lines, or - for standard input.
        file: PathBuf,
        /// Where to write the vectors, as .npy, one row per line.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Score two documents, and show which sentences match.
    Compare {
        /// One document.
        left: PathBuf,
        /// The other.
        right: PathBuf,
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
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Measure how fast this computer embeds, in every way that it can; for bug reports.
    Bench,
    /// Tell where vectors of earlier runs are kept and how much room they take.
    Cache {
        /// Forget them.
        #[arg(long)]
        clear: bool,
    },
}

/// A number of clusters, or as many as fit best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterArg {
    /// As many as fit best.
    Auto,
    /// This many.
    Fixed(usize),
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    /// Whole documents.
    Documents,
    /// Passages of documents.
    Passages,
}

fn cluster_count(typed: &str) -> Result<ClusterArg, String> {
    match typed {
        "auto" => Ok(ClusterArg::Auto),
        number => match number.parse() {
            Ok(n) if n > 0 => Ok(ClusterArg::Fixed(n)),
            _ => Err("a number from 1 on, or \"auto\"".into()),
        },
    }
}
