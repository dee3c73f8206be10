//! What says the same, sentences that stand in many documents, and what stands alone.

mod model;
mod paint;

use egui::{DragValue, RichText, ScrollArea, Ui};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::theme;
use super::super::widgets::{self, Row};
use super::waiting_ui;
use crate::message::{count, grouped};
use crate::session::{
    Boilerplate, Command, DuplicateThreshold, Duplicates, Items, Neighborhood, OUTLIER_NEIGHBORS,
    Stage,
};
use model::{Bars, Line};

/// Which list is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    /// Groups of items.
    #[default]
    Groups,
    /// Sentences in many documents.
    Sentences,
    /// Items that are like nothing else.
    Alone,
}

/// The list that is shown, and what is remembered between frames.
#[derive(Clone, Default)]
pub struct DuplicatesView {
    part: Part,
    groups: Memo<Option<u64>, (Vec<Line>, Bars)>,
    alone: Memo<Option<u64>, Vec<usize>>,
}

impl DuplicatesView {
    /// Draws the choice of lists and the one that is chosen.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(items) = ctx.session.items() else {
            return;
        };
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 8));
        frame.show(ui, |ui| {
            self.parts_ui(ui, ctx);
            ui.add_space(8.0);
            match self.part {
                Part::Groups => self.groups_ui(ui, ctx, items),
                Part::Sentences => sentences_ui(ui, ctx),
                Part::Alone => self.alone_ui(ui, ctx, items),
            }
        });
    }

    fn parts_ui(&mut self, ui: &mut Ui, ctx: &ViewCtx<'_>) {
        let n_sentences = ctx.session.boilerplate().map(|found| found.sentences.len());
        let parts = [
            (Part::Groups, "Same meaning", None, "Groups of near-copies"),
            (
                Part::Sentences,
                "Repeated sentences",
                n_sentences,
                "Letterheads, disclaimers and the like, word for word",
            ),
            (
                Part::Alone,
                "Standing alone",
                None,
                "What is least like anything else here",
            ),
        ];
        ui.horizontal_wrapped(|ui| {
            for (part, name, n, tooltip) in parts {
                let name = match n {
                    Some(n) => format!("{name} {}", grouped(n)),
                    None => name.to_owned(),
                };
                let label = ui.selectable_label(self.part == part, name);
                if label.on_hover_text(tooltip).clicked() {
                    self.part = part;
                }
            }
        });
    }

    fn groups_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let Some(found) = ctx.session.duplicates() else {
            waiting_ui(ui, ctx, Stage::Duplicates);
            return;
        };
        let key = ctx.session.revision(Stage::Duplicates);
        let (lines, bars) = self
            .groups
            .get(key, || (model::lines(found), Bars::new(&found.histogram)));
        threshold_ui(ui, ctx, found);
        paint::histogram(ui, ctx.theme, bars, found.threshold);
        ui.add_space(8.0);
        ui.label(model::totals(found, items.level()));
        let n_neighbors = ctx.session.neighborhood().map_or(0, |near| near.graph.k());
        if let Some(text) = model::shortfall(found, items.level(), n_neighbors) {
            widgets::hint(ui, ctx.theme, &text);
        }
        ui.add_space(4.0);
        if lines.is_empty() {
            let text =
                "Nothing here is that much alike. A lower threshold finds looser likenesses.";
            widgets::hint(ui, ctx.theme, text);
            return;
        }
        let area = ScrollArea::vertical().auto_shrink(false);
        area.show_rows(ui, theme::ROW, lines.len(), |ui, range| {
            for line in &lines[range] {
                line_ui(ui, ctx, items, found, *line);
            }
        });
    }

    fn alone_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let Some(neighborhood) = ctx.session.neighborhood() else {
            waiting_ui(ui, ctx, Stage::Neighbors);
            return;
        };
        let key = ctx.session.revision(Stage::Neighbors);
        let loneliest = self.alone.get(key, || neighborhood.loneliest());
        widgets::hint(ui, ctx.theme, &alone_meaning(neighborhood));
        ui.add_space(4.0);
        let area = ScrollArea::vertical().auto_shrink(false);
        area.show_rows(ui, theme::ROW, loneliest.len(), |ui, range| {
            for item in &loneliest[range] {
                let row = Row {
                    dot: ctx.cluster_color(*item),
                    score: Some(1.0 - neighborhood.outlier_scores[*item]),
                    text: &items.title(*item),
                    right: None,
                    selected: ctx.session.selection.selected == Some(*item),
                };
                let response = widgets::row(ui, ctx.theme, &row);
                ctx.pick(*item, &response);
            }
        });
    }
}

fn alone_meaning(neighborhood: &Neighborhood) -> String {
    let n = neighborhood.graph.k().min(OUTLIER_NEIGHBORS);
    format!("Mean cosine to the {n} nearest of each, the lowest first")
}

fn threshold_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, found: &Duplicates) {
    let rule = ctx.session.settings.duplicates;
    let mut auto = rule == DuplicateThreshold::Auto;
    let mut threshold = match rule {
        DuplicateThreshold::Auto => found.threshold,
        DuplicateThreshold::Fixed(threshold) => threshold,
    };
    ui.horizontal_wrapped(|ui| {
        ui.label("From this cosine on");
        let drag = ui.name_inputs("Duplicate threshold", |ui| {
            let value = DragValue::new(&mut threshold);
            ui.add(value.range(0.0..=1.0).speed(0.002).fixed_decimals(2))
        });
        let tooltip = "Drag or type to choose from which cosine on two say the same";
        if drag.on_hover_text(tooltip).changed() {
            let rule = DuplicateThreshold::Fixed(threshold);
            ctx.send(Command::SetDuplicateThreshold(rule));
        }
        let text = RichText::new("automatic").size(theme::SECONDARY);
        let check = ui.checkbox(&mut auto, text);
        let tooltip = "Where the scores of copies part from those of others";
        if check.on_hover_text(tooltip).changed() {
            let rule = if auto {
                DuplicateThreshold::Auto
            } else {
                DuplicateThreshold::Fixed(found.threshold)
            };
            ctx.send(Command::SetDuplicateThreshold(rule));
        }
        widgets::hint(ui, ctx.theme, &model::suggestion(found));
    });
}

fn line_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, found: &Duplicates, line: Line) {
    const INDENT: f32 = 24.0;
    let selected = |item: usize| ctx.session.selection.selected == Some(item);
    match line {
        Line::Group(number) => {
            let group = &found.groups[number];
            let size = count(group.items.len(), model::noun(items.level()));
            let scores = model::range(group.weakest, group.strongest);
            let row = Row {
                dot: ctx.cluster_color(group.original),
                score: None,
                text: &items.title(group.original),
                right: Some(&format!("{size} · {scores}")),
                selected: selected(group.original),
            };
            let response = widgets::row(ui, ctx.theme, &row);
            ctx.pick(group.original, &response);
            response.on_hover_text(
                "The longest of its group, and the first of those: proposed as the original. \
                 Right: cosine of the least and the most alike pair.",
            );
        }
        Line::Member(number, item) => {
            let original = found.groups[number].original;
            let row = Row {
                dot: None,
                score: Some(items.embeddings().cosine(original, item)),
                text: &items.title(item),
                right: None,
                selected: selected(item),
            };
            let (row, compare) = widgets::row_with_button(ui, ctx.theme, INDENT, &row, "Compare");
            ctx.pick(item, &row);
            row.on_hover_text(format!(
                "{}\nThe number is its cosine to the original",
                items.document(item).source
            ));
            if compare
                .on_hover_text("Read it beside the original")
                .clicked()
            {
                ctx.compare(original, item);
            }
        }
    }
}

fn sentences_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let Some(found) = ctx.session.boilerplate() else {
        waiting_ui(ui, ctx, Stage::Boilerplate);
        return;
    };
    let n = (found.sentences.len(), found.n_documents());
    let text = format!("{} in {}", count(n.0, "sentence"), count(n.1, "document"));
    ui.label(text)
        .on_hover_text("Sentences that stand word for word in many documents");
    leave_out_ui(ui, ctx, found);
    ui.add_space(4.0);
    let area = ScrollArea::vertical().auto_shrink(false);
    area.show_rows(ui, theme::ROW, found.sentences.len(), |ui, range| {
        for sentence in &found.sentences[range] {
            let row = Row {
                dot: None,
                score: None,
                text: &sentence.text,
                right: Some(&count(sentence.n_documents, "document")),
                selected: false,
            };
            widgets::row(ui, ctx.theme, &row).on_hover_text(&sentence.text);
        }
    });
}

fn leave_out_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, found: &Boilerplate) {
    let mut is_out = ctx.session.settings.without_boilerplate;
    let can_change = is_out || !found.sentences.is_empty();
    ui.horizontal_wrapped(|ui| {
        let check = ui.add_enabled(
            can_change,
            egui::Checkbox::new(&mut is_out, "Leave them out"),
        );
        if check.changed() {
            ctx.send(Command::LeaveOutBoilerplate(is_out));
        }
        let text = "The documents that hold them are embedded again without them";
        widgets::hint(ui, ctx.theme, text);
    });
}
