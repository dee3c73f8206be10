//! The form for axes of meaning: a pair of texts across, and if wanted one from bottom to top.

use egui::{Key, Response, TextEdit, Ui};

use crate::session::{Poles, SemanticAxes};
use crate::ui::theme;

/// What is being typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AxesForm {
    across: Poles,
    up: Poles,
}

impl AxesForm {
    /// Filled in with axes that are drawn already.
    pub fn of(axes: &SemanticAxes) -> Self {
        Self {
            across: axes.across.clone(),
            up: axes.up.clone().unwrap_or_default(),
        }
    }

    /// What is asked for, once every axis that was begun has both ends.
    fn axes(&self) -> Option<SemanticAxes> {
        let is_begun = |poles: &Poles| !(is_blank(&poles.from) && is_blank(&poles.to));
        let whole = |poles: &Poles| {
            let trimmed = Poles {
                from: poles.from.trim().to_owned(),
                to: poles.to.trim().to_owned(),
            };
            (!trimmed.from.is_empty() && !trimmed.to.is_empty()).then_some(trimmed)
        };
        let up = whole(&self.up);
        if is_begun(&self.up) && up.is_none() {
            return None;
        }
        Some(SemanticAxes {
            across: whole(&self.across)?,
            up,
        })
    }

    /// Draws it; gives the axes when they are to be drawn.
    pub fn ui(&mut self, ui: &mut Ui) -> Option<SemanticAxes> {
        ui.horizontal_wrapped(|ui| {
            let mut enter = false;
            let fields = [
                ("From", "left, as in refund", &mut self.across.from),
                ("To", "right, as in praise", &mut self.across.to),
                ("Up from", "bottom, if wanted", &mut self.up.from),
                ("Up to", "top", &mut self.up.to),
            ];
            for (name, example, text) in fields {
                ui.label(egui::RichText::new(name).size(theme::SECONDARY));
                let field = field_ui(ui, name, example, text);
                enter |= field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            }
            let axes = self.axes();
            let draw = ui
                .add_enabled(axes.is_some(), egui::Button::new("Draw"))
                .on_disabled_hover_text("Write both ends of an axis first");
            axes.filter(|_| enter || draw.clicked())
        })
        .inner
    }
}

fn field_ui(ui: &mut Ui, name: &str, example: &str, text: &mut String) -> Response {
    let field = ui.add(
        TextEdit::singleline(text)
            .hint_text(example)
            .desired_width(124.0),
    );
    // A hint is no name: it is gone as soon as something is typed.
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label(name));
    field
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poles(from: &str, to: &str) -> Poles {
        Poles {
            from: from.into(),
            to: to.into(),
        }
    }

    #[test]
    fn an_axis_has_two_ends_and_the_second_axis_may_be_left_out() {
        let axes = |across: Poles, up: Poles| AxesForm { across, up }.axes();
        let across = || poles(" refund", "praise ");
        assert_eq!(axes(poles("refund", " "), poles("", "")), None);
        assert_eq!(axes(across(), poles("", "loud")), None);
        let one = axes(across(), poles("", " ")).unwrap();
        assert_eq!(
            (one.across.clone(), one.up.clone()),
            (poles("refund", "praise"), None)
        );
        let two = axes(across(), poles("calm", "loud")).unwrap();
        assert_eq!(two.up, Some(poles("calm", "loud")));
        assert_eq!(AxesForm::of(&two).axes(), Some(two));
    }
}
