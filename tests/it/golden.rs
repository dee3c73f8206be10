//! The bundled model against reference vectors of sentence-transformers 6.2 in f32.

use std::fs::{self, File};

use ndarray::Array2;
use semascope::embed::{Embedder, EmbedderChoice, open};
use semascope::progress::Progress;
use semascope::text::passages;
use semascope::vectors::{Embeddings, read_npy};
use serde::Deserialize;
use std::sync::Arc;

use crate::support::repository;

#[derive(Deserialize)]
struct Golden {
    name: String,
    text: String,
}

fn golden() -> (Vec<Golden>, Embeddings) {
    let texts = File::open(repository("tests/fixtures/golden/texts.json")).unwrap();
    let vectors = File::open(repository("tests/fixtures/golden/embeddings.npy")).unwrap();
    (
        serde_json::from_reader(texts).unwrap(),
        Embeddings::normalized(read_npy(vectors).unwrap()),
    )
}

fn model() -> Arc<dyn Embedder> {
    open(&EmbedderChoice::Bundled, &Progress::new()).unwrap()
}

fn embed(model: &dyn Embedder, texts: &[&str]) -> Array2<f32> {
    model.embed(texts, &Progress::new()).unwrap()
}

#[test]
fn every_text_has_the_reference_vector_alone_and_in_a_batch_in_any_order() {
    let (golden, reference) = golden();
    let model = model();
    let mut order: Vec<usize> = (0..golden.len()).collect();
    let batches = (0..3).map(|turn| {
        order.rotate_left(turn * 11);
        if turn == 2 {
            order.reverse();
        }
        order.clone()
    });
    for order in batches.collect::<Vec<_>>() {
        let texts: Vec<&str> = order
            .iter()
            .map(|text| golden[*text].text.as_str())
            .collect();
        let together = embed(&*model, &texts);
        for (row, text) in together.rows().into_iter().zip(&order) {
            let cosine = row.dot(&reference.row(*text));
            assert!(cosine >= 0.9999, "{}: {cosine}", golden[*text].name);
        }
    }
    let mut worst = 1.0_f32;
    for (text, golden) in golden.iter().enumerate() {
        let alone = embed(&*model, &[&golden.text]);
        let cosine = alone.row(0).dot(&reference.row(text));
        assert!(cosine >= 0.9999, "{} alone: {cosine}", golden.name);
        worst = worst.min(cosine);
    }
    println!("lowest cosine to the reference: {worst:.6}");
}

#[test]
fn a_text_embeds_alike_alone_and_with_others() {
    let (golden, _) = golden();
    let model = model();
    let texts: Vec<&str> = golden.iter().map(|golden| golden.text.as_str()).collect();
    let together = embed(&*model, &texts);
    for text in [0, 3, 7, 19, 25, 29] {
        let alone = embed(&*model, &texts[text..=text]);
        let difference = (&alone.row(0) - &together.row(text)).mapv(f32::abs);
        assert!(
            difference.iter().all(|x| *x < 1e-5),
            "{}",
            golden[text].name
        );
    }
}

/// A copy of the bundled model with another pooling, and without normalizing.
fn folder_with_pooling(switch: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        "config.json",
        "tokenizer.json",
        "model.safetensors",
        "sentence_bert_config.json",
    ] {
        fs::copy(
            repository("assets/model").join(file),
            folder.path().join(file),
        )
        .unwrap();
    }
    fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    let pooling = format!("{{\"{switch}\": true}}");
    fs::write(folder.path().join("1_Pooling/config.json"), pooling).unwrap();
    fs::write(folder.path().join("modules.json"), "[]").unwrap();
    folder
}

#[test]
fn pooling_and_normalizing_are_as_the_folder_says() {
    let text = "A cat sleeps on the warm stove.";
    let embed_with = |switch: &str| {
        let folder = folder_with_pooling(switch);
        let choice = EmbedderChoice::Folder(folder.path().into());
        embed(&*open(&choice, &Progress::new()).unwrap(), &[text])
    };
    let bundled = embed(&*model(), &[text]);
    let [mean, cls, max] = [
        "pooling_mode_mean_tokens",
        "pooling_mode_cls_token",
        "pooling_mode_max_tokens",
    ]
    .map(embed_with);
    for raw in [&mean, &cls, &max] {
        assert!(
            (raw.dot(&raw.t())[[0, 0]] - 1.0).abs() > 0.1,
            "it was normalized"
        );
    }
    let cosine = |raw: Array2<f32>| Embeddings::normalized(raw).row(0).dot(&bundled.row(0));
    assert!((cosine(mean.clone()) - 1.0).abs() < 1e-5);
    assert!(cosine(cls) < 0.999);
    assert!(max.iter().zip(&mean).all(|(max, mean)| max >= mean));
}

#[test]
fn splitting_loses_no_token() {
    let (golden, _) = golden();
    let model = model();
    let n_tokens = |text: &str| model.n_tokens(text);
    let mut seed = 1_usize;
    for round in 0..12 {
        // Golden texts in a seeded jumble, so that every script and oddity meets every other.
        let mut text = String::new();
        for _ in 0..=round {
            seed = seed.wrapping_mul(48_271) % 2_147_483_647;
            text += &golden[seed % golden.len()].text;
            text += [" ", ". ", "\n\n"][seed % 3];
        }
        for max_tokens in [model.max_text_tokens(), 40] {
            let found = passages(&text, max_tokens, &n_tokens);
            let joined: String = found
                .iter()
                .map(|(range, _)| &text[range.clone()])
                .collect();
            assert_eq!(joined, text);
            assert!(found.iter().all(|(_, length)| *length <= max_tokens));
            let total: usize = found.iter().map(|(_, length)| length).sum();
            assert_eq!(total, n_tokens(&text), "round {round}, {max_tokens} tokens");
        }
    }
}
