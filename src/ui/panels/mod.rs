//! What stands around the views.

mod clusters;
mod documents;
pub mod empty;
mod filters;
mod hits;
mod inspector;
mod item_text;
mod jobs;
pub mod messages;
mod palette;
mod paste;
mod picture;
mod query;
mod saved_searches;
mod shading;
mod status_bar;
mod top_bar;

pub use clusters::key_ui;
pub use documents::Documents;
pub use inspector::Inspector;
pub use jobs::{JobsPanel, Running};
pub use palette::Palette;
pub use paste::PasteDialog;
pub use picture::PictureDialog;
pub use status_bar::StatusBar;
pub use top_bar::TopBar;
