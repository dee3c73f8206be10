//! `semascope why`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

use super::named::item_of;
use super::run::{ExitStatus, one_line};
use super::wheel::{EMBEDDED, explored, turn};
use crate::session::{Command, Settings, Stage};
use crate::text::Tools;

/// Tells why a document is in its cluster: what each of its sentences contributes to its cosine to
/// the cluster's center.
///
/// # Errors
/// A sentence for people when the file is not one document among those that were read.
pub fn why(
    settings: Settings,
    tools: &Tools,
    file: &Path,
    paths: Vec<PathBuf>,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let stages = [&EMBEDDED[..], &[Stage::Neighbors, Stage::Clusters]].concat();
    let mut session = explored(settings, tools, [Command::AddPaths(paths)], &stages)?;
    session.apply(Command::Select(Some(item_of(&session, file)?)));
    session.apply(Command::ExplainSelected(true));
    turn(&mut session, &[Stage::Belonging])?;
    let items = session.items().context("nothing was embedded")?;
    let clusters = session.clusters().context("nothing was clustered")?;
    let found = session.belonging().context("nothing was explained")?;
    let text = items.text(found.item);
    let sentence = |at: usize| one_line(&text[found.sentences[at].clone()]);
    if as_json {
        let sentences = (0..found.sentences.len()).map(|at| {
            json!({"text": sentence(at), "contribution": found.contributions[at], "without": found.without[at]})
        });
        let next = found.next.map(|(cluster, cosine)| {
            json!({"cluster": cluster, "name": clusters.name(cluster), "cosine": cosine})
        });
        let value = json!({
            "title": items.title(found.item), "cluster": found.cluster,
            "name": clusters.name(found.cluster), "is_member": found.is_member,
            "score": found.score, "residual": found.residual, "exact": found.is_exact, "next": next,
            "sentences": sentences.collect::<Vec<_>>(),
        });
        writeln!(out, "{value:#}")?;
        return Ok(ExitStatus::Success);
    }
    let name = clusters.name(found.cluster);
    let place = if found.is_member {
        "in the cluster"
    } else {
        "in no cluster; the nearest is"
    };
    writeln!(out, "{} is {place} “{name}”", items.title(found.item))?;
    writeln!(out, "{:.3}  cosine to its center", found.score)?;
    if let Some((cluster, cosine)) = found.next {
        let name = clusters.name(cluster);
        writeln!(out, "{cosine:.3}  to that of the next, “{name}”")?;
    }
    let exactly = if found.is_exact {
        ""
    } else {
        ", approximately"
    };
    writeln!(
        out,
        "\nWhat its sentences contribute{exactly}, and the cosine without each"
    )?;
    let mut order: Vec<usize> = (0..found.sentences.len()).collect();
    order.sort_by(|a, b| found.contributions[*b].total_cmp(&found.contributions[*a]));
    for at in order {
        let (contribution, without) = (found.contributions[at], found.without[at]);
        writeln!(out, "{contribution:>+7.3}  {without:.3}  {}", sentence(at))?;
    }
    writeln!(
        out,
        "{:>+7.3}         the model's own tokens",
        found.residual
    )?;
    Ok(ExitStatus::Success)
}
