//! The command line: what was typed, what it means, and the loop that does it.

mod args;
mod bar;
mod bench;
mod compare;
mod deploy;
mod duplicates;
mod models;
mod named;
#[cfg(feature = "cloud")]
mod remote;
mod request;
mod run;
mod search;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "cloud")]
mod transform;
mod wheel;
mod why;

pub use args::{Args, Renderer};
pub use request::{Job, Request, WindowRequest};
pub use run::{ExitStatus, run, tools};
