//! The model against its reference in numpy, `tests/fixtures/hdt/reference.py`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use ndarray::Array2;
use serde::Deserialize;
use serde_json::{Value, json};

use super::layout::{Anchors, Layout};
use super::random::Random;
use super::*;
use crate::vectors::Pooling;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/hdt");
/// The fixture's, by their places in its vocabulary.
const ANCHORS: Anchors = Anchors {
    document: 4,
    section: 3,
    sentence: 2,
};
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Case {
    name: String,
    text: Option<String>,
    sections: Vec<Vec<Vec<u32>>>,
    max_tokens: usize,
    ids: Vec<u32>,
    positions: Vec<[u32; 3]>,
    hidden: Vec<Vec<f32>>,
    pooled: Vec<f32>,
}

fn cases() -> Vec<Case> {
    let json = include_str!("../../../../tests/fixtures/hdt/reference.json");
    serde_json::from_str(json).unwrap()
}

fn files() -> ModelFiles {
    ModelFiles::read(Path::new(FOLDER), None).unwrap()
}

fn loaded() -> HdtModel {
    HdtModel::new(&files()).unwrap()
}

fn check_near<'a>(found: impl Iterator<Item = &'a f32>, expected: &[f32], name: &str) {
    let found: Vec<f32> = found.copied().collect();
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() < TOLERANCE,
            "{name}: {found}, not {expected}"
        );
    }
}

/// Long enough for several blocks of rows.
fn long_layout() -> Layout {
    let mut random = Random::new(5);
    let mut sentence = |n: usize| -> Vec<u32> {
        let words = (0..n).map(|_| 6 + random.below(30) as u32);
        words.collect()
    };
    let mut sections = vec![vec![sentence(150)]];
    for n_sentences in [1, 40, 7] {
        let mut section = Vec::new();
        for i in 0..n_sentences {
            section.push(sentence(3 + i % 9));
        }
        sections.push(section);
    }
    Layout::new(&sections, ANCHORS, usize::MAX)
}

#[test]
fn hidden_states_and_pooled_vectors_are_those_of_the_reference() {
    let model = loaded().model;
    for case in cases() {
        let layout = Layout::new(&case.sections, ANCHORS, case.max_tokens);
        assert_eq!(layout.ids, case.ids, "{}", case.name);
        assert_eq!(layout.positions, case.positions, "{}", case.name);
        let hidden = model.hidden(&layout, Threads::One, &Progress::new());
        let hidden = hidden.unwrap();
        let expected: Vec<f32> = case.hidden.into_iter().flatten().collect();
        check_near(hidden.iter(), &expected, &case.name);
        check_near(model.pooled(&hidden).iter(), &case.pooled, &case.name);
    }
}

#[test]
fn texts_of_all_lengths_together_give_the_vectors_of_the_reference() {
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| case.text.is_some())
        .collect();
    let texts: Vec<&str> = cases
        .iter()
        .filter_map(|case| case.text.as_deref())
        .collect();
    assert!(texts.len() > 3);
    let model = loaded();
    let together = model.embed(&texts, &Progress::new()).unwrap();
    for (row, case) in cases.iter().enumerate() {
        check_near(together.row(row).iter(), &case.pooled, &case.name);
        let alone = model.embed(&texts[row..=row], &Progress::new()).unwrap();
        assert_eq!(alone.row(0), together.row(row), "{}", case.name);
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let model = loaded().model;
    let layout = long_layout();
    let hidden = |threads: Threads| model.hidden(&layout, threads, &Progress::new()).unwrap();
    let expected: Array2<f32> = hidden(Threads::One);
    for n_threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads);
        let found = pool.build().unwrap().install(|| hidden(Threads::All));
        assert_eq!(found, expected);
    }
}

#[test]
fn every_text_is_handed_over_and_counted_once_whichever_way_it_runs() {
    let model = loaded();
    let long = "The teacher reads a letter. ".repeat(400);
    assert!(long.len() >= LONG_BYTES);
    let texts = ["The river.", long.as_str(), "", &long[..27], "A road."];
    let progress = Progress::new();
    let seen = Mutex::new(Vec::new());
    let each: &Each<'_> = &|batch, rows| {
        assert_eq!(rows.dim(), (1, 32));
        seen.lock().unwrap().extend_from_slice(batch);
    };
    model.embed_each(&texts, &progress, each).unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3, 4]);
    let snapshot = progress.snapshot().unwrap();
    assert_eq!((snapshot.done, snapshot.total), (5, 5));
}

#[test]
fn a_stopped_model_stops() {
    let progress = Progress::new();
    progress.stop();
    let stopped = loaded().embed(&["The river."], &progress);
    assert!(matches!(stopped, Err(EmbedError::Cancelled(_))));
}

#[test]
fn it_tells_its_length_and_that_its_vectors_are_no_mean() {
    let model = loaded();
    assert_eq!(model.max_text_tokens(), 46, "48 but for <doc> and <sec>");
    assert_eq!((model.tag().dimension, model.tag().max_tokens), (32, 48));
    assert_eq!(model.tag().pooling, Pooling::Cls);
    let tokens = model.tokens("The river.", &Progress::new()).unwrap();
    assert!(tokens.is_none());
}

/// The fixture with one field of its configuration changed is refused for that reason.
fn check_refused(name: &str, value: Value, reason: &str) {
    let mut files = files();
    files.config[name] = value;
    let error = HdtModel::new(&files).err().unwrap().to_string();
    assert!(error.contains(reason), "{error}");
}

#[test]
fn weights_that_do_not_fit_the_configuration_are_refused() {
    check_refused("num_layers", json!(2), "more layers than the 2");
    check_refused("num_layers", json!(4), "encoder.block.3.layer");
    check_refused("d_kv", json!(8), "shape mismatch");
    check_refused("d_ff", json!(64), "shape mismatch");
    check_refused("d_model", json!(30), "shape mismatch");
    let mut files = files();
    files.weights = ModelFiles::bundled().weights;
    let error = HdtModel::new(&files).err().unwrap().to_string();
    assert!(error.contains("not the weights of an HDT"), "{error}");
}

/// The same tensors, named as in the model that the encoder was trained in, which besides keeps the
/// vocabulary under its other name.
fn renamed(weights: &[u8]) -> Vec<u8> {
    let n_header = u64::from_le_bytes(*weights.first_chunk().unwrap()) as usize;
    let header = &weights[8..8 + n_header];
    let header: BTreeMap<String, Value> = serde_json::from_slice(header).unwrap();
    let tensors = header
        .into_iter()
        .filter(|(name, _)| name != "__metadata__");
    let rename = |name: &str| format!("model.{name}").replace("shared.", "encoder.embed_tokens.");
    let header: BTreeMap<String, Value> = tensors
        .map(|(name, tensor)| (rename(&name), tensor))
        .collect();
    let mut header = serde_json::to_vec(&header).unwrap();
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], &header[..], &weights[8 + n_header..]].concat()
}

#[test]
fn weights_are_found_inside_the_model_that_they_were_trained_in() {
    let mut files = files();
    let expected = loaded().embed(&["The river."], &Progress::new()).unwrap();
    files.weights = renamed(&files.weights).into();
    let model = HdtModel::new(&files).unwrap();
    let found = model.embed(&["The river."], &Progress::new()).unwrap();
    assert_eq!(found, expected);
}

#[test]
fn it_is_off_until_it_is_named() {
    assert!(is_named("hdt") && is_named("other, hdt"));
    assert!(!is_named("") && !is_named("1") && !is_named("hdt-x"));
    assert_eq!(
        FilesError::Experimental("A=b".into()).to_string(),
        "this model is an HDT, which is experimental and switched off. To try it, set the \
         environment variable A=b and start Semascope again"
    );
}
