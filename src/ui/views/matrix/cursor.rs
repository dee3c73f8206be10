//! The cell that the keys are on, and what it says to those who cannot see it.

use egui::{EventFilter, Id, Key, Modifiers, Ui};

use super::ItemsKey;
use super::block::Block;
use super::model::Region;

/// Cells that a page key goes by.
const PAGE: usize = 10;
/// What a key zooms by.
const ZOOM: f32 = 1.5;

/// A pair of items: of the row and of the column.
pub type Pair = (usize, usize);

/// The current cell.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    at: Option<(ItemsKey, Pair)>,
    /// Where a block that is chosen by keys begins: row and column.
    anchor: Option<(usize, usize)>,
    /// Whether the keys were used last, not the mouse.
    pub is_walking: bool,
}

impl Cursor {
    /// The pair it is on, if that is one of these items.
    pub fn pair(&self, key: ItemsKey) -> Option<Pair> {
        self.at.filter(|(of, _)| *of == key).map(|(_, pair)| pair)
    }

    /// Goes to where the mouse clicked.
    pub fn put(&mut self, key: ItemsKey, pair: Pair) {
        self.at = Some((key, pair));
        self.anchor = None;
        self.is_walking = false;
    }

    /// Walks by keys while the matrix, known as `id`, has them. A step goes by `block` rows or
    /// columns, which are what can be seen as one cell. The region follows. Gives the block whose
    /// documents are to be chosen, if Shift was held.
    pub fn take_keys(
        &mut self,
        ui: &Ui,
        id: Id,
        key: ItemsKey,
        (order, position): (&[usize], &[usize]),
        block: usize,
        region: &mut Region,
    ) -> Option<Block> {
        if !ui.memory(|memory| memory.has_focus(id)) {
            self.is_walking = false;
            return None;
        }
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let n = order.len();
        let place = |pair: Pair| Some((*position.get(pair.0)?, *position.get(pair.1)?));
        let here = self.pair(key).and_then(place);
        if let Some(factor) = zoomed(ui) {
            region.zoom_on(here, factor, n);
        }
        let (step, with_shift) = stepped(ui)?;
        let from = here.unwrap_or_else(|| region.first(n));
        let to = match here {
            Some(here) => walked(here, step, block, n),
            // The first key shows where one is.
            None => from,
        };
        self.at = Some((key, (*order.get(to.0)?, *order.get(to.1)?)));
        self.is_walking = true;
        region.reveal(to, block, n);
        if !with_shift {
            self.anchor = None;
            return None;
        }
        let from = *self.anchor.get_or_insert(from);
        Some(Block { from, to })
    }
}

/// The key that walks, and whether Shift was held.
fn stepped(ui: &Ui) -> Option<(Key, bool)> {
    const KEYS: [Key; 8] = [
        Key::ArrowLeft,
        Key::ArrowRight,
        Key::ArrowUp,
        Key::ArrowDown,
        Key::Home,
        Key::End,
        Key::PageUp,
        Key::PageDown,
    ];
    ui.input_mut(|input| {
        let with_shift = input.modifiers.shift;
        let key = KEYS
            .into_iter()
            .find(|key| input.consume_key(Modifiers::NONE, *key))?;
        Some((key, with_shift))
    })
}

/// What the keys zoom by: + and − by a step, 0 to all of it.
fn zoomed(ui: &Ui) -> Option<f32> {
    let factors = [
        (Key::Plus, ZOOM),
        (Key::Equals, ZOOM),
        (Key::Minus, 1.0 / ZOOM),
        (Key::Num0, 0.0),
    ];
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    factors
        .into_iter()
        .find(|(key, _)| pressed(*key))
        .map(|(_, factor)| factor)
}

/// The row and column that a key leads to.
pub fn walked((row, column): (usize, usize), key: Key, by: usize, n: usize) -> (usize, usize) {
    let last = n.saturating_sub(1);
    let on = |at: usize, by: usize| (at + by).min(last);
    match key {
        Key::ArrowLeft => (row, column.saturating_sub(by)),
        Key::ArrowRight => (row, on(column, by)),
        Key::ArrowUp => (row.saturating_sub(by), column),
        Key::ArrowDown => (on(row, by), column),
        Key::Home => (row, 0),
        Key::End => (row, last),
        Key::PageUp => (row.saturating_sub(PAGE * by), column),
        Key::PageDown => (on(row, PAGE * by), column),
        _ => (row, column),
    }
}

/// `Low water, High water, cosine 0.87`.
pub fn told(row: &str, column: &str, cosine: f32) -> String {
    format!("{row}, {column}, cosine {cosine:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_from_cell_to_cell_and_stop_at_the_edge() {
        let check = |key, by, expected| assert_eq!(walked((5, 3), key, by, 40), expected);
        check(Key::ArrowRight, 1, (5, 4));
        check(Key::ArrowLeft, 1, (5, 2));
        check(Key::ArrowUp, 1, (4, 3));
        check(Key::ArrowDown, 1, (6, 3));
        check(Key::Home, 1, (5, 0));
        check(Key::End, 1, (5, 39));
        check(Key::PageDown, 1, (15, 3));
        check(Key::PageUp, 1, (0, 3));
        // From afar a cell is many rows and columns.
        check(Key::ArrowDown, 16, (21, 3));
        check(Key::ArrowLeft, 16, (5, 0));
        check(Key::ArrowDown, 64, (39, 3));
        assert_eq!(walked((0, 0), Key::End, 1, 0), (0, 0));
    }

    #[test]
    fn a_cell_says_what_it_is() {
        assert_eq!(
            told("Low water", "High water", 0.874),
            "Low water, High water, cosine 0.87"
        );
    }

    #[test]
    fn a_cell_of_other_items_is_forgotten() {
        use crate::session::Level;
        let mut cursor = Cursor::default();
        let key = (Some(3), Level::Documents);
        cursor.put(key, (1, 2));
        assert_eq!(cursor.pair(key), Some((1, 2)));
        assert_eq!(cursor.pair((Some(4), Level::Documents)), None);
    }
}
