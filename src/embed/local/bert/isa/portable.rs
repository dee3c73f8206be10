//! Every processor: products by the crate `gemm`, which knows NEON and others, passes as the
//! compiler makes them.

use super::{Isa, Rows, RowsMut, Vector, sum_of_8};
use crate::embed::local::bert::encoder::{Encoder, Group};
use crate::embed::local::bert::layer::Scratch;
use crate::progress::{Cancelled, Progress};

/// No particular instruction set.
pub struct Portable;

impl Isa for Portable {
    type Vector = Lanes;
    type Num = f32;
    const ROWS: usize = 64;
    const COLS: usize = 32;
    const STEP: usize = 1;

    fn multiply(a: Rows<'_, f32>, n_rows: usize, b: &[f32], n_inner: usize, out: RowsMut<'_, f32>) {
        assert!(a.holds(n_rows, n_inner) && out.holds(n_rows, Self::COLS));
        assert!(b.len() >= n_inner * Self::COLS);
        // SAFETY: the pointers are valid for the shapes and strides given, as asserted; `out` is
        // borrowed mutably and so overlaps neither `a` nor `b`.
        unsafe {
            gemm::gemm(
                n_rows,
                Self::COLS,
                n_inner,
                out.data.as_mut_ptr(),
                1,
                out.stride.cast_signed(),
                false,
                a.data.as_ptr(),
                1,
                a.stride.cast_signed(),
                b.as_ptr(),
                1,
                Self::COLS.cast_signed(),
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }

    #[inline(always)]
    fn store(numbers: Self::Vector, to: &mut [f32]) {
        numbers.store(to);
    }

    fn forward(
        encoder: &Encoder<Self>,
        group: &Group,
        scratch: &mut Scratch<Self>,
        progress: &Progress,
        out: &mut [f32],
    ) -> Result<(), Cancelled> {
        encoder.forward(group, scratch, progress, out)
    }
}

/// Eight numbers, one by one as far as the source goes.
#[derive(Clone, Copy)]
pub struct Lanes([f32; 8]);

impl Lanes {
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl Vector for Lanes {
    const LANES: usize = 8;
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; 8])
    }
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        Self(*from.first_chunk().expect("a slice holds all lanes"))
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        to[..8].copy_from_slice(&self.0);
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self.with(other, |a, b| a * b)
    }
    #[inline(always)]
    fn at_least(self, other: Self) -> Self {
        self.with(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn at_most(self, other: Self) -> Self {
        self.with(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn times_plus(self, times: Self, plus: Self) -> Self {
        let once = |i: usize| {
            // Where it is no single instruction, `mul_add` is a slow call.
            if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
                self.0[i].mul_add(times.0[i], plus.0[i])
            } else {
                self.0[i] * times.0[i] + plus.0[i]
            }
        };
        Self(std::array::from_fn(once))
    }
    #[inline(always)]
    fn times_power(self, n: Self) -> Self {
        self.with(n, |x, n| {
            f32::from_bits(x.to_bits().wrapping_add(n.to_bits() << 23))
        })
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        sum_of_8(self.0)
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        self.0.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
}
