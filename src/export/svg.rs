//! The map as a picture that scales, with a legend.

use std::fmt::Write as _;

use super::escape::escaped;
use super::layout::{
    HEIGHT, LEGEND_RADIUS, MARGIN, OPACITY, PAPER, WIDTH, legend, legend_dot, placement, radius,
};
use super::palette::{Rgb, hex, label_color};
use crate::analysis::Projection;
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
    line(dots(items, projection, clusters, true));
    let legend = legend(clusters);
    let noise_row = (clusters.clustering.n_noise() > 0).then(|| legend.len() - 1);
    for (row, (color, name)) in legend.into_iter().enumerate() {
        let (x, y) = legend_dot(row);
        let look = look(color, 1.0, noise_row == Some(row));
        line(format!(
            r#"<circle cx="{x}" cy="{y}" r="{LEGEND_RADIUS}" {look}/>"#
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

/// A dot per item where [`placement`] puts it, `with_titles` as tooltips; hollow for what is in no
/// cluster.
pub fn dots(
    items: Items<'_>,
    projection: &Projection,
    clusters: &Clusters,
    with_titles: bool,
) -> String {
    let place = placement(projection);
    let radius = radius(items.n());
    let dot = |(item, label): (usize, &Option<usize>)| {
        let (x, y) = place(item);
        let look = look(label_color(*label), OPACITY, label.is_none());
        let title = if with_titles {
            format!("<title>{}</title>", escaped(&items.title(item)))
        } else {
            String::new()
        };
        format!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" {look}>{title}</circle>"#)
    };
    let labels = clusters.clustering.labels.iter().enumerate();
    labels.map(dot).collect::<Vec<_>>().join("\n")
}

fn look(color: Rgb, opacity: f32, is_hollow: bool) -> String {
    let color = hex(color);
    if is_hollow {
        // Filled with nothing, not unfilled: the tooltip is for the inside too.
        format!(r#"fill="{color}" fill-opacity="0" stroke="{color}""#)
    } else {
        format!(r#"fill="{color}" fill-opacity="{opacity}""#)
    }
}
