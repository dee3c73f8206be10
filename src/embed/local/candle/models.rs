//! Which of candle's models an architecture is, and its configuration in candle's words.
//!
//! Configurations are read as both old and new releases of transformers write them; candle knows
//! the old words only.

use candle_core::{DType, Device, Result, Tensor, bail};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;
use candle_transformers::models::modernbert::ModernBert;
use candle_transformers::models::nomic_bert::{Config as NomicConfig, NomicBertModel};
use candle_transformers::models::xlm_roberta::XLMRobertaModel;
use serde_json::{Value, json};

use crate::embed::local::files::{Architecture, ModelFiles};

/// A loaded model.
pub enum Model {
    Bert(BertModel),
    Roberta(XLMRobertaModel),
    ModernBert(ModernBert),
    NomicBert(NomicBertModel),
}

impl Model {
    /// Loads the weights, widened to f32.
    ///
    /// # Errors
    /// Says what candle cannot run, or which tensor is missing.
    pub fn new(files: &ModelFiles, device: &Device) -> Result<Self> {
        let weights = VarBuilder::from_slice_safetensors(&files.weights, DType::F32, device)?;
        let mut config = files.config.clone();
        Ok(match files.architecture {
            Architecture::Bert => {
                default(&mut config, "model_type", json!("bert"));
                default(&mut config, "pad_token_id", json!(0));
                Self::Bert(BertModel::load(weights, &parsed(config)?)?)
            }
            Architecture::Roberta | Architecture::XlmRoberta => {
                default(&mut config, "position_embedding_type", json!("absolute"));
                let name = "embeddings.word_embeddings.weight";
                let weights = if weights.contains_tensor(name) {
                    weights
                } else {
                    weights.pp("roberta")
                };
                Self::Roberta(XLMRobertaModel::new(&parsed(config)?, weights)?)
            }
            Architecture::ModernBert => {
                let weights = if weights.contains_tensor("model.embeddings.tok_embeddings.weight") {
                    weights
                } else {
                    let bare = |name: &str| name.strip_prefix("model.").unwrap_or(name).to_owned();
                    weights.rename_f(bare)
                };
                Self::ModernBert(ModernBert::load(weights, &parsed(modern_bert(config)?)?)?)
            }
            Architecture::NomicBert => {
                Self::NomicBert(NomicBertModel::load(weights, &nomic_bert(config)?)?)
            }
            other @ (Architecture::DistilBert | Architecture::MpNet) => {
                bail!("{other} with an activation or sizes other than usual cannot be run")
            }
            Architecture::Hdt => bail!("an HDT has an encoder of its own"),
        })
    }

    /// Numbers per token.
    pub fn hidden_size(config: &Value) -> Option<usize> {
        let number = config.get("hidden_size").or(config.get("n_embd"))?;
        number.as_u64().map(|n| n as usize)
    }

    /// Token vectors, shape `(batch, longest, d)`, for ids and a mask of shape `(batch, longest)`,
    /// in which 1 stands for a token and 0 for padding.
    pub fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor> {
        match self {
            Self::Bert(model) => model.forward(ids, &ids.zeros_like()?, Some(mask)),
            Self::Roberta(model) => model.forward(ids, mask, &ids.zeros_like()?, None, None, None),
            Self::ModernBert(model) => model.forward(ids, mask),
            Self::NomicBert(model) => model.forward(ids, None, Some(mask)),
        }
    }
}

fn default(config: &mut Value, name: &str, value: Value) {
    if let Some(fields) = config.as_object_mut() {
        fields.entry(name).or_insert(value);
    }
}

fn parsed<T: serde::de::DeserializeOwned>(config: Value) -> Result<T> {
    serde_json::from_value(config).map_err(candle_core::Error::wrap)
}

fn modern_bert(mut config: Value) -> Result<Value> {
    let theta = |kind: &str| {
        config
            .pointer(&format!("/rope_parameters/{kind}/rope_theta"))
            .cloned()
    };
    let (global, local) = (theta("full_attention"), theta("sliding_attention"));
    let every = match config.get("layer_types").and_then(Value::as_array) {
        Some(types) => {
            let is_global = |layer: &Value| layer == "full_attention";
            // Layer 0 is global; the next one tells how far apart they are.
            let next = types.iter().skip(1).position(is_global);
            let every = next.map_or(types.len(), |next| next + 1);
            let regular = types
                .iter()
                .enumerate()
                .all(|(i, layer)| is_global(layer) == (i % every == 0));
            if !regular {
                bail!("its local and global layers do not alternate regularly");
            }
            Some(json!(every))
        }
        None => None,
    };
    for off in ["attention_bias", "mlp_bias", "norm_bias"] {
        if config.get(off) == Some(&Value::Bool(true)) {
            bail!("{off} is not supported");
        }
    }
    let epsilon = config.get("norm_eps").cloned().unwrap_or(json!(1e-5));
    default(&mut config, "layer_norm_eps", epsilon);
    default(
        &mut config,
        "global_rope_theta",
        global.unwrap_or(json!(160_000.0)),
    );
    default(
        &mut config,
        "local_rope_theta",
        local.unwrap_or(json!(10_000.0)),
    );
    default(
        &mut config,
        "global_attn_every_n_layers",
        every.unwrap_or(json!(3)),
    );
    default(&mut config, "pad_token_id", json!(0));
    // Labels of a classifier, which candle would want whole.
    for unused in ["id2label", "label2id", "classifier_pooling"] {
        config.as_object_mut().map(|fields| fields.remove(unused));
    }
    Ok(config)
}

fn nomic_bert(config: Value) -> Result<NomicConfig> {
    let activation = config
        .get("activation_function")
        .or(config.get("hidden_act"));
    let gated = activation
        .and_then(Value::as_str)
        .is_none_or(|name| ["swiglu", "silu"].contains(&name));
    if !gated
        || config
            .get("num_experts")
            .is_some_and(|n| n.as_u64() > Some(1))
    {
        bail!("only the dense, gated form can be run");
    }
    if config.get("n_embd").is_some() {
        return parsed(config);
    }
    let names = [
        ("hidden_size", "n_embd"),
        ("num_attention_heads", "n_head"),
        ("num_hidden_layers", "n_layer"),
        ("intermediate_size", "n_inner"),
        ("max_position_embeddings", "n_positions"),
        ("layer_norm_eps", "layer_norm_epsilon"),
        ("vocab_size", "vocab_size"),
        ("type_vocab_size", "type_vocab_size"),
    ];
    let mut old: serde_json::Map<String, Value> = names
        .iter()
        .filter_map(|(new, old)| Some(((*old).to_owned(), config.get(*new)?.clone())))
        .collect();
    if let Some(theta) = config.pointer("/rope_parameters/rope_theta") {
        old.insert("rotary_emb_base".into(), theta.clone());
    }
    parsed(Value::Object(old))
}
