//! The matrix in the window: by mouse, by keys, and as a screen reader tells it.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use semascope::session::Command;
use semascope::ui::View;

use crate::ui::{Window, builder, click, is_settled, settle, tiny_window, wait_until};

const TITLES: [&str; 6] = [
    "Low water",
    "潮汐と港の案内、初めての人のために書かれた、とても長い題名の文書",
    "جداول المد والجزر للمبتدئين في الميناء القديم على شاطئ البحر",
    "🌊🏖️ tide 👩‍👩‍👧 and 👨‍🚀 time 🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊",
    "A title that goes on and on, about wharves, harbors, piers, and all else there",
    "Rye",
];

fn window() -> Window {
    tiny_window(builder().allow_missing_glyphs())
}

fn show_matrix(mut window: Window) -> Window {
    window.step();
    wait_until(&mut window, is_settled);
    click(&mut window, "Matrix");
    settle(&mut window);
    window
}

fn of_titles() -> Window {
    let mut window = window();
    for title in TITLES {
        let text = format!("{title}\n\nWhat is said here is about {title}.");
        window.state_mut().send(Command::AddPasted(text));
    }
    show_matrix(window)
}

fn of_sample() -> Window {
    let mut window = window();
    window.state_mut().send(Command::OpenSample);
    show_matrix(window)
}

fn n(window: &Window) -> usize {
    window.state().session().items().unwrap().n()
}

fn name(window: &Window) -> String {
    format!("Cosine matrix of {} items", n(window))
}

fn cells(window: &Window) -> Rect {
    window.get_by_label(&name(window)).rect()
}

fn order(window: &Window) -> Vec<usize> {
    window.state().session().order().unwrap().order.clone()
}

fn chosen(window: &Window) -> Vec<usize> {
    window.state().session().selection.chosen.iter().collect()
}

/// The middle of a cell while all of the matrix is in view.
fn place(window: &Window, row: usize, column: usize) -> Pos2 {
    let (cells, n) = (cells(window), n(window) as f32);
    cells.min + vec2(column as f32 + 0.5, row as f32 + 0.5) * cells.width() / n
}

fn drag(window: &mut Window, from: Pos2, to: Pos2, modifiers: Modifiers) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers,
    };
    let middle = from + (to - from) / 2.0;
    for event in [
        Event::PointerMoved(from),
        button(from, true),
        Event::PointerMoved(middle),
        Event::PointerMoved(to),
        button(to, false),
    ] {
        window.event_modifiers(event, modifiers);
        window.step();
    }
    settle(window);
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    settle(window);
}

fn score(window: &Window, input: &str) -> f64 {
    window
        .get_by_label(input)
        .accesskit_node()
        .numeric_value()
        .unwrap()
}

fn sorted(mut items: Vec<usize>) -> Vec<usize> {
    items.sort_unstable();
    items
}

#[test]
fn a_block_is_chosen_added_to_and_taken_away() {
    let mut window = of_sample();
    let order = order(&window);
    click(&mut window, "Select");
    let at = |window: &Window, row, column| place(window, row, column);
    let (from, to) = (at(&window, 2, 10), at(&window, 4, 12));
    drag(&mut window, from, to, Modifiers::NONE);
    let block = [&order[2..5], &order[10..13]].concat();
    assert_eq!(chosen(&window), sorted(block.clone()));
    window.get_by_label_contains(" · 6 chosen");

    // Shift and Alt work with the other tool, too, and from any corner.
    click(&mut window, "Move");
    let (from, to) = (at(&window, 25, 35), at(&window, 20, 30));
    drag(&mut window, from, to, Modifiers::SHIFT);
    let more = [&block[..], &order[20..26], &order[30..36]].concat();
    assert_eq!(chosen(&window), sorted(more.clone()));
    let (from, to) = (at(&window, 2, 10), at(&window, 4, 12));
    drag(&mut window, from, to, Modifiers::ALT);
    let rest = [&order[20..26], &order[30..36]].concat();
    assert_eq!(chosen(&window), sorted(rest));
}

#[test]
fn keys_walk_from_cell_to_cell_and_open_the_pair() {
    let mut window = of_titles();
    let name = name(&window);
    window.get_by_label(&name).focus();
    settle(&mut window);
    let told = |window: &Window, row: usize, column: usize| {
        let session = window.state().session();
        let (items, order) = (session.items().unwrap(), order(window));
        let (row, column) = (order[row], order[column]);
        let cosine = items.embeddings().cosine(row, column);
        let (row, column) = (items.title(row), items.title(column));
        format!("{row}, {column}, cosine {cosine:.2}")
    };
    // The first key shows where one is.
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(
        window.get_by_label(&name).value(),
        Some(told(&window, 0, 0))
    );
    for key in [Key::ArrowDown, Key::ArrowRight, Key::ArrowRight] {
        press(&mut window, Modifiers::NONE, key);
    }
    assert_eq!(
        window.get_by_label(&name).value(),
        Some(told(&window, 1, 2))
    );
    press(&mut window, Modifiers::NONE, Key::End);
    assert_eq!(
        window.get_by_label(&name).value(),
        Some(told(&window, 1, 5))
    );
    press(&mut window, Modifiers::SHIFT, Key::ArrowLeft);
    let order = order(&window);
    assert_eq!(chosen(&window), sorted(vec![order[1], order[4], order[5]]));
    press(&mut window, Modifiers::NONE, Key::Enter);
    let selection = &window.state().session().selection;
    assert_eq!(selection.compared, Some((order[1], order[4])));
    assert_eq!(selection.selected, Some(order[1]));
    assert_eq!(window.state().view(), View::Compare);
}

#[test]
fn colors_are_set_by_handle_by_number_and_back() {
    let mut window = of_sample();
    let n = n(&window);
    let all = format!("all {} pairs", semascope::message::grouped(n * (n - 1) / 2));
    window.get_by_label_contains(&all);
    let (low, high) = ("Lowest score shown", "Highest score shown");
    let before = (score(&window, low), score(&window, high));

    for (input, handle, value) in [
        (low, "Handle of the lowest score", 0.1),
        (high, "Handle of the highest score", 1.0),
    ] {
        window.get_by_label(input).set_value_accesskit(value);
        settle(&mut window);
        for label in [input, handle] {
            assert!((score(&window, label) - value).abs() < 1e-6, "{label}");
        }
    }
    window.get_by_label("Handle of the lowest score").focus();
    settle(&mut window);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    assert!((score(&window, low) - 0.11).abs() < 1e-6);

    let handle = window.get_by_label("Handle of the highest score").rect();
    let to = handle.center() - vec2(20.0, 0.0);
    drag(&mut window, handle.center(), to, Modifiers::NONE);
    assert!(score(&window, high) < 1.0);
    // One end does not pass the other.
    window.get_by_label(low).set_value_accesskit(1.0);
    settle(&mut window);
    assert!(score(&window, low) < score(&window, high));

    click(&mut window, "Reset");
    assert_eq!((score(&window, low), score(&window, high)), before);
}

#[test]
fn large_cells_have_titles_in_every_script() {
    let mut window = of_titles();
    for title in TITLES {
        for side in ["Row", "Column"] {
            window.get_by_label(&format!("{side}: {title}"));
        }
    }
    let left = window.get_by_label("Row: Rye").rect();
    assert!(left.right() <= cells(&window).left());
    click(&mut window, "Row: Rye");
    let selected = window.state().session().selection.selected;
    assert_eq!(selected, Some(5));
    click(&mut window, "Column: Low water");
    let selected = window.state().session().selection.selected;
    assert_eq!(selected, Some(0));
}

#[test]
fn zoomed_in_the_overview_leads_elsewhere() {
    let mut window = of_sample();
    let overview = "Overview of the matrix";
    assert!(window.query_by_label(overview).is_none());
    window.hover_at(cells(&window).center());
    window.step();
    for _ in 0..4 {
        window.event(Event::Zoom(2.0));
        window.step();
    }
    settle(&mut window);
    let told = |window: &Window| window.get_by_label(overview).value().unwrap();
    let before = told(&window);
    assert!(before.ends_with(&format!(" of {}", n(&window))), "{before}");
    // A corner of it is that of the matrix.
    let corner = window.get_by_label(overview).rect().min + vec2(1.0, 1.0);
    drag(&mut window, corner, corner, Modifiers::NONE);
    assert!(told(&window).starts_with("Rows 1 to "), "{}", told(&window));
    assert!(told(&window).contains(" columns 1 to "));
    // So close up cells have titles.
    let first = order(&window)[0];
    let title = window
        .state()
        .session()
        .items()
        .unwrap()
        .title(first)
        .into_owned();
    window.get_by_label(&format!("Row: {title}"));

    window.get_by_label(overview).focus();
    settle(&mut window);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert!(!told(&window).starts_with("Rows 1 to "));
    click(&mut window, "Show all");
    assert!(window.query_by_label(overview).is_none());
}
