//! The contributions of all pairs of sentences at a glance, beside what one of them is.

use egui::{EventFilter, Key, Layout, Role, Sense, TextureHandle, Ui, WidgetInfo, vec2};

use super::grid::Grid;
use super::model::{self, Baseline};
use super::paint;
use crate::message::{count, grouped};
use crate::session::Comparison;
use crate::ui::memo::Memo;
use crate::ui::theme::Theme;
use crate::ui::widgets;

/// Which comparison, and measured from what.
pub type HeatKey = (Option<u64>, Baseline);

/// The picture, and the cell that the keys are on.
#[derive(Clone, Default)]
pub struct Heat {
    grid: Memo<HeatKey, Grid>,
    texture: Memo<(HeatKey, bool), Option<TextureHandle>>,
    cursor: (usize, usize),
}

/// What is pointed at.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Hit {
    /// A left and a right sentence.
    pub pair: Option<(usize, usize)>,
    /// Whether both are to be brought into view.
    pub clicked: bool,
}

impl Heat {
    /// Draws it.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        theme: Theme,
        (comparison, left_text): (&Comparison, &str),
        key: HeatKey,
    ) -> Hit {
        let baseline = key.1;
        let explanation = model::explanation(comparison, baseline);
        let grid = self
            .grid
            .get(key, || Grid::new(explanation, paint::MAX_CELLS));
        if grid.cells.is_empty() {
            return Hit::default();
        }
        let texture = self.texture.get((key, theme.is_dark), || {
            Some(paint::picture(ui.ctx(), theme, grid))
        });
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            let hit = texture.as_ref().map_or(Hit::default(), |texture| {
                let size = vec2(paint::size(grid).x, paint::size(grid).y.max(1.0));
                let (rect, response) = ui.allocate_exact_size(size, Sense::click());
                response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name(comparison)));
                paint::cells(ui.painter(), theme, rect, texture);
                let has_focus = response.has_focus();
                if has_focus {
                    self.cursor = walked(ui, &response, grid, self.cursor);
                    paint::ring(ui.painter(), theme, rect);
                }
                let hovered = response.hover_pos();
                let hovered = hovered.and_then(|at| paint::cell_at(rect, grid, at));
                let by_keys = has_focus.then(|| grid.moved(self.cursor, (0, 0)));
                let cell = hovered.or(by_keys);
                if let Some(cell) = cell {
                    paint::outline(ui.painter(), theme, rect, grid, cell);
                }
                let clicked = response.clicked();
                if let Some(cell) = hovered.filter(|_| clicked) {
                    self.cursor = cell;
                }
                let pair = cell.and_then(|cell| grid.pair(explanation, cell));
                Hit {
                    pair: pair.map(|pair| (pair.left, pair.right)),
                    clicked,
                }
            });
            // Of one height whatever is told, or the texts below would jump.
            let size = vec2(ui.available_width(), paint::MAX_SIZE.y);
            let told = hit
                .pair
                .and_then(|pair| model::pair_told(comparison, left_text, baseline, pair));
            ui.allocate_ui_with_layout(size, Layout::top_down(egui::Align::LEFT), |ui| {
                ui.set_min_size(size);
                beside_ui(ui, theme, grid, comparison, told);
            });
            hit
        })
        .inner
    }
}

/// The arrows go from cell to cell while it has the keys.
fn walked(
    ui: &Ui,
    response: &egui::Response,
    grid: &Grid,
    cursor: (usize, usize),
) -> (usize, usize) {
    let arrows = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let steps = [
        (Key::ArrowUp, (-1, 0)),
        (Key::ArrowDown, (1, 0)),
        (Key::ArrowLeft, (0, -1)),
        (Key::ArrowRight, (0, 1)),
    ];
    let pressed = steps
        .into_iter()
        .filter(|(key, _)| ui.input(|input| input.key_pressed(*key)));
    pressed.fold(cursor, |cursor, (_, by)| grid.moved(cursor, by))
}

/// What a screen reader calls it.
fn name(comparison: &Comparison) -> String {
    let (left, right) = (comparison.left.len(), comparison.right.len());
    let over_there = if comparison.cluster.is_some() {
        "members"
    } else {
        "sentences"
    };
    format!(
        "Contributions of {} × {} {over_there}",
        grouped(left),
        grouped(right)
    )
}

fn beside_ui(
    ui: &mut Ui,
    theme: Theme,
    grid: &Grid,
    comparison: &Comparison,
    told: Option<[String; 3]>,
) {
    const MEANING: &str = "What each pair of sentences adds to the score, or with a minus takes away. \
                           All of them, and what belongs to no sentence, sum to it";
    paint::scale(ui, theme, grid.most).on_hover_text(MEANING);
    let columns = if comparison.cluster.is_some() {
        "member"
    } else {
        "sentence"
    };
    let rows = count(grid.n.0, "sentence");
    let columns = count(grid.n.1, columns);
    let told_cells = grid
        .told()
        .map_or(String::new(), |told| format!(", {told}"));
    let axes = format!("down: {rows} on the left · across: {columns} on the right{told_cells}");
    widgets::hint(ui, theme, &axes);
    let Some(lines) = told else {
        let text = "Point at a cell to see its pair, click to bring both into view; the arrow keys do \
                    the same";
        widgets::hint(ui, theme, text);
        return;
    };
    for line in lines {
        widgets::hint(ui, theme, &line);
    }
}
