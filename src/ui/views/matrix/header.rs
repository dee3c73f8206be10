//! What stands above the matrix: the order of the rows, what a drag does, and the colors.

use egui::{Button, ComboBox, Frame, Margin, Ui};

use super::block::Tool;
use super::histogram::{self, Scores};
use super::model;
use super::picture::Picture;
use super::range::ScoreRange;
use crate::message::grouped;
use crate::session::{Command, Items, MatrixOrder, RowOrder};
use crate::ui::context::ViewCtx;
use crate::ui::widgets;

/// What is set here.
#[derive(Clone, Default)]
pub struct Controls {
    /// What a drag does.
    pub tool: Tool,
    /// The scores at the ends of the colors, if they were set.
    pub range: Option<ScoreRange>,
}

/// What is shown of the matrix.
pub struct Shown<'a> {
    /// Its items.
    pub items: Items<'a>,
    /// Their order.
    pub order: &'a MatrixOrder,
    /// The picture that shows most of what is in view.
    pub picture: &'a Picture,
    /// Whether all of it is in view.
    pub is_whole: bool,
}

/// Draws the controls; tells whether all of the matrix is asked for.
pub fn ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, controls: &mut Controls, shown: &Shown<'_>) -> bool {
    let margin = Margin {
        left: 12,
        right: 12,
        top: 8,
        bottom: 0,
    };
    let duplicates = ctx.session.duplicates();
    let frame = Frame::new().inner_margin(margin);
    let wants_all = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let wants_all = ui.horizontal_wrapped(|ui| {
            order_ui(ui, ctx, shown.items);
            tools_ui(ui, &mut controls.tool);
            let all = ui.add_enabled(!shown.is_whole, Button::new("Show all"));
            all.on_hover_text("All rows and columns (0)")
                .on_disabled_hover_text("All rows and columns are in view; the wheel zooms in")
                .clicked()
        });
        ui.horizontal_wrapped(|ui| {
            let scores = Scores {
                spread: &shown.order.spread,
                threshold: duplicates.map(|found| found.threshold),
                shown: shown.picture.range(),
            };
            histogram::ui(ui, ctx.theme, &scores, &mut controls.range);
        });
        let mut told = shown.picture.told(shown.items.n());
        if let Some(found) = duplicates.filter(|found| !found.pairs.is_empty()) {
            told += " · ";
            told += &model::marks_told(found.pairs.len(), found.threshold);
        }
        let n_chosen = ctx.session.selection.chosen.len();
        if n_chosen > 0 {
            told += " · ";
            told += &grouped(n_chosen);
            told += " chosen";
        }
        let told = widgets::hint(ui, ctx.theme, &told);
        told.on_hover_text("Marks are pairs of duplicates; a mean over a block would hide them");
        ui.add_space(4.0);
        wants_all.inner
    });
    wants_all.inner
}

fn tools_ui(ui: &mut Ui, tool: &mut Tool) {
    let tools = [
        (
            Tool::Move,
            "Move",
            "Drag to move the matrix; with Shift or Alt, to choose a block. Zoom by the wheel or by + \
             and −. With the arrow keys walk from cell to cell; Enter compares",
        ),
        (
            Tool::Select,
            "Select",
            "Drag to choose the documents of a block; Shift adds to the chosen, Alt takes away. By \
             keys: Shift and the arrow keys",
        ),
    ];
    for (this, name, meaning) in tools {
        let button = ui.selectable_label(*tool == this, name);
        if button.on_hover_text(meaning).clicked() {
            *tool = this;
        }
    }
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
