//! What the program tells a person: one sentence, with the chain behind a fold.

use std::error::Error;

use crate::progress::Snapshot;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something was left out or fell short; the work went on.
    Warning,
    /// The work ended without a result.
    Error,
}

/// What a message is about, where something can be done about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Topic {
    /// Anything else.
    #[default]
    General,
    /// Files and rows that could not be read.
    Skipped,
    /// Files that were left out on purpose.
    LeftOut,
    /// Another model than the built-in one is in use.
    Model,
    /// Hidden files are read, as the user asked.
    HiddenRead,
    /// Documents in languages that the model was not trained on.
    Languages,
}

/// One sentence for people, with details for those who ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is about.
    pub topic: Topic,
    /// How much it matters.
    pub level: Level,
    /// What happened, and what to do.
    pub summary: String,
    /// One line each; may be empty.
    pub details: Vec<String>,
}

impl Message {
    /// A message without details.
    pub fn new(level: Level, summary: impl Into<String>) -> Self {
        Self {
            topic: Topic::General,
            level,
            summary: summary.into(),
            details: Vec::new(),
        }
    }

    /// The same message with details.
    pub fn with_details(self, details: Vec<String>) -> Self {
        Self { details, ..self }
    }

    /// The same message about something that can be helped.
    pub fn about(self, topic: Topic) -> Self {
        Self { topic, ..self }
    }

    /// An error with its whole chain of causes as details.
    pub fn from_error(error: &dyn Error) -> Self {
        let mut details = Vec::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            details.push(error.to_string());
            cause = error.source();
        }
        Self::new(Level::Error, sentence(&error.to_string())).with_details(details)
    }
}

/// Makes an error text, which by habit begins in lower case, a sentence.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// `1 document`, `2 documents`, `12,345 documents`: a count as people write it.
pub fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(n))
}

/// `Embedding 3,120 of 5,004 · 208/s · 10 s left`: how far a step is.
pub fn progress_line(snapshot: &Snapshot) -> String {
    let mut parts = vec![snapshot.step.to_owned()];
    if snapshot.total > 0 {
        parts[0] = format!(
            "{} {} of {}",
            snapshot.step,
            grouped(snapshot.done),
            grouped(snapshot.total)
        );
    } else if snapshot.done > 0 {
        parts[0] = format!("{} {}", snapshot.step, grouped(snapshot.done));
    }
    if let (Some(rate), Some(remaining)) = (snapshot.rate(), snapshot.remaining()) {
        parts.push(format!("{}/s", grouped(rate.round() as usize)));
        parts.push(format!(
            "{} s left",
            grouped(remaining.as_secs_f64().ceil() as usize)
        ));
    }
    parts.join(" · ")
}

/// `12,345`: digits in groups of three.
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_groups_digits_and_forms_plurals() {
        assert_eq!(count(1, "document"), "1 document");
        assert_eq!(count(999, "token"), "999 tokens");
        assert_eq!(count(1_234_567, "token"), "1,234,567 tokens");
    }

    #[test]
    fn progress_says_what_how_far_how_fast_and_how_long() {
        let mut snapshot = Snapshot {
            step: "Embedding",
            done: 3120,
            total: 5004,
            elapsed: std::time::Duration::from_secs(15),
        };
        let line = progress_line(&snapshot);
        assert_eq!(line, "Embedding 3,120 of 5,004 · 208/s · 10 s left");
        snapshot.total = 0;
        assert_eq!(progress_line(&snapshot), "Embedding 3,120");
    }

    #[test]
    fn it_keeps_the_chain_of_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("could not save the map")]
        struct NotSaved(#[from] std::io::Error);

        let error = NotSaved(std::io::Error::other("disk on fire"));
        let message = Message::from_error(&error);
        assert_eq!(message.summary, "Could not save the map");
        assert_eq!(message.details, ["disk on fire"]);
    }
}
