//! Vectors that other programs made, from the command line to the files that come out.

use std::fs::{self, File};
use std::path::Path;

use semascope::vectors::{read_npy, write_npy};

use crate::support::{finished, repository, semascope};

const TEXTS: &str = "id,title,text,year\n\
    t1,Ebb,The tide goes out twice a day,1990\n\
    b1,Hive,Bees keep honey in their hive,1991\n\
    t2,Flood,The tide comes in over the sand,1992\n\
    b2,Swarm,Bees leave the hive in a swarm,1993\n";

/// Rows for t1, b1, t2 and b2: two subjects, in two directions.
fn vectors() -> ndarray::Array2<f32> {
    ndarray::array![
        [1.0, 0.1, 0.0],
        [0.0, 3.0, 0.1],
        [0.9, 0.0, 0.1],
        [0.1, 2.0, 0.0]
    ]
}

fn import(vectors: &Path, texts: &Path, out: &Path, more: &[&str]) -> (i32, String, String) {
    let mut command = semascope();
    command.arg("import").arg(vectors).arg("--texts").arg(texts);
    finished(command.arg("--out").arg(out).args(more))
}

#[test]
fn imported_vectors_are_mapped_clustered_and_written_without_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_npy(File::create(at("v.npy")).unwrap(), vectors().view()).unwrap();
    fs::write(at("t.csv"), TEXTS).unwrap();
    let more = [
        "--clusters",
        "2",
        "--format",
        "csv,jsonl,parquet",
        "--threshold",
        "0.9",
    ];
    let (code, printed, said) = import(&at("v.npy"), &at("t.csv"), &at("out"), &more);
    assert_eq!(code, 0, "{said}");
    assert!(
        printed.starts_with("4 documents, 4 passages, 27 words"),
        "{printed}"
    );
    assert!(said.contains("The vectors come from a file"), "{said}");
    assert!(
        said.contains("3 of 4 vectors did not have length 1 and were scaled"),
        "{said}"
    );
    assert!(
        said.contains("Vectors and texts were matched by their order"),
        "{said}"
    );

    let written = |name: &str| fs::read_to_string(at("out").join(name)).unwrap();
    let rows: Vec<serde_json::Value> = written("documents.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((rows.len(), &rows[1]["title"]), (4, &"Hive".into()));
    assert_eq!(rows[3]["metadata"]["year"], "1993");
    assert_eq!(rows[0]["cluster"], rows[2]["cluster"]);
    assert_ne!(rows[0]["cluster"], rows[1]["cluster"]);
    let pairs = written("pairs.csv");
    assert_eq!(pairs.lines().count(), 3, "{pairs}");
    assert!(
        pairs.contains("0,2,Ebb,Flood,") && pairs.contains("1,3,Hive,Swarm,"),
        "{pairs}"
    );
    assert!(written("report.json").contains("imported/v.npy@"));
    let rows = read_npy(File::open(at("out").join("embeddings.npy")).unwrap()).unwrap();
    let lengths = rows.mapv(|x| x * x).sum_axis(ndarray::Axis(1));
    assert!(lengths.iter().all(|length| (length - 1.0).abs() < 1e-6));
    for name in ["map.png", "documents.parquet", "map.svg", "matrix.png"] {
        assert!(at("out").join(name).is_file(), "{name}");
    }
}

#[test]
fn ids_decide_where_both_files_have_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("v.csv"), "id,x,y\nb2,0,1\nb1,0.1,1\nt2,1,0\nt1,1,0.1\n").unwrap();
    fs::write(at("t.csv"), TEXTS).unwrap();
    let (code, _, said) = import(&at("v.csv"), &at("t.csv"), &at("out"), &["--clusters", "2"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("matched by their ids"), "{said}");
    let documents = fs::read_to_string(at("out/documents.csv")).unwrap();
    let clusters: Vec<&str> = documents
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth_back(4).unwrap())
        .collect();
    assert!(
        clusters[0] == clusters[2] && clusters[1] == clusters[3],
        "{documents}"
    );
    assert_ne!(clusters[0], clusters[1]);
}

#[test]
fn texts_and_vectors_may_lie_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("both.csv");
    let table =
        "id,text,vector\n1,Low water,\"[1.0, 0.0, 0.0]\"\n2,High water,\"[0.0, 1.0, 0.0]\"\n";
    fs::write(&file, table).unwrap();
    let (code, printed, said) = import(&file, &file, &folder.path().join("out"), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(printed.starts_with("2 documents"), "{printed}");
}

#[test]
fn what_does_not_fit_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("t.txt"), "One\nTwo\nThree\n").unwrap();
    let refused = |vectors: &Path, expected: &str| {
        let (code, _, said) = import(vectors, &at("t.txt"), &at("out"), &[]);
        assert_eq!(code, 2);
        assert!(said.lines().last().unwrap().starts_with(expected), "{said}");
    };
    let fixture = |name: &str| repository("tests/fixtures/vectors").join(name);
    refused(&fixture("f4.npy"), "There are 4 vectors but 3 texts");
    refused(
        &fixture("nan.csv"),
        "Row 2 (id “b”) holds a value that is not finite",
    );
    refused(&fixture("ragged.csv"), "Row 3 (id “c”) has 2 values");
    refused(&at("t.txt"), "Vectors are read from files that end in .npy");
    assert!(!at("out").exists());
}
