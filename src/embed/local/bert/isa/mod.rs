//! What differs between processors: how numbers are stored, multiplied, and passed over.
//!
//! The encoder is written once over [`Isa`]; each instruction set implements it in a file of its
//! own and compiles the encoder for itself in [`Isa::forward`]. Which one runs is chosen in
//! `cpu.rs`, the only place that asks the processor.

#![expect(
    unsafe_code,
    reason = "instructions of one processor are not safe on another"
)]
#![cfg_attr(
    target_arch = "x86_64",
    expect(
        clippy::cast_ptr_alignment,
        clippy::large_types_passed_by_value,
        clippy::needless_pass_by_value,
        reason = "their loads need no alignment, and what is inlined is not passed"
    )
)]
#![cfg_attr(
    all(target_arch = "x86_64", not(test)),
    expect(
        clippy::wildcard_imports,
        reason = "the names of instructions are long lists"
    )
)]

/// [`Isa::forward`] for processors with these features; what `guard` makes lives as long as it runs.
#[cfg(target_arch = "x86_64")]
macro_rules! forward_with {
    ($features:literal $(, $guard:expr)?) => {
        fn forward(
            encoder: &Encoder<Self>,
            group: &Group,
            scratch: &mut Scratch<Self>,
            progress: &Progress,
            out: &mut [f32],
        ) -> Result<(), Cancelled> {
            #[target_feature(enable = $features)]
            fn compiled<I: Isa>(
                encoder: &Encoder<I>,
                group: &Group,
                scratch: &mut Scratch<I>,
                progress: &Progress,
                out: &mut [f32],
            ) -> Result<(), Cancelled> {
                encoder.forward(group, scratch, progress, out)
            }
            $(let _guard = $guard;)?
            // SAFETY: reached on processors with these instructions alone, see `Isa`.
            unsafe { compiled(encoder, group, scratch, progress, out) }
        }
    };
}

pub mod portable;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub mod amx;
#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
#[cfg(target_arch = "x86_64")]
pub mod avx512_bf16;

#[cfg(target_arch = "x86_64")]
mod fma;
#[cfg(test)]
mod tests;

use half::bf16;

use super::encoder::{Encoder, Group};
use super::layer::Scratch;
use crate::progress::{Cancelled, Progress};

/// One instruction set.
///
/// Its functions may only be called on a processor that has it: encoders are made for those that
/// [`super::cpu`] found alone, and everything else is called from [`Isa::forward`].
pub trait Isa: Sized + Send + Sync + 'static {
    /// The lanes of f32 in which the passes between two products work.
    type Vector: Vector;
    /// What products read: activations and weights. They always add up in f32.
    type Num: Num;
    /// Rows of a block, the piece of a product that is computed at once.
    const ROWS: usize;
    /// Columns of a block.
    const COLS: usize;
    /// Products run over inner dimensions that are multiples of this.
    const STEP: usize;

    /// One block of a product: `out[r][c] = Σ a[r][i] · b[i][c]` over `i < n_inner`, for
    /// [`Isa::ROWS`] rows of `a` and of `out`, of which those below `n_rows` matter, and the
    /// [`Isa::COLS`] columns of one panel `b`, laid out by [`at`].
    fn multiply(
        a: Rows<'_, Self::Num>,
        n_rows: usize,
        b: &[Self::Num],
        n_inner: usize,
        out: RowsMut<'_, f32>,
    );

    /// Stores numbers as products read them, rounded to nearest, ties to even.
    fn store(numbers: Self::Vector, to: &mut [Self::Num]);

    /// [`Encoder::forward`], compiled for this instruction set.
    fn forward(
        encoder: &Encoder<Self>,
        group: &Group,
        scratch: &mut Scratch<Self>,
        progress: &Progress,
        out: &mut [f32],
    ) -> Result<(), Cancelled>;

    /// Lays out keys of attention, shape `(n_rows, n_inner)`, as the columns of panels.
    #[inline(always)]
    fn pack_columns(
        from: Rows<'_, Self::Num>,
        n_rows: usize,
        n_inner: usize,
        to: &mut [Self::Num],
    ) {
        pack_columns::<Self>(from, n_rows, n_inner, to);
    }

    /// Lays out values of attention, shape `(n_inner, n_cols)`, as the rows of panels.
    #[inline(always)]
    fn pack_rows(from: Rows<'_, Self::Num>, n_inner: usize, n_cols: usize, to: &mut [Self::Num]) {
        pack_rows::<Self>(from, n_inner, n_cols, to);
    }
}

/// Several f32 at once. Slices must have at least [`Vector::LANES`] numbers.
pub trait Vector: Copy {
    /// How many.
    const LANES: usize;
    fn splat(x: f32) -> Self;
    fn load(from: &[f32]) -> Self;
    fn store(self, to: &mut [f32]);
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn at_least(self, other: Self) -> Self;
    fn at_most(self, other: Self) -> Self;
    /// `self · times + plus`, rounded once where the processor can.
    fn times_plus(self, times: Self, plus: Self) -> Self;
    /// `self · 2ⁿ`, where n stands in the lowest bits of `n`'s mantissa; see `math::exp2`.
    fn times_power(self, n: Self) -> Self;
    fn sum(self) -> f32;
    fn largest(self) -> f32;
}

/// A number that products read.
pub trait Num: Copy + Default + Into<f32> + Send + Sync + 'static {
    /// Inner numbers that lie side by side in a panel, as the product instruction reads them.
    const PAIR: usize;
    fn of(x: f32) -> Self;
}

impl Num for f32 {
    const PAIR: usize = 1;
    #[inline(always)]
    fn of(x: f32) -> Self {
        x
    }
}

impl Num for bf16 {
    const PAIR: usize = 2;
    #[inline(always)]
    fn of(x: f32) -> Self {
        Self::from_f32(x)
    }
}

/// Rows of a matrix: row `r` begins at `r · stride`.
#[derive(Clone, Copy)]
pub struct Rows<'a, T> {
    pub data: &'a [T],
    pub stride: usize,
}

/// Rows of a matrix to be written.
pub struct RowsMut<'a, T> {
    pub data: &'a mut [T],
    pub stride: usize,
}

impl<'a, T> Rows<'a, T> {
    #[inline(always)]
    pub fn new(data: &'a [T], stride: usize) -> Self {
        Self { data, stride }
    }

    /// Beginning at `row` and `col`.
    #[inline(always)]
    pub fn from(self, row: usize, col: usize) -> Self {
        Self {
            data: &self.data[row * self.stride + col..],
            stride: self.stride,
        }
    }

    /// Numbers that must be there for `n_rows` rows of `n` numbers each.
    #[inline(always)]
    pub fn holds(&self, n_rows: usize, n: usize) -> bool {
        n <= self.stride && self.data.len() >= (n_rows - 1) * self.stride + n
    }
}

impl<'a, T> RowsMut<'a, T> {
    #[inline(always)]
    pub fn new(data: &'a mut [T], stride: usize) -> Self {
        Self { data, stride }
    }

    /// As [`Rows::holds`].
    #[inline(always)]
    pub fn holds(&self, n_rows: usize, n: usize) -> bool {
        n <= self.stride && self.data.len() >= (n_rows - 1) * self.stride + n
    }
}

/// Where `b[inner][col]` lies in a panel.
#[inline(always)]
pub fn at<I: Isa>(inner: usize, col: usize) -> usize {
    let pair = I::Num::PAIR;
    (inner / pair * I::COLS + col) * pair + inner % pair
}

/// Length of the panels that [`pack_columns`] and [`pack_rows`] fill.
#[inline(always)]
pub fn packed_len<I: Isa>(n_inner: usize, n_cols: usize) -> usize {
    n_inner.next_multiple_of(I::STEP) * n_cols.next_multiple_of(I::COLS)
}

/// Row `c` of `from` becomes column `c`: panel after panel of [`Isa::COLS`] columns, the rest zero.
#[inline(always)]
pub fn pack_columns<I: Isa>(
    from: Rows<'_, I::Num>,
    n_rows: usize,
    n_inner: usize,
    to: &mut [I::Num],
) {
    let panel_len = packed_len::<I>(n_inner, I::COLS);
    to[..packed_len::<I>(n_inner, n_rows)].fill(I::Num::default());
    for row in 0..n_rows {
        let panel = &mut to[row / I::COLS * panel_len..][..panel_len];
        let numbers = &from.data[row * from.stride..][..n_inner];
        for (inner, number) in numbers.iter().enumerate() {
            panel[at::<I>(inner, row % I::COLS)] = *number;
        }
    }
}

/// Row `i` of `from` becomes inner row `i`: panel after panel of [`Isa::COLS`] columns, the rest
/// zero.
#[inline(always)]
pub fn pack_rows<I: Isa>(from: Rows<'_, I::Num>, n_inner: usize, n_cols: usize, to: &mut [I::Num]) {
    let panel_len = packed_len::<I>(n_inner, I::COLS);
    to[..packed_len::<I>(n_inner, n_cols)].fill(I::Num::default());
    for inner in 0..n_inner {
        let numbers = &from.data[inner * from.stride..][..n_cols];
        if I::Num::PAIR == 1 && n_cols.is_multiple_of(I::COLS) {
            for panel in 0..n_cols / I::COLS {
                to[panel * panel_len + inner * I::COLS..][..I::COLS]
                    .copy_from_slice(&numbers[panel * I::COLS..][..I::COLS]);
            }
            continue;
        }
        for (col, number) in numbers.iter().enumerate() {
            let panel = col / I::COLS * panel_len;
            to[panel + at::<I>(inner, col % I::COLS)] = *number;
        }
    }
}

/// Halves added to halves, the same order wherever it runs.
#[inline(always)]
fn sum_of_8(x: [f32; 8]) -> f32 {
    ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
}
