//! The map as a picture that scales, with a legend.

use std::fmt::Write as _;

use super::layout::{
    HEIGHT, LEGEND_RADIUS, MARGIN, OPACITY, PAPER, WIDTH, legend, legend_dot, placement, radius,
};
use super::palette::{Rgb, label_color};
use crate::session::{Clusters, DocumentMap, Items};

/// A dot per item with its title as tooltip, a legend of clusters, and the shares of the
/// variance where axes have them.
pub fn map(items: Items<'_>, map: &DocumentMap, clusters: &Clusters) -> String {
    let projection = &map.projection;
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="13">"#
    ));
    line(format!(
        r#"<rect width="{WIDTH}" height="{HEIGHT}" fill="{}"/>"#,
        hex(PAPER)
    ));
    let place = placement(projection);
    let radius = radius(items.n());
    for item in 0..items.n() {
        let (x, y) = place(item);
        let color = hex(label_color(clusters.clustering.labels[item]));
        let title = escaped(&items.title(item));
        line(format!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{color}" fill-opacity="{OPACITY}"><title>{title}</title></circle>"#
        ));
    }
    for (row, (color, name)) in legend(clusters).into_iter().enumerate() {
        let (x, y) = legend_dot(row);
        line(format!(
            r#"<circle cx="{x}" cy="{y}" r="{LEGEND_RADIUS}" fill="{}"/>"#,
            hex(color)
        ));
        line(format!(
            r##"<text x="{}" y="{}" fill="#1c1e21">{}</text>"##,
            x + 14.0,
            y + 4.5,
            escaped(&name)
        ));
    }
    let shares = match projection.variance_shares[..] {
        [first, second, ..] => format!(
            " · axis 1: {:.1} % of the variance, axis 2: {:.1} %",
            first * 100.0,
            second * 100.0
        ),
        _ => String::new(),
    };
    line(format!(
        r##"<text x="{MARGIN}" y="{}" fill="#5f6368">{}{shares}</text>"##,
        HEIGHT - 12.0,
        map.rule.name()
    ));
    let _ = write!(out, "</svg>");
    out
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
