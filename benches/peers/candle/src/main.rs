//! Contender: stock candle, `stock-candle texts.json out.npy`, run from the repository's root.
//!
//! As candle's own BERT example does it: `BertModel` with the weights widened to f32, an attention
//! mask, mean pooling, normalized. Texts sorted by length, batches of 8 padded to their longest.

use std::io::{BufRead, Write};
use std::time::Instant;

use anyhow::{Error, Result};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use tokenizers::{Tokenizer, TruncationParams};

const BATCH: usize = 8;
const MAX_TOKENS: usize = 256;
const MODEL: &str = "assets/model";

fn embed(model: &BertModel, tokenizer: &Tokenizer, texts: &[String]) -> Result<Vec<Vec<f32>>> {
    let inputs: Vec<&str> = texts.iter().map(String::as_str).collect();
    let encoded = tokenizer.encode_batch(inputs, true).map_err(Error::msg)?;
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|&i| encoded[i].get_ids().len());

    let mut vectors = vec![Vec::new(); texts.len()];
    for rows in order.chunks(BATCH) {
        let longest = rows.iter().map(|&i| encoded[i].get_ids().len()).max();
        let longest = longest.unwrap_or(0);
        let mut ids = vec![0_u32; rows.len() * longest];
        let mut mask = vec![0_u32; rows.len() * longest];
        for (row, &i) in rows.iter().enumerate() {
            let own = encoded[i].get_ids();
            ids[row * longest..][..own.len()].copy_from_slice(own);
            mask[row * longest..][..own.len()].fill(1);
        }
        let shape = (rows.len(), longest);
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let hidden = model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;

        let mask = mask.to_dtype(DTYPE)?.unsqueeze(2)?;
        let sum = hidden.broadcast_mul(&mask)?.sum(1)?;
        let mean = sum.broadcast_div(&mask.sum(1)?)?;
        let unit = mean.broadcast_div(&mean.sqr()?.sum_keepdim(1)?.sqrt()?)?;
        for (&i, vector) in rows.iter().zip(unit.to_vec2::<f32>()?) {
            vectors[i] = vector;
        }
    }
    Ok(vectors)
}

/// Writes an npy file, version 1, of f32 rows.
fn write_npy(path: &str, vectors: &[Vec<f32>]) -> Result<()> {
    let dimension = vectors.first().map_or(0, Vec::len);
    let shape = format!("({}, {dimension})", vectors.len());
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    // Magic, version and length take 10 bytes; all together end in a line feed at a multiple of 64.
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&u16::try_from(length)?.to_le_bytes())?;
    writeln!(file, "{header:<width$}", width = length - 1)?;
    for x in vectors.iter().flatten() {
        file.write_all(&x.to_le_bytes())?;
    }
    Ok(file.flush()?)
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(texts), Some(out)) = (args.next(), args.next()) else {
        anyhow::bail!("stock-candle texts.json out.npy");
    };
    let texts: Vec<String> = serde_json::from_slice(&std::fs::read(texts)?)?;
    let config: Config = serde_json::from_slice(&std::fs::read(format!("{MODEL}/config.json"))?)?;
    let weights = std::fs::read(format!("{MODEL}/model.safetensors"))?;
    let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    let model = BertModel::load(weights, &config)?;
    let mut tokenizer =
        Tokenizer::from_file(format!("{MODEL}/tokenizer.json")).map_err(Error::msg)?;
    let truncation = TruncationParams {
        max_length: MAX_TOKENS,
        ..Default::default()
    };
    tokenizer
        .with_padding(None)
        .with_truncation(Some(truncation))
        .map_err(Error::msg)?;

    embed(&model, &tokenizer, &texts[..texts.len().min(50)])?;
    println!("ready");
    let mut vectors = Vec::new();
    for line in std::io::stdin().lock().lines() {
        line?;
        let started = Instant::now();
        vectors = embed(&model, &tokenizer, &texts)?;
        println!("{:.6}", started.elapsed().as_secs_f64());
    }
    if !vectors.is_empty() {
        write_npy(&out, &vectors)?;
    }
    Ok(())
}
