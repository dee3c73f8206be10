//! Small things that several panels draw; they know nothing of documents.

mod marked;

pub use marked::{Mark, MarkedText, Shown, marked_text};

use egui::{
    Align2, Button, Color32, Response, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::theme::{self, Theme};

/// A label in small, spaced capitals above a part of a panel.
pub fn section_label(ui: &mut Ui, theme: Theme, text: &str) {
    let text = RichText::new(text.to_uppercase())
        .size(theme::SMALL)
        .color(theme.secondary);
    ui.label(text.extra_letter_spacing(0.44));
}

/// Secondary text that wraps.
pub fn hint(ui: &mut Ui, theme: Theme, text: &str) -> Response {
    ui.label(
        RichText::new(text)
            .size(theme::SECONDARY)
            .color(theme.secondary),
    )
}

/// The one button that is meant.
pub fn primary_button(ui: &mut Ui, theme: Theme, text: &str) -> Response {
    let text = RichText::new(text).color(theme.on_accent);
    ui.add(egui::Button::new(text).fill(theme.accent))
}

/// What a row of a list shows.
pub struct Row<'a> {
    /// A dot before the text.
    pub dot: Option<Color32>,
    /// A score before the text.
    pub score: Option<f32>,
    /// The text, cut at the edge.
    pub text: &'a str,
    /// Something at the right edge.
    pub right: Option<&'a str>,
    /// Whether it is the selected one.
    pub selected: bool,
}

/// A row of a list, as wide as there is room, 24 high.
pub fn row(ui: &mut Ui, theme: Theme, row: &Row<'_>) -> Response {
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let name = match row.score {
        Some(score) => format!("{score:.2} {}", row.text),
        None => row.text.to_owned(),
    };
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, row.selected, &name));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    // Not clipped to the row, as its text is cut: each row would have to be drawn by itself.
    let painter = ui.painter();
    let hovered = response.hovered() || response.has_focus();
    painter.rect_filled(rect, 6.0, theme.row_fill(row.selected, hovered));
    if response.has_focus() {
        let ring = egui::Stroke::new(1.5, theme.accent);
        painter.rect_stroke(rect, 6.0, ring, egui::StrokeKind::Inside);
    }
    let mut x = rect.left() + 8.0;
    if let Some(color) = row.dot {
        painter.circle_filled(pos2(x + 4.0, rect.center().y), 4.0, color);
        x += 16.0;
    }
    if let Some(score) = row.score {
        let at = pos2(x, rect.center().y);
        let score = format!("{score:.2}");
        painter.text(
            at,
            Align2::LEFT_CENTER,
            score,
            theme::regular(theme::SECONDARY),
            theme.secondary,
        );
        x += 36.0;
    }
    let mut right = rect.right() - 8.0;
    if let Some(text) = row.right {
        let at = pos2(right, rect.center().y);
        let shown = painter.text(
            at,
            Align2::RIGHT_CENTER,
            text,
            theme::regular(theme::SMALL),
            theme.secondary,
        );
        right = shown.left() - 8.0;
    }
    let text = RichText::new(row.text).size(theme::BODY).color(theme.ink);
    cut_line(ui, pos2(x, rect.center().y), right - x, text);
    response
}

/// Text on one line from `at`, its left end and its middle, cut where it is wider than `width`.
pub fn cut_line(ui: &Ui, at: egui::Pos2, width: f32, text: RichText) {
    let wrap = Some(egui::TextWrapMode::Truncate);
    let text = egui::WidgetText::from(text);
    let galley = text.into_galley(ui, wrap, width.max(0.0), egui::TextStyle::Body);
    let at = pos2(at.x, at.y - galley.size().y / 2.0);
    let color = ui.visuals().text_color();
    ui.painter().galley(at, galley, color);
}

/// Width of a button at the right edge of a row.
const ROW_BUTTON: f32 = 68.0;

/// A row whose text begins `indent` further right, with a button at its right edge. Both get their
/// place by hand: a horizontal layout would grow by a rounding error each frame, and the panel with
/// it. Returns what happened to the row, and to the button.
pub fn row_with_button(
    ui: &mut Ui,
    theme: Theme,
    indent: f32,
    content: &Row<'_>,
    button: &str,
) -> (Response, Response) {
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let rect = rect.with_min_x(rect.left() + indent);
    let (left, right) = rect.split_left_right_at_x(rect.right() - ROW_BUTTON - 8.0);
    let mut row_ui = ui.new_child(UiBuilder::new().max_rect(left));
    let response = row(&mut row_ui, theme, content);
    let text = RichText::new(button).size(theme::SECONDARY);
    let place = right.with_min_x(right.left() + 8.0).shrink2(vec2(0.0, 1.0));
    (response, ui.put(place, Button::new(text)))
}

/// A dot that switches something off and on.
pub struct Toggle {
    /// Its color.
    pub color: Color32,
    /// Whether it is a ring even when on.
    pub is_hollow: bool,
    /// Whether what it stands for is shown.
    pub is_on: bool,
    /// What a screen reader calls it.
    pub name: String,
}

/// A row behind a dot that is clicked by itself. Returns what happened to the dot, and to the row.
pub fn row_with_toggle(
    ui: &mut Ui,
    theme: Theme,
    content: &Row<'_>,
    toggle: &Toggle,
) -> (Response, Response) {
    const WIDTH: f32 = 24.0;
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let (left, right) = rect.split_left_right_at_x(rect.left() + WIDTH);
    let dot = ui.interact(left, ui.next_auto_id(), Sense::click());
    ui.skip_ahead_auto_ids(1);
    dot.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, toggle.is_on, &toggle.name));
    let at = left.center();
    let color = if toggle.is_on {
        toggle.color
    } else {
        theme.secondary.gamma_multiply(0.5)
    };
    if dot.hovered() || dot.has_focus() {
        ui.painter()
            .circle_filled(at, 9.0, theme.row_fill(false, true));
    }
    if toggle.is_hollow || !toggle.is_on {
        ui.painter()
            .circle_stroke(at, 3.5, egui::Stroke::new(1.5, color));
    } else {
        ui.painter().circle_filled(at, 4.0, color);
    }
    let meaning = if toggle.is_on {
        "Click to leave these out of all views"
    } else {
        "Left out; click to show them again"
    };
    let mut row_ui = ui.new_child(UiBuilder::new().max_rect(right));
    let response = row(&mut row_ui, theme, content);
    (dot.on_hover_text(meaning), response)
}

/// Text in the middle of an otherwise empty view.
pub fn empty_state(ui: &mut Ui, theme: Theme, headline: &str, text: &str) {
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.38).max(24.0));
        ui.label(
            RichText::new(headline)
                .font(theme::semibold(theme::TITLE))
                .color(theme.ink),
        );
        ui.add_space(4.0);
        ui.label(RichText::new(text).color(theme.secondary));
    });
}
