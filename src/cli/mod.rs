//! The command line: what was typed, what it means, and the loop that does it.

mod args;
mod bar;
mod bench;
mod request;
mod run;

pub use args::{Args, Renderer};
pub use request::{Job, Request, WindowRequest};
pub use run::{ExitStatus, run, tools};
