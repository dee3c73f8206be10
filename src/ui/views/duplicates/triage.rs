//! Going through the groups: what is to become of each of their items.

use egui::{Button, DragValue, Key, Modifiers, Rect, Response, RichText, ScrollArea, Ui, vec2};

use super::super::super::context::{Exported, UiCommand, ViewCtx};
use super::super::super::memo::Memo;
use super::super::super::theme;
use super::super::super::widgets::{self, Row};
use super::super::waiting_ui;
use super::differences::Differences;
use super::model::{self, Bars, Line};
use super::paint;
use crate::message::{count, grouped};
use crate::session::{
    Command, Decision, DuplicateGroup, DuplicateThreshold, Duplicates, Items, Level, Stage,
    Standing,
};

const PROMISE: &str = "Semascope never deletes, moves or changes a file of yours. Decisions are kept \
                       in the workspace, and can be saved as a table";
/// What decisions mean, in the order of their buttons.
const MEANINGS: [&str; 3] = [
    "This one stays (K). Click again to take it back",
    "This one can be passed over (I). Click again to take it back",
    "Its document gets the tag “duplicate” (T). Click again to take it back",
];
/// Width of a decision's button.
const BUTTON: f32 = 68.0;
/// Width of a wider button.
const WIDE_BUTTON: f32 = 128.0;

/// The standings of all groups and the lines that are listed.
type Listed = (Vec<Standing>, Vec<Line>);

/// What is shown, and what is remembered between frames.
#[derive(Clone, Default)]
pub struct Triage {
    only_open: bool,
    bars: Memo<Option<u64>, Bars>,
    listed: Memo<(Option<u64>, u64, Level, bool), Listed>,
    differences: Differences,
    /// A line that a key moved to, so that it must come into view.
    scroll_to: Option<usize>,
}

impl Triage {
    /// Draws the threshold, the groups, and what differs between two of one.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>) {
        let Some(found) = ctx.session.duplicates().cloned() else {
            waiting_ui(ui, ctx, Stage::Duplicates);
            return;
        };
        let revision = ctx.session.revision(Stage::Duplicates);
        let bars = self.bars.get(revision, || Bars::new(&found.histogram));
        threshold_ui(ui, ctx, &found);
        paint::histogram(ui, ctx.theme, bars, found.threshold);
        ui.add_space(8.0);
        let n_neighbors = ctx.session.neighborhood().map_or(0, |near| near.graph.k());
        if let Some(text) = model::shortfall(&found, items.level(), n_neighbors) {
            widgets::hint(ui, ctx.theme, &text);
        }
        if found.groups.is_empty() {
            ui.label(model::totals(&found, items.level()));
            let text =
                "Nothing here is that much alike. A lower threshold finds looser likenesses.";
            widgets::hint(ui, ctx.theme, text);
            return;
        }
        let session = ctx.session;
        let only_open = self.only_open;
        let key = (
            revision,
            session.decisions_revision(),
            items.level(),
            only_open,
        );
        let (standings, lines) = self.listed.get(key, || {
            let groups = found.groups.iter();
            let standings: Vec<_> = groups.map(|group| session.standing(group)).collect();
            let lines = model::lines(&found, &standings, only_open);
            (standings, lines)
        });
        head_ui(ui, ctx, &found, standings, &mut self.only_open);
        if let Some(line) = take_keys(ui, ctx, &found, lines) {
            self.scroll_to = Some(line);
        }
        if let Some(pair) = pair(ctx, &found, lines) {
            self.differences.ui(ui, ctx, items, pair);
        }
        if lines.is_empty() {
            widgets::hint(ui, ctx.theme, "All groups are decided");
        }
        let step = theme::ROW + ui.spacing().item_spacing.y;
        let scroll_to = self.scroll_to.take();
        let mut area = ScrollArea::vertical().auto_shrink(false);
        if let Some(line) = scroll_to {
            // In the middle, so that what comes next is seen too.
            let above = 0.5 * ui.available_height();
            area = area.vertical_scroll_offset((line as f32 * step - above).max(0.0));
        }
        area.show_rows(ui, theme::ROW, lines.len(), |ui, range| {
            for line in &lines[range] {
                match *line {
                    Line::Group(number) => {
                        group_ui(ui, ctx, &found.groups[number], number, standings[number]);
                    }
                    Line::Member(number, item) => {
                        member_ui(ui, ctx, items, &found.groups[number], item);
                    }
                }
            }
        });
    }
}

fn head_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    found: &Duplicates,
    standings: &[Standing],
    only_open: &mut bool,
) {
    let level = ctx.session.settings.level;
    ui.horizontal_wrapped(|ui| {
        ui.label(model::totals(found, level));
        ui.label(model::decided(standings)).on_hover_text(
            "A group is decided when each of its documents is, or when they are no duplicates",
        );
        ui.checkbox(only_open, "Undecided only")
            .on_hover_text("Leave out the groups that are decided");
        let save = ui.button("Save decisions…");
        let tooltip = "Every group with path, decision, similarity and suggested original (CSV)";
        if save.on_hover_text(tooltip).clicked() {
            ctx.ask(UiCommand::Export(Exported::Decisions));
        }
    });
    widgets::hint(ui, ctx.theme, PROMISE).on_hover_text(
        "Up and down go from document to document; K keeps, I ignores, T tags, N tells that a group \
         is none",
    );
    ui.add_space(4.0);
}

/// The selected item beside the proposed original of its group; the original beside the first of the
/// others.
fn pair(ctx: &ViewCtx<'_>, found: &Duplicates, lines: &[Line]) -> Option<(usize, usize)> {
    let selected = ctx.session.selection.selected?;
    let members = lines.iter().filter_map(|line| line.member());
    let (number, _) = members.clone().find(|(_, item)| *item == selected)?;
    let original = found.groups[number].original;
    if selected != original {
        return Some((original, selected));
    }
    let mut others = members.filter(|(group, item)| *group == number && *item != original);
    others.next().map(|(_, item)| (original, item))
}

/// Does what keys ask for; gives the line that they moved to.
fn take_keys(ui: &Ui, ctx: &mut ViewCtx<'_>, found: &Duplicates, lines: &[Line]) -> Option<usize> {
    if ui.ctx().text_edit_focused() {
        return None;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let selected = ctx.session.selection.selected;
    let mut members = lines.iter().filter_map(|line| line.member());
    if let Some((number, item)) = members.find(|(_, item)| Some(*item) == selected) {
        for (key, decision) in [Key::K, Key::I, Key::T].into_iter().zip(Decision::ALL) {
            if pressed(key) {
                ctx.send(decided(ctx, item, decision));
            }
        }
        if pressed(Key::N) {
            ctx.send(apart(ctx, &found.groups[number]));
        }
    }
    // Arrows move the focus where there is one.
    if ui.memory(|memory| memory.focused().is_some()) {
        return None;
    }
    let by = [(Key::ArrowDown, 1), (Key::ArrowUp, -1)];
    let (_, by) = by.into_iter().find(|(key, _)| pressed(*key))?;
    let line = model::moved(lines, selected, by)?;
    let (_, item) = lines[line].member()?;
    ctx.send(Command::Select(Some(item)));
    Some(line)
}

/// The same again takes a decision back.
fn decided(ctx: &ViewCtx<'_>, item: usize, decision: Decision) -> Command {
    let is_new = ctx.session.decision(item) != Some(decision);
    Command::Decide(vec![(item, is_new.then_some(decision))])
}

fn apart(ctx: &ViewCtx<'_>, group: &DuplicateGroup) -> Command {
    let are_apart = ctx.session.standing(group) == Standing::Apart;
    Command::SetApart(group.items.clone(), !are_apart)
}

fn group_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    group: &DuplicateGroup,
    number: usize,
    standing: Standing,
) {
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let noun = model::noun(ctx.session.settings.level);
    let text = format!(
        "Group {} · {} · {} · {}",
        grouped(number + 1),
        count(group.items.len(), noun),
        model::range(group.weakest, group.strongest),
        model::standing(standing, group.items.len())
    );
    let mut right = rect;
    let name = format!("Not duplicates, group {}", number + 1);
    let button = Button::selectable(standing == Standing::Apart, secondary("Not duplicates"));
    let place = cut_right(&mut right, WIDE_BUTTON);
    let tooltip = "They are alike but do not say the same (N); click again to take it back";
    if placed(ui, place, button, name)
        .on_hover_text(tooltip)
        .clicked()
    {
        ctx.send(apart(ctx, group));
    }
    let name = format!("Keep suggested, group {}", number + 1);
    let place = cut_right(&mut right, WIDE_BUTTON);
    let button = Button::new(secondary("Keep suggested"));
    let tooltip = "Keep the one that is suggested as the original, and ignore the others";
    if placed(ui, place, button, name)
        .on_hover_text(tooltip)
        .clicked()
    {
        let decide = |item: &usize| {
            let is_original = *item == group.original;
            let decision = if is_original {
                Decision::Keep
            } else {
                Decision::Ignore
            };
            (*item, Some(decision))
        };
        ctx.send(Command::Decide(group.items.iter().map(decide).collect()));
    }
    let text = RichText::new(text).font(theme::semibold(theme::SECONDARY));
    let label = egui::Label::new(text.color(ctx.theme.secondary)).truncate();
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let place = egui::UiBuilder::new().max_rect(right).layout(layout);
    ui.new_child(place)
        .add(label)
        .on_hover_text("The numbers are the cosines of the least and the most alike pair");
}

fn member_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    items: Items<'_>,
    group: &DuplicateGroup,
    item: usize,
) {
    const INDENT: f32 = 16.0;
    let size = vec2(ui.available_width(), theme::ROW);
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let mut left = rect.with_min_x(rect.left() + INDENT);
    let is_original = item == group.original;
    let compare = cut_right(&mut left, 88.0);
    let title = items.title(item);
    let present = ctx.session.decision(item);
    let decisions = Decision::ALL.into_iter().zip(MEANINGS);
    for (decision, meaning) in decisions.rev() {
        let place = cut_right(&mut left, BUTTON);
        let button = Button::selectable(present == Some(decision), secondary(decision.name()));
        let name = format!("{} {title}", decision.name());
        let button = placed(ui, place, button.frame_when_inactive(true), name);
        if button.on_hover_text(meaning).clicked() {
            ctx.send(decided(ctx, item, decision));
        }
    }
    let suggested = format!("suggested · {}", group.original_by.told());
    let row = Row {
        dot: ctx.cluster_color(item),
        score: Some(items.embeddings().cosine(group.original, item)),
        text: &title,
        right: is_original.then_some(suggested.as_str()),
        selected: ctx.session.selection.selected == Some(item),
    };
    let mut row_ui = ui.new_child(egui::UiBuilder::new().max_rect(left));
    let response = widgets::row(&mut row_ui, ctx.theme, &row);
    ctx.pick(item, &response);
    let source = &items.document(item).source;
    response.on_hover_text(if is_original {
        format!(
            "{source}\nSuggested as the original: the oldest if all have a date, else the longest"
        )
    } else {
        format!("{source}\nThe number is its cosine to the suggested original")
    });
    if !is_original {
        let button = ui.put(compare, Button::new(secondary("Compare")));
        if button
            .on_hover_text("Read it beside the original, sentence by sentence")
            .clicked()
        {
            ctx.compare(group.original, item);
        }
    }
}

fn secondary(text: &str) -> RichText {
    RichText::new(text).size(theme::SECONDARY)
}

/// Takes a place of that width from the right edge.
fn cut_right(rect: &mut Rect, width: f32) -> Rect {
    let (left, right) = rect.split_left_right_at_x(rect.right() - width);
    *rect = left;
    right.shrink2(vec2(4.0, 1.0))
}

/// A button at a place, with a name that says what it is about.
fn placed(ui: &mut Ui, place: Rect, button: Button<'_>, name: String) -> Response {
    let response = ui.put(place, button);
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(name));
    response
}

fn threshold_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, found: &Duplicates) {
    let rule = ctx.session.settings.duplicates;
    let mut auto = rule == DuplicateThreshold::Auto;
    let mut threshold = match rule {
        DuplicateThreshold::Auto => found.threshold,
        DuplicateThreshold::Fixed(threshold) => threshold,
    };
    ui.horizontal_wrapped(|ui| {
        ui.label("From this cosine on");
        let drag = ui.name_inputs("Duplicate threshold", |ui| {
            let value = DragValue::new(&mut threshold);
            ui.add(value.range(0.0..=1.0).speed(0.002).fixed_decimals(2))
        });
        let tooltip = "Drag or type to choose from which cosine on two say the same";
        if drag.on_hover_text(tooltip).changed() {
            let rule = DuplicateThreshold::Fixed(threshold);
            ctx.send(Command::SetDuplicateThreshold(rule));
        }
        let text = RichText::new("automatic").size(theme::SECONDARY);
        let check = ui.checkbox(&mut auto, text);
        let tooltip = "Where the scores of copies part from those of others";
        if check.on_hover_text(tooltip).changed() {
            let rule = if auto {
                DuplicateThreshold::Auto
            } else {
                DuplicateThreshold::Fixed(found.threshold)
            };
            ctx.send(Command::SetDuplicateThreshold(rule));
        }
        widgets::hint(ui, ctx.theme, &model::suggestion(found));
    });
}
