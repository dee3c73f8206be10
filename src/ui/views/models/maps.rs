//! Two small maps side by side: what is pointed at in one is marked in the other.

use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};
use ndarray::Array2;

use super::super::map::model::{self as map, Camera};
use super::super::map::paint::{self, Dots};
use super::model;
use crate::session::{Command, Items, Stage, TwoModels};
use crate::ui::context::ViewCtx;
use crate::ui::memo::Memo;
use crate::ui::widgets;

/// Between the maps.
const GAP: f32 = 12.0;
/// How much of the height they take.
const SHARE: f32 = 0.5;
/// How far from a dot the mouse may be.
const REACH: f32 = 12.0;
/// Height of a name over a map.
const LABEL: f32 = 20.0;

/// Remembers the picture of a dot, and how far the points of both maps reach.
#[derive(Default)]
pub struct Maps {
    sprite: Option<egui::TextureHandle>,
    bounds: Memo<Option<u64>, [Rect; 2]>,
}

impl Maps {
    /// Draws both.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, models: &TwoModels) {
        let height = (ui.available_height() * SHARE).max(120.0);
        let width = ((ui.available_width() - GAP) / 2.0).max(0.0);
        let names = model::names(models);
        let key = ctx.session.revision(Stage::Agreement);
        let maps = [&models.first_map, &models.second_map];
        let bounds = *self.bounds.get(key, || maps.map(map::bounds));
        let sides = [(maps[0], bounds[0], names.0), (maps[1], bounds[1], names.1)];
        let sprite = self
            .sprite
            .get_or_insert_with(|| paint::dot_sprite(ui.ctx()));
        let sprite = sprite.id();
        let mut is_over_a_dot = false;
        let mut is_over_a_map = false;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for (points, bounds, name) in sides {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    let hint = widgets::hint(ui, ctx.theme, &name);
                    if std::ptr::eq(points, maps[1]) {
                        hint.on_hover_text(model::disparity(models));
                    }
                    let size = vec2(width, (height - LABEL).max(0.0));
                    let (_, response) = ui.allocate_exact_size(size, Sense::click());
                    let label = format!("Map by {name}");
                    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &label));
                    is_over_a_map |= response.contains_pointer();
                    is_over_a_dot |= map_ui(ui, ctx, items, (points, bounds), response, sprite);
                });
            }
        });
        if is_over_a_map && !is_over_a_dot && ctx.session.selection.hovered.is_some() {
            ctx.send(Command::Hover(None));
        }
    }
}

/// Draws one; tells whether the mouse is over a dot.
fn map_ui(
    ui: &Ui,
    ctx: &mut ViewCtx<'_>,
    items: Items<'_>,
    (points, bounds): (&Array2<f32>, Rect),
    response: Response,
    sprite: egui::TextureId,
) -> bool {
    let rect = response.rect;
    let camera = Camera::around(bounds, rect.shrink(16.0));
    let painter = ui.painter_at(rect);
    let line = egui::Stroke::new(1.0, ctx.theme.hairline);
    painter.rect_stroke(rect, 0.0, line, egui::StrokeKind::Inside);
    let clusters = ctx.session.clusters();
    let dots = Dots {
        points,
        labels: clusters.map(|clusters| &clusters.clustering.labels[..]),
        hidden: None,
        selection: &ctx.session.selection,
    };
    paint::dots(&painter, ctx.theme, rect, &camera, &dots, sprite);
    paint::chosen(&painter, ctx.theme, rect, &camera, &dots);
    let mouse = response.hover_pos();
    let hovered = mouse.and_then(|at| map::nearest_dot(points, &camera, rect, at, REACH));
    if let Some(item) = hovered {
        ctx.pick(item, &response);
        response.on_hover_text_at_pointer(items.title(item).into_owned());
    }
    hovered.is_some()
}
