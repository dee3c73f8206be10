//! Which rows and columns are seen, and which cell is meant.

use std::ops::Range;

use egui::{Pos2, Rect, Vec2, vec2};

use crate::message::count;
use crate::session::ItemSet;

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

    /// Whether it is all of it.
    pub fn is_whole(&self, n: usize) -> bool {
        self.span >= n as f32
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

    /// Zooms around a row and column, or without one around the middle of the view; the factor 0 is
    /// that of all of it.
    pub fn zoom_on(&mut self, cell: Option<(usize, usize)>, factor: f32, n: usize) {
        let share = cell.map_or(Vec2::splat(0.5), |(row, column)| {
            (vec2(column as f32 + 0.5, row as f32 + 0.5) - self.start) / self.span
        });
        let share = share.clamp(Vec2::ZERO, Vec2::splat(1.0));
        // Far beyond what is held inside anyway, and without a division by zero.
        self.zoom(share, factor.max(1e-9), n);
    }

    /// Moves so that this column and row are in the middle, as far as that can be.
    pub fn center_on(&mut self, place: Vec2, n: usize) {
        self.start = place - Vec2::splat(self.span / 2.0);
        self.keep_inside(n);
    }

    /// Moves as little as it takes to see the row and column, and what stands for one cell with them.
    pub fn reveal(&mut self, (row, column): (usize, usize), block: usize, n: usize) {
        let block = (block as f32).min(self.span);
        let first = vec2(column as f32, row as f32);
        let lowest = first + Vec2::splat(block - self.span);
        self.start = self.start.max(lowest).min(first);
        self.keep_inside(n);
    }

    /// The first row and column that are wholly in view.
    pub fn first(&self, n: usize) -> (usize, usize) {
        let first = |start: f32| (start.ceil() as usize).min(n.saturating_sub(1));
        (first(self.start.y), first(self.start.x))
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

    /// Row and column under a point, or the nearest ones in view to it.
    pub fn cell_nearest(&self, cells: Rect, at: Pos2, n: usize) -> Option<(usize, usize)> {
        let last = n.checked_sub(1)?;
        let at = at.clamp(cells.min, cells.max);
        let place = self.start + (at - cells.min) / cells.size() * self.span;
        Some(((place.y as usize).min(last), (place.x as usize).min(last)))
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

/// Pixels along an edge where at least one of the rows is chosen.
pub fn chosen(
    order: &[usize],
    chosen: &ItemSet,
    (start, span): (f32, f32),
    n_pixels: usize,
) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let row = |pixel: usize| start + pixel as f32 / n_pixels as f32 * span;
    for pixel in (0..n_pixels).filter(|_| !chosen.is_empty()) {
        // Close up a pixel is a part of one row, that of its middle.
        let rows = if span < n_pixels as f32 {
            let at = row(pixel).midpoint(row(pixel + 1)) as usize;
            at..at + 1
        } else {
            row(pixel) as usize..row(pixel + 1) as usize
        };
        let rows = rows.start.min(order.len())..rows.end.min(order.len());
        if order[rows].iter().any(|item| chosen.contains(*item)) {
            match runs.last_mut() {
                Some(last) if last.end == pixel => last.end = pixel + 1,
                _ => runs.push(pixel..pixel + 1),
            }
        }
    }
    runs
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
    fn a_cell_is_brought_into_view_by_the_shortest_way() {
        let mut region = Region {
            start: vec2(10.0, 20.0),
            span: 10.0,
        };
        let still = region;
        region.reveal((22, 19), 1, 100);
        assert_eq!(region, still);
        region.reveal((30, 4), 1, 100);
        assert_eq!(region.start, vec2(4.0, 21.0));
        region.reveal((99, 99), 1, 100);
        assert_eq!(region.start, vec2(90.0, 90.0));
        assert_eq!(region.first(100), (90, 90));
    }

    #[test]
    fn keys_zoom_around_the_cell_they_are_on() {
        let mut region = Region::whole(100);
        region.zoom_on(Some((20, 70)), 4.0, 100);
        assert!((region.span - 25.0).abs() < 1e-9);
        assert!(region.rows(100).contains(&20) && region.columns(100).contains(&70));
        region.zoom_on(None, 0.0, 100);
        assert!(region.is_whole(100));
        region.zoom_on(None, 2.0, 100);
        assert_eq!(region.start, vec2(25.0, 25.0));
        region.center_on(vec2(60.0, 0.0), 100);
        assert_eq!(region.start, vec2(35.0, 0.0));
    }

    #[test]
    fn beside_the_cells_the_nearest_is_meant() {
        let region = Region::whole(10);
        let nearest = |x, y| region.cell_nearest(CELLS, pos2(x, y), 10);
        assert_eq!(nearest(-20.0, 120.0), Some((2, 0)));
        assert_eq!(nearest(700.0, 700.0), Some((9, 9)));
        assert_eq!(
            Region::whole(0).cell_nearest(CELLS, pos2(9.0, 9.0), 0),
            None
        );
    }

    #[test]
    fn chosen_rows_are_marked_however_small() {
        let order: Vec<usize> = (0..1_000).rev().collect();
        let set: ItemSet = [0, 997].into_iter().collect();
        // Ten rows a pixel: one chosen in the first, one in the last.
        assert_eq!(chosen(&order, &set, (0.0, 1_000.0), 100), [0..1, 99..100]);
        // Ten pixels a row.
        assert_eq!(chosen(&order, &set, (0.0, 10.0), 100), vec![20..30]);
        assert!(chosen(&order, &ItemSet::default(), (0.0, 10.0), 100).is_empty());
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
