//! Bytes become text, whatever they were encoded in.
//!
//! In this order: a byte order mark; UTF-16 without one, which shows as zeros in every second byte;
//! UTF-8; and then the guess of chardetng, which browsers make too. What holds control characters
//! is not text at all.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Reason;

/// More control characters than this share, and it is no text.
const MAX_CONTROL_SHARE: f64 = 0.01;

/// A decoded text.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Without byte order mark, lines ended by `\n`.
    pub text: String,
    /// What it was encoded in, as the Encoding Standard calls it.
    pub encoding: &'static str,
    /// Places that could not be decoded; each shows as `�`.
    pub n_broken: usize,
    /// Control characters that were taken out.
    pub n_control: usize,
}

/// The text in `bytes`.
pub fn text(bytes: &[u8]) -> Result<Decoded, Reason> {
    text_as(bytes, None)
}

/// The text in `bytes`; what the file itself names as its encoding counts before any guess.
pub fn text_as(bytes: &[u8], named: Option<&'static Encoding>) -> Result<Decoded, Reason> {
    if bytes.is_empty() {
        return Err("empty".into());
    }
    if let Some(text) = utf32(bytes) {
        return text_as(text.as_bytes(), Some(UTF_8));
    }
    let (encoding, start) = Encoding::for_bom(bytes)
        .or_else(|| utf16_without_mark(bytes).map(|encoding| (encoding, 0)))
        .or_else(|| named.map(|encoding| (encoding, 0)))
        .unwrap_or_else(|| (guess(bytes), 0));
    let (text, _) = encoding.decode_without_bom_handling(&bytes[start..]);
    let n_broken = text.matches('\u{FFFD}').count();
    let n_control = text.chars().filter(|c| is_no_text(*c)).count();
    let n_chars = text.chars().count().max(1);
    if (n_control + n_broken) as f64 > MAX_CONTROL_SHARE * n_chars as f64 && n_control > 0 {
        return Err("binary, not text".into());
    }
    if n_broken * 4 > n_chars {
        return Err("no text in any known encoding".into());
    }
    let mut text = text.into_owned();
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if n_control > 0 {
        text.retain(|c| !is_no_text(c));
    }
    Ok(Decoded {
        text,
        encoding: encoding.name(),
        n_broken,
        n_control,
    })
}

fn is_no_text(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{0C}' | '\u{85}')
}

/// No text in bytes holds a zero, and in UTF-16 every space and line end does, always on the same
/// side. What then reads as text is.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let opening = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |from: usize| {
        opening
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let encoding = match (zeros(0), zeros(1)) {
        (0, 1..) => UTF_16LE,
        (1.., 0) => UTF_16BE,
        _ => return None,
    };
    let (text, _) = encoding.decode_without_bom_handling(opening);
    let n_chars = text.chars().count();
    let is_usual = |c: &char| c.is_alphabetic() || c.is_ascii_graphic() || c.is_whitespace();
    let n_usual = text.chars().filter(is_usual).count();
    (n_chars > 1 && n_usual * 10 >= n_chars * 8 && !text.contains('\u{FFFD}')).then_some(encoding)
}

/// UTF-32 with its mark, which browsers no longer read.
fn utf32(bytes: &[u8]) -> Option<String> {
    let (is_little, rest) = match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => (true, rest),
        [0, 0, 0xFE, 0xFF, rest @ ..] => (false, rest),
        _ => return None,
    };
    let number = if is_little {
        u32::from_le_bytes
    } else {
        u32::from_be_bytes
    };
    let (units, []) = rest.as_chunks::<4>() else {
        return None;
    };
    units
        .iter()
        .map(|unit| char::from_u32(number(*unit)))
        .collect()
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    // ISO-2022-JP is all ASCII, but for the escapes between its alphabets.
    let has_escapes = memchr::memmem::find(bytes, b"\x1B$").is_some();
    // One damaged place does not make a long UTF-8 text something else.
    if is_nearly_utf8(bytes) && !has_escapes {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

/// Whether nearly all that is not ASCII is well-formed UTF-8. In any other encoding, hardly two
/// letters in a row look like it.
fn is_nearly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good >= 10 * bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str, encoding: &str) {
        let found = text(bytes).unwrap();
        assert_eq!((found.text.as_str(), found.encoding), (expected, encoding));
    }

    #[test]
    fn unicode_is_read_with_a_mark_and_without() {
        check(b"plain\r\nlines\r", "plain\nlines\n", "UTF-8");
        check(b"\xEF\xBB\xBFmarked", "marked", "UTF-8");
        check(b"\xFF\xFEh\0i\0", "hi", "UTF-16LE");
        check(b"\xFE\xFF\0h\0i", "hi", "UTF-16BE");
        check(b"l\0o\0w\0 \0t\0i\0d\0e\0", "low tide", "UTF-16LE");
        check(b"\0l\0o\0w\0 \0t\0i\0d\0e", "low tide", "UTF-16BE");
        let greek: Vec<u8> = "Η παλίρροια ανεβαίνει"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        check(&greek, "Η παλίρροια ανεβαίνει", "UTF-16LE");
        check(b"\xFF\xFE\0\0h\0\0\0i\0\0\0", "hi", "UTF-8");
    }

    #[test]
    fn older_encodings_are_told_apart() {
        check(
            b"Le caf\xe9 est ferm\xe9 \xe0 No\xebl",
            "Le café est fermé à Noël",
            "windows-1252",
        );
        let russian = "Паром отправляется в полдень и возвращается вечером";
        for encoding in [encoding_rs::WINDOWS_1251, encoding_rs::KOI8_R] {
            let (bytes, _, _) = encoding.encode(russian);
            assert_eq!(text(&bytes).unwrap().text, russian, "{}", encoding.name());
        }
        let japanese = "渡し船は正午に出て、夕方に水が高くなると戻ります。";
        for encoding in [
            encoding_rs::SHIFT_JIS,
            encoding_rs::EUC_JP,
            encoding_rs::ISO_2022_JP,
        ] {
            let (bytes, _, _) = encoding.encode(japanese);
            assert_eq!(text(&bytes).unwrap().text, japanese, "{}", encoding.name());
        }
    }

    #[test]
    fn damage_is_counted_and_no_text_is_refused() {
        let damaged = text(b"A long enough text with sm\xc3\xb8rrebr\xc3\xb8d, \xc3\xa6ble, p\xc3\xa6re, gr\xc3\xb8d, r\xc3\xb8dbede, k\xc3\xa5l, br\xc3\xb8d, \xc3\xb8l, s\xc3\xb8de \xff and more").unwrap();
        assert_eq!((damaged.encoding, damaged.n_broken), ("UTF-8", 1));
        for bytes in [&b"\x7fELF\x01\x02\0\0\0\0\x03"[..], &[0; 64], &[1, 2, 3, 4]] {
            assert_eq!(text(bytes), Err("binary, not text".into()), "{bytes:?}");
        }
        assert_eq!(text(b""), Err("empty".into()));
    }
}
