//! XML events with the entities resolved and the depth bounded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::super::{Reason, decode};

/// No document of people nests deeper; what does is made to overrun a stack.
const MAX_DEPTH: usize = 256;

/// What a caller sees of a document.
#[derive(Clone, Copy)]
pub enum Node<'a> {
    /// A tag opens; an empty one closes at once, as a second event.
    Open(&'a BytesStart<'a>),
    /// A tag closes.
    Close(&'a str),
    /// Words.
    Text(&'a str),
}

/// Walks through a document. Names keep their prefix, as in `text:p`.
pub fn walk(
    xml: &[u8],
    visit: &mut dyn FnMut(Node<'_>) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let decoded = decode::text_as(xml, declared(xml))?;
    let mut reader = Reader::from_str(&decoded.text);
    reader.config_mut().check_end_names = false;
    let mut depth = 0_usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Reason(format!(
                        "its XML is nested more than {MAX_DEPTH} deep"
                    )));
                }
                visit(Node::Open(&tag))?;
            }
            Ok(Event::Empty(tag)) => {
                visit(Node::Open(&tag))?;
                visit(Node::Close(tag.name().0))?;
            }
            Ok(Event::End(tag)) => {
                depth = depth.saturating_sub(1);
                visit(Node::Close(tag.name().0))?;
            }
            Ok(Event::Text(text)) => visit(Node::Text(&text))?,
            Ok(Event::CData(text)) => visit(Node::Text(&text))?,
            Ok(Event::GeneralRef(reference)) => {
                let character = reference.resolve_char_ref().ok().flatten();
                let resolved = match character {
                    Some(character) => Some(Cow::Owned(character.to_string())),
                    None => resolve_predefined_entity(&reference).map(Cow::Borrowed),
                };
                // Entities that a document defines itself are how XML bombs are built.
                visit(Node::Text(&resolved.unwrap_or_default()))?;
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(Reason(format!("damaged XML ({error})"))),
        }
    }
}

fn declared(xml: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let opening = &xml[..xml.len().min(200)];
    let declaration = opening.split(|byte| *byte == b'>').next()?;
    let at = memchr::memmem::find(declaration, b"encoding=")? + b"encoding=".len();
    let quote = *declaration.get(at)?;
    let label = declaration
        .get(at + 1..)?
        .split(|byte| *byte == quote)
        .next()?;
    encoding_rs::Encoding::for_label(label)
}

/// The value of an attribute, entities resolved.
pub fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut found = attributes.with_checks(false).flatten();
    let value = found
        .by_ref()
        .find(|attribute| attribute.key.0 == name)?
        .value;
    Some(quick_xml::escape::unescape(&value).map_or_else(|_| value.to_string(), Cow::into_owned))
}
