//! Everything that can be asked for by name: one list for the menus, the keys and the palette.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::context::{Exported, UiCommand};
use super::layout::Pane;
use super::views::View;
use crate::analysis::ProjectionMethod;
use crate::export::CopyAs;
use crate::session::{Combine, Command, Level, Session};
use crate::workspace::{Mode, Preferences, Scale};

/// Where an action stands in the menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// Ways in.
    Open,
    /// What is done to documents.
    Edit,
    /// What is seen.
    View,
    /// What is written for others.
    Export,
    /// In the palette alone, or where it has a button of its own.
    None,
}

/// Something that can be asked for now.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// What it is called.
    pub name: String,
    /// What it does.
    pub meaning: &'static str,
    /// Its keys.
    pub keys: Option<KeyboardShortcut>,
    /// Where it stands.
    pub menu: Menu,
    /// What it asks for.
    pub command: UiCommand,
}

impl Action {
    fn new(menu: Menu, name: &str, meaning: &'static str, command: UiCommand) -> Self {
        Self {
            name: name.to_owned(),
            meaning,
            keys: None,
            menu,
            command,
        }
    }

    fn on(mut self, modifiers: Modifiers, key: Key) -> Self {
        self.keys = Some(KeyboardShortcut::new(modifiers, key));
        self
    }
}

/// What can be asked for in the present state.
pub fn actions(session: &Session, preferences: Preferences) -> Vec<Action> {
    let mut actions = ways_in();
    let has_inputs = !session.inputs().is_empty();
    if has_inputs {
        actions.extend(of_inputs());
    } else {
        actions.push(Action::new(
            Menu::None,
            "Continue the last session",
            "Open what the last window had open",
            UiCommand::ContinueLast,
        ));
    }
    actions.extend(steps(session));
    if session.items().is_some_and(|items| items.n() > 0) {
        actions.extend(of_items(session));
        actions.extend(views());
        actions.extend(of_map(session));
        actions.extend(exports());
        actions.extend(of_layout());
        actions.extend(of_comparison(session));
    }
    actions.extend(of_window(preferences));
    actions
}

const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

fn ways_in() -> Vec<Action> {
    let add = |name, meaning, command| Action::new(Menu::Open, name, meaning, command);
    vec![
        add(
            "Open folder…",
            "Read everything below a folder",
            UiCommand::OpenFolder,
        )
        .on(Modifiers::COMMAND, Key::O),
        add(
            "Open files…",
            "Read one or more files",
            UiCommand::OpenFiles,
        ),
        add(
            "Paste text…",
            "Add text as a document",
            UiCommand::OpenPaste,
        ),
        add(
            "Open the sample",
            "A hundred short texts on ten subjects, to try things out",
            UiCommand::Session(Command::OpenSample),
        ),
        add(
            "Import vectors…",
            "Show vectors that another program made, with their texts, in place of what is open",
            UiCommand::ImportVectors,
        ),
        Action::new(
            Menu::None,
            "Open workspace…",
            "Open a workspace that was saved",
            UiCommand::OpenWorkspace,
        ),
        Action::new(
            Menu::View,
            "Find a command or document…",
            "Type what you want",
            UiCommand::OpenPalette,
        )
        .on(Modifiers::COMMAND, Key::K),
        Action::new(
            Menu::View,
            "Show or hide work",
            "What is running, what stands still and why, and what was said before",
            UiCommand::ToggleJobs,
        )
        .on(COMMAND_SHIFT, Key::J),
    ]
}

fn of_inputs() -> Vec<Action> {
    let add = |menu, name, meaning, command| Action::new(menu, name, meaning, command);
    vec![
        // The longer keys first, or the shorter would take them.
        add(
            Menu::None,
            "Save as…",
            "Save the workspace under another name",
            UiCommand::SaveAs(false),
        )
        .on(COMMAND_SHIFT, Key::S),
        add(
            Menu::None,
            "Save",
            "What is open, your settings, tags and selection",
            UiCommand::Save,
        )
        .on(Modifiers::COMMAND, Key::S),
        add(
            Menu::None,
            "Save with documents…",
            "So that it opens on a computer that does not have the documents",
            UiCommand::SaveAs(true),
        ),
        add(
            Menu::Open,
            "Refresh",
            "Read the files again, and see which changed",
            UiCommand::Session(Command::Refresh),
        )
        .on(Modifiers::NONE, Key::F5),
        add(
            Menu::Open,
            "Close all",
            "Forget all documents; your files stay as they are",
            UiCommand::Session(Command::CloseAll),
        ),
    ]
}

/// Going back and forth.
fn steps(session: &Session) -> Vec<Action> {
    let history = session.history();
    let step = |name: &str, what: Option<&'static str>, meaning, command| {
        let name = format!("{name} {}", what?.to_lowercase());
        Some(Action::new(
            Menu::Edit,
            &name,
            meaning,
            UiCommand::Session(command),
        ))
    };
    let redo = step("Redo", history.can_redo(), "Do it again", Command::Redo);
    let undo = step(
        "Undo",
        history.can_undo(),
        "As it was before",
        Command::Undo,
    );
    let redo = redo.map(|action| action.on(COMMAND_SHIFT, Key::Z));
    let undo = undo.map(|action| action.on(Modifiers::COMMAND, Key::Z));
    redo.into_iter().chain(undo).collect()
}

fn of_items(session: &Session) -> Vec<Action> {
    let add = |name: &str, meaning, command| {
        Action::new(Menu::Edit, name, meaning, UiCommand::Session(command))
    };
    let mut actions = Vec::new();
    actions.push(
        add(
            "Choose all",
            "All that pass the filters",
            Command::ChooseAll,
        )
        .on(Modifiers::COMMAND, Key::A),
    );
    if !session.acted_on().is_empty() {
        actions.push(
            add(
                "Hide",
                "Leave the chosen out of all views",
                Command::HideChosen,
            )
            .on(Modifiers::NONE, Key::H),
        );
        actions.push(add(
            "Show only these",
            "Leave out all but the chosen",
            Command::ShowChosenOnly,
        ));
    }
    if !session.selection.chosen.is_empty() {
        let none = Command::Choose(Vec::new(), Combine::Replace);
        actions.push(add("Choose none", "Keep them, but mark them no more", none));
        let pair: Vec<usize> = session.selection.chosen.iter().take(3).collect();
        if let [left, right] = pair[..] {
            let compare = UiCommand::Compare(left, right);
            let (name, meaning) = ("Compare the two chosen", "Side by side");
            actions.push(Action::new(Menu::Edit, name, meaning, compare));
        }
    }
    if !session.narrowing().is_none() {
        actions.push(
            add("Show everything", "End all filters", Command::ShowAll)
                .on(Modifiers::SHIFT, Key::H),
        );
    }
    if !session.query().is_empty() {
        actions.push(add(
            "End the search",
            "Show the list of documents",
            Command::EndSearch,
        ));
    }
    actions
}

fn views() -> Vec<Action> {
    const KEYS: [Key; 7] = [
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
    ];
    let views = View::ALL.into_iter().zip(KEYS);
    let show = |((view, name, meaning), key): ((View, &str, &'static str), Key)| {
        let command = UiCommand::Show(view);
        Action::new(
            Menu::View,
            &format!("Show {}", name.to_lowercase()),
            meaning,
            command,
        )
        .on(Modifiers::COMMAND, key)
    };
    views.map(show).collect()
}

fn of_map(session: &Session) -> Vec<Action> {
    let mut actions = Vec::new();
    let methods = [
        ProjectionMethod::Pca,
        ProjectionMethod::Umap,
        ProjectionMethod::Tsne,
    ];
    for method in methods {
        let mut rule = session.settings.map.clone();
        rule.axes = None;
        rule.projection.method = method;
        if rule == session.settings.map {
            continue;
        }
        let name = format!("Draw the map by {}", rule.name());
        let command = UiCommand::Session(Command::SetMap(rule));
        actions.push(Action::new(
            Menu::None,
            &name,
            "Another way to place the points",
            command,
        ));
    }
    let (name, level) = match session.settings.level {
        Level::Documents => ("Look at passages", Level::Passages),
        Level::Passages => ("Look at documents", Level::Documents),
    };
    let command = UiCommand::Session(Command::SetLevel(level));
    let meaning = "What a row, a point and a cell stand for";
    actions.push(Action::new(Menu::View, name, meaning, command));
    actions
}

/// How the window is divided.
fn of_layout() -> Vec<Action> {
    let add = |name, meaning, command| Action::new(Menu::View, name, meaning, command);
    vec![
        add(
            "Show or hide documents",
            "The side with the list, the filters and the clusters",
            UiCommand::Toggle(Pane::Documents),
        )
        .on(Modifiers::COMMAND, Key::B),
        add(
            "Show or hide details",
            "The side with what is known of the selected document",
            UiCommand::Toggle(Pane::Details),
        )
        .on(Modifiers::COMMAND, Key::I),
        add(
            "Reset layout",
            "Everything stands where it stood at first",
            UiCommand::ResetLayout,
        ),
    ]
}

/// How the window looks.
fn of_window(preferences: Preferences) -> Vec<Action> {
    let add = |name: &str, meaning, preferences| {
        Action::new(Menu::View, name, meaning, UiCommand::Prefer(preferences))
    };
    let sized = |scale| Preferences {
        scale,
        ..preferences
    };
    let mut actions = vec![
        add(
            "Larger",
            "Text and controls a step larger",
            sized(preferences.scale.larger()),
        )
        .on(Modifiers::COMMAND, Key::Plus),
        add(
            "Smaller",
            "Text and controls a step smaller",
            sized(preferences.scale.smaller()),
        )
        .on(Modifiers::COMMAND, Key::Minus),
        add("Usual size", "As it was at first", sized(Scale::default()))
            .on(Modifiers::COMMAND, Key::Num0),
    ];
    let (name, meaning) = if preferences.reduces_motion {
        (
            "Allow motion",
            "Points and panels glide to their new places",
        )
    } else {
        ("Reduce motion", "Nothing glides or fades")
    };
    let reduces_motion = !preferences.reduces_motion;
    actions.push(add(
        name,
        meaning,
        Preferences {
            reduces_motion,
            ..preferences
        },
    ));
    let modes = [
        (Mode::System, "Light or dark as the system"),
        (Mode::Light, "Always light"),
        (Mode::Dark, "Always dark"),
    ];
    for (mode, name) in modes {
        if mode != preferences.mode {
            let wanted = Preferences {
                mode,
                ..preferences
            };
            actions.push(add(name, "The colors of the window", wanted));
        }
    }
    actions
}

fn exports() -> Vec<Action> {
    let add =
        |name, meaning, what| Action::new(Menu::Export, name, meaning, UiCommand::Export(what));
    vec![
        add(
            "Save report…",
            "One page with map, clusters, duplicates and method, for people without Semascope",
            Exported::Report,
        ),
        add(
            "Save map…",
            "The map as a picture that stays sharp (SVG)",
            Exported::Map,
        ),
        Action::new(
            Menu::Export,
            "Save picture…",
            "The view in front as it stands, with title and legend (PNG)",
            UiCommand::OpenPicture,
        ),
        add(
            "Save table…",
            "What is known of every listed document, or of the chosen ones (CSV)",
            Exported::Table,
        ),
        add(
            "Save duplicate decisions…",
            "Every group with path, decision, similarity and suggested original (CSV)",
            Exported::Decisions,
        ),
    ]
}

fn of_comparison(session: &Session) -> Vec<Action> {
    if session.comparison().is_none() {
        return Vec::new();
    }
    let add = |name, meaning, how| {
        Action::new(Menu::Export, name, meaning, UiCommand::CopyComparison(how))
    };
    vec![
        add(
            "Copy comparison as Markdown",
            "Score, best pairs and both texts with their matches marked, to paste into notes",
            CopyAs::Markdown,
        ),
        add(
            "Copy comparison as HTML",
            "Score, best pairs and both texts with their matches marked, as a page",
            CopyAs::Html,
        ),
    ]
}

/// How well words that are typed fit a name: the lower the better, `None` if a letter is missing. All
/// letters must be there in order; those that begin words, and lie together, are better.
pub fn fit(typed: &str, name: &str) -> Option<usize> {
    let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let mut at = 0;
    let mut penalty = 0;
    for letter in typed.chars().flat_map(char::to_lowercase) {
        if letter.is_whitespace() {
            continue;
        }
        let found = name[at..].iter().position(|other| *other == letter)?;
        let place = at + found;
        let begins = place == 0 || !name[place - 1].is_alphanumeric();
        penalty += if begins { 0 } else { found.min(20) };
        at = place + 1;
    }
    Some(penalty * 100 + name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_their_keys_or_their_name() {
        let session = Session::default();
        let all: Vec<Action> = [
            ways_in(),
            of_inputs(),
            steps(&session),
            views(),
            of_layout(),
            of_window(Preferences::default()),
        ]
        .concat();
        for (at, action) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert_ne!(action.name, other.name);
                assert!(
                    action.keys.is_none() || action.keys != other.keys,
                    "{action:?}"
                );
            }
        }
    }

    #[test]
    fn without_documents_there_are_ways_in_and_no_more() {
        let actions = actions(&Session::default(), Preferences::default());
        assert!(actions.iter().any(|action| action.name == "Open folder…"));
        assert!(actions.iter().all(|action| action.menu != Menu::Edit));
    }

    #[test]
    fn typed_letters_find_names() {
        let best = |typed: &str, names: &[&'static str]| {
            let fits = names
                .iter()
                .filter_map(|name| Some((fit(typed, name)?, *name)));
            fits.min().map(|(_, name)| name)
        };
        let names = ["Show matrix", "Show map", "Save as…", "Save"];
        assert_eq!(best("map", &names), Some("Show map"));
        assert_eq!(best("sm", &names), Some("Show map"));
        assert_eq!(best("matr", &names), Some("Show matrix"));
        assert_eq!(best("save", &names), Some("Save"));
        assert_eq!(best("xyz", &names), None);
        assert_eq!(best("", &names), Some("Save"));
    }
}
