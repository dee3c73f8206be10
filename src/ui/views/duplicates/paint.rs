//! Draws the scores and where they are cut.

use egui::{Align2, Rect, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::model::Bars;
use crate::ui::theme::{self, Theme};

/// Height of the picture with its axis.
const HEIGHT: f32 = 64.0;
/// Height of the numbers below.
const AXIS: f32 = 16.0;

/// Bars of the scores of nearest neighbors; those from the threshold on are marked.
pub fn histogram(ui: &mut Ui, theme: Theme, bars: &Bars, threshold: f32) {
    let size = vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let name = format!("Scores of nearest neighbors, cut at {threshold:.2}");
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &name));
    let painter = ui.painter_at(rect);
    let (area, axis) = rect.split_top_bottom_at_y(rect.bottom() - AXIS);
    let width = area.width() / bars.heights.len() as f32;
    let x = |cosine: f32| egui::remap(cosine, bars.from..=1.0, area.left()..=area.right());
    for (bar, height) in bars.heights.iter().enumerate() {
        let left = area.left() + bar as f32 * width;
        let top = area.bottom() - height * (area.height() - 4.0);
        let place = Rect::from_min_max(pos2(left, top), pos2(left + width, area.bottom()));
        let is_above = left + 0.5 * width >= x(threshold);
        let color = if is_above {
            theme.accent
        } else {
            theme.secondary.gamma_multiply(0.5)
        };
        painter.rect_filled(place.shrink2(vec2(0.5, 0.0)), 0.0, color);
    }
    painter.hline(
        area.x_range(),
        area.bottom(),
        Stroke::new(1.0, theme.hairline),
    );
    let cut = x(threshold).clamp(area.left() + 1.0, area.right() - 1.0);
    painter.vline(cut, area.y_range(), Stroke::new(1.5, theme.ink));
    let ends = [
        (
            Align2::LEFT_BOTTOM,
            axis.left_bottom(),
            format!("{:.2}", bars.from),
        ),
        (Align2::RIGHT_BOTTOM, axis.right_bottom(), "1.00".to_owned()),
    ];
    for (align, at, text) in ends {
        painter.text(
            at,
            align,
            text,
            theme::regular(theme::SMALL),
            theme.secondary,
        );
    }
    response.on_hover_text(
        "How many have a nearest neighbor of this cosine (heights are square roots of the counts). \
         What lies right of the line counts as saying the same.",
    );
}
