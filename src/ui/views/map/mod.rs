//! The map: a point for every item, near where its like are.
//!
//! What a point's place on the screen is, and from where it comes, is told by [`places`]; all else
//! works with places of two axes, whatever the map has.

mod axes;
mod bench;
mod canvas;
mod coloring;
mod contours;
mod density;
mod discs;
mod draw;
mod index;
mod lasso;
pub(super) mod layer;
pub(super) mod model;
mod near;
mod orbit;
pub(super) mod paint;
mod places;
mod steer;
mod strip;
mod threads;
mod tripod;
pub(super) mod words;

pub use bench::MapBench;
pub(super) use coloring::ColorBy;

use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::super::context::ViewCtx;
use super::super::widgets;
use super::View;
use crate::session::{Combine, Command, DocumentMap, Items, Level, MapKey, Stage};
use draw::Remembered;
use lasso::{Outline, Tool};
use layer::DotLayer;
use model::{Camera, Scene};
use near::NearList;
use orbit::Orbit;
use places::{Look, Placed, Places};
use strip::Strip;

/// Where the camera is, and what is remembered between frames.
#[derive(Clone, Default)]
pub struct MapView {
    pub(super) strip: Strip,
    near: NearList,
    /// `None` shows everything; set by zooming and panning.
    camera: Option<(Scene, Camera)>,
    orbit: Orbit,
    places: Places<MapKey>,
    layer: DotLayer<u64>,
    remembered: Remembered,
    /// What is being drawn around points.
    outline: Option<Outline>,
}

/// What is seen in one frame.
struct Frame<'a> {
    map: &'a DocumentMap,
    placed: &'a Placed,
    camera: Camera,
    rect: Rect,
}

impl MapView {
    /// Draws the map with its controls and takes clicks.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let (Some(items), Some((key, map))) = (ctx.session.items(), ctx.session.map()) else {
            widgets::empty_state(ui, ctx.theme, "Being drawn", "The map is being worked out.");
            return;
        };
        self.strip.ui(ui, ctx, &map);
        self.near.ui(ui, ctx, items);
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let n = items.n();
        response
            .widget_info(|| WidgetInfo::labeled(Role::Canvas, true, format!("Map of {n} items")));
        let has_keys = ctx.front == View::Map && steer::has_keys(ui, &response);
        if map.projection.points.ncols() > 2 {
            self.turn(ui, &response, has_keys);
        }
        let camera = self.camera(ui, ctx, items, (key, &map), &response);
        let placed = self.places.update(&Look {
            key,
            map: &map,
            items: items_key(ctx, items),
            orbit: self.orbit,
            camera,
            rect,
            now: ui.input(|input| input.time),
            may_move: ui.style().animation_time > 0.0,
        });
        if placed.is_on_way {
            ui.ctx().request_repaint();
        }
        let frame = Frame {
            map: &map,
            placed: &placed,
            camera,
            rect,
        };
        let hovered = response.hover_pos().and_then(|at| {
            let points = (placed.number, placed.points());
            self.layer.nearest(points, &camera, rect, at, model::REACH)
        });
        if response.contains_pointer()
            && hovered.is_none()
            && ctx.session.selection.hovered.is_some()
        {
            ctx.send(Command::Hover(None));
        }
        self.choose(ui, ctx, &frame, &response);
        if has_keys {
            steer::walk(ui, ctx, placed.points());
        }
        self.draw(&ui.painter_at(rect), ctx, &frame);
        if response.has_focus() {
            paint::focus_ring(ui.painter(), ctx.theme, rect);
        }

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

    /// Turns a map of three axes, by a drag where drags would move it, and by keys.
    fn turn(&mut self, ui: &Ui, response: &Response, has_keys: bool) {
        let drags = self.outline.is_none() && self.tool(ui) == Tool::Pan;
        if drags && response.dragged_by(egui::PointerButton::Primary) {
            self.orbit.drag(response.drag_delta());
        }
        if let Some(way) = has_keys.then(|| steer::turning(ui)).flatten() {
            self.orbit.turn(way * orbit::PER_KEY);
        }
    }

    /// Where to look from, after what the mouse did.
    fn camera(
        &mut self,
        ui: &Ui,
        ctx: &ViewCtx<'_>,
        items: Items<'_>,
        (key, map): (MapKey, &DocumentMap),
        response: &Response,
    ) -> Camera {
        let is_frozen = ctx.session.is_frozen();
        let scene = Scene {
            rule: map.rule.clone(),
            n_axes: map.projection.points.ncols(),
            level: items.level(),
            items: items_key(ctx, items).1.filter(|_| !is_frozen),
        };
        let bounds = self.places.bounds(key, &map.projection.points);
        let mut camera = match &self.camera {
            Some((of, camera)) if of.is_still(&scene) => *camera,
            _ => Camera::around(bounds, response.rect.shrink(32.0)),
        };
        // What drags turn is moved by another button.
        let is_solid = scene.n_axes > 2;
        let moves = !is_solid || !response.dragged_by(egui::PointerButton::Primary);
        let pans = moves && self.outline.is_none() && self.tool(ui) == Tool::Pan;
        if steer::steer(ui, response, &mut camera, pans) {
            self.camera = Some((scene, camera));
        }
        if response.double_clicked() && ctx.session.selection.hovered.is_none() {
            self.camera = None;
            self.orbit = Orbit::default();
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
    fn choose(&mut self, ui: &Ui, ctx: &mut ViewCtx<'_>, frame: &Frame<'_>, response: &Response) {
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
            let inside = outline.inside(frame.placed.points(), &frame.camera, frame.rect);
            let passing = inside.into_iter().filter(|item| ctx.session.passes(*item));
            ctx.send(Command::Choose(passing.collect(), how));
            self.outline = None;
        }
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

/// What points stand for: others of either kind are other points.
fn items_key(ctx: &ViewCtx<'_>, items: Items<'_>) -> (Level, Option<u64>) {
    (items.level(), ctx.session.revision(Stage::Embedding))
}
