//! What a model's configuration says that the fused encoder must know.

use serde_json::Value;

use super::layer::Shape;
use crate::embed::local::files::{Architecture, ModelFiles};
use crate::vectors::Pooling;

/// A model that the fused encoder can run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Its sizes.
    pub shape: Shape,
    /// How many layers.
    pub n_layers: usize,
    /// How token vectors are joined.
    pub pooling: Pooling,
    /// What its tensors are called.
    pub names: &'static Names,
    /// Place of the first token.
    pub first_place: usize,
    /// Tokens of the longest text.
    pub max_tokens: usize,
}

/// The names of tensors, below whatever prefix the file has and, of a layer, below its number.
#[derive(Debug)]
pub struct Names {
    /// Before a layer's number.
    pub layer: &'static str,
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    pub attention_output: &'static str,
    pub attention_norm: &'static str,
    pub intermediate: &'static str,
    pub output: &'static str,
    pub output_norm: &'static str,
    /// Of the token types' vectors, where there are any.
    pub types: Option<&'static str>,
    /// Of what distances between tokens add to scores, where they do.
    pub distances: Option<&'static str>,
}

const BERT: Names = Names {
    layer: "encoder.layer",
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    intermediate: "intermediate.dense",
    output: "output.dense",
    output_norm: "output.LayerNorm",
    types: Some("embeddings.token_type_embeddings.weight"),
    distances: None,
};

const DISTIL_BERT: Names = Names {
    layer: "transformer.layer",
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    attention_output: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    intermediate: "ffn.lin1",
    output: "ffn.lin2",
    output_norm: "output_layer_norm",
    types: None,
    distances: None,
};

const MP_NET: Names = Names {
    layer: "encoder.layer",
    query: "attention.attn.q",
    key: "attention.attn.k",
    value: "attention.attn.v",
    attention_output: "attention.attn.o",
    attention_norm: "attention.LayerNorm",
    intermediate: "intermediate.dense",
    output: "output.dense",
    output_norm: "output.LayerNorm",
    types: None,
    distances: Some("encoder.relative_attention_bias.weight"),
};

impl Plan {
    /// `None` for what the encoder does not do: another activation than GELU, sizes that do not
    /// fill its blocks (no published sentence model that we know), another way of telling places.
    pub fn of(files: &ModelFiles) -> Option<Self> {
        let config = &files.config;
        let number = |name: &str| config.get(name).and_then(Value::as_u64).map(|n| n as usize);
        let word = |name: &str| config.get(name).and_then(Value::as_str);
        let is_distil = files.architecture == Architecture::DistilBert;
        let [
            hidden_size,
            intermediate_size,
            n_heads,
            n_layers,
            activation,
        ] = if is_distil {
            ["dim", "hidden_dim", "n_heads", "n_layers", "activation"]
        } else {
            [
                "hidden_size",
                "intermediate_size",
                "num_attention_heads",
                "num_hidden_layers",
                "hidden_act",
            ]
        };
        let first_place = match files.architecture {
            Architecture::Bert | Architecture::DistilBert => 0,
            Architecture::Roberta | Architecture::XlmRoberta => {
                number("pad_token_id").unwrap_or(1) + 1
            }
            // Fixed by its source, whatever the configuration says.
            Architecture::MpNet => 2,
            Architecture::ModernBert | Architecture::NomicBert | Architecture::Hdt => return None,
        };
        let absolute = word("position_embedding_type").is_none_or(|how| how == "absolute");
        let activation = word(activation)?;
        let (hidden_size, n_heads) = (number(hidden_size)?, number(n_heads)?);
        let shape = Shape {
            hidden_size,
            intermediate_size: number(intermediate_size)?,
            head_dim: hidden_size.checked_div(n_heads)?,
            epsilon: config
                .get("layer_norm_eps")
                .and_then(Value::as_f64)
                .unwrap_or(1e-12) as f32,
        };
        let fills_blocks = |n: usize| n > 0 && n.is_multiple_of(32);
        let fits = absolute
            && activation == "gelu"
            && hidden_size.is_multiple_of(n_heads)
            && fills_blocks(shape.head_dim)
            && fills_blocks(shape.intermediate_size);
        fits.then_some(Self {
            shape,
            n_layers: number(n_layers)?,
            pooling: files.pooling,
            names: match files.architecture {
                Architecture::DistilBert => &DISTIL_BERT,
                Architecture::MpNet => &MP_NET,
                _ => &BERT,
            },
            first_place,
            max_tokens: files.max_tokens,
        })
    }
}
