//! The tensors of a model file become an [`Encoder`].

use std::borrow::Cow;
use std::ops::Range;

use safetensors::{Dtype, SafeTensors};

use super::buffer::Buffer;
use super::distances::Distances;
use super::encoder::Encoder;
use super::isa::Isa;
use super::layer::{Layer, Norm};
use super::linear::Linear;
use super::plan::Plan;
use super::table::{Kind, Table};

/// Why weights do not fit.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Not a safetensors file.
    #[error(transparent)]
    File(#[from] safetensors::SafeTensorError),
    /// A tensor of another shape or kind than the configuration says.
    #[error("{name} is {found}, not {expected}")]
    Tensor {
        /// Its name in the file.
        name: String,
        /// Its kind and shape.
        found: String,
        /// The shape that was expected.
        expected: String,
    },
    /// Fewer places than the configuration says.
    #[error("there are places for {n} tokens, but texts may have {max_tokens}")]
    Places {
        /// Places.
        n: usize,
        /// Tokens of the longest text.
        max_tokens: usize,
    },
}

/// Lays out the weights in `bytes`, a safetensors file, for an instruction set; layers in parallel.
///
/// # Errors
/// [`WeightsError`] names the tensor that is missing or does not fit.
pub fn encoder<I: Isa>(bytes: Cow<'static, [u8]>, plan: &Plan) -> Result<Encoder<I>, WeightsError> {
    use rayon::prelude::*;
    let file = SafeTensors::deserialize(&bytes)?;
    let tensors = Tensors::new(&file);
    let d = plan.shape.hidden_size;
    let n_places = tensors.n_rows("embeddings.position_embeddings.weight")?;
    let mut places = tensors.read("embeddings.position_embeddings.weight", &[n_places, d])?;
    places.drain(..(plan.first_place * d).min(places.len()));
    if places.len() < plan.max_tokens * d {
        return Err(WeightsError::Places {
            n: places.len() / d,
            max_tokens: plan.max_tokens,
        });
    }
    if let Some(name) = plan.names.types {
        // Every token of a single text is of the first type.
        let types = tensors.read(name, &[tensors.n_rows(name)?, d])?;
        for place in places.chunks_exact_mut(d) {
            place
                .iter_mut()
                .zip(&types[..d])
                .for_each(|(x, of_type)| *x += of_type);
        }
    }
    let layers = (0..plan.n_layers)
        .into_par_iter()
        .map(|index| layer(&tensors, plan, index));
    let layers = layers.collect::<Result<_, _>>()?;
    let distances = match plan.names.distances {
        Some(name) => {
            let n_heads = d / plan.shape.head_dim;
            let n_buckets = tensors.n_rows(name)?;
            let of_bucket = tensors.read(name, &[n_buckets, n_heads])?;
            Some(Distances::new(&of_bucket, n_heads, places.len() / d))
        }
        None => None,
    };
    let norm = tensors.norm("embeddings.LayerNorm", d)?;
    let (kind, range) = tensors.words(&bytes, d)?;
    let words = match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[range]),
        Cow::Owned(bytes) => Cow::Owned(bytes[range].to_vec()),
    };
    Ok(Encoder {
        shape: plan.shape,
        pooling: plan.pooling,
        words: Table {
            bytes: words,
            d,
            kind,
        },
        places,
        norm,
        distances,
        layers,
    })
}

fn layer<I: Isa>(
    tensors: &Tensors<'_>,
    plan: &Plan,
    index: usize,
) -> Result<Layer<I>, WeightsError> {
    let (names, shape) = (plan.names, plan.shape);
    let (d, d_inner) = (shape.hidden_size, shape.intermediate_size);
    let name = |part: &str| format!("{}.{index}.{part}", names.layer);
    let mut weights = Vec::with_capacity(3 * d * d);
    let mut bias = Vec::with_capacity(3 * d);
    for part in [names.query, names.key, names.value] {
        let mut w = tensors.read(&name(&format!("{part}.weight")), &[d, d])?;
        let mut b = tensors.read(&name(&format!("{part}.bias")), &[d])?;
        if part == names.query {
            // Scores are divided by √head_dim, and taken in units of log₂ for `math::powers`.
            let scale = std::f32::consts::LOG2_E / (shape.head_dim as f32).sqrt();
            w.iter_mut().chain(&mut b).for_each(|x| *x *= scale);
        }
        weights.append(&mut w);
        bias.append(&mut b);
    }
    let linear = |part: &str, n_in: usize, n_out: usize| {
        let weights = tensors.read(&name(&format!("{part}.weight")), &[n_out, n_in])?;
        let bias = tensors.read(&name(&format!("{part}.bias")), &[n_out])?;
        Ok::<_, WeightsError>(Linear::new(&weights, &bias))
    };
    Ok(Layer {
        qkv: Linear::new(&weights, &bias),
        attention_output: linear(names.attention_output, d, d)?,
        attention_norm: tensors.norm(&name(names.attention_norm), d)?,
        intermediate: linear(names.intermediate, d, d_inner)?,
        output: linear(names.output, d_inner, d)?,
        output_norm: tensors.norm(&name(names.output_norm), d)?,
    })
}

/// The tensors of a file, whatever its names begin with.
struct Tensors<'a> {
    file: &'a SafeTensors<'a>,
    prefix: String,
}

impl<'a> Tensors<'a> {
    fn new(file: &'a SafeTensors<'a>) -> Self {
        // Models trained for another task keep the encoder below a name such as "bert.".
        let names = file.names();
        let prefix = names
            .iter()
            .find_map(|name| name.strip_suffix("embeddings.word_embeddings.weight"));
        let prefix = prefix.unwrap_or_default().to_owned();
        Self { file, prefix }
    }

    fn tensor(&self, name: &str) -> Result<safetensors::tensor::TensorView<'a>, WeightsError> {
        // Early checkpoints call the weight and bias of a norm gamma and beta.
        let old = name
            .replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
        let found = self.file.tensor(&format!("{}{name}", self.prefix));
        Ok(found.or_else(|error| {
            self.file
                .tensor(&format!("{}{old}", self.prefix))
                .map_err(|_| error)
        })?)
    }

    fn n_rows(&self, name: &str) -> Result<usize, WeightsError> {
        Ok(self.tensor(name)?.shape().first().copied().unwrap_or(0))
    }

    /// A tensor's kind and bytes, when it has that shape.
    fn checked(&self, name: &str, shape: &[usize]) -> Result<(Kind, &'a [u8]), WeightsError> {
        let tensor = self.tensor(name)?;
        let kind = match tensor.dtype() {
            Dtype::F32 => Some(Kind::F32),
            Dtype::F16 => Some(Kind::F16),
            Dtype::BF16 => Some(Kind::Bf16),
            _ => None,
        };
        match kind.filter(|_| tensor.shape() == shape && shape.iter().all(|n| *n > 0)) {
            Some(kind) => Ok((kind, tensor.data())),
            None => Err(WeightsError::Tensor {
                name: name.to_owned(),
                found: format!("{:?} {:?}", tensor.dtype(), tensor.shape()),
                expected: format!("floats {shape:?}"),
            }),
        }
    }

    fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let (kind, bytes) = self.checked(name, shape)?;
        let mut numbers = vec![0.0; shape.iter().product()];
        kind.widen(bytes, &mut numbers);
        Ok(numbers)
    }

    fn norm(&self, name: &str, d: usize) -> Result<Norm, WeightsError> {
        let part = |part: &str| {
            let numbers = self.read(&format!("{name}.{part}"), &[d])?;
            let mut buffer = Buffer::new(d);
            buffer.copy_from_slice(&numbers);
            Ok::<_, WeightsError>(buffer)
        };
        Ok(Norm {
            weight: part("weight")?,
            bias: part("bias")?,
        })
    }

    /// Where the vectors of the vocabulary lie in `bytes`, the whole file.
    fn words(&self, bytes: &[u8], d: usize) -> Result<(Kind, Range<usize>), WeightsError> {
        let name = "embeddings.word_embeddings.weight";
        let (kind, data) = self.checked(name, &[self.n_rows(name)?, d])?;
        let start = data.as_ptr().addr() - bytes.as_ptr().addr();
        Ok((kind, start..start + data.len()))
    }
}
