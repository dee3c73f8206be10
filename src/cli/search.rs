//! `semascope search`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use super::named::item_of;
use super::run::{ExitStatus, one_line};
use super::wheel::{EMBEDDED, explored, turn};
use crate::session::{Command, Example, Query, Settings, Stage};
use crate::text::Tools;

/// What to search for, and how to show it.
pub struct Wish {
    /// Words and filter.
    pub query: Query,
    /// Files to be like.
    pub like: Vec<PathBuf>,
    /// Files to be unlike.
    pub unlike: Vec<PathBuf>,
    /// How many to show.
    pub k: usize,
    /// JSON instead of text.
    pub json: bool,
}

/// Lists the items that are nearest to a wish.
///
/// # Errors
/// A sentence for people when a file to be like is not among those that were read.
pub fn search(
    settings: Settings,
    tools: &Tools,
    wish: Wish,
    paths: Vec<PathBuf>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let Wish {
        query,
        like,
        unlike,
        k,
        json: as_json,
    } = wish;
    let mut session = explored(settings, tools, [Command::AddPaths(paths)], &EMBEDDED)?;
    session.apply(Command::Search(query.words));
    session.apply(Command::Filter(query.filter));
    for (files, example) in [(like, Example::Like), (unlike, Example::Unlike)] {
        for file in files {
            let item = item_of(&session, &file)?;
            session.apply(Command::SearchLike(item, example));
        }
    }
    turn(&mut session, &[Stage::Search])?;
    let items = session.items().context("nothing was embedded")?;
    let found = session
        .search_hits()
        .context("there are no words to search for")?;
    let embedded = items.embedded();
    let excerpt = |passage: usize| {
        let passage = &embedded.passages.list[passage];
        one_line(&embedded.corpus.documents[passage.document].text[passage.range.clone()])
    };
    let hits = found.hits.iter().take(k);
    if as_json {
        let hits: Vec<_> = hits
            .map(|hit| {
                let document = items.document(hit.item);
                let place = document.place(&embedded.passages.list[hit.passage].range);
                let cosine = found.is_ranked().then_some(hit.cosine);
                json!({"cosine": cosine, "title": items.title(hit.item), "place": place,
                    "source": document.source.to_string(), "passage": excerpt(hit.passage)})
            })
            .collect();
        writeln!(
            out,
            "{:#}",
            json!({"query": found.query.words, "documents": items.n(), "filtered_out": found.n_filtered, "hits": hits})
        )?;
        return Ok(ExitStatus::Success);
    }
    for hit in hits {
        let excerpt = shortened(excerpt(hit.passage));
        let document = items.document(hit.item);
        let place = document.place(&embedded.passages.list[hit.passage].range);
        let place = place.map(|place| format!(", {place}")).unwrap_or_default();
        let source = &document.source;
        // Where only words had to be there, nothing is nearer than anything else.
        let cosine = if found.is_ranked() {
            format!("{:.2}", hit.cosine)
        } else {
            "    ".into()
        };
        let title = items.title(hit.item);
        writeln!(out, "{cosine}  {title}  ({source}{place})\n      {excerpt}")?;
    }
    Ok(ExitStatus::Success)
}

/// The first 160 characters, and a sign that there are more.
fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(160) {
        text.truncate(end);
        text.push('…');
    }
    text
}
