//! Which rows and columns are seen, and which cell is meant.

use std::ops::Range;

use egui::{Pos2, Rect, Vec2, vec2};

use crate::message::count;

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

/// Pixels that belong to one cluster, or to none.
pub type Band = (Option<usize>, Range<usize>);

/// The clusters of the rows in view along an edge of so many pixels: work for pixels, not for rows,
/// of which there may be a hundred thousand in as many bands.
pub fn bands(
    order: &[usize],
    labels: &[Option<usize>],
    (start, span): (f32, f32),
    n_pixels: usize,
) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for pixel in 0..n_pixels {
        let row = (start + (pixel as f32 + 0.5) / n_pixels as f32 * span) as usize;
        let Some(item) = order.get(row) else { break };
        let cluster = labels[*item];
        match bands.last_mut() {
            Some((last, range)) if *last == cluster => range.end = pixel + 1,
            _ => bands.push((cluster, pixel..pixel + 1)),
        }
    }
    bands
}

/// Most marks along a side of the view: more would hide the cells.
const MAX_MARKS: f32 = 160.0;

/// Row and column of each mark: both cells of every pair that is in view. Marks that would fall on
/// each other are drawn once.
pub fn marks(
    pairs: &[(usize, usize, f32)],
    position: &[usize],
    region: &Region,
    n: usize,
) -> Vec<(usize, usize)> {
    let (rows, columns) = (region.rows(n), region.columns(n));
    let coarse = |at: usize| (at as f32 / (region.span / MAX_MARKS).max(1.0)) as usize;
    let (top, left) = (coarse(rows.start), coarse(columns.start));
    // One more for the part of a row at each end, and one for rounding.
    let side = MAX_MARKS as usize + 3;
    let mut taken = vec![false; side * side];
    let mut marks = Vec::new();
    for (a, b, _) in pairs {
        let (Some(a), Some(b)) = (position.get(*a), position.get(*b)) else {
            continue;
        };
        for (row, column) in [(*a, *b), (*b, *a)] {
            if !(rows.contains(&row) && columns.contains(&column)) {
                continue;
            }
            let place = (coarse(row) - top) * side + coarse(column) - left;
            if !std::mem::replace(&mut taken[place], true) {
                marks.push((row, column));
            }
        }
    }
    marks
}

/// A title as a menu has room for it.
pub fn short(title: &str) -> String {
    const MAX_CHARS: usize = 36;
    match title.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

/// What the marks are.
pub fn marks_told(n_pairs: usize, threshold: f32) -> String {
    let pairs = count(n_pairs, "pair");
    format!("marks: {pairs} at {threshold:.2} or more")
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
        let order = [2, 0, 1, 3];
        let expected = [(Some(5), 0..4), (Some(7), 4..6), (None, 6..8)];
        assert_eq!(bands(&order, &labels, (0.0, 4.0), 8), expected);
        // From the middle of the second row on, beyond the last.
        let expected = [(Some(5), 0..1), (Some(7), 1..3), (None, 3..5)];
        assert_eq!(bands(&order, &labels, (1.5, 4.0), 8), expected);
        assert!(bands(&[], &[], (0.0, 1.0), 8).is_empty());
    }

    #[test]
    fn a_pair_has_two_marks_and_marks_do_not_pile_up() {
        let position = [3, 0, 1, 2];
        let pairs = [(0, 1, 0.99), (1, 2, 0.97)];
        let all = marks(&pairs, &position, &Region::whole(4), 4);
        assert_eq!(all, [(3, 0), (0, 3), (0, 1), (1, 0)]);
        let corner = Region {
            start: vec2(2.0, 0.0),
            span: 2.0,
        };
        assert_eq!(marks(&pairs, &position, &corner, 4), [(0, 3)]);
        // Of many rows, those of one pixel make one mark.
        let position: Vec<usize> = (0..16_000).collect();
        let pairs: Vec<_> = (0..50).map(|i| (i, 8_000 + i, 1.0)).collect();
        assert_eq!(
            marks(&pairs, &position, &Region::whole(16_000), 16_000).len(),
            2
        );
    }

    #[test]
    fn long_titles_are_cut() {
        assert_eq!(short("Low water"), "Low water");
        assert_eq!(
            short(&"tide ".repeat(9)),
            "tide tide tide tide tide tide tide t…"
        );
    }

    #[test]
    fn the_marks_are_told() {
        assert_eq!(marks_told(1, 0.951), "marks: 1 pair at 0.95 or more");
        assert_eq!(marks_told(1_200, 0.9), "marks: 1,200 pairs at 0.90 or more");
    }
}
