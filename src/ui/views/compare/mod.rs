//! Two items side by side, with the sentences that say the same thing marked in both.

mod model;
mod paint;

use egui::{RichText, ScrollArea, Ui};

use super::super::context::ViewCtx;
use super::super::memo::Memo;
use super::super::{theme, widgets};
use crate::analysis::{nearest, scores};
use crate::session::{Command, Comparison, Items, Stage, Status};
use model::Marked;

/// Between the two texts.
const COLUMN_GAP: f32 = 32.0;

/// Which results the texts were marked from.
type Key = (Option<u64>, Option<u64>, (usize, usize));

/// The marked texts and what is said of them, remembered.
#[derive(Default)]
pub struct CompareView {
    texts: Memo<Key, (Marked, Marked, Option<String>)>,
}

impl CompareView {
    /// Draws both texts and their score.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(items) = ctx.session.items() else {
            return;
        };
        let Some((left, right)) = ctx.session.selection.compared else {
            choose_ui(ui, ctx, items);
            return;
        };
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 8));
        frame.show(ui, |ui| {
            let key = (
                ctx.session.revision(Stage::Embedding),
                ctx.session.revision(Stage::Comparison),
                (left, right),
            );
            let (left_text, right_text, share) = self.texts.get(key, || {
                let comparison = ctx.session.comparison().map(|c| &**c);
                let texts = (items.text(left), items.text(right));
                let (left, right) = model::marked(texts.0, texts.1, comparison);
                (left, right, comparison.and_then(share))
            });
            head_ui(ui, ctx, items, (left, right), share.as_deref());
            ui.separator();
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = COLUMN_GAP;
                ui.columns(2, |columns| {
                    paint::text(&mut columns[0], ctx.theme, left_text);
                    paint::text(&mut columns[1], ctx.theme, right_text);
                });
            });
        });
    }
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

fn head_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    items: Items<'_>,
    (left, right): (usize, usize),
    share: Option<&str>,
) {
    let score = items.embeddings().cosine(left, right);
    ui.horizontal(|ui| {
        let text = RichText::new(format!("{score:.3}")).font(theme::semibold(theme::HEADLINE));
        ui.label(text)
            .on_hover_text("Cosine of the two vectors: 1 says the same, 0 has nothing in common");
        ui.label(RichText::new("cosine").color(ctx.theme.secondary));
        ui.add_space(12.0);
        if ui
            .button("Swap sides")
            .on_hover_text("Exchange left and right")
            .clicked()
        {
            ctx.send(Command::SwapCompared);
        }
        ui.add_space(12.0);
        widgets::hint(ui, ctx.theme, &explanation(ctx));
    });
    if let Some(share) = share {
        widgets::hint(ui, ctx.theme, share);
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

fn share(comparison: &Comparison) -> Option<String> {
    let percent = model::share_of_marked(comparison)? * 100.0;
    Some(if comparison.explanation.is_exact {
        format!(
            "{percent:.0} % of the score comes from these sentences; beside each number stands what the pair contributes"
        )
    } else {
        format!(
            "About {percent:.0} % of the score comes from these sentences; this model allows no exact contributions"
        )
    })
}

fn explanation(ctx: &ViewCtx<'_>) -> String {
    if let Some(comparison) = ctx.session.comparison() {
        return match comparison.matches.len() {
            0 => "No sentence of one is close to a sentence of the other".into(),
            1 => "The strongest matching sentences are marked 1".into(),
            n => format!(
                "{n} pairs of sentences match best; equal numbers belong together, 1 is the strongest"
            ),
        };
    }
    match ctx.session.status(Stage::Comparison) {
        Status::Stopped(_) => "Stopped; the matching sentences are not marked".into(),
        _ => "Looking for matching sentences…".into(),
    }
}
