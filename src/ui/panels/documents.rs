//! The list of documents, or of what a search found; below it the clusters.

use egui::{DragValue, RichText, ScrollArea, Ui};

use crate::analysis::ClusterCount;
use crate::export::N_GROUP_COLORS;
use crate::message::{count, grouped};
use crate::session::{Clusters, Command, Items, Level, SearchHits, Stage};
use crate::ui::context::ViewCtx;
use crate::ui::memo::Memo;
use crate::ui::widgets::{self, Row};
use crate::ui::{theme, widgets::section_label};

/// The panel on the left.
#[derive(Default)]
pub struct Documents {
    rows: Memo<(Option<u64>, Level), Vec<Line>>,
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
        let clusters_height = clusters_height(ui, ctx);
        let list_height = (ui.available_height() - clusters_height).max(120.0);
        ui.allocate_ui(egui::vec2(ui.available_width(), list_height), |ui| {
            ui.set_min_height(list_height);
            match ctx.session.search_hits() {
                Some(hits) => hits_ui(ui, ctx, items, hits),
                None => self.list_ui(ui, ctx, items),
            }
        });
        clusters_ui(ui, ctx);
    }

    fn list_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let key = (ctx.session.revision(Stage::Embedding), items.level());
        let lines = self.rows.get(key, || lines(items));
        let clusters = ctx.session.clusters();
        ScrollArea::vertical().auto_shrink(false).show_rows(
            ui,
            theme::ROW,
            lines.len(),
            |ui, range| {
                for line in &lines[range] {
                    match line {
                        Line::Folder(name, n) => folder_ui(ui, ctx, name, *n),
                        Line::Item(item) => {
                            let row = Row {
                                dot: clusters.map(|clusters| {
                                    theme::label(clusters.clustering.labels[*item])
                                }),
                                score: None,
                                text: &items.title(*item),
                                right: None,
                                selected: ctx.session.selection.selected == Some(*item),
                            };
                            let response = widgets::row(ui, ctx.theme, &row);
                            ctx.pick(*item, &response);
                        }
                    }
                }
            },
        );
    }
}

/// Items under the folder, or the table, that they come from.
fn lines(items: Items<'_>) -> Vec<Line> {
    let folder = |item: usize| {
        items
            .document(item)
            .source
            .folder()
            .unwrap_or_else(|| "Pasted".into())
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut heading = 0;
    for item in 0..items.n() {
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
    let painter = ui.painter_at(rect);
    let baseline = rect.center() + egui::vec2(0.0, 2.0);
    let (left, right) = (
        egui::pos2(rect.left() + 8.0, baseline.y),
        egui::pos2(rect.right() - 8.0, baseline.y),
    );
    let font = theme::semibold(theme::SECONDARY);
    painter.text(
        left,
        egui::Align2::LEFT_CENTER,
        name,
        font,
        ctx.theme.secondary,
    );
    let font = theme::regular(theme::SMALL);
    painter.text(
        right,
        egui::Align2::RIGHT_CENTER,
        grouped(n),
        font,
        ctx.theme.secondary,
    );
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

fn hits_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, hits: &SearchHits) {
    section_label(ui, ctx.theme, "Nearest in meaning");
    ui.add_space(4.0);
    ScrollArea::vertical().auto_shrink(false).show_rows(
        ui,
        theme::ROW,
        hits.hits.len(),
        |ui, range| {
            for hit in &hits.hits[range] {
                let passage = &items.embedded().passages.list[hit.passage];
                let place = items.document(hit.item).place(&passage.range);
                // A page or a slide is short; a heading would push the title out.
                let number = place.as_deref().and_then(|place| place.split(" · ").next());
                let number =
                    number.filter(|part| part.starts_with("page") || part.starts_with("slide"));
                let row = Row {
                    dot: None,
                    score: Some(hit.cosine),
                    text: &items.title(hit.item),
                    right: number,
                    selected: ctx.session.selection.selected == Some(hit.item),
                };
                let mut response = widgets::row(ui, ctx.theme, &row);
                if let Some(place) = place {
                    response = response.on_hover_text(format!("Best at {place}"));
                }
                ctx.pick(hit.item, &response);
            }
        },
    );
}

/// Height of the clusters: their rows, but at most this share of the panel.
fn clusters_height(ui: &Ui, ctx: &ViewCtx<'_>) -> f32 {
    const MAX_SHARE: f32 = 0.42;
    let n_rows = ctx
        .session
        .clusters()
        .map_or(1, |clusters| legend(clusters).len());
    let rows = (theme::ROW + 4.0) * n_rows as f32;
    (rows + 56.0).min(ui.available_height() * MAX_SHARE)
}

fn clusters_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    ui.add_space(8.0);
    ui.separator();
    ui.horizontal(|ui| {
        section_label(ui, ctx.theme, "Clusters");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            count_ui(ui, ctx);
        });
    });
    let Some(clusters) = ctx.session.clusters() else {
        widgets::hint(ui, ctx.theme, "Being worked out…");
        return;
    };
    let legend = ScrollArea::vertical()
        .id_salt("clusters")
        .auto_shrink(false);
    legend.show(ui, |ui| legend_ui(ui, ctx, clusters));
}

fn legend_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, clusters: &Clusters) {
    for (name, group, n) in legend(clusters) {
        let row = Row {
            dot: Some(theme::group(group)),
            score: None,
            text: &name,
            right: Some(&grouped(n)),
            selected: false,
        };
        let response = widgets::row(ui, ctx.theme, &row);
        let is_one = group < N_GROUP_COLORS;
        if is_one && response.clicked() {
            ctx.send(Command::Select(central_item(ctx, clusters, group)));
        }
        let meaning = if is_one {
            "Click for its most central document"
        } else {
            "Too many to tell apart by color"
        };
        response.on_hover_text(format!("{name}\n{meaning}"));
    }
}

/// Name, color index and size of each cluster, those without a color of their own joined as "other".
fn legend(clusters: &Clusters) -> Vec<(String, usize, usize)> {
    let sizes = &clusters.sizes;
    let named = sizes.iter().enumerate().take(N_GROUP_COLORS);
    let mut rows: Vec<_> = named
        .map(|(cluster, n)| (clusters.name(cluster), cluster, *n))
        .collect();
    let rest = sizes.len().saturating_sub(N_GROUP_COLORS);
    if rest > 0 {
        let n = sizes[N_GROUP_COLORS..].iter().sum();
        rows.push((
            format!("other ({})", count(rest, "cluster")),
            N_GROUP_COLORS,
            n,
        ));
    }
    rows
}

fn central_item(ctx: &ViewCtx<'_>, clusters: &Clusters, cluster: usize) -> Option<usize> {
    let items = ctx.session.items()?;
    let center = clusters.clustering.centers.row(cluster);
    let nearness = |item: &usize| items.embeddings().row(*item).dot(&center);
    let members = (0..items.n()).filter(|item| clusters.clustering.labels[*item] == Some(cluster));
    members.max_by(|a, b| nearness(a).total_cmp(&nearness(b)))
}

fn count_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let present = ctx
        .session
        .clusters()
        .map_or(8, |clusters| clusters.clustering.n_clusters());
    let rule = ctx.session.settings.cluster.count;
    let mut auto = rule == ClusterCount::Auto;
    let mut n = match rule {
        ClusterCount::Auto => present,
        ClusterCount::Fixed(n) => n,
    };
    let drag = ui.name_inputs("Number of clusters", |ui| {
        ui.add(DragValue::new(&mut n).range(1..=200).speed(0.1))
    });
    if drag
        .on_hover_text("Drag or type to choose how many")
        .changed()
    {
        ctx.send(Command::SetClusterCount(ClusterCount::Fixed(n)));
    }
    let text = RichText::new("auto").size(theme::SECONDARY);
    if ui
        .checkbox(&mut auto, text)
        .on_hover_text("As many as fit best (mean silhouette)")
        .changed()
    {
        let count = if auto {
            ClusterCount::Auto
        } else {
            ClusterCount::Fixed(present)
        };
        ctx.send(Command::SetClusterCount(count));
    }
}
