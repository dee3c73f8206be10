//! The map as a list, for the keyboard and for screen readers: the current point in words, and the
//! points that are nearest to it in meaning.
//!
//! Tab and the arrow keys go from line to line, and what has the focus is marked on the map. Enter
//! makes a neighbor the current point, and the focus goes to its line, so that it is read out.

use egui::{
    CollapsingHeader, EventFilter, Frame, Id, Key, Margin, Modifiers, Panel, Response, ScrollArea,
    Ui,
};

use super::super::super::context::ViewCtx;
use super::super::super::theme;
use super::super::super::widgets::{self, Row};
use crate::analysis::Neighbor;
use crate::session::{Clusters, Command, Items};

/// Neighbors that are listed.
const N_LISTED: usize = 10;
/// Lines in view at once; the others are scrolled to.
const N_IN_VIEW: f32 = 6.0;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// What stands at its left.
    text: String,
    /// Its cluster, at its right.
    cluster: String,
}

impl Line {
    /// The whole line in words.
    fn spoken(&self, score: Option<f32>) -> String {
        match score {
            None => format!("Current point: {}, {}", self.text, self.cluster),
            Some(score) => format!(
                "Neighbor: {}, {}, cosine {score:.2}",
                self.text, self.cluster
            ),
        }
    }
}

/// The list below the map.
#[derive(Clone, Default)]
pub struct NearList {
    /// Whether the line of the current point gets the focus when it is drawn next.
    wants_focus: bool,
}

impl NearList {
    /// Draws it, folded until it is opened.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let frame = Frame::new()
            .fill(ctx.theme.paper)
            .inner_margin(Margin::symmetric(12, 4));
        Panel::bottom("near the current point")
            .frame(frame)
            .show(ui, |ui| {
                let header = CollapsingHeader::new("Near the current point")
                    .id_salt("near the current point")
                    .show(ui, |ui| self.lines_ui(ui, ctx, items));
                let meaning = "The map in words: the selected point and what is nearest to it. Tab \
                               and the arrow keys go through it, Enter selects";
                header.header_response.on_hover_text(meaning);
            });
    }

    fn lines_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let n = items.n();
        let Some(item) = ctx.session.selection.selected.filter(|item| *item < n) else {
            self.start_ui(ui, ctx, items);
            return;
        };
        let clusters = ctx.session.clusters().map(|clusters| &**clusters);
        let neighborhood = ctx.session.neighborhood();
        let neighbors = neighborhood.map_or(&[][..], |near| near.graph.of(item));
        let neighbors = &neighbors[..neighbors.len().min(N_LISTED)];
        let scroll = ScrollArea::vertical()
            .id_salt("near lines")
            .max_height((theme::ROW + 4.0) * N_IN_VIEW);
        scroll.show(ui, |ui| {
            let current = line_ui(ui, ctx, &line(items, clusters, None, item), None, true);
            let mut lines = vec![current.id];
            if std::mem::take(&mut self.wants_focus) {
                current.request_focus();
            }
            if neighborhood.is_none() {
                widgets::hint(ui, ctx.theme, "Its neighbors are being looked for…");
            } else if neighbors.is_empty() {
                widgets::hint(ui, ctx.theme, "There is no other document yet");
            }
            for Neighbor { item: near, cosine } in neighbors {
                let line = line(items, clusters, Some(item), *near);
                let response = line_ui(ui, ctx, &line, Some(*cosine), false);
                lines.push(response.id);
                if response.gained_focus() {
                    // What keys asked for is carried out between frames.
                    ui.ctx().request_repaint();
                    ctx.send(Command::Hover(Some(*near)));
                }
                // Whoever goes by keys wants to hear where they are now.
                self.wants_focus |= response.clicked() && response.has_focus();
                ctx.pick(*near, &response);
            }
            if let Some(to) = walk(ui, &lines) {
                // The first line is the current point itself.
                let neighbor = to.checked_sub(1).map(|at| neighbors[at].item);
                ctx.send(Command::Hover(Some(neighbor.unwrap_or(item))));
            }
        });
    }

    /// Where to begin while nothing is selected: amid the largest cluster.
    fn start_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let central = ctx
            .session
            .clusters()
            .and_then(|found| found.central.first().copied()?);
        let start = central.or((items.n() > 0).then_some(0));
        ui.horizontal_wrapped(|ui| {
            widgets::hint(ui, ctx.theme, "No point is selected.");
            if let Some(start) = start
                && ui.button("Begin amid the largest cluster").clicked()
            {
                self.wants_focus = true;
                ctx.send(Command::Select(Some(start)));
            }
        });
    }
}

/// The arrow keys go from line to line, and not to what lies beside the list; tells to which line.
fn walk(ui: &Ui, lines: &[Id]) -> Option<usize> {
    let focused = ui.memory(egui::Memory::focused);
    let at = lines.iter().position(|line| Some(*line) == focused)?;
    let vertical = EventFilter {
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(lines[at], vertical));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let to = if pressed(Key::ArrowDown) {
        Some(at + 1).filter(|below| *below < lines.len())
    } else if pressed(Key::ArrowUp) {
        at.checked_sub(1)
    } else {
        None
    };
    let to = to?;
    ui.memory_mut(|memory| memory.request_focus(lines[to]));
    ui.ctx().request_repaint();
    Some(to)
}

fn line_ui(
    ui: &mut Ui,
    ctx: &ViewCtx<'_>,
    line: &Line,
    score: Option<f32>,
    is_current: bool,
) -> Response {
    let row = Row {
        dot: None,
        score,
        text: &line.text,
        right: Some(&line.cluster),
        selected: is_current,
    };
    let response = widgets::row(ui, ctx.theme, &row);
    let spoken = line.spoken(score);
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(spoken));
    response
}

/// What is said of an item: for a neighbor, whether it is in the cluster of the current point.
fn line(items: Items<'_>, clusters: Option<&Clusters>, of: Option<usize>, item: usize) -> Line {
    Line {
        text: items.title(item).into_owned(),
        cluster: clusters.map_or_else(String::new, |clusters| cluster_told(clusters, of, item)),
    }
}

fn cluster_told(clusters: &Clusters, of: Option<usize>, item: usize) -> String {
    let label = |item: usize| clusters.clustering.labels[item];
    match (of.map(label), label(item)) {
        (_, None) => "in no cluster".into(),
        (Some(current), found) if current == found => "same cluster".into(),
        (_, Some(cluster)) => format!("in {}", clusters.name(cluster)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Clustering;
    use ndarray::Array2;

    #[test]
    fn it_says_whether_a_neighbor_is_in_the_same_cluster() {
        let labels = vec![Some(0), Some(0), Some(1), None];
        let clusters = Clusters {
            clustering: Clustering::new(labels, Array2::zeros((2, 3))),
            sizes: vec![2, 1],
            words: vec![vec!["tide".into(), "boat".into()], vec![]],
            central: vec![Some(0), Some(2)],
            silhouette: 0.0,
        };
        let told = |of, item| cluster_told(&clusters, of, item);
        assert_eq!(told(None, 0), "in tide, boat");
        assert_eq!(told(Some(1), 0), "same cluster");
        assert_eq!(told(Some(0), 2), "in Cluster 2");
        // Two in no cluster are not in one.
        assert_eq!(told(Some(3), 3), "in no cluster");
    }

    #[test]
    fn a_line_is_read_out_whole() {
        let line = Line {
            text: "Moon and water".into(),
            cluster: "same cluster".into(),
        };
        assert_eq!(
            line.spoken(Some(0.914)),
            "Neighbor: Moon and water, same cluster, cosine 0.91"
        );
        assert_eq!(
            line.spoken(None),
            "Current point: Moon and water, same cluster"
        );
    }
}
