//! What a view gets: the session to read, and a list for its wishes.

use std::path::PathBuf;

use egui::{Color32, Response};

use super::layout::Pane;
use super::theme::{self, Theme};
use super::views::View;
use crate::export::CopyAs;
use crate::session::{Command, Session};
use crate::workspace::Preferences;

/// Views read the session and push commands; they never change it.
pub struct ViewCtx<'a> {
    /// The state to show.
    pub session: &'a Session,
    /// Wishes, carried out before the next frame.
    pub commands: &'a mut Vec<UiCommand>,
    /// The colors.
    pub theme: Theme,
    /// How the window shall be.
    pub preferences: Preferences,
    /// The view that has the keys; there can be several in sight.
    pub front: View,
}

/// What a picture of a view is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureRule {
    /// Of which view.
    pub view: View,
    /// Pixels for each point of the window, 1 to 4.
    pub scale: u8,
    /// Whether it is drawn dark.
    pub is_dark: bool,
}

/// What is written for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exported {
    /// One page for people who do not have the program.
    Report,
    /// The map as a picture.
    Map,
    /// The table as it is listed.
    Table,
    /// A view as it is shown.
    Picture(PictureRule),
    /// What was decided about duplicates.
    Decisions,
}

impl Exported {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "Report",
            Self::Map => "Map",
            Self::Table => "Table",
            Self::Picture(_) => "Picture",
            Self::Decisions => "Decisions",
        }
    }
}

/// A wish of a view.
#[derive(Debug, Clone, PartialEq)]
pub enum UiCommand {
    /// For the session.
    Session(Command),
    /// Do not write this file after all.
    StopWriting(Exported),
    /// Bring this view to the front.
    Show(View),
    /// Put a side away, or bring it back.
    Toggle(Pane),
    /// Everything stands where it stood at first.
    ResetLayout,
    /// The window shall be like this.
    Prefer(Preferences),
    /// Ask for a folder.
    OpenFolder,
    /// Ask for files.
    OpenFiles,
    /// Ask for vectors that another program made, and then for their texts.
    ImportVectors,
    /// Ask for the folder of a second model.
    ChooseSecondModel,
    /// Put two items side by side, and show that.
    Compare(usize, usize),
    /// Show what is running and what was said, or no longer.
    ToggleJobs,
    /// Show the palette.
    OpenPalette,
    /// Ask what the picture of the view in front shall be like.
    OpenPicture,
    /// Show the field for pasted text.
    OpenPaste,
    /// Ask for a workspace to open.
    OpenWorkspace,
    /// Open this one, or any other file or folder.
    OpenRecent(PathBuf),
    /// Go on with what the last window had open.
    ContinueLast,
    /// Ask for a name and write this there.
    Export(Exported),
    /// Copy the comparison that is shown.
    CopyComparison(CopyAs),
    /// Save to the workspace that is open.
    Save,
    /// Ask for a name and save, with the documents and their vectors or without.
    SaveAs(bool),
    /// Show a file in the system's file browser.
    Reveal(PathBuf),
    /// Open a file in the system's program for it.
    OpenFile(PathBuf),
    /// Look every few seconds whether files changed, or no longer.
    Watch(bool),
}

impl ViewCtx<'_> {
    /// Asks the session for something.
    pub fn send(&mut self, command: Command) {
        self.commands.push(UiCommand::Session(command));
    }

    /// Asks the window for something.
    pub fn ask(&mut self, command: UiCommand) {
        self.commands.push(command);
    }

    /// The color of an item's cluster, once there are clusters.
    pub fn cluster_color(&self, item: usize) -> Option<Color32> {
        let clusters = self.session.clusters()?;
        Some(theme::label(clusters.clustering.labels[item]))
    }

    /// What the mouse on an item means, in every list and view: a click selects it, a double click
    /// compares it with what was selected before.
    pub fn pick(&mut self, item: usize, response: &Response) {
        let selection = &self.session.selection;
        let before = selection.selected_before.filter(|before| *before != item);
        let is_new = selection.hovered != Some(item);
        if response.clicked() {
            self.send(Command::Select(Some(item)));
        }
        if let Some(before) = before.filter(|_| response.double_clicked()) {
            self.compare(before, item);
        }
        if response.hovered() && is_new {
            self.send(Command::Hover(Some(item)));
        }
    }

    /// Compares two items and shows the result.
    pub fn compare(&mut self, left: usize, right: usize) {
        self.ask(UiCommand::Compare(left, right));
    }
}
