//! The clusters below the list: how they are made, what each is called, and how far to trust it.

use egui::{Color32, ComboBox, DragValue, RichText, ScrollArea, Stroke, Ui, vec2};

use crate::analysis::{ClusterCount, ClusterMethod, HdbscanRule, Stability};
use crate::export::N_GROUP_COLORS;
use crate::message::{count, grouped};
use crate::session::{Clusters, Command, Stage, Status};
use crate::ui::context::ViewCtx;
use crate::ui::theme::{self, Theme};
use crate::ui::widgets::{self, Row, Toggle, section_label};

/// Clusters that overlap less than this when they are made again are marked.
const UNSTABLE: f32 = 0.6;

/// Height of the clusters: their rows, but at most this share of the panel.
pub fn height(ui: &Ui, ctx: &ViewCtx<'_>) -> f32 {
    const MAX_SHARE: f32 = 0.42;
    let n_rows = ctx
        .session
        .clusters()
        .map_or(1, |clusters| legend(clusters).len());
    let rows = (theme::ROW + 4.0) * n_rows as f32;
    (rows + 84.0).min(ui.available_height() * MAX_SHARE)
}

/// Draws them.
pub fn ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    ui.add_space(8.0);
    ui.separator();
    ui.horizontal(|ui| {
        section_label(ui, ctx.theme, "Clusters");
        // Density finds their number by itself.
        let method = ctx.session.settings.cluster.method;
        if !matches!(method, ClusterMethod::Hdbscan(_)) {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                count_ui(ui, ctx);
            });
        }
    });
    ui.horizontal(|ui| {
        method_ui(ui, ctx);
        silhouette_ui(ui, ctx);
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

fn method_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let methods = [
        (
            ClusterMethod::KMeans,
            "k-means",
            "Every item belongs to the cluster with the nearest center",
        ),
        (
            ClusterMethod::Hdbscan(HdbscanRule::default()),
            "Density (HDBSCAN)",
            "Where items lie close together there is a cluster; what lies between is in none. Finds \
             the number of clusters by itself",
        ),
        (
            ClusterMethod::Hierarchy,
            "Tree (Ward)",
            "Joins the two nearest clusters again and again, until so many are left",
        ),
    ];
    let now = ctx.session.settings.cluster.method;
    let is_now =
        |method: &ClusterMethod| std::mem::discriminant(method) == std::mem::discriminant(&now);
    let shown = methods.iter().find(|(method, ..)| is_now(method));
    let combo = ComboBox::from_id_salt("cluster method")
        .width(136.0)
        .selected_text(shown.map_or("", |(_, name, _)| *name));
    ui.name_inputs("Cluster method", |ui| {
        combo.show_ui(ui, |ui| {
            for (method, name, meaning) in methods {
                let choice = ui.selectable_label(is_now(&method), name);
                if choice.on_hover_text(meaning).clicked() && !is_now(&method) {
                    ctx.send(Command::SetClusterMethod(method));
                }
            }
        })
    });
}

fn silhouette_ui(ui: &mut Ui, ctx: &ViewCtx<'_>) {
    let is_working = matches!(ctx.session.status(Stage::Clusters), Status::Working(_));
    let clusters = ctx.session.clusters().filter(|_| !is_working);
    let several = clusters.filter(|clusters| clusters.sizes.len() > 1);
    if let Some(clusters) = several {
        let text = format!("silhouette {:.2}", clusters.silhouette);
        let meaning = "Mean silhouette: how much nearer items are to their own cluster than to the \
                       next one. 1: clusters lie far apart; 0: they run into each other; below 0: \
                       many items are nearer to another cluster than to their own.";
        widgets::hint(ui, ctx.theme, &text).on_hover_text(meaning);
    }
}

/// One line of the legend.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    group: Group,
    n: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Cluster(usize),
    /// Those without a color of their own.
    Others,
    /// Items in no cluster.
    Noise,
}

/// Name and size of each cluster, those without a color of their own joined as "other", and last
/// what is in none.
fn legend(clusters: &Clusters) -> Vec<Line> {
    let sizes = &clusters.sizes;
    let named = sizes.iter().enumerate().take(N_GROUP_COLORS);
    let mut lines: Vec<Line> = named
        .map(|(cluster, n)| Line {
            name: clusters.name(cluster),
            group: Group::Cluster(cluster),
            n: *n,
        })
        .collect();
    let rest = sizes.len().saturating_sub(N_GROUP_COLORS);
    if rest > 0 {
        lines.push(Line {
            name: format!("other ({})", count(rest, "cluster")),
            group: Group::Others,
            n: sizes[N_GROUP_COLORS..].iter().sum(),
        });
    }
    let n_noise = clusters.clustering.labels.len() - sizes.iter().sum::<usize>();
    if n_noise > 0 {
        lines.push(Line {
            name: clusters.label(None),
            group: Group::Noise,
            n: n_noise,
        });
    }
    lines
}

/// Each cluster with its color and size, for a picture.
pub fn key_ui(ui: &mut Ui, theme: Theme, clusters: &Clusters) {
    section_label(ui, theme, "Clusters");
    for line in legend(clusters) {
        let n = grouped(line.n);
        let row = Row {
            dot: Some(line.group.color()),
            score: None,
            text: &line.name,
            right: Some(&n),
            selected: false,
        };
        let response = widgets::row(ui, theme, &row);
        if line.group == Group::Noise {
            hollow_dot(ui, response.rect);
        }
    }
}

fn legend_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, clusters: &Clusters) {
    let stability = ctx.session.stability();
    for line in legend(clusters) {
        let found_again = match line.group {
            Group::Cluster(cluster) => {
                stability.and_then(|stability| stability.of_cluster.get(cluster).copied())
            }
            Group::Others | Group::Noise => None,
        };
        let is_unstable = found_again.is_some_and(|share| share < UNSTABLE);
        let mut right = grouped(line.n);
        if is_unstable {
            right = format!("⚠ {right}");
        }
        let row = Row {
            dot: None,
            score: None,
            text: &line.name,
            right: Some(&right),
            selected: false,
        };
        let (toggle, response) = widgets::row_with_toggle(ui, ctx.theme, &row, &toggle(ctx, &line));
        if toggle.clicked() {
            for cluster in line.group.clusters(clusters) {
                let is_hidden = ctx.session.narrowing().hidden_clusters.contains(&cluster);
                ctx.send(Command::ShowCluster(cluster, is_hidden));
            }
        }
        let mut told = format!("{}\n{}", line.name, meaning(line.group));
        if let (Some(share), Some(stability)) = (found_again, stability) {
            told += "\n";
            told += &stability_told(share, stability);
        }
        if let Group::Cluster(cluster) = line.group
            && response.clicked()
        {
            ctx.send(Command::Select(clusters.central[cluster]));
        }
        response.on_hover_text(told);
    }
}

impl Group {
    /// Filled; noise is drawn hollow.
    fn color(self) -> Color32 {
        match self {
            Self::Cluster(cluster) => theme::group(cluster),
            Self::Others => theme::group(N_GROUP_COLORS),
            Self::Noise => Color32::TRANSPARENT,
        }
    }

    /// What it stands for.
    fn clusters(self, clusters: &Clusters) -> Vec<Option<usize>> {
        match self {
            Self::Cluster(cluster) => vec![Some(cluster)],
            Self::Others => (N_GROUP_COLORS..clusters.sizes.len()).map(Some).collect(),
            Self::Noise => vec![None],
        }
    }
}

/// The dot of a line, which switches its items off and on.
fn toggle(ctx: &ViewCtx<'_>, line: &Line) -> Toggle {
    let hidden = &ctx.session.narrowing().hidden_clusters;
    let (color, cluster) = match line.group {
        Group::Cluster(cluster) => (theme::group(cluster), Some(cluster)),
        Group::Others => (theme::group(N_GROUP_COLORS), Some(N_GROUP_COLORS)),
        Group::Noise => (theme::label(None), None),
    };
    Toggle {
        color,
        is_hollow: line.group == Group::Noise,
        is_on: !hidden.contains(&cluster),
        name: format!("Show {}", line.name),
    }
}

fn meaning(group: Group) -> &'static str {
    match group {
        Group::Cluster(_) => "Click for its most central document",
        Group::Others => "Too many to tell apart by color",
        Group::Noise => "Not close enough to any cluster; hollow on the map",
    }
}

/// What it means that a cluster was found again as it was. The bounds are Hennig's.
fn stability_told(share: f32, stability: &Stability) -> String {
    let verdict = match share {
        0.75.. => "Stable",
        UNSTABLE.. => "Fairly stable",
        _ => "Unstable, do not build on it",
    };
    format!(
        "{verdict}: made again {} times from a part of the items, it was the same by {:.0} % \
         (mean overlap)",
        stability.n_runs,
        share * 100.0
    )
}

/// Where the dot of a row belongs, for an item in no cluster.
pub fn hollow_dot(ui: &Ui, row: egui::Rect) {
    let at = row.left_center() + vec2(12.0, 0.0);
    let line = Stroke::new(1.5, theme::label(None));
    ui.painter().circle_stroke(at, 3.5, line);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Clustering;
    use ndarray::Array2;

    fn clusters(labels: Vec<Option<usize>>, n_clusters: usize) -> Clusters {
        let clustering = Clustering::new(labels, Array2::zeros((n_clusters, 2)));
        Clusters {
            sizes: clustering.members().iter().map(Vec::len).collect(),
            words: vec![Vec::new(); n_clusters],
            central: vec![None; n_clusters],
            silhouette: 0.0,
            clustering,
        }
    }

    #[test]
    fn what_is_in_no_cluster_comes_last() {
        let lines = legend(&clusters(vec![Some(0), None, Some(0), Some(1), None], 2));
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.name.as_str(), line.group, line.n))
            .collect();
        assert_eq!(
            told,
            [
                ("Cluster 1", Group::Cluster(0), 2),
                ("Cluster 2", Group::Cluster(1), 1),
                ("In no cluster", Group::Noise, 2)
            ]
        );
    }

    #[test]
    fn clusters_without_a_color_are_joined() {
        let lines = legend(&clusters((0..22).map(Some).collect(), 22));
        assert_eq!(lines.len(), N_GROUP_COLORS + 1);
        let last = lines.last().unwrap();
        assert_eq!((last.group, last.n), (Group::Others, 3));
        assert_eq!(last.name, "other (3 clusters)");
    }

    #[test]
    fn stability_is_told_in_words() {
        let stability = Stability {
            of_cluster: Vec::new(),
            of_item: Vec::new(),
            n_runs: 8,
        };
        let told = |share| stability_told(share, &stability);
        assert_eq!(
            told(0.92),
            "Stable: made again 8 times from a part of the items, it was the same by 92 % (mean overlap)"
        );
        assert!(told(0.7).starts_with("Fairly stable:"));
        assert!(told(0.4).starts_with("Unstable, do not build on it:"));
    }
}
