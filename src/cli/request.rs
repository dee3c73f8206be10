//! The command line as meant.

use std::path::PathBuf;

use super::args::{Args, ClusterArg, Command, Common, LevelArg, PrecisionArg, Renderer};
use crate::analysis::{ClusterCount, ClusterRule};
use crate::embed::{EmbedderChoice, PrecisionRule};
use crate::session::{Level, Settings};
use crate::text::{Amount, ReadRule};

/// What the program is to do.
#[derive(Debug, PartialEq)]
pub enum Request {
    /// Open the window.
    Window(WindowRequest),
    /// Do this without one.
    Headless(Job),
}

/// What the window opens with.
#[derive(Debug, PartialEq)]
pub struct WindowRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Model and reading rules.
    pub settings: Settings,
    /// How to draw; `None` finds out.
    pub renderer: Option<Renderer>,
    /// Threads to compute on.
    pub n_threads: Option<usize>,
    /// Whether vectors are kept for the next time.
    pub with_cache: bool,
}

/// Something to do without a window.
#[derive(Debug, PartialEq)]
pub struct Job {
    /// What.
    pub kind: JobKind,
    /// Model and rules.
    pub settings: Settings,
    /// Threads to compute on.
    pub n_threads: Option<usize>,
    /// Whether vectors are kept for the next time.
    pub with_cache: bool,
}

/// What to do.
#[derive(Debug, PartialEq)]
pub enum JobKind {
    /// Write everything below `out`.
    Run {
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// The folder.
        out: PathBuf,
        /// Whether a file that could not be read makes the run fail.
        strict: bool,
    },
    /// Embed lines; `None` reads standard input.
    Embed {
        /// The file of lines.
        file: Option<PathBuf>,
        /// The file of vectors.
        out: PathBuf,
    },
    /// Compare two documents.
    Compare {
        /// Left and right.
        pair: (PathBuf, PathBuf),
        /// JSON instead of text.
        json: bool,
    },
    /// Search documents.
    Search {
        /// The words.
        query: String,
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// How many to show.
        k: usize,
        /// JSON instead of text.
        json: bool,
    },
    /// Measure this computer.
    Bench,
    /// Tell of the cache.
    Cache {
        /// Whether to empty it.
        clear: bool,
    },
}

impl From<Args> for Request {
    fn from(args: Args) -> Self {
        let n_threads = args.common.threads.map(usize::from);
        let with_cache = !args.common.no_cache;
        let mut settings = settings(&args.common);
        let Some(command) = args.command else {
            // In the window there is somebody to ask.
            settings.read.amount = Amount::Ask;
            return Self::Window(WindowRequest {
                paths: args.paths,
                settings,
                with_cache,
                renderer: Some(args.renderer).filter(|renderer| *renderer != Renderer::Auto),
                n_threads,
            });
        };
        let (kind, settings) = job(command, settings);
        Self::Headless(Job {
            kind,
            settings,
            n_threads,
            with_cache,
        })
    }
}

impl WindowRequest {
    /// The same without a window, for computers without a display.
    pub fn headless(mut self, out: PathBuf) -> Job {
        self.settings.read.amount = Amount::All;
        Job {
            kind: JobKind::Run {
                paths: self.paths,
                out,
                strict: false,
            },
            settings: self.settings,
            n_threads: self.n_threads,
            with_cache: self.with_cache,
        }
    }
}

fn settings(common: &Common) -> Settings {
    Settings {
        model: common
            .model
            .as_deref()
            .map_or(EmbedderChoice::Bundled, EmbedderChoice::from_arg),
        precision: match common.precision {
            PrecisionArg::Auto => PrecisionRule::Auto,
            PrecisionArg::F32 => PrecisionRule::F32,
        },
        read: ReadRule {
            text_column: common.text_column.clone(),
            with_hidden: common.hidden,
            ..ReadRule::default()
        },
        ..Settings::default()
    }
}

fn job(command: Command, mut settings: Settings) -> (JobKind, Settings) {
    let kind = match command {
        Command::Run {
            paths,
            out,
            clusters,
            level,
            strict,
        } => {
            settings.level = match level {
                LevelArg::Documents => Level::Documents,
                LevelArg::Passages => Level::Passages,
            };
            settings.cluster = ClusterRule {
                count: match clusters {
                    ClusterArg::Auto => ClusterCount::Auto,
                    ClusterArg::Fixed(n) => ClusterCount::Fixed(n),
                },
                ..ClusterRule::default()
            };
            JobKind::Run { paths, out, strict }
        }
        Command::Embed { file, out } => JobKind::Embed {
            file: Some(file).filter(|file| file.as_os_str() != "-"),
            out,
        },
        Command::Compare { left, right, json } => JobKind::Compare {
            pair: (left, right),
            json,
        },
        Command::Search {
            query,
            paths,
            k,
            json,
        } => JobKind::Search {
            query,
            paths,
            k,
            json,
        },
        Command::Bench => JobKind::Bench,
        Command::Cache { clear } => JobKind::Cache { clear },
    };
    (kind, settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn request(line: &str) -> Request {
        Args::try_parse_from(line.split_whitespace())
            .unwrap()
            .into()
    }

    #[test]
    fn paths_alone_open_the_window() {
        let Request::Window(window) = request("semascope a b --model some/dir/x") else {
            panic!("no window");
        };
        assert_eq!(window.paths, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!(
            window.settings.model,
            EmbedderChoice::Folder("some/dir/x".into())
        );
    }

    #[test]
    fn a_run_knows_its_rules() {
        let Request::Headless(job) =
            request("semascope run a --out o --clusters 5 --level passages --threads 1")
        else {
            panic!("a window");
        };
        assert_eq!(job.settings.cluster.count, ClusterCount::Fixed(5));
        assert_eq!(job.settings.level, Level::Passages);
        assert_eq!(job.n_threads, Some(1));
        assert!(
            Args::try_parse_from(["semascope", "run", "a", "--out", "o", "--clusters", "0"])
                .is_err()
        );
    }

    #[test]
    fn a_dash_is_standard_input() {
        let Request::Headless(job) = request("semascope embed - --out v.npy") else {
            panic!("a window");
        };
        assert_eq!(
            job.kind,
            JobKind::Embed {
                file: None,
                out: "v.npy".into()
            }
        );
    }
}
