//! The palette: type what you want, a command or a document, and press Enter.

use egui::{Key, Modal, Modifiers, ScrollArea, TextEdit, Ui};

use crate::message::count;
use crate::session::Command;
use crate::ui::actions::{actions, fit};
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::theme;
use crate::ui::widgets::{self, Row};

/// Documents that are listed; how many more there are is said.
const MAX_DOCUMENTS: usize = 50;
const WIDTH: f32 = 480.0;

/// What is typed, and which line is meant.
#[derive(Default)]
pub struct Palette {
    is_open: bool,
    typed: String,
    line: usize,
    /// Just opened, so the field is to have the keys.
    is_new: bool,
}

/// One line of the list.
struct Entry {
    name: String,
    right: Option<String>,
    meaning: String,
    command: UiCommand,
}

impl Palette {
    /// Whether it is there, and has the keys.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Opens it, empty.
    pub fn open(&mut self) {
        *self = Self {
            is_open: true,
            is_new: true,
            ..Self::default()
        };
    }

    /// Draws it, if it is open.
    pub fn ui(&mut self, ctx: &egui::Context, view: &mut ViewCtx<'_>) {
        if !self.is_open {
            return;
        }
        let modal = Modal::new(egui::Id::unique("palette")).show(ctx, |ui| {
            ui.set_width(WIDTH);
            self.content_ui(ui, view);
        });
        if modal.should_close() {
            self.is_open = false;
        }
    }

    fn content_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let keys = [(Key::ArrowDown, 1), (Key::ArrowUp, -1)];
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let by = keys.into_iter().find(|(key, _)| pressed(*key));
        let enter = ui.input(|input| input.key_pressed(Key::Enter));
        let edit = TextEdit::singleline(&mut self.typed)
            .hint_text("A command, or the name of a document")
            .desired_width(f32::INFINITY);
        let field = ui.add(edit);
        ui.ctx().accesskit_node_builder(field.id, |node| {
            node.set_label("Find a command or document");
        });
        if std::mem::take(&mut self.is_new) {
            field.request_focus();
        }
        if field.changed() {
            self.line = 0;
        }
        let (entries, n_more) = entries(ctx, &self.typed);
        let last = entries.len().saturating_sub(1);
        if let Some((_, by)) = by {
            self.line = self.line.saturating_add_signed(by);
        }
        self.line = self.line.min(last);
        ui.add_space(8.0);
        let mut wanted = entries
            .get(self.line)
            .filter(|_| enter)
            .map(|entry| &entry.command);
        let area = ScrollArea::vertical().max_height(360.0).auto_shrink(false);
        area.show(ui, |ui| {
            for (at, entry) in entries.iter().enumerate() {
                let row = Row {
                    dot: None,
                    score: None,
                    text: &entry.name,
                    right: entry.right.as_deref(),
                    selected: at == self.line,
                };
                let response = widgets::row(ui, ctx.theme, &row).on_hover_text(&entry.meaning);
                if at == self.line && by.is_some() {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    wanted = Some(&entry.command);
                }
            }
            if n_more > 0 {
                let text = format!("{} more; type on to find one", count(n_more, "document"));
                widgets::hint(ui, ctx.theme, &text);
            }
            if entries.is_empty() {
                widgets::hint(ui, ctx.theme, "Nothing is called that");
            }
        });
        if let Some(command) = wanted {
            ctx.ask(command.clone());
            self.is_open = false;
        }
        ui.add_space(4.0);
        let hint = "↑ ↓ to choose, Enter to do it, Escape to close";
        ui.label(
            egui::RichText::new(hint)
                .size(theme::SMALL)
                .color(ctx.theme.secondary),
        );
    }
}

/// Commands that fit, the best first, then documents; and how many documents fit besides.
fn entries(ctx: &ViewCtx<'_>, typed: &str) -> (Vec<Entry>, usize) {
    let mut fitting: Vec<(usize, Entry)> = Vec::new();
    for action in actions(ctx.session, ctx.preferences) {
        let Some(penalty) = fit(typed, &action.name) else {
            continue;
        };
        let keys = action.keys.as_ref();
        let entry = Entry {
            name: action.name,
            right: keys
                .map(|keys| keys.format(&egui::ModifierNames::NAMES, cfg!(target_os = "macos"))),
            meaning: action.meaning.to_owned(),
            command: action.command,
        };
        fitting.push((penalty, entry));
    }
    if !typed.trim().is_empty() {
        fitting.sort_by_key(|(penalty, _)| *penalty);
    }
    let mut entries: Vec<Entry> = fitting.into_iter().map(|(_, entry)| entry).collect();
    let Some(items) = ctx.session.items().filter(|_| !typed.trim().is_empty()) else {
        return (entries, 0);
    };
    let wanted = typed.trim().to_lowercase();
    let mut n_more = 0;
    let mut n_listed = 0;
    for item in 0..items.n() {
        let title = items.title(item);
        if !title.to_lowercase().contains(&wanted) {
            continue;
        }
        if n_listed == MAX_DOCUMENTS {
            n_more += 1;
            continue;
        }
        n_listed += 1;
        entries.push(Entry {
            right: items.document(item).source.folder(),
            meaning: items.document(item).source.to_string(),
            command: UiCommand::Session(Command::Select(Some(item))),
            name: title.into_owned(),
        });
    }
    (entries, n_more)
}
