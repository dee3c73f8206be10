//! Draws the contributions of all pairs of sentences: one small texture.

use egui::{
    Align2, Color32, ColorImage, Context, Painter, Pos2, Rect, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Ui, Vec2, pos2, vec2,
};

use super::grid::Grid;
use crate::ui::theme::{self, Theme};

/// The most room that it takes.
pub const MAX_SIZE: Vec2 = vec2(320.0, 140.0);
/// The most cells that fit, a point each.
pub const MAX_CELLS: (usize, usize) = (140, 320);
/// Side of a cell where there is room.
const MAX_CELL: f32 = 20.0;

/// How much room a grid takes. Cells are squares, but of texts of very unlike length they are not.
pub fn size(grid: &Grid) -> Vec2 {
    let (rows, columns) = grid.cells.dim();
    let side = |n: usize, most: f32| (MAX_CELL * n as f32).min(most);
    vec2(side(columns, MAX_SIZE.x), side(rows, MAX_SIZE.y))
}

/// The cells, colored over the largest of them, for the renderer.
pub fn picture(ctx: &Context, theme: Theme, grid: &Grid) -> TextureHandle {
    let (rows, columns) = grid.cells.dim();
    let image = if grid.cells.is_empty() {
        ColorImage::filled([1, 1], Color32::TRANSPARENT)
    } else {
        let color = |value: &f32| theme.contribution(value / grid.most);
        ColorImage::new([columns, rows], grid.cells.iter().map(color).collect())
    };
    ctx.load_texture("contributions", image, TextureOptions::NEAREST)
}

/// All cells.
pub fn cells(painter: &Painter, theme: Theme, rect: Rect, texture: &TextureHandle) {
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter.image(texture.id(), rect, whole, Color32::WHITE);
    let edge = Stroke::new(1.0, theme.hairline);
    painter.rect_stroke(rect, 0.0, edge, StrokeKind::Outside);
}

/// The cell at a place, if it is one.
pub fn cell_at(rect: Rect, grid: &Grid, at: Pos2) -> Option<(usize, usize)> {
    let (rows, columns) = grid.cells.dim();
    let inside = (at - rect.min) / rect.size();
    let place = |part: f32, n: usize| {
        let place = (part * n as f32).floor();
        (place >= 0.0 && (place as usize) < n).then_some(place as usize)
    };
    Some((place(inside.y, rows)?, place(inside.x, columns)?))
}

/// The cell that is pointed at, large enough to be seen however small it is.
pub fn outline(painter: &Painter, theme: Theme, rect: Rect, grid: &Grid, cell: (usize, usize)) {
    let (rows, columns) = grid.cells.dim();
    let one = vec2(
        rect.width() / columns.max(1) as f32,
        rect.height() / rows.max(1) as f32,
    );
    let min = rect.min + vec2(cell.1 as f32 * one.x, cell.0 as f32 * one.y);
    let place = Rect::from_min_size(min, one);
    let place = Rect::from_center_size(place.center(), place.size().max(vec2(5.0, 5.0)));
    let line = Stroke::new(2.0, theme.ink);
    painter.rect_stroke(place, 0.0, line, StrokeKind::Outside);
}

/// The focus ring.
pub fn ring(painter: &Painter, theme: Theme, rect: Rect) {
    let line = Stroke::new(1.5, theme.accent);
    painter.rect_stroke(rect.expand(3.0), 3.0, line, StrokeKind::Outside);
}

/// What the colors mean, from the least to the most.
pub fn scale(ui: &mut Ui, theme: Theme, most: f32) -> egui::Response {
    const STEPS: usize = 41;
    let (rect, response) = ui.allocate_exact_size(vec2(220.0, 16.0), egui::Sense::hover());
    let painter = ui.painter_at(rect);
    let number = |at: Pos2, align, value: f32| {
        let font = theme::regular(theme::SECONDARY);
        painter.text(at, align, format!("{value:+.3}"), font, theme.secondary)
    };
    let left = number(rect.left_center(), Align2::LEFT_CENTER, -most).right() + 8.0;
    let right = number(rect.right_center(), Align2::RIGHT_CENTER, most).left() - 8.0;
    let step = (right - left) / STEPS as f32;
    for at in 0..STEPS {
        let value = 2.0 * at as f32 / (STEPS - 1) as f32 - 1.0;
        let part = Rect::from_min_size(
            pos2(left + at as f32 * step, rect.center().y - 5.0),
            vec2(step + 0.5, 10.0),
        );
        painter.rect_filled(part, 0.0, theme.contribution(value));
    }
    response
}
