//! Where things stand on an exported map, be it drawn as lines of SVG or as pixels.

use super::palette::{N_GROUP_COLORS, Rgb, group_color};
use crate::analysis::Projection;
use crate::session::Clusters;

pub const WIDTH: f32 = 1200.0;
pub const HEIGHT: f32 = 800.0;
pub const MARGIN: f32 = 40.0;
/// Room for the legend at the right.
pub const LEGEND: f32 = 300.0;
/// From one line of the legend to the next.
pub const LEGEND_STEP: f32 = 24.0;
/// Of the dots in the legend.
pub const LEGEND_RADIUS: f32 = 5.0;
/// How much of what lies below a dot it covers.
pub const OPACITY: f32 = 0.85;
/// The paper.
pub const PAPER: Rgb = [0xfa, 0xfa, 0xf8];

/// Radius of a dot, smaller where there are many.
pub fn radius(n_items: usize) -> f32 {
    (160.0 / (n_items as f32).sqrt()).clamp(1.5, 6.0)
}

/// Where an item goes: both axes at the same scale, so that distances can be compared.
pub fn placement(projection: &Projection) -> impl Fn(usize) -> (f32, f32) + '_ {
    let bounds = |axis: usize| {
        let values = projection.points.column(axis);
        values
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| {
                (low.min(*x), high.max(*x))
            })
    };
    let ((x_low, x_high), (y_low, y_high)) = (bounds(0), bounds(1));
    let (width, height) = (WIDTH - LEGEND - 2.0 * MARGIN, HEIGHT - 2.0 * MARGIN);
    let scale = (width / (x_high - x_low).max(1e-6)).min(height / (y_high - y_low).max(1e-6));
    let (x_middle, y_middle) = (f32::midpoint(x_low, x_high), f32::midpoint(y_low, y_high));
    move |item| {
        let (x, y) = (projection.points[[item, 0]], projection.points[[item, 1]]);
        (
            MARGIN + width / 2.0 + (x - x_middle) * scale,
            MARGIN + height / 2.0 - (y - y_middle) * scale,
        )
    }
}

/// Center of the dot in a line of the legend.
pub fn legend_dot(row: usize) -> (f32, f32) {
    (WIDTH - LEGEND + 16.0, MARGIN + LEGEND_STEP * row as f32)
}

/// Color and name of every group that is told apart.
pub fn legend(clusters: &Clusters) -> Vec<(Rgb, String)> {
    let members = clusters.clustering.members();
    let named = members.iter().enumerate().take(N_GROUP_COLORS);
    let mut rows: Vec<(Rgb, String)> = named
        .map(|(cluster, members)| {
            (
                group_color(cluster),
                format!("{} ({})", clusters.name(cluster), members.len()),
            )
        })
        .collect();
    let n_other: usize = members.iter().skip(N_GROUP_COLORS).map(Vec::len).sum();
    if n_other > 0 {
        rows.push((group_color(N_GROUP_COLORS), format!("other ({n_other})")));
    }
    let n_noise = clusters
        .clustering
        .labels
        .iter()
        .filter(|label| label.is_none())
        .count();
    if n_noise > 0 {
        let color = super::palette::label_color(None);
        rows.push((color, format!("in no cluster ({n_noise})")));
    }
    rows
}
