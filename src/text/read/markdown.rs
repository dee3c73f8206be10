//! Markdown: the words without the marks.

use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use super::draft::Draft;

/// The text of every block, titled by the first top-level heading. Front matter and HTML comments
/// are left out: they are not part of what the text says.
pub fn draft(text: &str) -> Draft {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut draft = Draft::default();
    let mut heading: Option<String> = None;
    let mut in_metadata = false;
    let mut in_code = false;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::MetadataBlock(MetadataBlockKind::YamlStyle)) => in_metadata = true,
            Event::End(TagEnd::MetadataBlock(_)) => in_metadata = false,
            _ if in_metadata => {}
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(level)) => {
                let words = heading.take().unwrap_or_default();
                draft.heading(&words);
                if level == pulldown_cmark::HeadingLevel::H1 && !words.trim().is_empty() {
                    draft.title.get_or_insert(words);
                }
            }
            Event::Text(part) | Event::Code(part) => match &mut heading {
                Some(heading) => heading.push_str(&part),
                None => draft.text.push_str(&part),
            },
            Event::SoftBreak | Event::HardBreak => match &mut heading {
                Some(heading) => heading.push(' '),
                None => draft.text.push('\n'),
            },
            Event::Start(Tag::CodeBlock(_)) => {
                draft.end_block();
                in_code = true;
            }
            Event::End(TagEnd::CodeBlock) => {
                draft.end_block();
                in_code = false;
            }
            Event::Start(Tag::Item)
            | Event::End(TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead)
                if !in_code =>
            {
                draft.end_line();
            }
            Event::End(TagEnd::TableCell) => draft.push_space(),
            Event::End(TagEnd::Paragraph | TagEnd::List(_) | TagEnd::Table) => draft.end_block(),
            _ => {}
        }
    }
    draft
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_words_stay() {
        let text = "---\nauthor: x\n---\n# Low *water*\n\nThe [sea](http://x) went `out`.\nAnd on.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| c | d |\n";
        let draft = draft(text);
        assert_eq!(draft.title.as_deref(), Some("Low water"));
        assert_eq!(
            draft.text.trim(),
            "Low water\n\nThe sea went out.\nAnd on.\n\none\ntwo\n\na b\nc d"
        );
    }
}
