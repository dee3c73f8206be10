//! The functions between products, over any [`Vector`].

use super::isa::{Isa, Vector};

/// Coefficients of a polynomial in s for (Φ(x) − ½) / x, s = 2x²/25 − 1, |x| ≤ 5: minimax for the
/// error of x·Φ(x), pinned so that Φ(5) = 1.
const GELU: [f32; 12] = [
    0.141_363_75,
    -0.070_298_45,
    0.051_524_613,
    -0.040_386_64,
    0.031_365_052,
    -0.023_661_895,
    0.016_880_246,
    -0.010_063_436,
    0.005_155_834_4,
    -0.004_008_008,
    0.003_173_714_3,
    -0.001_044_797_7,
];

/// The exact (erf) form of GELU, x·Φ(x), within 3e-6.
///
/// One polynomial instead of erf by exponential and division: 17 instructions, none of them slow.
#[inline(always)]
pub fn gelu<V: Vector>(x: V) -> V {
    let clamped = x.at_least(V::splat(-5.0)).at_most(V::splat(5.0));
    let s = clamped
        .times(clamped)
        .times_plus(V::splat(2.0 / 25.0), V::splat(-1.0));
    let mut sum = V::splat(GELU[11]);
    for coefficient in GELU[..11].iter().rev() {
        sum = sum.times_plus(s, V::splat(*coefficient));
    }
    x.times(clamped.times_plus(sum, V::splat(0.5)))
}

/// Coefficients of 2^f, |f| ≤ ½, minimax for the relative error.
const EXP2: [f32; 5] = [
    0.999_999_3,
    0.693_121_8,
    0.240_247_44,
    0.055_917_867,
    0.009_570_1,
];

/// 2^x within 3e-6 of its value, for −126 ≤ x ≤ 126; what is smaller gives 2^−126.
#[inline(always)]
pub fn exp2<V: Vector>(x: V) -> V {
    // Adding 1.5 · 2²³ rounds to an integer and leaves that integer in the lowest bits.
    let magic = V::splat(12_582_912.0);
    let x = x.at_least(V::splat(-126.0));
    let n = x.plus(magic);
    let f = x.minus(n.minus(magic));
    let mut sum = V::splat(EXP2[4]);
    for coefficient in EXP2[..4].iter().rev() {
        sum = sum.times_plus(f, V::splat(*coefficient));
    }
    sum.times_power(n)
}

/// `to` += `numbers`, for a length that is a multiple of the lanes.
#[inline(always)]
pub fn add<V: Vector>(to: &mut [f32], numbers: &[f32]) {
    for part in 0..to.len() / V::LANES {
        let to = &mut to[part * V::LANES..];
        V::load(to)
            .plus(V::load(&numbers[part * V::LANES..]))
            .store(to);
    }
}

/// Gives `row` mean 0 and variance 1, times `weight`, plus `bias`; in place, and in `to` as the
/// next product reads it. All have one length, a multiple of the lanes.
#[inline(always)]
pub fn layer_norm<I: Isa>(
    row: &mut [f32],
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
    to: &mut [I::Num],
) {
    let lanes = I::Vector::LANES;
    let (n, n_parts) = (row.len() as f32, row.len() / lanes);
    let mut sum = I::Vector::splat(0.0);
    for part in 0..n_parts {
        sum = sum.plus(I::Vector::load(&row[part * lanes..]));
    }
    let mean = I::Vector::splat(sum.sum() / n);
    let mut squares = I::Vector::splat(0.0);
    for part in 0..n_parts {
        let centered = I::Vector::load(&row[part * lanes..]).minus(mean);
        squares = centered.times_plus(centered, squares);
    }
    let scale = I::Vector::splat(1.0 / (squares.sum() / n + epsilon).sqrt());
    for part in 0..n_parts {
        let at = part * lanes;
        let scaled = I::Vector::load(&row[at..]).minus(mean).times(scale);
        let (weight, bias) = (I::Vector::load(&weight[at..]), I::Vector::load(&bias[at..]));
        let normed = scaled.times_plus(weight, bias);
        normed.store(&mut row[at..]);
        I::store(normed, &mut to[at..]);
    }
}

/// 2^(score − largest) of every score, in `to`, and their sum: softmax before its division, for
/// scores in units of log₂.
#[inline(always)]
pub fn powers<I: Isa>(scores: &[f32], to: &mut [I::Num]) -> f32 {
    let lanes = I::Vector::LANES;
    let n_parts = scores.len() / lanes;
    let mut largest = I::Vector::splat(f32::NEG_INFINITY);
    for part in 0..n_parts {
        largest = largest.at_least(I::Vector::load(&scores[part * lanes..]));
    }
    let largest = I::Vector::splat(largest.largest());
    let mut sum = I::Vector::splat(0.0);
    for part in 0..n_parts {
        let power = exp2(I::Vector::load(&scores[part * lanes..]).minus(largest));
        sum = sum.plus(power);
        I::store(power, &mut to[part * lanes..]);
    }
    sum.sum()
}
