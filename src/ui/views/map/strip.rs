//! The controls above the map, and the numbers that tell how far it can be trusted.

use egui::{ComboBox, Frame, Margin, RichText, Ui};

use super::axes::AxesForm;
use super::coloring::ColorBy;
use super::lasso::Tool;
use super::words;
use crate::analysis::ProjectionMethod;
use crate::session::{Command, DocumentMap, MapRule, Stage, Status};
use crate::ui::context::ViewCtx;
use crate::ui::theme;
use crate::ui::widgets;

/// What can be chosen, and what it is good for.
const METHODS: [(ProjectionMethod, &str); 3] = [
    (
        ProjectionMethod::Pca,
        "Principal components: the two directions in which the texts differ most. Always the same \
         picture, and distances can be compared",
    ),
    (
        ProjectionMethod::Umap,
        "Keeps neighbors together and shows groups; distances between groups mean little",
    ),
    (
        ProjectionMethod::Tsne,
        "Keeps neighbors together most faithfully; sizes of groups and distances between them mean \
         little",
    ),
];

const AXES: &str = "Axes of meaning…";
const HIDDEN: &str = "Two axes cannot keep all neighbors together. Colors points by how many of \
                      their nearest lie elsewhere, and draws lines to the true nearest of the one \
                      that is selected";
const CONTOURS: &str = "Lines where points lie equally dense; each line inward stands for twice as \
                        many. Counted over all that pass the filters";
const SOLID: &str = "Gives the map a third axis. Drag to turn it, or press Shift and an arrow key; \
                     drag with the right button to move it";

/// What is being chosen.
#[derive(Clone, Default)]
pub struct Strip {
    /// Whether the map tells what it hides, in place of clusters.
    pub shows_hidden: bool,
    /// What a drag does.
    pub tool: Tool,
    /// What colors the points.
    pub color_by: ColorBy,
    /// Whether lines of equal density are drawn.
    pub shows_contours: bool,
    axes: Option<AxesForm>,
    /// The rule that was set when the form was filled in.
    rule: MapRule,
}

impl Strip {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, map: &DocumentMap) {
        let rule = &ctx.session.settings.map;
        if self.rule != *rule {
            self.rule = rule.clone();
            self.axes = rule.axes.as_ref().map(AxesForm::of);
        }
        let frame = Frame::new().inner_margin(Margin {
            left: 12,
            right: 12,
            top: 8,
            bottom: 6,
        });
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                self.method_ui(ui, ctx);
                self.color_ui(ui, ctx);
                self.tools_ui(ui);
                self.solid_ui(ui, ctx);
                ui.checkbox(&mut self.shows_contours, "Contours")
                    .on_hover_text(CONTOURS);
                freeze_ui(ui, ctx, map);
                ui.checkbox(&mut self.shows_hidden, "Show what the map hides")
                    .on_hover_text(HIDDEN);
                quality_ui(ui, ctx);
            });
            if let Some(form) = &mut self.axes
                && let Some(axes) = form.ui(ui)
            {
                let mut rule = with_method(&self.rule, ProjectionMethod::Pca);
                rule.axes = Some(axes);
                ctx.send(Command::SetMap(rule));
            }
        });
    }

    fn method_ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let shown = match &self.axes {
            Some(_) => AXES.trim_end_matches('…'),
            None => self.rule.name(),
        };
        let combo = ComboBox::from_id_salt("map method")
            .width(112.0)
            .selected_text(shown);
        ui.name_inputs("Map method", |ui| {
            combo.show_ui(ui, |ui| {
                for (method, meaning) in METHODS {
                    let rule = with_method(&self.rule, method);
                    let is_set = self.axes.is_none() && self.rule == rule;
                    let choice = ui.selectable_label(is_set, rule.name());
                    if choice.on_hover_text(meaning).clicked() {
                        self.axes = None;
                        if !is_set {
                            ctx.send(Command::SetMap(rule));
                        }
                    }
                }
                let choice = ui.selectable_label(self.axes.is_some(), AXES);
                let meaning = "Places every item between two texts that you write";
                if choice.on_hover_text(meaning).clicked() {
                    self.axes.get_or_insert_default();
                }
            })
        });
    }
}

impl Strip {
    fn color_ui(&mut self, ui: &mut Ui, ctx: &ViewCtx<'_>) {
        let Some(facts) = ctx.session.facts() else {
            return;
        };
        let combo = ComboBox::from_id_salt("color by")
            .width(96.0)
            .height(400.0)
            .selected_text(self.color_by.name());
        ui.name_inputs("Color by", |ui| {
            combo.show_ui(ui, |ui| {
                for color_by in ColorBy::all(&facts) {
                    let is_on = self.color_by == color_by;
                    let entry = ui.selectable_label(is_on, color_by.name());
                    if entry.on_hover_text(color_by.meaning()).clicked() {
                        self.color_by = color_by;
                    }
                }
            })
        });
    }

    /// The third axis. Axes of meaning are two.
    fn solid_ui(&self, ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
        let mut is_solid = self.rule.projection.n_axes > 2 && self.axes.is_none();
        let solid = egui::Checkbox::new(&mut is_solid, "3-D");
        let solid = ui
            .add_enabled(self.axes.is_none(), solid)
            .on_hover_text(SOLID)
            .on_disabled_hover_text("Axes of meaning are two at most");
        if solid.changed() {
            let mut rule = self.rule.clone();
            rule.projection.n_axes = if is_solid { 3 } else { 2 };
            ctx.send(Command::SetMap(rule));
        }
    }

    fn tools_ui(&mut self, ui: &mut Ui) {
        let tools = [
            (
                Tool::Pan,
                "Move",
                "Drag to move the map; with Shift or Alt, to draw a lasso",
            ),
            (
                Tool::Box,
                "Box",
                "Drag to choose what lies in a box; Shift adds to the chosen, Alt takes away",
            ),
            (
                Tool::Lasso,
                "Lasso",
                "Draw around points to choose them; Shift adds to the chosen, Alt takes away",
            ),
        ];
        for (tool, name, meaning) in tools {
            let button = ui.selectable_label(self.tool == tool, name);
            if button.on_hover_text(meaning).clicked() {
                self.tool = tool;
            }
        }
    }
}

/// The same rule with another method and without axes of meaning.
fn with_method(rule: &MapRule, method: ProjectionMethod) -> MapRule {
    let mut rule = rule.clone();
    rule.projection.method = method;
    rule.axes = None;
    rule
}

fn freeze_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, map: &DocumentMap) {
    let mut is_frozen = ctx.session.is_frozen();
    // A picture on its way is no map to keep.
    let is_drawn = !matches!(ctx.session.status(Stage::Layout), Status::Working(_));
    let freeze = egui::Checkbox::new(&mut is_frozen, "Freeze");
    let freeze = ui
        .add_enabled(is_drawn || ctx.session.is_frozen(), freeze)
        .on_hover_text("New documents take their place; old ones do not move")
        .on_disabled_hover_text("The map is still being laid out");
    if freeze.changed() {
        ctx.send(Command::FreezeMap(is_frozen));
    }
    if let Some(text) = words::added(&map.added) {
        let meaning = "Those that do not fit have a ring: they are farther from everything on the \
                       map than 99 of 100 of its own items are from each other";
        widgets::hint(ui, ctx.theme, &text).on_hover_text(meaning);
    }
}

fn quality_ui(ui: &mut Ui, ctx: &ViewCtx<'_>) {
    let Some(quality) = ctx.session.quality() else {
        if matches!(ctx.session.status(Stage::Quality), Status::Working(_)) {
            widgets::hint(ui, ctx.theme, "being measured…");
        }
        return;
    };
    for (at, told) in words::quality(quality).into_iter().enumerate() {
        let text = if at == 0 {
            told.text
        } else {
            format!("· {}", told.text)
        };
        let text = RichText::new(text)
            .size(theme::SECONDARY)
            .color(ctx.theme.secondary);
        // A figure is not parted from its name at the end of a line.
        let label = egui::Label::new(text).wrap_mode(egui::TextWrapMode::Extend);
        ui.add(label).on_hover_text(told.meaning);
    }
}
