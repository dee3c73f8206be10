//! `NumPy`'s .npy files, version 1.0: two-dimensional little-endian f32 in row order.
//!
//! Ours because it is forty lines for the one shape we exchange; the format is specified at
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use std::io::{self, Read, Write};

use ndarray::{Array2, ArrayView2};

/// Why a .npy file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// The file system said no.
    #[error("could not read or write the array")]
    Io(#[from] io::Error),
    /// Not what this reader takes.
    #[error("not a two-dimensional array of f32 in row order ({0})")]
    Unsupported(String),
}

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";

/// Writes `rows`, shape `(n, d)`, as f32.
pub fn write_npy(mut out: impl Write, rows: ArrayView2<'_, f32>) -> Result<(), NpyError> {
    let (n, d) = rows.dim();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {d}), }}");
    // The data starts at a multiple of 64 bytes, so that it can be memory-mapped.
    let unpadded = MAGIC.len() + 2 + header.len() + 1;
    header.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    header.push('\n');
    out.write_all(MAGIC)?;
    out.write_all(&(header.len() as u16).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    for row in rows.rows() {
        let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
        out.write_all(&bytes)?;
    }
    out.flush()?;
    Ok(())
}

/// Reads an array as [`write_npy`] or `NumPy` wrote it, shape `(n, d)`.
pub fn read_npy(mut input: impl Read) -> Result<Array2<f32>, NpyError> {
    let mut start = [0; 10];
    input.read_exact(&mut start)?;
    let (magic, length) = start.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(NpyError::Unsupported("unknown version".into()));
    }
    let mut header = vec![0; usize::from(u16::from_le_bytes([length[0], length[1]]))];
    input.read_exact(&mut header)?;
    let header = String::from_utf8_lossy(&header).into_owned();
    let (n, d) = shape(&header).ok_or_else(|| NpyError::Unsupported(header.clone()))?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let values = bytes
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    Array2::from_shape_vec((n, d), values.collect())
        .map_err(|_| NpyError::Unsupported(format!("{} bytes do not fill {n} × {d}", bytes.len())))
}

fn shape(header: &str) -> Option<(usize, usize)> {
    let supported = header.contains("'<f4'") && header.contains("'fortran_order': False");
    let inside = header.split_once("'shape': (")?.1.split_once(')')?.0;
    let mut sizes = inside.split(',').map(str::trim).filter(|s| !s.is_empty());
    let shape = (sizes.next()?.parse().ok()?, sizes.next()?.parse().ok()?);
    (supported && sizes.next().is_none()).then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn what_is_written_is_read() {
        for rows in [
            array![[1.0, -2.5], [3.0, 4.0], [0.0, f32::MIN]],
            Array2::zeros((0, 384)),
        ] {
            let mut file = Vec::new();
            write_npy(&mut file, rows.view()).unwrap();
            assert_eq!(read_npy(&file[..]).unwrap(), rows);
        }
    }

    #[test]
    fn numpy_writes_the_same_format() {
        let golden = include_bytes!("../../tests/fixtures/golden/embeddings.npy");
        assert_eq!(read_npy(&golden[..]).unwrap().dim(), (30, 384));
    }

    #[test]
    fn other_files_are_named_as_such() {
        assert!(matches!(
            read_npy(&b"PK\x03\x04 not an array"[..]),
            Err(NpyError::Unsupported(_))
        ));
    }
}
