//! Two of a group side by side: where their words differ.

use std::ops::Range;

use egui::{Panel, RichText, ScrollArea, Ui};

use super::super::super::context::ViewCtx;
use super::super::super::memo::Memo;
use super::super::super::theme;
use super::super::super::widgets::{self, Mark, MarkedText, marked_text};
use crate::message::{count, grouped};
use crate::session::{Items, Level, Stage};
use crate::text::{TextDiff, text_diff};

/// Words that are shown at each end of a stretch that both share.
const AROUND: usize = 10;
/// Between the two texts.
const COLUMN_GAP: f32 = 32.0;
/// How strong a word that differs is marked.
const STRENGTH: f32 = 0.7;

/// What is compared, and whether all of it is shown.
type Key = (Option<u64>, Level, (usize, usize), bool);

/// The two texts with marks, and what there is to say of them.
#[derive(Debug, PartialEq)]
struct Shown {
    left: MarkedText,
    right: MarkedText,
    told: String,
}

/// What is shown, and what is remembered between frames.
#[derive(Clone, Default)]
pub struct Differences {
    shows_all: bool,
    shown: Memo<Key, Shown>,
}

impl Differences {
    /// Draws both texts in a panel at the bottom.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewCtx<'_>,
        items: Items<'_>,
        (left, right): (usize, usize),
    ) {
        let revision = ctx.session.revision(Stage::Embedding);
        let key = (revision, items.level(), (left, right), self.shows_all);
        let height = 0.45 * ui.available_height();
        let panel = Panel::bottom("differences").resizable(true);
        panel.default_size(height).show(ui, |ui| {
            let (a, b) = (items.text(left), items.text(right));
            let shows_all = self.shows_all;
            let shown = self
                .shown
                .get(key, || shown((a, b), &text_diff(a, b), shows_all));
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new("What differs").font(theme::semibold(theme::BODY)));
                widgets::hint(ui, ctx.theme, &shown.told);
                ui.checkbox(&mut self.shows_all, "Show what is the same")
                    .on_hover_text(
                        "Show all of both texts, not only what stands around differences",
                    );
            });
            ui.spacing_mut().item_spacing.x = COLUMN_GAP;
            let area = ScrollArea::vertical().auto_shrink(false);
            area.show(ui, |ui| {
                ui.columns(2, |columns| {
                    let sides = [
                        (left, &shown.left, "suggested original"),
                        (right, &shown.right, "the other"),
                    ];
                    for (column, (item, text, role)) in columns.iter_mut().zip(sides) {
                        let source = &items.document(item).source;
                        widgets::hint(column, ctx.theme, &format!("{source} · {role}"));
                        marked_text(column, ctx.theme, text);
                    }
                });
            });
        });
    }
}

/// Both texts with what differs marked, and without the middle of long stretches that both share
/// unless all is wanted.
fn shown((left, right): (&str, &str), diff: &TextDiff, shows_all: bool) -> Shown {
    let mut texts = [MarkedText::default(), MarkedText::default()];
    let mut n_words = [0, 0];
    for part in &diff.parts {
        let sides = [(left, part.left.clone()), (right, part.right.clone())];
        for ((text, n), (whole, range)) in texts.iter_mut().zip(&mut n_words).zip(sides) {
            let piece = &whole[range];
            if part.is_same && !shows_all {
                push_folded(text, piece);
            } else {
                let start = text.text.len();
                text.text.push_str(piece);
                if !part.is_same && !piece.trim().is_empty() {
                    *n += piece.split_whitespace().count();
                    let end = start + piece.trim_end().len();
                    text.marks.push(mark(start..end));
                }
            }
        }
    }
    let [left, right] = texts;
    Shown {
        told: told(diff, n_words),
        left,
        right,
    }
}

fn mark(range: Range<usize>) -> Mark {
    Mark {
        range,
        // Not by color alone.
        label: Some("≠".into()),
        strength: STRENGTH,
    }
}

/// A stretch that both share: its first words and its last.
fn push_folded(text: &mut MarkedText, piece: &str) {
    let words: Vec<&str> = piece.split_whitespace().collect();
    if words.len() <= 2 * AROUND + 4 {
        text.text.push_str(piece);
        return;
    }
    let n = count(words.len() - 2 * AROUND, "word");
    let first = words[..AROUND].join(" ");
    let last = words[words.len() - AROUND..].join(" ");
    for piece in [&first, " [… ", &n, " the same …] ", &last, " "] {
        text.text.push_str(piece);
    }
}

fn told(diff: &TextDiff, [left, right]: [usize; 2]) -> String {
    if left + right == 0 {
        return "The same words in the same order".into();
    }
    let text = format!(
        "{} of the left and {} of the right are marked",
        count(left, "word"),
        grouped(right)
    );
    if diff.is_coarse {
        text + ". So much differs that whole sentences were compared; words in them may be the same"
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(left: &str, right: &str, shows_all: bool) -> Shown {
        shown((left, right), &text_diff(left, right), shows_all)
    }

    #[test]
    fn what_differs_is_marked_in_both() {
        let shown = of("the tide is out", "the sea is out", true);
        let marked = |text: &MarkedText| -> Vec<String> {
            let marks = text.marks.iter();
            marks
                .map(|mark| text.text[mark.range.clone()].to_owned())
                .collect()
        };
        assert_eq!(marked(&shown.left), ["tide"]);
        assert_eq!(marked(&shown.right), ["sea"]);
        assert_eq!(shown.left.text, "the tide is out");
        assert!(
            shown
                .told
                .starts_with("1 word of the left and 1 of the right")
        );
        let same = of("the tide", "the tide", true);
        assert_eq!(same.told, "The same words in the same order");
    }

    #[test]
    fn what_is_the_same_is_folded_and_counted() {
        let many = (0..60).map(|i| format!("w{i} ")).collect::<String>();
        let (left, right) = (format!("{many}red"), format!("{many}blue"));
        let folded = of(&left, &right, false);
        assert!(folded.left.text.contains("[… 40 words the same …]"));
        assert!(folded.left.text.ends_with("w59 red"));
        assert_eq!(of(&left, &right, true).left.text, left);
    }
}
