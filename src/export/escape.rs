//! Text of documents in markup, which it must never become.

/// `text` with the characters replaced that mean something between tags or in a quoted attribute.
/// White space of any kind is a space, and what XML forbids is left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escaped(text), expected);
    }

    #[test]
    fn no_text_becomes_a_tag_or_leaves_its_attribute() {
        check(
            "<script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        );
        check(r#"" onload='x()' "#, "&quot; onload=&#39;x()&#39; ");
        check("salt &amp; oil", "salt &amp;amp; oil");
        check("]]> -->", "]]&gt; --&gt;");
    }

    #[test]
    fn what_no_page_may_hold_is_left_out() {
        check("one\ttwo\r\nthree", "one two  three");
        check("a\0b\u{1b}c\u{ffff}", "abc");
        check("مرحبا 你好 é", "مرحبا 你好 é");
    }
}
