//! What should run now: for each stage the key that is wanted, if its inputs are there.
//!
//! A stage whose present key is the wanted one is left alone, whatever became of it: ready, being
//! made, stopped or failed. Everything else follows from comparing keys.

use super::Session;
use super::agreement::Second;
use super::artifact::{Artifact, Key, Rule, Status};
use super::compare::{Beside, Comparing, Opposite};
use super::map::Layout;
use super::saved_searches::SavedSearch;
use super::search::Searched;
use super::work::{Stage, Task, Work};

impl Session {
    /// The work that is due, in the order of the pipeline.
    pub fn due(&self) -> Vec<Work> {
        let due = |stage: &Stage| {
            let key = self.wanted(*stage)?;
            let is_due = self.status(*stage).key() != Some(&key);
            is_due.then(|| {
                Some(Work {
                    stage: *stage,
                    key,
                    task: self.task(*stage)?,
                })
            })?
        };
        Stage::ALL.iter().filter_map(due).collect()
    }

    /// Forgets work in progress that is no longer wanted, and names its stages so that their jobs
    /// can be stopped.
    pub fn forget_unwanted(&mut self) -> Vec<Stage> {
        let is_unwanted = |stage: &Stage| match self.status(*stage) {
            Status::Working(key) => self.wanted(*stage).as_ref() != Some(key),
            _ => false,
        };
        let unwanted: Vec<Stage> = Stage::ALL.into_iter().filter(is_unwanted).collect();
        for stage in &unwanted {
            *self.status_mut(*stage) = Status::Missing;
        }
        unwanted
    }

    /// The request that a stage should answer now; `None` while its inputs are not there.
    fn wanted(&self, stage: Stage) -> Option<Key> {
        let level = self.settings.level;
        let (inputs, rule) = match stage {
            Stage::Model => {
                self.has_inputs()?;
                self.uses_model()?;
                (
                    Vec::new(),
                    Rule::Open(self.settings.model.clone(), self.settings.precision),
                )
            }
            Stage::Corpus => {
                self.has_inputs()?;
                let rule = self.settings.read.clone();
                let rule = match self.vectors {
                    Some(_) => Rule::ReadRows(rule),
                    None => Rule::Read(rule),
                };
                (vec![self.inputs_revision], rule)
            }
            Stage::Boilerplate => {
                let corpus = self.ready(&self.corpus, Stage::Corpus)?;
                (vec![corpus], Rule::FindBoilerplate)
            }
            Stage::Passages => {
                let corpus = self.ready(&self.corpus, Stage::Corpus)?;
                let mut inputs = vec![corpus];
                if self.vectors.is_none() {
                    inputs.push(self.ready(&self.model, Stage::Model)?);
                }
                // Vectors from elsewhere are of whole texts.
                let without = self.settings.without_boilerplate && self.vectors.is_none();
                if without {
                    inputs.push(self.ready(&self.boilerplate, Stage::Boilerplate)?);
                }
                let has_text = !self.corpus.value()?.documents.is_empty();
                has_text.then_some((inputs, Rule::Split(without)))?
            }
            Stage::Embedding => {
                let rule = self.vectors.clone().map_or(Rule::Embed, Rule::Import);
                (vec![self.ready(&self.passages, Stage::Passages)?], rule)
            }
            Stage::Projection => {
                let n_axes = self.settings.map.projection.n_axes;
                (vec![self.items_revision()?], Rule::Project(level, n_axes))
            }
            Stage::Neighbors => (vec![self.items_revision()?], Rule::FindNeighbors(level)),
            Stage::Clusters => {
                let rule = Rule::Cluster(level, self.settings.cluster);
                (vec![self.items_revision()?, self.graph_revision()?], rule)
            }
            Stage::Subgroups => self.wanted_subgroups()?,
            Stage::Order => {
                let clusters = self.ready(&self.clusters, Stage::Clusters)?;
                let rule = Rule::Order(level, self.settings.order);
                (vec![self.items_revision()?, clusters], rule)
            }
            Stage::Layout => self.wanted_layout()?,
            Stage::Duplicates => {
                let rule = Rule::FindDuplicates(level, self.settings.duplicates);
                (vec![self.items_revision()?, self.graph_revision()?], rule)
            }
            Stage::Quality => {
                let inputs = [
                    self.items_revision()?,
                    self.graph_revision()?,
                    self.map_revision()?,
                ];
                (inputs.to_vec(), Rule::Measure(level))
            }
            Stage::Stability => {
                let clusters = self.ready(&self.clusters, Stage::Clusters)?;
                let inputs = [self.items_revision()?, self.graph_revision()?, clusters];
                (inputs.to_vec(), Rule::Repeat(level, self.settings.cluster))
            }
            Stage::Agreement => {
                self.uses_model()?;
                let choice = self.settings.second_model.clone()?;
                let rule = Rule::AskSecond(level, choice, self.settings.precision);
                (vec![self.items_revision()?, self.graph_revision()?], rule)
            }
            Stage::Comparison => {
                self.uses_model()?;
                self.wanted_comparison()?
            }
            Stage::Belonging => self.wanted_belonging()?,
            Stage::Search => {
                let query = Some(&self.query).filter(|query| !query.is_empty())?;
                if !query.words.is_empty() {
                    self.uses_model()?;
                }
                (
                    vec![self.items_revision()?],
                    Rule::Search(level, query.clone()),
                )
            }
            Stage::Saved => self.wanted_scores()?,
            Stage::Rows => self.wanted_rows()?,
        };
        Some(Key { inputs, rule })
    }

    /// The map beyond principal components, if one is asked for.
    fn wanted_layout(&self) -> Option<(Vec<u64>, Rule)> {
        let (level, rule) = (self.settings.level, &self.settings.map);
        let items = self.items_revision()?;
        if let Some((number, _)) = self.frozen_here() {
            return Some((vec![items], Rule::Freeze(level, number)));
        }
        if rule.is_pca() {
            return None;
        }
        let start = self.ready(&self.projection, Stage::Projection)?;
        let basis = match rule.axes {
            Some(_) => {
                self.uses_model()?;
                self.ready(&self.model, Stage::Model)?
            }
            None => self.graph_revision()?,
        };
        Some((vec![items, start, basis], Rule::LayOut(level, rule.clone())))
    }

    /// Two items, or an item and something that is none.
    fn wanted_comparison(&self) -> Option<(Vec<u64>, Rule)> {
        let (level, selection) = (self.settings.level, &self.selection);
        let pair = selection.compared?;
        let mut inputs = vec![self.items_revision()?];
        let Some(beside) = &selection.beside else {
            return Some((inputs, Rule::Compare(level, pair)));
        };
        if *beside == Beside::Cluster {
            inputs.push(self.ready(&self.clusters, Stage::Clusters)?);
        }
        Some((inputs, Rule::CompareWith(level, pair.0, beside.clone())))
    }

    /// What the clusters fall into.
    fn wanted_subgroups(&self) -> Option<(Vec<u64>, Rule)> {
        let clusters = self.ready(&self.clusters, Stage::Clusters)?;
        let rule = Rule::Part(self.settings.level, self.settings.cluster);
        Some((vec![self.items_revision()?, clusters], rule))
    }

    /// Why the selected item is in its cluster, if that is asked for.
    fn wanted_belonging(&self) -> Option<(Vec<u64>, Rule)> {
        self.uses_model()?;
        let selection = &self.selection;
        let item = selection.selected.filter(|_| selection.is_explained)?;
        let clusters = self.ready(&self.clusters, Stage::Clusters)?;
        let rule = Rule::Explain(self.settings.level, item);
        Some((vec![self.items_revision()?, clusters], rule))
    }

    /// Scores by the saved searches, if any of them has scores.
    fn wanted_scores(&self) -> Option<(Vec<u64>, Rule)> {
        let has_scores = self.saved.iter().any(SavedSearch::has_scores);
        let rule = Rule::Score(self.settings.level, self.saved.clone());
        has_scores.then_some((vec![self.items_revision()?], rule))
    }

    /// The filters and the order of the table. What they ask for may be there or not, and is asked for
    /// again when it comes.
    fn wanted_rows(&self) -> Option<(Vec<u64>, Rule)> {
        let items = self.items_revision()?;
        let there = |revision: Option<u64>| revision.unwrap_or(0);
        let inputs = vec![
            items,
            there(self.revision(Stage::Clusters)),
            there(self.revision(Stage::Neighbors)),
            there(self.shown_hits().and(self.revision(Stage::Search))),
            there(self.saved_scores().and(self.revision(Stage::Saved))),
            self.tags_revision,
        ];
        let (narrowing, sorting) = (self.narrowing.clone(), self.sorting.clone());
        let rule = Rule::List(self.settings.level, Box::new(narrowing), sorting);
        Some((inputs, rule))
    }

    /// The revision of the map that is asked for, once it is there.
    fn map_revision(&self) -> Option<u64> {
        if self.wants_layout() {
            return self.ready(&self.layout, Stage::Layout);
        }
        self.ready(&self.projection, Stage::Projection)
    }

    fn graph_revision(&self) -> Option<u64> {
        self.ready(&self.neighbors, Stage::Neighbors)
    }

    fn has_inputs(&self) -> Option<()> {
        (!self.inputs.is_empty()).then_some(())
    }

    /// Nothing can be embedded among vectors that came from elsewhere.
    fn uses_model(&self) -> Option<()> {
        self.vectors.is_none().then_some(())
    }

    fn items_revision(&self) -> Option<u64> {
        self.ready(&self.embedded, Stage::Embedding)
    }

    /// The revision of a stage's value, if it is the one that is wanted.
    fn ready<T>(&self, artifact: &Artifact<T>, stage: Stage) -> Option<u64> {
        artifact.revision_of(&self.wanted(stage)?)
    }

    /// What answers a request whose inputs are there.
    fn task(&self, stage: Stage) -> Option<Task> {
        let level = self.settings.level;
        let model = || self.model().cloned();
        let embedded = || self.embedded.value().cloned();
        let near = || self.neighbors.value().cloned();
        Some(match stage {
            Stage::Model => Task::Open(self.settings.model.clone(), self.settings.precision),
            Stage::Corpus if self.shows_stored => Task::Stored(self.stored.clone()?),
            Stage::Corpus if self.vectors.is_some() => Task::ReadRows(
                self.inputs.first()?.clone(),
                self.settings.read.clone(),
                self.tools.clone(),
            ),
            Stage::Corpus => Task::Read(
                self.inputs.clone(),
                self.settings.read.clone(),
                self.tools.clone(),
                self.stored.clone(),
            ),
            Stage::Boilerplate => Task::Boilerplate(self.corpus.value()?.clone()),
            Stage::Passages if self.vectors.is_some() => {
                Task::WholeDocuments(self.corpus.value()?.clone())
            }
            Stage::Passages => {
                let without = self.settings.without_boilerplate;
                let boilerplate = self.boilerplate.value().filter(|_| without).cloned();
                Task::Split(self.corpus.value()?.clone(), boilerplate, model()?)
            }
            Stage::Embedding if self.vectors.is_some() => Task::Import(
                self.corpus.value()?.clone(),
                self.passages.value()?.clone(),
                self.vectors.clone()?,
                self.stored.clone().filter(|_| self.shows_stored),
            ),
            Stage::Embedding => Task::Embed(
                self.corpus.value()?.clone(),
                self.passages.value()?.clone(),
                model()?,
                self.tools.cache.clone(),
                self.stored.clone(),
            ),
            Stage::Projection => {
                Task::Project(embedded()?, level, self.settings.map.projection.n_axes)
            }
            Stage::Neighbors => {
                Task::Neighbors(embedded()?, level, self.neighbors.value().cloned())
            }
            Stage::Clusters => Task::Cluster(embedded()?, level, near()?, self.settings.cluster),
            Stage::Subgroups => {
                let (clusters, rule) = (self.clusters.value()?.clone(), self.settings.cluster);
                Task::Subgroups(embedded()?, level, clusters, rule)
            }
            Stage::Order => {
                let clusters = self.clusters.value()?.clone();
                Task::Order(embedded()?, level, clusters, self.settings.order)
            }
            Stage::Layout => self.layout_task()?,
            Stage::Duplicates => {
                Task::Duplicates(embedded()?, level, near()?, self.settings.duplicates)
            }
            Stage::Quality => {
                let (_, map) = self.map()?;
                Task::Quality(embedded()?, level, near()?, map)
            }
            Stage::Stability => {
                let (clusters, rule) = (self.clusters.value()?.clone(), self.settings.cluster);
                Task::Stability(embedded()?, level, near()?, clusters, rule)
            }
            Stage::Agreement => {
                let second = Second {
                    embedded: embedded()?,
                    level,
                    choice: self.settings.second_model.clone()?,
                    precision: self.settings.precision,
                    cache: self.tools.cache.clone(),
                };
                Task::Agreement(second, near()?)
            }
            Stage::Comparison => Task::Compare(self.comparing()?),
            Stage::Belonging => {
                let (item, clusters) = (self.selection.selected?, self.clusters.value()?.clone());
                Task::Explain(embedded()?, level, item, clusters, model()?)
            }
            Stage::Rows => Task::List(self.facts()?, self.narrowing.clone(), self.sorting.clone()),
            Stage::Saved => Task::Saved(self.searched()?, self.saved.clone()),
            Stage::Search => Task::Search(self.searched()?, self.query.clone()),
        })
    }

    fn searched(&self) -> Option<Searched> {
        Some(Searched {
            embedded: self.embedded.value()?.clone(),
            level: self.settings.level,
            model: self.model().cloned(),
        })
    }

    fn comparing(&self) -> Option<Comparing> {
        let (left, right) = self.selection.compared?;
        let right = match self.selection.beside.clone() {
            None => Opposite::Item(right),
            Some(Beside::Text(text)) => Opposite::Text(text),
            Some(Beside::Cluster) => Opposite::Cluster(self.clusters.value()?.clone()),
        };
        Some(Comparing {
            embedded: self.embedded.value()?.clone(),
            level: self.settings.level,
            left,
            right,
            model: self.model()?.clone(),
        })
    }

    fn layout_task(&self) -> Option<Task> {
        let embedded = self.embedded.value()?.clone();
        if let Some((_, frozen)) = self.frozen_here() {
            return Some(Task::Frozen(frozen.clone(), embedded));
        }
        let layout = Layout {
            embedded,
            level: self.settings.level,
            rule: self.settings.map.clone(),
            start: self.projection.value()?.clone(),
            preview: self.preview.clone(),
        };
        Some(match layout.rule.axes.clone() {
            Some(axes) => Task::Axes(layout, axes, self.model.value()?.clone()),
            None => Task::Layout(layout, self.neighbors.value()?.clone()),
        })
    }
}
