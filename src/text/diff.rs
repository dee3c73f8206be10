//! Where two texts differ, word by word.
//!
//! The greedy algorithm of Myers (1986), "An O(ND) difference algorithm": what few edits lead from
//! one text to the other is found in time that grows with their number. Texts that differ in very
//! much are compared by whole sentences, or told as different altogether; the result says so.

use std::collections::HashMap;
use std::ops::Range;

use super::split::sentences;

/// Words that may differ before sentences are compared instead. Memory grows with its square: 4 MB.
const MAX_EDITS: usize = 700;
/// Words that may be looked at; some hundredths of a second.
const MAX_STEPS: usize = 6_000_000;

/// Two texts, taken apart into what they share and what they do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDiff {
    /// In the order of both texts; together they are all of both.
    pub parts: Vec<DiffPart>,
    /// Whether so much differs that whole sentences were compared, so that words may be told as
    /// different that are the same.
    pub is_coarse: bool,
}

/// A stretch that both texts share, or in which they differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffPart {
    /// Whether the words are the same; the space between them may differ.
    pub is_same: bool,
    /// Bytes of the left text.
    pub left: Range<usize>,
    /// Bytes of the right text.
    pub right: Range<usize>,
}

/// A run of tokens that is the same in both: where it begins in each, and how long it is.
type Run = (usize, usize, usize);

/// What two texts share and what they do not.
pub fn text_diff(left: &str, right: &str) -> TextDiff {
    let by_word = (words(left), words(right));
    let (left_words, right_words) = ((left, &by_word.0[..]), (right, &by_word.1[..]));
    let (runs, is_whole) = runs_of(left_words, right_words);
    if is_whole {
        return diff(left_words, right_words, &runs, false);
    }
    let by_sentence = (sentences(left), sentences(right));
    let (left, right) = ((left, &by_sentence.0[..]), (right, &by_sentence.1[..]));
    diff(left, right, &runs_of(left, right).0, true)
}

/// Words with the space behind them: they tile the text.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut was_space) = (0, false);
    for (at, letter) in text.char_indices() {
        if was_space && !letter.is_whitespace() && !text[start..at].trim().is_empty() {
            found.push(start..at);
            start = at;
        }
        was_space = letter.is_whitespace();
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

/// A text and its tokens, which tile it.
type Side<'a> = (&'a str, &'a [Range<usize>]);

fn runs_of(left: Side<'_>, right: Side<'_>) -> (Vec<Run>, bool) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let left = numbered(&mut numbers, left);
    let right = numbered(&mut numbers, right);
    runs(&left, &right)
}

/// A number for every token, the same for the same letters.
fn numbered<'a>(numbers: &mut HashMap<&'a str, u32>, (text, tokens): Side<'a>) -> Vec<u32> {
    let number = |range: &Range<usize>| {
        let next = numbers.len() as u32;
        *numbers.entry(text[range.clone()].trim()).or_insert(next)
    };
    tokens.iter().map(number).collect()
}

/// Runs that both share, in order, and whether they are all: when too much differs they are but what
/// both begin and end with.
fn runs(a: &[u32], b: &[u32]) -> (Vec<Run>, bool) {
    let is_same = |(x, y): &(&u32, &u32)| x == y;
    let n_first = a.iter().zip(b).take_while(is_same).count();
    let (a, b) = (&a[n_first..], &b[n_first..]);
    let backwards = a.iter().rev().zip(b.iter().rev());
    let n_last = backwards.take_while(is_same).count();
    let (a, b) = (&a[..a.len() - n_last], &b[..b.len() - n_last]);
    let mut found = vec![(0, 0, n_first)];
    let middle = middle(a, b);
    let is_whole = middle.is_some();
    let middle = middle.unwrap_or_default().into_iter();
    found.extend(middle.map(|(x, y, n)| (x + n_first, y + n_first, n)));
    found.push((n_first + a.len(), n_first + b.len(), n_last));
    found.retain(|(_, _, n)| *n > 0);
    (found, is_whole)
}

/// The furthest place on each diagonal; the diagonal `k` holds the places `(x, x - k)`.
struct Furthest {
    x: Vec<isize>,
    middle: isize,
}

impl Furthest {
    fn on(&self, k: isize) -> isize {
        self.x[(self.middle + k) as usize]
    }

    /// Whether the way to diagonal `k` with the `d`th edit comes from the diagonal above.
    fn comes_from_above(&self, k: isize, d: isize) -> bool {
        k == -d || (k != d && self.on(k - 1) < self.on(k + 1))
    }

    /// Those that the `d`th edit looks at.
    fn around(&self, d: isize) -> Self {
        let around = (self.middle - d - 1) as usize..=(self.middle + d + 1) as usize;
        Self {
            x: self.x[around].to_vec(),
            middle: d + 1,
        }
    }
}

fn middle(left: &[u32], right: &[u32]) -> Option<Vec<Run>> {
    if left.is_empty() || right.is_empty() {
        return Some(Vec::new());
    }
    let (n_left, n_right) = (left.len().cast_signed(), right.len().cast_signed());
    let most = (left.len() + right.len()).min(MAX_EDITS).cast_signed();
    let mut now = Furthest {
        x: vec![0; 2 * most as usize + 3],
        middle: most + 1,
    };
    let mut before: Vec<Furthest> = Vec::new();
    let mut n_steps = 0;
    for d in 0..=most {
        before.push(now.around(d));
        for k in (-d..=d).step_by(2) {
            let start = if now.comes_from_above(k, d) {
                now.on(k + 1)
            } else {
                now.on(k - 1) + 1
            };
            let mut x = start;
            while x < n_left && x - k < n_right && left[x as usize] == right[(x - k) as usize] {
                x += 1;
            }
            n_steps += (x - start) as usize + 1;
            now.x[(now.middle + k) as usize] = x;
            if x >= n_left && x - k >= n_right {
                return Some(way_back(&before, (n_left, n_right)));
            }
        }
        if n_steps > MAX_STEPS {
            return None;
        }
    }
    None
}

/// The runs on the way from the end to the beginning, put in order.
fn way_back(before: &[Furthest], (mut x, mut y): (isize, isize)) -> Vec<Run> {
    let mut runs = Vec::new();
    for (d, furthest) in before.iter().enumerate().rev() {
        let k = x - y;
        let from_above = furthest.comes_from_above(k, d.cast_signed());
        let from = if from_above { k + 1 } else { k - 1 };
        let from_x = furthest.on(from);
        let start = if from_above { from_x } else { from_x + 1 };
        if x > start {
            runs.push((start as usize, (start - k) as usize, (x - start) as usize));
        }
        (x, y) = (from_x, from_x - from);
    }
    runs.reverse();
    runs
}

fn diff(left: Side<'_>, right: Side<'_>, runs: &[Run], is_coarse: bool) -> TextDiff {
    let byte = |(text, tokens): Side<'_>, at: usize| match tokens.get(at) {
        // What stands before the first token belongs to it.
        Some(range) if at > 0 => range.start,
        Some(_) => 0,
        None => text.len(),
    };
    let mut parts: Vec<DiffPart> = Vec::new();
    let mut push = |is_same: bool, x: Range<usize>, y: Range<usize>| {
        if x.is_empty() && y.is_empty() {
            return;
        }
        let (x, y) = (
            byte(left, x.start)..byte(left, x.end),
            byte(right, y.start)..byte(right, y.end),
        );
        match parts.last_mut() {
            Some(last) if last.is_same == is_same => {
                last.left.end = x.end;
                last.right.end = y.end;
            }
            _ => parts.push(DiffPart {
                is_same,
                left: x,
                right: y,
            }),
        }
    };
    let (mut x, mut y) = (0, 0);
    for (run_x, run_y, n) in runs {
        push(false, x..*run_x, y..*run_y);
        (x, y) = (run_x + n, run_y + n);
        push(true, *run_x..x, *run_y..y);
    }
    push(false, x..left.1.len(), y..right.1.len());
    TextDiff { parts, is_coarse }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What differs, as pairs of what stands left and right.
    fn changes(left: &str, right: &str) -> Vec<(String, String)> {
        let found = text_diff(left, right);
        check_tiles(left, right, &found);
        let changed = found.parts.iter().filter(|part| !part.is_same);
        let texts = changed.map(|part| (&left[part.left.clone()], &right[part.right.clone()]));
        texts
            .map(|(a, b)| (a.trim().to_owned(), b.trim().to_owned()))
            .collect()
    }

    /// Parts are all of both texts, and same parts have the same words.
    #[track_caller]
    fn check_tiles(left: &str, right: &str, found: &TextDiff) {
        let (mut x, mut y) = (0, 0);
        for part in &found.parts {
            assert_eq!((part.left.start, part.right.start), (x, y));
            (x, y) = (part.left.end, part.right.end);
            let words = |text: &str| text.split_whitespace().collect::<String>();
            let is_same = words(&left[part.left.clone()]) == words(&right[part.right.clone()]);
            assert!(!part.is_same || is_same, "{part:?}");
        }
        assert_eq!((x, y), (left.len(), right.len()));
    }

    #[track_caller]
    fn check(left: &str, right: &str, expected: &[(&str, &str)]) {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        let expected: Vec<_> = expected.iter().map(owned).collect();
        assert_eq!(changes(left, right), expected);
    }

    #[test]
    fn it_finds_the_words_that_differ() {
        check("the tide is out", "the tide is out", &[]);
        check("the tide is out", "the  tide\nis out ", &[]);
        check("the tide is out", "the sea is out", &[("tide", "sea")]);
        check(
            "the tide",
            "the low tide today",
            &[("", "low"), ("", "today")],
        );
        check("", "tide", &[("", "tide")]);
        check("  \n", "tide", &[("", "tide")]);
        check("", "", &[]);
        check("ebb", "flood", &[("ebb", "flood")]);
        check("é ü 你好", "é ö 你好", &[("ü", "ö")]);
    }

    #[test]
    fn it_takes_away_as_few_words_as_can_be() {
        // The example of Myers: five edits.
        let (left, right) = ("a b c a b b a", "c b a b a c");
        let found = changes(left, right);
        let n_words = |text: &str| text.split_whitespace().count();
        let n: usize = found.iter().map(|(a, b)| n_words(a) + n_words(b)).sum();
        assert_eq!(n, 5);
    }

    #[test]
    fn texts_that_differ_in_very_much_are_compared_by_sentences() {
        let text = |word: &str| -> String {
            let sentences = (0..2000).map(|i| format!("Number {i} is {word} here. "));
            sentences.collect::<String>() + "The end is the same."
        };
        let (left, right) = (text("red"), text("blue"));
        let found = text_diff(&left, &right);
        assert!(found.is_coarse);
        check_tiles(&left, &right, &found);
        let few = text_diff(&left, &left.replace("Number 7 ", "Number seven "));
        assert!(!few.is_coarse);
        assert_eq!(few.parts.iter().filter(|part| !part.is_same).count(), 1);
    }
}
