//! The map: a point for every item, near where its like are.

mod model;
mod paint;

use egui::{Role, Sense, Ui, WidgetInfo};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::widgets;
use crate::session::{Command, Level, Stage};
use model::{Camera, ClusterLabel};

/// Which results a picture was made from.
type Key = (Option<u64>, Option<u64>, Option<u64>, Level);

/// Where the camera is, and what is remembered between frames.
#[derive(Default)]
pub struct MapView {
    /// `None` shows everything; set by zooming and panning.
    camera: Option<(Key, Camera)>,
    labels: Memo<Key, Vec<ClusterLabel>>,
    sprite: Option<egui::TextureHandle>,
}

impl MapView {
    /// Draws the map and takes clicks.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let (Some(items), Some(projection)) = (ctx.session.items(), ctx.session.projection())
        else {
            widgets::empty_state(ui, ctx.theme, "Being drawn", "The map is being worked out.");
            return;
        };
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let n = items.n();
        response
            .widget_info(|| WidgetInfo::labeled(Role::Canvas, true, format!("Map of {n} items")));

        let key = (
            ctx.session.revision(Stage::Embedding),
            ctx.session.revision(Stage::Projection),
            ctx.session.revision(Stage::Clusters),
            items.level(),
        );
        let place = (key.0, key.1, None, key.3);
        let mut camera = match self.camera {
            Some((of, camera)) if of == place => camera,
            _ => Camera::around(&projection.points, rect.shrink(32.0)),
        };
        if Self::steer(ui, &response, &mut camera) {
            self.camera = Some((place, camera));
        }
        if response.double_clicked() && ctx.session.selection.hovered.is_none() {
            self.camera = None;
        }

        let clusters = ctx.session.clusters();
        let mouse = response.hover_pos();
        let hovered =
            mouse.and_then(|at| model::nearest_dot(&projection.points, &camera, rect, at, 12.0));
        if response.contains_pointer()
            && hovered.is_none()
            && ctx.session.selection.hovered.is_some()
        {
            ctx.send(Command::Hover(None));
        }
        let sprite = self
            .sprite
            .get_or_insert_with(|| paint::dot_sprite(ui.ctx()));
        let painter = ui.painter_at(rect);
        let dots = paint::Dots {
            points: &projection.points,
            labels: clusters.map(|clusters| &clusters.clustering.labels[..]),
            selection: &ctx.session.selection,
        };
        paint::dots(&painter, ctx.theme, rect, &camera, &dots, sprite.id());
        if let Some(clusters) = clusters {
            let labels = self
                .labels
                .get(key, || model::cluster_labels(projection, clusters));
            paint::labels(&painter, ctx.theme, rect, &camera, labels);
        }
        paint::chosen(&painter, ctx.theme, rect, &camera, &dots);
        paint::caption(&painter, ctx.theme, rect, projection);

        if let Some(item) = hovered {
            ctx.pick(item, &response);
            response.on_hover_ui_at_pointer(|ui| {
                paint::tooltip(ui, ctx.theme, items, clusters.map(|c| &**c), item);
            });
        } else if response.clicked() {
            ctx.send(Command::Select(None));
        }
    }

    /// Pans by drag and zooms by wheel around the pointer; tells whether anything moved.
    fn steer(ui: &Ui, response: &egui::Response, camera: &mut Camera) -> bool {
        let mut moved = false;
        if response.dragged() {
            camera.pan(response.drag_delta());
            moved = true;
        }
        if let Some(at) = response.hover_pos() {
            let (wheel, pinch) =
                ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = pinch * (wheel / 240.0).exp();
            if (factor - 1.0).abs() > 1e-4 {
                camera.zoom(at, response.rect, factor);
                moved = true;
            }
        }
        moved
    }
}
