//! Markdown: the words without the marks.

use std::path::Path;

use pulldown_cmark::{Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use super::super::document::Source;
use super::{Found, Reason, plain};

/// One document, titled by its first top-level heading.
pub fn read(path: &Path, text: &str) -> Result<Found, Reason> {
    let (title, words) = without_marks(text);
    let source = Source::File(path.to_owned());
    let title = title.unwrap_or_else(|| plain::file_title(path));
    Ok(Found {
        documents: vec![plain::titled(
            title,
            words,
            source,
            std::collections::BTreeMap::new(),
        )?],
        ..Found::default()
    })
}

/// The text of every block, blocks parted by an empty line, and the first top-level heading.
/// Front matter and HTML comments are left out: they are not part of what the text says.
fn without_marks(text: &str) -> (Option<String>, String) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut words = String::new();
    let mut title = None;
    let mut title_from = None;
    let mut in_metadata = false;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::MetadataBlock(MetadataBlockKind::YamlStyle)) => in_metadata = true,
            Event::End(TagEnd::MetadataBlock(_)) => in_metadata = false,
            _ if in_metadata => {}
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) if title.is_none() => {
                title_from = Some(words.len());
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some(from) = title_from.take() {
                    title = Some(words[from..].trim().to_owned()).filter(|t| !t.is_empty());
                }
                words.push_str("\n\n");
            }
            Event::Text(part) | Event::Code(part) => words.push_str(&part),
            Event::Start(Tag::Item) if !words.is_empty() && !words.ends_with('\n') => {
                words.push('\n');
            }
            Event::SoftBreak | Event::HardBreak => words.push('\n'),
            Event::End(TagEnd::TableCell) => words.push(' '),
            Event::End(TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead)
                if !words.ends_with('\n') =>
            {
                words.push('\n');
            }
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::List(_) | TagEnd::Table) => {
                words.push_str("\n\n");
            }
            _ => {}
        }
    }
    let mut words = words.trim().to_owned();
    while words.contains("\n\n\n") {
        words = words.replace("\n\n\n", "\n\n");
    }
    (title, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_words_stay() {
        let text = "---\nauthor: x\n---\n# Low *water*\n\nThe [sea](http://x) went `out`.\nAnd on.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |\n";
        let (title, words) = without_marks(text);
        assert_eq!(title.as_deref(), Some("Low water"));
        assert_eq!(
            words,
            "Low water\n\nThe sea went out.\nAnd on.\n\none\ntwo\n\na b \nc d"
        );
    }
}
