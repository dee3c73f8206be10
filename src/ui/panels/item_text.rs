//! The text of the selected item in the inspector: page by page, shaded by the search, by the other
//! document of the pair, or by what its sentences contribute to its place in a cluster.

use egui::{Button, RichText, Sense, Ui, vec2};

use super::shading::{self, Page};
use crate::session::{Belonging, Items, Level, Query, Stage};
use crate::text::Input;
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::memo::Memo;
use crate::ui::reveal::why_not_opened;
use crate::ui::theme::{self, Theme};
use crate::ui::widgets::{self, marked_text, section_label};

/// Letters of a title or query in a legend.
const MAX_NAME: usize = 60;

/// What shades a text, known by what it was worked out from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shade {
    Nothing,
    Cluster(Option<u64>),
    Query(Option<u64>),
    Other(usize),
}

/// Which text, and what shades it.
type Key = (Option<u64>, Level, usize, Shade);

/// The pages, remembered, and what their shade means.
#[derive(Default)]
pub struct ItemText {
    pages: Memo<Key, (Vec<Page>, Option<String>)>,
}

impl ItemText {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &ViewCtx<'_>, items: Items<'_>, item: usize) {
        section_label(ui, ctx.theme, "Text");
        let shade = shade(ctx, item);
        let embedding = ctx.session.revision(Stage::Embedding);
        let key = (embedding, items.level(), item, shade);
        let (pages, legend) = self.pages.get(key, || shaded(ctx, items, item, shade));
        if let Some(legend) = legend {
            legend_ui(ui, ctx.theme, legend);
        }
        let belonging = ctx.session.belonging();
        for page in pages {
            if let Some(heading) = &page.heading {
                ui.add_space(8.0);
                let heading = RichText::new(heading).font(theme::semibold(theme::SECONDARY));
                ui.label(heading.color(ctx.theme.secondary));
            }
            let shown = marked_text(ui, ctx.theme, &page.text);
            if let Some((found, byte)) = belonging.zip(shown.pointed)
                && let Some(told) = sentence_told(found, page.start + byte)
            {
                shown.response.on_hover_text_at_pointer(told);
            }
        }
    }
}

/// What is asked for more expressly comes first.
fn shade(ctx: &ViewCtx<'_>, item: usize) -> Shade {
    let session = ctx.session;
    if session.belonging().is_some() {
        return Shade::Cluster(session.revision(Stage::Belonging));
    }
    if session.search_hits().is_some_and(|hits| hits.is_ranked()) {
        return Shade::Query(session.revision(Stage::Search));
    }
    let is_pair = session.selection.beside.is_none();
    match session.selection.compared.filter(|_| is_pair) {
        Some((left, right)) if left == item && right != item => Shade::Other(right),
        Some((left, right)) if right == item && left != item => Shade::Other(left),
        _ => Shade::Nothing,
    }
}

fn shaded(
    ctx: &ViewCtx<'_>,
    items: Items<'_>,
    item: usize,
    shade: Shade,
) -> (Vec<Page>, Option<String>) {
    let session = ctx.session;
    let (marks, legend) = match shade {
        Shade::Nothing => (Vec::new(), None),
        Shade::Cluster(_) => {
            let found = session.belonging();
            let marks = found.map(|found| shading::of_sentences(found, items.text(item)));
            let legend =
                "Shade: what each sentence contributes to the cosine with the cluster's center";
            (marks.unwrap_or_default(), Some(legend.to_owned()))
        }
        Shade::Query(_) => {
            let of_passage = session.search_hits().map(|hits| &hits.of_passage[..]);
            let cosine = |passage: usize| {
                let cosines = of_passage.unwrap_or_default();
                cosines.get(passage).copied().unwrap_or(0.0)
            };
            let marks = shading::of_passages(items, item, cosine);
            let legend = shading::legend(&query_name(session.query()), &marks);
            (marks, Some(legend))
        }
        Shade::Other(other) => {
            let vector = items.embeddings().row(other);
            let passages = &items.embedded().passage_vectors;
            let cosine = |passage: usize| passages.row(passage).dot(&vector);
            let marks = shading::of_passages(items, item, cosine);
            let name = format!(
                "all of “{}”, compared with it",
                shortened(&items.title(other))
            );
            let legend = shading::legend(&name, &marks);
            (marks, Some(legend))
        }
    };
    let range = shading::range_of(items, item);
    (shading::pages(items.document(item), &range, &marks), legend)
}

fn query_name(query: &Query) -> String {
    match query.words.as_str() {
        "" => "what is searched for".into(),
        words => format!("“{}”", shortened(words)),
    }
}

fn shortened(name: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() <= MAX_NAME {
        return name;
    }
    let beginning: String = name.chars().take(MAX_NAME).collect();
    format!("{beginning}…")
}

fn sentence_told(found: &Belonging, byte: usize) -> Option<String> {
    let n_begun = found
        .sentences
        .partition_point(|sentence| sentence.start <= byte);
    let at = n_begun.checked_sub(1)?;
    Some(format!(
        "contributes {:+.3} to {:.3}\nwithout it the cosine would be {:.3}",
        found.contributions[at], found.score, found.without[at]
    ))
}

/// What the shade means, behind a sample of it from weak to strong.
fn legend_ui(ui: &mut Ui, theme: Theme, legend: &str) {
    const STEPS: usize = 3;
    let (rect, _) = ui.allocate_exact_size(vec2(16.0 * STEPS as f32, 10.0), Sense::hover());
    for at in 0..STEPS {
        let part = rect
            .with_min_x(rect.left() + 16.0 * at as f32)
            .with_max_x(rect.left() + 16.0 * (at + 1) as f32);
        let strength = at as f32 / (STEPS - 1) as f32;
        ui.painter().rect_filled(part, 0.0, theme.mark(strength));
    }
    widgets::hint(ui, theme, legend);
}

/// Ways to the file that an item came from.
pub fn file_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, items: Items<'_>, item: usize) {
    let file = items.document(item).source.file();
    let Some(file) = file.filter(|file| !is_built_in(ctx.session.inputs(), file)) else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let reason = why_not_opened(file);
        let small = |text: &str| Button::new(RichText::new(text).size(theme::SECONDARY));
        let mut open = ui.add_enabled(reason.is_none(), small("Open file"));
        open = open.on_hover_text("Open it in the system's program for such files");
        if let Some(reason) = reason {
            open = open.on_disabled_hover_text(crate::message::sentence(&reason));
        }
        if open.clicked() {
            ctx.ask(UiCommand::OpenFile(file.to_owned()));
        }
        let tooltip = format!("Open the folder of {}", file.display());
        if ui
            .add(small("Show in folder"))
            .on_hover_text(tooltip)
            .clicked()
        {
            ctx.ask(UiCommand::Reveal(file.to_owned()));
        }
    });
}

/// The sample lies in the program and not on the disk.
fn is_built_in(inputs: &[Input], file: &std::path::Path) -> bool {
    let is_below = |input: &Input| matches!(input, Input::Path(path) if file.starts_with(path));
    inputs.contains(&Input::Sample) && file.starts_with("sample") && !inputs.iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_sample_has_no_file_to_open() {
        let file = Path::new("sample/tides/ebb.txt");
        let folder = Input::Path("sample".into());
        assert!(is_built_in(&[Input::Sample], file));
        assert!(!is_built_in(std::slice::from_ref(&folder), file));
        assert!(!is_built_in(&[Input::Sample, folder], file));
        assert!(!is_built_in(
            &[Input::Sample],
            Path::new("/home/a/sample.txt")
        ));
    }

    #[test]
    fn long_names_are_shortened_by_letters() {
        assert_eq!(shortened(" a\n b "), "a b");
        assert_eq!(shortened(&"潮".repeat(80)).chars().count(), MAX_NAME + 1);
    }
}
