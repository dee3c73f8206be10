//! Word, Excel and `PowerPoint` files, of 1997 and of 2007, through undoc.

use undoc::model::{Block, Document, Paragraph, RevisionType, Row, Table};
use undoc::{Error, FormatType};

use super::super::Reason;
use super::super::draft::Draft;
use super::archive::Archive;
use super::{Extracted, RUNNING_LINES, Sheet};
use crate::text::Place;

/// Reads a document, a workbook or slides.
pub fn read(bytes: &[u8]) -> Result<Extracted, Reason> {
    if bytes.starts_with(b"PK") {
        Archive::check(bytes)?;
    }
    let format = undoc::detect_format_from_bytes(bytes).map_err(reason)?;
    let document = undoc::parse_bytes(bytes).map_err(reason)?;
    Ok(match format {
        FormatType::Xlsx | FormatType::Xls => Extracted::Sheets(sheets(&document)),
        FormatType::Pptx | FormatType::Ppt => Extracted::Text(slides(&document)),
        FormatType::Docx | FormatType::Doc => Extracted::Text(words(&document)),
    })
}

fn reason(error: Error) -> Reason {
    match error {
        Error::Encrypted => "it needs a password".into(),
        Error::UnknownFormat | Error::UnsupportedFormat(_) => {
            "an Office container without a document that can be read".into()
        }
        error => Reason(format!("a damaged Office file ({error})")),
    }
}

fn about(document: &Document) -> Draft {
    let mut draft = Draft {
        title: document
            .metadata
            .title
            .clone()
            .filter(|title| !title.trim().is_empty()),
        ..Draft::default()
    };
    draft.about("author", document.metadata.author.as_deref());
    draft.about(
        "date",
        document
            .metadata
            .modified
            .as_deref()
            .or(document.metadata.created.as_deref()),
    );
    draft
}

fn words(document: &Document) -> Draft {
    let mut draft = about(document);
    let mut n_running = 0;
    for section in &document.sections {
        blocks(&mut draft, &section.content);
        n_running += usize::from(section.header.is_some()) + usize::from(section.footer.is_some());
    }
    if n_running > 0 {
        draft.notes.push(RUNNING_LINES.into());
    }
    draft
}

fn slides(document: &Document) -> Draft {
    let mut draft = about(document);
    for section in &document.sections {
        draft.mark(Place::Slide(section.index + 1));
        if let Some(name) = &section.name {
            // Some slides repeat their title as their first paragraph.
            let repeated = section.content.iter().any(|block| {
                matches!(block, Block::Paragraph(paragraph) if text(paragraph).trim() == name.trim())
            });
            if !repeated && !is_made_up(name, section.index) {
                draft.block(name);
            }
        }
        blocks(&mut draft, &section.content);
        for paragraph in section.notes.iter().flatten() {
            draft.block(&text(paragraph));
        }
    }
    draft
}

/// undoc calls a slide without a title by its number.
fn is_made_up(name: &str, index: usize) -> bool {
    name.trim() == format!("Slide {}", index + 1)
}

fn blocks(draft: &mut Draft, blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Paragraph(found) => paragraph(draft, found),
            Block::Table(found) => {
                draft.end_block();
                table(draft, found);
                draft.end_block();
            }
            Block::Note { content, .. } => content.iter().for_each(|found| paragraph(draft, found)),
            Block::PageBreak | Block::SectionBreak | Block::Image { .. } => {}
        }
    }
}

fn paragraph(draft: &mut Draft, paragraph: &Paragraph) {
    let words = text(paragraph);
    if paragraph.is_heading() {
        draft.heading(&words);
    } else if paragraph.is_list_item() {
        draft.end_line();
        draft.push_words(words.trim());
        draft.end_line();
    } else {
        draft.block(&words);
    }
}

fn table(draft: &mut Draft, found: &Table) {
    for row in &found.rows {
        for cell in &row.cells {
            draft.push_space();
            draft.push_words(&cell_text(cell));
            for nested in &cell.nested_tables {
                draft.end_line();
                table(draft, nested);
            }
        }
        draft.end_line();
    }
}

fn cell_text(cell: &undoc::model::Cell) -> String {
    cell.content.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// Deleted text is no longer part of a document, and the number of a note is none of its words.
fn text(paragraph: &Paragraph) -> String {
    let mut out = String::new();
    for run in &paragraph.runs {
        if run.revision != RevisionType::Deleted {
            out.push_str(&run.text);
        }
        if run.line_break || run.page_break {
            out.push('\n');
        }
    }
    out
}

fn sheets(document: &Document) -> Vec<Sheet> {
    let sheet = |section: &undoc::model::Section| Sheet {
        name: section.name.clone().unwrap_or_default(),
        rows: section
            .content
            .iter()
            .flat_map(|block| match block {
                Block::Table(table) => table.rows.iter().map(row).collect(),
                Block::Paragraph(paragraph) => vec![vec![text(paragraph)]],
                _ => Vec::new(),
            })
            .filter(|row: &Vec<String>| row.iter().any(|cell| !cell.trim().is_empty()))
            .collect(),
    };
    document.sections.iter().map(sheet).collect()
}

fn row(row: &Row) -> Vec<String> {
    row.cells.iter().map(cell_text).collect()
}
