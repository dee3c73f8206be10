//! Clusters of short news items find their subjects, and the words of clusters name them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde_json::json;

use crate::support::{finished, repository, semascope};

/// The subjects, each with words of which one should name its cluster.
const SUBJECTS: [(&str, &[&str]); 8] = [
    (
        "computing",
        &["software", "computer", "computers", "data", "code", "app"],
    ),
    (
        "economy",
        &[
            "prices",
            "profit",
            "investors",
            "rates",
            "bank",
            "inflation",
            "shares",
        ],
    ),
    (
        "elections",
        &[
            "party",
            "parliament",
            "election",
            "elections",
            "voters",
            "candidate",
            "ballot",
            "vote",
            "votes",
        ],
    ),
    (
        "film",
        &["film", "films", "director", "actress", "cinema", "movie"],
    ),
    (
        "football",
        &[
            "goal", "goals", "match", "season", "club", "coach", "penalty",
        ],
    ),
    (
        "medicine",
        &[
            "patients",
            "doctors",
            "hospital",
            "disease",
            "blood",
            "treatment",
        ],
    ),
    (
        "spaceflight",
        &[
            "orbit",
            "moon",
            "rocket",
            "astronauts",
            "station",
            "space",
            "lander",
        ],
    ),
    (
        "weather",
        &[
            "rain",
            "snow",
            "storm",
            "weather",
            "temperatures",
            "winds",
            "degrees",
        ],
    ),
];

#[test]
fn automatic_clusters_of_news_find_the_subjects_and_name_them() {
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("news.jsonl");
    let subjects = write_texts(&texts);
    let out = folder.path().join("out");
    let (code, _, said) = finished(semascope().arg("run").arg(&texts).arg("--out").arg(&out));
    assert_eq!(code, 0, "{said}");

    let clusters = column(&out.join("documents.csv"), "cluster");
    assert_eq!(clusters.len(), subjects.len());
    let agreement = adjusted_rand_index(&subjects, &clusters);
    let words = column(&out.join("clusters.csv"), "words");
    println!(
        "adjusted Rand index {agreement:.3} with {} clusters:\n{}",
        words.len(),
        words.join("\n")
    );
    assert!(agreement >= 0.8, "{agreement}");
    for (subject, wanted) in SUBJECTS {
        let named = words
            .iter()
            .any(|words| words.split(", ").any(|word| wanted.contains(&word)));
        assert!(named, "no cluster is named after {subject}: {words:?}");
    }
}

/// Writes all items as a table of one column, and returns the subject of each. Subjects alternate as
/// far as they go, so that none can be told by its place.
fn write_texts(path: &Path) -> Vec<String> {
    let items: Vec<Vec<String>> = SUBJECTS.map(|(subject, _)| items(subject)).into();
    let most = items.iter().map(Vec::len).max().unwrap();
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut subjects = Vec::new();
    for i in 0..most {
        for (items, (subject, _)) in items.iter().zip(SUBJECTS) {
            if let Some(text) = items.get(i) {
                writeln!(file, "{}", json!({ "text": text })).unwrap();
                subjects.push(subject.to_owned());
            }
        }
    }
    file.flush().unwrap();
    subjects
}

fn items(subject: &str) -> Vec<String> {
    let path = repository(&format!("tests/fixtures/news/{subject}.txt"));
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn column(path: &Path, name: &str) -> Vec<String> {
    let mut table = csv::Reader::from_path(path).unwrap();
    let at = table.headers().unwrap().iter().position(|at| at == name);
    let at = at.unwrap();
    table
        .records()
        .map(|row| row.unwrap()[at].to_owned())
        .collect()
}

#[test]
fn the_adjusted_rand_index_is_that_of_its_definition() {
    let check = |a: &str, b: &str, expected: f64| {
        let labels = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let found = adjusted_rand_index(&labels(a), &labels(b));
        assert!((found - expected).abs() < 1e-9, "{a} {b}: {found}");
    };
    // The names of labels do not matter.
    check("aabbcc", "zzxxyy", 1.0);
    // One cluster tells nothing.
    check("aabb", "xxxx", 0.0);
    // Of 15 pairs 2 are together in both, 3 in the first and 4 in the second: (2 − 12/15) / (3.5 − 12/15).
    check("aabbcc", "xxyyyz", (1.0 + 1.0 - 0.8) / (3.5 - 0.8));
}

/// Agreement of two partitions of the same items: 1 when they are the same, 0 on average by chance
/// (Hubert and Arabie 1985).
fn adjusted_rand_index(a: &[String], b: &[String]) -> f64 {
    let pairs = |n: usize| (n * n.saturating_sub(1)) as f64 / 2.0;
    let mut both: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut of_a: BTreeMap<&str, usize> = BTreeMap::new();
    let mut of_b: BTreeMap<&str, usize> = BTreeMap::new();
    for (a, b) in a.iter().zip(b) {
        *both.entry((a, b)).or_default() += 1;
        *of_a.entry(a).or_default() += 1;
        *of_b.entry(b).or_default() += 1;
    }
    let together: f64 = both.values().map(|n| pairs(*n)).sum();
    let in_a: f64 = of_a.values().map(|n| pairs(*n)).sum();
    let in_b: f64 = of_b.values().map(|n| pairs(*n)).sum();
    let by_chance = in_a * in_b / pairs(a.len());
    (together - by_chance) / (f64::midpoint(in_a, in_b) - by_chance)
}
