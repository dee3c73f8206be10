//! Rich text (RTF 1.9): groups of control words and text in the code page of the font.
//!
//! rtf-parser 0.4 was read before this was written: it takes every text as one code page, which
//! garbles what Word writes in any other alphabet.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::super::Reason;
use super::super::draft::Draft;
use super::RUNNING_LINES;

/// Reads a document.
pub fn read(bytes: &[u8]) -> Result<Draft, Reason> {
    let mut reader = Reader::new(bytes);
    while let Some(token) = reader.next_token() {
        reader.take(token)?;
    }
    reader.flush();
    if reader.has_running_lines {
        reader.draft.notes.push(RUNNING_LINES.into());
    }
    Ok(reader.draft)
}

/// Real documents nest a dozen deep.
const MAX_DEPTH: usize = 10_000;

#[derive(Clone, Copy)]
enum Token<'a> {
    Open,
    Close,
    Control(&'a str, Option<i32>),
    Symbol(u8),
    Hex(u8),
    Byte(u8),
}

/// What a group inherits and its end forgets.
#[derive(Clone, Copy)]
struct State {
    is_left_out: bool,
    encoding: &'static Encoding,
    /// How many characters stand after each `\u` for readers that do not know it.
    n_fallback: usize,
    outline: Option<usize>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    groups: Vec<State>,
    state: State,
    document_encoding: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    /// Set while the table of fonts is read: the font being described.
    font: Option<i32>,
    in_fonts: bool,
    to_skip: usize,
    has_running_lines: bool,
    pending: Vec<u8>,
    high_surrogate: Option<u16>,
    paragraph: String,
    draft: Draft,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let state = State {
            is_left_out: false,
            encoding: WINDOWS_1252,
            n_fallback: 1,
            outline: None,
        };
        Self {
            bytes,
            at: 0,
            groups: Vec::new(),
            state,
            document_encoding: WINDOWS_1252,
            fonts: HashMap::new(),
            font: None,
            in_fonts: false,
            to_skip: 0,
            has_running_lines: false,
            pending: Vec::new(),
            high_surrogate: None,
            paragraph: String::new(),
            draft: Draft::default(),
        }
    }

    fn next_token(&mut self) -> Option<Token<'a>> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(match byte {
            b'{' => Token::Open,
            b'}' => Token::Close,
            b'\\' => self.control()?,
            byte => Token::Byte(byte),
        })
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.bytes.get(self.at)?;
        if first == b'\'' {
            let hex = self
                .bytes
                .get(self.at + 1..self.at + 3)
                .and_then(|hex| std::str::from_utf8(hex).ok());
            self.at = (self.at + 3).min(self.bytes.len());
            return Some(Token::Hex(
                hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())
                    .unwrap_or(b' '),
            ));
        }
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            return Some(Token::Symbol(first));
        }
        let run = |from: usize, is: fn(&u8) -> bool| {
            let rest = &self.bytes[from..];
            from + rest.iter().position(|byte| !is(byte)).unwrap_or(rest.len())
        };
        let end = run(self.at, u8::is_ascii_alphabetic);
        let name = std::str::from_utf8(&self.bytes[self.at..end]).ok()?;
        let sign = usize::from(self.bytes.get(end) == Some(&b'-'));
        let number_end = run(end + sign, u8::is_ascii_digit);
        let number = std::str::from_utf8(&self.bytes[end..number_end]).ok()?;
        self.at = number_end + usize::from(self.bytes.get(number_end) == Some(&b' '));
        Some(Token::Control(name, number.parse().ok()))
    }

    fn take(&mut self, token: Token<'_>) -> Result<(), Reason> {
        match token {
            Token::Open => {
                self.flush_bytes();
                if self.groups.len() >= MAX_DEPTH {
                    return Err(Reason(format!(
                        "its groups are nested more than {MAX_DEPTH} deep"
                    )));
                }
                self.groups.push(self.state);
            }
            Token::Close => {
                self.flush_bytes();
                if let Some(state) = self.groups.pop() {
                    self.state = state;
                }
                self.to_skip = 0;
                // The table of fonts is a group of the document's own.
                self.in_fonts &= self.groups.len() > 1;
            }
            Token::Byte(b'\r' | b'\n') => {}
            Token::Hex(byte) | Token::Byte(byte) => self.byte(byte),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Control(name, number) => self.word(name, number),
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if !self.state.is_left_out {
            self.pending.push(byte);
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.state.is_left_out = true,
            b'~' => self.push("\u{A0}"),
            b'_' => self.push("\u{2011}"),
            b'\r' | b'\n' => self.end_paragraph(),
            b'{' | b'}' | b'\\' => self.byte(symbol),
            _ => {}
        }
    }

    fn word(&mut self, name: &str, number: Option<i32>) {
        self.has_running_lines |= is_running(name);
        match name {
            "fonttbl" => {
                self.in_fonts = true;
                self.state.is_left_out = true;
            }
            "colortbl" | "stylesheet" | "info" | "pict" | "object" | "header" | "headerl"
            | "headerr" | "headerf" | "footer" | "footerl" | "footerr" | "footerf" | "fldinst"
            | "annotation" | "listtable" | "listoverridetable" | "rsidtbl" | "generator"
            | "themedata" | "datastore" | "pntext" | "xe" | "tc" => {
                self.state.is_left_out = true;
            }
            "deleted" => self.state.is_left_out = number != Some(0),
            // Both stand in a group that other readers skip, and hold text.
            "shptxt" | "footnote" => self.state.is_left_out = false,
            "ansicpg" => {
                self.document_encoding = code_page(number.unwrap_or(1252));
                self.state.encoding = self.document_encoding;
            }
            "mac" => {
                self.document_encoding = encoding_rs::MACINTOSH;
                self.state.encoding = self.document_encoding;
            }
            "f" | "af" if self.in_fonts => self.font = number,
            "fcharset" if self.in_fonts => {
                if let (Some(font), Some(encoding)) = (self.font, number.and_then(charset)) {
                    self.fonts.insert(font, encoding);
                }
            }
            "f" => {
                self.flush_bytes();
                let known = number.and_then(|font| self.fonts.get(&font)).copied();
                self.state.encoding = known.unwrap_or(self.document_encoding);
            }
            "plain" => {
                self.flush_bytes();
                self.state.encoding = self.document_encoding;
            }
            "pard" => self.state.outline = None,
            "outlinelevel" => {
                self.state.outline = number
                    .and_then(|level| usize::try_from(level).ok())
                    .filter(|level| *level < 9);
            }
            "uc" => {
                self.state.n_fallback = number
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(1)
                    .min(64);
            }
            "u" => {
                // Numbers above 32,767 are written as negative ones.
                self.unit(number.unwrap_or(0) as u16);
                self.to_skip = self.state.n_fallback;
            }
            "bin" => {
                let n = number.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
                self.at = self.at.saturating_add(n).min(self.bytes.len());
            }
            "par" | "sect" | "page" => self.end_paragraph(),
            "line" | "row" => self.push("\n"),
            "tab" | "cell" | "emspace" | "enspace" => self.push(" "),
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "bullet" => self.push("•"),
            _ => {}
        }
    }

    fn unit(&mut self, unit: u16) {
        let units: Vec<u16> = self
            .high_surrogate
            .take()
            .into_iter()
            .chain([unit])
            .collect();
        if (0xD800..0xDC00).contains(&unit) {
            self.high_surrogate = Some(unit);
            return;
        }
        self.push(&String::from_utf16_lossy(&units));
    }

    fn push(&mut self, text: &str) {
        self.flush_bytes();
        if !self.state.is_left_out {
            self.paragraph.push_str(text);
        }
    }

    fn flush_bytes(&mut self) {
        if !self.pending.is_empty() {
            let bytes = std::mem::take(&mut self.pending);
            let (text, _) = self.state.encoding.decode_without_bom_handling(&bytes);
            self.paragraph.push_str(&text);
        }
    }

    fn end_paragraph(&mut self) {
        self.flush_bytes();
        if self.state.is_left_out {
            return;
        }
        let paragraph = std::mem::take(&mut self.paragraph);
        if self.state.outline.is_some() {
            self.draft.heading(&paragraph);
        } else {
            self.draft.block(&paragraph);
        }
    }

    fn flush(&mut self) {
        self.state.is_left_out = false;
        self.end_paragraph();
    }
}

/// Groups of headers and footers; `headery` and `footery` are only distances.
fn is_running(name: &str) -> bool {
    let side = name
        .strip_prefix("header")
        .or_else(|| name.strip_prefix("footer"));
    side.is_some_and(|side| matches!(side, "" | "l" | "r" | "f"))
}

fn code_page(number: i32) -> &'static Encoding {
    let label = match number {
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        10_000 => "macintosh".to_owned(),
        65_001 => "utf-8".to_owned(),
        866 => "ibm866".to_owned(),
        number => format!("windows-{number}"),
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

/// Windows' numbers for alphabets; `None` where the font does not say.
fn charset(number: i32) -> Option<&'static Encoding> {
    let page = match number {
        0 => 1252,
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    };
    Some(code_page(page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Place;

    #[track_caller]
    fn check(rtf: &str, expected: &str) {
        assert_eq!(read(rtf.as_bytes()).unwrap().text.trim(), expected);
    }

    #[test]
    fn words_stay_and_tables_of_fonts_go() {
        check(
            r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\*\generator X;}{\info{\author Me}}\pard One {\b two}\par Three\line four.\par}",
            "One two\n\nThree four.",
        );
    }

    #[test]
    fn letters_of_every_alphabet_are_read() {
        check(
            r"{\rtf1\ansi\ansicpg1252 caf\'e9 \u1087?\u1072?\'21}",
            "café па!",
        );
        check(
            r"{\rtf1\ansi{\fonttbl{\f1\fcharset204 X;}}{\f1 \'ef\'e0\'f0\'ee\'ec} \'e9}",
            "паром é",
        );
        check(r"{\rtf1\uc2 \u-10179??\u-8704?? end}", "😀 end");
    }

    #[test]
    fn headings_are_marked_and_deep_groups_refused() {
        let draft =
            read(br"{\rtf1{\pard\outlinelevel0 Methods\par}\pard We counted.\par}").unwrap();
        assert_eq!(draft.marks[0].place, Place::Heading("Methods".into()));
        let deep = format!("{{\\rtf1{}", "{".repeat(20_000));
        assert!(read(deep.as_bytes()).is_err());
    }
}
