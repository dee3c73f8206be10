//! What a search found: each with its best passage, the best first.

use egui::{Align2, Button, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::message::{count, grouped};
use crate::session::{Command, Example, Items, Level, SearchHit, SearchHits, Stage, Status};
use crate::text::sentences;
use crate::ui::context::ViewCtx;
use crate::ui::memo::Memo;
use crate::ui::theme;
use crate::ui::widgets::{self, section_label};

/// Height of a hit: its title, and a line of its passage.
const ROW: f32 = 44.0;
/// Letters of a passage that are shown; a line holds fewer.
const MAX_CHARS: usize = 160;

/// The list, with what is remembered between frames.
#[derive(Default)]
pub struct Hits {
    /// Places among the hits of those that pass the filters.
    listed: Memo<(Option<u64>, Option<u64>), Vec<usize>>,
}

impl Hits {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, hits: &SearchHits) {
        let key = (
            ctx.session.revision(Stage::Search),
            ctx.session.revision(Stage::Rows),
        );
        let session = ctx.session;
        let listed = self.listed.get(key, || {
            let passes = |at: &usize| session.passes(hits.hits[*at].item);
            (0..hits.hits.len()).filter(passes).collect()
        });
        let title = if hits.is_ranked() {
            "Nearest in meaning"
        } else {
            "Found"
        };
        section_label(ui, ctx.theme, title);
        for text in told(hits, listed.len(), items.level()) {
            widgets::hint(ui, ctx.theme, &text);
        }
        if matches!(session.status(Stage::Search), Status::Working(_)) {
            widgets::hint(ui, ctx.theme, "Searching; these are of the search before");
        }
        ui.add_space(4.0);
        let area = ScrollArea::vertical().auto_shrink(false);
        area.show_rows(ui, ROW, listed.len(), |ui, range| {
            for at in &listed[range] {
                hit_ui(ui, ctx, items, hits, &hits.hits[*at]);
            }
        });
    }
}

/// How many there are, and why others are not listed.
fn told(hits: &SearchHits, n_listed: usize, level: Level) -> Vec<String> {
    let noun = match level {
        Level::Documents => "document",
        Level::Passages => "passage",
    };
    let n = hits.hits.len();
    let first = if hits.query.filter.is_empty() {
        format!("{}, the nearest first", count(n, noun))
    } else {
        let n = (grouped(n), grouped(hits.n_filtered));
        format!("{} found, {} left out by the filter", n.0, n.1)
    };
    let n_left_out = n - n_listed;
    let second = format!("{} of them left out by other filters", grouped(n_left_out));
    let second = (n_left_out > 0).then_some(second);
    [first].into_iter().chain(second).collect()
}

fn hit_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    items: Items<'_>,
    hits: &SearchHits,
    hit: &SearchHit,
) {
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let score = hits.is_ranked().then_some(hit.cosine);
    let title = items.title(hit.item);
    let name = match score {
        Some(score) => format!("{score:.2} {title}"),
        None => title.to_string(),
    };
    let is_selected = ctx.session.selection.selected == Some(hit.item);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_selected, &name));
    let hovered = response.hovered() || response.has_focus();
    let fill = ctx.theme.row_fill(is_selected, hovered);
    let painter = ui.painter().clone();
    painter.rect_filled(rect, 6.0, fill);
    if response.has_focus() {
        let ring = egui::Stroke::new(1.5, ctx.theme.accent);
        painter.rect_stroke(rect, 6.0, ring, egui::StrokeKind::Inside);
    }
    let passage = &items.embedded().passages.list[hit.passage];
    let document = items.document(hit.item);
    let text = &document.text[passage.range.clone()];
    let place = document.place(&passage.range);
    let (top, bottom) = (rect.top() + 12.0, rect.top() + 31.0);
    let mut left = rect.left() + 8.0;
    let mut right = rect.right() - 8.0;
    if score.is_some() {
        right = examples_ui(ui, ctx, rect, hit.item, &title);
    }
    // A page or a slide is short; a heading would push the title out.
    let number = place.as_deref().and_then(|place| place.split(" · ").next());
    let number = number.filter(|part| part.starts_with("page") || part.starts_with("slide"));
    if let Some(number) = number {
        let font = theme::regular(theme::SMALL);
        let at = pos2(right, top);
        let color = ctx.theme.secondary;
        let shown = painter.text(at, Align2::RIGHT_CENTER, number, font, color);
        right = shown.left() - 8.0;
    }
    if let Some(score) = score {
        let font = theme::regular(theme::SECONDARY);
        let (at, color) = (pos2(left, top), ctx.theme.secondary);
        painter.text(at, Align2::LEFT_CENTER, format!("{score:.2}"), font, color);
        left += 36.0;
    }
    let title = RichText::new(&*title).size(theme::BODY);
    let title = title.color(ctx.theme.ink);
    widgets::cut_line(ui, pos2(left, top), right - left, title);
    let left = rect.left() + 8.0;
    let excerpt = excerpt(text, &document.title, &hits.query.words);
    let excerpt = RichText::new(excerpt).size(theme::SECONDARY);
    let excerpt = excerpt.color(ctx.theme.secondary);
    widgets::cut_line(ui, pos2(left, bottom), rect.right() - 8.0 - left, excerpt);
    ctx.pick(hit.item, &response);
    let place = place.unwrap_or_else(|| "the whole text".into());
    let best = score.map_or(String::new(), |_| format!("Best at {place}\n\n"));
    response.on_hover_text(best + text.trim());
}

/// Two small buttons at the right edge; gives where they begin.
fn examples_ui(
    ui: &mut Ui,
    ctx: &mut ViewCtx<'_>,
    rect: egui::Rect,
    item: usize,
    title: &str,
) -> f32 {
    const SIDE: f32 = 20.0;
    let query = ctx.session.query();
    let examples = [
        ("−", "Less", Example::Unlike, query.minus.contains(&item)),
        ("+", "More", Example::Like, query.plus.contains(&item)),
    ];
    let mut right = rect.right() - 4.0;
    for (sign, word, example, is_on) in examples {
        let at = pos2(right - SIDE, rect.top() + 2.0);
        let place = egui::Rect::from_min_size(at, egui::Vec2::splat(SIDE));
        right = at.x - 4.0;
        let mut button_ui = ui.new_child(egui::UiBuilder::new().max_rect(place));
        button_ui.spacing_mut().button_padding = vec2(2.0, 0.0);
        button_ui.spacing_mut().interact_size.y = SIDE;
        let button = Button::selectable(is_on, sign).min_size(place.size());
        let response = button_ui.add(button);
        let name = format!("{word} like {title}");
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_label(name));
        let meaning = match example {
            Example::Like => "Search for texts like this one too; click again to take it back",
            _ => "Put texts like this one last; click again to take it back",
        };
        if response.on_hover_text(meaning).clicked() {
            let example = if is_on { Example::Neither } else { example };
            ctx.send(Command::SearchLike(item, example));
        }
    }
    right
}

/// A line of a passage: from the sentence on that holds most of the words that are searched for, the
/// first of those. The title, which stands above, is left out.
fn excerpt(passage: &str, title: &str, words: &str) -> String {
    let body = passage.trim_start();
    let body = body.strip_prefix(title.trim()).unwrap_or(body);
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let n_held = |sentence: &str| {
        let sentence = sentence.to_lowercase();
        words.iter().filter(|word| sentence.contains(*word)).count()
    };
    let ranges = sentences(body);
    let starts = ranges.iter().rev().map(|range| range.start);
    let best = starts.max_by_key(|start| {
        let range = ranges.iter().find(|range| range.start == *start);
        range.map_or(0, |range| n_held(&body[range.clone()]))
    });
    let body = &body[best.unwrap_or(0)..];
    let mut line = String::new();
    for word in body.split_whitespace() {
        if line.chars().count() > MAX_CHARS {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Query;

    #[test]
    fn an_excerpt_begins_where_the_words_are() {
        let text = "Tides\n\nThe moon pulls. Boats lie dry at\nlow water. Low water comes twice.";
        let check = |words: &str, expected: &str| {
            let line = excerpt(text, "Tides", words);
            assert!(line.starts_with(expected), "{line}");
        };
        check("", "The moon pulls. Boats");
        check("LOW water", "Boats lie dry at low water. Low");
        check("bread", "The moon pulls.");
        assert_eq!(excerpt("Tides", "Tides", "tides"), "");
    }

    #[test]
    fn it_says_how_many_there_are_and_what_is_left_out() {
        let hit = |item| SearchHit {
            item,
            passage: item,
            cosine: 0.5,
        };
        let mut hits = SearchHits {
            query: Query::of_words("tide".into(), String::new()),
            hits: vec![hit(0), hit(2)],
            of_item: Vec::new(),
            of_passage: Vec::new(),
            n_filtered: 0,
        };
        let all = told(&hits, 2, Level::Documents);
        assert_eq!(all, ["2 documents, the nearest first"]);
        let fewer = told(&hits, 1, Level::Passages);
        assert_eq!(fewer[1], "1 of them left out by other filters");
        hits.query.filter = "sea".into();
        hits.n_filtered = 7;
        let filtered = told(&hits, 2, Level::Documents);
        assert_eq!(filtered, ["2 found, 7 left out by the filter"]);
    }
}
