//! What a model folder must hold, and what its files say about pooling and lengths.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::vectors::{ModelTag, Pooling, Precision};

/// The architectures that can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// BERT, also `MiniLM`, bge, e5, gte.
    Bert,
    /// BERT's layers without token types, under other names.
    DistilBert,
    /// BERT with places counted from the padding token's id on.
    Roberta,
    /// As [`Architecture::Roberta`].
    XlmRoberta,
    /// BERT's layers with distances between tokens.
    MpNet,
    /// Rotary places, local and global attention.
    ModernBert,
    /// Rotary places, gated.
    NomicBert,
    /// Sentences in sections in documents; experimental.
    Hdt,
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bert => "BERT",
            Self::DistilBert => "DistilBERT",
            Self::Roberta => "RoBERTa",
            Self::XlmRoberta => "XLM-RoBERTa",
            Self::MpNet => "MPNet",
            Self::ModernBert => "ModernBERT",
            Self::NomicBert => "NomicBERT",
            Self::Hdt => "HDT",
        })
    }
}

impl Architecture {
    /// By what `config.json` calls it.
    fn named(model_type: &str) -> Option<Self> {
        Some(match model_type {
            "bert" => Self::Bert,
            "distilbert" => Self::DistilBert,
            "roberta" => Self::Roberta,
            "xlm-roberta" => Self::XlmRoberta,
            "mpnet" => Self::MpNet,
            "modernbert" => Self::ModernBert,
            "nomic_bert" => Self::NomicBert,
            // Its code calls it the first, its published weights the second.
            "hdt" | "hed" => Self::Hdt,
            _ => return None,
        })
    }
}

/// Everything needed to run a sentence model.
#[derive(Clone)]
pub struct ModelFiles {
    /// A name for people.
    pub model_id: String,
    /// First 16 hexadecimal digits of the SHA-256 of the weights.
    pub weights_hash: String,
    /// What it is.
    pub architecture: Architecture,
    /// `config.json`.
    pub config: Value,
    /// `tokenizer.json`.
    pub tokenizer: Cow<'static, [u8]>,
    /// `model.safetensors`.
    pub weights: Cow<'static, [u8]>,
    /// How tokens are joined.
    pub pooling: Pooling,
    /// Whether the model gives its vectors length 1.
    pub normalizes: bool,
    /// Tokens read of one text, special tokens included.
    pub max_tokens: usize,
}

/// Why a folder is no model.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The folder itself is missing.
    #[error("there is no such model folder. Choose the folder that holds the model files: {0}")]
    NoFolder(PathBuf),
    /// A file that every model needs.
    #[error(
        "the model needs {file}, which this folder lacks. Choose the folder that holds the model files: {folder}"
    )]
    Missing {
        /// Which file.
        file: &'static str,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// Weights in a format that can run code while it is read.
    #[error(
        "this model has its weights only as a pickle, which is not read because it can run code. Convert them to model.safetensors: {0}"
    )]
    OnlyPickle(PathBuf),
    /// The file system said no.
    #[error("could not read a file of the model: {path}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is not what it should be.
    #[error("{file} of the model is not understood: {reason}")]
    Invalid {
        /// Which file.
        file: &'static str,
        /// Why.
        reason: String,
    },
    /// An architecture that this program does not run.
    #[error(
        "this model is a “{0}”, which cannot be used; BERT, DistilBERT, RoBERTa, XLM-RoBERTa, MPNet, ModernBERT and NomicBERT can"
    )]
    Architecture(String),
    /// An architecture that is only tried out, and what switches it on.
    #[error(
        "this model is an HDT, which is experimental and switched off. To try it, set the environment variable {0} and start Semascope again"
    )]
    Experimental(String),
}

/// The SHA-256 of the bundled weights begins so; a test compares it with the file.
pub const BUNDLED_HASH: &str = "9c0bf732145c2a24";

impl ModelFiles {
    /// all-MiniLM-L6-v2, out of the program itself.
    pub fn bundled() -> Self {
        let read = |file: &str| match file {
            "config.json" => Some(&include_bytes!("../../../assets/model/config.json")[..]),
            "modules.json" => Some(&include_bytes!("../../../assets/model/modules.json")[..]),
            "1_Pooling/config.json" => {
                Some(&include_bytes!("../../../assets/model/1_Pooling/config.json")[..])
            }
            "sentence_bert_config.json" => {
                Some(&include_bytes!("../../../assets/model/sentence_bert_config.json")[..])
            }
            _ => None,
        };
        let settings = Settings::parse(
            |file| Ok(read(file).map(<[u8]>::to_vec)),
            Path::new("assets/model"),
        )
        .expect("the bundled model is whole, as the tests check");
        settings.with(
            "all-MiniLM-L6-v2".into(),
            BUNDLED_HASH.into(),
            Cow::Borrowed(include_bytes!("../../../assets/model/tokenizer.json")),
            Cow::Borrowed(include_bytes!("../../../assets/model/model.safetensors")),
        )
    }

    /// Reads a sentence-transformers folder. `name` is shown instead of the folder's name.
    ///
    /// # Errors
    /// [`FilesError`] says which file is missing or wrong.
    pub fn read(folder: &Path, name: Option<&str>) -> Result<Self, FilesError> {
        if !folder.is_dir() {
            return Err(FilesError::NoFolder(folder.to_owned()));
        }
        let settings = Settings::parse(|file| optional(folder, file), folder)?;
        let tokenizer = required(folder, "tokenizer.json")?;
        let weights = match optional(folder, "model.safetensors")? {
            Some(weights) => weights,
            None if folder.join("pytorch_model.bin").exists() => {
                return Err(FilesError::OnlyPickle(folder.to_owned()));
            }
            None => return Err(missing(folder, "model.safetensors")),
        };
        let hash = Sha256::digest(&weights);
        let start: [u8; 8] = std::array::from_fn(|i| hash[i]);
        let weights_hash = format!("{:016x}", u64::from_be_bytes(start));
        let folder_name = || {
            folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        let model_id = name.map_or_else(folder_name, str::to_owned);
        Ok(settings.with(model_id, weights_hash, tokenizer.into(), weights.into()))
    }
}

impl ModelFiles {
    /// What marks the vectors of this model, computed at that precision.
    pub fn tag(&self, dimension: usize, precision: Precision) -> ModelTag {
        ModelTag {
            provider: "local",
            model_id: self.model_id.clone(),
            weights_hash: self.weights_hash.clone(),
            dimension,
            pooling: self.pooling,
            max_tokens: self.max_tokens,
            precision,
        }
    }
}

/// What the small files say.
struct Settings {
    architecture: Architecture,
    config: Value,
    pooling: Pooling,
    normalizes: bool,
    max_tokens: usize,
}

impl Settings {
    fn parse(
        read: impl Fn(&'static str) -> Result<Option<Vec<u8>>, FilesError>,
        folder: &Path,
    ) -> Result<Self, FilesError> {
        let config = read("config.json")?.ok_or_else(|| missing(folder, "config.json"))?;
        let config: Value =
            serde_json::from_slice(&config).map_err(|error| invalid("config.json", error))?;
        let architecture = architecture(&config)?;
        let modules = json("modules.json", read("modules.json")?)?;
        let pooling = match architecture {
            // It has a pooler of its own, upon the first token.
            Architecture::Hdt => Pooling::Cls,
            _ => pooling(json("1_Pooling/config.json", read("1_Pooling/config.json")?)?.as_ref())?,
        };
        let lengths = json(
            "sentence_bert_config.json",
            read("sentence_bert_config.json")?,
        )?;
        let n_places = n_places(&config, architecture)?;
        let max_tokens = lengths
            .and_then(|lengths| lengths.get("max_seq_length")?.as_u64())
            .map_or(n_places, |n| n as usize)
            .min(n_places);
        if max_tokens < 3 {
            return Err(invalid(
                "sentence_bert_config.json",
                format!("max_seq_length is {max_tokens}"),
            ));
        }
        Ok(Self {
            architecture,
            normalizes: modules.as_ref().map_or(Ok(false), normalizes)?,
            config,
            pooling,
            max_tokens,
        })
    }

    fn with(
        self,
        model_id: String,
        weights_hash: String,
        tokenizer: Cow<'static, [u8]>,
        weights: Cow<'static, [u8]>,
    ) -> ModelFiles {
        ModelFiles {
            model_id,
            weights_hash,
            architecture: self.architecture,
            config: self.config,
            tokenizer,
            weights,
            pooling: self.pooling,
            normalizes: self.normalizes,
            max_tokens: self.max_tokens,
        }
    }
}

fn architecture(config: &Value) -> Result<Architecture, FilesError> {
    let named = config
        .get("model_type")
        .and_then(Value::as_str)
        .unwrap_or("bert");
    Architecture::named(named).ok_or_else(|| FilesError::Architecture(named.to_owned()))
}

/// Tokens that the model has places for.
fn n_places(config: &Value, architecture: Architecture) -> Result<usize, FilesError> {
    let number = |name: &str| config.get(name).and_then(Value::as_u64).map(|n| n as usize);
    let names = match architecture {
        Architecture::Hdt => ["max_encoder_position_embeddings", "max_position_embeddings"],
        _ => ["max_position_embeddings", "n_positions"],
    };
    let n = names.into_iter().find_map(number);
    let n = n.ok_or_else(|| invalid("config.json", format!("{} is missing", names[0])))?;
    Ok(match architecture {
        Architecture::Roberta | Architecture::XlmRoberta => {
            n.saturating_sub(number("pad_token_id").unwrap_or(1) + 1)
        }
        Architecture::MpNet => n.saturating_sub(2),
        _ => n,
    })
}

fn pooling(config: Option<&Value>) -> Result<Pooling, FilesError> {
    // Without the file, sentence-transformers takes the mean, and so do we.
    let Some(config) = config else {
        return Ok(Pooling::Mean);
    };
    let is_on = |name: &str| config.get(name).and_then(Value::as_bool) == Some(true);
    let known = [
        ("pooling_mode_mean_tokens", "mean", Pooling::Mean),
        ("pooling_mode_cls_token", "cls", Pooling::Cls),
        ("pooling_mode_max_tokens", "max", Pooling::Max),
    ];
    // Newer releases of sentence-transformers write one word instead of several switches.
    let word = config.get("pooling_mode").and_then(Value::as_str);
    let chosen: Vec<Pooling> = known
        .iter()
        .filter(|(switch, name, _)| is_on(switch) || word == Some(name))
        .map(|(_, _, pooling)| *pooling)
        .collect();
    let n_on = config.as_object().map_or(0, |fields| {
        fields
            .iter()
            .filter(|(name, on)| name.starts_with("pooling_mode_") && **on == Value::Bool(true))
            .count()
    });
    match chosen[..] {
        [pooling] if n_on <= 1 => Ok(pooling),
        _ => Err(invalid(
            "1_Pooling/config.json",
            "only mean, cls or max pooling can be used",
        )),
    }
}

fn normalizes(modules: &Value) -> Result<bool, FilesError> {
    let types = modules.as_array().into_iter().flatten();
    let names = types.filter_map(|module| module.get("type")?.as_str()?.rsplit('.').next());
    let mut normalizes = false;
    for name in names {
        match name {
            "Transformer" | "Pooling" => {}
            "Normalize" => normalizes = true,
            other => {
                let reason = format!("it has a “{other}” layer, which cannot be used yet");
                return Err(invalid("modules.json", reason));
            }
        }
    }
    Ok(normalizes)
}

fn json(file: &'static str, bytes: Option<Vec<u8>>) -> Result<Option<Value>, FilesError> {
    let parse =
        |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|error| invalid(file, error));
    bytes.map(parse).transpose()
}

fn required(folder: &Path, file: &'static str) -> Result<Vec<u8>, FilesError> {
    optional(folder, file)?.ok_or_else(|| missing(folder, file))
}

fn optional(folder: &Path, file: &str) -> Result<Option<Vec<u8>>, FilesError> {
    let path = folder.join(file);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FilesError::Io { path, source }),
    }
}

fn missing(folder: &Path, file: &'static str) -> FilesError {
    FilesError::Missing {
        file,
        folder: folder.to_owned(),
    }
}

fn invalid(file: &'static str, reason: impl std::fmt::Display) -> FilesError {
    FilesError::Invalid {
        file,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BUNDLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/model");

    #[test]
    fn the_bundled_model_is_the_folder_in_assets() {
        let bundled = ModelFiles::bundled();
        let read = ModelFiles::read(Path::new(BUNDLED), None).unwrap();
        assert_eq!(bundled.weights_hash, read.weights_hash);
        assert_eq!(bundled.max_tokens, 256);
        assert_eq!((bundled.pooling, bundled.normalizes), (Pooling::Mean, true));
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["config.json", "tokenizer.json", "model.safetensors"] {
            let error = ModelFiles::read(folder.path(), None)
                .err()
                .unwrap()
                .to_string();
            assert!(
                error.starts_with(&format!("the model needs {file}")),
                "{error}"
            );
            let source = if file == "model.safetensors" {
                "config.json"
            } else {
                file
            };
            fs::copy(Path::new(BUNDLED).join(source), folder.path().join(file)).unwrap();
        }
    }

    #[test]
    fn pickles_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["config.json", "tokenizer.json"] {
            fs::copy(Path::new(BUNDLED).join(file), folder.path().join(file)).unwrap();
        }
        fs::write(folder.path().join("pytorch_model.bin"), "x").unwrap();
        assert!(matches!(
            ModelFiles::read(folder.path(), None),
            Err(FilesError::OnlyPickle(_))
        ));
    }

    #[test]
    fn pooling_is_read_from_switches_or_a_word() {
        let read = |value: Value| pooling(Some(&value)).ok();
        assert_eq!(
            read(json!({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})),
            Some(Pooling::Cls)
        );
        assert_eq!(
            read(json!({"pooling_mode_max_tokens": true})),
            Some(Pooling::Max)
        );
        assert_eq!(read(json!({"pooling_mode": "mean"})), Some(Pooling::Mean));
        assert_eq!(
            read(json!({"pooling_mode_weightedmean_tokens": true})),
            None
        );
        assert_eq!(
            read(json!({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true})),
            None
        );
    }

    #[test]
    fn other_architectures_and_layers_are_named() {
        let Err(FilesError::Architecture(name)) = architecture(&json!({"model_type": "t5"})) else {
            panic!("T5 was taken for another model");
        };
        assert_eq!(name, "t5");
        let dense = json!([{"type": "sentence_transformers.models.Dense"}]);
        assert!(
            normalizes(&dense)
                .unwrap_err()
                .to_string()
                .contains("Dense")
        );
        assert!(normalizes(&json!([{"type": "x.Normalize"}])).unwrap());
        assert!(!normalizes(&json!([{"type": "x.Pooling"}])).unwrap());
    }
}
