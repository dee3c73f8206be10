//! The tensors of a model file become a [`Model`]: every shape is checked, nothing is taken on
//! trust.

use candle_core::{DType, Device, Result, bail};
use candle_nn::VarBuilder;
use ndarray::{Array2, Axis, concatenate};

use super::config::Config;
use super::model::{Layer, Linear, Model, Norm};

/// What the names of the encoder's tensors may begin with: the bare encoder, and the one inside the
/// model that it was trained in.
const PREFIXES: [&str; 2] = ["", "model."];
/// Of a tensor that every encoder has, and nothing else.
const POSITION_SCALE: &str = "encoder.embed_positions.scale_factor";

/// Reads the weights in `bytes`, a safetensors file, widened to f32.
///
/// # Errors
/// Names the tensor that is missing or has another shape than the configuration says.
pub fn model(bytes: &[u8], config: Config) -> Result<Model> {
    let weights = VarBuilder::from_slice_safetensors(bytes, DType::F32, &Device::Cpu)?;
    let has = |prefix: &&str| weights.contains_tensor(&format!("{prefix}{POSITION_SCALE}"));
    let Some(prefix) = PREFIXES.into_iter().find(has) else {
        bail!(
            "there is no tensor {POSITION_SCALE}, so these are not the weights of an HDT encoder"
        );
    };
    let tensors = Tensors {
        weights,
        prefix,
        config,
    };
    let d = config.d;
    if tensors.has(&block(config.n_layers, "0.layer_norm.weight")) {
        bail!(
            "there are more layers than the {} of config.json",
            config.n_layers
        );
    }
    let layers = (0..config.n_layers).map(|index| tensors.layer(index));
    Ok(Model {
        config,
        words: tensors.words()?,
        position_scale: tensors.vector(POSITION_SCALE, 1)?[0],
        embedding_norm: tensors.norm("encoder.emb_norm.weight")?,
        layers: layers.collect::<Result<_>>()?,
        final_norm: tensors.norm("encoder.final_layer_norm.weight")?,
        pooler: tensors.linear("pooler.dense.weight", d, d)?,
        pooler_bias: tensors.vector("pooler.dense.bias", d)?,
    })
}

/// The name of a part of a layer.
fn block(index: usize, part: &str) -> String {
    format!("encoder.block.{index}.layer.{part}")
}

/// The tensors of a file, whatever its names begin with.
struct Tensors<'a> {
    weights: VarBuilder<'a>,
    prefix: &'static str,
    config: Config,
}

impl Tensors<'_> {
    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn has(&self, name: &str) -> bool {
        self.weights.contains_tensor(&self.name(name))
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>> {
        self.weights.get(len, &self.name(name))?.to_vec1()
    }

    fn matrix(&self, name: &str, shape: (usize, usize)) -> Result<Array2<f32>> {
        let tensor = self.weights.get(shape, &self.name(name))?;
        let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
        Ok(Array2::from_shape_vec(shape, numbers).expect("the shape was checked"))
    }

    /// Vectors of the vocabulary. They are kept under either of two names, and how many there are
    /// only the tensor itself tells.
    fn words(&self) -> Result<Array2<f32>> {
        let names = ["shared.weight", "encoder.embed_tokens.weight"];
        let name = names.into_iter().find(|name| self.has(name));
        let name = name.unwrap_or(names[0]);
        let (n_words, _) = self.weights.get_unchecked(&self.name(name))?.dims2()?;
        self.matrix(name, (n_words, self.config.d))
    }

    fn norm(&self, name: &str) -> Result<Norm> {
        Ok(Norm {
            weight: self.vector(name, self.config.d)?,
            epsilon: self.config.epsilon,
        })
    }

    fn linear(&self, name: &str, n_in: usize, n_out: usize) -> Result<Linear> {
        Ok(Linear(self.matrix(name, (n_out, n_in))?))
    }

    fn layer(&self, index: usize) -> Result<Layer> {
        let config = self.config;
        let (d, d_heads) = (config.d, config.d_heads());
        let attention = |part: &str| block(index, &format!("0.SelfAttention.{part}.weight"));
        let forward = |part: &str| block(index, &format!("1.DenseReluDense.{part}.weight"));
        let read = |part: &str| self.matrix(&attention(part), (d_heads, d));
        let (q, k, v) = (read("q")?, read("k")?, read("v")?);
        let qkv = concatenate(Axis(0), &[q.view(), k.view(), v.view()]);
        Ok(Layer {
            attention_norm: self.norm(&block(index, "0.layer_norm.weight"))?,
            qkv: Linear(qkv.expect("all three have the same width")),
            output: self.linear(&attention("o"), d_heads, d)?,
            forward_norm: self.norm(&block(index, "1.layer_norm.weight"))?,
            widen: self.linear(&forward("wi"), d, config.d_inner)?,
            narrow: self.linear(&forward("wo"), config.d_inner, d)?,
        })
    }
}
