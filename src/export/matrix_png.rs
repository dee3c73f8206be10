//! The matrix as a picture: one pixel per cell, bright where texts are near.

use super::palette::sequential_color;
use super::pixels::encoded;
use crate::session::MatrixOrder;

/// Pixels a side at most; larger matrices are shown as block means.
const MAX_SIDE: usize = 2048;
/// Small matrices get larger cells, up to this many pixels a side.
const MIN_SIDE: usize = 600;

/// A PNG of the ordered matrix, colored over the range of its cells. One white pixel stands for a
/// matrix without rows.
pub fn matrix(order: &MatrixOrder) -> Vec<u8> {
    let n = order.order.len();
    let tile = order.pyramid.tile(0..n, 0..n, MAX_SIDE);
    let (low, high) = tile.color_range();
    let cells = tile.cells.nrows();
    let zoom = (MIN_SIDE / cells.max(1)).max(1);
    let side = (cells * zoom).max(1);
    let mut pixels = vec![255; side * side * 3];
    for (at, pixel) in pixels.chunks_exact_mut(3).enumerate().filter(|_| cells > 0) {
        let cell = tile.cells[[at / side / zoom, at % side / zoom]];
        pixel.copy_from_slice(&sequential_color((cell - low) / (high - low), true));
    }
    encoded(side, side, &pixels)
}
