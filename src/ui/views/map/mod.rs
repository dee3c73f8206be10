//! The map: a point for every item, near where its like are.

mod axes;
mod bench;
mod canvas;
mod density;
mod discs;
mod index;
pub(super) mod layer;
pub(super) mod model;
pub(super) mod paint;
mod strip;
pub(super) mod words;

pub use bench::MapBench;

use egui::{Painter, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::widgets;
use crate::session::{Clusters, Command, DocumentMap, Items, MapKey, Stage};
use layer::{Colors, DotLayer};
use model::{Camera, ClusterLabel, Manner, Scene};
use strip::Strip;

/// Where the camera is, and what is remembered between frames.
#[derive(Default)]
pub struct MapView {
    strip: Strip,
    /// `None` shows everything; set by zooming and panning.
    camera: Option<(Scene, Camera)>,
    bounds: Memo<MapKey, Rect>,
    labels: Memo<(MapKey, Option<u64>), Vec<ClusterLabel>>,
    layer: DotLayer<MapKey>,
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
        if steer(ui, response, &mut camera) {
            self.camera = Some((scene, camera));
        }
        if response.double_clicked() && ctx.session.selection.hovered.is_none() {
            self.camera = None;
        }
        camera
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
        let points = &map.projection.points;
        let size = self.layer.dot_size((key, points), camera, rect);
        let dots = paint::Dots {
            points,
            labels: clusters.map(|clusters| &clusters.clustering.labels[..]),
            hidden: quality.map(|quality| &quality.of_item[..]),
            selection: &session.selection,
            size,
        };
        let colors = Colors {
            clusters: clusters.and_then(|_| session.revision(Stage::Clusters)),
            quality: quality.and_then(|_| session.revision(Stage::Quality)),
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
            let labels = self.labels(key, ctx, map, clusters);
            paint::labels(painter, theme, rect, camera, labels);
        }
        paint::chosen(painter, theme, rect, camera, &dots);
        if let Some(axes) = &map.rule.axes {
            paint::poles(painter, theme, rect, axes);
        }
        if quality.is_some() {
            paint::scale(painter, theme, rect);
        }
        let mut caption = words::caption(map, session.is_frozen());
        if manner == Manner::Density {
            caption = format!("{caption}\n{}", words::density(points.nrows()));
        }
        paint::caption(painter, theme, rect, caption);
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

/// Pans by drag and zooms by wheel around the pointer; tells whether anything moved.
fn steer(ui: &Ui, response: &Response, camera: &mut Camera) -> bool {
    let mut moved = false;
    if response.dragged() {
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
