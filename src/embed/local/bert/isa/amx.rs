//! AMX: tiles of 16 × 16 sums over pairs of 16-bit numbers, on Linux, which must be asked for them.

use std::arch::asm;

use half::bf16;

use super::avx512::{F32x16, pack_columns};
use super::avx512_bf16::pack_rows;
use super::{Isa, Rows, RowsMut};
use crate::embed::local::bert::encoder::{Encoder, Group};
use crate::embed::local::bert::layer::Scratch;
use crate::progress::{Cancelled, Progress};

/// AMX tiles with BF16, and AVX-512 with BF16 between products.
pub struct Amx;

impl Isa for Amx {
    type Vector = F32x16;
    type Num = bf16;
    // Two tiles by two: four sums, so that none waits for the one before it.
    const ROWS: usize = 32;
    const COLS: usize = 32;
    const STEP: usize = 32;

    #[inline(always)]
    fn multiply(
        a: Rows<'_, bf16>,
        n_rows: usize,
        b: &[bf16],
        n_inner: usize,
        out: RowsMut<'_, f32>,
    ) {
        let n_steps = n_inner.div_ceil(Self::STEP);
        let n_inner = n_steps * Self::STEP;
        assert!(a.holds(Self::ROWS, n_inner) && out.holds(Self::ROWS, Self::COLS));
        assert!(b.len() >= n_inner * Self::COLS && n_steps > 0);
        let block = Block {
            a: a.data.as_ptr(),
            a_stride: a.stride * 2,
            b: b.as_ptr(),
            out: out.data.as_mut_ptr(),
            out_stride: out.stride * 4,
            n_steps,
        };
        // SAFETY: `a` holds 32 rows of n_inner numbers, `out` 32 of 32, `b` n_inner × 32, as
        // asserted. The thread's tiles are set by `forward`, on a processor that has them, see `Isa`.
        unsafe {
            if n_rows <= 16 {
                block.upper_half();
            } else {
                block.whole();
            }
        }
    }

    #[inline(always)]
    fn store(numbers: F32x16, to: &mut [bf16]) {
        numbers.store_bf16(to);
    }

    #[inline(always)]
    fn pack_columns(from: Rows<'_, bf16>, n_rows: usize, n_inner: usize, to: &mut [bf16]) {
        // SAFETY: reached on processors with these instructions alone, see `Isa`.
        unsafe { pack_columns::<Self>(from, n_rows, n_inner, to) }
    }

    #[inline(always)]
    fn pack_rows(from: Rows<'_, bf16>, n_inner: usize, n_cols: usize, to: &mut [bf16]) {
        // SAFETY: reached on processors with these instructions alone, see `Isa`.
        unsafe { pack_rows::<Self>(from, n_inner, n_cols, to) }
    }

    forward_with!(
        "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma",
        Tiles::set()
    );
}

/// What the tiles are loaded from and stored to; strides in bytes.
struct Block {
    a: *const bf16,
    a_stride: usize,
    b: *const bf16,
    out: *mut f32,
    out_stride: usize,
    n_steps: usize,
}

impl Block {
    /// 32 rows by 32 columns: tiles 0 to 3 add up, 4 and 5 are rows of `a`, 6 and 7 columns of `b`.
    /// All loads of a step come first: 5 % faster than each before its use.
    ///
    /// # Safety
    /// `a` has 32 rows of 32 · `n_steps` numbers, `b` as many columns, `out` 32 rows of 32 numbers;
    /// the thread's tiles are set.
    #[inline(always)]
    unsafe fn whole(self) {
        // SAFETY: the caller's promise; nothing else is read or written.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                "2:",
                "tileloadd tmm4, [{a} + {a_stride}]",
                "tileloadd tmm6, [{b} + {b_stride}]",
                "tileloadd tmm7, [{b} + {b_stride} + 64]",
                "tileloadd tmm5, [{a_low} + {a_stride}]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tdpbf16ps tmm1, tmm4, tmm7",
                "tdpbf16ps tmm2, tmm5, tmm6",
                "tdpbf16ps tmm3, tmm5, tmm7",
                "add {a}, 64",
                "add {a_low}, 64",
                "add {b}, 2048",
                "dec {n}",
                "jnz 2b",
                "tilestored [{out} + {out_stride}], tmm0",
                "tilestored [{out} + {out_stride} + 64], tmm1",
                "tilestored [{out_low} + {out_stride}], tmm2",
                "tilestored [{out_low} + {out_stride} + 64], tmm3",
                a = inout(reg) self.a => _,
                a_low = inout(reg) self.a.byte_add(16 * self.a_stride) => _,
                b = inout(reg) self.b => _,
                n = inout(reg) self.n_steps => _,
                out = in(reg) self.out,
                out_low = in(reg) self.out.byte_add(16 * self.out_stride),
                a_stride = in(reg) self.a_stride,
                b_stride = in(reg) 128_usize,
                out_stride = in(reg) self.out_stride,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }

    /// The first 16 rows alone.
    ///
    /// # Safety
    /// As [`Block::whole`], for 16 rows.
    #[inline(always)]
    unsafe fn upper_half(self) {
        // SAFETY: the caller's promise; nothing else is read or written.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "2:",
                "tileloadd tmm4, [{a} + {a_stride}]",
                "tileloadd tmm6, [{b} + {b_stride}]",
                "tileloadd tmm7, [{b} + {b_stride} + 64]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tdpbf16ps tmm1, tmm4, tmm7",
                "add {a}, 64",
                "add {b}, 2048",
                "dec {n}",
                "jnz 2b",
                "tilestored [{out} + {out_stride}], tmm0",
                "tilestored [{out} + {out_stride} + 64], tmm1",
                a = inout(reg) self.a => _,
                b = inout(reg) self.b => _,
                n = inout(reg) self.n_steps => _,
                out = in(reg) self.out,
                a_stride = in(reg) self.a_stride,
                b_stride = in(reg) 128_usize,
                out_stride = in(reg) self.out_stride,
                out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }
}

/// The tiles of this thread, all of 16 rows of 64 bytes; given back when dropped.
pub struct Tiles;

impl Tiles {
    pub fn set() -> Self {
        #[repr(C, align(64))]
        struct Config {
            palette: u8,
            start_row: u8,
            reserved: [u8; 14],
            row_bytes: [u16; 16],
            rows: [u8; 16],
        }
        let mut config = Config {
            palette: 1,
            start_row: 0,
            reserved: [0; 14],
            row_bytes: [0; 16],
            rows: [0; 16],
        };
        config.row_bytes[..8].fill(64);
        config.rows[..8].fill(16);
        // SAFETY: the 64 bytes are a valid configuration of palette 1.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const config, options(nostack, readonly)) };
        Self
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: only gives back what `set` took.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }
}
