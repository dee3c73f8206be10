//! The selected item: what it is, what is nearest to it, its text.

use egui::{Button, Label, Margin, RichText, ScrollArea, Sense, Ui, UiBuilder, vec2};

use crate::analysis::{Neighbor, nearest, scores};
use crate::message::count;
use crate::session::{Command, Items, Level, Stage};
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
            ui.add_space(12.0);
            self.nearest_ui(ui, ctx, items, item);
            ui.add_space(12.0);
            text_ui(ui, ctx, items, item);
        });
    }

    fn nearest_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, item: usize) {
        section_label(ui, ctx.theme, "Nearest by cosine");
        let key = (ctx.session.revision(Stage::Embedding), items.level(), item);
        let found = self.nearest.get(key, || {
            let scores = scores(items.embeddings(), items.embeddings().row(item));
            nearest(&scores, N_NEAREST, Some(item))
        });
        if found.is_empty() {
            widgets::hint(ui, ctx.theme, "There is no other document yet");
        }
        for neighbor in found {
            neighbor_ui(ui, ctx, items, item, *neighbor);
        }
    }
}

/// A row with a button at its right edge. Both get their place by hand: a horizontal layout would
/// grow by a rounding error each frame, and the panel with it.
fn neighbor_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    items: Items<'_>,
    item: usize,
    neighbor: Neighbor,
) {
    const BUTTON_WIDTH: f32 = 68.0;
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let (left, right) = rect.split_left_right_at_x(rect.right() - BUTTON_WIDTH - 8.0);
    let row = Row {
        dot: None,
        score: Some(neighbor.cosine),
        text: &items.title(neighbor.item),
        right: None,
        selected: false,
    };
    let mut row_ui = ui.new_child(UiBuilder::new().max_rect(left));
    let response = widgets::row(&mut row_ui, ctx.theme, &row);
    ctx.pick(neighbor.item, &response);
    let text = RichText::new("Compare").size(theme::SECONDARY);
    let place = right.with_min_x(right.left() + 8.0).shrink2(vec2(0.0, 1.0));
    let button = ui.put(place, Button::new(text));
    if button.on_hover_text("Read the two side by side").clicked() {
        ctx.compare(item, neighbor.item);
    }
}

fn head_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, item: usize) {
    let document = items.document(item);
    ui.label(RichText::new(items.title(item)).font(theme::semibold(theme::TITLE)));
    widgets::hint(ui, ctx.theme, &document.source.to_string());
    let n_passages = items.passages_of(item).len();
    let mut facts = vec![format!(
        "{}, all read",
        count(items.n_tokens(item), "token")
    )];
    if n_passages > 1 {
        facts.push(count(n_passages, "passage"));
    }
    widgets::hint(ui, ctx.theme, &facts.join(" · "));
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
        });
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

fn text_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, items: Items<'_>, item: usize) {
    section_label(ui, ctx.theme, "Text");
    let (size, line_height) = theme::READING;
    let text = RichText::new(items.text(item))
        .size(size)
        .line_height(Some(line_height))
        .color(ctx.theme.ink);
    ui.add(Label::new(text).wrap().selectable(true));
}
