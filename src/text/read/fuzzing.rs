//! Ways into the readers for the fuzzers in `fuzz/`. They check what no input may break.

use std::path::Path;

use super::format::{Foreign, Format, format};
use super::{ReadRule, documents, foreign, native, worker};

/// Reads `bytes` as a file of one of the text formats.
///
/// # Panics
/// When a document comes out that must not: without words, or with a place outside its text.
pub fn read_text(choice: u8, bytes: &[u8]) {
    const NAMES: [&str; 9] = [
        "a.txt", "a.md", "a.csv", "a.tsv", "a.json", "a.jsonl", "a.ipynb", "a.srt", "a.vtt",
    ];
    let path = Path::new(NAMES[usize::from(choice) % NAMES.len()]);
    let Ok(found) = format(path, bytes) else {
        return;
    };
    if !matches!(found, Format::Foreign(_)) {
        check(native(path, found, bytes, &ReadRule::default()));
    }
}

/// Reads `bytes` as a file of one of the foreign formats that we parse ourselves.
///
/// # Panics
/// As [`read_text`].
pub fn read_foreign(choice: u8, bytes: &[u8]) {
    const OURS: [Foreign; 6] = [
        Foreign::Html,
        Foreign::OpenDocument,
        Foreign::Epub,
        Foreign::Rtf,
        Foreign::Mail,
        Foreign::Mailbox,
    ];
    let format = OURS[usize::from(choice) % OURS.len()];
    if let Ok(extracted) = foreign::extract(format, bytes) {
        check(documents(Path::new("a"), extracted, &ReadRule::default()));
    }
}

/// Reads frames until the stream ends or breaks.
pub fn read_frames(mut bytes: &[u8]) {
    worker::read_all(&mut bytes);
}

fn check(found: super::Outcome) {
    for document in found.into_iter().flat_map(|found| found.documents) {
        assert!(
            document.text.chars().any(char::is_alphanumeric),
            "a document without words"
        );
        assert!(
            document
                .marks
                .iter()
                .all(|mark| document.text.is_char_boundary(mark.at))
        );
        assert!(document.marks.is_sorted_by_key(|mark| mark.at));
        let _ = document.place(&(0..document.text.len()));
        let sentences = crate::text::sentences(&document.text);
        assert_eq!(
            sentences.iter().map(std::ops::Range::len).sum::<usize>(),
            document.text.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the fuzzers found and what they start from must pass for ever.
    #[test]
    fn the_seeds_pass() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        let mut n = 0;
        for (target, run) in [
            ("text", read_text as fn(u8, &[u8])),
            ("foreign", read_foreign),
        ] {
            for entry in std::fs::read_dir(seeds.join(target)).unwrap() {
                let bytes = std::fs::read(entry.unwrap().path()).unwrap();
                if let [choice, bytes @ ..] = &bytes[..] {
                    run(*choice, bytes);
                    n += 1;
                }
            }
        }
        for entry in std::fs::read_dir(seeds.join("frames")).unwrap() {
            read_frames(&std::fs::read(entry.unwrap().path()).unwrap());
            n += 1;
        }
        assert!(n > 40, "{n}");
    }
}
