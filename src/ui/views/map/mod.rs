//! The map: a point for every item, near where its like are.

mod axes;
mod bench;
mod canvas;
mod coloring;
mod density;
mod discs;
mod index;
mod lasso;
pub(super) mod layer;
pub(super) mod model;
pub(super) mod paint;
mod strip;
pub(super) mod words;

pub use bench::MapBench;

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use egui::{Key, Modifiers, Painter, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::widgets;
use super::View;
use crate::session::{Clusters, Column, Combine, Command, DocumentMap, Items, MapKey, Stage};
use coloring::Coloring;
use lasso::{Outline, Tool, toward};
use layer::{Colors, DotLayer};
use model::{Camera, ClusterLabel, Manner, Scene};
use strip::Strip;

/// Where the camera is, and what is remembered between frames.
#[derive(Clone, Default)]
pub struct MapView {
    strip: Strip,
    /// `None` shows everything; set by zooming and panning.
    camera: Option<(Scene, Camera)>,
    bounds: Memo<MapKey, Rect>,
    labels: Memo<(MapKey, Option<u64>), Vec<ClusterLabel>>,
    coloring: Memo<(Column, Option<u64>, Option<u64>), Arc<Coloring>>,
    layer: DotLayer<MapKey>,
    /// What is being drawn around points.
    outline: Option<Outline>,
}

impl MapView {
    /// Draws the map with its controls and takes clicks.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let (Some(items), Some((key, map))) = (ctx.session.items(), ctx.session.map()) else {
            widgets::empty_state(ui, ctx.theme, "Being drawn", "The map is being worked out.");
            return;
        };
        self.strip.ui(ui, ctx, &map);
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let n = items.n();
        response
            .widget_info(|| WidgetInfo::labeled(Role::Canvas, true, format!("Map of {n} items")));
        let camera = self.camera(ui, ctx, items, (key, &map), (rect, &response));

        let hovered = response.hover_pos().and_then(|at| {
            let points = (key, &map.projection.points);
            self.layer.nearest(points, &camera, rect, at, model::REACH)
        });
        if response.contains_pointer()
            && hovered.is_none()
            && ctx.session.selection.hovered.is_some()
        {
            ctx.send(Command::Hover(None));
        }
        self.choose(ui, ctx, &camera, &map, (rect, &response));
        walk(ui, ctx, &map);
        self.paint(&ui.painter_at(rect), ctx, rect, &camera, (key, &map));

        if let Some(item) = hovered {
            ctx.pick(item, &response);
            let about_map = self.about_map(ctx, &map, item);
            let clusters = ctx.session.clusters().map(|clusters| &**clusters);
            response.on_hover_ui_at_pointer(|ui| {
                paint::tooltip(ui, ctx.theme, items, clusters, item, &about_map);
            });
        } else if response.clicked() {
            ctx.send(Command::Select(None));
        }
    }

    /// Where to look from, after what the mouse did.
    fn camera(
        &mut self,
        ui: &Ui,
        ctx: &ViewCtx<'_>,
        items: Items<'_>,
        (key, map): (MapKey, &DocumentMap),
        (rect, response): (Rect, &Response),
    ) -> Camera {
        let is_frozen = ctx.session.is_frozen();
        let scene = Scene {
            rule: map.rule.clone(),
            level: items.level(),
            items: ctx
                .session
                .revision(Stage::Embedding)
                .filter(|_| !is_frozen),
        };
        let bounds = self
            .bounds
            .get(key, || model::bounds(&map.projection.points));
        let mut camera = match &self.camera {
            Some((of, camera)) if of.is_still(&scene) => *camera,
            _ => Camera::around(*bounds, rect.shrink(32.0)),
        };
        let pans = self.outline.is_none() && self.tool(ui) == Tool::Pan;
        if steer(ui, response, &mut camera, pans) {
            self.camera = Some((scene, camera));
        }
        if response.double_clicked() && ctx.session.selection.hovered.is_none() {
            self.camera = None;
        }
        camera
    }

    /// What a drag does now: what is set, or with Shift or Alt a lasso.
    fn tool(&self, ui: &Ui) -> Tool {
        let modifiers = ui.input(|input| input.modifiers);
        match self.strip.tool {
            Tool::Pan if modifiers.shift || modifiers.alt => Tool::Lasso,
            tool => tool,
        }
    }

    /// Draws around points, and chooses those inside when the mouse lets go.
    fn choose(
        &mut self,
        ui: &Ui,
        ctx: &mut ViewCtx<'_>,
        camera: &Camera,
        map: &DocumentMap,
        (rect, response): (Rect, &Response),
    ) {
        let tool = self.tool(ui);
        if response.drag_started() && tool != Tool::Pan {
            let start = ui.input(|input| input.pointer.press_origin());
            self.outline = start.map(|at| Outline::new(tool, at));
        }
        let Some(outline) = &mut self.outline else {
            return;
        };
        if let Some(at) = ui.input(|input| input.pointer.interact_pos()) {
            outline.extend(at);
        }
        if response.drag_stopped() || !ui.input(|input| input.pointer.any_down()) {
            let modifiers = ui.input(|input| input.modifiers);
            let how = if modifiers.alt {
                Combine::Subtract
            } else if modifiers.shift {
                Combine::Add
            } else {
                Combine::Replace
            };
            let inside = outline.inside(&map.projection.points, camera, rect);
            let passing = inside.into_iter().filter(|item| ctx.session.passes(*item));
            ctx.send(Command::Choose(passing.collect(), how));
            self.outline = None;
        }
    }

    fn paint(
        &mut self,
        painter: &Painter,
        ctx: &ViewCtx<'_>,
        rect: Rect,
        camera: &Camera,
        (key, map): (MapKey, &DocumentMap),
    ) {
        let (theme, session) = (ctx.theme, ctx.session);
        let clusters = session.clusters().map(|clusters| &**clusters);
        let quality = session.quality().filter(|_| self.strip.shows_hidden);
        let coloring = self.coloring(ctx).filter(|_| quality.is_none());
        let coloring = coloring.as_deref();
        let points = &map.projection.points;
        let size = self.layer.dot_size((key, points), camera, rect);
        let dots = paint::Dots {
            points,
            labels: clusters.map(|clusters| &clusters.clustering.labels[..]),
            hidden: quality.map(|quality| &quality.of_item[..]),
            shades: coloring.map(|coloring| &coloring.of_item[..]),
            passing: session.rows().map(|rows| &rows.passing),
            selection: &session.selection,
            size,
        };
        let colors = Colors {
            clusters: clusters.and_then(|_| session.revision(Stage::Clusters)),
            quality: quality.and_then(|_| session.revision(Stage::Quality)),
            rows: session.revision(Stage::Rows),
            chosen: session.selection.chosen.fingerprint(),
            column: self.strip.color_by.as_ref().map_or(0, fingerprint),
            is_dark: theme.is_dark,
        };
        let manner = self
            .layer
            .paint(painter, theme, rect, camera, (key, colors), &dots);
        paint::misfits(painter, theme, rect, camera, &dots, &map.added);
        let pointed_at = session.selection.hovered.or(session.selection.selected);
        if let (Some(quality), Some(item)) = (quality, pointed_at)
            && let Some(near) = session.neighborhood()
        {
            let neighbors = near.graph.of(item);
            let nearest = &neighbors[..neighbors.len().min(quality.k)];
            paint::true_neighbors(painter, theme, rect, camera, &dots, (item, nearest));
        }
        if let Some(clusters) = clusters {
            let hidden = &session.narrowing().hidden_clusters;
            let labels = self.labels(key, ctx, map, clusters);
            let labels = labels
                .iter()
                .filter(|label| !hidden.contains(&Some(label.cluster)));
            paint::labels(painter, theme, rect, camera, labels);
        }
        paint::chosen(painter, theme, rect, camera, &dots);
        if let Some(outline) = &self.outline {
            paint::outline(painter, theme, outline.corners());
        }
        if let Some(axes) = &map.rule.axes {
            paint::poles(painter, theme, rect, axes);
        }
        if quality.is_some() {
            paint::scale(painter, theme, rect);
        } else if let (Some(coloring), Some(column)) = (coloring, &self.strip.color_by) {
            paint::legend(painter, theme, rect, column.name(), &coloring.legend);
        }
        let mut caption = words::caption(map, session.is_frozen());
        if manner == Manner::Density {
            caption = format!("{caption}\n{}", words::density(points.nrows()));
        }
        paint::caption(painter, theme, rect, caption);
    }

    /// The colors by a column, if one is set.
    fn coloring(&mut self, ctx: &ViewCtx<'_>) -> Option<Arc<Coloring>> {
        let column = self.strip.color_by.clone()?;
        let facts = ctx.session.facts()?;
        // The revision of the rows changes with everything that a column is made of.
        let rows = ctx.session.revision(Stage::Rows);
        let items = ctx.session.revision(Stage::Embedding);
        let key = (column.clone(), rows, items);
        let made = || Arc::new(coloring::coloring(&facts, &column));
        Some(self.coloring.get(key, made).clone())
    }

    fn labels(
        &mut self,
        key: MapKey,
        ctx: &ViewCtx<'_>,
        map: &DocumentMap,
        clusters: &Clusters,
    ) -> &[ClusterLabel] {
        let key = (key, ctx.session.revision(Stage::Clusters));
        self.labels.get(key, || {
            model::cluster_labels(&map.projection.points, clusters)
        })
    }

    /// What the map says and hides about one item.
    fn about_map(&self, ctx: &ViewCtx<'_>, map: &DocumentMap, item: usize) -> Vec<String> {
        let added = map.added.iter().find(|added| added.item == item);
        let quality = ctx.session.quality().filter(|_| self.strip.shows_hidden);
        let hidden = quality.filter(|quality| quality.k > 0).and_then(|quality| {
            let point = quality.of_item.get(item)?;
            Some(words::hidden(*point, quality.k))
        });
        let lines = added.map(words::added_item).into_iter().chain(hidden);
        lines.collect()
    }
}

fn fingerprint(column: &Column) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    column.hash(&mut hasher);
    hasher.finish().max(1)
}

/// Arrows go from the selected point to the nearest that way.
fn walk(ui: &Ui, ctx: &mut ViewCtx<'_>, map: &DocumentMap) {
    let Some(from) = ctx.session.selection.selected else {
        return;
    };
    if ctx.front != View::Map || ui.memory(|memory| memory.focused().is_some()) {
        return;
    }
    let keys = [
        (Key::ArrowLeft, vec2(-1.0, 0.0)),
        (Key::ArrowRight, vec2(1.0, 0.0)),
        (Key::ArrowUp, vec2(0.0, -1.0)),
        (Key::ArrowDown, vec2(0.0, 1.0)),
    ];
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let direction = keys.into_iter().find(|(key, _)| pressed(*key));
    let to = direction.and_then(|(_, way)| toward(&map.projection.points, from, way));
    if to.is_some() {
        ctx.send(Command::Select(to));
    }
}

/// Zooms by wheel around the pointer, and pans by drag if that is what drags do; tells whether
/// anything moved.
fn steer(ui: &Ui, response: &Response, camera: &mut Camera, pans: bool) -> bool {
    let mut moved = false;
    if response.dragged() && pans {
        camera.pan(response.drag_delta());
        moved = true;
    }
    if let Some(at) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (wheel / 240.0).exp();
        if (factor - 1.0).abs() > 1e-4 {
            camera.zoom(at, response.rect, factor);
            moved = true;
        }
    }
    moved
}
