//! `semascope models`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use super::run::ExitStatus;
use super::wheel::{EMBEDDED, explored};
use crate::analysis::RankChange;
use crate::message::count;
use crate::session::{Command, Settings, Stage};
use crate::text::Tools;

/// Documents and pairs that the text output lists; JSON has all.
const N_LISTED: usize = 10;

/// Tells how far two models agree on the same documents.
///
/// # Errors
/// When nothing could be read or a model could not be opened.
pub fn models(
    settings: Settings,
    tools: &Tools,
    paths: Vec<PathBuf>,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let stages = [&EMBEDDED[..], &[Stage::Neighbors, Stage::Agreement]].concat();
    let session = explored(settings, tools, [Command::AddPaths(paths)], &stages)?;
    let items = session.items().context("nothing was embedded")?;
    let found = session.agreement().context("nothing was compared")?;
    let agreement = &found.agreement;
    let source = |item: usize| items.document(item).source.to_string();
    if as_json {
        let neighbors = |item: usize| -> Vec<_> {
            let changes = found.rank_changes(item, N_LISTED).into_iter();
            let told = |near: RankChange| json!({"source": source(near.item), "rank_first": near.rank_a, "rank_second": near.rank_b});
            changes.map(told).collect()
        };
        let documents = agreement.movers.iter().map(
            |item| json!({"source": source(*item), "title": items.title(*item), "overlap": agreement.of_item[*item], "neighbors": neighbors(*item)}),
        );
        let pairs = agreement.disagreements.iter().map(|pair| {
            json!({"a": source(pair.a), "b": source(pair.b), "cosine_first": pair.cosine_a,
                "cosine_second": pair.cosine_b, "rank_first": pair.rank_a, "rank_second": pair.rank_b,
                "difference": pair.difference})
        });
        let value = json!({
            "first": found.tags.0.to_string(), "second": found.tags.1.to_string(),
            "mean_overlap": agreement.mean, "map_disparity": found.disparity, "pairs_compared": agreement.n_pairs, "pairs_listed": agreement.disagreements.len(), "documents": documents.collect::<Vec<_>>(),
            "pairs": pairs.collect::<Vec<_>>(),
        });
        writeln!(out, "{value:#}")?;
        return Ok(ExitStatus::Success);
    }
    writeln!(out, "first   {}\nsecond  {}", found.tags.0, found.tags.1)?;
    writeln!(
        out,
        "{:.3} of the nearest are the same for both, on average over {} documents",
        agreement.mean,
        items.n()
    )?;
    let moved = agreement
        .movers
        .iter()
        .filter(|item| agreement.of_item[**item] < 1.0);
    for (at, item) in moved.take(N_LISTED).enumerate() {
        if at == 0 {
            writeln!(out, "\nDocuments with the most different neighbors")?;
        }
        writeln!(
            out,
            "  {:.2}  {}",
            agreement.of_item[*item],
            items.title(*item)
        )?;
    }
    for (at, pair) in agreement.disagreements.iter().take(N_LISTED).enumerate() {
        if at == 0 {
            writeln!(
                out,
                "\nPairs that they judge most differently (first, second)"
            )?;
        }
        let (a, b) = (items.title(pair.a), items.title(pair.b));
        writeln!(
            out,
            "  {:.2}  {:.2}  {a}  ↔  {b}",
            pair.cosine_a, pair.cosine_b
        )?;
    }
    writeln!(
        out,
        "\n{} compared; at most {N_LISTED} of each kind are shown, --json lists {} and {}",
        count(agreement.n_pairs, "pair"),
        count(agreement.movers.len(), "document"),
        count(agreement.disagreements.len(), "pair"),
    )?;
    Ok(ExitStatus::Success)
}
