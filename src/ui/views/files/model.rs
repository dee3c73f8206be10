//! What there is to say of the files, line by line.

use std::path::PathBuf;

use crate::embed::EmbedderChoice;
use crate::message::{Level, Message, Topic, sentence};
use crate::session::{MULTILINGUAL_MODEL, Session};

/// One line of the view; all are of the same height, so that a million scroll as ten do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A headline, and what can be done about it.
    Head(String, Level, Option<Action>),
    /// Something that was not read: why, what, and the file to show.
    Skipped(String, String, Option<PathBuf>),
    /// A remark.
    Text(String),
    /// Nothing.
    Gap,
}

/// What a headline offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read everything again, poisonous files too.
    TryAgain,
    /// Read what was left out.
    ReadHidden,
    /// Leave hidden files out again.
    LeaveHidden,
    /// Use the built-in model again.
    UseBundled,
    /// Use a model for many languages.
    UseMultilingual,
}

/// All lines, the gravest first.
pub fn lines(session: &Session) -> Vec<Line> {
    let mut lines = Vec::new();
    for message in session.messages() {
        let action = action(&message, session);
        lines.push(Line::Head(message.summary.clone(), message.level, action));
        if message.topic == Topic::Skipped {
            let skipped = session
                .corpus()
                .map(|corpus| &corpus.skipped[..])
                .unwrap_or_default();
            lines.extend(skipped.iter().map(|skipped| {
                let file = skipped.source.file().map(ToOwned::to_owned);
                Line::Skipped(sentence(&skipped.reason), skipped.source.to_string(), file)
            }));
        } else {
            lines.extend(
                message
                    .details
                    .iter()
                    .map(|line| Line::Text(sentence(line))),
            );
        }
        lines.push(Line::Gap);
    }
    lines
}

/// The model for many languages.
pub fn multilingual() -> EmbedderChoice {
    EmbedderChoice::Hub(MULTILINGUAL_MODEL.to_owned())
}

fn action(message: &Message, session: &Session) -> Option<Action> {
    match message.topic {
        Topic::Skipped => Some(Action::TryAgain),
        Topic::LeftOut if session.settings.read.with_hidden => None,
        Topic::LeftOut => Some(Action::ReadHidden),
        Topic::Model => Some(Action::UseBundled),
        Topic::HiddenRead => Some(Action::LeaveHidden),
        Topic::Languages => {
            let can_fetch =
                cfg!(feature = "hub") && session.settings.model == EmbedderChoice::Bundled;
            can_fetch.then_some(Action::UseMultilingual)
        }
        Topic::General => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::session::{Command, Settings, Stage};
    use crate::text::Tools;

    #[test]
    fn skipped_files_come_first_with_their_reason_and_a_way_on() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("a.txt", "Some words."),
            ("b.txt", ""),
            (".c.txt", "x"),
            ("d.md", "Some words."),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut session = Session::new(Settings::default(), Tools::default());
        session.apply(Command::AddPaths(vec![folder.path().into()]));
        let read = session
            .due()
            .into_iter()
            .find(|work| work.stage == Stage::Corpus)
            .unwrap();
        session.begin(&read);
        session.absorb(read.run(&Progress::new()));

        let lines = lines(&session);
        let bad = folder.path().join("b.txt");
        assert_eq!(
            lines[..2],
            [
                Line::Head(
                    "1 file or row could not be read".into(),
                    Level::Warning,
                    Some(Action::TryAgain)
                ),
                Line::Skipped("Empty".into(), bad.display().to_string(), Some(bad)),
            ]
        );
        assert!(
            lines
                .iter()
                .any(|line| matches!(line, Line::Head(_, _, Some(Action::ReadHidden))))
        );
        assert!(
            lines
                .iter()
                .any(|line| matches!(line, Line::Text(text) if text.contains("a.txt = ")))
        );
    }
}
