//! The pictures in the middle.
//!
//! Each view has `model.rs` (session to drawable, no `Ui`, tested), `paint.rs` (draws) and `mod.rs`
//! (state, and what the person meant).

mod about;
mod compare;
mod duplicates;
mod files;
mod kept;
mod map;
mod matrix;
mod models;
mod table;

pub use map::MapBench;

use egui::Ui;
use serde::{Deserialize, Serialize};

use super::context::ViewCtx;
use super::widgets;
use crate::session::{Stage, Status};

/// Which view is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Items as points.
    Map,
    /// All pairs as cells.
    Matrix,
    /// Two items side by side.
    Compare,
    /// What was read and what was not.
    Files,
    /// Items that say the same, sentences that stand in many, and items that stand alone.
    Duplicates,
    /// A second model beside the first.
    Models,
    /// What is known of every item.
    Table,
}

impl View {
    /// Its name in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Matrix => "matrix",
            Self::Compare => "compare",
            Self::Files => "files",
            Self::Duplicates => "duplicates",
            Self::Models => "models",
            Self::Table => "table",
        }
    }

    /// The view of that name; a name that is not known is of a newer version.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .map(|(view, _, _)| view)
            .find(|view| view.key() == key)
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.told().0
    }

    /// What it shows, in a line.
    pub fn meaning(self) -> &'static str {
        self.told().1
    }

    fn told(self) -> (&'static str, &'static str) {
        let told = Self::ALL.into_iter().find(|(view, _, _)| *view == self);
        told.map_or(("", ""), |(_, name, meaning)| (name, meaning))
    }

    /// Each with its name and what it shows, in the order of the tabs.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
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
            Self::Table,
            "Table",
            "What is known of every document, to sort, filter and tag (Ctrl+4)",
        ),
        (
            Self::Duplicates,
            "Duplicates",
            "What says the same, and what stands alone (Ctrl+5)",
        ),
        (
            Self::Files,
            "Files",
            "What was read, what was not, and why (Ctrl+6)",
        ),
        (
            Self::Models,
            "Models",
            "What another model makes of the same documents (Ctrl+7)",
        ),
    ];
}

/// The state of all views.
#[derive(Clone, Default)]
pub struct Views {
    map: map::MapView,
    matrix: matrix::MatrixView,
    compare: compare::CompareView,
    files: files::FilesView,
    duplicates: duplicates::DuplicatesView,
    models: models::ModelsView,
    table: table::TableView,
}

impl Views {
    /// Whether something is on its way in the background that will be seen.
    pub fn is_working(&self) -> bool {
        self.matrix.is_working()
    }

    /// Draws one of them.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, view: View) {
        match view {
            View::Map => self.map.ui(ui, ctx),
            View::Matrix => self.matrix.ui(ui, ctx),
            View::Compare => self.compare.ui(ui, ctx),
            View::Files => self.files.ui(ui, ctx),
            View::Duplicates => self.duplicates.ui(ui, ctx),
            View::Models => self.models.ui(ui, ctx),
            View::Table => self.table.ui(ui, ctx),
        }
    }
}

/// Stands where the result of a stage will be.
fn waiting_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, stage: Stage) {
    let (headline, text) = match ctx.session.status(stage) {
        Status::Failed(..) => ("It failed", "Above is said why, and how to try again."),
        Status::Stopped(_) => ("Stopped", "Continue in the bar at the bottom."),
        _ => (
            "Being worked out",
            "How far it is stands in the bar at the bottom.",
        ),
    };
    widgets::empty_state(ui, ctx.theme, headline, text);
}
