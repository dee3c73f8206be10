//! Rearranging the window, its size, and pictures of what it shows.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use semascope::ui::View;

use crate::ui::{Window, click, settle};
use crate::ui_story::{press, with_sample};

fn has(window: &Window, label: &str) -> bool {
    window.query_by_label(label).is_some()
}

#[test]
fn sides_can_be_put_away_and_come_back() {
    let mut window = with_sample();
    assert!(has(&window, "Details") && has(&window, "Documents"));
    press(&mut window, Modifiers::COMMAND, Key::I);
    press(&mut window, Modifiers::COMMAND, Key::B);
    assert!(!has(&window, "Details") && !has(&window, "Documents"));
    click(&mut window, "View");
    click(&mut window, "Reset layout");
    settle(&mut window);
    assert!(has(&window, "Details") && has(&window, "Documents"));
}

#[test]
fn a_narrow_window_has_the_details_among_its_tabs_and_loses_nothing() {
    let mut window = with_sample();
    press(&mut window, Modifiers::COMMAND, Key::Num4);
    window.set_size(egui::vec2(900.0, 600.0));
    settle(&mut window);
    assert_eq!(window.state().view(), View::Table);
    for (_, name, _) in View::ALL {
        let tab = window.query_by_label_contains(name);
        assert!(
            tab.is_some() || window.query_all_by_label_contains(name).count() > 0,
            "{name}"
        );
    }
    click(&mut window, "Details");
    settle(&mut window);
    assert!(has(&window, "Details"));
}

#[test]
fn everything_can_be_made_larger_by_keys() {
    let mut window = with_sample();
    let before = window.ctx.zoom_factor();
    press(&mut window, Modifiers::COMMAND, Key::Plus);
    assert!((window.ctx.zoom_factor() - before - 0.1).abs() < 1e-3);
    press(&mut window, Modifiers::COMMAND, Key::Num0);
    assert!((window.ctx.zoom_factor() - 1.0).abs() < 1e-3);
}

#[test]
fn every_view_says_what_it_shows_and_what_not() {
    let mut window = with_sample();
    for (view, name, _) in View::ALL {
        let number = View::ALL
            .iter()
            .position(|(other, ..)| *other == view)
            .unwrap();
        let keys = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::Num4,
            Key::Num5,
            Key::Num6,
            Key::Num7,
        ];
        press(&mut window, Modifiers::COMMAND, keys[number]);
        click(&mut window, &format!("About {}", name.to_lowercase()));
        assert!(has(&window, "What does it not show?"), "{name}");
        window.key_press(Key::Escape);
        settle(&mut window);
    }
}

#[test]
fn any_view_becomes_a_picture_of_more_pixels_than_the_screen() {
    let mut window = with_sample();
    for (number, view) in [
        (Key::Num1, "map"),
        (Key::Num2, "matrix"),
        (Key::Num4, "table"),
    ] {
        press(&mut window, Modifiers::COMMAND, number);
        let small = window.state().picture(1, false);
        let large = window.state().picture(2, true);
        let size = |bytes: &[u8]| {
            let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            (side(16), side(20))
        };
        let (width, height) = size(&small);
        assert!(width > 600 && height > 400, "{view}");
        assert_eq!(size(&large), (2 * width, 2 * height), "{view}");
        // Empty ones would be much smaller.
        assert!(small.len() > 10_000, "{view}: {}", small.len());
    }
}
