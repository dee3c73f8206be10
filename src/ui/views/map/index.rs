//! Finds the points in a part of the map without looking at all of them.
//!
//! A grid, whose points are kept in the order of its cells: a part of the map is a few runs of
//! places, and what is near on the screen is near in memory.

use std::ops::Range;

use egui::{Pos2, Rect, Vec2};
use ndarray::{Array2, ArrayView1};

use super::model::Camera;
use super::threads::each;

/// Points of a cell, on average.
const POINTS_PER_CELL: usize = 16;
/// The grid ends where this share of the points lies beyond, at each side: one point far off must
/// not leave all others in one cell. What lies beyond is in the cells at the edge.
const BEYOND: f32 = 0.002;
/// Places of an axis that are looked at to find where the grid ends.
const N_SAMPLED: usize = 4096;

/// Which points lie where.
#[derive(Debug, Clone, PartialEq)]
pub struct PointIndex {
    across: Stretches,
    up: Stretches,
    /// Where the points of each cell begin, row by row from the bottom, and where the last end.
    starts: Vec<u32>,
    /// Items in the order of the cells; in a cell in their own order.
    items: Vec<u32>,
    /// Their places.
    places: Vec<[f32; 2]>,
    crowding: f32,
}

/// An axis cut into stretches of one length; the first and the last have no end.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretches {
    start: f32,
    per_unit: f32,
    n: usize,
}

impl Stretches {
    fn new(values: ArrayView1<'_, f32>, n: usize) -> Self {
        let step = (values.len() / N_SAMPLED).max(1);
        let mut sample: Vec<f32> = values.iter().copied().step_by(step).collect();
        sample.sort_by(f32::total_cmp);
        let rank = (sample.len() as f32 * BEYOND) as usize;
        let ends = || Some((*sample.get(rank)?, *sample.iter().nth_back(rank)?));
        let (start, end) = ends().unwrap_or((0.0, 0.0));
        let per_unit = if end > start {
            n as f32 / (end - start)
        } else {
            0.0
        };
        Self { start, per_unit, n }
    }

    /// Never falls as `value` rises, rounding included: so a range of values is a range of
    /// stretches.
    fn at(&self, value: f32) -> usize {
        (((value - self.start) * self.per_unit).max(0.0) as usize).min(self.n - 1)
    }
}

impl PointIndex {
    /// Sorts the points into cells. Shape `(n, 2)` or wider; the first two axes count.
    pub fn new(points: &Array2<f32>) -> Self {
        let n = points.nrows();
        assert!(u32::try_from(n).is_ok(), "items are numbered in 32 bits");
        let side = ((n / POINTS_PER_CELL) as f32).sqrt().max(1.0) as usize;
        let (xs, ys) = (points.column(0), points.column(1));
        let (across, up) = (Stretches::new(xs, side), Stretches::new(ys, side));
        let cell = |x: f32, y: f32| up.at(y) * side + across.at(x);
        let cells = each(n, |item| cell(xs[item], ys[item]) as u32);

        let mut starts = vec![0; side * side + 1];
        for cell in &cells {
            starts[*cell as usize + 1] += 1;
        }
        let crowding = crowding(starts.clone(), n) * across.per_unit * up.per_unit;
        let crowding = if crowding.is_finite() { crowding } else { 0.0 };
        for cell in 0..side * side {
            starts[cell + 1] += starts[cell];
        }
        let mut next = starts.clone();
        let mut items = vec![0; n];
        let mut places = vec![[0.0; 2]; n];
        for (item, (cell, (x, y))) in cells.iter().zip(xs.iter().zip(ys)).enumerate() {
            let slot = next[*cell as usize] as usize;
            next[*cell as usize] += 1;
            items[slot] = item as u32;
            places[slot] = [*x, *y];
        }
        Self {
            across,
            up,
            starts,
            items,
            places,
            crowding,
        }
    }

    /// Points to a unit of area where the map is crowded: 19 of 20 points lie where there are
    /// fewer. A property of the map and not of the view, so that nothing flickers on the way; 0 where
    /// all lie on a line.
    pub fn crowding(&self) -> f32 {
        self.crowding
    }

    /// Items in the order of the cells.
    pub fn items(&self) -> &[u32] {
        &self.items
    }

    /// Places in the order of the cells.
    pub fn places(&self) -> &[[f32; 2]] {
        &self.places
    }

    /// Ranges of [`items`](Self::items) and [`places`](Self::places) that hold every point in
    /// `seen`, in data coordinates, and some around it; always from below to above.
    pub fn runs(&self, seen: Rect) -> impl Iterator<Item = Range<usize>> + '_ {
        let columns = self.across.at(seen.left())..self.across.at(seen.right()) + 1;
        let rows = self.up.at(seen.top())..self.up.at(seen.bottom()) + 1;
        rows.map(move |row| {
            let start = |column: usize| self.starts[row * self.across.n + column] as usize;
            start(columns.start)..start(columns.end)
        })
    }

    /// How many points are in `seen` and the cells that it touches.
    pub fn n_in(&self, seen: Rect) -> usize {
        self.runs(seen).map(|run| run.len()).sum()
    }

    /// The item whose point is nearest to `at`, if one is within `radius` pixels; of two at the
    /// same place the first.
    pub fn nearest(&self, camera: &Camera, rect: Rect, at: Pos2, radius: f32) -> Option<usize> {
        let around = Rect::from_center_size(at, Vec2::splat(2.0 * radius));
        let distance = |slot: usize| {
            let [x, y] = self.places[slot];
            let distance = camera.screen_from_data(rect, x, y).distance_sq(at);
            (distance, self.items[slot])
        };
        let slots = self.runs(camera.seen(rect, around)).flatten();
        let near = slots.map(distance).filter(|(d, _)| *d <= radius * radius);
        near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, item)| item as usize)
    }
}

/// Points of a cell that has no fewer than those in which 19 of 20 points lie.
fn crowding(mut counts: Vec<u32>, n: usize) -> f32 {
    counts.sort_unstable();
    let mut n_below = 0;
    for count in counts {
        n_below += count as usize;
        if 20 * n_below >= 19 * n {
            return count as f32;
        }
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::map::model;
    use egui::{pos2, vec2};

    const VIEW: Rect = Rect {
        min: Pos2::ZERO,
        max: pos2(400.0, 300.0),
    };

    /// Whole numbers that look random.
    fn noise(i: usize) -> f32 {
        ((i as u32).wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 24) as f32
    }

    /// Two heaps, one far off, and some points in one place.
    fn heaps(n: usize) -> Array2<f32> {
        Array2::from_shape_fn((n, 2), |(item, axis)| match item % 10 {
            0 => 0.25,
            1..=3 => noise(3 * item + axis).powi(3) * 5.0 + 2.0,
            9 if item == 9 => -900.0,
            _ => noise(item + 7 * axis + 1_000),
        })
    }

    /// By looking at all.
    fn nearest_of_all(
        points: &Array2<f32>,
        camera: &Camera,
        at: Pos2,
        radius: f32,
    ) -> Option<usize> {
        let distance = |item: usize| {
            let at_dot = camera.screen_from_data(VIEW, points[[item, 0]], points[[item, 1]]);
            (item, at_dot.distance_sq(at))
        };
        let near = (0..points.nrows()).map(distance);
        let near = near.filter(|(_, d)| *d <= radius * radius);
        near.min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(item, _)| item)
    }

    #[test]
    fn the_nearest_is_the_one_that_looking_at_all_finds() {
        for n in [0, 1, 2, 15, 400, 3_000] {
            let points = heaps(n);
            let index = PointIndex::new(&points);
            let whole = Camera::around(model::bounds(&points), VIEW);
            for step in 0..600 {
                let zoom = [1.0, 30.0, 300.0, 1e5][step % 4];
                let item = (step * 37) % n.max(1);
                let mut camera = whole;
                if let Some(point) = points.outer_iter().nth(item) {
                    camera.center = vec2(point[0], point[1]);
                }
                camera.scale *= zoom;
                let at = VIEW.center() + vec2(noise(step) - 0.5, noise(step + 9) - 0.5) * 40.0;
                for radius in [3.0, 12.0] {
                    assert_eq!(
                        index.nearest(&camera, VIEW, at, radius),
                        nearest_of_all(&points, &camera, at, radius),
                        "{n} points, {camera:?}, {at:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_nearest_dot_is_found_within_reach() {
        let points = ndarray::array![[0.0, 0.0], [1.0, 0.0]];
        let index = PointIndex::new(&points);
        let camera = Camera::around(model::bounds(&points), VIEW);
        let near_second = camera.screen_from_data(VIEW, 0.98, 0.0);
        assert_eq!(index.nearest(&camera, VIEW, near_second, 12.0), Some(1));
        assert_eq!(index.nearest(&camera, VIEW, VIEW.center(), 12.0), None);
    }

    #[test]
    fn what_is_in_a_part_of_the_map_is_in_its_runs() {
        let points = heaps(5_000);
        let index = PointIndex::new(&points);
        let mut items: Vec<u32> = index.items().to_vec();
        items.sort_unstable();
        assert_eq!(items, (0..5_000).collect::<Vec<u32>>());
        for seen in [
            Rect::from_min_max(pos2(0.1, 0.2), pos2(0.4, 0.5)),
            Rect::from_min_max(pos2(-5.0, -5.0), pos2(0.3, 9.0)),
            Rect::from_min_max(pos2(-1e6, -1e6), pos2(1e6, 1e6)),
            Rect::from_min_max(pos2(40.0, 40.0), pos2(41.0, 41.0)),
        ] {
            let slots: Vec<usize> = index.runs(seen).flatten().collect();
            assert_eq!(slots.len(), index.n_in(seen));
            let found: Vec<u32> = slots.iter().map(|slot| index.items()[*slot]).collect();
            for (item, point) in points.outer_iter().enumerate() {
                let is_in = seen.contains(pos2(point[0], point[1]));
                assert!(!is_in || found.contains(&(item as u32)));
            }
        }
        let few = index.n_in(Rect::from_min_max(pos2(0.1, 0.2), pos2(0.2, 0.3)));
        assert!(
            few < 1_000,
            "{few} of 5,000 points for a hundredth of a heap"
        );
    }

    #[test]
    fn points_in_one_place_are_no_trouble() {
        let points = Array2::from_elem((100, 2), 3.0);
        let index = PointIndex::new(&points);
        let camera = Camera::around(model::bounds(&points), VIEW);
        assert_eq!(index.nearest(&camera, VIEW, VIEW.center(), 1.0), Some(0));
        assert!(index.crowding() <= 0.0);
    }

    #[test]
    fn crowding_is_that_of_the_denser_parts() {
        let square = Array2::from_shape_fn((40_000, 2), |(item, axis)| {
            [(item % 200) as f32, (item / 200) as f32][axis]
        });
        let crowding = PointIndex::new(&square).crowding();
        assert!((0.9..1.7).contains(&crowding), "{crowding}");
    }
}
