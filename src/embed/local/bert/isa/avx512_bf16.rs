//! AVX-512 with BF16: products read pairs of 16-bit numbers and add up in f32.

use std::arch::x86_64::*;

use half::bf16;

use super::avx512::{F32x16, pack_columns};
use super::{Isa, Rows, RowsMut, at, packed_len};
use crate::embed::local::bert::encoder::{Encoder, Group};
use crate::embed::local::bert::layer::Scratch;
use crate::progress::{Cancelled, Progress};

/// AVX-512 F, BW, DQ, VL and BF16.
pub struct Avx512Bf16;

impl Isa for Avx512Bf16 {
    type Vector = F32x16;
    type Num = bf16;
    const ROWS: usize = 14;
    const COLS: usize = 32;
    const STEP: usize = 2;

    #[inline(always)]
    fn multiply(
        a: Rows<'_, bf16>,
        _n_rows: usize,
        b: &[bf16],
        n_inner: usize,
        out: RowsMut<'_, f32>,
    ) {
        // SAFETY: reached on processors with these instructions alone, see `Isa`.
        unsafe { multiply(a, b, n_inner, out) }
    }

    #[inline(always)]
    fn store(numbers: F32x16, to: &mut [bf16]) {
        numbers.store_bf16(to);
    }

    #[inline(always)]
    fn pack_columns(from: Rows<'_, bf16>, n_rows: usize, n_inner: usize, to: &mut [bf16]) {
        // SAFETY: as above.
        unsafe { pack_columns::<Self>(from, n_rows, n_inner, to) }
    }

    #[inline(always)]
    fn pack_rows(from: Rows<'_, bf16>, n_inner: usize, n_cols: usize, to: &mut [bf16]) {
        // SAFETY: as above.
        unsafe { pack_rows::<Self>(from, n_inner, n_cols, to) }
    }

    forward_with!("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma");
}

/// 14 rows, 32 columns: 28 sums in registers, pairs of inner numbers at a time.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma")]
fn multiply(a: Rows<'_, bf16>, b: &[bf16], n_inner: usize, out: RowsMut<'_, f32>) {
    const R: usize = Avx512Bf16::ROWS;
    let n_inner = n_inner.next_multiple_of(2);
    assert!(a.holds(R, n_inner) && out.holds(R, 32) && b.len() >= n_inner * 32);
    let mut sums = [[_mm512_setzero_ps(); 2]; R];
    for pair in 0..n_inner / 2 {
        // SAFETY: `b` holds n_inner × 32 numbers and `a` R rows of n_inner, as asserted; a pair is
        // read as 32 bits, aligned or not.
        unsafe {
            let b = b.as_ptr().add(pair * 64).cast::<__m512bh>();
            let b = [b.read_unaligned(), b.add(1).read_unaligned()];
            for (r, sums) in sums.iter_mut().enumerate() {
                let a = a.data.as_ptr().add(r * a.stride + pair * 2).cast::<i32>();
                let a: __m512bh = std::mem::transmute(_mm512_set1_epi32(a.read_unaligned()));
                sums[0] = _mm512_dpbf16_ps(sums[0], a, b[0]);
                sums[1] = _mm512_dpbf16_ps(sums[1], a, b[1]);
            }
        }
    }
    for (r, sums) in sums.into_iter().enumerate() {
        let out = &mut out.data[r * out.stride..][..32];
        // SAFETY: `out` has 32 numbers.
        unsafe {
            _mm512_storeu_ps(out.as_mut_ptr(), sums[0]);
            _mm512_storeu_ps(out.as_mut_ptr().add(16), sums[1]);
        }
    }
}

/// As [`super::pack_rows`], for panels of 32 columns: two rows at a time, their numbers alternating.
#[target_feature(enable = "avx512f,avx512bw")]
pub fn pack_rows<I: Isa<Num = bf16>>(
    from: Rows<'_, bf16>,
    n_inner: usize,
    n_cols: usize,
    to: &mut [bf16],
) {
    let panel_len = packed_len::<I>(n_inner, I::COLS);
    assert!(
        I::COLS == 32 && n_cols.is_multiple_of(32),
        "heads have 32 numbers or 64"
    );
    assert!(from.holds(n_inner, n_cols) && to.len() >= n_cols / 32 * panel_len);
    let low = alternating(0);
    let high = alternating(16);
    for col in (0..n_cols).step_by(32) {
        for inner in (0..n_inner.next_multiple_of(I::STEP)).step_by(2) {
            // SAFETY: of the two rows, those below `n_inner` hold 32 numbers from `col` on, and a
            // pair of rows of this panel has room for 64.
            unsafe {
                let row = |inner: usize| {
                    if inner < n_inner {
                        let from = from.data.as_ptr().add(inner * from.stride + col);
                        _mm512_loadu_si512(from.cast())
                    } else {
                        _mm512_setzero_si512()
                    }
                };
                let (even, odd) = (row(inner), row(inner + 1));
                let panel = to.as_mut_ptr().add(col / 32 * panel_len);
                let (left, right) = (panel.add(at::<I>(inner, 0)), panel.add(at::<I>(inner, 16)));
                _mm512_storeu_si512(left.cast(), _mm512_permutex2var_epi16(even, low, odd));
                _mm512_storeu_si512(right.cast(), _mm512_permutex2var_epi16(even, high, odd));
            }
        }
    }
}

/// The indices start, 32 + start, start + 1, 33 + start, …
#[inline]
#[target_feature(enable = "avx512f")]
fn alternating(start: u16) -> __m512i {
    let indices: [u16; 32] = std::array::from_fn(|i| start + i as u16 / 2 + 32 * (i as u16 % 2));
    // SAFETY: both are 64 bytes.
    unsafe { _mm512_loadu_si512(indices.as_ptr().cast()) }
}
