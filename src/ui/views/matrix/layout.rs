//! Where the cells lie, and whether there is room for titles beside them.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::model::Region;

/// Width of the cluster bands along the edges.
const BAND: f32 = 10.0;
/// Between the bands and the cells; the documents that are chosen are marked there.
pub const GAP: f32 = 4.0;
/// Cells at least this high have titles, in points.
const MIN_TITLED: f32 = 12.0;
/// Widest titles, of rows and of columns.
const MAX_TITLES: Vec2 = vec2(260.0, 150.0);

/// Where everything lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layout {
    /// The cells; a square.
    pub cells: Rect,
    /// The bands of the rows, left of the cells.
    pub row_bands: Rect,
    /// The bands of the columns, above the cells.
    pub column_bands: Rect,
    /// Where titles stand: of rows at the left, of columns above. `None` if cells are too small.
    pub titles: Option<(Rect, Rect)>,
}

impl Layout {
    /// In `canvas`, with so many rows in view.
    pub fn new(canvas: Rect, span: f32) -> Self {
        let few = (canvas.size() * vec2(0.24, 0.2)).min(MAX_TITLES);
        let titled = Self::with_titles(canvas, few);
        if titled.cells.height() / span >= MIN_TITLED {
            return titled;
        }
        Self {
            titles: None,
            ..Self::with_titles(canvas, Vec2::ZERO)
        }
    }

    /// With so much room at least for titles; those of rows get what is left over beside the square.
    fn with_titles(canvas: Rect, titles: Vec2) -> Self {
        let edge = Vec2::splat(BAND + GAP);
        let side = (canvas.size() - titles - edge).min_elem().max(1.0);
        let has_titles = titles != Vec2::ZERO;
        let spare = canvas.width() - side - edge.x;
        let left = if has_titles {
            spare.clamp(titles.x, MAX_TITLES.x.max(titles.x))
        } else {
            0.0
        };
        let start = canvas.left() + ((spare - left) / 2.0).max(0.0);
        let corner: Pos2 = pos2(start + left, canvas.top() + titles.y) + edge;
        let cells = Rect::from_min_size(corner, Vec2::splat(side));
        let bands = corner - edge;
        let beside = |width: f32| bands.x..=bands.x + width;
        let above = |height: f32| bands.y..=bands.y + height;
        Self {
            cells,
            row_bands: Rect::from_x_y_ranges(beside(BAND), cells.y_range()),
            column_bands: Rect::from_x_y_ranges(cells.x_range(), above(BAND)),
            titles: Some((
                Rect::from_x_y_ranges(start..=bands.x - GAP, cells.y_range()),
                Rect::from_x_y_ranges(cells.x_range(), canvas.top()..=bands.y - GAP),
            )),
        }
    }

    /// Moves a region that was seen by another layout so that what lay at a place lies there still.
    pub fn hold(&self, before: &Self, at: Pos2, region: &mut Region, n: usize) {
        let place = |layout: &Self| (at - layout.cells.min) / layout.cells.size();
        region.pan(place(self) - place(before), n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: Rect = Rect {
        min: pos2(10.0, 20.0),
        max: pos2(810.0, 620.0),
    };

    #[test]
    fn large_cells_have_titles_and_small_ones_do_not() {
        assert!(Layout::new(CANVAS, 30.0).titles.is_some());
        assert!(Layout::new(CANVAS, 90.0).titles.is_none());
        for span in [4.0, 17.0, 42.0, 43.0, 60.0] {
            let layout = Layout::new(CANVAS, span);
            if layout.titles.is_some() {
                assert!(layout.cells.height() / span >= MIN_TITLED);
            }
        }
    }

    #[test]
    fn everything_lies_beside_each_other_in_the_canvas() {
        let narrow = CANVAS.with_max_x(300.0);
        for (canvas, span) in [(CANVAS, 8.0), (CANVAS, 400.0), (narrow, 4.0)] {
            let layout = Layout::new(canvas, span);
            let mut parts = vec![layout.cells, layout.row_bands, layout.column_bands];
            parts.extend(
                layout
                    .titles
                    .map(|titles| [titles.0, titles.1])
                    .into_iter()
                    .flatten(),
            );
            for (at, part) in parts.iter().enumerate() {
                assert!(canvas.expand(0.01).contains_rect(*part), "{part:?}");
                assert!(
                    parts[at + 1..]
                        .iter()
                        .all(|other| !other.shrink(0.1).intersects(*part))
                );
            }
            assert!((layout.cells.width() - layout.cells.height()).abs() < 0.01);
        }
    }

    #[test]
    fn what_the_mouse_is_on_stays_when_titles_come() {
        let n = 1_000;
        let mut region = Region {
            start: vec2(300.0, 500.0),
            span: 20.0,
        };
        let before = Layout::with_titles(CANVAS, Vec2::ZERO);
        let after = Layout::new(CANVAS, region.span);
        let at = pos2(500.0, 400.0);
        let held = region.cell_at(before.cells, at, n);
        after.hold(&before, at, &mut region, n);
        // The same share of the view was held; what is under it is what was.
        assert_eq!(region.cell_at(after.cells, at, n), held);
    }
}
