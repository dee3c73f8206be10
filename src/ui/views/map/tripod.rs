//! The axes of a map of three, as they are turned, in its corner.

use egui::{Align2, Painter, Rect, Stroke, vec2};

use super::orbit::Orbit;
use crate::ui::theme::{self, Theme};

/// Length of an axis that lies across the screen.
const LENGTH: f32 = 28.0;

/// Draws them; those that point away lie under the others.
pub fn paint(painter: &Painter, theme: Theme, rect: Rect, orbit: Orbit) {
    let middle = rect.right_bottom() - vec2(LENGTH + 24.0, LENGTH + 24.0);
    painter.circle_filled(middle, LENGTH + 16.0, theme.paper.gamma_multiply(0.7));
    let ends = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let mut axes: Vec<(usize, [f32; 3])> = (1..)
        .zip(ends)
        .map(|(axis, end)| (axis, orbit.turned(end)))
        .collect();
    axes.sort_by(|(_, a), (_, b)| a[2].total_cmp(&b[2]));
    for (axis, [right, up, toward]) in axes {
        let color = theme.at_depth(theme.ink, 0.5 + 0.5 * toward);
        let way = vec2(right, -up);
        painter.line_segment([middle, middle + LENGTH * way], Stroke::new(1.5, color));
        let name = middle + LENGTH * way + 8.0 * way.normalized();
        let font = theme::semibold(theme::SMALL);
        painter.text(name, Align2::CENTER_CENTER, axis, font, color);
    }
}
