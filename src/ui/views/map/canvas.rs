//! Where the points of the map fall on the pixels of a picture, and the picture in bands.
//!
//! Each band is made by one thread from the points that reach it, in the order of the index: so a
//! picture is the same whatever the number of threads.

use std::ops::Range;

use egui::{Color32, Rect, Vec2, pos2, vec2};

use super::model::Camera;
use super::threads::{on_threads, taken};

/// Rows of pixels of a band: what is summed up for one fits the cache of a core.
const BAND: usize = 32;

/// How a point is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tint {
    /// Red, green, blue.
    pub rgb: [u8; 3],
    /// Whether only its rim is drawn.
    pub is_hollow: bool,
}

/// The pixels of a picture that lies over the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Canvas {
    /// Columns and rows of pixels; at least one of each.
    pub size: [usize; 2],
    /// Data coordinates in the middle of the view.
    center: Vec2,
    /// Pixels per unit.
    scale: f32,
    /// Pixels from the corner of the picture to the middle of the view.
    middle: Vec2,
}

impl Canvas {
    /// The whole pixels of the screen that `rect` touches, and their place on the screen.
    pub fn new(camera: &Camera, rect: Rect, pixels_per_point: f32) -> (Self, Rect) {
        let corner = (rect.min.to_vec2() * pixels_per_point).floor();
        let size = ((rect.max.to_vec2() * pixels_per_point).ceil() - corner).max(Vec2::splat(1.0));
        let canvas = Self {
            size: [size.x as usize, size.y as usize],
            center: camera.center,
            scale: camera.scale * pixels_per_point,
            middle: rect.center().to_vec2() * pixels_per_point - corner,
        };
        let min = (corner / pixels_per_point).to_pos2();
        (canvas, Rect::from_min_size(min, size / pixels_per_point))
    }

    /// Pixels per unit.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// Where a point lies, in pixels from the corner.
    pub fn pixel_from_data(&self, [x, y]: [f32; 2]) -> (f32, f32) {
        (
            (x - self.center.x) * self.scale + self.middle.x,
            (self.center.y - y) * self.scale + self.middle.y,
        )
    }

    /// The part of the map, in data coordinates, whose points reach some rows of pixels when each
    /// reaches as many pixels around itself.
    pub fn seen(&self, rows: &Range<usize>, reach: f32) -> Rect {
        let camera = Camera {
            center: self.center,
            scale: self.scale,
        };
        let part = Rect::from_min_max(
            pos2(-reach, rows.start as f32 - reach),
            pos2(self.size[0] as f32 + reach, rows.end as f32 + reach),
        );
        // A view whose middle is that of this one.
        let view = Rect::from_center_size(self.middle.to_pos2(), vec2(1.0, 1.0));
        camera.seen(view, part)
    }

    /// Makes a picture band by band on so many threads: `draw` gets a transparent band, which rows
    /// of pixels it is, and room that it may use again for the next.
    pub fn drawn<T: Default>(
        &self,
        n_threads: usize,
        draw: impl Fn(&mut [Color32], Range<usize>, &mut T) + Sync,
    ) -> Vec<Color32> {
        let [width, height] = self.size;
        let mut pixels = vec![Color32::TRANSPARENT; width * height];
        let next = taken(pixels.chunks_mut(BAND * width).enumerate());
        on_threads(n_threads, || {
            let mut room = T::default();
            while let Some((band, pixels)) = next() {
                let first = band * BAND;
                let n_rows = pixels.len() / width;
                draw(pixels, first..first + n_rows, &mut room);
            }
        });
        drop(next);
        pixels
    }
}

/// Columns of pixels of the smallest part that is drawn or left out.
const TILE: usize = 64;

/// A part of a picture: columns and rows.
pub type Part = (Range<usize>, Range<usize>);

impl Canvas {
    /// The parts of a picture that are not empty. To draw what is transparent takes a renderer without
    /// a graphics processor as long as to draw anything else.
    pub fn filled(&self, pixels: &[Color32]) -> Vec<Part> {
        let width = self.size[0];
        let mut parts = Vec::new();
        for (band, pixels) in pixels.chunks(BAND * width).enumerate() {
            let first = band * BAND;
            let rows = first..first + pixels.len() / width;
            let mut run: Option<Range<usize>> = None;
            for left in (0..width).step_by(TILE) {
                let tile = left..(left + TILE).min(width);
                let mut lines = pixels.chunks_exact(width).map(|line| &line[tile.clone()]);
                let is_empty = lines.all(|line| line.iter().all(|pixel| pixel.a() == 0));
                if is_empty {
                    parts.extend(run.take().map(|columns| (columns, rows.clone())));
                } else {
                    run.get_or_insert(tile.clone()).end = tile.end;
                }
            }
            parts.extend(run.map(|columns| (columns, rows)));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_covers_whole_pixels_and_agrees_with_the_camera() {
        let camera = Camera {
            center: vec2(2.0, -1.0),
            scale: 30.0,
        };
        let rect = Rect::from_min_max(pos2(10.3, 20.7), pos2(110.1, 90.2));
        for pixels_per_point in [1.0, 1.5, 2.0] {
            let (canvas, place) = Canvas::new(&camera, rect, pixels_per_point);
            assert!(place.expand(1e-3).contains_rect(rect));
            assert!(rect.expand(1.0 + 1e-3).contains_rect(place));
            let corner = place.min * pixels_per_point;
            assert!((corner - corner.round()).length() < 1e-3);
            let on_screen = camera.screen_from_data(rect, 2.4, -0.2) * pixels_per_point;
            let (x, y) = canvas.pixel_from_data([2.4, -0.2]);
            assert!((on_screen - corner - vec2(x, y)).length() < 1e-2);
        }
    }

    #[test]
    fn what_reaches_a_band_is_seen_from_it() {
        let camera = Camera {
            center: vec2(0.0, 0.0),
            scale: 10.0,
        };
        let view = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 100.0));
        let (canvas, _) = Canvas::new(&camera, view, 1.0);
        let seen = canvas.seen(&(0..10), 5.0);
        // The second axis points up.
        assert!(seen.contains(pos2(-5.4, 5.4)) && seen.contains(pos2(5.4, 3.6)));
        assert!(!seen.contains(pos2(0.0, 3.0)) && !seen.contains(pos2(0.0, 6.0)));
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let camera = Camera {
            center: Vec2::ZERO,
            scale: 1.0,
        };
        let view = Rect::from_min_size(pos2(0.0, 0.0), vec2(300.0, 70.0));
        let (canvas, _) = Canvas::new(&camera, view, 1.0);
        let mut pixels = vec![Color32::TRANSPARENT; 300 * 70];
        assert_eq!(canvas.filled(&pixels), []);
        for (x, y) in [(70, 3), (128, 9), (299, 69)] {
            pixels[y * 300 + x] = Color32::WHITE;
        }
        assert_eq!(
            canvas.filled(&pixels),
            [(64..192, 0..32), (256..300, 64..70)]
        );
    }

    #[test]
    fn each_band_is_drawn_once() {
        let camera = Camera {
            center: Vec2::ZERO,
            scale: 1.0,
        };
        let view = Rect::from_min_size(pos2(0.0, 0.0), vec2(7.0, 100.0));
        let (canvas, _) = Canvas::new(&camera, view, 1.0);
        let pixels = canvas.drawn(3, |pixels, rows, (): &mut ()| {
            assert_eq!(pixels.len(), 7 * rows.len());
            for (row, pixels) in rows.zip(pixels.chunks_mut(7)) {
                pixels.fill(Color32::from_black_alpha(row as u8));
            }
        });
        for (row, pixels) in pixels.chunks(7).enumerate() {
            assert!(pixels.iter().all(|pixel| usize::from(pixel.a()) == row));
        }
    }
}
