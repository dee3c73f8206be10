//! What a file is. Its content decides; its name only parts the text formats, which look alike.

use std::path::Path;

use super::Reason;

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text of no special form, source code included.
    Plain,
    /// Markdown.
    Markdown,
    /// CSV or TSV.
    Table,
    /// JSON.
    Json,
    /// JSON Lines.
    JsonLines,
    /// A Jupyter notebook.
    Notebook,
    /// `SubRip` or `WebVTT`.
    Subtitles,
    /// One that only the worker process parses.
    Foreign(Foreign),
}

/// Formats with a structure of their own, written by programs of every quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Foreign {
    /// HTML and XHTML.
    Html,
    /// PDF.
    Pdf,
    /// Word, Excel and `PowerPoint`, of 1997 and of 2007.
    Office,
    /// `OpenDocument` texts, sheets and slides.
    OpenDocument,
    /// An e-book.
    Epub,
    /// Rich text.
    Rtf,
    /// One mail.
    Mail,
    /// A mailbox.
    Mailbox,
    /// Apache Parquet.
    Parquet,
}

impl Foreign {
    const ALL: [Self; 9] = [
        Self::Html,
        Self::Pdf,
        Self::Office,
        Self::OpenDocument,
        Self::Epub,
        Self::Rtf,
        Self::Mail,
        Self::Mailbox,
        Self::Parquet,
    ];

    /// Its number in the worker's protocol.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The format with that number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }
}

/// Tells what `bytes` are.
///
/// # Errors
/// What it is instead, when it holds no text.
pub fn format(path: &Path, bytes: &[u8]) -> Result<Format, Reason> {
    if bytes.is_empty() {
        return Err("empty".into());
    }
    if let Some(foreign) = by_signature(bytes)? {
        return Ok(Format::Foreign(foreign));
    }
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let opening = opening(bytes);
    if is_mailbox(&opening) {
        return Ok(Format::Foreign(Foreign::Mailbox));
    }
    if is_mail(&opening, &extension) {
        return Ok(Format::Foreign(Foreign::Mail));
    }
    if opening.starts_with('<') && opening.contains("<office:document") {
        return Ok(Format::Foreign(Foreign::OpenDocument));
    }
    if is_html(&opening, &extension) {
        return Ok(Format::Foreign(Foreign::Html));
    }
    Ok(match extension.as_str() {
        "csv" | "tsv" | "tab" => Format::Table,
        "json" => Format::Json,
        "jsonl" | "ndjson" => Format::JsonLines,
        "ipynb" => Format::Notebook,
        "md" | "markdown" => Format::Markdown,
        "srt" | "vtt" => Format::Subtitles,
        _ if opening.starts_with("webvtt") => Format::Subtitles,
        _ => Format::Plain,
    })
}

fn by_signature(bytes: &[u8]) -> Result<Option<Foreign>, Reason> {
    // Mailers and web servers put their own lines before a PDF; its readers look as far.
    if find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some() {
        return Ok(Some(Foreign::Pdf));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zipped(bytes).map(Some);
    }
    Ok(match bytes {
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Some(compound(bytes)?),
        [b'{', b'\\', b'r', b't', b'f', ..] => Some(Foreign::Rtf),
        [b'P', b'A', b'R', b'1', ..] if bytes.len() > 8 => Some(Foreign::Parquet),
        _ => match other(bytes) {
            Some(name) => return Err(Reason(format!("{name}, not text"))),
            None => None,
        },
    })
}

/// Names in a zip file stand in it as they are.
fn zipped(bytes: &[u8]) -> Result<Foreign, Reason> {
    let opening = &bytes[..bytes.len().min(256)];
    if find(opening, b"mimetypeapplication/epub+zip").is_some() {
        return Ok(Foreign::Epub);
    }
    if find(opening, b"mimetypeapplication/vnd.oasis.opendocument").is_some() {
        return Ok(Foreign::OpenDocument);
    }
    let has = |name: &[u8]| find(bytes, name).is_some();
    if has(b"[Content_Types].xml") && (has(b"word/") || has(b"xl/") || has(b"ppt/")) {
        return Ok(Foreign::Office);
    }
    if has(b"META-INF/container.xml") {
        return Ok(Foreign::Epub);
    }
    if has(b"content.xml") && has(b"META-INF/manifest.xml") {
        return Ok(Foreign::OpenDocument);
    }
    Err("a zip archive; unpack it to read what is in it".into())
}

/// The streams of a compound file are named in UTF-16.
fn compound(bytes: &[u8]) -> Result<Foreign, Reason> {
    let wide = |name: &str| {
        name.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    if find(bytes, &wide("__properties_version1.0")).is_some() {
        return Err("an Outlook message; save it as .eml to read it".into());
    }
    Ok(Foreign::Office)
}

fn other(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 26] = [
        (b"\x89PNG\r\n", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"GIF87a", "a picture"),
        (b"GIF89a", "a picture"),
        (b"II*\0", "a picture"),
        (b"MM\0*", "a picture"),
        (b"8BPS", "a picture"),
        (b"\0\0\x01\0", "an icon"),
        (b"OggS", "a recording"),
        (b"ID3", "a recording"),
        (b"fLaC", "a recording"),
        (b"\x1A\x45\xDF\xA3", "a film"),
        (b"\x1F\x8B", "a compressed file"),
        (b"BZh", "a compressed file"),
        (b"\xFD7zXZ\0", "a compressed file"),
        (b"\x28\xB5\x2F\xFD", "a compressed file"),
        (b"7z\xBC\xAF\x27\x1C", "an archive"),
        (b"Rar!\x1A\x07", "an archive"),
        (b"PK\x07\x08", "an archive"),
        (b"\x7FELF", "a program"),
        (b"MZ\x90\0", "a program"),
        (b"\xCA\xFE\xBA\xBE", "a program"),
        (b"\xCF\xFA\xED\xFE", "a program"),
        (b"\0asm", "a program"),
        (b"SQLite format 3\0", "a database"),
        (b"wOF2", "a font"),
    ];
    if bytes.starts_with(b"RIFF") && bytes.len() > 12 {
        return Some(if &bytes[8..12] == b"WEBP" {
            "a picture"
        } else {
            "a recording"
        });
    }
    if bytes.len() > 12 && &bytes[4..8] == b"ftyp" {
        return Some("a film");
    }
    let mut known = SIGNATURES.iter();
    known
        .find(|(start, _)| bytes.starts_with(start))
        .map(|(_, name)| *name)
}

/// The first lines in lower case, without what comes before the text.
fn opening(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(4096)];
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // Latin letters in UTF-16 are themselves but for the zeros.
    let narrow: Vec<u8> = match bytes {
        [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] => {
            rest.iter().copied().filter(|byte| *byte != 0).collect()
        }
        _ => bytes.to_vec(),
    };
    String::from_utf8_lossy(&narrow).trim_start().to_lowercase()
}

fn is_html(opening: &str, extension: &str) -> bool {
    let mut rest = opening;
    // Comments and an XML declaration may come first.
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => rest.find("-->").map(|at| at + 3),
            _ if rest.starts_with("<?xml") => rest.find("?>").map(|at| at + 2),
            _ => None,
        };
        match end {
            Some(end) => rest = rest[end..].trim_start(),
            None => break,
        }
    }
    let named = matches!(extension, "html" | "htm" | "xhtml" | "xht");
    rest.starts_with("<!doctype html")
        || rest.starts_with("<html")
        || (named && opening.contains('<'))
}

/// A mail begins with its headers. A text may begin with a line that looks like one, hence several.
fn is_mail(opening: &str, extension: &str) -> bool {
    const KNOWN: [&str; 10] = [
        "from:",
        "to:",
        "subject:",
        "date:",
        "received:",
        "message-id:",
        "mime-version:",
        "return-path:",
        "content-type:",
        "delivered-to:",
    ];
    let headers = opening.lines().take_while(|line| !line.trim().is_empty());
    let is_header = |line: &str| {
        let name = line.split(':').next().unwrap_or_default();
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
        line.starts_with([' ', '\t']) || (line.contains(':') && is_name)
    };
    let (mut n_known, mut all) = (0, true);
    for line in headers {
        all &= is_header(line);
        n_known += usize::from(KNOWN.iter().any(|name| line.starts_with(name)));
    }
    let enough = if matches!(extension, "eml" | "mht" | "mhtml") {
        1
    } else {
        3
    };
    (all || extension == "eml") && n_known >= enough
}

fn is_mailbox(opening: &str) -> bool {
    let mut lines = opening.lines();
    let separator = lines.next().unwrap_or_default();
    let next = lines.next().unwrap_or_default();
    separator.starts_with("from ")
        && next
            .split_once(':')
            .is_some_and(|(name, _)| !name.contains(' '))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, bytes: &[u8], expected: Result<Format, &str>) {
        let expected = expected.map_err(Reason::from);
        assert_eq!(format(Path::new(name), bytes), expected, "{name}");
    }

    #[test]
    fn the_content_decides() {
        use Foreign::{Html, Mail, Mailbox, Office, Pdf, Rtf};
        let foreign = |format| Ok(Format::Foreign(format));
        check("a.txt", b"%PDF-1.7\n", foreign(Pdf));
        check("a.doc", b"{\\rtf1 x}", foreign(Rtf));
        check("a.xls", b"\n<HTML><table>", foreign(Html));
        check("a", b"<?xml version='1.0'?><!-- x --><html>", foreign(Html));
        check(
            "a.zip",
            b"PK\x03\x04..[Content_Types].xml..word/document.xml",
            foreign(Office),
        );
        check(
            "a.txt",
            b"From: a@b.c\nTo: d@e.f\nSubject: Tea\n\nHello",
            foreign(Mail),
        );
        check(
            "a.txt",
            b"Note: one\nTo: all of us, hear\n\nHello",
            Ok(Format::Plain),
        );
        check(
            "in",
            b"From a@b.c Mon Jan 1\nFrom: a@b.c\n\nHello",
            foreign(Mailbox),
        );
        check(
            "a.txt",
            b"From there we went on.\nIt rained.",
            Ok(Format::Plain),
        );
    }

    #[test]
    fn the_name_parts_the_text_formats() {
        check("a.csv", b"a,b", Ok(Format::Table));
        check("a.MD", b"# A", Ok(Format::Markdown));
        check("a.rs", b"fn main() {}", Ok(Format::Plain));
        check("a.json", b"{}", Ok(Format::Json));
    }

    #[test]
    fn what_holds_no_text_is_named() {
        check("a.txt", b"\x89PNG\r\n\x1a\n", Err("a picture, not text"));
        check(
            "a.zip",
            b"PK\x03\x04\x14\0",
            Err("a zip archive; unpack it to read what is in it"),
        );
        check("a.md", b"", Err("empty"));
    }
}
