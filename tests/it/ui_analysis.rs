//! Duplicates, searching by example and a second model, driven by label.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use semascope::session::{Command, DuplicateThreshold};
use semascope::ui::View;

use crate::ui::{Window, builder, click, is_settled, paste, settle, tiny, tiny_window, wait_until};

/// Two near-copies, one sentence in three documents, and a stranger.
const TEXTS: [&str; 5] = [
    "Low water\n\nThe tide runs out past the harbour wall at six in the morning. Printed on recycled \
     paper.",
    "Low water again\n\nThe tide runs out past the harbour wall at six in the morning, every day. \
     Printed on recycled paper.",
    "Rye loaf\n\nThe bread needs rye flour and a hot oven. Printed on recycled paper.",
    "White loaf\n\nKnead the flour, then bake the bread in the oven.",
    "Violin\n\nThe concert ends with a long solo.",
];

fn opened() -> Window {
    let mut window = tiny_window(builder());
    paste(&mut window, &TEXTS);
    window
}

#[track_caller]
fn enter(window: &mut Window, field: &str, text: &str) {
    window.get_by_label(field).focus();
    settle(window);
    window.get_by_label(field).type_text(text);
    window.step();
    window.key_press(Key::Enter);
    window.step();
    wait_until(window, is_settled);
}

#[test]
fn duplicates_are_listed_and_their_threshold_can_be_set() {
    let mut window = opened();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    settle(&mut window);
    assert_eq!(window.state().view(), View::Duplicates);
    // At 0 everything says the same.
    window
        .get_by_label("Duplicate threshold")
        .set_value_accesskit(0.0);
    settle(&mut window);
    wait_until(&mut window, is_settled);
    window.get_by_label("1 group, 5 documents, 10 pairs");
    window.get_by_label("Duplicates 1");
    window
        .get_by_label("Duplicate threshold")
        .set_value_accesskit(1.0);
    settle(&mut window);
    wait_until(&mut window, is_settled);
    window.get_by_label("0 groups, 0 documents, 0 pairs");
    window.get_by_label_contains("Nothing here is that much alike");
    click(&mut window, "automatic");
    wait_until(&mut window, is_settled);
    let session = window.state().session();
    assert_eq!(session.settings.duplicates, DuplicateThreshold::Auto);
    window.get_by_label_contains("The scores ");
}

#[test]
fn a_copy_is_compared_with_its_original() {
    let mut window = opened();
    window
        .state_mut()
        .send(Command::SetDuplicateThreshold(DuplicateThreshold::Fixed(
            0.0,
        )));
    window.step();
    wait_until(&mut window, is_settled);
    click(&mut window, "Duplicates 1");
    let original = window.state().session().duplicates().unwrap().groups[0].original;
    let compare = window.get_all_by_label("Compare");
    // The first is the tab.
    compare.last().unwrap().click();
    settle(&mut window);
    assert_eq!(window.state().view(), View::Compare);
    let pair = window.state().session().selection.compared.unwrap();
    assert!(pair.0 == original && pair.1 != original);
}

#[test]
fn repeated_sentences_can_be_left_out() {
    let mut window = opened();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    settle(&mut window);
    click(&mut window, "Repeated sentences 1");
    window.get_by_label("1 sentence in 3 documents");
    window.get_by_label("Printed on recycled paper.");
    let before = window.state().session().passages().unwrap().total_tokens();
    click(&mut window, "Leave them out");
    wait_until(&mut window, is_settled);
    let after = window.state().session().passages().unwrap().total_tokens();
    assert!(after < before, "{after} of {before} tokens");
    // They are still listed, so that it can be undone.
    window.get_by_label("1 sentence in 3 documents");
}

#[test]
fn what_stands_alone_comes_first() {
    let mut window = opened();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    settle(&mut window);
    click(&mut window, "Standing alone");
    window.get_by_label("Mean cosine to the 4 nearest of each, the lowest first");
    let session = window.state().session();
    let near = session.neighborhood().unwrap();
    let item = near.loneliest()[0];
    let title = session.items().unwrap().title(item).into_owned();
    let row = format!("{:.2} {title}", 1.0 - near.outlier_scores[item]);
    click(&mut window, &row);
    assert_eq!(window.state().session().selection.selected, Some(item));
    window.get_by_label_contains("mean cosine to its 4 nearest");
}

#[test]
fn a_filter_leaves_out_what_lacks_its_words() {
    let mut window = opened();
    enter(&mut window, "Must contain", "FLOUR oven");
    window.get_by_label("2 found, 3 left out by the filter");
    click(&mut window, "Clear");
    assert!(window.state().session().query().is_empty());
    // A pattern that is none is told beside the list, and does no other harm.
    enter(&mut window, "Must contain", "/(/");
    window.get_by_label_contains("This is not a regular expression");
    click(&mut window, "Clear");
    assert!(
        window
            .query_by_label_contains("This is not a regular expression")
            .is_none()
    );
    enter(&mut window, "Must contain", r"/t(ide|able)/");
    window.get_by_label("2 found, 3 left out by the filter");
}

#[test]
fn documents_are_examples_to_search_by() {
    let mut window = opened();
    click(&mut window, "Low water");
    click(&mut window, "More like this");
    wait_until(&mut window, is_settled);
    let hits = window.state().session().search_hits().unwrap();
    assert_eq!(hits.hits[0].item, 0);
    window.state_mut().send(Command::Select(Some(4)));
    settle(&mut window);
    click(&mut window, "Less like this");
    wait_until(&mut window, is_settled);
    let query = window.state().session().query().clone();
    assert_eq!((query.plus, query.minus), (vec![0], vec![4]));
    // Chips take them away.
    click(&mut window, "unlike: Violin ×");
    click(&mut window, "like: Low water ×");
    wait_until(&mut window, is_settled);
    assert!(window.state().session().query().is_empty());
    assert!(window.state().session().search_hits().is_none());
}

#[test]
fn a_document_is_explained_against_its_cluster() {
    let mut window = opened();
    window.state_mut().send(Command::Select(Some(0)));
    settle(&mut window);
    click(&mut window, "Why here?");
    wait_until(&mut window, |app| app.session().belonging().is_some());
    let found = window.state().session().belonging().unwrap().clone();
    window.get_by_label_contains(&format!(
        "cosine {:.2} to the cluster's center",
        found.score
    ));
    // The text carries what the strongest sentence contributes.
    let most = found.contributions.iter().copied().fold(f32::MIN, f32::max);
    window.get_by_label_contains(&format!("{most:+.3}"));
    // Another document is explained at once, until that is no longer wanted.
    window.state_mut().send(Command::Select(Some(1)));
    settle(&mut window);
    wait_until(&mut window, |app| {
        app.session()
            .belonging()
            .is_some_and(|found| found.item == 1)
    });
    click(&mut window, "Why here?");
    assert!(window.state().session().belonging().is_none());
}

#[test]
fn a_pair_is_compared_beyond_what_all_share() {
    let mut window = opened();
    window.state_mut().send(Command::Compare(0, 1));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    settle(&mut window);
    wait_until(&mut window, |app| app.session().comparison().is_some());
    let comparison = window.state().session().comparison().unwrap().clone();
    let relative = comparison.relative.as_ref().unwrap();
    let told = format!("{:.3} beyond what all share", relative.score);
    assert!(window.query_by_label(&told).is_none());
    click(&mut window, "Relative to the corpus");
    window.get_by_label(&told);
}

#[test]
fn a_second_model_is_set_beside_the_first() {
    let mut window = opened();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num7);
    settle(&mut window);
    assert_eq!(window.state().view(), View::Models);
    window.get_by_label("Choose a model folder…");
    window
        .state_mut()
        .send(Command::SetSecondModel(Some(tiny("mpnet"))));
    window.step();
    wait_until(&mut window, is_settled);
    window.get_by_label_contains("Of the 4 nearest, 100 % are the same");
    window.get_by_label("Map by bert");
    window.get_by_label("Map by mpnet");
    window.get_by_label("All have the same neighbors in both models");
    window.get_by_label_contains("Other judgment").click();
    settle(&mut window);
    window.get_by_label_contains("10 compared pairs that the two judge most differently");
    click(&mut window, "Stop comparing");
    window.get_by_label("Choose a model folder…");
    // A folder that is not there is said to be so, and another can be chosen.
    window
        .state_mut()
        .send(Command::SetSecondModel(Some(tiny("none"))));
    window.step();
    wait_until(&mut window, is_settled);
    window.get_by_label_contains("There is no such model folder");
    window.get_by_label("It failed");
    click(&mut window, "Stop comparing");
    assert!(window.state().session().settings.second_model.is_none());
}
