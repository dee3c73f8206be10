//! What should run now: for each stage the key that is wanted, if its inputs are there.
//!
//! A stage whose present key is the wanted one is left alone, whatever became of it: ready, being
//! made, stopped or failed. Everything else follows from comparing keys.

use super::Session;
use super::artifact::{Artifact, Key, Rule, Status};
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
                (
                    Vec::new(),
                    Rule::Open(self.settings.model.clone(), self.settings.precision),
                )
            }
            Stage::Corpus => {
                self.has_inputs()?;
                (
                    vec![self.inputs_revision],
                    Rule::Read(self.settings.read.clone()),
                )
            }
            Stage::Passages => {
                let corpus = self.ready(&self.corpus, Stage::Corpus)?;
                let model = self.ready(&self.model, Stage::Model)?;
                let has_text = !self.corpus.value()?.documents.is_empty();
                has_text.then_some((vec![corpus, model], Rule::Split))?
            }
            Stage::Embedding => (
                vec![self.ready(&self.passages, Stage::Passages)?],
                Rule::Embed,
            ),
            Stage::Projection => (vec![self.items_revision()?], Rule::Project(level)),
            Stage::Clusters => (
                vec![self.items_revision()?],
                Rule::Cluster(level, self.settings.cluster),
            ),
            Stage::Order => {
                let clusters = self.ready(&self.clusters, Stage::Clusters)?;
                (vec![self.items_revision()?, clusters], Rule::Order(level))
            }
            Stage::Comparison => {
                let pair = self.selection.compared?;
                (vec![self.items_revision()?], Rule::Compare(level, pair))
            }
            Stage::Search => {
                let query = Some(&self.query).filter(|query| !query.is_empty())?;
                (
                    vec![self.items_revision()?],
                    Rule::Search(level, query.clone()),
                )
            }
        };
        Some(Key { inputs, rule })
    }

    fn has_inputs(&self) -> Option<()> {
        (!self.inputs.is_empty()).then_some(())
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
        let model = || self.model.value().cloned();
        let embedded = || self.embedded.value().cloned();
        Some(match stage {
            Stage::Model => Task::Open(self.settings.model.clone(), self.settings.precision),
            Stage::Corpus if self.shows_stored => Task::Stored(self.stored.clone()?),
            Stage::Corpus => Task::Read(
                self.inputs.clone(),
                self.settings.read.clone(),
                self.tools.clone(),
                self.stored.clone(),
            ),
            Stage::Passages => Task::Split(self.corpus.value()?.clone(), model()?),
            Stage::Embedding => Task::Embed(
                self.corpus.value()?.clone(),
                self.passages.value()?.clone(),
                model()?,
                self.tools.cache.clone(),
                self.stored.clone(),
            ),
            Stage::Projection => Task::Project(embedded()?, level),
            Stage::Clusters => Task::Cluster(embedded()?, level, self.settings.cluster),
            Stage::Order => Task::Order(embedded()?, level, self.clusters.value()?.clone()),
            Stage::Comparison => {
                Task::Compare(embedded()?, level, self.selection.compared?, model()?)
            }
            Stage::Search => Task::Search(embedded()?, level, self.query.clone(), model()?),
        })
    }
}
