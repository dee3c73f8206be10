//! Every token of a text looks at every token of the same text.

use super::buffer::Buffer;
use super::distances::Distances;
use super::isa::{Isa, Rows, RowsMut, Vector, packed_len};
use super::layer::Shape;
use super::math::{add, powers};

/// What attention to one head of one text needs.
pub struct AttentionScratch<I: Isa> {
    keys: Buffer<I::Num>,
    values: Buffer<I::Num>,
    /// `(ROWS, n)`: of a block of queries, to all keys.
    scores: Buffer<f32>,
    weights: Buffer<I::Num>,
}

impl<I: Isa> AttentionScratch<I> {
    pub fn new() -> Self {
        Self {
            keys: Buffer::new(0),
            values: Buffer::new(0),
            scores: Buffer::new(0),
            weights: Buffer::new(0),
        }
    }

    /// Makes room for texts of `n` tokens.
    pub fn fit(&mut self, n: usize, head_dim: usize) {
        self.keys.fit(packed_len::<I>(head_dim, n));
        self.values.fit(packed_len::<I>(n, head_dim));
        self.scores.fit(I::ROWS * padded::<I>(n));
        self.weights.fit(I::ROWS * padded::<I>(n));
    }
}

/// Tokens, up to whole panels and whole steps.
fn padded<I: Isa>(n: usize) -> usize {
    n.next_multiple_of(I::COLS).next_multiple_of(I::STEP)
}

/// `softmax(q · kᵀ) · v` for the `n` tokens of one text, head by head.
///
/// `qkv` has shape `(n, 3d)`: queries (already divided by √`head_dim` and in units of log₂), keys,
/// values, each with its heads side by side; its rows must be there up to the next multiple of
/// [`Isa::ROWS`]. `context` has shape `(n, d)`.
#[inline(always)]
pub fn attention<I: Isa>(
    shape: &Shape,
    distances: Option<&Distances>,
    qkv: Rows<'_, I::Num>,
    n: usize,
    scratch: &mut AttentionScratch<I>,
    block: &mut [f32],
    context: &mut [I::Num],
) {
    let (d, head_dim) = (shape.hidden_size, shape.head_dim);
    let n_padded = padded::<I>(n);
    let lanes = I::Vector::LANES;
    let key_panel = packed_len::<I>(head_dim, I::COLS);
    let value_panel = packed_len::<I>(n, I::COLS);
    for head in (0..d).step_by(head_dim) {
        I::pack_columns(qkv.from(0, d + head), n, head_dim, &mut scratch.keys);
        I::pack_rows(qkv.from(0, 2 * d + head), n, head_dim, &mut scratch.values);
        for row in (0..n).step_by(I::ROWS) {
            let n_rows = I::ROWS.min(n - row);

            // Scores of this block's queries to all keys, (ROWS, n).
            let queries = qkv.from(row, head);
            for col in (0..n).step_by(I::COLS) {
                let keys = &scratch.keys[col / I::COLS * key_panel..][..key_panel];
                let out = RowsMut::new(&mut scratch.scores[col..], n_padded);
                I::multiply(queries, n_rows, keys, head_dim, out);
            }

            // Each row to powers of two that add up to `sums`; padding counts nothing.
            let mut sums = [0.0; 64];
            for (r, sum) in sums[..n_rows].iter_mut().enumerate() {
                let scores = &mut scratch.scores[r * n_padded..][..n_padded];
                let weights = &mut scratch.weights[r * n_padded..][..n_padded];
                let end = n.next_multiple_of(lanes);
                if let Some(distances) = distances {
                    add::<I::Vector>(&mut scores[..end], distances.of(head / head_dim, row + r));
                }
                scores[n..end].fill(f32::NEG_INFINITY);
                *sum = powers::<I>(&scores[..end], &mut weights[..end]);
                weights[end..].fill(I::Num::default());
            }

            // Values weighted by them, (ROWS, head_dim), divided by the sums.
            for col in (0..head_dim).step_by(I::COLS) {
                let values = &scratch.values[col / I::COLS * value_panel..][..value_panel];
                let weights = Rows::new(&scratch.weights, n_padded);
                let out = RowsMut::new(&mut *block, I::COLS);
                I::multiply(weights, n_rows, values, n.next_multiple_of(I::STEP), out);
                for (r, sum) in sums[..n_rows].iter().enumerate() {
                    let share = I::Vector::splat(1.0 / sum);
                    let numbers = &block[r * I::COLS..][..I::COLS];
                    let to = &mut context[(row + r) * d + head + col..][..I::COLS];
                    for part in 0..I::COLS / lanes {
                        let numbers = I::Vector::load(&numbers[part * lanes..]).times(share);
                        I::store(numbers, &mut to[part * lanes..]);
                    }
                }
            }
        }
    }
}
