//! Memory that begins at a cache line, so that no vector is torn between two.

use std::ops::{Deref, DerefMut};

const LINE_BYTES: usize = 64;

/// Like a boxed slice, aligned to 64 bytes.
#[derive(Debug)]
pub struct Buffer<T> {
    data: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Copy + Default> Buffer<T> {
    /// `len` zeros.
    pub fn new(len: usize) -> Self {
        let data = vec![T::default(); len + LINE_BYTES / size_of::<T>()];
        let start = data.as_ptr().align_offset(LINE_BYTES);
        assert!(
            start + len <= data.len(),
            "a vector's memory can be aligned"
        );
        Self { data, start, len }
    }

    /// Grows to at least `len`; the numbers are then zero.
    pub fn fit(&mut self, len: usize) {
        if self.len < len {
            *self = Self::new(len);
        }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.data[self.start..self.start + self.len]
    }
}

impl<T> DerefMut for Buffer<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[self.start..self.start + self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_at_a_line_and_moves_without_losing_that() {
        for len in [0, 1, 31, 1000] {
            let moved = Box::new(Buffer::<u16>::new(len));
            assert_eq!(
                (moved.as_ptr() as usize % LINE_BYTES, moved.len()),
                (0, len)
            );
        }
    }
}
