//! Two texts side by side, with the sentences that say the same thing marked in both: two documents,
//! or one beside pasted text or its cluster.

mod align;
mod grid;
mod head;
mod heat;
mod model;
mod paint;
mod pasted;
mod texts;
mod why;

use egui::{ScrollArea, Ui};

use super::super::context::ViewCtx;
use super::super::widgets;
use crate::analysis::{nearest, scores};
use crate::session::{Beside, Command, Items, Stage};
use heat::Heat;
use model::{Baseline, Lit, Pointed};
use pasted::PastedField;
use texts::{Content, Texts, TextsKey};

/// The most of the view that what stands over the texts may take.
const MAX_HEAD: f32 = 0.6;

/// What is shown of the pair, and what is pointed at.
#[derive(Clone)]
pub struct CompareView {
    baseline: Baseline,
    pointed: Option<Pointed>,
    cell: Option<(usize, usize)>,
    shows_heat: bool,
    shows_why: bool,
    in_step: bool,
    heat: Heat,
    texts: Texts,
    pasted: PastedField,
}

impl Default for CompareView {
    fn default() -> Self {
        Self {
            baseline: Baseline::default(),
            pointed: None,
            cell: None,
            shows_heat: true,
            shows_why: false,
            in_step: true,
            heat: Heat::default(),
            texts: Texts::default(),
            pasted: PastedField::default(),
        }
    }
}

/// What is compared.
struct Pair<'a> {
    of: Items<'a>,
    items: (usize, usize),
    beside: Option<Beside>,
}

impl CompareView {
    /// Draws both texts and their score.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(of) = ctx.session.items() else {
            return;
        };
        let selection = &ctx.session.selection;
        let Some(items) = selection.compared else {
            self.choose_ui(ui, ctx, of);
            return;
        };
        let beside = selection.beside.clone();
        let pair = Pair { of, items, beside };
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 8));
        frame.show(ui, |ui| {
            // In a low window it is scrolled, and the texts keep their place.
            ScrollArea::vertical()
                .id_salt("compare head")
                .auto_shrink([false, true])
                .max_height(MAX_HEAD * ui.available_height())
                .show(ui, |ui| self.head_ui(ui, ctx, &pair));
            ui.separator();
            head::titles_ui(ui, ctx, &pair);
            ui.add_space(4.0);
            self.texts_ui(ui, ctx, &pair);
        });
    }

    fn head_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, pair: &Pair<'_>) {
        head::ui(self, ui, ctx, pair);
        let Some(comparison) = ctx.session.comparison() else {
            self.cell = None;
            return;
        };
        if self.shows_why {
            ui.add_space(4.0);
            head::why_ui(ui, ctx, comparison);
        }
        if !self.shows_heat {
            self.cell = None;
            return;
        }
        ui.add_space(4.0);
        let key = (ctx.session.revision(Stage::Comparison), self.baseline);
        let left = pair.of.text(pair.items.0);
        let hit = self.heat.ui(ui, ctx.theme, (comparison, left), key);
        self.cell = hit.pair;
        if let Some(cell) = hit.pair.filter(|_| hit.clicked) {
            self.texts.scroll_to(cell);
        }
    }

    fn texts_ui(&mut self, ui: &mut Ui, ctx: &ViewCtx<'_>, pair: &Pair<'_>) {
        let comparison = ctx.session.comparison().map(|comparison| &**comparison);
        let right = match (&pair.beside, comparison) {
            (None, _) => pair.of.text(pair.items.1),
            (Some(_), Some(comparison)) => &comparison.right_text,
            (Some(Beside::Text(text)), None) => text,
            (Some(Beside::Cluster), None) => "",
        };
        let pointed = self.pointed.filter(|_| comparison.is_some());
        let lit = match (self.cell, pointed) {
            (Some((left, right)), _) => Lit::Pair(left, right),
            (None, Some(pointed)) => Lit::Sentence(pointed),
            (None, None) => Lit::Nothing,
        };
        let content = Content {
            texts: (pair.of.text(pair.items.0), right),
            comparison,
            baseline: self.baseline,
            lit,
            in_step: self.in_step,
        };
        let key = TextsKey {
            revisions: (
                ctx.session.revision(Stage::Embedding),
                comparison.and(ctx.session.revision(Stage::Comparison)),
            ),
            pair: pair.items,
            beside: pair.beside.clone(),
        };
        let now = self.texts.ui(ui, ctx.theme, &key, &content);
        if now != self.pointed {
            self.pointed = now;
            ui.ctx().request_repaint();
        }
    }

    fn choose_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let Some(item) = ctx.session.selection.selected else {
            widgets::empty_state(
                ui,
                ctx.theme,
                "Choose two documents",
                "Click a cell of the matrix, or select one document and double-click another.",
            );
            let Some(neighborhood) = ctx.session.neighborhood().cloned() else {
                return;
            };
            ui.add_space(12.0);
            ui.vertical_centered(|ui| {
                let name = "Compare the two most alike";
                if items.n() > 1
                    && widgets::primary_button(ui, ctx.theme, name).clicked()
                    && let Some((one, other)) = neighborhood.most_alike()
                {
                    ctx.compare(one, other);
                }
            });
            return;
        };
        let text = format!("Selected is {}.", items.title(item));
        widgets::empty_state(ui, ctx.theme, "Choose what to compare it with", &text);
        ui.add_space(12.0);
        ui.vertical_centered(|ui| {
            let name = "Compare the selected with its nearest";
            if items.n() > 1 && widgets::primary_button(ui, ctx.theme, name).clicked() {
                let scores = scores(items.embeddings(), items.embeddings().row(item));
                if let Some(other) = nearest(&scores, 1, Some(item)).first() {
                    ctx.compare(item, other.item);
                }
            }
            if ctx.session.own_vectors().is_some() {
                return;
            }
            if ui.button("Compare with its cluster").clicked() {
                ctx.send(Command::CompareWith(item, Beside::Cluster));
            }
            if ui.button("Compare with pasted text…").clicked() {
                self.pasted.toggle();
            }
        });
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 8));
        frame.show(ui, |ui| self.pasted.ui(ui, ctx, item));
    }
}
