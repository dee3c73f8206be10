//! Draws the matrix: one small texture for what is in view.

use std::ops::Range;

use egui::{
    Align2, Color32, ColorImage, Context, Painter, Rect, Stroke, StrokeKind, TextureHandle,
    TextureOptions, pos2, vec2,
};

use super::model::{Band, Region};
use crate::analysis::Tile;
use crate::message::grouped;
use crate::ui::theme::{self, Theme};

/// The cells in view as a texture, and what its colors mean.
pub struct Picture {
    texture: TextureHandle,
    rows: Range<usize>,
    columns: Range<usize>,
    range: (f32, f32),
    block: usize,
}

impl Picture {
    /// Colors the cells of a tile over the range of their values.
    pub fn new(ctx: &Context, theme: Theme, tile: &Tile) -> Self {
        let range = tile.color_range();
        let (height, width) = tile.cells.dim();
        let color = |cell: &f32| theme.score((cell - range.0) / (range.1 - range.0));
        let image = if tile.cells.is_empty() {
            ColorImage::filled([1, 1], Color32::TRANSPARENT)
        } else {
            ColorImage::new([width, height], tile.cells.iter().map(color).collect())
        };
        Self {
            texture: ctx.load_texture("matrix", image, TextureOptions::NEAREST),
            rows: tile.rows.clone(),
            columns: tile.columns.clone(),
            range,
            block: tile.block,
        }
    }
}

/// What one cell is, and the color scale.
pub fn header(painter: &Painter, theme: Theme, rect: Rect, n: usize, picture: &Picture) {
    let text = if picture.block == 1 {
        format!(
            "{} × {} · each cell is the cosine of two items",
            grouped(n),
            grouped(n)
        )
    } else {
        let block = grouped(picture.block);
        format!(
            "{} × {} · each cell is the mean cosine of {block} × {block} pairs; zoom in for single ones",
            grouped(n),
            grouped(n)
        )
    };
    let font = theme::regular(theme::SECONDARY);
    let left = pos2(rect.left() + 12.0, rect.center().y);
    painter.text(
        left,
        Align2::LEFT_CENTER,
        text,
        font.clone(),
        theme.secondary,
    );
    let (low, high) = picture.range;
    let right = pos2(rect.right() - 12.0, rect.center().y);
    let shown = painter.text(
        right,
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

/// Clusters as colored bands above and left of the cells.
pub fn bands(painter: &Painter, square: Rect, cells: Rect, region: &Region, bands: &[Band]) {
    let thickness = cells.left() - square.left() - 2.0;
    for (cluster, range) in bands {
        let place = region
            .screen_rect(cells, range, range)
            .intersect(Rect::EVERYTHING);
        let color = theme::label(*cluster);
        let x = place.x_range().intersection(cells.x_range());
        let y = place.y_range().intersection(cells.y_range());
        if x.span() > 0.0 {
            let top = Rect::from_x_y_ranges(x, square.top()..=square.top() + thickness);
            painter.rect_filled(top.shrink2(vec2(0.5, 0.0)), 0.0, color);
        }
        if y.span() > 0.0 {
            let left = Rect::from_x_y_ranges(square.left()..=square.left() + thickness, y);
            painter.rect_filled(left.shrink2(vec2(0.0, 0.5)), 0.0, color);
        }
    }
}

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
