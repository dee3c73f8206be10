//! The layers of `src/lib.rs`, checked: who may import whom.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository;

/// Module, and the modules of ours that it may import besides itself.
const MAY_IMPORT: [(&str, &[&str]); 15] = [
    ("progress", &[]),
    ("message", &["progress"]),
    ("vectors", &[]),
    ("memory", &[]),
    ("storage", &[]),
    ("cache", &["message"]),
    ("text", &["progress", "message", "cache", "memory"]),
    ("embed", &["vectors", "progress", "message", "cache"]),
    ("analysis", &["vectors", "progress"]),
    (
        "session",
        &[
            "text", "embed", "analysis", "vectors", "progress", "message", "cache",
        ],
    ),
    ("jobs", &["progress"]),
    (
        "export",
        &[
            "session", "text", "embed", "analysis", "vectors", "progress", "message",
        ],
    ),
    (
        "serve",
        &["embed", "vectors", "progress", "message", "jobs"],
    ),
    ("workspace", &["session", "storage", "text"]),
    (
        "cli",
        &[
            "session", "export", "jobs", "text", "embed", "analysis", "vectors", "progress",
            "message", "cache", "serve",
        ],
    ),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Top-level module of a file below `src`.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(repository("src")).unwrap();
    let first = inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Every module named after `crate::`, also in `use crate::{a, b}`.
fn imports(source: &str) -> Vec<String> {
    let ident = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut found = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        let rest = &source[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.push(ident(rest)),
            Some(list) => {
                let mut depth = 0;
                let mut at_start = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => at_start = true,
                        c if at_start && c.is_alphabetic() => {
                            found.push(ident(&list[i..]));
                            at_start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

/// Without its tests and comments.
fn code(path: &Path) -> String {
    let source = fs::read_to_string(path).unwrap();
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_are_read_in_all_their_forms() {
    let source = "use crate::vectors::{A, B};\nuse crate::{embed, text::{x, y}, message};\nlet a = crate::jobs::f();";
    assert_eq!(
        imports(source),
        ["vectors", "embed", "text", "message", "jobs"]
    );
}

#[test]
fn every_file_imports_only_what_lies_below_it() {
    for path in rust_files(&repository("src")) {
        let module = module_of(&path);
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            // `ui` may import everything but `cli`; `main` and `lib` everything.
            assert!(
                ["ui", "main", "lib"].contains(&module.as_str()),
                "{module} stands in no layer"
            );
            assert!(
                module != "ui" || !imports(&code(&path)).contains(&"cli".into()),
                "{}",
                path.display()
            );
            continue;
        };
        for import in imports(&code(&path)) {
            let fine = import == module || allowed.contains(&import.as_str());
            assert!(
                fine,
                "{} imports {import}, which does not lie below {module}",
                path.display()
            );
        }
    }
}

#[test]
fn only_the_window_knows_egui_and_it_never_waits() {
    for path in rust_files(&repository("src")) {
        let (module, code) = (module_of(&path), code(&path));
        let names = |word: &str| code.contains(word);
        if module == "ui" {
            for word in ["std::fs", "std::net", ".join()", ".recv()"] {
                assert!(!names(word), "{} names {word}", path.display());
            }
        } else {
            assert!(
                !names("egui") && !names("eframe"),
                "{} names egui",
                path.display()
            );
        }
        if module == "analysis" {
            for word in [
                "std::fs",
                "Instant",
                "SystemTime",
                "std::env",
                "std::thread",
            ] {
                assert!(!names(word), "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn a_panic_unwinds_in_every_profile() {
    let manifest = fs::read_to_string(repository("Cargo.toml")).unwrap();
    assert!(!manifest.replace(' ', "").contains("panic=\"abort\""));
}
