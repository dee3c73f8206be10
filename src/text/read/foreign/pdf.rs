//! PDF, through `pdf_oxide`.
//!
//! Chosen by a trial on 900 awkward files from the test data of pdf.js, `PDFBox`, pdfminer, pypdf and
//! others, 2 GB and 30 seconds each, words compared with poppler's `pdftotext` on the 417 files in
//! which that finds at least 20:
//!
//! | | read | mean recall of words | mean precision | at least 0.9 | crashed |
//! |---|---|---|---|---|---|
//! | `pdf_oxide` 0.3.78 | 876 | 0.912 | 0.930 | 347 | 0 |
//! | `pdf-extract` 0.12.1 | 801 | 0.798 | 0.842 | 300 | 24 |
//!
//! Asking the second where the first finds nothing would raise the recall to 0.915: not worth 34 more
//! crates. What both miss is right-to-left and rotated text, and fonts without a map to Unicode.

use std::borrow::Cow;

use pdf_oxide::PdfDocument;
use pdf_oxide::outline::{Destination, OutlineItem};

use super::super::Reason;
use super::super::draft::Draft;
use super::running;
use crate::message::count;
use crate::text::Place;

/// Bookmarks nest like chapters; deeper ones are a circle.
const MAX_OUTLINE_DEPTH: usize = 16;

/// Reads all pages.
pub fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let damaged = |error: pdf_oxide::Error| Reason(format!("a damaged PDF file ({error})"));
    let pdf = PdfDocument::from_bytes(bytes.to_vec()).map_err(damaged)?;
    if pdf.is_encrypted() && !pdf.is_authenticated() {
        return Err("it needs a password".into());
    }
    let n_pages = pdf.page_count().map_err(damaged)?;
    let mut first_error = None;
    let mut pages = Vec::new();
    let mut n_failed = 0;
    for page in 0..n_pages {
        pages.push(pdf.extract_text(page).unwrap_or_else(|error| {
            n_failed += 1;
            first_error.get_or_insert(error);
            String::new()
        }));
    }
    let n_silent = pages
        .iter()
        .filter(|page| !page.chars().any(char::is_alphanumeric))
        .count();
    if n_silent == n_pages {
        return Err(match first_error {
            Some(error) => damaged(error),
            None if n_pages == 0 => "a PDF without pages".into(),
            None if has_pictures(bytes) => {
                "its pages are pictures, without a text layer; it needs OCR".into()
            }
            None => "its pages hold no text".into(),
        });
    }
    let n_running = running::take_out(&mut pages);
    let chapters = chapters(&pdf);
    let mut draft = Draft::default();
    for (page, text) in pages.iter().enumerate() {
        draft.mark(Place::Page(page + 1));
        let here = chapters
            .iter()
            .filter(|(at, _)| *at == page)
            .map(|(_, title)| title.as_str());
        paragraphs(&mut draft, &accented(text), here.collect());
    }
    if n_running > 0 {
        draft.notes.push(format!(
            "{} of running headers, footers and page numbers left out",
            count(n_running, "line")
        ));
    }
    if n_silent > n_failed {
        let n = n_silent - n_failed;
        draft.notes.push(format!(
            "{} of {n_pages} without a text layer (OCR would be needed)",
            count(n, "page")
        ));
    }
    if n_failed > 0 {
        draft.notes.push(format!(
            "{} of {n_pages} could not be read",
            count(n_failed, "page")
        ));
    }
    Ok(draft)
}

/// A picture is a stream of its own, so its description is never packed.
fn has_pictures(bytes: &[u8]) -> bool {
    ["/Subtype/Image", "/Subtype /Image"]
        .iter()
        .any(|name| memchr::memmem::find(bytes, name.as_bytes()).is_some())
}

/// Lines that belong together, and words that a line end divided, are joined again. Bookmarks that
/// lead to the page stand where their words do, and at its top where they cannot be found.
fn paragraphs(draft: &mut Draft, page: &str, chapters: Vec<&str>) {
    let page = page.replace('\r', "");
    // The last such line, because a table of contents may name it first.
    let line_of = |title: &str| {
        page.lines()
            .enumerate()
            .filter(|(_, line)| is_heading(line, title))
            .last()
    };
    let mut starts: Vec<(usize, &str)> = Vec::new();
    for title in chapters {
        match line_of(title) {
            Some((line, _)) => starts.push((line, title)),
            None => draft.mark(Place::Heading(title.to_owned())),
        }
    }
    for (at, line) in page.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            draft.end_block();
            continue;
        }
        for (_, title) in starts.iter().filter(|(start, _)| *start == at) {
            draft.mark(Place::Heading((*title).to_owned()));
        }
        let is_lower = line.starts_with(char::is_lowercase);
        if is_lower && is_divided(&draft.text) {
            draft.text.truncate(draft.text.trim_end().len() - 1);
        } else {
            draft.end_line();
        }
        draft.push_words(line);
    }
    draft.end_block();
}

/// Whether a line is a title, perhaps with its number before it.
fn is_heading(line: &str, title: &str) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let (line, title) = (letters(line), letters(title));
    let number = line.strip_suffix(&title);
    !title.is_empty() && number.is_some_and(|number| number.chars().all(char::is_numeric))
}

/// Accents that TeX's first fonts set beside their letter, as in `´e`, joined with it. Only where a
/// page is full of them: alone, such a sign may be meant.
fn accented(page: &str) -> Cow<'_, str> {
    const ACCENTS: [(char, char); 8] = [
        ('´', '\u{301}'),
        ('`', '\u{300}'),
        ('ˆ', '\u{302}'),
        ('¨', '\u{308}'),
        ('˜', '\u{303}'),
        ('¸', '\u{327}'),
        ('ˇ', '\u{30C}'),
        ('˚', '\u{30A}'),
    ];
    let joined = |first: char, letter: char| {
        let (_, mark) = ACCENTS.iter().find(|(accent, _)| *accent == first)?;
        let letter = match letter {
            'ı' => 'i',
            'ȷ' => 'j',
            letter => letter,
        };
        unicode_normalization::char::compose(letter, *mark)
    };
    let pairs = page.chars().zip(page.chars().skip(1));
    let n_pairs = pairs
        .filter(|(first, letter)| *first != '`' && joined(*first, *letter).is_some())
        .count();
    if n_pairs < 3 {
        return Cow::Borrowed(page);
    }
    let mut out = String::with_capacity(page.len());
    let mut chars = page.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek().and_then(|letter| joined(c, *letter)) {
            Some(letter) => {
                out.push(letter);
                chars.next();
            }
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether the text ends in a letter and a hyphen.
fn is_divided(text: &str) -> bool {
    let mut last = text.trim_end().chars().rev();
    last.next() == Some('-') && last.next().is_some_and(char::is_alphabetic)
}

/// The bookmarks with the page, counted from 0, that each leads to.
fn chapters(pdf: &PdfDocument) -> Vec<(usize, String)> {
    let outline = pdf.get_outline().ok().flatten().unwrap_or_default();
    let mut found = Vec::new();
    collect(pdf, &outline, 0, &mut found);
    found
}

fn collect(
    pdf: &PdfDocument,
    items: &[OutlineItem],
    depth: usize,
    found: &mut Vec<(usize, String)>,
) {
    if depth > MAX_OUTLINE_DEPTH {
        return;
    }
    for item in items {
        let page = match &item.dest {
            Some(Destination::PageIndex(page)) => Some(*page),
            Some(Destination::Named(name)) => pdf.resolve_named_destination(name).ok().flatten(),
            None => None,
        };
        let title = item.title.trim();
        if let Some(page) = page.filter(|_| !title.is_empty()) {
            found.push((page, title.to_owned()));
        }
        collect(pdf, &item.children, depth + 1, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divided_words_are_joined_and_paragraphs_kept() {
        let mut draft = Draft::default();
        let page = "The har-\nbor is low-\nTide country.\n\n2. Next\nNext  one.";
        paragraphs(&mut draft, page, vec!["Lost", "Next"]);
        assert_eq!(
            draft.text.trim(),
            "The harbor is low-\nTide country.\n\n2. Next\nNext one."
        );
        let marked: Vec<&str> = draft
            .marks
            .iter()
            .map(|mark| &draft.text[mark.at..][..4])
            .collect();
        assert_eq!(marked, ["The ", "2. N"]);
    }

    #[test]
    fn accents_beside_their_letters_are_joined_where_they_are_many() {
        assert_eq!(
            accented("d´eball`es, tr¨ube mˆemes ¸ca"),
            "déballès, trübe mêmes ça"
        );
        assert_eq!(accented("`code` and ´e"), "`code` and ´e");
    }
}
