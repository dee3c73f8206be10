//! What is searched for besides words: the examples, and why a search failed.

use egui::{Button, RichText, Ui};

use crate::session::{Command, Example, Items, Rule, Stage, Status};
use crate::ui::context::ViewCtx;
use crate::ui::theme;

/// Letters of a title on a chip.
const MAX_CHARS: usize = 24;

/// Draws a chip for each example, which takes it away, and what went wrong.
pub fn ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
    let query = ctx.session.query();
    let examples = [
        ("like", &query.plus, "Found texts are like this one"),
        ("unlike", &query.minus, "Found texts are unlike this one"),
    ];
    let has_examples = examples.iter().any(|(_, list, _)| !list.is_empty());
    let chips_ui = |ui: &mut Ui| {
        for (word, list, meaning) in examples {
            for item in list.iter().filter(|item| **item < items.n()) {
                let title = items.title(*item);
                let text = format!("{word}: {} ×", shortened(&title));
                let chip = ui.add(Button::new(RichText::new(text).size(theme::SECONDARY)));
                let tooltip = format!("{title}\n{meaning}. Click to leave it out of the search");
                if chip.on_hover_text(tooltip).clicked() {
                    ctx.send(Command::SearchLike(*item, Example::Neither));
                }
            }
        }
    };
    if has_examples {
        ui.horizontal_wrapped(chips_ui);
        ui.add_space(8.0);
    }
    let Status::Failed(key, message) = ctx.session.status(Stage::Search) else {
        return;
    };
    if matches!(&key.rule, Rule::Search(_, failed) if failed == query) {
        let text = RichText::new(format!("⚠ {}", message.summary)).size(theme::SECONDARY);
        ui.label(text.color(ctx.theme.error))
            .on_hover_text(message.details.join("\n"));
        if ui.small_button("Search again").clicked() {
            ctx.send(Command::Retry(Stage::Search));
        }
        ui.add_space(8.0);
    }
}

fn shortened(title: &str) -> String {
    match title.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_are_cut_between_letters() {
        assert_eq!(shortened("Tide tables"), "Tide tables");
        assert_eq!(shortened(&"ü".repeat(30)), format!("{}…", "ü".repeat(24)));
    }
}
