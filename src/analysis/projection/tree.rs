//! A quadtree or octree over points, to sum over all of them without visiting each (Barnes and Hut
//! 1986).
//!
//! Points are sorted along a Z-order curve (Morton 1966), on which every cell of the tree is one
//! stretch. Cells lie flat in the order of a walk; each knows where the walk goes on when it is taken
//! as a whole.

use rayon::prelude::*;

use super::way;

/// Halvings per axis.
const MAX_LEVEL: u32 = 21;
/// A cell with no more points has no children: going through them is quicker.
const MAX_LEAF: usize = 6;

pub struct Tree<const AXES: usize> {
    /// Items in the order of the curve.
    pub order: Vec<u32>,
    /// Their places, in that order.
    pub points: Vec<[f32; AXES]>,
    cells: Vec<Cell<AXES>>,
}

#[derive(Clone, Copy)]
struct Cell<const AXES: usize> {
    center: [f32; AXES],
    count: f32,
    /// Squared distance beyond which the cell counts as one point; negative: always.
    reach: f32,
    /// The cell after this one and all inside it.
    next: u32,
    /// Which points to go through one by one; empty unless a leaf.
    leaf: (u32, u32),
}

/// What all points together do to one, before it is divided by the sum over all pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Push<const AXES: usize> {
    /// `Σ q² (y − y_j)` with `q = 1 / (1 + |y − y_j|²)`.
    pub force: [f32; AXES],
    /// `Σ q`, over the others.
    pub sum: f32,
}

impl<const AXES: usize> Tree<AXES> {
    /// `theta`: how wide a cell may be, as a share of its distance, to count as one point.
    pub fn new(points: &[[f32; AXES]], theta: f32) -> Self {
        let mut low = [f32::INFINITY; AXES];
        let mut high = [f32::NEG_INFINITY; AXES];
        for point in points {
            for (axis, x) in point.iter().enumerate() {
                low[axis] = low[axis].min(*x);
                high[axis] = high[axis].max(*x);
            }
        }
        let width = (0..AXES)
            .map(|axis| high[axis] - low[axis])
            .fold(0.0, f32::max);
        let scale = ((1_u32 << MAX_LEVEL) - 1) as f32 / width.max(f32::MIN_POSITIVE);
        let mut codes: Vec<(u64, u32)> = points
            .par_iter()
            .with_min_len(1024)
            .enumerate()
            .map(|(item, point)| {
                let steps = std::array::from_fn(|axis| ((point[axis] - low[axis]) * scale) as u64);
                (interleaved::<AXES>(steps), item as u32)
            })
            .collect();
        codes.par_sort_unstable();
        let order: Vec<u32> = codes.iter().map(|(_, item)| *item).collect();
        let sorted = order.iter().map(|item| points[*item as usize]).collect();
        let mut tree = Self {
            order,
            points: sorted,
            cells: Vec::with_capacity(points.len()),
        };
        if !points.is_empty() {
            let widest = (width / theta).powi(2);
            tree.grow(&codes, 0, 0, widest);
        }
        tree
    }

    /// Adds the cell of the points of `codes`, which begin at `start`, and all inside it. `reach` is
    /// that of a cell of this level.
    fn grow(&mut self, codes: &[(u64, u32)], start: usize, mut level: u32, mut reach: f32) {
        let child = |code: u64, level: u32| code >> (AXES as u32 * (MAX_LEVEL - 1 - level));
        // A cell whose points all lie in one child is that child.
        let (first, last) = (codes[0].0, codes[codes.len() - 1].0);
        while level < MAX_LEVEL && child(first, level) == child(last, level) {
            level += 1;
            reach *= 0.25;
        }
        let place = self.cells.len();
        let is_point = level == MAX_LEVEL;
        let is_leaf = codes.len() <= MAX_LEAF && !is_point;
        let points = &self.points[start..start + codes.len()];
        let count = codes.len() as f32;
        let mut cell = Cell {
            center: std::array::from_fn(|axis| {
                points.iter().map(|point| point[axis]).sum::<f32>() / count
            }),
            count,
            reach: if is_point { -1.0 } else { reach },
            next: 0,
            leaf: (
                start as u32,
                start as u32 + if is_leaf { codes.len() as u32 } else { 0 },
            ),
        };
        self.cells.push(cell);
        if !is_leaf && !is_point {
            let mut from = 0;
            while from < codes.len() {
                let own = child(codes[from].0, level);
                let to =
                    from + codes[from..].partition_point(|(code, _)| child(*code, level) == own);
                self.grow(&codes[from..to], start + from, level + 1, reach * 0.25);
                from = to;
            }
        }
        cell.next = self.cells.len() as u32;
        self.cells[place] = cell;
    }

    /// What all others do to the point at a position on the curve.
    pub fn push(&self, position: usize) -> Push<AXES> {
        let at = self.points[position];
        let mut push = Push {
            force: [0.0; AXES],
            // The point meets itself once, with q = 1.
            sum: -1.0,
        };
        let mut place = 0;
        while let Some(cell) = self.cells.get(place) {
            let (apart, square) = way(&at, &cell.center);
            if square > cell.reach {
                add(&mut push, apart, square, cell.count);
                place = cell.next as usize;
            } else if cell.leaf.0 < cell.leaf.1 {
                for other in &self.points[cell.leaf.0 as usize..cell.leaf.1 as usize] {
                    let (apart, square) = way(&at, other);
                    add(&mut push, apart, square, 1.0);
                }
                place = cell.next as usize;
            } else {
                place += 1;
            }
        }
        push
    }
}

#[inline]
fn add<const AXES: usize>(push: &mut Push<AXES>, way: [f32; AXES], square: f32, count: f32) {
    let nearness = 1.0 / (1.0 + square);
    let weight = count * nearness;
    push.sum += weight;
    for (force, way) in push.force.iter_mut().zip(way) {
        *force += weight * nearness * way;
    }
}

/// Bits of all axes in turn, highest first.
fn interleaved<const AXES: usize>(steps: [u64; AXES]) -> u64 {
    let mut code = 0;
    for bit in (0..MAX_LEVEL).rev() {
        for step in steps {
            code = (code << 1) | ((step >> bit) & 1);
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;

    fn cloud<const AXES: usize>(n: usize) -> Vec<[f32; AXES]> {
        let mut random = Random::new(8);
        (0..n)
            .map(|i| std::array::from_fn(|_| random.unit() as f32 * 20.0 + (i % 3 * 30) as f32))
            .collect()
    }

    fn by_pairs<const AXES: usize>(points: &[[f32; AXES]], item: usize) -> Push<AXES> {
        let mut push = Push {
            force: [0.0; AXES],
            sum: -1.0,
        };
        for other in points {
            let (way, square) = way(&points[item], other);
            add(&mut push, way, square, 1.0);
        }
        push
    }

    fn check<const AXES: usize>(points: &[[f32; AXES]], theta: f32, within: f32) {
        let tree = Tree::new(points, theta);
        for position in (0..points.len()).step_by(17) {
            let found = tree.push(position);
            let expected = by_pairs(points, tree.order[position] as usize);
            assert!((found.sum - expected.sum).abs() <= within * (expected.sum.abs() + 1e-3));
            let length = expected.force.iter().map(|x| x * x).sum::<f32>().sqrt();
            let off = found
                .force
                .iter()
                .zip(expected.force)
                .map(|(a, b)| (a - b).powi(2));
            let off = off.sum::<f32>().sqrt();
            assert!(
                off <= within * (length + 0.05),
                "{found:?}, not {expected:?}"
            );
        }
    }

    #[test]
    fn it_sums_what_a_loop_over_all_pairs_sums() {
        check(&cloud::<2>(700), 1e-3, 1e-4);
        check(&cloud::<3>(700), 1e-3, 1e-4);
        check(&cloud::<2>(700), 0.5, 0.05);
        check(&cloud::<3>(700), 0.5, 0.05);
    }

    #[test]
    fn points_in_one_place_are_one_cell() {
        check(&[[1.5_f32, 2.0]; 200], 0.5, 1e-4);
        check(&[[0.0_f32; 3]; 1], 0.5, 1e-4);
        let mut points = vec![[1.0_f32, 1.0]; 100];
        points.push([4.0, -2.0]);
        check(&points, 0.5, 1e-4);
        assert!(Tree::<2>::new(&[], 0.5).order.is_empty());
    }
}
