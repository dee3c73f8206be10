//! The field for pasted text.

use egui::{Key, Modal, RichText, ScrollArea, TextEdit};

use crate::session::Command;
use crate::ui::context::ViewCtx;
use crate::ui::{theme, widgets};

/// Closed, or open with what was typed so far.
#[derive(Default)]
pub struct PasteDialog {
    text: Option<String>,
}

impl PasteDialog {
    /// Opens it, empty.
    pub fn open(&mut self) {
        self.text.get_or_insert_default();
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.text.is_some()
    }

    /// Draws it while it is open.
    pub fn ui(&mut self, egui_ctx: &egui::Context, ctx: &mut ViewCtx<'_>) {
        let Some(text) = &mut self.text else { return };
        let mut close = false;
        let mut add = false;
        let modal = Modal::new(egui::Id::unique("paste")).show(egui_ctx, |ui| {
            ui.set_width(520.0);
            ui.label(RichText::new("Paste text").font(theme::semibold(theme::TITLE)));
            widgets::hint(
                ui,
                ctx.theme,
                "It becomes a document of its own. Paste again to add more.",
            );
            ui.add_space(8.0);
            ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
                let edit = TextEdit::multiline(text)
                    .desired_rows(12)
                    .desired_width(f32::INFINITY);
                let edit = ui.name_inputs("Text of the new document", |ui| ui.add(edit));
                if text.is_empty() {
                    edit.request_focus();
                }
            });
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                let has_words = text.chars().any(char::is_alphanumeric);
                add = ui
                    .add_enabled_ui(has_words, |ui| {
                        widgets::primary_button(ui, ctx.theme, "Add document")
                    })
                    .inner
                    .clicked();
                close = ui.button("Cancel").clicked();
            });
        });
        close |= modal.should_close() || egui_ctx.input(|input| input.key_pressed(Key::Escape));
        if add {
            ctx.send(Command::AddPasted(std::mem::take(text)));
        }
        if add || close {
            self.text = None;
        }
    }
}
