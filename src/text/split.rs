//! Splits a text into sentences, and into passages that a model can read at once.
//!
//! Both tile the text: the ranges follow one another without a gap from the first byte to the last,
//! so nothing is lost. A passage ends at a sentence end; only a sentence longer than a whole passage
//! is cut, between words, and only a word longer than a whole passage between characters.
//! Lengths come from a closure, so that this file knows no tokenizer.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

/// Tells how many tokens a text has, special tokens left out.
pub type Measure<'a> = &'a dyn Fn(&str) -> usize;

/// Byte ranges of passages of at most `max_tokens` tokens each, with their lengths in tokens.
///
/// An empty text has no passages.
pub fn passages(
    text: &str,
    max_tokens: usize,
    n_tokens: Measure<'_>,
) -> Vec<(Range<usize>, usize)> {
    let mut out = Vec::new();
    pack(
        text,
        &pieces(text, sentences(text), max_tokens, n_tokens),
        max_tokens,
        n_tokens,
        &mut out,
    );
    out
}

/// A stretch of text that must stay together, and its length.
type Piece = (Range<usize>, usize);

/// Sentences that fit, and the words (or, at worst, characters) of those that do not.
fn pieces(
    text: &str,
    ranges: Vec<Range<usize>>,
    max_tokens: usize,
    n_tokens: Measure<'_>,
) -> Vec<Piece> {
    let mut out = Vec::new();
    for range in ranges {
        let part = &text[range.clone()];
        let length = n_tokens(part);
        if length <= max_tokens || part.chars().nth(1).is_none() {
            out.push((range, length));
            continue;
        }
        let smaller = match words(part) {
            words if words.len() > 1 => words,
            _ => characters(part),
        };
        let shifted = smaller
            .into_iter()
            .map(|r| r.start + range.start..r.end + range.start);
        out.extend(pieces(text, shifted.collect(), max_tokens, n_tokens));
    }
    out
}

/// Fills passages with as many pieces as fit.
fn pack(
    text: &str,
    pieces: &[Piece],
    max_tokens: usize,
    n_tokens: Measure<'_>,
    out: &mut Vec<Piece>,
) {
    let mut start = 0;
    while start < pieces.len() {
        let mut end = start + 1;
        let mut length = pieces[start].1;
        while end < pieces.len() && length + pieces[end].1 <= max_tokens {
            length += pieces[end].1;
            end += 1;
        }
        // A tokenizer may count a whole differently from its parts, so the sum is only a guess.
        let mut range = pieces[start].0.start..pieces[end - 1].0.end;
        length = n_tokens(&text[range.clone()]);
        while length > max_tokens && end > start + 1 {
            end -= 1;
            range.end = pieces[end - 1].0.end;
            length = n_tokens(&text[range.clone()]);
        }
        out.push((range, length));
        start = end;
    }
}

/// Byte ranges of the words, each with the white space behind it.
///
/// Falls back to the word boundaries of Unicode (UAX #29) where there is no white space, as in
/// Chinese, or in a long formula.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut after_space = false;
    for (i, c) in text.char_indices() {
        if after_space && !c.is_whitespace() && i > 0 {
            starts.push(i);
        }
        after_space = c.is_whitespace();
    }
    if starts.len() == 1 {
        starts = text.split_word_bound_indices().map(|(i, _)| i).collect();
    }
    tiles(&starts, text.len())
}

fn characters(text: &str) -> Vec<Range<usize>> {
    let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
    tiles(&starts, text.len())
}

/// Byte ranges of the sentences, each with the white space behind it.
///
/// A sentence ends at `.`, `!`, `?` or `…` (and closing quotes or brackets) before white space, at
/// their full-width forms anywhere, and at an empty line. It does not end after a title, a common
/// abbreviation or a single initial, nor before a lower-case letter. Lines that are only wrapped
/// stay together. The rule of Unicode (UAX #29) was tried: it ends a sentence at every line break.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let mut end = i + c.len_utf8();
        let ends = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' | '…' => {
                while let Some((j, closing)) = chars.next_if(|(_, c)| is_closing(*c)) {
                    end = j + closing.len_utf8();
                }
                ends_sentence(text, i, c, end)
            }
            '\n' => is_blank_line(&text[end..]),
            _ => false,
        };
        if ends {
            while let Some((j, space)) = chars.next_if(|(_, c)| c.is_whitespace()) {
                end = j + space.len_utf8();
            }
            if end < text.len() {
                starts.push(end);
            }
        }
    }
    if text.is_empty() {
        Vec::new()
    } else {
        tiles(&starts, text.len())
    }
}

fn is_closing(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '"' | '\'' | ')' | ']' | '»' | '”' | '’'
    )
}

fn is_blank_line(after_break: &str) -> bool {
    after_break
        .chars()
        .take_while(|c| c.is_whitespace())
        .any(|c| c == '\n')
}

fn ends_sentence(text: &str, mark_at: usize, mark: char, end: usize) -> bool {
    let rest = &text[end..];
    let Some(next) = rest.chars().find(|c| !c.is_whitespace()) else {
        return true;
    };
    if !rest.starts_with(char::is_whitespace) || next.is_lowercase() {
        return false;
    }
    mark != '.' || !is_abbreviation(&text[..mark_at])
}

/// Whether the text before a full stop ends in a word that is usually followed by one.
fn is_abbreviation(before: &str) -> bool {
    const COMMON: [&str; 22] = [
        "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "etc", "e.g", "i.e", "cf", "no",
        "vol", "fig", "eq", "approx", "dept", "inc", "ltd", "co",
    ];
    let word = before
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or("");
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    is_initial || COMMON.contains(&word.to_lowercase().as_str())
}

fn tiles(starts: &[usize], len: usize) -> Vec<Range<usize>> {
    let ends = starts.iter().skip(1).copied().chain([len]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_in(text: &str) -> usize {
        text.split_whitespace().count()
    }

    #[track_caller]
    fn check_sentences(text: &str, expected: &[&str]) {
        let found: Vec<&str> = sentences(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        check_sentences("", &[]);
        check_sentences("One. Two!  Three?", &["One. ", "Two!  ", "Three?"]);
        check_sentences(
            "He said \"stop.\" Then left.",
            &["He said \"stop.\" ", "Then left."],
        );
        check_sentences("A line\nwrapped. Next", &["A line\nwrapped. ", "Next"]);
        check_sentences("# Title\n\nText here.\n", &["# Title\n\n", "Text here.\n"]);
        check_sentences("今日は。明日も。", &["今日は。", "明日も。"]);
    }

    #[test]
    fn abbreviations_and_numbers_do_not_end_a_sentence() {
        for text in [
            "Dr. Smith met J. S. Bach.",
            "Version 2.5 costs 3.10 now.",
            "See e.g. Bread for more.",
            "It went on ... and on.",
        ] {
            check_sentences(text, &[text]);
        }
    }

    #[test]
    fn passages_end_at_sentences_and_fill_up() {
        let text = "One two three. Four five. Six seven eight nine. Ten.";
        let found = passages(text, 5, &words_in);
        let texts: Vec<&str> = found.iter().map(|(r, _)| &text[r.clone()]).collect();
        assert_eq!(
            texts,
            ["One two three. Four five. ", "Six seven eight nine. Ten."]
        );
        assert_eq!(found[1].1, 5);
    }

    #[test]
    fn passages_tile_any_text_and_keep_to_the_limit() {
        let alphabet: Vec<char> = "ab .!?\n\n\t\"éß。中文—(x)🙂\u{301}\u{a0}"
            .chars()
            .collect();
        let count_chars = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        let mut seed = 7_u64;
        let mut random = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for _ in 0..500 {
            let n_chars = random(400);
            let text: String = (0..n_chars)
                .map(|_| alphabet[random(alphabet.len())])
                .collect();
            let max_tokens = 1 + random(30);
            let found = passages(&text, max_tokens, &count_chars);
            let joined: String = found.iter().map(|(r, _)| &text[r.clone()]).collect();
            assert_eq!(joined, text);
            for (range, length) in found {
                assert_eq!(length, count_chars(&text[range]));
                assert!(length <= max_tokens);
            }
        }
    }
}
