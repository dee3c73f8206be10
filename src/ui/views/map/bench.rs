//! The map without a session, for a bench with more points than a session could be given in the
//! time of a bench.

use egui::{Context, Rect, Sense, Ui};
use ndarray::Array2;

use super::layer::{Colors, DotLayer};
use super::model::{self, Camera, ClusterLabel, Manner};
use super::steer::steer;
use super::{paint, words};
use crate::session::Selection;
use crate::ui::theme::{self, Theme};

/// Everything that the map draws and does in a frame, but the controls above it and the text of an
/// item under the mouse.
pub struct MapBench {
    points: Array2<f32>,
    labels: Vec<Option<usize>>,
    names: Vec<ClusterLabel>,
    bounds: Rect,
    camera: Option<Camera>,
    layer: DotLayer<()>,
    selection: Selection,
}

impl MapBench {
    /// A map of these points, shape `(n, 2)`, each with its cluster.
    pub fn new(points: Array2<f32>, labels: Vec<Option<usize>>) -> Self {
        let n_clusters = labels.iter().flatten().max().map_or(0, |last| last + 1);
        let first = |cluster: usize| labels.iter().position(|label| *label == Some(cluster));
        let names = (0..n_clusters).filter_map(|cluster| {
            let item = first(cluster)?;
            Some(ClusterLabel {
                cluster,
                text: format!("Cluster {cluster}"),
                at: (points[[item, 0]], points[[item, 1]]),
                part_of: None,
            })
        });
        Self {
            names: names.collect(),
            bounds: model::bounds(&points),
            points,
            labels,
            camera: None,
            layer: DotLayer::default(),
            selection: Selection::default(),
        }
    }

    /// Sets up fonts and colors, before the first frame.
    pub fn install(ctx: &Context) {
        theme::install(ctx);
    }

    /// The item under the mouse.
    pub fn hovered(&self) -> Option<usize> {
        self.selection.hovered
    }

    /// Draws it over all of `ui`, after what the mouse did; tells in what manner.
    pub fn ui(&mut self, ui: &mut Ui) -> Manner {
        let theme = Theme::of(ui.ctx());
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let whole = || Camera::around(self.bounds, rect.shrink(32.0));
        let mut camera = self.camera.unwrap_or_else(whole);
        steer(ui, &response, &mut camera, true);
        self.camera = Some(camera);
        let hovered = response.hover_pos().and_then(|at| {
            let points = ((), &self.points);
            self.layer.nearest(points, &camera, rect, at, model::REACH)
        });
        self.selection.hovered = hovered;
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0.0, theme.paper);
        let dots = paint::Dots {
            points: &self.points,
            labels: Some(&self.labels),
            hidden: None,
            shades: None,
            nearness: None,
            lit: None,
            passing: None,
            selection: &self.selection,
            size: self.layer.dot_size(((), &self.points), &camera, rect),
        };
        let colors = Colors {
            clusters: None,
            quality: None,
            rows: None,
            chosen: 0,
            column: 0,
            search: None,
            is_dark: theme.is_dark,
        };
        let key = ((), colors);
        let manner = self.layer.paint(&painter, theme, rect, &camera, key, &dots);
        paint::labels(&painter, theme, rect, &camera, self.names.iter());
        paint::chosen(&painter, theme, rect, &camera, &dots);
        if manner == Manner::Density {
            let text = words::density(self.points.nrows());
            paint::caption(&painter, theme, rect, text);
        }
        manner
    }
}
