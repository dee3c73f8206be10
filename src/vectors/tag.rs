//! Which model made a set of vectors. Vectors with different tags never meet.

use std::fmt;

/// How token vectors become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// Mean over all tokens that are not padding.
    Mean,
    /// The first token.
    Cls,
    /// The largest value of each dimension.
    Max,
}

/// The arithmetic behind a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32-bit floats throughout.
    F32,
    /// 16-bit factors (bfloat16) in products, which add up in 32 bits.
    Bf16,
}

/// Everything that decides which vector a text gets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelTag {
    /// Where it ran: "local"; or "imported", when that is not known.
    pub provider: &'static str,
    /// A name for people.
    pub model_id: String,
    /// First 16 hexadecimal digits of the weights' SHA-256.
    pub weights_hash: String,
    /// Length of a vector.
    pub dimension: usize,
    /// How tokens were joined.
    pub pooling: Pooling,
    /// Tokens read of one text, special tokens included.
    pub max_tokens: usize,
    /// The arithmetic.
    pub precision: Precision,
}

/// Stands for whatever made vectors that were imported.
const IMPORTED: &str = "imported";

impl ModelTag {
    /// The tag of vectors that came from a file: its name, and the first 16 hexadecimal digits of
    /// its SHA-256. What made them is not known, so pooling and precision say nothing, and no token
    /// is read.
    pub fn imported(file_name: String, hash: String, dimension: usize) -> Self {
        Self {
            provider: IMPORTED,
            model_id: file_name,
            weights_hash: hash,
            dimension,
            pooling: Pooling::Mean,
            max_tokens: 0,
            precision: Precision::F32,
        }
    }
}

impl fmt::Display for ModelTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.provider == IMPORTED {
            return write!(
                f,
                "{}/{}@{}/{}d",
                self.provider, self.model_id, self.weights_hash, self.dimension
            );
        }
        let pooling = match self.pooling {
            Pooling::Mean => "mean",
            Pooling::Cls => "cls",
            Pooling::Max => "max",
        };
        let precision = match self.precision {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
        };
        write!(
            f,
            "{}/{}@{}/{}d/{pooling}/{}t/{precision}",
            self.provider, self.model_id, self.weights_hash, self.dimension, self.max_tokens
        )
    }
}
