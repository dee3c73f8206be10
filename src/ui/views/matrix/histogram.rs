//! The scores of all pairs as bars over the colors of the cells, with a handle at each end of these.

use egui::{
    Align2, Button, DragValue, EventFilter, Key, Mesh, Modifiers, Rect, Response, Role, Sense,
    Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::range::{Bars, End, ScoreRange, told};
use crate::analysis::CosineSpread;
use crate::ui::theme::{self, Theme};
use crate::ui::widgets;

const WIDTH: f32 = 232.0;
/// Heights of the bars, the colors below them, and the numbers below those.
const HEIGHTS: (f32, f32, f32) = (28.0, 6.0, 14.0);
/// What an arrow key moves a handle by.
const STEP: f32 = 0.01;

/// What is shown.
pub struct Scores<'a> {
    /// The scores of all pairs.
    pub spread: &'a CosineSpread,
    /// From which on two items are duplicates, once that is known.
    pub threshold: Option<f32>,
    /// The scores at the ends of the colors now.
    pub shown: ScoreRange,
}

const ENDS: [(End, &str, &str, &str); 2] = [
    (
        End::Low,
        "Lowest score shown",
        "Handle of the lowest score",
        "Cells with this cosine or less have the first color",
    ),
    (
        End::High,
        "Highest score shown",
        "Handle of the highest score",
        "Cells with this cosine or more have the last color",
    ),
];

/// Draws it; `set` is the range that the person set, if any.
pub fn ui(ui: &mut Ui, theme: Theme, scores: &Scores<'_>, set: &mut Option<ScoreRange>) {
    let bars = Bars::new(scores.spread);
    let (bars_height, colors_height, axis_height) = HEIGHTS;
    let size = vec2(WIDTH, bars_height + colors_height + axis_height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let name = format!(
        "Scores of the pairs, colored from {:.2} to {:.2}",
        scores.shown.low(),
        scores.shown.high()
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let rect = rect.shrink2(vec2(6.0, 0.0));
    let (area, axis) = rect.split_top_bottom_at_y(rect.bottom() - axis_height);
    paint(ui, theme, scores, &bars, area, axis);
    for (end, _, name, meaning) in ENDS {
        let named = (end, name, meaning);
        let handle = handle_ui(ui, theme, (area, bars.from), scores.shown, named);
        if let Some(score) = handle {
            *set = Some(scores.shown.with(end, score));
        }
    }
    let line = scores
        .threshold
        .map(|threshold| format!(" From the line on, {threshold:.2}, two count as duplicates."));
    let meaning = format!(
        "How many pairs have this cosine (heights are square roots of the counts), over the colors \
         of the cells.{}",
        line.unwrap_or_default()
    );
    response.on_hover_text(meaning);
    for (end, name, _, meaning) in ENDS {
        let label = ui.label(name);
        let mut score = scores.shown.end(end);
        let value = DragValue::new(&mut score).range(-1.0..=1.0);
        let input = ui.add(value.speed(0.002).fixed_decimals(2));
        let input = input.labelled_by(label.id).on_hover_text(meaning);
        if input.changed() {
            *set = Some(scores.shown.with(end, score));
        }
    }
    let reset = ui.add_enabled(set.is_some(), Button::new("Reset"));
    let meaning = "Choose the colors by the cells in view again, so that a few duplicates do not \
                   darken all the rest";
    if reset
        .on_hover_text(meaning)
        .on_disabled_hover_text("The colors are chosen by the cells in view")
        .clicked()
    {
        *set = None;
    }
    widgets::hint(ui, theme, &told(scores.spread));
}

fn x(area: Rect, from: f32, score: f32) -> f32 {
    let x = egui::remap(score, from..=1.0, area.left()..=area.right());
    x.clamp(area.left(), area.right())
}

fn paint(ui: &Ui, theme: Theme, scores: &Scores<'_>, bars: &Bars, area: Rect, axis: Rect) {
    let painter = ui.painter();
    let (above, colors) = area.split_top_bottom_at_y(area.bottom() - HEIGHTS.1);
    let width = area.width() / bars.heights.len().max(1) as f32;
    let mut mesh = Mesh::default();
    for (bar, height) in bars.heights.iter().enumerate() {
        let left = area.left() + bar as f32 * width;
        let across = left..=left + width;
        let middle = egui::remap(left + 0.5 * width, area.x_range(), bars.from..=1.0);
        let is_shown = (scores.shown.low()..=scores.shown.high()).contains(&middle);
        let strength = if is_shown { 0.6 } else { 0.3 };
        let top = above.bottom() - height * above.height();
        mesh.add_colored_rect(
            Rect::from_x_y_ranges(across.clone(), top..=above.bottom()),
            theme.secondary.gamma_multiply(strength),
        );
        mesh.add_colored_rect(
            Rect::from_x_y_ranges(across, colors.y_range()),
            theme.score(scores.shown.share(middle)),
        );
    }
    painter.add(mesh);
    let hairline = Stroke::new(1.0, theme.hairline);
    painter.rect_stroke(colors, 0.0, hairline, egui::StrokeKind::Outside);
    if let Some(threshold) = scores.threshold.filter(|threshold| *threshold >= bars.from) {
        let line = Stroke::new(1.5, theme.error);
        painter.vline(x(area, bars.from, threshold), area.y_range(), line);
    }
    let font = theme::regular(theme::SMALL);
    let from = format!("{:.2}", bars.from);
    let ends = [
        (Align2::LEFT_BOTTOM, axis.left_bottom(), from.as_str()),
        (Align2::RIGHT_BOTTOM, axis.right_bottom(), "1.00"),
    ];
    for (align, at, text) in ends {
        painter.text(at, align, text, font.clone(), theme.secondary);
    }
}

/// Draws a handle; gives the score that it is moved to.
fn handle_ui(
    ui: &Ui,
    theme: Theme,
    (area, from): (Rect, f32),
    shown: ScoreRange,
    (end, name, meaning): (End, &str, &str),
) -> Option<f32> {
    let score = shown.end(end);
    let at = x(area, from, score);
    let grip = Rect::from_x_y_ranges(at - 6.0..=at + 6.0, area.y_range());
    let sense = Sense::DRAG | Sense::FOCUSABLE;
    let response = ui.interact(grip, ui.scope_id().with(name), sense);
    response.widget_info(|| WidgetInfo::slider(true, f64::from(score), name));
    let color = if response.has_focus() || response.dragged() {
        theme.accent
    } else {
        theme.ink
    };
    ui.painter()
        .vline(at, area.y_range(), Stroke::new(1.5, color));
    let knob = Rect::from_center_size(pos2(at, area.top() + 5.0), vec2(7.0, 10.0));
    ui.painter().rect_filled(knob, 2.0, color);
    if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        return Some(egui::remap_clamp(pointer.x, area.x_range(), from..=1.0));
    }
    let by = moved_by_key(ui, &response);
    response.on_hover_text(format!(
        "{meaning}. Drag it, or move it with the arrow keys"
    ));
    by.map(|by| score + by)
}

/// What an arrow key asks of a handle that has the keys.
fn moved_by_key(ui: &Ui, handle: &Response) -> Option<f32> {
    if !handle.has_focus() {
        return None;
    }
    let filter = EventFilter {
        horizontal_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(handle.id, filter));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let by = f32::from(u8::from(pressed(Key::ArrowRight)))
        - f32::from(u8::from(pressed(Key::ArrowLeft)));
    (by != 0.0).then_some(by * STEP)
}
