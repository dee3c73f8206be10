//! The matrix: the cosine of every pair, rows ordered so that like stands by like.

mod block;
mod cursor;
mod header;
mod histogram;
mod layout;
mod model;
mod overview;
mod paint;
mod picture;
mod pictures;
mod range;
mod titles;

use std::sync::Arc;

use egui::{Painter, Rect, Response, Role, Sense, Tooltip, Ui, WidgetInfo, vec2};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::theme::{self, Theme};
use super::super::widgets;
use crate::message::grouped;
use crate::session::{Combine, Command, Items, Level, MatrixOrder, Stage};
use block::{Block, Tool};
use cursor::{Cursor, Pair};
use header::{Controls, Shown};
use layout::Layout;
use model::Region;
use picture::Brush;
use pictures::Pictures;
pub(super) use range::ScoreRange;
use titles::Titled;

/// Which results a picture was made from.
type Key = (Option<u64>, Level);

/// Which items are meant by number.
type ItemsKey = (Option<u64>, Level);

/// Which results marks were made from, and for which part.
type MarksKey = (Key, Option<u64>, Region);

/// Which part is seen, the picture of it, and what the person is at.
#[derive(Clone, Default)]
pub struct MatrixView {
    region: Option<(Key, Region)>,
    pub(super) controls: Controls,
    pictures: Pictures,
    marks: Memo<MarksKey, Vec<(usize, usize)>>,
    cursor: Cursor,
    /// What is being drawn around cells.
    block: Option<Block>,
}

/// What is seen, and where.
struct Sight<'a> {
    items: Items<'a>,
    order: &'a Arc<MatrixOrder>,
    key: Key,
    items_key: ItemsKey,
    region: Region,
    layout: Layout,
}

impl Sight<'_> {
    fn n(&self) -> usize {
        self.order.order.len()
    }

    /// The items of a row and a column.
    fn pair(&self, (row, column): (usize, usize)) -> Pair {
        (self.order.order[row], self.order.order[column])
    }

    /// Row and column of two items.
    fn cell(&self, pair: Pair) -> (usize, usize) {
        (self.order.position[pair.0], self.order.position[pair.1])
    }
}

impl MatrixView {
    /// Whether something is on its way that will be seen.
    pub fn is_working(&self) -> bool {
        self.pictures.is_working()
    }

    /// Draws the matrix and takes clicks.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let (Some(items), Some(order)) = (ctx.session.items(), ctx.session.order()) else {
            let text = "The matrix is being worked out.";
            widgets::empty_state(ui, ctx.theme, "Being ordered", text);
            return;
        };
        let n = items.n();
        let key = (ctx.session.revision(Stage::Order), items.level());
        let mut region = match self.region {
            Some((of, region)) if of == key => region,
            _ => Region::whole(n),
        };
        let brush = Brush {
            theme: ctx.theme,
            range: self.controls.range,
        };
        self.pictures.update(ui.ctx(), brush, (key, order), &region);
        let Some(picture) = self.pictures.shown() else {
            let text = "The first picture of the matrix is being made.";
            widgets::empty_state(ui, ctx.theme, "Being drawn", text);
            return;
        };
        let shown = Shown {
            items,
            order,
            picture,
            is_whole: region.is_whole(n),
        };
        if header::ui(ui, ctx, &mut self.controls, &shown) {
            region = Region::whole(n);
        }
        let block = picture.block();
        let canvas = ui.available_rect_before_wrap();
        let canvas = canvas.shrink2(vec2(12.0, 8.0)).with_min_y(canvas.top());
        let layout = Layout::new(canvas, region.span);
        let mut sight = Sight {
            items,
            order,
            key,
            items_key: (ctx.session.revision(Stage::Embedding), items.level()),
            region,
            layout,
        };
        let response = ui.allocate_rect(layout.cells, Sense::click_and_drag());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Canvas, true, format!("Cosine matrix of {n} items"))
        });
        self.steer(ui, &response, &mut sight);
        self.take_keys(ui, ctx, &response, block, &mut sight);
        self.choose(ui, ctx, &response, &sight);
        sight.layout = Layout::new(canvas, sight.region.span);
        if sight.layout != layout {
            let at = response.hover_pos().unwrap_or(layout.cells.center());
            let after = sight.layout;
            after.hold(&layout, at, &mut sight.region, n);
        }
        self.paint(ui, ctx, &response, &sight);
        self.point(ui, ctx, &response, block, &sight);
        let (cells, whole) = (sight.layout.cells, self.pictures.whole());
        overview::ui(ui, ctx.theme, cells, whole, &mut sight.region, n);
        if self.region.map_or(Region::whole(n), |(_, seen)| seen) != sight.region {
            // The picture of it is begun in the next frame.
            ui.ctx().request_repaint();
        }
        self.region = Some((key, sight.region));
    }

    /// Pans by drag and zooms by wheel.
    fn steer(&mut self, ui: &Ui, response: &Response, sight: &mut Sight<'_>) {
        let (n, cells) = (sight.n(), sight.layout.cells);
        let modifiers = ui.input(|input| input.modifiers);
        let pans = self.block.is_none() && self.controls.tool.with(modifiers) == Tool::Move;
        if response.dragged() && pans {
            sight.region.pan(response.drag_delta() / cells.size(), n);
        }
        if let Some(at) = response.hover_pos() {
            let (wheel, pinch) =
                ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = pinch * (wheel / 240.0).exp();
            if (factor - 1.0).abs() > 1e-4 {
                let share = (at - cells.min) / cells.size();
                sight.region.zoom(share, factor, n);
            }
        }
    }

    /// Walks from cell to cell.
    fn take_keys(
        &mut self,
        ui: &Ui,
        ctx: &mut ViewCtx<'_>,
        response: &Response,
        block: usize,
        sight: &mut Sight<'_>,
    ) {
        let (key, order) = (sight.items_key, sight.order);
        let orders = (&order.order[..], &order.position[..]);
        let asked = self
            .cursor
            .take_keys(ui, response.id, key, orders, block, &mut sight.region);
        if let Some(block) = asked {
            let items = passing(ctx, &block, &order.order);
            ctx.send(Command::Choose(items, Combine::Replace));
        }
        let pair = self.cursor.pair(key);
        // Not by the mouse: by Enter, Space or a screen reader.
        let is_entered = response.clicked() && !response.clicked_by(egui::PointerButton::Primary);
        if let Some(pair) = pair.filter(|_| is_entered) {
            compare(ctx, pair);
        }
        if let Some((row, column)) = pair {
            let items = sight.items;
            let score = items.embeddings().cosine(row, column);
            let told = cursor::told(&items.title(row), &items.title(column), score);
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_value(told.as_str()));
        }
    }

    /// Chooses the documents of a block that was drawn.
    fn choose(&mut self, ui: &Ui, ctx: &mut ViewCtx<'_>, response: &Response, sight: &Sight<'_>) {
        let seen = (sight.layout.cells, &sight.region, sight.n());
        let drawn = block::drawn(ui, response, self.controls.tool, seen, &mut self.block);
        if let Some((block, how)) = drawn {
            let items = passing(ctx, &block, &sight.order.order);
            ctx.send(Command::Choose(items, how));
        }
    }

    fn paint(&mut self, ui: &Ui, ctx: &ViewCtx<'_>, response: &Response, sight: &Sight<'_>) {
        let (theme, session, painter) = (ctx.theme, ctx.session, ui.painter());
        let (n, region, cells) = (sight.n(), &sight.region, sight.layout.cells);
        for picture in self.pictures.below_to_above(region, n) {
            picture.paint(painter, cells, region);
        }
        paint_edges(painter, ctx, sight);
        if let Some(found) = session.duplicates() {
            let key = (sight.key, session.revision(Stage::Duplicates), *region);
            let position = &sight.order.position;
            let marks = || model::marks(&found.pairs, position, region, n);
            paint::marks(painter, theme, cells, region, self.marks.get(key, marks));
        }
        let selected = session.selection.selected;
        let chosen = selected.and_then(|item| sight.order.position.get(item).copied());
        paint::selection(painter, theme, cells, region, chosen);
        if let Some(block) = &self.block {
            paint::block(painter, theme, cells, region, block);
        }
        if response.has_focus() {
            paint::focus(painter, theme, cells);
        }
    }

    /// What the mouse and the keys are on: a cross-hair, its titles, and what a click on it does.
    fn point(
        &mut self,
        ui: &Ui,
        ctx: &mut ViewCtx<'_>,
        response: &Response,
        block: usize,
        sight: &Sight<'_>,
    ) {
        let (theme, items, region) = (ctx.theme, sight.items, &sight.region);
        let (painter, cells) = (ui.painter(), sight.layout.cells);
        let hovered = response
            .hover_pos()
            .and_then(|at| region.cell_at(cells, at, sight.n()));
        if let Some(cell) = hovered {
            paint::cross_hair(painter, theme, cells, region, cell);
            let pair = sight.pair(cell);
            if response.clicked_by(egui::PointerButton::Primary) {
                self.cursor.put(sight.items_key, pair);
                response.request_focus();
                compare(ctx, pair);
            }
            let tooltip = response.clone();
            tooltip.on_hover_ui_at_pointer(|ui| tooltip_ui(ui, theme, items, pair, block));
        }
        let walked = self
            .cursor
            .pair(sight.items_key)
            .map(|pair| sight.cell(pair));
        if let Some(cell) = walked.filter(|_| response.has_focus()) {
            let place = paint::current(painter, theme, cells, region, cell);
            if self.cursor.is_walking {
                let pair = sight.pair(cell);
                let anchor: Rect = place.intersect(cells);
                Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), response.id, anchor)
                    .show(|ui| tooltip_ui(ui, theme, items, pair, block));
            }
        }
        let Some(titles) = sight.layout.titles else {
            return;
        };
        let titled = Titled {
            items,
            order: &sight.order.order,
            selection: &ctx.session.selection,
            pointed_at: hovered.or(walked),
        };
        titles::ui(
            ui,
            theme,
            (cells, region),
            titles,
            &titled,
            |item, title| {
                ctx.pick(item, title);
            },
        );
    }
}

/// Bands of the clusters, and marks of what is chosen.
fn paint_edges(painter: &Painter, ctx: &ViewCtx<'_>, sight: &Sight<'_>) {
    let (region, cells) = (&sight.region, sight.layout.cells);
    let (order, pixels) = (&sight.order.order, cells.width() as usize);
    if let Some(clusters) = ctx.session.clusters() {
        let labels = &clusters.clustering.labels;
        let along = |start: f32| model::bands(order, labels, (start, region.span), pixels);
        let (across, down) = (along(region.start.x), along(region.start.y));
        paint::bands(painter, &sight.layout, (&across, &down));
    }
    let chosen = &ctx.session.selection.chosen;
    let along = |start: f32| model::chosen(order, chosen, (start, region.span), pixels);
    let (across, down) = (along(region.start.x), along(region.start.y));
    paint::chosen(painter, ctx.theme, cells, (&across, &down));
}

/// The items of a block that pass the filters: what is left out elsewhere is not chosen here.
fn passing(ctx: &ViewCtx<'_>, block: &Block, order: &[usize]) -> Vec<usize> {
    let items = block.items(order).into_iter();
    items.filter(|item| ctx.session.passes(*item)).collect()
}

fn compare(ctx: &mut ViewCtx<'_>, (row, column): Pair) {
    ctx.send(Command::Select(Some(row)));
    ctx.compare(row, column);
}

/// What a cell is: of many pairs that one which lies under the mouse.
fn tooltip_ui(ui: &mut Ui, theme: Theme, items: Items<'_>, (row, column): Pair, block: usize) {
    ui.set_max_width(340.0);
    let score = items.embeddings().cosine(row, column);
    ui.label(egui::RichText::new(format!("{score:.2}")).font(theme::semibold(theme::TITLE)));
    ui.label(items.title(row));
    ui.label(items.title(column));
    if block > 1 {
        let block = grouped(block);
        let text = format!("The color is the mean of {block} × {block} pairs around this one");
        widgets::hint(ui, theme, &text);
    }
    widgets::hint(ui, theme, "Click or press Enter to read them side by side");
}
