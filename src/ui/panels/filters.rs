//! What is left out, and how to leave out more: one line for each filter.

use egui::{Button, ComboBox, DragValue, RichText, TextEdit, Ui};

use crate::message::{count, grouped};
use crate::session::{Column, Command, Facts, Wanted};
use crate::text::FieldKind;
use crate::ui::context::ViewCtx;
use crate::ui::theme;
use crate::ui::widgets;

/// Draws the filters that are on, and the way to another one.
pub fn ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, facts: &Facts) {
    let narrowing = ctx.session.narrowing().clone();
    let n_left_out = ctx.session.rows().map_or(0, |rows| rows.n_left_out);
    ui.horizontal_wrapped(|ui| {
        add_ui(ui, ctx, facts);
        if n_left_out > 0 {
            let text = format!("{} left out", grouped(n_left_out));
            widgets::hint(ui, ctx.theme, &text).on_hover_text("Grey on the map, and not listed");
        }
        if !narrowing.is_none() {
            let all = ui.button(RichText::new("Show everything").size(theme::SECONDARY));
            if all.on_hover_text("End all filters (Shift+H)").clicked() {
                ctx.send(Command::ShowAll);
            }
        }
    });
    for (column, wanted) in &narrowing.wanted {
        ui.horizontal_wrapped(|ui| wanted_ui(ui, ctx, facts, column, wanted));
    }
    let told = [
        (narrowing.hidden_clusters.len(), "cluster"),
        (narrowing.hidden.len(), "item"),
    ];
    let told: Vec<String> = told
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} hidden", count(n, what)))
        .collect();
    if !told.is_empty() {
        widgets::hint(ui, ctx.theme, &told.join(" · "));
    }
}

/// The columns that can be filtered by.
fn add_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, facts: &Facts) {
    let combo = ComboBox::from_id_salt("add filter")
        .width(104.0)
        .selected_text(RichText::new("Add filter").size(theme::SECONDARY));
    ui.name_inputs("Add filter", |ui| {
        combo.show_ui(ui, |ui| {
            for column in facts.columns() {
                let is_on = ctx.session.narrowing().wanted.contains_key(&column);
                let entry = ui.selectable_label(is_on, column.name());
                if entry.on_hover_text(column.meaning()).clicked() && !is_on {
                    let wanted = first_wanted(facts, &column);
                    ctx.send(Command::Want(column, Some(wanted)));
                }
            }
        })
    });
}

/// What leaves nothing out but items that have nothing there.
fn first_wanted(facts: &Facts, column: &Column) -> Wanted {
    if facts.kind(column) == FieldKind::Text {
        return Wanted::Letters(String::new());
    }
    let numbers = (0..facts.items().n()).filter_map(|item| facts.cell(column, item).number());
    let (from, to) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
        (low.min(number), high.max(number))
    });
    if from > to {
        return Wanted::Between(0.0, 0.0);
    }
    Wanted::Between(from, to)
}

fn wanted_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, facts: &Facts, column: &Column, wanted: &Wanted) {
    let name = column.name().to_owned();
    ui.label(RichText::new(&name).size(theme::SECONDARY));
    let mut changed = wanted.clone();
    match &mut changed {
        Wanted::Letters(letters) => {
            let edit = TextEdit::singleline(letters)
                .hint_text("holds")
                .desired_width(112.0);
            let field = ui.add(edit);
            let label = format!("{name} holds");
            ui.ctx()
                .accesskit_node_builder(field.id, |node| node.set_label(label));
        }
        Wanted::Between(from, to) => {
            let is_date = facts.kind(column) == FieldKind::Date;
            for (end, value) in [("from", from), ("to", to)] {
                ui.label(RichText::new(end).size(theme::SECONDARY));
                number_ui(ui, &format!("{name} {end}"), value, is_date);
            }
        }
    }
    if changed != *wanted {
        ctx.send(Command::Want(column.clone(), Some(changed)));
    }
    let remove = ui.add(Button::new("×").frame_when_inactive(false));
    let remove = remove.on_hover_text("End this filter");
    ui.ctx().accesskit_node_builder(remove.id, |node| {
        node.set_label(format!("End filter {name}"));
    });
    if remove.clicked() {
        ctx.send(Command::Want(column.clone(), None));
    }
}

fn number_ui(ui: &mut Ui, name: &str, value: &mut f64, is_date: bool) {
    let speed = if is_date || value.abs() > 10.0 {
        1.0
    } else {
        0.01
    };
    let mut drag = DragValue::new(value).speed(speed).max_decimals(3);
    if is_date {
        drag = drag
            .custom_formatter(|day, _| crate::text::date(day as i64))
            .custom_parser(|typed| crate::text::day(typed).map(|day| day as f64));
    }
    ui.name_inputs(name, |ui| ui.add(drag));
}
