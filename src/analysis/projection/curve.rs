//! How strongly two points of a UMAP pull and push, by their distance.

/// `1 / (1 + a d^2b)`: how near two points at distance `d` count as being.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kernel {
    pub a: f64,
    pub b: f64,
}

impl Kernel {
    /// The smooth curve nearest to one that is 1 up to `min_dist` and falls off exponentially with
    /// scale 1 beyond it: least squares over 300 distances from 0 to 3, as umap-learn does, found by
    /// damped Gauss–Newton steps.
    pub fn fitted(min_dist: f64) -> Self {
        let samples: Vec<(f64, f64)> = (0..300)
            .map(|i| f64::from(i) * 3.0 / 299.0)
            .map(|d| (d, (min_dist - d).min(0.0).exp()))
            .collect();
        let loss = |kernel: Self| {
            let off = |(d, y): &(f64, f64)| (kernel.at(*d) - y).powi(2);
            samples.iter().map(off).sum::<f64>()
        };
        let mut kernel = Self { a: 1.0, b: 1.0 };
        let mut damping = 1e-3;
        for _ in 0..200 {
            let step = kernel.step(&samples, damping);
            let next = Self {
                a: (kernel.a + step.a).max(1e-6),
                b: (kernel.b + step.b).max(1e-6),
            };
            if loss(next) < loss(kernel) {
                kernel = next;
                damping *= 0.3;
            } else {
                damping *= 4.0;
            }
        }
        kernel
    }

    fn at(self, d: f64) -> f64 {
        1.0 / (1.0 + self.a * d.powf(2.0 * self.b))
    }

    /// Solves the 2 × 2 normal equations of one step.
    fn step(self, samples: &[(f64, f64)], damping: f64) -> Self {
        let (mut aa, mut ab, mut bb, mut ay, mut by) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (d, y) in samples.iter().filter(|(d, _)| *d > 0.0) {
            let value = self.at(*d);
            let power = d.powf(2.0 * self.b);
            let by_a = -power * value * value;
            let by_b = by_a * self.a * 2.0 * d.ln();
            aa += by_a * by_a;
            ab += by_a * by_b;
            bb += by_b * by_b;
            ay += by_a * (y - value);
            by += by_b * (y - value);
        }
        (aa, bb) = (aa * (1.0 + damping), bb * (1.0 + damping));
        let det = (aa * bb - ab * ab).max(1e-300);
        Self {
            a: (bb * ay - ab * by) / det,
            b: (aa * by - ab * ay) / det,
        }
    }

    /// What multiplies the way from one point to another that pulls it: `2ab d^(2b−2) / (1 + a
    /// d^2b)`.
    pub fn pull(self) -> Table {
        Table::of(|square| {
            let power = square.powf(self.b);
            2.0 * self.a * self.b * power / square / (1.0 + self.a * power)
        })
    }

    /// What multiplies the way from one point to another that pushes it off:
    /// `2b / ((0.001 + d²) (1 + a d^2b))`.
    pub fn push(self) -> Table {
        Table::of(|square| 2.0 * self.b / ((0.001 + square) * (1.0 + self.a * square.powf(self.b))))
    }
}

/// A function of a squared distance, straight within each of many small pieces.
///
/// A layout asks hundreds of millions of times; two loads and a multiplication take the place of a
/// power and a division, within a thousandth.
pub struct Table(Vec<(f32, f32)>);

/// Distances below 2^-9 count as that far, and those above 2^10 as that far.
const LOWEST_OCTAVE: i32 = -18;
const HIGHEST_OCTAVE: i32 = 20;
/// Pieces per doubling of the squared distance, as a power of two: the first bits of its mantissa.
const PIECE_BITS: u32 = 5;
const SHIFT: u32 = f32::MANTISSA_DIGITS - 1 - PIECE_BITS;

impl Table {
    fn of(function: impl Fn(f64) -> f64) -> Self {
        let pieces = 1 << PIECE_BITS;
        let piece = |octave: i32, i: i32| {
            let from = f64::from(octave).exp2() * (1.0 + f64::from(i) / f64::from(pieces));
            let to = f64::from(octave).exp2() * (1.0 + f64::from(i + 1) / f64::from(pieces));
            let slope = (function(to) - function(from)) / (to - from);
            ((function(from) - slope * from) as f32, slope as f32)
        };
        let of_octave = |octave| (0..pieces).map(move |i| piece(octave, i));
        Self(
            (LOWEST_OCTAVE..HIGHEST_OCTAVE)
                .flat_map(of_octave)
                .collect(),
        )
    }

    /// The value at a squared distance.
    #[inline]
    pub fn at(&self, square: f32) -> f32 {
        const LOWEST: f32 = f32::from_bits(((127 + LOWEST_OCTAVE) as u32) << 23);
        const HIGHEST: f32 = f32::from_bits((((127 + HIGHEST_OCTAVE) as u32) << 23) - 1);
        let square = square.clamp(LOWEST, HIGHEST);
        let (base, slope) = self.0[((square.to_bits() - LOWEST.to_bits()) >> SHIFT) as usize];
        base + slope * square
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_that_of_umap_learn() {
        // umap.umap_.find_ab_params(1.0, min_dist), umap-learn 0.5.12.
        for (min_dist, a, b) in [
            (0.0, 1.932_808, 0.790_495),
            (0.1, 1.576_943, 0.895_061),
            (0.5, 0.583_030, 1.334_167),
            (0.99, 0.119_305, 1.916_390),
        ] {
            let kernel = Kernel::fitted(min_dist);
            assert!((kernel.a - a).abs() < 1e-3 * a, "{kernel:?}, not {a}");
            assert!((kernel.b - b).abs() < 1e-3 * b, "{kernel:?}, not {b}");
        }
    }

    #[test]
    fn the_tables_follow_their_formulas() {
        let kernel = Kernel::fitted(0.1);
        let (pull, push) = (kernel.pull(), kernel.push());
        for square in [1e-5, 0.003, 0.1, 1.0, 1.99, 37.0, 1e4, 5e5] {
            let power = f64::powf(square, kernel.b);
            let expected = 2.0 * kernel.a * kernel.b * power / square / (1.0 + kernel.a * power);
            assert!((f64::from(pull.at(square as f32)) / expected - 1.0).abs() < 1e-3);
            let expected = 2.0 * kernel.b / ((0.001 + square) * (1.0 + kernel.a * power));
            assert!((f64::from(push.at(square as f32)) / expected - 1.0).abs() < 1e-3);
        }
        for odd in [0.0, f32::MIN_POSITIVE, 1e30, f32::INFINITY] {
            assert!(pull.at(odd).is_finite() && push.at(odd).is_finite());
        }
    }
}
