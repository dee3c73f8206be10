//! Strips over the view: failures, notices and questions.

use egui::{Frame, Margin, RichText, Ui};

use crate::message::{Level, count, grouped};
use crate::session::{Command, Stage, Status};
use crate::text::{Amount, MANY_FILES};
use crate::ui::context::ViewCtx;
use crate::ui::theme::Theme;

/// One line over the view for each stage that failed, with the way on. A search says so itself,
/// beside the list.
pub fn banner_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let stages = Stage::ALL.into_iter();
    for stage in stages.filter(|stage| *stage != Stage::Search) {
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

/// Something that is not about the documents. Returns whether it has been read and may go.
pub fn notice_ui(ui: &mut Ui, theme: Theme, text: &str) -> bool {
    strip(ui, theme, Level::Info, text, &[], Some("Dismiss"))
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
                if level != Level::Info {
                    ui.label(RichText::new("⚠").color(color));
                }
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

/// More files than anybody drops by accident: how many to read.
pub fn crowd_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let Some(crowd) = ctx.session.crowd() else {
        return;
    };
    let megabytes = grouped((crowd.n_bytes as f64 / 1e6).ceil() as usize);
    let text = format!(
        "This is a lot: {}, {megabytes} MB. Nothing of it was read yet.",
        count(crowd.n_files, "file")
    );
    let frame = Frame::new()
        .fill(ctx.theme.accent.gamma_multiply(0.10))
        .inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(text).color(ctx.theme.ink));
            if ui.button("Read all").clicked() {
                ctx.send(Command::ReadAmount(Amount::All));
            }
            let first = format!("Read the first {}", grouped(MANY_FILES));
            if crowd.n_files > MANY_FILES && ui.button(first).clicked() {
                ctx.send(Command::ReadAmount(Amount::First(MANY_FILES)));
            }
            if ui.button("Read nothing").clicked() {
                ctx.send(Command::CloseAll);
            }
        });
    });
}
