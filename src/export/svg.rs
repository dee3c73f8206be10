//! The map as a picture that scales, with a legend.

use std::fmt::Write as _;

use super::palette::{N_GROUP_COLORS, Rgb, group_color, label_color};
use crate::analysis::Projection;
use crate::session::{Clusters, Items};

const WIDTH: f32 = 1200.0;
const HEIGHT: f32 = 800.0;
const MARGIN: f32 = 40.0;
const LEGEND: f32 = 300.0;

/// A dot per item with its title as tooltip, axes named by their share of the variance, and a
/// legend of clusters.
pub fn map(items: Items<'_>, projection: &Projection, clusters: &Clusters) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="13">"#
    ));
    line(format!(
        r##"<rect width="{WIDTH}" height="{HEIGHT}" fill="#fafaf8"/>"##
    ));
    let place = placement(projection);
    let radius = (160.0 / (items.n() as f32).sqrt()).clamp(1.5, 6.0);
    for item in 0..items.n() {
        let (x, y) = place(item);
        let color = hex(label_color(clusters.clustering.labels[item]));
        let title = escaped(&items.title(item));
        line(format!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{color}" fill-opacity="0.85"><title>{title}</title></circle>"#
        ));
    }
    for (row, (color, name)) in legend(clusters).into_iter().enumerate() {
        let y = MARGIN + 24.0 * row as f32;
        let x = WIDTH - LEGEND + 16.0;
        line(format!(
            r#"<circle cx="{x}" cy="{y}" r="5" fill="{}"/>"#,
            hex(color)
        ));
        line(format!(
            r##"<text x="{}" y="{}" fill="#1c1e21">{}</text>"##,
            x + 14.0,
            y + 4.5,
            escaped(&name)
        ));
    }
    let percent = |axis: usize| projection.variance_shares[axis] * 100.0;
    line(format!(
        r##"<text x="{MARGIN}" y="{}" fill="#5f6368">axis 1: {:.1} % of the variance, axis 2: {:.1} %</text>"##,
        HEIGHT - 12.0,
        percent(0),
        percent(1)
    ));
    let _ = write!(out, "</svg>");
    out
}

/// Where an item goes: both axes at the same scale, so that distances can be compared.
fn placement(projection: &Projection) -> impl Fn(usize) -> (f32, f32) + '_ {
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

fn legend(clusters: &Clusters) -> Vec<(Rgb, String)> {
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
    rows
}

fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable
        .collect::<String>()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
