//! Draws the matrix: one small texture for what is in view.

use std::ops::Range;
use std::sync::Arc;

use egui::{
    Align2, Color32, ColorImage, Context, Mesh, Painter, Rect, Stroke, StrokeKind, TextureHandle,
    TextureOptions, pos2, vec2,
};

use super::model::{Band, Region};
use crate::analysis::Tile;
use crate::message::grouped;
use crate::ui::theme::{self, Theme};

/// The colors of the cells of a tile, and what they mean.
pub struct Colored {
    image: Arc<ColorImage>,
    rows: Range<usize>,
    columns: Range<usize>,
    range: (f32, f32),
    block: usize,
}

impl Colored {
    /// Colors the cells over the range of their values.
    pub fn new(theme: Theme, tile: &Tile) -> Self {
        let range = tile.color_range();
        let (height, width) = tile.cells.dim();
        let color = |cell: &f32| theme.score((cell - range.0) / (range.1 - range.0));
        let image = if tile.cells.is_empty() {
            ColorImage::filled([1, 1], Color32::TRANSPARENT)
        } else {
            ColorImage::new([width, height], tile.cells.iter().map(color).collect())
        };
        Self {
            image: image.into(),
            rows: tile.rows.clone(),
            columns: tile.columns.clone(),
            range,
            block: tile.block,
        }
    }
}

/// The same as a texture.
pub struct Picture {
    texture: TextureHandle,
    rows: Range<usize>,
    columns: Range<usize>,
    range: (f32, f32),
    block: usize,
}

impl Picture {
    /// Hands the colors to the renderer.
    pub fn new(ctx: &Context, colored: &Colored) -> Self {
        let image = colored.image.clone();
        Self {
            texture: ctx.load_texture("matrix", image, TextureOptions::NEAREST),
            rows: colored.rows.clone(),
            columns: colored.columns.clone(),
            range: colored.range,
            block: colored.block,
        }
    }

    /// What one cell is.
    pub fn told(&self, n: usize) -> String {
        let n = grouped(n);
        if self.block == 1 {
            return format!("{n} × {n} · each cell is the cosine of two items");
        }
        let block = grouped(self.block);
        format!(
            "{n} × {n} · each cell is the mean cosine of {block} × {block} pairs; zoom in for single ones"
        )
    }
}

/// Width of the color scale with its numbers.
pub const SCALE_WIDTH: f32 = 224.0;

/// The color scale, at the right of `rect`.
pub fn scale(painter: &Painter, theme: Theme, rect: Rect, picture: &Picture) {
    let font = theme::regular(theme::SECONDARY);
    let (low, high) = picture.range;
    let shown = painter.text(
        rect.right_center(),
        Align2::RIGHT_CENTER,
        format!("{high:.2}"),
        font.clone(),
        theme.secondary,
    );
    let bar = Rect::from_min_size(
        pos2(shown.left() - 128.0, rect.center().y - 5.0),
        vec2(120.0, 10.0),
    );
    for step in 0..60 {
        let x = bar.left() + 2.0 * step as f32;
        let part = Rect::from_min_size(pos2(x, bar.top()), vec2(2.0, bar.height()));
        painter.rect_filled(part, 0.0, theme.score(step as f32 / 59.0));
    }
    let left = pos2(bar.left() - 8.0, rect.center().y);
    painter.text(
        left,
        Align2::RIGHT_CENTER,
        format!("cosine {low:.2}"),
        font,
        theme.secondary,
    );
}

/// The picture, cut at the edge of the view.
pub fn cells(painter: &Painter, cells: Rect, region: &Region, picture: &Picture) {
    let place = region.screen_rect(cells, &picture.rows, &picture.columns);
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter
        .with_clip_rect(cells)
        .image(picture.texture.id(), place, whole, Color32::WHITE);
}

/// Clusters as colored bands, above the cells and left of them; each in pixels from the corner.
pub fn bands(painter: &Painter, square: Rect, cells: Rect, (across, down): (&[Band], &[Band])) {
    let thickness = cells.left() - square.left() - 2.0;
    // A gap between bands that are wide enough for one.
    let ends = |from: f32, range: &Range<usize>| {
        let gap = if range.len() > 3 { 0.5 } else { 0.0 };
        from + range.start as f32 + gap..=from + range.end as f32 - gap
    };
    for (cluster, range) in across {
        let y = square.top()..=square.top() + thickness;
        let band = Rect::from_x_y_ranges(ends(cells.left(), range), y);
        painter.rect_filled(band, 0.0, theme::label(*cluster));
    }
    for (cluster, range) in down {
        let x = square.left()..=square.left() + thickness;
        let band = Rect::from_x_y_ranges(x, ends(cells.top(), range));
        painter.rect_filled(band, 0.0, theme::label(*cluster));
    }
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
