//! Undo and redo: what a person pointed at, filtered, hid and wrote on documents.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::Command;
use super::rows::Narrowing;
use super::saved_searches::SavedSearch;
use super::search::Query;
use super::selection::Selection;
use super::triage::Decisions;

/// Steps that can be undone; the oldest give way.
const MAX_STEPS: usize = 200;

/// What a wish is called if it can be undone, and what it is about if the same again is no new step.
pub(super) fn step(command: &Command) -> Option<(&'static str, Option<String>)> {
    let once = |name| Some((name, None));
    match command {
        Command::Select(_) => once("Select"),
        Command::Choose(..) | Command::ChooseAll => once("Choose"),
        Command::Compare(..)
        | Command::SwapCompared
        | Command::CompareWith(..)
        | Command::CompareItems => once("Compare"),
        Command::SearchLike(..) | Command::EndSearch | Command::RunSaved(_) => once("Search"),
        Command::SaveSearch(_) | Command::RemoveSaved(_) => once("Saved search"),
        Command::Decide(_) | Command::SetApart(..) => once("Decide"),
        Command::ShowCluster(..) | Command::ShowAll => once("Filter"),
        // Typed or dragged step by step.
        Command::Search(_) => Some(("Search", Some("search".into()))),
        Command::Filter(_) => Some(("Filter", Some("must contain".into()))),
        Command::Want(column, _) => Some(("Filter", Some(format!("filter {}", column.name())))),
        Command::SetTags(source, _) => Some(("Tag", Some(format!("tag {source}")))),
        Command::HideChosen | Command::ShowChosenOnly => once("Hide"),
        Command::TagChosen(_) | Command::UntagChosen(_) => once("Tag"),
        _ => None,
    }
}

/// What undo brings back.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    pub(super) selection: Selection,
    pub(super) narrowing: Narrowing,
    pub(super) query: Query,
    pub(super) tags: Arc<BTreeMap<String, String>>,
    pub(super) saved: Arc<Vec<SavedSearch>>,
    pub(super) decisions: Arc<Decisions>,
}

impl Moment {
    /// Whether the two differ in more than what the mouse is over.
    fn differs(&self, other: &Self) -> bool {
        let still = |moment: &Self| Self {
            selection: Selection {
                hovered: None,
                ..moment.selection.clone()
            },
            ..moment.clone()
        };
        still(self) != still(other)
    }
}

/// What can be undone and done again.
#[derive(Debug, Clone, Default)]
pub struct History {
    before: Vec<(Moment, &'static str)>,
    after: Vec<(Moment, &'static str)>,
    /// What the last step was about; a step that goes on with it, as typing does, is no new one.
    last: Option<String>,
}

impl History {
    /// What would be undone, in words.
    pub fn can_undo(&self) -> Option<&'static str> {
        self.before.last().map(|(_, name)| *name)
    }

    /// What would be done again, in words.
    pub fn can_redo(&self) -> Option<&'static str> {
        self.after.last().map(|(_, name)| *name)
    }

    /// Notes a step from `before` to `now`. Steps with the same `about` in a row are one.
    pub(super) fn note(
        &mut self,
        before: Moment,
        now: &Moment,
        name: &'static str,
        about: Option<String>,
    ) {
        if !before.differs(now) {
            return;
        }
        self.after.clear();
        let goes_on = about.is_some() && self.last == about;
        self.last = about;
        if goes_on {
            return;
        }
        if self.before.len() == MAX_STEPS {
            self.before.remove(0);
        }
        self.before.push((before, name));
    }

    /// The moment before the last step; `now` can then be had again.
    pub(super) fn undo(&mut self, now: Moment) -> Option<Moment> {
        let (moment, name) = self.before.pop()?;
        self.after.push((now, name));
        self.last = None;
        Some(moment)
    }

    /// The moment that was undone last.
    pub(super) fn redo(&mut self, now: Moment) -> Option<Moment> {
        let (moment, name) = self.after.pop()?;
        self.before.push((now, name));
        self.last = None;
        Some(moment)
    }
}
