//! A second model on the same documents: how far the two agree, and where they part.

mod choose;
mod maps;
mod model;

use egui::{RichText, ScrollArea, Ui};

use super::super::context::ViewCtx;
use super::super::theme;
use super::super::widgets::{self, Row};
use super::waiting_ui;
use crate::message::grouped;
use crate::session::{Command, Items, Stage, TwoModels};
use choose::Choose;
use maps::Maps;

/// Which list is shown below the maps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    /// Items whose neighbors differ most.
    #[default]
    Movers,
    /// Pairs that are judged most differently.
    Pairs,
}

/// What is being typed, the maps, and the list that is shown.
#[derive(Clone, Default)]
pub struct ModelsView {
    choose: Choose,
    maps: Maps,
    part: Part,
}

impl ModelsView {
    /// Draws the choice of a model, or what came of it.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(items) = ctx.session.items() else {
            return;
        };
        if ctx.session.settings.second_model.is_none() {
            self.choose.ui(ui, ctx);
            return;
        }
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 8));
        frame.show(ui, |ui| {
            let models = ctx.session.agreement().cloned();
            head_ui(ui, ctx, models.as_deref());
            let Some(models) = models else {
                waiting_ui(ui, ctx, Stage::Agreement);
                return;
            };
            ui.add_space(4.0);
            self.maps.ui(ui, ctx, items, &models);
            ui.add_space(8.0);
            self.lists_ui(ui, ctx, items, &models);
        });
    }

    fn lists_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &mut ViewCtx<'_>,
        items: Items<'_>,
        models: &TwoModels,
    ) {
        let (n_movers, n_pairs) = (
            models.agreement.movers.len(),
            models.agreement.disagreements.len(),
        );
        let parts = [
            (
                Part::Movers,
                format!("Other neighbors {}", grouped(n_movers)),
                "Those whose nearest differ, the most first",
            ),
            (
                Part::Pairs,
                format!("Other judgment {}", grouped(n_pairs)),
                "Pairs that one model finds more alike than the other does",
            ),
        ];
        ui.horizontal_wrapped(|ui| {
            for (part, name, tooltip) in parts {
                let label = ui.selectable_label(self.part == part, name);
                if label.on_hover_text(tooltip).clicked() {
                    self.part = part;
                }
            }
        });
        ui.add_space(4.0);
        match self.part {
            Part::Movers => movers_ui(ui, ctx, items, models),
            Part::Pairs => pairs_ui(ui, ctx, items, models),
        }
    }
}

fn head_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, models: Option<&TwoModels>) {
    ui.horizontal_wrapped(|ui| {
        if let Some(models) = models {
            let text = RichText::new(model::headline(&models.agreement));
            let label = ui.label(text.font(theme::semibold(theme::BODY)));
            let mean = models.agreement.mean;
            label.on_hover_text(format!(
                "Mean over all. As shared over all of both lists (Jaccard index) it is {mean:.2}"
            ));
        }
        let stop = ui.button("Stop comparing");
        if stop.on_hover_text("Forget the second model").clicked() {
            ctx.send(Command::SetSecondModel(None));
        }
    });
}

fn movers_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, models: &TwoModels) {
    let movers = &models.agreement.movers;
    if movers.is_empty() {
        widgets::hint(ui, ctx.theme, "All have the same neighbors in both models");
    }
    let area = ScrollArea::vertical().id_salt("movers").auto_shrink(false);
    area.show_rows(ui, theme::ROW, movers.len(), |ui, range| {
        for item in &movers[range] {
            let share = model::share_of(models.agreement.of_item[*item]);
            let row = Row {
                dot: ctx.cluster_color(*item),
                score: None,
                text: &items.title(*item),
                right: Some(&format!("{:.0} % the same", 100.0 * share)),
                selected: ctx.session.selection.selected == Some(*item),
            };
            let response = widgets::row(ui, ctx.theme, &row);
            ctx.pick(*item, &response);
            response.on_hover_ui(|ui| {
                for line in model::rank_changes(items, models, *item) {
                    ui.label(RichText::new(line).size(theme::SECONDARY));
                }
            });
        }
    });
}

fn pairs_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, models: &TwoModels) {
    let names = model::names(models);
    let headline = model::pairs_headline(&models.agreement);
    let label = widgets::hint(ui, ctx.theme, &headline);
    label.on_hover_text(
        "Pairs that either model lists as neighbors. Cosines of two models are of different scales, \
         so a pair is judged by its place among all compared pairs of the same model.",
    );
    let pairs = &models.agreement.disagreements;
    let area = ScrollArea::vertical().id_salt("pairs").auto_shrink(false);
    area.show_rows(ui, theme::ROW, pairs.len(), |ui, range| {
        for pair in &pairs[range] {
            let row = Row {
                dot: None,
                score: None,
                text: &model::pair_title(items, pair),
                right: Some(&format!(
                    "{:.2} against {:.2}",
                    pair.cosine_a, pair.cosine_b
                )),
                selected: false,
            };
            let (row, compare) = widgets::row_with_button(ui, ctx.theme, 0.0, &row, "Compare");
            ctx.pick(pair.a, &row);
            row.on_hover_text(model::pair_judgment(pair, &names));
            if compare.on_hover_text("Read the two side by side").clicked() {
                ctx.compare(pair.a, pair.b);
            }
        }
    });
}
