//! The wheel: what is due, what is dropped, what stays.

use std::sync::Arc;

use ndarray::Array2;

use super::work::Value;
use super::*;
use crate::analysis::ClusterCount;
use crate::embed::{Each, EmbedError};
use crate::progress::Progress;
use crate::vectors::{ModelTag, Pooling, Precision};

/// Counts letters; quick, and wide enough to tell texts apart. Panics on demand.
struct Letters;

impl Embedder for Letters {
    fn tag(&self) -> &ModelTag {
        static TAG: std::sync::OnceLock<ModelTag> = std::sync::OnceLock::new();
        TAG.get_or_init(|| ModelTag {
            provider: "test",
            model_id: "letters".into(),
            weights_hash: String::new(),
            dimension: 26,
            pooling: Pooling::Mean,
            max_tokens: 64,
            precision: Precision::F32,
        })
    }

    fn summary(&self) -> String {
        "letters".into()
    }

    fn n_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    fn max_text_tokens(&self) -> usize {
        64
    }

    fn embed_each(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &Each<'_>,
    ) -> Result<(), EmbedError> {
        let mut rows = Array2::zeros((texts.len(), 26));
        for (text, mut row) in texts.iter().zip(rows.rows_mut()) {
            assert!(!text.contains("bomb"), "a strange document");
            for letter in text.to_lowercase().bytes().filter(u8::is_ascii_lowercase) {
                row[usize::from(letter - b'a')] += 1.0;
            }
            progress.advance(1)?;
        }
        each(&(0..texts.len()).collect::<Vec<_>>(), rows.view());
        Ok(())
    }
}

/// A session whose model is open already.
fn session(texts: &[&str]) -> Session {
    let mut session = Session::default();
    for text in texts {
        session.apply(Command::AddPasted((*text).into()));
    }
    let due = session.due();
    let open = due
        .into_iter()
        .find(|work| work.stage == Stage::Model)
        .unwrap();
    session.begin(&open);
    session.absorb(Outcome {
        stage: Stage::Model,
        key: open.key,
        elapsed: std::time::Duration::ZERO,
        result: Ok(Value::Model(Arc::new(Letters))),
    });
    session
}

fn stages(session: &Session) -> Vec<Stage> {
    session.due().iter().map(|work| work.stage).collect()
}

/// Starts the work of one stage and gives it back, not yet run.
fn begin(session: &mut Session, stage: Stage) -> Work {
    let work = session
        .due()
        .into_iter()
        .find(|work| work.stage == stage)
        .unwrap();
    session.begin(&work);
    work
}

fn turn(session: &mut Session) {
    while let Some(work) = session.due().into_iter().next() {
        session.begin(&work);
        let outcome = work.run(&Progress::new());
        session.absorb(outcome);
    }
}

const TEXTS: [&str; 4] = [
    "a tide at sea",
    "tides and the sea",
    "zip buzz fizz",
    "buzz of the fizz",
];

#[test]
fn an_empty_session_wants_nothing() {
    assert!(Session::default().due().is_empty());
}

#[test]
fn the_wheel_turns_until_all_is_there() {
    let mut session = session(&TEXTS);
    assert_eq!(stages(&session), [Stage::Corpus]);
    turn(&mut session);
    assert_eq!(session.items().unwrap().n(), 4);
    assert_eq!(session.map().unwrap().1.projection.points.dim(), (4, 2));
    assert!(session.order().is_some());
    assert_eq!(session.search_hits(), None);
}

#[test]
fn a_rule_changed_in_mid_run_drops_the_old_outcome() {
    let mut session = session(&TEXTS);
    turn(&mut session);
    session.apply(Command::SetClusterCount(ClusterCount::Fixed(3)));
    let three = begin(&mut session, Stage::Clusters);
    session.apply(Command::SetClusterCount(ClusterCount::Fixed(2)));
    assert_eq!(session.forget_unwanted(), [Stage::Clusters]);
    let two = begin(&mut session, Stage::Clusters);
    session.absorb(two.run(&Progress::new()));
    session.absorb(three.run(&Progress::new()));
    assert_eq!(session.clusters().unwrap().clustering.n_clusters(), 2);
    // What is made of clusters follows by itself.
    assert_eq!(
        stages(&session),
        [
            Stage::Order,
            Stage::Rows,
            Stage::Stability,
            Stage::Subgroups
        ]
    );
}

#[test]
fn the_old_result_stays_while_a_new_one_is_made() {
    let mut session = session(&TEXTS);
    turn(&mut session);
    let before = session.clusters().unwrap().clone();
    session.apply(Command::SetClusterCount(ClusterCount::Fixed(4)));
    begin(&mut session, Stage::Clusters);
    assert_eq!(session.clusters(), Some(&before));
    session.apply(Command::AddPasted("one more".into()));
    assert_eq!(session.items().unwrap().n(), 4);
    turn(&mut session);
    assert_eq!(session.items().unwrap().n(), 5);
}

#[test]
fn stopped_work_stays_stopped_until_it_is_asked_for_again() {
    let mut session = session(&TEXTS);
    let read = begin(&mut session, Stage::Corpus);
    let progress = Progress::new();
    progress.stop();
    session.absorb(read.run(&progress));
    assert!(matches!(session.status(Stage::Corpus), Status::Stopped(_)));
    assert!(stages(&session).is_empty());
    session.apply(Command::Retry(Stage::Corpus));
    turn(&mut session);
    assert_eq!(session.items().unwrap().n(), 4);
}

#[test]
fn stop_answers_at_once_and_the_late_outcome_is_dropped() {
    let mut session = session(&TEXTS);
    let read = begin(&mut session, Stage::Corpus);
    session.apply(Command::Stop(Stage::Corpus));
    session.absorb(read.run(&Progress::new()));
    assert!(session.corpus().is_none());
    assert!(stages(&session).is_empty());
}

#[test]
fn a_panic_fails_its_stage_and_nothing_else() {
    let mut session = session(&["a tide", "a bomb"]);
    turn(&mut session);
    let Status::Failed(_, message) = session.status(Stage::Embedding) else {
        panic!("the embedding did not fail");
    };
    assert!(message.summary.contains("failed unexpectedly"));
    assert_eq!(message.details, ["a strange document"]);
    assert_eq!(session.messages(), std::slice::from_ref(message));
    session.apply(Command::CloseAll);
    session.apply(Command::AddPasted("a tide".into()));
    turn(&mut session);
    assert_eq!(session.items().unwrap().n(), 1);
}

#[test]
fn commands_cannot_point_at_what_is_not_there() {
    let mut session = session(&TEXTS);
    turn(&mut session);
    session.apply(Command::Select(Some(4)));
    session.apply(Command::Compare(0, 9));
    assert_eq!(session.selection, Selection::default());
    session.apply(Command::Select(Some(3)));
    session.apply(Command::Compare(0, 1));
    turn(&mut session);
    assert_eq!(session.comparison().unwrap().pair, (0, 1));
    session.apply(Command::SwapCompared);
    assert!(session.comparison().is_none());
    turn(&mut session);
    assert_eq!(session.comparison().unwrap().pair, (1, 0));
    session.apply(Command::SetLevel(Level::Passages));
    assert_eq!(session.selection, Selection::default());
}

#[test]
fn a_document_vector_is_the_token_weighted_sum_of_its_passages() {
    let long = "sea sea sea sea. ".repeat(20) + &"buzz fizz buzz. ".repeat(9);
    let mut session = session(&[&long, "x"]);
    turn(&mut session);
    let embedded = session.items().unwrap().embedded().clone();
    let passages = embedded.passages.of_document[0].clone();
    assert_eq!(passages.len(), 2);
    let mut sum = ndarray::Array1::<f32>::zeros(26);
    for passage in passages {
        let weight = embedded.passages.list[passage].n_tokens as f32;
        sum.scaled_add(weight, &embedded.passage_vectors.row(passage));
    }
    let length = sum.dot(&sum).sqrt();
    let difference = (&sum / length - embedded.document_vectors.row(0)).mapv(f32::abs);
    assert!(difference.iter().all(|x| *x < 1e-6));
}

#[test]
fn search_finds_the_best_passage_of_each_item() {
    let mut session = session(&TEXTS);
    session.apply(Command::Search(" fizz ".into()));
    turn(&mut session);
    let hits = session.search_hits().unwrap();
    assert_eq!(hits.query.words, "fizz");
    assert_eq!(hits.hits.len(), 4);
    assert!([2, 3].contains(&hits.hits[0].item));
}
