//! Single dots as a picture: what [`paint::mesh`](super::paint::mesh) draws, for numbers of dots at
//! which a renderer without a graphics processor would spend a frame on corners and triangles.

use std::ops::Range;

use egui::Color32;

use super::canvas::{Canvas, Tint};
use super::index::PointIndex;

/// Places within a pixel, along each axis, for which a dot is drawn apart.
const N_OFFSETS: usize = 4;
/// The rim of the disc and that of its hole, as shares of the radius; as in the sprite.
const RIM: f32 = 0.91;
const HOLE: f32 = 0.6;

/// Draws every point as a disc or a ring of a radius in pixels, those further up on the map over
/// those below.
pub fn discs(
    index: &PointIndex,
    tints: &[Tint],
    canvas: &Canvas,
    (radius, opacity): (f32, f32),
    n_threads: usize,
) -> Vec<Color32> {
    let masks = Masks::new(radius);
    canvas.drawn(n_threads, |pixels, rows, (): &mut ()| {
        for run in index.runs(canvas.seen(&rows, masks.reach + 1.0)) {
            for (place, tint) in index.places()[run.clone()].iter().zip(&tints[run]) {
                let at = canvas.pixel_from_data(*place);
                let [r, g, b] = tint.rgb.map(|channel| f32::from(channel) * opacity + 0.5);
                let alpha = 255.0 * opacity + 0.5;
                let color = [r, g, b, alpha].map(|channel| channel as u8);
                let mask = (&masks, tint.is_hollow);
                stamp(pixels, &rows, canvas.size[0], at, mask, color);
            }
        }
    })
}

/// Puts one dot on a band of pixels, cut at its edges.
fn stamp(
    pixels: &mut [Color32],
    rows: &Range<usize>,
    width: usize,
    (x, y): (f32, f32),
    (masks, is_hollow): (&Masks, bool),
    color: [u8; 4],
) {
    let reach = masks.reach;
    let is_near = x > -reach - 1.0
        && x < width as f32 + reach + 1.0
        && y > rows.start as f32 - reach - 1.0
        && y < rows.end as f32 + reach + 1.0;
    if !is_near {
        return;
    }
    let color = u32::from_le_bytes(color);
    let mask = masks.of(x - x.floor(), y - y.floor(), is_hollow);
    let left = x.floor() as isize + mask.left;
    let top = y.floor() as isize + mask.top;
    // What lies left of the picture and above the band, and where the rest begins.
    let (hidden, from) = ((-left).max(0).cast_unsigned(), left.max(0).cast_unsigned());
    let start = rows.start.cast_signed();
    let (above, first) = (
        (start - top).max(0).cast_unsigned(),
        top.max(start).cast_unsigned(),
    );
    let lines = mask.covered.chunks_exact(mask.width).skip(above);
    for (row, covered) in (first..rows.end).zip(lines) {
        let line = (row - rows.start) * width;
        let pixels = &mut pixels[line + from.min(width)..line + width];
        for (pixel, covered) in pixels.iter_mut().zip(covered.iter().skip(hidden)) {
            *pixel = over(*pixel, times(color, u32::from(*covered)));
        }
    }
}

/// A color with what shines through it; each as four channels, of which the last is opacity.
fn over(below: Color32, above: u32) -> Color32 {
    let below = u32::from_le_bytes(below.to_array());
    let [r, g, b, a] = (above + times(below, 255 - (above >> 24))).to_le_bytes();
    Color32::from_rgba_premultiplied(r, g, b, a)
}

/// Four channels times a share of 255, two at once; never more than the exact product, so that sums
/// of a color and what shines through it stay within a channel.
fn times(color: u32, share: u32) -> u32 {
    const EVEN: u32 = 0x00ff_00ff;
    let share = share + (share >> 7);
    let even = (((color & EVEN) * share) >> 8) & EVEN;
    let odd = (((color >> 8) & EVEN) * share) & !EVEN;
    even | odd
}

/// How much of each pixel a dot covers, of 255, where it covers any.
struct Mask {
    /// Columns and rows from the pixel that holds the middle to the first one.
    left: isize,
    top: isize,
    width: usize,
    /// Row by row.
    covered: Vec<u8>,
}

impl Mask {
    /// What lies at a distance from `center`, in pixels from the corner of the pixel that holds the
    /// middle, is covered to that share; from `reach` on nothing is.
    fn new(center: (f32, f32), reach: f32, covers: impl Fn(f32) -> f32) -> Self {
        let pixels = |middle: f32| {
            let (from, to) = ((middle - reach).floor(), (middle + reach).ceil());
            from as isize..to as isize
        };
        let (columns, rows) = (pixels(center.0), pixels(center.1));
        let distance =
            |x: isize, y: isize| (x as f32 + 0.5 - center.0).hypot(y as f32 + 0.5 - center.1);
        let places = rows
            .clone()
            .flat_map(|y| columns.clone().map(move |x| (x, y)));
        let covered = |(x, y)| (255.0 * covers(distance(x, y)) + 0.5) as u8;
        Self {
            left: columns.start,
            top: rows.start,
            width: columns.len(),
            covered: places.map(covered).collect(),
        }
    }
}

/// Dots of a radius, for each place within a pixel.
struct Masks {
    /// Pixels from the middle to what is covered last.
    reach: f32,
    discs: Vec<Mask>,
    rings: Vec<Mask>,
}

impl Masks {
    fn new(radius: f32) -> Self {
        let reach = radius * RIM + 0.5;
        let within = |share: f32, distance: f32| (radius * share + 0.5 - distance).clamp(0.0, 1.0);
        let disc = |distance: f32| within(RIM, distance);
        let ring = |distance: f32| disc(distance) - within(HOLE, distance);
        let offset = |step: usize| (step as f32 + 0.5) / N_OFFSETS as f32;
        let centers = (0..N_OFFSETS * N_OFFSETS)
            .map(|place| (offset(place % N_OFFSETS), offset(place / N_OFFSETS)));
        let discs = centers.clone().map(|center| Mask::new(center, reach, disc));
        let rings = centers.clone().map(|center| Mask::new(center, reach, ring));
        Self {
            reach,
            discs: discs.collect(),
            rings: rings.collect(),
        }
    }

    /// The dot whose middle lies at this place within its pixel, 0 to 1.
    fn of(&self, x: f32, y: f32, is_hollow: bool) -> &Mask {
        let step = |place: f32| ((place * N_OFFSETS as f32) as usize).min(N_OFFSETS - 1);
        let masks = if is_hollow { &self.rings } else { &self.discs };
        &masks[step(y) * N_OFFSETS + step(x)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::map::model::Camera;
    use egui::{Rect, Vec2, pos2, vec2};
    use ndarray::{Array2, array};

    const DISC: Tint = Tint {
        rgb: [250, 120, 0],
        is_hollow: false,
    };
    const RING: Tint = Tint {
        rgb: [250, 120, 0],
        is_hollow: true,
    };

    /// Points in pixels from the middle of a picture of 41 × 41.
    fn drawn(points: &Array2<f32>, tints: &[Tint], radius: f32, opacity: f32) -> Vec<Color32> {
        let camera = Camera {
            center: Vec2::ZERO,
            scale: 1.0,
        };
        let view = Rect::from_min_size(pos2(0.0, 0.0), vec2(41.0, 41.0));
        let index = PointIndex::new(points);
        let in_order = index.items().iter().map(|item| tints[*item as usize]);
        let tints: Vec<Tint> = in_order.collect();
        let (canvas, _) = Canvas::new(&camera, view, 1.0);
        discs(&index, &tints, &canvas, (radius, opacity), 2)
    }

    /// Pixels that are covered, in sum.
    fn area(pixels: &[Color32]) -> f32 {
        pixels
            .iter()
            .map(|pixel| f32::from(pixel.a()) / 255.0)
            .sum()
    }

    #[test]
    fn a_disc_has_its_color_and_size_wherever_it_lies() {
        for (x, y) in [(0.0, 0.0), (3.3, -7.6), (0.9, 0.2)] {
            let pixels = drawn(&array![[x, y]], &[DISC], 5.0, 1.0);
            let middle = pixels[(20.5 - y) as usize * 41 + (20.5 + x) as usize];
            assert_eq!(middle.to_array(), [250, 120, 0, 255]);
            let expected = std::f32::consts::PI * (5.0 * RIM).powi(2);
            assert!((area(&pixels) / expected - 1.0).abs() < 0.05);
        }
    }

    #[test]
    fn a_ring_is_hollow() {
        let pixels = drawn(&array![[0.0, 0.0]], &[RING], 6.0, 1.0);
        assert_eq!(pixels[20 * 41 + 20].a(), 0);
        assert!(pixels[20 * 41 + 25].a() > 200);
    }

    #[test]
    fn dots_lie_over_each_other() {
        let points = array![[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]];
        let one = drawn(&array![[0.0, 0.0]], &[DISC], 4.0, 0.5)[20 * 41 + 20];
        let three = drawn(&points, &[DISC; 3], 4.0, 0.5)[20 * 41 + 20];
        assert_eq!(one.a(), 128);
        assert!((i32::from(three.a()) - 223).abs() <= 2, "{three:?}");
        let full = drawn(&points, &[DISC; 3], 4.0, 1.0)[20 * 41 + 20];
        assert_eq!(full.to_array(), [250, 120, 0, 255]);
    }

    #[test]
    fn dots_are_cut_at_the_edge_and_whole_between_bands() {
        // The second band begins at the 32nd row of pixels.
        let whole = area(&drawn(&array![[0.0, 0.0]], &[DISC], 5.0, 1.0));
        let between = area(&drawn(&array![[0.0, -11.5]], &[DISC], 5.0, 1.0));
        // A row that is missing would be about nine.
        assert!((between - whole).abs() < 1.0, "{between} of {whole}");
        let corner = area(&drawn(&array![[-20.5, 20.5]], &[DISC], 5.0, 1.0));
        assert!((corner / whole - 0.25).abs() < 0.05, "{corner} of {whole}");
        for outside in [[90.0, 0.0], [0.0, -90.0], [-1e9, 1e9]] {
            let points = Array2::from_shape_fn((1, 2), |(_, axis)| outside[axis]);
            let pixels = drawn(&points, &[DISC], 5.0, 1.0);
            assert!(pixels.iter().all(|pixel| pixel.a() == 0));
        }
    }

    #[test]
    fn a_product_never_spills_into_the_next_channel() {
        for share in 0..=255 {
            for channel in 0..=255_u32 {
                let color = channel * 0x0101_0101;
                let [a, b, c, d] = times(color, share).to_le_bytes();
                assert!(a == b && b == c && c == d);
                let exact = channel * share / 255;
                assert!(u32::from(a) <= exact + 1 && u32::from(a) + 1 >= exact);
                // As when a color of that share lies over this one.
                assert!(255 - share + u32::from(a) <= 255);
            }
        }
    }
}
