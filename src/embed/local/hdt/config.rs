//! What `config.json` says that the model must know, checked.

use serde_json::{Value, json};

use crate::embed::local::files::FilesError;

/// T5's, where the configuration is silent.
const EPSILON: f64 = 1e-6;

/// Sizes of a model; none is zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Config {
    /// Numbers per token, an even number.
    pub d: usize,
    /// Heads of attention.
    pub n_heads: usize,
    /// Numbers per token in one head. All heads together need not have `d`.
    pub d_head: usize,
    /// Numbers per token inside the feed-forward part.
    pub d_inner: usize,
    /// Layers.
    pub n_layers: usize,
    /// Added to a mean square before its root is taken.
    pub epsilon: f64,
}

impl Config {
    /// Reads the fields under the names that the published code writes, or the usual ones.
    ///
    /// # Errors
    /// [`FilesError::Invalid`] names a field that is missing, or has a value that cannot be run.
    pub fn read(config: &Value) -> Result<Self, FilesError> {
        for (name, only) in only() {
            let found = config.get(name).filter(|found| !found.is_null());
            if let Some(found) = found.filter(|found| **found != only) {
                return Err(invalid(format!(
                    "{name} is {found}, but only {only} can be used"
                )));
            }
        }
        let d = size(config, &["d_model", "hidden_size"])?;
        if !d.is_multiple_of(2) {
            return Err(invalid(format!("d_model is {d}, which is not even")));
        }
        let n_heads = size(config, &["num_heads", "num_attention_heads"])?;
        let d_head = if config.get("d_kv").is_some() {
            size(config, &["d_kv"])?
        } else {
            d / n_heads
        };
        let d_inner = size(config, &["d_ff", "intermediate_size"])?;
        let n_layers = size(config, &["num_layers", "num_hidden_layers"])?;
        // More than any model has, and few enough that no product of sizes overflows.
        if d_head == 0 || [d, n_heads, d_head, d_inner].iter().any(|n| *n > 65_536) {
            return Err(invalid("the sizes of its parts do not fit each other"));
        }
        let epsilon = ["layer_norm_epsilon", "layer_norm_eps"]
            .iter()
            .find_map(|name| config.get(name)?.as_f64())
            .unwrap_or(EPSILON);
        Ok(Self {
            d,
            n_heads,
            d_head,
            d_inner,
            n_layers,
            epsilon,
        })
    }

    /// Numbers per token in all heads together.
    pub fn d_heads(&self) -> usize {
        self.n_heads * self.d_head
    }
}

/// Fields that would make it another model, and the only value that can be run. Without the field
/// the published code takes that value.
fn only() -> [(&'static str, Value); 6] {
    [
        ("feed_forward_proj", json!("relu")),
        ("position_embedding_type", json!("absolute")),
        ("pool_scheme", json!("first-token")),
        ("is_hierarchical", json!(true)),
        ("decode_anchor_tokens", json!(false)),
        ("use_bias", json!(false)),
    ]
}

fn size(config: &Value, names: &[&str]) -> Result<usize, FilesError> {
    let found = names.iter().find_map(|name| config.get(name));
    let found = found.ok_or_else(|| invalid(format!("{} is missing", names[0])))?;
    match found.as_u64() {
        Some(n) if n > 0 => Ok(n as usize),
        _ => Err(invalid(format!(
            "{} is {found}, not a number above 0",
            names[0]
        ))),
    }
}

fn invalid(reason: impl Into<String>) -> FilesError {
    FilesError::Invalid {
        file: "config.json",
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> Value {
        json!({
            "d_model": 768, "d_kv": 64, "d_ff": 3072, "num_layers": 12, "num_heads": 12,
            "layer_norm_epsilon": 1e-6, "feed_forward_proj": "relu", "is_hierarchical": true,
        })
    }

    /// The published configuration with one field changed is refused for that reason.
    fn check_refused(name: &str, value: Value, reason: &str) {
        let mut config = published();
        config[name] = value;
        let error = Config::read(&config).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn the_published_sizes_are_read_under_either_name() {
        let config = Config::read(&published()).unwrap();
        assert_eq!((config.d, config.n_heads, config.d_head), (768, 12, 64));
        assert_eq!((config.d_inner, config.n_layers), (3072, 12));
        let usual = json!({
            "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
            "num_attention_heads": 12,
        });
        assert_eq!(Config::read(&usual).unwrap(), config);
    }

    #[test]
    fn what_would_be_another_model_is_refused() {
        check_refused("feed_forward_proj", json!("gated-gelu"), "only \"relu\"");
        check_refused("is_hierarchical", json!(false), "only true can be used");
        check_refused("pool_scheme", json!("avg"), "pool_scheme is \"avg\"");
        check_refused("d_model", json!(767), "not even");
        check_refused("num_heads", json!(0), "num_heads is 0");
        check_refused("d_kv", json!("many"), "d_kv is \"many\"");
        check_refused("d_ff", json!(u64::MAX), "do not fit");
        let error = Config::read(&json!({})).unwrap_err().to_string();
        assert!(error.contains("d_model is missing"), "{error}");
    }
}
