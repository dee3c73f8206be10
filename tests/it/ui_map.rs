//! The map: turned in three axes, walked as a list, colored and drawn in other ways.

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use ndarray::Array2;
use semascope::session::Stage;

use crate::ui::{Window, click, is_settled, settle, wait_until};
use crate::ui_story::with_sample;

fn points(window: &Window) -> Array2<f32> {
    let (_, map) = window.state().session().map().unwrap();
    map.projection.points.clone()
}

fn selected(window: &Window) -> Option<usize> {
    window.state().session().selection.selected
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
}

#[track_caller]
fn choose(window: &mut Window, combo: &str, entry: &str) {
    click(window, combo);
    click(window, entry);
    wait_until(window, is_settled);
}

/// Opens the list and selects a point by it; then the mouse is away, so that it points at nothing.
#[track_caller]
fn begin(window: &mut Window) {
    click(window, "Near the current point");
    click(window, "Begin amid the largest cluster");
    window.event(Event::PointerGone);
    settle(window);
}

#[test]
fn a_third_axis_comes_and_goes_and_the_flat_map_is_as_before() {
    let mut window = with_sample();
    let flat = points(&window);
    click(&mut window, "3-D");
    wait_until(&mut window, is_settled);
    assert_eq!(points(&window).dim(), (flat.nrows(), 3));
    // Turning is no walking: the selection stays, and the map is the same one.
    begin(&mut window);
    click(&mut window, "Near the current point");
    let (before, solid) = (selected(&window), points(&window));
    window.get_by_label_contains("Map of ").focus();
    settle(&mut window);
    for key in [Key::ArrowLeft, Key::ArrowUp, Key::ArrowRight] {
        press(&mut window, Modifiers::SHIFT, key);
    }
    assert_eq!((selected(&window), points(&window)), (before, solid));
    // By other methods too.
    choose(&mut window, "Map method", "UMAP");
    assert_eq!(points(&window).ncols(), 3);
    choose(&mut window, "Map method", "PCA");
    click(&mut window, "3-D");
    wait_until(&mut window, is_settled);
    assert_eq!(points(&window), flat);
}

#[test]
fn the_map_is_walked_as_a_list() {
    let mut window = with_sample();
    begin(&mut window);
    let session = window.state().session();
    let start = session.clusters().unwrap().central[0].unwrap();
    assert_eq!(session.selection.selected, Some(start));
    let title = session.items().unwrap().title(start).into_owned();
    let neighbors = session.neighborhood().unwrap().graph.of(start).to_vec();
    let told = format!("Current point: {title}, in ");
    assert!(window.get_by_label_contains(&told).is_focused());

    press(&mut window, Modifiers::NONE, Key::Tab);
    assert_eq!(
        window.state().session().selection.hovered,
        Some(neighbors[0].item)
    );
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(
        window.state().session().selection.hovered,
        Some(neighbors[1].item)
    );
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(selected(&window), Some(neighbors[1].item));
    assert!(window.get_by_label_contains("Current point: ").is_focused());
}

#[test]
fn arrow_keys_walk_while_the_map_has_the_focus() {
    let mut window = with_sample();
    begin(&mut window);
    window.get_by_label_contains("Map of ").focus();
    settle(&mut window);
    let start = selected(&window);
    let keys = [
        Key::ArrowLeft,
        Key::ArrowRight,
        Key::ArrowUp,
        Key::ArrowDown,
    ];
    let moves = |key: Key, window: &mut Window| {
        let before = selected(window);
        press(window, Modifiers::NONE, key);
        selected(window) != before
    };
    assert!(keys.into_iter().any(|key| moves(key, &mut window)));
    assert!(start.is_some());
    assert!(window.get_by_label_contains("Map of ").is_focused());
}

#[test]
fn points_have_other_colors_and_lines_around_them() {
    let mut window = with_sample();
    for color_by in [
        "Likeness to selected",
        "Likeness, less the mean",
        "Local trust",
    ] {
        choose(&mut window, "Color by", color_by);
        click(&mut window, "Contours");
    }
    window.get_by_label("Color by");
}

#[test]
fn clusters_are_parted_for_a_closer_look() {
    let window = with_sample();
    let session = window.state().session();
    assert!(session.revision(Stage::Subgroups).is_some());
    let (clusters, parts) = (session.clusters().unwrap(), session.subgroups().unwrap());
    for part in &parts.0 {
        let labels = part.members.iter();
        assert!(
            labels
                .map(|item| clusters.clustering.labels[*item])
                .all(|label| label == Some(part.cluster))
        );
        assert!(!part.words.is_empty());
    }
    // No item is in two parts.
    let mut members: Vec<usize> = parts
        .0
        .iter()
        .flat_map(|part| &part.members)
        .copied()
        .collect();
    let n = members.len();
    members.sort_unstable();
    members.dedup();
    assert_eq!(members.len(), n);
}
