//! Reads the command line, opens the window or does the job, and prints one error at most.

#![expect(
    clippy::print_stderr,
    reason = "messages for people belong on standard error"
)]

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::Parser as _;
use semascope::cli::{self, Args, ExitStatus, Job, Request, WindowRequest};
use semascope::text::{WORKER_FLAG, serve_worker};

/// Workers that parse foreign files have a cap on their memory.
#[global_allocator]
static ALLOCATOR: semascope::memory::Capped = semascope::memory::Capped;

/// Where a run goes that was meant for a window, on a computer without a display.
const HEADLESS_FOLDER: &str = "semascope-out";

fn main() -> ExitCode {
    // Before anything else: a worker must neither open a window nor read other arguments.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|flag| flag == WORKER_FLAG)
    {
        return serve_worker().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let args = Args::parse();
    semascope::embed::forbid_network(args.common.offline);
    let request = match Request::try_from(args) {
        Ok(request) => request,
        Err(error) => {
            eprintln!("{}", semascope::message::sentence(&format!("{error:#}")));
            return ExitCode::from(2);
        }
    };
    if let Some(why) = semascope::embed::InstructionSet::unknown_mask() {
        eprintln!("{why}.");
        return ExitCode::from(2);
    }
    let result = match request {
        Request::Headless(job) => headless(job),
        Request::Window(window) => open_window(window),
    };
    match result {
        Ok(ExitStatus::Success) => ExitCode::SUCCESS,
        Ok(ExitStatus::Skipped) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", semascope::message::sentence(&format!("{error:#}")));
            ExitCode::from(2)
        }
    }
}

fn headless(job: Job) -> anyhow::Result<ExitStatus> {
    compute_on(job.n_threads)?;
    cli::run(job, &mut io::stdout().lock())
}

fn compute_on(n_threads: Option<usize>) -> anyhow::Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads.unwrap_or(0))
        .build_global()?;
    Ok(())
}

/// Without a display the same is done headless, and said.
fn without_display(window: WindowRequest, why: &str) -> anyhow::Result<ExitStatus> {
    if window.paths.is_empty() {
        anyhow::bail!("{why}. Name files or folders, as in: semascope run PATHS --out DIR");
    }
    eprintln!("{why}. The results go to {HEADLESS_FOLDER}/ instead");
    cli::run(
        window.headless(HEADLESS_FOLDER.into()),
        &mut io::stdout().lock(),
    )
}

#[cfg(feature = "gui")]
fn open_window(window: WindowRequest) -> anyhow::Result<ExitStatus> {
    use semascope::cli::Renderer;
    use semascope::ui;

    if !ui::has_display() {
        compute_on(window.n_threads)?;
        return without_display(window, "There is no display here");
    }
    // One core stays free for the window, and on the others it goes first.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let n_threads = window.n_threads;
    rayon::ThreadPoolBuilder::new()
        .num_threads(n_threads.unwrap_or_else(|| cores.saturating_sub(1).max(1)))
        .start_handler(|_| semascope::jobs::step_back())
        .build_global()?;
    let renderer = window.renderer.map(|renderer| match renderer {
        Renderer::Glow => ui::Renderer::Glow,
        Renderer::Wgpu | Renderer::Auto => ui::Renderer::Wgpu,
    });
    let tools = cli::tools(window.with_cache);
    match ui::run(&window.paths, &window.settings, &tools, renderer) {
        Ok(()) => Ok(ExitStatus::Success),
        Err(error) => without_display(window, &semascope::message::sentence(&error.to_string())),
    }
}

#[cfg(not(feature = "gui"))]
fn open_window(window: WindowRequest) -> anyhow::Result<ExitStatus> {
    compute_on(window.n_threads)?;
    without_display(window, "This build has no window")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io_error = error.downcast_ref::<io::Error>();
    io_error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
