//! The sample corpus, which the program carries so that "Open the sample" works anywhere.

use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

use super::super::document::Corpus;
use super::{ReadRule, absorb, format, native};

static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/sample");

/// Reads it like a folder called `sample`.
pub fn read(corpus: &mut Corpus, rule: &ReadRule) {
    read_folder(&SAMPLE, corpus, rule);
}

fn read_folder(folder: &Dir<'_>, corpus: &mut Corpus, rule: &ReadRule) {
    let mut entries: Vec<&DirEntry<'_>> = folder.entries().iter().collect();
    entries.sort_by_key(|entry| entry.path());
    for entry in entries {
        match entry {
            DirEntry::Dir(folder) => read_folder(folder, corpus, rule),
            DirEntry::File(file) => {
                let path = Path::new("sample").join(file.path());
                let found = format::format(&path, file.contents())
                    .and_then(|format| native(&path, format, file.contents(), rule));
                absorb(corpus, found, &path);
            }
        }
    }
}
