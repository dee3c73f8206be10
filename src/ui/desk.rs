//! The workspace of a window: opening, saving, the journal, and what was open lately.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::layout::Layout;
use super::views::Views;
use crate::jobs::{Jobs, Wake};
use crate::session::{Embedded, Session, UserState, encode};
use crate::storage::Lock;
use crate::workspace::{self, Desk, EXTENSION, Leftover, OpenedFile, Preferences, WorkspaceError};

/// How often the state is compared with what was written; with the writing, a change is safe within
/// two seconds.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is going on in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Open,
    Save,
    Journal,
    Recent,
    Preferences,
}

enum Event {
    Opened(PathBuf, Box<Result<OpenedFile, WorkspaceError>>),
    Saved(PathBuf, bool, Option<Lock>, Result<(), WorkspaceError>),
    Journaled(Box<UserState>, io::Result<()>),
    Done,
}

/// The named file that a window works on.
struct Named {
    path: PathBuf,
    /// `None` when another window has it, or a newer version made it: then it is not written.
    lock: Option<Lock>,
    has_documents: bool,
}

/// How a window looks.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Where everything stands.
    pub layout: &'a Layout,
    /// How the views are set.
    pub views: &'a Views,
}

/// What became of something in the background.
pub enum News {
    /// A workspace is to be shown.
    Open(Box<workspace::OpenedFile>, Option<UserState>),
    /// A window goes on where it was left.
    Continue(UserState),
    /// Something to tell.
    Notice(String),
}

/// The workspace of one window.
pub struct WindowDesk {
    desk: Desk,
    jobs: Jobs<Slot, Event>,
    named: Option<Named>,
    journaled: Option<UserState>,
    next_look: Instant,
    /// Left by a window, waiting for its workspace to open.
    waiting: Option<Leftover>,
    news: Vec<News>,
    /// Trouble with the journal is told once.
    has_told: bool,
}

impl WindowDesk {
    /// With what lies ready.
    pub fn new(desk: Desk, wake: Wake) -> Self {
        Self {
            desk,
            jobs: Jobs::new(wake),
            named: None,
            journaled: None,
            next_look: Instant::now(),
            waiting: None,
            news: Vec::new(),
            has_told: false,
        }
    }

    /// What was open lately.
    pub fn recent(&self) -> &[PathBuf] {
        &self.desk.recent.paths
    }

    /// How the window shall be.
    pub fn preferences(&self) -> Preferences {
        self.desk.preferences
    }

    /// Remembers how the window shall be, for the next one, too.
    pub fn prefer(&mut self, preferences: Preferences) {
        self.desk.preferences = preferences;
        let Some(folder) = self.desk.folder.clone() else {
            return;
        };
        let _ = self.jobs.start(Slot::Preferences, "preferences", move |_| {
            // The next window is as usual when it fails, and nobody loses anything.
            let _ = preferences.save(&folder);
            Event::Done
        });
    }

    /// The name of the workspace, if it has one.
    pub fn name(&self) -> Option<String> {
        let name = self.named.as_ref()?.path.file_stem()?;
        Some(name.to_string_lossy().into_owned())
    }

    /// Goes on with a window that did not end as it should, and tells whether there is one; what it
    /// had open comes with [`poll`](Self::poll).
    pub fn continue_crashed(&mut self) -> bool {
        let at = self
            .desk
            .leftovers
            .iter()
            .position(|leftover| !leftover.is_clean);
        at.inspect(|at| self.continue_leftover(*at)).is_some()
    }

    /// Goes on with the last window.
    pub fn continue_last(&mut self) {
        if self.has_last() {
            self.continue_leftover(0);
        }
    }

    /// Whether there is one.
    pub fn has_last(&self) -> bool {
        !self.desk.leftovers.is_empty()
    }

    fn continue_leftover(&mut self, at: usize) {
        let leftover = self.desk.leftovers.remove(at);
        match leftover.workspace.clone() {
            // Its documents may lie in the workspace; what was done to it since is in the journal.
            Some(path) => {
                self.waiting = Some(leftover);
                self.open(path);
            }
            None => self.take_over(leftover),
        }
    }

    /// The state is this window's now. Its old journal stays until the new one holds it.
    fn take_over(&mut self, leftover: Leftover) {
        self.news.push(News::Continue(leftover.state.clone()));
        self.keep(leftover);
    }

    fn keep(&mut self, leftover: Leftover) {
        let Some(journal) = self.desk.journal.clone() else {
            return;
        };
        let workspace = self.named.as_ref().map(|named| named.path.clone());
        let _ = self.jobs.start(Slot::Journal, "journal", move |_| {
            let written = journal.write(&leftover.state, workspace.as_deref(), false);
            if written.is_ok() {
                leftover.remove();
            }
            Event::Journaled(Box::new(leftover.state), written)
        });
    }

    /// Remembers that something was opened.
    pub fn opened_paths(&mut self, paths: &[PathBuf]) {
        for path in paths {
            self.desk.recent.add(path);
        }
        let Some(folder) = self.desk.folder.clone() else {
            return;
        };
        let recent = self.desk.recent.clone();
        let _ = self.jobs.start(Slot::Recent, "recent", move |_| {
            // Nobody loses anything when it fails.
            let _ = recent.save(&folder);
            Event::Done
        });
    }

    /// Opens a workspace; it comes with [`poll`](Self::poll).
    pub fn open(&mut self, path: PathBuf) {
        // Or this window would be its own rival.
        self.named = None;
        self.opened_paths(std::slice::from_ref(&path));
        let folder = self.desk.folder.clone();
        let _ = self.jobs.start(Slot::Open, "open", move |_| {
            let opened = workspace::open(&path, folder.as_deref());
            Event::Opened(path, Box::new(opened))
        });
    }

    /// The window has nothing open any more.
    pub fn close(&mut self) {
        self.named = None;
    }

    /// Whether there is a file that saving would write.
    pub fn can_save(&self) -> bool {
        self.named
            .as_ref()
            .is_some_and(|named| named.lock.is_some())
    }

    /// Saves to the file that is open.
    pub fn save(&mut self, session: &Session, look: Look<'_>) {
        if let Some(named) = self.named.take_if(|named| named.lock.is_some()) {
            self.start_save(session, look, named);
        }
    }

    /// Saves under a new name, from then on the window's.
    pub fn save_as(
        &mut self,
        session: &Session,
        look: Look<'_>,
        path: PathBuf,
        has_documents: bool,
    ) -> Result<(), String> {
        let path = if workspace::is_workspace(&path) {
            path
        } else {
            let mut name = path.into_os_string();
            name.push(".");
            name.push(EXTENSION);
            PathBuf::from(name)
        };
        let own = self
            .named
            .take_if(|named| named.path == path)
            .and_then(|named| named.lock);
        let Some(lock) = own.or_else(|| workspace::lock(&path, self.desk.folder.as_deref())) else {
            return Err(format!(
                "{} is open in another window. Save under another name",
                path.display()
            ));
        };
        self.opened_paths(std::slice::from_ref(&path));
        self.start_save(
            session,
            look,
            Named {
                path,
                lock: Some(lock),
                has_documents,
            },
        );
        Ok(())
    }

    fn start_save(&mut self, session: &Session, look: Look<'_>, named: Named) {
        let state = state(session, look);
        let embedded: Option<Arc<Embedded>> = session.items().map(|items| items.embedded().clone());
        let embedded = embedded.filter(|_| named.has_documents);
        let Named {
            path,
            lock,
            has_documents,
        } = named;
        let started = self.jobs.start(Slot::Save, "save", move |_| {
            let saved = encode(&state, embedded.as_deref())
                .map_err(|source| WorkspaceError::File {
                    path: path.clone(),
                    source,
                })
                .and_then(|bytes| workspace::save(&path, &bytes));
            Event::Saved(path, has_documents, lock, saved)
        });
        if let Err(error) = started {
            let text = format!("Nothing was saved, the system has no thread left for it ({error})");
            self.news.push(News::Notice(text));
        }
    }

    /// What finished since the last call, and the journal when it is due.
    pub fn poll(&mut self, session: &Session, look: Look<'_>) -> Vec<News> {
        let mut news = std::mem::take(&mut self.news);
        for event in self.jobs.poll() {
            match event {
                Event::Opened(path, opened) => self.take_opened(path, *opened, &mut news),
                Event::Saved(path, has_documents, lock, saved) => {
                    news.push(News::Notice(match &saved {
                        Ok(()) => format!("Saved to {}", path.display()),
                        Err(error) => told(error),
                    }));
                    self.named = Some(Named {
                        path,
                        lock,
                        has_documents,
                    });
                }
                Event::Journaled(state, Ok(())) => self.journaled = Some(*state),
                Event::Journaled(state, Err(error)) => {
                    // Not tried again until something changes.
                    self.journaled = Some(*state);
                    if !std::mem::replace(&mut self.has_told, true) {
                        news.push(News::Notice(format!(
                            "What you do is not kept for the next start, because it could not be written ({error})"
                        )));
                    }
                }
                Event::Done => {}
            }
        }
        self.journal(session, look);
        news
    }

    fn take_opened(
        &mut self,
        path: PathBuf,
        opened: Result<OpenedFile, WorkspaceError>,
        news: &mut Vec<News>,
    ) {
        let mut opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                news.push(News::Notice(told(&error)));
                if let Some(leftover) = self.waiting.take() {
                    self.take_over(leftover);
                }
                return;
            }
        };
        let lock = opened.lock.take().filter(|_| !opened.content.is_newer);
        if opened.content.is_newer {
            let text = "A newer Semascope made this workspace, so it is not written over. \
                        Save it under another name to keep what you change";
            news.push(News::Notice(text.into()));
        } else if lock.is_none() {
            let text = "This workspace is open in another window, so this is a copy. \
                        Save it under another name to keep what you change";
            news.push(News::Notice(text.into()));
        }
        self.named = Some(Named {
            path,
            lock,
            has_documents: opened.content.has_documents(),
        });
        let waiting = self.waiting.take();
        let state = waiting.as_ref().map(|leftover| leftover.state.clone());
        news.push(News::Open(Box::new(opened), state));
        if let Some(leftover) = waiting {
            self.keep(leftover);
        }
    }

    fn journal(&mut self, session: &Session, look: Look<'_>) {
        if Instant::now() < self.next_look {
            return;
        }
        self.next_look = Instant::now() + LOOK_EVERY;
        let Some(journal) = self.desk.journal.clone() else {
            return;
        };
        let state = state(session, look);
        let is_writing = self.jobs.running().any(|(slot, _)| slot == Slot::Journal);
        let is_new = self
            .journaled
            .as_ref()
            .map_or(!state.is_empty(), |written| *written != state);
        if is_writing || !is_new {
            return;
        }
        let workspace = self.named.as_ref().map(|named| named.path.clone());
        let _ = self.jobs.start(Slot::Journal, "journal", move |_| {
            let written = journal.write(&state, workspace.as_deref(), false);
            Event::Journaled(Box::new(state), written)
        });
    }

    /// How soon to look again.
    pub fn look_again_in(&self) -> Option<Duration> {
        self.desk.journal.is_some().then_some(LOOK_EVERY)
    }

    /// The window closes as it should.
    pub fn end(&self, session: &Session, look: Look<'_>) {
        if let Some(journal) = &self.desk.journal {
            let workspace = self.named.as_ref().map(|named| named.path.as_path());
            let _ = journal.write(&state(session, look), workspace, true);
        }
    }
}

/// Beside the arrangement of the window.
const VIEWS: &str = "views";

/// The layout and the views as a file has them.
pub fn restored_look(saved: Option<&serde_json::Value>, view: &str) -> (Layout, Views) {
    let views = saved.and_then(|saved| saved.get(VIEWS));
    (Layout::restored(saved, view), Views::restored(views))
}

/// What a file shall hold of this window.
fn state(session: &Session, look: Look<'_>) -> UserState {
    let state = session.user_state(look.layout.front().key());
    let mut layout = look.layout.saved();
    if let (Some(layout), Some(views)) = (&mut layout, look.views.saved()) {
        layout[VIEWS] = views;
    }
    state.with_layout(layout)
}

fn told(error: &WorkspaceError) -> String {
    use std::error::Error as _;
    let cause = error
        .source()
        .map(|cause| format!(" ({cause})"))
        .unwrap_or_default();
    crate::message::sentence(&format!("{error}{cause}"))
}

/// The name of a path for a list.
pub fn short_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
