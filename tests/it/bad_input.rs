//! Bad input gets a sentence a person can act on, and nothing is lost.

use std::fs;
use std::path::Path;

use crate::support::{finished, repository, semascope};

/// Runs on `folder` and gives exit code, standard output and standard error.
fn run(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let out = tempfile::tempdir().unwrap();
    finished(
        semascope()
            .arg("run")
            .arg(folder)
            .arg("--out")
            .arg(out.path())
            .args(more),
    )
}

fn folder_with(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn an_empty_folder_is_said_to_be_empty() {
    let (code, _, said) = run(folder_with(&[]).path(), &[]);
    assert_eq!(
        (code, said.as_str()),
        (
            2,
            "There are no files here; name a folder or files that hold text\n"
        )
    );
}

#[test]
fn a_folder_of_only_unreadable_files_lists_the_reasons() {
    let folder = folder_with(&[
        ("empty.txt", b""),
        ("picture.txt", b"\x89PNG\r\n\x1a\n"),
        ("noise.txt", b"\x01\x02\x03\x04"),
    ]);
    let (code, _, said) = run(folder.path(), &[]);
    assert_eq!(code, 2);
    for reason in ["Empty:", "A picture, not text:", "Binary, not text:"] {
        assert!(said.contains(reason), "{said}");
    }
    assert!(said.contains("3 files or rows found, but none could be read"));
}

#[test]
fn good_files_are_read_beside_bad_ones_and_strict_tells() {
    let ragged = b"text,mark\nOne row of text here\nAnother row,2,more,and more\n,4\n";
    let files: [(&str, &[u8]); 3] = [
        ("good.txt", b"A good text."),
        ("zero.md", b""),
        ("ragged.csv", ragged),
    ];
    let folder = folder_with(&files);
    let (code, printed, said) = run(folder.path(), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(printed.starts_with("3 documents"), "{printed}");
    assert!(
        said.contains("2 skipped") || printed.contains("2 skipped"),
        "{printed}"
    );
    assert!(
        said.contains("No text in this row:") && said.contains("2 rows longer or shorter"),
        "{said}"
    );
    assert_eq!(run(folder.path(), &["--strict"]).0, 1);
}

#[test]
fn a_missing_path_is_named() {
    let (code, _, said) = run(Path::new("/no/such/folder"), &[]);
    assert_eq!(code, 2);
    assert!(said.contains("Does not exist: /no/such/folder"), "{said}");
}

#[test]
fn a_model_folder_with_a_missing_file_names_the_file() {
    let model = tempfile::tempdir().unwrap();
    fs::copy(
        repository("assets/model/config.json"),
        model.path().join("config.json"),
    )
    .unwrap();
    let texts = folder_with(&[("a.txt", b"A text.")]);
    let (code, _, said) = run(texts.path(), &["--model", model.path().to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(
        said.starts_with("The model needs tokenizer.json, which this folder lacks."),
        "{said}"
    );
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let texts = folder_with(&[("a.txt", b"A text.")]);
    let (code, _, said) = finished(
        semascope()
            .arg("run")
            .arg(texts.path())
            .args(["--out", "/dev/null/x"]),
    );
    assert_eq!(code, 2);
    assert!(said.contains("Could not write /dev/null/x"), "{said}");
}

#[test]
fn without_a_display_the_same_is_done_headless() {
    let texts = folder_with(&[("a.txt", b"A text.")]);
    let here = tempfile::tempdir().unwrap();
    let (code, printed, said) = finished(semascope().arg(texts.path()).current_dir(here.path()));
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("The results go to semascope-out/ instead"),
        "{said}"
    );
    assert!(printed.contains("1 document,"), "{printed}");
    assert!(here.path().join("semascope-out/map.svg").exists());
    let (code, _, said) = finished(&mut semascope());
    assert_eq!(code, 2);
    assert!(said.contains("Name files or folders"), "{said}");
}
