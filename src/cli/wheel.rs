//! The loop of the command line: take what is due, run it, absorb it, until nothing is due.

#![expect(
    clippy::print_stderr,
    reason = "messages for people belong on standard error"
)]

use anyhow::bail;

use super::bar::watched;
use super::run::say_notices;
use crate::message::{Message, sentence};
use crate::session::{Command, Session, Settings, Stage, Status, skipped_count};
use crate::text::Tools;

/// What every command needs.
pub const EMBEDDED: [Stage; 5] = [
    Stage::Model,
    Stage::Corpus,
    Stage::Boilerplate,
    Stage::Passages,
    Stage::Embedding,
];

/// A session in which what is due of `stages` is done.
pub fn explored(
    settings: Settings,
    tools: &Tools,
    commands: impl IntoIterator<Item = Command>,
    stages: &[Stage],
) -> anyhow::Result<Session> {
    let mut session = Session::new(settings, tools.clone());
    commands
        .into_iter()
        .for_each(|command| session.apply(command));
    turn(&mut session, stages)?;
    tools.cache.iter().for_each(say_notices);
    Ok(session)
}

/// Does what is due of `stages`, until nothing is.
pub fn turn(session: &mut Session, stages: &[Stage]) -> anyhow::Result<()> {
    let next = |session: &Session| {
        let mut due = session.due().into_iter();
        due.find(|work| stages.contains(&work.stage))
    };
    while let Some(work) = next(session) {
        session.begin(&work);
        let stage = work.stage;
        let outcome = watched(|progress| work.run(progress));
        session.absorb(outcome);
        if let Status::Failed(_, message) = session.status(stage) {
            let mut error = anyhow::Error::msg(message.details.join(": "));
            if message.details.is_empty() {
                error = anyhow::Error::msg(message.summary.clone());
            } else {
                error = error.context(message.summary.clone());
            }
            return Err(error);
        }
        if stage == Stage::Corpus {
            report_reading(session)?;
        }
    }
    Ok(())
}

/// Says a message for people.
pub fn say(message: &Message) {
    eprintln!("{}", message.summary);
    for line in &message.details {
        eprintln!("  {}", sentence(line));
    }
}

/// Says what was left out; fails when nothing is left.
fn report_reading(session: &Session) -> anyhow::Result<()> {
    let Some(corpus) = session.corpus() else {
        return Ok(());
    };
    session.reading_messages().iter().for_each(say);
    if corpus.documents.is_empty() && corpus.skipped.is_empty() {
        bail!("there are no files here; name a folder or files that hold text");
    }
    if corpus.documents.is_empty() {
        bail!(
            "{} found, but none could be read; the reasons are above",
            skipped_count(corpus.skipped.len())
        );
    }
    Ok(())
}
