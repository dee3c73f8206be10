//! Choosing the documents of a block of the matrix.

use std::ops::Range;

use egui::{Modifiers, Pos2, Rect, Response, Ui};

use super::model::Region;
use crate::message::count;
use crate::session::{Combine, ItemSet};

/// What a drag does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tool {
    /// Moves the view.
    #[default]
    Move,
    /// Chooses the documents of a block.
    Select,
}

impl Tool {
    /// What a drag does with these keys held: with Shift or Alt it always chooses.
    pub fn with(self, modifiers: Modifiers) -> Self {
        if modifiers.shift || modifiers.alt {
            Self::Select
        } else {
            self
        }
    }
}

/// How what is chosen joins what was.
pub fn how(modifiers: Modifiers) -> Combine {
    if modifiers.alt {
        Combine::Subtract
    } else if modifiers.shift {
        Combine::Add
    } else {
        Combine::Replace
    }
}

/// A block of cells, from one corner to the opposite one: rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Row and column where it began.
    pub from: (usize, usize),
    /// Row and column where it ends for now.
    pub to: (usize, usize),
}

impl Block {
    /// Its rows.
    pub fn rows(&self) -> Range<usize> {
        between(self.from.0, self.to.0)
    }

    /// Its columns.
    pub fn columns(&self) -> Range<usize> {
        between(self.from.1, self.to.1)
    }

    /// The items of its rows and of its columns, each once.
    pub fn items(&self, order: &[usize]) -> Vec<usize> {
        let positions = self.rows().chain(self.columns());
        let items: ItemSet = positions.filter_map(|at| order.get(at).copied()).collect();
        items.iter().collect()
    }

    /// `12 rows × 8 columns`.
    pub fn told(&self) -> String {
        let (rows, columns) = (self.rows().len(), self.columns().len());
        format!("{} × {}", count(rows, "row"), count(columns, "column"))
    }
}

fn between(a: usize, b: usize) -> Range<usize> {
    a.min(b)..a.max(b) + 1
}

/// A block as it is being drawn by the mouse; gives it, and how it joins, when the mouse lets go.
pub fn drawn(
    ui: &Ui,
    response: &Response,
    tool: Tool,
    (cells, region, n): (Rect, &Region, usize),
    block: &mut Option<Block>,
) -> Option<(Block, Combine)> {
    let modifiers = ui.input(|input| input.modifiers);
    let cell = |at: Pos2| region.cell_nearest(cells, at, n);
    if response.drag_started() && tool.with(modifiers) == Tool::Select {
        let from = ui
            .input(|input| input.pointer.press_origin())
            .and_then(cell);
        *block = from.map(|from| Block { from, to: from });
    }
    let drawn = block.as_mut()?;
    let to = ui
        .input(|input| input.pointer.interact_pos())
        .and_then(cell);
    drawn.to = to.unwrap_or(drawn.to);
    if response.drag_stopped() || !ui.input(|input| input.pointer.any_down()) {
        return block.take().map(|block| (block, how(modifiers)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_the_items_of_its_rows_and_columns() {
        let order = [5, 3, 9, 0, 7];
        let block = |from, to| Block { from, to };
        assert_eq!(block((0, 3), (1, 4)).items(&order), [0, 3, 5, 7]);
        // The way of the mouse does not matter, and what is in both is there once.
        assert_eq!(block((2, 1), (1, 1)).items(&order), [3, 9]);
        assert_eq!(block((1, 1), (2, 1)).items(&order), [3, 9]);
        // The order may have become a shorter one.
        assert_eq!(block((4, 4), (7, 7)).items(&order), [7]);
    }

    #[test]
    fn its_size_is_told() {
        let block = Block {
            from: (3, 9),
            to: (3, 2),
        };
        assert_eq!(block.told(), "1 row × 8 columns");
    }

    #[test]
    fn shift_and_alt_choose_with_every_tool() {
        for tool in [Tool::Move, Tool::Select] {
            assert_eq!(tool.with(Modifiers::NONE), tool);
            assert_eq!(tool.with(Modifiers::SHIFT), Tool::Select);
            assert_eq!(tool.with(Modifiers::ALT), Tool::Select);
        }
        assert_eq!(how(Modifiers::NONE), Combine::Replace);
        assert_eq!(how(Modifiers::SHIFT), Combine::Add);
        assert_eq!(how(Modifiers::ALT), Combine::Subtract);
    }
}
