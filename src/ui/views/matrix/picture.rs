//! One picture of a part of the matrix: its cells, their colors, and the texture of them.

use std::ops::Range;
use std::sync::Arc;

use egui::{Color32, ColorImage, Context, Painter, Rect, TextureHandle, TextureOptions, pos2};

use super::model::Region;
use super::range::ScoreRange;
use crate::analysis::Tile;
use crate::message::grouped;
use crate::ui::theme::Theme;

/// How cells are colored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// Whose colors.
    pub theme: Theme,
    /// The scores at the ends of the colors; `None` for those of the cells of each picture.
    pub range: Option<ScoreRange>,
}

/// Cells with their colors; made in the background.
pub struct Colored {
    tile: Tile,
    /// The range of its cells.
    own_range: ScoreRange,
    brush: Brush,
    image: ColorImage,
}

impl Colored {
    /// Colors the cells of a tile.
    pub fn new(brush: Brush, tile: Tile) -> Self {
        let (low, high) = tile.color_range();
        let own_range = ScoreRange::new(low, high);
        Self {
            image: image(&tile, brush.theme, brush.range.unwrap_or(own_range)),
            tile,
            own_range,
            brush,
        }
    }
}

/// The colors of all cells, by a table: a color for each cell by itself would take a frame's time
/// for a million cells.
fn image(tile: &Tile, theme: Theme, range: ScoreRange) -> ColorImage {
    const N_COLORS: usize = 256;
    if tile.cells.is_empty() {
        return ColorImage::filled([1, 1], Color32::TRANSPARENT);
    }
    let last = (N_COLORS - 1) as f32;
    let colors: Vec<Color32> = (0..N_COLORS)
        .map(|step| theme.score(step as f32 / last))
        .collect();
    let (low, scale) = (range.low(), last / (range.high() - range.low()));
    // Numbers beyond the ends become those of the ends.
    let color = |cell: &f32| colors[usize::from(((cell - low) * scale + 0.5) as u8)];
    let (height, width) = tile.cells.dim();
    ColorImage::new([width, height], tile.cells.iter().map(color).collect())
}

/// The same as a texture.
pub struct Picture {
    tile: Tile,
    own_range: ScoreRange,
    brush: Brush,
    texture: TextureHandle,
}

impl Picture {
    /// Hands the colors to the renderer.
    pub fn new(ctx: &Context, colored: Colored) -> Self {
        let image = Arc::new(colored.image);
        Self {
            texture: ctx.load_texture("matrix", image, TextureOptions::NEAREST),
            tile: colored.tile,
            own_range: colored.own_range,
            brush: colored.brush,
        }
    }

    /// Colors the same cells otherwise, if that is otherwise.
    pub fn recolor(&mut self, brush: Brush) {
        if self.brush != brush {
            self.brush = brush;
            let image = image(&self.tile, brush.theme, self.range());
            self.texture.set(image, TextureOptions::NEAREST);
        }
    }

    /// The scores at the ends of its colors.
    pub fn range(&self) -> ScoreRange {
        self.brush.range.unwrap_or(self.own_range)
    }

    /// Rows and columns that one of its cells stands for.
    pub fn block(&self) -> usize {
        self.tile.block
    }

    /// Whether nothing of these rows and columns is missing.
    pub fn covers(&self, rows: &Range<usize>, columns: &Range<usize>) -> bool {
        let covers = |all: &Range<usize>, part: &Range<usize>| {
            all.start <= part.start && part.end <= all.end
        };
        covers(&self.tile.rows, rows) && covers(&self.tile.columns, columns)
    }

    /// What one cell is.
    pub fn told(&self, n: usize) -> String {
        let n = grouped(n);
        if self.block() == 1 {
            return format!("{n} × {n} · each cell is the cosine of two items");
        }
        let block = grouped(self.block());
        format!(
            "{n} × {n} · each cell is the mean cosine of {block} × {block} pairs; zoom in for single ones"
        )
    }

    /// Draws it as `region` is seen in `cells`, cut at their edge.
    pub fn paint(&self, painter: &Painter, cells: Rect, region: &Region) {
        let place = region.screen_rect(cells, &self.tile.rows, &self.tile.columns);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter
            .with_clip_rect(cells)
            .image(self.texture.id(), place, whole, Color32::WHITE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn colors_are_those_of_the_scores_and_end_at_the_ends() {
        let tile = Tile {
            block: 1,
            rows: 0..1,
            columns: 0..4,
            cells: array![[-0.5, 0.2, 0.4, 0.9]],
        };
        let ctx = Context::default();
        let theme = Theme::of(&ctx);
        let range = ScoreRange::new(0.2, 0.6);
        let image = image(&tile, theme, range);
        assert_eq!(image.pixels[0], theme.score(0.0));
        assert_eq!(image.pixels[1], theme.score(0.0));
        assert_eq!(image.pixels[3], theme.score(1.0));
        let middle = theme.score(0.5);
        let differs =
            |channel: fn(&Color32) -> u8| channel(&image.pixels[2]).abs_diff(channel(&middle));
        assert!(
            differs(Color32::r)
                .max(differs(Color32::g))
                .max(differs(Color32::b))
                <= 2
        );
    }
}
