//! Every model that the fused encoder does not run, through candle; and every model on a graphics
//! processor, in a build with the feature `cuda` or `metal`.

mod models;

use candle_core::{Device, Tensor};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::files::{FilesError, ModelFiles};
use super::pooling::pooled;
use super::tokenize::TextTokenizer;
use crate::embed::batch::batches;
use crate::embed::{Each, EmbedError, Embedder, TokenVectors};
use crate::progress::Progress;
use crate::vectors::{ModelTag, Pooling, Precision, normalize};
use models::Model;

/// Tokens of one batch, with padding. Measured on two cores with passages of 180 tokens: 256 gives
/// 2,200 tokens/s, 512 2,700, 1,024 3,400, 2,048 and 4,096 less again. A stop is answered between
/// two batches, about half a second at most; the window does not wait for it.
const BATCH_TOKENS: usize = 1024;
/// The same on a graphics processor, which must be kept busy by one batch.
const BATCH_TOKENS_GPU: usize = 16_384;

/// A loaded model.
pub struct CandleModel {
    tag: ModelTag,
    tokenizer: TextTokenizer,
    model: Model,
    device: Device,
    normalizes: bool,
}

/// The graphics processor that this build can use, if there is one.
pub fn gpu() -> Option<Device> {
    [Device::cuda_if_available(0), Device::metal_if_available(0)]
        .into_iter()
        .flatten()
        .find(|device| !device.is_cpu())
}

impl CandleModel {
    /// Loads the weights, widened to f32.
    ///
    /// # Errors
    /// [`FilesError::Invalid`] when candle cannot run the model, or its weights do not fit the
    /// configuration.
    pub fn new(files: &ModelFiles, device: Device) -> Result<Self, FilesError> {
        let tokenizer = TextTokenizer::new(&files.tokenizer, files.max_tokens)?;
        let model = Model::new(files, &device).map_err(|error| FilesError::Invalid {
            file: "model.safetensors",
            reason: error.to_string(),
        })?;
        let dimension = Model::hidden_size(&files.config).ok_or_else(|| FilesError::Invalid {
            file: "config.json",
            reason: "hidden_size is missing".into(),
        })?;
        let tag = files.tag(dimension, Precision::F32);
        Ok(Self {
            tag,
            tokenizer,
            model,
            device,
            normalizes: files.normalizes,
        })
    }

    /// Token vectors of one batch, shape `(batch, longest, d)`.
    fn hidden(&self, ids: &[&[u32]], longest: usize) -> Result<Vec<f32>, candle_core::Error> {
        let shape = (ids.len(), longest);
        // Padding to the longest of the batch; the mask keeps every text blind to it.
        let mut padded = vec![0_u32; ids.len() * longest];
        let mut mask = vec![0_u32; ids.len() * longest];
        for (row, ids) in ids.iter().enumerate() {
            let start = row * longest;
            padded[start..start + ids.len()].copy_from_slice(ids);
            mask[start..start + ids.len()].fill(1);
        }
        let padded = Tensor::from_vec(padded, shape, &self.device)?;
        let mask = Tensor::from_vec(mask, shape, &self.device)?;
        let hidden = self.model.forward(&padded, &mask)?;
        hidden.flatten_all()?.to_vec1()
    }

    /// Vectors of one batch, in its order, shape `(batch, d)`.
    fn run(&self, ids: &[&[u32]]) -> Result<Array2<f32>, candle_core::Error> {
        let longest = ids.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let hidden = self.hidden(ids, longest)?;
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

impl Embedder for CandleModel {
    fn tag(&self) -> &ModelTag {
        &self.tag
    }

    fn summary(&self) -> String {
        let device = match &self.device {
            Device::Cpu => "candle",
            Device::Cuda(_) => "candle on CUDA",
            Device::Metal(_) => "candle on Metal",
        };
        format!("{} · {device}, f32", self.tag.model_id)
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
        each: &Each<'_>,
    ) -> Result<(), EmbedError> {
        progress.step("Embedding", texts.len());
        let ids = texts
            .par_iter()
            .map(|text| self.tokenizer.ids(text))
            .collect::<Result<Vec<_>, _>>()?;
        let lengths: Vec<usize> = ids.iter().map(Vec::len).collect();
        let run = |batch: Vec<usize>| {
            progress.check()?;
            let batch_ids: Vec<&[u32]> = batch.iter().map(|text| &ids[*text][..]).collect();
            let mut vectors = self.run(&batch_ids)?;
            if self.normalizes {
                vectors.rows_mut().into_iter().for_each(normalize);
            }
            each(&batch, vectors.view());
            progress.advance(batch.len())?;
            Ok(())
        };
        if !self.device.is_cpu() {
            return batches(&lengths, BATCH_TOKENS_GPU)
                .into_iter()
                .try_for_each(run);
        }
        // One thread per batch: candle's own threads inside one product wait for each other more
        // than they gain on products this small.
        batches(&lengths, BATCH_TOKENS)
            .into_par_iter()
            .try_for_each(run)
    }

    fn tokens(&self, text: &str, progress: &Progress) -> Result<Option<TokenVectors>, EmbedError> {
        if self.tag.pooling != Pooling::Mean {
            return Ok(None);
        }
        progress.check()?;
        let (ids, ranges) = self.tokenizer.ids_and_ranges(text)?;
        // A tokenizer without special tokens, and an empty text.
        let hidden = if ids.is_empty() {
            Vec::new()
        } else {
            self.hidden(&[&ids], ids.len())?
        };
        let vectors = Array2::from_shape_vec((ids.len(), self.tag.dimension), hidden)
            .expect("the model gives one vector per token");
        Ok(Some(TokenVectors { vectors, ranges }))
    }
}
