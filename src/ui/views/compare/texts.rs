//! Both texts, each in a window of its own, scrolled in step.

use std::sync::Arc;

use egui::{Galley, RichText, ScrollArea, Ui};

use super::align::{Alignment, Extent, chain, followed};
use super::model::{self, Baseline, Lit, Pointed, Side};
use crate::session::Comparison;
use crate::ui::memo::Memo;
use crate::ui::theme::{self, Theme};
use crate::ui::widgets::{MarkedText, Shown, marked_text};

/// Between the two texts.
pub const COLUMN_GAP: f32 = 32.0;

/// Lowest window on a text.
const MIN_HEIGHT: f32 = 120.0;

/// What is shown: the revisions of both results, and the pair as it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct TextsKey {
    /// Of the items and of the comparison.
    pub revisions: (Option<u64>, Option<u64>),
    /// Left and right item.
    pub pair: (usize, usize),
    /// What stands in place of the right one.
    pub beside: Option<crate::session::Beside>,
}

/// The marked texts, and where each is scrolled to.
#[derive(Clone, Default)]
pub struct Texts {
    marked: Memo<(TextsKey, Baseline, Lit), (MarkedText, MarkedText)>,
    chain: Memo<TextsKey, Vec<(usize, usize)>>,
    windows: [Window; 2],
    shown: Option<TextsKey>,
}

/// One of the two windows.
#[derive(Clone, Default)]
struct Window {
    offset: f32,
    /// Where it is to be scrolled to next.
    wanted: Option<f32>,
    extent: Extent,
    /// How far below the top each sentence begins, for the text as it is laid out.
    tops: Option<(Arc<Galley>, Vec<f32>)>,
}

/// What is drawn.
pub struct Content<'a> {
    /// Left and right text.
    pub texts: (&'a str, &'a str),
    /// Their comparison, once it is there.
    pub comparison: Option<&'a Comparison>,
    /// From what it is measured.
    pub baseline: Baseline,
    /// What is lit up.
    pub lit: Lit,
    /// Whether one text follows the other.
    pub in_step: bool,
}

impl Texts {
    /// Draws both. Gives the sentence that is under the mouse.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        theme: Theme,
        key: &TextsKey,
        content: &Content<'_>,
    ) -> Option<Pointed> {
        self.start_over(key);
        let &Content {
            comparison,
            baseline,
            lit,
            ..
        } = content;
        let (left, right) = self.marked.get((key.clone(), baseline, lit), || {
            model::marked(content.texts, comparison, baseline, lit)
        });
        // Members of a cluster come in no order of the left text.
        let in_step = content.in_step && comparison.is_some_and(|found| found.cluster.is_none());
        let chain = self.chain.get(key.clone(), || {
            comparison.map_or_else(Vec::new, |found| chain(&found.matches))
        });
        let height = ui.available_height().max(MIN_HEIGHT);
        ui.spacing_mut().item_spacing.x = COLUMN_GAP;
        let windows = &mut self.windows;
        ui.columns(2, |columns| {
            let mut pointed = None;
            let sides = [(Side::Left, left), (Side::Right, right)];
            for (at, (column, (side, text))) in columns.iter_mut().zip(sides).enumerate() {
                let (shown, has_moved) = windows[at].ui(column, theme, side, text, height);
                windows[at].measure(&shown, comparison, side);
                if has_moved && in_step {
                    follow(windows, at, chain);
                    column.ctx().request_repaint();
                }
                let sentence = comparison.zip(shown.pointed);
                let sentence = sentence
                    .and_then(|(found, byte)| model::sentence_at(found, side, byte))
                    .filter(|found| Some(found.sentence) < Some(n_sentences(comparison, side)));
                if let Some((found, sentence)) = comparison.zip(sentence) {
                    pointed = Some(sentence);
                    told_ui(shown.response, &model::told(found, baseline, sentence));
                }
            }
            pointed
        })
    }

    /// Scrolls both so that a left and a right sentence come into view.
    pub fn scroll_to(&mut self, (left, right): (usize, usize)) {
        for (window, sentence) in self.windows.iter_mut().zip([left, right]) {
            let tops = window.tops.as_ref().map(|(_, tops)| tops);
            let top = tops.and_then(|tops| tops.get(sentence));
            // A little below the top, so that what comes before can be read, too.
            window.wanted = top.map(|top| (top - window.extent.viewport / 4.0).max(0.0));
        }
    }

    /// Another pair begins at its beginning.
    fn start_over(&mut self, key: &TextsKey) {
        let is_same = self.shown.as_ref().is_some_and(|shown| {
            shown.pair == key.pair
                && shown.beside == key.beside
                && shown.revisions.0 == key.revisions.0
        });
        if !is_same {
            for window in &mut self.windows {
                window.wanted = Some(0.0);
            }
            self.shown = Some(key.clone());
        }
    }
}

fn n_sentences(comparison: Option<&Comparison>, side: Side) -> usize {
    comparison.map_or(0, |found| model::sentences(found, side).len())
}

fn told_ui(response: egui::Response, lines: &[String]) {
    response.on_hover_ui_at_pointer(|ui| {
        for line in lines {
            ui.label(RichText::new(line).size(theme::SECONDARY));
        }
    });
}

impl Window {
    /// Draws the text. Tells whether a person has scrolled it.
    fn ui(
        &mut self,
        ui: &mut Ui,
        theme: Theme,
        side: Side,
        text: &MarkedText,
        height: f32,
    ) -> (Shown, bool) {
        let name = match side {
            Side::Left => "compare left",
            Side::Right => "compare right",
        };
        let mut area = ScrollArea::vertical()
            .id_salt(name)
            .auto_shrink(false)
            .min_scrolled_height(MIN_HEIGHT)
            .max_height(height);
        let wanted = self.wanted.take();
        if let Some(offset) = wanted {
            area = area.vertical_scroll_offset(offset);
        }
        let output = area.show(ui, |ui| marked_text(ui, theme, text));
        let offset = output.state.clamped_offset().y;
        let has_moved = wanted.is_none() && (offset - self.offset).abs() > 0.5;
        self.offset = offset;
        self.extent = Extent {
            content: output.content_size.y,
            viewport: output.inner_rect.height(),
        };
        (output.inner, has_moved)
    }

    fn measure(&mut self, shown: &Shown, comparison: Option<&Comparison>, side: Side) {
        let Some(comparison) = comparison else {
            self.tops = None;
            return;
        };
        let sentences = model::sentences(comparison, side);
        let is_same = self.tops.as_ref().is_some_and(|(layout, tops)| {
            Arc::ptr_eq(layout, shown.layout()) && tops.len() == sentences.len()
        });
        if !is_same {
            let tops = shown.tops(sentences.iter().map(|sentence| sentence.start));
            self.tops = Some((shown.layout().clone(), tops));
        }
    }
}

/// Sets where the other window is to go, now that `at` was scrolled.
fn follow(windows: &mut [Window; 2], at: usize, chain: &[(usize, usize)]) {
    let [left, right] = &*windows;
    let tops = |window: &Window| window.tops.as_ref().map(|(_, tops)| tops.clone());
    let (Some(left_tops), Some(right_tops)) = (tops(left), tops(right)) else {
        return;
    };
    let heights = (left.extent.content, right.extent.content);
    let aligned = Alignment::new(chain, (&left_tops, &right_tops), heights);
    let wanted = if at == 0 {
        followed(left.offset, (left.extent, right.extent), |height| {
            aligned.right_of(height)
        })
    } else {
        followed(right.offset, (right.extent, left.extent), |height| {
            aligned.left_of(height)
        })
    };
    if let Some(wanted) = wanted {
        windows[1 - at].wanted = Some(wanted);
    }
}
