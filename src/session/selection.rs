//! What the user points at: one for all views.

use super::compare::Beside;
use super::item_set::ItemSet;

/// Items by index, at the level that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Under the mouse.
    pub hovered: Option<usize>,
    /// Clicked.
    pub selected: Option<usize>,
    /// Clicked before that; what a double click compares with.
    pub selected_before: Option<usize>,
    /// Side by side in Compare: left and right.
    pub compared: Option<(usize, usize)>,
    /// What stands there in place of the right one, if it is no item.
    pub beside: Option<Beside>,
    /// Many at once, by lasso or in the table; what is done to many is done to these.
    pub chosen: ItemSet,
    /// Whether it is told why the selected one is in its cluster.
    pub is_explained: bool,
}
