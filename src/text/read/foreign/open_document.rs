//! `OpenDocument` texts, sheets and slides: a zip file with `content.xml`.

use quick_xml::events::BytesStart;

use super::super::Reason;
use super::super::draft::Draft;
use super::archive::Archive;
use super::xml::{self, Node, attribute};
use super::{Extracted, RUNNING_LINES, Sheet};
use crate::text::Place;

/// Reads whichever of the three it is.
pub fn read(bytes: &[u8]) -> Result<Extracted, Reason> {
    // Everything may also stand in one XML file.
    if !bytes.starts_with(b"PK") {
        return content(bytes, Draft::default());
    }
    let mut archive = Archive::open(bytes)?;
    let manifest = archive.read("META-INF/manifest.xml")?.unwrap_or_default();
    if memchr::memmem::find(&manifest, b"manifest:encryption-data").is_some() {
        return Err("it needs a password".into());
    }
    let xml = archive
        .read("content.xml")?
        .ok_or("an OpenDocument file without content")?;
    let mut draft = about(&mut archive)?;
    if has_running_lines(&mut archive)? {
        draft.notes.push(RUNNING_LINES.into());
    }
    content(&xml, draft)
}

/// Headers and footers stand apart from the content.
fn has_running_lines(archive: &mut Archive<'_>) -> Result<bool, Reason> {
    let styles = archive.read("styles.xml")?.unwrap_or_default();
    let has = |tag: &str| memchr::memmem::find(&styles, tag.as_bytes()).is_some();
    Ok(has("<style:header>") || has("<style:footer>"))
}

fn content(xml: &[u8], draft: Draft) -> Result<Extracted, Reason> {
    let mut reader = ContentReader {
        draft,
        ..ContentReader::default()
    };
    xml::walk(xml, &mut |node| {
        reader.visit(node);
        Ok(())
    })?;
    Ok(if reader.is_workbook {
        Extracted::Sheets(reader.sheets)
    } else {
        Extracted::Text(reader.draft)
    })
}

fn about(archive: &mut Archive<'_>) -> Result<Draft, Reason> {
    let mut draft = Draft::default();
    let Some(meta) = archive.read("meta.xml")? else {
        return Ok(draft);
    };
    let mut inside = String::new();
    xml::walk(&meta, &mut |node| {
        match node {
            Node::Open(tag) => tag.name().0.clone_into(&mut inside),
            Node::Close(_) => inside.clear(),
            Node::Text(text) => match inside.as_str() {
                "dc:title" => draft.title = Some(text.trim().to_owned()),
                "dc:creator" => draft.about("author", Some(text)),
                "dc:date" => draft.about("date", Some(text)),
                _ => {}
            },
        }
        Ok(())
    })?;
    Ok(draft)
}

/// More blanks in a row than this are not meant for reading.
const MAX_BLANKS: usize = 100;

#[derive(Default)]
struct ContentReader {
    draft: Draft,
    sheets: Vec<Sheet>,
    row: Vec<String>,
    is_workbook: bool,
    in_body: bool,
    in_cell: bool,
    n_slides: usize,
    /// How many elements that hold no text of the document are open.
    n_left_out: usize,
    heading: Option<String>,
}

impl ContentReader {
    fn visit(&mut self, node: Node<'_>) {
        match node {
            Node::Open(tag) => self.open(tag),
            Node::Close(name) => self.close(name),
            Node::Text(text) => self.words(text),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) {
        let name = tag.name().0;
        self.in_body |= name == "office:body";
        self.n_left_out += usize::from(is_left_out(name));
        if !self.in_body || self.n_left_out > 0 {
            return;
        }
        match name {
            "office:spreadsheet" => self.is_workbook = true,
            "draw:page" => {
                self.n_slides += 1;
                self.draft.mark(Place::Slide(self.n_slides));
            }
            "table:table" if self.is_workbook => self.sheets.push(Sheet {
                name: attribute(tag, "table:name").unwrap_or_default(),
                rows: Vec::new(),
            }),
            "table:table-row" if self.is_workbook => self.row.clear(),
            "table:table-cell" | "table:covered-table-cell" => {
                self.in_cell = true;
                if self.is_workbook {
                    self.row.push(String::new());
                } else {
                    self.draft.push_space();
                }
            }
            "text:h" => self.heading = Some(String::new()),
            "text:p" => self.paragraph(),
            "text:s" => {
                let n = attribute(tag, "text:c").and_then(|n| n.parse::<usize>().ok());
                self.words(&" ".repeat(n.unwrap_or(1).min(MAX_BLANKS)));
            }
            "text:tab" => self.words(" "),
            "text:line-break" => self.line_break(),
            "text:list-item" => self.draft.end_line(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if is_left_out(name) {
            self.n_left_out = self.n_left_out.saturating_sub(1);
            return;
        }
        if !self.in_body || self.n_left_out > 0 {
            return;
        }
        match name {
            "text:h" => {
                let heading = self.heading.take().unwrap_or_default();
                self.draft.heading(&heading);
            }
            "text:p" => self.paragraph(),
            "table:table-cell" | "table:covered-table-cell" => {
                self.in_cell = false;
            }
            "table:table-row" if self.is_workbook => {
                let row = std::mem::take(&mut self.row);
                if let Some(sheet) = self.sheets.last_mut()
                    && row.iter().any(|cell| !cell.trim().is_empty())
                {
                    sheet.rows.push(row);
                }
            }
            "table:table-row" => self.draft.end_line(),
            "office:body" => self.in_body = false,
            _ => {}
        }
    }

    fn paragraph(&mut self) {
        if self.is_workbook {
            if let Some(cell) = self.row.last_mut().filter(|cell| !cell.is_empty()) {
                cell.push('\n');
            }
        } else if self.in_cell {
            self.draft.push_space();
        } else {
            self.draft.end_block();
        }
    }

    fn line_break(&mut self) {
        match &mut self.heading {
            Some(heading) => heading.push(' '),
            None if self.is_workbook => self.words("\n"),
            None => self.draft.end_line(),
        }
    }

    fn words(&mut self, text: &str) {
        if !self.in_body || self.n_left_out > 0 {
            return;
        }
        if let Some(heading) = &mut self.heading {
            heading.push_str(text);
        } else if self.is_workbook {
            if let Some(cell) = self.row.last_mut().filter(|_| self.in_cell) {
                cell.push_str(text);
            }
        } else {
            self.draft.push_words(text);
        }
    }
}

/// Deleted text, remarks of reviewers, and the numbers that call a footnote.
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "text:tracked-changes"
            | "office:annotation"
            | "text:note-citation"
            | "office:forms"
            | "svg:title"
            | "svg:desc"
            | "text:sequence-decls"
            | "table:tracked-changes"
            | "style:header"
            | "style:footer"
    )
}
