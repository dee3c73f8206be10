//! What the map draws in a frame, in its order, and what of it is remembered.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;

use egui::Painter;

use super::coloring::{self, ColorBy, Coloring};
use super::contours::{Isoline, contours};
use super::layer::Colors;
use super::model::{self, ClusterLabel, Manner};
use super::{Frame, MapView, paint, tripod, words};
use crate::session::{Clusters, Column, ItemSet, Stage};
use crate::ui::context::ViewCtx;
use crate::ui::memo::Memo;

/// How many of what a search found are lit.
const N_LIT: usize = 20;

/// What is worked out once for what it depends on.
#[derive(Clone, Default)]
pub struct Remembered {
    labels: Memo<(u64, [Option<u64>; 2]), Vec<ClusterLabel>>,
    coloring: Memo<ColoringKey, Arc<Coloring>>,
    contours: Memo<(u64, Option<u64>), Vec<Isoline>>,
    lit: Memo<(Option<u64>, Option<u64>), Arc<ItemSet>>,
}

/// The column; the revisions of the rows, the items and the quality of the map; and what is selected,
/// where that matters.
type ColoringKey = (ColorBy, [Option<u64>; 3], Option<usize>);

impl MapView {
    /// Draws all of it.
    pub(super) fn draw(&mut self, painter: &Painter, ctx: &ViewCtx<'_>, frame: &Frame<'_>) {
        let (theme, session) = (ctx.theme, ctx.session);
        let (camera, rect, map) = (&frame.camera, frame.rect, frame.map);
        let (points, number) = (frame.placed.points(), frame.placed.number);
        let clusters = session.clusters().map(|clusters| &**clusters);
        let quality = session.quality().filter(|_| self.strip.shows_hidden);
        let coloring = self.coloring(ctx).filter(|_| quality.is_none());
        let coloring = coloring.as_deref();
        let lit = self.lit(ctx).filter(|_| quality.is_none());
        let dots = paint::Dots {
            points,
            labels: clusters.map(|clusters| &clusters.clustering.labels[..]),
            hidden: quality.map(|quality| &quality.of_item[..]),
            shades: coloring.map(|coloring| &coloring.of_item[..]),
            passing: session.rows().map(|rows| &rows.passing),
            nearness: frame.placed.nearness.as_deref(),
            lit: lit.as_deref(),
            selection: &session.selection,
            size: self.layer.dot_size((number, points), camera, rect),
        };
        let colors = self.colors(ctx, &dots);
        if self.strip.shows_contours {
            let key = (number, session.revision(Stage::Rows));
            let passes = |item: usize| dots.passing.is_none_or(|passing| passing.contains(item));
            let lines = &mut self.remembered.contours;
            let lines = lines.get(key, || contours(points, passes));
            paint::contours(painter, theme, rect, camera, lines);
        }
        let manner = self
            .layer
            .paint(painter, theme, rect, camera, (number, colors), &dots);
        paint::lit(painter, theme, rect, camera, &dots);
        paint::misfits(painter, theme, rect, camera, &dots, &map.added);
        let pointed_at = session.selection.hovered.or(session.selection.selected);
        if let (Some(quality), Some(item)) = (quality, pointed_at)
            && let Some(near) = session.neighborhood()
        {
            let neighbors = near.graph.of(item);
            let nearest = &neighbors[..neighbors.len().min(quality.k)];
            paint::true_neighbors(painter, theme, rect, camera, &dots, (item, nearest));
        }
        if let Some(clusters) = clusters {
            let hidden = &session.narrowing().hidden_clusters;
            let labels = self.labels(ctx, frame, clusters);
            let labels = labels
                .iter()
                .filter(|label| label.is_told_at(camera.scale))
                .filter(|label| !hidden.contains(&Some(label.cluster)));
            paint::labels(painter, theme, rect, camera, labels);
        }
        paint::chosen(painter, theme, rect, camera, &dots);
        if let Some(outline) = &self.outline {
            paint::outline(painter, theme, outline.corners());
        }
        if let Some(axes) = &map.rule.axes {
            paint::poles(painter, theme, rect, axes);
        }
        if dots.nearness.is_some() {
            tripod::paint(painter, theme, rect, self.orbit);
        }
        if quality.is_some() {
            paint::scale(painter, theme, rect);
        } else if let Some(coloring) = coloring {
            let name = self.strip.color_by.name();
            paint::legend(painter, theme, rect, name, &coloring.legend);
        }
        let mut caption = words::caption(map, session.is_frozen());
        if let (Some(lit), Some(rows)) = (&lit, session.rows()) {
            caption = format!("{caption}\n{}", words::lit(lit.len(), rows.order.len()));
        }
        if manner == Manner::Density {
            caption = format!("{caption}\n{}", words::density(points.nrows()));
        }
        paint::caption(painter, theme, rect, caption);
    }

    /// All that the colors of points depend on.
    fn colors(&self, ctx: &ViewCtx<'_>, dots: &paint::Dots<'_>) -> Colors {
        let session = ctx.session;
        let mut column = 0;
        if dots.shades.is_some() {
            let selected = selected(ctx, &self.strip.color_by);
            column = fingerprint(&(&self.strip.color_by, selected));
        }
        let of = |stage: Stage, counts: bool| session.revision(stage).filter(|_| counts);
        Colors {
            clusters: of(Stage::Clusters, dots.labels.is_some()),
            quality: of(
                Stage::Quality,
                session.quality().is_some()
                    && (dots.hidden.is_some() || self.strip.color_by == ColorBy::Trust),
            ),
            rows: session.revision(Stage::Rows),
            chosen: session.selection.chosen.fingerprint(),
            column,
            search: of(Stage::Search, dots.lit.is_some()),
            is_dark: ctx.theme.is_dark,
        }
    }

    /// The colors in place of those of clusters, if others are asked for.
    fn coloring(&mut self, ctx: &ViewCtx<'_>) -> Option<Arc<Coloring>> {
        let color_by = self.strip.color_by.clone();
        if color_by == ColorBy::Cluster {
            return None;
        }
        let facts = ctx.session.facts()?;
        let selected = selected(ctx, &color_by);
        let revision = |stage: Stage| ctx.session.revision(stage);
        // The revision of the rows changes with everything that a column is made of; the quality
        // counts only while it is that of the map that is shown.
        let quality = ctx.session.quality();
        let revisions = [
            revision(Stage::Rows),
            revision(Stage::Embedding),
            quality.and_then(|_| revision(Stage::Quality)),
        ];
        let made = || {
            let around_mean = color_by == ColorBy::Difference;
            let like = || coloring::cosines(&facts, selected);
            Arc::new(match &color_by {
                ColorBy::Cluster => coloring::coloring(&facts, &Column::Cluster),
                ColorBy::Column(column) => coloring::coloring(&facts, column),
                ColorBy::Likeness | ColorBy::Difference => {
                    coloring::likeness(&like(), selected, around_mean)
                }
                ColorBy::Trust => {
                    coloring::trust(facts.items().n(), quality.map(|quality| &**quality))
                }
            })
        };
        let key = (color_by.clone(), revisions, selected);
        Some(self.remembered.coloring.get(key, made).clone())
    }

    /// The first finds of a search by meaning that pass the filters; `None` without such a search. Of
    /// a search for words all that it finds are in color already, and the others grey.
    fn lit(&mut self, ctx: &ViewCtx<'_>) -> Option<Arc<ItemSet>> {
        let hits = ctx.session.search_hits().filter(|hits| hits.is_ranked())?;
        let key = (
            ctx.session.revision(Stage::Search),
            ctx.session.revision(Stage::Rows),
        );
        let found = || {
            let items = hits.hits.iter().map(|hit| hit.item);
            let passing = items.filter(|item| ctx.session.passes(*item));
            Arc::new(passing.take(N_LIT).collect())
        };
        Some(self.remembered.lit.get(key, found).clone())
    }

    fn labels(
        &mut self,
        ctx: &ViewCtx<'_>,
        frame: &Frame<'_>,
        clusters: &Clusters,
    ) -> &[ClusterLabel] {
        let parts = ctx.session.subgroups().map(|parts| &**parts);
        let revisions = [
            ctx.session.revision(Stage::Clusters),
            parts.and_then(|_| ctx.session.revision(Stage::Subgroups)),
        ];
        let key = (frame.placed.number, revisions);
        self.remembered.labels.get(key, || {
            model::cluster_labels(frame.placed.points(), clusters, parts)
        })
    }
}

/// What is selected, if the colors depend on it.
fn selected(ctx: &ViewCtx<'_>, color_by: &ColorBy) -> Option<usize> {
    let is_relative = matches!(color_by, ColorBy::Likeness | ColorBy::Difference);
    ctx.session.selection.selected.filter(|_| is_relative)
}

/// Never 0, which stands for clusters.
fn fingerprint(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish().max(1)
}
