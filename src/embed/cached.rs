//! No text is embedded twice: equal texts once, and those of earlier runs not at all.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::PoisonError;

use ndarray::{Array2, ArrayView2};

use super::{EmbedError, Embedder, StoredVectors};
use crate::cache::{Cache, Key, key};
use crate::progress::Progress;
use crate::vectors::ModelTag;

/// Where vectors may already be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Those of earlier runs; new ones are added to them.
    pub cache: Option<&'a Cache>,
    /// Those that came with a workspace.
    pub stored: Option<&'a StoredVectors>,
}

/// Where the vectors of a run came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reuse {
    /// Texts whose vector was known.
    pub from_cache: usize,
    /// Texts that say exactly what another one says.
    pub equal: usize,
    /// Texts that the model read.
    pub embedded: usize,
}

/// One row per text, as [`Embedder::embed`], with what is known taken from `known` and what is new
/// put into its cache, batch by batch: a run that is stopped has not worked in vain.
///
/// # Errors
/// As [`Embedder::embed`]; trouble with the cache is none.
pub fn embed_cached(
    model: &dyn Embedder,
    known: Known<'_>,
    texts: &[&str],
    progress: &Progress,
) -> Result<(Array2<f32>, Reuse), EmbedError> {
    progress.step("Looking for known texts", 0);
    let dim = model.tag().dimension;
    let tag = model.tag().to_string();
    let keys: Vec<Key> = {
        use rayon::prelude::*;
        texts.par_iter().map(|text| key(&tag, text)).collect()
    };
    let mut rows = Array2::zeros((texts.len(), dim));
    let mut is_known = vec![false; texts.len()];
    let Known { cache, stored } = known;
    for (index, key) in keys.iter().enumerate() {
        if let Some(row) = stored.and_then(|stored| stored.get(key, dim)) {
            rows.row_mut(index).assign(&row);
            is_known[index] = true;
        }
    }
    if let Some(cache) = cache.filter(|_| !is_known.iter().all(|known| *known)) {
        cache.load(&keys, dim, &mut |index, row| {
            rows.row_mut(index)
                .as_slice_mut()
                .expect("rows are whole")
                .copy_from_slice(row);
            is_known[index] = true;
        });
    }
    progress.check()?;
    // The first of equal texts is embedded for all of them.
    let mut first_of: HashMap<&Key, usize> = HashMap::new();
    let mut equal = Vec::new();
    let mut new = Vec::new();
    for index in (0..texts.len()).filter(|index| !is_known[*index]) {
        if let Some(first) = first_of.get(&keys[index]) {
            equal.push((index, *first));
        } else {
            first_of.insert(&keys[index], index);
            new.push(index);
        }
    }
    let new_texts: Vec<&str> = new.iter().map(|index| texts[*index]).collect();
    let rows = Mutex::new(rows);
    let pending = Mutex::new(Vec::new());
    let keep = |batch: &[usize], vectors: ArrayView2<'_, f32>| {
        {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            for (text, vector) in batch.iter().zip(vectors.rows()) {
                rows.row_mut(new[*text]).assign(&vector);
            }
        }
        let Some(cache) = cache else { return };
        let full = {
            let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
            let found = batch.iter().zip(vectors.rows());
            pending.extend(found.map(|(text, row)| (keys[new[*text]], row.to_vec())));
            (pending.len() >= model.rows_per_store()).then(|| std::mem::take(&mut *pending))
        };
        store(cache, &full.unwrap_or_default());
    };
    let embedded = model.embed_each(&new_texts, progress, &keep);
    if let Some(cache) = cache {
        store(
            cache,
            &pending.into_inner().unwrap_or_else(PoisonError::into_inner),
        );
    }
    embedded?;
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (index, first) in &equal {
        let vector = rows.row(*first).to_owned();
        rows.row_mut(*index).assign(&vector);
    }
    let reuse = Reuse {
        from_cache: texts.len() - new.len() - equal.len(),
        equal: equal.len(),
        embedded: new.len(),
    };
    Ok((rows, reuse))
}

/// Those of the texts that [`embed_cached`] would have to embed, each once.
pub fn missing<'a>(tag: &ModelTag, cache: Option<&Cache>, texts: &[&'a str]) -> Vec<&'a str> {
    let name = tag.to_string();
    let keys: Vec<Key> = texts.iter().map(|text| key(&name, text)).collect();
    let mut is_known = vec![false; texts.len()];
    if let Some(cache) = cache {
        cache.load(&keys, tag.dimension, &mut |index, _| is_known[index] = true);
    }
    let mut seen = HashSet::new();
    let new = (0..texts.len()).filter(|index| !is_known[*index] && seen.insert(&keys[*index]));
    new.map(|index| texts[index]).collect()
}

fn store(cache: &Cache, rows: &[(Key, Vec<f32>)]) {
    if !rows.is_empty() {
        cache.store(rows.iter().map(|(key, row)| (*key, row.as_slice())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::{EmbedderChoice, PrecisionRule, open};

    fn with(cache: &Cache) -> Known<'_> {
        Known {
            cache: Some(cache),
            stored: None,
        }
    }

    #[test]
    fn a_second_run_embeds_nothing_and_gives_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let model = open(
            &EmbedderChoice::Bundled,
            PrecisionRule::Auto,
            &Progress::new(),
        )
        .unwrap();
        let texts = ["Low water.", "High water.", "Low water.", "A dog sleeps."];
        let run = |texts: &[&str]| {
            let cache = Cache::open(folder.path());
            embed_cached(&*model, with(&cache), texts, &Progress::new()).unwrap()
        };
        let reuse = |from_cache, equal, embedded| Reuse {
            from_cache,
            equal,
            embedded,
        };
        let (first, of_first) = run(&texts);
        assert_eq!(of_first, reuse(0, 1, 3));
        let (second, of_second) = run(&texts);
        assert_eq!((second, of_second), (first.clone(), reuse(4, 0, 0)));
        let (third, of_third) = run(&["A cat sleeps.", "A dog sleeps."]);
        assert_eq!(of_third, reuse(1, 0, 1));
        assert_eq!(third.row(1), first.row(3));
        let plain = model.embed(&texts, &Progress::new()).unwrap();
        assert!((plain - first).iter().all(|x| x.abs() < 1e-6));
    }

    #[test]
    fn what_a_stopped_run_has_done_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let model = open(
            &EmbedderChoice::Bundled,
            PrecisionRule::Auto,
            &Progress::new(),
        )
        .unwrap();
        let texts: Vec<String> = (0..5_000)
            .map(|i| format!("Text number {i} {}", "and more ".repeat(60)))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let progress = Progress::new();
        let stopper = progress.clone();
        let stopped = std::thread::scope(|scope| {
            scope.spawn(move || {
                // Some batches are done, and more are to come.
                while stopper
                    .snapshot()
                    .is_none_or(|now| now.step != "Embedding" || now.done < 8)
                {
                    std::thread::yield_now();
                }
                stopper.stop();
            });
            embed_cached(
                &*model,
                with(&Cache::open(folder.path())),
                &texts,
                &progress,
            )
        });
        assert!(matches!(stopped, Err(EmbedError::Cancelled(_))));
        let known = Cache::open(folder.path()).usage().unwrap().n_vectors;
        assert!((8..5_000).contains(&known), "{known}");
    }
}
