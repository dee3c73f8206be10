//! Pictures of pixels: discs with smooth edges on a ground, written as PNG.

use super::palette::Rgb;

/// A picture in the making, rows from the top.
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    /// A ground of one color.
    pub fn new(width: usize, height: usize, ground: Rgb) -> Self {
        Self {
            width,
            height,
            pixels: ground.repeat(width * height),
        }
    }

    /// Draws a disc; center and radius are in pixels, and pixel `(0, 0)` reaches from 0 to 1. What
    /// lies beyond the edge is left out.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, color: Rgb, opacity: f32) {
        let span = |center: f32, size: usize| {
            let low = (center - radius - 1.0).floor().max(0.0) as usize;
            let high = (center + radius + 1.0).ceil().max(0.0) as usize;
            low.min(size)..high.min(size)
        };
        for row in span(y, self.height) {
            for column in span(x, self.width) {
                let distance = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
                // How much of the pixel lies within, as if the edge were straight there.
                let covered = (radius + 0.5 - distance).clamp(0.0, 1.0) * opacity;
                let at = (row * self.width + column) * 3;
                for (below, above) in self.pixels[at..at + 3].iter_mut().zip(color) {
                    let mixed = f32::from(*below) * (1.0 - covered) + f32::from(above) * covered;
                    *below = mixed.round() as u8;
                }
            }
        }
    }

    /// The picture as a PNG.
    pub fn into_png(self) -> Vec<u8> {
        encoded(self.width, self.height, &self.pixels)
    }
}

/// A PNG of three bytes per pixel.
pub fn encoded(width: usize, height: usize, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels));
    written.expect("a picture of the stated size can be written to memory");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_covers_its_area_and_stays_within_the_picture() {
        let mut canvas = Canvas::new(40, 40, [0; 3]);
        canvas.disc((20.3, 19.8), 9.0, [255; 3], 1.0);
        let sum = |canvas: &Canvas| canvas.pixels.iter().map(|x| f64::from(*x)).sum::<f64>();
        let area = sum(&canvas) / 255.0 / 3.0;
        assert!((area - std::f64::consts::PI * 81.0).abs() < 2.0, "{area}");
        let before = sum(&canvas);
        canvas.disc((-50.0, 500.0), 4.0, [255; 3], 1.0);
        assert!((sum(&canvas) - before).abs() < 1e-9);
        canvas.disc((0.0, 40.0), 4.0, [255; 3], 0.5);
        let quarter = std::f64::consts::PI * 16.0 / 4.0 * 0.5;
        assert!(((sum(&canvas) - before) / 765.0 - quarter).abs() < 1.0);
    }
}
