//! The experimental HDT, from the command line; see `fixtures/hdt/reference.py`.

use std::fs::{self, File};
use std::path::Path;

use ndarray::Array2;
use semascope::vectors::{Embeddings, read_npy};
use serde_json::Value;

use crate::support::{finished, repository, semascope};

const LINE: &str = "The old river.";

/// Embeds one line with the tiny HDT, while these experiments are switched on.
fn embed(experiments: &str, target: &Path) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("lines.txt");
    fs::write(&lines, LINE).unwrap();
    let mut command = semascope();
    command.env("SEMASCOPE_EXPERIMENTAL", experiments);
    command.arg("embed").arg(&lines).arg("--out").arg(target);
    command.arg("--model").arg(repository("tests/fixtures/hdt"));
    finished(&mut command)
}

/// The reference's vector of the line, at length 1.
fn expected() -> Embeddings {
    let file = File::open(repository("tests/fixtures/hdt/reference.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_reader(file).unwrap();
    let case = cases.iter().find(|case| case["text"] == LINE).unwrap();
    let pooled: Vec<f32> = serde_json::from_value(case["pooled"].clone()).unwrap();
    Embeddings::normalized(Array2::from_shape_vec((1, pooled.len()), pooled).unwrap())
}

#[test]
fn an_hdt_is_refused_with_a_hint_until_it_is_switched_on() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("v.npy");
    for experiments in ["", "others"] {
        let (code, _, said) = embed(experiments, &target);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("experimental and switched off"), "{said}");
        assert!(said.contains("SEMASCOPE_EXPERIMENTAL=hdt"), "{said}");
        assert!(!target.exists());
    }
    let (code, _, said) = embed("hdt", &target);
    assert_eq!(code, 0, "{said}");
    let found = read_npy(File::open(&target).unwrap()).unwrap();
    let expected = expected();
    assert_eq!(found.dim(), (1, expected.dim()));
    let found = Embeddings::normalized(found);
    for (found, expected) in found.row(0).iter().zip(expected.row(0)) {
        assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
    }
}
