//! The window, driven by label as a person or a screen reader would.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand, Theme, vec2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, HarnessBuilder};
use semascope::analysis::ClusterMethod;
use semascope::embed::EmbedderChoice;
use semascope::session::{Command, DocumentMap, Level, RowOrder, Settings, Stage, Status};
use semascope::text::Tools;
use semascope::ui::{App, View};
use semascope::workspace::Desk;

use crate::support::repository;

pub type Window = Harness<'static, App>;

fn window(theme: Theme) -> Window {
    Harness::builder()
        .with_size(vec2(1200.0, 760.0))
        .with_theme(theme)
        .with_max_steps(40)
        .build_eframe(|creation| {
            App::new(
                &creation.egui_ctx,
                Settings::default(),
                Tools::default(),
                Desk::default(),
            )
        })
}

/// A folder with a tiny model of random weights: quick, and as good for stories.
pub fn tiny(name: &str) -> EmbedderChoice {
    EmbedderChoice::Folder(repository("tests/fixtures/models").join(name))
}

/// A light window of the usual size.
pub fn builder() -> HarnessBuilder<App> {
    Harness::builder()
        .with_size(vec2(1440.0, 900.0))
        .with_theme(Theme::Light)
        .with_max_steps(40)
}

/// A window with the tiny model.
pub fn tiny_window(builder: HarnessBuilder<App>) -> Window {
    let settings = Settings {
        model: tiny("bert"),
        ..Settings::default()
    };
    builder.build_eframe(|creation| {
        let tools = Tools::default();
        App::new(&creation.egui_ctx, settings, tools, Desk::default())
    })
}

/// Adds these texts, and waits for all that follows from them.
pub fn paste(window: &mut Window, texts: &[impl AsRef<str>]) {
    for text in texts {
        let text = text.as_ref().to_owned();
        window.state_mut().send(Command::AddPasted(text));
    }
    window.step();
    if !texts.is_empty() {
        wait_until(window, is_settled);
    }
}

/// Draws frames until `done`, as fast as work comes in.
#[track_caller]
pub fn wait_until(window: &mut Window, done: impl Fn(&App) -> bool) {
    let started = Instant::now();
    while !done(window.state()) {
        assert!(
            started.elapsed() < Duration::from_mins(3),
            "it took too long"
        );
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.step();
    window.step();
}

pub fn is_settled(app: &App) -> bool {
    let session = app.session();
    session.order().is_some()
        && session.map().is_some()
        && session.due().is_empty()
        && !app.is_busy()
}

#[track_caller]
pub fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    settle(window);
}

/// Press, release, the command between two frames, and what follows from it.
pub fn settle(window: &mut Window) {
    window.run_steps(4);
}

/// What a button puts on the clipboard.
#[track_caller]
pub fn copied(window: &mut Window, button: &str) -> String {
    window.get_by_label(button).click();
    for _ in 0..4 {
        window.step();
        let mut commands = window.output().platform_output.commands.iter();
        let copied = commands.find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        if let Some(copied) = copied {
            window.step();
            return copied;
        }
    }
    panic!("{button} copied nothing");
}

const TEXTS: [&str; 6] = [
    "Low water\n\nThe tide runs out past the harbour wall.",
    "High water\n\nThe tide fills the harbour by noon.",
    "The ebb\n\nBoats lie dry at low tide in the harbour.",
    "Rye loaf\n\nThe bread needs rye flour and a hot oven.",
    "White loaf\n\nKnead the flour, then bake the bread in the oven.",
    "Sourdough\n\nThe oven must be hot before the bread goes in.",
];

fn with_texts(theme: Theme, texts: &[&str]) -> Window {
    let mut window = window(theme);
    paste(&mut window, texts);
    window
}

#[test]
fn the_sample_opens_and_two_documents_are_compared() {
    let mut window = window(Theme::Light);
    window.run();
    click(&mut window, "Open the sample");
    wait_until(&mut window, is_settled);
    let session = window.state().session();
    let items = session.items().unwrap();
    assert!(items.n() > 90);
    assert!(session.clusters().unwrap().clustering.n_clusters() >= 8);

    let title = items.title(0).into_owned();
    click(&mut window, &title);
    assert_eq!(window.state().session().selection.selected, Some(0));
    window.get_all_by_label("Compare").nth(1).unwrap().click();
    window.step();
    wait_until(&mut window, |app| app.session().comparison().is_some());
    assert_eq!(window.state().view(), View::Compare);
    let pair = window.state().session().selection.compared.unwrap();
    assert_eq!(pair.0, 0);
    click(&mut window, "Swap sides");
    assert_eq!(
        window.state().session().selection.compared,
        Some((pair.1, 0))
    );
}

/// Whether this process computes in the portable way. If not, the test is run in one that does.
fn is_portable(test: &str) -> bool {
    const MASK: (&str, &str) = ("SEMASCOPE_CPU", "portable");
    if std::env::var(MASK.0).as_deref() == Ok(MASK.1) {
        return true;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("ui::{test}")]);
    let (code, out, err) = crate::support::finished(command.env(MASK.0, MASK.1));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("1 passed"), "{out}");
    false
}

#[test]
fn embedding_can_be_stopped_and_continued() {
    // So slow that it is not over before the click.
    if !is_portable("embedding_can_be_stopped_and_continued") {
        return;
    }
    let mut window = window(Theme::Light);
    window.run();
    // Enough that it lasts for some seconds.
    let sentences = (0..10_000).map(|i| format!("Sentence number {i} is unlike all others. "));
    window
        .state_mut()
        .send(Command::AddPasted(sentences.collect()));
    // Until then the button may be that of another stage.
    wait_until(&mut window, |app| {
        let status = |stage| app.session().status(stage);
        matches!(status(Stage::Embedding), Status::Working(_))
            && matches!(status(Stage::Boilerplate), Status::Ready(_))
    });
    while window.query_by_label("Stop").is_none() {
        window.step();
    }
    click(&mut window, "Stop");
    assert!(matches!(
        window.state().session().status(Stage::Embedding),
        Status::Stopped(_)
    ));
    assert!(!window.state().is_busy());
    window.get_by_label("Embedding stopped");
    click(&mut window, "Continue");
    assert!(matches!(
        window.state().session().status(Stage::Embedding),
        Status::Working(_)
    ));
}

#[test]
fn text_can_be_pasted() {
    let mut window = window(Theme::Light);
    window.run();
    click(&mut window, "Paste text…");
    window
        .get_by_label("Text of the new document")
        .type_text("Tide\n\nThe sea went out.");
    window.step();
    click(&mut window, "Add document");
    wait_until(&mut window, is_settled);
    assert_eq!(window.state().session().items().unwrap().title(0), "Tide");
}

#[test]
fn every_view_opens_by_key_and_by_tab() {
    let mut window = with_texts(Theme::Dark, &TEXTS);
    for (key, view) in [
        (Key::Num2, View::Matrix),
        (Key::Num3, View::Compare),
        (Key::Num1, View::Map),
    ] {
        window.key_press_modifiers(Modifiers::COMMAND, key);
        window.step();
        window.step();
        assert_eq!(window.state().view(), view);
    }
    click(&mut window, "Matrix");
    assert_eq!(window.state().view(), View::Matrix);
    window.get_by_label("Cosine matrix of 6 items");
    click(&mut window, "Map");
    window.get_by_label("Map of 6 items");
}

#[test]
fn a_click_on_the_matrix_opens_the_pair() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    click(&mut window, "Matrix");
    let cells = window.get_by_label("Cosine matrix of 6 items").rect();
    let order = window.state().session().order().unwrap().order.clone();
    let cell = cells.size() / 6.0;
    let at = cells.min + vec2(cell.x * 4.5, cell.y * 1.5);
    window.hover_at(at);
    window.step();
    for pressed in [true, false] {
        window.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        window.step();
    }
    window.step();
    assert_eq!(
        window.state().session().selection.compared,
        Some((order[1], order[4]))
    );
    assert_eq!(window.state().view(), View::Compare);
}

#[test]
fn a_search_lists_the_nearest_and_can_be_cleared() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    window.get_by_label("Search by meaning").focus();
    settle(&mut window);
    window.get_by_label("Search by meaning").type_text("baking");
    window.step();
    window.key_press(Key::Enter);
    window.step();
    wait_until(&mut window, |app| app.session().search_hits().is_some());
    let best = window.state().session().search_hits().unwrap().hits[0].item;
    assert!((3..6).contains(&best));
    click(&mut window, "Clear");
    assert!(window.state().session().search_hits().is_none());
}

/// Chooses an entry of a combo box.
#[track_caller]
fn choose(window: &mut Window, combo: &str, entry: &str) {
    click(window, combo);
    click(window, entry);
    wait_until(window, is_settled);
}

fn map_of(window: &Window) -> std::sync::Arc<DocumentMap> {
    window.state().session().map().unwrap().1
}

#[test]
fn the_map_is_drawn_by_other_methods_and_says_how_far_to_trust_it() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    let principal = map_of(&window);
    assert_eq!(principal.projection.variance_shares.len(), 2);
    for (entry, name) in [("UMAP", "UMAP"), ("t-SNE", "t-SNE"), ("PCA", "PCA")] {
        choose(&mut window, "Map method", entry);
        let map = map_of(&window);
        assert_eq!(map.rule.name(), name);
        assert_eq!(map.projection.points.dim(), (6, 2));
        window.get_by_label_contains("trust ");
        window.get_by_label_contains("continuity ");
        window.get_by_label_contains(" % of neighbors kept");
    }
    assert_eq!(map_of(&window), principal);
}

#[test]
fn the_map_can_have_axes_between_two_texts() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    choose(&mut window, "Map method", "Axes of meaning…");
    assert!(map_of(&window).rule.is_pca());
    for (name, text) in [("From", "baking bread"), ("To", "the sea")] {
        window.get_by_role_and_label(Role::TextInput, name).focus();
        settle(&mut window);
        window
            .get_by_role_and_label(Role::TextInput, name)
            .type_text(text);
        settle(&mut window);
    }
    click(&mut window, "Draw");
    wait_until(&mut window, is_settled);
    let map = map_of(&window);
    assert_eq!(map.rule.name(), "Axes of meaning");
    let across = map.projection.points.column(0).to_vec();
    let farthest_left = |items: &[f32]| items.iter().copied().fold(f32::INFINITY, f32::min);
    let farthest_right = |items: &[f32]| items.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // The first three are about the sea.
    assert!(
        farthest_right(&across[3..]) < farthest_left(&across[..3]),
        "{across:?}"
    );
    choose(&mut window, "Map method", "PCA");
    assert!(window.query_by_label("Draw").is_none());
}

#[test]
fn on_a_frozen_map_old_documents_do_not_move() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    choose(&mut window, "Map method", "UMAP");
    click(&mut window, "Freeze");
    wait_until(&mut window, is_settled);
    let before = map_of(&window);
    let text = "Spring tide\n\nThe harbour is full at the highest tide of the month.";
    window.state_mut().send(Command::AddPasted(text.to_owned()));
    window.step();
    wait_until(&mut window, is_settled);
    let after = map_of(&window);
    assert_eq!(after.projection.points.nrows(), 7);
    let old = after.projection.points.slice(ndarray::s![..6, ..]);
    assert_eq!(old, before.projection.points);
    window.get_by_label_contains("1 added");
    click(&mut window, "Freeze");
    wait_until(&mut window, is_settled);
    assert!(map_of(&window).added.is_empty());
}

#[test]
fn principal_components_place_new_documents_exactly() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    click(&mut window, "Freeze");
    let before = map_of(&window);
    let text = "Spring tide\n\nThe harbour is full at the highest tide of the month.";
    window.state_mut().send(Command::AddPasted(text.to_owned()));
    window.step();
    wait_until(&mut window, is_settled);
    let after = map_of(&window);
    let items = window.state().session().items().unwrap();
    let expected = before
        .components
        .as_ref()
        .unwrap()
        .project(items.embeddings());
    assert_eq!(after.projection.points, expected);
    assert_eq!(after.added.len(), 1);
}

#[test]
fn the_map_shows_what_it_hides() {
    let mut window = with_texts(Theme::Dark, &TEXTS);
    click(&mut window, "Low water");
    click(&mut window, "Show what the map hides");
    let map = window.get_by_label("Map of 6 items").rect();
    window.hover_at(map.center());
    settle(&mut window);
    click(&mut window, "Show what the map hides");
}

#[test]
fn the_rows_of_the_matrix_have_other_orders() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    click(&mut window, "Low water");
    click(&mut window, "Matrix");
    let order = |window: &Window| window.state().session().order().unwrap().order.clone();
    choose(&mut window, "Row order", "Titles");
    assert_eq!(order(&window), [1, 0, 3, 5, 2, 4]);
    choose(&mut window, "Row order", "Likeness to Low water");
    assert_eq!(
        window.state().session().settings.order,
        RowOrder::LikenessTo(0)
    );
    assert_eq!(order(&window)[0], 0);
    choose(&mut window, "Row order", "Folders");
    choose(&mut window, "Row order", "Clusters");
}

#[test]
fn duplicates_are_marked_on_the_matrix() {
    let mut texts = TEXTS.to_vec();
    texts.push("Low water\n\nThe tide runs out past the harbour wall");
    let mut window = with_texts(Theme::Light, &texts);
    click(&mut window, "Matrix");
    window.get_by_label_contains("marks: 1 pair at ");
}

#[test]
fn clusters_are_made_by_density_too() {
    let mut window = window(Theme::Light);
    window.run();
    click(&mut window, "Open the sample");
    wait_until(&mut window, is_settled);
    window.get_by_label("Number of clusters");
    window.get_by_label_contains("silhouette ");
    choose(&mut window, "Cluster method", "Density (HDBSCAN)");
    let session = window.state().session();
    assert!(matches!(
        session.settings.cluster.method,
        ClusterMethod::Hdbscan(_)
    ));
    let clustering = &session.clusters().unwrap().clustering;
    assert!(clustering.n_clusters() >= 2);
    // Density finds the number by itself, and leaves out what is between.
    assert!(window.query_by_label("Number of clusters").is_none());
    let noise = window.query_by_label("In no cluster");
    assert_eq!(noise.is_some(), clustering.n_noise() > 0);
    choose(&mut window, "Cluster method", "Tree (Ward)");
    window.get_by_label("Number of clusters");
    assert!(window.query_by_label("In no cluster").is_none());
}

#[test]
fn passages_can_be_the_items() {
    let mut window = with_texts(Theme::Light, &TEXTS);
    click(&mut window, "Passages 6");
    assert_eq!(window.state().session().settings.level, Level::Passages);
    wait_until(&mut window, is_settled);
    window.get_by_label("Map of 6 items");
}

#[test]
fn few_documents_are_calm() {
    for n in [1, 2] {
        let mut window = with_texts(Theme::Light, &TEXTS[..n]);
        for tab in ["Matrix", "Compare", "Map"] {
            click(&mut window, tab);
        }
        click(&mut window, "Low water");
        assert_eq!(window.state().session().selection.selected, Some(0));
    }
}

#[test]
fn a_failed_job_says_why_and_offers_to_try_again() {
    let mut window = window(Theme::Light);
    let settings = semascope::embed::EmbedderChoice::Folder("/no/such/model".into());
    window.state_mut().send(Command::SetModel(settings));
    window
        .state_mut()
        .send(Command::AddPasted("A text.".into()));
    window.step();
    wait_until(&mut window, |app| {
        matches!(app.session().status(Stage::Model), Status::Failed(..))
    });
    window.get_by_label_contains("There is no such model folder");
    window
        .state_mut()
        .send(Command::SetModel(semascope::embed::EmbedderChoice::Bundled));
    window.step();
    wait_until(&mut window, is_settled);
}

#[test]
fn unreadable_files_are_listed_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("picture.txt"), [0, 1, 2]).unwrap();
    let mut window = window(Theme::Light);
    window
        .state_mut()
        .send(Command::AddPaths(vec![folder.path().to_owned()]));
    window.step();
    wait_until(&mut window, |app| {
        app.session().corpus().is_some() && !app.is_busy()
    });
    window.get_by_label_contains("None of the files here could be read");
    click(&mut window, "Show the list");
    window.get_by_label_contains("Binary, not text");
    click(&mut window, "Open");
    click(&mut window, "Close all");
    window.get_by_label("Open the sample");
}

#[test]
fn it_looks_as_it_should() {
    // The status bar names the instruction set, which must be the same on every machine.
    if !is_portable("it_looks_as_it_should") {
        return;
    }
    let mut results = egui_kittest::SnapshotResults::new();
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let mut window = window(theme);
        window.run();
        window.snapshot(format!("empty_{name}"));
        results.extend_harness(&mut window);
        let mut window = with_texts(theme, &TEXTS);
        click(&mut window, "Low water");
        window.remove_cursor();
        window.run();
        window.snapshot(format!("map_{name}"));
        results.extend_harness(&mut window);
    }
}

#[test]
fn what_was_not_read_is_listed_with_what_can_be_done() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("good.txt", "Some words."),
        ("empty.txt", ""),
        (".hidden.txt", "More words."),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut window = window(Theme::Light);
    window
        .state_mut()
        .send(Command::AddPaths(vec![folder.path().into()]));
    window.step();
    wait_until(&mut window, is_settled);
    click(&mut window, "⚠ 1 skipped");
    assert_eq!(window.state().view(), View::Files);
    window.get_by_label_contains("Empty: ");
    window.get_by_label("Show in folder");
    std::fs::write(folder.path().join("empty.txt"), "No longer empty.").unwrap();
    click(&mut window, "Try again");
    wait_until(&mut window, |app| {
        is_settled(app) && app.session().items().is_some_and(|items| items.n() == 2)
    });
    window.get_by_label("Since the last reading: 1 document new");
    click(&mut window, "Read them too");
    wait_until(&mut window, |app| {
        is_settled(app) && app.session().items().is_some_and(|items| items.n() == 3)
    });
    click(&mut window, "Leave them out");
    wait_until(&mut window, |app| {
        is_settled(app) && app.session().items().is_some_and(|items| items.n() == 2)
    });
}

#[test]
fn very_many_files_are_a_question() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..=10_000 {
        std::fs::write(folder.path().join(format!("{i}.txt")), "words").unwrap();
    }
    let mut window = window(Theme::Light);
    window
        .state_mut()
        .send(Command::ReadAmount(semascope::text::Amount::Ask));
    window
        .state_mut()
        .send(Command::AddPaths(vec![folder.path().into()]));
    window.step();
    wait_until(&mut window, |app| app.session().crowd().is_some());
    window.get_by_label_contains("This is a lot: 10,001 files");
    window.get_by_label("Read the first 10,000");
    window.get_by_label("Read all");
    click(&mut window, "Read nothing");
    assert!(window.state().session().inputs().is_empty());
    window.get_by_label("Open the sample");
}

#[test]
fn after_a_crash_everything_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let opened = || {
        let desk = Desk::in_folder(folder.path());
        Harness::builder()
            .with_size(vec2(1200.0, 760.0))
            .build_eframe(move |creation| {
                App::new(
                    &creation.egui_ctx,
                    Settings::default(),
                    Tools::default(),
                    desk,
                )
            })
    };
    let mut window = opened();
    for text in &TEXTS[..3] {
        window
            .state_mut()
            .send(Command::AddPasted((*text).to_owned()));
    }
    window.step();
    wait_until(&mut window, is_settled);
    click(&mut window, "Low water");
    window.get_by_label("Tags").type_text("sea");
    settle(&mut window);
    click(&mut window, "Matrix");
    let expected = window.state().session().user_state("matrix");
    // Two seconds are promised.
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        window.step();
        std::thread::sleep(Duration::from_millis(20));
    }
    // The window goes without a word, as in a crash.
    drop(window);

    let mut window = opened();
    window.state_mut().start(Vec::new());
    window.step();
    wait_until(&mut window, is_settled);
    window.get_by_label_contains("Semascope did not end as it should");
    assert_eq!(window.state().view(), View::Matrix);
    assert_eq!(window.state().session().user_state("matrix"), expected);
    click(&mut window, "Dismiss");
    assert!(
        window
            .query_by_label_contains("Semascope did not end")
            .is_none()
    );
}
