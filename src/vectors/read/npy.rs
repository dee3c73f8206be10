//! `NumPy`'s .npy files, versions 1 to 3: matrices of f16, f32 or f64, little-endian, in row or
//! column order. The format is specified at
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use half::f16;
use ndarray::{Array2, ShapeBuilder as _};

use super::{Raw, VectorsProblem};

/// Reads a whole file.
pub fn read(bytes: &[u8]) -> Result<Raw, VectorsProblem> {
    let (header, data) = parts(bytes).ok_or_else(|| damaged("its header is not whole".into()))?;
    let kind = quoted(&header, "descr").unwrap_or("a structure of several fields");
    let convert = converter(kind).ok_or_else(|| {
        VectorsProblem::Unsupported(format!(
            "the array holds “{kind}”; save it as numbers of f16, f32 or f64, as in vectors.astype(\"<f4\")"
        ))
    })?;
    let (n, d) = shape(&header)?;
    let width = kind[2..].parse().unwrap_or(4);
    let n_bytes = n.checked_mul(d).and_then(|n| n.checked_mul(width));
    let data = n_bytes.and_then(|n_bytes| data.get(..n_bytes));
    let data = data.ok_or_else(|| damaged(format!("it is too short for {n} × {d} numbers")))?;
    let values: Vec<f32> = data.chunks_exact(width).map(convert).collect();
    let is_fortran = header.contains("'fortran_order': True");
    let rows = Array2::from_shape_vec((n, d).set_f(is_fortran), values)
        .expect("there are as many numbers as the shape says");
    Ok(Raw {
        rows: rows.as_standard_layout().into_owned(),
        ids: None,
        notes: Vec::new(),
    })
}

fn damaged(reason: String) -> VectorsProblem {
    VectorsProblem::Damaged {
        format: ".npy",
        reason,
    }
}

/// The header and the numbers.
fn parts(bytes: &[u8]) -> Option<(String, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (version, rest) = rest.split_at_checked(2)?;
    let (length, rest) = match version[0] {
        1 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        _ => return None,
    };
    let (header, data) = rest.split_at_checked(length)?;
    Some((String::from_utf8_lossy(header).into_owned(), data))
}

/// The text that a field of the header holds.
fn quoted<'a>(header: &'a str, field: &str) -> Option<&'a str> {
    let (_, value) = header.split_once(&format!("'{field}':"))?;
    value.trim_start().strip_prefix('\'')?.split('\'').next()
}

fn shape(header: &str) -> Result<(usize, usize), VectorsProblem> {
    let inside = || {
        Some(
            header
                .split_once("'shape':")?
                .1
                .split_once('(')?
                .1
                .split_once(')')?
                .0,
        )
    };
    let inside = inside().ok_or_else(|| damaged("its header has no shape".into()))?;
    let sizes = inside.split(',').map(str::trim).filter(|s| !s.is_empty());
    let sizes: Vec<usize> = sizes
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| damaged("its shape is not made of numbers".into()))?;
    match sizes[..] {
        [n, d] => Ok((n, d)),
        _ => Err(VectorsProblem::Unsupported(format!(
            "the array has the shape ({inside}); save it with two axes, one row for each vector"
        ))),
    }
}

fn converter(kind: &str) -> Option<fn(&[u8]) -> f32> {
    Some(match kind {
        "<f2" => |b| f16::from_le_bytes([b[0], b[1]]).to_f32(),
        "<f4" => |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]),
        "<f8" => |b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32,
        _ => return None,
    })
}
