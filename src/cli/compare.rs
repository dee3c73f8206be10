//! `semascope compare`.

use std::fmt::Write as _;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::Context as _;
use ndarray::Array2;
use serde_json::{Value, json};

use super::named::item_of;
use super::run::{ExitStatus, one_line};
use super::wheel::{EMBEDDED, explored, turn};
use crate::analysis::Contribution;
use crate::session::{Command, Comparison, Items, Settings, Stage};
use crate::text::Tools;

/// Pairs of sentences that are printed.
const PRINTED_PAIRS: usize = 10;

/// Shows why two documents have the score that they have; with others, also what they have in common
/// beyond what all share.
///
/// # Errors
/// A sentence for people when a side is not one document.
pub fn compare(
    settings: Settings,
    tools: &Tools,
    (left, right): (PathBuf, PathBuf),
    among: Vec<PathBuf>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let add = [vec![left.clone()], vec![right.clone()], among]
        .into_iter()
        .filter(|paths| !paths.is_empty())
        .map(Command::AddPaths);
    let mut session = explored(settings, tools, add, &EMBEDDED)?;
    let pair = (item_of(&session, &left)?, item_of(&session, &right)?);
    session.apply(Command::Compare(pair.0, pair.1));
    turn(&mut session, &[Stage::Comparison])?;
    let items = session.items().context("nothing was embedded")?;
    let comparison = session.comparison().context("nothing was compared")?;
    if json {
        writeln!(out, "{:#}", as_json(items, comparison))?;
    } else {
        write!(out, "{}", as_text(items, comparison))?;
    }
    Ok(ExitStatus::Success)
}

/// The score, what each pair of sentences contributes to it, and the sentences that match.
///
/// `contributions` has a row per left and a column per right sentence, and behind them the residual
/// row and column; all of it sums to `score`. `relative` is the same beyond what all documents share,
/// and `without_left` the score without each left sentence.
fn as_json(items: Items<'_>, comparison: &Comparison) -> Value {
    let (a, b) = comparison.pair;
    let texts = |item: usize, ranges: &[Range<usize>]| -> Vec<String> {
        let text = items.text(item);
        ranges
            .iter()
            .map(|range| one_line(&text[range.clone()]))
            .collect()
    };
    let (left, right) = (texts(a, &comparison.left), texts(b, &comparison.right));
    let explanation = &comparison.explanation;
    let matches: Vec<Value> = comparison
        .matches
        .iter()
        .map(|found| {
            json!({
                "cosine": found.cosine,
                "contribution": comparison.contribution(found.left, found.right),
                "left": left[found.left],
                "right": right[found.right],
            })
        })
        .collect();
    let side = |item: usize| {
        json!({
            "title": items.title(item),
            "source": items.document(item).source.to_string(),
            "tokens": items.n_tokens(item),
        })
    };
    let relative = comparison.relative.as_ref();
    let relative = relative
        .map(|found| json!({"score": found.score, "contributions": rows(&found.contributions)}));
    json!({
        "score": comparison.score,
        "left": side(a),
        "right": side(b),
        "matches": matches,
        "exact": explanation.is_exact,
        "contributions": rows(&explanation.contributions),
        "shared_words": comparison.shared_words.0,
        "relative": relative,
        "without_left": comparison.without.0,
        "without_right": comparison.without.1,
        "residual": {"row": left.len(), "column": right.len()},
        "sentences_left": left,
        "sentences_right": right,
    })
}

fn rows(matrix: &Array2<f32>) -> Vec<Vec<f32>> {
    matrix.rows().into_iter().map(|row| row.to_vec()).collect()
}

/// The score and the pairs of sentences that contribute most to it.
fn as_text(items: Items<'_>, comparison: &Comparison) -> String {
    let (a, b) = comparison.pair;
    let explanation = &comparison.explanation;
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        writeln!(out, "{text}").expect("a string takes any text");
    };
    line(format_args!(
        "{:.3}  {}  ↔  {}",
        comparison.score,
        items.title(a),
        items.title(b)
    ));
    let strongest = explanation.strongest(PRINTED_PAIRS);
    if strongest.is_empty() {
        return out;
    }
    let of_sentences = explanation.of_sentences();
    let rest = comparison.score - of_sentences;
    line(format_args!(
        "\nPairs of sentences contribute {of_sentences:.3} to this score, {} {rest:.3}.",
        if explanation.is_exact {
            "pairs with the model's own tokens"
        } else {
            "each embedded alone, which is approximate; their context"
        },
    ));
    if let Some(relative) = &comparison.relative {
        line(format_args!(
            "Beyond what all {} documents share the score is {:.3}.",
            items.n(),
            relative.score
        ));
    }
    line(format_args!("\ncontribution  cosine"));
    for Contribution { left, right, value } in strongest {
        let cosine = comparison.cosines[[left, right]];
        let text = |item: usize, range: &Range<usize>| one_line(&items.text(item)[range.clone()]);
        line(format_args!(
            "\n{value:>12.3}  {cosine:>6.3}  {}\n{:22}{}",
            text(a, &comparison.left[left]),
            "",
            text(b, &comparison.right[right])
        ));
    }
    out
}
