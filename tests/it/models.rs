//! Tiny models of every architecture against sentence-transformers; see `fixtures/models/make.py`.

use std::fs::{self, File};
use std::path::Path;

use ndarray::Array2;
use semascope::embed::{EmbedderChoice, InstructionSet, PrecisionRule, open, open_on};
use semascope::progress::Progress;
use semascope::vectors::{Embeddings, Precision, read_npy};

use crate::support::repository;

fn texts() -> Vec<String> {
    let file = File::open(repository("tests/fixtures/models/texts.json")).unwrap();
    serde_json::from_reader(file).unwrap()
}

fn expected(folder: &Path) -> Array2<f32> {
    read_npy(File::open(folder.join("expected.npy")).unwrap()).unwrap()
}

/// The largest difference of a number, alone or in a batch.
fn largest_difference(folder: &Path, model: &EmbedderChoice) -> (f32, String) {
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let model = open(model, PrecisionRule::F32, &Progress::new()).unwrap();
    let together = model.embed(&texts, &Progress::new()).unwrap();
    let expected = expected(folder);
    assert_eq!(together.dim(), expected.dim());
    let mut largest = (&together - &expected)
        .iter()
        .fold(0.0_f32, |most, x| most.max(x.abs()));
    for (text, expected) in texts.iter().zip(expected.rows()) {
        let alone = model.embed(&[text], &Progress::new()).unwrap();
        let difference = &alone.row(0) - &expected;
        largest = difference.iter().fold(largest, |most, x| most.max(x.abs()));
    }
    (largest, model.summary())
}

#[test]
fn every_architecture_gives_the_vectors_of_the_reference() {
    // Name, tolerance, and whether the fused encoder runs it.
    let models = [
        ("bert", 1e-5, true),
        // Not normalized: its vectors have a length of about 10.
        ("bert-cls", 1e-4, true),
        ("bert-relu", 1e-5, false),
        ("bert-odd", 1e-5, false),
        ("distilbert", 1e-5, true),
        ("roberta", 1e-5, true),
        ("xlm-roberta", 1e-5, true),
        ("mpnet", 1e-5, true),
        ("modernbert", 1e-5, false),
        ("nomic-bert", 1e-5, false),
    ];
    for (name, tolerance, is_fused) in models {
        let folder = repository("tests/fixtures/models").join(name);
        let choice = EmbedderChoice::Folder(folder.clone());
        let (largest, summary) = largest_difference(&folder, &choice);
        println!("{summary}: differs by {largest:.1e} at most");
        assert!(largest < tolerance, "{name} differs by {largest}");
        assert_eq!(!summary.contains("candle"), is_fused, "{summary}");
    }
}

#[test]
fn fused_architectures_agree_in_every_way() {
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for name in [
        "bert",
        "bert-cls",
        "distilbert",
        "roberta",
        "xlm-roberta",
        "mpnet",
    ] {
        let folder = repository("tests/fixtures/models").join(name);
        let expected = Embeddings::normalized(expected(&folder));
        for set in InstructionSet::available() {
            let model = open_on(
                &EmbedderChoice::Folder(folder.clone()),
                set,
                &Progress::new(),
            )
            .unwrap();
            let found = Embeddings::normalized(model.embed(&texts, &Progress::new()).unwrap());
            // Random weights suffer more from rounding than trained ones.
            let exact = model.tag().precision == Precision::F32;
            let least = if exact { 0.99999 } else { 0.999 };
            for (text, row) in expected.view().rows().into_iter().enumerate() {
                let cosine = found.row(text).dot(&row);
                assert!(cosine >= least, "{name} on {set}, text {text}: {cosine}");
            }
        }
    }
}

#[test]
fn configurations_of_older_releases_are_understood() {
    for name in ["modernbert", "nomic-bert"] {
        let folder = repository("tests/fixtures/models").join(name);
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("1_Pooling")).unwrap();
        for file in [
            "tokenizer.json",
            "model.safetensors",
            "modules.json",
            "sentence_bert_config.json",
            "1_Pooling/config.json",
        ] {
            fs::copy(folder.join(file), copy.path().join(file)).unwrap();
        }
        fs::copy(
            folder.join("config-hub.json"),
            copy.path().join("config.json"),
        )
        .unwrap();
        let (largest, _) = largest_difference(&folder, &EmbedderChoice::Folder(copy.path().into()));
        assert!(largest < 1e-5, "{name} differs by {largest}");
    }
}

#[test]
fn a_text_without_tokens_is_nothing_and_harms_no_other() {
    let bert = repository("tests/fixtures/models/bert");
    let copy = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors"] {
        fs::copy(bert.join(file), copy.path().join(file)).unwrap();
    }
    // Without its last step the tokenizer adds no special tokens.
    let tokenizer = File::open(bert.join("tokenizer.json")).unwrap();
    let mut tokenizer: serde_json::Value = serde_json::from_reader(tokenizer).unwrap();
    tokenizer["post_processor"] = serde_json::Value::Null;
    fs::write(copy.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    for set in InstructionSet::available() {
        let choice = EmbedderChoice::Folder(copy.path().into());
        let model = open_on(&choice, set, &Progress::new()).unwrap();
        let embed = |texts: &[&str]| model.embed(texts, &Progress::new()).unwrap();
        let rows = embed(&["", "A river.", ""]);
        assert!(rows.row(0).iter().chain(rows.row(2)).all(|x| *x == 0.0));
        assert_eq!(rows.row(1), embed(&["A river."]).row(0), "{set}");
    }
}

#[test]
fn files_of_two_models_are_told_apart() {
    let bert = repository("tests/fixtures/models/bert");
    let copy = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors"] {
        fs::copy(bert.join(file), copy.path().join(file)).unwrap();
    }
    fs::copy(
        repository("assets/model/tokenizer.json"),
        copy.path().join("tokenizer.json"),
    )
    .unwrap();
    let model = open(
        &EmbedderChoice::Folder(copy.path().into()),
        PrecisionRule::F32,
        &Progress::new(),
    );
    let error = model
        .unwrap()
        .embed(&["A river."], &Progress::new())
        .unwrap_err();
    assert!(
        error.to_string().contains("take both files from one model"),
        "{error}"
    );
}
