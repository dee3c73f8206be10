//! One linear layer, in blocks, each finished while it is still in the first cache.
//!
//! Inner loops here and in the files beside this one count indices: iterator adapters were found
//! not to be inlined into functions compiled for an instruction set, and took an eighth of the time.

use std::marker::PhantomData;

use super::buffer::Buffer;
use super::isa::{Isa, Num, Rows, RowsMut, Vector, pack_columns, packed_len};
use super::math::gelu;

/// Weights of shape `(n_in, n_out)`, laid out once as the instruction set reads them, and a bias.
pub struct Linear<I: Isa> {
    n_in: usize,
    panels: Buffer<I::Num>,
    bias: Buffer<f32>,
    isa: PhantomData<I>,
}

/// What becomes of a layer's numbers, bias added: those of token `row` from column `col` on.
pub trait Then<I: Isa> {
    fn take(&mut self, row: usize, col: usize, numbers: I::Vector);
}

impl<I: Isa> Linear<I> {
    /// `weights` as `PyTorch` keeps them, shape `(n_out, n_in)`, row by row; both multiples of 32.
    pub fn new(weights: &[f32], bias: &[f32]) -> Self {
        let (n_in, n_out) = (weights.len() / bias.len(), bias.len());
        let numbers: Vec<I::Num> = weights.iter().map(|x| I::Num::of(*x)).collect();
        let mut panels = Buffer::new(packed_len::<I>(n_in, n_out));
        let rows = Rows::new(&numbers, n_in);
        pack_columns::<I>(rows, n_out, n_in, &mut panels);
        let mut padded = Buffer::new(n_out.next_multiple_of(I::COLS));
        padded[..n_out].copy_from_slice(bias);
        Self {
            n_in,
            panels,
            bias: padded,
            isa: PhantomData,
        }
    }

    /// `x · W + bias` for `x` of shape `(n_tokens, n_in)`, whose rows must be there up to the next
    /// multiple of [`Isa::ROWS`]; `block` has room for one.
    ///
    /// One panel of weights stays in the cache while all tokens pass by. The other way round, and
    /// inner numbers in parts, was measured: no faster.
    #[inline(always)]
    pub fn apply(
        &self,
        x: Rows<'_, I::Num>,
        n_tokens: usize,
        block: &mut [f32],
        mut then: impl Then<I>,
    ) {
        let panel_len = packed_len::<I>(self.n_in, I::COLS);
        for panel_idx in 0..self.bias.len() / I::COLS {
            let panel = &self.panels[panel_idx * panel_len..][..panel_len];
            let mut row = 0;
            while row < n_tokens {
                let n_rows = I::ROWS.min(n_tokens - row);
                let out = RowsMut::new(&mut *block, I::COLS);
                I::multiply(x.from(row, 0), n_rows, panel, self.n_in, out);
                self.finish(block, n_rows, row, panel_idx * I::COLS, &mut then);
                row += I::ROWS;
            }
        }
    }

    /// Adds the bias to a block and hands it on.
    #[inline(always)]
    fn finish(
        &self,
        block: &[f32],
        n_rows: usize,
        row: usize,
        col: usize,
        then: &mut impl Then<I>,
    ) {
        let bias = &self.bias[col..][..I::COLS];
        for r in 0..n_rows {
            for part in 0..I::COLS / I::Vector::LANES {
                let at = part * I::Vector::LANES;
                let numbers = I::Vector::load(&block[r * I::COLS + at..]);
                let numbers = numbers.plus(I::Vector::load(&bias[at..]));
                then.take(row + r, col + at, numbers);
            }
        }
    }
}

/// Kept for the next product, in rows of that stride.
pub struct Store<'a, N>(pub &'a mut [N], pub usize);

impl<I: Isa> Then<I> for Store<'_, I::Num> {
    #[inline(always)]
    fn take(&mut self, row: usize, col: usize, numbers: I::Vector) {
        I::store(numbers, &mut self.0[row * self.1 + col..]);
    }
}

/// GELU, then kept for the next product, in rows of that stride.
pub struct Gelu<'a, N>(pub &'a mut [N], pub usize);

impl<I: Isa> Then<I> for Gelu<'_, I::Num> {
    #[inline(always)]
    fn take(&mut self, row: usize, col: usize, numbers: I::Vector) {
        I::store(gelu(numbers), &mut self.0[row * self.1 + col..]);
    }
}

/// Added to what is there in rows of that stride: the residual.
pub struct Add<'a>(pub &'a mut [f32], pub usize);

impl<I: Isa> Then<I> for Add<'_> {
    #[inline(always)]
    fn take(&mut self, row: usize, col: usize, numbers: I::Vector) {
        let to = &mut self.0[row * self.1 + col..];
        I::Vector::load(to).plus(numbers).store(to);
    }
}
