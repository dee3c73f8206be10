//! Text of documents in Markdown, which must stay the words that it is.

/// `text` as one line of Markdown that reads as just these words: whatever could begin a link, a
/// heading, a list, a table, markup of any kind, has a backslash before it. White space is a space,
/// and other control characters are left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    // A number, a dash or a plus is the beginning of a list only where a line begins.
    let mut begins = true;
    for c in text.trim_start().chars() {
        // With a colon or an at sign an address would become a link.
        let is_special = match c {
            ':' | '@' | '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|'
            | '~' | '=' | '&' | '!' | '$' | '^' => true,
            '-' | '+' | '.' | ')' => begins,
            _ => false,
        };
        begins &= c.is_ascii_digit();
        match c {
            c if is_special => out.extend(['\\', c]),
            c if c.is_whitespace() => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    /// It must be read as one paragraph of the same words.
    #[track_caller]
    fn check(text: &str) {
        let markdown = escaped(text);
        let mut read = String::new();
        // Quotes and dashes stay what they are, too, where a reader makes no finer ones of them.
        let options = Options::all().difference(Options::ENABLE_SMART_PUNCTUATION);
        for event in Parser::new_ext(&markdown, options) {
            match event {
                Event::Text(part) => read.push_str(&part),
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                event => panic!("{text:?} as {markdown:?} gave {event:?}"),
            }
        }
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&read), words(text), "{markdown}");
    }

    #[test]
    fn words_stay_words() {
        for text in [
            "plain words, (with) brackets; and 1.5 kg",
            "# heading",
            "1. list",
            "12) list",
            "- list",
            "+ list",
            "* list",
            "> quote",
            "```\ncode",
            "a | b",
            "--- | ---",
            "===",
            "[a](b) ![c](d) <http://e> http://f.g a@b.c",
            "<b onclick=x>y</b> &amp; &lt;",
            "~~a~~ ==b== ^c^ ~d~ $e$ **f** __g__ `h`",
            "\\* \\",
            ":::note",
            "[^1]: foot",
            "[ ] task",
            "潮汐 مد 🌊 é",
        ] {
            check(text);
            check(&format!("   \t {text} \n {text}"));
        }
    }

    #[test]
    fn what_no_text_may_hold_is_left_out() {
        assert_eq!(escaped("a\0b\u{1b}c\td"), "abc d");
    }
}
