//! The cosine matrix at any zoom, without the matrix.
//!
//! The mean cosine of a block of the matrix is the dot product of the two block means of its rows,
//! exactly. A pyramid of block means therefore makes every zoom level a small matrix product: no
//! n × n matrix is held, however many rows there are.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::product::products;

use crate::vectors::Embeddings;

/// The whole matrix, shape `(n, n)`, rows in the given order. For export of small corpora only;
/// the caller states its limit.
pub fn full_matrix(embeddings: &Embeddings) -> Array2<f32> {
    cells(embeddings.view(), embeddings.view())
}

/// Block means of ordered rows, at every power of two.
#[derive(Debug, Clone, PartialEq)]
pub struct Pyramid {
    /// Level `l` holds the means of blocks of `2^l` rows, shape `(ceil(n / 2^l), d)`.
    levels: Vec<Array2<f32>>,
}

/// Cells that are ranked to find where a color map begins and ends; more would not move it visibly.
const MAX_RANKED: usize = 1 << 16;

/// Products of two numbers that one thread does in less time than it takes to rouse others.
const MAX_QUICK: usize = 1 << 24;

/// A part of the matrix as cells of `2^level` rows and columns each.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Rows and columns that one cell stands for.
    pub block: usize,
    /// Positions in the row order covered by the rows of cells.
    pub rows: Range<usize>,
    /// Positions in the row order covered by the columns of cells.
    pub columns: Range<usize>,
    /// Mean cosine of each cell, −1 to 1.
    pub cells: Array2<f32>,
}

impl Tile {
    /// The values at which a color map should begin and end: the 2nd percentile and the 99.7th of
    /// the cells, so that a few duplicates do not darken all the rest. Pairs of an item with itself
    /// do not count, and of very many cells not all. Never empty.
    pub fn color_range(&self) -> (f32, f32) {
        let is_self = |(i, j)| self.block == 1 && self.rows.start + i == self.columns.start + j;
        // Odd, so that the cells of a width of a power of two are not all of the same few columns.
        let step = (self.cells.len() / MAX_RANKED) | 1;
        let cells = self.cells.indexed_iter().step_by(step);
        let pairs = cells.filter(|(at, _)| !is_self(*at));
        let mut values: Vec<f32> = pairs.map(|(_, cell)| *cell).collect();
        if values.is_empty() {
            return (0.0, 1.0);
        }
        let mut at = |share: f32| {
            let rank = ((values.len() - 1) as f32 * share) as usize;
            *values.select_nth_unstable_by(rank, f32::total_cmp).1
        };
        let (low, high) = (at(0.02), at(0.997));
        (low, high.max(low + 1e-3))
    }
}

impl Pyramid {
    /// Builds all levels over the rows of `embeddings` taken in `order`.
    pub fn new(embeddings: &Embeddings, order: &[usize]) -> Self {
        let mut levels = vec![embeddings.select(order).into_rows()];
        while let Some(last) = levels.last().filter(|level| level.nrows() > 1) {
            let next = halved(last, levels.len() - 1, order.len());
            levels.push(next);
        }
        Self { levels }
    }

    /// Rows in all.
    pub fn n(&self) -> usize {
        self.levels[0].nrows()
    }

    /// Whether a tile of so many cells is made by the calling thread alone, in about a millisecond:
    /// then no other thread is waited for, whatever else they are at.
    pub fn is_quick(&self, n_cells: usize) -> bool {
        n_cells * self.levels[0].ncols() <= MAX_QUICK
    }

    /// Rows and columns that a cell of the [`tile`](Self::tile) of these ranges stands for.
    pub fn block(&self, rows: &Range<usize>, columns: &Range<usize>, max_cells: usize) -> usize {
        1 << self.level(rows, columns, max_cells)
    }

    fn level(&self, rows: &Range<usize>, columns: &Range<usize>, max_cells: usize) -> usize {
        let side = |level| blocks(rows, level).len().max(blocks(columns, level).len());
        let coarsest = self.levels.len() - 1;
        (0..coarsest)
            .find(|level| side(*level) <= max_cells)
            .unwrap_or(coarsest)
    }

    /// The finest tile over the given rows and columns with at most `max_cells` cells a side.
    /// The ranges are widened to whole blocks.
    pub fn tile(&self, rows: Range<usize>, columns: Range<usize>, max_cells: usize) -> Tile {
        let n = self.n();
        let clamp = |range: Range<usize>| range.start.min(n)..range.end.min(n);
        let (rows, columns) = (clamp(rows), clamp(columns));
        let level = self.level(&rows, &columns, max_cells);
        let (row_blocks, column_blocks) = (blocks(&rows, level), blocks(&columns, level));
        let means = |blocks: &Range<usize>| self.levels[level].slice(s![blocks.clone(), ..]);
        let block = 1 << level;
        let covered = |blocks: &Range<usize>| blocks.start * block..(blocks.end * block).min(n);
        Tile {
            block,
            rows: covered(&row_blocks),
            columns: covered(&column_blocks),
            cells: cells(means(&row_blocks), means(&column_blocks)),
        }
    }
}

/// All products of two sets of means, some rows at a time, so that a zoom costs milliseconds.
fn cells(rows: ArrayView2<'_, f32>, columns: ArrayView2<'_, f32>) -> Array2<f32> {
    const ROWS_AT_ONCE: usize = 64;
    let shape = (rows.nrows(), columns.nrows());
    let mut cells = vec![0.0; shape.0 * shape.1];
    let part = |(part, cells): (usize, &mut [f32])| {
        let start = part * ROWS_AT_ONCE;
        let end = (start + ROWS_AT_ONCE).min(shape.0);
        products(rows.slice(s![start..end, ..]), columns, cells);
    };
    let size = ROWS_AT_ONCE * shape.1.max(1);
    if cells.len() * rows.ncols() <= MAX_QUICK {
        cells.chunks_mut(size).enumerate().for_each(part);
    } else {
        cells.par_chunks_mut(size).enumerate().for_each(part);
    }
    Array2::from_shape_vec(shape, cells).expect("one cell per pair")
}

fn blocks(range: &Range<usize>, level: usize) -> Range<usize> {
    (range.start >> level)..range.end.div_ceil(1 << level)
}

/// Means of pairs of blocks. The last block may be short, so means are weighted by block size.
fn halved(means: &Array2<f32>, level: usize, n: usize) -> Array2<f32> {
    let size = |block: usize| (n - (block << level)).min(1 << level) as f32;
    let mut out = Array2::zeros((means.nrows().div_ceil(2), means.ncols()));
    for (pair, mut mean) in out.axis_iter_mut(Axis(0)).enumerate() {
        let (left, right) = (2 * pair, 2 * pair + 1);
        mean.assign(&means.row(left));
        if right < means.nrows() {
            let (a, b) = (size(left), size(right));
            mean *= a / (a + b);
            mean.scaled_add(b / (a + b), &means.row(right));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::random::Random;

    fn embeddings(n: usize) -> Embeddings {
        let mut random = Random::new(5);
        Embeddings::normalized(Array2::from_shape_simple_fn((n, 8), || {
            random.unit() as f32 - 0.4
        }))
    }

    #[test]
    fn a_cell_is_the_mean_cosine_of_its_block() {
        let n = 37;
        let embeddings = embeddings(n);
        let order: Vec<usize> = (0..n).rev().collect();
        let pyramid = Pyramid::new(&embeddings, &order);
        for max_cells in [1, 3, 10, 37, 100] {
            let tile = pyramid.tile(5..30, 0..n, max_cells);
            assert!(tile.cells.nrows().max(tile.cells.ncols()) <= max_cells.max(2));
            assert_eq!(tile.block, pyramid.block(&(5..30), &(0..n), max_cells));
            for ((i, j), cell) in tile.cells.indexed_iter() {
                let span = |start: usize, i: usize| {
                    start + i * tile.block..(start + (i + 1) * tile.block).min(n)
                };
                let (rows, columns) = (span(tile.rows.start, i), span(tile.columns.start, j));
                let pairs = rows
                    .clone()
                    .flat_map(|a| columns.clone().map(move |b| (a, b)));
                let sum: f32 = pairs
                    .map(|(a, b)| embeddings.cosine(order[a], order[b]))
                    .sum();
                let mean = sum / (rows.len() * columns.len()) as f32;
                assert!((cell - mean).abs() < 1e-5, "{cell} is not {mean}");
            }
        }
    }

    #[test]
    fn close_up_the_cells_are_the_cosines() {
        let embeddings = embeddings(20);
        let order: Vec<usize> = (0..20).collect();
        let tile = Pyramid::new(&embeddings, &order).tile(0..20, 0..20, 512);
        assert_eq!(tile.block, 1);
        assert_eq!(tile.cells, full_matrix(&embeddings));
    }

    #[test]
    fn colors_begin_and_end_near_the_ends_of_the_cells() {
        // So many cells that not all are ranked: 0 to 1 evenly, and above them a few duplicates.
        let side = 600;
        let n = (side * side) as f32;
        let mut cells = Array2::from_shape_fn((side, side), |(i, j)| (i * side + j) as f32 / n);
        cells.slice_mut(s![..1, ..]).fill(5.0);
        let tile = Tile {
            block: 2,
            rows: 0..2 * side,
            columns: 0..2 * side,
            cells,
        };
        let (low, high) = tile.color_range();
        assert!(
            (low - 0.02).abs() < 0.01 && (high - 1.0).abs() < 0.01,
            "{low} {high}"
        );
    }

    #[test]
    fn an_empty_matrix_has_no_cells() {
        let tile = Pyramid::new(&embeddings(0), &[]).tile(0..10, 0..10, 512);
        assert_eq!(tile.cells.len(), 0);
    }
}
