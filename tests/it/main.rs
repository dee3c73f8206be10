//! Tests of the whole: one binary, so that it links once.

mod architecture;
mod bad_input;
mod cli;
mod golden;
#[cfg(feature = "hub")]
mod hub;
mod support;
#[cfg(feature = "gui")]
mod ui;
#[cfg(all(feature = "gui", target_os = "linux"))]
mod window;
