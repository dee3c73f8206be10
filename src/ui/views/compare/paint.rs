//! Draws a text with its marks.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Label, Layout, Ui};

use super::model::Marked;
use crate::ui::theme::{self, Theme};

/// The text in reading size; each mark carries its number and what it contributes, so that
/// color is not the only sign.
pub fn text(ui: &mut Ui, theme: Theme, marked: &Marked) {
    ui.set_max_width(ui.available_width().min(theme::MAX_TEXT_WIDTH));
    let (size, line_height) = theme::READING;
    let plain = TextFormat {
        font_id: theme::regular(size),
        color: theme.ink,
        line_height: Some(line_height),
        // Or the backgrounds of two lines would overlap.
        expand_bg: 0.0,
        ..TextFormat::default()
    };
    let mut job = LayoutJob::default();
    let mut end = 0;
    for mark in &marked.marks {
        job.append(&marked.text[end..mark.range.start], 0.0, plain.clone());
        let background = theme.mark(mark.strength);
        let number = TextFormat {
            font_id: theme::semibold(theme::SMALL),
            color: theme.accent,
            background,
            ..plain.clone()
        };
        let label = format!(" {} · {:+.3} ", mark.number, mark.contribution);
        job.append(&label, 0.0, number);
        let marked_text = TextFormat {
            background,
            ..plain.clone()
        };
        job.append(&marked.text[mark.range.clone()], 0.0, marked_text);
        end = mark.range.end;
    }
    job.append(&marked.text[end..], 0.0, plain);
    // Columns would stretch the lines to both edges.
    ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
        ui.add(Label::new(job).wrap().selectable(true))
    });
}
