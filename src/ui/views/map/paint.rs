//! Draws the map: one shape for all points, however many.

use std::sync::Arc;

use egui::epaint::{Mesh, Vertex};
use egui::{
    Align2, Color32, ColorImage, Context, Galley, Painter, Pos2, Rect, RichText, Stroke,
    TextureHandle, TextureId, TextureOptions, Ui, Vec2, pos2, vec2,
};
use ndarray::Array2;

use super::canvas::{Part, Tint};
use super::coloring::{Legend, Shade};
use super::contours::{Isoline, LEVELS};
use super::model::{Camera, ClusterLabel, DotSize};
use super::threads::each;
use crate::analysis::{Neighbor, PointQuality};
use crate::message::grouped;
use crate::session::{Added, Clusters, ItemSet, Items, Selection, SemanticAxes};
use crate::ui::theme::{self, Theme};

/// What is drawn as dots.
pub struct Dots<'a> {
    /// Shape `(n, 2)` or wider; the first two axes are drawn.
    pub points: &'a Array2<f32>,
    /// Cluster of each item, once there are clusters.
    pub labels: Option<&'a [Option<usize>]>,
    /// How well the map keeps each item's neighbors, in place of clusters.
    pub hidden: Option<&'a [PointQuality]>,
    /// Colors by a column, in place of clusters.
    pub shades: Option<&'a [Shade]>,
    /// Items that pass the filters; `None` if all do.
    pub passing: Option<&'a ItemSet>,
    /// How near each point of a map of three axes is, 0 to 1.
    pub nearness: Option<&'a [f32]>,
    /// What a search found first, before which all else pales; `None` without such a search.
    pub lit: Option<&'a ItemSet>,
    /// What stands out.
    pub selection: &'a Selection,
    /// How large, and how opaque.
    pub size: DotSize,
}

/// Pixels of a sprite's side.
const SIDE: usize = 32;

/// A white disc and beside it a white ring, with soft edges; tinted for each dot. Circles as shapes
/// would be cut into triangles one by one, which at 100,000 points takes seconds.
pub fn dot_sprite(ctx: &Context) -> TextureHandle {
    let middle = SIDE as f32 / 2.0;
    let pixel = |i: usize| {
        let (x, y) = (i % (2 * SIDE), i / (2 * SIDE));
        let is_ring = x >= SIDE;
        let from_middle = ((x % SIDE) as f32 + 0.5 - middle).hypot(y as f32 + 0.5 - middle);
        let disc = (middle - 1.0 - from_middle).clamp(0.0, 1.0);
        let hole = (middle - 6.0 - from_middle).clamp(0.0, 1.0);
        Color32::WHITE.gamma_multiply(if is_ring { disc - hole } else { disc })
    };
    let image = ColorImage::new([2 * SIDE, SIDE], (0..2 * SIDE * SIDE).map(pixel).collect());
    ctx.load_texture("dot", image, TextureOptions::LINEAR)
}

impl Dots<'_> {
    /// Whether a point stays behind: it does not pass the filters, or others are chosen.
    fn is_aside(&self, item: usize) -> bool {
        let chosen = &self.selection.chosen;
        let passes = self.passing.is_none_or(|passing| passing.contains(item));
        !passes || (!chosen.is_empty() && !chosen.contains(item))
    }

    fn color(&self, theme: Theme, item: usize) -> Color32 {
        let mut color = self.own_color(theme, item);
        if self.lit.is_some_and(|lit| !lit.contains(item)) {
            color = theme.unlit(color);
        }
        match self.nearness {
            Some(nearness) => theme.at_depth(color, nearness[item]),
            None => color,
        }
    }

    /// Before how near it is, and what is searched for, are looked at.
    fn own_color(&self, theme: Theme, item: usize) -> Color32 {
        if self.is_aside(item) {
            return theme.aside();
        }
        if let Some(shades) = self.shades {
            return shade(theme, shades[item]);
        }
        match (self.hidden, self.labels) {
            (Some(hidden), _) => theme.hidden(1.0 - hidden[item].overlap),
            (None, Some(labels)) => theme::label(labels[item]),
            (None, None) => theme.secondary,
        }
    }

    /// Noise is hollow: it is in no cluster.
    fn is_hollow(&self, item: usize) -> bool {
        if let Some(shades) = self.shades {
            return shades[item] == Shade::Missing;
        }
        self.hidden.is_none() && self.labels.is_some_and(|labels| labels[item].is_none())
    }

    /// How each of some items is drawn.
    pub fn tints(&self, theme: Theme, items: &[u32]) -> Vec<Tint> {
        // In their own order first, as what the colors come from lies in memory: to look it up at
        // random takes longer than to look up the finished tints.
        let own = each(self.points.nrows(), |item| {
            let [r, g, b, _] = self.color(theme, item).to_array();
            Tint {
                rgb: [r, g, b],
                is_hollow: self.is_hollow(item),
            }
        });
        each(items.len(), |place| own[items[place] as usize])
    }

    /// What is near is larger.
    fn radius(&self, item: usize) -> f32 {
        let radius = self.size.radius;
        self.nearness
            .map_or(radius, |nearness| radius * (0.7 + 0.6 * nearness[item]))
    }

    /// The farthest first, so that what is near covers it.
    pub fn sort_by_depth(&self, items: &mut [u32]) {
        if let Some(nearness) = self.nearness {
            let near = |item: &u32| nearness[*item as usize];
            items.sort_by(|a, b| near(a).total_cmp(&near(b)));
        }
    }

    fn place(&self, rect: Rect, camera: &Camera, item: usize) -> Pos2 {
        camera.screen_from_data(rect, self.points[[item, 0]], self.points[[item, 1]])
    }
}

/// A quad for each of some items that is in view.
pub fn mesh(
    theme: Theme,
    rect: Rect,
    camera: &Camera,
    dots: &Dots<'_>,
    items: &[u32],
    sprite: TextureId,
) -> Mesh {
    let opacity = dots.size.opacity;
    let mut mesh = Mesh::with_texture(sprite);
    mesh.reserve_vertices(4 * items.len());
    mesh.reserve_triangles(2 * items.len());
    let seen = rect.expand(2.0 * dots.size.radius);
    for item in items {
        let item = *item as usize;
        let at = dots.place(rect, camera, item);
        if seen.contains(at) {
            let color = dots.color(theme, item).gamma_multiply(opacity);
            quad(
                &mut mesh,
                at,
                dots.radius(item),
                color,
                dots.is_hollow(item),
            );
        }
    }
    mesh
}

/// Some parts of a picture of so many pixels that has its place on the screen.
pub fn picture(texture: TextureId, place: Rect, size: [usize; 2], parts: &[Part]) -> Mesh {
    let mut mesh = Mesh::with_texture(texture);
    let share = |x: usize, y: usize| vec2(x as f32 / size[0] as f32, y as f32 / size[1] as f32);
    for (columns, rows) in parts {
        let (min, max) = (
            share(columns.start, rows.start),
            share(columns.end, rows.end),
        );
        let on_screen = |share: Vec2| place.min + share * place.size();
        let part = Rect::from_min_max(on_screen(min), on_screen(max));
        let of_picture = Rect::from_min_max(min.to_pos2(), max.to_pos2());
        mesh.add_rect_with_uv(part, of_picture, Color32::WHITE);
    }
    mesh
}

/// Draws the points that stand out once more, over everything else.
pub fn chosen(painter: &Painter, theme: Theme, rect: Rect, camera: &Camera, dots: &Dots<'_>) {
    let n = dots.points.nrows();
    let radius = dots.size.radius;
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

fn shade(theme: Theme, shade: Shade) -> Color32 {
    match shade {
        Shade::Group(group) => theme::group(group),
        Shade::Score(value) => theme.hidden(value),
        Shade::Difference(value) => theme.difference(value),
        Shade::Missing => theme.aside(),
    }
}

/// What the colors mean while they show a column, in the corner.
pub fn legend(painter: &Painter, theme: Theme, rect: Rect, name: &str, legend: &Legend) {
    const LINE: f32 = 18.0;
    const WIDTH: f32 = 184.0;
    let lines: Vec<(Color32, String)> = match legend {
        Legend::Groups(groups) => groups
            .iter()
            .enumerate()
            .map(|(group, (name, n))| (theme::group(group), format!("{name}  {}", grouped(*n))))
            .collect(),
        Legend::Range(low, high) => vec![
            (theme.hidden(1.0), high.clone()),
            (theme.hidden(0.5), "…".into()),
            (theme.hidden(0.0), low.clone()),
        ],
        Legend::Differences(low, middle, high) => vec![
            (theme.difference(1.0), high.clone()),
            (theme.difference(0.0), middle.clone()),
            (theme.difference(-1.0), low.clone()),
        ],
        Legend::Nothing(why) => vec![(theme.aside(), (*why).to_owned())],
    };
    let size = vec2(WIDTH, LINE * (lines.len() + 1) as f32 + 12.0);
    let corner = rect.right_top() + vec2(-WIDTH - 12.0, 12.0);
    let area = Rect::from_min_size(corner, size);
    painter.rect_filled(area, 10.0, theme.panel.gamma_multiply(0.92));
    let painter = painter.with_clip_rect(area.shrink2(vec2(4.0, 0.0)));
    let at = |line: usize| area.min + vec2(12.0, 6.0 + LINE * (line as f32 + 0.5));
    let title = theme::semibold(theme::SMALL);
    painter.text(at(0), Align2::LEFT_CENTER, name, title, theme.secondary);
    for (line, (color, text)) in lines.into_iter().enumerate() {
        let at = at(line + 1);
        painter.circle_filled(at + vec2(4.0, 0.0), 4.0, color);
        let font = theme::regular(theme::SECONDARY);
        painter.text(
            at + vec2(16.0, 0.0),
            Align2::LEFT_CENTER,
            text,
            font,
            theme.ink,
        );
    }
}

/// Around the map while the keys are its own.
pub fn focus_ring(painter: &Painter, theme: Theme, rect: Rect) {
    let ring = Stroke::new(1.5, theme.accent);
    painter.rect_stroke(rect.shrink(1.0), 0.0, ring, egui::StrokeKind::Inside);
}

/// What is being drawn around points.
pub fn outline(painter: &Painter, theme: Theme, corners: Vec<Pos2>) {
    let line = Stroke::new(1.5, theme.accent);
    painter.add(egui::Shape::closed_line(corners, line));
}

/// Rings around items that came to a frozen map and do not fit it.
pub fn misfits(
    painter: &Painter,
    theme: Theme,
    rect: Rect,
    camera: &Camera,
    dots: &Dots<'_>,
    added: &[Added],
) {
    let radius = dots.size.radius;
    for misfit in added.iter().filter(|added| added.is_misfit) {
        let at = dots.place(rect, camera, misfit.item);
        painter.circle_stroke(at, radius + 3.0, Stroke::new(1.5, theme.warning));
    }
}

/// Rings around what a search found first.
pub fn lit(painter: &Painter, theme: Theme, rect: Rect, camera: &Camera, dots: &Dots<'_>) {
    let n = dots.points.nrows();
    let lit = dots.lit.into_iter().flat_map(ItemSet::iter);
    for item in lit.filter(|item| *item < n) {
        let at = dots.place(rect, camera, item);
        let line = Stroke::new(1.5, theme.ink);
        painter.circle(at, dots.size.radius + 2.0, dots.color(theme, item), line);
    }
}

/// Lines of equal density, the inner ones stronger.
pub fn contours(painter: &Painter, theme: Theme, rect: Rect, camera: &Camera, lines: &[Isoline]) {
    for line in lines {
        let strength = 0.3 + 0.5 * line.level as f32 / LEVELS.len() as f32;
        let stroke = Stroke::new(1.0, theme.secondary.gamma_multiply(strength));
        for piece in &line.pieces {
            let ends = piece.map(|end| camera.screen_from_data(rect, end.x, end.y));
            if rect.intersects(Rect::from_two_pos(ends[0], ends[1]).expand(1.0)) {
                painter.line_segment(ends, stroke);
            }
        }
    }
}

/// Lines from an item to those that are nearest to it in truth, and those once more at their ends.
pub fn true_neighbors(
    painter: &Painter,
    theme: Theme,
    rect: Rect,
    camera: &Camera,
    dots: &Dots<'_>,
    (item, neighbors): (usize, &[Neighbor]),
) {
    let radius = dots.size.radius;
    let from = dots.place(rect, camera, item);
    let ends = || neighbors.iter().map(|neighbor| neighbor.item);
    let line = Stroke::new(1.0, theme.ink.gamma_multiply(0.7));
    for end in ends() {
        painter.line_segment([from, dots.place(rect, camera, end)], line);
    }
    for end in ends() {
        let at = dots.place(rect, camera, end);
        painter.circle(at, radius + 1.0, dots.color(theme, end), line);
    }
}

fn quad(mesh: &mut Mesh, at: Pos2, radius: f32, color: Color32, is_hollow: bool) {
    let first = mesh.vertices.len() as u32;
    let left = if is_hollow { 0.5 } else { 0.0 };
    for (x, y) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        mesh.vertices.push(Vertex {
            pos: at + vec2(2.0 * x - 1.0, 2.0 * y - 1.0) * radius,
            uv: pos2(left + 0.5 * x, y),
            color,
        });
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first + 1, first + 2, first + 3);
}

/// Names of clusters, the largest first, and of their parts; one that would cover another is left out until there is
/// room.
pub fn labels<'a>(
    painter: &Painter,
    theme: Theme,
    rect: Rect,
    camera: &Camera,
    labels: impl Iterator<Item = &'a ClusterLabel>,
) {
    let mut taken: Vec<Rect> = Vec::new();
    for label in labels {
        // Above the middle, so that the dots there stay in sight.
        let at = camera.screen_from_data(rect, label.at.0, label.at.1) - vec2(0.0, 18.0);
        let (font, color) = match label.part_of {
            None => (theme::semibold(theme::SECONDARY), theme.ink),
            Some(_) => (theme::regular(theme::SECONDARY), theme.secondary),
        };
        let galley = painter.layout_no_wrap(label.text.clone(), font, color);
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
        haloed(painter, theme, area.min + vec2(6.0, 2.0), &galley);
    }
}

/// Text that can be read over dots: its letters have a rim of the paper's color. A plate behind the
/// text would cut dots in two.
fn haloed(painter: &Painter, theme: Theme, at: Pos2, galley: &Arc<Galley>) {
    const RIM: f32 = 1.5;
    const DIAGONAL: f32 = RIM * std::f32::consts::FRAC_1_SQRT_2;
    for (x, y) in [
        (RIM, 0.0),
        (-RIM, 0.0),
        (0.0, RIM),
        (0.0, -RIM),
        (DIAGONAL, DIAGONAL),
        (-DIAGONAL, DIAGONAL),
        (DIAGONAL, -DIAGONAL),
        (-DIAGONAL, -DIAGONAL),
    ] {
        let galley = Arc::clone(galley);
        painter.galley_with_override_text_color(at + vec2(x, y), galley, theme.paper);
    }
    painter.galley(at, Arc::clone(galley), theme.ink);
}

/// A line of small text in a corner, over whatever lies there.
pub fn caption(painter: &Painter, theme: Theme, rect: Rect, text: String) {
    let wrap_width = (rect.width() - 24.0).max(80.0);
    let galley = painter.layout(
        text,
        theme::regular(theme::SMALL),
        theme.secondary,
        wrap_width,
    );
    let area =
        Align2::LEFT_BOTTOM.anchor_size(rect.left_bottom() + vec2(12.0, -10.0), galley.size());
    haloed(painter, theme, area.min, &galley);
}

/// What the colors mean while they tell what the map hides.
pub fn scale(painter: &Painter, theme: Theme, rect: Rect) {
    const STEPS: usize = 40;
    let font = theme::regular(theme::SMALL);
    let right = pos2(rect.right() - 12.0, rect.top() + 14.0);
    let shown = painter.text(
        right,
        Align2::RIGHT_CENTER,
        "none",
        font.clone(),
        theme.secondary,
    );
    let bar = Rect::from_min_size(
        pos2(shown.left() - 6.0 - 2.0 * STEPS as f32, right.y - 4.0),
        vec2(2.0 * STEPS as f32, 8.0),
    );
    for step in 0..STEPS {
        let part = Rect::from_min_size(
            pos2(bar.left() + 2.0 * step as f32, bar.top()),
            vec2(2.0, bar.height()),
        );
        painter.rect_filled(part, 0.0, theme.hidden(step as f32 / (STEPS - 1) as f32));
    }
    let left = pos2(bar.left() - 6.0, right.y);
    let text = "its nearest lie near   all";
    painter.text(left, Align2::RIGHT_CENTER, text, font, theme.secondary);
}

/// The texts at the ends of axes of meaning.
pub fn poles(painter: &Painter, theme: Theme, rect: Rect, axes: &SemanticAxes) {
    let mut ends = vec![
        (
            rect.left_center() + vec2(12.0, 0.0),
            Align2::LEFT_CENTER,
            format!("← {}", axes.across.from),
        ),
        (
            rect.right_center() - vec2(12.0, 0.0),
            Align2::RIGHT_CENTER,
            format!("{} →", axes.across.to),
        ),
    ];
    if let Some(up) = &axes.up {
        ends.push((
            rect.center_top() + vec2(0.0, 12.0),
            Align2::CENTER_TOP,
            format!("↑ {}", up.to),
        ));
        let bottom = rect.center_bottom() - vec2(0.0, 32.0);
        ends.push((bottom, Align2::CENTER_BOTTOM, format!("↓ {}", up.from)));
    }
    for (at, align, text) in ends {
        let galley = painter.layout(
            text,
            theme::semibold(theme::SECONDARY),
            theme.secondary,
            rect.width() * 0.3,
        );
        let area = align.anchor_size(at, galley.size());
        haloed(painter, theme, area.min, &galley);
    }
}

/// Title, cluster and first lines of an item, and what the map says or hides about it.
pub fn tooltip(
    ui: &mut Ui,
    theme: Theme,
    items: Items<'_>,
    clusters: Option<&Clusters>,
    item: usize,
    about_map: &[String],
) {
    ui.set_max_width(340.0);
    ui.label(RichText::new(items.title(item)).font(theme::semibold(theme::BODY)));
    let secondary = |text: &str| {
        RichText::new(text)
            .size(theme::SECONDARY)
            .color(theme.secondary)
    };
    if let Some(clusters) = clusters {
        ui.label(secondary(&clusters.label(clusters.clustering.labels[item])));
    }
    for line in about_map {
        ui.label(secondary(line));
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
