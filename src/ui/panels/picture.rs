//! What a picture of a view shall be like.

use egui::{Key, Modal, RichText, Ui, Vec2};

use crate::ui::context::{Exported, PictureRule, UiCommand, ViewCtx};
use crate::ui::views::View;
use crate::ui::{theme, widgets};

/// Closed, or open with what was chosen so far.
#[derive(Default)]
pub struct PictureDialog(Option<PictureRule>);

impl PictureDialog {
    /// Opens it for a view, in the colors that the window has.
    pub fn open(&mut self, view: View, is_dark: bool) {
        self.0 = Some(PictureRule {
            view,
            scale: 2,
            is_dark,
        });
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Draws it while it is open. `size` is that of the picture at scale 1.
    pub fn ui(&mut self, egui_ctx: &egui::Context, ctx: &mut ViewCtx<'_>, size: Vec2) {
        let Some(rule) = &mut self.0 else { return };
        let mut save = false;
        let mut close = false;
        let modal = Modal::new(egui::Id::unique("picture")).show(egui_ctx, |ui| {
            ui.set_width(360.0);
            let title = format!("Picture of {}", rule.view.name().to_lowercase());
            ui.label(RichText::new(title).font(theme::semibold(theme::TITLE)));
            let text = "As it stands in the window, with a title and what the colors mean";
            widgets::hint(ui, ctx.theme, text);
            ui.add_space(8.0);
            choices_ui(ui, ctx, rule, size);
            ui.add_space(12.0);
            ui.horizontal(|ui| {
                save = widgets::primary_button(ui, ctx.theme, "Save picture…").clicked();
                close = ui.button("Cancel").clicked();
            });
        });
        close |= modal.should_close() || egui_ctx.input(|input| input.key_pressed(Key::Escape));
        if save {
            ctx.ask(UiCommand::Export(Exported::Picture(*rule)));
        }
        if save || close {
            self.0 = None;
        }
    }
}

fn choices_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, rule: &mut PictureRule, size: Vec2) {
    ui.horizontal(|ui| {
        ui.label("Size");
        for scale in 1..=4 {
            ui.selectable_value(&mut rule.scale, scale, format!("{scale}×"));
        }
        let pixels = (size * f32::from(rule.scale)).round();
        widgets::hint(
            ui,
            ctx.theme,
            &format!("{} × {} pixels", pixels.x, pixels.y),
        );
    });
    ui.horizontal(|ui| {
        ui.label("Colors");
        ui.selectable_value(&mut rule.is_dark, false, "On white");
        ui.selectable_value(&mut rule.is_dark, true, "On black");
    });
}
