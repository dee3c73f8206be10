//! Two small maps side by side: what is pointed at in one is marked in the other.

use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};
use ndarray::Array2;

use super::super::map::layer::{Colors, DotLayer};
use super::super::map::model::{self as map, Camera, Manner};
use super::super::map::paint::{self, Dots};
use super::super::map::words;
use super::model;
use crate::session::{Command, Items, Stage, TwoModels};
use crate::ui::context::ViewCtx;
use crate::ui::memo::Memo;
use crate::ui::widgets;

/// Between the maps.
const GAP: f32 = 12.0;
/// How much of the height they take.
const SHARE: f32 = 0.5;
/// Height of a name over a map.
const LABEL: f32 = 20.0;

/// Remembers what is drawn of both maps, and how far their points reach.
#[derive(Clone, Default)]
pub struct Maps {
    layers: [DotLayer<Option<u64>>; 2],
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
        let mut is_over_a_dot = false;
        let mut is_over_a_map = false;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            for (layer, (points, bounds, name)) in self.layers.iter_mut().zip(sides) {
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
                    let map = (key, points, bounds);
                    is_over_a_dot |= map_ui(ui, ctx, items, map, response, layer);
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
    (key, points, bounds): (Option<u64>, &Array2<f32>, Rect),
    response: Response,
    layer: &mut DotLayer<Option<u64>>,
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
        shades: None,
        nearness: None,
        lit: None,
        passing: ctx.session.rows().map(|rows| &rows.passing),
        selection: &ctx.session.selection,
        size: layer.dot_size((key, points), &camera, rect),
    };
    let colors = Colors {
        clusters: clusters.and_then(|_| ctx.session.revision(Stage::Clusters)),
        quality: None,
        rows: ctx.session.revision(Stage::Rows),
        chosen: ctx.session.selection.chosen.fingerprint(),
        column: 0,
        search: None,
        is_dark: ctx.theme.is_dark,
    };
    let manner = layer.paint(&painter, ctx.theme, rect, &camera, (key, colors), &dots);
    paint::chosen(&painter, ctx.theme, rect, &camera, &dots);
    if manner == Manner::Density {
        let text = words::density_at_one_zoom(points.nrows());
        paint::caption(&painter, ctx.theme, rect, text);
    }
    let mouse = response.hover_pos();
    let hovered = mouse.and_then(|at| layer.nearest((key, points), &camera, rect, at, map::REACH));
    if let Some(item) = hovered {
        ctx.pick(item, &response);
        response.on_hover_text_at_pointer(items.title(item).into_owned());
    }
    hovered.is_some()
}
