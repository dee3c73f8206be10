//! What was not read, and why.

use super::markup::Html;
use super::places::Places;
use super::subject::{rest, table};
use crate::embed::EmbedderChoice;
use crate::message::{Topic, count};
use crate::session::{Session, skipped_count};
use crate::text::Corpus;

/// Files and rows that are listed at most; the page says how many more there are.
const MAX_LISTED: usize = 1_000;

/// The section.
pub fn section(html: &mut Html, session: &Session, corpus: &Corpus, places: &Places) {
    html.element("section", &[("aria-labelledby", "unread")], |html| {
        html.leaf("h2", &[("id", "unread")], "What was not read");
        skipped(html, corpus, places);
        for (summary, details) in told(session) {
            html.leaf("p", &[], &format!("{summary}."));
            if !details.is_empty() {
                lines(html, &details);
            }
        }
        if !corpus.notes.is_empty() {
            let n = count(corpus.notes.len(), "note");
            html.element("details", &[], |html| {
                html.leaf("summary", &[], &format!("{n} about what was read"));
                rest(
                    html,
                    corpus.notes.len().min(MAX_LISTED),
                    corpus.notes.len(),
                    "notes",
                );
                let notes = corpus.notes.iter().take(MAX_LISTED);
                lines(
                    html,
                    &notes.map(|note| places.sentence(note)).collect::<Vec<_>>(),
                );
            });
        }
    });
}

fn skipped(html: &mut Html, corpus: &Corpus, places: &Places) {
    let n = corpus.skipped.len();
    if n == 0 {
        html.leaf("p", &[], "Every file that was looked at could be read.");
        return;
    }
    html.leaf(
        "p",
        &[],
        &format!("{} could not be read.", skipped_count(n)),
    );
    rest(html, n.min(MAX_LISTED), n, "files or rows");
    table(
        html,
        "Files that could not be read",
        &["File", "Why"],
        0,
        |html| {
            html.element("tbody", &[], |html| {
                for skipped in corpus.skipped.iter().take(MAX_LISTED) {
                    html.element("tr", &[], |html| {
                        html.element("td", &[], |html| {
                            html.quoted(&places.source(&skipped.source));
                        });
                        // Some reasons name a column or a sheet.
                        html.element("td", &[], |html| html.quoted(&skipped.reason));
                    });
                }
            });
        },
    );
}

/// What was left out on purpose, and languages that the model was not trained on.
fn told(session: &Session) -> impl Iterator<Item = (String, Vec<String>)> {
    let is_bundled = session.settings.model == EmbedderChoice::Bundled;
    let reads_english = is_bundled && session.own_vectors().is_none();
    let messages = session.reading_messages().into_iter();
    let wanted = messages.filter(move |message| match message.topic {
        Topic::LeftOut | Topic::HiddenRead => true,
        Topic::Languages => reads_english,
        Topic::General | Topic::Skipped | Topic::Model => false,
    });
    wanted.map(|message| match message.topic {
        // The page tells the languages at its top.
        Topic::Languages => (message.summary, Vec::new()),
        _ => (message.summary, message.details),
    })
}

fn lines(html: &mut Html, lines: &[String]) {
    html.element("ul", &[], |html| {
        for line in lines {
            html.element("li", &[], |html| html.quoted(line));
        }
    });
}
