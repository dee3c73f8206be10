//! The command line as meant.

use std::path::PathBuf;

#[cfg(feature = "cloud")]
use super::args::TransformCommand;
use super::args::{
    AnalysisArgs, Args, ClusterArg, Command, Common, ExportArgs, FormatArg, LevelArg, PrecisionArg,
    ProjectionArg, Renderer, ThresholdArg,
};
use super::deploy::DeployArgs;
#[cfg(feature = "serve")]
use super::serve::ServeOptions;
#[cfg(feature = "cloud")]
use super::transform::TransformWish;
use crate::analysis::{
    ClusterCount, ClusterMethod, ClusterRule, HdbscanRule, ProjectionMethod, ProjectionRule,
};
use crate::embed::{EmbedderChoice, PrecisionRule};
use crate::export::{ExportRule, TableFormat};
use crate::session::{DuplicateThreshold, Level, MapRule, Poles, Query, SemanticAxes, Settings};
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
    /// What 1,000 tokens cost where texts are sent.
    #[cfg(feature = "cloud")]
    pub token_price: f64,
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
        /// How to draw maps; the first is in the settings too.
        projections: Vec<ProjectionMethod>,
        /// Whether a file that could not be read makes the run fail.
        strict: bool,
        /// What to write.
        export: ExportRule,
    },
    /// Write everything about texts and the vectors that came with them.
    Import {
        /// The file of vectors.
        vectors: PathBuf,
        /// The file of texts.
        texts: PathBuf,
        /// The folder.
        out: PathBuf,
        /// How to draw maps; the first is in the settings too.
        projections: Vec<ProjectionMethod>,
        /// Whether a text that could not be read makes the run fail.
        strict: bool,
        /// What to write.
        export: ExportRule,
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
        /// Files and folders that tell what all documents share.
        among: Vec<PathBuf>,
        /// JSON instead of text.
        json: bool,
    },
    /// Explain a document against its cluster.
    Why {
        /// The document.
        file: PathBuf,
        /// Files and folders to cluster.
        paths: Vec<PathBuf>,
        /// JSON instead of text.
        json: bool,
    },
    /// Search documents.
    Search {
        /// The words and the filter.
        query: Query,
        /// Files to be like.
        like: Vec<PathBuf>,
        /// Files to be unlike.
        unlike: Vec<PathBuf>,
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// How many to show.
        k: usize,
        /// JSON instead of text.
        json: bool,
    },
    /// List duplicates.
    Duplicates {
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// JSON instead of text.
        json: bool,
    },
    /// Compare with the second model that the settings name.
    Models {
        /// Files and folders.
        paths: Vec<PathBuf>,
        /// JSON instead of text.
        json: bool,
    },
    /// Answer requests over HTTP.
    #[cfg(feature = "serve")]
    Serve(ServeOptions),
    /// Write what an endpoint is made of.
    Deploy(DeployArgs),
    /// A batch job.
    #[cfg(feature = "cloud")]
    Transform(TransformWish),
    /// Measure this computer.
    Bench,
    /// Tell of the cache.
    Cache {
        /// Whether to empty it.
        clear: bool,
    },
}

impl TryFrom<Args> for Request {
    type Error = anyhow::Error;

    /// Fails for a destination that texts must not go to.
    fn try_from(args: Args) -> anyhow::Result<Self> {
        let n_threads = args.common.threads.map(usize::from);
        let with_cache = !args.common.no_cache;
        let mut settings = settings(&args.common);
        #[cfg(feature = "cloud")]
        if let Some(remote) = super::remote::rule(&args.common.remote)? {
            settings.model = remote;
        }
        #[cfg(feature = "cloud")]
        let token_price = args.common.remote.token_price;
        let Some(command) = args.command else {
            // In the window there is somebody to ask.
            settings.read.amount = Amount::Ask;
            return Ok(Self::Window(WindowRequest {
                paths: args.paths,
                settings,
                with_cache,
                renderer: Some(args.renderer).filter(|renderer| *renderer != Renderer::Auto),
                n_threads,
            }));
        };
        let (kind, settings) = job(command, settings);
        Ok(Self::Headless(Job {
            kind,
            settings,
            n_threads,
            with_cache,
            #[cfg(feature = "cloud")]
            token_price,
        }))
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
                projections: vec![self.settings.map.projection.method],
                strict: false,
                export: ExportRule::default(),
            },
            settings: self.settings,
            n_threads: self.n_threads,
            with_cache: self.with_cache,
            #[cfg(feature = "cloud")]
            token_price: 0.0,
        }
    }
}

fn settings(common: &Common) -> Settings {
    let model = common.model.as_deref();
    Settings {
        model: model.map_or(EmbedderChoice::Bundled, EmbedderChoice::from_arg),
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

#[expect(clippy::too_many_lines, reason = "one flat arm for each command")]
fn job(command: Command, mut settings: Settings) -> (JobKind, Settings) {
    let kind = match command {
        Command::Run {
            paths,
            out,
            without_boilerplate,
            level,
            strict,
            analysis,
            export,
        } => {
            settings.level = level.into();
            settings.without_boilerplate = without_boilerplate;
            JobKind::Run {
                paths,
                out,
                projections: analyze(analysis, &mut settings),
                strict,
                export: export_rule(export),
            }
        }
        Command::Import {
            vectors,
            texts,
            out,
            strict,
            analysis,
            export,
        } => JobKind::Import {
            vectors,
            texts,
            out,
            projections: analyze(analysis, &mut settings),
            strict,
            export: export_rule(export),
        },
        Command::Embed { file, out } => JobKind::Embed {
            file: Some(file).filter(|file| file.as_os_str() != "-"),
            out,
        },
        Command::Compare {
            left,
            right,
            among,
            json,
        } => JobKind::Compare {
            pair: (left, right),
            among,
            json,
        },
        Command::Why {
            file,
            paths,
            clusters,
            seed,
            json,
        } => {
            settings.cluster = cluster_rule(clusters, seed);
            JobKind::Why { file, paths, json }
        }
        Command::Search {
            query,
            paths,
            k,
            like,
            unlike,
            filter,
            json,
        } => JobKind::Search {
            query: Query::of_words(query, filter),
            like,
            unlike,
            paths,
            k,
            json,
        },
        Command::Duplicates {
            paths,
            threshold,
            without_boilerplate,
            json,
        } => {
            settings.duplicates = duplicate_threshold(threshold);
            settings.without_boilerplate = without_boilerplate;
            JobKind::Duplicates { paths, json }
        }
        Command::Models {
            first,
            second,
            paths,
            json,
        } => {
            settings.model = model(&first);
            settings.second_model = Some(model(&second));
            JobKind::Models { paths, json }
        }
        #[cfg(feature = "serve")]
        Command::Serve(args) => JobKind::Serve(args.into()),
        Command::Deploy(wish) => JobKind::Deploy(wish),
        #[cfg(feature = "cloud")]
        Command::Transform(step) => JobKind::Transform(match step {
            TransformCommand::Plan { paths, out, job } => TransformWish::Plan {
                paths,
                dir: out,
                job,
            },
            TransformCommand::Send { dir, job } => TransformWish::Send { dir, job },
            TransformCommand::Import { dir } => TransformWish::Import { dir },
        }),
        Command::Bench => JobKind::Bench,
        Command::Cache { clear } => JobKind::Cache { clear },
    };
    (kind, settings)
}

impl From<LevelArg> for Level {
    fn from(typed: LevelArg) -> Self {
        match typed {
            LevelArg::Documents => Self::Documents,
            LevelArg::Passages => Self::Passages,
        }
    }
}

/// Puts the rules of maps and clusters into the settings, and tells which maps to draw.
fn analyze(args: AnalysisArgs, settings: &mut Settings) -> Vec<ProjectionMethod> {
    let projections: Vec<ProjectionMethod> = args.projection.into_iter().map(method).collect();
    settings.cluster = cluster_rule(args.clusters, args.seed);
    settings.map = MapRule {
        projection: ProjectionRule {
            method: projections.first().copied().unwrap_or_default(),
            n_axes: usize::from(args.dimensions),
            seed: args.seed,
            ..ProjectionRule::default()
        },
        axes: axes(&args.axis),
    };
    settings.duplicates = duplicate_threshold(args.threshold);
    projections
}

fn model(typed: &str) -> EmbedderChoice {
    if typed == "built-in" {
        return EmbedderChoice::Bundled;
    }
    EmbedderChoice::from_arg(typed)
}

fn method(typed: ProjectionArg) -> ProjectionMethod {
    match typed {
        ProjectionArg::Pca => ProjectionMethod::Pca,
        ProjectionArg::Umap => ProjectionMethod::Umap,
        ProjectionArg::Tsne => ProjectionMethod::Tsne,
    }
}

fn cluster_rule(typed: ClusterArg, seed: u64) -> ClusterRule {
    let (method, n) = match typed {
        ClusterArg::KMeans(n) => (ClusterMethod::KMeans, n),
        ClusterArg::Hdbscan => (ClusterMethod::Hdbscan(HdbscanRule::default()), None),
        ClusterArg::Ward(n) => (ClusterMethod::Hierarchy, n),
    };
    ClusterRule {
        method,
        count: n.map_or(ClusterCount::Auto, ClusterCount::Fixed),
        seed,
    }
}

fn duplicate_threshold(typed: ThresholdArg) -> DuplicateThreshold {
    match typed {
        ThresholdArg::Auto => DuplicateThreshold::Auto,
        ThresholdArg::Fixed(cosine) => DuplicateThreshold::Fixed(cosine),
    }
}

/// One pair of texts for across, another for up; the parser gives two texts for each.
fn axes(texts: &[String]) -> Option<SemanticAxes> {
    let poles = |pair: &[String]| Poles {
        from: pair[0].clone(),
        to: pair[1].clone(),
    };
    let mut pairs = texts.chunks_exact(2).map(poles);
    Some(SemanticAxes {
        across: pairs.next()?,
        up: pairs.next(),
    })
}

fn export_rule(args: ExportArgs) -> ExportRule {
    let format = |format| match format {
        FormatArg::Csv => TableFormat::Csv,
        FormatArg::Jsonl => TableFormat::Jsonl,
        FormatArg::Parquet => TableFormat::Parquet,
    };
    let mut formats: Vec<TableFormat> = args.format.into_iter().map(format).collect();
    formats.sort();
    formats.dedup();
    ExportRule { formats }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn request(line: &str) -> Request {
        Args::try_parse_from(line.split_whitespace())
            .unwrap()
            .try_into()
            .unwrap()
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
    fn clusters_are_made_by_a_method_and_counted() {
        let rule = |typed: &str| {
            let line = format!("semascope run a --out o --clusters {typed}");
            match Args::try_parse_from(line.split_whitespace()).map(Request::try_from) {
                Ok(Ok(Request::Headless(job))) => {
                    Some((job.settings.cluster.method, job.settings.cluster.count))
                }
                _ => None,
            }
        };
        let (kmeans, ward) = (ClusterMethod::KMeans, ClusterMethod::Hierarchy);
        assert_eq!(rule("auto"), Some((kmeans, ClusterCount::Auto)));
        assert_eq!(rule("kmeans:5"), Some((kmeans, ClusterCount::Fixed(5))));
        assert_eq!(rule("ward"), Some((ward, ClusterCount::Auto)));
        assert_eq!(rule("ward:8"), Some((ward, ClusterCount::Fixed(8))));
        for wrong in ["ward:0", "ward:", "hdbscan:3", "many", "-1"] {
            assert_eq!(rule(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_import_writes_what_is_asked_for() {
        let line = "semascope import v.npy --texts t.txt --format parquet,csv,csv --threshold 0.9";
        let Request::Headless(job) = request(line) else {
            panic!("a window");
        };
        let JobKind::Import { out, export, .. } = job.kind else {
            panic!("no import");
        };
        assert_eq!(out, PathBuf::from("semascope-out"));
        assert_eq!(export.formats, [TableFormat::Csv, TableFormat::Parquet]);
        assert_eq!(job.settings.duplicates, DuplicateThreshold::Fixed(0.9));
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
