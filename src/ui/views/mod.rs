//! The pictures in the middle.
//!
//! Each view has `model.rs` (session to drawable, no `Ui`, tested), `paint.rs` (draws) and `mod.rs`
//! (state, and what the person meant).

mod compare;
mod files;
mod map;
mod matrix;

use egui::{Frame, Margin, Panel, Ui};

use super::context::{UiCommand, ViewCtx};

/// Which view is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Items as points.
    Map,
    /// All pairs as cells.
    Matrix,
    /// Two items side by side.
    Compare,
    /// What was read and what was not.
    Files,
}

impl View {
    /// Its name in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Matrix => "matrix",
            Self::Compare => "compare",
            Self::Files => "files",
        }
    }

    /// The view of that name; a name that is not known is of a newer version.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .map(|(view, _, _)| view)
            .find(|view| view.key() == key)
    }

    const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::Map,
            "Map",
            "Near points are alike in meaning (Ctrl+1)",
        ),
        (Self::Matrix, "Matrix", "The cosine of every pair (Ctrl+2)"),
        (
            Self::Compare,
            "Compare",
            "Two documents side by side (Ctrl+3)",
        ),
        (
            Self::Files,
            "Files",
            "What was read, what was not, and why (Ctrl+4)",
        ),
    ];
}

/// The state of all views.
#[derive(Default)]
pub struct Views {
    map: map::MapView,
    matrix: matrix::MatrixView,
    compare: compare::CompareView,
    files: files::FilesView,
}

impl Views {
    /// Draws the tabs and the view in front.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, view: View) {
        let bar = Frame::new()
            .fill(ctx.theme.paper)
            .inner_margin(Margin::symmetric(12, 6));
        Panel::top("views").frame(bar).show(ui, |ui| {
            ui.horizontal(|ui| {
                for (tab, name, tooltip) in View::ALL {
                    if ui
                        .selectable_label(view == tab, name)
                        .on_hover_text(tooltip)
                        .clicked()
                    {
                        ctx.ask(UiCommand::Show(tab));
                    }
                }
            });
        });
        match view {
            View::Map => self.map.ui(ui, ctx),
            View::Matrix => self.matrix.ui(ui, ctx),
            View::Compare => self.compare.ui(ui, ctx),
            View::Files => self.files.ui(ui, ctx),
        }
    }
}
