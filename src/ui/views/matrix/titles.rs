//! The titles of the rows and columns in view, beside the cells.

use std::sync::Arc;

use egui::epaint::TextShape;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Galley, Painter, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2};

use super::model::Region;
use crate::session::{Items, Selection};
use crate::ui::theme::{self, Theme};

/// Characters of a title that are laid out at most: more than there is room for, and a title may be
/// a whole page.
const MAX_CHARS: usize = 160;

/// What titles are drawn of.
pub struct Titled<'a> {
    /// Whose titles.
    pub items: Items<'a>,
    /// Item at each position.
    pub order: &'a [usize],
    /// What is selected.
    pub selection: &'a Selection,
    /// Positions of the row and the column that are pointed at.
    pub pointed_at: Option<(usize, usize)>,
}

/// Draws the titles at the left and above; calls `hit` with the item of each and what happened to it.
pub fn ui(
    ui: &Ui,
    theme: Theme,
    (cells, region): (Rect, &Region),
    (left, above): (Rect, Rect),
    titled: &Titled<'_>,
    mut hit: impl FnMut(usize, &Response),
) {
    let n = titled.order.len();
    let size = cells.height() / region.span;
    for row in region.rows(n) {
        let cell = region.screen_rect(cells, &(row..row + 1), &(0..1));
        let place = Rect::from_x_y_ranges(left.x_range(), cell.y_range());
        let is_pointed_at = titled.pointed_at.is_some_and(|(at, _)| at == row);
        if left.y_range().contains(cell.center().y) {
            let response = title_ui(ui, theme, titled, row, "Row", (place, size, is_pointed_at));
            hit(titled.order[row], &response);
        }
    }
    for column in region.columns(n) {
        let cell = region.screen_rect(cells, &(0..1), &(column..column + 1));
        let place = Rect::from_x_y_ranges(cell.x_range(), above.y_range());
        let is_pointed_at = titled.pointed_at.is_some_and(|(_, at)| at == column);
        if above.x_range().contains(cell.center().x) {
            let stands = (place, size, is_pointed_at);
            let response = title_ui(ui, theme, titled, column, "Column", stands);
            hit(titled.order[column], &response);
        }
    }
}

/// One title: of a row it lies, of a column it stands.
fn title_ui(
    ui: &Ui,
    theme: Theme,
    titled: &Titled<'_>,
    position: usize,
    side: &str,
    (place, size, is_pointed_at): (Rect, f32, bool),
) -> Response {
    let item = titled.order[position];
    let title = titled.items.title(item);
    let id = ui.scope_id().with((side, position));
    // Clicked, but not on the way of Tab: there would be a hundred stops.
    let response = ui.interact(place, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{side}: {title}")));
    let is_selected = titled.selection.selected == Some(item);
    let color = if is_selected {
        theme.accent
    } else if is_pointed_at || response.hovered() {
        theme.ink
    } else {
        theme.secondary
    };
    let stands = side == "Column";
    let room = if stands {
        place.height()
    } else {
        place.width()
    };
    let galley = laid_out(ui.painter(), &title, size, room, color);
    let painter = ui.painter().with_clip_rect(place.intersect(ui.clip_rect()));
    if stands {
        // Upwards, its end at the cells.
        let at = pos2(place.center().x - galley.size().y / 2.0, place.bottom());
        let angle = -std::f32::consts::FRAC_PI_2;
        painter.add(TextShape::new(at, galley, color).with_angle(angle));
    } else {
        let right = place.right() - galley.size().x;
        let at = pos2(right, place.center().y - galley.size().y / 2.0);
        painter.galley(at, galley, color);
    }
    response.on_hover_text(title.as_ref())
}

/// A title in one line, cut where the room ends, as high as cells allow.
fn laid_out(
    painter: &Painter,
    title: &str,
    cell: f32,
    room: f32,
    color: egui::Color32,
) -> Arc<Galley> {
    let size = (cell - 3.0).floor().clamp(9.0, theme::SECONDARY);
    let mut job = LayoutJob::simple_singleline(one_line(title), theme::regular(size), color);
    job.wrap = TextWrapping::truncate_at_width(room);
    painter.layout_job(job)
}

/// A title without line breaks and the like, and no longer than can be shown.
fn one_line(title: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = title.chars().take(MAX_CHARS).map(clean).collect();
    if title.chars().nth(MAX_CHARS).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(one_line("Low\nwater\ttoday"), "Low water today");
        assert_eq!(one_line(""), "");
        let long = one_line(&"潮汐表".repeat(400));
        assert_eq!(long.chars().count(), MAX_CHARS + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn titles_of_every_script_fit_their_room() {
        let ctx = egui::Context::default();
        let titles = [
            "Low water",
            "",
            &"wharf".repeat(300),
            "潮汐と港の案内、初めての人のために書かれた長い題名",
            "جداول المد والجزر للمبتدئين في الميناء القديم",
            "🌊🏖️👩‍👩‍👧 👨‍🚀 tide 🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊",
        ];
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            for (title, room) in titles
                .iter()
                .flat_map(|title| [(title, 20.0), (title, 160.0)])
            {
                let galley = laid_out(ui.painter(), title, 14.0, room, theme::group(0));
                assert!(galley.size().x <= room + 0.5, "{title}");
                assert_eq!(galley.rows.len(), 1);
            }
        });
        output.textures_delta.clear();
    }
}
