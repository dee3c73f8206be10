//! All of the matrix, small in a corner, with the part in view framed.

use egui::{
    EventFilter, Key, Modifiers, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, vec2,
};

use super::model::Region;
use super::picture::Picture;
use crate::message::grouped;
use crate::ui::theme::Theme;

/// Largest side, and the distance from the corner.
const SIDE: f32 = 128.0;
const MARGIN: f32 = 8.0;
/// The frame is at least so large, or it could not be seen.
const MIN_FRAME: f32 = 5.0;

/// Draws it while not all is in view, and moves the region by click, drag and arrow keys; tells
/// whether it moved.
pub fn ui(
    ui: &Ui,
    theme: Theme,
    cells: Rect,
    picture: Option<&Picture>,
    region: &mut Region,
    n: usize,
) -> bool {
    let Some(picture) = picture.filter(|_| !region.is_whole(n)) else {
        return false;
    };
    let place = place(cells);
    let response = ui.interact(
        place,
        ui.scope_id().with("overview"),
        Sense::click_and_drag(),
    );
    let name = "Overview of the matrix";
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name));
    let told = told(region, n);
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_value(told.as_str()));
    let mut moved = false;
    let is_pressed = response.clicked() || response.dragged();
    if let Some(at) = response.interact_pointer_pos().filter(|_| is_pressed) {
        region.center_on((at - place.min) / place.size() * n as f32, n);
        moved = true;
    } else if let Some(by) = pushed(ui, &response) {
        region.pan(-by, n);
        moved = true;
    }
    paint(ui, theme, place, picture, (region, n), &response);
    response.on_hover_text(format!("{told}\nClick or drag to look elsewhere"));
    moved
}

fn paint(
    ui: &Ui,
    theme: Theme,
    place: Rect,
    picture: &Picture,
    (region, n): (&Region, usize),
    response: &Response,
) {
    let painter = ui.painter();
    painter.rect_filled(place.expand(2.0), 0.0, theme.paper);
    picture.paint(painter, place, &Region::whole(n));
    let edge = if response.has_focus() {
        theme.accent
    } else {
        theme.secondary
    };
    let outside = StrokeKind::Outside;
    painter.rect_stroke(place, 0.0, Stroke::new(1.5, edge), outside);
    let frame = frame(place, region, n);
    // Two lines: one of them stands out against whatever is below.
    painter.rect_stroke(frame, 0.0, Stroke::new(3.0, theme.paper), outside);
    painter.rect_stroke(frame, 0.0, Stroke::new(1.5, theme.accent), outside);
}

/// What arrow keys ask for while it has the keys: a share of the view to move by.
fn pushed(ui: &Ui, response: &Response) -> Option<Vec2> {
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let ways = [
        (Key::ArrowLeft, vec2(-0.5, 0.0)),
        (Key::ArrowRight, vec2(0.5, 0.0)),
        (Key::ArrowUp, vec2(0.0, -0.5)),
        (Key::ArrowDown, vec2(0.0, 0.5)),
    ];
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    ways.into_iter()
        .find(|(key, _)| pressed(*key))
        .map(|(_, by)| by)
}

/// At the upper right: below the diagonal lies the same once more.
fn place(cells: Rect) -> Rect {
    let side = SIDE.min(cells.width() * 0.3);
    let corner = cells.right_top() + vec2(-MARGIN - side, MARGIN);
    Rect::from_min_size(corner, Vec2::splat(side))
}

/// The part in view, as it lies in the overview.
fn frame(place: Rect, region: &Region, n: usize) -> Rect {
    let scale = place.size() / n.max(1) as f32;
    let seen = Rect::from_min_size(
        place.min + region.start * scale,
        Vec2::splat(region.span) * scale,
    );
    let size = seen.size().max(Vec2::splat(MIN_FRAME));
    Rect::from_center_size(seen.center(), size)
}

/// `Rows 1 to 40 and columns 11 to 50 of 1,000`.
fn told(region: &Region, n: usize) -> String {
    let part = |range: std::ops::Range<usize>| {
        format!("{} to {}", grouped(range.start + 1), grouped(range.end))
    };
    format!(
        "Rows {} and columns {} of {}",
        part(region.rows(n)),
        part(region.columns(n)),
        grouped(n)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn the_frame_is_where_the_view_is_and_can_be_seen() {
        let place = Rect::from_min_size(pos2(100.0, 100.0), vec2(100.0, 100.0));
        let region = Region {
            start: vec2(250.0, 500.0),
            span: 250.0,
        };
        let expected = Rect::from_min_size(pos2(125.0, 150.0), vec2(25.0, 25.0));
        assert_eq!(frame(place, &region, 1_000), expected);
        let tiny = Region {
            span: 4.0,
            ..region
        };
        assert_eq!(frame(place, &tiny, 1_000).size(), Vec2::splat(MIN_FRAME));
    }

    #[test]
    fn the_part_in_view_is_told() {
        let region = Region {
            start: vec2(10.0, 0.0),
            span: 40.0,
        };
        let expected = "Rows 1 to 40 and columns 11 to 50 of 1,000";
        assert_eq!(told(&region, 1_000), expected);
    }

    #[test]
    fn it_stays_inside_the_cells() {
        for side in [40.0, 200.0, 900.0] {
            let cells = Rect::from_min_size(pos2(5.0, 5.0), Vec2::splat(side));
            assert!(cells.contains_rect(place(cells)));
        }
    }
}
