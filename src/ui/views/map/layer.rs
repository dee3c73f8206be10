//! The points of one map on the screen, and what is remembered of them between frames.

use std::sync::Arc;

use egui::epaint::Mesh;
use egui::{
    Color32, ColorImage, Context, Painter, Pos2, Rect, Shape, TextureHandle, TextureId,
    TextureOptions,
};
use ndarray::Array2;

use super::canvas::{Canvas, Tint};
use super::density::density;
use super::discs::discs;
use super::index::PointIndex;
use super::model::{self, Camera, DotSize, Manner};
use super::paint::{self, Dots};
use super::threads::n_threads;
use crate::ui::memo::Memo;
use crate::ui::theme::Theme;

/// Draws points, and finds them. `K` changes with the points.
pub struct DotLayer<K> {
    index: Memo<K, PointIndex>,
    tints: Memo<(K, Colors), Vec<Tint>>,
    drawn: Memo<Look<K>, Arc<Mesh>>,
    sprite: Option<TextureHandle>,
    picture: Option<TextureHandle>,
}

/// A copy draws everything anew: textures belong to one window.
impl<K> Clone for DotLayer<K> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What the colors of points depend on, beside the points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colors {
    /// The revision of the clusters, if they color the points.
    pub clusters: Option<u64>,
    /// The revision of the map's quality, if that does.
    pub quality: Option<u64>,
    /// The revision of the filters, which make points grey.
    pub rows: Option<u64>,
    /// The fingerprint of what is chosen, which makes all else grey.
    pub chosen: u64,
    /// A fingerprint of what colors the points; 0 for clusters.
    pub column: u64,
    /// The revision of the search whose finds are lit, if any are.
    pub search: Option<u64>,
    /// Whether the theme is the dark one.
    pub is_dark: bool,
}

/// All that what is drawn depends on.
#[derive(PartialEq)]
struct Look<K> {
    map: K,
    colors: Colors,
    camera: Camera,
    rect: Rect,
    size: DotSize,
    pixels_per_point: f32,
}

impl<K> Default for DotLayer<K> {
    fn default() -> Self {
        Self {
            index: Memo::default(),
            tints: Memo::default(),
            drawn: Memo::default(),
            sprite: None,
            picture: None,
        }
    }
}

impl<K: Copy + PartialEq> DotLayer<K> {
    /// The item whose point is nearest to `at`, if one is within `radius`.
    pub fn nearest(
        &mut self,
        (key, points): (K, &Array2<f32>),
        camera: &Camera,
        rect: Rect,
        at: Pos2,
        radius: f32,
    ) -> Option<usize> {
        let index = self.index.get(key, || PointIndex::new(points));
        index.nearest(camera, rect, at, radius)
    }

    /// How large its dots are.
    pub fn dot_size(
        &mut self,
        (key, points): (K, &Array2<f32>),
        camera: &Camera,
        rect: Rect,
    ) -> DotSize {
        let index = self.index.get(key, || PointIndex::new(points));
        let crowding = index.crowding() / (camera.scale * camera.scale);
        DotSize::of(points.nrows(), crowding, rect)
    }

    /// Draws all points and tells in what manner. Nothing is made anew while one looks at the same.
    pub fn paint(
        &mut self,
        painter: &Painter,
        theme: Theme,
        rect: Rect,
        camera: &Camera,
        (key, colors): (K, Colors),
        dots: &Dots<'_>,
    ) -> Manner {
        let n = dots.points.nrows();
        let index = self.index.get(key, || PointIndex::new(dots.points));
        let seen = camera.seen(rect, rect.expand(dots.size.radius));
        let manner = Manner::of(n, index.n_in(seen));
        let ctx = painter.ctx();
        let look = Look {
            map: key,
            colors,
            camera: *camera,
            rect,
            size: dots.size,
            pixels_per_point: painter.pixels_per_point(),
        };
        let (tints, sprite, picture) = (&mut self.tints, &mut self.sprite, &mut self.picture);
        let drawn = self.drawn.get(look, || {
            if manner == Manner::Sprites {
                let runs = index.runs(seen);
                let mut items: Vec<u32> =
                    runs.flat_map(|run| &index.items()[run]).copied().collect();
                if n <= model::FEW {
                    // One lies over another the same way wherever one looks.
                    items.sort_unstable();
                }
                dots.sort_by_depth(&mut items);
                let sprite = sprite.get_or_insert_with(|| paint::dot_sprite(ctx));
                let mesh = paint::mesh(theme, rect, camera, dots, &items, sprite.id());
                return Arc::new(mesh);
            }
            let tints = tints.get((key, colors), || dots.tints(theme, index.items()));
            let (canvas, place) = Canvas::new(camera, rect, painter.pixels_per_point());
            let DotSize { radius, opacity } = dots.size;
            let pixels = if manner == Manner::Density {
                density(index, tints, &canvas, n_threads())
            } else {
                let radius = radius * painter.pixels_per_point();
                discs(index, tints, &canvas, (radius, opacity), n_threads())
            };
            let parts = canvas.filled(&pixels);
            let texture = upload(ctx, picture, canvas.size, pixels);
            Arc::new(paint::picture(texture, place, canvas.size, &parts))
        });
        painter.add(Shape::Mesh(drawn.clone()));
        manner
    }
}

/// Fills the texture, in place if it has the size: to make another in every frame would take about
/// as long as to fill it.
fn upload(
    ctx: &Context,
    texture: &mut Option<TextureHandle>,
    size: [usize; 2],
    pixels: Vec<Color32>,
) -> TextureId {
    let image = ColorImage::new(size, pixels);
    match texture {
        Some(texture) if texture.size() == size => {
            texture.set_partial([0, 0], image, TextureOptions::NEAREST);
            texture.id()
        }
        _ => {
            let new = ctx.load_texture("dots", image, TextureOptions::NEAREST);
            texture.insert(new).id()
        }
    }
}
