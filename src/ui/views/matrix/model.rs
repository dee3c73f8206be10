//! Which rows and columns are seen, and which cell is meant.

use std::ops::Range;

use egui::{Pos2, Rect, Vec2, vec2};

/// Cells a side of a picture at most: one per pixel of a large window.
pub const MAX_CELLS: usize = 1024;
/// Fewest rows that fill the view.
const MIN_SPAN: f32 = 4.0;

/// The part of the matrix in view, in rows and columns; always a square inside the matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// First column and first row.
    pub start: Vec2,
    /// Rows, and columns, in view.
    pub span: f32,
}

impl Region {
    /// All of it.
    pub fn whole(n: usize) -> Self {
        Self {
            start: Vec2::ZERO,
            span: n.max(1) as f32,
        }
    }

    /// Rows that are at least partly in view.
    pub fn rows(&self, n: usize) -> Range<usize> {
        self.range(self.start.y, n)
    }

    /// Columns that are at least partly in view.
    pub fn columns(&self, n: usize) -> Range<usize> {
        self.range(self.start.x, n)
    }

    fn range(&self, start: f32, n: usize) -> Range<usize> {
        let end = (start + self.span).ceil() as usize;
        (start.max(0.0) as usize).min(n)..end.min(n)
    }

    /// Moves with the mouse; `share` is of the view.
    pub fn pan(&mut self, share: Vec2, n: usize) {
        self.start -= share * self.span;
        self.keep_inside(n);
    }

    /// Zooms so that the cell at `share` of the view stays there.
    pub fn zoom(&mut self, share: Vec2, factor: f32, n: usize) {
        let held = self.start + share * self.span;
        let whole = n.max(1) as f32;
        self.span = (self.span / factor).clamp(MIN_SPAN.min(whole), whole);
        self.start = held - share * self.span;
        self.keep_inside(n);
    }

    fn keep_inside(&mut self, n: usize) {
        let room = n.max(1) as f32 - self.span;
        self.start = self
            .start
            .clamp(Vec2::ZERO, vec2(room, room).max(Vec2::ZERO));
    }

    /// Row and column under a point of the picture.
    pub fn cell_at(&self, cells: Rect, at: Pos2, n: usize) -> Option<(usize, usize)> {
        if !cells.contains(at) {
            return None;
        }
        let place = self.start + (at - cells.min) / cells.size() * self.span;
        let (row, column) = (place.y as usize, place.x as usize);
        (row < n && column < n).then_some((row, column))
    }

    /// Where a stretch of rows and columns is drawn.
    pub fn screen_rect(&self, cells: Rect, rows: &Range<usize>, columns: &Range<usize>) -> Rect {
        let place = |column: usize, row: usize| {
            cells.min + (vec2(column as f32, row as f32) - self.start) / self.span * cells.size()
        };
        Rect::from_min_max(
            place(columns.start, rows.start),
            place(columns.end, rows.end),
        )
    }
}

/// The largest square at the top of the middle of `rect`.
pub fn square_in(rect: Rect) -> Rect {
    let side = rect.size().min_elem().max(1.0);
    let left = rect.center().x - side / 2.0;
    Rect::from_min_size(Pos2::new(left, rect.top()), Vec2::splat(side))
}

/// A stretch of the row order that belongs to one cluster, or to none.
pub type Band = (Option<usize>, Range<usize>);

/// Stretches of the row order that belong to one cluster.
pub fn bands(order: &[usize], labels: &[Option<usize>]) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (at, item) in order.iter().enumerate() {
        let cluster = labels[*item];
        match bands.last_mut() {
            Some((last, range)) if *last == cluster => range.end = at + 1,
            _ => bands.push((cluster, at..at + 1)),
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    const CELLS: Rect = Rect {
        min: Pos2::ZERO,
        max: pos2(500.0, 500.0),
    };

    #[test]
    fn zooming_keeps_the_cell_and_stays_inside() {
        let mut region = Region::whole(100);
        let at = pos2(250.0, 400.0);
        let before = region.cell_at(CELLS, at, 100);
        region.zoom(at.to_vec2() / 500.0, 5.0, 100);
        assert_eq!(region.cell_at(CELLS, at, 100), before);
        assert_eq!(region.rows(100).len(), 20);
        region.pan(vec2(9.0, 9.0), 100);
        assert_eq!(region.start, Vec2::ZERO);
        region.zoom(vec2(0.5, 0.5), 0.001, 100);
        assert_eq!(region, Region::whole(100));
    }

    #[test]
    fn a_tiny_matrix_can_be_shown_too() {
        for n in [0, 1, 2] {
            let mut region = Region::whole(n);
            region.zoom(vec2(0.5, 0.5), 10.0, n);
            assert!(region.span >= 1.0);
            assert_eq!(
                region.cell_at(CELLS, pos2(499.0, 499.0), n),
                n.checked_sub(1).map(|last| (last, last))
            );
        }
    }

    #[test]
    fn bands_follow_the_order() {
        let labels = [Some(5), Some(7), Some(5), None];
        let expected = [(Some(5), 0..2), (Some(7), 2..3), (None, 3..4)];
        assert_eq!(bands(&[2, 0, 1, 3], &labels), expected);
    }
}
