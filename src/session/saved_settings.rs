//! Settings as a workspace file holds them.
//!
//! Types of their own, as in [`file`](super::file): what the program works with may change. A field
//! that a file lacks has the value of a new exploration.

use serde::{Deserialize, Serialize};

use super::duplicates::DuplicateThreshold;
use super::file::PathV1;
use super::map::{MapRule, Poles, SemanticAxes};
use super::order::RowOrder;
use super::settings::{Level, Settings};
use crate::analysis::{ClusterCount, ClusterMethod, HdbscanRule, ProjectionMethod};
use crate::embed::EmbedderChoice;

/// What decides what is made, as far as a person can set it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsV1 {
    model: ModelV1,
    text_column: Option<String>,
    with_hidden: bool,
    passages: bool,
    clusters: Option<usize>,
    cluster_method: ClusterMethodV1,
    map: MapV1,
    row_order: OrderV1,
    duplicates_from: Option<f32>,
    without_boilerplate: bool,
    second_model: Option<ModelV1>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ModelV1 {
    #[default]
    Bundled,
    Folder(PathV1),
    Hub(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClusterMethodV1 {
    #[default]
    KMeans,
    Hdbscan {
        #[serde(default)]
        min_cluster_size: Option<usize>,
        #[serde(default)]
        min_samples: Option<usize>,
    },
    Hierarchy,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
struct MapV1 {
    method: MapMethodV1,
    has_three_axes: bool,
    axes: Option<AxesV1>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MapMethodV1 {
    #[default]
    Pca,
    Umap,
    Tsne,
}

/// Each pair is the text of the low end and that of the high end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct AxesV1 {
    across: (String, String),
    #[serde(default)]
    up: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OrderV1 {
    #[default]
    Clusters,
    Folders,
    Titles,
}

impl From<&Settings> for SettingsV1 {
    fn from(settings: &Settings) -> Self {
        Self {
            model: (&settings.model).into(),
            text_column: settings.read.text_column.clone(),
            with_hidden: settings.read.with_hidden,
            passages: settings.level == Level::Passages,
            clusters: match settings.cluster.count {
                ClusterCount::Auto => None,
                ClusterCount::Fixed(n) => Some(n),
            },
            cluster_method: settings.cluster.method.into(),
            map: (&settings.map).into(),
            row_order: match settings.order {
                // An item is known by its number, which means nothing in a file.
                RowOrder::Clusters | RowOrder::LikenessTo(_) => OrderV1::Clusters,
                RowOrder::Folders => OrderV1::Folders,
                RowOrder::Titles => OrderV1::Titles,
            },
            duplicates_from: match settings.duplicates {
                DuplicateThreshold::Auto => None,
                DuplicateThreshold::Fixed(threshold) => Some(threshold),
            },
            without_boilerplate: settings.without_boilerplate,
            second_model: settings.second_model.as_ref().map(ModelV1::from),
        }
    }
}

impl SettingsV1 {
    /// Puts back what was saved; what is not saved stays.
    pub fn restore(self, settings: &mut Settings) {
        settings.model = self.model.into();
        settings.read.text_column = self.text_column;
        settings.read.with_hidden = self.with_hidden;
        settings.level = if self.passages {
            Level::Passages
        } else {
            Level::Documents
        };
        settings.cluster.count = self
            .clusters
            .map_or(ClusterCount::Auto, ClusterCount::Fixed);
        settings.cluster.method = self.cluster_method.into();
        self.map.restore(&mut settings.map);
        settings.order = match self.row_order {
            OrderV1::Clusters => RowOrder::Clusters,
            OrderV1::Folders => RowOrder::Folders,
            OrderV1::Titles => RowOrder::Titles,
        };
        settings.duplicates = self
            .duplicates_from
            .map_or(DuplicateThreshold::Auto, DuplicateThreshold::Fixed);
        settings.without_boilerplate = self.without_boilerplate;
        settings.second_model = self.second_model.map(EmbedderChoice::from);
    }
}

impl From<&EmbedderChoice> for ModelV1 {
    fn from(choice: &EmbedderChoice) -> Self {
        match choice {
            EmbedderChoice::Bundled => Self::Bundled,
            // A file must never be able to send texts somewhere.
            #[cfg(feature = "cloud")]
            EmbedderChoice::Remote(_) => Self::Bundled,
            EmbedderChoice::Folder(folder) => Self::Folder(folder.as_path().into()),
            EmbedderChoice::Hub(name) => Self::Hub(name.clone()),
        }
    }
}

impl From<ModelV1> for EmbedderChoice {
    fn from(model: ModelV1) -> Self {
        match model {
            ModelV1::Bundled => Self::Bundled,
            ModelV1::Folder(folder) => Self::Folder(folder.into()),
            ModelV1::Hub(name) => Self::Hub(name),
        }
    }
}

impl From<ClusterMethod> for ClusterMethodV1 {
    fn from(method: ClusterMethod) -> Self {
        match method {
            ClusterMethod::KMeans => Self::KMeans,
            ClusterMethod::Hdbscan(rule) => Self::Hdbscan {
                min_cluster_size: rule.min_cluster_size,
                min_samples: rule.min_samples,
            },
            ClusterMethod::Hierarchy => Self::Hierarchy,
        }
    }
}

impl From<ClusterMethodV1> for ClusterMethod {
    fn from(method: ClusterMethodV1) -> Self {
        match method {
            ClusterMethodV1::KMeans => Self::KMeans,
            ClusterMethodV1::Hdbscan {
                min_cluster_size,
                min_samples,
            } => Self::Hdbscan(HdbscanRule {
                min_cluster_size,
                min_samples,
            }),
            ClusterMethodV1::Hierarchy => Self::Hierarchy,
        }
    }
}

impl From<&MapRule> for MapV1 {
    fn from(rule: &MapRule) -> Self {
        let poles = |poles: &Poles| (poles.from.clone(), poles.to.clone());
        Self {
            method: match rule.projection.method {
                ProjectionMethod::Pca => MapMethodV1::Pca,
                ProjectionMethod::Umap => MapMethodV1::Umap,
                ProjectionMethod::Tsne => MapMethodV1::Tsne,
            },
            has_three_axes: rule.projection.n_axes == 3,
            axes: rule.axes.as_ref().map(|axes| AxesV1 {
                across: poles(&axes.across),
                up: axes.up.as_ref().map(poles),
            }),
        }
    }
}

impl MapV1 {
    fn restore(self, rule: &mut MapRule) {
        let poles = |(from, to)| Poles { from, to };
        rule.projection.method = match self.method {
            MapMethodV1::Pca => ProjectionMethod::Pca,
            MapMethodV1::Umap => ProjectionMethod::Umap,
            MapMethodV1::Tsne => ProjectionMethod::Tsne,
        };
        rule.projection.n_axes = if self.has_three_axes { 3 } else { 2 };
        rule.axes = self.axes.map(|axes| SemanticAxes {
            across: poles(axes.across),
            up: axes.up.map(poles),
        });
    }
}
