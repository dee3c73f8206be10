//! The field for text to compare with, which becomes no document.

use egui::{Key, ScrollArea, TextEdit, Ui};

use crate::session::{Beside, Command};
use crate::ui::context::ViewCtx;
use crate::ui::widgets;

/// Closed, or open with what was typed so far. Keeps the text when it is closed, to go on with.
#[derive(Clone, Default)]
pub struct PastedField {
    is_open: bool,
    text: String,
    /// Just opened, so it is to have the keys.
    is_new: bool,
}

impl PastedField {
    /// Opens it, or closes it.
    pub fn toggle(&mut self) {
        self.is_open = !self.is_open;
        self.is_new = self.is_open;
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Draws it while it is open; `left` is the item to compare with.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, left: usize) {
        if !self.is_open {
            return;
        }
        let text = "It is read by the same model, on this computer, and becomes no document.";
        widgets::hint(ui, ctx.theme, text);
        let area = ScrollArea::vertical().id_salt("pasted").max_height(120.0);
        area.show(ui, |ui| {
            let edit = TextEdit::multiline(&mut self.text)
                .desired_rows(4)
                .desired_width(f32::INFINITY);
            let edit = ui.name_inputs("Text to compare with", |ui| ui.add(edit));
            if std::mem::take(&mut self.is_new) {
                edit.request_focus();
            }
            if edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
                self.is_open = false;
            }
        });
        ui.horizontal(|ui| {
            let has_words = self.text.chars().any(char::is_alphanumeric);
            let compare = ui
                .add_enabled_ui(has_words, |ui| {
                    widgets::primary_button(ui, ctx.theme, "Compare with this text")
                })
                .inner;
            if compare.clicked() {
                let text = Beside::Text(self.text.as_str().into());
                ctx.send(Command::CompareWith(left, text));
                self.is_open = false;
            }
            if ui.button("Close field").clicked() {
                self.is_open = false;
            }
        });
    }
}
