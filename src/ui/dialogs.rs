//! The system's file dialogs, asked in the background, and the files that are written.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rfd::AsyncFileDialog;

use super::context::{Exported, PictureRule};
use crate::jobs::Jobs;
use crate::storage;
use crate::workspace::EXTENSION;

/// What to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// One or more folders.
    Folders,
    /// One or more files.
    Files,
    /// A workspace.
    Workspace,
    /// The folder of a model.
    ModelFolder,
    /// Vectors that another program made.
    Vectors,
    /// The texts that they are of.
    Texts,
    /// The name of a workspace, with or without documents.
    SaveAs(bool),
    /// The name of a file for this.
    Export(Exported),
}

/// A dialog that is open, or a file that is being written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slot {
    /// One at a time.
    Dialog,
    /// One of each.
    Writing(Exported),
}

/// What the person answered.
#[derive(Debug)]
pub enum Answer {
    /// These.
    Paths(Vec<PathBuf>),
    /// Save here, with or without documents.
    SaveAs(PathBuf, bool),
    /// Write this there.
    Export(Exported, PathBuf),
    /// The folder of a model.
    ModelFolder(PathBuf),
    /// Vectors that another program made.
    Vectors(PathBuf),
    /// The texts that they are of.
    Texts(PathBuf),
    /// A file is written, or why it is not.
    Written(Result<PathBuf, String>),
    /// Nothing.
    Cancelled,
    /// No dialog came up.
    NoDialog,
}

/// rfd says "cancelled" too when a Linux system has neither a portal nor zenity. Nobody cancels
/// this quickly.
const TOO_QUICK: Duration = Duration::from_millis(400);

const NOTHING: &str =
    "There is nothing to write yet. Wait until the documents are mapped and compared";

/// Opens the dialog; the answer comes with [`Jobs::poll`].
pub fn ask(jobs: &mut Jobs<Slot, Answer>, ask: Ask) -> std::io::Result<()> {
    // Made here because macOS wants dialogs made on the main thread; waited for elsewhere.
    let dialog = match ask {
        Ask::Folders | Ask::Files => AsyncFileDialog::new().set_title("Open in Semascope"),
        Ask::Workspace => of_workspaces().set_title("Open workspace"),
        Ask::ModelFolder => AsyncFileDialog::new().set_title("Choose a model folder"),
        Ask::Vectors => AsyncFileDialog::new()
            .set_title("Choose vectors that another program made")
            .add_filter("Vectors", &["npy", "safetensors", "parquet", "csv", "tsv"]),
        Ask::Texts => {
            AsyncFileDialog::new().set_title("Choose their texts: a file of lines, or a table")
        }
        Ask::Export(what) => to_export(what),
        Ask::SaveAs(_) => of_workspaces()
            .set_title("Save workspace")
            .set_file_name(format!("untitled.{EXTENSION}")),
    };
    jobs.start(Slot::Dialog, "file dialog", move |_| {
        let asked = Instant::now();
        let one = |file: rfd::FileHandle| vec![file];
        let chosen = match ask {
            Ask::Folders => pollster::block_on(dialog.pick_folders()),
            Ask::Files | Ask::Workspace => pollster::block_on(dialog.pick_files()),
            Ask::ModelFolder => pollster::block_on(dialog.pick_folder()).map(one),
            Ask::Vectors | Ask::Texts => pollster::block_on(dialog.pick_file()).map(one),
            Ask::SaveAs(_) | Ask::Export(_) => pollster::block_on(dialog.save_file()).map(one),
        };
        match chosen {
            Some(files) => {
                let files = files.iter().map(|file| file.path().to_owned());
                answer(ask, files.collect())
            }
            None if asked.elapsed() < TOO_QUICK => Answer::NoDialog,
            None => Answer::Cancelled,
        }
    })
}

/// Makes a file and writes it in the background; `make` gives `None` when there is nothing yet. What
/// became of it comes with [`Jobs::poll`]; stopped before it is made, nothing is written.
pub fn write(
    jobs: &mut Jobs<Slot, Answer>,
    what: Exported,
    file: PathBuf,
    make: impl FnOnce() -> Option<Vec<u8>> + Send + 'static,
) -> std::io::Result<()> {
    jobs.start(Slot::Writing(what), "write", move |progress| {
        let Some(bytes) = make() else {
            return Answer::Written(Err(NOTHING.into()));
        };
        if progress.check().is_err() {
            return Answer::Cancelled;
        }
        Answer::Written(match storage::save(&file, &bytes, false) {
            Ok(()) => Ok(file),
            Err(error) => Err(format!("Could not write {} ({error})", file.display())),
        })
    })
}

fn answer(ask: Ask, chosen: Vec<PathBuf>) -> Answer {
    let one = match ask {
        Ask::Folders | Ask::Files | Ask::Workspace => return Answer::Paths(chosen),
        Ask::ModelFolder => Answer::ModelFolder,
        Ask::Vectors => Answer::Vectors,
        Ask::Texts => Answer::Texts,
        Ask::Export(what) => {
            let file = chosen.into_iter().next();
            return file.map_or(Answer::Cancelled, |file| Answer::Export(what, file));
        }
        Ask::SaveAs(with_documents) => {
            return chosen.into_iter().next().map_or(Answer::Cancelled, |file| {
                Answer::SaveAs(file, with_documents)
            });
        }
    };
    chosen.into_iter().next().map_or(Answer::Cancelled, one)
}

fn to_export(what: Exported) -> AsyncFileDialog {
    let (title, kind, name) = match what {
        Exported::Report => ("Save report", "Web page", "report.html"),
        Exported::Map => ("Save map", "SVG picture", "map.svg"),
        Exported::Table => ("Save table", "Comma-separated values", "table.csv"),
        Exported::Picture(rule) => return to_save_picture(rule),
        Exported::Decisions => (
            "Save duplicate decisions",
            "Comma-separated values",
            "duplicate-decisions.csv",
        ),
    };
    let ending = name.rsplit('.').next().unwrap_or(name);
    let dialog = AsyncFileDialog::new().set_title(title);
    dialog.add_filter(kind, &[ending]).set_file_name(name)
}

fn to_save_picture(rule: PictureRule) -> AsyncFileDialog {
    let dialog = AsyncFileDialog::new().set_title("Save picture");
    let dialog = dialog.add_filter("PNG picture", &["png"]);
    dialog.set_file_name(format!("{}.png", rule.view.key()))
}

fn of_workspaces() -> AsyncFileDialog {
    AsyncFileDialog::new().add_filter("Semascope workspace", &[EXTENSION])
}
