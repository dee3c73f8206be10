//! Two texts side by side, to be pasted elsewhere: the score, the pairs of sentences that add most to
//! it, and both texts with their matching sentences marked.
//!
//! First what is to be told, from the comparison; then as Markdown here, and as a page in `html`.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::html::comparison_page;
use super::markdown;
use crate::message::count;
use crate::session::{Comparison, Items, Session};

/// Pairs in the table; how many there are in all is said.
const N_PAIRS: usize = 10;

/// As what a comparison is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAs {
    /// Markdown, with matching sentences between `==`.
    Markdown,
    /// A page, with matching sentences in `mark`.
    Html,
}

/// The comparison that is shown; `None` before there is one.
pub fn comparison_text(session: &Session, how: CopyAs) -> Option<String> {
    let told = Told::of(session, session.items()?, session.comparison()?);
    Some(match how {
        CopyAs::Markdown => told.markdown(),
        CopyAs::Html => comparison_page(&told),
    })
}

/// One of the two texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Its title.
    pub title: String,
    /// Where it came from.
    pub source: String,
    /// Its sentences in reading order.
    pub sentences: Vec<Sentence>,
}

/// A sentence, without the white space around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// Its words.
    pub text: String,
    /// The number of its match, from 1; the other text has one of the same number.
    pub number: Option<usize>,
    /// What comes after it.
    pub end: End,
}

/// What parts a sentence from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A space.
    Space,
    /// A line break.
    Line,
    /// An empty line.
    Paragraph,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What it adds to the score.
    pub contribution: f32,
    /// The cosine of both, embedded one by one; none for members of a cluster.
    pub cosine: Option<f32>,
    /// The left sentence.
    pub left: String,
    /// The right one.
    pub right: String,
}

/// All that is told of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The cosine.
    pub score: f32,
    /// What the numbers are, a sentence each.
    pub notes: Vec<String>,
    /// The pairs that add most, greatest first.
    pub pairs: Vec<Pair>,
    /// Left and right.
    pub sides: [Side; 2],
}

impl Told {
    fn of(session: &Session, items: Items<'_>, comparison: &Comparison) -> Self {
        let left = comparison.pair.0;
        let (title, source) = right_name(session, items, comparison);
        Self::new(
            comparison,
            items.text(left),
            [
                (
                    items.title(left).into_owned(),
                    items.document(left).source.to_string(),
                ),
                (title, source),
            ],
        )
    }

    /// From the comparison, the left text, and the titles and sources of both.
    pub fn new(comparison: &Comparison, left: &str, names: [(String, String); 2]) -> Self {
        let explanation = &comparison.explanation;
        let texts = (left, &*comparison.right_text);
        let n_pairs = comparison.left.len() * comparison.right.len();
        let pairs: Vec<Pair> = explanation
            .strongest(N_PAIRS)
            .into_iter()
            .map(|pair| Pair {
                contribution: pair.value,
                cosine: comparison.cosines.get((pair.left, pair.right)).copied(),
                left: one_line(&texts.0[comparison.left[pair.left].clone()]),
                right: one_line(&texts.1[comparison.right[pair.right].clone()]),
            })
            .collect();
        let exactly = if explanation.is_exact {
            "exactly"
        } else {
            "about"
        };
        let notes = vec![
            format!(
                "The contributions of all {} of sentences, and {:+.3} of what belongs to no sentence, \
                 sum {exactly} to the cosine.",
                count(n_pairs, "pair"),
                explanation.score - explanation.of_sentences()
            ),
            format!(
                "{} of sentences match and {} marked with the same number in both texts; 1 is the \
                 strongest.",
                count(comparison.matches.len(), "pair"),
                if comparison.matches.len() == 1 {
                    "is"
                } else {
                    "are"
                }
            ),
        ];
        let numbers = |left: bool| {
            let matches = comparison.matches.iter().enumerate();
            matches.map(move |(at, found)| (if left { found.left } else { found.right }, at + 1))
        };
        let [left_name, right_name] = names;
        let side = |(title, source), text, ranges: &[Range<usize>], left| Side {
            title,
            source,
            sentences: sentences(text, ranges, numbers(left)),
        };
        Self {
            score: comparison.score,
            notes,
            pairs,
            sides: [
                side(left_name, texts.0, &comparison.left, true),
                side(right_name, texts.1, &comparison.right, false),
            ],
        }
    }

    /// How many of all pairs the table has.
    pub fn table_title(&self) -> String {
        let all = self.sides[0].sentences.len() * self.sides[1].sentences.len();
        format!(
            "The {} of sentences that add most, of {}",
            count(self.pairs.len(), "pair"),
            count(all, "pair")
        )
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        self.write_markdown(&mut out)
            .expect("writing to a string does not fail");
        out
    }

    fn write_markdown(&self, out: &mut String) -> fmt::Result {
        let [left, right] = self.sides.each_ref().map(|side| words(&side.title));
        writeln!(out, "# {left} · {right}\n\n**Cosine {:.3}**", self.score)?;
        for note in &self.notes {
            writeln!(out, "\n{}", words(note))?;
        }
        writeln!(out, "\n## {}\n", words(&self.table_title()))?;
        writeln!(out, "| Adds | Cosine | Left | Right |")?;
        writeln!(out, "| ---: | ---: | --- | --- |")?;
        for pair in &self.pairs {
            let cosine = pair
                .cosine
                .map_or(String::new(), |cosine| format!("{cosine:.2}"));
            let (left, right) = (words(&pair.left), words(&pair.right));
            let adds = pair.contribution;
            writeln!(out, "| {adds:+.3} | {cosine} | {left} | {right} |")?;
        }
        for side in &self.sides {
            side.write_markdown(out)?;
        }
        Ok(())
    }
}

impl Side {
    fn write_markdown(&self, out: &mut String) -> fmt::Result {
        writeln!(
            out,
            "\n## {}\n\n{}\n",
            words(&self.title),
            words(&self.source)
        )?;
        for (at, sentence) in self.sentences.iter().enumerate() {
            let text = words(&sentence.text);
            match sentence.number {
                Some(number) => write!(out, "=={text}== \\[{number}\\]")?,
                None => write!(out, "{text}")?,
            }
            let is_last = at + 1 == self.sentences.len();
            out.push_str(match sentence.end {
                _ if is_last => "\n",
                End::Space => " ",
                End::Line => "\\\n",
                End::Paragraph => "\n\n",
            });
        }
        Ok(())
    }
}

/// Text of a document in Markdown, on one line.
fn words(text: &str) -> String {
    markdown::escaped(&one_line(text))
}

/// Title and source of the right side.
fn right_name(session: &Session, items: Items<'_>, comparison: &Comparison) -> (String, String) {
    if let Some(side) = &comparison.cluster {
        let name = session
            .clusters()
            .map(|clusters| clusters.name(side.cluster));
        let n = side.members.len() + side.n_more;
        let source = format!("a cluster of {}, the nearest first", count(n, "item"));
        return (name.unwrap_or_default(), source);
    }
    if comparison.beside.is_some() {
        return ("Pasted text".into(), "not one of the documents".into());
    }
    let right = comparison.pair.1;
    let source = items.document(right).source.to_string();
    (items.title(right).into_owned(), source)
}

fn sentences(
    text: &str,
    ranges: &[Range<usize>],
    numbers: impl Iterator<Item = (usize, usize)>,
) -> Vec<Sentence> {
    let mut number_of = vec![None; ranges.len()];
    for (sentence, number) in numbers {
        number_of[sentence] = Some(number);
    }
    let sentence = |(range, number): (&Range<usize>, Option<usize>)| {
        let text = &text[range.clone()];
        let behind = &text[text.trim_end().len()..];
        let end = match behind.matches('\n').count() {
            0 => End::Space,
            1 => End::Line,
            _ => End::Paragraph,
        };
        Sentence {
            text: text.trim().to_owned(),
            number,
            end,
        }
    };
    ranges.iter().zip(number_of).map(sentence).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::analysis::{Explanation, SentenceMatch};
    use ndarray::array;

    /// What a document could try, and words of several scripts.
    pub const HOSTILE: &str = "<script>alert(1)</script> & <b>bold</b> [link](javascript:x) ![i](x) \
                               `code` **x** ==y== | a | # h";

    /// A hostile text beside a harmless one.
    pub fn told() -> Told {
        let left = format!("{HOSTILE}. \n\n# 潮汐 مد 🌊.");
        let first = left.find("\n\n").unwrap() + 2;
        let comparison = Comparison {
            score: 0.5,
            right_text: "One line.\n- Two.".into(),
            left: vec![0..first, first..left.len()],
            right: vec![0..10, 10..16],
            cosines: array![[0.9, 0.1], [0.2, 0.3]],
            matches: vec![SentenceMatch {
                left: 0,
                right: 1,
                cosine: 0.9,
            }],
            explanation: Explanation {
                contributions: array![[0.3, 0.1, 0.0], [0.1, -0.1, 0.0], [0.0, 0.0, 0.1]],
                score: 0.5,
                is_exact: true,
            },
            ..Comparison::default()
        };
        let name = |title: &str| (title.to_owned(), "a_b*/c.txt".to_owned());
        Told::new(&comparison, &left, [name("T <i>1</i>\n# x"), name("T|2")])
    }

    #[test]
    fn it_tells_score_pairs_and_marked_texts() {
        let told = told();
        let values: Vec<f32> = told.pairs.iter().map(|pair| pair.contribution).collect();
        assert_eq!(values, [0.3, 0.1, 0.1, -0.1]);
        assert_eq!(
            told.table_title(),
            "The 4 pairs of sentences that add most, of 4 pairs"
        );
        let numbers = |side: usize| -> Vec<_> {
            let sentences = told.sides[side].sentences.iter();
            sentences
                .map(|sentence| (sentence.number, sentence.end))
                .collect()
        };
        assert_eq!(numbers(0), [(Some(1), End::Paragraph), (None, End::Space)]);
        assert_eq!(numbers(1), [(None, End::Line), (Some(1), End::Space)]);
        assert!(told.notes[0].contains("4 pairs of sentences, and +0.100"));
    }

    /// Every piece of text that a reader of Markdown would see, and the tags that it would make.
    fn read(markdown: &str) -> (String, Vec<String>) {
        use pulldown_cmark::{Event, Options, Parser, Tag};
        let (mut text, mut odd) = (String::new(), Vec::new());
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(part) => text.push_str(&part),
                Event::SoftBreak
                | Event::HardBreak
                | Event::Start(
                    Tag::Paragraph
                    | Tag::Heading { .. }
                    | Tag::Strong
                    | Tag::Table(_)
                    | Tag::TableHead
                    | Tag::TableRow
                    | Tag::TableCell,
                ) => text.push(' '),
                Event::End(_) => {}
                event => odd.push(format!("{event:?}")),
            }
        }
        (text, odd)
    }

    #[test]
    fn no_text_becomes_markup_in_markdown() {
        let markdown = told().markdown();
        let (text, odd) = read(&markdown);
        assert!(odd.is_empty(), "{odd:?}\n{markdown}");
        assert!(text.contains(&format!("=={HOSTILE}.== [1]")), "{text}");
        assert!(text.contains("# 潮汐 مد 🌊."), "{text}");
        assert!(text.contains("One line. ==- Two.== [1]"), "{text}");
        // One for the page, one for the table, one for each text.
        let headings = markdown.lines().filter(|line| line.starts_with('#'));
        assert_eq!(headings.count(), 4);
        let rows = markdown.lines().filter(|line| line.starts_with("| "));
        assert_eq!(rows.count(), 2 + 4);
    }
}
