//! Running headers, footers and page numbers: lines that stand at the edge of page after page.

use std::collections::HashMap;

/// Lines at the top and at the bottom of a page that may be running ones.
const EDGE_LINES: usize = 2;

/// Fewer pages than this repeat by chance.
const MIN_PAGES: usize = 3;

/// Takes the running lines out of `pages`, and tells how many lines were taken.
///
/// A line is running when it stands among the first or the last two lines of at least three pages
/// and of a quarter of all, numbers taken as equal. A quarter, because left and right pages often have
/// headers of their own, and chapters change them.
pub fn take_out(pages: &mut [String]) -> usize {
    if pages.len() < MIN_PAGES {
        return 0;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let mut shapes: Vec<String> = edges(page).into_iter().map(|line| shape(line.1)).collect();
        shapes.sort_unstable();
        shapes.dedup();
        for shape in shapes {
            *seen.entry(shape).or_default() += 1;
        }
    }
    let enough = MIN_PAGES.max(pages.len().div_ceil(4));
    let mut n_taken = 0;
    for page in pages.iter_mut() {
        let taken: Vec<usize> = edges(page)
            .into_iter()
            .filter(|(_, line)| seen.get(&shape(line)).is_some_and(|n| *n >= enough))
            .map(|(index, _)| index)
            .collect();
        if taken.is_empty() {
            continue;
        }
        n_taken += taken.len();
        let kept: Vec<&str> = page
            .lines()
            .enumerate()
            .filter(|(index, _)| !taken.contains(index))
            .map(|(_, line)| line)
            .collect();
        *page = kept.join("\n");
    }
    n_taken
}

/// The first and the last lines with words, and where they are.
fn edges(page: &str) -> Vec<(usize, &str)> {
    let lines: Vec<(usize, &str)> = page
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .collect();
    if lines.len() <= 2 * EDGE_LINES {
        return lines;
    }
    let (first, last) = (&lines[..EDGE_LINES], &lines[lines.len() - EDGE_LINES..]);
    [first, last].concat()
}

/// What two running lines have in common: all but their numbers.
fn shape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.trim().chars() {
        let c = if c.is_numeric() { '#' } else { c };
        if !(c == '#' && out.ends_with('#')) {
            out.push(c);
        }
    }
    // Roman page numbers, which change their letters.
    let is_roman = (1..=6).contains(&out.len()) && out.bytes().all(|b| b"ivxlc".contains(&b));
    if is_roman { "#".into() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_page_numbers_go_and_the_rest_stays() {
        let mut pages: Vec<String> = (1..=6)
            .map(|n| {
                format!(
                    "Tide tables 2026\nIt begins {n}\n\nfoo {n}\nand so on\nwords {}\n\n- {n} -\n",
                    "x".repeat(n)
                )
            })
            .collect();
        assert_eq!(take_out(&mut pages), 18);
        assert_eq!(pages[0].trim(), "foo 1\nand so on\nwords x");
    }

    #[test]
    fn left_and_right_headers_are_found_and_short_documents_left_alone() {
        let mut pages: Vec<String> = (1..=8)
            .map(|n| {
                format!(
                    "{}\nline {}\nmore {}\nend {}",
                    if n % 2 == 0 { "Book" } else { "Chapter" },
                    "a".repeat(n),
                    "b".repeat(n),
                    "c".repeat(n)
                )
            })
            .collect();
        assert_eq!(take_out(&mut pages), 8);
        let mut two = vec!["Same\nfoo".to_owned(), "Same\nbar".to_owned()];
        assert_eq!(take_out(&mut two), 0);
    }
}
