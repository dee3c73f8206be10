//! Mouse and keys on the map: where they move, turn and walk.

use egui::{EventFilter, Key, Modifiers, Response, Ui, Vec2, vec2};
use ndarray::Array2;

use super::lasso::toward;
use super::model::Camera;
use crate::session::Command;
use crate::ui::context::ViewCtx;

/// Whether keys are meant for the map: it has the focus, or nothing has.
pub fn has_keys(ui: &Ui, response: &Response) -> bool {
    if response.has_focus() {
        // Or the arrow keys would move the focus away.
        let arrows = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    }
    ui.memory(|memory| {
        memory
            .focused()
            .is_none_or(|focused| focused == response.id)
    })
}

/// Which way Shift and the arrow keys turn the map.
pub fn turning(ui: &Ui) -> Option<Vec2> {
    pressed(ui, Modifiers::SHIFT)
}

/// The direction of an arrow key on the screen.
fn pressed(ui: &Ui, modifiers: Modifiers) -> Option<Vec2> {
    let keys = [
        (Key::ArrowLeft, vec2(-1.0, 0.0)),
        (Key::ArrowRight, vec2(1.0, 0.0)),
        (Key::ArrowUp, vec2(0.0, -1.0)),
        (Key::ArrowDown, vec2(0.0, 1.0)),
    ];
    let is_pressed = |key| ui.input_mut(|input| input.consume_key(modifiers, key));
    keys.into_iter()
        .find(|(key, _)| is_pressed(*key))
        .map(|(_, way)| way)
}

/// Arrows go from the selected point to the nearest that way.
pub fn walk(ui: &Ui, ctx: &mut ViewCtx<'_>, points: &Array2<f32>) {
    let Some(from) = ctx.session.selection.selected else {
        return;
    };
    let to = pressed(ui, Modifiers::NONE).and_then(|way| toward(points, from, way));
    if to.is_some() {
        ctx.send(Command::Select(to));
    }
}

/// Zooms by wheel around the pointer, and pans by drag if that is what drags do; tells whether
/// anything moved.
pub fn steer(ui: &Ui, response: &Response, camera: &mut Camera, pans: bool) -> bool {
    let mut moved = false;
    if response.dragged() && pans {
        camera.pan(response.drag_delta());
        moved = true;
    }
    if let Some(at) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = pinch * (wheel / 240.0).exp();
        if (factor - 1.0).abs() > 1e-4 {
            camera.zoom(at, response.rect, factor);
            moved = true;
        }
    }
    moved
}
