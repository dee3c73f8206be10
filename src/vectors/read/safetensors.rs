//! The .safetensors format: the one matrix in a file, or the one called "embeddings" or "vectors".

use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::{Raw, VectorsProblem, matrix};

/// Names that say which of several matrices is meant, the first that is there.
const NAMES: [&str; 2] = ["embeddings", "vectors"];

/// Reads a whole file.
pub fn read(bytes: &[u8]) -> Result<Raw, VectorsProblem> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| VectorsProblem::Damaged {
        format: ".safetensors",
        reason: error.to_string(),
    })?;
    let (name, tensor) = chosen(&tensors)?;
    let &[n, d] = tensor.shape() else {
        return Err(VectorsProblem::Unsupported(format!(
            "the tensor “{name}” has {} axes; save it with two, one row for each vector",
            tensor.shape().len()
        )));
    };
    let values = values(&tensor).ok_or_else(|| {
        VectorsProblem::Unsupported(format!(
            "the tensor “{name}” holds {:?}; save it as F16, BF16, F32 or F64",
            tensor.dtype()
        ))
    })?;
    Ok(Raw {
        rows: matrix(values, n, d),
        ids: None,
        notes: Vec::new(),
    })
}

fn chosen<'a>(tensors: &SafeTensors<'a>) -> Result<(String, TensorView<'a>), VectorsProblem> {
    for name in NAMES {
        if let Ok(tensor) = tensors.tensor(name) {
            return Ok((name.to_owned(), tensor));
        }
    }
    let mut matrices: Vec<_> = tensors
        .iter()
        .filter(|(_, tensor)| tensor.shape().len() == 2)
        .map(|(name, tensor)| (name.to_owned(), tensor))
        .collect();
    matrices.sort_by(|(a, _), (b, _)| a.cmp(b));
    match matrices.len() {
        1 => Ok(matrices.remove(0)),
        0 => Err(VectorsProblem::Unsupported(
            "there is no matrix in it; save one tensor with two axes, one row for each vector"
                .into(),
        )),
        _ => {
            let names: Vec<&str> = matrices.iter().map(|(name, _)| name.as_str()).collect();
            Err(VectorsProblem::Unsupported(format!(
                "there are several matrices in it ({}); call the one that is meant “embeddings”",
                names.join(", ")
            )))
        }
    }
}

fn values(tensor: &TensorView<'_>) -> Option<Vec<f32>> {
    let data = tensor.data();
    Some(match tensor.dtype() {
        Dtype::F16 => converted(data, |b| f16::from_le_bytes(b).to_f32()),
        Dtype::BF16 => converted(data, |b| bf16::from_le_bytes(b).to_f32()),
        Dtype::F32 => converted(data, f32::from_le_bytes),
        Dtype::F64 => converted(data, |b| f64::from_le_bytes(b) as f32),
        _ => return None,
    })
}

fn converted<const WIDTH: usize>(data: &[u8], convert: fn([u8; WIDTH]) -> f32) -> Vec<f32> {
    let (numbers, _) = data.as_chunks();
    numbers.iter().copied().map(convert).collect()
}
