//! Reading text with marked stretches, which tells what is under the mouse.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::text_selection::LabelSelectionState;
use egui::{Align, Galley, Label, Layout, Response, Role, Stroke, Ui, WidgetInfo};

use crate::ui::theme::{self, Theme};

/// A text and the stretches of it that are marked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MarkedText {
    /// The whole text.
    pub text: String,
    /// What is marked, in reading order; none reaches into the next.
    pub marks: Vec<Mark>,
}

/// A marked stretch.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Set before it, so that color is not the only sign.
    pub label: Option<String>,
    /// How strong the color is, 0 to 1.
    pub strength: f32,
}

/// A text as it was drawn.
pub struct Shown {
    /// What happened to it.
    pub response: Response,
    /// The byte of the text that is under the mouse.
    pub pointed: Option<usize>,
    galley: Arc<Galley>,
    stretches: Vec<Stretch>,
}

impl Shown {
    /// How far below the top of the text the line of each of these bytes begins, in points. The bytes
    /// ascend. Goes through the whole text, so remember it by what was [laid out](Self::layout).
    pub fn tops(&self, bytes: impl Iterator<Item = usize>) -> Vec<f32> {
        let mut rows = self.galley.rows.iter();
        let mut letters = self.galley.text().char_indices();
        // The row that is being gone through, and the byte where it ends.
        let (mut top, mut end) = (0.0, 0);
        let top_of = |byte: usize| {
            let drawn = drawn_byte(&self.stretches, byte);
            while drawn >= end {
                let Some(row) = rows.next() else { break };
                top = row.min_y();
                let n_letters = row.char_count_including_newline().0;
                let last = letters.by_ref().take(n_letters).last();
                end = last.map_or(end, |(at, letter)| at + letter.len_utf8());
            }
            top
        };
        bytes.map(top_of).collect()
    }

    /// Another one whenever the text is laid out in other lines.
    pub fn layout(&self) -> &Arc<Galley> {
        &self.galley
    }
}

/// Draws it in reading size, at most as wide as is good to read.
pub fn marked_text(ui: &mut Ui, theme: Theme, marked: &MarkedText) -> Shown {
    ui.set_max_width(ui.available_width().min(theme::MAX_TEXT_WIDTH));
    let (job, stretches) = laid_out(theme, marked);
    // Columns would stretch the lines to both edges.
    ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
        let label = Label::new(job).wrap().selectable(true);
        let (at, galley, response) = label.layout_in_ui(ui);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), galley.text()));
        // Beside the lines there is no text, though the nearest letter would be found.
        let is_on_line = |mouse: &egui::Pos2| {
            let inside = *mouse - at.to_vec2();
            galley.rows.iter().any(|row| row.rect().contains(inside))
        };
        let pointed = response.hover_pos().filter(is_on_line);
        let byte = pointed.and_then(|mouse| {
            let letter = galley.cursor_from_pos(mouse - at).index.0;
            let text = galley.text();
            let byte = text
                .char_indices()
                .nth(letter)
                .map_or(text.len(), |(byte, _)| byte);
            byte_of_text(&stretches, byte)
        });
        LabelSelectionState::label_text_selection(
            ui,
            &response,
            at,
            galley.clone(),
            theme.ink,
            Stroke::NONE,
        );
        Shown {
            response,
            pointed: byte,
            galley,
            stretches,
        }
    })
    .inner
}

/// Where a stretch of the text begins in what is drawn, and in the text.
type Stretch = (usize, usize);

/// What is drawn is the text with labels in it.
fn laid_out(theme: Theme, marked: &MarkedText) -> (LayoutJob, Vec<Stretch>) {
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
    let mut stretches = Vec::new();
    let mut append = |job: &mut LayoutJob, range: Range<usize>, format: TextFormat| {
        stretches.push((job.text.len(), range.start));
        job.append(&marked.text[range], 0.0, format);
    };
    let mut end = 0;
    for mark in &marked.marks {
        append(&mut job, end..mark.range.start, plain.clone());
        let background = theme.mark(mark.strength);
        if let Some(label) = &mark.label {
            let format = TextFormat {
                font_id: theme::semibold(theme::SMALL),
                background,
                // On its baseline it would hang out of the line.
                valign: Align::Center,
                ..plain.clone()
            };
            job.append(&format!(" {label} "), 0.0, format);
        }
        let format = TextFormat {
            background,
            ..plain.clone()
        };
        append(&mut job, mark.range.clone(), format);
        end = mark.range.end;
    }
    append(&mut job, end..marked.text.len(), plain);
    (job, stretches)
}

/// The byte of the text that is drawn as that byte. In a label it is that of the text behind it.
fn byte_of_text(stretches: &[Stretch], drawn: usize) -> Option<usize> {
    let next = stretches.partition_point(|(from, _)| *from <= drawn);
    let (from, start) = *stretches.get(next.checked_sub(1)?)?;
    let byte = start + drawn - from;
    Some(match stretches.get(next) {
        Some((_, next_start)) => byte.min(*next_start),
        None => byte,
    })
}

/// The byte at which a byte of the text is drawn.
fn drawn_byte(stretches: &[Stretch], byte: usize) -> usize {
    let next = stretches.partition_point(|(_, start)| *start <= byte);
    let last = next.checked_sub(1).and_then(|last| stretches.get(last));
    last.map_or(byte, |(from, start)| from + byte - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_behind_labels() {
        let mark = |range, label: &str| Mark {
            range,
            label: Some(label.into()),
            strength: 1.0,
        };
        let marked = MarkedText {
            text: "Ebb. Flood. Night.".into(),
            marks: vec![mark(0..4, "1"), mark(5..11, "2")],
        };
        let (job, stretches) = laid_out(Theme::of(&egui::Context::default()), &marked);
        assert_eq!(job.text, " 1 Ebb.  2 Flood. Night.");
        let at = |drawn: usize| byte_of_text(&stretches, drawn).unwrap();
        // What is drawn there is what the text has there.
        for (drawn, letter) in job.text.char_indices() {
            let is_label = (0..3).contains(&drawn) || (8..11).contains(&drawn);
            if !is_label {
                assert_eq!(
                    marked.text[at(drawn)..].chars().next(),
                    Some(letter),
                    "{drawn}"
                );
            }
        }
        assert_eq!((at(1), at(9)), (0, 5));
        // And back again.
        for (byte, letter) in marked.text.char_indices() {
            let drawn = drawn_byte(&stretches, byte);
            assert_eq!(job.text[drawn..].chars().next(), Some(letter), "{byte}");
        }
        assert_eq!(at(job.text.len()), marked.text.len());
    }
}
