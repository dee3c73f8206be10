//! AVX-512: 16 numbers at once, in f32.

use std::arch::x86_64::*;

use half::bf16;

use super::{Isa, Rows, RowsMut, Vector, at, fma, packed_len};
use crate::embed::local::bert::encoder::{Encoder, Group};
use crate::embed::local::bert::layer::Scratch;
use crate::progress::{Cancelled, Progress};

/// AVX-512 F, BW, DQ and VL.
pub struct Avx512;

impl Isa for Avx512 {
    type Vector = F32x16;
    type Num = f32;
    // 28 sums, two vectors of `b` and one of `a` fill 31 of 32 registers.
    const ROWS: usize = 14;
    const COLS: usize = 32;
    const STEP: usize = 1;

    #[inline(always)]
    fn multiply(
        a: Rows<'_, f32>,
        _n_rows: usize,
        b: &[f32],
        n_inner: usize,
        out: RowsMut<'_, f32>,
    ) {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
        fn compiled(a: Rows<'_, f32>, b: &[f32], n_inner: usize, out: RowsMut<'_, f32>) {
            fma::multiply::<F32x16, 14, 2>(a, b, n_inner, out);
        }
        // SAFETY: reached on processors with these instructions alone, see `Isa`.
        unsafe { compiled(a, b, n_inner, out) }
    }

    #[inline(always)]
    fn store(numbers: Self::Vector, to: &mut [f32]) {
        numbers.store(to);
    }

    #[inline(always)]
    fn pack_columns(from: Rows<'_, f32>, n_rows: usize, n_inner: usize, to: &mut [f32]) {
        // SAFETY: as above.
        unsafe { pack_columns::<Self>(from, n_rows, n_inner, to) }
    }

    forward_with!("avx512f,avx512bw,avx512dq,avx512vl,fma");
}

/// As [`super::pack_columns`], 16 columns of 16 inner words at a time: a word is a number of 32 bits,
/// or a pair of 16.
#[target_feature(enable = "avx512f")]
pub fn pack_columns<I: Isa>(
    from: Rows<'_, I::Num>,
    n_rows: usize,
    n_inner: usize,
    to: &mut [I::Num],
) {
    let words = 4 / size_of::<I::Num>();
    let panel_len = packed_len::<I>(n_inner, I::COLS);
    let n_cols = n_rows.next_multiple_of(I::COLS);
    assert!(from.holds(n_rows, n_inner) && to.len() >= n_cols / I::COLS * panel_len);
    assert!(
        n_inner.is_multiple_of(16 * words),
        "heads have 32 numbers or 64"
    );
    for col in (0..n_cols).step_by(16) {
        for inner in (0..n_inner).step_by(16 * words) {
            let panel = col / I::COLS * panel_len;
            let to = &mut to[panel..][..panel_len];
            // SAFETY: of the rows from `col` on, those below `n_rows` hold 16 words from `inner`
            // on, and in a panel 16 columns of an inner word lie side by side.
            unsafe {
                let rows = std::array::from_fn(|r| {
                    if col + r < n_rows {
                        let from = from.data.as_ptr().add((col + r) * from.stride + inner);
                        _mm512_loadu_si512(from.cast())
                    } else {
                        _mm512_setzero_si512()
                    }
                });
                for (r, row) in transposed(rows).into_iter().enumerate() {
                    let to = to
                        .as_mut_ptr()
                        .add(at::<I>(inner + r * words, col % I::COLS));
                    _mm512_storeu_si512(to.cast(), row);
                }
            }
        }
    }
}

/// Word c of row r becomes word r of row c.
#[inline]
#[target_feature(enable = "avx512f")]
fn transposed(rows: [__m512i; 16]) -> [__m512i; 16] {
    // Words change places within quarters of two rows, then pairs of words, then the quarters.
    let mut pairs = rows;
    for i in 0..8 {
        pairs[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
        pairs[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
    }
    let mut fours = pairs;
    for i in 0..4 {
        for half in 0..2 {
            let (a, b) = (pairs[4 * i + half], pairs[4 * i + 2 + half]);
            fours[4 * i + 2 * half] = _mm512_unpacklo_epi64(a, b);
            fours[4 * i + 2 * half + 1] = _mm512_unpackhi_epi64(a, b);
        }
    }
    // fours[4i + c] holds, in quarter q, column 4q + c of rows 4i to 4i + 3.
    let mut out = rows;
    for c in 0..4 {
        let low_even = _mm512_shuffle_i32x4::<0b10_00_10_00>(fours[c], fours[4 + c]);
        let low_odd = _mm512_shuffle_i32x4::<0b11_01_11_01>(fours[c], fours[4 + c]);
        let high_even = _mm512_shuffle_i32x4::<0b10_00_10_00>(fours[8 + c], fours[12 + c]);
        let high_odd = _mm512_shuffle_i32x4::<0b11_01_11_01>(fours[8 + c], fours[12 + c]);
        out[c] = _mm512_shuffle_i32x4::<0b10_00_10_00>(low_even, high_even);
        out[8 + c] = _mm512_shuffle_i32x4::<0b11_01_11_01>(low_even, high_even);
        out[4 + c] = _mm512_shuffle_i32x4::<0b10_00_10_00>(low_odd, high_odd);
        out[12 + c] = _mm512_shuffle_i32x4::<0b11_01_11_01>(low_odd, high_odd);
    }
    out
}

impl F32x16 {
    /// Rounded to nearest, ties to even; only for processors with BF16 too.
    #[inline(always)]
    pub fn store_bf16(self, to: &mut [bf16]) {
        let to = to[..16].as_mut_ptr().cast::<__m256bh>();
        // SAFETY: the caller's processor has the instruction; `to` holds 16 numbers.
        unsafe { to.write_unaligned(_mm512_cvtneps_pbh(self.0)) }
    }
}

/// Sixteen numbers in one register.
#[derive(Clone, Copy)]
pub struct F32x16(__m512);

// SAFETY of all blocks below: the processor has AVX-512, see `Isa`; what is loaded or stored lies
// within a slice, as the check before it makes sure.
impl Vector for F32x16 {
    const LANES: usize = 16;
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(unsafe { _mm512_set1_ps(x) })
    }
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        Self(unsafe { _mm512_loadu_ps(from[..16].as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        unsafe { _mm512_storeu_ps(to[..16].as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(unsafe { _mm512_sub_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Self(unsafe { _mm512_mul_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn at_least(self, other: Self) -> Self {
        Self(unsafe { _mm512_max_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn at_most(self, other: Self) -> Self {
        Self(unsafe { _mm512_min_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn times_plus(self, times: Self, plus: Self) -> Self {
        Self(unsafe { _mm512_fmadd_ps(self.0, times.0, plus.0) })
    }
    #[inline(always)]
    fn times_power(self, n: Self) -> Self {
        unsafe {
            let exponent = _mm512_slli_epi32(_mm512_castps_si512(n.0), 23);
            let bits = _mm512_add_epi32(_mm512_castps_si512(self.0), exponent);
            Self(_mm512_castsi512_ps(bits))
        }
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        unsafe { _mm512_reduce_add_ps(self.0) }
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        unsafe { _mm512_reduce_max_ps(self.0) }
    }
}
