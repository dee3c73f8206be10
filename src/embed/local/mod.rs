//! Models that run on this computer, and which of three encoders runs one.

mod bert;
mod candle;
mod files;
mod hdt;
mod pooling;
mod tokenize;

#[cfg_attr(not(feature = "hub"), path = "hub_disabled.rs")]
mod hub;

use std::sync::Arc;

use candle_core::Device;
use ndarray::Array2;

pub use bert::cpu::InstructionSet;
pub use bert::measuring;
pub use files::{FilesError, ModelFiles};
pub use hub::fetch;

use self::bert::{FusedBert, Plan};
use self::candle::CandleModel;
use self::files::{Architecture, BUNDLED_HASH};
use super::{Embedder, PrecisionRule};
use crate::progress::Progress;
use crate::vectors::Embeddings;

/// The lowest cosine to exact vectors at which a faster way is near enough.
const NEAR_ENOUGH: f32 = 0.9999;

/// Texts by which a model is tried: of many kinds and lengths. Short and odd ones suffer most from
/// rounding.
const PROBES: [&str; 8] = [
    "",
    "!",
    "Low water.",
    "\u{1F600}",
    "The committee approved the budget after a long debate about the new bridge.",
    "SELECT name, COUNT(*) FROM visits GROUP BY name HAVING COUNT(*) > 3;",
    "Die Brücke über den Fluss wird im Frühjahr für den Verkehr gesperrt; 橋は春に閉鎖されます。",
    "A refund was requested on Monday, approved on Tuesday, and paid on Friday. The customer wrote \
     twice to thank us for the quick answer, and asked whether the same would hold for an order \
     that had been placed a year before. It did not, and a friendly letter said why.",
];

/// Opens a model in the fastest way that the rule and this processor allow: the fused encoder for
/// BERT and its kin, candle for everything else and on a graphics processor; an HDT, which neither
/// knows, has its own.
///
/// # Errors
/// [`FilesError`] when the weights do not fit the configuration, or the model is an experiment that
/// nobody switched on.
pub fn open(files: ModelFiles, rule: PrecisionRule) -> Result<Arc<dyn Embedder>, FilesError> {
    if files.architecture == Architecture::Hdt {
        return Ok(Arc::new(hdt::open(&files)?));
    }
    if let Some(gpu) = candle::gpu() {
        return Ok(Arc::new(CandleModel::new(&files, gpu)?));
    }
    let Some(plan) = Plan::of(&files) else {
        return Ok(Arc::new(CandleModel::new(&files, Device::Cpu)?));
    };
    let set = InstructionSet::fastest(rule == PrecisionRule::Auto);
    // For the bundled model the tests have seen to it, with many more texts.
    if !set.is_bf16() || files.weights_hash == BUNDLED_HASH {
        return Ok(Arc::new(FusedBert::new(files, &plan, set)?));
    }
    let exact = FusedBert::new(files.clone(), &plan, InstructionSet::fastest(false))?;
    let fast = FusedBert::new(files, &plan, set)?;
    if is_near_enough(&fast, &exact) {
        return Ok(Arc::new(fast));
    }
    Ok(Arc::new(exact))
}

/// Opens a model on one instruction set.
///
/// # Errors
/// As [`open`], and [`FilesError::Architecture`] when the fused encoder cannot run it.
pub fn open_on(files: ModelFiles, set: InstructionSet) -> Result<Arc<dyn Embedder>, FilesError> {
    let plan = Plan::of(&files);
    let plan = plan.ok_or_else(|| FilesError::Architecture(files.architecture.to_string()))?;
    Ok(Arc::new(FusedBert::new(files, &plan, set)?))
}

fn is_near_enough(fast: &dyn Embedder, exact: &dyn Embedder) -> bool {
    let vectors = |model: &dyn Embedder| -> Option<Array2<f32>> {
        let vectors = model.embed(&PROBES, &Progress::new()).ok()?;
        Some(Embeddings::normalized(vectors).into_rows())
    };
    let (Some(fast), Some(exact)) = (vectors(fast), vectors(exact)) else {
        return false;
    };
    let mut pairs = fast.rows().into_iter().zip(exact.rows());
    pairs.all(|(fast, exact)| fast.dot(&exact) >= NEAR_ENOUGH)
}
