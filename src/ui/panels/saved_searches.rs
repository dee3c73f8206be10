//! Searches that were saved: to keep the present one, to run one again, to forget one.

use egui::{Button, Key, RichText, TextEdit, Ui};

use crate::message::{count, grouped};
use crate::session::{Command, Items, SavedSearch};
use crate::ui::context::ViewCtx;
use crate::ui::theme;
use crate::ui::widgets;

/// Closed, or open with the name that is being typed.
#[derive(Default)]
pub struct SavedSearches {
    name: Option<String>,
}

impl SavedSearches {
    /// Draws the way to save, and what was saved.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let can_save = !ctx.session.query().is_empty();
        if !can_save {
            self.name = None;
        }
        if can_save {
            self.save_ui(ui, ctx);
        }
        let saved = ctx.session.saved_searches();
        if !saved.is_empty() {
            let text = format!("Saved searches {}", grouped(saved.len()));
            let text = RichText::new(text).size(theme::SECONDARY);
            let fold = egui::CollapsingHeader::new(text).id_salt("saved searches");
            fold.default_open(true).show(ui, |ui| {
                for search in saved {
                    saved_ui(ui, ctx, items, search);
                }
            });
        }
        if can_save || !saved.is_empty() {
            ui.add_space(8.0);
        }
    }

    fn save_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let Some(name) = &mut self.name else {
            let text = RichText::new("Save this search").size(theme::SECONDARY);
            let tooltip =
                "Keep it under a name: to run it again, and to color, sort and filter by it";
            if ui.button(text).on_hover_text(tooltip).clicked() {
                self.name = Some(proposed(&ctx.session.query().words));
            }
            return;
        };
        let mut is_done = false;
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(name)
                .hint_text("Name")
                .desired_width(112.0);
            let field = ui.add(edit);
            ui.ctx().accesskit_node_builder(field.id, |node| {
                node.set_label("Name of the search");
            });
            let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let has_name = !name.trim().is_empty();
            let save = ui.add_enabled(has_name, Button::new("Save search"));
            let present = ctx.session.saved_searches().iter();
            let tooltip = if present.clone().any(|saved| saved.name == name.trim()) {
                "In place of the one that has this name"
            } else {
                "Keep it in the workspace"
            };
            if (save.on_hover_text(tooltip).clicked() || is_entered) && has_name {
                ctx.send(Command::SaveSearch(name.clone()));
                is_done = true;
            }
            let cancel = ui.add(Button::new("×").frame_when_inactive(false));
            ui.ctx().accesskit_node_builder(cancel.id, |node| {
                node.set_label("Do not save the search");
            });
            is_done |= cancel.on_hover_text("Do not save it").clicked();
        });
        if is_done {
            self.name = None;
        }
    }
}

/// The first words.
fn proposed(words: &str) -> String {
    const N_WORDS: usize = 4;
    let words: Vec<&str> = words.split_whitespace().take(N_WORDS).collect();
    words.join(" ")
}

fn saved_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, search: &SavedSearch) {
    ui.horizontal(|ui| {
        let text = RichText::new(&search.name).size(theme::SECONDARY);
        let needs_model = !search.words.is_empty() && ctx.session.own_vectors().is_some();
        let run = ui.add_enabled(!needs_model, Button::new(text).truncate());
        let name = format!("Run search {}", search.name);
        ui.ctx()
            .accesskit_node_builder(run.id, |node| node.set_label(name));
        let run = run.on_disabled_hover_text(
            "The vectors came from a file, so there is no model here that could read its words",
        );
        if run.on_hover_ui(|ui| told_ui(ui, items, search)).clicked() {
            ctx.send(Command::RunSaved(search.name.clone()));
        }
        let scores = ctx.session.saved_scores();
        if let Some(why) = scores.and_then(|scores| scores.why_not(&search.name)) {
            let mark = RichText::new("⚠").color(ctx.theme.warning);
            let why = format!("It has no column: {why}");
            let mark = ui.label(mark).on_hover_text(&why);
            ui.ctx()
                .accesskit_node_builder(mark.id, |node| node.set_value(why));
        }
        let remove = ui.add(Button::new("×").frame_when_inactive(false));
        let name = format!("Remove search {}", search.name);
        ui.ctx()
            .accesskit_node_builder(remove.id, |node| node.set_label(name));
        let tooltip = "Forget it; Undo brings it back";
        if remove.on_hover_text(tooltip).clicked() {
            ctx.send(Command::RemoveSaved(search.name.clone()));
        }
    });
}

/// What it searches for.
fn told_ui(ui: &mut Ui, items: Items<'_>, search: &SavedSearch) {
    let mut lines = vec!["Search for it again".to_owned()];
    if !search.words.is_empty() {
        lines.push(format!("By meaning: {}", search.words));
    }
    if !search.filter.is_empty() {
        lines.push(format!("Must contain: {}", search.filter));
    }
    for (what, examples) in [("Like", &search.plus), ("Unlike", &search.minus)] {
        lines.extend(examples.iter().map(|example| format!("{what} {example}")));
    }
    // Only while pointed at: it looks through all items.
    let n_missing = search.query(items).1;
    if n_missing > 0 {
        lines.push(format!(
            "{} not here now, and left out",
            match n_missing {
                1 => "1 example is".to_owned(),
                n => format!("{} are", count(n, "example")),
            }
        ));
    }
    for line in lines {
        ui.label(RichText::new(line).size(theme::SECONDARY));
    }
    if search.has_scores() {
        let text = "It is also a column of the table, and a color of the map";
        widgets::hint(ui, theme::Theme::of(ui.ctx()), text);
    }
}
