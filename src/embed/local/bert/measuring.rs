//! For `benches/kernels.rs` alone: the products by themselves.

use std::hint::black_box;

use super::buffer::Buffer;
use super::cpu::InstructionSet;
use super::isa::{self, Isa, Num as _, Rows, RowsMut, packed_len};

/// Computes a product of shape `(n, n_in)` by `(n_in, n_out)` at every call, on this thread.
pub fn product(set: InstructionSet, n: usize, n_in: usize, n_out: usize) -> Box<dyn FnMut()> {
    assert!(
        InstructionSet::available().contains(&set),
        "{set} can run here"
    );
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => on::<isa::avx2::Avx2>(n, n_in, n_out),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 => on::<isa::avx512::Avx512>(n, n_in, n_out),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512Bf16 => on::<isa::avx512_bf16::Avx512Bf16>(n, n_in, n_out),
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        InstructionSet::Amx => {
            let mut product = on::<isa::amx::Amx>(n, n_in, n_out);
            Box::new(move || {
                let _tiles = isa::amx::Tiles::set();
                product();
            })
        }
        _ => on::<isa::portable::Portable>(n, n_in, n_out),
    }
}

fn on<I: Isa>(n: usize, n_in: usize, n_out: usize) -> Box<dyn FnMut()> {
    let mut a = Buffer::<I::Num>::new(n.next_multiple_of(I::ROWS) * n_in);
    let mut b = Buffer::<I::Num>::new(packed_len::<I>(n_in, n_out));
    a.fill(I::Num::of(0.5));
    b.fill(I::Num::of(0.25));
    let mut out = Buffer::<f32>::new(I::ROWS * I::COLS);
    Box::new(move || {
        for panel in b.chunks_exact(packed_len::<I>(n_in, I::COLS)) {
            for row in (0..n).step_by(I::ROWS) {
                let rows = Rows::new(&a, n_in).from(row, 0);
                let to = RowsMut::new(&mut out, I::COLS);
                I::multiply(rows, I::ROWS.min(n - row), panel, n_in, to);
                black_box(&out);
            }
        }
    })
}
