//! AVX2 with FMA: 8 numbers at once, in f32.

use std::arch::x86_64::*;

use super::{Isa, Rows, RowsMut, Vector, fma, sum_of_8};
use crate::embed::local::bert::encoder::{Encoder, Group};
use crate::embed::local::bert::layer::Scratch;
use crate::progress::{Cancelled, Progress};

/// AVX2 and FMA.
pub struct Avx2;

impl Isa for Avx2 {
    type Vector = F32x8;
    type Num = f32;
    // 12 sums, two vectors of `b` and one of `a` fill 15 of 16 registers.
    const ROWS: usize = 6;
    const COLS: usize = 16;
    const STEP: usize = 1;

    #[inline(always)]
    fn multiply(
        a: Rows<'_, f32>,
        _n_rows: usize,
        b: &[f32],
        n_inner: usize,
        out: RowsMut<'_, f32>,
    ) {
        #[target_feature(enable = "avx2,fma")]
        fn compiled(a: Rows<'_, f32>, b: &[f32], n_inner: usize, out: RowsMut<'_, f32>) {
            fma::multiply::<F32x8, 6, 2>(a, b, n_inner, out);
        }
        // SAFETY: reached on processors with these instructions alone, see `Isa`.
        unsafe { compiled(a, b, n_inner, out) }
    }

    #[inline(always)]
    fn store(numbers: Self::Vector, to: &mut [f32]) {
        numbers.store(to);
    }

    forward_with!("avx2,fma");
}

/// Eight numbers in one register.
#[derive(Clone, Copy)]
pub struct F32x8(__m256);

// SAFETY of all blocks below: the processor has AVX2 and FMA, see `Isa`; what is loaded or stored
// lies within a slice, as the check before it makes sure.
impl Vector for F32x8 {
    const LANES: usize = 8;
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(unsafe { _mm256_set1_ps(x) })
    }
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        Self(unsafe { _mm256_loadu_ps(from[..8].as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        unsafe { _mm256_storeu_ps(to[..8].as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Self(unsafe { _mm256_mul_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn at_least(self, other: Self) -> Self {
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn at_most(self, other: Self) -> Self {
        Self(unsafe { _mm256_min_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn times_plus(self, times: Self, plus: Self) -> Self {
        Self(unsafe { _mm256_fmadd_ps(self.0, times.0, plus.0) })
    }
    #[inline(always)]
    fn times_power(self, n: Self) -> Self {
        unsafe {
            let exponent = _mm256_slli_epi32(_mm256_castps_si256(n.0), 23);
            let bits = _mm256_add_epi32(_mm256_castps_si256(self.0), exponent);
            Self(_mm256_castsi256_ps(bits))
        }
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        let mut numbers = [0.0; 8];
        self.store(&mut numbers);
        sum_of_8(numbers)
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        let mut numbers = [0.0; 8];
        self.store(&mut numbers);
        numbers.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
}
