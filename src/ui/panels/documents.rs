//! The list of documents, or of what a search found; below it the clusters.

use egui::{Color32, ScrollArea, Ui};

use super::hits::Hits;
use super::saved_searches::SavedSearches;
use super::{clusters, filters, query};
use crate::message::grouped;
use crate::session::{Command, Items, Level, Stage};
use crate::ui::context::ViewCtx;
use crate::ui::memo::Memo;
use crate::ui::theme;
use crate::ui::widgets::{self, Row};

/// The panel on the left.
#[derive(Default)]
pub struct Documents {
    rows: Memo<(Option<u64>, Option<u64>, Level), Vec<Line>>,
    hits: Hits,
    saved: SavedSearches,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Folder(String, usize),
    Item(usize),
}

impl Documents {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(items) = ctx.session.items() else {
            return;
        };
        level_ui(ui, ctx, items);
        ui.add_space(8.0);
        query::ui(ui, ctx, items);
        self.saved.ui(ui, ctx, items);
        if let Some(facts) = ctx.session.facts() {
            filters::ui(ui, ctx, &facts);
            ui.add_space(8.0);
        }
        let clusters_height = clusters::height(ui, ctx);
        let list_height = (ui.available_height() - clusters_height).max(120.0);
        ui.allocate_ui(egui::vec2(ui.available_width(), list_height), |ui| {
            ui.set_min_height(list_height);
            match ctx.session.shown_hits() {
                Some(hits) => self.hits.ui(ui, ctx, items, hits),
                None => self.list_ui(ui, ctx, items),
            }
        });
        clusters::ui(ui, ctx);
    }

    fn list_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let key = (
            ctx.session.revision(Stage::Embedding),
            ctx.session.revision(Stage::Rows),
            items.level(),
        );
        let passes = |item: usize| ctx.session.passes(item);
        let lines = self.rows.get(key, || lines(items, passes));
        let clusters_of = ctx.session.clusters();
        ScrollArea::vertical().auto_shrink(false).show_rows(
            ui,
            theme::ROW,
            lines.len(),
            |ui, range| {
                for line in &lines[range] {
                    match line {
                        Line::Folder(name, n) => folder_ui(ui, ctx, name, *n),
                        Line::Item(item) => {
                            let label = clusters_of.map(|found| found.clustering.labels[*item]);
                            let row = Row {
                                dot: label.map(|label| match label {
                                    Some(cluster) => theme::group(cluster),
                                    None => Color32::TRANSPARENT,
                                }),
                                score: None,
                                text: &items.title(*item),
                                right: None,
                                selected: ctx.session.selection.selected == Some(*item),
                            };
                            let response = widgets::row(ui, ctx.theme, &row);
                            if label == Some(None) {
                                clusters::hollow_dot(ui, response.rect);
                            }
                            ctx.pick(*item, &response);
                        }
                    }
                }
            },
        );
    }
}

/// Items that pass the filters, under the folder, or the table, that they come from.
fn lines(items: Items<'_>, passes: impl Fn(usize) -> bool) -> Vec<Line> {
    let folder = |item: usize| {
        items
            .document(item)
            .source
            .folder()
            .unwrap_or_else(|| "Pasted".into())
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut heading = 0;
    for item in (0..items.n()).filter(|item| passes(*item)) {
        let name = folder(item);
        match lines.get_mut(heading) {
            Some(Line::Folder(last, n)) if *last == name => *n += 1,
            _ => {
                heading = lines.len();
                lines.push(Line::Folder(name, 1));
            }
        }
        lines.push(Line::Item(item));
    }
    lines
}

fn folder_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, name: &str, n: usize) {
    let (rect, _) = ui.allocate_exact_size(
        egui::vec2(ui.available_width(), theme::ROW),
        egui::Sense::hover(),
    );
    let middle = rect.center().y + 2.0;
    let right = egui::pos2(rect.right() - 8.0, middle);
    let font = theme::regular(theme::SMALL);
    let color = ctx.theme.secondary;
    let shown = ui
        .painter()
        .text(right, egui::Align2::RIGHT_CENTER, grouped(n), font, color);
    let font = theme::semibold(theme::SECONDARY);
    let name = egui::RichText::new(name).font(font).color(color);
    let left = egui::pos2(rect.left() + 8.0, middle);
    widgets::cut_line(ui, left, shown.left() - 8.0 - left.x, name);
}

fn level_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
    let passages = &items.embedded().passages;
    let levels = [
        (
            Level::Documents,
            "Documents",
            passages.of_document.len(),
            "Each item is a whole document",
        ),
        (
            Level::Passages,
            "Passages",
            passages.list.len(),
            "Each item is a passage of at most a page or so",
        ),
    ];
    ui.horizontal(|ui| {
        for (level, name, n, tooltip) in levels {
            let text = format!("{name} {}", grouped(n));
            if ui
                .selectable_label(items.level() == level, text)
                .on_hover_text(tooltip)
                .clicked()
            {
                ctx.send(Command::SetLevel(level));
            }
        }
    });
}
