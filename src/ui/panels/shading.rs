//! What shades the text of an item, and what the shade means; and its pages.

use std::ops::Range;

use crate::session::{Belonging, Items, Level};
use crate::text::{Document, Place};
use crate::ui::widgets::{Mark, MarkedText};

/// Sentences that are labeled with their contribution; of the others the color tells enough.
const N_LABELED: usize = 3;

/// A page, slide or sheet, or what stands before the first; or the whole text, where there are none.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What it is called, where it has a name.
    pub heading: Option<String>,
    /// Where it begins in the item's text.
    pub start: usize,
    /// Its text, shaded.
    pub text: MarkedText,
}

/// The pages of an item's text with their shades. `marks` are in order and none reaches into the
/// next; one that goes on behind the end of a page is parted there, and labeled where it begins.
pub fn pages(document: &Document, item: &Range<usize>, marks: &[Mark]) -> Vec<Page> {
    let text = &document.text[item.clone()];
    let mut starts: Vec<(usize, Option<String>)> = vec![(0, None)];
    for mark in &document.marks {
        let Some(name) = heading(&mark.place).filter(|_| mark.at < item.end) else {
            continue;
        };
        let start = mark.at.saturating_sub(item.start);
        match starts.last_mut() {
            // What began before the item, or with it, is what it begins in.
            Some(last) if last.0 >= start => last.1 = Some(name),
            _ => starts.push((start, Some(name))),
        }
    }
    let ends: Vec<usize> = starts
        .iter()
        .skip(1)
        .map(|(start, _)| *start)
        .chain([text.len()])
        .collect();
    let page = |((start, heading), end): ((usize, Option<String>), usize)| Page {
        heading,
        start,
        text: MarkedText {
            text: text[start..end].trim_end().to_owned(),
            marks: within(marks, start..start + text[start..end].trim_end().len()),
        },
    };
    let pages = starts.into_iter().zip(ends).map(page);
    pages
        .filter(|page| !page.text.text.trim().is_empty())
        .collect()
}

/// Headings stand in the text itself.
fn heading(place: &Place) -> Option<String> {
    match place {
        Place::Page(n) => Some(format!("Page {n}")),
        Place::Slide(n) => Some(format!("Slide {n}")),
        Place::Sheet(name) => Some(format!("Sheet {name}")),
        Place::Heading(_) => None,
    }
}

/// The parts of marks that lie in a stretch, counted from its beginning.
fn within(marks: &[Mark], stretch: Range<usize>) -> Vec<Mark> {
    let part = |mark: &Mark| {
        let start = mark.range.start.max(stretch.start);
        let end = mark.range.end.min(stretch.end);
        let begins_here = start == mark.range.start;
        (start < end).then(|| Mark {
            range: start - stretch.start..end - stretch.start,
            label: mark.label.clone().filter(|_| begins_here),
            strength: mark.strength,
        })
    };
    marks.iter().filter_map(part).collect()
}

/// Bytes of the item in its document.
pub fn range_of(items: Items<'_>, item: usize) -> Range<usize> {
    match items.level() {
        Level::Documents => 0..items.document(item).text.len(),
        Level::Passages => items.embedded().passages.list[item].range.clone(),
    }
}

/// The passages of an item, shaded and labeled by a cosine each, 0 and less to 1.
pub fn of_passages(items: Items<'_>, item: usize, cosine: impl Fn(usize) -> f32) -> Vec<Mark> {
    let start = range_of(items, item).start;
    let text = items.text(item);
    let mark = |passage: usize| {
        let range = &items.embedded().passages.list[passage].range;
        let cosine = cosine(passage);
        Mark {
            range: trimmed(text, range.start - start..range.end - start),
            label: Some(format!("{cosine:.2}")),
            strength: cosine.clamp(0.0, 1.0),
        }
    };
    items.passages_of(item).map(mark).collect()
}

/// What the shade of passages means. `what` is what they are like or unlike.
pub fn legend(what: &str, marks: &[Mark]) -> String {
    let labels = || {
        marks
            .iter()
            .filter_map(|mark| mark.label.as_deref()?.parse::<f32>().ok())
    };
    let (low, high) = labels().fold((1.0_f32, -1.0_f32), |(low, high), cosine| {
        (low.min(cosine), high.max(cosine))
    });
    match marks.len() {
        0 => "No passage of this text was read".into(),
        1 => format!("Shade: cosine of the text to {what}, {high:.2}"),
        n => format!(
            "Shade: cosine of each of {n} passages to {what}, {low:.2} to {high:.2}; darker is nearer"
        ),
    }
}

/// The sentences, shaded by their contributions.
pub fn of_sentences(found: &Belonging, text: &str) -> Vec<Mark> {
    let mut strongest = found.contributions.clone();
    strongest.sort_by(|a, b| b.total_cmp(a));
    let most = strongest
        .first()
        .copied()
        .unwrap_or(0.0)
        .max(f32::MIN_POSITIVE);
    let bar = strongest.get(N_LABELED - 1).copied().unwrap_or(f32::MIN);
    let sentences = found.sentences.iter().zip(&found.contributions);
    let mark = |(range, contribution): (&Range<usize>, &f32)| Mark {
        range: range.start..range.start + text[range.clone()].trim_end().len(),
        label: (*contribution >= bar).then(|| format!("{contribution:+.3}")),
        strength: (contribution / most).clamp(0.0, 1.0),
    };
    sentences.map(mark).collect()
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..(range.start + part.trim_end().len()).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Mark as PlaceMark, Source};
    use std::collections::BTreeMap;

    fn document(text: &str, marks: &[(usize, Place)]) -> Document {
        let mark = |(at, place): &(usize, Place)| PlaceMark {
            at: *at,
            place: place.clone(),
        };
        Document {
            title: String::new(),
            text: text.into(),
            source: Source::Pasted(1),
            metadata: BTreeMap::new(),
            marks: marks.iter().map(mark).collect(),
            copies: Vec::new(),
            language: None,
        }
    }

    fn shade(range: Range<usize>) -> Mark {
        Mark {
            range,
            label: Some("0.50".into()),
            strength: 0.5,
        }
    }

    #[test]
    fn sentences_are_shaded_by_what_they_contribute() {
        let found = Belonging {
            item: 0,
            cluster: 0,
            is_member: true,
            score: 0.7,
            next: None,
            sentences: vec![0..5, 5..10, 10..15, 15..20],
            contributions: vec![0.2, 0.4, -0.1, 0.1],
            residual: 0.1,
            without: vec![0.0; 4],
            is_exact: true,
        };
        let marks = of_sentences(&found, "One. Two. Six. Ten. ");
        let told: Vec<_> = marks
            .iter()
            .map(|mark| (mark.range.clone(), mark.label.as_deref(), mark.strength))
            .collect();
        assert_eq!(
            told,
            [
                (0..4, Some("+0.200"), 0.5),
                (5..9, Some("+0.400"), 1.0),
                (10..14, None, 0.0),
                (15..19, Some("+0.100"), 0.25)
            ]
        );
    }

    /// Heading, text and shaded text of each page.
    fn told(pages: &[Page]) -> Vec<(Option<&str>, &str, Vec<&str>)> {
        let shaded = |page: &Page| -> Vec<(usize, usize)> {
            page.text
                .marks
                .iter()
                .map(|mark| (mark.range.start, mark.range.end))
                .collect()
        };
        let mut told = Vec::new();
        for page in pages {
            let text = &page.text.text;
            let parts = shaded(page)
                .into_iter()
                .map(|(start, end)| &text[start..end]);
            told.push((page.heading.as_deref(), text.as_str(), parts.collect()));
        }
        told
    }

    #[test]
    fn a_text_is_parted_by_its_pages_and_so_are_its_shades() {
        let text = "Opening.\n\nMethods\n\nWe counted.\n\n潮汐 went on.";
        let second = text.find("潮").unwrap();
        let places = [
            (0, Place::Page(1)),
            (10, Place::Heading("Methods".into())),
            (second, Place::Page(2)),
        ];
        let document = document(text, &places);
        let marks = [shade(0..8), shade(19..second + 6)];
        let found = pages(&document, &(0..text.len()), &marks);
        assert_eq!(
            told(&found),
            [
                (
                    Some("Page 1"),
                    "Opening.\n\nMethods\n\nWe counted.",
                    vec!["Opening.", "We counted."]
                ),
                (Some("Page 2"), "潮汐 went on.", vec!["潮汐"])
            ]
        );
        // Labeled where it begins.
        let labels = |page: &Page| {
            page.text
                .marks
                .iter()
                .filter(|mark| mark.label.is_some())
                .count()
        };
        assert_eq!((labels(&found[0]), labels(&found[1])), (2, 0));
        assert_eq!(found[1].start, second);
        // A passage from the middle of the first page on.
        let found = pages(&document, &(19..text.len()), &[]);
        assert_eq!(
            told(&found),
            [
                (Some("Page 1"), "We counted.", vec![]),
                (Some("Page 2"), "潮汐 went on.", vec![])
            ]
        );
    }

    #[test]
    fn a_text_without_pages_is_one() {
        let document = document("Only this.", &[(0, Place::Heading("Only".into()))]);
        let found = pages(&document, &(0..10), &[shade(0..10)]);
        assert_eq!(told(&found), [(None, "Only this.", vec!["Only this."])]);
        // An empty page is none.
        let document = self::document("A.\n\n", &[(0, Place::Page(1)), (4, Place::Page(2))]);
        assert_eq!(
            told(&pages(&document, &(0..4), &[])),
            [(Some("Page 1"), "A.", vec![])]
        );
    }

    #[test]
    fn a_legend_says_what_and_how_much() {
        let mark = |label: &str| Mark {
            label: Some(label.into()),
            ..shade(0..1)
        };
        let told = legend("“tide”", &[mark("0.12"), mark("-0.03"), mark("0.60")]);
        assert_eq!(
            told,
            "Shade: cosine of each of 3 passages to “tide”, -0.03 to 0.60; darker is nearer"
        );
        assert!(legend("“tide”", &[mark("0.12")]).ends_with("to “tide”, 0.12"));
        assert_eq!(legend("“tide”", &[]), "No passage of this text was read");
    }
}
