//! What is running, and what is there.

use egui::{Align, Layout, RichText, Ui};

use crate::jobs::Jobs;
use crate::message::{count, grouped, progress_line};
use crate::progress::Snapshot;
use crate::session::{Command, Outcome, Stage, Status};
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::theme;
use crate::ui::views::View;

/// The bar at the bottom.
pub struct StatusBar;

impl StatusBar {
    /// Draws it.
    pub fn ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, jobs: &Jobs<Stage, Outcome>) {
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            running_ui(ui, ctx, &in_pipeline_order(jobs));
            jobs_ui(ui, ctx, jobs.running().count());
            stopped_ui(ui, ctx);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                counts_ui(ui, ctx);
            });
        });
    }
}

/// What is running and how far it is. What others wait for comes first, whichever began earlier.
fn in_pipeline_order(jobs: &Jobs<Stage, Outcome>) -> Vec<(Stage, Snapshot)> {
    let mut running: Vec<_> = jobs
        .running()
        .filter_map(|(stage, progress)| Some((stage, progress.snapshot()?)))
        .collect();
    running.sort_by_key(|(stage, _)| Stage::ALL.iter().position(|other| other == stage));
    running
}

fn running_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, running: &[(Stage, Snapshot)]) {
    let Some((stage, snapshot)) = running.first() else {
        return;
    };
    if let Some(fraction) = snapshot.fraction() {
        let bar = egui::ProgressBar::new(fraction)
            .desired_width(120.0)
            .desired_height(6.0)
            .fill(ctx.theme.accent);
        ui.add(bar);
    } else {
        ui.add(egui::Spinner::new().size(12.0));
    }
    ui.label(RichText::new(progress_line(snapshot)).size(theme::SECONDARY));
    let stop = ui.small_button("Stop").on_hover_text(stop_told(*stage));
    if stop.clicked() {
        ctx.send(Command::Stop(*stage));
    }
}

/// Opens the panel that lists all of it.
fn jobs_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, n_running: usize) {
    let text = match n_running {
        0 => "What is running".into(),
        n => format!("What is running {}", grouped(n)),
    };
    let button = egui::Button::new(RichText::new(text).size(theme::SECONDARY));
    let tooltip = "All that is going on or stands still, and what was said before (Ctrl+Shift+J)";
    if ui
        .add(button.frame_when_inactive(false))
        .on_hover_text(tooltip)
        .clicked()
    {
        ctx.ask(UiCommand::ToggleJobs);
    }
}

/// What stopping a stage means.
pub fn stop_told(stage: Stage) -> String {
    format!(
        "Stop {}; what is there already stays",
        stage.name().to_lowercase()
    )
}

/// The first that was stopped, and the way on.
fn stopped_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let is_stopped = |stage: &Stage| matches!(ctx.session.status(*stage), Status::Stopped(_));
    let stopped = Stage::ALL.into_iter().find(is_stopped);
    if let Some(stage) = stopped {
        ui.label(RichText::new(format!("{} stopped", stage.name())).size(theme::SECONDARY));
        if ui
            .small_button("Continue")
            .on_hover_text("Start it again")
            .clicked()
        {
            ctx.send(Command::Retry(stage));
        }
    }
}

fn counts_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let secondary = |text: String| {
        RichText::new(text)
            .size(theme::SECONDARY)
            .color(ctx.theme.secondary)
    };
    ui.label(secondary("all on this computer".into()))
        .on_hover_text("Nothing that is read here leaves this computer");
    if let Some(model) = ctx.session.model() {
        ui.label(secondary(model.summary()))
            .on_hover_text(format!("Vectors are made by {}", model.tag()));
    }
    let Some(corpus) = ctx.session.corpus() else {
        return;
    };
    let n_skipped = corpus.skipped.len();
    let wants_messages = n_skipped > 0 && {
        let text =
            RichText::new(format!("⚠ {} skipped", grouped(n_skipped))).size(theme::SECONDARY);
        let button = egui::Button::new(text.color(ctx.theme.warning)).frame_when_inactive(false);
        ui.add(button)
            .on_hover_text("Show what could not be read, and why")
            .clicked()
    };
    let foreign = ctx.session.foreign().filter(|foreign| foreign.is_many);
    let wants_languages = foreign.is_some_and(|foreign| {
        let text = format!("⚠ {} not English", grouped(foreign.n_documents));
        let text = RichText::new(text)
            .size(theme::SECONDARY)
            .color(ctx.theme.warning);
        let button = egui::Button::new(text).frame_when_inactive(false);
        ui.add(button)
            .on_hover_text("The model places them badly; show what can be done")
            .clicked()
    });
    let wants_notes = n_skipped == 0 && !corpus.notes.is_empty() && {
        let text = secondary(count(corpus.notes.len(), "note"));
        ui.add(egui::Button::new(text).frame_when_inactive(false))
            .on_hover_text("Show notes about what was read")
            .clicked()
    };
    let mut facts = vec![count(corpus.documents.len(), "document")];
    if let Some(passages) = ctx.session.passages() {
        facts.push(count(passages.list.len(), "passage"));
        let read = ctx.session.how_read();
        facts.push(format!(
            "{}, {read}",
            count(passages.total_tokens(), "token")
        ));
    }
    ui.label(secondary(facts.join(" · "))).on_hover_text(
        "Documents are split into passages that the model can read whole, so that no token is lost",
    );
    if wants_messages || wants_notes || wants_languages {
        ctx.ask(UiCommand::Show(View::Files));
    }
}
