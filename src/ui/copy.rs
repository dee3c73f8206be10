//! What is copied to be pasted elsewhere.

use egui::Context;

use crate::export::{CopyAs, comparison_text};
use crate::session::Session;

/// Copies the comparison that is shown, and says so.
pub fn copy_comparison(ctx: &Context, session: &Session, how: CopyAs) -> String {
    let Some(text) = comparison_text(session, how) else {
        return "There is nothing to copy yet. Wait until the texts are compared".into();
    };
    ctx.copy_text(text);
    let name = match how {
        CopyAs::Markdown => "Markdown",
        CopyAs::Html => "HTML",
    };
    format!("Copied as {name}: paste it where you want it")
}
