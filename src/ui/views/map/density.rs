//! More points than can be told apart: how many lie on each pixel, as color.
//!
//! The hue of a pixel is the mean of the colors of its points, its strength the logarithm of their
//! number. Sums are whole numbers, so they are the same in any order.

use std::ops::Range;

use egui::Color32;

use super::canvas::{Canvas, Tint};
use super::index::PointIndex;

/// Each point is spread over its pixel and the eight around it with weights of 1, 2 and 4 of 16: a
/// single one can be seen, and many make no grain.
const WHOLE: f32 = 16.0;
/// How far that reaches beyond a band, and as far again for points just outside it.
const REACH: usize = 2;

/// Sums on a pixel: red, green and blue of 7 bits each, times weight, and the weights. They have
/// room for eight million points on one pixel.
type Sums = [u32; 4];

/// Draws the density of all points over the map.
pub fn density(
    index: &PointIndex,
    tints: &[Tint],
    canvas: &Canvas,
    n_threads: usize,
) -> Vec<Color32> {
    let tone = Tone::new(index.crowding() / (canvas.scale() * canvas.scale()));
    let width = canvas.size[0];
    let stride = width + 2 * REACH;
    canvas.drawn(n_threads, |pixels, rows, sums: &mut Vec<Sums>| {
        sums.clear();
        sums.resize(stride * (rows.len() + 2 * REACH), [0; 4]);
        count(index, tints, canvas, &rows, sums);
        let sums = sums.chunks_exact(stride).skip(REACH);
        for (pixels, sums) in pixels.chunks_exact_mut(width).zip(sums) {
            for (pixel, sums) in pixels.iter_mut().zip(&sums[REACH..]) {
                if sums[3] > 0 {
                    *pixel = tone.color(*sums);
                }
            }
        }
    })
}

/// Adds every point that reaches some rows of pixels. `sums` has a margin on all sides, so that no
/// point has to be cut.
fn count(
    index: &PointIndex,
    tints: &[Tint],
    canvas: &Canvas,
    rows: &Range<usize>,
    sums: &mut [Sums],
) {
    let stride = canvas.size[0] + 2 * REACH;
    let margin = REACH as f32;
    let (right, bottom) = (stride as f32 - 1.0, (rows.len() + 2 * REACH) as f32 - 1.0);
    let top = margin - rows.start as f32;
    for run in index.runs(canvas.seen(rows, 1.0)) {
        for (place, tint) in index.places()[run.clone()].iter().zip(&tints[run]) {
            let (x, y) = canvas.pixel_from_data(*place);
            let (x, y) = (x + margin, y + top);
            if !(x >= 1.0 && x < right && y >= 1.0 && y < bottom) {
                continue;
            }
            let [red, green, blue] = tint.rgb.map(|channel| u32::from(channel >> 1));
            let parts = [red, green, blue, 1];
            let corner = (y as usize - 1) * stride + x as usize - 1;
            for (row, shift) in [0, 1, 0].into_iter().enumerate() {
                let at = corner + row * stride;
                for (sums, more) in sums[at..at + 3].iter_mut().zip([0, 1, 0]) {
                    for (sum, part) in sums.iter_mut().zip(parts) {
                        *sum += part << (shift + more);
                    }
                }
            }
        }
    }
}

/// How strong a number of points is drawn.
struct Tone {
    /// By weight, for all but the fullest pixels.
    table: Vec<f32>,
    per_log: f32,
}

impl Tone {
    /// Strongest where there are as many points to a pixel as `crowded`.
    fn new(crowded: f32) -> Self {
        // With fewer, zooming in would make single points ever stronger.
        let crowded = crowded.clamp(2.0, 1e6);
        let per_log = Self::STRONGEST / (Self::STEEPNESS * crowded).ln_1p();
        let strength = |weight: u32| strength(weight, per_log);
        Self {
            table: (0..4096).map(strength).collect(),
            per_log,
        }
    }

    /// How much of the difference between one point and many is given to few.
    const STEEPNESS: f32 = 16.0;
    /// The background shines through a little, as through single dots.
    const STRONGEST: f32 = 0.95;

    fn color(&self, [r, g, b, weight]: Sums) -> Color32 {
        let strength = match self.table.get(weight as usize) {
            Some(strength) => *strength,
            None => strength(weight, self.per_log),
        };
        let scale = strength * (255.0 / 127.0) / weight as f32;
        let channel = |sum: u32| (sum as f32 * scale + 0.5) as u8;
        let alpha = (255.0 * strength + 0.5) as u8;
        Color32::from_rgba_premultiplied(channel(r), channel(g), channel(b), alpha)
    }
}

fn strength(weight: u32, per_log: f32) -> f32 {
    let strength = (Tone::STEEPNESS * weight as f32 / WHOLE).ln_1p() * per_log;
    strength.min(Tone::STRONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::map::model::Camera;
    use egui::{Rect, Vec2, pos2, vec2};
    use ndarray::Array2;

    const RED: Tint = Tint {
        rgb: [200, 0, 0],
        is_hollow: false,
    };
    const BLUE: Tint = Tint {
        rgb: [0, 0, 200],
        is_hollow: false,
    };

    fn canvas(size: Vec2, scale: f32) -> Canvas {
        let camera = Camera {
            center: Vec2::ZERO,
            scale,
        };
        Canvas::new(&camera, Rect::from_min_size(pos2(0.0, 0.0), size), 1.0).0
    }

    fn drawn(points: &Array2<f32>, tints: &[Tint], canvas: &Canvas) -> Vec<Color32> {
        drawn_by(1, points, tints, canvas)
    }

    fn drawn_by(
        n_threads: usize,
        points: &Array2<f32>,
        tints: &[Tint],
        canvas: &Canvas,
    ) -> Vec<Color32> {
        let index = PointIndex::new(points);
        let in_order = index.items().iter().map(|item| tints[*item as usize]);
        density(&index, &in_order.collect::<Vec<_>>(), canvas, n_threads)
    }

    #[test]
    fn a_point_is_seen_where_it_lies_and_nowhere_else() {
        let pixels = drawn(
            &ndarray::array![[1.2, -3.3]],
            &[RED],
            &canvas(vec2(21.0, 21.0), 1.0),
        );
        let at = |x: usize, y: usize| pixels[y * 21 + x];
        // The middle is at 10.5.
        assert!(at(11, 13).a() > 60);
        assert!(at(11, 12).a() < at(11, 13).a() && at(11, 12).a() > 0);
        assert_eq!(pixels.iter().filter(|pixel| pixel.a() > 0).count(), 9);
        assert_eq!((at(11, 13).g(), at(11, 13).b()), (0, 0));
    }

    #[test]
    fn colors_mix_by_number_and_more_is_stronger() {
        let place = |x: f32, n: usize| vec![[x, 0.0]; n];
        let places = [place(-6.0, 1), place(0.0, 4), place(6.0, 200)].concat();
        let points = Array2::from_shape_fn((205, 2), |(item, axis)| places[item][axis]);
        let mut tints = vec![RED; 205];
        tints[4] = BLUE;
        let pixels = drawn(&points, &tints, &canvas(vec2(21.0, 5.0), 1.0));
        let at = |x: usize| pixels[2 * 21 + x];
        assert!(at(4).a() < at(10).a() && at(10).a() < at(16).a());
        // Three of red to one of blue.
        let (red, blue) = (f32::from(at(10).r()), f32::from(at(10).b()));
        assert!((red / blue - 3.0).abs() < 0.2, "{red} to {blue}");
    }

    #[test]
    fn the_picture_is_the_same_for_any_number_of_threads() {
        let points = Array2::from_shape_fn((20_000, 2), |(item, axis)| {
            ((item * (axis + 1)) as f32 * 0.618).sin() * (item % 97) as f32
        });
        let tints: Vec<Tint> = (0..20_000).map(|i| [RED, BLUE][i % 2]).collect();
        let canvas = canvas(vec2(333.0, 250.0), 1.7);
        let with = |n_threads: usize| drawn_by(n_threads, &points, &tints, &canvas);
        assert!(with(1) == with(4));
    }

    #[test]
    fn nothing_is_lost_between_bands_or_at_the_edge() {
        // A point on every pixel and around: the same everywhere.
        let points = Array2::from_shape_fn((110 * 110, 2), |(item, axis)| {
            [item % 110, item / 110][axis] as f32 - 54.5
        });
        let pixels = drawn(
            &points,
            &vec![RED; 110 * 110],
            &canvas(vec2(100.0, 100.0), 1.0),
        );
        assert!(pixels[0].a() > 0);
        assert!(pixels.iter().all(|pixel| *pixel == pixels[0]));
    }
}
