//! The window: draws a session, and turns what a person does into commands.
//!
//! The only place that knows egui. Nothing here waits: work runs in [`jobs`](crate::jobs).

mod actions;
mod app;
mod context;
mod copy;
mod desk;
mod dialogs;
mod dropped;
mod layout;
mod memo;
mod panels;
mod picture;
mod reveal;
mod start;
mod theme;
mod views;
mod watch;
mod widgets;

pub use app::App;
pub use start::{Renderer, StartError, has_display, run};
#[doc(hidden)]
pub use views::MapBench;
pub use views::View;
