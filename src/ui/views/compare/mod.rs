//! Two items side by side, with the sentences that say the same thing marked in both.

mod model;

use egui::{RichText, ScrollArea, Ui};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::widgets::{MarkedText, marked_text};
use super::super::{theme, widgets};
use crate::analysis::{nearest, scores};
use crate::session::{Command, Comparison, Items, Stage, Status};
use model::{Baseline, Pointed, Side};

/// Between the two texts.
const COLUMN_GAP: f32 = 32.0;

/// Which results the texts were marked from, and what is pointed at.
type Key = (
    Option<u64>,
    Option<u64>,
    (usize, usize),
    Baseline,
    Option<Pointed>,
);

/// The marked texts, and what is pointed at.
#[derive(Clone, Default)]
pub struct CompareView {
    texts: Memo<Key, (MarkedText, MarkedText)>,
    baseline: Baseline,
    pointed: Option<Pointed>,
}

impl CompareView {
    /// Draws both texts and their score.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(items) = ctx.session.items() else {
            return;
        };
        let Some(pair) = ctx.session.selection.compared else {
            choose_ui(ui, ctx, items);
            return;
        };
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 8));
        frame.show(ui, |ui| {
            self.head_ui(ui, ctx, items, pair);
            ui.separator();
            ScrollArea::vertical()
                .auto_shrink(false)
                .show(ui, |ui| self.texts_ui(ui, ctx, items, pair));
        });
    }

    fn texts_ui(&mut self, ui: &mut Ui, ctx: &ViewCtx<'_>, items: Items<'_>, pair: (usize, usize)) {
        let comparison = ctx.session.comparison().map(|comparison| &**comparison);
        let (baseline, pointed) = (self.baseline, self.pointed.filter(|_| comparison.is_some()));
        let key = (
            ctx.session.revision(Stage::Embedding),
            ctx.session.revision(Stage::Comparison),
            pair,
            baseline,
            pointed,
        );
        let (left, right) = self.texts.get(key, || {
            let texts = (items.text(pair.0), items.text(pair.1));
            model::marked(texts, comparison, baseline, pointed)
        });
        ui.spacing_mut().item_spacing.x = COLUMN_GAP;
        let now = ui.columns(2, |columns| {
            let mut now = None;
            let sides = [(Side::Left, left), (Side::Right, right)];
            for (column, (side, text)) in columns.iter_mut().zip(sides) {
                let (response, byte) = marked_text(column, ctx.theme, text);
                let Some((comparison, byte)) = comparison.zip(byte) else {
                    continue;
                };
                now = model::sentence_at(comparison, side, byte);
                if let Some(pointed) = now {
                    let lines = model::told(comparison, baseline, pointed);
                    response.on_hover_ui_at_pointer(|ui| {
                        for line in lines {
                            ui.label(RichText::new(line).size(theme::SECONDARY));
                        }
                    });
                }
            }
            now
        });
        if now != self.pointed {
            self.pointed = now;
            ui.ctx().request_repaint();
        }
    }

    fn head_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &mut ViewCtx<'_>,
        items: Items<'_>,
        (left, right): (usize, usize),
    ) {
        let comparison = ctx.session.comparison().cloned();
        ui.horizontal_wrapped(|ui| {
            score_ui(ui, ctx, items.embeddings().cosine(left, right));
            if let Some(relative) = comparison
                .as_ref()
                .and_then(|found| found.relative.as_ref())
            {
                self.baseline_ui(ui, ctx, relative.score);
            }
            steps_ui(ui, ctx, (left, right));
            let swap = ui
                .button("Swap sides")
                .on_hover_text("Exchange left and right");
            if swap.clicked() {
                ctx.send(Command::SwapCompared);
            }
            ui.add_space(4.0);
            widgets::hint(ui, ctx.theme, &explanation(ctx));
        });
        if let Some(comparison) = comparison.as_deref() {
            let words = model::words_told(comparison);
            let told = [Some(words), share(comparison)];
            let told: Vec<String> = told.into_iter().flatten().collect();
            widgets::hint(ui, ctx.theme, &told.join(" · "));
        }
        ui.add_space(4.0);
        ui.spacing_mut().item_spacing.x = COLUMN_GAP;
        ui.columns(2, |columns| {
            for (column, item) in columns.iter_mut().zip([left, right]) {
                column.label(RichText::new(items.title(item)).font(theme::semibold(theme::TITLE)));
                widgets::hint(column, ctx.theme, &items.document(item).source.to_string());
            }
        });
    }

    fn baseline_ui(&mut self, ui: &mut Ui, ctx: &ViewCtx<'_>, score: f32) {
        const MEANING: &str = "All documents here have something in common, and all of them the \
                               more alike for it. This takes the mean of all out of both, and shows \
                               what each pair of sentences contributes beyond it";
        let mut is_relative = self.baseline == Baseline::Corpus;
        let check = ui.checkbox(&mut is_relative, "Relative to the corpus");
        if check.on_hover_text(MEANING).changed() {
            self.baseline = if is_relative {
                Baseline::Corpus
            } else {
                Baseline::Nothing
            };
        }
        if is_relative {
            let text = format!("{score:.3} beyond what all share");
            widgets::hint(ui, ctx.theme, &text).on_hover_text(
                "The dot product of both vectors less the mean of all; no cosine, since neither has \
                 length 1 then",
            );
        }
    }
}

/// The left one with the neighbor before or after the right one.
fn steps_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, (left, right): (usize, usize)) {
    let Some(near) = ctx.session.neighborhood().cloned() else {
        return;
    };
    for (name, by, tooltip) in [
        (
            "Nearer",
            -1,
            "Compare the left one with the next nearer to it",
        ),
        (
            "Farther",
            1,
            "Compare the left one with the next farther from it",
        ),
    ] {
        let other = model::step(near.graph.of(left), right, by);
        let button = ui.add_enabled(other.is_some(), egui::Button::new(name));
        let button = button.on_hover_text(tooltip);
        if let Some(other) = other.filter(|_| button.clicked()) {
            ctx.send(Command::Compare(left, other));
        }
    }
}

fn score_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, score: f32) {
    let text = RichText::new(format!("{score:.3}")).font(theme::semibold(theme::HEADLINE));
    ui.label(text)
        .on_hover_text("Cosine of the two vectors: 1 says the same, 0 has nothing in common");
    ui.label(RichText::new("cosine").color(ctx.theme.secondary));
    ui.add_space(12.0);
}

fn choose_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
    widgets::empty_state(
        ui,
        ctx.theme,
        "Choose two documents",
        "Click a cell of the matrix, or select one document and double-click another.",
    );
    let Some(item) = ctx.session.selection.selected.filter(|_| items.n() > 1) else {
        return;
    };
    ui.add_space(12.0);
    ui.vertical_centered(|ui| {
        if widgets::primary_button(ui, ctx.theme, "Compare the selected with its nearest").clicked()
        {
            let scores = scores(items.embeddings(), items.embeddings().row(item));
            if let Some(other) = nearest(&scores, 1, Some(item)).first() {
                ctx.compare(item, other.item);
            }
        }
    });
}

fn share(comparison: &Comparison) -> Option<String> {
    let percent = model::share_of_marked(comparison)? * 100.0;
    Some(if comparison.explanation.is_exact {
        format!("{percent:.0} % of the score comes from matches. Point at a sentence to see more")
    } else {
        format!(
            "about {percent:.0} % of the score comes from matches; this model allows no exact contributions"
        )
    })
}

fn explanation(ctx: &ViewCtx<'_>) -> String {
    if let Some(comparison) = ctx.session.comparison() {
        return match comparison.matches.len() {
            0 => "No sentence of one is close to a sentence of the other".into(),
            1 => "One pair of sentences matches".into(),
            n => format!("{n} pairs of sentences match, 1 is the strongest"),
        };
    }
    match ctx.session.status(Stage::Comparison) {
        Status::Stopped(_) => "Stopped; the matching sentences are not marked".into(),
        _ => "Looking for matching sentences…".into(),
    }
}
