//! The program as scripts use it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use semascope::vectors::read_npy;
use serde_json::Value;

use crate::support::{finished, repository, semascope};

fn run(paths: &[&str], more: &[&str]) -> tempfile::TempDir {
    let out = tempfile::tempdir().unwrap();
    let paths = paths.iter().map(|path| repository(path));
    let (code, _, said) = finished(
        semascope()
            .arg("run")
            .args(paths)
            .arg("--out")
            .arg(out.path())
            .args(more),
    );
    assert_eq!(code, 0, "{said}");
    out
}

fn json(path: &Path) -> Value {
    serde_json::from_reader(File::open(path).unwrap()).unwrap()
}

const TWO_SUBJECTS: [&str; 2] = ["assets/sample/bees", "assets/sample/tides"];

#[test]
fn a_run_writes_tables_vectors_and_pictures_that_agree() {
    let out = run(&TWO_SUBJECTS, &["--clusters", "2"]);
    let at = |name: &str| out.path().join(name);
    let mut documents = csv::Reader::from_path(at("documents.csv")).unwrap();
    let header = documents
        .headers()
        .unwrap()
        .iter()
        .collect::<Vec<_>>()
        .join(",");
    assert_eq!(
        header,
        "id,title,source,tokens,tokens_read,cluster,nearest,outlier,x,y"
    );
    let rows: Vec<csv::StringRecord> = documents.records().map(Result::unwrap).collect();
    let n = rows.len();
    assert_eq!(n, 17);

    let vectors = read_npy(File::open(at("embeddings.npy")).unwrap()).unwrap();
    let similarity = read_npy(File::open(at("similarity.npy")).unwrap()).unwrap();
    assert_eq!((vectors.dim(), similarity.dim()), ((n, 384), (n, n)));
    let difference = (&vectors.dot(&vectors.t()) - &similarity).mapv(f32::abs);
    assert!(difference.iter().all(|x| *x < 1e-6));

    // The two subjects part, and their words name them.
    let clusters: BTreeMap<bool, Vec<&str>> = rows.iter().fold(BTreeMap::new(), |mut all, row| {
        all.entry(row[2].contains("tides"))
            .or_insert_with(Vec::new)
            .push(&row[5]);
        all
    });
    assert!(
        clusters
            .values()
            .all(|labels| labels.iter().all(|label| *label == labels[0])),
        "{clusters:?}"
    );
    let words = fs::read_to_string(at("clusters.csv")).unwrap();
    assert!(words.contains("tide") && words.contains("bees"), "{words}");

    let report = json(&at("report.json"));
    assert_eq!(report["documents"], n);
    assert_eq!(report["tokens"], report["tokens_read"]);
    let tokens: u64 = rows.iter().map(|row| row[3].parse::<u64>().unwrap()).sum();
    assert_eq!(report["tokens"], tokens);
    assert!(
        report["model"]
            .as_str()
            .unwrap()
            .starts_with("local/all-MiniLM-L6-v2@")
    );
    let map = fs::read_to_string(at("map.svg")).unwrap();
    assert_eq!(map.matches("<title>").count(), n);
    let picture = png::Decoder::new(std::io::BufReader::new(
        File::open(at("matrix.png")).unwrap(),
    ))
    .read_info();
    assert_eq!(picture.unwrap().info().width as usize % n, 0);
}

#[test]
fn two_runs_give_identical_files_on_one_thread_and_on_two() {
    let files = |threads: &str| {
        let out = run(&TWO_SUBJECTS, &["--threads", threads]);
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for entry in fs::read_dir(out.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, fs::read(&path).unwrap());
        }
        // How long it took is the one thing that may differ.
        let mut report: Value = serde_json::from_slice(&files["report.json"]).unwrap();
        report.as_object_mut().unwrap().remove("timing").unwrap();
        files.insert("report.json".into(), report.to_string().into_bytes());
        files
    };
    let (one, two, again) = (files("1"), files("2"), files("2"));
    assert_eq!(one.len(), 12);
    for (name, bytes) in &one {
        assert!(
            two[name] == *bytes && again[name] == *bytes,
            "{name} differs"
        );
    }
}

#[test]
fn passages_can_be_the_items() {
    let out = run(
        &["assets/sample/libraries/history-of-a-town-library.md"],
        &["--level", "passages"],
    );
    let rows = fs::read_to_string(out.path().join("documents.csv"))
        .unwrap()
        .lines()
        .count()
        - 1;
    let report = json(&out.path().join("report.json"));
    assert_eq!(report["documents"], 1);
    assert_eq!(report["passages"], rows);
    assert!(rows > 8);
}

#[test]
fn a_run_needs_no_network() {
    let has_namespaces = Command::new("unshare")
        .args(["-n", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if !has_namespaces {
        println!("skipped: this system cannot make a network namespace");
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command
        .arg("-n")
        .arg(env!("CARGO_BIN_EXE_semascope"))
        .arg("run")
        .arg(repository("assets/sample/chess"));
    let (code, _, said) = finished(command.arg("--out").arg(out.path()));
    assert_eq!(code, 0, "{said}");
}

#[test]
fn lines_are_embedded_one_by_one_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("v.npy");
    let mut child = semascope()
        .args(["embed", "-", "--out"])
        .arg(&target)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let long = "The tide comes in and goes out again. ".repeat(60);
    let lines =
        format!("A cat sleeps on the warm stove.\n\n{long}\nThe cat is asleep on the stove.\n");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 line longer than 254 tokens"), "{said}");
    let vectors = read_npy(File::open(&target).unwrap()).unwrap();
    assert_eq!(vectors.dim(), (4, 384));
    let cosine = |a: usize, b: usize| vectors.row(a).dot(&vectors.row(b));
    assert!(cosine(0, 3) > 0.8 && cosine(0, 2) < 0.4);
}

#[test]
fn two_documents_are_compared_sentence_by_sentence() {
    let side = |name: &str| repository(&format!("assets/sample/tides/{name}"));
    let pair = [
        side("rule-of-twelfths.txt"),
        side("rule-of-twelfths-revised.md"),
    ];
    let (code, printed, said) = finished(semascope().arg("compare").args(&pair).arg("--json"));
    assert_eq!(code, 0, "{said}");
    let found: Value = serde_json::from_str(&printed).unwrap();
    assert!(found["score"].as_f64().unwrap() > 0.9, "{found}");
    let matches = found["matches"].as_array().unwrap();
    assert!(matches.len() >= 4);
    let cosines: Vec<f64> = matches
        .iter()
        .map(|found| found["cosine"].as_f64().unwrap())
        .collect();
    assert!(cosines.is_sorted_by(|a, b| a >= b));

    // What pairs of sentences and the residuals contribute is all of the score.
    assert_eq!(found["exact"], true);
    let rows = found["contributions"].as_array().unwrap();
    let n_sentences = |side: &str| found[side].as_array().unwrap().len();
    let (n_left, n_right) = (
        n_sentences("sentences_left"),
        n_sentences("sentences_right"),
    );
    assert_eq!(found["residual"]["row"], n_left);
    assert_eq!(found["residual"]["column"], n_right);
    assert_eq!(rows.len(), n_left + 1);
    let mut sum = 0.0;
    for row in rows {
        let row = row.as_array().unwrap();
        assert_eq!(row.len(), n_right + 1);
        sum += row.iter().map(|x| x.as_f64().unwrap()).sum::<f64>();
    }
    let score = found["score"].as_f64().unwrap();
    assert!((sum - score).abs() < 1e-5, "{sum} is not {score}");

    let (code, printed, _) = finished(semascope().arg("compare").args(&pair));
    assert_eq!(code, 0);
    assert!(printed.contains("contribution  cosine"), "{printed}");
    println!("{printed}");

    let (code, printed, _) = finished(semascope().arg("compare").arg(&pair[0]).arg(&pair[0]));
    assert_eq!(code, 0);
    assert!(printed.starts_with("1.000"), "{printed}");
    let many = repository("assets/sample/reviews.csv");
    let (code, _, said) = finished(semascope().arg("compare").arg(&pair[0]).arg(&many));
    assert_eq!(code, 2);
    assert!(
        said.contains("holds 16 documents, where one is wanted"),
        "{said}"
    );
}

#[test]
fn two_documents_are_compared_beyond_what_all_share() {
    let side = |name: &str| repository(&format!("assets/sample/tides/{name}"));
    let pair = [
        side("rule-of-twelfths.txt"),
        side("rule-of-twelfths-revised.md"),
    ];
    let mut command = semascope();
    command.arg("compare").args(&pair).arg("--json");
    let (code, alone, said) = finished(&mut command);
    assert_eq!(code, 0, "{said}");
    let (code, among, said) = finished(command.arg("--among").args(TWO_SUBJECTS.map(repository)));
    assert_eq!(code, 0, "{said}");
    let [alone, among]: [Value; 2] =
        [alone, among].map(|text| serde_json::from_str(&text).unwrap());
    assert_eq!(alone["score"], among["score"]);
    assert_eq!(alone["relative"], Value::Null);
    let relative = &among["relative"];
    let rows = relative["contributions"].as_array().unwrap().iter();
    let numbers = rows.flat_map(|row| row.as_array().unwrap());
    let sum: f64 = numbers.map(|x| x.as_f64().unwrap()).sum();
    assert!((sum - relative["score"].as_f64().unwrap()).abs() < 1e-5);
    assert!(relative["score"].as_f64() < among["score"].as_f64());
    // One number for each sentence: the score without it.
    for side in ["left", "right"] {
        let sentences = among[format!("sentences_{side}")].as_array().unwrap();
        let without = among[format!("without_{side}")].as_array().unwrap();
        assert_eq!(sentences.len(), without.len());
        assert!(without.iter().all(|x| x.as_f64().unwrap().abs() <= 1.0));
    }
}

#[test]
fn a_document_is_explained_against_its_cluster() {
    let file = repository("assets/sample/tides/rule-of-twelfths.txt");
    let mut command = semascope();
    command
        .arg("why")
        .arg(&file)
        .args(TWO_SUBJECTS.map(repository));
    command.args(["--clusters", "ward:2"]);
    let (code, printed, said) = finished(&mut command);
    assert_eq!(code, 0, "{said}");
    assert!(printed.contains("is in the cluster “"), "{printed}");
    let (code, printed, said) = finished(command.arg("--json"));
    assert_eq!(code, 0, "{said}");
    let found: Value = serde_json::from_str(&printed).unwrap();
    let sentences = found["sentences"].as_array().unwrap().iter();
    let sum: f64 = sentences
        .map(|one| one["contribution"].as_f64().unwrap())
        .sum();
    let score = found["score"].as_f64().unwrap();
    let whole = sum + found["residual"].as_f64().unwrap();
    assert!((whole - score).abs() < 1e-5, "{whole} is not {score}");
    assert!(found["next"]["cosine"].as_f64().unwrap() < score);
    assert_eq!(
        (&found["exact"], &found["is_member"]),
        (&true.into(), &true.into())
    );

    let other = repository("assets/sample/libraries");
    let (code, _, said) = finished(semascope().arg("why").arg(&file).arg(other));
    assert_eq!(code, 2);
    assert!(
        said.contains("is not among the files that were read"),
        "{said}"
    );
}

#[test]
fn a_search_finds_by_meaning() {
    let folders = TWO_SUBJECTS.map(repository);
    let query = "when is the sea at its lowest";
    let (code, printed, said) = finished(
        semascope()
            .arg("search")
            .arg(query)
            .args(folders)
            .args(["-k", "3", "--json"]),
    );
    assert_eq!(code, 0, "{said}");
    let found: Value = serde_json::from_str(&printed).unwrap();
    let hits = found["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 3);
    assert!(
        hits.iter()
            .all(|hit| hit["source"].as_str().unwrap().contains("tides")),
        "{printed}"
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    assert_eq!(finished(semascope().args(["run", "x"])).0, 2);
    assert_eq!(finished(semascope().args(["search", " ", "assets"])).0, 2);
    assert_eq!(finished(semascope().arg("--version")).0, 0);
}
