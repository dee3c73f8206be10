//! Files made to hurt: each costs one line of the list, and the next file is read.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use semascope::progress::Progress;
use semascope::text::{Corpus, Input, ReadRule, read};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::formats::tools;
use crate::support::repository;

/// What is to become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// It is listed, with a reason.
    Skipped,
    /// Some text of it is read.
    Read,
    /// One or the other.
    Either,
}
use Expect::{Either, Read, Skipped};

type Hostile = (String, Vec<u8>, Expect);

fn fixture(path: &str) -> Vec<u8> {
    fs::read(repository("tests/fixtures/corpus").join(path)).unwrap()
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const TYPES: &[u8] = br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const RELATIONS: &[u8] = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const WORD: &str = r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#;

fn docx(body: &str) -> Vec<u8> {
    let document = format!("{WORD}{body}</w:body></w:document>");
    zipped(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("word/document.xml", document.as_bytes()),
    ])
}

fn odf(kind: &str, body: &str) -> Vec<u8> {
    let names = "xmlns:office='o' xmlns:text='t' xmlns:table='tb'";
    let content = format!(
        "<office:document-content {names}><office:body>{body}</office:body></office:document-content>"
    );
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("mimetype", stored).unwrap();
    write!(zip, "application/vnd.oasis.opendocument.{kind}").unwrap();
    zip.start_file("content.xml", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet.
fn xlsx(sheet: &str, shared: &str) -> Vec<u8> {
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"#;
    let relations = RELATIONS_OF_WORKBOOK
        .replace("TARGET", "xl/workbook.xml")
        .replace("TYPE", "officeDocument")
        .replace("MORE", "");
    let workbook = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let of_workbook = RELATIONS_OF_WORKBOOK.replace("TARGET", "worksheets/sheet1.xml").replace("TYPE", "worksheet").replace(
        "MORE",
        r#"<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>"#,
    );
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{sheet}</worksheet>"#
    );
    let shared = format!(
        r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{shared}</sst>"#
    );
    zipped(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", of_workbook.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
    ])
}

const RELATIONS_OF_WORKBOOK: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/TYPE" Target="TARGET"/>MORE</Relationships>"#;

/// A PDF of these objects, numbered from 1, with a table that says where they are.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut starts = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        starts.push(out.len());
        out.extend(format!("{} 0 obj\n", i + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for start in starts {
        out.extend(format!("{start:010} 00000 n \n").bytes());
    }
    let trailer = format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    out.extend(trailer.bytes());
    out
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!("<< {dictionary} /Length {} >>\nstream\n", content.len()).into_bytes();
    out.extend(content);
    out.extend(b"\nendstream");
    out
}

/// A PDF of one page with this content.
fn page(content: Vec<u8>, resources: &str, more: Vec<Vec<u8>>) -> Vec<u8> {
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << {resources} >> >>").into_bytes(),
        content,
    ];
    objects.extend(more);
    pdf(&objects)
}

fn deflated(content: &mut dyn Iterator<Item = u8>) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let mut buffer = Vec::with_capacity(1 << 16);
    loop {
        buffer.clear();
        buffer.extend(content.take(1 << 16));
        if buffer.is_empty() {
            return encoder.finish().unwrap();
        }
        encoder.write_all(&buffer).unwrap();
    }
}

#[expect(clippy::too_many_lines, reason = "a list")]
fn pdfs() -> Vec<Hostile> {
    let nested = |n: usize| {
        stream(
            "",
            format!("BT {}{} TJ ET", "[".repeat(n), "]".repeat(n)).as_bytes(),
        )
    };
    let root = b"<< /Type /Catalog /Pages 2 0 R >>".to_vec();
    let bomb = stream(
        "/Filter /FlateDecode",
        &deflated(&mut std::iter::repeat_n(b' ', 1 << 30)),
    );
    let operators = deflated(
        &mut b"0 0 m 1 1 l S "
            .iter()
            .copied()
            .cycle()
            .take(14 * 3_000_000),
    );
    let mut looped = page(stream("", b"BT (x) Tj ET"), "", Vec::new());
    let at = looped
        .windows(7)
        .position(|bytes| bytes == b"/Root 1")
        .unwrap();
    looped.splice(at..at, b"/Prev 9 ".iter().copied());
    let deep = format!(
        "<< /A {}1{} /Type /Catalog /Pages 2 0 R >>",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let file = |name: &str, bytes, expect| (format!("{name}.pdf"), bytes, expect);
    vec![
        file("only-header", b"%PDF-1.7\n".to_vec(), Skipped),
        file(
            "header-in-noise",
            [b"noise ".repeat(9), b"%PDF-1.4 and no more".to_vec()].concat(),
            Skipped,
        ),
        file(
            "nested-10000",
            page(nested(10_000), "", Vec::new()),
            Skipped,
        ),
        file(
            "nested-100000",
            page(nested(100_000), "", Vec::new()),
            Skipped,
        ),
        file(
            "deep-catalog",
            pdf(&[
                deep.into_bytes(),
                b"<< /Type /Pages /Kids [] /Count 0 >>".to_vec(),
            ]),
            Skipped,
        ),
        file(
            "kids-circle",
            pdf(&[
                root.clone(),
                b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>".to_vec(),
            ]),
            Skipped,
        ),
        file(
            "million-pages",
            pdf(&[
                root.clone(),
                b"<< /Type /Pages /Kids [] /Count 1000000 >>".to_vec(),
            ]),
            Skipped,
        ),
        file(
            "minus-pages",
            pdf(&[root, b"<< /Type /Pages /Kids [9 0 R] /Count -5 >>".to_vec()]),
            Skipped,
        ),
        file("flate-bomb", page(bomb, "", Vec::new()), Skipped),
        file(
            "operators",
            page(stream("/Filter /FlateDecode", &operators), "", Vec::new()),
            Skipped,
        ),
        file(
            "form-in-itself",
            page(
                stream("", b"/F Do"),
                "/XObject << /F 5 0 R >>",
                vec![stream(
                    "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>",
                    b"/F Do /F Do",
                )],
            ),
            Skipped,
        ),
        file(
            "length-lies",
            page(
                b"<< /Length 999999999 >>\nstream\nBT ET\nendstream".to_vec(),
                "",
                Vec::new(),
            ),
            Skipped,
        ),
        file("prev-circle", looped, Either),
        file(
            "garbage-filter",
            page(
                stream(
                    "/Filter [/FlateDecode /LZWDecode /ASCII85Decode /RunLengthDecode]",
                    &[0xAB; 900],
                ),
                "",
                Vec::new(),
            ),
            Skipped,
        ),
    ]
}

fn office() -> Vec<Hostile> {
    let words = "<w:p><w:r><w:t>Some words of a letter.</w:t></w:r></w:p>";
    let deep = |n: usize| {
        docx(&format!(
            "{}{words}{}",
            "<w:ins>".repeat(n),
            "</w:ins>".repeat(n)
        ))
    };
    let spaces = vec![b' '; 300 << 20];
    let bomb = zipped(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("word/document.xml", &spaces),
    ]);
    drop(spaces);
    let entities = format!(
        "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>{WORD}<w:p><w:r><w:t>&a29;</w:t></w:r></w:p></w:body></w:document>",
        (1..30)
            .map(|i| format!("<!ENTITY a{i} '&a{0};&a{0};'>", i - 1))
            .collect::<String>()
    );
    let external = format!(
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>{WORD}<w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>"
    );
    let with_document = |document: &[u8]| {
        zipped(&[
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELATIONS),
            ("word/document.xml", document),
        ])
    };
    let attributes: String = (0..100_000).map(|i| format!(" a{i}='x'")).collect();
    let mut many = ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..30_000 {
        many.start_file(format!("word/{i}.xml"), SimpleFileOptions::default())
            .unwrap();
    }
    many.start_file("[Content_Types].xml", SimpleFileOptions::default())
        .unwrap();
    let many = many.finish().unwrap().into_inner();
    let climbing = zipped(&[
        ("[Content_Types].xml", TYPES),
        ("../../../../tmp/word/evil.xml", b"x"),
        ("/etc/word/evil", b"x"),
    ]);
    let sparse = xlsx(
        r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far away words</t></is></c></row></sheetData>"#,
        "",
    );
    let row: String = (0..500).map(|_| r#"<c t="s"><v>0</v></c>"#).collect();
    let blown = xlsx(
        &format!(
            "<sheetData>{}</sheetData>",
            format!("<row>{row}</row>").repeat(400)
        ),
        &format!("<si><t>{}</t></si>", "long words ".repeat(1000)),
    );
    let out_of_range = xlsx(
        r#"<sheetData><row><c t="s"><v>4000000000</v></c></row></sheetData>"#,
        "",
    );
    vec![
        ("empty-container.docx".into(), zipped(&[("[Content_Types].xml", TYPES), ("word/nothing.xml", b"<x/>")]), Skipped),
        ("deep-10000.docx".into(), deep(10_000), Either),
        ("deep-1000000.docx".into(), deep(1_000_000), Either),
        ("bomb.docx".into(), bomb, Skipped),
        ("laughs.docx".into(), with_document(entities.as_bytes()), Either),
        ("external.docx".into(), with_document(external.as_bytes()), Either),
        ("attributes.docx".into(), docx(&format!("<w:p{attributes}><w:r><w:t>Words here.</w:t></w:r></w:p>")), Either),
        ("not-utf8.docx".into(), with_document(b"<w:document>\xFF\xFE\xFA</w:document>"), Skipped),
        ("many-entries.docx".into(), many, Skipped),
        ("climbing.docx".into(), climbing, Skipped),
        ("sparse.xlsx".into(), sparse, Either),
        ("blown-up.xlsx".into(), blown, Either),
        ("out-of-range.xlsx".into(), out_of_range, Skipped),
        ("repeated.ods".into(), odf("spreadsheet", "<office:spreadsheet><table:table table:name='a'><table:table-row table:number-rows-repeated='1048576'><table:table-cell table:number-columns-repeated='16384'><text:p>again words</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>"), Read),
        ("blanks.odt".into(), odf("text", "<office:text><text:p>Words<text:s text:c='2000000000'/>apart.</text:p></office:text>"), Read),
        ("deep.odt".into(), odf("text", &format!("<office:text>{}words", "<text:span>".repeat(100_000))), Skipped),
        ("no-content.odp".into(), zipped(&[("mimetype", b"application/vnd.oasis.opendocument.presentation"), ("content.xml.bak", b""), ("META-INF/manifest.xml", b"<x/>")]), Skipped),
        ("no-package.epub".into(), zipped(&[("META-INF/container.xml", b"<container><rootfile full-path='gone.opf'/></container>")]), Skipped),
        ("outside.epub".into(), zipped(&[("META-INF/container.xml", b"<container><rootfile full-path='a.opf'/></container>"), ("a.opf", b"<package><manifest><item id='a' href='../../../etc/passwd'/></manifest><spine><itemref idref='a'/></spine></package>")]), Skipped),
        ("itself.epub".into(), zipped(&[("META-INF/container.xml", b"<container><rootfile full-path='a.opf'/></container>"), ("a.opf", b"<package><manifest><item id='a' href='a.opf'/></manifest><spine><itemref idref='a'/><itemref idref='a'/></spine></package>")]), Either),
        ("compound.doc".into(), [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0xAA; 4000]].concat(), Skipped),
        ("compound-zeros.xls".into(), [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 4000]].concat(), Skipped),
    ]
}

fn texts() -> Vec<Hostile> {
    let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n)).into_bytes();
    let nested_mail: String = (0..10_000)
        .map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"))
        .collect();
    let forwarded = "Content-Type: message/rfc822\n\n".repeat(1000);
    let attributes: String = (0..100_000).map(|i| format!(" a{i}=x")).collect();
    let mut noise = 1_u32;
    let random: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    })
    .take(20_000)
    .collect();
    let named = |name: &str, bytes: &[u8], expect| (name.to_owned(), bytes.to_vec(), expect);
    let mut files = vec![
        named("deep.html", format!("{}deep words", "<div>".repeat(20_000)).as_bytes(), Read),
        named("attributes.html", format!("<html><p{attributes}>words</p>").as_bytes(), Either),
        named("unclosed.html", b"<html><body><a href='x><p>words", Either),
        named("script.html", b"<html><script>var words = 1;</script>", Skipped),
        named("entities.html", format!("<html>{}", "&notanentity;&#x110000;&#0;".repeat(20_000)).as_bytes(), Either),
        named("deep.rtf", format!("{{\\rtf1 {}words", "{".repeat(100_000)).as_bytes(), Skipped),
        named("binary.rtf", b"{\\rtf1 \\bin2147483647 words", Skipped),
        named("odd-units.rtf", b"{\\rtf1 \\u99999999999?\\u-1?\\uc999999 words \\'zz}", Either),
        named("nested.eml", format!("From: a@b.c\nSubject: x\nMIME-Version: 1.0\n{nested_mail}").as_bytes(), Either),
        named("forwarded.eml", format!("From: a@b.c\nSubject: words\nMIME-Version: 1.0\n{forwarded}").as_bytes(), Either),
        named("base64.eml", b"From: a@b.c\nMIME-Version: 1.0\nContent-Type: text/plain; charset=nonsense\nContent-Transfer-Encoding: base64\n\n!!!!====\n", Either),
        named("header.eml", format!("From: a@b.c\nSubject: {}\n\nwords", "x".repeat(1 << 20)).as_bytes(), Either),
        named("many.mbox", "From a@b.c Mon\nFrom: x\n\n\n".repeat(100_000).as_bytes(), Skipped),
        named("footer.parquet", b"PAR1\xFF\xFF\xFF\x7FPAR1", Skipped),
        named("thrift.parquet", &[b"PAR1", &random[..2000], b"\xD0\x07\0\0PAR1"].concat(), Skipped),
        named("quote.csv", format!("a,b\n\"never closed {}", "x,\n".repeat(10_000)).as_bytes(), Either),
        named("columns.csv", "a,".repeat(100_000).as_bytes(), Either),
        named("zeros.csv", &[0; 5000], Skipped),
        named("deep.json", &deep(100_000), Skipped),
        named("deep-objects.json", format!("{}1", "{\"a\":".repeat(100_000)).as_bytes(), Skipped),
        named("cut.json", b"[{\"text\": \"words\"}, {\"te", Skipped),
        named("surrogates.json", br#"["\ud800 words"]"#, Skipped),
        named("number.json", format!("[{}]", "9".repeat(100_000)).as_bytes(), Either),
        named("broken.jsonl", b"{\n}\n[\nnull\n", Skipped),
        named("types.ipynb", br#"{"cells": [1, null, {"source": {"a": 1}}, {"cell_type": 5}]}"#, Skipped),
        named("random.txt", &random, Skipped),
        named("zeros.txt", &[0; 10_000], Skipped),
        named("mark.txt", b"\xEF\xBB\xBF", Skipped),
        named("wide-mark.txt", b"\xFF\xFE", Skipped),
        named("odd-wide.txt", b"\xFF\xFEw\0o\0r\0d\0s", Either),
        named("blank.txt", &b" \n\t".repeat(1000), Skipped),
        named("overlong.txt", &[&b"words and more words "[..], &b"\xC0\xAF\xE0\x80\xAF".repeat(3)].concat(), Either),
        named("times.srt", b"99999999\n99:99:99,999 --> 00:00:00,000\n\n-->\n", Skipped),
        named("cues.vtt", b"WEBVTT\n\nNOTE nothing\n", Skipped),
        named("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Skipped),
        named("program.pdf", b"MZ\x90\0\x03\0\0\0", Skipped),
        named("photo.docx", b"\xFF\xD8\xFF\xE0\0\x10JFIF", Skipped),
        named("packed.html", b"\x1F\x8B\x08\0\0\0\0\0", Skipped),
        named("archive.docx", &zipped(&[("a.txt", b"words")]), Skipped),
        named("cut-archive.docx", b"PK\x03\x04[Content_Types].xml word/", Skipped),
    ];
    for extension in [
        "pdf", "docx", "xlsx", "odt", "epub", "rtf", "eml", "parquet", "html", "md",
    ] {
        files.push((format!("empty.{extension}"), Vec::new(), Skipped));
    }
    files
}

/// Sound files cut short, and with bytes changed.
fn damaged() -> Vec<Hostile> {
    let folder = repository("tests/fixtures/corpus");
    let mut sound: Vec<String> = Vec::new();
    for family in ["pdf", "office", "sheets", "open", "books", "data"] {
        let mut seen = Vec::new();
        let mut names: Vec<_> = fs::read_dir(folder.join(family))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        for path in names {
            let extension = path
                .extension()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if !seen.contains(&extension)
                && !["csv", "tsv", "json", "jsonl", "fodt"].contains(&extension.as_str())
            {
                sound.push(format!(
                    "{family}/{}",
                    path.file_name().unwrap().to_string_lossy()
                ));
                seen.push(extension);
            }
        }
    }
    let mut files = Vec::new();
    let mut seed = 11_u64;
    for name in &sound {
        let bytes = fixture(name);
        let flat = name.replace('/', "-");
        for percent in [25, 50, 90] {
            files.push((
                format!("cut-{percent}-{flat}"),
                bytes[..bytes.len() * percent / 100].to_vec(),
                Either,
            ));
        }
        for round in 0..3 {
            let mut changed = bytes.clone();
            for _ in 0..=bytes.len() / 500 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (seed >> 33) as usize % changed.len();
                changed[at] ^= (seed >> 17) as u8;
            }
            files.push((format!("changed-{round}-{flat}"), changed, Either));
        }
    }
    files
}

fn read_folder(folder: &Path) -> Corpus {
    read(
        &[Input::Path(folder.to_owned())],
        &ReadRule::default(),
        &tools(),
        &[],
        &Progress::new(),
    )
    .unwrap()
}

/// The most memory that any worker of this process has held, in bytes, until `is_over`.
#[cfg(target_os = "linux")]
fn most_memory(is_over: &AtomicBool, most: &AtomicUsize) {
    while !is_over.load(Ordering::Relaxed) {
        for worker in workers() {
            let status = fs::read_to_string(format!("/proc/{worker}/status")).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes: Option<usize> =
                peak.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
            most.fetch_max(kilobytes.unwrap_or(0) << 10, Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// The worker processes that this process started.
#[cfg(target_os = "linux")]
fn workers() -> Vec<i32> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let children = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    children
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn each_costs_one_line_and_the_next_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<Hostile> = [pdfs(), office(), texts(), damaged()].concat();
    assert!(files.len() >= 60);
    for (i, (name, bytes, _)) in files.iter().enumerate() {
        let sub = folder.path().join(format!("{i:03}"));
        fs::create_dir(&sub).unwrap();
        fs::write(sub.join(name), bytes).unwrap();
        fs::copy(
            repository("tests/fixtures/corpus/office/libreoffice-running-head.doc"),
            sub.join("z.doc"),
        )
        .unwrap();
        // Every copy says something of its own, or it would be one of the same document.
        fs::write(
            sub.join("zz.rtf"),
            format!("{{\\rtf1 Sound words after file {i}.}}"),
        )
        .unwrap();
    }
    let pipe = folder.path().join("pipe.txt");
    make_pipe(&pipe);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();

    let (is_over, most) = (AtomicBool::new(false), AtomicUsize::new(0));
    let corpus = std::thread::scope(|scope| {
        scope.spawn(|| most_memory(&is_over, &most));
        let _over = SetOnDrop(&is_over);
        read_folder(folder.path())
    });

    let mut wrong = Vec::new();
    for (i, (name, _, expect)) in files.iter().enumerate() {
        let path = folder.path().join(format!("{i:03}")).join(name);
        let of_file = corpus.documents.iter().filter(|document| {
            [&document.source]
                .into_iter()
                .chain(&document.copies)
                .any(|source| source.file() == Some(&path))
        });
        let n_read = of_file.count();
        let reasons: Vec<&str> = corpus
            .skipped
            .iter()
            .filter(|skipped| skipped.source.file() == Some(&path))
            .map(|skipped| skipped.reason.as_str())
            .collect();
        println!(
            "{name:40} {n_read:3} read  {}",
            reasons.first().unwrap_or(&"")
        );
        let fine = match expect {
            Skipped => n_read == 0 && !reasons.is_empty(),
            Read => n_read > 0,
            Either => n_read > 0 || !reasons.is_empty(),
        };
        if !fine {
            wrong.push(format!(
                "{name}: {n_read} read, skipped for {reasons:?}, but should be {expect:?}"
            ));
        }
        // Entities are not followed, to files least of all.
        let told = corpus
            .documents
            .iter()
            .filter(|document| document.source.file() == Some(&path))
            .map(|document| document.text.len());
        assert!(
            told.sum::<usize>() < 4 << 20
                && !corpus
                    .documents
                    .iter()
                    .any(|document| document.text.contains("root:x:"))
        );
        let sound = folder.path().join(format!("{i:03}")).join("zz.rtf");
        if !corpus
            .documents
            .iter()
            .any(|document| document.source.file() == Some(&sound))
        {
            wrong.push(format!("the file after {name} was not read"));
        }
    }
    println!(
        "{} hostile files; the largest worker held {} MB",
        files.len(),
        most.load(Ordering::Relaxed) >> 20
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        most.load(Ordering::Relaxed) < 1200 << 20,
        "the cap of 1 GB did not hold"
    );
    let of_pipe = corpus
        .skipped
        .iter()
        .find(|skipped| skipped.source.file() == Some(&pipe))
        .unwrap();
    assert_eq!(of_pipe.reason, "a pipe, socket or device, not a file");
    assert_eq!(corpus.left_out.links, 1);
}

#[cfg(target_os = "linux")]
fn make_pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo")
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
}

#[cfg(target_os = "linux")]
#[test]
fn locked_and_scanned_files_say_so() {
    let corpus = read_folder(&repository("tests/fixtures/locked"));
    let mut told: Vec<(String, String)> = corpus
        .skipped
        .iter()
        .map(|skipped| {
            (
                skipped
                    .source
                    .file()
                    .unwrap()
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned(),
                skipped.reason.clone(),
            )
        })
        .collect();
    told.sort();
    for (name, reason) in &told {
        let expected = if name.starts_with("scanned") {
            "OCR"
        } else {
            "password"
        };
        assert!(reason.contains(expected), "{name}: {reason}");
    }
    assert_eq!((told.len(), corpus.documents.len()), (5, 1), "{told:?}");
}

#[cfg(target_os = "linux")]
struct SetOnDrop<'a>(&'a AtomicBool);

#[cfg(target_os = "linux")]
impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_killed_at_any_moment_loses_no_file() {
    const KILLS: usize = 200;
    const FILES: usize = 400;
    let folder = tempfile::tempdir().unwrap();
    let base = fixture("office/libreoffice-running-head.doc");
    for i in 0..FILES {
        // Bytes behind the end of a compound file belong to nothing.
        fs::write(folder.path().join(format!("{i:03}.doc")), &base).unwrap();
    }
    let (is_over, n_killed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut rounds = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut seed = 5_u64;
            while !is_over.load(Ordering::Relaxed) {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                std::thread::sleep(Duration::from_micros(5_000 + (seed >> 33) % 100_000));
                for worker in workers() {
                    let pid = rustix::process::Pid::from_raw(worker).unwrap();
                    let killed = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                    n_killed.fetch_add(usize::from(killed.is_ok()), Ordering::Relaxed);
                }
            }
        });
        // Or a failure would leave the killer at work for ever.
        let _over = SetOnDrop(&is_over);
        while n_killed.load(Ordering::Relaxed) < KILLS {
            let corpus = read_folder(folder.path());
            rounds += 1;
            assert!(corpus.skipped.is_empty(), "{:?}", corpus.skipped);
            assert_eq!(corpus.documents.len() + corpus.n_copies(), FILES);
        }
    });
    println!(
        "{} workers killed in {rounds} rounds of {FILES} files",
        n_killed.load(Ordering::Relaxed)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_takes_too_long_costs_its_deadline_once() {
    let (folder, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let slow = folder.path().join("slow.rtf");
    fs::write(&slow, "{\\rtf1 Words that take for ever.}").unwrap();
    // A worker that never answers.
    let idle = own.path().join("idle");
    fs::write(&idle, "#!/bin/sh\nexec /bin/sleep 600\n").unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&idle, executable).unwrap();
    let idle = semascope::text::Workers::new(idle);
    let read_with = |workers, try_again| {
        let tools = semascope::text::Tools {
            workers: Some(workers),
            cache: Some(semascope::cache::Cache::open(own.path())),
        };
        let rule = ReadRule {
            try_again,
            ..ReadRule::default()
        };
        let inputs = [Input::Path(folder.path().to_owned())];
        read(&inputs, &rule, &tools, &[], &Progress::new()).unwrap()
    };
    let first = read_with(idle.clone(), false);
    assert_eq!(first.skipped[0].reason, "not read within 10 seconds");
    let known = "not read within 10 seconds (known from an earlier time)";
    assert_eq!(read_with(idle, false).skipped[0].reason, known);
    let tried = read_with(tools().workers.unwrap(), true);
    assert_eq!(tried.documents[0].text, "Words that take for ever.");
}
