//! The worker's protocol: frames of a length (32 bits, little end first) and that many bytes.

use std::io::{self, ErrorKind, Read, Write};

/// Writes one frame.
pub fn write(to: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).map_err(|_| ErrorKind::InvalidInput)?;
    to.write_all(&length.to_le_bytes())?;
    parts.iter().try_for_each(|part| to.write_all(part))?;
    to.flush()
}

/// Reads one frame of at most `max` bytes; `None` at the end of the stream.
///
/// # Errors
/// `InvalidData` for a longer one, `UnexpectedEof` for one that is cut off.
pub fn read(from: &mut impl Read, max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read(&mut length)? {
        0 => return Ok(None),
        n => from.read_exact(&mut length[n..])?,
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > max {
        return Err(ErrorKind::InvalidData.into());
    }
    // Not allocated on the word of the other side: only what has come is kept.
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_and_bad_ones_are_refused() {
        let mut stream = Vec::new();
        write(&mut stream, &[b"one ", b"two"]).unwrap();
        write(&mut stream, &[]).unwrap();
        let mut rest = &stream[..];
        assert_eq!(read(&mut rest, 100).unwrap().unwrap(), b"one two");
        assert_eq!(read(&mut rest, 100).unwrap().unwrap(), b"");
        assert_eq!(read(&mut rest, 100).unwrap(), None);
        let kind = |bytes: &[u8], max| read(&mut &bytes[..], max).unwrap_err().kind();
        assert_eq!(kind(&stream, 6), ErrorKind::InvalidData);
        assert_eq!(kind(&stream[..3], 6), ErrorKind::UnexpectedEof);
        assert_eq!(kind(&stream[..9], 100), ErrorKind::UnexpectedEof);
        assert_eq!(
            kind(&u32::MAX.to_le_bytes(), usize::MAX),
            ErrorKind::UnexpectedEof
        );
    }
}
