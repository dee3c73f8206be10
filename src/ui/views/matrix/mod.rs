//! The matrix: the cosine of every pair, rows ordered so that like stands by like.

mod model;
mod paint;
mod pictures;

use egui::{Align, ComboBox, Frame, Layout, Margin, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::theme::{self, Theme};
use super::super::widgets;
use crate::session::{Command, Duplicates, Items, Level, RowOrder, Stage};
use model::Region;
use pictures::Pictures;

/// Width of the cluster bands along the edges.
const BAND: f32 = 10.0;

/// Which results a picture was made from.
type Key = (Option<u64>, Level);

/// Which results marks were made from, and for which part.
type MarksKey = (Key, Option<u64>, Region);

/// Which part is seen, and the picture of it.
#[derive(Clone, Default)]
pub struct MatrixView {
    region: Option<(Key, Region)>,
    pictures: Pictures,
    marks: Memo<MarksKey, Vec<(usize, usize)>>,
}

impl MatrixView {
    /// Whether something is on its way that will be seen.
    pub fn is_working(&self) -> bool {
        self.pictures.is_working()
    }

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
        self.pictures
            .update(ui.ctx(), ctx.theme, (key, order), &region);
        let Some(picture) = self.pictures.shown() else {
            let text = "The first picture of the matrix is being made.";
            widgets::empty_state(ui, ctx.theme, "Being drawn", text);
            return;
        };
        let duplicates = ctx.session.duplicates();
        header_ui(ui, ctx, items, picture, duplicates.map(|found| &**found));

        let canvas = ui.available_rect_before_wrap();
        let square = model::square_in(canvas.shrink2(vec2(12.0, 8.0)).with_min_y(canvas.top()));
        let cells = Rect::from_min_max(square.min + vec2(BAND + 2.0, BAND + 2.0), square.max);
        let response = ui.allocate_rect(cells, Sense::click_and_drag());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Canvas, true, format!("Cosine matrix of {n} items"))
        });
        if steer(ui, &response, cells, &mut region, n) {
            self.region = Some((key, region));
            // The picture of it is begun in the next frame.
            ui.ctx().request_repaint();
        }
        if response.double_clicked() {
            self.region = None;
        }

        let painter = ui.painter_at(square);
        for picture in self.pictures.below_to_above() {
            paint::cells(&painter, cells, &region, picture);
        }
        if let Some(clusters) = ctx.session.clusters() {
            let labels = &clusters.clustering.labels;
            let along = |start: f32, pixels: f32| {
                model::bands(&order.order, labels, (start, region.span), pixels as usize)
            };
            let across = along(region.start.x, cells.width());
            let down = along(region.start.y, cells.height());
            paint::bands(&painter, square, cells, (&across, &down));
        }
        if let Some(found) = duplicates {
            let key = (key, ctx.session.revision(Stage::Duplicates), region);
            let marks = self.marks.get(key, || {
                model::marks(&found.pairs, &order.position, &region, n)
            });
            paint::marks(&painter, ctx.theme, cells, &region, marks);
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

/// The order of the rows, what a cell is, and what its color.
fn header_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    items: Items<'_>,
    picture: &paint::Picture,
    duplicates: Option<&Duplicates>,
) {
    let frame = Frame::new().inner_margin(Margin {
        left: 12,
        right: 12,
        top: 8,
        bottom: 0,
    });
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            order_ui(ui, ctx, items);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let size = vec2(paint::SCALE_WIDTH, theme::ROW);
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                paint::scale(ui.painter(), ctx.theme, rect, picture);
            });
        });
        let mut told = picture.told(items.n());
        if let Some(found) = duplicates.filter(|found| !found.pairs.is_empty()) {
            told += " · ";
            told += &model::marks_told(found.pairs.len(), found.threshold);
        }
        let told = widgets::hint(ui, ctx.theme, &told);
        told.on_hover_text("Marks are pairs of duplicates; a mean over a block would hide them");
        ui.add_space(4.0);
    });
}

fn order_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
    let now = ctx.session.settings.order;
    let mut choices = vec![
        (RowOrder::Clusters, "Like clusters side by side"),
        (RowOrder::Folders, "By folder, and by name inside each"),
        (RowOrder::Titles, "By title"),
    ];
    let selected = ctx.session.selection.selected;
    let like_selected = selected.map(RowOrder::LikenessTo);
    choices.extend(like_selected.map(|order| (order, "The most alike first")));
    let combo = ComboBox::from_id_salt("row order")
        .width(176.0)
        .truncate()
        .selected_text(format!("Rows: {}", order_name(items, now)));
    ui.name_inputs("Row order", |ui| {
        combo.show_ui(ui, |ui| {
            for (order, meaning) in choices {
                let choice = ui.selectable_label(now == order, order_name(items, order));
                if choice.on_hover_text(meaning).clicked() && now != order {
                    ctx.send(Command::SetOrder(order));
                }
            }
            if selected.is_none() {
                ui.add_enabled(false, egui::Button::new("Likeness to one document"))
                    .on_disabled_hover_text("Select a document first");
            }
        })
    });
}

fn order_name(items: Items<'_>, order: RowOrder) -> String {
    match order {
        RowOrder::Clusters => "Clusters".into(),
        RowOrder::Folders => "Folders".into(),
        RowOrder::Titles => "Titles".into(),
        RowOrder::LikenessTo(item) if item < items.n() => {
            format!("Likeness to {}", model::short(&items.title(item)))
        }
        RowOrder::LikenessTo(_) => "Likeness".into(),
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
