//! `semascope serve`.

#![expect(
    clippy::print_stderr,
    reason = "a server tells how it is on standard error"
)]

use std::net::{IpAddr, SocketAddr};
use std::panic;
use std::path::Path;
use std::sync::Arc;

use super::args::ServeArgs;
use super::run::ExitStatus;
use crate::embed::{EmbedderChoice, open};
use crate::message::count;
use crate::progress::Progress;
use crate::serve::{Event, Limits, Say, ServeRule, serve};
use crate::session::Settings;

/// Where SageMaker puts a model that is not in the image.
const SAGEMAKER_MODEL: &str = "/opt/ml/model";

/// What to listen on and to refuse, and what to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct ServeOptions {
    /// The address.
    pub host: IpAddr,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// What is refused.
    pub limits: Limits,
    /// Whether every request is told on standard error.
    pub log: bool,
}

impl From<ServeArgs> for ServeOptions {
    fn from(typed: ServeArgs) -> Self {
        let limits = [typed.max_body, typed.max_texts, typed.max_waiting];
        let [body_bytes, items, queued_texts] = limits.map(|n| n as usize);
        Self {
            host: typed.host,
            port: typed.port,
            limits: Limits::default().with(body_bytes, items, queued_texts),
            log: typed.log,
        }
    }
}

/// Serves until it is asked to end.
///
/// # Errors
/// When the address or the model cannot be had.
pub fn serve_on(options: &ServeOptions, settings: &Settings) -> anyhow::Result<ExitStatus> {
    // A panic's own words may quote the text that caused it.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("Failed at {place}");
    }));
    let rule = ServeRule {
        address: SocketAddr::new(options.host, options.port),
        n_threads: rayon::current_num_threads(),
        limits: options.limits,
    };
    let (choice, precision) = (model(settings), settings.precision);
    let log = options.log;
    let say: Say = Arc::new(move |event| tell(&event, log));
    serve(
        &rule,
        Box::new(move || open(&choice, precision, &Progress::new())),
        &say,
    )?;
    Ok(ExitStatus::Success)
}

/// The one that was named, else the one that lies where SageMaker puts it, else the bundled one.
fn model(settings: &Settings) -> EmbedderChoice {
    let placed = Path::new(SAGEMAKER_MODEL);
    if settings.model == EmbedderChoice::Bundled && placed.join("config.json").is_file() {
        return EmbedderChoice::Folder(placed.into());
    }
    settings.model.clone()
}

fn tell(event: &Event, log: bool) {
    match event {
        Event::Listening(address) => eprintln!("Listening on http://{address}"),
        Event::Ready { model } => eprintln!("Ready: {model}"),
        Event::Draining => eprintln!("Ending: what was accepted is answered"),
        Event::Answered {
            route,
            status,
            n_texts,
            milliseconds,
        } if log => {
            let texts = count(*n_texts, "text");
            eprintln!("{route} {status} {texts} {milliseconds} ms");
        }
        Event::Answered { .. } => {}
    }
}
