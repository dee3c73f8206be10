//! Failures over the view, and the list of what could not be read.

use egui::{Frame, Margin, RichText, ScrollArea, Ui, Window, vec2};

use crate::message::{Level, Message, sentence};
use crate::session::{Command, Stage, Status};
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::theme::{self, Theme};

/// One line over the view for each stage that failed, with the way on.
pub fn banner_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    for stage in Stage::ALL {
        let Status::Failed(_, message) = ctx.session.status(stage) else {
            continue;
        };
        let retry = strip(
            ui,
            ctx.theme,
            Level::Error,
            &message.summary,
            &message.details,
            Some("Try again"),
        );
        if retry {
            ctx.send(Command::Retry(stage));
        }
    }
}

/// Something that is not about the documents.
pub fn notice_ui(ui: &mut Ui, theme: Theme, text: &str) {
    strip(ui, theme, Level::Warning, text, &[], None);
}

fn strip(
    ui: &mut Ui,
    theme: Theme,
    level: Level,
    summary: &str,
    details: &[String],
    button: Option<&str>,
) -> bool {
    let color = match level {
        Level::Error => theme.error,
        Level::Warning => theme.warning,
        Level::Info => theme.secondary,
    };
    let frame = Frame::new()
        .fill(color.gamma_multiply(0.10))
        .inner_margin(Margin::symmetric(12, 8));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let mut clicked = false;
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new("⚠").color(color));
                ui.label(RichText::new(summary).color(theme.ink));
                clicked = button.is_some_and(|text| ui.small_button(text).clicked());
            });
            if !details.is_empty() {
                ui.collapsing("Details", |ui| {
                    for line in details {
                        ui.label(RichText::new(line).color(theme.secondary));
                    }
                });
            }
            clicked
        })
        .inner
}

/// Everything there is to know about what was read.
pub fn window_ui(egui_ctx: &egui::Context, ctx: &mut ViewCtx<'_>) {
    let mut open = true;
    let size = vec2(560.0, 380.0);
    Window::new("What was read")
        .open(&mut open)
        .collapsible(false)
        .default_pos(egui_ctx.content_rect().center() - size / 2.0)
        .default_size(size)
        .show(egui_ctx, |ui| {
            let messages = ctx.session.messages();
            if messages.is_empty() {
                ui.label("Everything was read");
            }
            ScrollArea::vertical()
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    for message in &messages {
                        message_ui(ui, ctx.theme, message);
                    }
                });
        });
    if !open {
        ctx.ask(UiCommand::ShowMessages(false));
    }
}

fn message_ui(ui: &mut Ui, theme: Theme, message: &Message) {
    ui.label(RichText::new(&message.summary).font(theme::semibold(theme::BODY)));
    for line in &message.details {
        ui.label(
            RichText::new(sentence(line))
                .size(theme::SECONDARY)
                .color(theme.secondary),
        );
    }
    ui.add_space(8.0);
}
