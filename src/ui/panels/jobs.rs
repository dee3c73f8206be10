//! What is running, what stands still and why, and what the window said before. Opened by the person
//! alone: nothing pops up over work.

use egui::{Panel, ProgressBar, RichText, ScrollArea, Ui};

use super::status_bar::stop_told;
use crate::jobs::Jobs;
use crate::message::{count, grouped, progress_line};
use crate::progress::Progress;
use crate::session::{Command, Outcome, Session, Stage, Status};
use crate::ui::context::{Exported, UiCommand, ViewCtx};
use crate::ui::theme;
use crate::ui::views::View;
use crate::ui::widgets::{self, section_label};

/// Width of the first column: what a stage is called.
const NAME_WIDTH: f32 = 132.0;

/// What goes on in the background.
pub struct Running<'a> {
    /// For the session.
    pub jobs: &'a Jobs<Stage, Outcome>,
    /// Files that are being written.
    pub written: Vec<Exported>,
}

/// Closed or open, and what was said so far.
#[derive(Default)]
pub struct JobsPanel {
    is_open: bool,
    log: Log,
}

/// What the window said, with the seconds of its clock.
#[derive(Default)]
struct Log {
    lines: Vec<(f64, String)>,
    /// What was said last by each that can say something; said once while it stays.
    notice: Option<String>,
    failed: Vec<(Stage, String)>,
}

impl Log {
    /// Takes down what is new.
    fn note(&mut self, now: f64, notice: Option<&str>, failed: Vec<(Stage, String)>) {
        if self.notice.as_deref() != notice {
            self.notice = notice.map(str::to_owned);
            self.lines
                .extend(notice.map(|notice| (now, notice.to_owned())));
        }
        if self.failed != failed {
            let new = failed.iter().filter(|one| !self.failed.contains(one));
            self.lines
                .extend(new.map(|(_, summary)| (now, summary.clone())));
            self.failed = failed;
        }
    }
}

impl JobsPanel {
    /// Opens or closes it.
    pub fn toggle(&mut self) {
        self.is_open = !self.is_open;
    }

    /// Takes down what is said, and draws the panel if it is open. `notice` is what the window says
    /// above the view.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &mut ViewCtx<'_>,
        running: &Running<'_>,
        notice: Option<&str>,
    ) {
        let now = ui.input(|input| input.time);
        self.log.note(now, notice, failures(ctx.session));
        if !self.is_open {
            return;
        }
        let frame = egui::Frame::new()
            .fill(ctx.theme.panel)
            .inner_margin(egui::Margin::symmetric(12, 8));
        let panel = Panel::bottom("jobs").frame(frame).resizable(true);
        panel
            .default_size(220.0)
            .size_range(96.0..=420.0)
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label(RichText::new("Work").font(theme::semibold(theme::BODY)));
                    let close = ui.small_button("Close work");
                    self.is_open &= !close.on_hover_text("Work goes on").clicked();
                });
                let area = ScrollArea::vertical().auto_shrink(false);
                area.show(ui, |ui| {
                    running_ui(ui, ctx, running);
                    halted_ui(ui, ctx);
                    skipped_ui(ui, ctx);
                    self.log_ui(ui, ctx, now);
                });
            });
    }

    fn log_ui(&self, ui: &mut Ui, ctx: &ViewCtx<'_>, now: f64) {
        if self.log.lines.is_empty() {
            return;
        }
        ui.add_space(8.0);
        section_label(ui, ctx.theme, "Said before");
        for (when, text) in self.log.lines.iter().rev() {
            ui.horizontal_wrapped(|ui| {
                widgets::hint(ui, ctx.theme, &ago(now - when));
                ui.label(RichText::new(text).size(theme::SECONDARY));
            });
        }
    }
}

/// `just now`, `5 min ago`, `3 h ago`.
fn ago(seconds: f64) -> String {
    let minutes = (seconds / 60.0) as usize;
    match minutes {
        0 => "just now".into(),
        1..60 => format!("{minutes} min ago"),
        _ => format!("{} h ago", minutes / 60),
    }
}

fn failures(session: &Session) -> Vec<(Stage, String)> {
    let stages = Stage::ALL.into_iter();
    let failed = stages.filter_map(|stage| match session.status(stage) {
        Status::Failed(_, message) => Some((stage, message.summary.clone())),
        _ => None,
    });
    failed.collect()
}

fn running_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, Running { jobs, written }: &Running<'_>) {
    let mut running: Vec<(Stage, &Progress)> = jobs.running().collect();
    running.sort_by_key(|(stage, _)| Stage::ALL.iter().position(|other| other == stage));
    section_label(ui, ctx.theme, "Running");
    for what in written {
        line_ui(ui, what.name(), |ui| {
            ui.add(egui::Spinner::new().size(12.0));
            ui.label(RichText::new("Being written").size(theme::SECONDARY));
            let text = format!("Stop {}", what.name().to_lowercase());
            let stop = ui.small_button(text);
            if stop.on_hover_text("No file is written").clicked() {
                ctx.ask(UiCommand::StopWriting(*what));
            }
        });
    }
    if running.is_empty() && written.is_empty() {
        widgets::hint(ui, ctx.theme, "Nothing is running");
    }
    for (stage, progress) in running {
        let snapshot = progress.snapshot();
        let line = snapshot.as_ref().map_or("Beginning".into(), progress_line);
        line_ui(ui, stage.name(), |ui| {
            match snapshot
                .as_ref()
                .and_then(crate::progress::Snapshot::fraction)
            {
                Some(fraction) => {
                    let bar = ProgressBar::new(fraction)
                        .desired_width(120.0)
                        .desired_height(6.0);
                    ui.add(bar.fill(ctx.theme.accent));
                }
                None => {
                    ui.add(egui::Spinner::new().size(12.0));
                }
            }
            ui.label(RichText::new(line).size(theme::SECONDARY));
            let text = format!("Stop {}", stage.name().to_lowercase());
            let stop = ui.small_button(text).on_hover_text(stop_told(stage));
            if stop.clicked() {
                ctx.send(Command::Stop(stage));
            }
        });
    }
}

/// What was stopped and what failed, each with the way on.
fn halted_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let is_halted = |stage: &Stage| {
        let status = ctx.session.status(*stage);
        matches!(status, Status::Stopped(_) | Status::Failed(..))
    };
    let halted: Vec<Stage> = Stage::ALL.into_iter().filter(is_halted).collect();
    if halted.is_empty() {
        return;
    }
    ui.add_space(8.0);
    section_label(ui, ctx.theme, "Standing still");
    for stage in halted {
        let name = stage.name().to_lowercase();
        let session = ctx.session;
        let mut go_on = false;
        match session.status(stage) {
            Status::Failed(_, message) => {
                line_ui(ui, stage.name(), |ui| {
                    let text = RichText::new(format!("⚠ {}", message.summary));
                    let text = text.size(theme::SECONDARY).color(ctx.theme.error);
                    let label = ui.label(text);
                    if !message.details.is_empty() {
                        label.on_hover_text(message.details.join("\n"));
                    }
                    go_on = ui.small_button(format!("Try {name} again")).clicked();
                });
            }
            _ => line_ui(ui, stage.name(), |ui| {
                ui.label(RichText::new("stopped").size(theme::SECONDARY));
                go_on = ui.small_button(format!("Continue {name}")).clicked();
            }),
        }
        if go_on {
            ctx.send(Command::Retry(stage));
        }
    }
}

fn line_ui(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        let (rect, _) =
            ui.allocate_exact_size(egui::vec2(NAME_WIDTH, theme::ROW), egui::Sense::hover());
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let place = egui::UiBuilder::new().max_rect(rect).layout(layout);
        let name = RichText::new(name).size(theme::SECONDARY);
        ui.new_child(place).label(name);
        content(ui);
    });
}

/// What was not read, by reason, and the way to all of it.
fn skipped_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>) {
    let Some(corpus) = ctx.session.corpus() else {
        return;
    };
    let n = corpus.skipped.len();
    if n == 0 {
        return;
    }
    let mut reasons: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for skipped in &corpus.skipped {
        *reasons.entry(&skipped.reason).or_default() += 1;
    }
    ui.add_space(8.0);
    section_label(ui, ctx.theme, "Skipped");
    for (reason, n) in reasons {
        let text = format!("{}  {reason}", grouped(n));
        ui.label(RichText::new(text).size(theme::SECONDARY));
    }
    let text = format!("Show {} in Files", count(n, "skipped file"));
    let button = ui.small_button(text);
    let tooltip = "Every file or row that could not be read, with the reason and what can be done";
    if button.on_hover_text(tooltip).clicked() {
        ctx.ask(UiCommand::Show(View::Files));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_down_what_is_new_and_once() {
        let mut log = Log::default();
        let failed = || vec![(Stage::Model, "No model".to_owned())];
        log.note(1.0, Some("Saved"), Vec::new());
        log.note(2.0, Some("Saved"), failed());
        log.note(3.0, None, failed());
        log.note(4.0, Some("Saved"), Vec::new());
        log.note(5.0, Some("Saved"), failed());
        let lines: Vec<_> = log
            .lines
            .iter()
            .map(|(at, text)| (*at as u8, &**text))
            .collect();
        let expected = [(1, "Saved"), (2, "No model"), (4, "Saved"), (5, "No model")];
        assert_eq!(lines, expected);
    }

    #[test]
    fn it_says_how_long_ago() {
        let told = [5.0, 61.0, 3599.0, 7300.0].map(ago);
        assert_eq!(told, ["just now", "1 min ago", "59 min ago", "2 h ago"]);
    }
}
