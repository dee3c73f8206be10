//! Tests of the whole: one binary, so that it links once.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::print_stdout, reason = "figures and skipped tests are printed")]

mod analysis;
mod architecture;
mod bad_input;
mod choosing;
mod cli;
#[cfg(all(feature = "serve", target_os = "linux"))]
mod container;
mod deploy;
#[cfg(all(feature = "gui", target_os = "linux"))]
mod drag_source;
mod explain;
#[cfg(feature = "cloud")]
mod fake_endpoint;
mod formats;
mod golden;
mod hdt;
mod hostile;
#[cfg(feature = "serve")]
mod http;
#[cfg(feature = "hub")]
mod hub;
mod import;
mod kill;
#[cfg(feature = "gui")]
mod many;
mod models;
mod news;
mod python;
#[cfg(feature = "cloud")]
mod remote;
mod report_page;
#[cfg(feature = "serve")]
mod serve;
mod support;
#[cfg(target_os = "linux")]
mod traces;
#[cfg(all(feature = "cloud", feature = "serve"))]
mod transform;
#[cfg(feature = "gui")]
mod ui;
#[cfg(feature = "gui")]
mod ui_analysis;
#[cfg(feature = "gui")]
mod ui_compare;
#[cfg(feature = "gui")]
mod ui_layout;
#[cfg(feature = "gui")]
mod ui_map;
#[cfg(feature = "gui")]
mod ui_matrix;
#[cfg(feature = "gui")]
mod ui_points;
#[cfg(feature = "gui")]
mod ui_search;
#[cfg(feature = "gui")]
mod ui_story;
#[cfg(all(feature = "gui", target_os = "linux"))]
mod window;
mod workspace;
