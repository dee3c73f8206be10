//! Searching while typing, saved searches, triage of duplicates and the panel of work, by label.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use semascope::embed::EmbedderChoice;
use semascope::export::decisions;
use semascope::session::{Column, Command, Decision, DuplicateThreshold, Stage, Standing, Status};
use semascope::ui::View;

use crate::support::repository;
use crate::ui::{Window, builder, click, is_settled, paste, settle, tiny_window, wait_until};

const TEXTS: [&str; 5] = [
    "Low water\n\nThe tide runs out past the harbor wall twice a day.",
    "Low water again\n\nThe tide runs out past the harbor wall twice each day, and back.",
    "Rye loaf\n\nThe bread needs rye flour and a hot oven.",
    "White loaf\n\nThe bread needs white flour and a hot oven.",
    "Violin\n\nThe bow needs rosin, and the strings a steady hand.",
];

fn window() -> Window {
    let mut window = tiny_window(builder());
    paste(&mut window, &TEXTS);
    window
}

#[track_caller]
fn type_into(window: &mut Window, field: &str, text: &str) {
    window.get_by_label(field).focus();
    settle(window);
    window.get_by_label(field).type_text(text);
    settle(window);
    wait_until(window, is_settled);
}

/// Everything is one group.
fn with_one_group(window: &mut Window) {
    let rule = DuplicateThreshold::Fixed(-1.0);
    let state = window.state_mut();
    state.send(Command::SetDuplicateThreshold(rule));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    settle(window);
    wait_until(window, is_settled);
    assert_eq!(window.state().view(), View::Duplicates);
    let found = window.state().session().duplicates().unwrap();
    assert_eq!(found.groups.len(), 1);
}

#[test]
fn what_is_typed_is_searched_for_without_enter() {
    let mut window = window();
    type_into(&mut window, "Search by meaning", "bread");
    let session = window.state().session();
    assert_eq!(session.query().words, "bread");
    assert_eq!(session.search_hits().unwrap().hits.len(), TEXTS.len());
    window.get_by_label("5 documents, the nearest first");
    // Typing is one step.
    type_into(&mut window, "Search by meaning", " and flour");
    assert_eq!(window.state().session().query().words, "bread and flour");
    click(&mut window, "Undo");
    assert!(window.state().session().query().is_empty());
}

#[test]
fn hits_are_examples() {
    let mut window = window();
    type_into(&mut window, "Search by meaning", "bread");
    click(&mut window, "More like Violin");
    wait_until(&mut window, is_settled);
    assert_eq!(window.state().session().query().plus, [4]);
    click(&mut window, "Less like Violin");
    wait_until(&mut window, is_settled);
    let query = window.state().session().query().clone();
    assert_eq!((query.plus, query.minus), (vec![], vec![4]));
}

#[test]
fn a_saved_search_is_run_again_and_is_a_column() {
    let mut window = window();
    type_into(&mut window, "Search by meaning", "harbor");
    click(&mut window, "Save this search");
    click(&mut window, "Save search");
    wait_until(&mut window, is_settled);
    let session = window.state().session();
    let column = Column::Saved("Search: harbor".into());
    let facts = session.facts().unwrap();
    assert!(facts.columns().contains(&column));
    // It scores as the search itself does.
    let hits = session.search_hits().unwrap().clone();
    for (item, cosine) in hits.of_item.iter().enumerate() {
        let saved = facts.cell(&column, item).number();
        let difference = f64::from(cosine.unwrap()) - saved.unwrap();
        assert!(difference.abs() < 1e-6);
    }
    click(&mut window, "Clear");
    click(&mut window, "Run search harbor");
    wait_until(&mut window, is_settled);
    assert_eq!(window.state().session().query().words, "harbor");
    click(&mut window, "Remove search harbor");
    assert!(window.state().session().saved_searches().is_empty());
    click(&mut window, "Undo");
    assert_eq!(window.state().session().saved_searches().len(), 1);
}

#[test]
fn a_saved_search_that_cannot_be_run_is_marked() {
    let mut window = window();
    type_into(&mut window, "Search by meaning", "harbor");
    type_into(&mut window, "Must contain", "/(/");
    let command = Command::SaveSearch("unclosed".into());
    window.state_mut().send(command);
    settle(&mut window);
    wait_until(&mut window, is_settled);
    let session = window.state().session();
    let column = Column::Saved("Search: unclosed".into());
    assert!(!session.facts().unwrap().columns().contains(&column));
    window.get_by_label_contains("It has no column: This is not a regular expression");
}

#[test]
fn searches_and_decisions_come_back_with_the_workspace() {
    let mut window = window();
    with_one_group(&mut window);
    type_into(&mut window, "Search by meaning", "harbor");
    let state = window.state_mut();
    state.send(Command::SaveSearch("harbor".into()));
    state.send(Command::Decide(vec![(1, Some(Decision::Ignore))]));
    settle(&mut window);
    wait_until(&mut window, is_settled);
    let saved = window.state().session().user_state("duplicates");
    let text = serde_json::to_string(&saved).unwrap();
    let mut after = semascope::session::Session::default();
    after.restore_state(serde_json::from_str(&text).unwrap());
    assert_eq!(
        after.saved_searches(),
        window.state().session().saved_searches()
    );
    assert_eq!(after.user_state("duplicates"), saved);
}

#[test]
fn groups_are_decided_by_keys_and_by_buttons() {
    let mut window = window();
    with_one_group(&mut window);
    window.get_by_label("0 of 1 group decided");
    let found = window.state().session().duplicates().unwrap().clone();
    let group = &found.groups[0];
    let decision = |window: &Window, item| window.state().session().decision(item);
    let press = |window: &mut Window, key| {
        window.key_press(key);
        settle(window);
    };
    press(&mut window, Key::ArrowDown);
    let first = window.state().session().selection.selected.unwrap();
    assert_eq!(first, group.original);
    press(&mut window, Key::K);
    assert_eq!(decision(&window, first), Some(Decision::Keep));
    press(&mut window, Key::ArrowDown);
    let second = window.state().session().selection.selected.unwrap();
    assert_ne!(second, first);
    window.get_by_label("What differs");
    press(&mut window, Key::I);
    assert_eq!(decision(&window, second), Some(Decision::Ignore));
    press(&mut window, Key::T);
    let tags = |window: &Window| {
        let session = window.state().session();
        let items = session.items().unwrap();
        session.tags(&items.document(second).source).to_owned()
    };
    assert_eq!(tags(&window), "duplicate");
    click(&mut window, "Undo");
    assert_eq!(decision(&window, second), Some(Decision::Ignore));
    assert_eq!(tags(&window), "");

    click(&mut window, "Keep suggested, group 1");
    let session = window.state().session();
    assert_eq!(session.standing(group), Standing::Decided);
    window.get_by_label("1 of 1 group decided");
    click(&mut window, "Undecided only");
    window.get_by_label("All groups are decided");
    click(&mut window, "Undecided only");
    click(&mut window, "Not duplicates, group 1");
    let session = window.state().session();
    assert_eq!(session.standing(group), Standing::Apart);
    let table = String::from_utf8(decisions(session).unwrap()).unwrap();
    assert_eq!(table.lines().count(), 1 + TEXTS.len());
    assert!(
        table
            .lines()
            .skip(1)
            .all(|line| line.contains("not duplicates"))
    );
}

#[test]
fn work_that_stands_still_is_listed_and_goes_on() {
    let mut window = window();
    window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::J);
    settle(&mut window);
    window.get_by_label("Nothing is running");
    // A model that is not there.
    let nowhere = EmbedderChoice::Folder(repository("no such model"));
    window.state_mut().send(Command::SetModel(nowhere));
    settle(&mut window);
    wait_until(&mut window, |app| {
        matches!(app.session().status(Stage::Model), Status::Failed(..))
    });
    settle(&mut window);
    click(&mut window, "Try model again");
    wait_until(&mut window, |app| {
        matches!(app.session().status(Stage::Model), Status::Failed(..))
    });
    click(&mut window, "Close work");
    assert!(window.query_by_label("Try model again").is_none());
    click(&mut window, "What is running");
    window.get_by_label("Try model again");
}
