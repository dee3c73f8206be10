//! Draws what lies on the cells and along their edges.

use std::ops::Range;

use egui::{Mesh, Painter, Rect, Stroke, StrokeKind, vec2};

use super::block::Block;
use super::layout::{GAP, Layout};
use super::model::{Band, Region};
use crate::ui::theme::{self, Theme};

/// Clusters as colored bands, above the cells and left of them; each in pixels from the corner.
pub fn bands(painter: &Painter, layout: &Layout, (across, down): (&[Band], &[Band])) {
    // A gap between bands that are wide enough for one.
    let ends = |from: f32, range: &Range<usize>| {
        let gap = if range.len() > 3 { 0.5 } else { 0.0 };
        from + range.start as f32 + gap..=from + range.end as f32 - gap
    };
    let (above, left) = (layout.column_bands, layout.row_bands);
    let mut mesh = Mesh::default();
    for (cluster, range) in across {
        let band = Rect::from_x_y_ranges(ends(above.left(), range), above.y_range());
        mesh.add_colored_rect(band, theme::label(*cluster));
    }
    for (cluster, range) in down {
        let band = Rect::from_x_y_ranges(left.x_range(), ends(left.top(), range));
        mesh.add_colored_rect(band, theme::label(*cluster));
    }
    painter.add(mesh);
}

/// Rows and columns that are chosen, as lines between the bands and the cells.
pub fn chosen(
    painter: &Painter,
    theme: Theme,
    cells: Rect,
    (across, down): (&[Range<usize>], &[Range<usize>]),
) {
    let thickness = GAP - 1.0;
    let mut mesh = Mesh::default();
    let ends = |from: f32, run: &Range<usize>| from + run.start as f32..=from + run.end as f32;
    for run in across {
        let y = cells.top() - thickness..=cells.top();
        mesh.add_colored_rect(
            Rect::from_x_y_ranges(ends(cells.left(), run), y),
            theme.accent,
        );
    }
    for run in down {
        let x = cells.left() - thickness..=cells.left();
        mesh.add_colored_rect(
            Rect::from_x_y_ranges(x, ends(cells.top(), run)),
            theme.accent,
        );
    }
    painter.add(mesh);
}

/// The block that is being drawn, and its size.
pub fn block(painter: &Painter, theme: Theme, cells: Rect, region: &Region, block: &Block) {
    let place = region.screen_rect(cells, &block.rows(), &block.columns());
    let painter = painter.with_clip_rect(cells.expand(1.0));
    painter.rect_filled(place, 0.0, theme.accent.gamma_multiply(0.15));
    let line = Stroke::new(1.5, theme.accent);
    painter.rect_stroke(place, 0.0, line, StrokeKind::Middle);
    let font = theme::semibold(theme::SECONDARY);
    let text = painter.layout_no_wrap(block.told(), font, theme.on_accent);
    let room = cells.shrink(4.0);
    let size = text.size() + vec2(8.0, 4.0);
    let at = (place.max + vec2(4.0, 4.0)).clamp(room.min, (room.max - size).max(room.min));
    painter.rect_filled(Rect::from_min_size(at, size), 3.0, theme.accent);
    painter.galley(at + vec2(4.0, 2.0), text, theme.on_accent);
}

/// A ring around the cells while they have the keys.
pub fn focus(painter: &Painter, theme: Theme, cells: Rect) {
    let ring = Stroke::new(1.5, theme.accent);
    painter.rect_stroke(cells, 0.0, ring, StrokeKind::Outside);
}

/// The cell that the keys are on; its ring is of the color of focus.
pub fn current(
    painter: &Painter,
    theme: Theme,
    cells: Rect,
    region: &Region,
    (row, column): (usize, usize),
) -> Rect {
    let cell = region.screen_rect(cells, &(row..row + 1), &(column..column + 1));
    let painter = painter.with_clip_rect(cells.expand(2.0));
    let outside = StrokeKind::Outside;
    painter.rect_stroke(cell, 0.0, Stroke::new(4.0, theme.paper), outside);
    painter.rect_stroke(cell, 0.0, Stroke::new(2.0, theme.accent), outside);
    cell
}

/// Small marks in the middle of cells; means of blocks would hide what is in them.
pub fn marks(
    painter: &Painter,
    theme: Theme,
    cells: Rect,
    region: &Region,
    marks: &[(usize, usize)],
) {
    let painter = painter.with_clip_rect(cells);
    let mark = |(row, column): &(usize, usize)| {
        let cell = region.screen_rect(cells, &(*row..row + 1), &(*column..column + 1));
        Rect::from_center_size(cell.center(), vec2(5.0, 5.0))
    };
    if marks.len() > MAX_ROUNDED {
        let mut mesh = Mesh::default();
        for mark in marks.iter().map(mark) {
            mesh.add_colored_rect(mark, theme.paper);
            mesh.add_colored_rect(mark.shrink(1.0), theme.error);
        }
        painter.add(mesh);
        return;
    }
    for mark in marks.iter().map(mark) {
        painter.rect_filled(mark, 1.0, theme.paper);
        painter.rect_filled(mark.shrink(1.0), 0.0, theme.error);
    }
}

/// Marks that can have round corners: to cut those of ten thousand into triangles would take half a
/// frame.
const MAX_ROUNDED: usize = 1_000;

/// The row and column of the selected item.
pub fn selection(
    painter: &Painter,
    theme: Theme,
    cells: Rect,
    region: &Region,
    position: Option<usize>,
) {
    if let Some(at) = position {
        lines(
            &painter.with_clip_rect(cells),
            cells,
            region,
            (at, at),
            Stroke::new(1.0, theme.accent),
        );
    }
}

/// The row and column under the mouse, and the cell itself.
pub fn cross_hair(
    painter: &Painter,
    theme: Theme,
    cells: Rect,
    region: &Region,
    (row, column): (usize, usize),
) {
    let painter = painter.with_clip_rect(cells);
    lines(
        &painter,
        cells,
        region,
        (row, column),
        Stroke::new(1.0, theme.ink.gamma_multiply(0.5)),
    );
    let cell = region.screen_rect(cells, &(row..row + 1), &(column..column + 1));
    painter.rect_stroke(
        cell.expand(1.0),
        0.0,
        Stroke::new(2.0, theme.ink),
        StrokeKind::Outside,
    );
}

fn lines(
    painter: &Painter,
    cells: Rect,
    region: &Region,
    (row, column): (usize, usize),
    stroke: Stroke,
) {
    let cell = region.screen_rect(cells, &(row..row + 1), &(column..column + 1));
    for y in [cell.top(), cell.bottom()] {
        painter.hline(cells.x_range(), y, stroke);
    }
    for x in [cell.left(), cell.right()] {
        painter.vline(x, cells.y_range(), stroke);
    }
}
