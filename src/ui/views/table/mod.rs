//! The table: what is known of every item, sorted and filtered as one likes.

mod model;

use std::collections::BTreeSet;

use egui::emath::GuiRounding as _;
use egui::{
    Button, Frame, Key, Label, Margin, Modifiers, Rect, Response, RichText, ScrollArea, Sense,
    Stroke, Ui,
};
use egui_extras::{Column as Width, TableBuilder, TableRow};

use super::super::context::ViewCtx;
use super::super::{theme, widgets};
use super::{View, waiting_ui};
use crate::session::{Cell, Column, Combine, Command, Facts, Rows, Stage};
use crate::text::FieldKind;
use model::{heading, moved, next_sorting, shown, stretch, told, width};

/// Height of a row, and of the headings.
const ROW: f32 = 28.0;
/// Between the line of a column and what stands in it; a heading is a button that has as much.
const INSET: f32 = 8.0;
/// Rows that a page key moves by.
const PAGE: isize = 20;

/// Which columns are hidden, and what is being typed.
#[derive(Clone)]
pub struct TableView {
    pub(super) hidden: BTreeSet<Column>,
    tag: String,
    /// Where a stretch begins.
    anchor: Option<usize>,
    /// Moved there by a key, so that it must come into view.
    scroll_to: Option<usize>,
}

impl Default for TableView {
    fn default() -> Self {
        Self {
            // Known from the folder and the title, mostly.
            hidden: [Column::Source, Column::Passages].into(),
            tag: String::new(),
            anchor: None,
            scroll_to: None,
        }
    }
}

impl TableView {
    /// Draws the controls and the table.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let (Some(facts), Some(rows)) = (ctx.session.facts(), ctx.session.rows().cloned()) else {
            waiting_ui(ui, ctx, Stage::Rows);
            return;
        };
        let all = facts.columns();
        let columns = shown(all.clone(), &self.hidden);
        let frame = Frame::new().inner_margin(Margin {
            left: 12,
            right: 12,
            top: 8,
            bottom: 0,
        });
        frame.show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                self.columns_ui(ui, &all);
                let text = told(&rows, ctx.session.selection.chosen.len());
                widgets::hint(ui, ctx.theme, &text);
                self.chosen_ui(ui, ctx);
            });
            ui.add_space(4.0);
            self.take_keys(ui, ctx, &rows);
            self.table_ui(ui, ctx, &facts, &columns, &rows);
        });
    }

    fn columns_ui(&mut self, ui: &mut Ui, all: &[Column]) {
        let menu = ui.menu_button("Columns", |ui| {
            for column in all {
                let mut is_on = !self.hidden.contains(column);
                let check = ui.checkbox(&mut is_on, column.name());
                if check.on_hover_text(column.meaning()).changed() {
                    if is_on {
                        self.hidden.remove(column);
                    } else {
                        self.hidden.insert(column.clone());
                    }
                }
            }
        });
        menu.response.on_hover_text("Choose what is shown");
    }

    /// What can be done to those that are chosen.
    fn chosen_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        if ctx.session.selection.chosen.is_empty() {
            return;
        }
        let field = egui::TextEdit::singleline(&mut self.tag)
            .hint_text("Tag them")
            .desired_width(96.0);
        let field = ui.add(field);
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Tag the chosen"));
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let has_tag = !self.tag.trim().is_empty();
        let add = ui.add_enabled(has_tag, Button::new("Add tag"));
        let add = add
            .on_hover_text("Write it on all that are chosen; commas part several")
            .clicked();
        if (add || entered) && has_tag {
            ctx.send(Command::TagChosen(self.tag.clone()));
        }
        let remove = ui.add_enabled(has_tag, Button::new("Remove tag"));
        if remove
            .on_hover_text("Take it off all that are chosen")
            .clicked()
        {
            ctx.send(Command::UntagChosen(self.tag.clone()));
        }
        for (name, tooltip, command) in [
            (
                "Hide",
                "Leave the chosen out of all views (H)",
                Command::HideChosen,
            ),
            (
                "Only these",
                "Leave out all but the chosen",
                Command::ShowChosenOnly,
            ),
            (
                "Choose none",
                "Keep them, but do not mark them any more",
                Command::Choose(Vec::new(), Combine::Replace),
            ),
        ] {
            if ui.button(name).on_hover_text(tooltip).clicked() {
                ctx.send(command);
            }
        }
    }

    fn take_keys(&mut self, ui: &Ui, ctx: &mut ViewCtx<'_>, rows: &Rows) {
        if ctx.front != View::Table || ui.memory(|memory| memory.focused().is_some()) {
            return;
        }
        let keys = [
            (Key::ArrowDown, 1),
            (Key::ArrowUp, -1),
            (Key::PageDown, PAGE),
            (Key::PageUp, -PAGE),
            (Key::Home, isize::MIN),
            (Key::End, isize::MAX),
        ];
        let pressed = keys
            .into_iter()
            .find(|(key, _)| ui.input_mut(|input| input.consume_key(Modifiers::NONE, *key)));
        if let Some((_, by)) = pressed
            && let Some(item) = moved(&rows.order, ctx.session.selection.selected, by)
        {
            self.anchor = Some(item);
            self.scroll_to = Some(item);
            ctx.send(Command::Select(Some(item)));
        }
    }

    fn table_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &mut ViewCtx<'_>,
        facts: &Facts,
        columns: &[Column],
        rows: &Rows,
    ) {
        let scroll_to = self.scroll_to.take();
        let scroll_to = scroll_to.and_then(|item| rows.order.iter().position(|o| *o == item));
        ScrollArea::horizontal().show(ui, |ui| {
            let mut table = TableBuilder::new(ui)
                .striped(false)
                .resizable(true)
                .sense(Sense::click())
                .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
                .auto_shrink(false)
                .column(Width::exact(20.0));
            for column in columns {
                let width = width(column, facts.kind(column));
                table = table.column(Width::initial(width).at_least(48.0).clip(true));
            }
            if let Some(row) = scroll_to {
                table = table.scroll_to_row(row, None);
            }
            table
                .header(ROW, |mut header| {
                    header.col(|_| {});
                    for column in columns {
                        header.col(|ui| heading_ui(ui, ctx, column, facts.kind(column)));
                    }
                })
                .body(|mut body| {
                    let seen = body.ui_mut().clip_rect();
                    body.rows(ROW, rows.order.len(), |row| {
                        self.row_ui(row, ctx, facts, (columns, rows), seen);
                    });
                });
        });
    }

    /// A row, in the part of the screen where the rows are `seen`. The cells are not clipped one by
    /// one, as all that is in them is cut to their width: each would have to be drawn by itself, which
    /// without a graphics processor takes longer than all else.
    fn row_ui(
        &mut self,
        mut row: TableRow<'_, '_>,
        ctx: &mut ViewCtx<'_>,
        facts: &Facts,
        (columns, rows): (&[Column], &Rows),
        seen: Rect,
    ) {
        let item = rows.order[row.index()];
        let selection = &ctx.session.selection;
        row.set_selected(selection.selected == Some(item));
        row.set_hovered(selection.hovered == Some(item));
        let title = facts.items().title(item);
        row.col(|ui| {
            ui.set_clip_rect(seen);
            let line = ui.max_rect().expand2(0.5 * ui.spacing().item_spacing);
            let stroke = Stroke::new(1.0, ctx.theme.hairline);
            ui.painter()
                .hline(seen.x_range(), line.top().round_ui(), stroke);
            let mut is_chosen = selection.chosen.contains(item);
            let check = ui.name_inputs(format!("Choose {title}"), |ui| {
                ui.checkbox(&mut is_chosen, "")
            });
            if check.changed() {
                let how = if is_chosen {
                    Combine::Add
                } else {
                    Combine::Subtract
                };
                ctx.send(Command::Choose(vec![item], how));
            }
        });
        let mut title_response = None;
        for column in columns {
            row.col(|ui| {
                ui.set_clip_rect(seen);
                let response = cell_ui(ui, ctx, facts, column, item);
                if *column == Column::Title {
                    title_response = Some(response);
                }
            });
        }
        let mut response = row.response();
        if let Some(title) = title_response {
            response |= title;
        }
        let is_chosen = ctx.session.selection.chosen.contains(item);
        self.clicked(ctx, item, &response, &rows.order, is_chosen);
    }

    fn clicked(
        &mut self,
        ctx: &mut ViewCtx<'_>,
        item: usize,
        response: &Response,
        order: &[usize],
        is_chosen: bool,
    ) {
        let modifiers = response.ctx.input(|input| input.modifiers);
        if !response.clicked() || !(modifiers.command || modifiers.shift) {
            if response.clicked() {
                self.anchor = Some(item);
            }
            ctx.pick(item, response);
            return;
        }
        let command = if modifiers.shift {
            let from = self.anchor.unwrap_or(item);
            Command::Choose(stretch(order, from, item), Combine::Add)
        } else if is_chosen {
            Command::Choose(vec![item], Combine::Subtract)
        } else {
            Command::Choose(vec![item], Combine::Add)
        };
        self.anchor = Some(item);
        ctx.send(command);
    }
}

fn heading_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, column: &Column, kind: FieldKind) {
    let text = heading(column, ctx.session.sorting());
    let text = RichText::new(text).font(theme::semibold(theme::SECONDARY));
    let button = Button::new(text).truncate().frame_when_inactive(false);
    let button = match kind {
        FieldKind::Number => {
            let layout = egui::Layout::right_to_left(egui::Align::Center);
            ui.with_layout(layout, |ui| ui.add(button)).inner
        }
        _ => ui.add(button),
    };
    let tooltip = format!("{}. Click to sort", column.meaning());
    if button.on_hover_text(tooltip).clicked() {
        let sorting = next_sorting(column, kind, ctx.session.sorting());
        ctx.send(Command::Sort(sorting));
    }
}

fn cell_ui(
    ui: &mut Ui,
    ctx: &ViewCtx<'_>,
    facts: &Facts,
    column: &Column,
    item: usize,
) -> Response {
    let cell = facts.cell(column, item);
    ui.add_space(INSET);
    if *column == Column::Cluster {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, 10.0), Sense::hover());
        let color = theme::label(facts.cluster(item));
        ui.painter().circle_filled(rect.center(), 4.0, color);
    }
    let color = if matches!(column, Column::Title) {
        ctx.theme.ink
    } else {
        ctx.theme.secondary
    };
    let text = RichText::new(cell.to_string())
        .size(theme::BODY)
        .color(color);
    if *column == Column::Title {
        return ui.add(Label::new(text).truncate().sense(Sense::click()));
    }
    if matches!(cell, Cell::Number(_) | Cell::Score(_)) {
        // Numbers are compared by their ends.
        let layout = egui::Layout::right_to_left(egui::Align::Center);
        return ui
            .with_layout(layout, |ui| {
                ui.add_space(INSET);
                ui.add(Label::new(text).truncate().selectable(false))
            })
            .inner;
    }
    ui.add(Label::new(text).truncate().selectable(false))
}
