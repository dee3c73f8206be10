//! How the window is divided: sides and views as tiles that can be dragged, resized and stacked as
//! tabs. A narrow window has an arrangement of its own, in which the details are a tab.

use egui::{
    Align, Color32, Frame, Id, Layout as Flow, Margin, Popup, RichText, Stroke, Style, Ui, Vec2,
    Visuals, WidgetText,
};
use egui_tiles::{
    Behavior, Container, Linear, LinearDir, SimplificationOptions, TabState, Tabs, Tile, TileId,
    Tiles, Tree, UiResponse,
};
use serde::{Deserialize, Serialize};

use super::context::ViewCtx;
use super::panels::{Documents, Inspector};
use super::theme::{self, Theme};
use super::views::{View, Views};
use crate::message::grouped;

/// Windows narrower than this have the narrow arrangement.
const NARROW: f32 = 1100.0;
/// Widths of the sides at first.
const DOCUMENTS: f32 = 260.0;
const DETAILS: f32 = 340.0;

/// What a tile shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    /// The list of documents, the filters and the clusters.
    Documents,
    /// What is known of the selected document.
    Details,
    /// One of the pictures.
    View(View),
}

impl Pane {
    fn all() -> impl Iterator<Item = Self> {
        let views = View::ALL.into_iter().map(|(view, _, _)| Self::View(view));
        [Self::Documents, Self::Details].into_iter().chain(views)
    }

    fn is_side(self) -> bool {
        !matches!(self, Self::View(_))
    }
}

/// What is drawn into the tiles.
pub struct Panes<'a> {
    /// The pictures.
    pub views: &'a mut Views,
    /// The list.
    pub documents: &'a mut Documents,
    /// The details.
    pub inspector: &'a mut Inspector,
}

/// The arrangement of one window.
#[derive(Debug, Clone)]
pub struct Layout {
    wide: Tree<Pane>,
    narrow: Tree<Pane>,
    /// How wide the window was, by which the sides keep their width.
    width: f32,
    /// The view that has the keys.
    front: View,
    front_size: Vec2,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    wide: Tree<Pane>,
    narrow: Tree<Pane>,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            wide: wide(),
            narrow: narrow(),
            width: 0.0,
            front: View::Map,
            front_size: Vec2::ZERO,
        }
    }
}

impl Layout {
    /// The view that was shown or touched last.
    pub fn front(&self) -> View {
        self.front
    }

    /// How large it is, in points; nothing before it was drawn.
    pub fn front_size(&self) -> Vec2 {
        self.front_size
    }

    /// Brings a view to the front.
    pub fn show(&mut self, view: View) {
        self.front = view;
        for tree in [&mut self.wide, &mut self.narrow] {
            tree.make_active(|_, tile| *tile == Tile::Pane(Pane::View(view)));
        }
    }

    /// Puts a side away, or brings it back.
    pub fn toggle(&mut self, side: Pane) {
        for tree in [&mut self.wide, &mut self.narrow] {
            if let Some(id) = tree.tiles.find_pane(&side) {
                tree.tiles.toggle_visibility(id);
            }
        }
    }

    /// For a workspace.
    pub fn saved(&self) -> Option<serde_json::Value> {
        let saved = Saved {
            wide: self.wide.clone(),
            narrow: self.narrow.clone(),
        };
        serde_json::to_value(saved).ok()
    }

    /// As a workspace has it. An arrangement that lacks a pane, such as one of an older version, gives
    /// way to the default.
    pub fn restored(saved: Option<&serde_json::Value>, view: &str) -> Self {
        let mut layout = Self::default();
        let saved = saved.and_then(|saved| Saved::deserialize(saved).ok());
        if let Some(saved) = saved.filter(|saved| is_whole(&saved.wide) && is_whole(&saved.narrow))
        {
            layout.wide = saved.wide;
            layout.narrow = saved.narrow;
        }
        layout.show(View::from_key(view).unwrap_or(View::Map));
        layout
    }

    /// Draws everything between the bars.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, panes: Panes<'_>) {
        let width = ui.available_width();
        let tree = if width < NARROW {
            &mut self.narrow
        } else {
            &mut self.wide
        };
        if (width - self.width).abs() > 0.5 {
            hold_sides(tree, width);
            self.width = width;
        }
        let mut tiles = TilesUi {
            front: self.front,
            front_size: self.front_size,
            ctx,
            panes,
        };
        tree.ui(&mut tiles, ui);
        self.front = tiles.front;
        self.front_size = tiles.front_size;
    }
}

fn views(tiles: &mut Tiles<Pane>) -> Vec<TileId> {
    let views = View::ALL.into_iter().map(|(view, _, _)| Pane::View(view));
    views.map(|pane| tiles.insert_pane(pane)).collect()
}

fn wide() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let documents = tiles.insert_pane(Pane::Documents);
    let documents = tiles.insert_tab_tile(vec![documents]);
    let views = views(&mut tiles);
    let middle = tiles.insert_tab_tile(views);
    let details = tiles.insert_pane(Pane::Details);
    let details = tiles.insert_tab_tile(vec![details]);
    let root = tiles.insert_horizontal_tile(vec![documents, middle, details]);
    Tree::new(Id::unique("wide"), root, tiles)
}

fn narrow() -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let documents = tiles.insert_pane(Pane::Documents);
    let documents = tiles.insert_tab_tile(vec![documents]);
    let mut middle = views(&mut tiles);
    // After the first views, where it is in sight.
    middle.insert(3, tiles.insert_pane(Pane::Details));
    let middle = tiles.insert_tab_tile(middle);
    let root = tiles.insert_horizontal_tile(vec![documents, middle]);
    Tree::new(Id::unique("narrow"), root, tiles)
}

/// The panes below a tile, each as often as it is there. A damaged file can have circles.
fn below(tiles: &Tiles<Pane>, at: TileId, seen: &mut Vec<TileId>) -> Vec<Pane> {
    if seen.contains(&at) {
        return Vec::new();
    }
    seen.push(at);
    match tiles.get(at) {
        Some(Tile::Pane(pane)) => vec![*pane],
        Some(Tile::Container(container)) => container
            .children()
            .flat_map(|child| below(tiles, *child, seen))
            .collect(),
        None => Vec::new(),
    }
}

fn is_whole(tree: &Tree<Pane>) -> bool {
    let there = tree
        .root()
        .map(|root| below(&tree.tiles, root, &mut Vec::new()))
        .unwrap_or_default();
    Pane::all().count() == there.len() && Pane::all().all(|pane| there.contains(&pane))
}

/// Sides keep their width when that of the window changes; the views take what is left.
fn hold_sides(tree: &mut Tree<Pane>, width: f32) {
    let Some(root) = tree.root() else { return };
    let Some(Tile::Container(Container::Linear(linear))) = tree.tiles.get(root) else {
        return;
    };
    if linear.dir != LinearDir::Horizontal {
        return;
    }
    let measured = |child: &TileId| {
        let panes = below(&tree.tiles, *child, &mut Vec::new());
        let at_first = match panes.first() {
            Some(Pane::Documents) => DOCUMENTS,
            _ => DETAILS,
        };
        let before = tree
            .tiles
            .rect(*child)
            .map_or(at_first, |rect| rect.width());
        (*child, before, panes.iter().all(|pane| pane.is_side()))
    };
    let children: Vec<_> = linear
        .children
        .iter()
        .filter(|child| tree.tiles.is_visible_in_layout(**child))
        .map(measured)
        .collect();
    let of = |is_side: bool| -> f32 {
        let those = children.iter().filter(|child| child.2 == is_side);
        those.map(|child| child.1).sum()
    };
    // Where there are sides alone, they share.
    if of(false) <= 0.0 {
        return;
    }
    let scale = (width - of(true)).max(0.3 * width) / of(false);
    if let Some(Tile::Container(Container::Linear(linear))) = tree.tiles.get_mut(root) {
        set_widths(linear, &children, scale);
    }
}

fn set_widths(linear: &mut Linear, children: &[(TileId, f32, bool)], scale: f32) {
    for (child, before, is_side) in children {
        let share = if *is_side { *before } else { before * scale };
        linear.shares.set_share(*child, share);
    }
}

/// Draws tiles.
struct TilesUi<'a, 'b> {
    front: View,
    front_size: Vec2,
    ctx: &'a mut ViewCtx<'b>,
    panes: Panes<'a>,
}

impl TilesUi<'_, '_> {
    fn theme(&self) -> Theme {
        self.ctx.theme
    }
}

impl Behavior<Pane> for TilesUi<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        let side = Frame::new()
            .fill(self.theme().panel)
            .inner_margin(Margin::same(12));
        match pane {
            Pane::Documents => {
                side.show(ui, |ui| {
                    ui.set_min_size(ui.available_size());
                    self.panes.documents.ui(ui, self.ctx);
                });
            }
            Pane::Details => {
                side.show(ui, |ui| {
                    ui.set_min_size(ui.available_size());
                    self.panes.inspector.ui(ui, self.ctx);
                });
            }
            Pane::View(view) => {
                let rect = ui.max_rect();
                let is_touched = ui.input(|input| {
                    let at = input.pointer.interact_pos();
                    input.pointer.any_pressed() && at.is_some_and(|at| rect.contains(at))
                });
                if is_touched {
                    self.front = *view;
                }
                if self.front == *view {
                    self.front_size = rect.size();
                }
                // The window's own paper shines through: without a graphics processor each fill of
                // the whole takes milliseconds.
                ui.set_min_size(ui.available_size());
                self.panes.views.ui(ui, self.ctx, *view);
            }
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        let n_groups = self.ctx.session.duplicates();
        let n_groups = n_groups.map_or(0, |found| found.groups.len());
        match pane {
            Pane::Documents => "Documents".into(),
            Pane::Details => "Details".into(),
            Pane::View(View::Duplicates) if n_groups > 0 => {
                format!("Duplicates {}", grouped(n_groups)).into()
            }
            Pane::View(view) => view.name().into(),
        }
    }

    /// Tiles that stand together behind one tab are called by what they show.
    fn tab_title_for_tile(&mut self, tiles: &Tiles<Pane>, tile: TileId) -> WidgetText {
        let panes = below(tiles, tile, &mut Vec::new());
        let titles = panes.iter().map(|pane| self.tab_title_for_pane(pane));
        let titles: Vec<String> = titles.map(|title| title.text().to_owned()).collect();
        titles.join(" and ").into()
    }

    fn on_tab_button(
        &mut self,
        tiles: &mut Tiles<Pane>,
        tile: TileId,
        response: egui::Response,
    ) -> egui::Response {
        let meaning = match tiles.get_pane(&tile) {
            Some(Pane::View(view)) => view.meaning(),
            Some(Pane::Documents) => "What is open, what is found, filters and clusters (Ctrl+B)",
            Some(Pane::Details) => "What is known of the selected document (Ctrl+I)",
            None => return response,
        };
        if response.clicked()
            && let Some(Pane::View(view)) = tiles.get_pane(&tile)
        {
            self.front = *view;
        }
        response.on_hover_text(format!("{meaning}. Drag to put it elsewhere"))
    }

    fn top_bar_right_ui(
        &mut self,
        tiles: &Tiles<Pane>,
        ui: &mut Ui,
        _tile: TileId,
        tabs: &Tabs,
        _scroll_offset: &mut f32,
    ) {
        let active = tabs.active.and_then(|active| tiles.get_pane(&active));
        if let Some(Pane::View(view)) = active {
            ui.add_space(8.0);
            about_ui(ui, *view);
        }
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions {
            all_panes_must_have_tabs: true,
            ..SimplificationOptions::default()
        }
    }

    fn min_size(&self) -> f32 {
        200.0
    }

    fn tab_bar_height(&self, _style: &Style) -> f32 {
        theme::TAB_BAR
    }

    fn tab_bar_color(&self, _visuals: &Visuals) -> Color32 {
        self.theme().panel
    }

    fn tab_bg_color(
        &self,
        _visuals: &Visuals,
        tiles: &Tiles<Pane>,
        tile: TileId,
        state: &TabState,
    ) -> Color32 {
        match tiles.get_pane(&tile) {
            Some(Pane::View(_)) if state.active => self.theme().paper,
            _ => Color32::TRANSPARENT,
        }
    }

    fn tab_outline_stroke(
        &self,
        _visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        _state: &TabState,
    ) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, self.theme().hairline)
    }

    fn tab_text_color(
        &self,
        _visuals: &Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        state: &TabState,
    ) -> Color32 {
        let theme = self.theme();
        if state.active {
            theme.ink
        } else {
            theme.secondary
        }
    }

    fn drag_preview_color(&self, _visuals: &Visuals) -> Color32 {
        self.theme().accent.gamma_multiply(0.2)
    }

    fn drag_preview_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, self.theme().accent)
    }

    fn resize_stroke(&self, _style: &Style, state: egui_tiles::ResizeState) -> Stroke {
        let theme = self.theme();
        match state {
            egui_tiles::ResizeState::Idle => Stroke::new(1.0, theme.hairline),
            _ => Stroke::new(2.0, theme.accent),
        }
    }
}

/// What the view in front shows, and what it does not.
fn about_ui(ui: &mut Ui, view: View) {
    let name = format!("About {}", view.name().to_lowercase());
    let button = ui.button("?").on_hover_text(view.meaning());
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            // A menu would stretch every line.
            ui.with_layout(Flow::top_down(Align::LEFT), |ui| {
                ui.set_width(360.0);
                for (question, answer) in view.about() {
                    let question = RichText::new(question).font(theme::semibold(theme::BODY));
                    ui.label(question);
                    ui.label(answer);
                    ui.add_space(8.0);
                }
            });
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pane_is_there_in_both_arrangements() {
        assert!(is_whole(&wide()) && is_whole(&narrow()));
    }

    #[test]
    fn an_arrangement_comes_back_as_it_was_left() {
        let mut layout = Layout::default();
        layout.toggle(Pane::Details);
        layout.show(View::Table);
        let saved = layout.saved();
        let back = Layout::restored(saved.as_ref(), "table");
        assert_eq!(back.saved(), saved);
        assert_eq!(back.front(), View::Table);
        let details = back.wide.tiles.find_pane(&Pane::Details).unwrap();
        assert!(!back.wide.is_visible(details));
    }

    #[test]
    fn an_arrangement_that_lacks_a_pane_gives_way_to_the_default() {
        let mut layout = Layout::default();
        let table = layout
            .wide
            .tiles
            .find_pane(&Pane::View(View::Table))
            .unwrap();
        layout.wide.remove_recursively(table);
        let back = Layout::restored(layout.saved().as_ref(), "map");
        assert!(is_whole(&back.wide));
        let damaged = serde_json::json!({"wide": 3});
        assert!(is_whole(&Layout::restored(Some(&damaged), "map").wide));
    }
}
