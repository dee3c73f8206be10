//! Which second model.

use egui::{Key, RichText, TextEdit, Ui};

use crate::embed::EmbedderChoice;
use crate::session::Command;
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::theme;
use crate::ui::widgets;

/// Widest the choice gets.
const WIDTH: f32 = 460.0;

/// What is being typed.
#[derive(Clone, Default)]
pub struct Choose {
    name: String,
    /// Whether what was entered is no name.
    is_odd: bool,
}

impl Choose {
    /// Draws the ways to a second model.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.28).max(24.0));
            ui.set_max_width(WIDTH.min(ui.available_width() - 32.0));
            ui.label(
                RichText::new("Compare with another model").font(theme::semibold(theme::TITLE)),
            );
            ui.add_space(4.0);
            let text = "A second model reads the same documents; then you see where the two agree \
                        on what is near what, and where they do not.";
            ui.label(RichText::new(text).color(ctx.theme.secondary));
            ui.add_space(12.0);
            let button = widgets::primary_button(ui, ctx.theme, "Choose a model folder…");
            let tooltip = "A folder in the format of sentence-transformers";
            if button.on_hover_text(tooltip).clicked() {
                ctx.ask(UiCommand::ChooseSecondModel);
            }
            if cfg!(feature = "hub") {
                ui.add_space(16.0);
                self.hub_ui(ui, ctx);
            }
        });
    }

    fn hub_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let text =
            "Or a model from the hub. It is fetched once; nothing of your documents is sent.";
        widgets::hint(ui, ctx.theme, text);
        ui.add_space(4.0);
        let edit = TextEdit::singleline(&mut self.name)
            .hint_text("OWNER/NAME, then Enter")
            .desired_width(280.0)
            .background_color(ctx.theme.panel);
        let response = ui.add(edit);
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_label("Name on the hub"));
        if response.changed() {
            self.is_odd = false;
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            match EmbedderChoice::from_arg(self.name.trim()) {
                choice @ EmbedderChoice::Hub(_) => ctx.send(Command::SetSecondModel(Some(choice))),
                _ => self.is_odd = !self.name.trim().is_empty(),
            }
        }
        if self.is_odd {
            let text = "This is no name on the hub. They look like BAAI/bge-small-en-v1.5";
            ui.label(RichText::new(text).color(ctx.theme.warning));
        }
    }
}
