//! What says the same, sentences that stand in many documents, and what stands alone.

mod differences;
mod model;
mod paint;
mod triage;

use egui::{ScrollArea, Ui};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::theme;
use super::super::widgets::{self, Row};
use super::waiting_ui;
use crate::message::{count, grouped};
use crate::session::{Boilerplate, Command, Items, Neighborhood, OUTLIER_NEIGHBORS, Stage};
use triage::Triage;

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
    triage: Triage,
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
                Part::Groups => self.triage.ui(ui, ctx, items),
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
