//! The window itself: turns the wheel, then lays out the panels.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Color32, Frame, Key, Margin, Panel, Ui};

use super::actions::actions;
use super::context::{Exported, PictureRule, UiCommand, ViewCtx};
use super::copy::copy_comparison;
use super::desk::{Look, News, WindowDesk, restored_look};
use super::dialogs::{self, Answer, Ask, Slot};
use super::dropped::Dropped;
use super::layout::{Layout, Panes};
use super::panels::{
    Documents, Inspector, JobsPanel, Palette, PasteDialog, PictureDialog, Running, StatusBar,
    TopBar, empty, messages,
};
use super::picture::{self, Picture, png};
use super::reveal::{open, reveal};
use super::theme::{self, Theme};
use super::views::{View, Views};
use super::watch::Watch;
use crate::embed::EmbedderChoice;
use crate::export::{decisions, html_report, listed, map_svg};
use crate::jobs::Jobs;
use crate::session::{Combine, Command, Outcome, Session, Settings, Stage, Status, UserState};
use crate::text::Tools;
use crate::workspace::{Desk, is_workspace};

/// The application.
pub struct App {
    session: Session,
    jobs: Jobs<Stage, Outcome>,
    dialogs: Jobs<Slot, Answer>,
    commands: Vec<UiCommand>,
    layout: Layout,
    views: Views,
    top_bar: TopBar,
    documents: Documents,
    inspector: Inspector,
    paste: PasteDialog,
    picture_dialog: PictureDialog,
    palette: Palette,
    jobs_panel: JobsPanel,
    desk: WindowDesk,
    title: String,
    dropped: Dropped,
    watch: Watch,
    notice: Option<String>,
    /// Vectors that were chosen, until their texts are.
    vectors: Option<PathBuf>,
}

/// What a workspace keeps beside the session; of two fields, so that the others can change meanwhile.
fn look<'a>(layout: &'a Layout, views: &'a Views) -> Look<'a> {
    Look { layout, views }
}

impl App {
    /// A window with nothing open.
    pub fn new(ctx: &egui::Context, settings: Settings, tools: Tools, desk: Desk) -> Self {
        theme::install(ctx);
        theme::prefer(ctx, desk.preferences);
        let ctx = ctx.clone();
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || ctx.request_repaint());
        Self {
            session: Session::new(settings, tools),
            jobs: Jobs::new(wake.clone()),
            dialogs: Jobs::new(wake.clone()),
            commands: Vec::new(),
            layout: Layout::default(),
            views: Views::default(),
            top_bar: TopBar::default(),
            documents: Documents::default(),
            inspector: Inspector::default(),
            paste: PasteDialog::default(),
            picture_dialog: PictureDialog::default(),
            palette: Palette::default(),
            jobs_panel: JobsPanel::default(),
            desk: WindowDesk::new(desk, wake.clone()),
            title: String::new(),
            dropped: Dropped::default(),
            watch: Watch::new(wake.clone()),
            notice: None,
            vectors: None,
        }
    }

    /// Asks for something, as a click would.
    pub fn send(&mut self, command: Command) {
        self.commands.push(UiCommand::Session(command));
    }

    /// What is shown.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The view in front as a PNG, as "Save picture" writes it, with `scale` pixels for each point.
    pub fn picture(&self, scale: u8, is_dark: bool) -> Vec<u8> {
        let view = self.layout.front();
        let rule = PictureRule {
            view,
            scale,
            is_dark,
        };
        png(&self.view_picture(rule).drawn())
    }

    /// The view in front.
    pub fn view(&self) -> View {
        self.layout.front()
    }

    /// Opens files, folders or a workspace, or without any of them goes on where a window was left
    /// that did not end as it should.
    pub fn start(&mut self, paths: Vec<PathBuf>) {
        if !paths.is_empty() {
            self.open_paths(paths);
        } else if self.desk.continue_crashed() {
            let text = "Semascope did not end as it should. What you had open is here again";
            self.notice = Some(text.into());
        }
    }

    fn restore_state(&mut self, state: UserState) {
        (self.layout, self.views) = restored_look(state.layout(), state.view());
        self.session.restore_state(state);
    }

    /// Workspaces are opened, all else is read.
    fn open_paths(&mut self, paths: Vec<PathBuf>) {
        if let Some(workspace) = paths.iter().find(|path| is_workspace(path)) {
            self.desk.open(workspace.clone());
            return;
        }
        self.desk.opened_paths(&paths);
        self.session.apply(Command::AddPaths(paths));
    }

    fn take_news(&mut self) {
        let look = look(&self.layout, &self.views);
        for news in self.desk.poll(&self.session, look) {
            match news {
                News::Notice(text) => self.notice = Some(text),
                News::Open(opened, state) => {
                    let content = &opened.content;
                    (self.layout, self.views) = match &state {
                        Some(state) => restored_look(state.layout(), state.view()),
                        None => restored_look(content.layout(), content.view()),
                    };
                    self.session.restore(opened.content, state);
                }
                News::Continue(state) => self.restore_state(state),
            }
        }
    }

    fn save(&mut self) {
        if self.desk.can_save() {
            let look = look(&self.layout, &self.views);
            self.desk.save(&self.session, look);
        } else {
            self.open_dialog(Ask::SaveAs(false));
        }
    }

    /// The window is called by its workspace.
    fn set_title(&mut self, ctx: &egui::Context) {
        let title = self
            .desk
            .name()
            .map_or("Semascope".into(), |name| format!("{name} – Semascope"));
        if title != self.title {
            self.title.clone_from(&title);
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title));
        }
    }

    /// Whether work is going on in the background.
    pub fn is_busy(&self) -> bool {
        !self.jobs.is_idle()
    }

    /// Takes in results, carries out wishes, starts what is due.
    fn turn(&mut self, ctx: &egui::Context) {
        for outcome in self.jobs.poll() {
            self.session.absorb(outcome);
        }
        for answer in self.dialogs.poll() {
            self.take_answer(answer);
        }
        for command in std::mem::take(&mut self.commands) {
            self.carry_out(ctx, command);
        }
        for stage in self.session.forget_unwanted() {
            self.jobs.stop(stage);
        }
        for stage in Stage::ALL {
            if matches!(self.session.status(stage), Status::Stopped(_)) {
                self.jobs.stop(stage);
            }
        }
        for work in self.session.due() {
            self.session.begin(&work);
            let stage = work.stage;
            if let Err(error) = self
                .jobs
                .start(stage, stage.name(), move |progress| work.run(progress))
            {
                self.notice = Some(format!("The system has no thread left for this: {error}"));
                self.session.apply(Command::Stop(stage));
            }
        }
        if !self.jobs.is_idle() {
            ctx.request_repaint_after(Duration::from_millis(100));
        }
    }

    fn take_answer(&mut self, answer: Answer) {
        match answer {
            Answer::Paths(paths) => self.open_paths(paths),
            Answer::SaveAs(path, with_documents) => {
                let look = look(&self.layout, &self.views);
                let (session, desk) = (&self.session, &mut self.desk);
                let started = desk.save_as(session, look, path, with_documents);
                self.notice = started.err();
            }
            Answer::ModelFolder(folder) => {
                let model = EmbedderChoice::Folder(folder);
                self.session.apply(Command::SetSecondModel(Some(model)));
            }
            Answer::Export(what, file) => self.export(what, file),
            Answer::Written(Ok(file)) => {
                self.notice = Some(format!("Written to {}", file.display()));
            }
            Answer::Written(Err(told)) => self.notice = Some(told),
            Answer::Vectors(vectors) => {
                self.vectors = Some(vectors);
                self.open_dialog(Ask::Texts);
            }
            Answer::Texts(texts) => {
                if let Some(vectors) = self.vectors.take() {
                    self.session.apply(Command::Import { vectors, texts });
                }
            }
            Answer::Cancelled => {}
            Answer::NoDialog => {
                let text = "No file dialog could be opened here. Drop files on the window instead, \
                            or name them on the command line: semascope PATHS";
                self.notice = Some(text.into());
            }
        }
    }

    fn export(&mut self, what: Exported, file: PathBuf) {
        let session = self.session.clone();
        let make: Box<dyn FnOnce() -> Option<Vec<u8>> + Send> = match what {
            Exported::Report => Box::new(move || html_report(&session).map(String::into_bytes)),
            Exported::Map => Box::new(move || map_svg(&session).map(String::into_bytes)),
            Exported::Table => Box::new(move || listed(&session)),
            Exported::Decisions => Box::new(move || decisions(&session)),
            Exported::Picture(rule) => {
                let picture = self.view_picture(rule);
                Box::new(move || Some(png(&picture.drawn())))
            }
        };
        if dialogs::write(&mut self.dialogs, what, file, make).is_err() {
            self.notice = Some("Nothing was written, the system has no thread left for it".into());
        }
    }

    /// The view in front, to be drawn elsewhere.
    fn view_picture(&self, rule: PictureRule) -> Picture {
        Picture {
            session: self.session.clone(),
            views: self.views.clone(),
            view: rule.view,
            size: self.layout.front_size(),
            scale: rule.scale,
            is_dark: rule.is_dark,
            name: self.desk.name(),
        }
    }

    fn carry_out(&mut self, ctx: &egui::Context, command: UiCommand) {
        match command {
            UiCommand::Session(Command::AddPaths(paths)) => self.open_paths(paths),
            UiCommand::Session(Command::CloseAll) => {
                self.desk.close();
                self.session.apply(Command::CloseAll);
            }
            UiCommand::Session(command) => self.session.apply(command),
            UiCommand::StopWriting(what) => self.dialogs.stop(Slot::Writing(what)),
            UiCommand::Show(view) => self.layout.show(view),
            UiCommand::Toggle(side) => self.layout.toggle(side),
            UiCommand::ResetLayout => {
                self.layout = Layout::restored(None, self.layout.front().key());
            }
            UiCommand::Prefer(preferences) => {
                self.desk.prefer(preferences);
                theme::prefer(ctx, preferences);
            }
            UiCommand::OpenFolder => self.open_dialog(Ask::Folders),
            UiCommand::OpenFiles => self.open_dialog(Ask::Files),
            UiCommand::Export(what) => self.open_dialog(Ask::Export(what)),
            UiCommand::ImportVectors => self.open_dialog(Ask::Vectors),
            UiCommand::ChooseSecondModel => self.open_dialog(Ask::ModelFolder),
            UiCommand::Compare(left, right) => {
                self.session.apply(Command::Compare(left, right));
                self.layout.show(View::Compare);
            }
            UiCommand::ToggleJobs => self.jobs_panel.toggle(),
            UiCommand::OpenPalette => self.palette.open(),
            UiCommand::OpenPaste => self.paste.open(),
            UiCommand::OpenPicture => {
                let is_dark = Theme::of(ctx).is_dark;
                self.picture_dialog.open(self.layout.front(), is_dark);
            }
            UiCommand::OpenWorkspace => self.open_dialog(Ask::Workspace),
            UiCommand::OpenRecent(path) => self.open_paths(vec![path]),
            UiCommand::ContinueLast => self.desk.continue_last(),
            UiCommand::Save => self.save(),
            UiCommand::SaveAs(with_documents) => self.open_dialog(Ask::SaveAs(with_documents)),
            UiCommand::Reveal(file) => self.notice = reveal(&file).err(),
            UiCommand::OpenFile(file) => self.notice = open(&file).err(),
            UiCommand::CopyComparison(how) => {
                self.notice = Some(copy_comparison(ctx, &self.session, how));
            }
            UiCommand::Watch(is_on) => self.watch.is_on = is_on,
        }
    }

    fn open_dialog(&mut self, ask: Ask) {
        self.notice = None;
        if dialogs::ask(&mut self.dialogs, ask).is_err() {
            self.take_answer(Answer::NoDialog);
        }
    }

    fn take_dropped_files(&mut self, ctx: &egui::Context) {
        let paths: Vec<_> = ctx.input(|input| {
            input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_owned())
                .collect()
        });
        let now = ctx.input(|input| input.time);
        if let Some(paths) = self.dropped.take(paths, now) {
            self.send(Command::AddPaths(paths));
        } else if !self.dropped.is_empty() {
            ctx.request_repaint_after(Duration::from_millis(50));
        }
    }

    fn take_keys(&mut self, ctx: &egui::Context) {
        // What is being typed is for the field that has the keys.
        let typing = ctx.text_edit_focused();
        for action in actions(&self.session, self.desk.preferences()) {
            let Some(keys) = action.keys else { continue };
            let is_word = typing && !keys.modifiers.command && keys.logical_key != Key::F5;
            let is_of_field = typing && matches!(keys.logical_key, Key::A | Key::Z);
            if !is_word && !is_of_field && ctx.input_mut(|input| input.consume_shortcut(&keys)) {
                self.commands.push(action.command);
            }
        }
        if !typing && !self.is_covered(ctx) && ctx.input(|input| input.key_pressed(Key::Escape)) {
            self.step_back();
        }
    }

    /// Whether something stands over the views, which Escape closes.
    fn is_covered(&self, ctx: &egui::Context) -> bool {
        let has_dialog =
            self.palette.is_open() || self.paste.is_open() || self.picture_dialog.is_open();
        has_dialog || egui::Popup::is_any_open(ctx)
    }

    /// Escape: first what is chosen is let go, then what is selected, then the search ends.
    fn step_back(&mut self) {
        let selection = &self.session.selection;
        if !selection.chosen.is_empty() {
            self.send(Command::Choose(Vec::new(), Combine::Replace));
        } else if selection.selected.is_some() {
            self.send(Command::Select(None));
        } else if !self.session.query().is_empty() {
            self.send(Command::EndSearch);
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.take_dropped_files(ctx);
        self.take_keys(ctx);
        if self.watch.has_changed(ctx, &self.session) && !self.is_busy() {
            self.send(Command::Refresh);
        }
        self.turn(ctx);
        self.take_news();
        self.set_title(ctx);
        if let Some(pause) = self.desk.look_again_in() {
            ctx.request_repaint_after(pause);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        let look = look(&self.layout, &self.views);
        self.desk.end(&self.session, look);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        theme::ground(visuals)
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let theme = Theme::of(ui.ctx());
        let mut ctx = ViewCtx {
            session: &self.session,
            commands: &mut self.commands,
            theme,
            preferences: self.desk.preferences(),
            front: self.layout.front(),
        };
        let bar = Frame::new()
            .fill(theme.panel)
            .inner_margin(Margin::symmetric(12, 8));
        Panel::top("top").frame(bar).show(ui, |ui| {
            self.top_bar.ui(ui, &mut ctx, &self.desk, self.watch.is_on);
        });
        let bar = Frame::new()
            .fill(theme.panel)
            .inner_margin(Margin::symmetric(12, 2));
        Panel::bottom("status")
            .frame(bar)
            .exact_size(28.0)
            .show(ui, |ui| StatusBar::ui(ui, &mut ctx, &self.jobs));
        let notice = self.notice.as_deref();
        let written = self.dialogs.running().filter_map(|(slot, _)| match slot {
            Slot::Writing(what) => Some(what),
            Slot::Dialog => None,
        });
        let running = Running {
            jobs: &self.jobs,
            written: written.collect(),
        };
        self.jobs_panel.ui(ui, &mut ctx, &running, notice);
        let has_items = ctx.session.items().is_some_and(|items| items.n() > 0);
        // OpenGL begins each frame with the paper; to draw it once more takes a third of a frame where
        // there is no graphics processor.
        let ground = match frame.gl() {
            Some(_) => Color32::TRANSPARENT,
            None => theme.paper,
        };
        let middle = Frame::new().fill(ground);
        CentralPanel::default().frame(middle).show(ui, |ui| {
            if self
                .notice
                .take_if(|notice| messages::notice_ui(ui, theme, notice))
                .is_some()
            {
                ui.ctx().request_repaint();
            }
            messages::crowd_ui(ui, &mut ctx);
            let shows_files = self.layout.front() == View::Files && ctx.session.corpus().is_some();
            if has_items {
                messages::banner_ui(ui, &mut ctx);
                let panes = Panes {
                    views: &mut self.views,
                    documents: &mut self.documents,
                    inspector: &mut self.inspector,
                };
                self.layout.ui(ui, &mut ctx, panes);
            } else if shows_files {
                messages::banner_ui(ui, &mut ctx);
                self.views.ui(ui, &mut ctx, View::Files);
            } else {
                empty::ui(ui, &mut ctx, &self.desk);
            }
        });
        self.paste.ui(ui.ctx(), &mut ctx);
        let size = picture::size(&self.session, self.layout.front(), self.layout.front_size());
        self.picture_dialog.ui(ui.ctx(), &mut ctx, size);
        self.palette.ui(ui.ctx(), &mut ctx);
        empty::drop_overlay(ui.ctx(), theme);
    }
}
