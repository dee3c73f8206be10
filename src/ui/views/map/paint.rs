//! Draws the map: one mesh for all points, however many.

use egui::epaint::{Mesh, Vertex};
use egui::{
    Align2, Color32, ColorImage, Context, Painter, Pos2, Rect, RichText, Shape, Stroke,
    TextureHandle, TextureId, TextureOptions, Ui, pos2, vec2,
};
use ndarray::Array2;

use super::model::{Camera, ClusterLabel};
use crate::analysis::Projection;
use crate::session::{Clusters, Items, Selection};
use crate::ui::theme::{self, Theme};

/// What is drawn as dots.
pub struct Dots<'a> {
    /// Shape `(n, 2)`.
    pub points: &'a Array2<f32>,
    /// Cluster of each item, once there are clusters.
    pub labels: Option<&'a [Option<usize>]>,
    /// What stands out.
    pub selection: &'a Selection,
}

/// A white disc with a soft edge; tinted for each dot. Circles as shapes would be cut into
/// triangles one by one, which at 100,000 points takes seconds.
pub fn dot_sprite(ctx: &Context) -> TextureHandle {
    const SIDE: usize = 32;
    let middle = SIDE as f32 / 2.0;
    let pixel = |i: usize| {
        let (x, y) = (
            (i % SIDE) as f32 + 0.5 - middle,
            (i / SIDE) as f32 + 0.5 - middle,
        );
        let inside = (middle - 1.0 - x.hypot(y)).clamp(0.0, 1.0);
        Color32::WHITE.gamma_multiply(inside)
    };
    let image = ColorImage::new([SIDE, SIDE], (0..SIDE * SIDE).map(pixel).collect());
    ctx.load_texture("dot", image, TextureOptions::LINEAR)
}

/// Radius that leaves room for the neighbors.
fn dot_radius(n: usize, rect: Rect) -> f32 {
    (rect.size().min_elem() / (n as f32).sqrt() * 0.09).clamp(1.6, 6.0)
}

impl Dots<'_> {
    fn color(&self, theme: Theme, item: usize) -> Color32 {
        match self.labels {
            Some(labels) => theme::label(labels[item]),
            None => theme.secondary,
        }
    }

    fn place(&self, rect: Rect, camera: &Camera, item: usize) -> Pos2 {
        camera.screen_from_data(rect, self.points[[item, 0]], self.points[[item, 1]])
    }
}

/// Draws every point.
pub fn dots(
    painter: &Painter,
    theme: Theme,
    rect: Rect,
    camera: &Camera,
    dots: &Dots<'_>,
    sprite: TextureId,
) {
    let n = dots.points.nrows();
    let radius = dot_radius(n, rect);
    let mut mesh = Mesh::with_texture(sprite);
    mesh.reserve_vertices(4 * n);
    mesh.reserve_triangles(2 * n);
    let seen = rect.expand(radius);
    for item in 0..n {
        let at = dots.place(rect, camera, item);
        if seen.contains(at) {
            quad(
                &mut mesh,
                at,
                radius,
                dots.color(theme, item).gamma_multiply(0.9),
            );
        }
    }
    painter.add(Shape::mesh(mesh));
}

/// Draws the points that stand out once more, over everything else.
pub fn chosen(painter: &Painter, theme: Theme, rect: Rect, camera: &Camera, dots: &Dots<'_>) {
    let n = dots.points.nrows();
    let radius = dot_radius(n, rect);
    let place = |item: usize| dots.place(rect, camera, item);
    let selection = dots.selection;
    let compared = selection
        .compared
        .into_iter()
        .flat_map(|(left, right)| [left, right]);
    for item in compared.filter(|item| *item < n) {
        painter.circle_stroke(place(item), radius + 2.0, Stroke::new(1.0, theme.secondary));
    }
    for (item, width) in [(selection.hovered, 1.5), (selection.selected, 2.5)] {
        let Some(item) = item.filter(|item| *item < n) else {
            continue;
        };
        painter.circle_filled(place(item), radius + 1.5, dots.color(theme, item));
        painter.circle_stroke(place(item), radius + 3.5, Stroke::new(width, theme.accent));
    }
}

fn quad(mesh: &mut Mesh, at: Pos2, radius: f32, color: Color32) {
    let first = mesh.vertices.len() as u32;
    for (x, y) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        mesh.vertices.push(Vertex {
            pos: at + vec2(2.0 * x - 1.0, 2.0 * y - 1.0) * radius,
            uv: pos2(x, y),
            color,
        });
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first + 1, first + 2, first + 3);
}

/// Names of clusters, the largest first; one that would cover another is left out until there is
/// room.
pub fn labels(
    painter: &Painter,
    theme: Theme,
    rect: Rect,
    camera: &Camera,
    labels: &[ClusterLabel],
) {
    let mut taken: Vec<Rect> = Vec::new();
    for label in labels {
        // Above the middle, so that the dots there stay in sight.
        let at = camera.screen_from_data(rect, label.at.0, label.at.1) - vec2(0.0, 18.0);
        let galley = painter.layout_no_wrap(
            label.text.clone(),
            theme::semibold(theme::SECONDARY),
            theme.ink,
        );
        let mut area = Align2::CENTER_CENTER
            .anchor_size(at, galley.size())
            .expand2(vec2(6.0, 2.0));
        if !rect.intersects(area) {
            continue;
        }
        // Kept whole at the edge.
        area = area.translate(vec2(
            (rect.left() + 4.0 - area.left()).max(0.0)
                - (area.right() - rect.right() + 4.0).max(0.0),
            (rect.top() + 4.0 - area.top()).max(0.0)
                - (area.bottom() - rect.bottom() + 4.0).max(0.0),
        ));
        if taken.iter().any(|other| other.intersects(area)) {
            continue;
        }
        taken.push(area);
        painter.rect_filled(area, 6.0, theme.paper.gamma_multiply(0.7));
        painter.galley(area.min + vec2(6.0, 2.0), galley, theme.ink);
    }
}

/// What the axes are.
pub fn caption(painter: &Painter, theme: Theme, rect: Rect, projection: &Projection) {
    let share = |axis: usize| {
        projection
            .variance_shares
            .get(axis)
            .map_or(0.0, |share| share * 100.0)
    };
    let text = format!(
        "PCA · axis 1 holds {:.1} %, axis 2 {:.1} % of the total variance",
        share(0),
        share(1)
    );
    let galley = painter.layout_no_wrap(text, theme::regular(theme::SMALL), theme.secondary);
    let area =
        Align2::LEFT_BOTTOM.anchor_size(rect.left_bottom() + vec2(12.0, -10.0), galley.size());
    painter.rect_filled(area.expand(3.0), 3.0, theme.paper.gamma_multiply(0.82));
    painter.galley(area.min, galley, theme.secondary);
}

/// Title, cluster and first lines of an item.
pub fn tooltip(
    ui: &mut Ui,
    theme: Theme,
    items: Items<'_>,
    clusters: Option<&Clusters>,
    item: usize,
) {
    ui.set_max_width(340.0);
    ui.label(RichText::new(items.title(item)).font(theme::semibold(theme::BODY)));
    if let Some(clusters) = clusters {
        let name = clusters.label(clusters.clustering.labels[item]);
        ui.label(
            RichText::new(name)
                .size(theme::SECONDARY)
                .color(theme.secondary),
        );
    }
    ui.label(
        RichText::new(first_lines(items.text(item), &items.title(item))).size(theme::SECONDARY),
    );
}

/// The beginning of a text without its title.
fn first_lines(text: &str, title: &str) -> String {
    const MAX_CHARS: usize = 200;
    let body = text.trim_start().strip_prefix(title).unwrap_or(text);
    let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}
