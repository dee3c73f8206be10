//! Lines of equal density over the map, by marching squares (Lorensen and Cline 1987, in the plane).
//!
//! Density is counted on a grid over all of the map and smoothed with a Gaussian. It does not depend on
//! the camera, so the lines stay what they are while one pans and zooms.

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use ndarray::{Array2, ArrayView1};

/// Cells of the grid along the longer side of the map.
const CELLS: usize = 160;
/// Cells that are left empty around all points, so that every line closes.
const MARGIN: usize = 28;
/// Narrowest and widest Gaussian, in cells.
const SIGMAS: (f32, f32) = (1.5, 8.0);
/// Where lines are drawn, as shares of the greatest density: each line inward stands for twice as much.
pub const LEVELS: [f32; 5] = [1.0 / 32.0, 1.0 / 16.0, 1.0 / 8.0, 1.0 / 4.0, 1.0 / 2.0];

/// Where the density has one of the [`LEVELS`].
#[derive(Debug, Clone, PartialEq)]
pub struct Isoline {
    /// The place of its level in [`LEVELS`].
    pub level: usize,
    /// Pieces of it, in data coordinates; each end is an end of one other piece.
    pub pieces: Vec<[Pos2; 2]>,
}

/// The lines around points of shape `(n, 2)` or wider, of those that are `counted`; none without
/// points.
pub fn contours(points: &Array2<f32>, counted: impl Fn(usize) -> bool) -> Vec<Isoline> {
    let Some(grid) = Grid::of(points, counted) else {
        return Vec::new();
    };
    let most = grid.values.iter().copied().fold(0.0, f32::max);
    let lines = LEVELS.iter().enumerate().map(|(level, share)| Isoline {
        level,
        pieces: grid.pieces(share * most),
    });
    lines.collect()
}

/// Density at the corners of square cells.
struct Grid {
    origin: Pos2,
    /// Of a cell, in data coordinates.
    side: f32,
    size: [usize; 2],
    /// Row by row from below.
    values: Vec<f32>,
}

impl Grid {
    /// Counts and smooths; the fewer points there are, the wider.
    fn of(points: &Array2<f32>, counted: impl Fn(usize) -> bool) -> Option<Self> {
        let place = |point: ArrayView1<'_, f32>| pos2(point[0], point[1]);
        let places = || {
            let all = points.outer_iter().enumerate();
            all.filter(|(item, _)| counted(*item))
                .map(|(_, point)| place(point))
        };
        let mut bounds = Rect::NOTHING;
        places().for_each(|at| bounds.extend_with(at));
        if !bounds.is_finite() {
            return None;
        }
        // Cells that the coordinates cannot tell apart are no cells.
        let finest = bounds.center().to_vec2().abs().max_elem() * 1e-5;
        let side = (bounds.size().max_elem() / CELLS as f32).max(finest.max(1e-6));
        let n_cells = |length: f32| (length / side) as usize + 2 * MARGIN + 2;
        let mut grid = Self {
            origin: bounds.min - Vec2::splat(MARGIN as f32 * side),
            side,
            size: [n_cells(bounds.width()), n_cells(bounds.height())],
            values: Vec::new(),
        };
        grid.values = vec![0.0; grid.size[0] * grid.size[1]];
        let (mut n, mut sum, mut squares) = (0.0, Vec2::ZERO, 0.0);
        for at in places() {
            let cell = (at - grid.origin) / side;
            let (column, row) = (cell.x.round() as usize, cell.y.round() as usize);
            grid.values[row * grid.size[0] + column] += 1.0;
            (n, sum, squares) = (n + 1.0, sum + cell, squares + cell.length_sq());
        }
        // Scott's rule (1992) for two axes, with one spread for both.
        let spread = (squares / n - (sum / n).length_sq()).max(0.0) / 2.0;
        let sigma = spread.sqrt() * n.powf(-1.0 / 6.0);
        grid.smooth((sigma / 2.0).clamp(SIGMAS.0, SIGMAS.1));
        Some(grid)
    }

    /// Spreads every point by a Gaussian of so many cells, one axis after the other.
    fn smooth(&mut self, sigma: f32) {
        let reach = ((3.0 * sigma).ceil() as usize).min(MARGIN - 1);
        let weight = |step: usize| (-0.5 * (step as f32 / sigma).powi(2)).exp();
        let weights: Vec<f32> = (0..=reach).map(weight).collect();
        let [width, height] = self.size;
        for (stride, n, n_lines, line_stride) in
            [(1, width, height, width), (width, height, width, 1)]
        {
            let mut spread = vec![0.0; self.values.len()];
            for line in 0..n_lines {
                let at = |place: usize| line * line_stride + place * stride;
                for place in 0..n {
                    let value = self.values[at(place)];
                    if value > 0.0 {
                        let near = place.saturating_sub(reach)..(place + reach + 1).min(n);
                        for other in near {
                            spread[at(other)] += value * weights[other.abs_diff(place)];
                        }
                    }
                }
            }
            self.values = spread;
        }
    }

    fn value(&self, column: usize, row: usize) -> f32 {
        self.values[row * self.size[0] + column]
    }

    fn pieces(&self, level: f32) -> Vec<[Pos2; 2]> {
        let [width, height] = self.size;
        let cells = (0..height - 1).flat_map(|row| (0..width - 1).map(move |column| (column, row)));
        cells
            .flat_map(|(column, row)| self.pieces_in(column, row, level))
            .collect()
    }

    /// What of a line lies in one cell: one piece, or where two opposite corners lie above the level
    /// and two below, two.
    fn pieces_in(
        &self,
        column: usize,
        row: usize,
        level: f32,
    ) -> impl Iterator<Item = [Pos2; 2]> + use<> {
        // Around the cell; between each and the next is a side.
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(x, y)| (column + x, row + y));
        let values = corners.map(|(x, y)| self.value(x, y));
        let is_above = values.map(|value| value > level);
        let crossing = |side: usize| {
            let next = (side + 1) % 4;
            // Always the same way along a side, or rounding would part the lines of two cells.
            let (from, to) = if corners[side] < corners[next] {
                (side, next)
            } else {
                (next, side)
            };
            (is_above[from] != is_above[to]).then(|| {
                let share = (level - values[from]) / (values[to] - values[from]);
                let corner = |at: usize| vec2(corners[at].0 as f32, corners[at].1 as f32);
                let at = corner(from) + share * (corner(to) - corner(from));
                self.origin + at * self.side
            })
        };
        let ends: Vec<Pos2> = (0..4).filter_map(crossing).collect();
        let middle = values.iter().sum::<f32>() / 4.0;
        let pieces = match ends[..] {
            [a, b] => vec![[a, b]],
            // The middle tells which of the corners hold together.
            [a, b, c, d] if (middle > level) == is_above[0] => vec![[a, b], [c, d]],
            [a, b, c, d] => vec![[d, a], [b, c]],
            _ => Vec::new(),
        };
        pieces.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn blobs(n: usize) -> Array2<f32> {
        Array2::from_shape_fn((n, 2), |(item, axis)| {
            let noise = ((item * 2 + axis) as f32 * 12.9898).sin() * 43758.547;
            [0.0, 9.0][item % 2] + (noise - noise.floor()) * 2.0
        })
    }

    fn all(points: &Array2<f32>) -> Vec<Isoline> {
        contours(points, |_| true)
    }

    #[test]
    fn every_line_is_closed() {
        for points in [blobs(2), blobs(40), blobs(3_000), Array2::zeros((1, 2))] {
            for line in all(&points) {
                let mut ends = BTreeMap::<(u32, u32), usize>::new();
                for end in line.pieces.iter().flatten() {
                    *ends.entry((end.x.to_bits(), end.y.to_bits())).or_default() += 1;
                }
                assert!(!ends.is_empty());
                assert!(ends.values().all(|n| *n == 2), "level {}", line.level);
            }
        }
    }

    /// How often a ray to the right crosses the line: odd inside.
    fn is_inside(line: &Isoline, at: Pos2) -> bool {
        let crosses = |piece: &&[Pos2; 2]| {
            let [a, b] = **piece;
            (a.y > at.y) != (b.y > at.y) && at.x < a.x + (at.y - a.y) / (b.y - a.y) * (b.x - a.x)
        };
        line.pieces.iter().filter(crosses).count() % 2 == 1
    }

    #[test]
    fn lines_lie_around_heaps_and_each_inside_the_one_before() {
        let lines = all(&blobs(3_000));
        assert_eq!(lines.len(), LEVELS.len());
        for line in &lines {
            assert!(is_inside(line, pos2(1.0, 1.0)) && is_inside(line, pos2(10.0, 10.0)));
            assert!(!is_inside(line, pos2(5.5, 5.5)) && !is_inside(line, pos2(1.0, 10.0)));
        }
        for (outer, inner) in lines.iter().zip(&lines[1..]) {
            assert!(
                inner
                    .pieces
                    .iter()
                    .flatten()
                    .all(|end| is_inside(outer, *end))
            );
        }
    }

    #[test]
    fn what_is_left_out_has_no_lines() {
        let points = blobs(3_000);
        let lines = contours(&points, |item| item % 2 == 0);
        assert!(is_inside(&lines[0], pos2(1.0, 1.0)));
        assert!(!is_inside(&lines[0], pos2(10.0, 10.0)));
        assert_eq!(contours(&points, |_| false), []);
        assert_eq!(all(&Array2::zeros((0, 2))), []);
    }
}
