//! The map as pixels, for places that take no SVG.
//!
//! The legend shows colors only, in the order of clusters.csv: no part of the program that runs
//! without a window can draw letters. The names stand in the SVG.

use super::layout::{
    HEIGHT, LEGEND_RADIUS, OPACITY, PAPER, WIDTH, legend, legend_dot, placement, radius,
};
use super::palette::label_color;
use super::pixels::Canvas;
use crate::analysis::Projection;
use crate::session::{Clusters, Items};

/// Pixels for each unit of the layout.
const SCALE: f32 = 2.0;

/// A dot per item in the color of its cluster, and the colors of the clusters; 2400 × 1600 pixels.
pub fn map(items: Items<'_>, projection: &Projection, clusters: &Clusters) -> Vec<u8> {
    let mut canvas = Canvas::new((WIDTH * SCALE) as usize, (HEIGHT * SCALE) as usize, PAPER);
    let scaled = |(x, y): (f32, f32)| (x * SCALE, y * SCALE);
    let place = placement(projection);
    let radius = radius(items.n()) * SCALE;
    for (item, label) in clusters.clustering.labels.iter().enumerate() {
        canvas.disc(scaled(place(item)), radius, label_color(*label), OPACITY);
    }
    for (row, (color, _)) in legend(clusters).into_iter().enumerate() {
        canvas.disc(scaled(legend_dot(row)), LEGEND_RADIUS * SCALE, color, 1.0);
    }
    canvas.into_png()
}
