//! The selected item: what it is, what is nearest to it, its text.

use egui::{Button, Margin, RichText, ScrollArea, Ui};

use super::item_text::{ItemText, file_ui};
use crate::analysis::{Neighbor, Stability, nearest, scores};
use crate::message::count;
use crate::session::{
    Clusters, Command, Example, Items, Level, Neighborhood, OUTLIER_NEIGHBORS, Stage, Status,
};
use crate::ui::context::ViewCtx;
use crate::ui::memo::Memo;
use crate::ui::theme;
use crate::ui::widgets::{self, Row, section_label};

/// How many neighbors are listed.
const N_NEAREST: usize = 10;

/// The panel on the right.
#[derive(Default)]
pub struct Inspector {
    nearest: Memo<(Option<u64>, Level, usize), Vec<Neighbor>>,
    text: ItemText,
}

impl Inspector {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(items) = ctx.session.items() else {
            return;
        };
        let Some(item) = ctx.session.selection.selected else {
            let text =
                "Click a document on the map or in the list to see its text and its nearest.";
            widgets::empty_state(ui, ctx.theme, "Nothing selected", text);
            return;
        };
        let room_for_bar = Margin {
            right: 8,
            ..Margin::ZERO
        };
        let scroll = ScrollArea::vertical()
            .auto_shrink(false)
            .content_margin(room_for_bar);
        scroll.show(ui, |ui| {
            head_ui(ui, ctx, items, item);
            ui.add_space(4.0);
            search_ui(ui, ctx, item);
            ui.add_space(12.0);
            self.nearest_ui(ui, ctx, items, item);
            ui.add_space(12.0);
            self.text.ui(ui, ctx, items, item);
        });
    }

    fn nearest_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, item: usize) {
        section_label(ui, ctx.theme, "Nearest by cosine");
        let key = (ctx.session.revision(Stage::Embedding), items.level(), item);
        let found = match ctx.session.neighborhood() {
            Some(neighborhood) => first(neighborhood.graph.of(item), N_NEAREST),
            // Until the graph is there, this one item's are found by looking at all others.
            None => self.nearest.get(key, || {
                let scores = scores(items.embeddings(), items.embeddings().row(item));
                nearest(&scores, N_NEAREST, Some(item))
            }),
        };
        if found.is_empty() {
            widgets::hint(ui, ctx.theme, "There is no other document yet");
        }
        for neighbor in found {
            neighbor_ui(ui, ctx, items, item, *neighbor);
        }
    }
}

fn first<T>(list: &[T], n: usize) -> &[T] {
    &list[..n.min(list.len())]
}

fn neighbor_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    items: Items<'_>,
    item: usize,
    neighbor: Neighbor,
) {
    let row = Row {
        dot: None,
        score: Some(neighbor.cosine),
        text: &items.title(neighbor.item),
        right: None,
        selected: false,
    };
    let (response, compare) = widgets::row_with_button(ui, ctx.theme, 0.0, &row, "Compare");
    ctx.pick(neighbor.item, &response);
    if compare.on_hover_text("Read the two side by side").clicked() {
        ctx.compare(item, neighbor.item);
    }
}

/// Searching by this item as an example.
fn search_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, item: usize) {
    let query = ctx.session.query();
    let (is_plus, is_minus) = (query.plus.contains(&item), query.minus.contains(&item));
    // Without anything to be like there is nothing to search for.
    let can_subtract = is_minus || !(query.words.is_empty() && query.plus.is_empty());
    let toggled = |is_on: bool, example: Example| {
        let example = if is_on { Example::Neither } else { example };
        Command::SearchLike(item, example)
    };
    ui.horizontal(|ui| {
        let more = ui.add(Button::selectable(is_plus, "More like this").frame_when_inactive(true));
        let tooltip = "Search for texts like this one, together with what is searched for already";
        if more.on_hover_text(tooltip).clicked() {
            ctx.send(toggled(is_plus, Example::Like));
        }
        let less = Button::selectable(is_minus, "Less like this").frame_when_inactive(true);
        let less = ui
            .add_enabled(can_subtract, less)
            .on_hover_text("Put texts like this one last in what is found")
            .on_disabled_hover_text("Search for something first; then this takes away from it");
        if less.clicked() {
            ctx.send(toggled(is_minus, Example::Unlike));
        }
    });
}

fn head_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, item: usize) {
    let document = items.document(item);
    ui.label(RichText::new(items.title(item)).font(theme::semibold(theme::TITLE)));
    widgets::hint(ui, ctx.theme, &document.source.to_string());
    file_ui(ui, ctx, items, item);
    let n_passages = items.passages_of(item).len();
    let mut facts = vec![format!(
        "{}, {}",
        count(items.n_tokens(item), "token"),
        ctx.session.how_read()
    )];
    if n_passages > 1 {
        facts.push(count(n_passages, "passage"));
    }
    widgets::hint(ui, ctx.theme, &facts.join(" · "));
    if let Some(neighborhood) = ctx.session.neighborhood() {
        alone_ui(ui, ctx, neighborhood, item);
    }
    let place = match items.level() {
        Level::Documents => None,
        Level::Passages => document.place(&items.embedded().passages.list[item].range),
    };
    let language = document.language.filter(|language| !language.is_english());
    let facts: Vec<String> = place
        .into_iter()
        .chain(language.map(|language| language.name.to_owned()))
        .collect();
    if !facts.is_empty() {
        widgets::hint(ui, ctx.theme, &facts.join(" · "));
    }
    for copy in &document.copies {
        widgets::hint(ui, ctx.theme, &format!("The same text: {copy}"));
    }
    if let Some(clusters) = ctx.session.clusters() {
        let cluster = clusters.clustering.labels[item];
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(egui::vec2(8.0, 8.0), egui::Sense::hover());
            ui.painter()
                .circle_filled(rect.center(), 4.0, theme::label(cluster));
            ui.label(RichText::new(clusters.label(cluster)).size(theme::SECONDARY));
            why_button(ui, ctx);
        });
        why_ui(ui, ctx, clusters);
        if let Some(stability) = ctx.session.stability() {
            stability_ui(ui, ctx, stability, cluster, item);
        }
    }
    let mut tags = ctx.session.tags(&document.source).to_owned();
    let edit = ui.add(
        egui::TextEdit::singleline(&mut tags)
            .hint_text("Add tags")
            .desired_width(f32::INFINITY),
    );
    ui.ctx()
        .accesskit_node_builder(edit.id, |node| node.set_label("Tags"));
    if edit.changed() {
        ctx.send(Command::SetTags(document.source.clone(), tags));
    }
    for (name, value) in &document.metadata {
        widgets::hint(ui, ctx.theme, &format!("{name}  {value}"));
    }
}

/// Whether it is told why the item is where it is among the clusters.
fn why_button(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    // Without a model no sentence can be read by itself.
    if ctx.session.own_vectors().is_some() {
        return;
    }
    let is_on = ctx.session.selection.is_explained;
    let text = RichText::new("Why here?").size(theme::SECONDARY);
    let button = ui.add(Button::selectable(is_on, text));
    let tooltip = "Shade the text by what each sentence contributes to the cosine with the cluster's \
                   center";
    if button.on_hover_text(tooltip).clicked() {
        ctx.send(Command::ExplainSelected(!is_on));
    }
}

/// How near the item is to its cluster and to the next.
fn why_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, clusters: &Clusters) {
    if !ctx.session.selection.is_explained {
        return;
    }
    let Some(found) = ctx.session.belonging() else {
        let text = match ctx.session.status(Stage::Belonging) {
            Status::Failed(..) | Status::Stopped(_) => "It could not be explained",
            _ => "Being read sentence by sentence…",
        };
        widgets::hint(ui, ctx.theme, text);
        return;
    };
    let name = clusters.name(found.cluster);
    let own = if found.is_member {
        format!("cosine {:.2} to the cluster's center", found.score)
    } else {
        format!("nearest is {name}, cosine {:.2} to its center", found.score)
    };
    let next = found
        .next
        .map(|(cluster, cosine)| format!("{cosine:.2} to the next, {}", clusters.name(cluster)));
    let parts: Vec<String> = [own].into_iter().chain(next).collect();
    let text = parts.join(", ");
    let meaning = "The center is the mean of all members. Sentences below contribute to the first \
                   number; they are no causes, since each word is read with its neighbors";
    widgets::hint(ui, ctx.theme, &text).on_hover_text(meaning);
}

/// How much the item's place in its cluster owes to chance.
fn stability_ui(
    ui: &mut Ui,
    ctx: &ViewCtx<'_>,
    stability: &Stability,
    cluster: Option<usize>,
    item: usize,
) {
    let Some(share) = stability.of_item.get(item).filter(|_| stability.n_runs > 0) else {
        return;
    };
    let percent = 100.0 * share;
    let text = match cluster {
        Some(_) => format!("with most of its cluster in {percent:.0} % of runs"),
        None => format!("in no cluster in {percent:.0} % of runs"),
    };
    let tooltip = format!(
        "The items were put into clusters {} more times, each time without some of them",
        stability.n_runs
    );
    widgets::hint(ui, ctx.theme, &text).on_hover_text(tooltip);
}

/// How near the nearest are: low for an item that stands alone.
fn alone_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, neighborhood: &Neighborhood, item: usize) {
    let n = neighborhood.graph.k().min(OUTLIER_NEIGHBORS);
    if n == 0 {
        return;
    }
    let cosine = 1.0 - neighborhood.outlier_scores[item];
    let text = match n {
        1 => format!("cosine to its nearest {cosine:.2}"),
        n => format!("mean cosine to its {n} nearest {cosine:.2}"),
    };
    let tooltip = "Low for a document that stands alone; see Duplicates, Standing alone";
    widgets::hint(ui, ctx.theme, &text).on_hover_text(tooltip);
}
