//! Compare and the inspector's text, driven by label.

use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use semascope::session::{Beside, Command};
use semascope::ui::{App, View};

use crate::ui::{
    Window, builder, click, copied, is_settled, paste, settle, tiny_window, wait_until,
};

const TEXTS: [&str; 4] = [
    "Low water\n\nThe tide runs out past the harbour wall. Boats lie dry. Nobody swims.",
    "High water\n\nThe tide fills the harbour by noon. Boats float again.",
    "Rye loaf\n\nThe bread needs rye flour and a hot oven.",
    "Violin\n\nThe concert ends with a long solo. Everybody claps.",
];

/// A window with these texts, read by a tiny model of random weights: quick, and as good here.
fn opened(texts: &[String]) -> Window {
    let mut window = tiny_window(builder().allow_missing_glyphs());
    paste(&mut window, texts);
    window
}

/// The first two of them side by side.
fn compared(texts: &[String]) -> Window {
    let mut window = opened(texts);
    window.state_mut().send(Command::Compare(0, 1));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    settle(&mut window);
    wait_until(&mut window, |app| app.session().comparison().is_some());
    assert_eq!(window.state().view(), View::Compare);
    window
}

fn texts() -> Vec<String> {
    TEXTS.map(str::to_owned).to_vec()
}

/// Sentences that a text of this name has, one by one.
fn many(name: &str, n: usize) -> String {
    let sentence = |at: usize| format!("{name} goes on with part {at} of its long story. ");
    format!(
        "{name} begins.\n\n{}",
        (1..n).map(sentence).collect::<String>()
    )
}

#[test]
fn pairs_of_sentences_are_found_in_the_picture_by_mouse_and_keys() {
    let mut window = compared(&texts());
    let found = window.state().session().comparison().unwrap().clone();
    let (m, n) = (found.left.len(), found.right.len());
    let name = format!("Contributions of {m} × {n} sentences");
    window.get_by_label_contains("Point at a cell");
    let place = window.get_by_label(&name).rect();
    window.hover_at(place.min + vec2(3.0, 3.0));
    window.run_steps(2);
    window.get_by_label("Left 1: Low water");
    window.get_by_label("Right 1: High water");
    let told = format!("contributes {:+.3}", found.contribution(0, 0));
    window.get_by_label_contains(&told);

    window.remove_cursor();
    window.get_by_label(&name).focus();
    settle(&mut window);
    window.key_press(Key::ArrowRight);
    window.run_steps(2);
    window.key_press(Key::ArrowDown);
    window.run_steps(2);
    window.get_by_label_contains("Left 2: The tide runs out");
    window.get_by_label_contains("Right 2: The tide fills");
    assert!(window.get_by_label(&name).is_focused());
    click(&mut window, "Contributions");
    assert!(window.query_by_label(&name).is_none());
}

#[test]
fn the_two_most_alike_are_one_click_away() {
    let mut window = opened(&texts());
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    settle(&mut window);
    click(&mut window, "Compare the two most alike");
    wait_until(&mut window, |app| app.session().comparison().is_some());
    let session = window.state().session();
    let (one, other) = session.selection.compared.unwrap();
    let embeddings = session.items().unwrap().embeddings();
    let cosine = |i, j| embeddings.row(i).dot(&embeddings.row(j));
    let n = TEXTS.len();
    let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
    let highest = pairs.map(|(i, j)| cosine(i, j)).fold(-1.0, f32::max);
    assert!(cosine(one, other) > highest - 1e-5);
    assert_ne!(one, other);
}

#[test]
fn very_many_sentences_share_cells_and_are_brought_into_view() {
    let mut window = compared(&[many("Alpha", 500), many("Beta", 500)]);
    let name = "Contributions of 500 × 500 sentences";
    let picture = window.get_by_label(name).rect();
    window.get_by_label_contains("each cell the strongest of 4 × 2 pairs");
    let tops = tops(&window);
    let at = picture.max - vec2(2.0, 2.0);
    window.hover_at(at);
    window.step();
    for pressed in [true, false] {
        window.event(Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.step();
    }
    settle(&mut window);
    let scrolled = self::tops(&window);
    assert!(scrolled.0 < tops.0 - 500.0, "{scrolled:?}");
    assert!(scrolled.1 < tops.1 - 500.0, "{scrolled:?}");
}

/// Where the two texts begin.
fn tops(window: &Window) -> (f32, f32) {
    let top = |name: &str| {
        let begins = format!("{name} begins.");
        let texts = window.get_all_by_label_contains(&begins);
        let heights = texts.map(|text| text.rect());
        let whole = heights.max_by(|a, b| a.height().total_cmp(&b.height()));
        whole.unwrap().top()
    };
    (top("Alpha"), top("Beta"))
}

fn scroll(window: &mut Window, at: egui::Pos2, by: f32) {
    window.hover_at(at);
    window.step();
    window.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, by),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    // The wheel is smoothed over some frames.
    window.run_steps(30);
}

#[test]
fn one_text_follows_the_other_until_it_is_told_not_to() {
    // The same sentences, so that each goes with its own copy.
    let told = many("The story", 120);
    let mut window = compared(&[
        format!("Alpha begins. {told}"),
        format!("Beta begins. {told}"),
    ]);
    let before = tops(&window);
    let at = window.get_by_label("Scroll together").rect().center();
    let over_right = egui::pos2(window.ctx.content_rect().center().x + 100.0, 800.0);
    assert!(at.y < over_right.y);
    scroll(&mut window, over_right, -600.0);
    let together = tops(&window);
    assert!(together.1 < before.1 - 100.0, "{before:?} {together:?}");
    assert!(together.0 < before.0 - 20.0, "{before:?} {together:?}");
    click(&mut window, "Scroll together");
    scroll(&mut window, over_right, -600.0);
    let alone = tops(&window);
    assert!(alone.1 < together.1 - 100.0, "{alone:?}");
    assert!((alone.0 - together.0).abs() < 1.0, "{alone:?}");
}

#[test]
fn a_comparison_is_copied_as_markdown_and_as_html() {
    let mut window = compared(&texts());
    for (button, expected) in [
        ("Copy as Markdown", "**Cosine "),
        ("Copy as HTML", "<!DOCTYPE html>"),
    ] {
        let text = copied(&mut window, button);
        assert!(
            text.contains(expected) && text.contains("Low water"),
            "{text}"
        );
        window.get_by_label_contains("paste it where you want it");
    }
    // The palette has them by name.
    window.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(&mut window);
    window.get_by_label("Copy comparison as Markdown");
    window.get_by_label("Copy comparison as HTML");
}

#[test]
fn a_score_is_told_in_numbers_that_were_counted() {
    let mut window = compared(&texts());
    let score = window.state().session().comparison().unwrap().score;
    let question = if score < 0.4 {
        "Why so low?"
    } else {
        "Why this score?"
    };
    assert!(window.query_by_label_contains("Coverage: ").is_none());
    click(&mut window, question);
    window.get_by_label_contains("Coverage: the model read all of both");
    window.get_by_label_contains("distinct words stand in both");
    window.get_by_label_contains("Length: ");
    let reasons = window
        .state()
        .session()
        .comparison()
        .unwrap()
        .reasons
        .clone();
    let (rank, items) = (reasons.unwrap().ranks.0.unwrap(), TEXTS.len());
    assert_eq!(rank.n, items - 1);
}

#[test]
fn pasted_text_is_compared_and_becomes_no_document() {
    let mut window = compared(&texts());
    click(&mut window, "Pasted text…");
    window.get_by_label("Text to compare with").focus();
    settle(&mut window);
    let pasted = "The tide fills the harbour. مد وجزر 潮汐 🌊 <b>&amp;";
    window
        .get_by_label("Text to compare with")
        .type_text(pasted);
    settle(&mut window);
    click(&mut window, "Compare with this text");
    let is_there = |app: &App| app.session().comparison().is_some();
    wait_until(&mut window, is_there);
    let session = window.state().session();
    let found = session.comparison().unwrap();
    assert_eq!(found.beside, Some(Beside::Text(pasted.into())));
    assert_eq!(session.items().unwrap().n(), TEXTS.len());
    let sum = found.explanation.contributions.sum();
    assert!((sum - found.score).abs() < 1e-4);
    window.get_by_label("Pasted text");
    // Undone, the other document is there again; and it can be asked for.
    click(&mut window, "The other document");
    wait_until(&mut window, is_there);
    let session = window.state().session();
    assert_eq!(session.selection.compared, Some((0, 1)));
    assert_eq!(session.comparison().unwrap().beside, None);
    click(&mut window, "Undo");
    wait_until(&mut window, is_there);
    assert!(
        window
            .state()
            .session()
            .comparison()
            .unwrap()
            .beside
            .is_some()
    );
}

#[test]
fn a_document_is_compared_with_its_cluster_member_by_member() {
    let mut window = compared(&texts());
    click(&mut window, "Its cluster");
    wait_until(&mut window, |app| app.session().comparison().is_some());
    let session = window.state().session();
    let found = session.comparison().unwrap();
    let side = found.cluster.as_ref().unwrap();
    let clusters = session.clusters().unwrap();
    assert_eq!(clusters.clustering.labels[0], Some(side.cluster));
    assert_eq!(side.members.len(), clusters.sizes[side.cluster]);
    // Itself is the nearest.
    assert_eq!(side.members[0], 0);
    let sum = found.explanation.contributions.sum();
    assert!((sum - found.score).abs() < 1e-4, "{sum} {}", found.score);
    window.get_by_label_contains("its cluster: ");
    assert!(window.query_by_label("Swap sides").is_none());
}

#[test]
fn the_text_is_shaded_by_the_other_of_the_pair_and_by_the_search() {
    let mut window = compared(&texts());
    window.state_mut().send(Command::Select(Some(0)));
    settle(&mut window);
    window.get_by_label_contains("to all of “High water”, compared with it");
    window.state_mut().send(Command::Search("tide".into()));
    settle(&mut window);
    wait_until(&mut window, is_settled);
    window.get_by_label_contains("Shade: cosine of the text to “tide”");
    window.state_mut().send(Command::Select(Some(3)));
    window.state_mut().send(Command::EndSearch);
    settle(&mut window);
    assert!(window.query_by_label_contains("Shade: ").is_none());
    // Pasted text has no file.
    assert!(window.query_by_label("Open file").is_none());
}

#[test]
fn only_files_that_are_read_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("tide.txt", "The tide is out."),
        ("tide.sh", "echo The tide."),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut window = opened(&[]);
    let paths = vec![folder.path().to_owned()];
    window.state_mut().send(Command::AddPaths(paths));
    window.step();
    wait_until(&mut window, is_settled);
    for item in 0..2 {
        window.state_mut().send(Command::Select(Some(item)));
        settle(&mut window);
        let items = window.state().session().items().unwrap();
        let file = items.document(item).source.file().unwrap();
        let is_text = file.extension() == Some("txt".as_ref());
        let open = window.get_by_label("Open file");
        assert_eq!(open.accesskit_node().is_disabled(), !is_text);
        window.get_by_label("Show in folder");
    }
}

#[test]
fn titles_of_any_length_and_script_leave_room_for_the_texts() {
    let long = format!("{} مد وجزر 🌊👩‍👩‍👧", "潮汐與海".repeat(800));
    let mut window = compared(&[
        format!("{long}\n\n海水每天涨落两次。船停在港里。"),
        "المد والجزر\n\nيرتفع البحر مرتين في اليوم. القوارب في الميناء.".into(),
    ]);
    window.state_mut().send(Command::Select(Some(0)));
    settle(&mut window);
    let together = window.get_by_label("Scroll together").rect();
    assert!(together.bottom() < 450.0, "{together:?}");
    let name = {
        let found = window.state().session().comparison().unwrap();
        format!(
            "Contributions of {} × {} sentences",
            found.left.len(),
            found.right.len()
        )
    };
    window.get_by_label(&name);
}
