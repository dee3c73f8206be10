//! BERT-family sentence models through candle.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::files::{FilesError, ModelFiles};
use super::pooling::pooled;
use super::tokenize::TextTokenizer;
use crate::embed::batch::batches;
use crate::embed::{EmbedError, Embedder};
use crate::progress::Progress;
use crate::vectors::{ModelTag, Precision};

/// Tokens of one batch, with padding. Measured on two cores with passages of 180 tokens: 256 gives
/// 2,200 tokens/s, 512 2,700, 1,024 3,400, 2,048 and 4,096 less again. A stop is answered between
/// two batches, about half a second at most; the window does not wait for it.
const BATCH_TOKENS: usize = 1024;

/// A loaded model.
pub struct CandleBert {
    tag: ModelTag,
    tokenizer: TextTokenizer,
    model: BertModel,
    normalizes: bool,
}

impl CandleBert {
    /// Loads the weights, widened to f32.
    ///
    /// # Errors
    /// [`FilesError::Invalid`] when the weights do not fit the configuration.
    pub fn new(files: ModelFiles) -> Result<Self, FilesError> {
        let tokenizer = TextTokenizer::new(&files.tokenizer, files.max_tokens)?;
        let invalid = |error: candle_core::Error| FilesError::Invalid {
            file: "model.safetensors",
            reason: error.to_string(),
        };
        let weights = VarBuilder::from_slice_safetensors(&files.weights, DType::F32, &Device::Cpu);
        let model = weights
            .and_then(|weights| BertModel::load(weights, &files.config))
            .map_err(invalid)?;
        let tag = ModelTag {
            provider: "local",
            model_id: files.model_id,
            weights_hash: files.weights_hash,
            dimension: files.config.hidden_size,
            pooling: files.pooling,
            max_tokens: files.max_tokens,
            precision: Precision::F32,
        };
        Ok(Self {
            tag,
            tokenizer,
            model,
            normalizes: files.normalizes,
        })
    }

    /// Vectors of one batch, in its order, shape `(batch, d)`.
    fn run(&self, ids: &[&[u32]]) -> Result<Array2<f32>, candle_core::Error> {
        let longest = ids.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let shape = (ids.len(), longest);
        // Padding to the longest of the batch; the mask keeps every text blind to it.
        let mut padded = vec![0_u32; ids.len() * longest];
        let mut mask = vec![0_u32; ids.len() * longest];
        for (row, ids) in ids.iter().enumerate() {
            let start = row * longest;
            padded[start..start + ids.len()].copy_from_slice(ids);
            mask[start..start + ids.len()].fill(1);
        }
        let padded = Tensor::from_vec(padded, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let hidden = self
            .model
            .forward(&padded, &padded.zeros_like()?, Some(&mask))?;
        let hidden: Vec<f32> = hidden.flatten_all()?.to_vec1()?;

        let d = self.tag.dimension;
        let mut out = Array2::zeros((ids.len(), d));
        for (row, ids) in ids.iter().enumerate() {
            let start = row * longest * d;
            let tokens = &hidden[start..start + ids.len() * d];
            let tokens =
                ArrayView2::from_shape((ids.len(), d), tokens).expect("the slice has that length");
            out.row_mut(row).assign(&pooled(tokens, self.tag.pooling));
        }
        Ok(out)
    }
}

impl Embedder for CandleBert {
    fn tag(&self) -> &ModelTag {
        &self.tag
    }

    fn summary(&self) -> String {
        format!("{} · candle, f32", self.tag.model_id)
    }

    fn n_tokens(&self, text: &str) -> usize {
        self.tokenizer.n_tokens(text)
    }

    fn max_text_tokens(&self) -> usize {
        self.tag.max_tokens - self.tokenizer.n_special()
    }

    fn embed_each(
        &self,
        texts: &[&str],
        progress: &Progress,
        each: &(dyn Fn(&[usize], ArrayView2<'_, f32>) + Sync),
    ) -> Result<Array2<f32>, EmbedError> {
        progress.step("Embedding", texts.len());
        let ids = texts
            .par_iter()
            .map(|text| self.tokenizer.ids(text))
            .collect::<Result<Vec<_>, _>>()?;
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        // One thread per batch: candle's own threads inside one product wait for each other more
        // than they gain on products this small.
        let done: Vec<(Vec<usize>, Array2<f32>)> = batches(&lengths, BATCH_TOKENS)
            .into_par_iter()
            .map(|batch| {
                progress.check()?;
                let batch_ids: Vec<&[u32]> = batch.iter().map(|text| &ids[*text][..]).collect();
                let mut vectors = self.run(&batch_ids)?;
                if self.normalizes {
                    vectors = crate::vectors::Embeddings::normalized(vectors).into_rows();
                }
                each(&batch, vectors.view());
                progress.advance(batch.len())?;
                Ok((batch, vectors))
            })
            .collect::<Result<_, EmbedError>>()?;
        let mut rows = Array2::zeros((texts.len(), self.tag.dimension));
        for (batch, vectors) in &done {
            for (text, vector) in batch.iter().zip(vectors.rows()) {
                rows.row_mut(*text).assign(&vector);
            }
        }
        Ok(rows)
    }
}
