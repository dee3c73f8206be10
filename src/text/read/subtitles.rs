//! `SubRip` and `WebVTT`: what is said, without the times.

use super::draft::Draft;
use crate::message::count;

/// Reads what is said. A pause of a cue is no end of a sentence, so the lines stay together.
pub fn read(text: &str) -> Draft {
    let mut draft = Draft::default();
    let mut last = String::new();
    let mut n_repeated = 0;
    for block in text.split("\n\n") {
        let mut lines = block.lines().peekable();
        if lines.peek().is_some_and(|first| is_remark(first)) {
            continue;
        }
        let mut in_cue = false;
        for line in lines {
            if line.contains("-->") {
                in_cue = true;
                continue;
            }
            let words = without_tags(line);
            // Live captions roll: each cue says the last line of the one before once more.
            if !in_cue || words.trim().is_empty() {
                continue;
            }
            if words == last {
                n_repeated += 1;
            } else {
                draft.end_line();
                draft.push_words(words.trim());
                last = words;
            }
        }
    }
    if n_repeated > 0 {
        let lines = count(n_repeated, "line");
        draft
            .notes
            .push(format!("{lines} left out that only repeat the one before"));
    }
    draft
}

fn is_remark(line: &str) -> bool {
    ["WEBVTT", "NOTE", "STYLE", "REGION"].iter().any(|word| {
        line.strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    }) && !line.contains("-->")
}

fn without_tags(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(['<', '{']) {
        let close = if rest[start..].starts_with('<') {
            '>'
        } else {
            '}'
        };
        // A lone sign is a sign.
        let Some(length) = rest[start..].find(close) else {
            break;
        };
        out.push_str(&rest[..start]);
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(out, |text, (entity, sign)| text.replace(entity, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_numbers_and_tags_go() {
        let srt = "1\n00:00:01,000 --> 00:00:02,000\n<i>The tide</i>\ngoes out\n\n2\n00:00:02,000 --> 00:00:03,000\n{\\an8}and 2 < 3.\n";
        assert_eq!(read(srt).text, "The tide\ngoes out\nand 2 < 3.");
        let vtt = "WEBVTT - a title\n\nNOTE nothing\n\nSTYLE\n::cue {}\n\nid\n00:01.000 --> 00:02.000 line:0\n<v Ada>One &amp; two\n\n00:02.000 --> 00:03.000\n<v Ada>One &amp; two\nthree\n";
        assert_eq!(read(vtt).text, "One & two\nthree");
    }
}
