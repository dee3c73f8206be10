//! `semascope duplicates`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use super::run::ExitStatus;
use super::wheel::{EMBEDDED, explored};
use crate::message::count;
use crate::session::{Command, Settings, Stage};
use crate::text::Tools;

/// Lists groups of documents that say the same, and sentences that stand in many.
///
/// # Errors
/// When nothing could be read.
pub fn duplicates(
    settings: Settings,
    tools: &Tools,
    paths: Vec<PathBuf>,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let stages = [&EMBEDDED[..], &[Stage::Neighbors, Stage::Duplicates]].concat();
    let session = explored(settings, tools, [Command::AddPaths(paths)], &stages)?;
    let items = session.items().context("nothing was embedded")?;
    let found = session.duplicates().context("nothing was compared")?;
    let repeated = session.boilerplate().context("nothing was read")?;
    let source = |item: usize| items.document(item).source.to_string();
    let copies = |item: usize| items.document(item).copies.iter().map(ToString::to_string);
    if as_json {
        let groups = found.groups.iter().map(|group| {
            let members = group.items.iter().map(|item| {
                json!({"source": source(*item), "title": items.title(*item),
                    "identical": copies(*item).collect::<Vec<_>>()})
            });
            json!({"original": source(group.original), "weakest": group.weakest,
                "strongest": group.strongest, "documents": members.collect::<Vec<_>>()})
        });
        let pairs = found
            .pairs
            .iter()
            .map(|(a, b, cosine)| json!({"a": source(*a), "b": source(*b), "cosine": cosine}));
        let sentences = repeated
            .sentences
            .iter()
            .map(|sentence| json!({"text": sentence.text, "documents": sentence.n_documents}));
        let value = json!({
            "threshold": found.threshold, "suggested": found.suggested,
            "groups": groups.collect::<Vec<_>>(), "pairs": pairs.collect::<Vec<_>>(),
            "documents_with_more_pairs": found.n_items_at_limit,
            "repeated_sentences": sentences.collect::<Vec<_>>(),
            "boilerplate_left_out": session.settings.without_boilerplate,
        });
        writeln!(out, "{value:#}")?;
        return Ok(ExitStatus::Success);
    }
    writeln!(
        out,
        "{} of {} in {} at a cosine of {:.2} or more",
        count(found.n_items(), "document"),
        items.n(),
        count(found.groups.len(), "group"),
        found.threshold
    )?;
    if found.n_items_at_limit > 0 {
        writeln!(
            out,
            "{} so many duplicates that only the nearest {} are listed as pairs; the groups are whole",
            if found.n_items_at_limit == 1 {
                "One document has".to_owned()
            } else {
                format!("{} have", count(found.n_items_at_limit, "document"))
            },
            crate::session::NEIGHBORS_PER_ITEM
        )?;
    }
    for group in &found.groups {
        writeln!(out, "\n{:.3} to {:.3}", group.weakest, group.strongest)?;
        for item in &group.items {
            let mark = if *item == group.original {
                "original?"
            } else {
                ""
            };
            writeln!(
                out,
                "  {mark:9}  {}  ({})",
                items.title(*item),
                source(*item)
            )?;
        }
    }
    let identical: Vec<usize> = (0..items.n())
        .filter(|item| copies(*item).next().is_some())
        .collect();
    if !identical.is_empty() {
        writeln!(out, "\nWord for word the same, read once:")?;
        for item in identical {
            let all: Vec<String> = copies(item).collect();
            writeln!(out, "  {} = {}", source(item), all.join(" = "))?;
        }
    }
    if !repeated.sentences.is_empty() {
        let note = if session.settings.without_boilerplate {
            "left out"
        } else {
            "--without-boilerplate leaves them out"
        };
        let n = count(repeated.n_documents(), "document");
        writeln!(out, "\nSentences that {n} share ({note}):")?;
        for sentence in &repeated.sentences {
            writeln!(out, "  {}×  {}", sentence.n_documents, sentence.text)?;
        }
    }
    Ok(ExitStatus::Success)
}
