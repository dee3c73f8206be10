//! Bytes become text: UTF-8, or UTF-16 with a byte order mark. Other things are named.

use super::Reason;

/// The text in `bytes`, without its byte order mark and with `\n` line ends.
pub fn text(bytes: &[u8]) -> Result<String, Reason> {
    let text = match bytes {
        [] => return Err("empty".into()),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest)?,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => utf8(bytes)?,
    };
    Ok(if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    })
}

fn utf8(bytes: &[u8]) -> Result<String, Reason> {
    if bytes.starts_with(b"%PDF") {
        return Err("PDF files cannot be read yet".into());
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err("Office files and archives cannot be read yet".into());
    }
    if bytes.contains(&0) {
        return Err("binary, not text".into());
    }
    String::from_utf8(bytes.to_vec())
        .map_err(|_| "not UTF-8 text; save it as UTF-8 to read it".into())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Reason> {
    if !bytes.len().is_multiple_of(2) {
        return Err("marked as UTF-16, but cut in the middle of a character".into());
    }
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map_err(|_| "marked as UTF-16, but it is not".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        let expected = expected.map(str::to_owned).map_err(Reason::from);
        assert_eq!(text(bytes), expected);
    }

    #[test]
    fn it_reads_unicode_and_names_the_rest() {
        check(b"plain\r\nlines\r", Ok("plain\nlines\n"));
        check(b"\xEF\xBB\xBFmarked", Ok("marked"));
        check(b"\xFF\xFEh\0i\0", Ok("hi"));
        check(b"\xFE\xFF\0h\0i", Ok("hi"));
        check(
            b"\xFF\xFEh\0i",
            Err("marked as UTF-16, but cut in the middle of a character"),
        );
        check(b"", Err("empty"));
        check(b"\x7fELF\0\0", Err("binary, not text"));
        check(
            b"caf\xe9",
            Err("not UTF-8 text; save it as UTF-8 to read it"),
        );
        check(b"%PDF-1.7", Err("PDF files cannot be read yet"));
    }
}
