//! What was read and what was not: every file that could not be read, with the reason and what can
//! be done, and what was left out, merged or odd.

mod model;

use egui::{Align2, Button, RichText, ScrollArea, Sense, Ui, pos2, vec2};

use super::super::context::{UiCommand, ViewCtx};
use super::super::memo::Memo;
use super::super::theme::{self, Theme};
use super::super::widgets;
use crate::embed::EmbedderChoice;
use crate::message::Level;
use crate::session::{Command, MessagesKey};
use model::{Action, Line};

/// Width of a reason; most fit, and all are shown whole under the mouse.
const REASON_WIDTH: f32 = 320.0;

/// Width of what a headline offers.
const ACTION_WIDTH: f32 = 200.0;

/// The list, remembered by what it was made from.
#[derive(Clone, Default)]
pub struct FilesView {
    lines: Memo<MessagesKey, Vec<Line>>,
}

impl FilesView {
    /// Draws the list.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let session = ctx.session;
        let lines = self
            .lines
            .get(session.messages_key(), || model::lines(session));
        if lines.is_empty() {
            let text = "There is nothing to say: every file here was read.";
            widgets::empty_state(ui, ctx.theme, "Everything was read", text);
            return;
        }
        let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 8));
        frame.show(ui, |ui| {
            let area = ScrollArea::vertical().auto_shrink(false);
            area.show_rows(ui, theme::ROW, lines.len(), |ui, range| {
                for line in &lines[range] {
                    line_ui(ui, ctx, line);
                }
            });
        });
    }
}

fn line_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, line: &Line) {
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let theme = ctx.theme;
    match line {
        Line::Gap => {}
        Line::Text(text) => {
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
            cut_text(ui, rect, text, theme::SECONDARY, theme.secondary);
            response.on_hover_text(text);
        }
        Line::Skipped(reason, source, file) => {
            let name = format!("{reason}: {source}");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
            let (left, rest) = rect.split_left_right_at_x(rect.left() + REASON_WIDTH);
            let (middle, right) = rest.split_left_right_at_x(rest.right() - 120.0);
            cut_text(
                ui,
                left.shrink2(vec2(4.0, 0.0)),
                reason,
                theme::SECONDARY,
                theme.ink,
            );
            cut_text(ui, middle, source, theme::SECONDARY, theme.secondary);
            response.on_hover_text(name);
            if let Some(file) = file {
                let text = RichText::new("Show in folder").size(theme::SECONDARY);
                let button = ui.put(right.shrink2(vec2(4.0, 1.0)), Button::new(text));
                if button
                    .on_hover_text(format!("Open the folder of {}", file.display()))
                    .clicked()
                {
                    ctx.ask(UiCommand::Reveal(file.clone()));
                }
            }
        }
        Line::Head(summary, level, action) => {
            let mark = if *level == Level::Info { "" } else { "⚠ " };
            let text = format!("{mark}{summary}");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &text));
            let (left, right) = rect.split_left_right_at_x(rect.right() - ACTION_WIDTH);
            let place = if action.is_some() { left } else { rect };
            let galley =
                egui::WidgetText::from(RichText::new(&text).font(theme::semibold(theme::BODY)))
                    .into_galley(
                        ui,
                        Some(egui::TextWrapMode::Truncate),
                        place.width(),
                        egui::TextStyle::Body,
                    );
            let at = Align2::LEFT_CENTER
                .align_size_within_rect(galley.size(), place)
                .min;
            ui.painter_at(place)
                .galley(at, galley, color(theme, *level));
            response.on_hover_text(text);
            if let Some(action) = action {
                action_ui(ui, ctx, right.shrink2(vec2(4.0, 1.0)), *action);
            }
        }
    }
}

fn action_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, place: egui::Rect, action: Action) {
    let (text, tooltip, command) = match action {
        Action::TryAgain => (
            "Try again",
            "Read everything again, also what took too long before",
            Command::TryAgain,
        ),
        Action::ReadHidden => (
            "Read them too",
            "Read hidden and ignored files as well; links stay unread",
            Command::ReadHidden(true),
        ),
        Action::LeaveHidden => (
            "Leave them out",
            "Read no hidden and ignored files any more",
            Command::ReadHidden(false),
        ),
        Action::UseBundled => (
            "Use the built-in model",
            "Embed with all-MiniLM-L6-v2 again",
            Command::SetModel(EmbedderChoice::Bundled),
        ),
        Action::UseMultilingual => (
            "Use multilingual model…",
            "Fetches a model for fifty languages, about 470 MB, once. Nothing of your documents is sent.",
            Command::SetModel(model::multilingual()),
        ),
    };
    if ui
        .put(
            place,
            Button::new(RichText::new(text).size(theme::SECONDARY)),
        )
        .on_hover_text(tooltip)
        .clicked()
    {
        ctx.send(command);
    }
}

fn color(theme: Theme, level: Level) -> egui::Color32 {
    match level {
        Level::Error => theme.error,
        Level::Warning => theme.warning,
        Level::Info => theme.ink,
    }
}

/// Text on one line, cut at the edge of its place.
fn cut_text(ui: &Ui, rect: egui::Rect, text: &str, size: f32, color: egui::Color32) {
    let painter = ui.painter_at(rect);
    let galley = egui::WidgetText::from(RichText::new(text).size(size).color(color)).into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        rect.width(),
        egui::TextStyle::Body,
    );
    let at = Align2::LEFT_CENTER
        .align_size_within_rect(galley.size(), rect)
        .min;
    painter.galley(pos2(at.x, at.y), galley, color);
}
