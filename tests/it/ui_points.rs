//! The map with more points than can be drawn one by one.

use egui::{Event, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::Harness;
use ndarray::Array2;
use semascope::ui::MapBench;

/// A map, and in what manner it was drawn last.
type Window = Harness<'static, (MapBench, String)>;

/// Points on a square lattice, in two clusters and in none.
fn lattice(side: usize) -> Window {
    let points = Array2::from_shape_fn((side * side, 2), |(item, axis)| {
        [item % side, item / side][axis] as f32
    });
    let labels = (0..side * side).map(|item| [Some(0), Some(1), None][item % 3]);
    let map = MapBench::new(points, labels.collect());
    let builder = Harness::builder().with_size(vec2(800.0, 600.0));
    let mut window = builder
        .with_context_setup(MapBench::install)
        .build_ui_state(
            |ui, (map, manner): &mut (MapBench, String)| *manner = format!("{:?}", map.ui(ui)),
            (map, String::new()),
        );
    window.step();
    window
}

fn zoom(window: &mut Window, at: Pos2, factor: f32) {
    window.hover_at(at);
    window.step();
    window.event(Event::Zoom(factor));
    window.step();
    window.step();
}

#[test]
fn points_are_density_from_afar_and_dots_close_up() {
    let mut window = lattice(331);
    assert_eq!(window.state().1, "Density");
    let middle = window.ctx.content_rect().center();
    let mut seen = vec![window.state().1.clone()];
    for _ in 0..20 {
        zoom(&mut window, middle, 1.3);
        if seen.last() != Some(&window.state().1) {
            seen.push(window.state().1.clone());
        }
    }
    assert_eq!(seen, ["Density", "Picture", "Sprites"]);
}

#[test]
fn the_dot_under_the_mouse_is_found_in_every_manner() {
    for side in [21, 201, 331] {
        let mut window = lattice(side);
        let middle = window.ctx.content_rect().center();
        // With an odd number of points along a side one lies in the middle.
        let expected = side / 2 * side + side / 2;
        for _ in 0..4 {
            zoom(&mut window, middle, 2.0);
            assert_eq!(window.state().0.hovered(), Some(expected));
        }
    }
}

#[test]
fn a_drag_moves_the_map() {
    let mut window = lattice(331);
    let middle = window.ctx.content_rect().center();
    zoom(&mut window, middle, 40.0);
    let before = window.state().0.hovered();
    for (at, pressed) in [(middle + vec2(190.0, 0.0), true), (middle, false)] {
        window.hover_at(at);
        window.event(Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.step();
    }
    window.step();
    // Three columns further right.
    assert_eq!(window.state().0.hovered(), before.map(|item| item + 3));
    assert!(before.is_some());
}
