//! Name, ways in, search, and the mode.

use std::time::Duration;

use egui::{Button, Key, RichText, TextEdit, Theme as Shown, Ui};

use crate::session::Command;
use crate::ui::actions::{Action, Menu, actions};
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::desk::{WindowDesk, short_name};
use crate::ui::theme;
use crate::workspace::{Mode, Preferences};

/// Windows narrower than this have the search in a line of its own.
const NARROW: f32 = 1160.0;

const NO_MODEL: &str = "The vectors came from a file, so there is no model here that could read words. \
                        Search with More like this, or for words that a text must contain";

/// The bar on top; remembers what is being typed.
#[derive(Default)]
pub struct TopBar {
    words: Field,
    filter: Field,
}

/// Seconds after the last key until what was typed is asked for.
const PAUSE: f64 = 0.25;

/// What stands in a field, and what of it was asked for.
#[derive(Default)]
struct Field {
    typed: String,
    /// What the session had when it was looked at last.
    seen: String,
    /// What was asked for last.
    asked: String,
    /// When to ask for what is typed, in seconds of the window's clock.
    due: Option<f64>,
}

impl Field {
    /// Takes over what the session has by other ways than this field: a workspace, or an end.
    fn follow(&mut self, present: &str) {
        if self.seen == present {
            return;
        }
        present.clone_into(&mut self.seen);
        // What was asked for here comes back while more is being typed.
        if self.asked != present {
            present.clone_into(&mut self.typed);
            present.clone_into(&mut self.asked);
            self.due = None;
        }
    }

    /// What to ask for at `now`, in seconds: a while after the last key, or at once when entered.
    fn wanted(&mut self, now: f64, is_changed: bool, is_entered: bool) -> Option<String> {
        if is_changed {
            self.due = Some(now + PAUSE);
        }
        let is_due = self.due.is_some_and(|due| due <= now);
        if !(is_due || is_entered) {
            return None;
        }
        self.due = None;
        let typed = self.typed.trim();
        if typed == self.asked {
            return None;
        }
        typed.clone_into(&mut self.asked);
        Some(self.asked.clone())
    }

    /// Draws it; tells what to ask for, if anything.
    fn ui(
        &mut self,
        ui: &mut Ui,
        name: &str,
        hint: &str,
        tooltip: &str,
        width: f32,
    ) -> Option<String> {
        let edit = TextEdit::singleline(&mut self.typed)
            .hint_text(hint)
            .desired_width(width);
        let response = ui.add(edit).on_hover_text(tooltip);
        let response = response.on_disabled_hover_text(NO_MODEL);
        // A hint is no name: it is gone as soon as something is typed.
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_label(name));
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let now = ui.input(|input| input.time);
        let wanted = self.wanted(now, response.changed(), is_entered);
        if let Some(due) = self.due {
            let pause = Duration::from_secs_f64((due - now).max(0.0));
            ui.ctx().request_repaint_after(pause);
        }
        wanted
    }
}

impl TopBar {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, desk: &WindowDesk, is_watching: bool) {
        let is_narrow = ui.available_width() < NARROW;
        let can_search = ctx.session.items().is_some();
        ui.horizontal(|ui| {
            ui.label(RichText::new("Semascope").font(theme::semibold(theme::TITLE)));
            ui.add_space(12.0);
            workspace_ui(ui, ctx, desk);
            // Before there are documents the same buttons stand in the middle.
            if !ctx.session.inputs().is_empty() {
                let actions = actions(ctx.session, ctx.preferences);
                menu_ui(ui, ctx, "Open", Menu::Open, &actions);
                menu_ui(ui, ctx, "Edit", Menu::Edit, &actions);
                menu_ui(ui, ctx, "View", Menu::View, &actions);
                menu_ui(ui, ctx, "Export", Menu::Export, &actions);
                steps_ui(ui, ctx, &actions);
                watch_ui(ui, ctx, is_watching);
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                mode_ui(ui, ctx);
                if can_search && !is_narrow {
                    self.search_ui(ui, ctx);
                }
            });
        });
        if can_search && is_narrow {
            let size = egui::vec2(ui.available_width(), theme::ROW);
            let layout = egui::Layout::right_to_left(egui::Align::Center);
            ui.allocate_ui_with_layout(size, layout, |ui| self.search_ui(ui, ctx));
        }
    }

    /// From right to left.
    fn search_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        const MAX_WIDTH: f32 = 520.0;
        let query = ctx.session.query();
        self.words.follow(&query.words);
        self.filter.follow(&query.filter);
        let searching = !query.is_empty();
        if searching && ui.button("Clear").on_hover_text("End the search").clicked() {
            ctx.send(Command::EndSearch);
        }
        let margin = 2.0 * (8.0 + ui.spacing().item_spacing.x);
        let width = (ui.available_width() - margin).clamp(160.0, MAX_WIDTH);
        let tooltip =
            "Words that a text must all hold, or between two slashes a regular expression";
        let name = "Must contain";
        if let Some(words) = self.filter.ui(ui, name, name, tooltip, 0.32 * width) {
            ctx.send(Command::Filter(words));
        }
        let (name, hint) = ("Search by meaning", "Search by meaning");
        let tooltip = "What texts shall be about; need not be their words";
        let can_embed = ctx.session.own_vectors().is_none();
        ui.add_enabled_ui(can_embed, |ui| {
            if let Some(words) = self.words.ui(ui, name, hint, tooltip, 0.68 * width) {
                ctx.send(Command::Search(words));
            }
        });
    }
}

/// The three ways in, equal in rank.
pub fn open_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let ways = [
        (
            "Open folder…",
            "Read everything below a folder (Ctrl+O)",
            UiCommand::OpenFolder,
        ),
        (
            "Open files…",
            "Read one or more files",
            UiCommand::OpenFiles,
        ),
        (
            "Paste text…",
            "Add text as a document",
            UiCommand::OpenPaste,
        ),
    ];
    for (text, tooltip, command) in ways {
        if ui.button(text).on_hover_text(tooltip).clicked() {
            ctx.ask(command);
        }
    }
}

fn workspace_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, desk: &WindowDesk) {
    let has_inputs = !ctx.session.inputs().is_empty();
    ui.menu_button("Workspace", |ui| {
        let mut entry =
            |ui: &mut Ui, is_there: bool, text: &str, tooltip: &str, command: UiCommand| {
                if ui
                    .add_enabled(is_there, Button::new(text))
                    .on_hover_text(tooltip)
                    .clicked()
                {
                    ctx.ask(command);
                    ui.close();
                }
            };
        entry(
            ui,
            true,
            "Open…",
            "Open a workspace that was saved",
            UiCommand::OpenWorkspace,
        );
        let tooltip = "What is open, your settings, tags and selection (Ctrl+S)";
        entry(ui, has_inputs, "Save", tooltip, UiCommand::Save);
        let tooltip = "Save under another name (Ctrl+Shift+S)";
        entry(
            ui,
            has_inputs,
            "Save as…",
            tooltip,
            UiCommand::SaveAs(false),
        );
        let tooltip = "So that it opens on a computer that does not have the documents";
        entry(
            ui,
            has_inputs,
            "Save with documents…",
            tooltip,
            UiCommand::SaveAs(true),
        );
        if !desk.recent().is_empty() {
            ui.separator();
        }
        for path in desk.recent() {
            let tooltip = path.display().to_string();
            entry(
                ui,
                true,
                &short_name(path),
                &tooltip,
                UiCommand::OpenRecent(path.clone()),
            );
        }
    });
}

fn menu_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, name: &str, menu: Menu, actions: &[Action]) {
    ui.menu_button(name, |ui| {
        for action in actions.iter().filter(|action| action.menu == menu) {
            let mut button = Button::new(&action.name);
            if let Some(keys) = &action.keys {
                button = button.shortcut_text(ui.ctx().format_shortcut(keys));
            }
            if ui.add(button).on_hover_text(action.meaning).clicked() {
                ctx.ask(action.command.clone());
                ui.close();
            }
        }
    });
}

/// Undo and redo.
fn steps_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, actions: &[Action]) {
    for (name, step) in [("Undo", Command::Undo), ("Redo", Command::Redo)] {
        let command = UiCommand::Session(step);
        let action = actions.iter().find(|action| action.command == command);
        let button = Button::new(name).frame_when_inactive(false);
        let button = ui.add_enabled(action.is_some(), button);
        let Some(action) = action else { continue };
        let keys = action.keys.map(|keys| ui.ctx().format_shortcut(&keys));
        let tooltip = format!("{} ({})", action.name, keys.unwrap_or_default());
        if button.on_hover_text(tooltip).clicked() {
            ctx.ask(command);
        }
    }
}

fn watch_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, mut is_watching: bool) {
    let tooltip = "Look every few seconds whether files changed, and read them again if so";
    if ui
        .checkbox(&mut is_watching, "Watch")
        .on_hover_text(tooltip)
        .clicked()
    {
        ctx.ask(UiCommand::Watch(is_watching));
    }
}

fn mode_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let (text, other) = match ui.ctx().theme() {
        Shown::Dark => ("Light", Mode::Light),
        Shown::Light => ("Dark", Mode::Dark),
    };
    let tooltip = "Switch between light and dark; View has a way back to what the system says";
    if ui.button(text).on_hover_text(tooltip).clicked() {
        let wanted = Preferences {
            mode: other,
            ..ctx.preferences
        };
        ctx.ask(UiCommand::Prefer(wanted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(field: &mut Field, text: &str, now: f64) -> Option<String> {
        text.clone_into(&mut field.typed);
        field.wanted(now, true, false)
    }

    #[test]
    fn it_asks_a_while_after_the_last_key_and_at_once_when_entered() {
        let mut field = Field::default();
        assert_eq!(typed(&mut field, "t", 1.0), None);
        assert_eq!(typed(&mut field, "ti", 1.2), None);
        assert_eq!(field.wanted(1.3, false, false), None);
        assert_eq!(field.wanted(1.5, false, false), Some("ti".into()));
        assert_eq!(field.wanted(9.0, false, true), None, "nothing new");
        assert_eq!(typed(&mut field, "tide ", 10.0), None);
        assert_eq!(field.wanted(10.0, false, true), Some("tide".into()));
        assert_eq!(field.wanted(11.0, false, false), None, "asked already");
    }

    #[test]
    fn what_comes_back_does_not_overwrite_what_is_typed_since() {
        let mut field = Field::default();
        typed(&mut field, "ti", 1.0);
        assert_eq!(field.wanted(2.0, false, false), Some("ti".into()));
        typed(&mut field, "tide", 2.0);
        // The frame may be drawn again before the wish is carried out.
        field.follow("");
        field.follow("ti");
        assert_eq!(field.typed, "tide");
        // By other ways than the field.
        field.follow("bread");
        assert_eq!((field.typed.as_str(), field.due), ("bread", None));
        field.follow("");
        assert_eq!(field.typed, "");
    }
}
