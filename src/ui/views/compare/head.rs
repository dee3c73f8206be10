//! What stands over the two texts: the score, what is done with it, and what each side is.

use egui::{Button, Label, RichText, Ui};

use super::model::{self, Baseline};
use super::why;
use super::{CompareView, Pair};
use crate::export::CopyAs;
use crate::message::count;
use crate::session::{Beside, Command, Comparison, Stage, Status};
use crate::ui::context::{UiCommand, ViewCtx};
use crate::ui::{theme, widgets};

/// The score, and the buttons.
pub fn ui(view: &mut CompareView, ui: &mut Ui, ctx: &mut ViewCtx<'_>, pair: &Pair<'_>) {
    let comparison = ctx.session.comparison().cloned();
    let (left, right) = pair.items;
    let is_pair = pair.beside.is_none();
    ui.horizontal_wrapped(|ui| {
        let known = comparison.as_ref().map(|found| found.score);
        let score = known.or_else(|| is_pair.then(|| pair.of.embeddings().cosine(left, right)));
        if let Some(score) = score {
            score_ui(ui, ctx, score);
        }
        if let Some(relative) = comparison
            .as_ref()
            .and_then(|found| found.relative.as_ref())
        {
            baseline_ui(&mut view.baseline, ui, ctx, relative.score);
        }
        if is_pair {
            steps_ui(ui, ctx, (left, right));
            let swap = ui
                .button("Swap sides")
                .on_hover_text("Exchange left and right");
            if swap.clicked() {
                ctx.send(Command::SwapCompared);
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        opposite_ui(view, ui, ctx, pair);
        if let Some(comparison) = comparison.as_deref() {
            doings_ui(view, ui, ctx, comparison);
        }
    });
    let mut told = vec![explanation(ctx)];
    if let Some(comparison) = comparison.as_deref() {
        if is_pair {
            told.push(model::words_told(comparison));
        }
        told.extend(share(comparison));
    }
    widgets::hint(ui, ctx.theme, &told.join(" · "));
    view.pasted.ui(ui, ctx, left);
}

/// Titles and sources, over the columns of the texts.
pub fn titles_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, pair: &Pair<'_>) {
    let item = |item: usize| {
        let source = pair.of.document(item).source.to_string();
        (pair.of.title(item).into_owned(), source)
    };
    let right = match &pair.beside {
        None => item(pair.items.1),
        Some(Beside::Text(text)) => {
            let n = count(text.chars().count(), "letter");
            (
                "Pasted text".into(),
                format!("{n}; not one of the documents"),
            )
        }
        Some(Beside::Cluster) => cluster_name(ctx),
    };
    ui.spacing_mut().item_spacing.x = super::texts::COLUMN_GAP;
    ui.columns(2, |columns| {
        for (column, (title, source)) in columns.iter_mut().zip([item(pair.items.0), right]) {
            // A title of any length takes one line, and is told whole under the mouse.
            let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
            let title = RichText::new(title).font(theme::semibold(theme::TITLE));
            column.add(Label::new(title).truncate());
            let source = RichText::new(source)
                .size(theme::SECONDARY)
                .color(ctx.theme.secondary);
            column.add(Label::new(source).truncate());
        }
    });
}

fn cluster_name(ctx: &ViewCtx<'_>) -> (String, String) {
    let (comparison, clusters) = (ctx.session.comparison(), ctx.session.clusters());
    let side = comparison.and_then(|found| found.cluster.as_ref());
    let Some((side, clusters)) = side.zip(clusters) else {
        return ("Its cluster".into(), String::new());
    };
    let n = count(side.members.len() + side.n_more, "member");
    let kind = if side.is_member {
        "its cluster"
    } else {
        "the nearest cluster; it is in none"
    };
    let next = side
        .next
        .map(|(next, cosine)| format!("; {cosine:.3} to the next, {}", clusters.name(next)));
    let told = format!("{kind}: {n}, nearest first{}", next.unwrap_or_default());
    (clusters.name(side.cluster), told)
}

/// What stands on the right: another document, pasted text or the cluster.
fn opposite_ui(view: &mut CompareView, ui: &mut Ui, ctx: &mut ViewCtx<'_>, pair: &Pair<'_>) {
    let (left, right) = pair.items;
    let toggled =
        |is_on: bool, name: &str| Button::selectable(is_on, name).frame_when_inactive(true);
    // Without a model nothing new can be read.
    if ctx.session.own_vectors().is_some() {
        return;
    }
    if pair.beside.is_some() && left != right {
        let tooltip = format!("Compare with {} again", pair.of.title(right));
        if ui
            .button("The other document")
            .on_hover_text(tooltip)
            .clicked()
        {
            ctx.send(Command::CompareItems);
        }
    }
    let is_cluster = pair.beside == Some(Beside::Cluster);
    let tooltip = "Compare the left one with the center of its cluster, member by member";
    let cluster = ui.add(toggled(is_cluster, "Its cluster"));
    if cluster.on_hover_text(tooltip).clicked() && !is_cluster {
        ctx.send(Command::CompareWith(left, Beside::Cluster));
    }
    let tooltip = "Compare the left one with text that you paste; it becomes no document";
    let is_open = view.pasted.is_open();
    let pasted = ui.add(toggled(is_open, "Pasted text…"));
    if pasted.on_hover_text(tooltip).clicked() {
        view.pasted.toggle();
    }
}

/// What is done with a comparison that is there.
fn doings_ui(view: &mut CompareView, ui: &mut Ui, ctx: &mut ViewCtx<'_>, comparison: &Comparison) {
    ui.checkbox(&mut view.shows_heat, "Contributions")
        .on_hover_text("What each pair of sentences adds to the score, as a picture");
    if comparison.cluster.is_none() {
        let tooltip = "When one text is scrolled the other follows, sentence by matching sentence";
        ui.checkbox(&mut view.in_step, "Scroll together")
            .on_hover_text(tooltip);
        let question = why::question(comparison.score);
        ui.toggle_value(&mut view.shows_why, question)
            .on_hover_text(
                "What the score comes from: words, sentences, length, and the other documents",
            );
    }
    let ways = [
        ("Copy as Markdown", CopyAs::Markdown),
        ("Copy as HTML", CopyAs::Html),
    ];
    for (name, how) in ways {
        let tooltip = "Score, best pairs and both texts with their matches marked";
        if ui.button(name).on_hover_text(tooltip).clicked() {
            ctx.ask(UiCommand::CopyComparison(how));
        }
    }
}

/// The answer to the question.
pub fn why_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, comparison: &Comparison) {
    let clusters = ctx
        .session
        .clusters()
        .filter(|_| comparison.beside.is_none());
    let names = clusters.map(|clusters| {
        let name = |item: usize| clusters.label(clusters.clustering.labels[item]);
        (name(comparison.pair.0), name(comparison.pair.1))
    });
    for line in why::lines(comparison, &names, &ctx.session.how_read()) {
        ui.label(RichText::new(format!("• {line}")).color(ctx.theme.ink));
    }
}

fn baseline_ui(baseline: &mut Baseline, ui: &mut Ui, ctx: &ViewCtx<'_>, score: f32) {
    const MEANING: &str = "All documents here have something in common, and all of them the \
                           more alike for it. This takes the mean of all out of both, and shows \
                           what each pair of sentences contributes beyond it";
    let mut is_relative = *baseline == Baseline::Corpus;
    let check = ui.checkbox(&mut is_relative, "Relative to the corpus");
    if check.on_hover_text(MEANING).changed() {
        *baseline = if is_relative {
            Baseline::Corpus
        } else {
            Baseline::Nothing
        };
    }
    if is_relative {
        let text = format!("{score:.3} beyond what all share");
        widgets::hint(ui, ctx.theme, &text).on_hover_text(
            "The dot product of both vectors less the mean of all; no cosine, since neither has \
             length 1 then",
        );
    }
}

/// The left one with the neighbor before or after the right one.
fn steps_ui(ui: &mut Ui, ctx: &mut ViewCtx<'_>, (left, right): (usize, usize)) {
    let Some(near) = ctx.session.neighborhood().cloned() else {
        return;
    };
    for (name, by, tooltip) in [
        (
            "Nearer",
            -1,
            "Compare the left one with the next nearer to it",
        ),
        (
            "Farther",
            1,
            "Compare the left one with the next farther from it",
        ),
    ] {
        let other = model::step(near.graph.of(left), right, by);
        let button = ui.add_enabled(other.is_some(), egui::Button::new(name));
        let button = button.on_hover_text(tooltip);
        if let Some(other) = other.filter(|_| button.clicked()) {
            ctx.send(Command::Compare(left, other));
        }
    }
}

fn score_ui(ui: &mut Ui, ctx: &ViewCtx<'_>, score: f32) {
    let text = RichText::new(format!("{score:.3}")).font(theme::semibold(theme::HEADLINE));
    ui.label(text)
        .on_hover_text("Cosine of the two vectors: 1 says the same, 0 has nothing in common");
    ui.label(RichText::new("cosine").color(ctx.theme.secondary));
    ui.add_space(12.0);
}

fn share(comparison: &Comparison) -> Option<String> {
    let percent = model::share_of_marked(comparison)? * 100.0;
    Some(if comparison.explanation.is_exact {
        format!("{percent:.0} % of the score comes from matches. Point at a sentence to see more")
    } else {
        format!(
            "about {percent:.0} % of the score comes from matches; this model allows no exact contributions"
        )
    })
}

fn explanation(ctx: &ViewCtx<'_>) -> String {
    if ctx.session.own_vectors().is_some() {
        return "The vectors came from a file, so there is no model here that could read sentences"
            .into();
    }
    if let Some(comparison) = ctx.session.comparison() {
        if comparison.cluster.is_some() {
            return "The center of the cluster is the mean of its members, so each of them adds its part".into();
        }
        return match comparison.matches.len() {
            0 => "No sentence of one is close to a sentence of the other".into(),
            1 => "One pair of sentences matches".into(),
            n => format!("{n} pairs of sentences match, 1 is the strongest"),
        };
    }
    match ctx.session.status(Stage::Comparison) {
        Status::Stopped(_) => "Stopped; the matching sentences are not marked".into(),
        Status::Failed(..) => "It failed; above is said why".into(),
        _ => "Looking for matching sentences…".into(),
    }
}
