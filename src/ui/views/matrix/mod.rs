//! The matrix: the cosine of every pair, rows ordered so that like stands by like.

mod model;
mod paint;

use std::ops::Range;

use egui::{Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::theme::{self, Theme};
use super::super::widgets;
use crate::session::{Command, Items, Level, Stage};
use model::{Band, Region};

/// Width of the cluster bands along the edges.
const BAND: f32 = 10.0;
/// Height of the line above the picture.
const HEADER: f32 = 36.0;

/// Which results a picture was made from.
type Key = (Option<u64>, Level);

/// Which part is seen, and the picture of it.
#[derive(Default)]
pub struct MatrixView {
    region: Option<(Key, Region)>,
    bands: Memo<Key, Vec<Band>>,
    picture: Memo<(Key, Range<usize>, Range<usize>, bool), paint::Picture>,
}

impl MatrixView {
    /// Draws the matrix and takes clicks.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let (Some(items), Some(order)) = (ctx.session.items(), ctx.session.order()) else {
            widgets::empty_state(
                ui,
                ctx.theme,
                "Being ordered",
                "The matrix is being worked out.",
            );
            return;
        };
        let n = items.n();
        let key = (ctx.session.revision(Stage::Order), items.level());
        let mut region = match self.region {
            Some((of, region)) if of == key => region,
            _ => Region::whole(n),
        };
        let picture = self.picture.get(
            (key, region.rows(n), region.columns(n), ctx.theme.is_dark),
            || {
                paint::Picture::new(
                    ui.ctx(),
                    ctx.theme,
                    &order
                        .pyramid
                        .tile(region.rows(n), region.columns(n), model::MAX_CELLS),
                )
            },
        );
        let header = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), HEADER));
        paint::header(&ui.painter_at(header), ctx.theme, header, n, picture);

        let canvas = ui.available_rect_before_wrap().with_min_y(header.bottom());
        let square = model::square_in(canvas.shrink2(vec2(12.0, 8.0)).with_min_y(canvas.top()));
        let cells = Rect::from_min_max(square.min + vec2(BAND + 2.0, BAND + 2.0), square.max);
        let response = ui.allocate_rect(cells, Sense::click_and_drag());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Canvas, true, format!("Cosine matrix of {n} items"))
        });
        if steer(ui, &response, cells, &mut region, n) {
            self.region = Some((key, region));
        }
        if response.double_clicked() {
            self.region = None;
        }

        let painter = ui.painter_at(square);
        paint::cells(&painter, cells, &region, picture);
        if let Some(clusters) = ctx.session.clusters() {
            let bands = self.bands.get(key, || {
                model::bands(&order.order, &clusters.clustering.labels)
            });
            paint::bands(&painter, square, cells, &region, bands);
        }
        let chosen = ctx
            .session
            .selection
            .selected
            .and_then(|item| order.position.get(item).copied());
        paint::selection(&painter, ctx.theme, cells, &region, chosen);
        let hovered = response
            .hover_pos()
            .and_then(|at| region.cell_at(cells, at, n));
        if let Some((row, column)) = hovered {
            paint::cross_hair(&painter, ctx.theme, cells, &region, (row, column));
            let pair = (order.order[row], order.order[column]);
            if response.clicked() {
                ctx.send(Command::Select(Some(pair.0)));
                ctx.compare(pair.0, pair.1);
            }
            response.on_hover_ui_at_pointer(|ui| tooltip(ui, ctx.theme, items, pair));
        }
    }
}

fn tooltip(ui: &mut Ui, theme: Theme, items: Items<'_>, (row, column): (usize, usize)) {
    ui.set_max_width(340.0);
    let score = items.embeddings().cosine(row, column);
    ui.label(egui::RichText::new(format!("{score:.2}")).font(theme::semibold(theme::TITLE)));
    ui.label(items.title(row));
    ui.label(items.title(column));
    widgets::hint(ui, theme, "Click to read them side by side");
}

/// Pans by drag and zooms by wheel; tells whether anything moved.
fn steer(ui: &Ui, response: &egui::Response, cells: Rect, region: &mut Region, n: usize) -> bool {
    let mut moved = false;
    if response.dragged() {
        region.pan(response.drag_delta() / cells.size(), n);
        moved = true;
    }
    if let Some(at) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (wheel / 240.0).exp();
        if (factor - 1.0).abs() > 1e-4 {
            region.zoom((at - cells.min) / cells.size(), factor, n);
            moved = true;
        }
    }
    moved
}
