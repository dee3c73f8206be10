//! Whole stories in the window: by mouse and label, and by keys alone.

use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::kittest::Queryable as _;
use semascope::session::Command;
use semascope::ui::View;

use crate::ui::{Window, builder, click, copied, is_settled, settle, tiny_window, wait_until};

fn window() -> Window {
    tiny_window(builder())
}

pub fn with_sample() -> Window {
    let mut window = window();
    window.run();
    click(&mut window, "Open the sample");
    wait_until(&mut window, is_settled);
    window
}

#[track_caller]
fn type_into(window: &mut Window, field: &str, text: &str) {
    window.get_by_label(field).focus();
    settle(window);
    window.get_by_label(field).type_text(text);
    settle(window);
}

pub fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
    wait_until(window, is_settled);
}

/// Presses the mouse at the first place, moves it through the others and lets go.
fn drag(window: &mut Window, path: &[Pos2]) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.event(Event::PointerMoved(path[0]));
    window.event(button(path[0], true));
    window.step();
    for at in &path[1..] {
        window.event(Event::PointerMoved(*at));
        window.step();
    }
    window.event(button(path[path.len() - 1], false));
    settle(window);
}

fn n_chosen(window: &Window) -> usize {
    window.state().session().selection.chosen.len()
}

fn n_tagged(window: &Window) -> usize {
    let session = window.state().session();
    let items = session.items().unwrap();
    let is_tagged = |item: &usize| !session.tags(&items.document(*item).source).is_empty();
    (0..items.n()).filter(is_tagged).count()
}

/// Draws around the left half of the map.
fn lasso_left_half(window: &mut Window) {
    let n = window.state().session().items().unwrap().n();
    click(window, "Lasso");
    let map = window.get_by_label(&format!("Map of {n} items")).rect();
    // Nearer to the edge the mouse would move the border of the view.
    let (left, right) = (map.left() + 16.0, map.center().x);
    let corners = [
        Pos2::new(left, map.top() + 2.0),
        Pos2::new(right, map.top() + 2.0),
        Pos2::new(right, map.bottom() - 2.0),
        Pos2::new(left, map.bottom() - 2.0),
    ];
    drag(window, &corners);
}

/// From the sample to a comparison that can be pasted elsewhere.
#[test]
fn a_pile_is_searched_gathered_tagged_compared_and_taken_along() {
    let mut window = with_sample();
    type_into(&mut window, "Search by meaning", "water rises and falls");
    wait_until(&mut window, |app| {
        is_settled(app) && app.session().search_hits().is_some()
    });
    let session = window.state().session();
    let hits = session.search_hits().unwrap();
    let (first, items) = (&hits.hits[0], session.items().unwrap());
    let (name, item) = (
        format!("{:.2} {}", first.cosine, items.title(first.item)),
        first.item,
    );
    click(&mut window, &name);
    assert_eq!(window.state().session().selection.selected, Some(item));

    lasso_left_half(&mut window);
    let chosen = n_chosen(&window);
    assert!(chosen > 0);
    press(&mut window, Modifiers::COMMAND, Key::Num4);
    type_into(&mut window, "Tag the chosen", "to read");
    click(&mut window, "Add tag");
    wait_until(&mut window, is_settled);
    assert_eq!(n_tagged(&window), chosen);
    click(&mut window, "Undo");
    assert_eq!(n_tagged(&window), 0);

    window.get_all_by_label("Compare").nth(1).unwrap().click();
    window.step();
    wait_until(&mut window, |app| app.session().comparison().is_some());
    assert_eq!(window.state().view(), View::Compare);
    let copied = copied(&mut window, "Copy as Markdown");
    let (left, right) = window.state().session().selection.compared.unwrap();
    let items = window.state().session().items().unwrap();
    assert!(copied.contains(&*items.title(left)) && copied.contains(&*items.title(right)));
}

#[test]
fn points_are_chosen_by_lasso_tagged_and_that_is_undone() {
    let mut window = with_sample();
    let n = window.state().session().items().unwrap().n();
    lasso_left_half(&mut window);
    let chosen = n_chosen(&window);
    assert!(chosen > 0 && chosen < n, "{chosen}");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    settle(&mut window);
    assert_eq!(window.state().view(), View::Table);
    window.get_by_label(&format!("{n} rows · {chosen} chosen"));
    type_into(&mut window, "Tag the chosen", "left");
    click(&mut window, "Add tag");
    wait_until(&mut window, is_settled);
    assert_eq!(n_tagged(&window), chosen);
    click(&mut window, "Undo");
    assert_eq!((n_tagged(&window), n_chosen(&window)), (0, chosen));
    click(&mut window, "Redo");
    assert_eq!(n_tagged(&window), chosen);
    click(&mut window, "Only these");
    wait_until(&mut window, is_settled);
    window.get_by_label(&format!("{chosen} of {n} rows"));
    click(&mut window, "Show everything");
    wait_until(&mut window, is_settled);
    window.get_by_label(&format!("{n} rows"));
}

#[test]
fn the_table_is_sorted_filtered_and_compared_from() {
    let mut window = with_sample();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    settle(&mut window);
    let rows = |window: &Window| window.state().session().rows().unwrap().order.clone();
    let before = rows(&window);
    click(&mut window, "Nearest");
    wait_until(&mut window, is_settled);
    let near = window.state().session().neighborhood().unwrap().clone();
    let cosine = |item: &usize| near.graph.of(*item)[0].cosine;
    assert!(rows(&window).is_sorted_by(|a, b| cosine(a) >= cosine(b)));
    assert_ne!(rows(&window), before);
    click(&mut window, "Nearest ↓");
    click(&mut window, "Nearest ↑");
    wait_until(&mut window, is_settled);
    assert_eq!(rows(&window), before);

    // A cluster is switched off by its dot, and on again.
    let clusters = window.state().session().clusters().unwrap();
    let (name, size) = (clusters.name(0), clusters.sizes[0]);
    click(&mut window, &format!("Show {name}"));
    wait_until(&mut window, is_settled);
    assert_eq!(rows(&window).len(), before.len() - size);
    click(&mut window, &format!("Show {name}"));
    wait_until(&mut window, is_settled);
    assert_eq!(rows(&window), before);

    let titles: Vec<String> = {
        let items = window.state().session().items().unwrap();
        before[..2]
            .iter()
            .map(|item| items.title(*item).into_owned())
            .collect()
    };
    for title in titles {
        click(&mut window, &format!("Choose {title}"));
    }
    click(&mut window, "Edit");
    click(&mut window, "Compare the two chosen");
    wait_until(&mut window, |app| app.session().comparison().is_some());
    assert_eq!(window.state().view(), View::Compare);
}

#[test]
fn everything_is_found_by_keys_alone() {
    let mut window = with_sample();
    press(&mut window, Modifiers::COMMAND, Key::K);
    window
        .get_by_label("Find a command or document")
        .type_text("matr");
    settle(&mut window);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(window.state().view(), View::Matrix);
    press(&mut window, Modifiers::COMMAND, Key::K);
    let title = window
        .state()
        .session()
        .items()
        .unwrap()
        .title(7)
        .into_owned();
    window
        .get_by_label("Find a command or document")
        .type_text(&title);
    settle(&mut window);
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(window.state().session().selection.selected, Some(7));

    press(&mut window, Modifiers::COMMAND, Key::Num1);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    let walked = window.state().session().selection.selected.unwrap();
    assert_ne!(walked, 7);
    let (_, map) = window.state().session().map().unwrap();
    let x = |item: usize| map.projection.points[[item, 0]];
    assert!(x(walked) > x(7));

    press(&mut window, Modifiers::COMMAND, Key::Num4);
    press(&mut window, Modifiers::NONE, Key::Home);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(window.state().session().selection.selected, Some(1));
    press(&mut window, Modifiers::COMMAND, Key::A);
    let n = window.state().session().items().unwrap().n();
    assert_eq!(n_chosen(&window), n);
    // Escape goes back step by step.
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(n_chosen(&window), 0);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(window.state().session().selection.selected, None);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(n_chosen(&window), n);
}

#[test]
fn a_filter_on_a_column_narrows_every_view() {
    let mut window = with_sample();
    window.state_mut().send(Command::Want(
        semascope::session::Column::Title,
        Some(semascope::session::Wanted::Letters(String::new())),
    ));
    settle(&mut window);
    type_into(&mut window, "Title holds", "tide");
    wait_until(&mut window, is_settled);
    let session = window.state().session();
    let items = session.items().unwrap();
    let rows = session.rows().unwrap();
    assert!(!rows.order.is_empty() && rows.n_left_out > 0);
    for item in &rows.order {
        assert!(items.title(*item).to_lowercase().contains("tide"));
    }
    let left_out = format!("{} left out", rows.n_left_out);
    window.get_by_label(&left_out);
    click(&mut window, "End filter Title");
    wait_until(&mut window, is_settled);
    assert!(window.query_by_label(&left_out).is_none());
}

#[test]
fn points_are_colored_by_a_column() {
    let mut window = with_sample();
    for entry in ["Nearest", "Tokens"] {
        window.get_by_label("Color by").click();
        settle(&mut window);
        window.get_by_label(entry).click();
        settle(&mut window);
        assert_eq!(
            window.get_by_label("Color by").value().as_deref(),
            Some(entry)
        );
    }
}
