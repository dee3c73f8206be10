//! The map: principal components at once, and on top of them what the rule asks for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ndarray::{Array2, ArrayView1, Axis, concatenate};

use super::embedded::{Embedded, Items};
use super::neighborhood::Neighborhood;
use super::settings::Level;
use super::work::Failure;
use crate::analysis::{
    AnalysisError, NeighborGraph, PcaModel, Projection, ProjectionMethod, ProjectionRule,
    misfit_bar, place, semantic_axis, tsne, umap,
};
use crate::embed::{EmbedError, Embedder};
use crate::progress::Progress;
use crate::vectors::Embeddings;

/// How often the picture of a running layout changes.
const PREVIEW_INTERVAL: Duration = Duration::from_millis(80);

/// Old neighbors whose places decide where a new item goes on a frozen map.
const PLACING_NEIGHBORS: usize = 10;

/// An axis between two texts: 0 at the first, 1 at the second.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Poles {
    /// What the low end says.
    pub from: String,
    /// What the high end says.
    pub to: String,
}

/// Axes that mean something: one or two pairs of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SemanticAxes {
    /// From left to right.
    pub across: Poles,
    /// From bottom to top; without it, the first principal component.
    pub up: Option<Poles>,
}

/// How the map is made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapRule {
    /// The method and its numbers.
    pub projection: ProjectionRule,
    /// Axes between texts, in place of what the method makes.
    pub axes: Option<SemanticAxes>,
}

impl MapRule {
    /// Whether principal components are all that is asked for.
    pub fn is_pca(&self) -> bool {
        self.axes.is_none() && self.projection.method == ProjectionMethod::Pca
    }

    /// What a person calls it.
    pub fn name(&self) -> &'static str {
        if self.axes.is_some() {
            return "Axes of meaning";
        }
        match self.projection.method {
            ProjectionMethod::Pca => "PCA",
            ProjectionMethod::Umap => "UMAP",
            ProjectionMethod::Tsne => "t-SNE",
        }
    }
}

/// An item that was put on a frozen map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Added {
    /// Which.
    pub item: usize,
    /// Mean cosine to the old items that decided its place, −1 to 1.
    pub fit: f32,
    /// Whether it is farther from them than 99 of 100 old items are from each other: the map says
    /// little about it.
    pub is_misfit: bool,
}

/// Where every item lies, and how that came about.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentMap {
    /// The places.
    pub projection: Projection,
    /// The rule that made them.
    pub rule: MapRule,
    /// Items that came after the map was frozen; empty for a map that is not.
    pub added: Vec<Added>,
    /// What places any item on a map of principal components, exactly; `None` for other maps.
    pub components: Option<PcaModel>,
}

/// A map whose points stay where they are.
#[derive(Debug)]
pub struct Frozen {
    /// What it shows.
    pub embedded: Arc<Embedded>,
    /// Documents or passages.
    pub level: Level,
    /// Whom it places near whom.
    pub neighborhood: Arc<Neighborhood>,
    /// The map.
    pub map: Arc<DocumentMap>,
}

/// The latest picture of a layout that is being worked out, for whoever draws it.
#[derive(Debug, Default)]
pub struct Preview(Mutex<Picture>);

#[derive(Debug, Default)]
struct Picture {
    /// Which run it is of, counted from the first.
    run: u64,
    /// How many there were in all runs.
    count: u64,
    map: Option<Arc<DocumentMap>>,
}

impl Preview {
    /// The latest picture and its number.
    pub fn latest(&self) -> Option<(u64, Arc<DocumentMap>)> {
        let now = self.now();
        now.map.clone().map(|map| (now.count, map))
    }

    fn now(&self) -> MutexGuard<'_, Picture> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins anew; pictures of a run that began earlier are not taken any more.
    fn begin(&self) -> u64 {
        let mut now = self.now();
        now.run += 1;
        now.map = None;
        now.run
    }

    fn show(&self, run: u64, map: DocumentMap) {
        let mut now = self.now();
        if now.run == run {
            now.count += 1;
            now.map = Some(Arc::new(map));
        }
    }
}

/// What a layout is made of.
pub struct Layout {
    /// The items.
    pub embedded: Arc<Embedded>,
    /// Documents or passages.
    pub level: Level,
    /// The rule.
    pub rule: MapRule,
    /// Principal components, where every layout starts.
    pub start: Arc<DocumentMap>,
    /// Where pictures on the way go.
    pub preview: Arc<Preview>,
}

impl DocumentMap {
    /// The first principal components.
    ///
    /// # Errors
    /// As [`PcaModel::fitted`].
    pub fn principal(
        embeddings: &Embeddings,
        n_axes: usize,
        progress: &Progress,
    ) -> Result<Self, AnalysisError> {
        let (components, projection) = PcaModel::fitted(embeddings, n_axes, progress)?;
        Ok(Self {
            projection,
            rule: MapRule::default(),
            added: Vec::new(),
            components: Some(components),
        })
    }

    /// Points without shares of the variance.
    fn of(points: Array2<f32>, rule: &MapRule) -> Self {
        Self {
            projection: Projection {
                points,
                variance_shares: Vec::new(),
            },
            rule: rule.clone(),
            added: Vec::new(),
            components: None,
        }
    }
}

impl Layout {
    /// The map that the rule's method makes of the graph.
    pub(super) fn by_method(
        &self,
        graph: &NeighborGraph,
        progress: &Progress,
    ) -> Result<DocumentMap, Failure> {
        let run = self.preview.begin();
        let mut shown = Instant::now();
        let mut watch = |points: &Array2<f32>| {
            if shown.elapsed() >= PREVIEW_INTERVAL {
                self.preview
                    .show(run, DocumentMap::of(points.clone(), &self.rule));
                shown = Instant::now();
            }
        };
        let (start, rule) = (&self.start.projection.points, &self.rule.projection);
        let points = match rule.method {
            ProjectionMethod::Pca => start.clone(),
            ProjectionMethod::Umap => umap(graph, start, rule, progress, &mut watch)?,
            ProjectionMethod::Tsne => tsne(graph, start, rule, progress, &mut watch)?,
        };
        Ok(DocumentMap::of(points, &self.rule))
    }

    /// The map on axes between texts.
    pub(super) fn on_axes(
        &self,
        axes: &SemanticAxes,
        model: &dyn Embedder,
        progress: &Progress,
    ) -> Result<DocumentMap, Failure> {
        let embeddings = Items::new(&self.embedded, self.level).embeddings();
        let column = |poles: &Poles| -> Result<Array2<f32>, Failure> {
            let texts = [poles.from.as_str(), poles.to.as_str()];
            let ends = Embeddings::normalized(model.embed(&texts, progress)?);
            let along = semantic_axis(embeddings, ends.row(0), ends.row(1));
            let along = along.ok_or_else(|| Failure::told(SAME_POLES))?;
            Ok(Array2::from_shape_vec((along.len(), 1), along).expect("one number per item"))
        };
        let across = column(&axes.across)?;
        let up = if let Some(poles) = &axes.up {
            column(poles)?
        } else {
            let first = self.start.projection.points.column(0);
            first.to_owned().insert_axis(Axis(1))
        };
        Ok(DocumentMap::of(
            concatenate![Axis(1), across, up],
            &self.rule,
        ))
    }
}

const SAME_POLES: &str =
    "Both ends of the axis mean the same to the model. Write two texts that differ.";

/// The frozen map with the items of `embedded`: those that it holds stay where they are, bit for bit,
/// and new ones are put beside the old ones that are nearest to them, or on a map of principal
/// components exactly where those place them.
///
/// # Errors
/// [`EmbedError::Cancelled`] when stopped.
pub fn on_frozen(
    frozen: &Frozen,
    embedded: &Arc<Embedded>,
    progress: &Progress,
) -> Result<DocumentMap, EmbedError> {
    let old = Items::new(&frozen.embedded, frozen.level);
    let new = Items::new(embedded, frozen.level);
    let old_points = &frozen.map.projection.points;
    let place_of = known_places(old);
    let mut points = Array2::zeros((new.n(), old_points.ncols()));
    let mut strangers = Vec::new();
    for item in 0..new.n() {
        match place_of.get(&identity(new, item)) {
            Some(known) => points.row_mut(item).assign(&old_points.row(*known)),
            None => strangers.push(item),
        }
    }
    let vectors = new.embeddings().select(&strangers);
    let bar = misfit_bar(&frozen.neighborhood.graph, PLACING_NEIGHBORS);
    let placed = place(
        old.embeddings(),
        old_points,
        &vectors,
        PLACING_NEIGHBORS,
        bar,
        progress,
    )?;
    let components = frozen.map.components.as_ref();
    let exact = components.map(|components| components.project(&vectors));
    let mut added = Vec::new();
    for (at, (item, placed)) in strangers.into_iter().zip(placed).enumerate() {
        let place = match &exact {
            Some(exact) => exact.row(at),
            None => ArrayView1::from(&placed.at),
        };
        points.row_mut(item).assign(&place);
        added.push(Added {
            item,
            fit: placed.fit,
            is_misfit: placed.is_misfit,
        });
    }
    Ok(DocumentMap {
        projection: Projection {
            points,
            variance_shares: frozen.map.projection.variance_shares.clone(),
        },
        rule: frozen.map.rule.clone(),
        added,
        components: frozen.map.components.clone(),
    })
}

fn known_places(items: Items<'_>) -> HashMap<(String, &str), usize> {
    (0..items.n())
        .map(|item| (identity(items, item), item))
        .collect()
}

/// The same text from the same place is the same item.
fn identity(items: Items<'_>, item: usize) -> (String, &str) {
    (items.document(item).source.to_string(), items.text(item))
}
