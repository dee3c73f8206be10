//! A block of a product in f32, over any [`Vector`]: sums stay in registers, one row of `b` and one
//! number of `a` at a time.

use std::arch::asm;

use super::{Rows, RowsMut, Vector};

/// As [`super::Isa::multiply`], for `R` rows, at most 14, and `C` vectors of columns;
/// `R · C + C + 1` vector registers.
#[inline(always)]
pub fn multiply<V: Vector, const R: usize, const C: usize>(
    a: Rows<'_, f32>,
    b: &[f32],
    n_inner: usize,
    out: RowsMut<'_, f32>,
) {
    let n_cols = C * V::LANES;
    assert!(R <= 14 && a.holds(R, n_inner) && out.holds(R, n_cols));
    assert!(b.len() >= n_inner * n_cols);
    let mut sums = [[V::splat(0.0); C]; R];
    // Left to itself the compiler finds every row by adding strides up, in the very units that the
    // sums need. Where it cannot know that these three belong together it keeps a pointer to each
    // row, and all is 9 % faster.
    let [mut one, mut three, mut five] = [a.stride, 3 * a.stride, 5 * a.stride];
    // SAFETY: no instruction at all; only hides that the three belong together.
    unsafe {
        asm!(
            "/* {0} {1} {2} */",
            inout(reg) one,
            inout(reg) three,
            inout(reg) five,
            options(nomem, nostack, preserves_flags)
        );
    }
    let mut upper = a.data.as_ptr();
    let mut lower = upper.wrapping_add(7 * a.stride);
    let mut panel = b.as_ptr();
    for _ in 0..n_inner {
        // SAFETY: row r of `a` lies r strides from its begin and has `n_inner` numbers, `b` has
        // `n_inner` rows of `n_cols`, as asserted.
        unsafe {
            let b: [V; C] = std::array::from_fn(|c| {
                V::load(std::slice::from_raw_parts(
                    panel.add(c * V::LANES),
                    V::LANES,
                ))
            });
            for (r, sums) in sums.iter_mut().enumerate() {
                let base = if r < 7 { upper } else { lower };
                let distance = match r % 7 {
                    0 => 0,
                    1 => one,
                    2 => one * 2,
                    3 => three,
                    4 => one * 4,
                    5 => five,
                    _ => three * 2,
                };
                let a = V::splat(*base.add(distance));
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum = a.times_plus(b, *sum);
                }
            }
        }
        upper = upper.wrapping_add(1);
        lower = lower.wrapping_add(1);
        panel = panel.wrapping_add(n_cols);
    }
    for (r, sums) in sums.into_iter().enumerate() {
        for (c, sum) in sums.into_iter().enumerate() {
            sum.store(&mut out.data[r * out.stride + c * V::LANES..]);
        }
    }
}
