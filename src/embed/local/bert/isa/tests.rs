//! Every instruction set that this machine has against plain loops in f64.

use half::bf16;

use super::super::buffer::Buffer;
use super::super::math::{exp2, gelu, layer_norm, powers};
use super::*;
use crate::embed::local::bert::cpu::InstructionSet;

/// A check of one instruction set.
trait Check {
    fn on<I: Isa>(&self);
}

/// Runs a check on every instruction set of this machine.
fn on_all(check: &impl Check) {
    for set in InstructionSet::available() {
        match set {
            InstructionSet::Portable => check.on::<portable::Portable>(),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => check.on::<avx2::Avx2>(),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => check.on::<avx512::Avx512>(),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512Bf16 => check.on::<avx512_bf16::Avx512Bf16>(),
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            InstructionSet::Amx => {
                let _tiles = amx::Tiles::set();
                check.on::<amx::Amx>();
            }
            #[expect(unreachable_patterns, reason = "on some systems it can be reached")]
            _ => unreachable!("{set} is not available here"),
        }
    }
}

/// Numbers between −1 and 1, the same for the same seed.
fn numbers(n: usize, seed: usize) -> Vec<f32> {
    let mut state = seed as u64 * 2 + 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn as_num<I: Isa>(numbers: &[f32]) -> Buffer<I::Num> {
    let mut buffer = Buffer::new(numbers.len());
    for (to, x) in buffer.iter_mut().zip(numbers) {
        *to = I::Num::of(*x);
    }
    buffer
}

/// Numbers as this instruction set reads them.
fn read<I: Isa>(numbers: &[f32]) -> Vec<f64> {
    let rounds = I::Num::PAIR == 2;
    let read = |x: &f32| {
        f64::from(if rounds {
            bf16::from_f32(*x).to_f32()
        } else {
            *x
        })
    };
    numbers.iter().map(read).collect()
}

struct Products;

impl Check for Products {
    fn on<I: Isa>(&self) {
        let shapes: [(usize, usize, usize); 7] = [
            (1, 1, 1),
            (5, 7, 3),
            (16, 32, 16),
            (17, 33, 40),
            (31, 100, 65),
            (64, 384, 96),
            (33, 161, 32),
        ];
        for (seed, (n_rows, n_inner, n_cols)) in shapes.into_iter().enumerate() {
            let n_rows = n_rows.min(I::ROWS);
            // What lies beyond the shape must not matter.
            let stride = n_inner.next_multiple_of(I::STEP) + 3;
            let a = numbers(I::ROWS * stride, seed);
            let mut a_read = a.clone();
            for row in a_read.chunks_exact_mut(stride) {
                row[n_inner..].fill(0.5);
            }
            let b = numbers(n_inner * n_cols, seed + 100);
            let transposed: Vec<f32> = (0..n_cols * n_inner)
                .map(|i| b[i % n_inner * n_cols + i / n_inner])
                .collect();

            let mut panels = Buffer::new(packed_len::<I>(n_inner, n_cols));
            let columns = as_num::<I>(&transposed);
            pack_columns::<I>(Rows::new(&columns, n_inner), n_cols, n_inner, &mut panels);
            let mut other = Buffer::new(packed_len::<I>(n_inner, n_cols));
            let rows = as_num::<I>(&b);
            pack_rows::<I>(Rows::new(&rows, n_cols), n_inner, n_cols, &mut other);

            let a_num = as_num::<I>(&a_read);
            let (a, b) = (read::<I>(&a_read), read::<I>(&b));
            let panel_len = packed_len::<I>(n_inner, I::COLS);
            for panels in [&panels, &other] {
                for (panel_idx, panel) in panels.chunks_exact(panel_len).enumerate() {
                    let mut out = Buffer::new(I::ROWS * I::COLS);
                    let rows = Rows::new(&a_num, stride);
                    let to = RowsMut::new(&mut out, I::COLS);
                    I::multiply(rows, n_rows, panel, n_inner, to);
                    for row in 0..n_rows {
                        for col in 0..I::COLS.min(n_cols - panel_idx * I::COLS) {
                            let products = (0..n_inner).map(|i| {
                                a[row * stride + i] * b[i * n_cols + panel_idx * I::COLS + col]
                            });
                            let expected: f64 = products.sum();
                            let found = f64::from(out[row * I::COLS + col]);
                            let name = std::any::type_name::<I>();
                            assert!(
                                (found - expected).abs() < 1e-4,
                                "{name} ({n_rows}, {n_inner}, {n_cols}) at {row}, {col}: {found}, not {expected}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_product_is_the_sum_of_products_for_any_shape() {
    on_all(&Products);
}

struct Packing;

impl Check for Packing {
    fn on<I: Isa>(&self) {
        for (seed, (n, head_dim)) in [(1, 32), (16, 32), (31, 64), (40, 32), (129, 64)]
            .into_iter()
            .enumerate()
        {
            let stride = head_dim * 3;
            let data = as_num::<I>(&numbers(n * stride, seed));
            let from = Rows::new(&data, stride).from(0, head_dim);
            // Stale numbers of a longer text must be gone.
            let stale = || {
                as_num::<I>(&vec![
                    7.0;
                    packed_len::<I>(head_dim, n)
                        .max(packed_len::<I>(n, head_dim))
                ])
            };
            let same = |found: &[I::Num], expected: &[I::Num], len: usize| {
                let bits = |numbers: &[I::Num]| -> Vec<f32> {
                    numbers[..len].iter().map(|x| (*x).into()).collect()
                };
                assert_eq!(
                    bits(found),
                    bits(expected),
                    "{} {n} × {head_dim}",
                    std::any::type_name::<I>()
                );
            };
            let (mut found, mut expected) = (stale(), stale());
            I::pack_columns(from, n, head_dim, &mut found);
            pack_columns::<I>(from, n, head_dim, &mut expected);
            same(&found, &expected, packed_len::<I>(head_dim, n));
            let (mut found, mut expected) = (stale(), stale());
            I::pack_rows(from, n, head_dim, &mut found);
            pack_rows::<I>(from, n, head_dim, &mut expected);
            same(&found, &expected, packed_len::<I>(n, head_dim));
        }
    }
}

#[test]
fn heads_are_packed_like_weights() {
    on_all(&Packing);
}

struct Passes;

impl Check for Passes {
    fn on<I: Isa>(&self) {
        let lanes = I::Vector::LANES;
        let through = |f: &dyn Fn(I::Vector) -> I::Vector, x: f32| {
            let mut out = vec![0.0; lanes];
            f(I::Vector::splat(x)).store(&mut out);
            assert!(out.iter().all(|y| y.to_bits() == out[0].to_bits()));
            f64::from(out[0])
        };
        for i in -1200..=1200 {
            let x = i as f32 / 100.0;
            let exact = f64::from(x) * 0.5 * (1.0 + erf(f64::from(x) / std::f64::consts::SQRT_2));
            assert!((through(&gelu, x) - exact).abs() < 2e-5, "gelu({x})");
            let found = through(&exp2, x * 10.0);
            let exact = f64::from(x * 10.0).exp2();
            assert!((found / exact - 1.0).abs() < 5e-6, "exp2({})", x * 10.0);
        }
        assert!(through(&exp2, f32::NEG_INFINITY) < 1e-37);

        let row = numbers(96, 5);
        let (weight, bias) = (numbers(96, 6), numbers(96, 7));
        let (mut normed, mut to) = (row.clone(), Buffer::new(96));
        layer_norm::<I>(&mut normed, &weight, &bias, 1e-6, &mut to);
        let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / 96.0;
        let variance = row
            .iter()
            .map(|x| (f64::from(*x) - mean).powi(2))
            .sum::<f64>()
            / 96.0;
        for i in 0..96 {
            let exact = (f64::from(row[i]) - mean) / (variance + 1e-6).sqrt()
                * f64::from(weight[i])
                + f64::from(bias[i]);
            assert!((f64::from(normed[i]) - exact).abs() < 1e-5);
            let kept: f32 = to[i].into();
            assert!((f64::from(kept) - exact).abs() < 0.01 * exact.abs() + 1e-5);
        }

        let mut scores: Vec<f32> = numbers(96, 8).iter().map(|x| x * 20.0).collect();
        scores[90..].fill(f32::NEG_INFINITY);
        let mut weights = Buffer::new(96);
        let sum = powers::<I>(&scores, &mut weights);
        let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let exact: Vec<f64> = scores
            .iter()
            .map(|x| f64::from(x - largest).exp2())
            .collect();
        assert!((f64::from(sum) - exact.iter().sum::<f64>()).abs() < 1e-4);
        for (weight, exact) in weights.iter().zip(exact) {
            let weight: f32 = (*weight).into();
            assert!((f64::from(weight) - exact).abs() < 0.01 * exact + 1e-30);
        }
    }
}

/// By its series, which converges fast enough below 10.
fn erf(x: f64) -> f64 {
    if x.abs() > 5.0 {
        return x.signum();
    }
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

#[test]
fn the_passes_between_products_are_what_their_names_say() {
    on_all(&Passes);
}
