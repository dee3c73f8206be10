//! Draws egui's triangles on the processor, so that a picture needs no screen and can be larger than
//! one.
//!
//! As egui's own painters do: vertices carry premultiplied colors in gamma space, a texel is
//! multiplied with them, and the result is laid over what is there. Edges are smooth because egui
//! surrounds shapes with a rim of triangles that fades out.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageDelta, Primitive, Vertex};
use egui::{Color32, ColorImage, ImageData, Pos2, Rect, TextureFilter, TextureId, TexturesDelta};

/// The textures that triangles refer to.
#[derive(Default)]
pub struct Textures(HashMap<TextureId, (ColorImage, TextureFilter)>);

impl Textures {
    /// Takes in what changed.
    pub fn update(&mut self, delta: &mut TexturesDelta) {
        #[expect(
            clippy::iter_over_hash_type,
            reason = "each texture has its own changes, in their order"
        )]
        for (id, changes) in std::mem::take(&mut delta.set) {
            for change in changes {
                self.set(id, change);
            }
        }
    }

    /// Forgets those that are needed no more, after the triangles of their frame are drawn.
    pub fn free(&mut self, ids: impl IntoIterator<Item = TextureId>) {
        for id in ids {
            self.0.remove(&id);
        }
    }

    fn set(&mut self, id: TextureId, change: ImageDelta) {
        let ImageData::Color(image) = change.image;
        let Some([left, top]) = change.pos else {
            let image = std::sync::Arc::unwrap_or_clone(image);
            self.0.insert(id, (image, change.options.magnification));
            return;
        };
        let Some((whole, _)) = self.0.get_mut(&id) else {
            return;
        };
        let [width, height] = image.size;
        for row in 0..height {
            let to = (top + row) * whole.size[0] + left;
            let from = row * width;
            whole.pixels[to..to + width].copy_from_slice(&image.pixels[from..from + width]);
        }
    }
}

/// A picture of `size` pixels, row by row from the top, four bytes each: red, green, blue and how
/// opaque. Nothing is beyond the edge, and unknown textures are left out.
pub fn raster(
    size: [usize; 2],
    pixels_per_point: f32,
    ground: Color32,
    primitives: &[ClippedPrimitive],
    textures: &Textures,
) -> ColorImage {
    let mut image = ColorImage::filled(size, ground);
    for primitive in primitives {
        let Primitive::Mesh(mesh) = &primitive.primitive else {
            continue;
        };
        let Some((texture, filter)) = textures.0.get(&mesh.texture_id) else {
            continue;
        };
        let clip = Clip::new(primitive.clip_rect, pixels_per_point, size);
        let texel = Texel {
            image: texture,
            is_smooth: *filter == TextureFilter::Linear,
        };
        for triangle in mesh.indices.chunks_exact(3) {
            let corner =
                |at: usize| Corner::new(mesh.vertices[triangle[at] as usize], pixels_per_point);
            fill(&mut image, &clip, [corner(0), corner(1), corner(2)], &texel);
        }
    }
    image
}

/// Whole pixels that may be drawn on.
struct Clip {
    x: [usize; 2],
    y: [usize; 2],
}

impl Clip {
    fn new(rect: Rect, pixels_per_point: f32, [width, height]: [usize; 2]) -> Self {
        let place =
            |at: f32, end: usize| ((at * pixels_per_point).round().max(0.0) as usize).min(end);
        Self {
            x: [place(rect.min.x, width), place(rect.max.x, width)],
            y: [place(rect.min.y, height), place(rect.max.y, height)],
        }
    }
}

/// A corner of a triangle, in pixels.
#[derive(Clone, Copy)]
struct Corner {
    at: Pos2,
    uv: Pos2,
    /// Red, green, blue, opacity: 0 to 255, premultiplied.
    color: [f32; 4],
}

impl Corner {
    fn new(vertex: Vertex, pixels_per_point: f32) -> Self {
        Self {
            at: (vertex.pos.to_vec2() * pixels_per_point).to_pos2(),
            uv: vertex.uv,
            color: vertex.color.to_array().map(f32::from),
        }
    }
}

struct Texel<'a> {
    image: &'a ColorImage,
    is_smooth: bool,
}

impl Texel<'_> {
    /// Premultiplied, 0 to 1; places beyond the edge have the color of the edge.
    fn at(&self, uv: Pos2) -> [f32; 4] {
        let [width, height] = self.image.size;
        let pixel = |x: f32, y: f32| {
            let x = (x.max(0.0) as usize).min(width - 1);
            let y = (y.max(0.0) as usize).min(height - 1);
            self.image.pixels[y * width + x].to_array()
        };
        let (x, y) = (uv.x * width as f32, uv.y * height as f32);
        if !self.is_smooth {
            return pixel(x, y).map(|part| f32::from(part) / 255.0);
        }
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (across, down) = (x - left, y - top);
        let corners = [
            (pixel(left, top), (1.0 - across) * (1.0 - down)),
            (pixel(left + 1.0, top), across * (1.0 - down)),
            (pixel(left, top + 1.0), (1.0 - across) * down),
            (pixel(left + 1.0, top + 1.0), across * down),
        ];
        let mut mixed = [0.0; 4];
        for (color, weight) in corners {
            for (sum, part) in mixed.iter_mut().zip(color) {
                *sum += f32::from(part) * weight / 255.0;
            }
        }
        mixed
    }
}

/// Twice the area of the triangle that a line makes with a point, with a sign.
fn edge(from: Pos2, to: Pos2, at: Pos2) -> f32 {
    (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x)
}

/// Whether a pixel whose center lies just on an edge belongs to the triangle: two that share an edge
/// must not both draw it.
fn owns(from: Pos2, to: Pos2) -> bool {
    let is_level = to.y.total_cmp(&from.y).is_eq();
    to.y < from.y || (is_level && to.x > from.x)
}

fn fill(image: &mut ColorImage, clip: &Clip, mut corners: [Corner; 3], texel: &Texel<'_>) {
    let area = edge(corners[0].at, corners[1].at, corners[2].at);
    if area == 0.0 || !area.is_finite() {
        return;
    }
    if area < 0.0 {
        corners.swap(1, 2);
    }
    let [a, b, c] = corners;
    let span = |low: f32, high: f32, [start, end]: [usize; 2]| {
        let start = ((low - 0.5).floor().max(0.0) as usize).max(start);
        start..((high + 0.5).ceil().max(0.0) as usize).min(end)
    };
    let xs = [a.at.x, b.at.x, c.at.x];
    let ys = [a.at.y, b.at.y, c.at.y];
    let least = |all: [f32; 3]| all[0].min(all[1]).min(all[2]);
    let most = |all: [f32; 3]| all[0].max(all[1]).max(all[2]);
    let sides = [(b, c), (c, a), (a, b)];
    for y in span(least(ys), most(ys), clip.y) {
        for x in span(least(xs), most(xs), clip.x) {
            let center = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
            let shares = sides.map(|(from, to)| edge(from.at, to.at, center));
            let is_within = shares
                .iter()
                .zip(&sides)
                .all(|(share, (from, to))| *share > 0.0 || (*share == 0.0 && owns(from.at, to.at)));
            if !is_within {
                continue;
            }
            let shares = shares.map(|share| share / area.abs());
            let mix = |part: fn(&Corner) -> f32| -> f32 {
                part(&a) * shares[0] + part(&b) * shares[1] + part(&c) * shares[2]
            };
            let uv = Pos2::new(mix(|corner| corner.uv.x), mix(|corner| corner.uv.y));
            let texture = texel.at(uv);
            let color = std::array::from_fn(|part| {
                let parts = [a.color[part], b.color[part], c.color[part]];
                let vertex: f32 = parts
                    .iter()
                    .zip(shares)
                    .map(|(color, share)| color * share)
                    .sum();
                vertex * texture[part]
            });
            lay(&mut image.pixels[y * image.size[0] + x], color);
        }
    }
}

/// Lays a premultiplied color over a pixel.
fn lay(pixel: &mut Color32, above: [f32; 4]) {
    let left = 1.0 - above[3] / 255.0;
    let below = pixel.to_array();
    let part = |i: usize| {
        (above[i] + f32::from(below[i]) * left)
            .round()
            .clamp(0.0, 255.0) as u8
    };
    *pixel = Color32::from_rgba_premultiplied(part(0), part(1), part(2), part(3));
}

#[cfg(test)]
mod tests {
    use egui::epaint::{Mesh, WHITE_UV};
    use egui::{TextureOptions, pos2, vec2};

    use super::*;

    const SIZE: [usize; 2] = [40, 30];

    fn white() -> Textures {
        let image = ColorImage::filled([2, 2], Color32::WHITE);
        let mut textures = Textures::default();
        textures.set(
            TextureId::default(),
            ImageDelta::full(image, TextureOptions::LINEAR),
        );
        textures
    }

    fn drawn(mesh: Mesh, clip_rect: Rect) -> ColorImage {
        let primitive = ClippedPrimitive {
            clip_rect,
            primitive: Primitive::Mesh(mesh),
        };
        raster(SIZE, 2.0, Color32::BLACK, &[primitive], &white())
    }

    #[test]
    fn a_rectangle_fills_its_pixels_and_no_seam_is_drawn_twice() {
        let mut mesh = Mesh::default();
        let rect = Rect::from_min_size(pos2(2.0, 3.0), vec2(10.0, 7.0));
        mesh.add_colored_rect(rect, Color32::from_white_alpha(128));
        let image = drawn(mesh, Rect::EVERYTHING);
        let lit = image
            .pixels
            .iter()
            .filter(|pixel| **pixel != Color32::BLACK);
        let lit: Vec<&Color32> = lit.collect();
        assert_eq!(lit.len(), 20 * 14);
        assert!(lit.iter().all(|pixel| **pixel == *lit[0]), "a seam shows");
        assert!((i32::from(lit[0].r()) - 128).abs() <= 1);
    }

    #[test]
    fn nothing_is_drawn_beyond_the_clip_or_the_picture() {
        let mut mesh = Mesh::default();
        let far = Rect::from_min_max(pos2(-50.0, -50.0), pos2(500.0, 500.0));
        mesh.add_colored_rect(far, Color32::WHITE);
        let clip = Rect::from_min_size(pos2(5.0, 5.0), vec2(3.0, 2.0));
        let image = drawn(mesh, clip);
        let n_lit = image
            .pixels
            .iter()
            .filter(|pixel| **pixel == Color32::WHITE);
        assert_eq!(n_lit.count(), 6 * 4);
    }

    #[test]
    fn colors_run_evenly_from_corner_to_corner() {
        let mut mesh = Mesh::default();
        let corners = [
            (0.0, 0.0, 0_u8),
            (20.0, 0.0, 200),
            (20.0, 15.0, 200),
            (0.0, 15.0, 0),
        ];
        for (x, y, gray) in corners {
            mesh.vertices.push(Vertex {
                pos: pos2(x, y),
                uv: WHITE_UV,
                color: Color32::from_gray(gray),
            });
        }
        mesh.add_triangle(0, 1, 2);
        mesh.add_triangle(0, 2, 3);
        let image = drawn(mesh, Rect::EVERYTHING);
        for (at, pixel) in image.pixels.iter().enumerate() {
            let expected = ((at % 40) as f32 + 0.5) / 40.0 * 200.0;
            assert!(
                (f32::from(pixel.r()) - expected).abs() <= 1.0,
                "{at}: {pixel:?}"
            );
        }
    }
}
