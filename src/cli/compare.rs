//! How the command line shows two documents side by side.

use std::fmt::Write as _;
use std::ops::Range;

use serde_json::{Value, json};

use super::run::one_line;
use crate::analysis::Contribution;
use crate::session::{Comparison, Items};

/// Pairs of sentences that are printed.
const PRINTED_PAIRS: usize = 10;

/// The score, what each pair of sentences contributes to it, and the sentences that match.
///
/// `contributions` has a row per left and a column per right sentence, and behind them the residual
/// row and column; all of it sums to `score`.
pub fn as_json(items: Items<'_>, comparison: &Comparison) -> Value {
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
    let contributions: Vec<&[f32]> = explanation
        .contributions
        .rows()
        .into_iter()
        .filter_map(|row| row.to_slice())
        .collect();
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
    json!({
        "score": comparison.score,
        "left": side(a),
        "right": side(b),
        "matches": matches,
        "exact": explanation.is_exact,
        "contributions": contributions,
        "residual": {"row": left.len(), "column": right.len()},
        "sentences_left": left,
        "sentences_right": right,
    })
}

/// The score and the pairs of sentences that contribute most to it.
pub fn as_text(items: Items<'_>, comparison: &Comparison) -> String {
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
