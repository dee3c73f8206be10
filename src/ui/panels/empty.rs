//! The window before there are documents: the ways in, and what stands in the way.

use egui::{Align2, Color32, Id, LayerId, Order, RichText, Sense, Ui, vec2};

use super::top_bar::open_ui;
use crate::session::{Command, Stage, Status};
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::desk::{WindowDesk, short_name};
use crate::ui::theme::{self, Theme};
use crate::ui::views::View;
use crate::ui::widgets;

/// What the first document waits for.
const BEFORE_ITEMS: [Stage; 4] = [
    Stage::Model,
    Stage::Corpus,
    Stage::Passages,
    Stage::Embedding,
];

/// Draws the ways in, or what is going on before the first document shows.
pub fn ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, desk: &WindowDesk) {
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.22).max(16.0));
        mark(ui);
        ui.add_space(20.0);
        let working = BEFORE_ITEMS
            .iter()
            .any(|stage| matches!(ctx.session.status(*stage), Status::Working(_)));
        if working {
            headline(ui, "Reading your documents");
            widgets::hint(
                ui,
                ctx.theme,
                "The map appears as soon as they are embedded. Progress is shown below.",
            );
        } else {
            problem_ui(ui, ctx);
            ways_in_ui(ui, ctx);
            recent_ui(ui, ctx, desk);
        }
    });
}

fn headline(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::semibold(theme::HEADLINE)));
    ui.add_space(4.0);
}

/// Why there is still nothing to see, when something was opened.
fn problem_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let Some(problem) = ctx.session.problems().next() else {
        return;
    };
    ui.label(RichText::new(format!("⚠ {}", problem.summary)).color(ctx.theme.error));
    let is_failed = |stage: &Stage| matches!(ctx.session.status(*stage), Status::Failed(..));
    if let Some(stage) = Stage::ALL.into_iter().find(is_failed)
        && ui.button("Try again").clicked()
    {
        ctx.send(Command::Retry(stage));
    }
    let has_skipped = ctx
        .session
        .corpus()
        .is_some_and(|corpus| !corpus.skipped.is_empty());
    let has_list = has_skipped || !problem.details.is_empty();
    if has_list && ui.button("Show the list").clicked() {
        ctx.ask(UiCommand::Show(View::Files));
    }
    ui.add_space(16.0);
}

fn ways_in_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    headline(ui, "Drop files or folders here");
    widgets::hint(
        ui,
        ctx.theme,
        "See what they are about, and which of them say the same thing.",
    );
    ui.add_space(12.0);
    centered_row(ui, "ways in", |ui| open_ui(ui, ctx));
    ui.add_space(12.0);
    centered_row(ui, "sample", |ui| {
        if widgets::primary_button(ui, ctx.theme, "Open the sample").clicked() {
            ctx.send(Command::OpenSample);
        }
    });
    ui.add_space(12.0);
    widgets::hint(
        ui,
        ctx.theme,
        "Reads PDF, Word, Excel, PowerPoint, OpenDocument, e-books, mail, web pages, tables and text of every kind.\n\
         Your files are never changed, and nothing leaves this computer.",
    );
    if is_wayland() {
        let text =
            "On Wayland files cannot be dropped on this window yet; use the buttons instead.";
        widgets::hint(ui, ctx.theme, text);
    }
}

/// How many of what was open lately are shown here; all are in the menu.
const N_RECENT: usize = 5;

fn recent_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, desk: &WindowDesk) {
    if desk.recent().is_empty() && !desk.has_last() {
        return;
    }
    ui.add_space(20.0);
    widgets::section_label(ui, ctx.theme, "Recent");
    if desk.has_last() {
        let last = ui.link("Continue the last session");
        if last
            .on_hover_text("Open what the last window had open")
            .clicked()
        {
            ctx.ask(UiCommand::ContinueLast);
        }
    }
    for path in desk.recent().iter().take(N_RECENT) {
        let link = ui.link(short_name(path));
        if link.on_hover_text(path.display().to_string()).clicked() {
            ctx.ask(UiCommand::OpenRecent(path.clone()));
        }
    }
}

fn is_wayland() -> bool {
    cfg!(target_os = "linux")
        && std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
}

/// A row of widgets in the middle; its width is known from the frame before.
fn centered_row(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with(name);
    let width: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
    ui.horizontal(|ui| {
        ui.add_space(((ui.available_width() - width) / 2.0).max(0.0));
        let start = ui.cursor().left();
        add(ui);
        let end = ui.min_rect().right();
        let new_width = end - start;
        if (new_width - width).abs() > 0.5 {
            ui.data_mut(|data| data.insert_temp(id, new_width));
            ui.ctx().request_discard("a centered row changed its width");
        }
    });
}

/// A small map: dots in three groups.
fn mark(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(120.0, 72.0), Sense::hover());
    let dots: [(f32, f32, usize); 13] = [
        (0.10, 0.62, 0),
        (0.17, 0.40, 0),
        (0.24, 0.70, 0),
        (0.28, 0.52, 0),
        (0.19, 0.56, 0),
        (0.50, 0.20, 1),
        (0.57, 0.34, 1),
        (0.62, 0.14, 1),
        (0.53, 0.08, 1),
        (0.80, 0.72, 8),
        (0.88, 0.58, 8),
        (0.92, 0.80, 8),
        (0.84, 0.90, 8),
    ];
    for (x, y, group) in dots {
        let at = rect.min + vec2(x * rect.width(), y * rect.height());
        ui.painter().circle_filled(at, 4.5, theme::group(group));
    }
}

/// While files hang over the window.
pub fn drop_overlay(ctx: &egui::Context, theme: Theme) {
    if ctx.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    let rect = ctx.content_rect();
    painter.rect_filled(rect, 0.0, theme.paper.gamma_multiply(0.85));
    let ring = egui::Stroke::new(3.0, theme.accent);
    painter.rect_stroke(rect.shrink(8.0), 10.0, ring, egui::StrokeKind::Inside);
    let text = "Drop to open";
    let ink: Color32 = theme.ink;
    painter.text(
        rect.center(),
        Align2::CENTER_CENTER,
        text,
        theme::semibold(theme::HEADLINE),
        ink,
    );
}
