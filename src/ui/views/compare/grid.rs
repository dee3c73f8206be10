//! The contributions of all pairs of sentences as a grid of few enough cells to be drawn.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};

use crate::analysis::{Contribution, Explanation};

/// A row per left and a column per right sentence; of long texts several share a cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// Left and right sentences.
    pub n: (usize, usize),
    /// Sentences that share a row, and a column.
    pub block: (usize, usize),
    /// Of each cell the contribution that is farthest from 0, shape `(rows, columns)`.
    pub cells: Array2<f32>,
    /// The largest of these, whatever its sign; above 0.
    pub most: f32,
}

impl Grid {
    /// At most `max` rows and columns.
    pub fn new(explanation: &Explanation, max: (usize, usize)) -> Self {
        let pairs = pairs(explanation);
        let n = pairs.dim();
        let block = (side(n.0, max.0), side(n.1, max.1));
        let cells = (n.0.div_ceil(block.0), n.1.div_ceil(block.1));
        let cells = Array2::from_shape_fn(cells, |(row, column)| {
            let (rows, columns) = (within(row, block.0, n.0), within(column, block.1, n.1));
            let cell = pairs.slice(s![rows, columns]);
            cell.fold(0.0_f32, |far, value| farther(far, *value))
        });
        let most = cells.fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
        Self {
            n,
            block,
            cells,
            most,
        }
    }

    /// The pair of sentences that gave a cell its color.
    pub fn pair(&self, explanation: &Explanation, cell: (usize, usize)) -> Option<Contribution> {
        let rows = within(cell.0, self.block.0, self.n.0);
        let columns = within(cell.1, self.block.1, self.n.1);
        let pairs = pairs(explanation);
        let all = rows.flat_map(|left| columns.clone().map(move |right| (left, right)));
        all.filter_map(|(left, right)| {
            let value = *pairs.get((left, right))?;
            Some(Contribution { left, right, value })
        })
        .reduce(|far, other| {
            let is_farther = other.value.abs() > far.value.abs();
            if is_farther { other } else { far }
        })
    }

    /// The cell next to another, or the same at an edge.
    pub fn moved(&self, cell: (usize, usize), by: (isize, isize)) -> (usize, usize) {
        let (rows, columns) = self.cells.dim();
        let step =
            |at: usize, by: isize, n: usize| at.saturating_add_signed(by).min(n.saturating_sub(1));
        (step(cell.0, by.0, rows), step(cell.1, by.1, columns))
    }

    /// What a cell is, where it is not one pair.
    pub fn told(&self) -> Option<String> {
        let (rows, columns) = self.block;
        let is_one = rows == 1 && columns == 1;
        (!is_one).then(|| format!("each cell the strongest of {rows} × {columns} pairs"))
    }
}

/// Without the residuals.
fn pairs(explanation: &Explanation) -> ArrayView2<'_, f32> {
    let (m, n) = explanation.contributions.dim();
    let (m, n) = (m.saturating_sub(1), n.saturating_sub(1));
    explanation.contributions.slice(s![..m, ..n])
}

fn side(n: usize, max: usize) -> usize {
    n.div_ceil(max.max(1)).max(1)
}

fn within(at: usize, block: usize, n: usize) -> Range<usize> {
    (at * block).min(n)..((at + 1) * block).min(n)
}

fn farther(a: f32, b: f32) -> f32 {
    if b.abs() > a.abs() { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contributions by a formula, with residuals that must not be seen.
    fn explanation(m: usize, n: usize) -> Explanation {
        let contributions = Array2::from_shape_fn((m + 1, n + 1), |(row, column)| {
            if row == m || column == n {
                return 99.0;
            }
            let value = ((row * 31 + column * 17) % 101) as f32 / 101.0;
            if (row + column) % 3 == 0 {
                -value
            } else {
                value
            }
        });
        Explanation {
            contributions,
            ..Explanation::default()
        }
    }

    #[test]
    fn every_size_fits_and_no_strong_pair_is_lost() {
        for (m, n) in [(1, 1), (1, 500), (500, 1), (7, 3), (500, 500), (0, 4)] {
            let explanation = explanation(m, n);
            let grid = Grid::new(&explanation, (64, 128));
            let (rows, columns) = grid.cells.dim();
            assert!(rows <= 64 && columns <= 128, "{m} × {n}");
            assert_eq!(grid.n, (m, n));
            let strongest = pairs(&explanation).fold(0.0_f32, |most, v| most.max(v.abs()));
            assert!((grid.most - strongest.max(f32::MIN_POSITIVE)).abs() < 1e-6);
            for ((row, column), value) in grid.cells.indexed_iter() {
                let pair = grid.pair(&explanation, (row, column)).unwrap();
                assert!((pair.value - value).abs() < 1e-6);
                assert!(pair.left < m && pair.right < n);
            }
        }
    }

    #[test]
    fn a_small_grid_has_a_cell_for_each_pair() {
        let grid = Grid::new(&explanation(2, 3), (64, 64));
        assert_eq!((grid.cells.dim(), grid.told()), ((2, 3), None));
        let grid = Grid::new(&explanation(130, 3), (64, 64));
        let told = grid.told();
        assert_eq!(
            told.as_deref(),
            Some("each cell the strongest of 3 × 1 pairs")
        );
        assert_eq!(grid.pair(&explanation(130, 3), (99, 99)), None);
    }

    #[test]
    fn steps_stay_on_the_grid() {
        let grid = Grid::new(&explanation(2, 3), (64, 64));
        assert_eq!(grid.moved((0, 0), (-1, 0)), (0, 0));
        assert_eq!(grid.moved((0, 0), (1, 1)), (1, 1));
        assert_eq!(grid.moved((1, 2), (1, 1)), (1, 2));
        assert_eq!(Grid::default().moved((0, 0), (1, 0)), (0, 0));
    }
}
