//! The vectors of a vocabulary, as they lie in the file: most of a small model, read a row at a
//! time.

use std::borrow::Cow;

use half::slice::HalfFloatSliceExt as _;
use half::{bf16, f16};

/// Rows of `d` numbers in little-endian bytes.
pub struct Table {
    pub bytes: Cow<'static, [u8]>,
    pub d: usize,
    pub kind: Kind,
}

/// How a number is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    F32,
    F16,
    Bf16,
}

impl Kind {
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// All numbers of `bytes`, widened into `to`.
    pub fn widen(self, bytes: &[u8], to: &mut [f32]) {
        match self {
            Self::F32 => {
                for (to, bytes) in to.iter_mut().zip(bytes.as_chunks().0) {
                    *to = f32::from_le_bytes(*bytes);
                }
            }
            Self::F16 => {
                // By way of whole slices, which processors convert many times faster.
                let mut numbers = [f16::ZERO; 512];
                for (bytes, to) in bytes.chunks(1024).zip(to.chunks_mut(512)) {
                    for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
                        *number = f16::from_le_bytes(*bytes);
                    }
                    numbers[..to.len()].convert_to_f32_slice(to);
                }
            }
            Self::Bf16 => {
                for (to, bytes) in to.iter_mut().zip(bytes.as_chunks().0) {
                    *to = bf16::from_le_bytes(*bytes).to_f32();
                }
            }
        }
    }
}

impl Table {
    /// Row `row`, widened into `to` of `d` numbers.
    pub fn read(&self, row: u32, to: &mut [f32]) {
        let n_bytes = self.d * self.kind.bytes();
        let bytes = &self.bytes[row as usize * n_bytes..][..n_bytes];
        self.kind.widen(bytes, to);
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.bytes.len() / (self.d * self.kind.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_number_is_widened() {
        let numbers: Vec<f32> = (0..1200).map(|i| (i as f32 - 600.0) / 64.0).collect();
        let f32s: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let f16s = numbers.iter().flat_map(|x| f16::from_f32(*x).to_le_bytes());
        let rounded: Vec<f32> = numbers
            .iter()
            .map(|x| bf16::from_f32(*x).to_f32())
            .collect();
        let bf16s = numbers
            .iter()
            .flat_map(|x| bf16::from_f32(*x).to_le_bytes());
        let check = |kind: Kind, bytes: Vec<u8>, expected: &[f32]| {
            let mut widened = vec![0.0; 1200];
            kind.widen(&bytes, &mut widened);
            assert_eq!(widened, expected);
            let table = Table {
                bytes: bytes.into(),
                d: 400,
                kind,
            };
            let mut row = vec![0.0; 400];
            table.read(1, &mut row);
            assert_eq!((table.n_rows(), &row[..]), (3, &expected[400..800]));
        };
        check(Kind::F32, f32s, &numbers);
        check(Kind::F16, f16s.collect(), &numbers);
        check(Kind::Bf16, bf16s.collect(), &rounded);
    }
}
